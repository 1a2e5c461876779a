"""Functions that the table has no row for, made of its rows: their derivatives, of every order, come from those.

They take what a row takes, numbers, Values and sequences of them. What Python's `math` computes of the same number may
differ in the last digits; how far is said with each. So may a number and a Value, whose `a / b` is `a * b**-1`.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

from slopewise.ops import numeric
from slopewise.ops.row import Operation
from slopewise.ops.table import BY_NAME

exp, log, sin, tan, erf, gelu = (BY_NAME[name] for name in ("exp", "log", "sin", "tan", "erf", "gelu"))
minimum, maximum, where = BY_NAME["minimum"], BY_NAME["maximum"], BY_NAME["where"]

# From here on Stirling's series is exact to the last digit; what is smaller is taken there, a factor at a time.
_FAR = 10
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_LOG_PI = math.log(math.pi)
# B₂ₖ / (2k(2k − 1)) and B₂ₖ / 2k of Bernoulli's numbers, for k = 1, 2, …
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_LOGARITHM = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))
_SLOPE = tuple(b / (2 * k) for k, b in enumerate(_BERNOULLI, 1))


def _elementwise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let a function of one number take sequences too, as a row does."""

    @functools.wraps(function)
    def apply(x: Any) -> Any:
        if isinstance(x, (list, tuple)) or getattr(x, "shape", None):
            return row(x)
        return function(x)

    row = Operation(function.__name__, function.__name__, 1, function, lambda x, z: (numeric.nan,), (), "")
    return apply


def _series(coefficients: tuple[float, ...], x: Any) -> Any:
    total: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def _far_from(x: Any) -> tuple[Any, Any, list[Any]]:
    """Return whether x is near 0, x or x + 10, and the factors between the two (of 10, where x is not near)."""
    near = x < _FAR
    least = minimum(x, _FAR)
    return near, where(near, x + _FAR, x), [least + i for i in range(_FAR)]


def _right_of_zero(x: Any) -> tuple[Any, Any]:
    """Return whether x is positive, and x or 1 - x, whichever is."""
    positive = x > 0
    return positive, where(positive, x, 1.0 - x)


def _half_turn(x: Any, positive: Any) -> Any:
    """Return π times how far x is above the nearest whole number, for an x that is not positive."""
    behind = x % 1.0  # exact, where πx would lose what lies behind the point
    return math.pi * where(positive, 0.5, where(x > -0.5, x, where(behind < 0.5, behind, behind - 1.0)))


@_elementwise
def lgamma(x: Any) -> Any:
    """Return log |Γ(x)|, Γ(n) being (n − 1)!; inf at 0, -1, -2, …, nan at -inf.

    Of the result, 14 digits are right; near its zeros at 1 and 2 it is right to 4e-15.

    Args:
        x: A number, a Value, or a sequence of them.

    Example:
        >>> import slopewise as sw
        >>> x = sw.Value(5.0)
        >>> y = sw.lgamma(x)
        >>> y.backward()
        >>> round(y.data, 12), round(x.grad, 12)  # log 24, digamma(5)
        (3.178053830348, 1.506117668432)

    Source: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964), 6.1.17 and 6.1.40.
    """
    positive, u = _right_of_zero(x)
    near, t, factors = _far_from(u)
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    over = 1.0 / t
    out = (t - 0.5) * (log(t) - 1.0) - 0.5 + (_HALF_LOG_2PI + over * _series(_LOGARITHM, over * over))
    out = out - where(near, log(product), 0.0)
    return where(positive, out, (_LOG_PI - log(abs(sin(_half_turn(x, positive))))) - out)


@_elementwise
def digamma(x: Any) -> Any:
    """Return ψ(x), the derivative of `lgamma`; nan at 0, -1, -2, …

    Of the result, 14 digits are right; near a zero it is right to 1e-14.

    Args:
        x: A number, a Value, or a sequence of them.

    Example:
        >>> import slopewise as sw
        >>> round(sw.digamma(1.0), 12)  # minus Euler's constant
        -0.577215664902

    Source: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964), 6.3.5, 6.3.7 and 6.3.18.
    """
    positive, u = _right_of_zero(x)
    near, t, factors = _far_from(u)
    reciprocals = 1.0 / factors[-1]
    for factor in reversed(factors[:-1]):
        reciprocals = reciprocals + 1.0 / factor
    over = 1.0 / t
    out = log(t) - over * (0.5 + over * _series(_SLOPE, over * over)) - where(near, reciprocals, 0.0)
    turn = _half_turn(x, positive)
    return where(positive, out, out - math.pi / where(abs(turn) <= 0, numeric.nan, tan(turn)))


@_elementwise
def gamma(x: Any) -> Any:
    """Return Γ(x), which is (n − 1)! at a whole number n; inf past 171.6, nan at -1, -2, …

    It is `exp(lgamma(x))` with its sign: 12 digits are right.

    Args:
        x: A number, a Value, or a sequence of them.

    Example:
        >>> import slopewise as sw
        >>> round(sw.gamma(5.0), 9)
        24.0
    """
    size = exp(lgamma(x))
    whole = (x < 0) * (x % 1.0 <= 0)  # not ==, by which Values are one and the same
    return where(whole, numeric.nan, where((x < 0) * (x % 2.0 > 1.0), -size, size))


@_elementwise
def erfc(x: Any) -> Any:
    """Return 1 − erf(x), to 12 digits where erf is nearly 1 too; 0 past 26.6.

    Args:
        x: A number, a Value, or a sequence of them.

    Example:
        >>> import slopewise as sw
        >>> 1.0 - sw.erf(6.0), sw.erfc(6.0) > 2.1e-17
        (0.0, True)
    """
    y = -math.sqrt(2.0) * maximum(x, 0.5)  # gelu(y) is y times the distribution function
    return where(x < 0.5, 1.0 - erf(x), 2.0 * (gelu(y) / y))


@_elementwise
def cbrt(x: Any) -> Any:
    """Return the cube root, of the sign of x; its slope is inf at 0.

    One step of Newton's puts the power right to the last digit or the one before.

    Args:
        x: A number, a Value, or a sequence of them.

    Example:
        >>> import slopewise as sw
        >>> sw.cbrt(64.0), sw.cbrt(-27.0)
        (4.0, -3.0)
    """
    size = where(x < 0, -x, x)
    root = size ** (1.0 / 3.0)
    usual = (size > 0) * (size < numeric.inf)
    safe = where(usual, size, 1.0)
    first = safe ** (1.0 / 3.0)
    root = root - where(usual, (first - safe / (first * first)) / 3.0, 0.0)
    return where(x < 0, -root, root)
