"""Least squares by Householder QR, refined until the digits stop changing, and the rank of the columns.

With `A = [1, X]` the fit minimises `|y - A b|`. Three habits make it accurate where the normal equations are not:

1. Columns are shifted by their rounded mean, exactly (the rounding error of the subtraction is kept), and scaled by
   powers of two. An intercept far away from the data then costs no digits.
2. `A = Q R` works on A itself. The normal equations work on `AᵀA`, whose condition number is that of A squared.
3. The pair of equations `r + A b = y`, `Aᵀ r = 0` is refined: its residuals are computed in twice the precision
   (`slopewise.basics.doubled`) and the correction is solved with the same Q and R.

A column that is a combination of the columns before it, to within the rounding of its numbers, is left out and named.

Source: Å. Björck (1967), "Iterative refinement of linear least squares solutions I"; G. H. Golub and C. F. Van Loan,
"Matrix Computations", chapter 5; D. A. Belsley, E. Kuh, R. E. Welsch (1980), "Regression Diagnostics", chapter 3.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from slopewise.basics.doubled import accumulate, total, two_product, two_sum

__all__ = ["Factors", "Solution", "factor", "inverse_rows", "solve_normal", "solve_qr"]

Array = NDArray[np.float64]

# A column is dependent when its distance from the span of the earlier ones is below this many roundings of the data.
_ROUNDINGS = 10.0
_NOTHING = 1e-25  # of the largest y: what refinement leaves of an intercept that is 0
_REFINEMENTS = 6


@dataclass(frozen=True, slots=True)
class Factors:
    """The columns of one data set, centred, scaled and factored; the kept ones first in their own order.

    Attributes:
        kept: Indices of the columns of X that are in the fit.
        dropped: Indices of columns that the others already determine.
        relations: For each dropped column, `(index or None for the intercept, factor)` pairs whose sum gives it.
        rank: Number of independent columns, the intercept included.
        condition_number: Largest over smallest singular value of `[1, X]` over the kept columns, each of length 1.
        means, scales: Shift and power of two of each kept column.
        high, low: The kept columns after shift and scale, as an exact sum; column 0 is the intercept, if any.
        q, r: Their QR factors.
        has_intercept: Whether column 0 is the intercept.
    """

    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    relations: tuple[tuple[tuple[int | None, float], ...], ...]
    rank: int
    condition_number: float
    means: Array
    scales: Array
    high: Array
    low: Array
    q: Array
    r: Array
    has_intercept: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients of the kept columns, and what the report needs.

    Attributes:
        intercept: The constant term, 0 without one.
        coefficients: One per kept column, in the units of the data.
        residuals: y minus the fitted values.
    """

    intercept: float
    coefficients: Array
    residuals: Array


def factor(x: Array, has_intercept: bool) -> Factors:
    """Centre, scale and factor the columns, and find those that the others determine.

    Args:
        x: Predictors, shape (rows, columns), finite, at least one row and one column.
        has_intercept: Whether a constant column is part of the fit; without it nothing is centred.
    """
    rows, columns = x.shape
    magnitudes = np.abs(x).max(axis=0)
    means = x.mean(axis=0) if has_intercept else np.zeros(columns)
    constant = x.max(axis=0) == x.min(axis=0)
    means = np.where(constant & has_intercept, x[0], means)
    high, low = two_sum(x, -means)
    lengths = np.sqrt(np.einsum("ij,ij->j", high / _nonzero(magnitudes), high / _nonzero(magnitudes))) * magnitudes
    scales = _powers_of_two(lengths)
    high, low = high / scales, low / scales
    noise = np.finfo(float).eps * _ROUNDINGS * math.sqrt(rows) * magnitudes / scales
    if has_intercept:
        unit = _powers_of_two(np.array([math.sqrt(rows)]))[0]
        high = np.column_stack([np.full(rows, 1 / unit), high])
        low = np.column_stack([np.zeros(rows), low])
        noise = np.concatenate([[0.0], noise])
    kept, dropped, combinations = _independent(high, noise)
    q, r = np.linalg.qr(high[:, kept])
    first = 1 if has_intercept else 0
    kept_x = tuple(j - first for j in kept if j >= first)
    relations = tuple(
        _in_units(combination, kept, j, means, scales, first, rows)
        for j, combination in zip(dropped, combinations, strict=True)
    )
    chosen = list(kept_x)
    return Factors(
        kept=kept_x,
        dropped=tuple(j - first for j in dropped),
        relations=relations,
        rank=len(kept),
        condition_number=_condition_number(rows, has_intercept, r, means[chosen], scales[chosen]),
        means=means[chosen],
        scales=scales[chosen],
        high=high[:, kept],
        low=low[:, kept],
        q=q,
        r=r,
        has_intercept=has_intercept,
    )


