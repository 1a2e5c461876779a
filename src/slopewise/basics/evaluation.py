"""Calling a user's function of numbers: on floats or on Values, with the slope by `backward()` where there is one."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from slopewise.basics.arguments import (
    check_callable,
    name_of,
    named_scalars,
    number_of,
    plain,
    rebuilt,
    spread,
)
from slopewise.engine import Value
from slopewise.errors import DomainError, SlopewiseError


class PointFunction:
    """A function of numbers at a point: its numbers, their names, its value and its slopes near the point.

    Args:
        f: The function. It may be written for floats, for Values or for both; it returns one number or Value.
        at: The point: a number, or a sequence with one entry per argument (or one list, for a function of a vector).
        where: The caller's name, for messages.
        argument: What the caller calls the point, for messages.
    """

    def __init__(self, f: Callable[..., Any], at: Any, where: str, argument: str = "at") -> None:
        check_callable(f, f"{where}()")
        self.f = f
        self.where = where
        self.arguments = spread(f, at, f"{where}(): {argument}")
        named = named_scalars(f, self.arguments)
        self.names = [name for name, _ in named]
        self.start: list[Any] = [plain(_data_of(item)) for _, item in named]
        self.needs_values = False
        self.evaluations = 0

    def index_of(self, wrt: int | str) -> int:
        """Return which number is meant by a position or a name.

        Raises:
            DomainError: There is no such number.
        """
        count = len(self.names)
        if isinstance(wrt, str):
            if wrt in self.names:
                return self.names.index(wrt)
            import difflib

            near = difflib.get_close_matches(wrt, self.names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self.names)}"
            raise DomainError(f"{self.where}(): {name_of(self.f)} has no argument wrt={wrt!r}\n{hint}")
        if isinstance(wrt, bool) or not hasattr(wrt, "__index__"):
            raise DomainError(f"{self.where}(): wrt must be a position or a name, got {wrt!r}\ntry wrt=0")
        position = wrt.__index__()
        if not -count <= position < count:
            valid = "0" if count == 1 else f"0 to {count - 1}"
            raise DomainError(
                f"{self.where}(): wrt={position} is out of range, the point has {count} number{'s' * (count != 1)}\n"
                f"wrt counts from 0: {valid}"
            )
        return position % count

    def value_at(self, point: Sequence[Any]) -> float:
        """Return the function's value as a float.

        Raises:
            NumberError: It returned something that is not a real number.
        """
        return float(self.exact_value_at(point))

    def exact_value_at(self, point: Sequence[Any]) -> Any:
        """Return the function's value: a Fraction stays one, so that differences of Fractions are exact."""
        self.evaluations += 1
        try:
            result = self._call(point)
        except Exception as error:
            if not isinstance(error, SlopewiseError):
                at = ", ".join(f"{name} = {number!r}" for name, number in zip(self.names, point, strict=True))
                error.add_note(f"{self.where}(): {name_of(self.f)} raised this at {at}; it must have a value there")
            raise
        number = number_of(result, f"{self.where}(): {name_of(self.f)} returned")
        inner = _data_of(result)
        return inner if isinstance(inner, (Fraction, int)) and math.isfinite(number) else number

    def _call(self, point: Sequence[Any]) -> Any:
        if self.needs_values:
            return self._call_with_values(point)[0]
        try:
            return self.f(*rebuilt(self.arguments, iter(point)))
        except (AttributeError, TypeError) as error:
            if isinstance(error, SlopewiseError) or self.evaluations > 1:
                raise
            try:  # written for Values: x.tanh() is not there on a float
                result, _ = self._call_with_values(point)
            except Exception:
                raise error from None
            self.needs_values = True
            return result

    def _call_with_values(self, point: Sequence[Any]) -> tuple[Any, list[Value]]:
        leaves = [Value(number, label=name) for number, name in zip(point, self.names, strict=True)]
        return self.f(*rebuilt(self.arguments, iter(leaves))), leaves

    def along(self, index: int, point: Sequence[Any] | None = None) -> Callable[[float], float]:
        """Return the function of one number alone, total: nan where the user's function fails."""
        start = list(self.start if point is None else point)

        def of_one(x: float) -> float:
            start[index] = x
            try:
                return self.value_at(start)
            except Exception:
                return float("nan")

        return of_one

    def gradient_at(self, point: Sequence[Any]) -> tuple[float, tuple[float, ...]] | None:
        """Return value and all slopes by `backward()`; None when the function takes no Values or leaves the graph.

        A number that no path of the graph leads to counts as left out only if no other number is reached either.
        """
        try:
            result, leaves = self._call_with_values(point)
        except Exception:
            return None
        if getattr(result, "size", 0) == 1 and hasattr(result, "item"):
            result = result.item()
        if not isinstance(result, Value) or not is_reached(result, leaves):
            return None
        try:
            result.backward()
            return number_of(result, "the value is"), tuple(number_of(leaf.grad, "the gradient is") for leaf in leaves)
        except Exception:
            return None


def is_reached(root: Value, leaves: Sequence[Value]) -> bool:
    """Tell whether a path leads from the root to at least one of the leaves."""
    return bool({id(leaf) for leaf in leaves} & reached_from(root).keys())


def reached_from(root: Value) -> dict[int, Value]:
    """Return every node of a graph by its id."""
    seen = {id(root): root}
    stack = [root]
    while stack:
        for child in stack.pop()._prev:
            if id(child) not in seen:
                seen[id(child)] = child
                stack.append(child)
    return seen


def _data_of(item: Any) -> Any:
    while isinstance(item, Value):
        item = item.data
    return item
