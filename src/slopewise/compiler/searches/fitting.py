"""`least_squares`: parameters that make residuals small, by SciPy on our Jacobian, and how uncertain they are."""

import difflib
import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from slopewise.basics.arguments import name_of
from slopewise.compiler.searches.bounds import Bounds, bounds_from
from slopewise.compiler.searches.fitted import Fit
from slopewise.compiler.searches.keywords import naming_keywords
from slopewise.compiler.searches.linear_model import covariance_of, polished
from slopewise.compiler.searches.vectors import StartingPoint, Vector, refuse_in_trace, starting_point
from slopewise.compiler.transformations.matrices import jacobian
from slopewise.engine.modes import frames_of_ours
from slopewise.errors import DomainError, FitWarning, ShapeError

__all__ = ["least_squares"]

METHODS = {"lm": "Levenberg-Marquardt", "trf": "trust region, reflective", "dogbox": "dogleg in a box"}
LOSSES = ("linear", "soft_l1", "huber", "cauchy", "arctan")
EVALUATIONS_EACH = 500  # the most evaluations for each parameter
FAR = 1e100  # the size of a residual where the function has none: a step there is never taken


class Residuals:
    """Residuals and Jacobian of a vector, computed together and remembered for the latest point.

    Args:
        compiled: Gives the Jacobian and the residuals of a vector.
        is_stopped_by_nan: Whether SciPy's method cannot go on from residuals that are not finite.
    """

    def __init__(self, compiled: Callable[..., Any], is_stopped_by_nan: bool) -> None:
        self.compiled = compiled
        self.is_stopped_by_nan = is_stopped_by_nan
        self._at: Vector | None = None
        self._residuals: Vector = np.empty(0)
        self._jacobian: Any = None

    def __call__(self, x: Vector) -> Vector:
        """Return the residuals; a step to where they are not finite looks like a step far uphill."""
        residuals = self.value(x)
        if self.is_stopped_by_nan and not np.isfinite(residuals).all():
            return np.full(len(residuals), FAR)
        return residuals

    def value(self, x: Vector) -> Vector:
        """Return the residuals as they are."""
        self._visit(x)
        return self._residuals.copy()

    def jacobian(self, x: Vector) -> Any:
        """Return the Jacobian."""
        self._visit(x)
        return self._jacobian.copy()

    def _visit(self, x: Vector) -> None:
        if self._at is None or not np.array_equal(self._at, x):
            self._jacobian, residuals = self.compiled(x)
            self._residuals, self._at = np.asarray(residuals, dtype=float), np.array(x)


SPELLED = {
    "jac": "leave it out: the derivatives are slopewise's own",
    "args": "write them into the function: lambda p: residuals(p, t, y)",
    "kwargs": "write them into the function: lambda p: residuals(p, t, y)",
    "x0": "write start=",
    "fun": "write residuals=, or give the function first",
    "ftol": "write tolerance=",
    "xtol": "write tolerance=",
    "gtol": "write tolerance=",
    "tol": "write tolerance=",
    "max_nfev": "write max_evaluations=",
    "max_iterations": "write max_evaluations=",
    "f_scale": "write scale=",
    "sigma": "divide each residual by its noise",
    "p0": "write start=",
    "verbose": 'write options={"verbose": 2}',
    "x_scale": 'write options={"x_scale": …}',
    "diff_step": "leave it out: the derivatives are exact",
    "jac_sparsity": "write sparse=True",
}


