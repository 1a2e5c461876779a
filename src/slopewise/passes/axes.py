"""Axes: the loops behind a list of places.

Places that some loops read, one after another, are a formula of the loop variables: `16*i + j` read for i below 3 and j
below 16 gives 0, 1, …, 47. `common_axes` goes the other way: from the places that several operands read at the same
time to the lengths of the loops, and each operand's strides.

Source: A. Ketterlin, P. Clauss, Prediction and trace compression of data access addresses through nested loop
recognition, CGO 2008; here for loops of fixed lengths.
"""

from collections.abc import Sequence
from typing import Any

__all__ = [
    "axes_of_rows",
    "axes_that_matter",
    "by_steps",
    "common_axes",
    "cuts_of",
    "orders_of",
    "product",
    "row_major",
    "strides_of",
]


def common_axes(columns: Sequence[Any], n: int) -> tuple[tuple[int, ...], list[tuple[int, ...]]] | None:
    """Find loops, one in the other, in which every column is an affine formula.

    Args:
        columns: NumPy arrays of n whole numbers each.
        n: How many members there are; their product is the product of the lengths.

    Returns:
        The lengths of the loops, outermost first, none of them 1; and for each column its strides. None if there are
        no such loops. The fewest loops are found: two are one where every column goes straight on.
    """
    lengths: list[int] = []
    strides: list[list[int]] = [[] for _ in columns]
    now = list(columns)
    while n > 1:
        length = min((_run(column) for column in now), default=n)
        if n % length:
            return None
        starts = []
        for column, steps in zip(now, strides, strict=True):
            rows = column.reshape(-1, length)
            step = int(column[1]) - int(column[0])
            start = rows[:, 0]
            if not _goes_by(rows, start, step):
                return None
            starts.append(start)
            steps.append(step)
        lengths.append(length)
        now = starts
        n //= length
    return tuple(reversed(lengths)), [tuple(reversed(steps)) for steps in strides]


def strides_of(column: Any, lengths: Sequence[int]) -> tuple[int, ...] | None:
    """Return the strides of a column over given loops, None if it is no affine formula of them."""
    strides: list[int] = []
    for length in reversed(lengths):
        if length == 1:
            strides.append(0)
            continue
        rows = column.reshape(-1, length)
        step = int(rows[0, 1]) - int(rows[0, 0])
        start = rows[:, 0]
        if not _goes_by(rows, start, step):
            return None
        strides.append(step)
        column = start
    return tuple(reversed(strides))


def by_steps(column: Any, counts: Any) -> tuple[int, Any] | None:
    """Return how a column that falls into segments goes on by one step in each, if it does.

    Args:
        column: A NumPy array of whole numbers.
        counts: How many of them each segment has.

    Returns:
        The step; and for each segment what is left of its numbers when the step times their places is taken away.
    """
    import numpy as np

    ends = np.cumsum(counts)
    inside = np.ones(len(column), dtype=bool)
    inside[0] = False
    inside[ends[ends < len(column)]] = False
    steps = np.diff(column)[inside[1:]]
    step = int(steps[0]) if len(steps) else 0
    if (steps != step).any():
        return None
    begins = ends - counts
    return step, np.where(counts > 0, column[np.minimum(begins, len(column) - 1)] - step * begins, 0)


def _run(column: Any) -> int:
    """Return how many numbers at the beginning go by one step."""
    import numpy as np

    steps = np.diff(column[:4096])  # the loops inside are short, as a rule
    breaks = np.nonzero(steps != steps[0])[0]
    if not len(breaks) and len(column) > 4096:
        steps = np.diff(column)
        breaks = np.nonzero(steps != steps[0])[0]
    return int(breaks[0]) + 1 if len(breaks) else len(column)


def _goes_by(rows: Any, start: Any, step: int) -> bool:
    import numpy as np

    length = rows.shape[1]
    if step == 0:
        return bool((rows == start[:, None]).all())
    return bool((rows == start[:, None] + step * np.arange(length)).all())


def axes_of_rows(columns: list[Any], length: int) -> tuple[tuple[int, ...], int]:
    """Return the axes within rows of one length, the same in each row, and the score."""
    regular = []
    for column in columns:
        rows = column.reshape(-1, length)
        if (rows - rows[:, :1] == rows[0] - rows[0, 0]).all():
            regular.append(rows[0])
    found, score = _best_axes(regular, length)
    return found, score + 1000 * (len(columns) - len(regular))


def _best_axes(columns: list[Any], n: int) -> tuple[tuple[int, ...], int]:
    """Return the axes in which most columns are regular, and a score: how far that is from all of them, going up."""
    kept = columns
    found = common_axes(kept, n)
    if found is None:
        kept = [column for column in columns if common_axes([column], n) is not None]
        found = common_axes(kept, n) if kept else None
        while found is None and kept:
            kept = kept[:-1]
            found = common_axes(kept, n) if kept else None
    if found is None:
        return ((n,) if n > 1 else ()), 1000 * len(columns) + 1
    falling = sum(step < 0 for steps in found[1] for step in steps)
    return found[0], 1000 * (len(columns) - len(kept)) + falling


def orders_of(columns: list[Any], n: int) -> list[Any]:
    """Return orders of members to try: backwards, and by what the operands read."""
    import numpy as np

    orders = [np.arange(n)[::-1]]
    if columns:
        orders += [np.lexsort(columns[::-1]), np.lexsort(columns)]
    return orders


def axes_that_matter(values: Any) -> tuple[int, ...]:
    import numpy as np

    return tuple(axis for axis in range(values.ndim) if not (values == np.take(values, [0], axis=axis)).all())


def row_major(lengths: tuple[int, ...]) -> tuple[int, ...]:
    strides: list[int] = []
    step = 1
    for length in reversed(lengths):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def product(lengths: tuple[int, ...]) -> int:
    product = 1
    for length in lengths:
        product *= length
    return product


def cuts_of(lengths: tuple[int, ...]) -> set[int]:
    cuts, step = {1}, 1
    for length in reversed(lengths):
        step *= length
        cuts.add(step)
    return cuts
