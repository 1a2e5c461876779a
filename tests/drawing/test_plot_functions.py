"""Plots of functions, walks and fits: what is drawn for inputs of all kinds, and what is refused before a figure is made."""

import math
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import DomainError, NumberError, ShapeError

pytest.importorskip("matplotlib")

from slopewise.drawing import new_axes, new_row


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def parabola(x: Any) -> Any:
    return 3 * x**2 - 4 * x + 5


def valley(x: Any, y: Any) -> Any:
    return x**2 + 3 * y**2


# ---------------------------------------------------------------------- functions
def test_curve_has_a_gap_at_a_pole_and_the_picture_is_not_squeezed() -> None:
    ax: Any = sw.plot_function(lambda x: 1 / x, ax=new_axes())
    ys = [float(y) for y in ax.lines[0].get_ydata()]
    assert sum(math.isnan(y) for y in ys) >= 1
    low, high = ax.get_ylim()
    assert -5 < low < -1
    assert 1 < high < 5


@pytest.mark.parametrize("f", [math.exp, lambda x: x**5, lambda x: abs(x), lambda x: 7, lambda x: 1e-9 * x])
def test_curve_without_a_pole_is_drawn_whole(f: Any) -> None:
    ax: Any = sw.plot_function(f, ax=new_axes())
    ys = [float(y) for y in ax.lines[0].get_ydata()]
    low, high = ax.get_ylim()
    assert not any(map(math.isnan, ys))
    assert low <= min(ys) <= max(ys) <= high


@pytest.mark.parametrize(
    "f", [lambda x: x.tanh(), lambda x: Value(2.0) * x, lambda x: sw.tanh(x), lambda x: x if x > 0 else 0 * x]
)
def test_functions_written_for_values_are_drawn(f: Any) -> None:
    sw.plot_function(f, tangents=1.0, ax=new_axes())


def test_complex_values_are_gaps() -> None:
    ax: Any = sw.plot_function(lambda x: x**0.5, (-4.0, 4.0), ax=new_axes())
    assert math.isnan(ax.lines[0].get_ydata()[0])
    assert ax.lines[0].get_ydata()[-1] == 2.0


def test_curve_reaches_to_a_tangent_outside_the_usual_range() -> None:
    ax: Any = sw.plot_function(parabola, tangents=[20.0], ax=new_axes())
    assert max(ax.lines[0].get_xdata()) > 20.0


def test_drawing_leaves_gradients_alone() -> None:
    w = Value(2.0)
    w.grad = 5.0
    sw.plot_function(lambda x: w * x, ax=new_axes())
    sw.plot_descent(lambda x: w * x * x, [3.0, 1.0], ax=new_axes())
    assert w.grad == 5.0


# ---------------------------------------------------------------------- walks
def test_walk_over_a_plane_shows_contours_and_every_point() -> None:
    walk = sw.descend(valley, (2.0, 1.0), lr=0.1, steps=5)
    ax: Any = sw.plot_descent(valley, walk, ax=new_axes())
    assert [tuple(map(float, p)) for p in ax.lines[0].get_xydata()] == list(walk.points)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    assert ax.collections, "no contours"


def test_function_of_one_list_walks_over_a_plane_too() -> None:
    ax: Any = sw.plot_descent(lambda p: p[0] ** 2 + p[1] ** 2, [[1.0, 1.0], [0.5, 0.5]], ax=new_axes())
    assert texts(ax) == ["start: x = 1, y = 1", "after 1 step: x = 0.5, y = 0.5"]


def test_walk_of_a_descent_is_named_as_its_function_names_it() -> None:
    ax: Any = sw.plot_descent(lambda width: width**2, sw.descend(lambda width: width**2, 1.0, steps=1), ax=new_axes())
    assert ax.get_xlabel() == "width"
    assert texts(ax)[0] == "start: width = 1"


def test_diverging_walk_is_drawn_as_far_as_it_is_finite() -> None:
    ax: Any = sw.plot_descent(parabola, [3.0, -8.0, 50.0, math.inf, math.nan], ax=new_axes())
    assert texts(ax)[1] == "after 4 steps: x = nan (outside)"


def test_contours_of_a_function_with_a_hole() -> None:
    sw.plot_descent(
        lambda x, y: sw.log(x) ** 2 + y**2, [(1.0, 1.0), (0.2, 0.1)], between=((-1, 1), (-1, 1)), ax=new_axes()
    )