@naming_keywords(SPELLED)
def least_squares(
    residuals: Callable[..., Any],
    start: Any,
    *,
    bounds: Any = None,
    method: str | None = None,
    loss: str = "linear",
    scale: float = 1.0,
    unit_noise: bool = False,
    sparse: bool = False,
    tolerance: float = 1e-12,
    max_evaluations: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Fit:
    """Find parameters that make the sum of squared residuals smallest, near a start.

        S(b) = Σᵢ rᵢ(b)²,  covariance = s² (JᵀJ)⁻¹ with s² = S / (residuals − parameters)

    Args:
        residuals: A function of the parameters that returns numbers in any nest, as many as there are parameters or
            more: measured minus modelled, each divided by its noise where the noise differs.
        start: Where to start: the one argument of the function, a number, an array, or a nest of them; or a tuple of
            one item per argument for a function of several.
        bounds: A tuple (lowest, highest), each of them None, one number for all, or numbers in the form of the start
            with None where there is no bound; or a list of one pair per number.
        method: `"lm"`, MINPACK's Levenberg-Marquardt, the default; `"trf"`, the default with bounds, with a robust
            loss or sparse; or `"dogbox"`.
        loss: `"linear"`, or one that counts outliers less: `"soft_l1"`, `"huber"`, `"cauchy"`, `"arctan"`. Standard
            errors exist for the linear one alone.
        scale: From what size on a residual is an outlier; positive.
        unit_noise: Whether the residuals are known to have standard deviation 1, so that the covariance is (JᵀJ)⁻¹.
        sparse: Whether to use the Jacobian as a sparse matrix.
        tolerance: Relative change of S, of the parameters and of the slopes at which to stop; at least 1e-15.
        max_evaluations: The most evaluations; 500 for each parameter without.
        options: Further options of `scipy.optimize.least_squares`.

    Returns:
        The parameters in the form of the start, standard errors, covariance, and how the search went; print it.

    Raises:
        ShapeError: There are fewer residuals than parameters, or the start or the bounds have the wrong form.
        DomainError: A residual, or a slope of one, is not finite at the start; or an option is unknown.
        NumberError: `residuals` cannot be called, or the start holds something that is no number.

    Example:
        >>> import slopewise as sw
        >>> t, y = [0.0, 1.0, 2.0, 3.0], [2.0, 1.3, 0.7, 0.5]
        >>> fit = sw.least_squares(lambda a, k: [a * sw.exp(-k * s) - m for s, m in zip(t, y)], (1.0, 1.0))
        >>> print(fit)  # doctest: +ELLIPSIS
        least squares: converged by Levenberg-Marquardt, ... evaluations
        <BLANKLINE>
        parameter  estimate  standard error
        a             2.014         0.06268
        k            0.4817         0.03235
        <BLANKLINE>
        4 residuals, 2 degrees of freedom
        sum of squares ≈ 0.008653, residual standard deviation ≈ 0.06578

    Source:
        J. J. Moré, *The Levenberg-Marquardt algorithm: implementation and theory*, Lecture Notes in Mathematics 630,
        1978.
    """
    from scipy import optimize

    refuse_in_trace("least_squares()")
    point = starting_point(residuals, start, "least_squares()")
    limits = bounds_from(bounds, point, "least_squares()")
    is_bounded = bool(np.isfinite(limits.low).any() or np.isfinite(limits.high).any())
    chosen = _method(method, is_bounded=is_bounded, is_plain=loss == "linear" and not sparse)
    _check_options(loss, scale, tolerance)
    of_vector = point.flat_results(residuals)

    def twice(x: Any) -> tuple[Any, Any]:
        found = of_vector(x)
        return found, found

    twice.__name__ = twice.__qualname__ = name_of(residuals)
    function = Residuals(jacobian(twice, sparse=sparse), is_stopped_by_nan=chosen == "lm")
    _check_start(residuals, point, function)
    settings: dict[str, Any] = {"x_scale": "jac", **(options or {})}
    if sparse:
        settings.setdefault("tr_solver", "lsmr")
        settings["tr_options"] = {"atol": tolerance, "btol": tolerance, **settings.get("tr_options", {})}
    if chosen != "lm":
        settings["bounds"] = (limits.low, limits.high)
    n_parameters = len(point.numbers)
    with np.errstate(all="ignore"):
        found = optimize.least_squares(
            function,
            _inside(point, limits) if is_bounded else point.numbers.copy(),
            jac=function.jacobian,
            method=chosen,
            loss=loss,
            f_scale=scale,
            ftol=tolerance,
            xtol=tolerance,
            gtol=tolerance,
            max_nfev=EVALUATIONS_EACH * n_parameters if max_evaluations is None else max_evaluations,
            **settings,
        )
        if found.status > 0 and loss == "linear" and not is_bounded and not sparse:
            found.x, found.fun, found.jac = polished(found.x, function, function.jacobian)
    return _fit(found, METHODS[chosen], point, limits, loss, unit_noise)


def _fit(found: Any, method: str, point: StartingPoint, limits: Bounds, loss: str, unit_noise: bool) -> Fit:
    x = np.asarray(found.x, dtype=float)
    residuals = np.asarray(found.fun, dtype=float)
    matrix = found.jac.toarray() if hasattr(found.jac, "toarray") else np.asarray(found.jac, dtype=float)
    held = (x <= limits.low) | (x >= limits.high) | (np.asarray(found.active_mask) != 0)
    sum_of_squares = math.fsum((residuals**2).tolist())
    inverse, rank, undetermined = covariance_of(matrix, held)
    freedom = len(residuals) - rank
    variance = 1.0 if unit_noise else sum_of_squares / freedom if freedom > 0 else math.nan
    covariance = inverse * (variance if loss == "linear" else math.nan)
    converged = bool(found.status > 0) and bool(np.isfinite(residuals).all())
    if undetermined:
        listed = ", ".join(point.names[i] for i in undetermined)
        warnings.warn(
            FitWarning(
                f"the residuals do not determine {listed}: another choice fits as well, so "
                f"{'it has' if len(undetermined) == 1 else 'they have'} no standard error\n"
                "fix one of them, or measure where they matter"
            ),
            stacklevel=frames_of_ours(),
        )
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Fit(
        x=point.rebuild(x),
        standard_errors=point.rebuild(errors),
        covariance=covariance,
        residuals=residuals,
        jacobian=found.jac,
        sum_of_squares=sum_of_squares,
        degrees_of_freedom=freedom,
        residual_standard_deviation=math.sqrt(sum_of_squares / freedom) if freedom > 0 else math.nan,
        converged=converged,
        message=str(found.message).strip(),
        method=method,
        evaluations=int(found.nfev),
        names=point.names,
        estimates=tuple(x.tolist()),
        errors=tuple(errors.tolist()),
        at_bounds=tuple(name for name, is_held in zip(point.names, held, strict=True) if is_held),
        rebuild=point.rebuild,
    )


def _method(method: str | None, *, is_bounded: bool, is_plain: bool) -> str:
    if method is None:
        return "lm" if is_plain and not is_bounded else "trf"
    if method not in METHODS:
        near = difflib.get_close_matches(str(method).lower(), list(METHODS), 1)
        cure = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, METHODS))}"
        raise DomainError(f"no method {method!r} for least_squares()\n{cure}")
    if method == "lm" and (is_bounded or not is_plain):
        what = "bounds" if is_bounded else "neither a robust loss nor a sparse Jacobian"
        raise DomainError(f"the method 'lm' takes {'no ' if is_bounded else ''}{what}\nuse 'trf'")
    return method


