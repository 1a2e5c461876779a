"""A line, or any prediction, through points, with its residuals: the ways from it to the points, or their squares."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from slopewise.basics import LinearRegression, equation, is_exact, shown
from slopewise.basics.arguments import number_of
from slopewise.drawing.canvas import BLUE, GREY, ORANGE, axes_for, finish, size_of
from slopewise.drawing.curves import places_between
from slopewise.drawing.given_numbers import given_numbers
from slopewise.drawing.plotted_function import PlottedFunction
from slopewise.errors import DomainError, NumberError, ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESIDUALS = ("squares", "lines", "none")
MANY = 100


def plot_regression(
    x: Iterable[Any],
    y: Iterable[Any],
    model: Any = None,
    *,
    slope: float | None = None,
    intercept: float | None = None,
    residuals: str | bool | None = None,
    label: str = "",
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw points, the line through them, and each residual as a square: least squares makes their area smallest.

    Without a model, the line of least squares is fitted here. A square's side is the residual, the vertical way from
    the line to the point; it is a square on the screen, whatever the scales of the axes.

    Args:
        x: The points' places; one number each, or rows of one number.
        y: The points' heights, as many.
        model: What predicts: a fitted model with `predict`, a net, or any function of one number. None for a line.
        slope: The line's slope, in units of y per unit of x; with `intercept`, the line to draw.
        intercept: The line's height at 0, in units of y.
        residuals: `"squares"`, `"lines"` or `"none"`; True and False mean lines and none. When None: squares, and lines
            for more than 100 points, whose squares would cover each other.
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
        DomainError: There are no points, one is not finite, or `residuals` is none of the above.
        NumberError: Something is no number, or the model predicts none.
        TypeError: A model and a slope are given, or a slope without an intercept.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.drawing import new_axes
        >>> ax = sw.plot_regression([0.0, 1.0, 2.0], [1.0, 2.0, 4.0], ax=new_axes())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['y ≈ 0.8333 + 1.5 x', 'squared residuals: sum ≈ 0.1667']
    """
    xs = given_numbers(x, "plot_regression(): x", finite=True)
    ys = given_numbers(y, "plot_regression(): y", finite=True)
    if len(xs) != len(ys):
        raise ShapeError(
            f"plot_regression() needs as many y as x, got {len(xs)} x and {len(ys)} y\ngive one y for each x"
        )
    if model is not None and (slope is not None or intercept is not None):
        raise TypeError("plot_regression() takes a model, or slope and intercept, not both")
    if (slope is None) != (intercept is None):
        raise TypeError("plot_regression() needs slope and intercept together, or neither to fit the line itself")
    if model is None:
        line, name = _line(xs, ys, slope, intercept)
    else:
        line, name = _prediction(model), "model"
    kind = _kind(residuals, len(xs))
    is_wide = model is not None and max(xs) > min(xs)
    places = places_between((min(xs), max(xs))) if is_wide else [min(xs), max(xs)]
    on_line = [line(place) for place in xs]
    heights = [line(place) for place in places]
    for place, height in zip(xs, on_line, strict=True):
        if not math.isfinite(height):
            raise DomainError(
                f"plot_regression(): at {place!r} the prediction is {height!r}\na residual needs a number"
            )

    ax = axes_for(ax)
    off = [y - height for y, height in zip(ys, on_line, strict=True)]
    words = equation("squared residuals: sum", sum(r * r for r in off)) if kind == "squares" else "residuals"
    if kind != "none":
        ax.vlines(xs, on_line, ys, color=GREY, linewidth=0.8 if len(xs) <= 60 else 0.5, alpha=0.7,
                  label=words if kind == "lines" else "")  # fmt: skip
    ax.plot(xs, ys, linestyle="none", marker="o", markersize=5 if len(xs) <= 60 else 3.5, color=BLUE, alpha=0.9)
    ax.plot(places, heights, color=ORANGE, linewidth=2.2, label=label or name)
    if kind == "squares":
        near = 1e-4 * ((max(xs) - min(xs)) or 1.0)
        ways = [-1.0 if (r > 0) == (line(x + near) >= line(x - near)) else 1.0 for x, r in zip(xs, off, strict=True)]
        _add_squares(ax, xs, on_line, off, ways, label=words)
    handles = sorted(ax.get_legend_handles_labels()[0], key=lambda item: "residuals" in str(item.get_label()))
    return finish(ax, title=title, xlabel=xlabel, ylabel=ylabel, handles=handles)


