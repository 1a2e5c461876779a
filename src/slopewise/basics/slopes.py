"""The slope of any Python function, from its values: and how much of its error is truncation, how much rounding."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import (
    EPSILON,
    both_sides,
    check_step,
    default_step,
    extrapolated,
    one_sided,
)
from slopewise.basics.shown_numbers import relation, shown, signed
from slopewise.errors import DomainError

METHODS = ("forward", "backward", "central", "auto")
Method = Literal["forward", "backward", "central", "auto"]


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope and where its error comes from.

    Attributes:
        slope: The slope.
        h: The step: the one given, or the one that the method settled on.
        method: `forward`, `backward`, `central` or `auto`.
        name: The argument that was moved.
        at: Its value.
        exact: The derivative by `backward()`, when the function takes Values; else None.
        reference: What the error is measured against: `exact`, or the extrapolated slope.
        reference_error: How far off the reference may be.
        error: `slope - reference`: truncation and rounding together.
        truncation: The part that comes from the curve bending within h; it shrinks with h.
        rounding: The part that comes from the digits that f(x + h) and f(x) share; it grows as h shrinks.
        left: The slope from the left, when the function has a kink here; else None.
        right: The slope from the right, when the function has a kink here; else None.

    Example:
        >>> import slopewise as sw
        >>> found = sw.slope(lambda x: x**2, 3.0, h=0.5, explain=True)
        >>> found.slope, found.exact, round(found.truncation, 9), float(found)
        (6.5, 6.0, 0.5, 6.5)
    """

    slope: float
    h: float
    method: str
    name: str
    at: float
    exact: float | None
    reference: float
    reference_error: float
    error: float
    truncation: float
    rounding: float
    left: float | None = None
    right: float | None = None

    def __float__(self) -> float:
        return self.slope

    def __str__(self) -> str:
        place = f"in {self.name} at {self.name} {relation(self.at)}"
        lines = [f"slope {relation(self.slope)} {place}, {_METHOD_WORDS[self.method]} with h {relation(self.h)}"]
        if self.left is not None and self.right is not None:
            lines.append(
                f"  a kink: {shown(self.left)} from the left, {shown(self.right)} from the right, "
                f"so there is no single slope"
            )
        source = (
            "by backward()" if self.exact is not None else f"extrapolated, give or take {shown(self.reference_error)}"
        )
        lines.append(f"  reference  {relation(self.reference)} ({source})")
        lines.append(f"  error      {relation(self.error)}, of which")
        lines.append(f"  truncation {_relation_signed(self.truncation)}: {self._truncation_words()}")
        lines.append(f"  rounding   {_relation_signed(self.rounding)}: {self._rounding_words()}")
        return "\n".join(lines)

    def _truncation_words(self) -> str:
        if self.truncation == 0 or abs(self.truncation) <= EPSILON * abs(self.reference):
            return "none, the formula is exact for this function"
        if self.method == "auto":
            return "what the extrapolation left"
        return "the curve bends within h; a smaller h makes it smaller"

    def _rounding_words(self) -> str:
        if self.at + self.h == self.at:
            return f"h is lost: {self.name} + h is {self.name} itself"
        return "the values share their leading digits; a smaller h makes it larger"


_METHOD_WORDS = {
    "forward": "forward difference",
    "backward": "backward difference",
    "central": "central difference",
    "auto": "extrapolated central differences",
}


@overload
def slope(
    f: Callable[..., Any],
    at: Any,
    wrt: int | str = ...,
    h: float | None = ...,
    method: Method | None = ...,
    *,
    explain: Literal[False] = ...,
) -> float: ...
@overload
def slope(
    f: Callable[..., Any],
    at: Any,
    wrt: int | str = ...,
    h: float | None = ...,
    method: Method | None = ...,
    *,
    explain: Literal[True],
) -> Slope: ...
def slope(
    f: Callable[..., Any],
    at: Any,
    wrt: int | str = 0,
    h: float | None = None,
    method: Method | None = None,
    *,
    explain: bool = False,
) -> float | Slope:
    """Measure the slope of a function of numbers at a point, from its values.

    forward: `(f(x + h) - f(x)) / h`, central: `(f(x + h) - f(x - h)) / (2h)`, just as written.

    Args:
        f: A function of one or several numbers, written for floats, for Values or for both; it returns one number.
        at: The point: a number, or a sequence with one number per argument. A function of a vector gets it as one list.
        wrt: Which number is moved: its position, counted from 0 over all numbers of `at`, or its name.
        h: The step, positive and finite. Chosen by the method when left out.
        method: `"forward"`, `"backward"`, `"central"`, or `"auto"`: central differences with ever smaller steps,
            extrapolated to step zero. Left out, it is forward when `h` is given and auto when it is not.
        explain: Return a `Slope`, which tells truncation from rounding.

    Returns:
        The slope, or a `Slope` with `explain=True`.

    Raises:
        DomainError: `h` is not positive, `wrt` is out of range, `method` is unknown, `at` is empty.
        NumberError: f is no function, or it returned something else than a real number.
        ShapeError: `at` has more or fewer numbers than f takes.

    Example:
        >>> import slopewise as sw
        >>> def f(x):
        ...     return 3 * x**2 - 4 * x + 5
        >>> sw.slope(f, 2 / 3, h=1e-6)
        2.999378523327323e-06
        >>> sw.slope(lambda a, b, c: a * b + c, (2.0, -3.0, 10.0), wrt="c", h=0.0001)
        0.9999999999976694

    Source: A. Karpathy, The spelled-out intro to neural networks and backpropagation (2022).
    """
    chosen = _checked_method(method, h)
    if h is not None:
        check_step(h, "slope()")
    function = PointFunction(f, at, "slope")
    index = function.index_of(wrt)
    point = list(function.start)
    x = point[index]
    here = function.exact_value_at(point)
    if chosen == "auto":
        value, used = _settled(function, index, float(x), h)
        if math.isnan(value):
            raise DomainError(
                f"slope(): f has no finite slope in {function.names[index]} at {float(x)!r}; f is {here!r} there "
                f"and no step on either side gives a slope that settles\n"
                f'move the point, or look at it with method="forward" and an h of your own'
            )
    else:
        used = default_step(float(x), chosen) if h is None else h
        value = _difference(function, point, index, here, used, chosen)
    return _explained(function, index, value, float(used), chosen) if explain else value


