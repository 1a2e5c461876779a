"""The bounds of a search: a lowest and a highest number for each number of its start."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from slopewise.basics.arguments import is_array, shortened
from slopewise.compiler.searches.vectors import StartingPoint, Vector
from slopewise.errors import DomainError, NumberError, ShapeError

__all__ = ["Bounds", "bounds_from"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A lowest and a highest number for each number of a start, ±inf where there is none; shape (n,) each."""

    low: Vector
    high: Vector


def bounds_from(bounds: Any, point: StartingPoint, where: str) -> Bounds:
    """Read `bounds=`: a tuple (lowest, highest), or a list of one pair per number.

    Each of lowest and highest is None for no bound, one number for all, or a nest like the start with None where there
    is no bound.

    Raises:
        ShapeError: Their form is not that of the start.
        DomainError: A lowest number is above the highest, or the start lies outside.
    """
    n = len(point.numbers)
    if bounds is None:
        return Bounds(np.full(n, -np.inf), np.full(n, np.inf))
    low, high = _sides(bounds, n, where)
    read = Bounds(_side(low, -np.inf, point, where), _side(high, np.inf, point, where))
    for i, name in enumerate(point.names):
        lowest, highest, x = float(read.low[i]), float(read.high[i]), float(point.numbers[i])
        if not lowest <= highest:
            raise DomainError(f"{where} has bounds from {lowest} to {highest} for {name}\ngive the lower one first")
        if not lowest <= x <= highest:
            raise DomainError(
                f"{where} starts from {name} = {x}, outside its bounds from {lowest} to {highest}\nstart between them"
            )
    return read


def _sides(bounds: Any, n: int, where: str) -> tuple[Any, Any]:
    if type(bounds) is tuple and len(bounds) == 2:
        return bounds
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):  # SciPy's own Bounds
        return np.broadcast_to(bounds.lb, n), np.broadcast_to(bounds.ub, n)
    is_pairs = type(bounds) is list or is_array(bounds)
    if is_pairs and all(hasattr(pair, "__len__") and len(pair) == 2 for pair in bounds):
        if len(bounds) != n:
            raise ShapeError(
                f"{where} has {len(bounds)} pair{'s' * (len(bounds) != 1)} of bounds "
                f"for {n} number{'s' * (n != 1)}\ngive one pair for each"
            )
        return [pair[0] for pair in bounds], [pair[1] for pair in bounds]
    raise ShapeError(
        f"{where} takes bounds as a tuple (lowest, highest), got {shortened(bounds)}\n"
        "each is None, one number for all, or numbers in the form of the start; a list of pairs works too"
    )


def _side(side: Any, default: float, point: StartingPoint, where: str) -> Vector:
    n = len(point.numbers)
    if side is None:
        return np.full(n, default)
    given: list[Any] = []
    pending: list[Any] = [side]
    while pending:  # left to right through the nest; None stands for a missing bound
        item = pending.pop()
        if isinstance(item, dict):
            pending += reversed(list(item.values()))
        elif isinstance(item, (list, tuple)) or (is_array(item) and item.ndim):
            pending += reversed(list(item))
        elif hasattr(item, "__dataclass_fields__"):
            pending += reversed([getattr(item, name) for name in item.__dataclass_fields__])
        else:
            given.append(default if item is None else item)
    try:
        numbers = np.array([float(item) for item in given])
    except (TypeError, ValueError) as error:
        raise NumberError(f"{where} has the bounds {shortened(side)}, which are not all numbers\n{error}") from None
    if len(numbers) == 1 and not isinstance(side, (list, tuple, dict)):
        return np.full(n, numbers[0])
    if len(numbers) != n:
        raise ShapeError(
            f"{where} has {len(numbers)} bounds on one side for {n} number{'s' * (n != 1)}\n"
            "give one for each, in the form of the start, with None where there is none"
        )
    return numbers
