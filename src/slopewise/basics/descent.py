"""Walking downhill: a point, its slope, a step against the slope, and again."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slopewise.basics.curvature import shape_at
from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import extrapolated
from slopewise.basics.shown_numbers import equation, relation, shown, signed
from slopewise.errors import DomainError

RISES_IN_A_ROW = 5  # so many moves upwards, one after the other, are called diverging
FAR = 1e9  # a value so many times larger than at the start ends the walk


class Stopped(StrEnum):
    """Why a walk stopped."""

    CONVERGED = "converged"
    STEPS_USED_UP = "steps used up"
    DIVERGING = "diverging"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class DescentStep:
    """One point of the walk and the move from there.

    Attributes:
        number: How many moves came before.
        x: The point: a number, or a tuple of numbers.
        value: The function's value there.
        slope: The slope there, or a tuple with one slope per number.
        rate: The learning rate of the move from here.
        names: What the numbers are called.
        is_last: Whether the walk ended here, so that there is no move.

    Example:
        >>> import slopewise as sw
        >>> step = sw.descend(lambda x: x**2, 3.0, lr=0.25).path[0]
        >>> step.x, step.slope, step.move
        (3.0, 6.0, -1.5)
        >>> step.words
        'slope +6 > 0, so x goes down by 0.25 · 6'
    """

    number: int
    x: float | tuple[float, ...]
    value: float
    slope: float | tuple[float, ...]
    rate: float
    names: tuple[str, ...]
    is_last: bool

    @property
    def move(self) -> float | tuple[float, ...]:
        """What is added to the point: minus the rate times the slope."""
        if isinstance(self.slope, tuple):
            return tuple(-self.rate * s for s in self.slope)
        return -self.rate * self.slope

    @property
    def words(self) -> str:
        """The move in words: `slope +14 > 0, so x goes down by 0.1 · 14`."""
        slopes = self.slope if isinstance(self.slope, tuple) else (self.slope,)
        if self.is_last:
            return ", ".join(
                f"{'slope' if len(slopes) == 1 else f'slope in {name}'} {_approximate(s)}"
                for name, s in zip(self.names, slopes, strict=True)
            )
        return "; ".join(
            _move_in_words(name, s, self.rate, len(slopes) == 1) for name, s in zip(self.names, slopes, strict=True)
        )

    def __str__(self) -> str:
        points = self.x if isinstance(self.x, tuple) else (self.x,)
        where = ", ".join(equation(name, x) for name, x in zip(self.names, points, strict=True))
        return f"{where}, {equation('f', self.value)}: {self.words}"


def _approximate(slope: float) -> str:
    return f"{relation(slope)[0]} {signed(slope)}".removeprefix("= ")


def _move_in_words(name: str, slope: float, rate: float, is_alone: bool) -> str:
    named = "slope" if is_alone else f"slope in {name}"
    if slope == 0:
        return f"{named} 0, so {name} stays"
    if not math.isfinite(slope):
        return f"{named} {shown(slope)}, so {name} has nowhere to go"
    side, way = (">", "down") if slope > 0 else ("<", "up")
    return f"{named} {_approximate(slope)} {side} 0, so {name} goes {way} by {shown(rate)} · {shown(abs(slope))}"


@dataclass(frozen=True, slots=True)
class Descent:
    """A walk downhill: every point, and why it stopped.

    Attributes:
        path: Every point, the start and the end included.
        stopped: `converged`, `steps used up`, `diverging` or `flat`.
        why: The reason, in a sentence.
        remark: What else is to be said, such as that it swings; empty if nothing.
        kind: What the end is, if the slope is zero there: `minimum`, `maximum`, `neither` or `level`; else empty.
        source: Where the slopes come from: `backward()` or `finite differences`.

    Example:
        >>> import slopewise as sw
        >>> walk = sw.descend(lambda x: x**2, 1.0, lr=0.25, steps=3)
        >>> walk.points, walk.values[-1], walk.converged
        ((1.0, 0.5, 0.25, 0.125), 0.015625, False)
        >>> print(walk)
        0  x = 1, f = 1: slope +2 > 0, so x goes down by 0.25 · 2
        1  x = 0.5, f = 0.25: slope +1 > 0, so x goes down by 0.25 · 1
        2  x = 0.25, f = 0.0625: slope +0.5 > 0, so x goes down by 0.25 · 0.5
        3  x = 0.125, f ≈ 0.01562: slope +0.25
        steps used up: after 3 steps the slope is still +0.25
    """

    path: tuple[DescentStep, ...]
    stopped: Stopped
    why: str
    remark: str
    kind: str
    source: str

    @property
    def steps(self) -> tuple[DescentStep, ...]:
        """The points from which a move was made: `path` without its end."""
        return self.path[:-1]

    @property
    def x(self) -> float | tuple[float, ...]:
        """Where the walk ended."""
        return self.path[-1].x

    @property
    def value(self) -> float:
        """The function's value where the walk ended."""
        return self.path[-1].value

    @property
    def slope(self) -> float | tuple[float, ...]:
        """The slope where the walk ended."""
        return self.path[-1].slope

    @property
    def points(self) -> tuple[float | tuple[float, ...], ...]:
        """All points, for a picture."""
        return tuple(step.x for step in self.path)

    @property
    def values(self) -> tuple[float, ...]:
        """The values at all points."""
        return tuple(step.value for step in self.path)

    @property
    def slopes(self) -> tuple[float | tuple[float, ...], ...]:
        """The slopes at all points."""
        return tuple(step.slope for step in self.path)

    @property
    def converged(self) -> bool:
        """Tell whether the walk arrived."""
        return self.stopped is Stopped.CONVERGED

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Descent: {self.stopped} after {len(self)} steps at {self.x!r}>"

    def text(self, most: int = 12) -> str:
        """Return the walk as text, a line per point; the middle of a long walk is left out.

        Args:
            most: The most lines for points.
        """
        width = len(str(len(self.path) - 1))
        lines = [f"{step.number:>{width}}  {step}" for step in self.path]
        if len(lines) > most:
            head = most - most // 3
            lines[head : len(lines) - most // 3] = [f"{'':>{width}}  … {len(lines) - most} more …"]
        lines.append(f"{self.stopped}: {self.why}")
        if self.remark:
            lines.append(self.remark)
        return "\n".join(lines)


def descend(
    f: Callable[..., Any],
    start: Any,
    lr: float | Callable[[int], float] | None = None,
    steps: int = 100,
    *,
    rate: float | Callable[[int], float] | None = None,
    tolerance: float = 1e-9,
) -> Descent:
    """Walk downhill from a point: `x ← x − lr · slope`, again and again.

    The slopes come from `backward()` when f takes Values, otherwise from finite differences.

    Args:
        f: A function of one or several numbers that returns one number; written for floats, for Values or for both.
        start: Where to begin: a number, or a sequence with one number per argument.
        lr: The learning rate, positive: how far to go per unit of slope. A function of the step's number works too.
            0.1 when left out.
        steps: The most steps to take.
        rate: The same as `lr`.
        tolerance: The walk has arrived when no slope is larger than this times max(1, the largest slope at the start).

    Returns:
        The walk: `.path`, `.stopped` (converged, steps used up, diverging or flat), `.why`; print it to read it.

    Raises:
        TypeError: Both `lr` and `rate` are given.
        DomainError: `lr` is not positive, `steps` is negative, `start` holds no number, f is not finite there.
        NumberError: f is no function or returned no number.
        ShapeError: `start` has more or fewer numbers than f takes.

    Example:
        >>> import slopewise as sw
        >>> walk = sw.descend(lambda x: 3 * x**2 - 4 * x + 5, 3.0, lr=0.1)
        >>> print(walk.path[0])
        x = 3, f = 20: slope +14 > 0, so x goes down by 0.1 · 14
        >>> walk.converged, walk.kind, round(walk.x, 6)
        (True, 'minimum', 0.666667)
    """
    if lr is not None and rate is not None:
        raise TypeError(f"descend() takes lr or rate, which mean the same, and got both: lr={lr!r}, rate={rate!r}")
    given = lr if lr is not None else rate if rate is not None else 0.1
    if not callable(given):
        _check_rate(given, name="rate" if lr is None and rate is not None else "lr")
    _check_limits(steps, tolerance)
    function = PointFunction(f, start, "descend", "start")
    return _Walk(function, given, steps.__index__(), float(tolerance)).run()


def _check_limits(steps: Any, tolerance: Any) -> None:
    if isinstance(steps, bool) or not hasattr(steps, "__index__") or steps.__index__() < 0:
        raise DomainError(f"descend(): steps must be a whole number of at least 0, got {steps!r}\ntry steps=100")
    if not isinstance(tolerance, (int, float)) or not 0 <= tolerance < 1:
        raise DomainError(f"descend(): tolerance must be at least 0 and below 1, got {tolerance!r}\ntry 1e-9")


def _check_rate(rate: Any, step: int | None = None, name: str = "lr") -> float:
    try:
        number = float(rate)
    except (TypeError, ValueError):
        number = math.nan
    if not 0.0 < number < math.inf:
        place = "" if step is None else f" at step {step}"
        cure = "a negative rate walks uphill: minimise -f instead" if number < 0 else f"try {name}=0.1"
        raise DomainError(f"descend(): the learning rate{place} must be a positive number, got {rate!r}\n{cure}")
    return number


class _Walk:
    """The walk while it runs."""

    def __init__(self, function: PointFunction, rate: Any, steps: int, tolerance: float) -> None:
        self.function = function
        self.rate = rate
        self.most = steps
        self.tolerance = tolerance
        self.is_single = len(function.start) == 1
        self.by_backward = True
        self.path: list[DescentStep] = []

    def run(self) -> Descent:
        point = [float(x) for x in self.function.start]
        value = self.function.value_at(self.function.start)
        if not math.isfinite(value) or not all(map(math.isfinite, point)):
            shown_point = point[0] if self.is_single else tuple(point)
            raise DomainError(
                f"descend(): the function is {value!r} at the start {shown_point!r}\nstart where it is finite"
            )
        self.by_backward = self.function.gradient_at(point) is not None
        limit = 0.0
        previous: list[float] = []
        while True:
            number = len(self.path)
            value, slopes = self.look(point)
            if number == 0:
                limit = self.tolerance * max(1.0, *map(abs, slopes))
            rate = _check_rate(self.rate(number), number) if callable(self.rate) else float(self.rate)
            is_over = (
                not math.isfinite(value)
                or not all(map(math.isfinite, slopes))
                or all(abs(s) <= limit for s in slopes)
                or number >= self.most
                or point == previous
                or self.is_far(value, point)
            )
            self.path.append(
                DescentStep(
                    number=number,
                    x=point[0] if self.is_single else tuple(point),
                    value=value,
                    slope=slopes[0] if self.is_single else tuple(slopes),
                    rate=rate,
                    names=tuple(self.function.names),
                    is_last=is_over,
                )
            )
            if is_over:
                return self.ended(point, value, slopes, limit, point == previous)
            previous = point
            point = [x - rate * s for x, s in zip(point, slopes, strict=True)]

    def look(self, point: list[float]) -> tuple[float, list[float]]:
        """Return value and slopes at a point; nan where the function fails."""
        if self.by_backward:
            found = self.function.gradient_at(point)
            if found is not None:
                return found[0], list(found[1])
        try:
            value = self.function.value_at(point)
        except (ArithmeticError, ValueError):  # overflow, or outside the domain: the walk has flown off
            return math.nan, [math.nan] * len(point)
        return value, [extrapolated(self.function.along(i, point), x).slope for i, x in enumerate(point)]

    def is_far(self, value: float, point: list[float]) -> bool:
        if not self.path:
            return False
        first = self.path[0].value
        reach = max(1.0, *(abs(float(x)) for x in self.function.start))
        return abs(value) > FAR * max(1.0, abs(first)) or max(map(abs, point)) > FAR * reach

    def ended(self, point: list[float], value: float, slopes: list[float], limit: float, is_stuck: bool) -> Descent:
        taken = len(self.path) - 1
        count = f"{taken} step{'s' * (taken != 1)}"
        source = "backward()" if self.by_backward else "finite differences"
        if not math.isfinite(value) or not all(map(math.isfinite, slopes)):
            why = (
                f"after {count} the value is {shown(value)} and the slope {_slopes_shown(slopes)}; "
                f"{_smaller(self.path)}"
            )
            return Descent(tuple(self.path), Stopped.DIVERGING, why, self.swing(), "", source)
        if all(abs(s) <= limit for s in slopes):
            return self.arrived(point, value, slopes, count, source)
        rises = _rises(self.path)
        if rises >= min(RISES_IN_A_ROW, taken) and rises >= 3:
            why = f"the value rose in each of the last {rises} steps, to {shown(value)}; {_smaller(self.path)}"
            return Descent(tuple(self.path), Stopped.DIVERGING, why, self.swing(), "", source)
        if self.is_far(value, point):
            why = f"after {count} the value is {shown(value)} at {_point_shown(point)}, without end in sight"
            if value < self.path[0].value:
                why += "; the function has no bottom on this side"
            else:
                why += f"; {_smaller(self.path)}"
            return Descent(tuple(self.path), Stopped.DIVERGING, why, self.swing(), "", source)
        if is_stuck:
            names = _names(self.function.names)
            why = f"after {count} a step no longer changes {names}: it is smaller than the last digit"
            return Descent(tuple(self.path), Stopped.CONVERGED, why, "", "", source)
        why = f"after {count} the slope is still {_slopes_shown(slopes)}"
        return Descent(tuple(self.path), Stopped.STEPS_USED_UP, why, self.swing(), "", source)

    def arrived(self, point: list[float], value: float, slopes: list[float], count: str, source: str) -> Descent:
        shape = shape_at(self.function, point, value, slopes)
        taken = len(self.path) - 1
        is_arrival = taken > 0 and shape.kind == "minimum"
        if is_arrival:
            why = f"after {count} the slope is {_slopes_shown(slopes)}: {shape.words}"
        elif taken == 0:
            why = f"the slope at the start is {_slopes_shown(slopes)}, so there is no way down: {shape.words}"
        else:
            why = f"after {count} the slope is {_slopes_shown(slopes)}, but this is no minimum: {shape.words}"
        stopped = Stopped.CONVERGED if is_arrival else Stopped.FLAT
        return Descent(tuple(self.path), stopped, why, "", shape.kind, source)

    def swing(self) -> str:
        """Say so when the walk jumps from one side of the valley to the other, in one variable."""
        if not self.is_single or len(self.path) < 4:
            return ""
        last = self.path[-4:]
        slopes = [s.slope for s in last if isinstance(s.slope, float) and math.isfinite(s.slope)]
        points = [s.x for s in last if isinstance(s.x, float)]
        if len(slopes) < 4 or not all(a * b < 0 for a, b in itertools.pairwise(slopes)):
            return ""
        name = self.function.names[0]
        ratio = abs(slopes[-1] / slopes[-3])
        if abs(ratio - 1) < 1e-6:
            return (
                f"it swings for ever between {equation(name, points[-2])} and {equation(name, points[-1])}: "
                f"each step jumps across the bottom, as far as it came from; {_smaller(self.path)}"
            )
        if ratio > 1:
            return f"it swings across the bottom, {shown(math.sqrt(ratio))} times farther with each step"
        return f"it swings across the bottom, each time {shown(math.sqrt(ratio))} times as far: it will arrive, slowly"


def _rises(path: list[DescentStep]) -> int:
    """Count the moves upwards at the end of the path."""
    count = 0
    for before, after in zip(reversed(path[:-1]), reversed(path), strict=False):
        if not after.value > before.value:
            break
        count += 1
    return count


def _smaller(path: list[DescentStep]) -> str:
    return f"the rate {shown(path[-1].rate)} is too large here: try {shown(path[-1].rate / 3, 2)}"


def _slopes_shown(slopes: list[float]) -> str:
    if len(slopes) == 1:
        return _approximate(slopes[0])
    return f"({', '.join(signed(s) for s in slopes)})"


def _point_shown(point: list[float]) -> str:
    return shown(point[0]) if len(point) == 1 else f"({', '.join(map(shown, point))})"


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "any of " + ", ".join(names)