def _check_options(loss: Any, scale: Any, tolerance: Any) -> None:
    if not callable(loss) and loss not in LOSSES:
        near = difflib.get_close_matches(str(loss), LOSSES, 1)
        cure = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, LOSSES))}"
        raise DomainError(f"no loss {loss!r} for least_squares()\n{cure}")
    if not scale > 0:
        raise DomainError(f"least_squares() takes a positive scale, got {scale!r}")
    if not 1e-15 <= tolerance < 1:
        raise DomainError(f"least_squares() takes a tolerance from 1e-15 to below 1, got {tolerance!r}")


def _inside(point: StartingPoint, limits: Bounds) -> Vector:
    """Return the start a little inside its bounds, as trust-region methods need it."""
    room = np.where(np.isfinite(limits.high - limits.low), limits.high - limits.low, 1.0)
    margin = 1e-10 * np.maximum(1.0, np.abs(point.numbers))
    margin = np.minimum(margin, 0.5 * room)
    inside = np.clip(point.numbers, limits.low + margin, limits.high - margin)
    if (limits.low >= limits.high).any():
        name = point.names[int(np.flatnonzero(limits.low >= limits.high)[0])]
        raise DomainError(
            f"least_squares() has equal bounds for {name}, which leaves no room\n"
            "take it out of the parameters: write its number into the function"
        )
    return inside


def _check_start(f: Callable[..., Any], point: StartingPoint, function: Residuals) -> None:
    """Compare residuals and slopes with what a fit needs.

    Raises:
        ShapeError: There are fewer residuals than parameters.
        DomainError: One of them is not finite.
    """
    values = function.value(point.numbers)
    n, count = len(point.numbers), len(values)
    if count < n:
        raise ShapeError(
            f"{name_of(f)} returned {count} residual{'s' * (count != 1)} for {n} parameters\n"
            "a fit needs at least as many residuals as parameters: return one per measurement, not their sum"
        )
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise DomainError(
            f"residual {wrong[0]} of {name_of(f)} is {values[wrong[0]]} at the start, {point.shown()}"
            f"{f' ({len(wrong)} are not finite)' if len(wrong) > 1 else ''}\n"
            "start where all residuals are finite, and look for missing measurements"
        )
    matrix = function.jacobian(point.numbers)
    if hasattr(matrix, "tocoo"):
        matrix = matrix.tocoo()
        bad = np.flatnonzero(~np.isfinite(matrix.data))
        places = [(int(matrix.row[i]), int(matrix.col[i])) for i in bad[:1]]
    else:
        places = [(int(i), int(j)) for i, j in np.argwhere(~np.isfinite(matrix))[:1]]
    if places:
        row, column = places[0]
        raise DomainError(
            f"the slope of residual {row} of {name_of(f)} in {point.names[column]} is not finite at the start, "
            f"{point.shown()}\nstart where the slopes are finite"
        )
