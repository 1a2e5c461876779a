"""Whether two paths differ only in how often a loop body ran.

A path is a list of marks: the operations of its program, or the lines and outcomes of its guards. A loop whose body ran
five times has five equal pieces in a row, one whose body ran three times has three. Two views tell that nothing else
differs. `collapsed` puts one piece in the place of equal neighbours, inner loops first; that sees through nested loops
of short bodies. `is_longer_run` compares the two lists directly; that sees one loop with a body of any length.
"""

import re
from functools import cache

__all__ = ["collapsed", "is_longer_run"]

LONGEST_BODY = 48
LONGEST_TEXT = 100_000  # beyond, only `is_longer_run` looks


def collapsed(marks: str, *, is_single: bool = False) -> str:
    """Return a list of marks with one piece in the place of any number of equal neighbours.

    Args:
        marks: One character a mark.
        is_single: Whether a piece that holds a mark twice is left alone: it is more than one run of a body, with
            branches in it that went one way and then another.

    Example:
        >>> from slopewise.compiler.repetition import collapsed
        >>> collapsed("sababababt"), collapsed("sabt"), collapsed("xaabxaaab")
        ('sabt', 'sabt', 'xab')
        >>> collapsed("wawawbwawb"), collapsed("wawawbwawb", is_single=True)
        ('wawb', 'wawbwawb')
    """
    if len(marks) > LONGEST_TEXT:
        return marks
    before = ""
    while marks != before:
        before = marks
        for length in range(1, min(LONGEST_BODY, len(marks) // 2) + 1):
            marks = _repeated(length).sub(lambda found: _once(found, is_single), marks)
    return marks


@cache
def _repeated(length: int) -> re.Pattern[str]:
    return re.compile(rf"(.{{{length}}})\1+", re.DOTALL)


def _once(found: re.Match[str], is_single: bool) -> str:
    piece = found[1]
    return found[0] if is_single and len(set(piece)) < len(piece) else piece


def is_longer_run(short: bytes, long: bytes) -> bool:
    """Tell whether one list is the other with more runs of a body that is there at least once.

    Args:
        short: One byte a mark.
        long: The list that would hold more runs.

    Example:
        >>> from slopewise.compiler.repetition import is_longer_run
        >>> is_longer_run(b"s12t", b"s121212t"), is_longer_run(b"s12t", b"s1234t"), is_longer_run(b"st", b"s12t")
        (True, False, False)
    """
    extra = len(long) - len(short)
    if extra <= 0:
        return extra == 0 and short == long
    begin = _common_prefix(short, long)
    if begin + _common_prefix(short[::-1], long[::-1]) < len(short):
        return False
    piece = long[begin : begin + extra]
    period = (piece + piece).find(piece, 1)
    before = long[max(0, begin - period) : begin]
    after = long[begin + extra : begin + extra + period]
    return before == piece[-period:] or after == piece[:period]


def _common_prefix(x: bytes, y: bytes) -> int:
    low, high = 0, min(len(x), len(y))
    while low < high:
        middle = (low + high + 1) // 2
        if x[low:middle] == y[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
