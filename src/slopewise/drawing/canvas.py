"""Where matplotlib is met: new axes, the house style put on them, pictures saved the same byte for byte.

The colours are those of Okabe and Ito, which stay apart for colour-blind readers; wherever colour tells two things
apart, a marker, a dash or a label tells them apart too. The style is set on the axes in hand, never in `rcParams`.
"""

import importlib.util
import os
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slopewise.errors import DomainError, MissingExtraError, NumberError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#007A5A"  # Okabe and Ito's #009E73, darker: 4.5 : 1 against white
PURPLE = "#A3457E"
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


def new_shown_row(columns: int, *, width: float = 7.0, height: float = 4.2) -> "tuple[Axes, ...]":
    """Return axes side by side on one new figure that a notebook shows and `matplotlib.pyplot.show()` opens.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require_matplotlib()
    import matplotlib.pyplot as plt

    row = plt.subplots(1, columns, squeeze=False, figsize=(width, height), layout="constrained")[1][0]
    return tuple(row)


def axes_for(ax: "Axes | None") -> "Axes":
    """Return the axes given, or new ones that a notebook shows and `matplotlib.pyplot.show()` opens; in house style.

    Raises:
        MissingExtraError: matplotlib is not installed.
        NumberError: `ax` is no matplotlib axes, or three-dimensional ones.

    Example:
        >>> from slopewise.drawing.canvas import axes_for, new_axes
        >>> ax = new_axes()
        >>> axes_for(ax) is ax
        True
    """
    require_matplotlib()
    if ax is None:
        ax = new_shown_row(1)[0]
    else:
        check_axes(ax)
    for side in ("top", "right"):
        if side in ax.spines:
            ax.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        if side in ax.spines:
            ax.spines[side].set_color(GREY)
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(True, color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def check_axes(ax: Any) -> None:
    """Refuse what is no flat axes.

    Raises:
        NumberError: `ax` is something else; the message says what, and how to come by axes.
    """
    from matplotlib.axes import Axes

    if isinstance(ax, Axes) and ax.name != "3d":
        return
    if isinstance(ax, Axes):
        found, cure = "three-dimensional axes", "make flat ones: plt.subplots() without projection='3d'"
    elif hasattr(ax, "flat") or isinstance(ax, (list, tuple)):
        found, cure = f"{len(ax)} of them in {_kind(ax)}", "give one: axes[0]"
    elif hasattr(ax, "add_subplot"):
        found, cure = "a Figure", "give axes of it: figure.subplots()"
    else:
        found, cure = _kind(ax), "leave ax out, or make axes with plt.subplots()"
    raise NumberError(f"ax must be matplotlib Axes, got {found}\n{cure}")


def _kind(item: Any) -> str:
    name = type(item).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def finish(
    ax: "Axes",
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    legend: bool = True,
    handles: Sequence[Any] = (),
) -> "Axes":
    """Put title, axis labels and, if anything is labelled, a legend on the axes.

    The legend stands below the axes, where it hides nothing, if the figure makes room by itself; else inside.

    Args:
        ax: The axes.
        title: A line above them; what was there stays when empty, as with the labels.
        xlabel: What the horizontal axis is.
        ylabel: What the vertical axis is.
        legend: Whether there is a legend.
        handles: What it names; everything on the axes that has a label when empty.

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
    named = list(handles) or ax.get_legend_handles_labels()[0]
    if legend and named:
        style: dict[str, Any] = {"framealpha": 0.9, "edgecolor": PALE, "fontsize": 9}
        figure: Any = ax.figure
        if figure.get_layout_engine() is None:
            ax.legend(handles=named, loc="best", **style)
        else:
            below = (0.0, -0.02 - (34 if ax.get_xlabel() else 19) / (72 * size_of(ax)[1]))
            columns = _columns(ax, [str(item.get_label()) for item in named])
            ax.legend(handles=named, loc="upper left", bbox_to_anchor=below, borderaxespad=0.0, borderpad=0.2,
                      ncols=columns, frameon=False, **style)  # fmt: skip
    return ax


def size_of(ax: "Axes") -> tuple[float, float]:
    """Return about how wide and high axes are, in inches; the layout may still change it a little.

    Example:
        >>> from slopewise.drawing.canvas import new_axes, size_of
        >>> width, height = size_of(new_axes(width=7, height=4))
        >>> 4 < width < 7, 2 < height < 4
        (True, True)
    """
    figure: Any = ax.figure
    width, height = figure.get_size_inches()
    box = ax.get_position()
    return float(width * box.width), float(height * box.height)


def _columns(ax: "Axes", labels: Sequence[str]) -> int:
    """Return how many of these labels fit side by side under the axes."""
    each = 0.075 * max(map(len, labels)) + 0.65
    return max(1, min(len(labels), int(size_of(ax)[0] / each)))


def save_picture(ax: "Axes | Sequence[Axes]", path: "str | os.PathLike[str] | Any") -> tuple[int, int]:
    """Write the whole figure of these axes as `.png`, `.svg` or `.pdf`; the same picture gives the same bytes.

    Args:
        ax: Axes of the figure, or several of one figure.
        path: The file, overwritten if it exists; a name without a suffix and an open file get a PNG.

    Returns:
        Width and height, in pixels.

    Raises:
        DomainError: The suffix is another one.

    Example:
        >>> import tempfile, pathlib
        >>> from slopewise.drawing import new_axes, save_picture
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_picture(new_axes(width=2, height=1), pathlib.Path(folder) / "empty.png")
        (288, 144)
    """
    import matplotlib as mpl

    figure: Any = (ax if hasattr(ax, "figure") else ax[0]).figure
    suffix = pathlib.Path(path).suffix.lower() if isinstance(path, (str, os.PathLike)) else ""
    if suffix not in ("", ".png", ".svg", ".pdf"):
        raise DomainError(f"a plot is saved as .png, .svg or .pdf, got {os.fspath(path)!r}\ntry plot.svg")
    format = suffix[1:] or "png"
    undated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[format]
    with mpl.rc_context({"svg.hashsalt": "slopewise"}):  # the one way to ids that repeat; put back at once
        figure.savefig(path, format=format, dpi=DOTS_PER_INCH, metadata=undated)
    width, height = figure.get_size_inches()
    return int(width * DOTS_PER_INCH), int(height * DOTS_PER_INCH)
