"""A function of a nest as a function of one float64 vector, as solvers want it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import name_of, parameters_of, shortened, signature_of, takes
from slopewise.compiler import nests
from slopewise.compiler.blocks import as_floats, parts_of
from slopewise.compiler.structure import Nest, array_nest
from slopewise.compiler.transformations.transformation import described
from slopewise.engine import modes
from slopewise.errors import DomainError, NumberError, ShapeError, TraceError
from slopewise.tracer import is_tracing

__all__ = ["StartingPoint", "Vector", "starting_point"]

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Where a search starts, and how its vector is seen by the user's function.

    Attributes:
        nest: The form of the start.
        numbers: Its numbers in order, float64, shape (n,).
        names: One name per number: `x`, `x[0]`, `a`, `p['rate']`.
        is_spread: Whether the start is a tuple of one item per argument of the function.
    """

    nest: Nest
    numbers: Vector
    names: tuple[str, ...]
    is_spread: bool

    def flat(self, f: Callable[..., Any]) -> Callable[[Any], Any]:
        """Return f as a function of one vector."""
        nest, is_spread = self.nest, self.is_spread

        def of_vector(x: Any) -> Any:
            point = nest.rebuild(list(x))
            return f(*point) if is_spread else f(point)

        of_vector.__name__ = of_vector.__qualname__ = name_of(f)
        return of_vector

    def flat_results(self, f: Callable[..., Any]) -> Callable[[Any], Any]:
        """Return f as a function of one vector that returns one vector: all numbers in what f returns."""
        of_vector = self.flat(f)

        def vector_of_vector(x: Any) -> Any:
            result, leaves = nests.collect(of_vector(x))
            if not leaves:
                is_none = result.kind == "static" and result.form.item is None
                cure = "does the function end without `return`?" if is_none else "return at least one number"
                raise ShapeError(f"{name_of(f)} returned {described(result)}, which holds no number\n{cure}")
            return array_nest((len(leaves),)).rebuild(leaves)

        vector_of_vector.__name__ = vector_of_vector.__qualname__ = name_of(f)
        return vector_of_vector

    def rebuild(self, vector: Sequence[float] | Vector) -> Any:
        """Return numbers in the form of the start."""
        return self.nest.rebuild([float(x) for x in vector])

    def shown(self) -> str:
        """Write the start out: `a = 1.0, b = 2.0 and 3 more`."""
        pairs = [f"{name} = {x!r}" for name, x in zip(self.names, self.numbers.tolist(), strict=True)]
        return ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")


def starting_point(f: Callable[..., Any], start: Any, where: str) -> StartingPoint:
    """Read a start: one argument for f, or a tuple of one per argument.

    Args:
        f: The function that is searched.
        start: A number, an array, or a nest of them.
        where: Who asks, for messages: `minimize()`.

    Raises:
        NumberError: f cannot be called, or the start holds something that is no number.
        DomainError: The start is empty, or holds nan or an infinity.
        ShapeError: f takes another number of arguments.
    """
    if not callable(f):
        raise NumberError(f"{where} needs a function, got {shortened(f)}\ngive the function itself, not its result")
    is_spread = _is_spread(f, start)
    if not is_spread and takes(f, 1) is False:
        raise ShapeError(
            f"{where} starts from {shortened(start)}, which is one argument, and {signature_of(f)} takes more\n"
            "give a tuple of one start per argument: (1.0, 2.0)"
        )
    names = _argument_names(f, len(start) if is_spread else 1)
    flat = nests.flatten(start)
    numbers = np.array(flat.numbers, dtype=float)
    if not len(numbers):
        raise DomainError(f"{where} starts from {shortened(start)}, which holds no number\ngive at least one")
    parts = zip([part for part, _ in parts_of(flat.nest)], names, strict=True) if is_spread else [(flat.nest, names[0])]
    spelled = tuple(leaf for part, name in parts for leaf in part.names(name))
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        first = int(wrong[0])
        raise DomainError(
            f"{where} starts from {spelled[first]} = {numbers[first]}\ngive a finite number to start from"
        )
    return StartingPoint(as_floats(flat.nest), numbers, spelled, is_spread)


def refuse_in_trace(where: str) -> None:
    """Refuse a search inside a function that is being traced.

    Raises:
        TraceError: One is.
    """
    if is_tracing():
        raise TraceError(
            f"{where} decides by its numbers how to go on, and cannot be recorded\n"
            f"at {modes.source_line()}\n"
            "search outside the traced function, and give it what was found"
        )


def _is_spread(f: Callable[..., Any], start: Any) -> bool:
    if type(start) not in (tuple, list) or (type(start) is list and takes(f, 1) is not False):
        return False
    parameters = parameters_of(f)
    if parameters is None or takes(f, len(start)) is False:
        return False
    needed = [p for p in parameters if p.default is Parameter.empty and p.kind is not Parameter.VAR_POSITIONAL]
    return len(needed) != 1


def _argument_names(f: Callable[..., Any], count: int) -> list[str]:
    names = [p.name for p in parameters_of(f) or [] if p.kind is not Parameter.VAR_POSITIONAL]
    rest = [p.name for p in parameters_of(f) or [] if p.kind is Parameter.VAR_POSITIONAL]
    base = rest[0] if rest else "x"
    return [*names, *(f"{base}[{i}]" for i in range(count - len(names)))][:count]
