"""The entries of a matrix of derivatives that can differ from 0, and SciPy's matrices made of them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.compiler.structure import Nest, built_nest
from slopewise.errors import NumberError

__all__ = ["Entries", "sparse_nest"]


@dataclass(frozen=True, slots=True)
class Entries:
    """Some entries of a matrix, each with the slot that computes it, row by row.

    Attributes:
        rows: The row of each.
        columns: The column of each; ascending within a row.
        slots: The slot of each.
        shape: The shape of the matrix.
    """

    rows: list[int]
    columns: list[int]
    slots: list[int]
    shape: tuple[int, int]

    def columns_from(self, start: int, width: int) -> "Entries":
        """Return the part of some columns."""
        if (start, width) == (0, self.shape[1]):
            return self
        kept = [i for i, column in enumerate(self.columns) if start <= column < start + width]
        return Entries(
            [self.rows[i] for i in kept],
            [self.columns[i] - start for i in kept],
            [self.slots[i] for i in kept],
            (self.shape[0], width),
        )

    def rows_from(self, start: int, height: int) -> "Entries":
        """Return the part of some rows."""
        if (start, height) == (0, self.shape[0]):
            return self
        kept = [i for i, row in enumerate(self.rows) if start <= row < start + height]
        return Entries(
            [self.rows[i] - start for i in kept],
            [self.columns[i] for i in kept],
            [self.slots[i] for i in kept],
            (height, self.shape[1]),
        )


class SparseMaker:
    """Makes a SciPy CSR array of its entries; the structure is there once and shared by all that it makes.

    Args:
        entries: Rows, columns and shape.
    """

    __slots__ = ("_columns", "_shape", "_starts")

    def __init__(self, entries: Entries) -> None:
        import numpy as np

        counts = np.bincount(np.array(entries.rows, dtype=np.int64), minlength=entries.shape[0])
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self._columns = np.array(entries.columns, dtype=np.int32)
        self._shape = entries.shape

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """Return the matrix.

        Raises:
            NumberError: The entries are traced numbers, which a SciPy matrix cannot hold.
        """
        import numpy as np
        from scipy.sparse import csr_array

        if not isinstance(leaves, array) and not set(map(type, leaves)) <= {float}:
            raise NumberError(
                "a sparse matrix holds floats, and its entries are still being traced here\n"
                "inside a traced function ask for the dense one: sparse=False"
            )
        data = np.array(leaves, dtype=np.float64)
        # Columns and starts are copied: a caller may change a matrix in place.
        return csr_array((data, self._columns.copy(), self._starts.copy()), shape=self._shape)


def sparse_nest(entries: Entries) -> Nest:
    """Return the nest of a sparse matrix with these entries."""
    return built_nest(SparseMaker(entries), len(entries.slots))