def _checked_method(method: object, h: object) -> str:
    if method is None:
        return "auto" if h is None else "forward"
    if method in METHODS:
        return str(method)
    import difflib

    near = difflib.get_close_matches(str(method), METHODS, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METHODS)}"
    raise DomainError(f"slope(): there is no method {method!r}\n{hint}")


def _difference(function: PointFunction, point: Sequence[Any], index: int, here: Any, h: Any, method: str) -> float:
    """Apply the formula just as it is written in books."""
    x = point[index]

    def moved(to: Any) -> Any:
        return function.exact_value_at([*point[:index], to, *point[index + 1 :]])

    if method == "forward":
        return float((moved(x + h) - here) / h)
    if method == "backward":
        return float((here - moved(x - h)) / h)
    return float((moved(x + h) - moved(x - h)) / (2 * h))


def _settled(function: PointFunction, index: int, x: float, h: float | None) -> tuple[float, float]:
    """Return slope and step of the extrapolation; from one side where the other is undefined."""
    g = function.along(index)
    best = extrapolated(g, x, h)
    if not math.isfinite(best.slope):
        best = min((one_sided(g, x, direction, h) for direction in (-1, 1)), key=lambda estimate: estimate.error)
    scale = max(1.0, abs(x))
    nearby = [abs(value) for value in (g(x), g(x + 0.1 * scale), g(x - 0.1 * scale)) if math.isfinite(value)]
    size = max([abs(best.slope), *(value / scale for value in nearby)])
    return (best.slope, best.h) if best.error <= 0.01 * size else (math.nan, best.h)


def _explained(function: PointFunction, index: int, value: float, h: float, method: str) -> Slope:
    point = list(function.start)
    x = float(point[index])
    g = function.along(index)
    by_backward = function.gradient_at(point)
    exact = by_backward[1][index] if by_backward is not None else None
    estimate = extrapolated(g, x)
    reference, reference_error = (exact, 0.0) if exact is not None else (estimate.slope, estimate.error)
    error = value - reference
    truncation = error if method == "auto" else _truncation(function, index, reference, h, method, exact is not None)
    noise = EPSILON * abs(g(x)) / h
    if method == "auto":
        truncation = error if abs(error) > noise else 0.0
    sides = both_sides(g, x)
    is_kink = sides.is_kink
    return Slope(
        slope=value,
        h=h,
        method=method,
        name=function.names[index],
        at=x,
        exact=exact,
        reference=reference,
        reference_error=reference_error,
        error=error,
        truncation=truncation,
        rounding=error - truncation,
        left=sides.left.slope if is_kink else None,
        right=sides.right.slope if is_kink else None,
    )


# Nodes and weights of Gauss and Legendre on [0, 1], five points: exact for polynomials up to degree 9.
_GAUSS = tuple(
    (0.5 + sign * 0.5 * node, 0.5 * weight)
    for node, weight, signs in (
        (0.0, 128 / 225, (1,)),
        (math.sqrt(5 - 2 * math.sqrt(10 / 7)) / 3, (322 + 13 * math.sqrt(70)) / 900, (-1, 1)),
        (math.sqrt(5 + 2 * math.sqrt(10 / 7)) / 3, (322 - 13 * math.sqrt(70)) / 900, (-1, 1)),
    )
    for sign in signs
)


def _truncation(
    function: PointFunction, index: int, reference: float, h: float, method: str, has_gradients: bool
) -> float:
    """Return what the formula would be off by if it were computed without rounding.

    A difference quotient is the mean of the derivative over the interval that it spans, so with derivatives from
    `backward()` its truncation is that mean minus the derivative at the point. Without them, it comes from a larger
    step, by Taylor's formula.
    """
    x = float(function.start[index])
    low, high = {"forward": (0.0, h), "backward": (-h, 0.0), "central": (-h, h)}[method]
    if has_gradients:
        total = 0.0
        for node, weight in _GAUSS:
            moved = [*function.start[:index], x + low + node * (high - low), *function.start[index + 1 :]]
            found = function.gradient_at(moved)
            if found is None:
                return math.nan
            total += weight * (found[1][index] - reference)
        return total
    g = function.along(index)
    here = g(x)
    order = 2 if method == "central" else 1
    step = max(h, max(1.0, abs(x)) * (2.0**-8 if order == 2 else 2.0**-12))
    if method == "central":
        large = (g(x + step) - g(x - step)) / (2 * step)
    else:
        sign = 1.0 if method == "forward" else -1.0
        large = (g(x + sign * step) - here) / (sign * step)
    return (large - reference) * (h / step) ** order


def _relation_signed(x: float) -> str:
    return f"{relation(x)[0]} {signed(x)}"
