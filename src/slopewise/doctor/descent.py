"""Where the loss went, update by update: uphill, nowhere, or off to infinity."""

import math
from array import array
from itertools import pairwise
from statistics import median
from typing import Any

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.ledger import Segment
from slopewise.doctor.loop_mistakes import WrongSign
from slopewise.doctor.training_notes import LossRose, StepUphill
from slopewise.doctor.training_warnings import LossDiverges, RateTooSmall

# The thresholds; docs/decisions/doctor.md has the measurements behind them.
CLIMBS = 5  # updates in a row along +gradient, each raising the loss
ALIGNED = 0.95  # the share of step · gradient, parameter by parameter, that must have one sign
PARALLEL = 0.9999  # the cosine from which a step counts as a plain multiple of the gradient
STEADY = 2.0  # by how much that multiple may vary within those updates
GROWTH = 10.0  # times the first loss
WINDOW = 10  # updates
MOSTLY = 0.8  # of which so many must raise the loss
SOME_RISES = 4  # in a run of fewer updates: at least so many, and all of them
SLOW_UPDATES = 10  # updates before a rate is called too small
SLOW_FALL = 0.01  # the largest fall of the loss, relative to the first
SLOW_PACE = 5_000.0  # updates that halving the loss takes
STEEP = 0.5  # |gradient| · |parameters| / loss: 1 means that 1 % of the parameters' size is worth 1 % of the loss


class Trajectory:
    """The updates of one set of parameters, as columns.

    Attributes:
        losses: The sum of the losses whose passes led to each update; nan where one was no number.
        passes: How many passes that were.
        numbers: The number of each update, over all sets.
        dot, size, gg, ss, pp: As in a segment.
        parameters: How many parameters the latest update moved.
    """

    __slots__ = ("dot", "gg", "losses", "numbers", "parameters", "passes", "pp", "size", "ss", "then")

    def __init__(self) -> None:
        self.then = math.nan  # the loss after the latest update, when a pass told it
        self.losses = array("d")
        self.passes = array("l")
        self.numbers = array("l")
        self.dot = array("d")
        self.size = array("d")
        self.gg = array("d")
        self.ss = array("d")
        self.pp = array("d")
        self.parameters = 0

    def __len__(self) -> int:
        return len(self.losses)

    def add(self, segment: Segment, number: int, loss: float, passes: int) -> None:
        """Append one update."""
        self.losses.append(loss)
        self.passes.append(passes)
        self.numbers.append(number)
        self.dot.append(segment.dot)
        self.size.append(segment.size)
        self.gg.append(segment.gg)
        self.ss.append(segment.ss)
        self.pp.append(segment.pp)
        self.parameters = max(self.parameters, segment.changed)

    def rise(self, i: int) -> float | None:
        """Return the loss after update i less that before it; None when they cannot be compared."""
        if i + 1 == len(self.losses):
            return None if math.isnan(self.then) else self.then - self.losses[i]
        return self.losses[i + 1] - self.losses[i] if self.passes[i] == self.passes[i + 1] else None

    def all_losses(self) -> list[float]:
        """Return the loss at each update, and the one after the latest if it is known."""
        return [*self.losses] if math.isnan(self.then) else [*self.losses, self.then]

    def goes_up(self, i: int) -> bool:
        """Tell whether update i went along +gradient, parameter by parameter."""
        return self.dot[i] > 0 and self.dot[i] >= (2 * ALIGNED - 1) * self.size[i]

    def multiple(self, i: int) -> float | None:
        """Return by which multiple of the gradient update i moved; None when it was no plain multiple."""
        if not self.gg[i] > 0 or not self.ss[i] > 0:
            return None
        cosine = self.dot[i] / math.sqrt(self.gg[i] * self.ss[i])
        return self.dot[i] / self.gg[i] if abs(cosine) >= PARALLEL else None


