"""What a classifier says about every place of the plane."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.drawing.canvas import BLUE, GREY, INK, ORANGE, axes_for, finish
from slopewise.engine import Value, no_grad
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_boundary(
    score: Callable[[list[float]], Any],
    points: Iterable[Sequence[Any]],
    labels: Iterable[Any],
    *,
    cells: int = 44,
    names: tuple[str, str] = ("label −1", "label 1"),
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    ax: "Axes | None" = None,
) -> "Axes":
    """Colour the plane by the sign of a score, draw the boundary where it is 0, and put labelled points on top.

    Args:
        score: A function, or a net, of a list of two numbers; positive means the second label.
        points: Pairs of numbers.
        labels: A number per point: positive for the second label, else the first.
        cells: How many places are tried along each side, at least 2; between them the score is taken as straight.
        names: What the two labels are called in the legend.
        title: A line above the picture.
        xlabel: What the first number is.
        ylabel: What the second number is.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: A point is not a pair, or there are not as many labels as points.
        DomainError: There are no points, `cells` is below 2, or the score is not finite somewhere.

    Example:
        >>> from slopewise.drawing import new_axes, plot_boundary
        >>> ax = plot_boundary(lambda p: p[0] - p[1], [(0, 1), (1, 0)], [-1, 1], cells=4, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['label −1', 'label 1', 'score 0']
    """
    places = [_pair(point) for point in points]
    signs = [float(label.data if isinstance(label, Value) else label) > 0 for label in labels]
    if len(places) != len(signs):
        raise ShapeError(f"plot_boundary() needs a label per point, got {len(places)} points and {len(signs)} labels")
    if not places:
        raise DomainError("plot_boundary() of no points: give at least one")
    if cells < 2:
        raise DomainError(f"plot_boundary() needs cells >= 2, got {cells!r}")
    across = _spread([x for x, _ in places], cells)
    up = _spread([y for _, y in places], cells)
    heights = scores_over(score, across, up)
    low, high = min(map(min, heights)), max(map(max, heights))
    ax = axes_for(ax)
    ax.grid(False)
    levels = [min(low, 0.0) - 1.0, 0.0, max(high, 0.0) + 1.0]
    ax.contourf(across, up, heights, levels=levels, colors=["#FBD9C5", "#CFE6F5"])
    if low < 0 < high:
        ax.contour(across, up, heights, levels=[0.0], colors=[INK], linewidths=1.8)
    for positive, marker, color in ((False, "s", ORANGE), (True, "o", BLUE)):
        mine = [place for place, sign in zip(places, signs, strict=True) if sign is positive]
        ax.plot(
            [x for x, _ in mine], [y for _, y in mine], linestyle="none", marker=marker, markersize=5.5, color=color,
            markeredgecolor="white", markeredgewidth=0.7, label=names[positive],
        )  # fmt: skip
    ax.plot([], [], color=INK, linewidth=1.8, label="score 0")
    ax.set_xlim(across[0], across[-1])
    ax.set_ylim(up[0], up[-1])
    ax.spines["bottom"].set_color(GREY)
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)


def scores_over(score: Callable[[list[float]], Any], across: Sequence[float], up: Sequence[float]) -> list[list[float]]:
    """Return the score at every place of a grid, one row per height, without building a graph.

    Raises:
        DomainError: A score is nan or infinite.

    Example:
        >>> from slopewise.drawing.regions import scores_over
        >>> scores_over(lambda p: p[0] + p[1], [0.0, 1.0], [0.0, 10.0])
        [[0.0, 1.0], [10.0, 11.0]]
    """
    rows = []
    with no_grad():
        for y in up:
            row = []
            for x in across:
                out = score([x, y])
                number = float(out.data if isinstance(out, Value) else out)
                if not math.isfinite(number):
                    raise DomainError(f"the score at ({x:.4g}, {y:.4g}) is {number!r}: a boundary needs finite numbers")
                row.append(number)
            rows.append(row)
    return rows


def _pair(point: Sequence[Any]) -> tuple[float, float]:
    if len(point) != 2:
        raise ShapeError(f"plot_boundary() needs points of two numbers, got one of {len(point)}")
    x, y = (float(item.data if isinstance(item, Value) else item) for item in point)
    return x, y


def _spread(values: list[float], cells: int) -> list[float]:
    room = 0.12 * (max(values) - min(values)) or 1.0
    low, high = min(values) - room, max(values) + room
    return [low + (high - low) * i / (cells - 1) for i in range(cells)]
