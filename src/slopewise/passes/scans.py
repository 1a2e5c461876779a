"""Scans: stretches of groups that repeat, each time on what the time before has made.

A recurrent net, the steps of an integrator or Horner's rule give groups that no other group is like, since each formula
is deeper than the one before. But one step is like the next: the same operations on as many members, and each operand
is as many groups further on as in the step before: one period further for what the step itself or the one before made,
none for what all steps read, and backwards for what a reverse sweep reads.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["LEAST_TIMES", "Run", "find_runs"]

LEAST_TIMES = 3
MANY_TIMES = 8
MOST_CANDIDATES = 24
MOST_ROUNDS = 8
SAMPLES = 1 << 15  # groups that are looked at first where there are more
LEAST_SEEN = 8  # of them
LONGEST_WORD = 256
READ = 1 << 17  # groups in the middle of all, among which such stretches are looked for
LAGS = 6  # how many later groups of the same kind are looked at for periods


@dataclass(frozen=True, slots=True)
class Run:
    """Groups start, start + 1, … of which each is like the one a period before.

    Attributes:
        start: The first group.
        period: How many groups there are to one time.
        times: How often they are repeated.
    """

    start: int
    period: int
    times: int

    @property
    def stop(self) -> int:
        """The group after the last."""
        return self.start + self.period * self.times

    @property
    def saves(self) -> int:
        """How many nests fewer there are for it."""
        return self.period * (self.times - 1)


def find_runs(kinds: Any, operands: Any, sizes: Any = None) -> list[Run]:
    """Return runs that do not overlap, first to last.

    Args:
        kinds: For each group a number; groups are alike only if it is the same.
        operands: For each group a row of the groups that it reads, negative where it reads none.
        sizes: For each group how many members it has, if groups of different sizes may be alike. Many times of equal
            sizes are a run of their own then: what is read there goes by formulas.
    """
    import numpy as np

    free = np.ones(len(kinds), dtype=bool)
    if sizes is None:
        return _found(kinds, operands, free)
    even = np.unique(kinds * (int(sizes.max(initial=0)) + 1) + sizes, return_inverse=True)[1].reshape(-1)
    runs = [run for run in _found(even, operands, free) if run.times >= MANY_TIMES]
    free[:] = True
    for run in runs:
        free[run.start : run.stop] = False
    return sorted(runs + _found(kinds, operands, free), key=lambda run: run.start)


def _found(kinds: Any, operands: Any, free: Any) -> list[Run]:
    """Return runs of groups that are free, which then are not."""
    runs: list[Run] = []
    candidates = _periods(kinds)
    for _ in range(MOST_ROUNDS):
        found = [run for period in candidates for run in _runs_of(kinds, operands, free, period)]
        # The longest body that is repeated often wins: it may hold shorter repeats, and is itself no multiple of one.
        waiting = [(-run.saves, run.period, run.start, run) for run in found]
        heapq.heapify(waiting)
        before = len(runs)
        while waiting:
            run = heapq.heappop(waiting)[-1]
            rest = _what_is_free(run, free)
            if rest == run:
                free[run.start : run.stop] = False
                runs.append(run)
            elif rest is not None:
                heapq.heappush(waiting, (-rest.saves, rest.period, rest.start, rest))
        if len(runs) == before:
            break
    return sorted(runs, key=lambda run: run.start)


def _what_is_free(run: Run, free: Any) -> Run | None:
    """Return the longest part of a run that is in no other yet, if there is one worth a scan."""
    import numpy as np

    taken = np.flatnonzero(~free[run.start : run.stop])
    if not len(taken):
        return run
    edges = np.concatenate([[-1], taken, [run.stop - run.start]])
    longest = int(np.diff(edges).argmax())
    times = (int(edges[longest + 1]) - int(edges[longest]) - 1) // run.period
    return Run(run.start + int(edges[longest]) + 1, run.period, times) if times >= LEAST_TIMES else None


def _periods(kinds: Any) -> list[int]:
    """Return periods worth trying, the smallest first: frequent distances between groups of one kind."""
    import numpy as np

    n = len(kinds)
    if n < LEAST_TIMES:
        return []
    order = np.lexsort((np.arange(n), kinds))
    near, far = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for lag in range(1, min(LAGS, n - 1) + 1):
        same = kinds[order[lag:]] == kinds[order[:-lag]]
        np.add.at(near, (order[lag:] - order[:-lag])[same], 1)
    for word in _words(kinds):
        order = np.argsort(word, kind="stable")
        same = word[order[1:]] == word[order[:-1]]
        np.add.at(far, (order[1:] - order[:-1])[same], 1)
    counts = near + far
    counts[n // 2 + 1 :] = far[n // 2 + 1 :] = 0
    seen = np.flatnonzero(counts)
    chosen: set[int] = set()
    for worth in (counts[seen], (counts * np.arange(n))[seen], far[seen]):  # a long period needs few repeats
        chosen |= set(seen[np.argsort(-worth, kind="stable")[: MOST_CANDIDATES // 2]].tolist())
    return sorted(period for period in chosen if period > 0 and counts[period] >= LEAST_TIMES - 1)


def _words(kinds: Any) -> Iterator[Any]:
    """Give for stretches of 4, 16, 64 and 256 groups numbers that tell which kinds of groups they consist of.

    A step may have many groups of one kind. But a stretch that is longer than what repeats within a step is found again
    only a period further on.
    """
    import numpy as np

    middle = len(kinds) // 2
    word = kinds[max(middle - READ // 2, 0) : middle + READ // 2].astype(np.uint64)
    length = 1
    while length < LONGEST_WORD and len(word) > length:
        word = (word[:-length] * np.uint64(0x9E3779B97F4A7C15)) ^ (word[length:] + (word[length:] << np.uint64(31)))
        word ^= word >> np.uint64(29)
        length *= 2
        if length.bit_length() % 2:
            yield word


def _is_worth_a_look(kinds: Any, operands: Any, period: int) -> bool:
    """Tell whether enough groups, evenly spread over very many, are like those one and two periods on."""
    import numpy as np

    step = len(kinds) // SAMPLES
    if step < 2:
        return True
    at = np.arange(0, len(kinds) - 2 * period, step)
    at = at[(kinds[at] == kinds[at + period]) & (kinds[at] == kinds[at + 2 * period])]
    return bool(np.count_nonzero(_are_regular(operands, at, period)) >= LEAST_SEEN)


def _are_regular(operands: Any, at: Any, period: int) -> Any:
    """Tell of some groups whether their operands go on by as much from each period to the next."""
    first, second, third = operands[at], operands[at + period], operands[at + 2 * period]
    regular = (
        ((first < 0) == (second < 0))
        & ((first < 0) == (third < 0))
        & ((first < 0) | (third - second == second - first))
    )
    return regular.all(axis=1)


def _runs_of(kinds: Any, operands: Any, free: Any, period: int) -> list[Run]:
    import numpy as np

    n = len(kinds)
    if 2 * period >= n or not _is_worth_a_look(kinds, operands, period):
        return []
    alike = (kinds[period:] == kinds[:-period]) & free[period:] & free[:-period]
    twice = np.flatnonzero(alike[period:] & alike[:-period])
    if len(twice) < period:
        return []
    goes_on = np.zeros(n - 2 * period, dtype=bool)
    goes_on[twice[_are_regular(operands, twice, period)]] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], goes_on, [False]]).astype(np.int8)))
    found = []
    used = 0
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = max(begin, used)
        times = (end - start) // period + 2
        if end - start < 1 or times < LEAST_TIMES:
            continue
        run = Run(start, period, times)
        found.append(run)
        used = run.stop
    return found
