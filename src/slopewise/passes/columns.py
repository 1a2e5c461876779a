"""Columns of C ints, as Programs hold them and as NumPy sees them."""

from array import array
from typing import Any

__all__ = ["as_column", "as_numbers", "numbers_of_rows"]


def as_numbers(column: "array[int]") -> Any:
    """Return a column as a NumPy array that shares its memory."""
    import numpy as np

    return np.frombuffer(column, dtype=np.intc) if len(column) else np.zeros(0, np.intc)


def as_column(numbers: Any) -> "array[int]":
    """Return whole numbers of a NumPy array as a column."""
    import numpy as np

    return array("i", np.ascontiguousarray(numbers, dtype=np.intc).tobytes())


def numbers_of_rows(table: Any) -> Any:
    """Return a number for each row of a table; equal rows have equal ones."""
    import numpy as np

    mixed = np.zeros(len(table), dtype=np.uint64)
    for column in table.T.astype(np.uint64):
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed, return_inverse=True)[1].reshape(-1)
