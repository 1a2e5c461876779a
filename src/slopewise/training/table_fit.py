"""Fitting a line or a net to a prepared table, as one model that can be saved."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from slopewise.basics.regression import LinearRegression
from slopewise.basics.regression_report import RegressionSummary
from slopewise.errors import FitWarning
from slopewise.training.fitted_model import FittedModel
from slopewise.training.preparation import Prepared
from slopewise.training.table_file import TextTable

if TYPE_CHECKING:
    from slopewise.training.net_training import NetRun

__all__ = ["LineResult", "fit_line", "model_of_net", "scaled_target"]


@dataclass(frozen=True, slots=True, eq=False)
class LineResult:
    """A fitted line.

    Attributes:
        model: What is saved.
        summary: Coefficients in units of the data, with their standard errors.
        notes: What the fit warned of.
    """

    model: FittedModel
    summary: RegressionSummary
    notes: tuple[str, ...]


def scaled_target(data: Prepared) -> tuple[float, float]:
    """Return mean and scale of the target over the rows that are fitted; a constant target has the scale 1."""
    spread = float(data.train_y.std())
    return float(data.train_y.mean()), spread if spread > 0 else 1.0


def fit_line(data: Prepared, table: TextTable) -> LineResult:
    """Fit a line by QR in the units of the data, and put it into the model's own scaling."""
    columns = dict(zip(data.recipe.inputs, data.train_x.T, strict=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FitWarning)
        line = LinearRegression().fit(columns, data.train_y)
    notes = tuple(str(warning.message) for warning in caught if issubclass(warning.category, FitWarning))
    mean, scale = scaled_target(data)
    weights = (line.coef_ * data.recipe.scales / scale).reshape(1, -1)
    bias = np.array([(line.intercept_ + float(line.coef_ @ data.recipe.means) - mean) / scale])
    return LineResult(_model(data, table, ((weights, bias),), "tanh"), line.summary(), notes)


def model_of_net(data: Prepared, table: TextTable, run: "NetRun", activation: str) -> FittedModel:
    """Put a trained net together with the recipe of its inputs."""
    return _model(data, table, run.layers, activation)


Layers = tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]


def _model(data: Prepared, table: TextTable, layers: Layers, activation: str) -> FittedModel:
    mean, scale = scaled_target(data)
    return FittedModel(
        recipe=data.recipe,
        layers=layers,
        activation=activation,
        target=data.target,
        target_mean=mean,
        target_scale=scale,
        names=data.names,
        has_header=table.has_header,
        decimal=table.decimal,
    )
