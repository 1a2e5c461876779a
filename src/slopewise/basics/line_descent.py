"""A line found by gradient descent on the mean of the squared errors, with every step kept."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FitPath", "FitStep", "walk_down"]

Array = NDArray[np.float64]

_RISES = 20  # so many rises in a row is flying off, not wavering
_BLOWN_UP = 1e12


@dataclass(frozen=True, slots=True)
class FitStep:
    """One step of the walk: where it stands and what that costs.

    Attributes:
        step: 0 for the start.
        intercept: β₀, in the units of the data.
        coefficients: β₁, β₂, …, in the units of the data.
        rss: The residual sum of squares there.
    """

    step: int
    intercept: float
    coefficients: tuple[float, ...]
    rss: float


@dataclass(frozen=True, slots=True, eq=False)
class FitPath:
    """Every step of a descent, the start included; `len`, indices and iteration give `FitStep`s.

    Attributes:
        coefficients: Shape (steps + 1, columns), in the units of the data.
        intercepts: Shape (steps + 1,).
        rss: Residual sum of squares at each step.
        lr: The learning rate that was used.
        stopped: `"converged"`, `"steps used up"` or `"diverging"`.
        standardized: Whether the walk was on columns of mean 0 and standard deviation 1.
    """

    coefficients: Array
    intercepts: Array
    rss: Array
    lr: float
    stopped: str
    standardized: bool

    def __len__(self) -> int:
        return len(self.rss)

    def __getitem__(self, step: int) -> FitStep:
        place = range(len(self))[step]
        return FitStep(
            place,
            float(self.intercepts[place]),
            tuple(self.coefficients[place].tolist()),
            float(self.rss[place]),
        )

    def __iter__(self) -> Iterator[FitStep]:
        return (self[step] for step in range(len(self)))

    def __str__(self) -> str:
        from slopewise.basics.shown_numbers import shown

        columns = "standardised columns" if self.standardized else "the columns as given"
        lines = [f"descent on {columns}, lr {shown(self.lr)}: {self.stopped} after {len(self) - 1} steps"]
        places = range(len(self)) if len(self) <= 12 else [0, 1, 2, 3, 4, 5, *_spread(6, len(self) - 1, 6)]
        for step in map(self.__getitem__, places):
            numbers = ", ".join(shown(b) for b in (step.intercept, *step.coefficients))
            lines.append(f"  step {step.step:>6}  RSS {shown(step.rss, 6):>12}  β {numbers}")
        return "\n".join(lines)


def walk_down(
    x: Array, y: Array, has_intercept: bool, *, lr: float | None, steps: int, tol: float, standardize: bool
) -> FitPath:
    """Walk from zero along the negative gradient of `RSS / 2n`.

    Args:
        x: Predictors, shape (rows, columns).
        y: Targets, shape (rows,).
        has_intercept: Whether to fit a constant term.
        lr: Learning rate; None takes a quarter of the rate at which the walk would start to fly off.
        steps: The most steps to take.
        tol: Arrived when no column's cosine with the residuals is larger than this.
        standardize: Walk on columns of mean 0 and standard deviation 1, and turn the result back.
    """
    rows, columns = x.shape
    shift, scale = np.zeros(columns), np.ones(columns)
    if standardize:
        shift = x.mean(axis=0) if has_intercept else shift
        spread = np.sqrt(np.mean((x - shift) ** 2, axis=0))
        scale = np.where(spread > 0, spread, 1.0)
    a = (x - shift) / scale
    if has_intercept:
        a = np.column_stack([np.ones(rows), a])
    lengths = np.linalg.norm(a, axis=0)
    if lr is None:
        steepest = float(np.linalg.eigvalsh(a.T @ a / rows)[-1]) if a.shape[1] else 0.0
        lr = 0.5 / steepest if steepest > 0 else 1.0
    b = np.zeros(a.shape[1])
    places, costs = [b], []
    stopped, rises, target = "steps used up", 0, float(np.linalg.norm(y))
    for step in range(steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):  # flying off is found out right below
            residuals = y - a @ b
            rss = float(residuals @ residuals)
        costs.append(rss)
        rises = rises + 1 if step and rss > costs[-2] else 0
        if not math.isfinite(rss) or rss > _BLOWN_UP * max(costs[0], 1e-300) or rises >= _RISES:
            stopped = "diverging"
            break
        slant = a.T @ residuals
        length = math.sqrt(rss)
        if length <= tol * target * 1e-3 or bool(np.all(np.abs(slant) <= tol * lengths * length)):
            stopped = "converged"
            break
        if step < steps:
            b = b + lr * slant / rows
            places.append(b)
    walked = np.array(places)
    slopes = (walked[:, 1:] if has_intercept else walked) / scale
    intercepts = walked[:, 0] - slopes @ shift if has_intercept else np.zeros(len(walked))
    return FitPath(slopes, intercepts, np.array(costs), lr, stopped, standardize)


def _spread(start: int, end: int, count: int) -> list[int]:
    return sorted({round(start + (end - start) * k / (count - 1)) for k in range(count)})
