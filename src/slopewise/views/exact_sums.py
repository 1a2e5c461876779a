"""Sums of numbers of any kind, rounded once, and parts of a total that add up to it."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any


def exact_sum(numbers: Iterable[Any]) -> Any:
    """Add numbers with a single rounding at the end; numbers of other kinds follow their own type's arithmetic.

    Args:
        numbers: The terms.

    Returns:
        An int from ints, a float from floats; the int 0 when there are no terms.

    Example:
        >>> from slopewise.views.exact_sums import exact_sum
        >>> exact_sum([1e16, 1.0, -1e16]), exact_sum([2, 3]), exact_sum([])
        (1.0, 5, 0)
    """
    terms = list(numbers)
    kinds = {type(term) for term in terms}
    if float in kinds and kinds <= {int, float}:
        return _float_sum(terms)
    if complex in kinds and kinds <= {int, float, complex}:
        return complex(_float_sum([complex(t).real for t in terms]), _float_sum([complex(t).imag for t in terms]))
    total: Any = 0
    for term in terms:
        total = total + term
    return total


def _float_sum(terms: list[Any]) -> float:
    try:
        if all(map(math.isfinite, terms)):
            return math.fsum(terms)
        return float(sum(terms))
    except OverflowError:  # in between, or an int beyond the largest float
        pass
    try:
        return float(sum(map(Fraction, terms)))
    except OverflowError:
        return math.inf if sum(map(Fraction, terms)) > 0 else -math.inf
    except ValueError:  # an infinity beside such an int
        return float(sum(term for term in terms if isinstance(term, float)))


def fitted(parts: list[Any], total: Any) -> list[Any]:
    """Return parts, moved by their rounding errors, so that their `exact_sum` is the total itself.

    Args:
        parts: Numbers whose sum is the total, but for rounding.
        total: That total.

    Returns:
        The parts; unchanged where more than rounding parts them from the total, or where they are not floats.

    Example:
        >>> from slopewise.views.exact_sums import exact_sum, fitted
        >>> parts = [0.1] * 10
        >>> exact_sum(parts), exact_sum(fitted(parts, 0.9999999999999999))
        (1.0, 0.9999999999999999)
    """
    numbers = [*parts, total]
    if not {type(number) for number in numbers} <= {int, float} or not all(map(_is_finite, numbers)):
        return parts
    moved = list(parts)
    tolerance = 1e-9 * max(map(abs, numbers), default=0)
    for i in sorted(range(len(moved)), key=lambda i: -abs(moved[i])):
        missing = exact_sum([total, *[-part for part in moved]])
        if missing == 0 or exact_sum(moved) == total or abs(missing) > tolerance:
            break
        moved[i] = moved[i] + missing
    return moved if exact_sum(moved) == total else parts


def _is_finite(x: Any) -> bool:
    try:
        return math.isfinite(x)
    except OverflowError:
        return True


def size_of(number: Any) -> float:
    """Return the absolute value as a float: ∞ for nan and for what no float can hold; of an array, the largest.

    Example:
        >>> from slopewise.views.exact_sums import size_of
        >>> size_of(3 + 4j), size_of(float("nan"))
        (5.0, inf)
    """
    try:
        size = float(abs(number))
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        try:
            import numpy as np

            size = float(np.max(np.abs(np.asarray(number, dtype=complex))))
        except (TypeError, ValueError):
            return math.inf
    return size if size == size else math.inf
