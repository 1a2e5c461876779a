# C types for evaluation.py, which Cython compiles with them. See docs/decisions/native-build.md.

cimport cython

from slopewise.ir.builder cimport Builder
from slopewise.ir.operations cimport (
    ABSOLUTE, ACOS, ACOSH, ADD, ASIN, ASINH, ATAN, ATAN2, ATANH, ATTACH, CEIL, CONSTANT, COS, COSH, DETACH, DIVIDE,
    ELU, EQUAL, ERF, EXP, EXP2, EXPM1, FLOOR, FLOOR_DIVIDE, GELU, GREATER, GREATER_EQUAL, HYPOT, INPUT, LEAKY_RELU,
    LESS, LESS_EQUAL, LOG, LOG1P, LOG2, LOG10, MAXIMUM, MINIMUM, MODULO, MULTIPLY, NEGATE, NOT_EQUAL, POWER,
    POWER_VALUE, RELU, ROUND, SIGMOID, SILU, SIN, SINH, SOFTPLUS, SQRT, SQUARE, SUBTRACT, TAN, TANH, TRUNCATE, WHERE,
)

cdef extern from "math.h" nogil:
    double libm_pow "pow"(double x, double y) noexcept
    double libm_exp "exp"(double x) noexcept
    double libm_exp2 "exp2"(double x) noexcept
    double libm_expm1 "expm1"(double x) noexcept
    double libm_log "log"(double x) noexcept
    double libm_log2 "log2"(double x) noexcept
    double libm_log10 "log10"(double x) noexcept
    double libm_log1p "log1p"(double x) noexcept
    double libm_sqrt "sqrt"(double x) noexcept
    double libm_sin "sin"(double x) noexcept
    double libm_cos "cos"(double x) noexcept
    double libm_tan "tan"(double x) noexcept
    double libm_asin "asin"(double x) noexcept
    double libm_acos "acos"(double x) noexcept
    double libm_atan "atan"(double x) noexcept
    double libm_atan2 "atan2"(double x, double y) noexcept
    double libm_sinh "sinh"(double x) noexcept
    double libm_cosh "cosh"(double x) noexcept
    double libm_asinh "asinh"(double x) noexcept
    double libm_acosh "acosh"(double x) noexcept
    double libm_atanh "atanh"(double x) noexcept
    double libm_erf "erf"(double x) noexcept
    double libm_erfc "erfc"(double x) noexcept
    double libm_hypot "hypot"(double x, double y) noexcept
    double libm_fmod "fmod"(double x, double y) noexcept
    double libm_fabs "fabs"(double x) noexcept
    double libm_copysign "copysign"(double x, double y) noexcept
    double libm_floor "floor"(double x) noexcept
    double libm_ceil "ceil"(double x) noexcept
    double libm_trunc "trunc"(double x) noexcept
    double libm_rint "rint"(double x) noexcept

cdef double infinite, not_a_number, sqrt_half

# IEEE 754's division, which Python's would interrupt at 0.
@cython.cdivision(True)
cdef inline double quotient(double x, double y) noexcept nogil:
    return x / y

cdef double evaluate(int code, double x, double y, double z) noexcept nogil
@cython.locals(e=double)
cdef double lecture_tanh(double x) noexcept nogil
@cython.locals(e=double)
cdef double logistic(double x) noexcept nogil
@cython.locals(rest=double)
cdef double python_modulo(double x, double y) noexcept nogil
@cython.locals(rest=double, whole=double, down=double)
cdef double floor_quotient(double x, double y) noexcept nogil
@cython.locals(
    codes=cython.uchar[::1], a=cython.int[::1], b=cython.int[::1], c=cython.int[::1], pool=cython.double[::1],
    slot=Py_ssize_t, code=int, first=int, second=int, third=int,
)
cpdef object evaluate_range(Builder builder, double[::1] values, Py_ssize_t start, Py_ssize_t end)
cpdef double value_of(int code, double x, double y=*, double z=*) noexcept
