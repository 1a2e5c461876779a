"""Numbers along steps: a training run's loss and accuracy, several runs side by side, error against step size."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.drawing.canvas import BLUE, DASHES, GREY, MARKERS, ORANGE, PALE, SERIES, axes_for, finish
from slopewise.engine import Value
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_training(
    losses: Iterable[Any],
    accuracies: Iterable[Any] | None = None,
    *,
    logarithmic: bool = True,
    title: str = "",
    xlabel: str = "step",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the loss at each step and, against a second scale at the right, the accuracy.

    Args:
        losses: One number per step.
        accuracies: One number between 0 and 1 per step, or None.
        logarithmic: Whether the loss has a logarithmic scale; it falls back to a plain one when a loss is not positive.
        title: A line above the picture.
        xlabel: What a step is.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes of the loss; those of the accuracy are the figure's next axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: There are not as many accuracies as losses.
        DomainError: There are no losses.

    Example:
        >>> from slopewise.drawing import new_axes, plot_training
        >>> ax = plot_training([0.9, 0.3, 0.1], [0.5, 0.8, 1.0], ax=new_axes())
        >>> ax.get_yscale(), [text.get_text() for text in ax.get_legend().get_texts()]
        ('log', ['loss (left)', 'accuracy (right)'])
    """
    numbers = [_number(loss) for loss in losses]
    if not numbers:
        raise DomainError("plot_training() of no losses: give at least one")
    shares = None if accuracies is None else [_number(accuracy) for accuracy in accuracies]
    if shares is not None and len(shares) != len(numbers):
        raise ShapeError(f"plot_training() needs as many accuracies as losses, got {len(shares)} and {len(numbers)}")
    ax = axes_for(ax)
    steps = range(len(numbers))
    handles = ax.plot(steps, numbers, color=BLUE, linewidth=1.8, label="loss" if shares is None else "loss (left)")
    if logarithmic and all(loss > 0 for loss in numbers):
        ax.set_yscale("log")
    if shares is not None:
        other = ax.twinx()
        handles += other.plot(
            steps, [100 * share for share in shares], color=ORANGE, linewidth=1.6, linestyle=DASHES[1],
            label="accuracy (right)",
        )  # fmt: skip
        other.set_ylim(0, 104)
        other.set_ylabel("accuracy, %", color=ORANGE)
        other.tick_params(colors=ORANGE, labelsize=9)
        other.spines["top"].set_visible(False)
    _whole_steps(ax)
    finish(ax, title=title, xlabel=xlabel, ylabel="loss", legend=False)
    if shares is not None:
        ax.yaxis.label.set_color(BLUE)
        ax.tick_params(axis="y", colors=BLUE)
        ax.legend(handles=handles, frameon=True, framealpha=0.9, fontsize=9, loc="center right")
    return ax


def plot_sequences(
    sequences: Mapping[str, Sequence[Any]],
    *,
    logarithmic: bool = False,
    at: Sequence[float] | None = None,
    between: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
    title: str = "",
    xlabel: str = "step",
    ylabel: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw several named runs of numbers over the same steps, told apart by colour, dash and marker.

    Args:
        sequences: The runs, by name; their lengths may differ.
        logarithmic: Whether the vertical scale is logarithmic.
        at: The steps themselves, when they are not 0, 1, 2, …; at least as many as the longest run has numbers.
        between: The vertical range, or None for what the numbers need.
        level: A height to mark with a thin line, and its name; or None.
        title: A line above the picture.
        xlabel: What a step is.
        ylabel: What the numbers are.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: There is no run, or one is empty.
        ShapeError: `at` is shorter than a run.

    Example:
        >>> from slopewise.drawing import new_axes, plot_sequences
        >>> ax = plot_sequences({"halving": [4, 2, 1], "steady": [3, 3, 3]}, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['halving', 'steady']
    """
    runs = {name: [_number(item) for item in items] for name, items in sequences.items()}
    if not runs or not all(runs.values()):
        raise DomainError("plot_sequences() needs at least one run, and no empty one")
    longest = max(map(len, runs.values()))
    places = range(longest) if at is None else at
    if len(places) < longest:
        raise ShapeError(f"plot_sequences() needs a place for each of {longest} numbers, got {len(places)}")
    ax = axes_for(ax)
    if level is not None:
        ax.axhline(level[0], color=GREY, linewidth=1.0, label=level[1])
    for i, (name, numbers) in enumerate(runs.items()):
        ax.plot(
            places[: len(numbers)], numbers, color=SERIES[i % 5], linestyle=DASHES[i % 5], linewidth=1.7,
            marker=MARKERS[i % 5], markersize=4, markevery=max(1, len(numbers) // 12), label=name,
        )  # fmt: skip
    if logarithmic:
        ax.set_yscale("log")
    if between is not None:
        ax.set_ylim(*between)
    elif not logarithmic:
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.16 * (high - low))  # room for the legend
    if at is None:
        _whole_steps(ax)
    finish(ax, title=title, xlabel=xlabel, ylabel=ylabel, legend=False)
    ax.legend(frameon=True, framealpha=0.9, edgecolor=PALE, fontsize=9, ncols=3 if between is None else 1)
    return ax


def plot_step_sizes(
    errors: Mapping[str, Sequence[tuple[float, float]]],
    *,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the error of finite differences against the step h, both on logarithmic scales.

    Args:
        errors: For each method's name, pairs of h and the size of the error; an error of 0 is left out.
        title: A line above the picture.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: No method has an error above 0.

    Example:
        >>> from slopewise.drawing import new_axes, plot_step_sizes
        >>> ax = plot_step_sizes({"forward": [(1e-2, 1e-2), (1e-4, 1e-4)]}, ax=new_axes())
        >>> ax.get_xscale(), ax.get_yscale()
        ('log', 'log')
    """
    kept = {
        name: sorted((float(h), abs(float(error))) for h, error in pairs if error != 0 and math.isfinite(error))
        for name, pairs in errors.items()
    }
    if not any(kept.values()):
        raise DomainError("plot_step_sizes() needs at least one error that is not 0")
    ax = axes_for(ax)
    for i, (name, pairs) in enumerate(kept.items()):
        ax.plot(
            [h for h, _ in pairs], [error for _, error in pairs], color=SERIES[i % 5], linestyle=DASHES[i % 5],
            linewidth=1.6, marker=MARKERS[i % 5], markersize=4, label=name,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    return finish(ax, title=title, xlabel="step h", ylabel="size of the error")


def _whole_steps(ax: "Axes") -> None:
    """Keep the ticks of the horizontal axis at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _number(item: Any) -> float:
    return float(item.data if isinstance(item, Value) else item)