def _kind(residuals: Any, count: int) -> str:
    if residuals is None:
        return "squares" if count <= MANY else "lines"
    if isinstance(residuals, bool):
        return "lines" if residuals else "none"
    if residuals not in RESIDUALS:
        import difflib

        near = difflib.get_close_matches(str(residuals), RESIDUALS, 1)
        hint = f"did you mean {near[0]!r}?" if near else "for no residuals write 'none'"
        raise DomainError(
            f"plot_regression(): residuals must be one of {', '.join(RESIDUALS)}, got {residuals!r}\n{hint}"
        )
    return str(residuals)


def _line(
    xs: list[float], ys: list[float], slope: float | None, intercept: float | None
) -> tuple[Callable[[float], float], str]:
    """Return a line and its equation: the one given, or the one of least squares."""
    if slope is None or intercept is None:
        if len(set(xs)) < 2:
            raise DomainError(
                f"plot_regression(): every x is {shown(xs[0])}, so no line can be fitted\n"
                f"give points at two places at least, or slope= and intercept="
            )
        fitted = LinearRegression().fit(xs, ys)
        m, c = float(fitted.coef_[0]), float(fitted.intercept_)
    else:
        m = number_of(slope, "plot_regression(): slope is")
        c = number_of(intercept, "plot_regression(): intercept is")
        if not (math.isfinite(m) and math.isfinite(c)):
            raise DomainError(f"plot_regression(): the line has slope {m!r} and intercept {c!r}\nboth must be finite")
    sign = "−" if m < 0 else "+"
    relation = "=" if is_exact(m) and is_exact(c) else "≈"
    return (lambda place: c + m * place), f"y {relation} {shown(c)} {sign} {shown(abs(m))} x"


def _prediction(model: Any) -> Callable[[float], float]:
    """Return a function of one number from a model with `predict`, a net or a function."""
    predict = getattr(model, "predict", None)
    if callable(predict):
        return lambda place: _single(predict([[place]]))
    if not callable(model):
        raise NumberError(
            f"plot_regression(): model must predict, got {model!r}\ngive a function, a net or a fitted model"
        )
    if hasattr(model, "parameters"):  # a net takes a list of inputs
        return PlottedFunction(lambda place: _single(model([place])), "plot_regression()").height
    return PlottedFunction(lambda place: _single(model(place)), "plot_regression()").height


def _single(prediction: Any) -> Any:
    while not isinstance(prediction, (int, float)) and hasattr(prediction, "__len__") and len(prediction) == 1:
        prediction = prediction[0]
    return number_of(prediction, "plot_regression(): the model predicts")


def _add_squares(
    ax: "Axes",
    xs: Sequence[float],
    on_line: Sequence[float],
    off: Sequence[float],
    ways: Sequence[float],
    *,
    label: str,
) -> None:
    """Put a square beside each residual, to the side that `ways` says where there is room, and make room for them."""
    from matplotlib.collections import PolyCollection
    from matplotlib.transforms import IdentityTransform

    def corners() -> list[list[tuple[float, float]]]:
        squares = []
        for x, height, r, way in zip(xs, on_line, off, ways, strict=True):
            (x0, y0), (_, y1) = ax.transData.transform([(x, height), (x, height + r)])
            x1 = x0 + way * abs(y1 - y0)
            if not ax.bbox.x0 <= x1 <= ax.bbox.x1:
                x1 = x0 - way * abs(y1 - y0)
            squares.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        return squares

    class Squares(PolyCollection):
        """Squares on the screen: their corners are worked out when the picture is drawn."""

        def draw(self, renderer: Any) -> None:
            self.set_verts(corners())
            super().draw(renderer)

    few = len(xs) <= 60
    squares = Squares([], facecolor=(*_rgb(BLUE), 0.16 if few else 0.07), edgecolor=(*_rgb(BLUE), 0.6 if few else 0.25),
                      linewidth=0.8, zorder=1.5, label=label)  # fmt: skip
    squares.set_transform(IdentityTransform())
    squares.set_clip_path(ax.patch)
    ax.add_collection(squares, autolim=False)
    _make_room(ax, xs, off, ways)


def _make_room(ax: "Axes", xs: Sequence[float], off: Sequence[float], ways: Sequence[float]) -> None:
    """Widen the horizontal range by what the squares need, from the size that the axes are about to have."""
    width, height = size_of(ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for _ in range(3):  # a wider range makes a square wider too
        per_height = (right - left) / width * height / (top - bottom)
        ends = [x + way * abs(r) * per_height for x, r, way in zip(xs, off, ways, strict=True)]
        low, high = min(ends), max(ends)
        room = 0.02 * (max(right, high) - min(left, low))
        left, right = min(left, low - room), max(right, high + room)
    ax.set_xlim(left, right)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
