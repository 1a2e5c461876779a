# C types for value.py, which Cython compiles with them. See docs/decisions/0001-engine.md.

cimport cython

cdef extern from "math.h" nogil:
    double libm_pow "pow"(double x, double y) noexcept
    double libm_exp "exp"(double x) noexcept
    double libm_tanh "tanh"(double x) noexcept

cdef extern from "native.h":
    int adopt(object cls) except -1
    bint keeps_arithmetic(object n) noexcept
    bint holds_attributes "sw_holds_attributes"(object n) noexcept

cdef int INT, FLOAT, OTHER
cdef double LIMIT
cdef int EXTRA, WRITTEN, IDIOM, MANY, RULE, LECTURE
cdef int NEGATION, SUBTRACTION, REFLECTED_SUBTRACTION, DIVISION, REFLECTED_DIVISION, SUM, MEAN
cdef int LEAF, ADD, MULTIPLY, POWER, POWER_VALUE, RELU, TANH, EXP, USER, MODULO, ABSOLUTE
cdef int watching
cdef unsigned int passes
cdef Value MINUS_ONE

# The order of the fields is known to native.h: a number first, the dict's pointer last.
cdef class Value:
    cdef double _data
    cdef double _grad
    cdef Value _a
    cdef Value _b
    cdef unsigned int _mark
    cdef unsigned char _code
    cdef unsigned char _kind
    cdef unsigned char _grad_kind
    cdef unsigned char _flags
    cdef void* _dict

cdef class LectureValue(Value):
    pass

cdef int fresh(Value out) except -1
@cython.locals(flags=int, out=Value)
cdef Value node(int code, Value a, Value b)
@cython.locals(out=Value)
cdef Value lift(object x, int flags)
@cython.locals(kind=int, x=double, out=Value)
cdef Value plus(Value a, Value b, int idiom)
@cython.locals(kind=int, x=double, out=Value)
cdef Value times(Value a, Value b, int idiom)
cdef Value negated(Value a)
@cython.locals(kind=int, x=double, out=Value)
cdef Value to_the(Value a, Value k)
@cython.locals(out=Value, operand=Value, flags=int, count=int)
cdef Value apply_general(int code, tuple operands, int idiom=*, object row=*)
@cython.locals(operand=Value, kind=int)
cdef object general_number(int code, tuple operands, object row=*)
cdef int keep(Value out, object name, object item) except -1
cdef int put_data(Value out, object x) except -1
cdef int put_grad(Value out, object x) except -1
cdef bint has_operands(Value n) noexcept
cpdef tuple operands_of(Value n)
cpdef tuple rule_operands(Value n)
cpdef object operation_of(Value n)
cpdef object idiom_of(Value n)
cpdef bint was_written(Value n)
cpdef object local_derivatives(Value n)
@cython.locals(order=list, stack=list, iterators=list, mark=uint, n=Value, child=Value)
cpdef list topological(Value root)
cdef bint is_unvisited(Value child, unsigned int mark) noexcept
@cython.locals(i=Py_ssize_t, inner=Value)
cdef int sweep(list order) except -1
@cython.locals(code=int, kind=int, g=double, x=double, y=double, k=double, a=Value, b=Value)
cdef int propagate(Value n) except -1
cdef bint fits(int kind, double x) noexcept
@cython.locals(both=int)
cdef int receive(Value operand, double contribution, int kind) except -1
cdef int receive_general(Value operand, object contribution) except -1
@cython.locals(count=int, i=int)
cdef object propagate_by_table(Value n)
cpdef int clear_gradient(Value n) except -1
cdef Value observed(Value out)
@cython.locals(b=Value)
cpdef object chain_sum(object values, object start)
@cython.locals(i=Py_ssize_t, b=Value)
cpdef object chain_dot(object xs, object ys, object start)
cpdef object chain_mean(list values)
cdef int flags_of(Value n) noexcept
cdef object adopt_children(Value out, object children, object op)
@cython.locals(flags=int, code=int)
cpdef Value apply_row(object row, tuple operands)
cpdef bint is_made(Value n)
cpdef bint has_own_step(Value n)
cpdef tuple fields_of(Value n)
cpdef object set_fields(Value n, int code, int kind, int grad_kind, int flags, double data, double grad, Value a, Value b)
cpdef bint has_attributes(Value n)
