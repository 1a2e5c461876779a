"""Idioms: `a - b`, `a / b`, `-a`, a sum and a mean take several nodes, and are shown as the one thing that was written.

The operators mark them when they make them (`engine.value.idiom_of`). Nothing is guessed from the shape of a graph: a
hand-written `a + b * -1` stays what it is. An inner node that is used elsewhere too, or that has a name of its own, is
not folded away.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import is_constant
from slopewise.engine.value import idiom_of, local_derivatives, number_of, operands_of
from slopewise.ops.numeric import power


@dataclass(frozen=True, slots=True)
class Folded:
    """An idiom taken apart.

    Attributes:
        operation: The word for it, such as `"subtraction"`.
        operands: What was written, left to right: the Value, its local derivative, its role, and for a constant the
            number that was written.
        hidden: The inner nodes, and the constants that only the idiom brought in.
    """

    operation: str
    operands: tuple[tuple[Value, Any, str, Any], ...]
    hidden: tuple[Value, ...]


def folded(node: Value, may_hide: Callable[[Value], bool]) -> Folded | None:
    """Return the idiom that a node is the result of, or None when it is none.

    Args:
        node: The Value that the operator returned.
        may_hide: Whether an inner node can be left out: it is used only here, and has no name.
    """
    match idiom_of(node):
        case "negation":
            return _negation(node)
        case "subtraction" | "reflected subtraction":
            return _subtraction(node, may_hide)
        case "division" | "reflected division":
            return _division(node, may_hide)
        case "sum":
            return _sum(node, may_hide)
        case "mean":
            return _mean(node, may_hide)
        case _:
            return None


def _negation(node: Value) -> Folded | None:
    a, minus_one = operands_of(node)
    if not is_constant(minus_one):
        return None
    return Folded("negation", ((a, number_of(minus_one), "", None),), (minus_one,))


def _subtraction(node: Value, may_hide: Callable[[Value], bool]) -> Folded | None:
    left, right = operands_of(node)
    if idiom_of(node) == "reflected subtraction":  # number − a is (a * -1) + number
        inner = _negated(left, may_hide)
        if inner is None or not is_constant(right):
            return None
        a, partial, hidden = inner
        return Folded(
            "subtraction", ((right, 1, "left term", number_of(right)), (a, partial, "subtracted", None)), hidden
        )
    if is_constant(right):  # a − number is a + (−number)
        return Folded(
            "subtraction", ((left, 1, "left term", None), (right, -1, "subtracted", _opposite(number_of(right)))), ()
        )
    inner = _negated(right, may_hide)
    if inner is None:
        return None
    b, partial, hidden = inner
    return Folded("subtraction", ((left, 1, "left term", None), (b, partial, "subtracted", None)), hidden)


def _negated(inner: Value, may_hide: Callable[[Value], bool]) -> tuple[Value, Any, tuple[Value, ...]] | None:
    if idiom_of(inner) != "negation" or not may_hide(inner):
        return None
    b, minus_one = operands_of(inner)
    return b, number_of(minus_one), (inner, minus_one)


def _opposite(number: Any) -> Any:
    try:
        return -number
    except TypeError:
        return number


def _division(node: Value, may_hide: Callable[[Value], bool]) -> Folded | None:
    left, right = operands_of(node)
    if idiom_of(node) == "reflected division":  # number / a is a**-1 * number
        if not may_hide(left) or not is_constant(right) or len(operands_of(left)) != 1:
            return None
        (a,) = operands_of(left)
        partial = local_derivatives(left)[0] * number_of(right)
        return Folded(
            "division", ((right, number_of(left), "dividend", number_of(right)), (a, partial, "divisor", None)), (left,)
        )
    if is_constant(right):  # a / number is a * number**-1
        divisor = _reciprocal(number_of(right))
        return Folded("division", ((left, number_of(right), "dividend", None), (right, None, "divisor", divisor)), ())
    if not may_hide(right) or right._op != "**-1" or len(operands_of(right)) != 1:
        return None
    (b,) = operands_of(right)
    partial = number_of(left) * local_derivatives(right)[0]
    return Folded("division", ((left, number_of(right), "dividend", None), (b, partial, "divisor", None)), (right,))


def _reciprocal(number: Any) -> Any:
    """Return the divisor that was written: of the numbers with this reciprocal, the one with the fewest digits.

    An infinite reciprocal is that of 0: of a divisor so small that its reciprocal overflows, no more is known.
    """
    if not isinstance(number, (int, float)):
        try:
            return number**-1
        except (ArithmeticError, TypeError, ValueError):
            return number
    divisor = float(power(float(number), -1.0))
    if math.isfinite(divisor):
        for digits in range(1, 17):
            shorter = float(f"{divisor:.{digits}g}")
            if power(shorter, -1.0) == number:
                return int(shorter) if shorter.is_integer() and abs(shorter) < 2**53 else shorter
    return divisor


def _sum(node: Value, may_hide: Callable[[Value], bool]) -> Folded:
    terms, hidden = _terms_of(node, may_hide)
    return Folded("sum", tuple((t, 1, "", number_of(t) if is_constant(t) else None) for t in terms), hidden)


def _terms_of(node: Value, may_hide: Callable[[Value], bool]) -> tuple[list[Value], tuple[Value, ...]]:
    """Return the terms of a chain of additions that a sum made, first to last, and what lies between them."""
    terms: list[Value] = []
    hidden: list[Value] = []
    top = node
    while True:
        left, right = operands_of(top)
        terms.append(right)
        if idiom_of(left) == "sum" and may_hide(left):
            hidden.append(left)
            top = left
            continue
        break
    if is_constant(right) and not is_constant(left):  # sum() starts from a number: 0 + first is first + 0
        terms.pop()
        if _is_zero(number_of(right)):
            hidden.append(right)
            terms.append(left)
        else:
            terms.extend((left, right))
    else:
        terms.append(left)
    terms.reverse()
    return terms, tuple(hidden)


def _is_zero(number: Any) -> bool:
    return isinstance(number, (int, float)) and number == 0


def _mean(node: Value, may_hide: Callable[[Value], bool]) -> Folded | None:
    total, share = operands_of(node)
    if not is_constant(share):
        return None
    if idiom_of(total) != "sum" or not may_hide(total):
        return Folded("mean", ((total, number_of(share), "", None),), (share,))
    terms, hidden = _terms_of(total, may_hide)
    given = tuple((t, number_of(share), "", number_of(t) if is_constant(t) else None) for t in terms)
    return Folded("mean", given, (total, share, *hidden))
