# C types for simplify.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport BYTES, INTS, filled
from slopewise.ir.operations cimport CONSTANT, POWER, POWER_VALUE
from slopewise.passes.algebra cimport Algebra
from slopewise.passes.sharing cimport Sharing

cdef enum:
    DEAD = 0
    LOOSE = 1
    STRICT = 3
    FORGETS = 0
    PASSES = 1
    SHOWS = 2

cpdef object simplify(object program, bint exact=*, object constants=*, bint differentiable=*)
@cython.locals(
    n_needed=Py_ssize_t, share=Sharing, rules=Algebra, codes="const unsigned char[::1]", a="const int[::1]",
    b="const int[::1]", c="const int[::1]", pool="const double[::1]", needs=cython.uchar[::1], new=cython.int[::1],
    n_inputs=Py_ssize_t, slot=Py_ssize_t, need=int, code=int, second=int, third=int,
)
cdef tuple simplified(object program, bint exact, bint merges, bint differentiable)
@cython.locals(
    codes="const unsigned char[::1]", a="const int[::1]", b="const int[::1]", c="const int[::1]",
    pool="const double[::1]", needs=cython.uchar[::1], signs="const unsigned char[::1]", least=int, slot=Py_ssize_t,
    count=Py_ssize_t, need=int, code=int, first=int, second=int, third=int, sign=int,
)
cdef Py_ssize_t find_needs(object program, bint strict, object needs_column) except -1
cdef int sign_through_power(double k) noexcept
