"""Slopes of a function of one float from its values alone, each with an estimate of its error.

The function given to everything here is total: where the user's function raises or is undefined, it returns nan.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slopewise.errors import DomainError

Function = Callable[[float], float]

EPSILON = 2.0**-52
ROWS = 8  # of an extrapolation table: its smallest step is 1/128 of its first
SMALLEST = 2.0**-46  # the smallest step tried, relative to the point


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope, how far off it may be, and the step that it comes from."""

    slope: float
    error: float
    h: float


@dataclass(frozen=True, slots=True)
class Sides:
    """The slopes from the left and from the right of a point."""

    left: Estimate
    right: Estimate

    @property
    def is_kink(self) -> bool:
        """Tell whether the two slopes differ by more than their errors can explain."""
        gap = abs(self.right.slope - self.left.slope)
        size = max(abs(self.left.slope), abs(self.right.slope))
        return gap > 10 * (self.left.error + self.right.error) and gap > 1e-4 * size

    def has_between(self, gradient: float, slack: float) -> bool:
        """Tell whether a gradient lies between the two slopes."""
        low, high = sorted((self.left.slope, self.right.slope))
        return low - slack <= gradient <= high + slack


def check_step(h: object, where: str) -> float:
    """Return a step as a positive, finite float.

    Raises:
        DomainError: It is zero, negative, nan, infinite or not a number.
    """
    try:
        step = float(h)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DomainError(f"{where}: h must be a positive number, got {h!r}\ntry h=1e-6") from None
    if not 0.0 < step < math.inf:
        cure = 'for the slope from the left, use method="backward"' if step < 0 else "try h=1e-6"
        raise DomainError(f"{where}: h must be a positive number, got {h!r}\n{cure}")
    return step


def default_step(x: float, method: str) -> float:
    """Return the step at which truncation and rounding of a well-scaled function are about equal, a power of two.

    √ε · max(1, |x|) for one-sided differences, ∛ε · max(1, |x|) for central ones.
    """
    scale = 2.0 ** math.floor(math.log2(max(1.0, abs(x)))) if math.isfinite(x) else 1.0
    return scale * (2.0**-17 if method == "central" else 2.0**-26)


def first_steps(x: float, h: float | None = None) -> Iterator[float]:
    """Yield the steps at which to begin an extrapolation, from the size of x down to the resolution of floats."""
    scale = max(1.0, abs(x))
    step = 0.1173 * scale if h is None else h  # no simple fraction, so that no wave repeats itself at this distance
    least = SMALLEST * (abs(x) if x else 1.0)
    while step > least and x + step != x:
        yield step
        step /= 64


def extrapolated(g: Function, x: float, h: float | None = None, tolerance: float = 1e-11) -> Estimate:
    """Return the slope by central differences whose step is halved again and again, extrapolated to step zero.

    It begins with a large step; when the table does not settle (a pole, a kink or a fast wave within reach), it begins
    anew with a step 64 times smaller. The estimate of the smallest error wins.

    Source: C. J. F. Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4 (1982).
    """
    return _best(g, x, h, tolerance, 0)


def one_sided(g: Function, x: float, direction: int, h: float | None = None) -> Estimate:
    """Return the slope from the right (direction +1) or from the left (−1), extrapolated in the same way."""
    return _best(g, x, h, 1e-9, direction)


def both_sides(g: Function, x: float) -> Sides:
    """Return the slopes from the left and from the right."""
    return Sides(one_sided(g, x, -1), one_sided(g, x, +1))


def has_jump(g: Function, x: float) -> bool:
    """Tell whether the value itself, not only the slope, changes abruptly at x."""
    here, scale = g(x), max(1.0, abs(x))
    for direction in (-1.0, 1.0):
        near, nearer = (abs(g(x + direction * scale * 2.0**-k) - here) for k in (24, 40))
        if nearer > 1e-9 * max(1.0, abs(here)) and nearer > 0.5 * near:
            return True
    return False


def _best(g: Function, x: float, h: float | None, tolerance: float, direction: int) -> Estimate:
    here = g(x)
    best = Estimate(math.nan, math.inf, math.nan)
    if not math.isfinite(x) or (direction and not math.isfinite(here)):
        return best
    for first in first_steps(x, h):
        found = _table(g, x, here, first, direction)
        if found.error < best.error:
            best = found
        size = abs(here) / max(1.0, abs(x)) if math.isfinite(here) else 0.0
        if best.error <= tolerance * max(abs(best.slope), size):
            break
    return best


def _table(g: Function, x: float, here: float, first: float, direction: int) -> Estimate:
    best = Estimate(math.nan, math.inf, first)
    previous: list[float] = []
    base = 2.0 if direction else 4.0
    for i in range(ROWS):
        h = first / 2.0**i
        if direction:
            right, left = x + direction * h, x
            high, low = g(right), here
        else:
            right, left = x + h, x - h
            high, low = g(right), g(left)
        if right == left:
            break
        difference = (high - low) / (right - left)
        if not math.isfinite(difference):
            if i == 2:  # far outside: begin anew with a smaller step
                break
            previous = []
            continue
        noise = 2 * EPSILON * max(abs(high), abs(low)) / abs(right - left)
        row, factor = [difference], base
        for before in previous:
            better = row[-1] + (row[-1] - before) / (factor - 1)
            error = max(abs(better - row[-1]), abs(better - before), noise)
            row.append(better)
            factor *= base
            if error <= best.error and i > 1:
                best = Estimate(better, error, h)
        if previous and abs(row[-1] - previous[-1]) >= 2 * best.error and i > 2:
            break
        previous = row
    return best
