"""Numbers of any kind as floats."""

from typing import Any


def as_float(x: Any) -> float:
    """Return a number as a float, and nan for what cannot be one.

    Example:
        >>> from fractions import Fraction
        >>> from slopewise.doctor.float_of import as_float
        >>> as_float(Fraction(1, 2)), as_float(None)
        (0.5, nan)
    """
    try:
        return float(x)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
