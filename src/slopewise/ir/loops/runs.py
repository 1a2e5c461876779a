"""Whole numbers that lie evenly apart, written as one run: 3, 5, 7, 9 is `3 .. 11 by 2`."""

from collections.abc import Iterator, Sequence


def runs_of(numbers: Sequence[int]) -> Iterator[range]:
    """Split numbers into runs, from the left: as long as they go, and none of two unless it counts by 1.

    Example:
        >>> list(runs_of([0, 1, 2, 3, 7, 9, 11, 5]))
        [range(0, 4), range(7, 13, 2), range(5, 6)]
    """
    at = 0
    while at < len(numbers):
        end = at + 1
        step = numbers[end] - numbers[at] if end < len(numbers) else 0
        if step:
            while end < len(numbers) and numbers[end] - numbers[end - 1] == step:
                end += 1
        if end - at == 1 or (end - at == 2 and step != 1):
            end, step = at + 1, 1
        yield range(numbers[at], numbers[at] + step * (end - at), step)
        at = end


def run_text(run: range) -> str:
    """Write a run down.

    Example:
        >>> run_text(range(3, 4)), run_text(range(3, 9)), run_text(range(9, 1, -4))
        ('3', '3 .. 9', '9 .. 1 by -4')
    """
    if len(run) == 1:
        return str(run.start)
    return f"{run.start} .. {run.stop}" + (f" by {run.step}" if run.step != 1 else "")
