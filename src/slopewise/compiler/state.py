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

__all__ = ["Place", "add_gradients", "gradients_before", "hand_on", "read", "set_gradients", "write"]


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


def add_gradients(values: Sequence[Value | None], gradients: Sequence[float], is_root: Sequence[bool]) -> None:
    """Add to each Value's gradient; below a Value that was made from others, its whole graph gets its share.

    Args:
        values: The Values, None where a gradient belongs to a plain number.
        gradients: As many.
        is_root: Whether the Value is the result itself, whose gradient is set to 1 and not added to.
    """
    made: list[tuple[Value, float]] = []
    for value, gradient, is_whole in zip(values, gradients, is_root, strict=True):
        if value is None:
            continue
        if is_made(value):
            made.append((value, gradient))
        else:
            before = value.grad
            value.grad = gradient if is_whole or before is None else before + gradient
    hand_on(made)


def set_gradients(values: Sequence[Value | None], gradients: Sequence[float]) -> None:
    """Set each Value's gradient to a sum that began with what it held; a Value made from others hands it on."""
    made: list[tuple[Value, float]] = []
    for value, gradient in zip(values, gradients, strict=True):
        if value is None:
            continue
        if is_made(value):
            made.append((value, gradient))
        else:
            value.grad = gradient
    hand_on(made)


def gradients_before(values: Sequence[Value | None]) -> list[float]:
    """Return the gradients that sums begin with: what leaves hold, 0 for Values that were made from others."""
    return [0.0 if value is None or is_made(value) else _float_of(value.grad, value) for value in values]


def hand_on(made: Sequence[tuple[Value, float]]) -> None:
    """Hand gradients on to the graphs below some Values, in one pass: each node needs all of its own first."""
    if made:
        Value(0.0, tuple(value for value, _ in made), tuple(gradient for _, gradient in made)).backward()


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
