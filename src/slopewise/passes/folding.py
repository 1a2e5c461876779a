"""Folding: what is known of an expression before it is computed, once for all members of a nest.

A constant that is the same for all members has become a literal; only now may numbers be looked at. Each rule keeps the
value, nan and infinity included, save for the sign of a zero.
"""

from slopewise.ir import row_of
from slopewise.ir.loops.structure import Affine, Apply, Expression, Index, Literal, Load, Range, Sum
from slopewise.ir.operations import ADD, ATTACH, DETACH, MULTIPLY, WHERE

__all__ = ["applied", "is_zero", "summed"]


def applied(code: int, operands: tuple[Expression, ...]) -> Expression:
    """Return an operation on expressions, or something simpler with the same value.

    Example:
        >>> from slopewise.ir.operations import MULTIPLY
        >>> applied(MULTIPLY, (Literal(0.5), Literal(-1.0)))
        Literal(value=-0.5)
    """
    literals = [operand.value for operand in operands if isinstance(operand, Literal)]
    if code in (DETACH, ATTACH):  # they matter to derivatives alone
        return operands[0]
    if len(literals) == len(operands):
        return Literal(float(row_of(code).value(*literals)))
    if code == WHERE and isinstance(operands[0], Literal):
        return operands[1] if operands[0].value != 0 else operands[2]
    if code in (ADD, MULTIPLY):
        first, second = operands
        neutral = 0.0 if code == ADD else 1.0
        if isinstance(first, Literal) and first.value == neutral:
            return second
        if isinstance(second, Literal) and second.value == neutral:
            return first
    return Apply(code, operands)


def summed(ranges: tuple[Range, ...], term: Expression) -> Expression:
    """Return a sum, or a multiple of its term where all terms are the same."""
    if isinstance(term, Literal) and term.value == 0:
        return term
    count = 1
    for loop in ranges:
        if loop.start != Index(Affine(0)) or loop.stop.table is not None or loop.stop.affine.terms:
            return Sum(ranges, term)
        count *= loop.stop.affine.offset
    if is_read(term, frozenset(loop.variable for loop in ranges)):
        return Sum(ranges, term)
    return applied(MULTIPLY, (Literal(float(count)), term))


def is_zero(value: Expression) -> bool:
    """Tell whether an expression is the number 0."""
    return isinstance(value, Literal) and value.value == 0


def is_read(value: Expression, variables: frozenset[str]) -> bool:
    """Tell whether an expression depends on some loop variables."""
    pending: list[Expression] = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, Load):
            terms = (*part.index.affine.terms, *part.index.at.terms)
            if any(variable in variables for variable, _ in terms):
                return True
        elif isinstance(part, Apply):
            pending += part.operands
        elif isinstance(part, Sum):
            pending.append(part.term)
            bounds = [index for loop in part.ranges for index in (loop.start, loop.stop)]
            if any(variable in variables for index in bounds for variable, _ in (*index.affine.terms, *index.at.terms)):
                return True
    return False
