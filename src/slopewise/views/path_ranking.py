"""The k largest paths of a graph, by the size of their product, without listing the others.

Every node first learns the size of the largest product from it down to the end (`best`), in one sweep over the steps.
The largest path follows the best step at each node. Any other path leaves one that was found before at a certain node,
by another step, and from there on is the best of its kind: so each path found proposes, for each of its nodes and each
other step there, one path more, whose size is known before it is walked. A heap gives them out by size.

Source: E. L. Lawler, A procedure for computing the k best solutions, Management Science 18 (1972).
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Steps:
    """A graph as lists: node i can step to `targets[i][e]`, which multiplies the size by `weights[i][e]`.

    Operands come first. A node without steps is an end, and `ends` holds what the size of a path ending there counts
    for: 1 to leave it as it is; 0 and ∞ have the last word.
    """

    targets: Sequence[tuple[int, ...]]
    weights: Sequence[tuple[float, ...]]
    ends: dict[int, float]


def largest(steps: Steps, start: int, most: int) -> list[tuple[list[int], list[int]]]:
    """List the `most` largest paths from `start` to an end, the largest first.

    Of paths of one size those come first that step to the left for longer.

    Args:
        steps: The graph; weights are not negative and not nan.
        start: Where the paths begin.
        most: How many to list.

    Returns:
        For each path its nodes, the start first, and the number of the step taken at each node but the last.

    Example:
        >>> from slopewise.views.path_ranking import Steps, largest
        >>> diamond = Steps([(), (0,), (0, 0), (1, 2)], [(), (5.0,), (1.0, 2.0), (1.0, 3.0)], {0: 1.0})
        >>> largest(diamond, 3, 2)
        [([3, 2, 0], [1, 1]), ([3, 1, 0], [0, 0])]
    """
    best, choice = _best(steps)
    targets, weights = steps.targets, steps.weights
    found: list[tuple[list[int], list[int]]] = []
    # A proposal: minus its size, where it leaves which path; the second entry puts equal sizes in order.
    waiting: list[Any] = [(-best[start], (), -1, -1, 0)]
    while waiting and len(found) < most:
        _, order, parent, depth, edge = heapq.heappop(waiting)
        if parent < 0:
            nodes, taken = [start], []
        else:
            nodes, taken = found[parent][0][: depth + 1], found[parent][1][:depth]
            taken.append(edge)
            nodes.append(targets[nodes[-1]][edge])
        here = nodes[-1]
        while targets[here]:
            taken.append(choice[here])
            here = targets[here][choice[here]]
            nodes.append(here)
        found.append((nodes, taken))
        proposals = []
        size = 1.0
        for at, step in enumerate(taken):
            node = nodes[at]
            if at > depth and len(targets[node]) > 1:
                for other, target in enumerate(targets[node]):
                    if other != step:
                        reach = _times(size, _times(weights[node][other], best[target]))
                        proposals.append((-reach, (*order, (-at, other)), len(found) - 1, at, other))
            size = _times(size, weights[node][step])
        room = most - len(found)
        for proposal in proposals if len(proposals) <= room else heapq.nsmallest(room, proposals):
            heapq.heappush(waiting, proposal)
    return found


def _best(steps: Steps) -> tuple[list[float], list[int]]:
    """Return for each node the size of the largest path from it to an end, and the first step of it."""
    targets, weights = steps.targets, steps.weights
    best, choice = [0.0] * len(targets), [0] * len(targets)
    for end, size in steps.ends.items():
        best[end] = size
    for i, there in enumerate(targets):
        if not there:
            continue
        along = weights[i]
        largest_here = along[0] * best[there[0]]
        if largest_here != largest_here:
            largest_here = inf
        for e in range(1, len(there)):
            size = along[e] * best[there[e]]
            if size != size:
                size = inf
            if size > largest_here:
                largest_here = size
                choice[i] = e
        best[i] = largest_here
    return best, choice


def _times(size: float, rest: float) -> float:
    """Multiply sizes; whatever is infinite stays so."""
    product = size * rest
    return product if product == product else inf