def test_flat_function_has_contours_nonetheless() -> None:
    sw.plot_descent(lambda x, y: 1.0, [(0.0, 0.0)], ax=new_axes())


# ---------------------------------------------------------------------- fits
def test_squares_are_squares_on_the_screen_and_their_sides_the_residuals() -> None:
    ax: Any = sw.plot_regression([0, 1, 2, 3], [0, 300, 100, 400], ax=new_axes(width=9, height=3))
    ax.figure.canvas.draw()
    squares = ax.collections[-1]
    corners = [path.get_extents() for path in squares.get_paths()]
    fitted = sw.LinearRegression().fit([[0], [1], [2], [3]], [0, 300, 100, 400])
    for box, x, y in zip(corners, [0, 1, 2, 3], [0, 300, 100, 400]):
        assert box.width == pytest.approx(box.height)
        on_line = float(fitted.predict([[x]])[0])
        pixels = ax.transData.transform([(x, y)])[0][1] - ax.transData.transform([(x, on_line)])[0][1]
        assert box.height == pytest.approx(abs(pixels))
        assert ax.bbox.x0 - 1 <= box.x0 <= box.x1 <= ax.bbox.x1 + 1, "a square leaves the picture"


def test_line_is_the_one_of_least_squares() -> None:
    ax: Any = sw.plot_regression([0.0, 1.0, 2.0], [1.0, 2.0, 4.0], ax=new_axes())
    assert texts(ax) == ["y ≈ 0.8333 + 1.5 x", "squared residuals: sum ≈ 0.1667"]


def test_many_points_get_lines() -> None:
    ax: Any = sw.plot_regression(range(101), range(101), ax=new_axes())
    assert texts(ax)[1] == "residuals"


@pytest.mark.parametrize("model", [lambda x: x * x, lambda x: [x], lambda x: Value(2.0) * x, sw.tanh])
def test_any_prediction_can_be_drawn(model: Any) -> None:
    ax: Any = sw.plot_regression([0.0, 1.0, 2.0], [1.0, 2.0, 4.0], model, label="mine", ax=new_axes())
    assert texts(ax)[0] == "mine"


def test_fitted_models_and_nets_predict() -> None:
    from slopewise.nn import MLP

    x, y = [[0.0], [1.0], [2.0]], [1.0, 2.0, 4.0]
    sw.plot_regression(x, y, sw.LinearRegression().fit(x, y), ax=new_axes())
    sw.plot_regression(x, y, MLP(1, [4, 1], rng=1), ax=new_axes())


