"""Heights over a plane as filled contours, light where the ground is low."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import shown
from slopewise.drawing.canvas import GREY, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BANDS = 14
PALETTE = ("#F4F9FC", "#D3E5F1", "#A6CBE3", "#6FA8CF", "#3A7FB3", "#155A8C")  # one hue, light to dark
STEEP = 50.0  # a range so many times wider than its lower half gets levels at equal ratios


def draw_contours(ax: "Axes", across: Sequence[float], up: Sequence[float], heights: Sequence[Sequence[float]]) -> Any:
    """Fill the plane between contour lines, and return the filled set for a colour bar.

    The levels stand at equal distances, or at equal ratios above the lowest height when most of the range is a steep
    wall. Places without a finite height stay white.

    Args:
        ax: Axes to draw on.
        across: The places along the horizontal axis, rising.
        up: The places along the vertical axis, rising.
        heights: The heights, one row for each of `up`; at least one is finite.
    """
    import numpy as np
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    surface = np.ma.masked_invalid(np.array(heights, dtype=float))
    levels = levels_for([float(z) for z in surface.compressed()])
    colors = LinearSegmentedColormap.from_list("slopewise", PALETTE)
    ax.grid(False)
    filled = ax.contourf(across, up, surface, levels=levels, cmap=colors, norm=BoundaryNorm(levels, colors.N),
                         extend="max")  # fmt: skip
    ax.contour(across, up, surface, levels=levels, colors=[GREY], linewidths=0.5, alpha=0.7)
    return filled


def add_bar(ax: "Axes", filled: Any, label: str) -> Any:
    """Put a colour bar beside the axes, with as many digits as tell its levels apart.

    Returns:
        The colour bar.
    """
    levels = [float(level) for level in filled.levels]
    digits = next((d for d in range(2, 7) if len({f"{level:.{d}g}" for level in levels}) == len(levels)), 7)
    bar = ax.figure.colorbar(
        filled, ax=ax, pad=0.02, format=lambda level, _: shown(float(f"{level:.{digits}g}"), digits)
    )
    bar.set_label(label, color=INK)
    bar.ax.tick_params(colors=INK, labelsize=8)
    return bar


def levels_for(heights: Sequence[float]) -> list[float]:
    """Return the heights at which contour lines are drawn, rising.

    Example:
        >>> from slopewise.drawing.contours import levels_for
        >>> levels_for([0.0, 7.0, 14.0])[:3], len(levels_for([2.0]))
        ([0.0, 1.0, 2.0], 2)
        >>> levels_for([0.3, 5.0, 9.7])
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    """
    low, high = min(heights), max(heights)
    ordered = sorted(heights)
    if not high > low or not math.isfinite(high - low):
        size = max(abs(low), 1.0)
        return [low - 1e-3 * size, low + 1e-3 * size] if high == low else [low / 2, 0.0, high / 2]
    half = ordered[len(ordered) // 2] - low
    if high - low <= STEEP * half / 4 or half <= 0:
        step = _round_step((high - low) / BANDS)
        levels = [step * i for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
    else:
        first = max(ordered[len(ordered) // 50] - low, (high - low) * 1e-6)
        ratio = ((high - low) / first) ** (1 / (BANDS - 1))
        levels = [low] + [low + first * ratio**i for i in range(BANDS)]
    return [level for i, level in enumerate(levels) if i == 0 or level > levels[i - 1]]


def _round_step(step: float) -> float:
    """Return the next larger of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((m * power for m in (1.0, 2.0, 2.5, 5.0) if m * power >= step * (1 - 1e-9)), 10.0 * power)
