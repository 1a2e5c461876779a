"""What a fitted line says of itself: coefficients with their uncertainty, and how far the numbers can be trusted."""

import math
from dataclasses import dataclass

import numpy as np

from slopewise.basics import student_t
from slopewise.basics.least_squares import inverse_rows
from slopewise.basics.line_fit import LineFit, notes, passes_through_every_point
from slopewise.basics.shown_numbers import shown

__all__ = ["CoefficientRow", "RegressionSummary", "summarize"]


@dataclass(frozen=True, slots=True)
class CoefficientRow:
    """One coefficient.

    Attributes:
        name: `intercept` or the column's name.
        coefficient: The estimate, in units of y per unit of the column.
        standard_error: Its standard error; nan without degrees of freedom; nan for a column that was left out.
        t: Coefficient over standard error.
        p: How often |T| reaches |t| by chance, for normal errors.
        low, high: The confidence interval.
        dropped: Whether the column was left out because the others determine it.
    """

    name: str
    coefficient: float
    standard_error: float
    t: float
    p: float
    low: float
    high: float
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class RegressionSummary:
    """The report on a fit; print it.

    Attributes:
        method: `"qr"`, `"normal"` or `"descent"`.
        rows: One row per coefficient, the intercept first.
        observations: Number of rows of data.
        degrees_of_freedom: Observations minus rank.
        rank: Number of independent columns, the intercept included.
        residual_sum_of_squares: Σ (y − ŷ)².
        residual_standard_deviation: √(RSS / degrees of freedom); nan without degrees of freedom.
        r_squared: 1 − RSS / Σ(y − ȳ)², or 1 − RSS / Σy² for a fit without intercept; nan when that sum is 0.
        adjusted_r_squared: The same with each sum over its degrees of freedom.
        confidence: Of the intervals, 0.95 unless asked otherwise.
        condition_number: Of the columns, each scaled to length 1.
        notes: Sentences on what a reader should know.
    """

    method: str
    rows: tuple[CoefficientRow, ...]
    observations: int
    degrees_of_freedom: int
    rank: int
    residual_sum_of_squares: float
    residual_standard_deviation: float
    r_squared: float
    adjusted_r_squared: float
    confidence: float
    condition_number: float
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> CoefficientRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"no coefficient {name!r}; there are {', '.join(row.name for row in self.rows)}")

    def __str__(self) -> str:
        percent = f"{100 * self.confidence:g} %"
        header = ("", "coefficient", "std error", "t", "p", f"{percent} from", "to")
        table = [header] + [self._cells(row) for row in self.rows]
        widths = [max(len(cells[k]) for cells in table) for k in range(len(header))]
        lines = [f"linear regression by {_METHODS[self.method]}: {self.observations} rows, rank {self.rank}", ""]
        for cells in table:
            rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
            lines.append("  ".join([cells[0].ljust(widths[0]), *rest]).rstrip())
        deviation = shown(self.residual_standard_deviation, 6)
        freedom = f"{self.degrees_of_freedom} degree{'s' * (self.degrees_of_freedom != 1)} of freedom"
        lines += [
            "",
            f"R² {shown(self.r_squared, 6)}, adjusted {shown(self.adjusted_r_squared, 6)}",
            f"residual standard deviation {deviation} on {freedom}",
            f"condition number {shown(self.condition_number, 3)} (columns scaled to length 1)",
        ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _cells(self, row: CoefficientRow) -> tuple[str, ...]:
        if row.dropped:
            return (row.name, "0", "left out", "", "", "", "")
        if math.isnan(row.standard_error) or row.standard_error == 0:
            return (row.name, shown(row.coefficient, 6), "", "", "", "", "")
        p = "< 0.0001" if row.p < 1e-4 else f"{row.p:.4f}"
        return (
            row.name,
            shown(row.coefficient, 6),
            shown(row.standard_error, 4),
            f"{row.t:.2f}".replace("-", "−") if abs(row.t) < 1e6 else shown(row.t, 3),
            p,
            shown(row.low, 5),
            shown(row.high, 5),
        )


_METHODS = {"qr": "QR", "normal": "the normal equations", "descent": "gradient descent"}


def summarize(fit: LineFit, confidence: float) -> RegressionSummary:
    """Compute the report of a fit, with intervals of the given confidence."""
    count = len(fit.target)
    rss = math.fsum((fit.solution.residuals**2).tolist())
    freedom = count - fit.factors.rank
    deviation = math.sqrt(rss / freedom) if freedom > 0 else math.nan
    first = 1 if fit.fit_intercept else 0
    errors = np.full(fit.data.x.shape[1] + first, math.nan)
    places = ([0] if first else []) + [first + j for j in fit.factors.kept]
    if freedom > 0 and passes_through_every_point(fit):
        deviation = 0.0
    errors[places] = deviation * np.linalg.norm(inverse_rows(fit.factors), axis=1)
    numbers = ([fit.solution.intercept] if first else []) + fit.coefficients.tolist()
    width = student_t.quantile(confidence, freedom) if freedom > 0 else math.nan
    rows = []
    for place, (number, error) in enumerate(zip(numbers, errors.tolist(), strict=True)):
        t = number / error if error > 0 else math.copysign(math.inf, number) if error == 0 and number else math.nan
        rows.append(
            CoefficientRow(
                name="intercept" if place < first else fit.data.name(place - first),
                coefficient=number,
                standard_error=error,
                t=t,
                p=student_t.two_sided_p(t, freedom),
                low=number - width * error,
                high=number + width * error,
                dropped=place - first in fit.factors.dropped,
            )
        )
    centre = math.fsum(fit.target) / count if first else 0.0
    spread = math.fsum(((fit.target - centre) ** 2).tolist())
    if first and float(fit.target.max()) == float(fit.target.min()):
        spread = 0.0
    r_squared = 1 - rss / spread if spread > 0 else math.nan
    return RegressionSummary(
        method=fit.method,
        rows=tuple(rows),
        observations=count,
        degrees_of_freedom=freedom,
        rank=fit.factors.rank,
        residual_sum_of_squares=rss,
        residual_standard_deviation=deviation,
        r_squared=r_squared,
        adjusted_r_squared=1 - (1 - r_squared) * (count - first) / freedom if freedom > 0 else math.nan,
        confidence=confidence,
        condition_number=fit.factors.condition_number,
        notes=tuple(notes(fit)),
    )