def solve_qr(factors: Factors, y: Array) -> Solution:
    """Solve by QR and refine `r + A b = y`, `Aᵀ r = 0` until the correction no longer shrinks."""
    centre = float(y.mean()) if factors.has_intercept else 0.0
    y_high, y_low = two_sum(y, -centre)
    if factors.rank == 0:
        return Solution(0.0, np.zeros(0), y)
    b = np.linalg.solve(factors.r, factors.q.T @ y_high)
    tail = np.zeros_like(b)  # the part of b below its last digit
    residuals = _residuals(factors, y_high, y_low, b, tail)
    before = math.inf
    for _ in range(_REFINEMENTS):
        step_b, step_r = _correction(factors, y_high, y_low, b, tail, residuals)
        size = float(np.abs(step_b).max(initial=0.0))
        if not size < before / 2:
            break
        b, lost = two_sum(b, tail + step_b)
        tail, residuals, before = lost, residuals + step_r, size
    solution = _in_data_units(factors, b, tail, centre, _residuals(factors, y_high, y_low, b, tail))
    if abs(solution.intercept) < _NOTHING * float(np.abs(y).max()):
        return replace(solution, intercept=0.0)
    return solution


def solve_normal(factors: Factors, x: Array, y: Array) -> Solution:
    """Solve `(AᵀA) b = Aᵀ y` on the columns as given, by Cholesky, in plain float64.

    Raises:
        numpy.linalg.LinAlgError: `AᵀA` is not positive definite in float64.
    """
    a = x[:, list(factors.kept)]
    if factors.has_intercept:
        a = np.column_stack([np.ones(len(a)), a])
    lower = np.linalg.cholesky(a.T @ a)
    b = np.linalg.solve(lower.T, np.linalg.solve(lower, a.T @ y))
    if factors.has_intercept:
        return Solution(float(b[0]), b[1:], y - a @ b)
    return Solution(0.0, b, y - a @ b)


def inverse_rows(factors: Factors) -> Array:
    """Return W with `(AᵀA)⁻¹ = W Wᵀ` in the units of the data, one row per coefficient, the intercept first."""
    w = np.linalg.solve(factors.r, np.eye(factors.rank)) if factors.rank else np.zeros((0, 0))
    if not factors.has_intercept:
        return np.asarray(w / factors.scales[:, None])
    slopes = w[1:] / factors.scales[:, None]
    return np.vstack([w[0] * factors.high[0, 0] - factors.means @ slopes, slopes])


def _nonzero(lengths: Array) -> Array:
    return np.where(lengths > 0, lengths, 1.0)


def _powers_of_two(lengths: Array) -> Array:
    """Return the power of two just above each length; 1 for a length of 0."""
    return np.ldexp(1.0, np.frexp(_nonzero(lengths))[1])


def _independent(columns: Array, noise: Array) -> tuple[list[int], list[int], list[Array]]:
    """Walk from left to right; keep a column that is farther from the span of the kept ones than rounding explains.

    The walk is on the triangular factor of all columns, which has their lengths and angles and is small.
    """
    triangle: Array = np.asarray(np.linalg.qr(columns, mode="r"))
    size = min(triangle.shape)
    basis, inverse = np.zeros((triangle.shape[0], size)), np.zeros((size, size))
    kept: list[int] = []
    dropped: list[int] = []
    combinations: list[Array] = []
    for j in range(columns.shape[1]):
        rank = len(kept)
        column, axes = triangle[:, j], basis[:, :rank]
        shares = axes.T @ column
        rest = column - axes @ shares
        again = axes.T @ rest
        rest, shares = rest - axes @ again, shares + again
        distance = float(np.linalg.norm(rest))
        combination = inverse[:rank, :rank] @ shares
        allowed = noise[j] + float(np.abs(combination) @ noise[kept])
        if rank < size and distance > allowed:
            basis[:, rank] = rest / distance
            inverse[:rank, rank] = -combination / distance
            inverse[rank, rank] = 1 / distance
            kept.append(j)
        else:
            dropped.append(j)
            combinations.append(combination)
    return kept, dropped, combinations


