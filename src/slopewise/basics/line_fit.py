"""One fit of a line: the data, the three ways to solve it, and what is to be said about the result."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slopewise.basics import least_squares
from slopewise.basics.least_squares import Factors, Solution
from slopewise.basics.line_descent import FitPath, walk_down
from slopewise.basics.regression_input import Predictors
from slopewise.basics.shown_numbers import shown
from slopewise.errors import DataError

__all__ = ["LineFit", "fit_line", "notes", "warnings_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LineFit:
    """Everything that a fit found out.

    Attributes:
        method: `"qr"`, `"normal"` or `"descent"`.
        fit_intercept: Whether the intercept is part of it.
        data, target: What was fitted.
        factors: The columns, factored, with their rank.
        solution: What the method gave.
        exact: What refined QR gives, to measure the others against.
        path: The steps of descent.
    """

    method: str
    fit_intercept: bool
    data: Predictors
    target: Array
    factors: Factors
    solution: Solution
    exact: Solution
    path: FitPath | None

    @property
    def dropped(self) -> tuple[str, ...]:
        """The names of the columns that were left out."""
        return tuple(self.data.name(j) for j in self.factors.dropped)

    @property
    def coefficients(self) -> Array:
        """One coefficient per column, 0 for those left out."""
        out = np.zeros(self.data.x.shape[1])
        out[list(self.factors.kept)] = self.solution.coefficients
        return out


def fit_line(method: str, data: Predictors, target: Array, fit_intercept: bool, **walk: Any) -> LineFit:
    """Fit by the given method; `walk` are the arguments of `walk_down`.

    Raises:
        DataError: One row and an intercept, or normal equations without a solution in float64.
    """
    if fit_intercept and len(target) == 1:
        raise DataError("one row does not determine a line with an intercept\ngive two rows or more")
    factors = least_squares.factor(data.x, fit_intercept)
    exact = least_squares.solve_qr(factors, target)
    solution, path = exact, None
    if method == "normal":
        try:
            solution = least_squares.solve_normal(factors, data.x, target)
        except np.linalg.LinAlgError:
            squared = factors.condition_number**2
            raise DataError(
                "the normal equations have no solution in float64: they square the columns' condition number, "
                f"{factors.condition_number:.3g} to {squared:.3g}, and a float holds 16 digits\nuse method='qr'"
            ) from None
    elif method == "descent":
        x = data.x[:, list(factors.kept)]
        path = walk_down(x, target, fit_intercept, **walk)
        place = len(path) - 1 if path.stopped != "diverging" else int(np.nanargmin(path.rss))
        constant, slopes = float(path.intercepts[place]), path.coefficients[place]
        solution = Solution(constant, slopes, target - constant - x @ slopes)
    return LineFit(method, fit_intercept, data, target, factors, solution, exact, path)


def warnings_of(fit: LineFit) -> Iterator[str]:
    """Yield what the user must know before using the coefficients."""
    if fit.factors.dropped:
        yield _deficiency(fit)
    if fit.path is not None and (fit.path.stopped == "diverging" or _excess(fit) > 1e-6):
        yield _walk_note(fit, fit.path)
    elif fit.method == "normal" and _digits_agreed(fit) < 3:
        yield _squared_note(fit)


def passes_through_every_point(fit: LineFit) -> bool:
    """Tell whether no residual is larger than the rounding of the numbers that it was computed from."""
    rounding = 4 * float(np.finfo(float).eps) * float(np.abs(fit.target).max())
    return float(np.abs(fit.solution.residuals).max()) <= rounding


def notes(fit: LineFit) -> Iterator[str]:
    """Yield what a reader of the report should know."""
    if fit.factors.dropped:
        yield _deficiency(fit)
    if fit.method == "normal":
        yield _squared_note(fit)
    if fit.path is not None:
        yield _walk_note(fit, fit.path)
    if not fit.fit_intercept:
        yield "without an intercept, R² compares with y = 0 instead of the mean"
    if len(fit.target) == fit.factors.rank:
        yield "as many coefficients as rows: the fit is exact, and no spread is left to estimate standard errors from"
    if float(fit.target.max()) == float(fit.target.min()):
        yield f"every y is {shown(float(fit.target[0]))}: there is nothing to explain, and R² is not defined"
    elif passes_through_every_point(fit) and len(fit.target) > fit.factors.rank:
        yield "the line passes through every point, within rounding: no spread is left to estimate standard errors from"


def _deficiency(fit: LineFit) -> str:
    names, factors = fit.data, fit.factors
    rows = len(fit.target)
    if factors.rank == rows and len(factors.dropped) > 1:
        names_left_out = ", ".join(fit.dropped)
        return f"{rows} rows determine at most {rows} coefficients; left out with coefficient 0: {names_left_out}"
    reasons = []
    for column, relation in zip(factors.dropped, factors.relations, strict=True):
        reasons.append(f"{names.name(column)} {_relation_text(names, relation, fit.fit_intercept)}")
    full = factors.rank + len(factors.dropped)
    return f"rank {factors.rank}, not {full}: {'; '.join(reasons)}; left out with coefficient 0"


def _relation_text(names: Predictors, relation: tuple[tuple[int | None, float], ...], fit_intercept: bool) -> str:
    if not relation:
        return "is 0 in every row"
    if len(relation) == 1 and relation[0][0] is None:
        return f"is {shown(relation[0][1])} in every row, which the intercept already covers"
    if len(relation) > 4:
        used = [names.name(j) for j, _ in relation if j is not None]
        return f"is a combination of {', '.join(used[:3])} and {len(used) - 3} more"
    text = ""
    for column, share in relation:
        size = shown(abs(share))
        name = "" if column is None else names.name(column)
        term = size if not name else name if size == "1" else f"{size}·{name}"
        text += (" − " if share < 0 else " + ") + term if text else ("−" if share < 0 else "") + term
    return f"is {text}"


def _digits_agreed(fit: LineFit) -> float:
    """Return how many digits the worst coefficient shares with refined QR's, 15 at most.

    A coefficient that is 0 but for rounding is measured by what it adds to y.
    """
    mine = np.concatenate([[fit.solution.intercept], fit.solution.coefficients])
    right = np.concatenate([[fit.exact.intercept], fit.exact.coefficients])
    columns = fit.data.x[:, list(fit.factors.kept)]
    sizes = np.concatenate([[1.0], np.sqrt(np.mean(columns**2, axis=0))])
    added = np.abs(right) * sizes
    worst = float(np.max(np.abs(mine - right) * sizes / np.maximum(added, 1e-6 * added.max() + 1e-300)))
    return 15.0 if worst == 0 else min(15.0, max(0.0, -math.log10(worst)))


def _squared_note(fit: LineFit) -> str:
    condition = fit.factors.condition_number
    lost = math.log10(max(condition, 1.0))
    return (
        f"the normal equations square the condition number, {shown(condition, 3)} to {shown(condition**2, 3)}, "
        f"and so may lose {2 * lost:.0f} of a float's 16 digits where QR may lose {lost:.0f}; here the worst "
        f"coefficient agrees with refined QR to {_digits_agreed(fit):.0f} digits"
    )


def _excess(fit: LineFit) -> float:
    """Return by what part the RSS reached is above the least; an exact fit is measured against Σy²."""
    least = math.fsum((fit.exact.residuals**2).tolist())
    reached = math.fsum((fit.solution.residuals**2).tolist())
    return (reached - least) / max(least, 1e-6 * math.fsum((fit.target**2).tolist()), 1e-300)


def _walk_note(fit: LineFit, path: FitPath) -> str:
    steps = len(path) - 1
    if path.stopped == "converged":
        return f"descent arrived after {steps} steps at lr {shown(path.lr)}"
    cure = "" if path.standardized else " or standardize=True"
    if path.stopped == "diverging":
        return (
            f"descent flew off: at lr {shown(path.lr)} the RSS rose from {shown(float(path.rss[0]))} to "
            f"{shown(float(path.rss[-1]))} in {steps} steps; the coefficients are those of the lowest RSS on the way; "
            f"use a smaller lr, lr=None{cure}"
        )
    least = math.fsum((fit.exact.residuals**2).tolist())
    reached = float(path.rss[-1])
    gap = f"{shown(100 * (reached - least) / least, 2)} % above" if least > 1e-12 * reached else "above"
    return (
        f"descent has not arrived after {steps} steps: its RSS {shown(reached, 6)} is {gap} the least, "
        f"{shown(least, 6)}; "
        f"it crawls along a valley that is steep one way and flat the other; use more steps{cure}"
    )
