"""Were the gradients set to 0 between two updates? And were they still there when an update came?"""

from collections.abc import Callable

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.ledger import Segment
from slopewise.doctor.loop_mistakes import GradientsClearedTooEarly, GradientsNotZeroed
from slopewise.engine import Value

BEFORE, AFTER = 1, 2
ENOUGH = 4  # updates after which a parameter that goes its own way is known not to follow its gradient


class _Sum:
    """A gradient to which a pass has added although an update lies between."""

    __slots__ = ("added", "held", "number")

    def __init__(self, number: int, held: float, added: float) -> None:
        self.number = number
        self.held = held
        self.added = added


class _Account:
    """What became of one parameter's sums."""

    __slots__ = ("first", "matched", "minus", "plus", "used")

    def __init__(self, first: _Sum) -> None:
        self.first = first
        self.used = 0
        self.plus = 0
        self.minus = 0
        self.matched = 0


class Zeroing:
    """Follows, segment by segment, what happens to old gradients.

    An old gradient is a fault when an update lies between two passes, the later pass added to it, nobody changed it in
    between, and the next update used the sum. Two losses before an update, micro-batches, `p.grad *= 0.9` are none.
    """

    def __init__(self) -> None:
        self.updates = 0
        self.sums: dict[Value, _Sum] = {}
        self.accounts: dict[Value, _Account] = {}
        self.relieved: set[Value] = set()  # parameters whose sums were cleared before they were used
        self.has_zeroed = False
        self.used = 0  # updates that used a sum
        self.early = 0  # updates that met only gradients cleared before them
        self.early_example: tuple[Value, float] | None = None
        self.early_parameters = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found so far that may be a fault."""
        return not self.sums and not self.accounts and not self.early

    def accept(self, segment: Segment) -> None:
        """Take in one more segment."""
        if self.sums:
            self._settle_sums(segment)
        if segment.assigned:
            self.updates += 1
            if not segment.changed:
                self._look_for_early_clearing(segment)
            if segment.number and 0 in segment.touched:
                self._look_for_sums(segment)
        if not self.has_zeroed and any(segment.touched):
            self.has_zeroed = True

    def _look_for_sums(self, segment: Segment) -> None:
        met, touched, held, gradients = segment.met, segment.touched, segment.held, segment.gradients
        for i, gradient in enumerate(met):
            if not gradient or gradient != gradient or touched[i] or gradients[i] == held[i]:
                continue
            if segment.before[i] != segment.after[i]:
                parameter = segment.parameters[i]
                self.sums.setdefault(parameter, _Sum(segment.number, held[i], gradients[i] - held[i]))

    def _settle_sums(self, segment: Segment) -> None:
        used = False
        overall = segment.dot / segment.gg if segment.gg > 0 else 0.0
        for i, parameter in enumerate(segment.parameters):
            found = self.sums.get(parameter)
            if found is None:
                continue
            gradient = segment.met[i]
            if gradient is None or segment.touched[i] & BEFORE:
                if segment.touched[i]:
                    del self.sums[parameter]
                    self.relieved.add(parameter)
                continue
            del self.sums[parameter]
            account = self.accounts.setdefault(parameter, _Account(found))
            account.used += 1
            step = segment.after[i] - segment.before[i]
            account.plus += step * gradient > 0
            account.minus += step * gradient < 0
            account.matched += abs(step - overall * gradient) <= 1e-3 * abs(step)
            used = True
        self.used += used

    def _look_for_early_clearing(self, segment: Segment) -> None:
        met, touched, start = segment.met, segment.touched, segment.start
        if any(gradient for gradient in met):
            return
        for i, gradient in enumerate(met):
            if gradient == 0.0 and touched[i] & BEFORE and start[i]:
                self.early += 1
                self.early_parameters = max(self.early_parameters, segment.assigned)
                if self.early_example is None:
                    self.early_example = (segment.parameters[i], start[i])
                return

    def verdicts(self, name: Callable[[Value], str], line: str) -> list[Diagnosis]:
        """Return the diagnoses."""
        return [*self._not_zeroed(name, line), *self._cleared_too_early(name, line)]

    def _not_zeroed(self, name: Callable[[Value], str], line: str) -> list[Diagnosis]:
        found = {p: a for p, a in self.accounts.items() if not self.has_zeroed or self._follows_gradient(a)}
        if found:
            parameter = min(found, key=lambda p: found[p].first.number)
            first = found[parameter].first
        else:  # the loop ended before the next update
            waiting = {p: s for p, s in self.sums.items() if p not in self.relieved and p not in self.accounts}
            if not waiting or self.has_zeroed:
                return []
            parameter, first = next(iter(waiting.items()))
            names = tuple(name(p) for p in waiting)
            return [
                GradientsNotZeroed(
                    names=names, first_pass=first.number, held=first.held, added=first.added, updates=0,
                    of_updates=self.updates, line=line,
                )
            ]  # fmt: skip
        names = (name(parameter), *(name(p) for p in found if p is not parameter))
        return [
            GradientsNotZeroed(
                names=names, first_pass=first.number, held=first.held, added=first.added, updates=self.used,
                of_updates=self.updates, line=line,
            )
        ]  # fmt: skip

    def _follows_gradient(self, account: _Account) -> bool:
        """Tell whether a parameter is moved by its gradient, and not, say, an input that takes one sample after "
        "another."""
        if account.matched:
            return True
        return account.used >= ENOUGH and max(account.plus, account.minus) >= 0.8 * account.used

    def _cleared_too_early(self, name: Callable[[Value], str], line: str) -> list[Diagnosis]:
        if self.early_example is None or (self.early == 1 and self.updates > 2):
            return []
        parameter, gradient = self.early_example
        return [
            GradientsClearedTooEarly(
                name=name(parameter), gradient=gradient, parameters=self.early_parameters, updates=self.early,
                of_updates=self.updates, line=line,
            )
        ]  # fmt: skip
