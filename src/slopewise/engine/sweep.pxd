# C types for sweep.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

from slopewise.engine.value cimport (
    ADD, EXP, EXTRA, FLOAT, INT, LECTURE, LIMIT, MANY, MULTIPLY, OTHER, POWER, RELU, RULE, TANH, TRACED, USER,
    WRITTEN, Value, current_recorder, has_operands, keep, keep_aside, local_derivatives, mark_of, operands_of, operation_of, rule_operands, set_silent,
)

cdef extern from "math.h" nogil:
    double libm_pow "pow"(double x, double y) noexcept

cdef inline bint fits(int kind, double x) noexcept:
    return kind == 1 or -9007199254740992.0 < x < 9007199254740992.0

cdef bint is_counting
cdef object on_pass, on_clear
cpdef set_callbacks(object passes, object clearings)

cdef object refuse_nested_count()
cdef int run_backward(Value root) except -1
@cython.locals(order=list)
cdef int run_pass(Value root, bint anomalies) except -1
@cython.locals(n=Value, operand=Value)
cdef int clear_gradients(Value root) except -1
@cython.locals(code=int, kind=int, g=double, x=double, y=double, k=double, a=Value, b=Value)
cdef int propagate(Value n) except -1
@cython.locals(both=int)
cdef int receive(Value operand, double contribution, int kind) except -1
cdef int receive_general(Value operand, object contribution) except -1
@cython.locals(count=int, i=int)
cdef object propagate_by_table(Value n)
cdef int clear_gradient(Value n) except -1
cdef bint clear_apart(Value n) except -1
@cython.locals(simple=bint, stack=list, depth=Py_ssize_t, n=Value, child=Value)
cdef bint count_uses(Value root) except -1
cdef Py_ssize_t push(Value n, list stack, Py_ssize_t depth) except -1
cdef Py_ssize_t count_use(Value n, list stack, Py_ssize_t depth) except -1
@cython.locals(stack=list, depth=Py_ssize_t, n=Value, child=Value)
cdef int flow(Value root, list order) except -1
cdef Py_ssize_t discount_use(Value n, list stack, Py_ssize_t depth) except -1
@cython.locals(order=list, n=Value, child=Value)
cdef list backward_order(Value root)
@cython.locals(stack=list, child=Value)
cdef int reset_counts(Value root) except -1
@cython.locals(order=list)
cpdef list topological(Value root)
@cython.locals(stack=list, n=Value, child=Value)
cdef list uncleared_order(Value root)
@cython.locals(n=Value)
cdef int take_steps(list order, bint anomalies) except -1
cdef object step_of(Value n)
cdef object replace_step(Value n, object step)
