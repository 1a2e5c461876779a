"""The t distribution: how often chance alone gives a coefficient that many standard errors from 0."""

import math

__all__ = ["quantile", "two_sided_p"]


def two_sided_p(t: float, freedom: int) -> float:
    """Return P(|T| ≥ |t|) for T of Student's distribution with that many degrees of freedom; nan for nan.

    Example:
        >>> two_sided_p(0.0, 5), round(two_sided_p(2.2281388519649385, 10), 9)
        (1.0, 0.05)
    """
    if math.isnan(t) or freedom < 1:
        return math.nan
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t), t * t / (freedom + t * t))


def quantile(confidence: float, freedom: int) -> float:
    """Return the t with P(|T| ≤ t) = confidence, by halving an interval.

    Example:
        >>> round(quantile(0.95, 10), 9)
        2.228138852
    """
    low, high = 0.0, 1.0
    while two_sided_p(high, freedom) > 1 - confidence:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if two_sided_p(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _incomplete_beta(a: float, b: float, x: float, complement: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), with complement = 1 - x given without cancellation."""
    if x <= 0:
        return 0.0
    if complement <= 0:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast below that
        return 1.0 - _incomplete_beta(b, a, complement, x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(complement))
    return front / a * _continued_fraction(a, b, x)


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the fraction by W. J. Lentz's method (1976), from the front."""
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0) or tiny)
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1.0 / (1.0 + step * d or tiny)
            c = 1.0 + step / c or tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return value
