"""Chapter 7: the lecture's net on its four samples, twenty steps, as it is often retold."""

import random
from typing import TYPE_CHECKING, Any

from slopewise.basics import shown
from slopewise.cli.demo.page import Chapter, Page
from slopewise.lecture import MLP, trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLES = ([2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0])
TARGETS = (1.0, -1.0, -1.0, 1.0)
SEED = 1337
STEPS = 20
CODE = """\
random.seed(1337)
n = MLP(3, [4, 4, 1])

for k in range(20):
    # forward pass
    ypred = [n(x) for x in xs]
    loss = sum((yout - ygt)**2 for ygt, yout in zip(ys, ypred))

    # backward pass
    for p in n.parameters():
        p.grad = 0.0
    loss.backward()

    # update
    for p in n.parameters():
        p.data += -0.1 * p.grad

    print(k, loss.data)"""


def loss_of(n: MLP) -> tuple[Any, list[Any]]:
    """Return the lecture's loss and predictions."""
    ypred = [n(x) for x in SAMPLES]
    return sum((yout - ygt) ** 2 for ygt, yout in zip(TARGETS, ypred, strict=True)), ypred


def train(seed: int, *, zero: bool = True, steps: int = STEPS) -> tuple[list[float], list[Any], MLP]:
    """Run the lecture's loop; return the loss at each step, the last predictions and the net."""
    random.seed(seed)
    n = MLP(3, [4, 4, 1])
    losses: list[float] = []
    ypred: list[Any] = []
    for _ in range(steps):
        loss, ypred = loss_of(n)
        if zero:
            for p in n.parameters():
                p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    return losses, ypred, n


def write(page: Page) -> None:
    page.say(
        "Neurons side by side make a layer, layers one after the other make a net. The lecture's net has "
        "three inputs, "
        "two layers of four neurons and one output. Its classes are in `slopewise.lecture`, and its loop runs "
        "as it is:"
    )
    page.lines("from slopewise.lecture import MLP", *CODE.split("\n"))
    random.seed(SEED)
    fresh = MLP(3, [4, 4, 1])
    first = fresh(SAMPLES[0])
    loss, _ = loss_of(fresh)
    nodes = len(trace(loss)[0])
    page.check("parameters of MLP(3, [4, 4, 1])", len(fresh.parameters()))
    page.check("n(x0)", first.data)
    page.check("nodes in the lecture's loss", nodes)
    page.say(
        f"{len(fresh.parameters())} numbers are to be found. The first sample should give 1 and gives "
        f"{shown(first.data)}; the loss of all four is one Value, made of {nodes} nodes."
    )
    losses, ypred, _ = train(SEED)
    page.lines(*(f"{k} {loss!r}" for k, loss in enumerate(losses)))
    for k in (0, 1, STEPS - 1):
        page.check(f"the lecture's loss at step {k}", losses[k])
    page.say(
        f"Twenty steps, and the loss went from {shown(losses[0])} to {shown(losses[-1])}. The predictions of the last:"
    )
    page.grid(
        ("sample", "should be", "is"),
        [
            (", ".join(map(shown, x)), shown(target), shown(y.data))
            for x, target, y in zip(SAMPLES, TARGETS, ypred, strict=True)
        ],
    )
    page.picture(
        "the-lecture-net-learns",
        f"The loss of the lecture's net over its twenty steps, from {shown(losses[0])} to {shown(losses[-1])}.",
        "A falling curve of the loss on a logarithmic scale, over twenty steps.",
        lambda: _losses(losses),
    )


def _losses(losses: list[float]) -> "Axes":
    from slopewise.drawing import new_axes, plot_training

    ax = new_axes(height=3.6)
    return plot_training(losses, title="MLP(3, [4, 4, 1]) on four samples", ax=ax)


LECTURE_NET = Chapter(7, "The lecture's net learns", write)
