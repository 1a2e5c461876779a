# C types for value.py, which Cython compiles with them. See docs/decisions/engine.md.

cimport cython

cdef extern from "math.h" nogil:
    double libm_pow "pow"(double x, double y) noexcept
    double libm_exp "exp"(double x) noexcept
    double libm_expm1 "expm1"(double x) noexcept
    double libm_copysign "copysign"(double x, double y) noexcept

cdef extern from "pythread.h" nogil:
    unsigned long thread_id "PyThread_get_thread_ident"() noexcept

cdef extern from "native.h":
    int adopt(object cls) except -1
    bint keeps_arithmetic(object n) noexcept
    bint holds_attributes "sw_holds_attributes"(object n) noexcept

# The numbers of value.py, known to the C compiler.
cdef enum:
    INT = 0
    FLOAT = 1
    OTHER = 2
    TRACED = 3
    EXTRA = 1
    WRITTEN = 2
    IDIOM = 28
    MANY = 32
    RULE = 64
    LECTURE = 128
    CONSTANT = 4
    NEGATION = 4
    SUBTRACTION = 8
    REFLECTED_SUBTRACTION = 12
    DIVISION = 16
    REFLECTED_DIVISION = 20
    SUM = 24
    MEAN = 28
    LEAF = 0
    ADD = 1
    MULTIPLY = 2
    POWER = 3
    POWER_VALUE = 4
    RELU = 7
    TANH = 8
    EXP = 9
    MODULO = 5
    ABSOLUTE = 6
    USER = 255

cdef double LIMIT
cdef double serial
cdef int watching
cdef list journal
cdef int silent
cdef object on_full, on_read
cdef int modes_open
cdef Recorder recorder
cdef Value MINUS_ONE, TWO

# The order of the fields is known to native.h: a number first, the dict's pointer last.
cdef class Value:
    cdef double _data
    cdef double _grad
    cdef Value _a
    cdef Value _b
    cdef unsigned int _pending
    cdef unsigned char _code
    cdef unsigned char _kind
    cdef unsigned char _grad_kind
    cdef unsigned char _flags
    cdef double _built
    cdef object __weakref__
    cdef void* _dict

cdef class LectureValue(Value):
    pass

# What a tracer overrides; its methods beside `note` are looked up by name.
cdef class Recorder:
    cdef public unsigned long thread
    cdef int note(self, Value n) except -1

cdef int fresh(Value out) except -1
cdef int initialise(Value out, object data, object children, object op, object label) except -1
@cython.locals(out=Value)
cdef Value blank(int flags)
@cython.locals(flags=int, out=Value)
cdef Value node(int code, Value a, Value b, double x, int kind, int idiom)
@cython.locals(out=Value)
cdef Value lift(object x, int flags)
@cython.locals(kind=int, x=double, out=Value)
cdef Value plus(Value a, Value b, int idiom)
@cython.locals(kind=int, x=double, out=Value)
cdef Value times(Value a, Value b, int idiom)
cdef bint fits(int kind, double x) noexcept
@cython.locals(e=double)
cdef double hyperbolic_tangent(double x) noexcept
cdef Value negated(Value a)
@cython.locals(kind=int, x=double, out=Value)
cdef Value to_the(Value a, Value k)
@cython.locals(out=Value, operand=Value, flags=int)
cdef Value apply_general(int code, tuple operands, int idiom=*, object row=*)
@cython.locals(operand=Value, kind=int)
cdef object general_number(int code, tuple operands, object row=*)
cdef object python_power(Value a, Value k)
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
cdef Value observed(Value out)
@cython.locals(b=Value)
cpdef object chain_sum(object values, object start)
@cython.locals(i=Py_ssize_t, b=Value)
cpdef object chain_dot(object xs, object ys, object start)
cpdef object chain_mean(list values)
cdef object adopt_children(Value out, object children, object op)
@cython.locals(flags=int, code=int)
cpdef Value apply_row(object row, tuple operands)
cpdef bint is_made(Value n)
cpdef bint has_own_step(Value n)
cpdef tuple fields_of(Value n)
cpdef object set_fields(
    Value n, int code, int kind, int grad_kind, int flags, double data, double grad, double built, Value a, Value b
)
@cython.locals(operand=Value)
cdef int mark_made(Value out, tuple operands) except -1
cpdef object number_of(Value n)
cpdef double made_as(Value n)
cpdef set_journal(list events, object full, object reader)
cpdef set_silent(int change)
cdef int note(str event, Value n, object before, object after) except -1
cdef int note_read(Value n) except -1
cpdef bint has_attributes(Value n)
cpdef set_recorder(Recorder tracer)
cdef bint is_recording() noexcept
cpdef object current_recorder()
cdef object traced_reading(Value n)
cdef object traced_gradient(Value n)
cpdef object plain_gradient(Value n)
cdef bint keep_aside(Value n, object x) except -1
cpdef double mark_of(Value n)
cpdef mark(Value n, double place)
cpdef object seen_number(Value n)
cpdef int flags_of(Value n) noexcept
cpdef bint is_constant_leaf(Value n)
cpdef bint is_lecture(Value n)
cpdef set_number(Value n, double number)
