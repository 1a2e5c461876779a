"""`Fit`: what `least_squares` found, and how far its numbers can be trusted."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics import student_t
from slopewise.basics.columns import aligned
from slopewise.basics.shown_numbers import equation, shown
from slopewise.errors import DomainError

__all__ = ["Fit"]

SHOWN_PARAMETERS = 30


@dataclass(frozen=True, slots=True)
class Fit:
    """A least-squares fit; print it.

    Attributes:
        x: The parameters, in the form of the start.
        standard_errors: Their standard errors, in the same form; nan for a parameter at a bound, for one that the
            residuals do not determine, and without degrees of freedom.
        covariance: Of the parameters in order, shape (n, n).
        residuals: The residuals there, shape (m,).
        jacobian: Their derivatives there, shape (m, n).
        sum_of_squares: Σ rᵢ².
        degrees_of_freedom: Residuals minus the parameters that are free, and that the residuals determine.
        residual_standard_deviation: √(sum of squares / degrees of freedom); nan without degrees of freedom.
        converged: Whether the method says that it arrived.
        message: What SciPy says of the end.
        method: The method in words.
        evaluations: How many times the residuals were computed.
        names: One name per parameter.
        estimates: The parameters in order.
        errors: Their standard errors in order.
        at_bounds: The names of parameters that stand at a bound.
        rebuild: Puts numbers, one per parameter in order, into the form of the start.

    Example:
        >>> import slopewise as sw
        >>> fit = sw.least_squares(lambda p: [p["a"] - 1.0, p["a"] - 3.0], {"a": 0.0})
        >>> round(fit.x["a"], 9), round(fit.standard_errors["a"], 9), fit.degrees_of_freedom
        (2.0, 1.0, 1)
    """

    x: Any
    standard_errors: Any
    covariance: npt.NDArray[np.float64] = field(repr=False)
    residuals: npt.NDArray[np.float64] = field(repr=False)
    jacobian: Any = field(repr=False)
    sum_of_squares: float
    degrees_of_freedom: int
    residual_standard_deviation: float
    converged: bool
    message: str
    method: str = field(repr=False)
    evaluations: int
    names: tuple[str, ...] = field(repr=False)
    estimates: tuple[float, ...] = field(repr=False)
    errors: tuple[float, ...] = field(repr=False)
    at_bounds: tuple[str, ...] = field(repr=False)
    rebuild: Callable[[Sequence[float]], Any] = field(repr=False)

    @property
    def correlation(self) -> npt.NDArray[np.float64]:
        """The correlations of the parameters, shape (n, n), from −1 to 1."""
        errors = np.array(self.errors)
        with np.errstate(all="ignore"):
            made: npt.NDArray[np.float64] = self.covariance / np.outer(errors, errors)
        return made

    def intervals(self, confidence: float = 0.95) -> tuple[Any, Any]:
        """Return the lower and the upper ends of confidence intervals, each in the form of the start.

        Args:
            confidence: How often such an interval holds the parameter, for a model that is nearly linear and normal
                noise; between 0 and 1.

        Raises:
            DomainError: The confidence is not between 0 and 1.

        Example:
            >>> import slopewise as sw
            >>> fit = sw.least_squares(lambda a: [a - 1.0, a - 2.0, a - 3.0], 0.0)
            >>> [round(end, 3) for end in fit.intervals(0.9)]
            [0.314, 3.686]
        """
        if not 0 < confidence < 1:
            raise DomainError(f"confidence must lie between 0 and 1, got {confidence!r}")
        freedom = self.degrees_of_freedom
        width = student_t.quantile(confidence, freedom) if freedom > 0 else math.nan
        pairs = list(zip(self.estimates, self.errors, strict=True))
        return self.rebuild([x - width * e for x, e in pairs]), self.rebuild([x + width * e for x, e in pairs])

    def __str__(self) -> str:
        end = "converged" if self.converged else "did not converge"
        calls = f"{self.evaluations} evaluation{'s' * (self.evaluations != 1)}"
        rows = [
            (name, shown(x), "at a bound" if name in self.at_bounds else "–" if math.isnan(error) else shown(error))
            for name, x, error in zip(self.names, self.estimates, self.errors, strict=True)
        ]
        table = aligned(("parameter", "estimate", "standard error"), rows[:SHOWN_PARAMETERS])
        more = len(rows) - SHOWN_PARAMETERS
        freedom = f"{self.degrees_of_freedom} degree{'s' * (self.degrees_of_freedom != 1)} of freedom"
        count = len(self.residuals)
        sums = equation("sum of squares", self.sum_of_squares)
        if not math.isnan(self.residual_standard_deviation):
            sums += f", {equation('residual standard deviation', self.residual_standard_deviation)}"
        lines = [f"least squares: {end} by {self.method}, {calls}", "", table]
        lines += [f"… and {more} more"] if more > 0 else []
        lines += ["", f"{count} residual{'s' * (count != 1)}, {freedom}", sums]
        if not self.converged:
            lines.append(f"SciPy: {self.message}")
        return "\n".join(lines)
