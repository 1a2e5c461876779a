"""sinh, cosh and the inverse hyperbolic functions, from the parts of e^x and of ln x."""

from math import inf, nan

from slopewise.backends.llvm.mathematics.exponential import clamped, expm1_of_positive, reduced
from slopewise.backends.llvm.mathematics.formulas import Mask, Number
from slopewise.backends.llvm.mathematics.logarithm import log_of_sum

_LARGE = 2.0**28  # from here on √(x² ± 1) is |x| as far as a logarithm can tell


def sinh(x: Number) -> Number:
    """Return (e + e / (e + 1)) / 2 with e = e^|x| - 1; from 40 on e^|x| / 2."""
    at = x.at
    size = clamped(at.absolute(x), 0.0, 1000.0)
    near = clamped(size, 0.0, 40.0)
    e = expm1_of_positive(near)
    result = at.select(size > 40.0, _half_exp(size), 0.5 * (e + e / (e + 1.0)))
    return at.copy_sign(result, x)


def _half_exp(x: Number) -> Number:
    """Return e^x / 2, inf only where that is."""
    parts = reduced(x, 2)
    first, second = parts.two_scales()
    return ((parts.rest + 1.0) * 0.5) * first * second


def cosh(x: Number) -> Number:
    """Return e^|x| / 2 + e^-|x| / 2."""
    at = x.at
    half = _half_exp(clamped(at.absolute(x), 0.0, 1000.0))
    return half + 0.25 / half


def asinh(x: Number) -> Number:
    """Return ln(|x| + √(x² + 1)) with the sign of x, by ln(1 + …) since the sum may be next to 1."""
    at = x.at
    size = at.absolute(x)
    is_large = size > _LARGE
    near = at.select(is_large, 1.0, size)
    square = near * near
    above_one = near + square / (at.sqrt(square + 1.0) + 1.0)
    result = _log_of_one_and(above_one, size, is_large)
    result = at.select(size < inf, result, size)
    return at.copy_sign(at.select(size < 2.0**-28, size, result), x)


def acosh(x: Number) -> Number:
    """Return ln(1 + t + √(2t + t²)) with t = x - 1; nan below 1."""
    at = x.at
    is_large = x > _LARGE
    t = at.select(is_large, 1.0, x) - 1.0
    above_one = t + at.sqrt(t * (t + 2.0))
    result = _log_of_one_and(above_one, x, is_large)
    result = at.select(x < inf, result, x)
    return at.select(x < 1.0, nan, result)


def _log_of_one_and(t: Number, x: Number, is_large: Mask) -> Number:
    """Return ln(1 + t), or ln(2x) where x is large."""
    at = t.at
    u = t + 1.0
    lost = at.select(t > 1.0, 1.0 - (u - t), t - (u - 1.0))
    near = log_of_sum(u, lost)
    far = log_of_sum(x, at.number(0.0), halvings=1.0)
    return at.select(is_large, far, near)


def atanh(x: Number) -> Number:
    """Return ln(1 + 2x/(1 - x)) / 2 for |x|; ±inf at ±1, nan beyond."""
    at = x.at
    size = at.absolute(x)
    double = 2.0 * size
    t = at.select(size < 0.5, double + double * size / (1.0 - size), double / (1.0 - size))
    u = t + 1.0
    lost = at.select(t > 1.0, 1.0 - (u - t), t - (u - 1.0))
    result = 0.5 * log_of_sum(u, lost)
    result = at.select(size < 1.0, result, at.select(size.is_equal(1.0), inf, nan))
    return at.copy_sign(at.select(size < 2.0**-28, size, result), x)
