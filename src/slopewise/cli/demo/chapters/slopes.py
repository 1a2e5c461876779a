"""Chapter 1: a function, its tangent, and what a slope of zero can mean."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from slopewise.basics import equation, relation, shown, signed
from slopewise.cli.demo.page import Chapter, Page
from slopewise.engine import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = 2 / 3


def f(x: Any) -> Any:
    """The lecture's first function."""
    return 3 * x**2 - 4 * x + 5


def slope_of(function: Any, at: float) -> float:
    """Return the slope that one backward pass finds."""
    x = Value(at)
    function(x).backward()
    return float(x.grad)


def write(page: Page) -> None:
    page.say(
        "Take one function, f(x) = 3x² − 4x + 5, and ask: if x grows a little, does f grow or shrink, and how fast?",
        "The answer is the slope of f at x. Here it is at a few places, each from one call of `backward()`.",
    )
    page.grid(
        ("x", "f(x)", "slope", "so a little to the right, f"),
        [
            (shown(x), shown(f(x)), signed(slope_of(f, x)), _direction(slope_of(f, x)))
            for x in (-5.0, -1.0, 0.0, LEAST, 1.0, 3.0, 4.75)
        ],
        words=(3,),
    )
    page.check("f(3)", f(3.0))
    page.check("slope of f at 3", slope_of(f, 3.0))
    page.picture(
        "a-function-and-its-slopes",
        "f on the lecture's grid, from −5 to 4.75 in steps of 0.25. The tangent at 3 climbs by 14 for every 1 "
        "to the "
        "right; the one at 2/3 is level.",
        "A parabola of dots joined by a line, with two straight dashed lines touching it: a steep rising one "
        "at x = 3 "
        "and a level one at the lowest point, x = 2/3.",
        _curve,
    )
    page.say("The slope itself follows a rule, 6x − 4. Where is it zero?")
    page.lines("6x − 4 = 0", "    6x = 4", f"     x = 4/6 = 2/3 {relation(LEAST)}", f"  f(x) {relation(f(LEAST))}")
    page.check("the minimum of f", LEAST if slope_of(f, LEAST) == 0 else float("nan"))
    page.say(
        f"`backward()` agrees: {equation('the slope at 2/3', slope_of(f, LEAST))}. But a slope of zero alone "
        "does not "
        "say what you have found. Look a little to the left and a little to the right as well:"
    )
    page.grid(
        ("function", "slope at −0.5", "at 0", "at 0.5", "so 0 is"),
        [
            (name, *(signed(slope_of(function, x)) for x in (-0.5, 0.0, 0.5)), kind)
            for name, function, kind in (
                ("x²", lambda x: x**2, "a minimum: down, then up"),
                ("−x²", lambda x: -(x**2), "a maximum: up, then down"),
                ("x³", lambda x: x**3, "neither: up, a rest, up again"),
            )
        ],
        words=(0, 4),
    )
    page.picture(
        "three-slopes-of-zero",
        "Three functions that are level at 0: a valley, a hilltop, and a rest on the way up.",
        "Three small curves side by side, each with a level dashed tangent at 0: x squared opens upwards, minus x "
        "squared opens downwards, x cubed rises on both sides.",
        _three,
    )


def _direction(slope: float) -> str:
    return "grows" if slope > 0 else "shrinks" if slope < 0 else "stays, for now"


def _curve() -> "Axes":
    import numpy as np

    from slopewise.drawing import new_axes, plot_function

    ax = new_axes()
    return plot_function(
        f, grid=np.arange(-5, 5, 0.25), tangents=(3.0, LEAST), title="f(x) = 3x² − 4x + 5", ylabel="f(x)", ax=ax
    )


def _three() -> "tuple[Axes, ...]":
    from slopewise.drawing import new_row, plot_function

    axes = new_row(3)
    functions: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("x²: a minimum", lambda x: x**2),
        ("−x²: a maximum", lambda x: -(x**2)),
        ("x³: neither", lambda x: x**3),
    )
    for ax, (name, function) in zip(axes, functions, strict=True):
        plot_function(function, (-1.5, 1.5), tangents=0.0, title=name, legend=False, ax=ax)
    return axes


SLOPES = Chapter(1, "A slope, and where it is zero", write)
