"""Chapter 4: the walk in the dark, and what the rate does to it."""

from typing import TYPE_CHECKING, Any

import slopewise as sw
from slopewise.basics import equation, shown
from slopewise.cli.demo.chapters.slopes import f
from slopewise.cli.demo.page import Chapter, Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

START = 3.0
RATES = (("0.01", 0.01), ("0.1", 0.1), ("1/6", 1 / 6), ("1/3", 1 / 3), ("0.34", 0.34))
STEPS = 60


def write(page: Page) -> None:
    walks = {name: sw.descend(f, START, lr=rate, steps=STEPS) for name, rate in RATES}
    page.say(
        "Suppose you stand on a hillside in the dark. You cannot see the valley, but your feet feel the "
        "slope. So: step "
        "against it, a long step where it is steep, a short one where it is gentle, and feel again. On "
        "f(x) = 3x² − 4x + 5 from x = 3, with the rate 0.1:"
    )
    walk = walks["0.1"]
    page.lines(*(f"{step.number}. {equation('x', step.x)}: {step.words}" for step in walk.path[:7]), "…")
    page.check("the first step from 3 at rate 0.1", walk.path[1].x)
    page.say(
        "The steps shorten by themselves, because the slope does. After "
        f"{len(walk)} steps {equation('x', walk.x)}, and the slope there is down to {shown(walk.slope, 2)}. "
        "No formula was needed, only slopes."
    )
    page.picture(
        "the-walk",
        "The walk at rate 0.1: long steps first, then shorter and shorter ones, into the lowest point at 2/3.",
        "A parabola with a walk of small circles going down its right side from x = 3 to its lowest point.",
        lambda: _walk(walk),
    )
    page.say("How far to go for a given slope is the rate's choice, and it decides everything:")
    page.grid(
        ("rate", "after 1", "after 2", "after 3", "steps", "x at the end", "what happens"),
        [
            (
                name,
                *(shown(walk.path[k].x) if k < len(walk.path) else "" for k in (1, 2, 3)),
                str(len(walk)),
                shown(walk.x),
                _STORY[name],
            )
            for name, walk in walks.items()
        ],
        words=(0, 6),
    )
    page.say(
        "At 1/6 one step is enough: 1/6 is one over the curvature of this parabola, so the step lands exactly "
        "where the "
        "slope is zero. At twice that, 1/3, every step jumps across the valley to the same height on the "
        "other side. "
        "Beyond, each jump lands higher than the one before."
    )
    jump, flight = walks["1/3"].path, walks["0.34"].path
    page.check("one step at rate 1/6", walks["1/6"].path[1].x)
    page.check("rate 1/3, after one step", jump[1].x)
    page.check("rate 1/3, after two steps", jump[2].x)
    page.check("rate 0.34, growth of each step", flight[1].slope / -flight[0].slope)
    page.picture(
        "five-rates",
        "The same start, five rates, twelve steps: too slow, well, at once, for ever, and away.",
        "Curves of x over twelve steps: 0.01 sinks slowly, 0.1 falls quickly to two thirds, one sixth drops "
        "there in one "
        "step, one third swings between 3 and −1.67, and 0.34 swings wider and wider.",
        lambda: _rates({f"rate {name}": walk.points[:13] for name, walk in walks.items()}),
    )


_STORY = {
    "0.01": "crawls: not there yet",
    "0.1": "arrives",
    "1/6": "there in one step",
    "1/3": "swings for ever",
    "0.34": "flies off",
}


def _walk(walk: Any) -> "Axes":
    from slopewise.drawing import new_axes, plot_descent

    ax = new_axes()
    return plot_descent(f, walk.points, between=(-1.0, 3.4), title="rate 0.1 on 3x² − 4x + 5", ylabel="f(x)", ax=ax)


def _rates(runs: dict[str, Any]) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    ax = new_axes(height=4.8)
    return plot_sequences(runs, title="x, step by step", ylabel="x", ax=ax)


DESCENT = Chapter(4, "The walk in the dark", write)
