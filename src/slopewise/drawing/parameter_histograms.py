"""How the weights and the gradients of a model are spread, layer by layer."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import shown
from slopewise.basics.arguments import number_of
from slopewise.drawing.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    axes_for,
    check_axes,
    finish,
    new_shown_row,
    require_matplotlib,
)
from slopewise.drawing.model_parameters import by_layer, parameters_of
from slopewise.engine.value import was_written
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 41


def plot_weights(model: Any, *, bins: int = BINS, title: str = "weights", ax: "Axes | None" = None) -> "Axes":
    """Draw the spread of a model's parameters as one histogram per layer, all on one scale.

    Each row says how many parameters the layer has, their mean and their standard deviation; biases count as well.

    Args:
        model: A net, or anything with `parameters()`; a list or dict of Values.
        bins: How many columns each histogram has, at least 2.
        title: A line above the picture.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: The model holds no Values.
        DomainError: It has no parameters, or `bins` is below 2.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> from slopewise.nn import MLP
        >>> ax = sw.plot_weights(MLP(2, [16, 1], rng=1), ax=new_axes())
        >>> [text.get_text() for text in ax.get_yticklabels()]
        ['layers.0', 'layers.1']
    """
    named = parameters_of(model, "plot_weights()")
    rows = [(layer, [_number(p.data) for p in items], "") for layer, items in by_layer(named)]
    return _draw(rows, bins, False, title, BLUE, "plot_weights()", ax)


def plot_gradients(
    model: Any, *, logarithmic: bool = False, bins: int = BINS, title: str = "gradients", ax: "Axes | None" = None
) -> "Axes":
    """Draw the spread of a model's gradients as one histogram per layer, all on one scale.

    A layer that no backward pass has reached reads "not run", never zero. On the logarithmic scale, which shows
    gradients that vanish or explode from layer to layer, only the sizes of those that are not 0 are drawn.

    Args:
        model: A net, or anything with `parameters()`; a list or dict of Values.
        logarithmic: Whether the sizes are drawn, as powers of ten.
        bins: How many columns each histogram has, at least 2.
        title: A line above the picture.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: The model holds no Values.
        DomainError: It has no parameters, or `bins` is below 2.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> from slopewise.nn import MLP
        >>> net = MLP(2, [16, 1], rng=1)
        >>> ax = sw.plot_gradients(net, ax=new_axes())
        >>> [text.get_text() for text in ax.texts]
        ['not run', 'not run']
    """
    named = parameters_of(model, "plot_gradients()")
    rows = []
    for layer, items in by_layer(named):
        written = [p for p in items if was_written(p)]
        missing = len(items) - len(written)
        note = "not run" if not written else f"{missing} of {len(items)} not run" if missing else ""
        rows.append((layer, [_number(p.grad) for p in written], note))
    return _draw(rows, bins, logarithmic, title, ORANGE, "plot_gradients()", ax)


def plot_histograms(
    model: Any, *, logarithmic: bool = False, bins: int = BINS, ax: "Sequence[Axes] | None" = None
) -> "tuple[Axes, Axes]":
    """Draw weights and gradients side by side, one histogram per layer: `plot_weights` beside `plot_gradients`.

    Args:
        model: A net, or anything with `parameters()`; a list or dict of Values.
        logarithmic: Whether the gradients' sizes are drawn, as powers of ten.
        bins: How many columns each histogram has, at least 2.
        ax: Two axes to draw on; a new figure when None.

    Returns:
        The axes of the weights and those of the gradients.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: The model holds no Values.
        DomainError: It has no parameters, or `bins` is below 2.
        ShapeError: `ax` is not two axes.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_row
        >>> from slopewise.nn import MLP
        >>> left, right = sw.plot_histograms(MLP(2, [4, 1], rng=1), ax=new_row(2))
        >>> left.get_title(loc="left"), right.get_title(loc="left")
        ('weights', 'gradients')
    """
    named = parameters_of(model, "plot_histograms()")
    _check_bins(bins, "plot_histograms()")
    require_matplotlib()
    if ax is None:
        height = max(2.6, 0.9 + 0.75 * len(by_layer(named)))
        left, right = new_shown_row(2, width=10.0, height=height)
    else:
        pair: list[Any] = list(getattr(ax, "flat", ax)) if hasattr(ax, "__len__") else [ax]
        if len(pair) != 2:
            raise ShapeError(
                f"plot_histograms() draws on two axes, got {len(pair)}\n"
                f"make them with plt.subplots(1, 2)[1], or call plot_weights() or plot_gradients() for one"
            )
        left, right = pair
        check_axes(left)
        check_axes(right)
    return plot_weights(model, bins=bins, ax=left), plot_gradients(model, logarithmic=logarithmic, bins=bins, ax=right)


def _number(data: Any) -> float:
    return number_of(data, "a parameter holds")


def _check_bins(bins: Any, where: str) -> int:
    if isinstance(bins, bool) or not hasattr(bins, "__index__") or bins.__index__() < 2:
        raise DomainError(f"{where} needs bins >= 2, got {bins!r}\ntry bins={BINS}")
    return int(bins.__index__())


def _draw(
    rows: Sequence[tuple[str, list[float], str]],
    bins: int,
    logarithmic: bool,
    title: str,
    color: str,
    where: str,
    ax: "Axes | None",
) -> "Axes":
    """Draw a histogram per row, the first layer at the top, each with its facts above its right end."""
    bins = _check_bins(bins, where)
    drawn = [
        [math.log10(abs(x)) if logarithmic else x for x in numbers if math.isfinite(x) and not (logarithmic and x == 0)]
        for _, numbers, _ in rows
    ]
    every = [x for numbers in drawn for x in numbers]
    low, high = (min(every), max(every)) if every else (-1.0, 1.0)
    if not high > low:
        low, high = low - (abs(low) or 1.0), high + (abs(high) or 1.0)
    width = (high - low) / bins
    ax = axes_for(ax)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    for i, (numbers, (_, given, note)) in enumerate(zip(drawn, rows, strict=True)):
        base = float(len(rows) - 1 - i)
        ax.axhline(base, color=GREY, linewidth=0.6)
        if numbers:
            counts = [0] * bins
            for x in numbers:
                counts[min(bins - 1, int((x - low) / width))] += 1
            edges = [low + width * k for k in range(bins + 1)]
            ax.stairs([base + 0.68 * c / max(counts) for c in counts], edges, baseline=base, fill=True,
                      facecolor=color, edgecolor=color, alpha=0.75)  # fmt: skip
        ax.text(1.0, base + 0.92, _facts(given, note, logarithmic), transform=ax.get_yaxis_transform(), ha="right",
                va="top", fontsize=8, color=INK)  # fmt: skip
    ax.set_yticks([float(len(rows) - 1 - i) for i in range(len(rows))], [_short(layer) for layer, _, _ in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.08, len(rows) - 0.02)
    ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    ax.spines["left"].set_visible(False)
    if logarithmic:
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda power, _: f"$10^{{{power:.0f}}}$"))
    return finish(ax, title=title, xlabel="size" if logarithmic else "")


def _facts(numbers: Sequence[float], note: str, logarithmic: bool) -> str:
    finite = [x for x in numbers if math.isfinite(x)]
    if not numbers:
        return note
    words = [f"{len(numbers)} numbers" if len(numbers) != 1 else "1 number"]
    if len(finite) < len(numbers):
        words.append(f"{len(numbers) - len(finite)} not finite")
    zeros = sum(x == 0 for x in finite)
    if zeros and zeros == len(finite):
        words.append("all 0")
    elif finite:
        if zeros and (logarithmic or zeros > len(finite) // 20):
            words.append(f"{zeros} {'is' if zeros == 1 else 'are'} 0")
        mean = math.fsum(finite) / len(finite)
        spread = math.sqrt(math.fsum((x - mean) ** 2 for x in finite) / len(finite))
        words.append(f"mean {shown(mean, 2)}, sd {shown(spread, 2)}")
    return " · ".join([*words, note] if note else words)


def _short(layer: str) -> str:
    return layer if len(layer) <= 24 else layer[:11] + "…" + layer[-12:]
