"""What one operation gives on floats, and what a stretch of a `Builder` gives.

`evaluate` is what the rows' `value` is, to the last bit (all nans count as one): it calls the functions of the C
library that Python's `math` calls. Nothing is raised.

This is ordinary Python. The file `evaluation.pxd` beside it names C types, and Cython then compiles this very text; the
compiled `evaluate` is there for other compiled modules, without Python's lock. Interpreted, the rows answer, which is
quicker than the long choice, and the choice stays as `by_choice` to be compared with them.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

import math

from slopewise.ops import numeric

if not cython.compiled:
    # isort: off
    from slopewise.ir.operations import (
        ABSOLUTE, ACOS, ACOSH, ADD, ARITY, ASIN, ASINH, ATAN, ATAN2, ATANH, ATTACH, CEIL, CONSTANT, COS, COSH, DETACH,
        DIVIDE, ELU, EQUAL, ERF, EXP, EXP2, EXPM1, FLOOR, FLOOR_DIVIDE, GELU, GREATER, GREATER_EQUAL, HYPOT, INPUT,
        LEAKY_RELU, LESS, LESS_EQUAL, LOG, LOG1P, LOG2, LOG10, MAXIMUM, MINIMUM, MODULO, MULTIPLY, NEGATE, NOT_EQUAL,
        POWER, POWER_VALUE, RELU, ROUND, ROWS, SIGMOID, SILU, SIN, SINH, SOFTPLUS, SQRT, SQUARE, SUBTRACT, TAN, TANH,
        TRUNCATE, WHERE,
    )  # fmt: skip

    # isort: on
    from slopewise.ops.arithmetic import ceil_of, floor_of, rounded, true_quotient, truncated

    libm_pow = numeric.power
    libm_exp = numeric.exp
    libm_exp2 = numeric.exp2
    libm_expm1 = numeric.expm1
    libm_log = numeric.log
    libm_log2 = numeric.log2
    libm_log10 = numeric.log10
    libm_log1p = numeric.log1p
    libm_sqrt = numeric.sqrt
    libm_sin = numeric.sin
    libm_cos = numeric.cos
    libm_tan = numeric.tan
    libm_asin = numeric.asin
    libm_acos = numeric.acos
    libm_atan = math.atan
    libm_atan2 = math.atan2
    libm_sinh = numeric.sinh
    libm_cosh = numeric.cosh
    libm_asinh = math.asinh
    libm_acosh = numeric.acosh
    libm_atanh = numeric.atanh
    libm_erf = math.erf
    libm_erfc = math.erfc
    libm_hypot = numeric.hypot
    libm_fabs = abs
    libm_copysign = math.copysign
    libm_floor = floor_of
    libm_ceil = ceil_of
    libm_trunc = truncated
    libm_rint = rounded
    quotient = true_quotient

    def libm_fmod(x, y):
        """Return C's remainder, with the sign of x; nan where `math.fmod` raises."""
        try:
            return math.fmod(x, y)
        except ValueError:
            return math.nan


NATIVE = cython.compiled

infinite = math.inf
not_a_number = math.nan
sqrt_half = numeric.SQRT_HALF


