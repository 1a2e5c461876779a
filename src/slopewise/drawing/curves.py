"""A function of one number: its curve, its tangents and its secants."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation, shown
from slopewise.basics.arguments import is_scalar
from slopewise.drawing.canvas import BLUE, DASHES, GREEN, GREY, ORANGE, PURPLE, axes_for, finish
from slopewise.drawing.given_numbers import given_entries, given_range
from slopewise.drawing.plotted_function import PlottedFunction, place_of
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMOOTH = 241  # points on a curve when no grid is given
USUAL = (-5.0, 5.0)


def plot_function(
    f: Callable[[Any], Any],
    between: tuple[float, float] | None = None,
    *,
    grid: Iterable[float] | None = None,
    tangents: float | Iterable[float] = (),
    secants: tuple[float, float] | Iterable[tuple[float, float]] = (),
    label: str = "",
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "",
    legend: bool = True,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw f, with tangents whose slopes come from `backward()` and secants through two points of the curve.

    The curve has a gap where f is undefined and is not drawn through a pole. A function that takes no Values (one
    written with `math.sin`, say) gets its tangents from finite differences.

    Args:
        f: A function of one number, written for floats, for Values or for both.
        between: Where the curve starts and ends; −5 and 5 when None, or more where a tangent or a secant lies outside.
        grid: The places at which f is evaluated, marked with dots; without one, a smooth curve is drawn.
        tangents: One place, or several, at which to draw a tangent.
        secants: One pair of places, or several, each joined by a straight line.
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
        DomainError: `between` does not rise, a secant's ends coincide, a tangent or a secant stands where f is not
            finite or outside `between`, or f is finite nowhere.
        NumberError: f cannot be called, or returns something that is no number.
        ShapeError: A secant is no pair.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_function(lambda x: 3 * x**2 - 4 * x + 5, tangents=3.0, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['tangent at 3: slope = 14']
    """
    function = PlottedFunction(f, "plot_function()")
    single = is_scalar(tangents)
    places = [place_of(x, "plot_function(): a tangent stands at") for x in ([tangents] if single else _each(tangents))]
    pairs = _pairs(secants)
    xs = _places(between, grid, [*places, *(x for pair in pairs for x in pair)])
    ys = function.heights(xs)
    touching = [(x, *function.value_and_slope(x)) for x in places]
    joined = [(left, _end(function, left), right, _end(function, right)) for left, right in pairs]

    ax = axes_for(ax)
    marker: dict[str, Any] = {} if grid is None else {"marker": "o", "markersize": 3.5}
    bottom, top = _heights_shown(ys, [y for _, y, _ in touching])
    curve = ys if grid is not None else _broken_at_poles(ys)
    ax.plot(xs, curve, color=BLUE, linewidth=1.8, label=label or None, **marker)
    ax.margins(x=0.02)
    if bottom is None or top is None:
        bottom, top = ax.get_ylim()
    for i, (x, y, slope) in enumerate(touching):
        color, dash = ((ORANGE, (6, 2)), (GREEN, (2, 1.5)), (PURPLE, (8, 2, 2, 2)))[i % 3]
        name = f"tangent at {shown(x)}: {equation('slope', slope)}"
        ends = _reach(min(xs), max(xs), x, y, slope, bottom, top)
        ax.plot(ends, [y + slope * (end - x) for end in ends], color=color, linewidth=1.6, dashes=dash, label=name)
        ax.plot([x], [y], marker=("o", "D", "v")[i % 3], markersize=7, color=color, linestyle="none")
    for i, (left, low, right, high) in enumerate(joined):
        name = f"secant from {shown(left)} to {shown(right)}: {equation('slope', (high - low) / (right - left))}"
        ax.plot([left, right], [low, high], color=GREY, linewidth=1.6, linestyle=DASHES[2 + 2 * (i % 2)],
                marker="s" if i % 2 == 0 else "^", label=name)  # fmt: skip
        bottom, top = min(bottom, low, high), max(top, low, high)
    ax.set_ylim(bottom, top)
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel, legend=legend)


