"""A user's function as a picture needs it: its heights, nan where it has none, and its slope."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from slopewise.basics.arguments import check_callable, number_of, takes
from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import extrapolated
from slopewise.engine import Value, no_grad
from slopewise.errors import DomainError, NumberError, SlopewiseError


class PlottedFunction:
    """A function of one or two numbers, written for floats, for Values or for both.

    Args:
        f: The function. One of two numbers may take them side by side or as one list.
        where: The caller's name, for messages.
        count: How many numbers it takes.

    Raises:
        NumberError: f cannot be called.
    """

    def __init__(self, f: Callable[..., Any], where: str, count: int = 1) -> None:
        check_callable(f, where)
        self.f = f
        self.where = where
        self.takes_list = count > 1 and takes(f, count) is False
        self.needs_values = False
        self.is_tried = False

    def height(self, *point: float) -> float:
        """Return the value at a place; nan where the function is undefined there.

        Example:
            >>> from slopewise.drawing.plotted_function import PlottedFunction
            >>> PlottedFunction(lambda x: x**2, "plot_function()").height(3.0)
            9.0
        """
        with no_grad():
            try:
                y = self._called(point)
            except (ArithmeticError, ValueError):
                return math.nan
            except Exception as error:
                if not isinstance(error, SlopewiseError):
                    error.add_note(f"{self.where}: the function raised this at {', '.join(map(repr, point))}")
                raise
        inner = y
        while isinstance(inner, Value):
            inner = inner.data
        if isinstance(inner, complex):  # (-1.0) ** 0.5
            return math.nan
        return number_of(inner, f"{self.where}: the function returned")

    def _called(self, point: Sequence[float]) -> Any:
        first, self.is_tried = not self.is_tried, True
        if self.needs_values:
            return self._call([Value(x) for x in point])
        try:
            return self._call(point)
        except (AttributeError, TypeError) as error:
            if not first or isinstance(error, SlopewiseError):
                raise
            try:  # written for Values: x.tanh() is not there on a float
                y = self._call([Value(x) for x in point])
            except Exception:
                raise error from None
            self.needs_values = True
            return y

    def _call(self, point: Sequence[Any]) -> Any:
        return self.f(list(point)) if self.takes_list else self.f(*point)

    def heights(self, xs: Sequence[float]) -> list[float]:
        """Return the values at several places of a function of one number.

        Raises:
            DomainError: None of them is finite.
        """
        ys = [self.height(x) for x in xs]
        if not any(map(math.isfinite, ys)):
            between = f"at {xs[0]!r}" if len(xs) == 1 else f"between {min(xs)!r} and {max(xs)!r}"
            raise DomainError(f"{self.where}: the function is finite nowhere {between}\nchoose places where it is")
        return ys

    def value_and_slope(self, x: float) -> tuple[float, float]:
        """Return value and slope at a place: by `backward()`, else from finite differences.

        Raises:
            DomainError: One of them is not finite.

        Example:
            >>> import math
            >>> from slopewise.drawing.plotted_function import PlottedFunction
            >>> PlottedFunction(lambda x: x**2, "plot_function()").value_and_slope(3.0)
            (9.0, 6.0)
            >>> round(PlottedFunction(math.sin, "plot_function()").value_and_slope(0.0)[1], 9)
            1.0
        """
        y = self.height(x)
        function = PointFunction(self.f, x, self.where.rstrip("()"))
        found = function.gradient_at([x])
        slope = found[1][0] if found is not None else extrapolated(self.height, x).slope
        if not (math.isfinite(y) and math.isfinite(slope)):
            found_there = f"the slope is {slope!r}" if math.isfinite(y) else f"the function is {y!r}"
            raise DomainError(
                f"{self.where}: at {x!r} {found_there}, so there is no tangent\nchoose a place where both are finite"
            )
        return y, slope


def place_of(item: Any, where: str) -> float:
    """Return a place on the axis as a finite float.

    Raises:
        NumberError: It is no number.
        DomainError: It is not finite.
    """
    if isinstance(item, (str, bytes)) or item is None:
        raise NumberError(f"{where} {item!r}, which is no number\ngive a number such as 3.0")
    x = number_of(item, where)
    if not math.isfinite(x):
        raise DomainError(f"{where} {x!r}, and a finite number is needed\ngive a number such as 3.0")
    return x
