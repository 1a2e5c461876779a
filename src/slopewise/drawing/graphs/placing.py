"""The second half of a layout: where exactly each vertex of a column stands, so that edges run as straight as they can.

In each column the wanted places are met as well as the order and the gaps allow: the sum of the squared distances is
smallest, which pooling neighbours finds in one walk.

Source: M. Ayer and others, "An empirical distribution function for sampling with incomplete information", 1955.
"""

import itertools
from collections.abc import Sequence

from slopewise.drawing.graphs.layering import Columns

Pull = tuple[int, float, float]  # the other vertex, the distance that a straight edge would give, how much it counts


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
    total = len(columns.column_of)
    before: list[list[Pull]] = [[] for _ in range(total)]
    after: list[list[Pull]] = [[] for _ in range(total)]
    for chain, (leave, arrive) in zip(columns.chains, ports, strict=True):
        if len(chain) == 2 and columns.column_of[chain[1]] - columns.column_of[chain[0]] != 1:
            continue
        for tail, head in itertools.pairwise(chain):
            stiff = 1.0 if tail < nodes and head < nodes else 2.0 if tail < nodes or head < nodes else 8.0
            apart = (leave if tail < nodes else 0.0) - (arrive if head < nodes else 0.0)
            before[head].append((tail, apart, stiff))
            after[tail].append((head, -apart, stiff))
    gaps_of = []
    place = [0.0] * total
    for column in columns.order:
        gaps = [0.0]
        for above, below in itertools.pairwise(column):
            reach = (extents[above] if above < nodes else 0.0) + (extents[below] if below < nodes else 0.0)
            gaps.append(reach / 2 + (gap if above < nodes and below < nodes else gap * 0.75))
        gaps_of.append(gaps)
        y = -sum(gaps) / 2
        for vertex, step in zip(column, gaps, strict=True):
            y += step
            place[vertex] = y
    numbered = list(enumerate(columns.order))
    rounds = 5 if total < 3_000 else 2
    for _ in range(rounds):
        _pull(reversed(numbered), gaps_of, place, (after,))
        _pull(numbered, gaps_of, place, (before,))
    for _ in range(rounds):
        _pull(reversed(numbered), gaps_of, place, (after, before))
        _pull(numbered, gaps_of, place, (before, after))
    return place


def _pull(walk, gaps_of, place, sides) -> None:  # type: ignore[no-untyped-def]
    for index, column in walk:
        wanted = []
        weights = []
        for vertex in column:
            mass = total = 0.0
            for side in sides:
                for other, apart, stiff in side[vertex]:
                    mass += stiff
                    total += stiff * (place[other] + apart)
            if mass:
                wanted.append(total / mass)
                weights.append(mass)
            else:
                wanted.append(place[vertex])
                weights.append(0.05)
        for vertex, found in zip(column, settled(wanted, weights, gaps_of[index]), strict=True):
            place[vertex] = found
