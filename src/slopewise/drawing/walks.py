"""A walk downhill: on the curve of a function of one number, or over the contours of a function of two."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation
from slopewise.basics.arguments import argument_names, is_scalar, takes
from slopewise.basics.descent import Descent
from slopewise.drawing.canvas import BLUE, GREY, INK, ORANGE, axes_for, finish
from slopewise.drawing.contours import add_bar, draw_contours
from slopewise.drawing.curves import places_between
from slopewise.drawing.given_numbers import given_entries, given_number, given_range
from slopewise.drawing.plotted_function import PlottedFunction
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, ...]
CELLS = 81  # places along each side of a contour picture


def plot_descent(
    f: Callable[..., Any],
    path: Descent | Iterable[Any],
    *,
    between: tuple[Any, Any] | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a walk on the curve of f, or over its contours when f takes two numbers; start and end are marked.

    Args:
        f: A function of one number, or of two (side by side or as one list).
        path: What `sw.descend` returned, or the points in order: numbers, or pairs of numbers.
        between: Where the curve starts and ends; for two numbers a pair of such ranges. A little more than the path
            needs when None. The part of the path outside is left out of the picture, and the legend says so.
        title: A line above the picture.
        xlabel: What the horizontal axis is; the name of f's argument when empty.
        ylabel: What the vertical axis is; with two numbers, the name of f's second argument when empty.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: The path is empty or finite nowhere, `between` does not rise, or f is finite nowhere.
        ShapeError: The points have more than two numbers, or not equally many.
        NumberError: f cannot be called, or something is no number.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_descent(lambda x: x * x, [3.0, 1.5, 0.75], ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['start: x = 3', 'after 2 steps: x = 0.75']
        >>> walk = sw.descend(lambda x, y: x**2 + 3 * y**2, (2.0, 1.0), lr=0.25, steps=2)
        >>> ax = sw.plot_descent(lambda x, y: x**2 + 3 * y**2, walk, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['start: x = 2, y = 1', 'after 2 steps: x = 0.5, y = 0.25']
    """
    walk = read_walk(f, path, between, "plot_descent()", xlabel, ylabel)
    if walk.is_flat:
        heights = walk.heights_over_plane()
        ax = axes_for(ax)
        add_bar(ax, draw_contours(ax, walk.across, walk.up, heights), f"f({', '.join(walk.names)})")
        ax.plot([p[0] for p in walk.seen], [p[1] for p in walk.seen], color=INK, linewidth=1.1, **_dots(walk.seen))
        ax.set_xlim(walk.across[0], walk.across[-1])
        ax.set_ylim(walk.up[0], walk.up[-1])
    else:
        ys = walk.function.heights(walk.across)
        on_curve = [walk.function.height(p[0]) for p in walk.seen]
        ax = axes_for(ax)
        ax.plot(walk.across, ys, color=BLUE, linewidth=1.6)
        if len(walk.seen) > 1:
            xs = [p[0] for p in walk.seen]
            ax.plot(xs, on_curve, color=GREY, linewidth=1.0, **_dots(xs))
    for point, marker, color, name in walk.ends():
        inside = [walk.on_picture(point)] if walk.is_inside(point) else []
        ax.plot([p[0] for p in inside], [p[1] for p in inside], marker=marker, markersize=8, color=color,
                markeredgecolor="white", linestyle="none", label=name, zorder=4)  # fmt: skip
    return finish(ax, title=title, xlabel=walk.xlabel, ylabel=walk.ylabel)


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk read from what the user gave, and the part of the plane that its picture shows.

    Attributes:
        function: The function walked on.
        points: Every point, of one or two numbers each.
        names: What the numbers are called.
        across: The places along the horizontal axis.
        up: The places along the vertical axis; empty for a function of one number.
        xlabel: What the horizontal axis is.
        ylabel: What the vertical axis is.
    """

    function: PlottedFunction
    points: tuple[Point, ...]
    names: tuple[str, ...]
    across: tuple[float, ...]
    up: tuple[float, ...]
    xlabel: str
    ylabel: str

    @property
    def is_flat(self) -> bool:
        """Tell whether the walk is over a plane."""
        return bool(self.up)

    @property
    def seen(self) -> list[Point]:
        """The points inside the picture."""
        return [point for point in self.points if self.is_inside(point)]

    def is_inside(self, point: Point) -> bool:
        """Tell whether a point lies inside the picture."""
        sides = (self.across, self.up) if self.is_flat else (self.across,)
        return all(side[0] <= x <= side[-1] for x, side in zip(point, sides, strict=True))

    def on_picture(self, point: Point) -> tuple[float, float]:
        """Return where a point is drawn."""
        return (point[0], point[1]) if self.is_flat else (point[0], self.function.height(point[0]))

    def heights_over_plane(self) -> list[list[float]]:
        """Return the function's value over the plane, one row per height.

        Raises:
            DomainError: None of them is finite.
        """
        rows = [[self.function.height(x, y) for x in self.across] for y in self.up]
        if not any(math.isfinite(z) for row in rows for z in row):
            raise DomainError(
                f"{self.function.where}: the function is finite nowhere in the picture\nchoose another `between`"
            )
        return rows

    def ends(self) -> list[tuple[Point, str, str, str]]:
        """Return first and last point with marker, colour and the words of the legend."""
        count = len(self.points) - 1
        found = []
        for point, marker, color, words in (
            (self.points[0], "s", INK, "start"),
            (self.points[-1], "o", ORANGE, f"after {count} step{'s' if count != 1 else ''}"),
        ):
            where = ", ".join(equation(name, x) for name, x in zip(self.names, point, strict=True))
            outside = "" if self.is_inside(point) else " (outside)"
            found.append((point, marker, color, f"{words}: {where}{outside}"))
        return found


def read_walk(f: Callable[..., Any], path: Any, between: Any, where: str, xlabel: str = "", ylabel: str = "") -> Walk:
    """Return the walk that a user gave, as a picture needs it.

    Raises:
        DomainError: The path is empty or finite nowhere, or `between` does not rise.
        ShapeError: The points have more than two numbers, or not equally many.
        NumberError: f cannot be called, or something is no number.
    """
    names: tuple[str, ...] = ()
    if isinstance(path, Descent):
        names, path = path.path[0].names, path.points
    elif callable(getattr(path, "tolist", None)):
        path = path.tolist()
    points = _points(given_entries(path, f"{where}: path"), where)
    count = len(points[0])
    function = PlottedFunction(f, where, count)
    if len(names) != count:
        names = _names(f, count)
    finite = [point for point in points if all(map(math.isfinite, point))]
    if not finite:
        raise DomainError(f"{where}: the path has no finite point\ngive at least its start")
    if count == 1:
        ranges = [_range(finite, 0) if between is None else given_range(between, f"{where}: between")]
    elif between is None:
        ranges = _plane(finite)
    else:
        sides = list(between) if hasattr(between, "__iter__") else []
        if len(sides) != 2 or not all(hasattr(side, "__len__") for side in sides):
            raise DomainError(f"{where}: between needs two ranges, got {between!r}\nwrite ((-1.0, 1.0), (0.0, 2.0))")
        ranges = [given_range(side, f"{where}: between[{i}]") for i, side in enumerate(sides)]
    variable = xlabel if count == 1 and xlabel.isidentifier() else names[0]
    return Walk(
        function=function,
        points=tuple(points),
        names=(variable, *names[1:]),
        across=tuple(places_between(ranges[0], CELLS if count == 2 else 241)),
        up=tuple(places_between(ranges[1], CELLS)) if count == 2 else (),
        xlabel=xlabel or names[0],
        ylabel=ylabel or (names[1] if count == 2 else ""),
    )


def _points(entries: Sequence[Any], where: str) -> list[Point]:
    if not entries:
        raise DomainError(f"{where} got an empty path\ngive at least its start")
    points: list[Point] = []
    for i, entry in enumerate(entries):
        items = [entry] if is_scalar(entry) or isinstance(entry, str) or not hasattr(entry, "__iter__") else entry
        point = tuple(given_number(item, f"{where}: path[{i}] holds") for item in items)
        if len(point) not in (1, 2):
            raise ShapeError(
                f"{where} draws walks of one or two numbers, path[{i}] has {len(point)}\n"
                f"for a model's parameters use sw.plot_loss_surface(..., path=...)"
            )
        if points and len(point) != len(points[0]):
            raise ShapeError(
                f"{where}: the points must have equally many numbers, path[{i}] has {len(point)} and path[0] "
                f"{len(points[0])}\nwrite each as (x, y)"
            )
        points.append(point)
    return points


def _dots(points: Sequence[Any]) -> dict[str, Any]:
    """Return a marker for every point of a walk, the smaller the more there are."""
    size = 4.0 if len(points) <= 40 else 2.5 if len(points) <= 150 else 0.0
    return {"marker": "o", "markersize": size, "markerfacecolor": "white"} if size else {}


def _names(f: Callable[..., Any], count: int) -> tuple[str, ...]:
    usual = ("x", "y")[:count]
    if takes(f, count) is False:  # it takes them as one list
        return usual
    names = tuple(argument_names(f, count))
    return names if len(set(names)) == count and all(name.isidentifier() for name in names) else usual


def _range(points: Sequence[Point], axis: int, share: float = 0.25) -> tuple[float, float]:
    values = [point[axis] for point in points]
    room = share * (max(values) - min(values)) or 1.0
    return min(values) - room, max(values) + room


def _plane(points: Sequence[Point]) -> list[tuple[float, float]]:
    """Return both ranges; a path along one axis still gets a picture with some height."""
    widths = [max(p[axis] for p in points) - min(p[axis] for p in points) for axis in (0, 1)]
    ranges = []
    for axis in (0, 1):
        middle = (max(p[axis] for p in points) + min(p[axis] for p in points)) / 2
        half = max(0.65 * widths[axis], 0.3 * max(widths)) or 1.0
        ranges.append((middle - half, middle + half))
    return ranges
