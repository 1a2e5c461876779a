"""`LinearRegression`: a line, or a plane, through data, by QR, by the normal equations or by walking downhill."""

import difflib
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from slopewise.basics.line_descent import FitPath
from slopewise.basics.line_fit import LineFit, fit_line, warnings_of
from slopewise.basics.regression_input import read_predictors, read_target
from slopewise.basics.regression_report import RegressionSummary, summarize
from slopewise.errors import DomainError, FitWarning, NotFittedError

if TYPE_CHECKING:
    from slopewise.basics.derivation import Derivation

__all__ = ["LinearRegression"]

Array = NDArray[np.float64]

METHODS = ("qr", "normal", "descent")


class LinearRegression:
    """Least squares: the coefficients that make the sum of squared residuals smallest, three ways.

    `RSS(β) = Σ (yᵢ − β₀ − β₁xᵢ₁ − β₂xᵢ₂ − …)²`

    Args:
        method: `"qr"` factors the columns (accurate, the default); `"normal"` solves the textbook's normal equations,
            which lose twice as many digits; `"descent"` walks down the gradient and keeps its path. `solver` means
            the same.
        fit_intercept: Whether β₀ is part of the fit; without it the line goes through the origin.
        lr: Learning rate of descent on `RSS / 2n`; None takes a quarter of the rate at which the walk would fly off.
        steps: The most steps of descent.
        tol: Descent has arrived when no column's cosine with the residuals is larger than this.
        standardize: Descent walks on columns of mean 0 and standard deviation 1, and its result is turned back into the
            units of the data. On raw columns it usually crawls.

    Attributes:
        coef_: One coefficient per column of X, in units of y per unit of the column. 0 for a column that was left out.
        intercept_: β₀; 0.0 without intercept.
        rank_: Number of independent columns, the intercept included.
        rank_deficient_: Whether columns were left out because the ones before them (and the intercept) determine them.
        dropped_: The names of those columns, in order.
        condition_number_: Largest over smallest singular value of the columns (with the intercept's), each of length 1.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, if X came with names (a pandas or polars table, a dict).
        path_: For descent: a `FitPath`, every step with its coefficients and RSS.

    Raises:
        DomainError: An argument is outside its range; an unknown method is answered with the nearest one.

    Example:
        >>> import slopewise as sw
        >>> line = sw.LinearRegression().fit([[1.0], [2.0], [3.0], [4.0]], [3.0, 5.0, 7.0, 9.0])
        >>> line.coef_, line.intercept_
        (array([2.]), 1.0)
        >>> line.predict([[10.0]])
        array([21.])

    Source:
        The names are scikit-learn's. For the numerics see `slopewise.basics.least_squares`.
    """

    coef_: Array
    intercept_: float
    rank_: int
    rank_deficient_: bool
    dropped_: tuple[str, ...]
    condition_number_: float
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    path_: FitPath

    _estimator_type = "regressor"

    def __init__(
        self,
        method: str = "qr",
        fit_intercept: bool = True,
        *,
        lr: float | None = None,
        steps: int = 10_000,
        tol: float = 1e-8,
        standardize: bool = False,
        solver: str | None = None,
    ) -> None:
        if solver is not None:
            if method not in ("qr", solver):
                raise DomainError(
                    f"method={method!r} and solver={solver!r} are two words for the same; give one of them"
                )
            method = solver
        self.method = method
        self.fit_intercept = fit_intercept
        self.lr = lr
        self.steps = steps
        self.tol = tol
        self.standardize = standardize
        self._check_parameters()

    # ------------------------------------------------------------------ scikit-learn's surface

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name.

        Args:
            deep: There for scikit-learn; it changes nothing.

        Example:
            >>> import slopewise as sw
            >>> sw.LinearRegression(method="normal").get_params()["method"]
            'normal'
        """
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self, **parameters: Any) -> "LinearRegression":
        """Set constructor arguments by name and return self; the next `fit` uses them.

        Args:
            parameters: Names and values, as for the constructor.

        Raises:
            DomainError: There is no argument of that name, or the value is outside its range.

        Example:
            >>> import slopewise as sw
            >>> sw.LinearRegression().set_params(fit_intercept=False)
            LinearRegression(fit_intercept=False)
        """
        parameters = {("method" if name == "solver" else name): value for name, value in parameters.items()}
        for name in parameters:
            if name not in _PARAMETERS:
                near = difflib.get_close_matches(name, _PARAMETERS, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_PARAMETERS)}"
                raise DomainError(f"LinearRegression has no parameter {name!r}\n{hint}")
        before = self.get_params()
        vars(self).update(parameters)
        try:
            self._check_parameters()
        except DomainError:
            vars(self).update(before)
            raise
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(),
        )

    def __repr__(self) -> str:
        given = [
            f"{name}={getattr(self, name)!r}" for name, usual in _PARAMETERS.items() if getattr(self, name) != usual
        ]
        return f"LinearRegression({', '.join(given)})"

    def __getattr__(self, name: str) -> Any:
        if name in _FITTED and "_fit" not in vars(self):
            raise NotFittedError(f"this LinearRegression has no {name} yet\ncall fit(X, y) first")
        if name == "path_":
            raise NotFittedError(f"path_ is of method='descent'; this line was fitted with method={self._fit.method!r}")
        if name == "feature_names_in_":
            raise NotFittedError("feature_names_in_ is of tables with named columns; this X came without names")
        raise AttributeError(f"LinearRegression has no attribute {name!r}")

    # ------------------------------------------------------------------ fitting and using

    def fit(self, X: Any, y: Any) -> "LinearRegression":
        """Fit the coefficients and return self.

        Args:
            X: Predictors: shape (rows, columns), or one sequence of numbers for a single predictor, or a table with
                named columns, or a dict of columns.
            y: Targets: shape (rows,).

        Raises:
            DataError: No rows or columns, a number that is missing or not finite, or columns so alike that the normal
                equations have no solution in float64.
            NumberError: Something is not a number.
            ShapeError: X and y have different lengths, or rows do.

        Warns:
            FitWarning: Columns determine each other and some were left out; or descent did not arrive.

        Example:
            >>> import slopewise as sw
            >>> sw.LinearRegression().fit([1, 2, 3], [3, 5, 7]).intercept_
            1.0
        """
        data = read_predictors(X)
        target = read_target(y, len(data.x))
        walk = {"lr": self.lr, "steps": self.steps, "tol": self.tol, "standardize": self.standardize}
        fit = fit_line(self.method, data, target, bool(self.fit_intercept), **walk)
        for name in _FITTED:
            vars(self).pop(name, None)
        self._fit = fit
        self.coef_ = fit.coefficients
        self.intercept_ = fit.solution.intercept
        self.rank_ = fit.factors.rank
        self.dropped_ = fit.dropped
        self.rank_deficient_ = bool(fit.dropped)
        self.condition_number_ = fit.factors.condition_number
        self.n_features_in_ = data.x.shape[1]
        if data.names is not None:
            self.feature_names_in_ = np.array(data.names, dtype=object)
        if fit.path is not None:
            self.path_ = fit.path
        for note in warnings_of(fit):
            warnings.warn(note, FitWarning, stacklevel=2)
        return self

    def predict(self, X: Any) -> Array:
        """Return β₀ + β₁x₁ + … for each row; columns of a table are found by name, whatever their order.

        Args:
            X: Predictors, as for `fit`: shape (rows, columns), or a table, or one sequence for a single predictor.

        Raises:
            NotFittedError: Before `fit`.
            DataError: A column is missing (the nearest name is given) or a number is not finite.
            ShapeError: The number of columns is not that of the fit.

        Example:
            >>> import slopewise as sw
            >>> sw.LinearRegression().fit([1, 2, 3], [2, 4, 6]).predict([5])
            array([10.])
        """
        coefficients = self.coef_
        data = read_predictors(X, self._fit.data.names, self.n_features_in_)
        return np.asarray(data.x @ coefficients + self.intercept_)

    def score(self, X: Any, y: Any) -> float:
        """Return R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² on the given data: 1 is perfect, 0 is "always the mean".

        When every y is the same, 1.0 for a perfect prediction and 0.0 otherwise, as in scikit-learn.

        Args:
            X: Predictors, as for `predict`.
            y: Targets: shape (rows,).

        Raises:
            NotFittedError: Before `fit`.
            DataError: A column is missing or a number is not finite.
            ShapeError: X and y have different lengths, or X has other columns than the fit.

        Example:
            >>> import slopewise as sw
            >>> sw.LinearRegression().fit([1, 2, 3], [2, 4, 6]).score([1, 2, 3], [2, 4, 6])
            1.0
        """
        predicted = self.predict(X)
        target = read_target(y, len(predicted))
        rss = math.fsum(((target - predicted) ** 2).tolist())
        spread = math.fsum(((target - math.fsum(target) / len(target)) ** 2).tolist())
        if spread == 0:
            return 1.0 if rss == 0 else 0.0
        return 1.0 - rss / spread

    def summary(self, confidence: float = 0.95) -> RegressionSummary:
        """Return the report: coefficients with standard errors, t, p and intervals, R² and residual standard deviation.

        Args:
            confidence: Of the intervals, between 0 and 1.

        Raises:
            NotFittedError: Before `fit`.
            DomainError: `confidence` is not between 0 and 1.

        Example:
            >>> import slopewise as sw
            >>> report = sw.LinearRegression().fit([1, 2, 3, 4], [1, 3, 2, 4]).summary()
            >>> report.r_squared, report["x1"].coefficient
            (0.64, 0.8)
        """
        if not 0 < confidence < 1:
            raise DomainError(f"confidence must be between 0 and 1, got {confidence!r}")
        return summarize(self._fitted(), confidence)

    def derivation(self, digits: int = 4) -> "Derivation":
        """Return how the coefficients follow from the data: RSS, its partial derivatives, normal equations, answer.

        Symbols first, then the numbers of this fit. Print it, take `.text` or `.latex`, or let a notebook render it.

        Args:
            digits: Significant digits of the numbers shown; the arithmetic behind them is exact to the last.

        Raises:
            NotFittedError: Before `fit`.

        Example:
            >>> import slopewise as sw
            >>> line = sw.LinearRegression().fit([1, 2, 3, 4], [1, 3, 2, 4])
            >>> print(line.derivation().text.splitlines()[-1])
            y = 0.5 + 0.8 x1
        """
        from slopewise.basics.derivation import derive

        return derive(self._fitted(), digits)

    def _fitted(self) -> LineFit:
        if "_fit" not in vars(self):
            raise NotFittedError("this LinearRegression was not fitted yet\ncall fit(X, y) first")
        fit: LineFit = self._fit
        return fit

    def _check_parameters(self) -> None:
        if self.method not in METHODS:
            near = difflib.get_close_matches(str(self.method), METHODS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, METHODS))}"
            raise DomainError(f"no method {self.method!r} for LinearRegression\n{hint}")
        if self.lr is not None and not _is_within(self.lr, 0, math.inf):
            raise DomainError(f"lr must be a positive number, or None to let descent choose it, got {self.lr!r}")
        if type(self.steps) is not int or self.steps < 1:
            raise DomainError(f"steps must be a whole number of at least 1, got {self.steps!r}")
        if self.tol != 0 and not _is_within(self.tol, 0, 1):
            raise DomainError(f"tol must be at least 0 and below 1, got {self.tol!r}")


def _is_within(x: object, low: float, high: float) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and low < x < high


_PARAMETERS: dict[str, Any] = {
    "method": "qr",
    "fit_intercept": True,
    "lr": None,
    "steps": 10_000,
    "tol": 1e-8,
    "standardize": False,
}
_FITTED = (
    "coef_",
    "intercept_",
    "rank_",
    "rank_deficient_",
    "dropped_",
    "condition_number_",
    "n_features_in_",
    "feature_names_in_",
    "path_",
)
