"""From a text table to what is fitted: target and inputs chosen, problems named, rows held out, the recipe made."""

import difflib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slopewise.errors import DataError, DomainError
from slopewise.training.columns import is_text, other_reading, read_numbers, read_words
from slopewise.training.input_recipe import ColumnRecipe, InputRecipe
from slopewise.training.table_file import TextTable

__all__ = ["MISSING_MODES", "Choices", "Prepared", "prepare", "resolve_column"]

Array = NDArray[np.float64]

MISSING_MODES = ("error", "drop", "mean", "median")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user decided about the data.

    Attributes:
        target: The column to predict.
        missing: What to do about missing values: `"error"`, `"drop"` the row, fill in the `"mean"` or the `"median"`
            (of a column of words, the most common word).
        one_hot: Whether columns of words become one input per word.
        categories: Columns of numbers to be treated as words, such as codes.
        drop: Columns to leave out.
        na: Words that mean "nothing", beyond the usual ones.
        holdout: The share of rows to hold out, from 0 to 0.9.
        seed: Of the shuffle that decides which.
        most_words: The most words that a column of words may have.
    """

    target: str
    missing: str = "error"
    one_hot: bool = False
    categories: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    na: tuple[str, ...] = ()
    holdout: float = 0.2
    seed: int = 0
    most_words: int = 50

    def __post_init__(self) -> None:
        if self.missing not in MISSING_MODES:
            raise DomainError(f"missing must be one of {', '.join(MISSING_MODES)}, got {self.missing!r}")
        if not 0 <= self.holdout <= 0.9:
            raise DomainError(f"holdout must be a share from 0 to 0.9, got {self.holdout!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Data ready to be fitted.

    Attributes:
        recipe: How the inputs were made.
        target: The target column's name.
        names: All columns of the table that was fitted, the target included.
        train_x, train_y: Inputs before scaling, shape (rows, inputs), and targets, of the rows to fit.
        test_x, test_y: The same of the rows held out.
        dropped_rows: How many rows were left out because something was missing.
        notes: What a user should know.
    """

    recipe: InputRecipe
    target: str
    names: tuple[str, ...]
    train_x: Array
    train_y: Array
    test_x: Array
    test_y: Array
    dropped_rows: int
    notes: tuple[str, ...]


def resolve_column(name: str, table: TextTable, what: str) -> str:
    """Return the column that a name means; in a table without header, its number will do.

    Raises:
        DataError: There is no such column; the nearest name is given.
    """
    if name in table.names:
        return name
    if not table.has_header and name.isdigit() and f"column{int(name)}" in table.names:
        return f"column{int(name)}"
    tidy = " ".join(name.split())
    if tidy in table.names:
        return tidy
    near = difflib.get_close_matches(name, table.names, 1) or [
        n for n in table.names if n.casefold() == name.casefold()
    ]
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif not table.has_header:
        hint = f"it has no header, so its columns are {table.names[0]} to {table.names[-1]}; --header says otherwise"
    else:
        hint = "it has " + ", ".join(map(repr, table.names[:12])) + (", …" if len(table.names) > 12 else "")
    raise DataError(f"{table.name} has no column {name!r} ({what})\n{hint}")


