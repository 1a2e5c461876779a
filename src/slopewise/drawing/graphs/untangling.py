"""In which order the vertices of each column stand, so that few edges cross.

This text is compiled: its types stand in `untangling.pxd` and `untangling.pyi`. It takes and returns plain lists.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", 1981.
"""

from bisect import bisect_right

SWEEPS = 4


def untangled(order, before, after):
    """Order each column by the mean place of its neighbours, back and forth; keep the order with the fewest crossings.

    Among equals the first is kept: the order in which the user made the nodes.

    Args:
        order: For each column, its vertices; they are moved about.
        before: For each vertex, the vertices of the column before that lead to it.
        after: For each vertex, those of the column after.

    Returns:
        For each column, its vertices in the best order that was found.

    Example:
        >>> untangled([[0, 1], [2, 3]], [[], [], [1], [0]], [[3], [2], [], []])
        [[1, 0], [2, 3]]
    """
    vertices = len(before)
    place = [0] * vertices
    for column in order:
        for index, vertex in enumerate(column):
            place[vertex] = index
    fewest = crossings(order, after, place)
    best = [column[:] for column in order]
    in_vain = 0
    for sweep in range(2 * SWEEPS if vertices < 500 else SWEEPS):
        if fewest == 0 or in_vain == 3:
            break
        if sweep % 2 == 1:
            sort_columns(order, before, place)
        else:
            sort_columns(order[::-1], after, place)
        if vertices < 500:
            swap_neighbours(order, before, after, place)
        number = crossings(order, after, place)
        in_vain += 1
        if number < fewest:
            in_vain = 0
            fewest = number
            best = [column[:] for column in order]
    return best


def sort_columns(order, neighbours, place):
    """Sort one column after the other by the mean place of its neighbours; those without stay where they are."""
    mean = [0.0] * len(place)
    for column in order:
        if len(column) < 2:
            continue
        moving = []
        for vertex in column:
            others = neighbours[vertex]
            if others:
                total = 0
                for other in others:
                    total += place[other]
                mean[vertex] = total / len(others)
                moving.append(vertex)
        moving.sort(key=mean.__getitem__)  # equal ones stay in their order
        if len(moving) == len(column):
            column[:] = moving
        else:
            next_one = 0
            for index, vertex in enumerate(column):
                if neighbours[vertex]:
                    column[index] = moving[next_one]
                    next_one += 1
        for index, vertex in enumerate(column):
            place[vertex] = index


def swap_neighbours(order, before, after, place):
    """Exchange two that stand next to each other wherever that takes away crossings."""
    for column in order:
        for index in range(len(column) - 1):
            upper, lower = column[index], column[index + 1]
            gain = 0
            for side in (before, after):
                below = side[lower]
                for a in side[upper]:
                    x = place[a]
                    for b in below:
                        y = place[b]
                        if x > y:
                            gain += 1
                        elif x < y:
                            gain -= 1
            if gain > 0:
                column[index], column[index + 1] = lower, upper
                place[lower], place[upper] = index, index + 1


def crossings(order, after, place):
    """Count how often two edges between neighbouring columns cross."""
    total = 0
    for column in order:
        heads = []
        for vertex in column:
            others = after[vertex]
            count = len(others)
            if count == 1:
                other = others[0]
                heads.append(place[other])
            elif count:
                heads += sorted([place[other] for other in others])  # edges of one node do not cross each other
        passed = []
        highest = -1
        for count, head in enumerate(heads):
            if head >= highest:
                highest = head
                passed.append(head)
            else:
                at = bisect_right(passed, head)
                total += count - at
                passed.insert(at, head)
    return total
