"""The order of groups: what only outputs need stands behind all else.

Groups are numbered by their first members. A sum over the steps of a recurrence, such as the gradient of a weight that
only some of the steps read, is complete somewhere in the midst of the others' groups. There it would interrupt the
repetition that scans are found by.
"""

from array import array
from typing import Any

from slopewise.ir import Program
from slopewise.passes.columns import as_column, as_numbers
from slopewise.passes.grouping import Groups

__all__ = ["renumbered", "with_results_last"]

DEEPEST = 8  # operations on the way to a result that stand with it; in a recurrence all may lead to the last one


def with_results_last(groups: Groups, program: Program) -> Groups:
    """Return groups numbered anew: those that no equation reads, and what these alone read, and once, are the last.

    They can still be computed in their order. Where nothing changes its place, the groups themselves are returned.
    """
    import numpy as np

    n = groups.n
    if n < 2:
        return groups
    group_of = as_numbers(groups.group_of)
    uses = as_numbers(groups.uses)
    outputs = as_numbers(program.outputs)
    read = uses - np.bincount(outputs, minlength=len(uses))
    is_last = np.ones(n, dtype=bool)
    is_last[group_of[(group_of >= 0) & (read > 0)]] = False
    consumers = as_numbers(groups.consumers)
    once = np.flatnonzero(consumers >= 0)
    for _ in range(DEEPEST):
        more = once[is_last[consumers[once]] & ~is_last[once]]
        is_last[more] = True
    if is_last[np.flatnonzero(is_last).min(initial=n) :].all():
        return groups
    return renumbered(groups, np.argsort(is_last, kind="stable"))


def renumbered(groups: Groups, order: Any) -> Groups:
    """Return groups in another order.

    Args:
        groups: The groups.
        order: Their numbers, those that come first first.
    """
    import copy

    import numpy as np

    place = np.empty(groups.n + 1, dtype=np.intc)
    place[order] = np.arange(groups.n, dtype=np.intc)
    place[-1] = -1  # of none
    starts = as_numbers(groups.starts)
    sizes = np.diff(starts)[order]
    ends = np.cumsum(sizes)
    moved = np.repeat(starts[:-1][order] - (ends - sizes), sizes) + np.arange(len(groups.members))
    groups = copy.copy(groups)
    groups.members = as_column(as_numbers(groups.members)[moved])
    groups.starts = as_column(np.concatenate([[0], ends]))
    groups.group_of = as_column(place[as_numbers(groups.group_of)])
    groups.consumers = as_column(place[as_numbers(groups.consumers)[order]])
    groups.codes = array("B", np.frombuffer(groups.codes, dtype=np.uint8)[order].tobytes())
    return groups