def prepare(table: TextTable, choices: Choices, *, baseline: bool) -> Prepared:
    """Choose, check, split and fill.

    Args:
        table: The table as read.
        choices: What the user decided.
        baseline: Whether the most common word of each column of words goes without an input of its own, as a line
            with an intercept needs it.

    Raises:
        DataError: A column does not exist, words or missing values were not allowed, or too little is left to fit.
    """
    na = frozenset(word.casefold() for word in choices.na)
    target = resolve_column(choices.target, table, "the target")
    drop = {resolve_column(name, table, "to drop") for name in choices.drop}
    coded = {resolve_column(name, table, "of categories") for name in choices.categories}
    if target in drop or target in coded:
        raise DataError(f"column {target!r} is the target; it can be neither dropped nor a category")
    notes: list[str] = []
    y = _target(table, target, na)
    names = [name for name in table.names if name != target and name not in drop]
    words = {name for name in names if name in coded or is_text(table, name, na)}
    if words - coded and not choices.one_hot:
        raise DataError(_words_problem(table, [name for name in names if name in words - coded], na))
    notes += _notes_on_words(table, [name for name in names if name in words - coded], na, choices.most_words)
    missing = _missing_cells(table, names, words, na)
    empty = [name for name in names if missing[name].all()]
    if empty:
        notes.append(f"{_columns(empty)} nothing at all: left out")
    names = [name for name in names if name not in empty]
    if not names:
        raise DataError(
            f"{table.name} has no column to predict {target!r} from\nit has {', '.join(map(repr, table.names))}"
        )
    gone = np.isnan(y)
    if choices.missing == "error":
        _refuse_missing(table, {target: gone, **{name: missing[name] for name in names}})
    elif choices.missing == "drop":
        gone = np.logical_or.reduce([gone, *(missing[name] for name in names)])
    left = np.flatnonzero(~gone).tolist()
    train, test = _split(left, choices, table.name)
    columns = []
    for name in names:
        column = _column(table, name, name in words, train, left, choices, na, baseline)
        if column is None:
            notes.append(f"column {name!r} is the same in every row that is fitted: left out")
        else:
            columns.append(column)
    if not columns:
        raise DataError(f"no column of {table.name} varies, so there is nothing to predict {target!r} from")
    notes += _notes_on_filling(columns, missing, left, choices.missing)
    draft = InputRecipe(tuple(columns), np.zeros(0), np.ones(0), choices.na)
    train_x, test_x = draft.raw(table, train), draft.raw(table, test)
    means = train_x.mean(axis=0)
    scales = train_x.std(axis=0)
    recipe = InputRecipe(draft.columns, means, np.where(scales > 0, scales, 1.0), choices.na)
    values = set(y[left].tolist())
    if len(values) == 1:
        notes.append(f"the target {target!r} is {y[left[0]]:g} in every row: there is nothing to learn")
    elif len(values) == 2 and len(left) > 10:
        low, high = sorted(values)
        notes.append(f"the target {target!r} is {low:g} or {high:g}: fitted as numbers, not as classes")
    return Prepared(
        recipe, target, table.names, train_x, y[train], test_x, y[test], len(table) - len(left), tuple(notes)
    )


def _target(table: TextTable, target: str, na: frozenset[str]) -> Array:
    if is_text(table, target, na):
        words = [word for word in read_words(table, target, na) if word is not None]
        kinds = Counter(words)
        first = next(row for row, word in enumerate(read_words(table, target, na)) if word is not None)
        cure = "write the two as 0 and 1" if len(kinds) == 2 else "give a column of numbers as the target"
        raise DataError(
            f"the target {target!r} holds words, {words[0]!r} at {table.where(first)} ({len(kinds)} different ones), "
            f"and only numbers are predicted here\n{cure}"
        )
    y = read_numbers(table, target, na)
    if np.isnan(y).all():
        raise DataError(f"the target {target!r} has no value in any row")
    return y


def _words_problem(table: TextTable, names: Sequence[str], na: frozenset[str]) -> str:
    import shlex

    name = names[0]
    cells = read_words(table, name, na)
    row, word = next((row, word) for row, word in enumerate(cells) if word is not None)
    kinds = len({word for word in cells if word is not None})
    others = ", ".join(map(repr, names[1:6])) + (" and others" if len(names) > 6 else "")
    more = f", and so do{'es' * (len(names) == 2)} {others}" if others else ""
    reading = other_reading([word for word in cells if word is not None], name, table.decimal)
    if reading is not None:
        more = f"; {others} hold{'s' * (len(names) == 2)} no numbers either" if others else ""
        return f"column {name!r} holds {word[:40]!r} at {table.where(row)}, which {reading[0]}{more}\n{reading[1]}"
    return (
        f"column {name!r} holds words, such as {word[:40]!r} at {table.where(row)} ({kinds} different ones){more}\n"
        f"give --one-hot to turn words into inputs, or leave a column out with --drop {shlex.quote(name)}"
    )


def _notes_on_words(table: TextTable, names: Sequence[str], na: frozenset[str], most: int) -> list[str]:
    """Refuse dates and amounts that are to become an input each; note words that hardly ever repeat.

    Raises:
        DataError: A column holds dates, times or amounts, most of them different.
    """
    import shlex

    notes = []
    for name in names:
        cells = [(row, word) for row, word in enumerate(read_words(table, name, na)) if word is not None]
        kinds = len({word for _, word in cells})
        if kinds < 5 or kinds <= 0.5 * len(cells):
            continue
        reading = other_reading([word for _, word in cells], name, table.decimal)
        if reading is not None:
            row, word = cells[0]
            raise DataError(
                f"column {name!r} holds {word[:40]!r} at {table.where(row)}, which {reading[0]} "
                f"({kinds} different ones, too many for an input each)\n{reading[1]}, "
                f"or insist with --category {shlex.quote(name)}"
            )
        if kinds <= most:
            notes.append(
                f"column {name!r} has {kinds} different words in {len(cells)} rows, too many to learn from: "
                f"consider --drop {shlex.quote(name)}"
            )
    return notes


