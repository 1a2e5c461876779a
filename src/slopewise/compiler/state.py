"""What a compiled function takes from Values that existed before it ran, and gives back to them.

Reading: the number of a captured Value, or its gradient, at each call. Writing: the state that the function assigns,
once all guards held. Gradients: each Value gets its share added, as `backward()` does; a Value made from others
hands its share on to the graph below it.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.compiler.calls.exchange import add_to_leaves, read_numbers, write_numbers
from slopewise.engine import Value
from slopewise.engine.value import is_made, number_of
from slopewise.errors import NumberError

DATA, GRAD = 1, 2  # as in exchange.py, whose own are constants of C when it is compiled

__all__ = ["Place", "Reader", "Substitutes", "Writer", "add_gradients", "gradients_before", "set_gradients"]


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


class Substitutes:
    """Numbers that stand for those of some Values.

    Args:
        positions: For each Value its position, by its id; one dict for all calls.
        numbers: The numbers, a float64 array.
    """

    __slots__ = ("numbers", "positions")

    def __init__(self, positions: dict[int, int], numbers: Any) -> None:
        self.positions = positions
        self.numbers = numbers

    def __contains__(self, key: int) -> bool:
        return key in self.positions

    def __getitem__(self, key: int) -> float:
        return float(self.numbers[self.positions[key]])


class Reader:
    """Reads the numbers at some places.

    Args:
        places: Where they are.
    """

    __slots__ = ("_kinds", "_of_arguments", "_places", "_substituted", "_values")

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = tuple(places)
        self._substituted: tuple[dict[int, int], Any, Any] | None = None
        self._values = [place.value for place in places]
        self._kinds = array("B", [DATA if place.attribute == "data" else GRAD for place in places])
        self._of_arguments = [(i, place.argument) for i, place in enumerate(places) if place.value is None]

    def read(self, given: dict[int, Value], instead: Substitutes | None = None) -> "array[float]":
        """Return the numbers.

        Args:
            given: The arguments that were given as Values, by position; the gradient of any other argument is 0.
            instead: Numbers that stand for those of Values.

        Raises:
            NumberError: A Value holds something else than a float or an int by now.
        """
        into: Any = ()
        if instead is not None:
            into, which = self._substituted_by(instead)
            if len(into) == len(self._places):  # in their order, so nothing is left to be read
                return array("d", instead.numbers[which].tobytes())
        values = self._values
        if self._of_arguments and given:
            values = list(values)
            for i, argument in self._of_arguments:
                values[i] = given.get(argument)
        numbers = array("d", bytes(8 * len(values)))
        if read_numbers(values, self._kinds, numbers, 0) >= 0:
            numbers = array("d", [_number(v, kind == DATA) for v, kind in zip(values, self._kinds, strict=True)])
        if instead is not None and len(into):
            import numpy as np

            np.frombuffer(numbers, dtype=np.float64)[into] = instead.numbers[which]
        return numbers

    def _substituted_by(self, instead: Substitutes) -> tuple[Any, Any]:
        """Return which places are substituted, in order, and the numbers' positions."""
        import numpy as np

        if self._substituted is None or self._substituted[0] is not instead.positions:
            pairs = [
                (i, instead.positions[id(place.value)])
                for i, place in enumerate(self._places)
                if place.attribute == "data" and id(place.value) in instead
            ]
            into, which = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
            self._substituted = instead.positions, into, which
        return self._substituted[1:]


class Writer:
    """Writes numbers to some places.

    Args:
        places: Where they go.
    """

    __slots__ = ("_kinds", "_of_arguments", "_places", "_values")

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = array("i", range(len(places)))
        self._values = [place.value for place in places]
        self._kinds = array("B", [DATA if place.attribute == "data" else GRAD for place in places])
        self._of_arguments = [(i, place.argument) for i, place in enumerate(places) if place.value is None]

    def write(self, numbers: Sequence[float], given: dict[int, Value]) -> None:
        """Write the numbers; those of arguments that were given as plain numbers are dropped.

        Args:
            numbers: One for each place.
            given: The arguments that were given as Values, by position.
        """
        values = self._values
        if self._of_arguments and given:
            values = list(values)
            for i, argument in self._of_arguments:
                values[i] = given.get(argument)
        if not isinstance(numbers, array):
            numbers = array("d", numbers)
        write_numbers(values, self._kinds, numbers, self._places)


def add_gradients(values: "Sequence[Value | None]", gradients: "array[float]", root: int) -> None:
    """Add to each Value's gradient; below a Value that was made from others, its whole graph gets its share.

    Args:
        values: The Values, None where a gradient belongs to a plain number.
        gradients: As many.
        root: The position of the Value that is the result itself, -1 for none: its gradient is set and not added to.
    """
    root_value = values[root] if root >= 0 else None
    if root_value is not None and not is_made(root_value):
        root_value.grad = 0.0
    made: list[tuple[Value, float]] = []
    for i in add_to_leaves(values, gradients, True):
        value, gradient = values[i], gradients[i]
        assert value is not None
        if is_made(value):
            made.append((value, gradient))
        else:
            before = value.grad
            value.grad = gradient if before is None else before + gradient
    _hand_on(made)


def set_gradients(values: "Sequence[Value | None]", gradients: "array[float]") -> None:
    """Set each Value's gradient to a sum that began with what it held; a Value made from others hands it on."""
    made: list[tuple[Value, float]] = []
    for i in add_to_leaves(values, gradients, False):
        value, gradient = values[i], gradients[i]
        assert value is not None
        if is_made(value):
            made.append((value, gradient))
        else:
            value.grad = gradient
    _hand_on(made)


def gradients_before(values: Sequence[Value | None]) -> list[float]:
    """Return the gradients that sums begin with: what leaves hold, 0 for Values that were made from others."""
    return [0.0 if value is None or is_made(value) else _float_of(value.grad, value) for value in values]


def _hand_on(made: Sequence[tuple[Value, float]]) -> None:
    """Hand gradients on to the graphs below some Values, in one pass: each node needs all of its own first."""
    if made:
        Value(0.0, tuple(value for value, _ in made), tuple(gradient for _, gradient in made)).backward()


def _number(value: Value | None, is_data: bool) -> float:
    if value is None:
        return 0.0
    return _float_of(number_of(value) if is_data else value.grad, value)


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
