"""What `LinearRegression` accepts as data, turned into arrays of finite floats or refused with the place named."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import DataError, NumberError, ShapeError

__all__ = ["Predictors", "read_predictors", "read_target"]

Array = NDArray[np.float64]

# Sums of products of larger numbers leave the range of a float.
LARGEST = 1e140


@dataclass(frozen=True, slots=True)
class Predictors:
    """The predictors of one data set.

    Attributes:
        x: Shape (rows, columns).
        names: The columns' own names, or None when they came without.
    """

    x: Array
    names: tuple[str, ...] | None

    def name(self, column: int) -> str:
        """Return a column's name, or `x1`, `x2`, … for columns without one."""
        return self.names[column] if self.names is not None else f"x{column + 1}"


def read_predictors(given: Any, expected: "tuple[str, ...] | None" = None, count: int | None = None) -> Predictors:
    """Read X: rows of numbers, a 2-D array, one plain sequence for one predictor, a table with `columns`, or a dict.

    Args:
        given: The data.
        expected: The names to look up in a table or dict, for `predict`; their order in the data does not matter.
        count: How many columns there must be, for `predict`.

    Raises:
        DataError: A column is missing, there are no rows or columns, or a number is not finite.
        NumberError: Something is not a number.
        ShapeError: The rows have different lengths, or the number of columns is wrong.
    """
    names, columns = _named_columns(given)
    if names is not None and columns is not None:
        if expected is not None:
            missing = [name for name in expected if name not in names]
            if missing:
                near = difflib.get_close_matches(missing[0], names, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"X has {', '.join(map(repr, names))}"
                raise DataError(f"X has no column {missing[0]!r}, which the model was fitted on\n{hint}")
            columns = [columns[names.index(name)] for name in expected]
            names = expected
        lengths = sorted({len(column) for column in columns})
        if len(lengths) > 1:
            raise ShapeError(f"the columns of X have different lengths: {', '.join(map(str, lengths))}")
        arrays = [_floats(column, f"column {name!r} of X") for name, column in zip(names, columns, strict=True)]
        x = np.column_stack(arrays) if arrays else np.zeros((0, 0))
    else:
        x = _floats(given, "X")
        if x.ndim == 0:
            raise ShapeError(
                f"X is the single number {float(x):g}; give a sequence of rows, for example [{float(x):g}]"
            )
        if x.ndim == 1:
            if count is not None and count != 1:
                raise ShapeError(
                    f"X is one-dimensional, and the model has {count} predictors\ngive rows of {count} numbers"
                )
            x = x.reshape(-1, 1)
        if x.ndim > 2:
            raise ShapeError(f"X has {x.ndim} dimensions; it takes rows and columns")
        names = expected if expected is not None and x.shape[1] == len(expected) else None
    if x.shape[1] == 0:
        raise DataError(f"X has no columns (its shape is {x.shape}); there is nothing to fit on")
    if len(x) == 0:
        raise DataError("X has no rows; there is nothing to fit")
    if count is not None and x.shape[1] != count:
        raise ShapeError(f"X has {_counted(x.shape[1], 'column')}, and the model was fitted on {count}")
    _check_finite(x, "X", names)
    return Predictors(x, names)


def read_target(given: Any, rows: int) -> Array:
    """Read y, one number per row of X.

    Raises:
        DataError: A number is not finite.
        NumberError: Something is not a number.
        ShapeError: There are several targets, or not as many numbers as X has rows.
    """
    _, columns = _named_columns(given)
    y = _floats(columns[0] if columns is not None and len(columns) == 1 else given, "y")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        shape = f"the shape {y.shape}" if y.ndim else "no rows: it is a single number"
        raise ShapeError(f"y has {shape}; it takes one number for each of the {rows} rows of X")
    if len(y) != rows:
        raise ShapeError(f"X has {_counted(rows, 'row')} and y has {len(y)}; they must be equally many")
    _check_finite(y.reshape(-1, 1), "y", None)
    return y


def _named_columns(given: Any) -> tuple[tuple[str, ...] | None, list[Any] | None]:
    """Take apart a dict of columns or a table (pandas, polars): anything with `columns` that is indexed by name."""
    if isinstance(given, Mapping):
        return tuple(map(str, given)), list(given.values())
    labels = getattr(given, "columns", None)
    if labels is None or callable(labels) or not hasattr(given, "__getitem__"):
        return None, None
    labels = list(labels)
    names = tuple(map(str, labels))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"X has several columns named {twice[0]!r}; rename them, so that coefficients can be told apart"
        )
    if not all(isinstance(label, str) for label in labels):
        return None, None  # numbered columns are no names
    return names, [given[label] for label in labels]


def _floats(given: Any, what: str) -> Array:
    if isinstance(given, (str, bytes)):
        raise NumberError(f"{what} is the text {given!r}; it takes numbers")
    if hasattr(given, "toarray") and hasattr(given, "nnz"):
        raise NumberError(f"{what} is a sparse matrix; pass {what}.toarray()")
    if isinstance(given, Iterable) and not isinstance(given, Sequence) and not hasattr(given, "__array__"):
        given = list(given)
    try:
        array = np.asarray(given)
    except ValueError:
        raise ShapeError(_ragged(given, what)) from None
    if array.dtype.kind in "biuf":
        return array.astype(float)
    if array.dtype.kind in "mM":
        raise NumberError(f"{what} holds dates or durations; turn them into numbers first, for example days")
    if array.dtype.kind == "c":
        raise NumberError(f"{what} holds complex numbers; it takes real ones")
    flat = np.empty(array.size)
    originals = np.asarray(given, dtype=object)
    if originals.shape != array.shape:
        originals = array
    for place, item in enumerate(originals.ravel().tolist()):
        flat[place] = _float(item, what, np.unravel_index(place, array.shape))
    return flat.reshape(array.shape)


def _float(item: Any, what: str, index: Any) -> float:
    where = (
        f"row {int(index[0])}" + (f", column {int(index[1])}" if len(index) > 1 else "") if len(index) else "its place"
    )
    if item is None:
        raise DataError(f"{what} has nothing (None) at {where}\nfill it in or leave the row out")
    if isinstance(item, (str, bytes)) or not hasattr(item, "__float__"):
        raise NumberError(f"{what} holds {item!r} at {where}, which is not a number")
    return float(item)


def _check_finite(x: Array, what: str, names: tuple[str, ...] | None) -> None:
    wrong = ~np.isfinite(x)
    if wrong.any():
        row, column = map(int, np.argwhere(wrong)[0])
        where = f"row {row}" + ("" if what == "y" else f", column {names[column]!r}" if names else f", column {column}")
        count = int(wrong.any(axis=1).sum())
        more = f" ({count} rows are affected)" if count > 1 else ""
        raise DataError(f"{what} has {x[row, column]} at {where}{more}\nfill it in or leave the row out")
    if x.size and np.abs(x).max() > LARGEST:
        raise DataError(
            f"{what} holds {np.abs(x).max():.3g}; beyond {LARGEST:g} products leave the range of floats\nrescale it"
        )


def _ragged(given: Any, what: str) -> str:
    lengths = [len(row) if hasattr(row, "__len__") and not isinstance(row, str) else 1 for row in given]
    for place, length in enumerate(lengths):
        if length != lengths[0]:
            return f"{what} has rows of different lengths: row 0 has {lengths[0]} and row {place} has {length}"
    return f"{what} is not a table of numbers"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
