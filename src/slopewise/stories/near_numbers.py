"""Comparing numbers of any kind, up to rounding."""

from typing import Any

from slopewise.views.exact_sums import size_of

_NEAR = 1e-9


def is_near(x: Any, y: Any) -> bool:
    """Tell whether two numbers are equal up to rounding; nan is near nan.

    Example:
        >>> from slopewise.stories.near_numbers import is_near
        >>> is_near(0.1 + 0.2, 0.3), is_near(None, 0.0)
        (True, False)
    """
    try:
        if bool(x == y):
            return True
        if bool(x != x) and bool(y != y):
            return True
        return size_of(x - y) <= _NEAR * max(size_of(x), size_of(y)) < float("inf")
    except (TypeError, ValueError, ArithmeticError):
        return False


def is_zero(x: Any) -> bool:
    """Tell whether a number is 0."""
    return is_near(x, 0)


def ratio_of(held: Any, total: Any) -> Any:
    """Return held / total, or None where that is not a number, or either is 0."""
    try:
        return None if is_zero(total) or is_zero(held) or size_of(total) == float("inf") else held / total
    except (TypeError, ValueError, ArithmeticError):
        return None


def whole_number(ratio: Any) -> int | None:
    """Return the integer that a ratio is, up to rounding, or None."""
    try:
        times = round(ratio.real)
        return times if is_near(ratio, times) else None
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None


def sum_of(numbers: list[Any]) -> Any:
    """Return the sum, or None where the numbers do not add."""
    try:
        total: Any = 0
        for number in numbers:
            total = total + number
        return total
    except (TypeError, ArithmeticError):
        return None
