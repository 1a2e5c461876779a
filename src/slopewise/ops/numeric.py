"""The mathematics of one number at a time, with IEEE 754 at every edge.

Python's `math` raises at a pole and on overflow; a differentiable program wants the infinity or the nan, and a way to
find out where it came from (`slopewise.anomalies`). Each function here takes floats or ints and follows the C
standard's Annex F where it speaks: `log(0)` is -inf, `exp(1000)` is inf, `sqrt(-1)` is nan, and a nan goes through.
"""

import math

inf = math.inf
nan = math.nan

SQRT_HALF = math.sqrt(0.5)
INVERSE_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)


def power(x: float, y: float) -> float:
    """Return `x ** y`: ints stay ints, a negative base with a broken exponent gives nan, overflow gives inf.

    Large ints and numbers of other types follow Python's own `**`.
    """
    if not _is_plain(x) or not _is_plain(y) or (type(x) is int and type(y) is int and y >= 0):
        result: float = x**y
        return result
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0 and _is_odd(y) else inf
    except ValueError:
        if x == 0:  # a pole: 0 ** -k
            return -inf if math.copysign(1.0, x) < 0 and _is_odd(y) else inf
        return nan


def _is_odd(y: float) -> bool:
    return float(y).is_integer() and y % 2 == 1  # -1 + 2**-53 alone would leave 1 too


def _is_plain(x: object) -> bool:
    """Tell whether x is a float or an int that a float holds exactly."""
    return isinstance(x, float) or (type(x) is int and -9007199254740992 < x < 9007199254740992)


def modulo(x: float, y: float) -> float:
    """Return `x % y` with the sign of y, as Python has it; nan when y is 0 or x is infinite."""
    try:
        return x % y
    except ZeroDivisionError:
        return nan


def exp(x: float) -> float:
    """Return e ** x; inf past 709.78."""
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def exp2(x: float) -> float:
    """Return 2 ** x; inf from 1024 on."""
    try:
        return math.exp2(x)
    except OverflowError:
        return inf


def expm1(x: float) -> float:
    """Return e ** x - 1, accurate near 0."""
    try:
        return math.expm1(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    """Return the natural logarithm; -inf at 0, nan below."""
    return math.log(x) if x > 0 else _left_of_log(x)


def log2(x: float) -> float:
    """Return the logarithm to base 2; -inf at 0, nan below."""
    return math.log2(x) if x > 0 else _left_of_log(x)


def log10(x: float) -> float:
    """Return the logarithm to base 10; -inf at 0, nan below."""
    return math.log10(x) if x > 0 else _left_of_log(x)


def log1p(x: float) -> float:
    """Return log(1 + x), accurate near 0; -inf at -1, nan below."""
    return math.log1p(x) if x > -1 else _left_of_log(x + 1.0)


def _left_of_log(x: float) -> float:
    return -inf if x == 0 else nan


def sqrt(x: float) -> float:
    """Return the square root; nan below 0."""
    return math.sqrt(x) if x >= 0 else nan


def square(x: float) -> float:
    """Return x * x."""
    return x * x


def sin(x: float) -> float:
    """Return the sine of x radians; nan at ±inf."""
    return nan if math.isinf(x) else math.sin(x)


def cos(x: float) -> float:
    """Return the cosine of x radians; nan at ±inf."""
    return nan if math.isinf(x) else math.cos(x)


def tan(x: float) -> float:
    """Return the tangent of x radians; nan at ±inf."""
    return nan if math.isinf(x) else math.tan(x)


def asin(x: float) -> float:
    """Return the arc sine in radians; nan outside -1..1."""
    return math.asin(x) if -1 <= x <= 1 else nan


def acos(x: float) -> float:
    """Return the arc cosine in radians; nan outside -1..1."""
    return math.acos(x) if -1 <= x <= 1 else nan


def sinh(x: float) -> float:
    """Return the hyperbolic sine; ±inf past 710.47."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(inf, x)


def cosh(x: float) -> float:
    """Return the hyperbolic cosine; inf past ±710.47."""
    try:
        return math.cosh(x)
    except OverflowError:
        return inf


def tanh(x: float) -> float:
    """Return the hyperbolic tangent, from e**2|x| - 1: accurate near 0, ±1 far out, the lecture's digits."""
    if abs(x) > 20:
        return math.copysign(1.0, x)
    e = math.expm1(2.0 * abs(x))
    return math.copysign(e / (e + 2.0), x)


def acosh(x: float) -> float:
    """Return the inverse hyperbolic cosine; nan below 1."""
    return math.acosh(x) if x >= 1 else nan


def atanh(x: float) -> float:
    """Return the inverse hyperbolic tangent; ±inf at ±1, nan beyond."""
    if -1 < x < 1:
        return math.atanh(x)
    return math.copysign(inf, x) if abs(x) == 1 else nan


def sigmoid(x: float) -> float:
    """Return 1 / (1 + e ** -x) without overflow on either side."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)  # a nan takes this branch and passes
    return e / (1.0 + e)


def softplus(x: float) -> float:
    """Return log(1 + e ** x) without overflow or cancellation."""
    if x > 0:
        return x + math.log1p(math.exp(-x))
    return math.log1p(math.exp(x))


def relu(x: float) -> float:
    """Return x, or the int 0 when x is negative; a nan and -0.0 pass, as in micrograd."""
    return 0 if x < 0 else x


def leaky_relu(x: float, slope: float) -> float:
    """Return x, or slope * x when x is negative."""
    return slope * x if x < 0 else x


def elu(x: float, alpha: float) -> float:
    """Return x, or alpha * (e ** x - 1) when x is negative."""
    return alpha * math.expm1(x) if x < 0 else x


def gaussian_cdf(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x * SQRT_HALF)


def gelu(x: float) -> float:
    """Return x times the standard normal distribution function of x; 0 at -inf, the limit."""
    return -0.0 if x == -inf else x * gaussian_cdf(x)


def silu(x: float) -> float:
    """Return x times the sigmoid of x; 0 at -inf, the limit."""
    return -0.0 if x == -inf else x * sigmoid(x)


def maximum(x: float, y: float) -> float:
    """Return the larger; the first of two equals; a nan wins."""
    return x if x >= y or x != x else y


def minimum(x: float, y: float) -> float:
    """Return the smaller; the first of two equals; a nan wins."""
    return x if x <= y or x != x else y


def hypot(x: float, y: float) -> float:
    """Return the length of (x, y) without overflow in between: C's hypot, where `math.hypot` is Python's own."""
    try:
        return abs(complex(float(x), float(y)))
    except OverflowError:
        return inf


def where(condition: float, x: float, y: float) -> float:
    """Return x where the condition is true, else y."""
    return x if condition else y
