"""Sums and products of floats in about twice the working precision.

A rounded operation and its rounding error together are exact: `a + b = s + e` and `a * b = p + e`, `e` again a float.
Carrying the errors along gives residuals that are right to the last digit even where nearly everything cancels, which
iterative refinement lives on. Plain float64 throughout, so the digits are the same on every platform.

Every function takes arrays or numbers and broadcasts. Magnitudes must stay below 1e290 (`split` multiplies by 2**27).

Source: T. J. Dekker (1971), "A floating-point technique for extending the available precision"; T. Ogita, S. M. Rump,
S. Oishi (2005), "Accurate sum and dot product".
"""

from typing import Any

import numpy as np

__all__ = ["accumulate", "split", "total", "two_product", "two_sum"]

_SPLITTER = 134217729.0  # 2**27 + 1


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return s and e with a + b = s + e exactly, s being the rounded sum."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def split(a: Any) -> tuple[Any, Any]:
    """Return the upper and the lower half of each float; their sum is the float, exactly."""
    c = _SPLITTER * a
    upper = c - (c - a)
    return upper, a - upper


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """Return p and e with a * b = p + e exactly, p being the rounded product."""
    p = a * b
    a_upper, a_lower = split(a)
    b_upper, b_lower = split(b)
    return p, a_lower * b_lower - (((p - a_upper * b_upper) - a_lower * b_upper) - a_upper * b_lower)


def accumulate(start: Any, terms: Any) -> Any:
    """Return start + the sum of pairs (high, low), rounded once at the end.

    Args:
        start: An array or a number.
        terms: Pairs of arrays that broadcast against it; the low part may be 0.

    Example:
        >>> accumulate(1e16, [(1.0, 0.0), (-1e16, 0.0)])
        1.0
    """
    high = np.asarray(start, dtype=float)
    low = np.zeros_like(high)
    for term, error in terms:
        high, lost = two_sum(high, term)
        low = low + (lost + error)
    total = high + low
    return float(total) if total.ndim == 0 else total


def total(values: Any, errors: Any = 0.0) -> float:
    """Return the sum of an array of any length, halving it with `two_sum` until one number is left.

    Args:
        values: A 1-D array.
        errors: What the values lost to rounding before; added at the end.

    Example:
        >>> import numpy as np
        >>> total(np.array([1e16, 1.0, -1e16]))
        1.0
    """
    lost = float(np.sum(errors))
    while len(values) > 1:
        middle = len(values) // 2
        rest = values[2 * middle :]
        values, error = two_sum(values[:middle], values[middle : 2 * middle])
        lost += float(np.sum(error))
        values = np.concatenate([values, rest])
    return float(values[0]) + lost if len(values) else lost
