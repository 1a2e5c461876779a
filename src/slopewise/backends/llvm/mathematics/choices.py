"""Operations that are exact: arithmetic, comparisons, choices. They serve both precisions."""

from slopewise.backends.llvm.mathematics.formulas import Mask, Number


def _truth(mask: Mask, like: Number) -> Number:
    return like.at.select(mask, 1.0, 0.0)


def absolute(x: Number) -> Number:
    """Return |x|."""
    return x.at.absolute(x)


def sqrt(x: Number) -> Number:
    """Return √x, rounded correctly; nan below 0, -0.0 at -0.0."""
    return x.at.sqrt(x)


def relu(x: Number) -> Number:
    """Return x, or 0 when x is negative; a nan and -0.0 pass."""
    return x.at.select(x < 0.0, 0.0, x)


def leaky_relu(x: Number, slope: Number) -> Number:
    """Return x, or slope · x when x is negative."""
    return x.at.select(x < 0.0, slope * x, x)


def maximum(x: Number, y: Number) -> Number:
    """Return the larger; the first of two equals; a nan wins."""
    return x.at.select((x >= y) | x.is_nan(), x, y)


def minimum(x: Number, y: Number) -> Number:
    """Return the smaller; the first of two equals; a nan wins."""
    return x.at.select((x <= y) | x.is_nan(), x, y)


def where(condition: Number, x: Number, y: Number) -> Number:
    """Return x where the condition is not 0 (a nan is not), else y."""
    return x.at.select(condition.is_unequal(0.0), x, y)


def less(x: Number, y: Number) -> Number:
    """Return 1 where x < y, else 0."""
    return _truth(x < y, x)


def less_equal(x: Number, y: Number) -> Number:
    """Return 1 where x ≤ y, else 0."""
    return _truth(x <= y, x)


def greater(x: Number, y: Number) -> Number:
    """Return 1 where x > y, else 0."""
    return _truth(x > y, x)


def greater_equal(x: Number, y: Number) -> Number:
    """Return 1 where x ≥ y, else 0."""
    return _truth(x >= y, x)


def equal(x: Number, y: Number) -> Number:
    """Return 1 where x = y, else 0."""
    return _truth(x.is_equal(y), x)


def not_equal(x: Number, y: Number) -> Number:
    """Return 1 where x ≠ y, a nan included, else 0."""
    return _truth(x.is_unequal(y), x)
