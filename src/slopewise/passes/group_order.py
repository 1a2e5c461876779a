"""The order of groups: what only outputs need stands behind all else.

Groups are numbered by their first members. A sum over the steps of a recurrence, such as the gradient of a weight that
only some of the steps read, is complete somewhere in the midst of the others' groups. There it would interrupt the
repetition that scans are found by.
"""

from array import array

from slopewise.ir import Program
from slopewise.passes.columns import as_column, as_numbers
from slopewise.passes.grouping import Groups

__all__ = ["with_results_last"]

DEEPEST = 8  # operations on the way to a result that stand with it; in a recurrence all may lead to the last one


def with_results_last(groups: Groups, program: Program) -> Groups:
    """Return groups numbered anew: those that no equation reads, and what these alone read, and once, are the last.

    They can still be computed in their order. Where nothing changes its place, the groups themselves are returned.
    """
    import copy

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
    order = np.argsort(is_last, kind="stable")
    place = np.empty(n, dtype=np.intc)
    place[order] = np.arange(n, dtype=np.intc)
    starts = as_numbers(groups.starts)
    members = as_numbers(groups.members)
    sizes = np.diff(starts)[order]
    ends = np.cumsum(sizes)
    moved = np.repeat(starts[:-1][order] - (ends - sizes), sizes) + np.arange(len(members))
    groups = copy.copy(groups)
    groups.members = as_column(members[moved])
    groups.starts = as_column(np.concatenate([[0], ends]))
    groups.group_of = as_column(np.where(group_of >= 0, place[group_of], -1))
    kept = consumers[order]
    groups.consumers = as_column(np.where(kept >= 0, place[kept], -1))
    groups.codes = array("B", np.frombuffer(groups.codes, dtype=np.uint8)[order].tobytes())
    return groups
