"""Chapter 9: relu, tanh and sigmoid, measured rather than believed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import slopewise as sw
from slopewise.basics import shown
from slopewise.cli.demo.chapters.slopes import slope_of
from slopewise.cli.demo.page import Chapter, Page
from slopewise.data import moons, recorded_medians
from slopewise.engine import NATIVE
from slopewise.training import compare_activations, conclusions, nanoseconds_per_element

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = ("relu", "tanh", "sigmoid")
TARGET = 0.97
# The interpreted engine is about ten times slower: one run of a smaller net keeps the demo short.
SEEDS = (1337, 1, 2) if NATIVE else (1337,)
HIDDEN = (16, 16) if NATIVE else (8, 8)
STEPS = 60
PLACES = (-3.0, -1.0, 0.5, 1.0, 3.0)


def write(page: Page) -> None:
    table = moons()
    functions: dict[str, Callable[[Any], Any]] = {name: getattr(sw, name) for name in NAMES}
    page.say(
        "Why do so many nets use relu, max(0, x), rather than the smooth tanh or sigmoid? First their slopes, "
        "since "
        "slopes are what a backward pass multiplies, layer after layer:"
    )
    page.grid(
        ("x", *NAMES),
        [(shown(x), *(shown(slope_of(functions[name], x), 2) for name in NAMES)) for x in PLACES],
        words=(),
        caption="slope at x",
    )
    page.say(
        f"Where relu is on, its slope is 1, however many layers follow. Sigmoid's slope is at most "
        f"{shown(slope_of(functions['sigmoid'], 0.0))}: two layers leave at most a sixteenth of a gradient. "
        "Relu's price: "
        "where it is off, its slope is 0, and a neuron that is off for every sample is dead."
    )
    page.picture(
        "three-activations",
        "The three activations: relu goes on climbing, tanh and sigmoid level off on both sides.",
        "Three curves from −4 to 4: relu is 0 and then a straight rise, tanh an S between −1 and 1, sigmoid a "
        "flatter S "
        "between 0 and 1.",
        lambda: _curves(functions),
    )
    costs = nanoseconds_per_element(NAMES)
    with page.progress("relu, tanh and sigmoid on moons", len(NAMES) * len(SEEDS) * STEPS) as advance:
        results = compare_activations(
            NAMES,
            table.points("x", "y"),
            table.column("label"),
            seeds=SEEDS,
            target=TARGET,
            stop_after=STEPS,
            hidden=HIDDEN,
            on_step=advance,
        )
    runs = f"{len(SEEDS)} random start{'s' if len(SEEDS) > 1 else ''}"
    page.say(
        "Now measured, on this machine, a moment ago: the time per number of a large array, and the steps "
        "that a net with "
        f"{HIDDEN[0]} and {HIDDEN[1]} hidden neurons takes until {shown(100 * TARGET)} % of the moons points "
        "are right "
        f"({runs}, at most {STEPS} steps each):"
    )
    page.grid(
        ("activation", "ns per number", "steps, run by run", "median"),
        [
            (
                result.name,
                shown(costs[result.name], 2),
                ", ".join("–" if step is None else str(step) for step in result.steps),
                _median(result.median_steps),
            )
            for result in results
        ],
    )
    page.say(*conclusions(results, costs))
    medians = recorded_medians()
    page.say(
        "A few runs are an anecdote. `examples/why_relu.py` takes forty random starts with a hundred steps "
        "each; recorded, "
        f"its medians were {', '.join(f'{name} {_median(medians[name])}' for name in NAMES)}. So relu is the "
        "cheapest, does "
        "not shrink gradients, can die, and does not always need the fewest steps."
    )
    page.picture(
        "steps-to-learn",
        "The share of points on the right side, step by step, from the first random start, until "
        f"{shown(100 * TARGET)} %.",
        "Accuracy curves of nets with relu, tanh and sigmoid: relu and tanh climb to 97 percent within about "
        "25 steps, "
        "sigmoid stays below.",
        lambda: _accuracies({result.name: [100 * a for a in result.accuracies[0]] for result in results}),
    )


def _median(steps: float | None) -> str:
    return "never" if steps is None else str(shown(steps))


def _curves(functions: dict[str, Callable[[Any], Any]]) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    ax = new_axes(height=3.8)
    places = [-4.0 + 8.0 * i / 160 for i in range(161)]
    runs = {name: [function(x) for x in places] for name, function in functions.items()}
    return plot_sequences(runs, at=places, between=(-1.2, 2.5), xlabel="x", ylabel="activation", ax=ax)


def _accuracies(curves: dict[str, list[float]]) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    ax = new_axes()
    return plot_sequences(
        curves,
        level=(100 * TARGET, f"{shown(100 * TARGET)} %"),
        between=(40, 104),
        title="one net, three activations",
        ylabel="accuracy, %",
        ax=ax,
    )


ACTIVATIONS = Chapter(9, "relu, tanh, sigmoid: measured", write)
