# C types for exchange.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython
from cpython cimport array

from slopewise.backends.runs cimport bytes_of, doubles_of, ints_of
from slopewise.engine cimport value as engine_value
from slopewise.engine.value cimport FLOAT, MANY, RULE, WRITTEN, Value

# The numbers of exchange.py, known to the C compiler.
cdef enum:
    DATA = 1
    GRAD = 2

@cython.locals(v=cython.p_double, attributes=cython.p_uchar, at=Py_ssize_t, i=Py_ssize_t, value=Value)
cpdef Py_ssize_t read_numbers(list values, array.array kinds, array.array numbers, Py_ssize_t start) except -2
@cython.locals(v=cython.p_double, is_watched=cython.bint, i=Py_ssize_t, value=Value, left=list)
cpdef list add_to_leaves(list values, array.array gradients, bint adds)
@cython.locals(
    v=cython.p_double, at=cython.p_int, attributes=cython.p_uchar, is_watched=cython.bint, i=Py_ssize_t, value=Value,
    x=double,
)
cpdef int write_numbers(list values, array.array kinds, array.array numbers, array.array places) except -1