class Descent:
    """Collects passes and updates, and judges them at the end."""

    def __init__(self) -> None:
        self.trajectories: dict[Any, Trajectory] = {}
        self.updates = 0
        self.passes = 0
        self.first_loss = math.nan
        self.last_loss = math.nan
        self.broke_at = 0  # the first pass with a number that is not finite, when the pass before was finite
        self.equal = 0  # how many passes in a row up to now gave the same loss
        self._loss = 0.0
        self._count = 0
        self._keys: dict[Any, Any] = {}  # for each parameter the set that it is updated with

    def add_pass(self, loss: float, is_finite: bool) -> None:
        """Take in a pass."""
        self.passes += 1
        self.equal = self.equal + 1 if loss == self.last_loss else 1
        if self.passes == 1:
            self.first_loss = loss
        self.last_loss = loss
        if not is_finite and not self.broke_at:
            self.broke_at = self.passes
        self._loss += loss
        self._count += 1

    def add_update(self, segment: Segment) -> None:
        """Take in a segment with an update; call it before the pass that ends the segment is added."""
        self.updates += 1
        key = self._key_of(segment)
        trajectory = self.trajectories.setdefault(key, Trajectory())
        trajectory.add(segment, self.updates, self._loss if self._count else math.nan, self._count)
        self._loss, self._count = 0.0, 0

    def _key_of(self, segment: Segment) -> Any:
        """Return what tells the set of parameters that an update moved from other sets of the same loop."""
        if not segment.touched:  # not followed: which were assigned to is not known, only which changed
            pairs = zip(segment.before, segment.after, strict=True)
            changed = segment.parameters[next(i for i, (x, y) in enumerate(pairs) if x != y)]
            return self._keys.get(changed, (0, changed))
        assigned = [i for i, gradient in enumerate(segment.met) if gradient is not None]
        key = (len(assigned), segment.parameters[assigned[0]])
        if key not in self.trajectories:
            self._keys.update((segment.parameters[i], key) for i in assigned)
        return key

    def verdicts(self, is_ascent_meant: bool, update_line: str) -> list[Diagnosis]:
        """Return the diagnoses.

        Args:
            is_ascent_meant: Whether the code says that the number is to grow.
            update_line: The line that updates parameters, if it is known.
        """
        found: list[Diagnosis] = []
        self._note_the_loss_after()
        for trajectory in self.trajectories.values():
            sign = None if is_ascent_meant else _wrong_sign(trajectory, update_line)
            if sign is not None:
                found.append(sign)
                continue
            growth = self._divergence(trajectory, update_line)
            if is_ascent_meant and isinstance(growth, LossDiverges) and not growth.broke_at:
                growth = None
            if growth is not None:
                found.append(growth)
            else:
                found.extend(d for d in (_too_small(trajectory, update_line), _rises(trajectory)) if d is not None)
            if not is_ascent_meant:
                uphill = _uphill(trajectory, update_line)
                found.extend([uphill] if uphill is not None else [])
        rises = [d for d in found if isinstance(d, LossRose)]
        most = max(rises, key=lambda d: d.rises, default=None)
        return [d for d in found if not isinstance(d, LossRose) or d is most]

    def _note_the_loss_after(self) -> None:
        """Give the passes after the latest update, if there were any, to the updates that they follow."""
        if len(self.trajectories) == 1:
            [t] = self.trajectories.values()
            if self._count == t.passes[-1]:
                t.then = self._loss

    def _divergence(self, t: Trajectory, line: str) -> Diagnosis | None:
        losses = t.all_losses()
        first, last = losses[0], losses[-1]
        if not math.isfinite(first) or first == 0:
            return None
        if self.broke_at > 1 and not math.isfinite(last):
            largest = max(abs(x) for x in losses if math.isfinite(x))
            if largest >= GROWTH * abs(first) or _leaps(t):
                return LossDiverges(first=first, last=last, updates=len(losses) - 1, broke_at=self.broke_at, line=line)
            return None
        if not all(map(math.isfinite, losses)) or last < GROWTH * abs(first):
            return None
        tail = losses[-(WINDOW + 1) :]
        rising = sum(b > a for a, b in pairwise(tail))
        if tail[-1] > tail[0] and rising >= (MOSTLY * WINDOW if len(tail) > WINDOW else max(SOME_RISES, len(tail) - 1)):
            return LossDiverges(first=first, last=last, updates=len(losses) - 1, line=line)
        return None


