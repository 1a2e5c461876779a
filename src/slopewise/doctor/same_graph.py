"""Passes through graphs that are no longer true, or that were gone through before."""

import weakref
from collections.abc import Callable
from typing import Any

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.ledger import Segment
from slopewise.doctor.loop_mistakes import StaleGraph
from slopewise.doctor.training_notes import SecondPass
from slopewise.engine import Value
from slopewise.engine.reading import built_with, survey
from slopewise.engine.value import has_own_step, is_made, number_of, operation_of, rule_operands

TOLERANCE = 1e-9  # relative: a number that was changed and changed back differs in its last digits
MOST_NODES = 50_000


class SameGraph:
    """Notes passes whose graph was built before the latest update, and second passes through one graph."""

    def __init__(self) -> None:
        self._root: Callable[[], Any] = lambda: None
        self.stale_passes: set[int] = set()
        self.stale: tuple[Value, float, float, int] | None = None
        self.again = 0
        self.first_again: tuple[Value, float, float, int] | None = None

    def accept(self, root: Value, segment: Segment | None, number: int) -> None:
        """Take in a pass and what lies between it and the one before."""
        if segment is not None and self._root() is root and is_made(root):
            if segment.changed:
                self._note_changed(segment, number)
            elif segment.touched and not any(segment.touched):
                self._note_second(segment, number)
        self._root = weakref.ref(root)

    def examine(self, candidates: list[Value], number: int, segment: Segment | None) -> None:
        """Look at nodes of a pass that may be out of date; the segment is what lies before the pass."""
        if number in self.stale_passes:
            return
        for node in candidates:
            if has_drifted(node):
                self.stale_passes.add(number)
                if self.stale is None:
                    self.stale = (*changed_leaf(node, segment), number)
                return

    def _note_changed(self, segment: Segment, number: int) -> None:
        for i, gradient in enumerate(segment.met):
            before, after = segment.before[i], segment.after[i]
            if gradient is not None and is_changed(after, before) and segment.gradients[i] != segment.held[i]:
                self.stale_passes.add(number)
                if self.stale is None:
                    self.stale = (segment.parameters[i], after, before, number)
                return

    def _note_second(self, segment: Segment, number: int) -> None:
        for i, held in enumerate(segment.held):
            added = segment.gradients[i] - held
            if held and added:
                self.again += 1
                if self.first_again is None:
                    self.first_again = (segment.parameters[i], held, added, number)
                return

    def verdicts(self, name: Callable[[Value], str], line: str) -> list[Diagnosis]:
        """Return the diagnoses."""
        found: list[Diagnosis] = []
        if self.stale is not None:
            leaf, now, built, number = self.stale
            found.append(
                StaleGraph(
                    name=name(leaf), now=now, built=built, first_pass=number, passes=len(self.stale_passes), line=line
                )
            )
        if self.first_again is not None:
            leaf, held, added, number = self.first_again
            found.append(
                SecondPass(name=name(leaf), held=held, added=added, at_pass=number, times=self.again, line=line)
            )
        return found


def is_changed(now: float, before: float) -> bool:
    """Tell whether two numbers differ by more than rounding."""
    return abs(now - before) > TOLERANCE * max(abs(now), abs(before))


def has_drifted(node: Value) -> bool:
    """Tell whether a node's number no longer follows from its operands', by more than rounding."""
    if has_own_step(node) or not is_made(node) or operation_of(node).name == "leaf":
        return False  # what a user made by hand cannot be computed anew
    numbers = [number_of(operand) for operand in rule_operands(node)]
    number = number_of(node)
    if not all(isinstance(x, (int, float)) for x in (number, *numbers)):
        return False
    try:
        now = operation_of(node).value(*numbers)
    except (ArithmeticError, ValueError):
        return False
    scale = max(abs(now), abs(number), *map(abs, numbers))
    return bool(abs(now - number) > TOLERANCE * scale)


def changed_leaf(node: Value, segment: Segment | None) -> tuple[Value, float, float]:
    """Return what is most telling of a node that is out of date: a leaf below it, its number, and the one before."""
    nodes, _ = survey(node)
    before = {}
    if segment is not None:
        before = {p: x for p, x, y in zip(segment.parameters, segment.before, segment.after, strict=True) if x != y}
    for leaf in nodes[:MOST_NODES]:
        now, built = number_of(leaf), built_with(leaf)
        if is_made(leaf) or not isinstance(now, (int, float)):
            continue
        if is_changed(now, built):
            return leaf, float(now), float(built)
        if leaf in before and is_changed(now, before[leaf]):
            return leaf, float(now), before[leaf]
    now = operation_of(node).value(*[number_of(operand) for operand in rule_operands(node)])
    return node, float(now), float(number_of(node))
