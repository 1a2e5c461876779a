"""Who the parameters are, and what happened to them between one backward pass and the next."""

from collections.abc import Sequence
from typing import Any

from slopewise.doctor.float_of import as_float
from slopewise.engine import Value
from slopewise.engine.census import alignment, census, digest, figures
from slopewise.engine.value import is_made, was_written

BEFORE, AFTER = 1, 2  # how digest() tells when a gradient was changed
RESTING = 2  # updates of others after which parameters count as left alone
MOST_TRACKED = 50_000  # leaves that are remembered before the first update tells which of them are parameters


class Segment:
    """What lies between two passes: assignments to numbers and gradients, and then the later pass.

    Attributes:
        number: The number of the pass that ends it; 0 for what comes after the last pass.
        parameters: The parameters known at its end.
        before, after: Their numbers at the earlier pass, and at the later one.
        start: Their gradients right after the earlier pass.
        met: The gradient that the first assignment to a parameter's number found; None where there was none.
        touched: How a gradient was changed by the user: BEFORE the assignment, AFTER it (or without one), both, or 0.
        held: Their gradients right before the later pass; `gradients`: right after it.
        assigned, changed: How many parameters were assigned to, and how many of them changed.
        dot, size, gg, ss, pp: Sums of step · gradient, |step · gradient|, gradient², step², number².
    """

    __slots__ = (
        "after", "assigned", "before", "changed", "dot", "gg", "gradients", "held", "met", "number", "parameters", "pp",
        "size", "ss", "start", "touched",
    )  # fmt: skip

    number: int
    parameters: list[Value]
    before: list[float]
    after: list[float]
    start: list[float]
    met: list[float | None]
    touched: list[int]
    held: list[float]
    gradients: list[float]
    assigned: int
    changed: int
    dot: float
    size: float
    gg: float
    ss: float
    pp: float


