# C types for evaluations.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

from slopewise.engine.reading cimport is_constant
from slopewise.engine.value cimport Value, has_own_step, number_of, operation_of

cdef enum:
    NONE = -1
    MIXED = -2

cdef class Evaluations:
    cdef list owner
    cdef list into
    cdef list parameters
    cdef list rests

@cython.locals(number=Py_ssize_t)
cdef Py_ssize_t begin(Evaluations known, Py_ssize_t owner, Py_ssize_t parameter, bint rests) except -2
@cython.locals(into=list, above=Py_ssize_t)
cdef Py_ssize_t found(Evaluations known, Py_ssize_t number) except -2
cdef bint merge(Evaluations known, Py_ssize_t mine, Py_ssize_t theirs) except -1
cdef bint add(Evaluations known, Py_ssize_t mine, Py_ssize_t parameter) except -1
@cython.locals(
    known=Evaluations, count=Py_ssize_t, part=list, is_open=list, rests=list, p=Py_ssize_t, ops=tuple, size=Py_ssize_t,
    first=Py_ssize_t, second=Py_ssize_t, mine=Py_ssize_t, rest=bint, mine_owns=Py_ssize_t, theirs_owns=Py_ssize_t,
    q=Py_ssize_t,
)
cpdef tuple find_evaluations(list nodes, list operands, list owner)
@cython.locals(mine=Py_ssize_t, parameters=int, parameter=Py_ssize_t, q=Py_ssize_t)
cdef Py_ssize_t join_or_begin(
    list nodes, Py_ssize_t p, tuple ops, list owner, list part, list is_open, bint rest, Evaluations known
) except -2
@cython.locals(mine=Py_ssize_t, theirs=Py_ssize_t, q=Py_ssize_t)
cdef Py_ssize_t join(
    list nodes, Py_ssize_t p, tuple ops, list owner, list part, list is_open, Evaluations known
) except -2
cdef bint is_start_of_sum(Value node, Value operand) except -1
cdef bint is_activation(Value node) except -1
@cython.locals(
    counts=dict, begun=dict, numbers=list, result=list, p=Py_ssize_t, mine=Py_ssize_t, number=Py_ssize_t, q=Py_ssize_t,
    theirs=Py_ssize_t,
)
cdef list samples_of(list operands, list part, Evaluations known)
