"""The boundary of a classifier while it is trained, as an animation."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import relation
from slopewise.basics.arguments import check_callable
from slopewise.drawing.animation import Animation, checked_ms, figure_image, moving_axes, settle, size_that_fits
from slopewise.drawing.canvas import INK, axes_for, finish, require_matplotlib
from slopewise.drawing.given_numbers import given_pairs
from slopewise.drawing.model_parameters import borrowed, parameters_of
from slopewise.drawing.regions import (
    Grid,
    Sample,
    boundary_name,
    draw_regions,
    draw_sample,
    given_labels,
    plane_around,
    sample_of,
    scores_over,
)
from slopewise.drawing.training_path import TrainingPath, given_snapshots

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 40  # snapshots that are drawn; of more, some are left out


def animate_boundary(
    model: Callable[[list[float]], Any],
    points: Iterable[Sequence[Any]],
    labels: Iterable[Any],
    path: TrainingPath | Iterable[Any],
    *,
    level: float = 0.0,
    cells: int = 36,
    names: Sequence[str] | None = None,
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    step_ms: int = 250,
    pause_ms: int = 3000,
) -> Animation:
    """Animate what a classifier says about every place of the plane, while it is trained.

    Record the training with a `TrainingPath`; here each snapshot is put into the model, asked about the plane, and at
    the end every parameter gets back the very number that it held. Of more than 40 snapshots some are left out, fewer
    at the start, where most happens.

    Args:
        model: The net, which takes a list of two numbers: see `plot_boundary`.
        points: Pairs of numbers.
        labels: A label per point.
        path: A `TrainingPath` of the model, or snapshots such as `[p.data for p in model.parameters()]`.
        level: Where the boundary lies: 0 for a score, 0.5 for a probability. Not used with several scores.
        cells: How many places are tried along each side, at least 2.
        names: What the labels are called in the legend, in rising order of the labels.
        title: A line above the picture.
        xlabel: What the first number is.
        ylabel: What the second number is.
        step_ms: How long a snapshot is shown, in milliseconds.
        pause_ms: How long the last one stays.

    Returns:
        The animation: a notebook shows it, `.save("boundary.gif")` writes it.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: A point is not a pair, there are not as many labels as points, or a snapshot does not fit the model.
        DomainError: There are no points or no snapshots, an option cannot be, or a score is not finite.
        NumberError: The model cannot be called or holds no Values, or something is no number.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.nn import Neuron
        >>> net = Neuron(2, nonlin=False, init=0.0)
        >>> sw.animate_boundary(net, [(0, 1), (1, 0)], [-1, 1], [[0.1, -0.1, 0], [1.0, -1.0, 0]], cells=4)
        <Animation: 2 frames, 3.2 s>
    """
    require_matplotlib()
    where = "animate_boundary()"
    step, pause = checked_ms(step_ms, "step_ms"), checked_ms(pause_ms, "pause_ms")
    check_callable(model, where)
    parameters = [p for _, p in parameters_of(model, where)]
    places = given_pairs(points, f"{where}: points")
    marks = given_labels(labels, len(places), where)
    across, up = plane_around(places, cells, where)
    snapshots = given_snapshots(path, len(parameters), where)
    shots = chosen_snapshots(len(snapshots))
    grids = []
    with borrowed(parameters):
        for shot in shots:
            for p, number in zip(parameters, snapshots[shot], strict=True):
                p.data = number
            grids.append(scores_over(model, across, up))
    sample = sample_of(places, marks, len(grids[0][0][0]), names, where)
    told = [_told(path, shot, len(snapshots)) for shot in shots]
    film = _Film(across, up, grids, sample, told, level, title, xlabel, ylabel)
    alt = f"{title + ': ' if title else ''}{len(places)} points and the boundary between their labels; {told[-1]}"
    return Animation(film.draw, [*([step] * (len(shots) - 1)), pause], alt)


def chosen_snapshots(count: int, most: int = MOST) -> list[int]:
    """Return which of so many snapshots are drawn: all, or `most`, denser at the start; the last always.

    Example:
        >>> from slopewise.drawing.moving_regions import chosen_snapshots
        >>> chosen_snapshots(3), chosen_snapshots(101, 6)
        ([0, 1, 2], [0, 8, 23, 44, 70, 100])
    """
    if count <= most:
        return list(range(count))
    last = count - 1
    wanted = [round(last * (k / (most - 1)) ** 1.6) for k in range(most)]
    chosen: list[int] = []
    for k, number in enumerate(wanted):
        low = chosen[-1] + 1 if chosen else 0
        chosen.append(min(max(number, low), last - (most - 1 - k)))
    return chosen


def _told(path: Any, shot: int, count: int) -> str:
    """Return the step, and the loss and accuracy if they were recorded."""
    if not isinstance(path, TrainingPath):
        return f"snapshot {shot + 1} of {count}"
    words = [f"step {path.steps[shot]} of {path.steps[-1]}"]
    if path.losses:
        words.append(f"loss {relation(path.losses[shot])}")
    if path.accuracies:
        words.append(f"accuracy {100 * path.accuracies[shot]:.0f} %")
    return ",  ".join(words)


class _Film:
    """The figure of an animated boundary, changed from frame to frame."""

    def __init__(
        self,
        across: Sequence[float],
        up: Sequence[float],
        grids: list[Grid],
        sample: Sample,
        told: list[str],
        level: float,
        title: str,
        xlabel: str,
        ylabel: str,
    ) -> None:
        self.across, self.up = across, up
        self.grids = grids
        self.told = told
        self.level = level
        self.lead = f"{title}\n" if title else ""
        self.ax: Any = axes_for(moving_axes(height=4.8))
        draw_sample(self.ax, sample)
        self.ax.plot([], [], color=INK, linewidth=1.8, label=boundary_name(grids[0], level))
        self.fixed = set(self.ax.collections)
        self.ax.set_xlim(across[0], across[-1])
        self.ax.set_ylim(up[0], up[-1])
        self.ax.grid(False)
        finish(self.ax, title=f"{self.lead} ", xlabel=xlabel, ylabel=ylabel)
        settle(self.ax.figure)

    def draw(self, frame: int) -> "Image":
        """Return a frame as an image."""
        for drawn in [item for item in self.ax.collections if item not in self.fixed]:
            drawn.remove()
        draw_regions(self.ax, self.across, self.up, self.grids[frame], self.level)
        lines = f"{self.lead}{self.told[frame]}"
        self.ax.set_title(lines, loc="left", fontsize=size_that_fits(lines), color=INK)
        return figure_image(self.ax.figure)
