"""The second half of a layout: where exactly each vertex of a column stands, so that edges run as straight as they can.

In each column the wanted places are met as well as the order and the gaps allow: the sum of the squared distances is
smallest, which pooling neighbours finds in one walk.

Source: M. Ayer and others, "An empirical distribution function for sampling with incomplete information", 1955.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from slopewise.drawing.graphs.layering import Columns

_FIRMEST = 7  # columns
Pull = tuple[list[tuple[int, float]], float, float]  # the other vertices, each with how much it counts; see _pulls


def settled(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return places in the given order, as near to the wanted ones as the gaps allow.

    $$ \\min_x \\sum_i w_i (x_i - d_i)^2 \\quad\\text{so that}\\quad x_i - x_{i-1} \\ge g_i $$

    Args:
        wanted: The places d, one for each vertex of a column, from first to last.
        weights: The weights w, above 0.
        gaps: The least distance g of each from the one before it; the first is not looked at.

    Example:
        >>> settled([0.0, 0.0, 9.0], [1.0, 1.0, 1.0], [0.0, 2.0, 2.0])
        [-1.0, 1.0, 9.0]
    """
    means: list[float] = []
    masses: list[float] = []
    counts: list[int] = []
    shift = 0.0
    shifts = []
    for place, (want, weight) in enumerate(zip(wanted, weights, strict=True)):
        if place:
            shift += gaps[place]
        shifts.append(shift)
        mean, mass, count = want - shift, weight, 1
        while means and means[-1] >= mean:
            other = masses.pop()
            mean = (means.pop() * other + mean * mass) / (other + mass)
            mass += other
            count += counts.pop()
        means.append(mean)
        masses.append(mass)
        counts.append(count)
    found = []
    for mean, count in zip(means, counts, strict=True):
        found.extend([mean] * count)
    return [mean + shift for mean, shift in zip(found, shifts, strict=True)]


def places_across(
    columns: Columns,
    extents: Sequence[float],
    ports: Sequence[tuple[float, float]],
    gap: float,
) -> list[float]:
    """Return the place of each vertex's middle across the picture's direction.

    Args:
        columns: The columns, with their order.
        extents: How far each node reaches across, in pixels; stand-ins have none.
        ports: For each edge, how far from its nodes' middles it leaves and arrives, in the picture's direction.
        gap: The free space between two nodes of a column, in pixels; edges need less.
    """
    nodes = len(extents)
    before, after = _pulls(columns, ports, nodes)
    place = [0.0] * len(columns.column_of)
    reach = [extent / 2 for extent in extents]
    reach += [-gap / 8] * (len(place) - nodes)  # stand-ins come closer to each other
    numbered = []
    for column in columns.order:
        gaps = [0.0]
        for above, below in pairwise(column):
            gaps.append(reach[above] + reach[below] + gap)
        numbered.append((column, gaps))
        y = -sum(gaps) / 2
        for vertex, step in zip(column, gaps, strict=True):
            y += step
            place[vertex] = y
    both = [(one[0] + other[0], one[1] + other[1], one[2] + other[2]) for one, other in zip(before, after, strict=True)]
    rounds = 4 if len(place) < 600 else 2 if len(place) < 2_000 else 1
    for _ in range(rounds):
        _pull(reversed(numbered), place, after)
        _pull(numbered, place, before)
    for _ in range(rounds):
        _pull(reversed(numbered), place, both)
        _pull(numbered, place, both)
    return place


def _pulls(columns: Columns, ports: Sequence[tuple[float, float]], nodes: int) -> tuple[list[Pull], list[Pull]]:
    """Return what pulls each vertex, from the column before and from the one after.

    An edge that counts s, and would be straight with its vertex at p + d, p the place of the other, adds s to the mass
    and s · d to the sum. Stiff are long edges, one that is the only one at both its ends, and what comes from far: a
    long chain of operations runs straight, and the leaves along it stand aside.
    """
    total = len(columns.column_of)
    before: list[tuple[list[tuple[int, float]], list[float]]] = [([], [0.0, 0.0]) for _ in range(total)]
    after: list[tuple[list[tuple[int, float]], list[float]]] = [([], [0.0, 0.0]) for _ in range(total)]
    column_of = columns.column_of
    entering = [len(others) for others in columns.before]
    leaving = [len(others) for others in columns.after]
    depth = _depths(columns)
    for chain, (leave, arrive) in zip(columns.chains, ports, strict=True):
        firm = 1.0 + min(depth[chain[0]], _FIRMEST)
        if len(chain) == 2 and column_of[chain[1]] - column_of[chain[0]] != 1:
            continue
        for tail, head in pairwise(chain):
            apart = 0.0
            stiff = 8.0
            if tail < nodes:
                apart = leave
                stiff = 2.0
            if head < nodes:
                apart -= arrive
                stiff = 2.0 * firm
                if tail < nodes:
                    stiff = max(firm, 4.0) if leaving[tail] == 1 and entering[head] == 1 else firm
            others, sums = before[head]
            others.append((tail, stiff))
            sums[0] += stiff
            sums[1] += stiff * apart
            others, sums = after[tail]
            others.append((head, stiff))
            sums[0] += stiff
            sums[1] -= stiff * apart
    return [(o, m, t) for o, (m, t) in before], [(o, m, t) for o, (m, t) in after]


def _depths(columns: Columns) -> list[int]:
    """Return for each vertex how many columns of operands lie before it."""
    depth = [0] * len(columns.column_of)
    for column in columns.order:
        for vertex in column:
            depth[vertex] = max([depth[other] + 1 for other in columns.before[vertex]], default=0)
    return depth


def _pull(walk: Iterable[tuple[list[int], list[float]]], place: list[float], pulls: Sequence[Pull]) -> None:
    """Move the vertices of each column to where their edges pull them."""
    for column, gaps in walk:
        wanted = []
        weights = []
        fits = True
        last = float("-inf")
        for vertex, gap in zip(column, gaps, strict=True):
            others, mass, total = pulls[vertex]
            if others:
                for other, stiff in others:
                    total += stiff * place[other]
                want = total / mass
            else:
                want = place[vertex]
                mass = 0.05
            fits = fits and want - last >= gap
            last = want
            wanted.append(want)
            weights.append(mass)
        for vertex, found in zip(column, wanted if fits else settled(wanted, weights, gaps), strict=True):
            place[vertex] = found
