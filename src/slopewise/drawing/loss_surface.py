"""The loss around a model's parameters, over two of them or two directions, with the path that training took."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation
from slopewise.basics.arguments import check_callable, number_of
from slopewise.drawing.canvas import INK, ORANGE, axes_for, finish
from slopewise.drawing.contours import add_bar, draw_contours
from slopewise.drawing.curves import places_between
from slopewise.drawing.directions import Plane, axes_plane, check_over, path_plane, random_plane
from slopewise.drawing.given_numbers import given_range
from slopewise.drawing.model_parameters import borrowed, parameters_of
from slopewise.drawing.training_path import given_snapshots
from slopewise.engine import Value, no_grad
from slopewise.errors import DomainError, NumberError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_loss_surface(
    loss: Callable[[], Any],
    model: Any,
    *,
    over: Any = None,
    path: Any = None,
    between: tuple[Any, Any] | None = None,
    cells: int = 25,
    seed: int = 0,
    normalise: str = "neuron",
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the loss over two parameters, or along two directions through all of them, with the path of a training.

    The parameters are moved, the loss is asked for again at each place, and every parameter gets back the very number
    that it held, also when the loss raises. The middle is where the parameters stand now; for the plane of two
    directions it is marked with a cross. A path outside the plane is projected onto it: its points then show where the
    training moved, not how high it stood.

    Args:
        loss: A function without arguments that computes the loss from the model as it is, on the same data each time.
        model: The net, or anything with `parameters()`; or a list or dict of Values.
        over: Two parameters, as Values, names or positions; `"path"` for the plane in which the path moves most; None
            for two random directions.
        path: A `TrainingPath`, or snapshots of the parameters in their order, such as `[p.data for p in parameters]`.
        between: Two ranges: of the two parameters, or of the distances along the directions. When None: what the path
            needs, else −1 to 1 around the middle.
        cells: How many places are tried along each side, at least 2: the loss is computed `cells`² times.
        seed: Which random directions.
        normalise: How random directions are scaled: `"neuron"` to the size of each neuron's weights and bias (Li's
            filter normalisation), `"layer"`, `"model"`, or `"none"` for directions of length 1.
        title: A line above the picture.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes; the colour bar's are the figure's next.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: The loss cannot be called or returns no number, or the model holds no Values.
        DomainError: A parameter is unknown, the path is empty, the loss is finite nowhere, or an option is unknown.
        ShapeError: A snapshot has another number of parameters than the model.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> w, b = sw.Value(0.0, label="w"), sw.Value(2, label="b")
        >>> def loss():
        ...     return (w * 1.0 + b - 1.0) ** 2 + (w * 2.0 + b - 3.0) ** 2
        >>> ax = sw.plot_loss_surface(loss, [w, b], over=(w, b), cells=5, ax=new_axes())
        >>> ax.get_xlabel(), ax.get_ylabel(), b.data
        ('w', 'b', 2)

    Source:
        H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, Visualizing the Loss Landscape of Neural Nets (2018).
    """
    where = "plot_loss_surface()"
    check_callable(loss, where)
    named = parameters_of(model, where)
    chosen = check_over(over, where)
    if isinstance(cells, bool) or not hasattr(cells, "__index__") or cells.__index__() < 2:
        raise DomainError(f"{where} needs cells >= 2, got {cells!r}\ntry cells=25")
    centre = tuple(number_of(p, f"{where}: the parameter {name} is") for name, p in named)
    for (name, _), number in zip(named, centre, strict=True):
        if not math.isfinite(number):
            raise DomainError(f"{where}: the parameter {name} is {number!r}\nstart from finite parameters")
    snapshots = () if path is None else given_snapshots(path, len(named), where)
    if chosen is None:
        plane = random_plane(named, centre, seed=seed, normalise=normalise, where=where)
    elif chosen == "path":
        if not snapshots:
            raise DomainError(f"{where}: over='path' needs a path\ngive path=, or over=None for random directions")
        plane = path_plane(snapshots, centre, where)
    else:
        plane = axes_plane(named, chosen, centre, where)
    trail = [plane.projected(snapshot) for snapshot in snapshots]
    across, up = _ranges(plane, trail, between, int(cells.__index__()), where)
    heights = losses_over(loss, [p for _, p in named], plane, across, up)

    ax = axes_for(ax)
    shown_across = [plane.shown_at(a, 0.0)[0] for a in across]
    shown_up = [plane.shown_at(0.0, b)[1] for b in up]
    add_bar(ax, draw_contours(ax, shown_across, shown_up, heights), "loss")
    _draw_trail(ax, plane, trail)
    if not trail:
        x, y = plane.shown_at(0.0, 0.0)
        ax.plot([x], [y], marker="X", markersize=9, color=ORANGE, markeredgecolor="white", linestyle="none",
                label="the parameters now", zorder=4)  # fmt: skip
    ax.set_xlim(shown_across[0], shown_across[-1])
    ax.set_ylim(shown_up[0], shown_up[-1])
    return finish(ax, title=title, xlabel=plane.names[0], ylabel=plane.names[1])


