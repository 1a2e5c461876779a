# C types for jacobians.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport Builder, from_program
from slopewise.ir.operations cimport ADD, CONSTANT, INPUT, MULTIPLY
from slopewise.passes.cotangents cimport longer
from slopewise.passes.entries cimport Entries
from slopewise.passes.stamping cimport (
    GRADIENT, LOCAL, RESULT, VARYING, Stamper, W, X, Y, backward_rules, forward_rules,
)

cdef enum:
    LARGEST = 2147483647

@cython.locals(builder=Builder, lists=Lists)
cpdef object jacobian(object program, object wrt, object of, bint symmetric=*, object way=*)
@cython.locals(forward=Lists, backward=Lists)
cdef object shorter_way(Builder builder, object wrt, object of, bint symmetric)

@cython.final
cdef class Lists:
    cdef Builder builder
    cdef Py_ssize_t size
    cdef int[::1] wrt
    cdef int[::1] of
    cdef Py_ssize_t n_wrt
    cdef Py_ssize_t n_of
    cdef bint symmetric
    cdef bint is_forward
    cdef bint only_counts
    cdef long long cost
    cdef Stamper stamper
    cdef long long[::1] starts
    cdef int[::1] lengths
    cdef int[::1] rooms
    cdef int[::1] keys
    cdef int[::1] held
    cdef Py_ssize_t top
    cdef Py_ssize_t capacity
    cdef int[::1] uses
    cdef unsigned char[::1] reach
    cdef int[::1] bounds
    cdef int[::1] new_keys
    cdef unsigned char[::1] new_masks
    cdef int[::1] new_held
    cdef Py_ssize_t new_room
    cdef Entries entries

    cdef bint run(self, long long budget) except -1
    @cython.locals(
        builder=Builder, stamper=Stamper, i=Py_ssize_t, slot=Py_ssize_t, code=int, number=int, mask=int, active=int,
        operand=Py_ssize_t, low=int,
    )
    cdef int look_around(self) except -1
    cdef inline Py_ssize_t operand(self, Py_ssize_t slot, Py_ssize_t i) noexcept

    @cython.locals(
        builder=Builder, one=int, i=Py_ssize_t, slot=Py_ssize_t, mask=int, code=int, start=Py_ssize_t, k=Py_ssize_t,
    )
    cdef bint go_forward(self, long long budget) except -1
    @cython.locals(
        n_new=Py_ssize_t, present=int, k=Py_ssize_t, stamper=Stamper, start=Py_ssize_t, active=int, number=int,
    )
    cdef int lift(self, Py_ssize_t slot, int code, int mask) except -1
    @cython.locals(
        bound=int, a=Py_ssize_t, a_end=Py_ssize_t, b=Py_ssize_t, b_end=Py_ssize_t, c=Py_ssize_t, c_end=Py_ssize_t,
        n_new=Py_ssize_t, key=int, present=int,
    )
    cdef Py_ssize_t union(self, Py_ssize_t slot, int mask) except -1
    @cython.locals(
        first=Py_ssize_t, second=Py_ssize_t, length=Py_ssize_t, more=Py_ssize_t, start=Py_ssize_t, begin=Py_ssize_t,
        bound=int, k=Py_ssize_t,
    )
    cdef bint extend(self, Py_ssize_t slot, int mask) except -1

    @cython.locals(
        builder=Builder, one=int, last=Py_ssize_t, i=Py_ssize_t, slot=Py_ssize_t, mask=int, start=Py_ssize_t,
        k=Py_ssize_t,
    )
    cdef bint go_backward(self, long long budget) except -1
    @cython.locals(
        builder=Builder, stamper=Stamper, code=int, number=int, length=Py_ssize_t, start=Py_ssize_t, k=Py_ssize_t,
        i=Py_ssize_t,
    )
    cdef int lower(self, Py_ssize_t slot, int mask) except -1
    @cython.locals(
        limit=int, old=Py_ssize_t, length=Py_ssize_t, end=Py_ssize_t, start=Py_ssize_t, at=Py_ssize_t, k=Py_ssize_t,
    )
    cdef int receive(self, Py_ssize_t slot, Py_ssize_t place, Py_ssize_t n_new) except -1

    cdef int one(self) except -1
    @cython.locals(length=Py_ssize_t, old=Py_ssize_t, start=Py_ssize_t, k=Py_ssize_t)
    cdef int add_one(self, Py_ssize_t slot, int key, int held) except -1
    @cython.locals(start=Py_ssize_t, capacity=Py_ssize_t)
    cdef Py_ssize_t allot(self, Py_ssize_t slot, Py_ssize_t length, Py_ssize_t room) except -1
    @cython.locals(room=Py_ssize_t, masks=cython.uchar[::1], k=Py_ssize_t)
    cdef int have_new(self, Py_ssize_t size) except -1

@cython.locals(operands=int)
cdef int price(int code, int mask) noexcept
