"""How the columns of a table become the inputs of a model: which ones, in which form, filled and scaled by what.

The recipe is found on the rows that are fitted, is saved inside the model, and does the same to every table after.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import DataError
from slopewise.training.columns import read_numbers, read_words
from slopewise.training.table_file import TextTable

__all__ = ["ColumnRecipe", "InputRecipe", "missing_columns"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ColumnRecipe:
    """What is done with one column.

    Attributes:
        name: Of the column.
        categories: For a column of words: its words, one input each; empty for a column of numbers.
        fill: What stands in for a missing value: a number, a word, or None where missing values are refused.
        baseline: A word without an input of its own, which the others are compared with; None if all have one.
    """

    name: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None
    baseline: str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that the column gives."""
        return tuple(f"{self.name}={word}" for word in self.categories) if self.categories else (self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class InputRecipe:
    """What is done with all columns, in order.

    Attributes:
        columns: One recipe per column that is used.
        means, scales: Of each input, over the rows that were fitted: an input x enters as (x − mean) / scale.
        na: Words of the user's own that mean "nothing".
    """

    columns: tuple[ColumnRecipe, ...]
    means: Array
    scales: Array
    na: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of all inputs."""
        return tuple(name for column in self.columns for name in column.inputs)

    def raw(self, table: TextTable, rows: Sequence[int] | None = None) -> Array:
        """Return the inputs before scaling, shape (rows, inputs); nan where nothing stands and nothing fills it.

        Raises:
            DataError: A column is missing, a cell is no number, or a word is unknown; with the row.
        """
        lacking = missing_columns([column.name for column in self.columns], table)
        if lacking:
            raise DataError(lacking)
        blocks = [self._block(column, table, rows) for column in self.columns]
        count = len(table) if rows is None else len(rows)
        return np.column_stack(blocks) if blocks else np.zeros((count, 0))

    def scaled(self, raw: Array) -> Array:
        """Return inputs as the model takes them."""
        return np.asarray((raw - self.means) / self.scales)

    def _block(self, column: ColumnRecipe, table: TextTable, rows: Sequence[int] | None) -> Array:
        extra = frozenset(word.casefold() for word in self.na)
        if not column.categories:
            numbers = read_numbers(table, column.name, extra)
            if isinstance(column.fill, float):
                numbers = np.where(np.isnan(numbers), column.fill, numbers)
            return numbers if rows is None else numbers[list(rows)]
        words = read_words(table, column.name, extra)
        place_of = {word: place for place, word in enumerate(column.categories)}
        chosen = range(len(words)) if rows is None else rows
        block = np.zeros((len(chosen), len(column.categories)))
        for k, row in enumerate(chosen):
            word = words[row] if words[row] is not None else column.fill
            if word is None:
                block[k] = np.nan
            elif word in place_of:
                block[k, place_of[str(word)]] = 1.0
            elif word != column.baseline:
                known = [column.baseline, *column.categories] if column.baseline is not None else column.categories
                near = difflib.get_close_matches(str(word), known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it knows {_listed(known)}"
                raise DataError(
                    f"column {column.name!r} has {str(word)!r} at {table.where(row)}, "
                    f"a word that the model has never seen\n{hint}"
                )
        return block

    def as_json(self) -> dict[str, Any]:
        """Return what goes into a saved model's header; the numbers of the scaling are saved beside it."""
        columns = [
            {"name": c.name, "categories": list(c.categories), "fill": c.fill, "baseline": c.baseline}
            for c in self.columns
        ]
        return {"columns": columns, "na": list(self.na)}


def missing_columns(wanted: Sequence[str], table: TextTable) -> str:
    """Return the message on columns that are not in a table, or an empty text."""
    lacking = [name for name in wanted if name not in table.names]
    if not lacking:
        return ""
    near = difflib.get_close_matches(lacking[0], table.names, 1) or [
        name for name in table.names if name.casefold() == lacking[0].casefold()
    ]
    hint = f"did you mean {near[0]!r}?" if near else f"it has {_listed(table.names)}"
    more = f" (nor {_listed(lacking[1:])})" if len(lacking) > 1 else ""
    return f"{table.name} has no column {lacking[0]!r}{more}\n{hint}"


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
