# C types for algebra.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.evaluation cimport evaluate
from slopewise.ir.operations cimport (
    ABSOLUTE, ADD, ATTACH, CEIL, CONSTANT, DETACH, DIVIDE, EQUAL, FLOOR, GREATER, LESS, MAXIMUM, MINIMUM, MULTIPLY,
    NEGATE, NOT_EQUAL, POWER, POWER_VALUE, RELU, ROUND, SQRT, SQUARE, SUBTRACT, TRUNCATE, WHERE,
)
from slopewise.passes.sharing cimport AT_LEAST_ZERO, NEVER_MINUS_ZERO, TRUTH, WHOLE, Sharing, bits_of

cdef unsigned long long SIGN_BIT, FRACTION
cdef double LEAST, MOST

@cython.final
cdef class Algebra:
    cdef Sharing share
    cdef bint exact
    cdef bint differentiable
    cdef public bint loose
    cdef readonly bint refused

    @cython.locals(share=Sharing)
    cpdef int apply(self, int code, int a, int b, int c) except -1
    @cython.locals(share=Sharing, y=double, z=double)
    cdef int folded(self, int code, int a, int b, int c) except -1
    cdef bint is_constant(self, int slot) noexcept
    cdef double number(self, int slot) noexcept
    cdef bint is_code(self, int slot, int code) noexcept
    cdef int operand(self, int slot) noexcept
    cdef bint is_zero(self, int slot) noexcept
    cdef bint is_minus_zero(self, int slot) noexcept
    cdef bint is_number(self, int slot, double x) noexcept
    cdef bint is_zero_of_any_sign(self, int slot) noexcept
    cdef bint has(self, int slot, int marks) noexcept
    cdef bint may_lose_sign(self, int slot) noexcept
    cdef bint may_turn_zero(self) noexcept
    cdef int negated(self, int slot) except -1
    @cython.locals(share=Sharing)
    cdef int add(self, int a, int b) except -1
    @cython.locals(share=Sharing)
    cdef int subtract(self, int a, int b) except -1
    @cython.locals(share=Sharing, x=int, y=int)
    cdef int negate(self, int a) except -1
    cdef int product_or_quotient(self, int code, int a, int b) except -1
    @cython.locals(share=Sharing)
    cdef int multiply(self, int a, int b) except -1
    @cython.locals(share=Sharing)
    cdef int scale(self, int a, int factor, bint is_last) except -1
    @cython.locals(share=Sharing, y=double)
    cdef int divide(self, int a, int b) except -1
    cdef int square(self, int a) except -1
    @cython.locals(share=Sharing, k=double)
    cdef int power(self, int code, int a, int b) except -1
    cdef int absolute(self, int a) except -1
    cdef int relu(self, int a) except -1
    cdef int maximum(self, int a, int b) except -1
    cdef int minimum(self, int a, int b) except -1
    @cython.locals(share=Sharing, code=int)
    cdef int where(self, int condition, int a, int b) except -1
    @cython.locals(y=double)
    cdef int compare(self, int code, int a, int b) except -1
    cdef int round(self, int code, int a) except -1
    cdef int detach(self, int a) except -1
    cdef int attach(self, int a, int b, int c) except -1

cdef bint is_power_of_two(double y) noexcept
