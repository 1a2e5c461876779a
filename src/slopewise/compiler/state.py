"""What a compiled function takes from Values that existed before it ran, and gives back to them.

Reading: the number of a captured Value, or its gradient, at each call. Writing: the state that the function assigns,
once all guards held. Gradients: each Value gets its share added, as `backward()` does; a Value made from others
hands its share on to the graph below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.value import is_made, number_of
from slopewise.errors import NumberError

__all__ = ["Place", "add_gradients", "read", "write"]


@dataclass(frozen=True, slots=True)
class Place:
    """A number that a function reads or writes beside its arguments and results.

    Attributes:
        value: The Value that holds it; None when it is one of the arguments.
        attribute: `data` or `grad`.
        argument: The position of the argument that it belongs to, among the arguments' numbers; -1 for none.
    """

    value: Value | None
    attribute: str
    argument: int = -1


def read(places: Sequence[Place], given: dict[int, Value], instead: dict[int, float] | None = None) -> list[float]:
    """Return the numbers at some places.

    Args:
        places: Where they are.
        given: The arguments that were given as Values, by position; the gradient of any other argument is 0.
        instead: Numbers that stand for those of Values, by id.

    Raises:
        NumberError: A Value holds something else than a float or an int by now.
    """
    numbers = []
    for place in places:
        value = place.value if place.value is not None else given.get(place.argument)
        if value is None:
            numbers.append(0.0)
            continue
        x = number_of(value) if place.attribute == "data" else value.grad
        if instead is not None and place.attribute == "data":
            x = instead.get(id(value), x)
        numbers.append(x if type(x) is float else _float_of(x, value))
    return numbers


def write(places: Sequence[Place], numbers: Sequence[float], given: dict[int, Value]) -> None:
    """Write the numbers of some places; those of arguments that were given as plain numbers are dropped."""
    for place, x in zip(places, numbers, strict=True):
        value = place.value if place.value is not None else given.get(place.argument)
        if value is None:
            continue
        if place.attribute == "data":
            value.data = x
        else:
            value.grad = x


def add_gradients(values: Sequence[Value | None], gradients: Sequence[float]) -> None:
    """Add to each Value's gradient; below a Value that was made from others, its whole graph gets its share.

    Args:
        values: The Values, None where a gradient belongs to a plain number.
        gradients: As many.
    """
    made: list[Value] = []
    shares: list[float] = []
    for value, gradient in zip(values, gradients, strict=True):
        if value is None:
            continue
        if is_made(value):
            made.append(value)
            shares.append(gradient)
        else:
            value.grad = value.grad + gradient if value.grad is not None else gradient
    if made:
        # One pass over the union of their graphs: each node below must have all of its own before it hands on.
        Value(0.0, tuple(made), tuple(shares)).backward()


def _float_of(x: Any, value: Value) -> float:
    if x is None:
        return 0.0
    try:
        return float(x)
    except (TypeError, ValueError, OverflowError):
        name = f"the Value {value.label}" if value.label else "a Value that the function reads"
        raise NumberError(
            f"{name} holds {x!r} by now, and what is compiled computes in float64\nset its .data to a float"
        ) from None
