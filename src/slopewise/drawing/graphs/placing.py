"""The second half of a layout: where exactly each vertex of a column stands, so that edges run as straight as they can.

In each column the wanted places are met as well as the order and the gaps allow: the sum of the squared distances is
smallest, which pooling neighbours finds in one walk.

This text is compiled: its types stand in `placing.pxd` and `placing.pyi`. It takes and returns plain lists.

Source: M. Ayer and others, "An empirical distribution function for sampling with incomplete information", 1955.
"""

from math import inf

_FIRMEST = 7  # columns


def settled(wanted, weights, gaps):
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
    above = -inf  # the last of the means
    for place, want in enumerate(wanted):
        if place:
            shift += gaps[place]
        shifts.append(shift)
        mean = want - shift
        mass = weights[place]
        count = 1
        while means and above >= mean:
            other = masses.pop()
            above = means.pop()
            mean = (above * other + mean * mass) / (other + mass)
            mass += other
            count += counts.pop()
            above = means[len(means) - 1] if means else -inf
        means.append(mean)
        masses.append(mass)
        counts.append(count)
        above = mean
    found = []
    at = 0
    for group, mean in enumerate(means):
        for _ in range(counts[group]):
            found.append(mean + shifts[at])
            at += 1
    return found


def places_across(order, column_of, before, after, chains, extents, ports, gap):
    """Return the place of each vertex's middle across the picture's direction.

    Args:
        order: For each column, its vertices in their order.
        column_of: For each vertex, its column.
        before: For each vertex, the vertices of the column before that lead to it.
        after: For each vertex, those of the column after.
        chains: For each edge, the vertices that it passes.
        extents: How far each node reaches across, in pixels; stand-ins have none.
        ports: For each edge, how far from its nodes' middles it leaves and arrives, in the picture's direction; and
            something else.
        gap: The free space between two nodes of a column, in pixels; edges need less.
    """
    nodes = len(extents)
    pulls_before, pulls_after = pulls_of(order, column_of, before, after, chains, ports, nodes)
    place = [0.0] * len(column_of)
    reach = [extent / 2 for extent in extents]
    reach += [-gap / 8] * (len(place) - nodes)  # stand-ins come closer to each other
    gaps = set_out(order, reach, gap, place)
    rounds = 4 if len(place) < 600 else 2 if len(place) < 2_000 else 1
    forward = list(zip(order, gaps, strict=True))
    backward = forward[::-1]
    for _ in range(rounds):
        pull(backward, place, pulls_after, None)
        pull(forward, place, pulls_before, None)
    for _ in range(rounds):
        pull(backward, place, pulls_before, pulls_after)
        pull(forward, place, pulls_before, pulls_after)
    return place


def set_out(order, reach, gap, place):
    """Put the vertices of each column as close together as they may be; return the least distances in each column."""
    gaps = []
    for column in order:
        steps = [0.0]
        last = -1
        for vertex in column:
            if last >= 0:
                steps.append(reach[last] + reach[vertex] + gap)
            last = vertex
        y = -sum(steps) / 2
        for index, vertex in enumerate(column):
            y += steps[index]
            place[vertex] = y
        gaps.append(steps)
    return gaps


def pulls_of(order, column_of, entering, leaving, chains, ports, nodes):
    """Return what pulls each vertex, from the column before and from the one after.

    An edge that counts s, and would be straight with its vertex at p + d, p the place of the other, adds s to the mass
    and s · d to the sum. Stiff are long edges, one that is the only one at both its ends, and what comes from far: a
    long chain of operations runs straight, and the leaves along it stand aside.
    """
    total = len(column_of)
    before, before_stiff, before_mass, before_sum = no_pulls(total)
    after, after_stiff, after_mass, after_sum = no_pulls(total)
    depth = depths(order, entering)
    for edge, chain in enumerate(chains):
        tail = chain[0]
        if len(chain) == 2 and column_of[chain[1]] - column_of[tail] != 1:
            continue
        leave, arrive, _ = ports[edge]
        firm = 1.0 + min(depth[tail], _FIRMEST)
        for place in range(1, len(chain)):
            head = chain[place]
            apart = 0.0
            stiff = 8.0
            if tail < nodes:
                apart = leave
                stiff = 2.0
            if head < nodes:
                apart -= arrive
                stiff = 2.0 * firm
                if tail < nodes:
                    stiff = max(firm, 4.0) if is_only_one(leaving[tail], entering[head]) else firm
            before[head].append(tail)
            before_stiff[head].append(stiff)
            before_mass[head] += stiff
            before_sum[head] += stiff * apart
            after[tail].append(head)
            after_stiff[tail].append(stiff)
            after_mass[tail] += stiff
            after_sum[tail] -= stiff * apart
            tail = head
    return (before, before_stiff, before_mass, before_sum), (after, after_stiff, after_mass, after_sum)


def is_only_one(leaving, entering):
    """Tell whether an edge is the only one at both its ends."""
    return len(leaving) == 1 and len(entering) == 1


def no_pulls(count):
    """Return four lists, by vertex: other ends, how much each counts, the sum of that, the sum of the shifts."""
    return [[] for _ in range(count)], [[] for _ in range(count)], [0.0] * count, [0.0] * count


def depths(order, before):
    """Return for each vertex how many columns of operands lie before it."""
    depth = [0] * len(before)
    for column in order:
        for vertex in column:
            most = 0
            for other in before[vertex]:
                if depth[other] >= most:
                    most = depth[other] + 1
            depth[vertex] = most
    return depth


def pull(walk, place, pulls, also):
    """Move the vertices of each column to where their edges pull them: those of one side, or those of both."""
    others, stiffs, masses, sums = pulls
    if also is not None:
        others_too, stiffs_too, masses_too, sums_too = also
    for column, gaps in walk:
        wanted = []
        weights = []
        fits = True
        last = -inf
        for index, vertex in enumerate(column):
            near = others[vertex]
            mass = masses[vertex]
            total = sums[vertex]
            if also is not None:
                extra = masses_too[vertex]
                mass += extra
                extra = sums_too[vertex]
                total += extra
            if mass:
                stiff = stiffs[vertex]
                for k, other in enumerate(near):
                    weight = stiff[k]
                    at = place[other]
                    total += weight * at
                if also is not None:
                    near = others_too[vertex]
                    stiff = stiffs_too[vertex]
                    for k, other in enumerate(near):
                        weight = stiff[k]
                        at = place[other]
                        total += weight * at
                want = total / mass
            else:
                want = place[vertex]
                mass = 0.05
            least = gaps[index]
            fits = fits and want - last >= least
            last = want
            wanted.append(want)
            weights.append(mass)
        if not fits:
            wanted = settled(wanted, weights, gaps)
        for index, vertex in enumerate(column):
            place[vertex] = wanted[index]
