# C types for census.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

from slopewise.engine cimport sweep
from slopewise.engine.value cimport (
    ADD, CONSTANT, FLOAT, MANY, MULTIPLY, POWER, RELU, RULE, TANH, USER, Value, number_of, operands_of, operation_of,
)

cdef enum:
    CANDIDATES = 64
    BEFORE = 1
    AFTER = 2

cdef int SIGMOID
cdef double SATURATED
cdef dict HAND_MADE

@cython.locals(
    activations=list, leaves=list, own=list, broken=list, stale=list, seen=list, constants=Py_ssize_t, i=Py_ssize_t,
    n=Value, a=Value, b=Value, child=Value, code=int,
)
cpdef tuple census(Value root)
cdef bint is_broken(Value n) noexcept
cdef bint is_broken_operand(Value n) noexcept
cdef bint may_be_stale(Value n, Value a, Value b, int code) noexcept
cdef int kind_of_activation(Value n) except -1
@cython.locals(
    size=Py_ssize_t, totals=list, quiets=list, kinds=list, n=Value, place=Py_ssize_t, kind=int, x=double, found=list,
    name=str,
)
cpdef list activity(list activations, dict places)
@cython.locals(operands=tuple, a=Value, b=Value, steps=int)
cdef Py_ssize_t place_of_unit(Value n, dict places) except -2
@cython.locals(numbers=list, gradients=list, p=Value)
cpdef tuple figures(list parameters)
cdef double as_float(object x) except? -1.5
@cython.locals(
    size=Py_ssize_t, met=list, touched=list, others=list, roots=list, event=tuple, n=Value, i=Py_ssize_t, what=str,
)
cpdef tuple digest(list events, dict places, list gradients)
cdef bint is_equal(object x, object y) except -1
@cython.locals(
    assigned=Py_ssize_t, changed=Py_ssize_t, dot=double, size=double, gg=double, ss=double, pp=double, i=Py_ssize_t,
    gradient=double, x=double, step=double,
)
cpdef tuple alignment(list before, list after, list met)
