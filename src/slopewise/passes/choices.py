"""Chains of choices: `max` and `min` of several numbers, as a trace records them.

The greatest of numbers is a chain of picks: each time the next number if it is greater, else the one before. How long
the chain is depends on how many numbers there are, and with it the shape of all that reads it: the softmax of a row
that is one longer would be another formula. So a chain whose picks nobody else reads is one thing, however long it is,
as a sum is.
"""

from array import array
from typing import Any

from slopewise.ir import Program, code_of
from slopewise.ir.operations import WHERE

__all__ = ["find_chains"]

_COMPARISONS = (code_of("greater"), code_of("less"))


def find_chains(program: Program, uses: "array[int]") -> tuple["array[int]", list[list[int]]]:
    """Return for each slot whether it is in the midst of a chain of choices; and the chains.

    A pick is `where(x > m, x, m)`, or with `<`, whose comparison nobody else reads.

    Args:
        program: The Program.
        uses: How often each slot is read.

    Returns:
        1 for each comparison of a chain and each pick but the last, else 0. And for each chain its last pick, then what
        is compared, first to last.
    """
    import numpy as np

    within = array("B", bytes(program.n_slots))
    codes = np.frombuffer(program.codes, dtype=np.uint8)
    picks = np.flatnonzero(codes == WHERE)
    if not len(picks):
        return within, []
    a, b, c, read = (np.frombuffer(column, dtype=np.intc) for column in (program.a, program.b, program.c, uses))
    tests = a[picks]
    is_pick = np.isin(codes[tests], _COMPARISONS) & (read[tests] == 1) & (read[picks] > 0)
    is_pick &= (a[tests] == b[picks]) & (b[tests] == c[picks])
    picks, tests = picks[is_pick], tests[is_pick]
    comparison = np.zeros(len(codes), dtype=np.uint8)
    comparison[picks] = codes[tests]
    before = c[picks]
    goes_on = (comparison[before] == codes[tests]) & (read[before] == 2)
    is_within = np.zeros(len(codes), dtype=np.uint8)
    is_within[before[goes_on]] = 1
    last = picks[is_within[picks] == 0]
    link = np.full(len(codes), -1, dtype=np.intc)
    link[picks] = np.where(goes_on, before, -1)
    is_within[tests] = 1
    within = array("B", is_within.tobytes())
    return within, [_chain(pick, link, b, c) for pick in last.tolist()]


def _chain(pick: int, link: Any, b: Any, c: Any) -> list[int]:
    """Return the last pick, then what is compared, first to last."""
    found = []
    at = pick
    while True:
        found.append(int(b[at]))
        if link[at] < 0:
            found.append(int(c[at]))
            break
        at = link[at]
    return [pick, *reversed(found)]
