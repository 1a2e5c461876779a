"""The first half of a layout: which column each node stands in, and in which order, with few crossings.

The picture goes from the operands (column 0) to the root (the last column). A node stands one column before the first
of its users, so that leaves stand beside what they go into. An edge over several columns gets a stand-in in each column
that it passes, so that there is a place for it between the nodes.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", 1981.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slopewise.drawing.graphs.untangling import untangled


@dataclass(slots=True)
class Columns:
    """Columns of vertices: the nodes 0 … n − 1 and, above these numbers, the stand-ins of long edges.

    Attributes:
        order: For each column, its vertices from first to last.
        column_of: For each vertex, its column.
        before: For each vertex, the vertices of the column before that lead to it; with repetitions.
        after: For each vertex, those of the column after.
        chains: For each edge, the vertices that it passes, its ends included, in the direction of the picture. If the
            edges that leave one node share their stand-ins, only one is whole; the others begin at the last shared.
        turned: For each edge, whether it runs against the picture's direction.
    """

    order: list[list[int]]
    column_of: list[int]
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]
    turned: list[bool]


def in_columns(count: int, edges: Sequence[tuple[int, int]], *, keeps_order: bool = False) -> Columns:
    """Give every node a column and a place in it.

    Args:
        count: The number of nodes; operands come before what is made of them, as far as there is no circle.
        edges: Pairs (tail, head); a pair may be there several times. No edge may lead from a node to itself.
        keeps_order: Whether the nodes of a column stay in the order of their numbers, however many edges cross.

    Example:
        >>> in_columns(3, [(0, 2), (1, 2)]).order
        [[0, 1], [2]]
    """
    turned = [tail > head for tail, head in edges]
    if any(turned):
        turned = _against(count, edges)
    straight = [(head, tail) if turn else (tail, head) for (tail, head), turn in zip(edges, turned, strict=True)]
    column_of = _columns_of(count, straight)
    columns = _with_stand_ins(count, straight, column_of, turned)
    if not keeps_order:
        columns.order = untangled(columns.order, columns.before, columns.after)
    return columns


def _against(count: int, edges: Sequence[tuple[int, int]]) -> list[bool]:
    """Tell for each edge whether it closes a circle, in a walk over all nodes in their order, and must be turned."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for place, (tail, _) in enumerate(edges):
        leaving[tail].append(place)
    turned = [False] * len(edges)
    state = bytearray(count)  # 1 while the walk is inside a node, 2 afterwards
    has_source = bytearray(count)
    for _, head in edges:
        has_source[head] = 1
    for start in sorted(range(count), key=has_source.__getitem__):
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(leaving[start]))]
        while stack:
            node, rest = stack[-1]
            for place in rest:
                head = edges[place][1]
                if state[head] == 1:
                    turned[place] = True
                elif not state[head]:
                    state[head] = 1
                    stack.append((head, iter(leaving[head])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return turned


def _columns_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return each node's column: as late as its users allow; a node without users directly after its operands."""
    users: list[list[int]] = [[] for _ in range(count)]
    operands: list[list[int]] = [[] for _ in range(count)]
    for tail, head in edges:
        users[tail].append(head)
        operands[head].append(tail)
    waiting = [len(heads) for heads in users]
    distance = [0] * count
    ready = [node for node in range(count) if not waiting[node]]
    for node in ready:
        further = distance[node] + 1
        for tail in operands[node]:
            if further > distance[tail]:
                distance[tail] = further
            waiting[tail] -= 1
            if not waiting[tail]:
                ready.append(tail)
    for node in range(count):
        if not users[node] and operands[node]:
            distance[node] = min(distance[tail] for tail in operands[node]) - 1
    last = max(distance, default=0)
    return [last - steps for steps in distance]


def _with_stand_ins(count: int, edges: Sequence[tuple[int, int]], column_of: list[int], turned: list[bool]) -> Columns:
    """Add a vertex for each column that an edge passes.

    A graph with very many of them shares them among the edges that leave one node, and lets the longest do without.
    """
    spans = [column_of[head] - column_of[tail] for tail, head in edges]
    longest: dict[int, int] = {}
    for (tail, _), span in zip(edges, spans, strict=True):
        longest[tail] = max(span, longest.get(tail, 0))
    budget = 3 * count + 3_000
    shared = sum(spans) - len(spans) > budget
    limit = max(spans, default=1)
    while shared and limit > 1 and sum([min(span, limit) for span in longest.values()]) - len(longest) > budget:
        limit //= 2
    column_of = list(column_of)
    key = list(range(count))
    trunks: dict[tuple[int, int], int] = {}
    chains = []
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for (tail, head), span in zip(edges, spans, strict=True):
        chain = [tail]
        last = tail
        if 1 < span <= limit:
            for column in range(column_of[tail] + 1, column_of[head]):
                vertex = trunks.get((tail, column)) if shared else None
                if vertex is None:
                    vertex = len(column_of)
                    column_of.append(column)
                    key.append(tail)
                    before.append([last])
                    after.append([])
                    after[last].append(vertex)
                    if shared:
                        trunks[tail, column] = vertex
                chain.append(vertex)
                last = vertex
        chain.append(head)
        if span <= limit:
            before[head].append(last)
            after[last].append(head)
        chains.append(chain)
    order: list[list[int]] = [[] for _ in range(max(column_of, default=-1) + 1)]
    for vertex in sorted(range(len(column_of)), key=key.__getitem__):
        order[column_of[vertex]].append(vertex)
    return Columns(order, column_of, before, after, _branched(chains, turned) if shared else chains, turned)


def _branched(chains: list[list[int]], turned: list[bool]) -> list[list[int]]:
    """Leave the longest edge of each node whole, and let the others begin where they leave its way."""
    longest: dict[int, int] = {}
    for order, chain in enumerate(chains):
        if not turned[order] and (chain[0] not in longest or len(chains[longest[chain[0]]]) < len(chain)):
            longest[chain[0]] = order
    return [
        chain if len(chain) == 2 or turned[order] or longest[chain[0]] == order else chain[-2:]
        for order, chain in enumerate(chains)
    ]
