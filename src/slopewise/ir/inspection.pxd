# C types for inspection.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.operations cimport CONSTANT, INPUT, UNKNOWN

cdef unsigned long long MASK, FIRST, SECOND

@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], arities=cython.p_uchar,
    n_inputs=Py_ssize_t, n_pool=Py_ssize_t, constants=Py_ssize_t, slot=Py_ssize_t, code=int, arity=int, first=int,
    second=int, third=int,
)
cpdef Py_ssize_t first_doubtful(object program) except -2
@cython.locals(codes=cython.uchar[::1], slot=Py_ssize_t, count=Py_ssize_t)
cpdef Py_ssize_t count_before(object program, int code, Py_ssize_t end) except -1
cpdef Py_ssize_t count_of(object program, int code) except -1

@cython.locals(n_bytes=Py_ssize_t, n_stirred=Py_ssize_t)
cpdef bytes digest(object columns)
@cython.locals(
    first=cython.ulonglong, second=cython.ulonglong, third=cython.ulonglong, fourth=cython.ulonglong,
    view="const unsigned long long[::1]", i=Py_ssize_t,
)
cpdef bytes stirred(object words)
cdef unsigned long long stir(unsigned long long state, unsigned long long word) noexcept