def places_between(ends: tuple[float, float], count: int = SMOOTH) -> list[float]:
    """Return places at equal distances, both ends included.

    Example:
        >>> from slopewise.drawing.curves import places_between
        >>> places_between((0.0, 1.0), 5)
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    low, high = ends
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def _each(items: Any) -> list[Any]:
    return given_entries(items, "plot_function(): tangents")


def _pairs(secants: Any) -> list[tuple[float, float]]:
    entries = given_entries(secants, "plot_function(): secants")
    if len(entries) == 2 and all(map(is_scalar, entries)):
        entries = [entries]
    pairs = []
    for entry in entries:
        if not hasattr(entry, "__len__") or len(entry) != 2:
            raise ShapeError(f"plot_function(): a secant needs two places, got {entry!r}\nwrite secants=[(0.0, 1.0)]")
        left, right = (place_of(x, "plot_function(): a secant goes through") for x in entry)
        if left == right:
            raise DomainError(
                f"plot_function(): a secant needs two different places, got {left!r} twice\n"
                f"for the slope at one place, write tangents={left!r}"
            )
        pairs.append((min(left, right), max(left, right)))
    return pairs


def _places(between: Any, grid: Any, marked: list[float]) -> list[float]:
    if grid is not None:
        places = [place_of(x, "plot_function(): the grid holds") for x in grid]
        if not places:
            raise DomainError("plot_function() got an empty grid\ngive at least one place")
        return places
    if between is not None:
        ends = given_range(between, "plot_function(): between")
        for x in marked:
            if not ends[0] <= x <= ends[1]:
                raise DomainError(
                    f"plot_function(): {x!r} lies outside between={between!r}, so nothing is drawn there\n"
                    f"widen between, or leave it out"
                )
        return places_between(ends)
    low, high = min([USUAL[0], *marked]), max([USUAL[1], *marked])
    room = 0.1 * (high - low)
    return places_between((low - room * (low < USUAL[0]), high + room * (high > USUAL[1])))


def _end(function: PlottedFunction, x: float) -> float:
    y = function.height(x)
    if not math.isfinite(y):
        raise DomainError(
            f"plot_function(): the function is {y!r} at {x!r}: no secant through it\nchoose another place"
        )
    return y


def _middle(ys: Sequence[float]) -> tuple[float, float]:
    """Return the heights between which the middle eight tenths of a curve lie."""
    finite = sorted(y for y in ys if math.isfinite(y))
    return finite[len(finite) // 10], finite[-1 - len(finite) // 10]


def _poles(ys: Sequence[float]) -> list[int]:
    """Return the positions before which a curve leaps from one side of the picture to the other."""
    low, high = _middle(ys)
    leap = 4 * (high - low)
    found, last = [], None
    for i, y in enumerate(ys):
        if not math.isfinite(y):
            continue
        if last is not None and leap:
            before = ys[last]
            across = (before < low and y > high) or (before > high and y < low)
            both_high = i - last > 1 and min(before, y) > high + leap
            both_low = i - last > 1 and max(before, y) < low - leap
            if (across and abs(y - before) > leap) or both_high or both_low:
                found.append(i)
        last = i
    return found


def _broken_at_poles(ys: Sequence[float]) -> list[float]:
    """Return a curve with a gap at each pole, so that no line joins its two sides."""
    broken = [y if math.isfinite(y) else math.nan for y in ys]
    for i in _poles(ys):
        broken[i] = math.nan
    return broken


def _heights_shown(ys: Sequence[float], marked: Iterable[float]) -> tuple[float | None, float | None]:
    """Return the vertical range of a curve with poles, None and None for any other: matplotlib's own is right then."""
    if not _poles(ys):
        return None, None
    low, high = _middle(ys)
    room = high - low
    return min(low - room, *marked, low), max(high + room, *marked, high)


def _reach(low: float, high: float, x: float, y: float, slope: float, bottom: float, top: float) -> tuple[float, float]:
    """Return the ends of a tangent: a third of the picture's width to either side, and not out of the picture."""
    reach = (high - low) / 3
    if slope:
        reach = min(reach, max(abs((top - y) / slope), abs((y - bottom) / slope)))
    return max(low, x - reach), min(high, x + reach)
