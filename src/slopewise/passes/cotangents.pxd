# C types for cotangents.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport BYTES, INTS, Builder, blank, filled
from slopewise.ir.operations cimport ADD, ATTACH, CONSTANT, INPUT, MULTIPLY
from slopewise.passes.stamping cimport (
    GRADIENT, RESULT, WHOLE, Stamper, Templates, W, X, Y, backward_rules, exact_rules,
)

@cython.final
cdef class Cotangents:
    cdef Builder builder
    cdef bint exact
    cdef Stamper stamper
    cdef Py_ssize_t room
    cdef Py_ssize_t size
    cdef int[::1] bars
    cdef int[::1] uses
    cdef unsigned char[::1] wanted
    cdef bint chooses
    cdef int limit
    cdef int[::1] stack
    cdef Py_ssize_t depth
    cdef int[::1] touched
    cdef Py_ssize_t n_touched
    cdef int[::1] links
    cdef int zero

    @cython.locals(
        builder=Builder, stamper=Stamper, templates=Templates, slot=Py_ssize_t, code=int, number=int, reach=int,
        given=Py_ssize_t,
    )
    cpdef object want(self, object wanted)
    @cython.locals(builder=Builder, i=Py_ssize_t, root=int, seed=int, slot=int, given=Py_ssize_t, start=int)
    cpdef object run(self, object roots, object seeds, int limit=*, object starts=*)
    @cython.locals(i=Py_ssize_t)
    cpdef object clear(self)
    cpdef int of(self, Py_ssize_t slot) except -2
    @cython.locals(i=Py_ssize_t, view=cython.int[::1])
    cpdef object slots(self)
    @cython.locals(i=Py_ssize_t, view=cython.int[::1])
    cpdef object all(self)
    @cython.locals(room=Py_ssize_t)
    cdef int make_room(self, Py_ssize_t size) except -1

    @cython.locals(code=int)
    cdef int count(self, int slot) except -1
    cdef int discount(self, int slot) except -1
    cdef int push(self, int slot) except -1
    cdef int touch(self, int slot) except -1
    @cython.locals(builder=Builder, code=int, i=Py_ssize_t, reach=int)
    cdef int count_operands(self, int slot) except -1
    @cython.locals(builder=Builder, code=int, i=Py_ssize_t, reach=int)
    cdef int discount_operands(self, int slot) except -1
    @cython.locals(templates=Templates, number=int)
    cdef int reach_of(self, int slot) except -1
    @cython.locals(builder=Builder, last=Py_ssize_t)
    cdef Py_ssize_t link(self, int slot) except -1

    @cython.locals(
        builder=Builder, code=int, gradient=int, a=int, b=int, c=int, first=int, second=int, i=Py_ssize_t,
        stamper=Stamper, templates=Templates, number=int, mask=int,
    )
    cdef int propagate(self, int slot) except -1
    cdef inline bint takes(self, int slot) noexcept
    @cython.locals(bar=int)
    cdef int receive(self, int slot, int contribution, bint clean) except -1
    cdef int from_zero(self, int contribution) except -1
    @cython.locals(builder=Builder, x=double)
    cdef bint is_clean(self, int slot) except -1

@cython.locals(view=cython.int[::1], i=Py_ssize_t)
cdef object longer(int[::1] old, Py_ssize_t used, object new)

@cython.locals(gradients=Cotangents)
cpdef object reverse_into(object builder, object roots, object seeds, int limit=*, bint exact=*, object starts=*)