def _missing_cells(table: TextTable, names: Sequence[str], words: set[str], na: frozenset[str]) -> dict[str, Array]:
    found = {}
    for name in names:
        if name in words:
            found[name] = np.array([word is None for word in read_words(table, name, na)])
        else:
            found[name] = np.isnan(read_numbers(table, name, na))
    return found


def _refuse_missing(table: TextTable, missing: dict[str, Array]) -> None:
    affected = {name: np.flatnonzero(cells).tolist() for name, cells in missing.items() if cells.any()}
    if not affected:
        return
    total = sum(map(len, affected.values()))
    rows = len(set().union(*affected.values()))
    parts = []
    for name, places in list(affected.items())[:4]:
        rest = f" and {len(places) - 2} more" if len(places) > 2 else ""
        parts.append(f"{name!r} at {', '.join(table.where(row) for row in places[:2])}{rest}")
    if len(affected) > 4:
        parts.append(f"{len(affected) - 4} more columns")
    values = "value is" if total == 1 else "values are"
    raise DataError(
        f"{total} {values} missing in {rows} of {len(table)} rows: {'; '.join(parts)}\n"
        "give --missing drop to leave these rows out, or --missing mean or median to fill them in"
    )


def _split(left: list[int], choices: Choices, name: str) -> tuple[list[int], list[int]]:
    """Shuffle the rows with the seed and hold the last ones out; both parts keep the file's order."""
    count = len(left)
    held = max(1, round(choices.holdout * count)) if choices.holdout > 0 else 0
    if count - held < 2:
        raise DataError(
            f"{name} has {count} row{'' if count == 1 else 's'} to use, {held} held out; 2 or more must remain to fit\n"
            "give more rows" + (", or --holdout 0" if count > 1 and held else "")
        )
    order = list(left)
    random.Random(choices.seed).shuffle(order)
    return sorted(order[held:]), sorted(order[:held])


def _column(
    table: TextTable,
    name: str,
    is_words: bool,
    train: list[int],
    left: list[int],
    choices: Choices,
    na: frozenset[str],
    baseline: bool,
) -> ColumnRecipe | None:
    fills = choices.missing in ("mean", "median")
    if not is_words:
        numbers = read_numbers(table, name, na)[train]
        known = numbers[~np.isnan(numbers)]
        if not len(known) or known.min() == known.max():
            return None
        middle = known.mean() if choices.missing == "mean" else np.median(known)
        return ColumnRecipe(name, fill=float(middle) if fills else None)
    words = read_words(table, name, na)
    counts = Counter(word for row in train if (word := words[row]) is not None)
    if len(counts) < 2:
        return None
    every = sorted({word for row in left if (word := words[row]) is not None})
    if len(every) > choices.most_words:
        import shlex

        raise DataError(
            f"column {name!r} has {len(every)} different words in {len(left)} rows, more than {choices.most_words}; "
            f"that looks like names or free text\nleave it out with --drop {shlex.quote(name)}, "
            f"or allow it with --most-words {len(every)}"
        )
    common = min(counts, key=lambda word: (-counts[word], word))
    kept = tuple(word for word in every if not (baseline and word == common))
    return ColumnRecipe(name, kept, common if fills else None, common if baseline else None)


def _notes_on_filling(
    columns: Sequence[ColumnRecipe], missing: dict[str, Array], left: list[int], how: str
) -> list[str]:
    from slopewise.basics.shown_numbers import relation

    notes = []
    filled = [(column, int(missing[column.name][left].sum())) for column in columns if column.fill is not None]
    filled = [(column, count) for column, count in filled if count]
    for column, count in filled[:8]:
        if isinstance(column.fill, str):
            with_what = f"{column.fill!r}, the most common word"
        else:
            with_what = f"the {how} {relation(column.fill or 0.0).removeprefix('= ')}"
        notes.append(f"column {column.name!r}: {count} missing value{'s' * (count != 1)} filled with {with_what}")
    if len(filled) > 8:
        rest = sum(count for _, count in filled[8:])
        notes.append(f"{len(filled) - 8} more columns: {rest} missing values filled in the same way")
    return notes


def _columns(names: Sequence[str]) -> str:
    return f"column {names[0]!r} holds" if len(names) == 1 else f"columns {', '.join(map(repr, names))} hold"