def _leaps(t: Trajectory) -> bool:
    """Tell whether steps were as long as the parameters themselves when the numbers broke."""
    sizes = [(s, p) for s, p in zip(t.ss, t.pp, strict=True) if math.isfinite(s) and math.isfinite(p)]
    return bool(sizes) and any(s > 100.0 * max(p, 1e-300) and s > 1e6 for s, p in sizes)


def _wrong_sign(t: Trajectory, line: str) -> Diagnosis | None:
    run = 0
    for i in range(len(t)):
        rise = t.rise(i)
        run = run + 1 if t.goes_up(i) and rise is not None and rise > 0 else 0
        if run >= CLIMBS and (run == i + 1 or _is_steady(t, i + 1 - run, i + 1)):
            last = i
            while last + 1 < len(t) and t.goes_up(last + 1) and (t.rise(last + 1) or 0) > 0:
                last += 1
            first = i + 1 - run
            return WrongSign(
                first_update=t.numbers[first],
                updates=last - first + 1,
                parameters=t.parameters,
                before=t.losses[first],
                after=t.all_losses()[last + 1],
                line=line,
            )
    return None


def _is_steady(t: Trajectory, start: int, stop: int) -> bool:
    """Tell whether updates were plain multiples of the gradient, by about the same factor: momentum is not."""
    multiples = [t.multiple(i) for i in range(start, stop)]
    known = [m for m in multiples if m is not None]
    return len(known) == len(multiples) and max(known) <= STEADY * min(known)


def _too_small(t: Trajectory, line: str) -> Diagnosis | None:
    n = len(t)
    if n <= SLOW_UPDATES or len(set(t.passes)) != 1:
        return None
    first, last = t.losses[0], t.losses[n - 1]
    if not (math.isfinite(first) and math.isfinite(last)) or first <= 0 or last <= 0:
        return None
    if first - last > SLOW_FALL * first or last > first * (1 + SLOW_FALL):
        return None
    steep = median(math.sqrt(g * max(p, 1e-12)) / loss for g, p, loss in zip(t.gg, t.pp, t.losses, strict=True))
    if not steep >= STEEP or not all(s > 0 for s in t.ss) or not all(d < 0 for d in t.dot):
        return None
    gained = median(-d for d in t.dot)  # what the slope promises for one update
    needed = last / (2 * gained) if gained > 0 else math.inf
    if needed < max(SLOW_PACE, 100.0 * n):
        return None
    return RateTooSmall(
        first=first,
        last=last,
        updates=n - 1,
        gradient=math.sqrt(median(t.gg)),
        step=math.sqrt(median(t.ss)),
        needed=needed,
        line=line,
    )


def _rises(t: Trajectory) -> Diagnosis | None:
    rises = [(i, rise) for i in range(len(t)) if (rise := t.rise(i)) is not None and rise > 0]
    if not rises:
        return None
    i, _ = max(rises, key=lambda pair: pair[1])
    return LossRose(
        rises=len(rises), of_updates=len(t.all_losses()) - 1, before=t.losses[i], after=t.all_losses()[i + 1]
    )


def _uphill(t: Trajectory, line: str) -> Diagnosis | None:
    steps = [
        i
        for i in range(len(t))
        if (m := t.multiple(i)) is not None and m > 0 and (i == 0 or _follows_a_plain_step(t, i))
    ]
    if not steps:
        return None
    first = steps[0]
    return StepUphill(
        updates=len(steps),
        first_update=t.numbers[first],
        parameters=t.parameters,
        factor=t.multiple(first) or 0.0,
        line=line,
    )


def _follows_a_plain_step(t: Trajectory, i: int) -> bool:
    """Tell whether the update before was a plain multiple too, so that no momentum carries this one."""
    before, now = t.multiple(i - 1), t.multiple(i)
    return before is not None and now is not None and abs(abs(now / before) - 1) < 0.01