def _in_units(
    combination: Array, kept: list[int], j: int, means: Array, scales: Array, first: int, rows: int
) -> tuple[tuple[int | None, float], ...]:
    """Turn a combination of scaled columns into one of the columns as given, leaving out what is only rounding.

    `kept` may go on past the combination, which is of the columns that were kept when it was found.
    """
    terms: list[tuple[int | None, float]] = []
    constant = float(means[j - first]) if first else 0.0
    size = abs(constant)
    largest = float(np.abs(combination).max(initial=0.0))
    for k, share in zip(kept, combination, strict=False):
        if first and k == 0:
            unit = _powers_of_two(np.array([math.sqrt(rows)]))[0]
            constant += share * scales[j - first] / unit
            continue
        if abs(share) > 1e-9 * largest:
            ratio = float(share * scales[j - first] / scales[k - first])
            terms.append((k - first, ratio))
            constant -= ratio * float(means[k - first]) if first else 0.0
            size += abs(ratio * float(means[k - first]))
    if first and abs(constant) > 1e-9 * size:
        terms.append((None, float(constant)))
    return tuple(terms)


def _condition_number(rows: int, has_intercept: bool, r: Array, means: Array, scales: Array) -> float:
    """Return the condition number of `[1, X]`, each column of length 1, from the factors of the centred columns."""
    if r.size == 0:
        return 1.0
    if has_intercept:
        upright = r.copy()
        upright[:, 1:] = r[:, 1:] * scales + np.outer(r[:, 0] * _powers_of_two(np.array([math.sqrt(rows)]))[0], means)
    else:
        upright = r
    upright = upright / _nonzero(np.abs(upright).max(axis=0))
    singular = np.linalg.svd(upright / _nonzero(np.linalg.norm(upright, axis=0)), compute_uv=False)
    return float(singular[0] / singular[-1]) if singular[-1] > 0 else math.inf


def _residuals(factors: Factors, y_high: Array, y_low: Array, b: Array, tail: Array) -> Array:
    """Return y − A b, every product exact and the sum rounded once."""
    terms = [(0.0, y_low)]
    for j, share in enumerate(b):
        terms.append(two_product(factors.high[:, j], -share))
        terms.append((0.0, -(factors.low[:, j] * share + factors.high[:, j] * tail[j])))
    return np.asarray(accumulate(y_high, terms))


def _correction(
    factors: Factors, y_high: Array, y_low: Array, b: Array, tail: Array, residuals: Array
) -> tuple[Array, Array]:
    """Solve for the step in b and in the residuals that the present misfit asks for."""
    terms = [(0.0, y_low), (-residuals, 0.0)]
    for j, share in enumerate(b):
        terms.append(two_product(factors.high[:, j], -share))
        terms.append((0.0, -(factors.low[:, j] * share + factors.high[:, j] * tail[j])))
    misfit = np.asarray(accumulate(y_high, terms))
    slant = np.array([_exact_dot(factors.high[:, j], factors.low[:, j], residuals) for j in range(factors.rank)])
    inner = np.linalg.solve(factors.r.T, -slant)
    along = factors.q.T @ misfit
    step_b = np.linalg.solve(factors.r, along - inner)
    step_r = misfit - factors.q @ along + factors.q @ inner
    return step_b, step_r


def _exact_dot(high: Array, low: Array, other: Array) -> float:
    product, error = two_product(high, other)
    return float(total(product, error + low * other))


def _in_data_units(factors: Factors, b: Array, tail: Array, centre: float, residuals: Array) -> Solution:
    if not factors.has_intercept:
        return Solution(0.0, b / factors.scales, residuals)
    slopes, slope_tails = b[1:] / factors.scales, tail[1:] / factors.scales
    product, error = two_product(factors.means, slopes)
    unit = factors.high[0, 0]
    parts = [centre, float(b[0] * unit), float(tail[0] * unit)]
    parts += (-product).tolist() + (-error).tolist() + (-factors.means * slope_tails).tolist()
    return Solution(math.fsum(parts), slopes, residuals)
