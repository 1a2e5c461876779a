# C types for sharing.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport BYTES, WORDS, Builder, filled
from slopewise.ir.operations cimport (
    ABSOLUTE, ACOS, ACOSH, ADD, ATTACH, CEIL, CONSTANT, COS, COSH, DETACH, DIVIDE, EQUAL, EXP, EXP2, FLOOR, GREATER,
    GREATER_EQUAL, HYPOT, INPUT, LESS, LESS_EQUAL, LOG, LOG2, LOG10, MAXIMUM, MINIMUM, MULTIPLY, NEGATE, NOT_EQUAL, POWER,
    RELU, ROUND, SIGMOID, SOFTPLUS, SQRT, SQUARE, SUBTRACT, TRUNCATE, WHERE,
)

cdef extern from "string.h" nogil:
    void* memcpy(void* to, const void* start, size_t size)

cdef enum:
    AT_LEAST_ZERO = 1
    NEVER_MINUS_ZERO = 2
    WHOLE = 4
    TRUTH = 8
    NEAR = 511
    MIDDLE = 131071
    PROBES = 8

cdef unsigned long long MASK, LOW, FIRST_FACTOR, SECOND_FACTOR

cdef inline unsigned long long bits_of(double x) noexcept:
    cdef unsigned long long bits
    memcpy(&bits, &x, 8)
    return bits

@cython.final
cdef class Sharing:
    cdef Builder build
    cdef bint merges
    cdef unsigned long long count
    cdef unsigned long long mask
    cdef Py_ssize_t capacity
    cdef unsigned long long[::1] table
    cdef unsigned char[::1] marks

    cpdef int input(self) except -1
    @cython.locals(
        build=Builder, bits=cython.ulonglong, hashed=cython.ulonglong, place=cython.ulonglong,
        slot=int,
    )
    cpdef int constant(self, double x) except -1
    @cython.locals(
        build=Builder, kind=int, first=cython.longlong, second=cython.longlong, latest=int, home=cython.ulonglong, probes=int,
        hashed=cython.ulonglong, place=cython.ulonglong, slot=int,
    )
    cpdef int equation(self, int code, int a, int b, int c) except -1
    cdef int enter(self, unsigned long long place, unsigned long long hashed, int slot) except -1
    @cython.locals(build=Builder, larger=Sharing, slot=Py_ssize_t, code=int)
    cdef int grow(self) except -1
    cdef int mark(self, int slot, int marks) except -1
    cdef bint is_constant(self, int slot) noexcept
    cdef double number(self, int slot) noexcept
    @cython.locals(x=int, y=int, both=int, k=double)
    cdef int marks_of(self, int code, int a, int b, int c) except -1

cdef int marks_of_code(int code, int x) noexcept
@cython.locals(marks=int)
cdef int marks_of_number(double x) noexcept
cdef bint is_same(int code, int a, int b, int kind, int first, int second) noexcept
@cython.locals(h=cython.ulonglong)
cdef unsigned long long spread(unsigned long long pair, unsigned long long code, unsigned long long c) noexcept
