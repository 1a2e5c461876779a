"""A function of one number: its curve, tangents and secants, and a walk down it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation, shown
from slopewise.drawing.canvas import BLUE, DASHES, GREEN, GREY, INK, ORANGE, PURPLE, axes_for, finish
from slopewise.engine import Value, no_grad
from slopewise.errors import DomainError, NumberError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMOOTH = 241  # points on a curve when no grid is given


def plot_function(
    f: Callable[[Any], Any],
    between: tuple[float, float] = (-5.0, 5.0),
    *,
    grid: Iterable[float] | None = None,
    tangents: float | Iterable[float] = (),
    secants: Iterable[tuple[float, float]] = (),
    label: str = "",
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "",
    legend: bool = True,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw f, with tangents whose slopes come from `backward()` and secants through two points of the curve.

    Args:
        f: A function of one number, written with arithmetic or with slopewise's operations.
        between: Where the curve starts and ends; the grid's ends, when a grid is given.
        grid: The places at which f is evaluated, marked with dots; without one, a smooth curve is drawn.
        tangents: One place, or several, at which to draw a tangent.
        secants: Pairs of places, each joined by a straight line.
        label: The curve's name in the legend.
        title: A line above the picture.
        xlabel: What the horizontal axis is.
        ylabel: What the vertical axis is.
        legend: Whether a legend names curve, tangents and secants.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: `between` does not rise, or a secant's ends coincide.
        NumberError: f does not take a Value, so that it has no slope from `backward()`.

    Example:
        >>> from slopewise.drawing import new_axes, plot_function
        >>> ax = plot_function(lambda x: 3 * x**2 - 4 * x + 5, tangents=3.0, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['tangent at 3: slope = 14']
    """
    xs = _places(between) if grid is None else [float(x) for x in grid]
    if not xs:
        raise DomainError("plot_function() got an empty grid: give at least one place")
    ax = axes_for(ax)
    ys = [height_of(f, x) for x in xs]
    marker = {} if grid is None else {"marker": "o", "markersize": 3.5}
    ax.plot(xs, ys, color=BLUE, linewidth=1.8, label=label or None, **marker)  # type: ignore[arg-type]
    ax.margins(x=0.02)
    bottom, top = ax.get_ylim()
    places = [float(tangents)] if isinstance(tangents, (int, float)) else [float(x) for x in tangents]
    for i, place in enumerate(places):
        y, slope = value_and_slope(f, place)
        color = (ORANGE, GREEN, PURPLE)[i % 3]
        name = f"tangent at {shown(place)}: {equation('slope', slope)}"
        ends = _reach(min(xs), max(xs), place, y, slope, bottom, top)
        ax.plot(ends, [y + slope * (x - place) for x in ends], color=color, linewidth=1.6, dashes=(6, 2), label=name)
        ax.plot([place], [y], marker="o", markersize=7, color=color, linestyle="none")
    for left, right in secants:
        if left == right:
            raise DomainError(f"a secant needs two different places, got {left!r} twice")
        low, high = height_of(f, left), height_of(f, right)
        slope = (high - low) / (right - left)
        name = f"secant from {shown(left)} to {shown(right)}: {equation('slope', slope)}"
        ax.plot([left, right], [low, high], color=GREY, linewidth=1.6, linestyle=DASHES[2], marker="s", label=name)
    ax.set_ylim(bottom, top)
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel, legend=legend)


def plot_descent(
    f: Callable[[Any], Any],
    path: Iterable[float],
    *,
    between: tuple[float, float] | None = None,
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the places of a walk on the curve of f, joined in order, the first and the last marked.

    Args:
        f: A function of one number.
        path: The places, in order; the part outside `between` is left out of the picture.
        between: Where the curve starts and ends; a little more than the path's range when None.
        title: A line above the picture.
        xlabel: What the horizontal axis is.
        ylabel: What the vertical axis is.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: The path is empty, or `between` does not rise.

    Example:
        >>> from slopewise.drawing import new_axes, plot_descent
        >>> ax = plot_descent(lambda x: x * x, [3.0, 1.5, 0.75], ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['start: x = 3', 'after 2 steps: x = 0.75']
    """
    xs = [float(x) for x in path]
    if not xs:
        raise DomainError("plot_descent() got an empty path: give at least its start")
    finite = [x for x in xs if math.isfinite(x)]
    if between is None:
        room = 0.25 * (max(finite) - min(finite)) or 1.0
        between = (min(finite) - room, max(finite) + room)
    places = _places(between)
    seen = [x for x in xs if between[0] <= x <= between[1]]
    variable = xlabel if xlabel.isidentifier() else "x"
    ax = axes_for(ax)
    ax.plot(places, [height_of(f, x) for x in places], color=BLUE, linewidth=1.6)
    if len(seen) > 1:
        heights = [height_of(f, x) for x in seen]
        ax.plot(seen, heights, color=GREY, linewidth=1.0, marker="o", markersize=4, markerfacecolor="white")
    steps = f"after {len(xs) - 1} step{'s' if len(xs) != 2 else ''}: {equation(variable, xs[-1])}"
    for x, marker, color, name in (
        (xs[0], "s", INK, f"start: {equation(variable, xs[0])}"),
        (xs[-1], "o", ORANGE, steps if between[0] <= xs[-1] <= between[1] else steps + " (outside)"),
    ):
        inside = between[0] <= x <= between[1]
        ax.plot([x] if inside else [], [height_of(f, x)] if inside else [], marker=marker, markersize=7, color=color,
                linestyle="none", label=name, zorder=4)  # fmt: skip
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)


def height_of(f: Callable[[Any], Any], x: float) -> float:
    """Return f(x) as a float, nan where f itself gives up.

    Example:
        >>> from slopewise.drawing.curves import height_of
        >>> height_of(lambda x: x**2, 3.0)
        9.0
    """
    with no_grad():
        try:
            y = f(x)
        except (ArithmeticError, ValueError):
            return math.nan
    return float(y.data if isinstance(y, Value) else y)


def value_and_slope(f: Callable[[Any], Any], x: float) -> tuple[float, float]:
    """Return f(x) and, from one backward pass, f′(x).

    Raises:
        NumberError: f does not take a Value.

    Example:
        >>> from slopewise.drawing.curves import value_and_slope
        >>> value_and_slope(lambda x: x**2, 3.0)
        (9.0, 6.0)
    """
    place = Value(x)
    try:
        y = f(place)
    except TypeError as error:
        raise NumberError(
            f"the function does not take a Value: {error}\n"
            f"write it with arithmetic and slopewise's operations, such as sw.exp"
        ) from error
    if not isinstance(y, Value):
        return float(y), 0.0
    y.backward()
    return float(y.data), float(place.grad)


def _places(between: Sequence[float]) -> list[float]:
    low, high = float(between[0]), float(between[1])
    if not low < high:
        raise DomainError(f"between needs two rising numbers, got {low!r} and {high!r}")
    return [low + (high - low) * i / (SMOOTH - 1) for i in range(SMOOTH)]


def _reach(low: float, high: float, x: float, y: float, slope: float, bottom: float, top: float) -> tuple[float, float]:
    """Return the ends of a tangent: a third of the picture's width to either side, and not out of the picture."""
    reach = (high - low) / 3
    if slope:
        reach = min(reach, max(abs((top - y) / slope), abs((y - bottom) / slope)))
    return max(low, x - reach), min(high, x + reach)
