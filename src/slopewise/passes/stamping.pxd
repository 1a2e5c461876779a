# C types for stamping.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport Builder
from slopewise.ir.operations cimport ADD, CONSTANT, DIVIDE, MULTIPLY, NEGATE, POWER, SUBTRACT, WHERE

cdef enum:
    X = 0
    Y = 1
    W = 2
    RESULT = 3
    GRADIENT = 4
    LESS = 7
    FIRST = 8
    PLACES = 96
    USES_GRADIENT = 8
    KINDS = 134
    POWER_OF_CONSTANT = 128
    POWER_0 = 129
    POWER_1 = 130
    POWER_2 = 131
    POWER_INVERSE = 132
    POWER_ROOT = 133
    WHOLE = 0
    LOCAL = 1
    VARYING = 2

cdef object making

@cython.final
cdef class Templates:
    cdef object manner
    cdef list made
    cdef int[::1] numbers
    cdef int[::1] starts
    cdef int[::1] results
    cdef unsigned char[::1] clean
    cdef unsigned char[::1] reach
    cdef unsigned char[::1] needs_less
    cdef unsigned char[::1] codes
    cdef int[::1] a
    cdef int[::1] b
    cdef int[::1] c
    cdef unsigned char[::1] masks
    cdef double[::1] constants

    @cython.locals(number=int)
    cpdef int find(self, int kind, int active) except -2
    cdef int make(self, int kind, int active) except -2
    cdef int flatten(self) except -1

cdef Templates backward_rules, exact_rules, forward_rules

@cython.final
cdef class Stamper:
    cdef Builder builder
    cdef Templates templates
    cdef bint folds
    cdef int[::1] places
    cdef int[::1] shared

    cdef int forget(self) except -1
    @cython.locals(builder=Builder, code=int)
    cdef int kind_of(self, Py_ssize_t slot) except -1
    @cython.locals(
        templates=Templates, builder=Builder, start=int, i=int, needed=int, code=int, b=int, c=int, slot=int,
    )
    cdef int stamp(self, int number, int mask, int part) except -1
    @cython.locals(shared=cython.int[::1], i=Py_ssize_t, slot=int)
    cdef int constant(self, int index) except -1
    @cython.locals(builder=Builder, first=bint, second=bint, x=double, y=double)
    cdef int put(self, int code, int a, int b, int c) except -1
    @cython.locals(builder=Builder)
    cdef int total(self, int first, int second) except -1

cdef int kind_of_exponent(double x) except -1
