"""Chapter 10: micrograd's moons demo, all hundred steps, and the boundary that the net draws."""

import itertools
import random
from typing import TYPE_CHECKING

from slopewise.basics import shown
from slopewise.cli.demo.page import Chapter, Page
from slopewise.data import moons
from slopewise.lecture import trace
from slopewise.nn import MLP
from slopewise.training import TrainingStep, count_dead_units, hinge_loss, train_classifier

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEED = 1337
STEPS = 100


def fresh_net() -> MLP:
    """Return the demo's net with the weights of its seed; the `random` module is left as it was."""
    state = random.getstate()
    random.seed(SEED)
    net = MLP(2, [16, 16, 1])
    random.setstate(state)
    return net


def run(page: Page, *, zero: bool, stop_after: int = STEPS) -> list[TrainingStep]:
    """Train the demo's net, once in a run of the demo: whoever asks again gets what was found."""
    return trained(page, zero=zero, stop_after=stop_after)[0]


def trained(page: Page, *, zero: bool, stop_after: int = STEPS) -> tuple[list[TrainingStep], MLP]:
    """Return the steps of the training and the trained net."""
    key = f"moons, zero={zero}"
    if key not in page.shelf:
        net, table = fresh_net(), moons()
        points, labels = table.points("x", "y"), [int(label) for label in table.column("label")]
        steps = []
        what = f"moons, {stop_after} steps" + ("" if zero else ", gradients not zeroed")
        with page.progress(what, stop_after) as advance:
            for step in itertools.islice(train_classifier(net, points, labels, steps=STEPS, zero=zero), stop_after):
                steps.append(step)
                advance()
        page.shelf[key] = (steps, net)
    found: tuple[list[TrainingStep], MLP] = page.shelf[key]
    return found


def write(page: Page) -> None:
    table = moons()
    points, labels = table.points("x", "y"), [int(label) for label in table.column("label")]
    net = fresh_net()
    loss, _ = hinge_loss(net, points, labels)
    page.say(
        f"Last, micrograd's own demo. {len(points)} points lie in two half moons, and a net is to tell which "
        "moon a point "
        f"belongs to: two inputs, two layers of 16 relu neurons, one score, {len(net.parameters())} "
        "parameters. A point "
        "counts as learned when its score has the right sign; the loss asks for a margin of 1 and charges a "
        "little for "
        "large weights."
    )
    nodes = len(trace(loss)[0])
    page.say(
        f"The loss of all points together is one Value of {nodes:,} nodes. Build it, call `backward()`, step "
        "downhill, a "
        "hundred times, with a rate that falls from 1 to 0.1:"
    )
    page.check("parameters of MLP(2, [16, 16, 1])", len(net.parameters()))
    page.check("nodes in the moons loss", nodes)
    steps, net = trained(page, zero=True)
    page.grid(
        ("step", "loss", "accuracy"),
        [
            (str(step.step), shown(step.loss), f"{shown(100 * step.accuracy)} %")
            for step in steps
            if step.step in (0, 1, 5) or step.step % 10 == 0 or step.step == STEPS - 1
        ],
        words=(),
    )
    for k in (0, 1, 5):
        page.check(f"moons loss at step {k}", steps[k].loss)
        page.check(f"moons accuracy at step {k}, %", 100 * steps[k].accuracy)
    page.check("moons accuracy at the end, %", 100 * steps[-1].accuracy)
    _health(page, steps, net, points)
    page.picture(
        "moons-training",
        "Loss and accuracy over the hundred steps. The way down is bumpy, and still arrives.",
        "The loss falls from about 1 to 0.01 on a logarithmic scale, with many small peaks; the accuracy "
        "climbs from "
        "50 to 100 percent.",
        lambda: _training(steps),
    )
    page.picture(
        "moons-boundary",
        "What the net says about every place: where its score is 0 runs the boundary, bent around both moons.",
        "Two interleaved half moons of dots, squares above and circles below, parted by a winding boundary "
        "with all "
        "squares on one side and all circles on the other.",
        lambda: _boundary(net, points, labels),
    )
    page.say(
        "That is the whole story: a slope, a chain of slopes, and many small steps downhill. Everything that "
        "learns by "
        "gradient descent, however large, does this."
    )


def _health(page: Page, steps: list[TrainingStep], net: MLP, points: list[list[float]]) -> None:
    ratios = [after.loss / before.loss for before, after in itertools.pairwise(steps)]
    rises = sum(ratio > 1 for ratio in ratios)
    dead = count_dead_units(net, points)
    page.say(
        f"A healthy run need not look healthy. On {rises} of {len(ratios)} steps this loss rises, once to "
        f"{shown(max(ratios), 3)} times what it was, and {dead} of the 32 relu neurons are dead: they give 0 "
        "on every "
        "point and will never learn again. The net does not need them."
    )
    page.check("steps on which the moons loss rises", rises)
    page.check("the largest rise of the moons loss", max(ratios))
    page.check("relu units dead on all points at the end", dead)


def _training(steps: list[TrainingStep]) -> "Axes":
    from slopewise.drawing import new_axes, plot_training

    ax = new_axes()
    return plot_training(
        [step.loss for step in steps], [step.accuracy for step in steps], title="micrograd's moons demo", ax=ax
    )


def _boundary(net: MLP, points: list[list[float]], labels: list[int]) -> "Axes":
    from slopewise.drawing import new_axes, plot_boundary

    canvas = new_axes(height=4.2)
    ax = plot_boundary(net, points, labels, title="MLP(2, [16, 16, 1]) after 100 steps", ax=canvas)
    ax.set_aspect("equal")
    return ax


MOONS_NET = Chapter(10, "Two moons", write)
