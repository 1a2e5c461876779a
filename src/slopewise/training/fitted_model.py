"""A fitted model: a line or a net with everything that it needs to predict from a new table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import DataError
from slopewise.training.input_recipe import InputRecipe, missing_columns
from slopewise.training.table_file import TextTable

__all__ = ["ACTIVATIONS", "FittedModel", "Score", "score"]

Array = NDArray[np.float64]


def _sigmoid(z: Array) -> Array:
    return np.asarray(0.5 * (np.tanh(0.5 * z) + 1.0))


def _relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


def _tanh(z: Array) -> Array:
    return np.asarray(np.tanh(z))


ACTIVATIONS = {"tanh": _tanh, "relu": _relu, "sigmoid": _sigmoid}


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """A line (no hidden layer) or a net, in units of its own scaling.

    Attributes:
        recipe: How inputs are made from columns.
        layers: Weights, shape (outputs, inputs), and biases, shape (outputs,), of each layer.
        activation: Of the hidden layers.
        target: The predicted column's name.
        target_mean, target_scale: A prediction is output · scale + mean, in the target's own unit.
        names: All columns of the table that it was fitted on, the target included.
        has_header: Whether these names came from a header.
        decimal: The decimal mark of that table, which helps to read the next one.
    """

    recipe: InputRecipe
    layers: tuple[tuple[Array, Array], ...]
    activation: str
    target: str
    target_mean: float
    target_scale: float
    names: tuple[str, ...]
    has_header: bool
    decimal: str

    @property
    def kind(self) -> str:
        """`"line"` or `"mlp"`."""
        return "line" if len(self.layers) == 1 else "mlp"

    @property
    def hidden(self) -> tuple[int, ...]:
        """The sizes of the hidden layers."""
        return tuple(len(bias) for _, bias in self.layers[:-1])

    def predict_raw(self, raw: Array) -> Array:
        """Return predictions for inputs before scaling, shape (rows, inputs)."""
        z = self.recipe.scaled(raw)
        for weights, bias in self.layers[:-1]:
            z = ACTIVATIONS[self.activation](z @ weights.T + bias)
        weights, bias = self.layers[-1]
        return np.asarray((z @ weights.T + bias)[:, 0] * self.target_scale + self.target_mean)

    def predict(self, table: TextTable) -> Array:
        """Return one prediction per row; nan where an input is missing and nothing fills it.

        Raises:
            DataError: A column is missing (the nearest name is given), a cell is no number, or a word is unknown.
        """
        lacking = missing_columns([column.name for column in self.recipe.columns], table)
        if lacking:
            raise DataError(lacking)
        return self.predict_raw(self.recipe.raw(table))


@dataclass(frozen=True, slots=True)
class Score:
    """How good predictions are.

    Attributes:
        rmse: Root of the mean squared error, in the target's unit.
        mae: Mean absolute error.
        r_squared: 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; nan when every y is the same or there is only one.
    """

    rmse: float
    mae: float
    r_squared: float


def score(y: Array, predicted: Array) -> Score:
    """Compare predictions with what came true, one or more rows."""
    error = y - predicted
    spread = float(np.sum((y - y.mean()) ** 2))
    r_squared = 1.0 - float(np.sum(error**2)) / spread if spread > 0 else float("nan")
    return Score(float(np.sqrt(np.mean(error**2))), float(np.mean(np.abs(error))), r_squared)
