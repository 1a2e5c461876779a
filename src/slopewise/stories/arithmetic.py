"""What a formula of numbers comes to: the check that a line of a story is true before it is told."""

import math
from collections.abc import Callable
from typing import Any, assert_never

from slopewise.basics.shown_numbers import shown
from slopewise.ops import BY_NAME
from slopewise.stories.formula import (
    Call,
    Formula,
    Gradient,
    Name,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Word,
)

_MORE: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "mod": BY_NAME["modulo"].value,
    "max": BY_NAME["maximum"].value,
    "min": BY_NAME["minimum"].value,
    "Φ": lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5)),
    "φ": lambda x: math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
}
_WORDS = {"π": math.pi}


def number_of(formula: Formula, as_shown: bool = False) -> Any:
    """Compute a formula of numbers, or return None when it cannot be computed.

    Args:
        formula: A formula without names.
        as_shown: Whether to compute with the numbers as a reader sees them, rounded.

    Example:
        >>> from slopewise.stories.arithmetic import number_of
        >>> from slopewise.stories.formula import Number, Product
        >>> number_of(Product((Number(-6.0), Number(3))))
        -18.0
    """
    try:
        return _computed(formula, as_shown)
    except (ArithmeticError, TypeError, ValueError, LookupError):
        return None


def _computed(formula: Formula, as_shown: bool) -> Any:
    match formula:
        case Number(value, digits):
            return as_read(value, digits) if as_shown else value
        case Word(text):
            return _WORDS[text]
        case Negative(of):
            return -_computed(of, as_shown)
        case Sum(terms):
            total = _computed(terms[0], as_shown)
            for term in terms[1:]:
                total = total + _computed(term, as_shown)
            return total
        case Product(factors):
            product = _computed(factors[0], as_shown)
            for factor in factors[1:]:
                product = product * _computed(factor, as_shown)
            return product
        case Quotient(above, below):
            return _computed(above, as_shown) / _computed(below, as_shown)
        case Power(base, exponent):
            return _computed(base, as_shown) ** _computed(exponent, as_shown)
        case Call(function, operands):
            value = _MORE.get(function) or BY_NAME[function]
            return value(*[_computed(operand, as_shown) for operand in operands])
        case Relation(sides, _):
            return _computed(sides[0], as_shown)
        case Name() | Gradient() | Partial():
            raise LookupError("a name has no number here")
        case _:
            assert_never(formula)


def as_read(value: Any, digits: int) -> Any:
    """Return a number as a reader of `shown(value, digits)` would type it in."""
    if isinstance(value, float) and math.isfinite(value):
        return float(shown(value, digits).replace("−", "-"))
    return value


def agree(x: Any, y: Any, tolerance: float) -> bool:
    """Tell whether two numbers are equal to within a relative tolerance; nan agrees with nan."""
    try:
        if x == y or (x != x and y != y):
            return True
        return bool(abs(x - y) <= tolerance * max(abs(x), abs(y)))
    except (ArithmeticError, TypeError, ValueError):
        return False
