"""What becomes of the outputs of many rows: blocks that are stacked, or added up."""

from array import array
from dataclasses import dataclass

from slopewise.ir.loops.structure import Apply, Array, Expression, Kind, Literal
from slopewise.ir.operations import DIVIDE, MULTIPLY

__all__ = ["MEAN", "NONE", "REDUCTIONS", "SUM", "Block", "divided", "local"]

NONE, MEAN, SUM = "none", "mean", "sum"
REDUCTIONS = (NONE, MEAN, SUM)
DIVIDED = 64  # numbers of a mean; more are multiplied by the reciprocal, which is not always the nearest number


@dataclass(frozen=True, slots=True)
class Block:
    """Outputs that belong together.

    Attributes:
        length: How many outputs of one row it is.
        reduction: `none`: they come for each row, row after row; `mean` or `sum` over the rows.
    """

    length: int
    reduction: str = NONE


def divided(total: Expression, n_rows: int, count: int) -> Expression:
    """Return the mean of a sum over the rows.

    Args:
        total: The sum.
        n_rows: How many rows.
        count: How many numbers are computed so.
    """
    if count > DIVIDED or not n_rows & (n_rows - 1):
        return Apply(MULTIPLY, (total, Literal(1.0 / n_rows)))
    return Apply(DIVIDE, (total, Literal(float(n_rows))))


def local(name: str, shape: tuple[int, ...]) -> Array:
    """Return an array that is computed."""
    return Array(name, Kind.LOCAL, shape, array("i"), array("d"))
