"""Chapter 8: why gradients are set to zero before each backward pass, and why one net hides it."""

import random
from typing import TYPE_CHECKING

from slopewise import Value
from slopewise.basics import shown
from slopewise.cli.demo.chapters import lecture_net, moons_net
from slopewise.cli.demo.chapters.slopes import LEAST, f
from slopewise.cli.demo.page import Chapter, Page
from slopewise.data import moons
from slopewise.engine import NATIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEEDS = range(40)
STEPS = 60
PILED_STEPS = 100 if NATIVE else 31  # the interpreted engine is about ten times slower


def walk(*, zero: bool) -> list[float]:
    """Walk down the parabola from 3 at rate 0.1; return the place after each step, the start first."""
    x = Value(3.0)
    places = [x.data]
    for _ in range(STEPS):
        if zero:
            x.grad = 0.0
        f(x).backward()
        x.data -= 0.1 * x.grad
        places.append(x.data)
    return places


def write(page: Page) -> None:
    page.say(
        "`backward()` adds into `.grad`; it never starts afresh by itself, because a number used twice must "
        "get both of "
        "its contributions. So before each new pass somebody must write `p.grad = 0`. Forget it, and every "
        "step follows "
        "the sum of all gradients so far."
    )
    settled, restless = walk(zero=True), walk(zero=False)
    late = restless[41:61]
    page.say(
        f"On the parabola of chapter 1, from x = 3 at rate 0.1, it is plain. With zeroing, x settles at "
        f"{shown(settled[-1])}. Without, it swings for ever: in steps 41 to 60 still between "
        f"{shown(min(late), 2)} and "
        f"{shown(max(late), 2)}."
    )
    page.check("parabola unzeroed, lowest of steps 41 to 60", min(late))
    page.check("parabola unzeroed, highest of steps 41 to 60", max(late))
    page.picture(
        "gradients-not-zeroed",
        "The same walk, with gradients zeroed and not. Old slopes pile up and push x past the lowest point every time.",
        "Two curves of x over sixty steps: one settles at two thirds at once, the other swings between about "
        "−2 and 3 "
        "without end.",
        lambda: _walks(settled, restless),
    )
    ends = []
    with page.progress("the lecture's net, with and without zeroing", len(SEEDS)) as advance:
        for seed in SEEDS:
            state = random.getstate()
            ends.append((lecture_net.train(seed)[0][-1], lecture_net.train(seed, zero=False)[0][-1]))
            random.setstate(state)
            advance()
    lower = sum(without < zeroed for zeroed, without in ends)
    page.say(
        f"The lecture's own net hides the mistake. Over {len(SEEDS)} seeds, the loss after its twenty steps "
        "is lower "
        f"without zeroing for {lower} of them (of 2,000 seeds, it was 1,605): the piled-up gradients act like "
        "momentum, "
        "and on so small a task that happens to help. A test that passes does not prove the loop right."
    )
    page.check("seeds of 40 that end lower unzeroed", lower)
    _moons(page)


def _moons(page: Page) -> None:
    zeroed = moons_net.run(page, zero=True)
    piled = moons_net.run(page, zero=False, stop_after=PILED_STEPS)
    last = piled[-1].step
    page.say(
        "On a larger task it does not help for long. On micrograd's moons (chapter 10), from the same start, "
        "the loss at "
        f"step {last} is {shown(zeroed[last].loss)} with zeroing and {shown(piled[last].loss)} without."
    )
    page.check("moons zeroed, loss at step 30", zeroed[30].loss)
    page.check("moons unzeroed, loss at step 30", piled[30].loss)
    page.check("moons zeroed, loss at the end", zeroed[-1].loss)
    if last == moons_net.STEPS - 1:
        page.check("moons unzeroed, loss at the end", piled[-1].loss)
    page.picture(
        "moons-not-zeroed",
        f"The loss on {len(moons())} moons points, gradients zeroed and not.",
        "Two curves on a logarithmic scale: with zeroing the loss falls to about 0.01, without it climbs ever higher.",
        lambda: _losses([step.loss for step in zeroed], [step.loss for step in piled]),
    )


def _walks(settled: list[float], restless: list[float]) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    ax = new_axes()
    return plot_sequences(
        {"zeroed": settled, "not zeroed": restless},
        level=(LEAST, "the lowest point, 2/3"),
        title="x on 3x² − 4x + 5, rate 0.1",
        ylabel="x",
        ax=ax,
    )


def _losses(zeroed: list[float], piled: list[float]) -> "Axes":
    from slopewise.drawing import new_axes, plot_sequences

    ax = new_axes()
    return plot_sequences(
        {"zeroed": zeroed, "not zeroed": piled}, logarithmic=True, title="moons", ylabel="loss", ax=ax
    )


ZEROING = Chapter(8, "Why gradients are zeroed", write)