def evaluate(code, x, y, z):
    """Return what an operation gives; operands that it does not take are not looked at, an unknown code gives nan."""
    if code == ADD:
        return x + y
    elif code == MULTIPLY:
        return x * y
    elif code == SUBTRACT:
        return x - y
    elif code == DIVIDE:
        return quotient(x, y)
    elif code == NEGATE:
        return -x
    elif code == POWER or code == POWER_VALUE:
        return libm_pow(x, y)
    elif code == SQUARE:
        return x * x
    elif code == RELU:
        return 0.0 if x < 0 else x
    elif code == TANH:
        return lecture_tanh(x)
    elif code == EXP:
        return libm_exp(x)
    elif code == LOG:
        return libm_log(x)
    elif code == SQRT:
        return libm_sqrt(x)
    elif code == ABSOLUTE:
        return libm_fabs(x)
    elif code == SIN:
        return libm_sin(x)
    elif code == COS:
        return libm_cos(x)
    elif code == SIGMOID:
        return logistic(x)
    elif code == WHERE:
        return y if x != 0 else z
    elif code == MAXIMUM:
        return x if x >= y or x != x else y
    elif code == MINIMUM:
        return x if x <= y or x != x else y
    elif code == LESS:
        return 1.0 if x < y else 0.0
    elif code == LESS_EQUAL:
        return 1.0 if x <= y else 0.0
    elif code == GREATER:
        return 1.0 if x > y else 0.0
    elif code == GREATER_EQUAL:
        return 1.0 if x >= y else 0.0
    elif code == EQUAL:
        return 1.0 if x == y else 0.0
    elif code == NOT_EQUAL:
        return 1.0 if x != y else 0.0
    elif code == DETACH or code == ATTACH:
        return x
    elif code == EXP2:
        return libm_exp2(x)
    elif code == EXPM1:
        return libm_expm1(x)
    elif code == LOG2:
        return libm_log2(x)
    elif code == LOG10:
        return libm_log10(x)
    elif code == LOG1P:
        return libm_log1p(x)
    elif code == TAN:
        return libm_tan(x)
    elif code == ASIN:
        return libm_asin(x)
    elif code == ACOS:
        return libm_acos(x)
    elif code == ATAN:
        return libm_atan(x)
    elif code == ATAN2:
        return libm_atan2(x, y)
    elif code == SINH:
        return libm_sinh(x)
    elif code == COSH:
        return libm_cosh(x)
    elif code == ASINH:
        return libm_asinh(x)
    elif code == ACOSH:
        return libm_acosh(x)
    elif code == ATANH:
        return libm_atanh(x)
    elif code == HYPOT:
        return libm_hypot(x, y)
    elif code == ERF:
        return libm_erf(x)
    elif code == SOFTPLUS:
        return x + libm_log1p(libm_exp(-x)) if x > 0 else libm_log1p(libm_exp(x))
    elif code == LEAKY_RELU:
        return y * x if x < 0 else x
    elif code == ELU:
        return y * libm_expm1(x) if x < 0 else x
    elif code == GELU:
        return -0.0 if x == -infinite else x * (0.5 * libm_erfc(-x * sqrt_half))
    elif code == SILU:
        return -0.0 if x == -infinite else x * logistic(x)
    elif code == MODULO:
        return python_modulo(x, y)
    elif code == FLOOR_DIVIDE:
        return floor_quotient(x, y)
    # Adding 0.0 leaves everything as it is but -0.0, which no integer of Python's is.
    elif code == FLOOR:
        return libm_floor(x) + 0.0
    elif code == CEIL:
        return libm_ceil(x) + 0.0
    elif code == TRUNCATE:
        return libm_trunc(x) + 0.0
    elif code == ROUND:
        return libm_rint(x) + 0.0
    return not_a_number


def lecture_tanh(x):
    """Return tanh(x) from e**2|x| - 1, as the engine does."""
    if libm_fabs(x) > 20:
        return libm_copysign(1.0, x)
    e = libm_expm1(2.0 * libm_fabs(x))
    return libm_copysign(quotient(e, e + 2.0), x)


def logistic(x):
    """Return 1 / (1 + e ** -x) without overflow on either side."""
    if x >= 0:
        return quotient(1.0, 1.0 + libm_exp(-x))
    e = libm_exp(x)  # a nan takes this branch and passes
    return quotient(e, 1.0 + e)


def python_modulo(x, y):
    """Return `x % y` as Python has it: with the sign of y, also when it is 0; nan where Python raises."""
    rest = libm_fmod(x, y)
    if rest == 0:
        return libm_copysign(0.0, y)
    if (y < 0) != (rest < 0):
        return rest + y
    return rest


def floor_quotient(x, y):
    """Return `x // y` as Python has it; over 0 what `x / y` is."""
    if y == 0:
        return quotient(x, y)
    rest = libm_fmod(x, y)
    whole = quotient(x - rest, y)
    if rest != 0 and (y < 0) != (rest < 0):
        whole = whole - 1.0
    if whole == 0:
        return libm_copysign(0.0, quotient(x, y))
    down = libm_floor(whole)  # it is whole but for rounding
    return down + 1.0 if whole - down > 0.5 else down


def evaluate_range(builder, values, start, end):
    """Compute the slots of a Builder from `start` up to, not with, `end`.

    Args:
        builder: Where the slots are; operands before `start` have their values already.
        values: An array of doubles, one for each slot; inputs are left as they are.
        start: The first slot.
        end: The slot after the last.

    Raises:
        IndexError: There are no such slots, the values are fewer, or a slot reads one that is not before it.
    """
    if not 0 <= start <= end <= builder.size or end > len(values):
        raise IndexError(f"slots {start} to {end} of {builder.size}, with {len(values)} values")
    codes = builder.codes
    a = builder.a
    b = builder.b
    c = builder.c
    pool = builder.pool
    for slot in range(start, end):
        code = codes[slot]
        if code == CONSTANT:
            values[slot] = pool[a[slot]]
        elif code != INPUT:
            first = a[slot]
            second = b[slot]
            third = c[slot]
            if not 0 <= first < slot or second >= slot or third >= slot:
                raise IndexError(f"%{slot} reads a slot that does not stand before it")
            values[slot] = evaluate(
                code,
                values[first],
                values[second] if second >= 0 else 0.0,
                values[third] if third >= 0 else 0.0,
            )


def value_of(code, x, y=0.0, z=0.0):
    """Return what `evaluate` gives, for those who cannot call it in C."""
    return evaluate(code, x, y, z)


if not cython.compiled:
    by_choice = evaluate

    def evaluate(code, x, y, z):
        """Return what an operation gives, by its row."""
        row = ROWS[code] if code < len(ROWS) else None
        if row is None:
            return math.nan
        return float(row.value(*(x, y, z)[: ARITY[code]]))
