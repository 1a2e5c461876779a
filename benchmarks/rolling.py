"""Measures `roll`: `python -m benchmarks.rolling` prints the figures of `docs/decisions/roll.md`.

Each line: equations of value and gradient, groups, nests, then milliseconds for the groups and for all of `roll`,
the least of three runs.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "passes"))

import scalar_loops

from slopewise.ir import Builder, Program, code_of
from slopewise.passes import differentiate
from slopewise.passes.grouping import group
from slopewise.passes.rolling import roll_within
from slopewise.tracer import record

MOST_NESTS = 300


def value_and_gradient(made: scalar_loops.Made) -> Program:
    """Trace a scalar program, and differentiate it by all of its inputs."""
    program = record(*made).program
    return differentiate.vjp(program, tuple(range(program.n_inputs)), (0,))


def net(inputs: int, hidden: int, classes: int) -> scalar_loops.Made:
    """One image through two layers and a softmax less its maximum."""

    def loss(numbers: list) -> list:
        given = iter(numbers)
        x = [next(given) for _ in range(inputs)]
        for width, last in ((hidden, False), (classes, True)):
            rows = [[next(given) for _ in x] for _ in range(width)]
            x = [sum(w * a for w, a in zip(row, x, strict=True)) + next(given) for row in rows]
            x = x if last else [v.relu() for v in x]
        highest = max(v.data for v in x)
        e = [(v - highest).exp() for v in x]
        return [-(e[3] / sum(e)).log()]

    chance = random.Random(1)
    return loss, [chance.random() for _ in range(inputs + inputs * hidden + hidden + hidden * classes + classes)]


def recurrence(steps: int) -> Program:
    """Build one number that goes through a step again and again."""
    build = Builder()
    h, a, b = inputs = [build.input() for _ in range(3)]
    for _ in range(steps):
        h = build.emit(code_of("tanh"), build.emit(code_of("add"), build.emit(code_of("multiply"), h, a), b))
    return build.extract(inputs, [h])


def irregular(size: int) -> Program:
    """Build operations on any two of the latest thousand numbers."""
    chance, build = random.Random(1), Builder()
    slots = inputs = [build.input() for _ in range(50)]
    slots = list(slots)
    names = ["add"] * 9 + ["multiply"] * 9 + ["tanh", "sin"]
    for _ in range(size):
        name = chance.choice(names)
        taken = [chance.choice(slots[-1000:]) for _ in range(1 if name in ("tanh", "sin") else 2)]
        slots.append(build.emit(code_of(name), *taken))
    return build.extract(inputs, slots[-200:])


def least_ms(work: Callable[[], object]) -> float:
    """Return the least time of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def main() -> None:
    """Print a line for each program."""
    for name, program in (
        ("micrograd's demo", value_and_gradient(scalar_loops.micrograd_moons(100, 16))),
        ("784-128-10, one image", value_and_gradient(net(784, 128, 10))),
        ("a recurrence of 300,000 steps", recurrence(300_000)),
        ("a million irregular operations", irregular(1_000_000)),
    ):
        loops = roll_within(program, MOST_NESTS)
        nests = "given up" if loops is None else f"{loops.n_nests} nests"
        groups_ms, all_ms = least_ms(lambda p=program: group(p)), least_ms(lambda p=program: roll_within(p, MOST_NESTS))
        print(
            f"{name}: {program.n_equations:,} equations, {group(program).n:,} groups, {nests}; "
            f"groups {groups_ms:.0f} ms, roll {all_ms:.0f} ms"
        )


if __name__ == "__main__":
    main()