class Ledger:
    """The parameters, with their numbers and gradients after the latest pass.

    A parameter is a leaf whose number is assigned to after a pass reached it. Until the first update any leaf of the
    graphs so far may turn out to be one.
    """

    def __init__(self) -> None:
        self.parameters: list[Value] = []
        self.places: dict[Value, int] = {}
        self.numbers: list[float] = []
        self.gradients: list[float] = []
        self.is_settled = False
        self.reached: set[Value] = set()  # parameters that were leaves of a graph looked at
        self.judged: set[Value] = set()  # parameters that were known when a graph was looked at
        self.moved: set[Value] = set()  # parameters without a gradient whose number changed: kept averages, statistics
        self._older = 0  # how many parameters were there before others came that are updated without them
        self._rest = 0  # how many updates left those alone since

    def track(self, leaves: Sequence[Value]) -> None:
        """Remember the leaves of a graph: before the first update as possible parameters, later as reached."""
        if self.is_settled:
            places = self.places
            if len(self.reached) < len(places):
                self.reached.update([leaf for leaf in leaves if leaf in places])
            if len(self.judged) < len(places):
                self.judged.update(places)
            return
        new = [leaf for leaf in leaves if leaf not in self.places]
        self._add(new[: MOST_TRACKED - len(self.parameters)])
        self.reached.update(new)

    def close_segment(self, events: list[Any], number: int) -> Segment:
        """Digest the events since the latest pass; call it right after the next one, or at the end with number 0."""
        held = list(self.gradients)
        met, touched, others, roots = digest(events, self.places, held)
        if roots:
            held = list(self.gradients)
            met, touched, others, _ = digest(self._with_clearings(events), self.places, held)
        strangers = _strangers(others) if others else []
        out = Segment()
        out.number = number
        out.before, out.start = self.numbers, self.gradients
        out.met, out.touched, out.held = met, touched, held
        if strangers:
            self._include(strangers, out)
        out.parameters = self.parameters
        out.after, out.gradients = figures(self.parameters)
        if self.is_settled and len(self.reached) < len(self.places):
            for i, gradient in enumerate(out.met):
                if gradient == 0 and out.before[i] != out.after[i]:
                    self.moved.add(out.parameters[i])
        sums = alignment(out.before, out.after, out.met)
        out.assigned, out.changed, out.dot, out.size, out.gg, out.ss, out.pp = sums
        self.numbers, self.gradients = out.after, out.gradients
        if out.assigned and not self.is_settled:
            self._settle(out, events)
        elif self._older and out.assigned:
            is_resting = all(gradient is None for gradient in out.met[: self._older])
            self._rest = self._rest + 1 if is_resting else 0
            self._older = self._older if is_resting else 0
        return out

    @property
    def has_newcomers(self) -> bool:
        """Whether there are parameters for which no graph has been looked at yet."""
        return self.is_settled and len(self.judged) < len(self.places)

    @property
    def has_resting(self) -> bool:
        """Whether the first parameters have been left alone since others came: another training has begun."""
        return self._rest >= RESTING

    def drop_resting(self) -> None:
        """Forget the parameters that have been left alone."""
        older, self._older, self._rest = self._older, 0, 0
        self.parameters = self.parameters[older:]
        self.places = {leaf: i for i, leaf in enumerate(self.parameters)}
        self.numbers, self.gradients = self.numbers[older:], self.gradients[older:]
        self.reached &= set(self.parameters)
        self.judged &= set(self.parameters)

    def close_unfollowed(self, number: int) -> Segment:
        """Compare numbers with those at the pass before, when no events were written down in between.

        An update is told by the numbers that changed, and taken to have met the gradients that the pass before left.
        """
        out = Segment()
        out.number = number
        out.parameters = self.parameters
        out.before, out.start = self.numbers, self.gradients
        out.after, out.gradients = figures(self.parameters)
        out.held = self.gradients
        out.met = list(self.gradients)
        out.touched = []
        _, out.changed, out.dot, out.size, out.gg, out.ss, out.pp = alignment(out.before, out.after, out.met)
        out.assigned = out.changed
        self.numbers, self.gradients = out.after, out.gradients
        return out

    def _add(self, leaves: Sequence[Value]) -> None:
        for leaf in leaves:
            self.places[leaf] = len(self.parameters)
            self.parameters.append(leaf)
        numbers, gradients = figures(list(leaves))
        self.numbers = self.numbers + numbers
        self.gradients = self.gradients + gradients

    def _with_clearings(self, events: list[Any]) -> list[Any]:
        """Write `root.zero_grad()` out as one assignment for each leaf below root."""
        written = []
        for event in events:
            if event[0] == "clear":
                written += [("grad", leaf, None, 0.0) for leaf in census(event[1])[2]]
            else:
                written.append(event)
        return written

    def _include(self, strangers: list[tuple[Value, float, float]], out: Segment) -> None:
        """Take in leaves that were assigned to and that no pass looked at had reached."""
        if self.is_settled and not self._older and all(gradient is None for gradient in out.met):
            self._older = len(self.parameters)
        self.parameters = [*self.parameters, *[leaf for leaf, _, _ in strangers]]
        for place, (leaf, _, _) in enumerate(strangers, len(self.places)):
            self.places[leaf] = place
        out.before = out.before + [before for _, before, _ in strangers]
        known = [gradient for _, _, gradient in strangers]
        out.start = out.start + known
        out.met = [*out.met, *known]
        out.touched = out.touched + [BEFORE | AFTER] * len(strangers)  # not known: nothing is held against them
        out.held = out.held + known

    def _settle(self, out: Segment, events: list[Any]) -> None:
        """At the first update: those that were assigned to are the parameters, in that order; other leaves are not."""
        assigned = dict.fromkeys(
            self.places[event[1]] for event in events if event[0] == "data" and event[1] in self.places
        )
        kept = [i for i in assigned if out.met[i] is not None]
        for name in ("before", "after", "start", "met", "touched", "held", "gradients", "parameters"):
            column = getattr(out, name)
            setattr(out, name, [column[i] for i in kept])
        self.parameters = out.parameters
        self.places = {leaf: i for i, leaf in enumerate(self.parameters)}
        self.numbers, self.gradients = out.after, out.gradients
        self.reached &= set(self.parameters)
        self.is_settled = True


def _strangers(others: list[Any]) -> list[tuple[Value, float, float]]:
    """Return the leaves among other nodes that were assigned to, with their number and gradient before (nan: "
    "not known)."""
    found: dict[Value, tuple[float, float]] = {}
    gradients: dict[Value, float] = {}
    for what, node, before, after in others:
        if what == "grad":
            gradients.setdefault(node, as_float(before))
            if node in found and found[node][1] != found[node][1]:
                found[node] = (found[node][0], as_float(before))
            if node not in found:
                gradients[node] = as_float(after)
        elif node not in found and not is_made(node):
            known = gradients.get(node, float("nan") if was_written(node) else 0.0)
            found[node] = (as_float(before), known)
    return [(node, before, gradient) for node, (before, gradient) in found.items()]
