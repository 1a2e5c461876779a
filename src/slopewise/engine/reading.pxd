# C types for reading.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

from slopewise.engine cimport sweep
from slopewise.engine.value cimport (
    ADD, CONSTANT, FLOAT, INT, LEAF, LECTURE, MANY, MULTIPLY, POWER, RELU, RULE, TANH, USER, WRITTEN,
    Value, general_number, has_attributes, has_operands, hyperbolic_tangent, local_derivatives, number_of, operands_of, operation_of,
    put_grad, rule_operands, set_silent,
)

cdef enum:
    OPEN = 4294967295

@cython.locals(nodes=list, operands=list, n=Value)
cpdef tuple survey(Value root)
@cython.locals(stack=list, n=Value, child=Value, children=tuple, i=Py_ssize_t)
cdef int visit(Value root, list nodes) except -1
@cython.locals(children=tuple, child=Value, other=Value)
cdef tuple places(Value n, Py_ssize_t before, Value root)
@cython.locals(last=double, n=Value)
cdef bint is_in_order(list nodes) except -1
@cython.locals(made=list, serials=list, ordered=list, i=Py_ssize_t, n=Value, child=Value, known=Value)
cdef list put_in_order(list nodes)
@cython.locals(i=Py_ssize_t, n=Value)
cdef list numbered(list nodes)
@cython.locals(n=Value)
cdef int forget_places(Value root, list nodes) except -1
@cython.locals(concerned=list, others=list, before=list, n=Value)
cpdef list gradients_afresh(Value root, list nodes)
@cython.locals(found=list)
cdef list reached_besides(Value n)
cdef int clear(Value n) except -1
@cython.locals(i=Py_ssize_t, n=Value, written=int)
cdef int put_back(list nodes, list before) except -1
@cython.locals(found=list, i=Py_ssize_t, n=Value)
cpdef list out_of_date(list nodes)
@cython.locals(code=int, a=Value, b=Value, x=double, operands=tuple, operand=Value)
cdef bint is_up_to_date(Value n) except -1
cdef bint is_same(object x, object y) except -1
cpdef object built_with(Value n)
cpdef bint was_assigned(Value n)
@cython.locals(code=int)
cpdef object computed_now(Value n)
cpdef bint is_constant(Value n)
@cython.locals(operands=tuple, found=list, i=Py_ssize_t)
cpdef tuple contributions_of(Value n, object upstream)
@cython.locals(held=tuple, found=list, seen=set, i=Py_ssize_t)
cdef tuple observed_contributions(Value n, object upstream, tuple operands)
@cython.locals(operands=tuple, concerned=list, before=list, c=Value, operand=Value)
cpdef tuple gradients_after_step(Value n, object upstream, object start)
