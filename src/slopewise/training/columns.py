"""The columns of a text table as numbers or words, and what is wrong with them, each problem with its row."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import DataError
from slopewise.training.number_text import is_date, is_missing, is_time, parse, parse_column, unit_of
from slopewise.training.table_file import TextTable

__all__ = ["is_text", "other_reading", "read_numbers", "read_words", "text_problem"]

Array = NDArray[np.float64]

_TRUTH = {"true": 1.0, "false": 0.0}


def is_text(table: TextTable, name: str, na: frozenset[str] = frozenset()) -> bool:
    """Tell whether a column holds words: most of its cells that are not empty are no numbers.

    `true` and `false` count as numbers. A column without any cell that says something counts as numbers too.
    """
    cells = table.column(name)
    numbers = parse_column(cells, table.decimal)
    wrong = right = 0
    for cell, number in zip(cells, numbers, strict=True):
        if number is not None and math.isfinite(number):
            right += 1
        elif not is_missing(cell, na):
            wrong += cell.strip().casefold() not in _TRUTH
            right += cell.strip().casefold() in _TRUTH
    return wrong > right


def read_numbers(table: TextTable, name: str, na: frozenset[str] = frozenset()) -> Array:
    """Return a column's numbers, nan where nothing stands.

    Raises:
        DataError: A cell holds something else; the first such row is named, and how many there are.
    """
    cells = table.column(name)
    numbers = parse_column(cells, table.decimal)
    out = np.empty(len(cells))
    wrong: list[int] = []
    nothing = {number for word in na if (number := parse(word, table.decimal)) is not None}
    for row, number in enumerate(numbers):
        if number in nothing:
            out[row] = math.nan
        elif number is not None and math.isfinite(number):
            out[row] = number
        elif (truth := _TRUTH.get(cells[row].strip().casefold())) is not None:
            out[row] = truth
        elif is_missing(cells[row], na):
            out[row] = math.nan
        else:
            wrong.append(row)
    if wrong:
        raise DataError(text_problem(table, name, wrong))
    return out


def read_words(table: TextTable, name: str, na: frozenset[str] = frozenset()) -> list[str | None]:
    """Return a column's words without the space around them, None where nothing stands."""
    return [None if is_missing(cell, na, number=False) else " ".join(cell.split()) for cell in table.column(name)]


def text_problem(table: TextTable, name: str, wrong: list[int]) -> str:
    """Return the message on cells that are no numbers, with the option that would accept them."""
    cells = table.column(name)
    row = wrong[0]
    cell = cells[row].strip()
    said = cell if len(cell) <= 40 else cell[:39] + "…"
    number = parse(cell, table.decimal)
    if (number is not None and not math.isfinite(number)) or cell.casefold().lstrip("+-") in ("inf", "infinity"):
        head = f"column {name!r} holds {said!r} at {table.where(row)}, which is not finite"
        return f"{head}\ncorrect it, or give --na {said}"
    also = "" if len(wrong) == 1 else f" and {len(wrong) - 1} more like it"
    head = f"column {name!r} holds {said!r} at {table.where(row)}{also}, which is not a number"
    other = "," if table.decimal == "." else "."
    if parse(cell, other) is not None:
        mark = _MARKS[table.decimal]
        return f"{head}\nnumbers were read with a decimal {mark}; give --decimal '{other}' if that is wrong"
    reading = other_reading([cell], name, table.decimal)
    if reading is not None:
        return f"{head} but {reading[0]}\n{reading[1]}"
    share = Counter(cells[k].strip() for k in wrong).most_common(1)[0]
    if len(wrong) < 0.5 * len(cells):
        mark = _quoted(share[0])
        return f"{head}\ncorrect it, or give --na {mark} if {share[0]!r} means that nothing is known"
    return f"{head}\ngive --one-hot to turn words into inputs, or leave the column out with --drop {_quoted(name)}"


def other_reading(cells: Sequence[str], name: str, decimal: str) -> tuple[str, str] | None:
    """Return what cells that are neither numbers nor words look like, and the cure; None for words.

    Args:
        cells: The cells that are no numbers; most of them decide.
        name: Of their column.
        decimal: The decimal mark of the table.

    Example:
        >>> other_reading(["$1.50", "$2"], "price", ".")
        ("looks like a number with '$'", "remove '$' from the column, or leave it out with --drop price")
    """
    drop = f"leave it out with --drop {_quoted(name)}"
    half = 0.5 * len(cells)
    if sum(map(is_date, cells)) > half:
        return "looks like a date", f"write the column as a number of days, or {drop}"
    if sum(map(is_time, cells)) > half:
        return "looks like a time of day", f"write the column as a number of minutes, or {drop}"
    unit, count = Counter(unit_of(cell, decimal) for cell in cells).most_common(1)[0]
    if unit and count > half:
        return f"looks like a number with {unit!r}", f"remove {unit!r} from the column, or {drop}"
    return None


_MARKS = {".": "point", ",": "comma"}


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
