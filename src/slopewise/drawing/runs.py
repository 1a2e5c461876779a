"""Numbers along steps: a training run's loss and accuracy, several runs side by side, error against step size."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import StepSizeStudy, shown
from slopewise.drawing.canvas import BLUE, DASHES, GREY, INK, MARKERS, ORANGE, SERIES, axes_for, finish
from slopewise.drawing.given_numbers import given_numbers
from slopewise.drawing.training_path import TrainingPath
from slopewise.errors import DomainError, NumberError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_training(
    losses: "Iterable[Any] | TrainingPath",
    accuracies: Iterable[Any] | None = None,
    *,
    logarithmic: bool = True,
    title: str = "",
    xlabel: str = "step",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the loss at each step and, against a second scale at the right, the accuracy.

    Args:
        losses: One number per step; or a `TrainingPath` that recorded losses, and accuracies if it has them.
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
        DomainError: There are no losses, none is finite, or an accuracy does not lie between 0 and 1.
        NumberError: Something is no number.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_training([0.9, 0.3, 0.1], [0.5, 0.8, 1.0], ax=new_axes())
        >>> ax.get_yscale(), [text.get_text() for text in ax.get_legend().get_texts()]
        ('log', ['loss (left)', 'accuracy (right)'])
    """
    if isinstance(losses, TrainingPath):
        path = losses
        losses, accuracies = path.losses, (path.accuracies or None) if accuracies is None else accuracies
    numbers = given_numbers(losses, "plot_training(): losses")
    shares = None if accuracies is None else given_numbers(accuracies, "plot_training(): accuracies")
    if shares is not None and len(shares) != len(numbers):
        raise ShapeError(
            f"plot_training() needs as many accuracies as losses, got {len(shares)} and {len(numbers)}\n"
            f"record both at every step"
        )
    for i, share in enumerate(shares or ()):
        if share < 0 or share > 1:
            raise DomainError(
                f"plot_training(): accuracies[{i}] is {share!r}, and an accuracy lies between 0 and 1\n"
                f"divide percentages by 100"
            )
    finite = [loss for loss in numbers if math.isfinite(loss)]
    if not finite:
        raise DomainError("plot_training(): no loss is finite\nfind the first nan with sw.anomalies()")
    ax = axes_for(ax)
    steps = range(len(numbers))
    dot: dict[str, Any] = {"marker": "o", "markersize": 5} if len(numbers) == 1 else {}
    name = "loss" if shares is None else "loss (left)"
    drawn = [loss if math.isfinite(loss) else math.nan for loss in numbers]
    handles = ax.plot(steps, drawn, color=BLUE, linewidth=1.8, label=name, **dot)
    if logarithmic and min(finite) > 0:
        _logarithmic_heights(ax)
    if len(finite) < len(numbers):
        first = next(i for i, loss in enumerate(numbers) if not math.isfinite(loss))
        words = f"not finite at {len(numbers) - len(finite)} of {len(numbers)} steps, first at {first}"
        handles.append(ax.axvline(first, color=INK, linewidth=1.0, linestyle=DASHES[2], label=words))
    if shares is not None:
        other = ax.twinx()
        dot = {"marker": "s", "markersize": 5} if len(numbers) == 1 else {}
        handles += other.plot(
            steps, [100 * share for share in shares], color=ORANGE, linewidth=1.6, linestyle=DASHES[1],
            label="accuracy (right)", **dot,
        )  # fmt: skip
        other.set_ylim(0, 104)
        other.set_ylabel("accuracy, %", color=ORANGE)
        other.tick_params(colors=ORANGE, labelsize=9)
        for side in ("top", "left", "bottom"):
            other.spines[side].set_visible(False)
        other.spines["right"].set_color(GREY)
    ax.set_xlim(*_with_room(0, len(numbers) - 1))
    _whole_steps(ax)
    finish(ax, title=title, xlabel=xlabel, ylabel="loss", legend=len(handles) > 1, handles=handles)
    if shares is not None:
        ax.yaxis.label.set_color(BLUE)
        ax.tick_params(axis="y", which="both", colors=BLUE)
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
        logarithmic: Whether the vertical scale is logarithmic; numbers that are not positive leave gaps.
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
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_sequences({"halving": [4, 2, 1], "steady": [3, 3, 3]}, ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['halving', 'steady']
    """
    if not isinstance(sequences, Mapping):
        raise NumberError(
            f"plot_sequences() needs runs by name, got {type(sequences).__name__}\nwrite {{'loss': numbers}}"
        )
    if not sequences:
        raise DomainError("plot_sequences() needs at least one run, got none\nwrite {'loss': numbers}")
    runs = {name: given_numbers(items, f"plot_sequences(): {name!r}") for name, items in sequences.items()}
    longest = max(map(len, runs.values()))
    places = range(longest) if at is None else at
    if len(places) < longest:
        raise ShapeError(
            f"plot_sequences() needs a place for each of {longest} numbers, got {len(places)}\ngive a longer `at`"
        )
    ax = axes_for(ax)
    if level is not None:
        ax.axhline(level[0], color=GREY, linewidth=1.0, label=level[1])
    for i, (name, numbers) in enumerate(runs.items()):
        ax.plot(
            places[: len(numbers)], numbers, color=SERIES[i % 5], linestyle=DASHES[i % 5], linewidth=1.7,
            marker=MARKERS[i % 5], markersize=4, markevery=max(1, len(numbers) // 12), label=name,
        )  # fmt: skip
    if logarithmic:
        _logarithmic_heights(ax)
    if between is not None:
        ax.set_ylim(*between)
    if at is None:
        _whole_steps(ax)
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)


def plot_step_sizes(
    errors: Mapping[str, Sequence[tuple[float, float]]] | StepSizeStudy,
    *,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the error of finite differences against the step h, both on logarithmic scales.

    Args:
        errors: What `sw.step_size_study` returned; or, for each method's name, pairs of h and the size of the error. An
            error of 0 is left out.
        title: A line above the picture.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: No method has an error above 0.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_step_sizes(sw.step_size_study(sw.tanh, 0.7), ax=new_axes())
        >>> ax.get_xscale(), [text.get_text() for text in ax.get_legend().get_texts()]
        ('log', ['forward', 'central'])
    """
    if isinstance(errors, StepSizeStudy):
        study = errors
        errors = {
            "forward": [(row.h, row.forward_error) for row in study.rows],
            "central": [(row.h, row.central_error) for row in study.rows],
        }
        title = title or f"error of the measured slope at {study.name} = {shown(study.at)}"
    kept = {
        name: sorted((float(h), abs(float(error))) for h, error in pairs if error != 0 and math.isfinite(error))
        for name, pairs in errors.items()
    }
    if not any(kept.values()):
        raise DomainError(
            "plot_step_sizes() needs at least one error that is not 0\ntry a function that is not a straight line"
        )
    ax = axes_for(ax)
    for i, (name, pairs) in enumerate(kept.items()):
        ax.plot(
            [h for h, _ in pairs], [error for _, error in pairs], color=SERIES[i % 5], linestyle=DASHES[i % 5],
            linewidth=1.6, marker=MARKERS[i % 5], markersize=4, label=name,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    return finish(ax, title=title, xlabel="step h", ylabel="size of the error")


def _with_room(first: float, last: float) -> tuple[float, float]:
    room = 0.03 * (last - first) or 0.5
    return first - room, last + room


def _logarithmic_heights(ax: "Axes") -> None:
    """Make the vertical scale logarithmic, with plain numbers at 1, 2 and 5 and, where they lie far apart, between."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    decades = math.log10(high / low)
    subs = (1.0,) if decades > 4 else (1.0, 2.0, 5.0) if decades > 0.8 else tuple(map(float, range(1, 10)))
    if decades > 0.2:
        ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=10))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda height, _: shown(float(f"{height:.6g}"))))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _whole_steps(ax: "Axes") -> None:
    """Keep the ticks of the horizontal axis at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
