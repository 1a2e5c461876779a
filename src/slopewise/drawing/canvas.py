"""Where matplotlib is met: new axes, the house style put on them, pictures saved the same byte for byte.

The colours are those of Okabe and Ito, which stay apart for colour-blind readers; wherever colour tells two things
apart, a marker, a dash or a label tells them apart too. The style is set on the axes in hand, never in `rcParams`.
"""

import importlib.util
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slopewise.errors import DomainError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#007A5A"  # Okabe and Ito's #009E73, darker: 4.5 : 1 against white
PURPLE = "#A3457E"
SKY = "#56B4E9"
INK = "#222222"
GREY = "#595959"
PALE = "#D9D9D9"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, INK)
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (8, 2, 2, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v")

DOTS_PER_INCH = 144


def has_matplotlib() -> bool:
    """Tell whether pictures can be drawn here, without loading matplotlib.

    Example:
        >>> from slopewise.drawing.canvas import has_matplotlib
        >>> has_matplotlib() in (True, False)
        True
    """
    return importlib.util.find_spec("matplotlib") is not None


def require_matplotlib() -> None:
    """Load matplotlib, or say how to install it.

    Raises:
        MissingExtraError: matplotlib is not installed.

    Example:
        >>> from slopewise.drawing.canvas import require_matplotlib
        >>> require_matplotlib()
    """
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.for_extra("matplotlib", "plots", "drawing a picture") from error


def new_axes(*, width: float = 7.0, height: float = 4.2) -> "Axes":
    """Return axes on a new figure that belongs to no window and to no global state, ready for `save_picture`.

    Args:
        width: The figure's width, in inches.
        height: The figure's height, in inches.

    Raises:
        MissingExtraError: matplotlib is not installed.

    Example:
        >>> from slopewise.drawing import new_axes
        >>> new_axes(width=3, height=2).figure.get_size_inches().tolist()
        [3.0, 2.0]
    """
    return new_row(1, width=width, height=height)[0]


def new_row(columns: int, *, width: float = 9.0, height: float = 3.2) -> "tuple[Axes, ...]":
    """Return axes side by side on one new figure, which belongs to no window and to no global state.

    Args:
        columns: How many axes, at least 1.
        width: The whole figure's width, in inches.
        height: The whole figure's height, in inches.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DomainError: `columns` is below 1.

    Example:
        >>> from slopewise.drawing import new_row
        >>> left, right = new_row(2)
        >>> left.figure is right.figure
        True
    """
    require_matplotlib()
    if columns < 1:
        raise DomainError(f"new_row() needs at least 1 column, got {columns!r}")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return tuple(figure.subplots(1, columns, squeeze=False)[0])


def axes_for(ax: "Axes | None") -> "Axes":
    """Return the axes given, or new ones that a notebook shows and `matplotlib.pyplot.show()` opens; in house style.

    Raises:
        MissingExtraError: matplotlib is not installed.

    Example:
        >>> from slopewise.drawing.canvas import axes_for, new_axes
        >>> ax = new_axes()
        >>> axes_for(ax) is ax
        True
    """
    require_matplotlib()
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(7.0, 4.2), layout="constrained")[1]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(True, color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def finish(ax: "Axes", *, title: str = "", xlabel: str = "", ylabel: str = "", legend: bool = True) -> "Axes":
    """Put title, axis labels and, if anything is labelled, a legend on the axes.

    Example:
        >>> from slopewise.drawing.canvas import finish, new_axes
        >>> finish(new_axes(), title="f").get_title(loc="left")
        'f'
    """
    if title:
        ax.set_title(title, loc="left", fontsize=11, color=INK)
    if xlabel:
        ax.set_xlabel(xlabel, color=INK)
    if ylabel:
        ax.set_ylabel(ylabel, color=INK)
    if legend and ax.get_legend_handles_labels()[1]:
        ax.legend(frameon=True, framealpha=0.9, edgecolor=PALE, fontsize=9)
    return ax


def save_picture(ax: "Axes | Sequence[Axes]", path: "str | os.PathLike[str]") -> tuple[int, int]:
    """Write the whole figure of these axes as a PNG; the same picture gives the same bytes.

    Args:
        ax: Axes of the figure, or several of one figure.
        path: The file, overwritten if it exists.

    Returns:
        Width and height, in pixels.

    Example:
        >>> import tempfile, pathlib
        >>> from slopewise.drawing import new_axes, save_picture
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_picture(new_axes(width=2, height=1), pathlib.Path(folder) / "empty.png")
        (288, 144)
    """
    figure: Any = (ax[0] if isinstance(ax, Sequence) else ax).figure
    figure.savefig(path, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    width, height = figure.get_size_inches()
    return int(width * DOTS_PER_INCH), int(height * DOTS_PER_INCH)