def losses_over(
    loss: Callable[[], Any], parameters: Sequence[Value], plane: Plane, across: Sequence[float], up: Sequence[float]
) -> list[list[float]]:
    """Return the loss at each place of a plane, one row per height, and leave the parameters as they were.

    A place at which arithmetic fails counts as nan.

    Raises:
        NumberError: The loss returned no number.
        DomainError: No loss is finite.
    """
    rows = []
    with borrowed(parameters), no_grad():
        for b in up:
            row = []
            for a in across:
                for p, number in zip(parameters, plane.at(a, b), strict=True):
                    p.data = number
                try:
                    found = loss()
                except ArithmeticError:
                    found = math.nan
                if isinstance(found, (tuple, list)) and found:
                    raise NumberError(
                        f"plot_loss_surface(): the loss returned a {type(found).__name__} of {len(found)}\n"
                        f"return the loss alone: lambda: loss()[0]"
                    )
                row.append(number_of(found, "plot_loss_surface(): the loss is"))
            rows.append(row)
    if not any(math.isfinite(z) for row in rows for z in row):
        raise DomainError(
            "plot_loss_surface(): the loss is finite nowhere in the picture\n"
            "choose a smaller `between`, or check the loss"
        )
    return rows


def _ranges(
    plane: Plane, trail: Sequence[tuple[float, float]], between: Any, cells: int, where: str
) -> tuple[list[float], list[float]]:
    """Return the distances along both directions at which the loss is asked for."""
    if between is not None:
        sides = list(between) if hasattr(between, "__iter__") and not isinstance(between, str) else []
        if len(sides) == 2 and not any(hasattr(side, "__len__") for side in sides):
            sides = [between, between]
        if len(sides) != 2:
            raise DomainError(f"{where}: between needs two ranges, got {between!r}\nwrite ((-1.0, 1.0), (-1.0, 1.0))")
        zero = plane.shown_at(0.0, 0.0)
        ranges = [given_range(side, f"{where}: between[{i}]") for i, side in enumerate(sides)]
        return (
            [x - zero[0] for x in places_between(ranges[0], cells)],
            [y - zero[1] for y in places_between(ranges[1], cells)],
        )
    found = []
    widths = [max(t[axis] for t in trail) - min(t[axis] for t in trail) if trail else 0.0 for axis in (0, 1)]
    for axis in (0, 1):
        if not trail or not max(widths):
            found.append(places_between((-1.0, 1.0), cells))
            continue
        ends = [t[axis] for t in trail]
        middle, half = (max(ends) + min(ends)) / 2, max(0.7 * widths[axis], 0.3 * max(widths))
        found.append(places_between((middle - half, middle + half), cells))
    return found[0], found[1]


def _draw_trail(ax: "Axes", plane: Plane, trail: Sequence[tuple[float, float]]) -> None:
    if not trail:
        return
    points = [plane.shown_at(a, b) for a, b in trail]
    size = 4.0 if len(points) <= 40 else 2.5 if len(points) <= 150 else 0.0
    dots: dict[str, Any] = {"marker": "o", "markersize": size, "markerfacecolor": "white"} if size else {}
    ax.plot([x for x, _ in points], [y for _, y in points], color=INK, linewidth=1.2, zorder=3, **dots)
    steps = f"after {len(points) - 1} step{'s' if len(points) != 2 else ''}"
    for (x, y), marker, color, words in (
        (points[0], "s", INK, "start"),
        (points[-1], "o", ORANGE, steps),
    ):
        name = words
        if plane.is_axes and max(map(len, plane.names)) <= 12:
            name = f"{words}: {equation(plane.names[0], x)}, {equation(plane.names[1], y)}"
        ax.plot([x], [y], marker=marker, markersize=8, color=color, markeredgecolor="white", linestyle="none",
                label=name, zorder=4)  # fmt: skip