# ---------------------------------------------------------------------- what is refused
BAD = [
    (lambda ax: sw.plot_function(3.0, ax=ax), NumberError, "the function itself, not its result"),  # type: ignore[arg-type]
    (lambda ax: sw.plot_function(lambda x: "a", ax=ax), NumberError, "returned 'a'"),
    (lambda ax: sw.plot_function(lambda x: None, ax=ax), NumberError, "end without `return`"),
    (lambda ax: sw.plot_function(lambda x: math.nan, ax=ax), DomainError, "finite nowhere"),
    (lambda ax: sw.plot_function(parabola, (0.0, math.nan), ax=ax), DomainError, "two rising numbers"),
    (lambda ax: sw.plot_function(parabola, 5.0, ax=ax), DomainError, "two rising numbers"),  # type: ignore[arg-type]
    (lambda ax: sw.plot_function(parabola, (0.0, 1.0), tangents=3.0, ax=ax), DomainError, "lies outside between"),
    (lambda ax: sw.plot_function(parabola, tangents=math.nan, ax=ax), DomainError, "finite number is needed"),
    (lambda ax: sw.plot_function(parabola, tangents="3", ax=ax), NumberError, "a sequence is needed"),  # type: ignore[arg-type]
    (lambda ax: sw.plot_function(lambda x: 1 / x, tangents=0.0, ax=ax), DomainError, "the function is nan, so there is no tangent"),
    (lambda ax: sw.plot_function(lambda x: 1 / x, secants=(0, 1), ax=ax), DomainError, "no secant through it"),
    (lambda ax: sw.plot_function(parabola, secants=[(1, 2, 3)], ax=ax), ShapeError, "needs two places"),  # type: ignore[list-item]
    (lambda ax: sw.plot_descent(parabola, [math.nan], ax=ax), DomainError, "no finite point"),
    (lambda ax: sw.plot_descent(parabola, 3.0, ax=ax), NumberError, "a sequence is needed"),  # type: ignore[arg-type]
    (lambda ax: sw.plot_descent(parabola, ["a"], ax=ax), NumberError, "'a', which is no number"),
    (lambda ax: sw.plot_descent(parabola, [(1, 2, 3)], ax=ax), ShapeError, "plot_loss_surface"),
    (lambda ax: sw.plot_descent(valley, [(1, 2), 3], ax=ax), ShapeError, r"path\[1\] has 1 and path\[0\] 2"),
    (lambda ax: sw.plot_descent(valley, [(1, 2)], between=(0, 1), ax=ax), DomainError, "two ranges"),
    (lambda ax: sw.plot_descent(lambda x, y: math.nan, [(1, 2)], ax=ax), DomainError, "finite nowhere"),
    (lambda ax: sw.plot_regression([1, math.nan], [1, 2], ax=ax), DomainError, r"x\[1\] is nan"),
    (lambda ax: sw.plot_regression([1, 1], [1, 2], ax=ax), DomainError, "every x is 1"),
    (lambda ax: sw.plot_regression([1, 2], [1, 2], slope=1.0, ax=ax), TypeError, "slope and intercept together"),
    (lambda ax: sw.plot_regression([1, 2], [1, 2], abs, slope=1.0, ax=ax), TypeError, "not both"),
    (lambda ax: sw.plot_regression([1, 2], [1, 2], residuals="square", ax=ax), DomainError, "did you mean 'squares'"),
    (lambda ax: sw.plot_regression([1, 2], [1, 2], 3.0, ax=ax), NumberError, "model must predict"),
    (lambda ax: sw.plot_regression([1, 2], [1, 2], lambda x: math.nan, ax=ax), DomainError, "prediction is nan"),
    (lambda ax: sw.plot_regression("ab", [1, 2], ax=ax), NumberError, "a sequence is needed"),
    (lambda ax: sw.plot_regression(["a"], [1], ax=ax), NumberError, r"x\[0\] is 'a'"),
]  # fmt: skip


@pytest.mark.parametrize(("draw", "error", "words"), BAD)
def test_what_cannot_be_drawn_is_said_and_nothing_is_drawn(draw: Any, error: type[Exception], words: str) -> None:
    ax = new_axes()
    with pytest.raises(error, match=words):
        draw(ax)
    assert not ax.lines
    assert not ax.collections


@pytest.mark.parametrize("draw", [case[0] for case in BAD])
def test_an_error_leaves_no_figure_open(draw: Any) -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    with pytest.raises((DomainError, NumberError, ShapeError, TypeError)):
        draw(None)
    assert plt.get_fignums() == before


def test_what_is_no_axes_is_refused() -> None:
    figure: Any = new_axes().figure
    wrong: Any
    for wrong, words in (([figure.axes[0]], r"give one: axes\[0\]"), (figure, "got a Figure"), ("here", "got a str")):
        with pytest.raises(NumberError, match=words):
            sw.plot_function(parabola, ax=wrong)
    with pytest.raises(NumberError, match="three-dimensional"):
        sw.plot_function(parabola, ax=figure.add_subplot(projection="3d"))


def test_users_axes_without_layout_get_their_legend_inside() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    ax: Any = figure.subplots()
    sw.plot_function(parabola, tangents=1.0, ax=ax)
    figure.canvas.draw()
    box = ax.get_legend().get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert figure.bbox.y0 <= box.y0


@pytest.mark.parametrize("columns", [1, 3])
def test_no_text_leaves_the_figure(columns: int) -> None:
    row: Any = new_row(columns, width=13, height=4.5)
    for ax in row:
        sw.plot_function(parabola, tangents=[3.0, 2 / 3], secants=(0, 2), title="a title", ylabel="f(x)", ax=ax)
    figure = row[0].figure
    figure.canvas.draw()
    legends = [ax.get_legend().get_window_extent() for ax in row]
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 for box in legends)
    assert all(left.x1 <= right.x0 for left, right in zip(legends, legends[1:]))
