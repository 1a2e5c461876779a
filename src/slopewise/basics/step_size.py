"""The error of a finite difference over its step: truncation falls, rounding rises, the best h lies between."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from slopewise.basics.columns import aligned
from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import EPSILON, both_sides, check_step, extrapolated
from slopewise.basics.shown_numbers import relation, shown
from slopewise.errors import DomainError

POWERS_OF_TEN = tuple(10.0**-k for k in range(17))


@dataclass(frozen=True, slots=True)
class StepSizeRow:
    """One step h: both differences and their distance from the reference. nan where the function is undefined.

    Attributes:
        h: The step.
        forward: (f(x + h) − f(x)) / h.
        forward_error: Its distance from the reference.
        central: (f(x + h) − f(x − h)) / 2h.
        central_error: Its distance from the reference.

    Example:
        >>> import slopewise as sw
        >>> row = sw.step_size_study(lambda x: x**2, 3.0).rows[0]
        >>> row.h, row.forward, row.central
        (1.0, 7.0, 6.0)
    """

    h: float
    forward: float
    forward_error: float
    central: float
    central_error: float


@dataclass(frozen=True, slots=True)
class StepSizeStudy:
    """The error of forward and central differences over a range of steps.

    Attributes:
        name: The argument that is moved.
        at: Its value.
        value: The function's value there.
        exact: What the errors are measured against.
        source: Where `exact` comes from: `backward()` or `extrapolation`.
        exact_error: How far off `exact` itself may be; 0 for `backward()`.
        rows: One row per step, the largest first.
        best_forward: The row with the smallest forward error; None if no step gave a number.
        best_central: The row with the smallest central error; None if no step gave a number.
        forward_has_truncation: False when the forward difference is exact but for rounding (a straight line).
        central_has_truncation: False when the central difference is (a line or a parabola).
        forward_truncation: The forward truncation at h = 1, by the measured curve: it falls like h.
        central_truncation: The central truncation at h = 1: it falls like h².
        left: The slope from the left, when the function has a kink here; else None.
        right: The slope from the right, when the function has a kink here; else None.

    Example:
        >>> import slopewise as sw
        >>> study = sw.step_size_study(sw.tanh, 0.7)
        >>> study.best_h, study.best_method
        (1e-05, 'central')
    """

    name: str
    at: float
    value: float
    exact: float
    source: str
    exact_error: float
    rows: tuple[StepSizeRow, ...]
    best_forward: StepSizeRow | None
    best_central: StepSizeRow | None
    forward_has_truncation: bool
    central_has_truncation: bool
    forward_truncation: float
    central_truncation: float
    left: float | None = None
    right: float | None = None

    @property
    def best_h(self) -> float:
        """The step with the smallest error of all, forward or central; nan if there is none."""
        found = [(row.forward_error, row.h) for row in (self.best_forward,) if row is not None]
        found += [(row.central_error, row.h) for row in (self.best_central,) if row is not None]
        return min(found)[1] if found else math.nan

    @property
    def best_method(self) -> str:
        """The method with the smallest error of all: `forward` or `central`."""
        if self.best_forward is None or self.best_central is None:
            return "forward" if self.best_forward is not None else "central"
        return "central" if self.best_central.central_error <= self.best_forward.forward_error else "forward"

    @property
    def reason(self) -> str:
        """Why the best steps are where they are, in words."""
        if self.left is not None and self.right is not None:
            return (
                f"a kink: the slope is {shown(self.left)} from the left and {shown(self.right)} from the right, "
                f"so no step gives a single slope;\nthe errors are distances from {shown(self.exact)}, which "
                f"{'backward() takes here' if self.source == 'backward()' else 'central differences settle on'}"
            )
        return "\n".join((self._reason("forward"), self._reason("central")))

    def _reason(self, method: str) -> str:
        best = self.best_forward if method == "forward" else self.best_central
        if best is None:
            return f"{method}: no step gives a number, the function is undefined next to {self.name}"
        error = best.forward_error if method == "forward" else best.central_error
        has_truncation = self.forward_has_truncation if method == "forward" else self.central_has_truncation
        found = f"{method}: best at h {relation(best.h)}, error {relation(error)}"
        size = abs(self.value)
        floor = EPSILON * size
        if not has_truncation:
            shape = "a straight line" if method == "forward" else "a line or a parabola here"
            return (
                f"{found}; no truncation, for the function is {shape}: "
                f"only rounding is left, about ε·|f|/h, so a larger h is better (tanh at 0.7 shows the V)"
            )
        order, term = (1, self.forward_truncation) if method == "forward" else (2, self.central_truncation)
        power = "h" if order == 1 else "h²"
        predicted = (floor / term) ** (1 / (order + 1)) if term > 0 and floor > 0 else math.nan
        meeting = f"; they meet near h ≈ {shown(predicted, 1)}" if math.isfinite(predicted) else ""
        return (
            f"{found}; above it truncation rules, about {shown(term, 2)}·{power}, "
            f"below it rounding, about ε·|f|/h = {shown(floor, 2)}/h{meeting}"
        )

    def __str__(self) -> str:
        cells = []
        for row in self.rows:
            marks = [
                mark
                for mark, best in (("best forward", self.best_forward), ("best central", self.best_central))
                if row is best and self.left is None
            ]
            cells.append(
                (
                    shown(row.h),
                    _digits(row.forward),
                    shown(row.forward_error, 2),
                    _digits(row.central),
                    shown(row.central_error, 2),
                    ", ".join(marks),
                )
            )
        header = ("h", "forward", "error", "central", "error", "")
        source = (
            "by backward()"
            if self.source == "backward()"
            else f"extrapolated, give or take {shown(self.exact_error, 2)}"
        )
        return "\n".join(
            [
                f"slope in {self.name} at {self.name} {relation(self.at)}: {relation(self.exact, 12)} ({source})",
                "",
                aligned(header, cells),
                "",
                self.reason,
            ]
        )


def _digits(x: float) -> str:
    return shown(x, 12)


def step_size_study(
    f: Callable[..., Any], at: Any, wrt: int | str = 0, steps: Iterable[float] | None = None
) -> StepSizeStudy:
    """Measure how wrong finite differences are for steps from 1 down to 1e-16.

    A forward difference is off by about `½|f''|·h` (truncation) and `ε·|f|/h` (rounding), a central one by `⅙|f'''|·h²`
    and the same rounding. Both errors drawn over h give a V; its bottom is the best step. On a parabola the central
    difference has no truncation and there is no V, so take another function: tanh at 0.7.

    Args:
        f: A function of numbers, as for `slope`.
        at: The point.
        wrt: Which number is moved, by position or name.
        steps: The steps to try; the powers of ten from 1 to 1e-16 when left out.

    Returns:
        The rows, the best steps and the reason; print it to read it.

    Raises:
        DomainError: A step is not positive, there is none, `wrt` is out of range, or f has no slope there.
        NumberError: f is no function or returned no real number.
        ShapeError: `at` has more or fewer numbers than f takes.

    Example:
        >>> import slopewise as sw
        >>> study = sw.step_size_study(sw.tanh, 0.7)
        >>> study.best_forward.h < 1e-6 < study.best_central.h, study.best_method, study.source
        (True, 'central', 'backward()')
    """
    function = PointFunction(f, at, "step_size_study")
    index = function.index_of(wrt)
    grid = sorted(
        {check_step(h, "step_size_study()") for h in (POWERS_OF_TEN if steps is None else steps)}, reverse=True
    )
    if not grid:
        raise DomainError("step_size_study() needs at least one step, got none\nleave steps out for 1 to 1e-16")
    point = list(function.start)
    x = float(point[index])
    here = function.value_at(point)
    g = function.along(index)
    by_backward = function.gradient_at(point)
    estimate = extrapolated(g, x)
    if by_backward is not None:
        exact, source, exact_error = by_backward[1][index], "backward()", 0.0
    else:
        exact, source, exact_error = estimate.slope, "extrapolation", estimate.error
    if not math.isfinite(exact):
        raise DomainError(
            f"step_size_study(): the slope in {function.names[index]} at {x!r} is {exact!r}, not finite\n"
            f"take a point where the function is smooth"
        )
    rows = []
    for h in grid:
        right, left = g(x + h), g(x - h)
        forward, central = (right - here) / h, (right - left) / (2 * h)
        rows.append(StepSizeRow(h, forward, abs(forward - exact), central, abs(central - exact)))
    bend, third = _truncations(g, x, here, exact)
    sides = both_sides(g, x)
    return StepSizeStudy(
        name=function.names[index],
        at=x,
        value=here,
        exact=exact,
        source=source,
        exact_error=exact_error,
        rows=tuple(rows),
        best_forward=min(
            (r for r in rows if math.isfinite(r.forward_error)), key=lambda r: r.forward_error, default=None
        ),
        best_central=min(
            (r for r in rows if math.isfinite(r.central_error)), key=lambda r: r.central_error, default=None
        ),
        forward_has_truncation=bend > 0,
        central_has_truncation=third > 0,
        forward_truncation=bend,
        central_truncation=third,
        left=sides.left.slope if sides.is_kink else None,
        right=sides.right.slope if sides.is_kink else None,
    )


def _truncations(g: Callable[[float], float], x: float, here: float, exact: float) -> tuple[float, float]:
    """Return truncation / h of the forward and / h² of the central difference; 0 where there is only rounding."""
    found = []
    for order in (1, 2):
        term = 0.0
        for exponent in (
            -24,
            -19,
            -14,
            -11,
            -9,
            -7,
            -5,
            -3,
        ):  # from small to large: the first that stands clear of rounding
            h = max(1.0, abs(x)) * 2.0**exponent
            right, left = g(x + h), g(x - h)
            error = abs(((right - here) / h if order == 1 else (right - left) / (2 * h)) - exact)
            noise = 32 * EPSILON * (max(abs(right), abs(left), abs(here)) / h + abs(exact))
            if math.isfinite(error) and error > noise:
                term = error / h**order
                break
        found.append(term)
    return found[0], found[1]
