"""What the linear model at the end of a fit says: the last steps, and how uncertain the parameters are."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["covariance_of", "polished"]

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

MOST_STEPS = 100
SHRINKS = 0.95  # each step against the one before; slower than that, rounding has the say


def polished(
    x: Vector, residuals: Callable[[Vector], Vector], jacobian: Callable[[Vector], Matrix]
) -> tuple[Vector, Vector, Matrix]:
    """Take Gauss-Newton steps as long as they become shorter.

    A search stops when the sum of squares no longer changes, and that hides half of the digits of the parameters, as at
    the bottom of any parabola. These steps look at the slopes alone.

    Args:
        x: Where a search converged, shape (n,).
        residuals: The residuals of a point, shape (m,).
        jacobian: Their derivatives, shape (m, n), dense.

    Returns:
        The point, residuals and Jacobian there.
    """
    r, matrix = residuals(x), jacobian(x)
    size = np.inf
    for _ in range(MOST_STEPS):
        lengths = np.linalg.norm(matrix, axis=0)
        if not np.isfinite(matrix).all() or not np.isfinite(r).all() or not (lengths > 0).all():
            break
        step, _, rank, _ = np.linalg.lstsq(matrix / lengths, -r, rcond=None)
        after = float(np.linalg.norm(step))
        if rank < len(x) or not after <= SHRINKS * size:
            break
        further = x + step / lengths
        r_further = residuals(further)
        # To first order a step this small changes nothing in the sum of squares; anything else is not this bottom.
        if not float(r_further @ r_further) <= float(r @ r) * (1 + 1e-9):
            break
        x, r, matrix, size = further, r_further, jacobian(further), after
    return x, r, matrix


def covariance_of(matrix: Matrix, held: npt.NDArray[np.bool_]) -> tuple[Matrix, int, list[int]]:
    """Return (JᵀJ)⁻¹, from the singular values of J with its columns scaled to length 1.

    Parameters that are held at a bound, or that J does not determine, get nan.

    Args:
        matrix: J, shape (residuals, parameters).
        held: Which parameters stand at a bound.

    Returns:
        The matrix, the rank of J, and the positions of the parameters that are not determined.
    """
    n = matrix.shape[1]
    covariance = np.full((n, n), math.nan)
    free = np.flatnonzero(~held)
    if not len(free) or not np.isfinite(matrix).all():
        return covariance, len(free), []
    part = matrix[:, free]
    lengths = np.linalg.norm(part, axis=0)
    scaled = part / np.where(lengths > 0, lengths, 1.0)
    _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
    is_kept = sizes > sizes[0] * max(part.shape) * np.finfo(float).eps if len(sizes) else sizes > 0
    lost = directions[~is_kept]
    undetermined = (np.abs(lost) > 1e-7).any(axis=0) if len(lost) else np.zeros(len(free), dtype=bool)
    root = (directions[is_kept].T / sizes[is_kept]) / np.where(lengths > 0, lengths, 1.0)[:, None]
    made = root @ root.T
    made[undetermined, :] = math.nan
    made[:, undetermined] = math.nan
    covariance[np.ix_(free, free)] = made
    return covariance, int(is_kept.sum()), [int(free[i]) for i in np.flatnonzero(undetermined)]
