"""Updates that use the gradients of one pass again and again."""

from collections.abc import Callable
from typing import Any

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.loop_mistakes import GradientsUsedAgain
from slopewise.engine import Value
from slopewise.engine.value import is_made

ENOUGH = 3
SURELY = 5  # steps down one gradient that need not be equal: momentum, or a rate that decays
TOLERANCE = 1e-6


class RepeatedUpdates:
    """Looks at the assignments between two passes: are they the same step several times?"""

    def __init__(self) -> None:
        self.assignments = 0
        # How many steps; a parameter and its gradient; the pass; how many parameters; whether all steps were equal.
        self.longest: tuple[int, Value, float, int, int, bool] | None = None

    def accept(self, events: list[Any], passes: int, assigned: int = 0) -> None:
        """Take in the events between two passes, or a part of them."""
        if assigned and (len(events) < ENOUGH * assigned or _assignments(events) < ENOUGH * assigned):
            return
        steps: dict[Value, list[float]] = {}
        rewritten: set[Value] = set()
        for what, node, before, after in events:
            if what == "data":
                self.assignments += 1
                if isinstance(before, (int, float)) and isinstance(after, (int, float)):
                    steps.setdefault(node, []).append(after - before)
            elif what == "grad" and node in steps:
                rewritten.add(node)
            elif what == "clear":
                return
        if not passes or not steps:
            return
        most = max(map(len, steps.values()))
        if most < ENOUGH or (self.longest is not None and most <= self.longest[0]):
            return
        moved = [(n, taken) for n, taken in steps.items() if isinstance(n.grad, (int, float)) and n.grad]
        if not moved or any(n in rewritten or is_made(n) for n in steps):
            return
        factors = [taken[0] / n.grad for n, taken in moved]
        is_equal = all(taken[0] and _are_near(taken) for _, taken in moved) and _are_near(factors)
        is_onward = most >= SURELY and len(moved) > 1 and all(_goes_one_way(taken, n.grad) for n, taken in moved)
        if is_equal or is_onward:
            node = moved[0][0]
            self.longest = (most, node, float(node.grad), passes, len(moved), is_equal)

    def verdicts(self, name: Callable[[Value], str], updates: int, has_update: bool, line: str) -> list[Diagnosis]:
        """Return the diagnosis.

        Args:
            name: Names a parameter.
            updates: How many updates lie between passes: 1 when all of them came after the only pass.
            has_update: Whether the code has a line that updates by the gradient.
            line: That line.
        """
        if self.longest is None:
            return []
        count, parameter, gradient, after_pass, parameters, is_equal = self.longest
        if parameters < 2 and not (has_update and updates <= 1):  # one number that goes in equal steps may be a scan
            return []
        return [
            GradientsUsedAgain(
                name=name(parameter),
                gradient=gradient,
                after_pass=after_pass,
                updates=count,
                is_equal=is_equal,
                line=line,
            )
        ]


def _are_near(numbers: list[float]) -> bool:
    return all(abs(x - numbers[0]) <= TOLERANCE * abs(numbers[0]) for x in numbers)


def _goes_one_way(steps: list[float], gradient: float) -> bool:
    """Tell whether all steps lead down the gradient."""
    return len(steps) >= SURELY and all(step * gradient < 0 for step in steps)


def _assignments(events: list[Any]) -> int:
    return sum([event[0] == "data" for event in events])


def compressed(events: list[Any]) -> list[Any]:
    """Return what matters of many events: of each node the first assignment, and the first and last of its gradient."""
    if len(events) < 50_000:
        return events
    kept: dict[tuple[str, Value, bool], Any] = {}
    for event in events:
        what, node = event[0], event[1]
        if (what, node, False) not in kept:
            kept[what, node, False] = event
        elif what == "grad":
            kept[what, node, True] = event
    return list(kept.values())
