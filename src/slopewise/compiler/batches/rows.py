"""The rows of a batch: what stands along the leading axis of each argument."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.basics.arguments import is_array, is_scalar, shortened
from slopewise.compiler import nests
from slopewise.compiler.structure import Nest
from slopewise.errors import ShapeError

__all__ = [
    "Column",
    "UnevenRowsError",
    "column_of",
    "groups_of",
    "numbers_of",
    "table_of",
    "unequal",
    "unequal_columns",
]

Matrix = npt.NDArray[np.floating[Any]]


class UnevenRowsError(Exception):
    """Rows cannot run side by side; whoever asked runs them one after another."""


@dataclass(frozen=True, slots=True)
class Column:
    """One argument of a batch.

    Attributes:
        name: What the argument is called.
        item: What was given.
        length: How many rows it has; None when it is the same in every row.
        row: Gives the argument of one row.
    """

    name: str
    item: Any
    length: int | None
    row: Callable[[int], Any]

    def tables(self, *, is_single: bool = False, truths: bool = False) -> tuple[list[Nest], list[Matrix]]:
        """Return the nest of every row, and all their numbers: tables of shape (rows, width), side by side in a row.

        Arrays are tables as they are: nothing is done row by row.

        Args:
            is_single: Whether arrays of 32 bits stay so.
            truths: Whether arrays of bools hold numbers.

        Raises:
            UnevenRowsError: The rows do not all hold equally many numbers.
        """
        assert self.length is not None
        arrays: list[Any] = []
        if _are_arrays(self.item, arrays, truths) or (_is_regular(self.item) and not arrays):
            nest = nests.flatten(self.row(0), truths=truths).nest
            made = [numbers_of(item, is_single=is_single).reshape(self.length, -1) for item in arrays or [self.item]]
            if nest.n_leaves == sum(table.shape[1] for table in made):
                return [nest] * self.length, made
        flat = [nests.flatten(self.row(i), truths=truths) for i in range(self.length)]
        width = flat[0].nest.n_leaves
        if any(row.nest.n_leaves != width for row in flat):
            raise UnevenRowsError
        numbers = np.array([row.numbers for row in flat], dtype=np.float64)
        return [row.nest for row in flat], [numbers.reshape(self.length, width)]


def numbers_of(item: Any, *, is_single: bool) -> Matrix:
    """Return an array of floats: of 32 bits if it is such an array, and that is asked for, else of 64.

    Raises:
        OverflowError: An int is past all floats.
    """
    if is_single and isinstance(item, np.ndarray) and item.dtype == np.float32:
        return item
    return np.asarray(item, dtype=np.float64)


def _are_arrays(item: Any, found: list[Any], truths: bool) -> bool:
    """Tell whether there is nothing but arrays of numbers in lists, tuples and dicts; list them."""
    if is_array(item):
        found.append(item)
        return item.dtype.kind in "iuf" or (truths and item.dtype.kind == "b" and item.ndim > 1)
    if type(item) in (list, tuple):
        return all(_are_arrays(part, found, truths) for part in item) and bool(found)
    if type(item) is dict:
        return all(_are_arrays(part, found, truths) for part in item.values()) and bool(found)
    return False


def _is_regular(item: Any) -> bool:
    """Tell whether something is a list of floats, or of lists of floats, all equally long."""
    if type(item) not in (list, tuple) or not item:
        return False
    kinds = set(map(type, item))
    if kinds == {float}:
        return True
    return (
        len(kinds) == 1
        and kinds <= {list, tuple}
        and len(set(map(len, item))) == 1
        and set(map(type, chain.from_iterable(item))) == {float}
    )


def column_of(name: str, item: Any, *, is_shared: bool) -> Column:
    """Read one argument of a batch.

    An array has its rows along axis 0. A list or tuple of numbers, or of lists of them, is an axis too: its items are
    the rows. A list, tuple, dict or dataclass that holds arrays, and every dict or dataclass, is taken apart, and
    each of its parts has rows. What holds no number is the same in every row.

    Args:
        name: What the argument is called, for messages.
        item: The argument.
        is_shared: Whether it is the same in every row.

    Raises:
        ShapeError: It holds a number that stands alone, or parts of unequal lengths.
    """
    if is_shared:
        return Column(name, item, None, lambda i: item)
    lengths: dict[str, int] = {}
    row = _rows(name, item, lengths)
    names = list(lengths)
    for other in names[1:]:
        if lengths[other] != lengths[names[0]]:
            raise ShapeError(unequal(names[0], lengths[names[0]], other, lengths[other]))
    return Column(name, item, lengths[names[0]] if names else None, row)


def groups_of(forms: Sequence[Sequence[Nest]], length: int) -> list[npt.NDArray[np.intp]]:
    """Group the rows whose arguments have the same forms, in the order of each group's first row."""
    if all(len(set(map(id, form))) == 1 for form in forms):
        return [np.arange(length)]
    found: dict[tuple[Nest, ...], list[int]] = {}
    for i, key in enumerate(zip(*forms, strict=True)):
        found.setdefault(key, []).append(i)
    return [np.array(rows, dtype=np.intp) for rows in found.values()]


