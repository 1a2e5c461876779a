"""What a classifier says about every place of the plane."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.basics import shown
from slopewise.basics.arguments import check_callable, number_of
from slopewise.drawing.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, axes_for, finish
from slopewise.drawing.curves import places_between
from slopewise.drawing.given_numbers import check_finite, given_entries, given_number, given_pairs
from slopewise.engine import no_grad
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Grid = list[list[tuple[float, ...]]]  # a row per height, in it the scores at each place
COLORS = (ORANGE, BLUE, GREEN, PURPLE, INK, "#7A6200")
PALE = ("#FBD9C5", "#CFE6F5", "#CDEBDD", "#EFD5E3", "#E4E4E4", "#F3EBC3")
FINER = 4
SHAPES = ("s", "o", "^", "D", "v", "P", "X", "<", ">", "*")


@dataclass(frozen=True, slots=True)
class Sample:
    """Points of the plane with their labels.

    Attributes:
        points: The points.
        classes: For each point, the number of its label.
        names: What the labels are called.
    """

    points: tuple[tuple[float, float], ...]
    classes: tuple[int, ...]
    names: tuple[str, ...]


def plot_boundary(
    score: Callable[[list[float]], Any],
    points: Iterable[Sequence[Any]],
    labels: Iterable[Any],
    *,
    level: float = 0.0,
    cells: int = 50,
    names: Sequence[str] | None = None,
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    ax: "Axes | None" = None,
) -> "Axes":
    """Colour the plane by what a classifier says, draw the boundary, and put the labelled points on top.

    A net with one output tells two labels apart by the sign of its score; one with several outputs chooses the label of
    the largest.

    Args:
        score: A function, or a net, of a list of two numbers. It returns one score, above `level` for the second label,
            or a list with one score per label.
        points: Pairs of numbers, or an array of two columns.
        labels: A label per point: −1 and 1, 0 and 1, False and True, whole numbers from 0, or words. In rising order
            they belong to the scores.
        level: Where the boundary lies: 0 for a score, 0.5 for a probability. Not used with several scores.
        cells: How many places are tried along each side, at least 2; between them the score is taken as straight.
        names: What the labels are called in the legend, in rising order of the labels.
        title: A line above the picture.
        xlabel: What the first number is.
        ylabel: What the second number is.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: A point is not a pair, there are not as many labels as points, or more labels than scores.
        DomainError: There are no points, `cells` is below 2, or a score is not finite.
        NumberError: The score cannot be called, or returns something that is no number.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_boundary(lambda p: p[0] - p[1], [(0, 1), (1, 0)], [-1, 1], cells=4, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['label −1', 'label 1', 'score 0']
    """
    check_callable(score, "plot_boundary()")
    places = given_pairs(points, "plot_boundary(): points")
    marks = given_labels(labels, len(places), "plot_boundary()")
    across, up = plane_around(places, cells, "plot_boundary()")
    grid = scores_over(score, across, up)
    sample = sample_of(places, marks, len(grid[0][0]), names, "plot_boundary()")
    ax = axes_for(ax)
    draw_regions(ax, across, up, grid, level)
    draw_sample(ax, sample)
    ax.plot([], [], color=INK, linewidth=1.8, label=boundary_name(grid, level))
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)


def draw_regions(ax: "Axes", across: Sequence[float], up: Sequence[float], grid: Grid, level: float) -> None:
    """Colour the plane by the label that each place gets, and draw the lines between."""
    ax.grid(False)
    if len(grid[0][0]) > 1:
        across, up, grid = _finer(across, up, grid)
    fields = _margins(grid, level)
    if len(fields) > 2:  # where three regions meet, the straight pieces of their borders leave a hole
        from matplotlib.colors import ListedColormap

        winners = [[row.index(max(row)) for row in zip(*rows, strict=True)] for rows in zip(*fields, strict=True)]
        pale = ListedColormap([PALE[number % len(PALE)] for number in range(len(fields))])
        ax.pcolormesh(across, up, winners, cmap=pale, vmin=-0.5, vmax=len(fields) - 0.5, shading="nearest", zorder=0.4)
    for number, margins in enumerate(fields):
        low, high = min(map(min, margins)), max(map(max, margins))
        if high >= 0:
            levels = [0.0, max(high, 0.0) + 1.0]
            ax.contourf(across, up, margins, levels=levels, colors=[PALE[number % len(PALE)]], zorder=0.5)
        if low < 0 < high and (number or len(fields) > 2):
            ax.contour(across, up, margins, levels=[0.0], colors=[INK], linewidths=1.8, zorder=0.6)
    ax.set_xlim(across[0], across[-1])
    ax.set_ylim(up[0], up[-1])


def _finer(across: Sequence[float], up: Sequence[float], grid: Grid) -> tuple[Sequence[float], Sequence[float], Grid]:
    """Return a grid with more places between, the scores taken as straight: regions then meet in one point."""
    import numpy as np

    wide = np.linspace(across[0], across[-1], FINER * (len(across) - 1) + 1)
    high = np.linspace(up[0], up[-1], FINER * (len(up) - 1) + 1)
    layers = []
    for scores in np.moveaxis(np.array(grid, dtype=float), 2, 0):
        rows = np.array([np.interp(wide, across, row) for row in scores])
        layers.append(np.array([np.interp(high, up, column) for column in rows.T]).T)
    stacked = np.stack(layers, axis=2)
    return wide.tolist(), high.tolist(), [[tuple(place) for place in row] for row in stacked.tolist()]


def draw_sample(ax: "Axes", sample: Sample) -> None:
    """Put the points on axes, each label with its own colour and marker."""
    for number, name in enumerate(sample.names):
        mine = [point for point, c in zip(sample.points, sample.classes, strict=True) if c == number]
        if mine:
            ax.plot(
                [x for x, _ in mine], [y for _, y in mine], linestyle="none", marker=SHAPES[number % len(SHAPES)],
                markersize=5.5, color=COLORS[number % len(COLORS)], markeredgecolor="white", markeredgewidth=0.7,
                label=name, zorder=3,
            )  # fmt: skip


def boundary_name(grid: Grid, level: float) -> str:
    """Return what the line between the labels is called in a legend."""
    return "boundary" if len(grid[0][0]) > 1 else f"score {shown(level)}"


def scores_over(score: Callable[[list[float]], Any], across: Sequence[float], up: Sequence[float]) -> Grid:
    """Return the scores at every place of a grid, one row per height, without building a graph.

    Raises:
        DomainError: A score is nan or infinite.
        NumberError: A score is no number.
        ShapeError: There are none, or not equally many everywhere.

    Example:
        >>> from slopewise.drawing.regions import scores_over
        >>> scores_over(lambda p: p[0] + p[1], [0.0, 1.0], [0.0, 10.0])
        [[(0.0,), (1.0,)], [(10.0,), (11.0,)]]
    """
    count = 0
    rows = []
    with no_grad():
        for y in up:
            row = []
            for x in across:
                found = _scores(score([x, y]), x, y)
                if len(found) != (count or len(found)) or not found:
                    raise ShapeError(f"the score at ({x:.4g}, {y:.4g}) has {len(found)} numbers, elsewhere {count}")
                count = len(found)
                row.append(found)
            rows.append(row)
    return rows


def plane_around(
    points: Sequence[tuple[float, float]], cells: int, where: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the places along both axes, reaching a little beyond the points.

    Raises:
        DomainError: `cells` is below 2.
    """
    if isinstance(cells, bool) or not hasattr(cells, "__index__") or cells.__index__() < 2:
        raise DomainError(f"{where} needs cells >= 2, got {cells!r}\ntry cells=50")
    sides = []
    for axis in (0, 1):
        values = [point[axis] for point in points]
        room = 0.12 * (max(values) - min(values)) or 1.0
        sides.append(tuple(places_between((min(values) - room, max(values) + room), cells.__index__())))
    return sides[0], sides[1]


def given_labels(labels: Any, count: int, where: str) -> list[Any]:
    """Return the labels as floats or as words.

    Raises:
        ShapeError: There are not `count` of them.
        DomainError: One is nan, or numbers and words are mixed.
    """
    entries = given_entries(labels, f"{where}: labels")
    if len(entries) != count:
        raise ShapeError(
            f"{where} needs a label per point, got {count} points and {len(entries)} labels\ngive one for each point"
        )
    if all(isinstance(entry, str) for entry in entries):
        return [str(entry) for entry in entries]
    if any(isinstance(entry, str) for entry in entries):
        raise DomainError(f"{where}: labels are numbers or words, and these are both\nwrite all of them as words")
    numbers = [given_number(entry, f"{where}: labels[{i}] is") for i, entry in enumerate(entries)]
    check_finite(numbers, f"{where}: labels")
    return numbers


def sample_of(
    points: Sequence[tuple[float, float]], labels: Sequence[Any], scores: int, names: Sequence[str] | None, where: str
) -> Sample:
    """Match the labels with the scores: whole numbers from 0 name their score, others count in rising order.

    Raises:
        ShapeError: There are more labels than a classifier with so many scores can tell apart, or other than one name
            per label.
    """
    distinct = sorted(set(labels))
    told = max(2, scores)
    if all(isinstance(label, float) and label in range(told) for label in distinct):
        distinct = [float(number) for number in range(told)]
    elif len(distinct) == 1 and isinstance(distinct[0], float):
        label = distinct[0]
        distinct = [label, -label if label else 1.0] if label <= 0 else [-label, label]
    if len(distinct) > told:
        raise ShapeError(
            f"{where}: {'one score tells' if scores == 1 else f'{scores} scores tell'} {told} labels apart, "
            f"and there are {len(distinct)}: {', '.join(map(_label, distinct[:6]))}{', …' * (len(distinct) > 6)}\n"
            f"let the net return one score per label"
        )
    told_as = [label if isinstance(label, str) else f"label {shown(label)}" for label in distinct]
    chosen = told_as if names is None else [str(name) for name in names]
    if len(chosen) != len(distinct) or isinstance(names, str):
        raise ShapeError(
            f"{where}: there are {len(distinct)} labels, {', '.join(map(_label, distinct))}, and names={names!r}\n"
            f"give one name for each, in this order"
        )
    return Sample(tuple(points), tuple(distinct.index(label) for label in labels), tuple(chosen))


def _label(label: Any) -> str:
    return label if isinstance(label, str) else shown(label)


def _scores(out: Any, x: float, y: float) -> tuple[float, ...]:
    items = list(out) if hasattr(out, "__len__") and not isinstance(out, (str, bytes)) else [out]
    found = []
    for item in items:
        number = number_of(item, f"the score at ({x:.4g}, {y:.4g}) is")
        if not math.isfinite(number):
            raise DomainError(
                f"the score at ({x:.4g}, {y:.4g}) is {number!r}: a boundary needs finite numbers\n"
                f"with sw.anomalies(): finds the operation that made it"
            )
        found.append(number)
    return tuple(found)


def _margins(grid: Grid, level: float) -> list[list[list[float]]]:
    """Return, for each label, by how much it is ahead of the others at every place."""
    if len(grid[0][0]) == 1:
        return [[[way * (scores[0] - level) for scores in row] for row in grid] for way in (-1.0, 1.0)]
    return [
        [[scores[k] - max(s for i, s in enumerate(scores) if i != k) for scores in row] for row in grid]
        for k in range(len(grid[0][0]))
    ]
