"""Columns of C ints, as Programs hold them and as NumPy sees them."""

from array import array
from typing import Any

__all__ = ["as_column", "as_numbers", "distinct", "numbers_of_rows"]


def as_numbers(column: "array[int]") -> Any:
    """Return a column as a NumPy array that shares its memory."""
    import numpy as np

    return np.frombuffer(column, dtype=np.intc) if len(column) else np.zeros(0, np.intc)


def as_column(numbers: Any) -> "array[int]":
    """Return whole numbers of a NumPy array as a column."""
    import numpy as np

    return array("i", np.ascontiguousarray(numbers, dtype=np.intc).tobytes())


def distinct(numbers: Any) -> Any:
    """Return the numbers that occur in a NumPy array of whole numbers, in order.

    As `np.unique` does, which loads numpy's masked arrays when it is first called so: a tenth of what a first call of
    a small function takes.

    Example:
        >>> import numpy as np
        >>> distinct(np.array([3, 1, 3])).tolist()
        [1, 3]
    """
    import numpy as np

    in_order = np.sort(numbers, axis=None)
    is_new = np.ones(len(in_order), dtype=bool)
    np.not_equal(in_order[1:], in_order[:-1], out=is_new[1:])
    return in_order[is_new]


def numbers_of_rows(table: Any) -> Any:
    """Return a number for each row of a table; equal rows have equal ones."""
    import numpy as np

    mixed = np.zeros(len(table), dtype=np.uint64)
    for column in table.T.astype(np.uint64):
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed, return_inverse=True)[1].reshape(-1)
