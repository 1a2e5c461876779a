"""Pictures: what is drawn, that nothing global changes, that bytes repeat, and what is refused."""

import hashlib
import math
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from slopewise import Value
from slopewise.errors import DomainError, MissingExtraError, ShapeError

matplotlib = pytest.importorskip("matplotlib")

from slopewise.drawing import (  # noqa: E402
    new_axes,
    new_row,
    plot_boundary,
    plot_descent,
    plot_function,
    plot_regression,
    plot_sequences,
    plot_step_sizes,
    plot_training,
    save_picture,
)


def f(x: Any) -> Any:
    return 3 * x**2 - 4 * x + 5


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_tangent_touches_the_curve_with_its_slope() -> None:
    ax: Any = plot_function(f, tangents=3.0, ax=new_axes())
    (x0, x1), (y0, y1) = ax.lines[1].get_data()
    assert math.isclose((y1 - y0) / (x1 - x0), 14.0)
    assert math.isclose(y0 + 14.0 * (3.0 - x0), 20.0)


def test_grid_is_evaluated_where_it_says_and_nowhere_else() -> None:
    ax: Any = plot_function(f, grid=[-1.0, 0.0, 2.0], ax=new_axes())
    assert list(ax.lines[0].get_xdata()) == [-1.0, 0.0, 2.0]
    assert list(ax.lines[0].get_ydata()) == [12.0, 5.0, 9.0]


def test_secant_names_its_slope() -> None:
    ax = plot_function(f, secants=[(0.0, 1.0)], ax=new_axes())
    assert texts(ax) == ["secant from 0 to 1: slope = −1"]


def test_function_may_be_undefined_in_places() -> None:
    import slopewise as sw

    ax: Any = plot_function(lambda x: sw.log(x), (-1.0, 1.0), ax=new_axes())
    assert math.isnan(ax.lines[0].get_ydata()[0])


def test_function_that_takes_no_value_gets_its_tangent_from_finite_differences() -> None:
    assert texts(plot_function(math.sin, tangents=0.0, ax=new_axes())) == ["tangent at 0: slope = 1"]


def test_descent_marks_start_and_end_and_says_when_the_end_is_outside() -> None:
    assert texts(plot_descent(f, [3.0, 1.0, 0.7], ax=new_axes())) == ["start: x = 3", "after 2 steps: x = 0.7"]
    assert texts(plot_descent(f, [3.0, 90.0], between=(0.0, 4.0), ax=new_axes()))[1].endswith("(outside)")


def test_regression_draws_a_residual_per_point() -> None:
    ax: Any = plot_regression([[0.0], [1.0]], [1.0, 1.0], slope=1.0, intercept=0.0, residuals="lines", ax=new_axes())
    [residuals] = ax.collections
    assert [segment.tolist() for segment in residuals.get_segments()] == [[[0, 0], [0, 1]], [[1, 1], [1, 1]]]
    assert "y = 0 + 1 x" in texts(ax)


def test_boundary_colours_by_the_sign_of_the_score() -> None:
    from slopewise.drawing.regions import scores_over

    a = Value(2.0)
    rows = scores_over(lambda p: a * p[0] - p[1], [0.0, 1.0], [0.0, 1.0])
    assert rows == [[(0.0,), (2.0,)], [(-1.0,), (1.0,)]]
    ax: Any = plot_boundary(lambda p: a * p[0] - p[1], [[0, 1], [1, 0]], [-1, 1], cells=4, ax=new_axes())
    assert texts(ax) == ["label −1", "label 1", "score 0"]


def test_boundary_of_a_score_without_a_change_of_sign_is_one_colour() -> None:
    plot_boundary(lambda p: 1.0, [[0, 1], [1, 0]], [-1, 1], cells=3, ax=new_axes())


def test_training_has_a_logarithmic_loss_and_a_second_scale() -> None:
    ax: Any = plot_training([1.0, 0.1], [0.5, 1.0], ax=new_axes())
    assert ax.get_yscale() == "log"
    assert list(ax.figure.axes[1].lines[0].get_ydata()) == [50.0, 100.0]
    assert plot_training([1.0, 0.0], ax=new_axes()).get_yscale() == "linear"


def test_numpy_scalars_and_values_are_numbers() -> None:
    np = pytest.importorskip("numpy")
    ax: Any = plot_sequences({"a": np.array([1.0, 2.0]), "b": [Value(3.0), 4]}, ax=new_axes())
    assert [list(line.get_ydata()) for line in ax.lines] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda: plot_function(f, (2.0, 1.0), ax=new_axes()), DomainError, "two rising numbers"),
        (lambda: plot_function(f, grid=[], ax=new_axes()), DomainError, "empty grid"),
        (lambda: plot_function(f, secants=[(1.0, 1.0)], ax=new_axes()), DomainError, "two different places"),
        (lambda: plot_descent(f, [], ax=new_axes()), DomainError, "empty path"),
        (lambda: plot_regression([1], [1, 2], slope=1, intercept=0), ShapeError, "1 x and 2 y"),
        (lambda: plot_regression([], [], slope=1, intercept=0), DomainError, "there are none"),
        (lambda: plot_regression([[1, 2]], [1], slope=1, intercept=0), ShapeError, "a row of 2"),
        (lambda: plot_boundary(f, [[1, 2, 3]], [1]), ShapeError, "has 3 numbers"),
        (lambda: plot_boundary(f, [[1, 2]], []), ShapeError, "1 points and 0 labels"),
        (lambda: plot_boundary(lambda p: math.nan, [[1, 2]], [1]), DomainError, "finite"),
        (lambda: plot_boundary(f, [[1, 2]], [1], cells=1), DomainError, "cells >= 2"),
        (lambda: plot_training([]), DomainError, "there are none"),
        (lambda: plot_training([1.0], [1.0, 1.0]), ShapeError, "2 and 1"),
        (lambda: plot_sequences({}), DomainError, "at least one run"),
        (lambda: plot_sequences({"a": [1.0, 2.0]}, at=[0.0]), ShapeError, "2 numbers, got 1"),
        (lambda: plot_step_sizes({"forward": [(0.1, 0.0)]}), DomainError, "not 0"),
        (lambda: new_row(0), DomainError, "at least 1 column"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        draw()


def test_the_same_picture_gives_the_same_bytes(tmp_path: pathlib.Path) -> None:
    digests = set()
    for name in ("a.png", "b.png"):
        size = save_picture(plot_function(f, tangents=3.0, ax=new_axes(width=3, height=2)), tmp_path / name)
        assert size == (432, 288)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_drawing_changes_no_setting_and_loads_no_pyplot() -> None:
    code = (
        "import sys, matplotlib; settings = [k for k in matplotlib.rcParams if k != 'backend']\n"
        "before = [matplotlib.rcParams[k] for k in settings]\n"
        "from slopewise.drawing import new_axes, plot_function, save_picture\n"
        "import io; save_picture(plot_function(lambda x: x**2, tangents=1.0, ax=new_axes()), io.BytesIO())\n"
        "assert [matplotlib.rcParams[k] for k in settings] == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_importing_the_room_loads_no_matplotlib() -> None:
    code = "import sys, slopewise.drawing.runs, slopewise.drawing.curves; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_missing_matplotlib_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"python -m pip install 'slopewise\[plots\]'"):
        plot_training([1.0])


def test_colours_keep_a_contrast_of_three_to_one_on_white() -> None:
    from slopewise.drawing.canvas import SERIES

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    assert all(1.05 / (luminance(color) + 0.05) >= 3.0 for color in SERIES)
