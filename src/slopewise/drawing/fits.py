"""A line through points."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slopewise.basics import shown
from slopewise.drawing.canvas import BLUE, GREY, ORANGE, axes_for, finish
from slopewise.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_regression(
    x: Iterable[Any],
    y: Iterable[Any],
    *,
    slope: float,
    intercept: float,
    residuals: bool = True,
    label: str = "",
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw points, a line, and each point's residual: the vertical way from the line to the point.

    Args:
        x: The points' places; one number each, or rows of one number.
        y: The points' heights, as many.
        slope: The line's slope, in units of y per unit of x.
        intercept: The line's height at 0, in units of y.
        residuals: Whether the residuals are drawn.
        label: The line's name in the legend; its equation when empty.
        title: A line above the picture.
        xlabel: What x is, with its unit.
        ylabel: What y is, with its unit.
        ax: Axes to draw on; a new figure when None.

    Returns:
        The axes.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: x and y differ in length.
        DomainError: There are no points.

    Example:
        >>> from slopewise.drawing import new_axes, plot_regression
        >>> ax = plot_regression([0.0, 1.0, 2.0], [1.0, 2.0, 4.0], slope=1.5, intercept=0.8333, ax=new_axes())
        >>> ax.get_legend().get_texts()[1].get_text()
        'y = 0.8333 + 1.5 x'
    """
    xs, ys = [_number(item) for item in x], [_number(item) for item in y]
    if len(xs) != len(ys):
        raise ShapeError(f"plot_regression() needs as many y as x, got {len(xs)} x and {len(ys)} y")
    if not xs:
        raise DomainError("plot_regression() of no points: give at least one")
    ax = axes_for(ax)
    if residuals:
        on_line = [intercept + slope * place for place in xs]
        ax.vlines(xs, on_line, ys, color=GREY, linewidth=0.5, alpha=0.55, label="residuals")
    ax.plot(xs, ys, linestyle="none", marker="o", markersize=3.5, color=BLUE, alpha=0.75)
    ends = [min(xs), max(xs)]
    sign = "−" if slope < 0 else "+"
    name = label or f"y = {shown(intercept)} {sign} {shown(abs(slope))} x"
    ax.plot(ends, [intercept + slope * place for place in ends], color=ORANGE, linewidth=2.2, label=name)
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)


def _number(item: Any) -> float:
    """Return a number, or the one number of a row."""
    if hasattr(item, "__len__"):
        if len(item) != 1:
            raise ShapeError(f"plot_regression() draws one column, got a row of {len(item)} numbers")
        item = item[0]
    return float(item)