def table_of(columns: Sequence[Any], length: int) -> Matrix:
    """Return columns of doubles as one array, shape (columns, length)."""
    table = np.empty((len(columns), length))
    for line, column in zip(table, columns, strict=True):
        line[:] = np.frombuffer(column, dtype=np.float64)
    return table


def unequal(name: str, length: int, other: str, other_length: int) -> str:
    """Say that two parts of a batch do not have equally many rows."""
    return (
        f"batched() got {length} row{'s' * (length != 1)} in {name} and {other_length} in {other}\n"
        f"give equally many, or name what is the same in every row: batched(f, shared={other.split('[')[0]!r})"
    )


def unequal_columns(one: Column, other: Column) -> str:
    """Say that two arguments do not have equally many rows, and where a list of rows was taken for columns."""
    message = unequal(one.name, one.length or 0, other.name, other.length or 0)
    for column, rows in ((one, other.length), (other, one.length)):
        item = column.item
        if type(item) in (list, tuple) and len(item) == rows and all(map(is_array, item)):
            what = f"{column.name} is a {type(item).__name__} of {rows} arrays, each a column"
            return f"{message.splitlines()[0]}\n{what}; if each is a row, give np.array({column.name})"
    return message


def _rows(name: str, item: Any, lengths: dict[str, int]) -> Callable[[int], Any]:
    if hasattr(item, "__array__") and not is_array(item) and not is_scalar(item) and getattr(item, "ndim", 0) == 1:
        item = np.asarray(item)  # a pandas Series, whose [i] goes by label
    if isinstance(item, range):
        item = list(item)
    if is_array(item):
        if item.ndim == 0:
            raise ShapeError(_alone(name, "an array without axes"))
        lengths[name] = len(item)
        return lambda i: item[i]
    if isinstance(item, (list, tuple)) and not _holds_arrays(item):
        if hasattr(item, "_fields"):
            made = [_rows(f"{name}.{field}", part, lengths) for field, part in zip(item._fields, item, strict=True)]
            return lambda i: type(item)(*(row(i) for row in made))
        lengths[name] = len(item)
        return lambda i: item[i]
    if isinstance(item, (list, tuple)):
        made = [_rows(f"{name}[{k}]", part, lengths) for k, part in enumerate(item)]
        if hasattr(item, "_fields"):
            return lambda i: type(item)(*(row(i) for row in made))
        return lambda i: type(item)([row(i) for row in made])
    if isinstance(item, dict):
        of_key = {key: _rows(f"{name}[{key!r}]", part, lengths) for key, part in item.items()}
        return lambda i: {key: row(i) for key, row in of_key.items()}
    if is_scalar(item):
        raise ShapeError(_alone(name, f"the single number {shortened(item)}"))
    flat = nests.flatten(item, title=name)
    if not flat.nest.n_leaves:
        return lambda i: item
    if flat.nest.kind == "object":
        names = flat.nest.form[1]
        parts = [_rows(f"{name}.{field}", getattr(item, field), lengths) for field in names]
        return lambda i: _object_like(item, names, [row(i) for row in parts])
    raise ShapeError(_alone(name, f"{shortened(item)}"))


def _object_like(item: Any, names: tuple[str, ...], parts: list[Any]) -> Any:
    made = object.__new__(type(item)) if hasattr(type(item), "__dataclass_fields__") else type(item)()
    for name, part in zip(names, parts, strict=True):
        object.__setattr__(made, name, part)
    return made


def _alone(name: str, what: str) -> str:
    return (
        f"batched() goes over the leading axis of every argument, and {name} is {what}\n"
        f"name it if it is the same in every row: batched(f, shared={name.split('[')[0].split('.')[0]!r})"
    )


def _holds_arrays(item: Any) -> bool:
    if "numpy" not in sys.modules:
        return False
    pending = [item]
    while pending:
        part = pending.pop()
        if is_array(part) and part.ndim:
            return True
        if isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, (list, tuple)):
            pending += part
    return False
