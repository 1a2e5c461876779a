"""Columns of C ints, as Programs hold them and as NumPy sees them."""

from array import array
from typing import Any

__all__ = ["as_column", "as_numbers"]


def as_numbers(column: "array[int]") -> Any:
    """Return a column as a NumPy array that shares its memory."""
    import numpy as np

    return np.frombuffer(column, dtype=np.intc) if len(column) else np.zeros(0, np.intc)


def as_column(numbers: Any) -> "array[int]":
    """Return whole numbers of a NumPy array as a column."""
    import numpy as np

    return array("i", np.ascontiguousarray(numbers, dtype=np.intc).tobytes())
