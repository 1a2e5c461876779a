"""Sums over rows, taken apart: what stands before the sum, and what is a sum of numbers that are known already."""

from collections.abc import Callable
from dataclasses import dataclass

from slopewise.ir.loops.structure import Apply, Expression, Load, Range, Sum
from slopewise.ir.operations import ADD, MULTIPLY, NEGATE, SUBTRACT

__all__ = ["Term", "linear_load", "runs_of_sums", "terms_of", "trips"]

HasRows = Callable[[Expression], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an expression.

    Attributes:
        is_negative: Whether it is subtracted.
        factors: What it is multiplied by, the same in all rows.
        core: The rest.
        has_rows: Whether the rest differs from row to row.
    """

    is_negative: bool
    factors: tuple[Expression, ...]
    core: Expression
    has_rows: bool


def terms_of(node: Expression, has_rows: HasRows) -> list[Term]:
    """Split an expression into terms: their sum over the rows is the sum of their sums.

    Args:
        node: The expression.
        has_rows: Tells whether an expression differs from row to row.
    """
    found: list[Term] = []
    todo: list[tuple[bool, tuple[Expression, ...], Expression]] = [(False, (), node)]
    while todo:
        is_negative, factors, item = todo.pop()
        if not has_rows(item):
            found.append(Term(is_negative, factors, item, False))
            continue
        match item:
            case Apply(code, (first, second)) if code in (ADD, SUBTRACT):
                todo += [(is_negative != (code == SUBTRACT), factors, second), (is_negative, factors, first)]
            case Apply(code, (first,)) if code == NEGATE:
                todo.append((not is_negative, factors, first))
            case Apply(code, (first, second)) if code == MULTIPLY and not has_rows(first):
                todo.append((is_negative, (*factors, first), second))
            case Apply(code, (first, second)) if code == MULTIPLY and not has_rows(second):
                todo.append((is_negative, (*factors, second), first))
            case _:
                found.append(Term(is_negative, factors, item, True))
    return found


def linear_load(core: Expression, has_rows: HasRows) -> Load | None:
    """Return the only number of the row that a term is a multiple of, or a sum of multiples; None if it is neither."""
    while True:
        match core:
            case Sum(_, term):
                core = term
            case Apply(code, (first, second)) if code == MULTIPLY and has_rows(first) != has_rows(second):
                core = first if has_rows(first) else second
            case Load():
                return core
            case _:
                return None


def runs_of_sums(core: Expression) -> float:
    """Return how many terms the sums around a number have; infinite where that depends."""
    count = 1.0
    while True:
        match core:
            case Sum(ranges, term):
                count *= trips(ranges)
                core = term
            case Apply(_, operands):
                sums = [operand for operand in operands if isinstance(operand, Sum)]
                if len(sums) != 1:
                    return count
                (core,) = sums
            case _:
                return count


def trips(ranges: tuple[Range, ...]) -> float:
    """Return how many members loops have; infinite where that depends."""
    count = 1.0
    for loop in ranges:
        if loop.start.table is not None or loop.stop.table is not None or loop.stop.affine.terms:
            return float("inf")
        count *= max(0, loop.stop.affine.offset - loop.start.affine.offset)
    return count
