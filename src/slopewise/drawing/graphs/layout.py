"""Where the nodes of a picture stand and how its edges run.

All lengths are pixels. The work is done in two directions: *along* goes from the operands to the root, *across* at a
right angle to it; at the end they become x and y.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from operator import add, sub
from typing import NamedTuple

from slopewise.drawing.graphs.layering import Columns, in_columns
from slopewise.drawing.graphs.placing import places_across

Point = tuple[float, float]
DIRECTIONS = ("LR", "TB", "RL", "BT")
Ports = tuple[float, float, float | None]
ARROW = 8.0
_STRAIGHT = 3.0  # an edge that would step aside by less runs on straight
_NARROW = 10.0
_CLEARANCE = 4.0  # an edge keeps this far from the corners of a node
_LOOP = 30.0
_FUNNEL = 30.0  # where labelled edges draw together before they meet a round node


class Shape(NamedTuple):
    """How much room a node takes.

    Attributes:
        width: In pixels.
        height: In pixels.
        is_round: Whether it is an ellipse, which edges meet at its own border.
        keeps_order: Whether edges arrive in the order in which they are given, and not as they come.
    """

    width: float
    height: float
    is_round: bool = False
    keeps_order: bool = False


class Link(NamedTuple):
    """An edge to lay out.

    Attributes:
        tail: The node that it leaves.
        head: The node that it points at.
        label_width: The room for a text at its head, in pixels.
        label_height: The same across it; both sides of the edge together.
        leave: Where it leaves its tail, as distance from the middle across the direction; None to choose.
        arrive: Where it arrives, likewise.
    """

    tail: int
    head: int
    label_width: float = 0.0
    label_height: float = 0.0
    leave: float | None = None
    arrive: float | None = None


class Route(NamedTuple):
    """How an edge runs.

    Attributes:
        start: Its first point.
        pieces: Each the end of a straight piece, or two guiding points and the end of a curve (Bézier).
        anchor: The middle of the room for its label.
    """

    start: Point
    pieces: tuple[tuple[Point, ...], ...]
    anchor: Point

    @property
    def end(self) -> Point:
        """Its last point, where the arrow's tip is."""
        return self.pieces[-1][-1]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is.

    Attributes:
        width: Of all nodes and edges together.
        height: Likewise.
        corners: The upper left corner of each node.
        sizes: The width and height of each node: what it needs, and more where its edges' labels need it.
        routes: How each edge runs.
    """

    width: float
    height: float
    corners: tuple[Point, ...]
    sizes: tuple[tuple[float, float], ...]
    routes: tuple[Route, ...]


@dataclass(slots=True)
class _Plan:
    """A layout being made, along and across."""

    columns: Columns
    along: list[float]
    across: list[float]
    round_: list[bool]
    place: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)  # of each column, the room for its labels included
    bodies: list[float] = field(default_factory=list)  # where its nodes begin
    ends: list[float] = field(default_factory=list)
    drawn: dict[int, float] = field(default_factory=dict)  # where an edge truly passes a stand-in


def lay_out(
    shapes: Sequence[Shape],
    links: Sequence[Link],
    *,
    direction: str = "LR",
    gap_along: float = 44.0,
    gap_across: float = 16.0,
    keeps_order: bool = False,
) -> Layout:
    """Place the nodes in columns and lead the edges around them.

    Args:
        shapes: The nodes; operands before what is made of them, as far as there is no circle.
        links: The edges.
        direction: `"LR"`, `"TB"`, `"RL"` or `"BT"`.
        gap_along: The least free space between two columns.
        gap_across: The free space between two nodes of a column.
        keeps_order: Whether the nodes of a column stay in the order in which they are given.

    Example:
        >>> placed = lay_out([Shape(60, 20), Shape(60, 20)], [Link(0, 1)])
        >>> [corner[0] for corner in placed.corners]
        [0.0, 104.0]
    """
    flat = direction in ("LR", "RL")
    along = [shape.width if flat else shape.height for shape in shapes]
    across = [shape.height if flat else shape.width for shape in shapes]
    proper = [place for place, link in enumerate(links) if link.tail != link.head]
    columns = in_columns(len(shapes), [links[place][:2] for place in proper], keeps_order=keeps_order)
    zone = [link.label_width if flat else link.label_height for link in links]
    pitch = [link.label_height if flat else link.label_width for link in links]
    reserved = _make_room(columns, across, shapes, links, pitch)
    plan = _Plan(columns, along, across, [shape.is_round for shape in shapes])
    ports = _ports(plan, shapes, links, proper, pitch)
    plan.place = places_across(
        columns.order,
        columns.column_of,
        columns.before,
        columns.after,
        columns.chains,
        reserved,
        ports,
        gap_across,
    )
    reach = [extent / 2 for extent in reserved] + [2.0] * (len(plan.place) - len(reserved))
    lowest = min(map(sub, plan.place, reach), default=0.0)
    plan.place = [place - lowest for place in plan.place]
    breadth = max(map(add, plan.place, reach), default=0.0)
    for order, place in enumerate(proper):
        if ports[order][2] is not None:
            zone[place] += _FUNNEL
    _set_columns(plan, proper, zone, gap_along)
    lines: list[list[tuple[Point, ...]]] = [[] for _ in links]
    anchors: list[Point] = [(0.0, 0.0)] * len(links)
    whole = [order for order, chain in enumerate(columns.chains) if chain[0] < len(shapes)]
    branches = [order for order, chain in enumerate(columns.chains) if chain[0] >= len(shapes)]
    for order in whole + branches:
        place = proper[order]
        chain = columns.chains[order]
        port = ports[order]
        line = _line(plan, chain, port)
        if columns.turned[order]:
            line = _reversed_line(line)
            anchors[place] = line[len(line) // 2][-1]
        else:
            head = chain[-1]
            column = columns.column_of[head]
            last = line[-1][-1][0] - ARROW if port[2] is None else plan.bodies[column] - _FUNNEL
            anchors[place] = ((plan.starts[column] + last) / 2, plan.place[head] + port[1])
        lines[place] = line
    for place, link in enumerate(links):
        if link.tail == link.head:
            lines[place] = _loop(plan, link.tail)
            anchors[place] = (lines[place][1][0][0], lines[place][1][1][1] + _LOOP / 4)
    return _turned(plan, breadth, lines, anchors, direction)


def _make_room(
    columns: Columns, across: list[float], shapes: Sequence[Shape], links: Sequence[Link], pitch: list[float]
) -> list[float]:
    """Return how much room across each node needs with the labels that arrive there and with its loops.

    A box to which several labelled edges lead is made as large as that; a round node stays as it is.
    """
    needed = [0.0] * len(across)
    arriving = [0] * len(across)
    loops = [0] * len(across)
    labelled = {link.head for link, room in zip(links, pitch, strict=True) if room and link.tail != link.head}
    turned = iter(columns.turned)
    for place, link in enumerate(links):
        if link.tail == link.head:
            loops[link.head] += 1
        elif next(turned):
            pitch[place] = 0.0  # its label stands beside it, wherever there is room
        elif link.head in labelled:
            pitch[place] = max(pitch[place], _NARROW)  # an edge without a label keeps away from those with one
            needed[link.head] += pitch[place]
            arriving[link.head] += 1
    reserved = []
    for node, shape in enumerate(shapes):
        if arriving[node] > 1 and not shape.is_round:
            across[node] = max(across[node], needed[node])
        reserved.append(max(across[node], needed[node]) + (2 * _LOOP if loops[node] else 0.0))
    return reserved


def _ports(
    plan: _Plan, shapes: Sequence[Shape], links: Sequence[Link], proper: list[int], pitch: list[float]
) -> list[Ports]:
    """Return for each edge how far from the nodes' middles it leaves, arrives, and meets the border at last."""
    columns = plan.columns
    index = [0] * len(columns.column_of)
    for column in columns.order:
        for place, vertex in enumerate(column):
            index[vertex] = place
    arriving: list[list[int]] = [[] for _ in shapes]
    leaving: list[list[int]] = [[] for _ in shapes]
    for order, chain in enumerate(columns.chains):
        if chain[0] < len(shapes):
            leaving[chain[0]].append(order)
        arriving[chain[-1]].append(order)
    leave = [0.0] * len(proper)
    arrive = [0.0] * len(proper)
    meet: list[float | None] = [None] * len(proper)
    for node, shape in enumerate(shapes):
        for orders, side, next_to, offsets in (
            (arriving[node], -2, shape.keeps_order, arrive),
            (leaving[node], 1, False, leave),
        ):
            if not orders:
                continue
            if not next_to and len(orders) > 1:
                orders.sort(key=lambda order: index[columns.chains[order][side]])
            rooms = [pitch[proper[order]] if offsets is arrive else 0.0 for order in orders]
            extent = plan.across[node]
            spread = _spread(extent, rooms, is_round=shape.is_round, arriving=offsets is arrive)
            for order, offset in zip(orders, spread, strict=True):
                offsets[order] = offset
            if shape.is_round and len(orders) > 1 and any(rooms):
                near = _spread(extent, [0.0] * len(orders), is_round=True, arriving=True)
                for order, offset in zip(orders, near, strict=True):
                    meet[order] = offset
    for order, place in enumerate(proper):
        link, turned = links[place], columns.turned[order]
        first, last = (link.arrive, link.leave) if turned else (link.leave, link.arrive)
        leave[order] = leave[order] if first is None else first
        arrive[order] = arrive[order] if last is None else last
    return list(zip(leave, arrive, meet, strict=True))


def _spread(extent: float, rooms: list[float], *, is_round: bool, arriving: bool) -> list[float]:
    """Return where edges meet a side of a node: evenly around its middle, or as far apart as their labels need."""
    count = len(rooms)
    if count == 1:
        return [0.0]
    total = sum(rooms)
    if total:
        found, at = [], -total / 2
        for room in rooms:
            found.append(at + room / 2)
            at += room
        return found
    usable = max(extent * 0.6 if is_round else extent - 4 * _CLEARANCE, 2.0)
    step = min(usable / (count - 1), 20.0 if arriving else 12.0)
    return [(place - (count - 1) / 2) * step for place in range(count)]


def _set_columns(plan: _Plan, proper: list[int], zone: list[float], gap: float) -> None:
    """Set where each column begins and ends along the picture; steep edges get wider gaps."""
    columns = plan.columns
    count = len(columns.order)
    widths = [0.0] * count
    zones = [0.0] * count
    steep = [0.0] * count
    for node, extent in enumerate(plan.along):
        column = columns.column_of[node]
        widths[column] = max(widths[column], extent)
    for order, place in enumerate(proper):
        chain = columns.chains[order]
        if zone[place] and not columns.turned[order]:
            column = columns.column_of[chain[-1]]
            zones[column] = max(zones[column], zone[place])
        if len(chain) > 2 or columns.column_of[chain[1]] == columns.column_of[chain[0]] + 1:
            for tail, head in pairwise(chain):
                column = columns.column_of[head]
                steep[column] = max(steep[column], abs(plan.place[head] - plan.place[tail]))
    at = 0.0
    for column in range(count):
        if column:
            at += gap + min(0.14 * steep[column], 130.0)
        plan.starts.append(at)
        at += zones[column]
        plan.bodies.append(at)
        at += widths[column]
        plan.ends.append(at)


def _line(plan: _Plan, chain: list[int], ports: Ports) -> list[tuple[Point, ...]]:
    """Return the first point of an edge and its pieces: straight inside the columns, curved between them."""
    column_of = plan.columns.column_of
    tail, head = chain[0], chain[-1]
    if tail >= len(plan.along):  # it branches off from another edge
        y = plan.drawn.get(tail, plan.place[tail])
        x = plan.ends[column_of[tail]]
    else:
        y = plan.place[tail] + ports[0]
        x = _border(plan, tail, ports[0], 1)
    column = column_of[tail]
    line: list[tuple[Point, ...]] = [((x, y),)]
    ends, starts, place = plan.ends, plan.starts, plan.place
    end = ends[column]  # how far the line runs straight before its next piece
    for vertex in chain[1:-1]:
        column = column_of[vertex]
        other = place[vertex]
        plan.drawn[vertex] = y
        if -_STRAIGHT < other - y < _STRAIGHT:
            end = ends[column]
            continue
        if end > x:
            line.append(((end, y),))
        target = starts[column]
        bend = (target - end) / 2
        line.append(((end + bend, y), (target - bend, other), (target, other)))
        x, y, end = target, other, ends[column]
        plan.drawn[vertex] = y
    other = place[head] + ports[1]
    target = starts[column_of[head]]
    last = _border(plan, head, ports[1], -1) if ports[2] is None else plan.bodies[column_of[head]] - _FUNNEL
    if abs(other - y) < 0.05:
        line.append(((last, y),))
    else:
        if end > x:
            line.append(((end, y),))
        bend = (target - end) / 2
        line.append(((end + bend, y), (target - bend, other), (target, other)))
        if last - target > 0.05:
            line.append(((last, other),))
    if ports[2] is not None:
        meet = place[head] + ports[2]
        end = _border(plan, head, ports[2], -1)
        bend = (end - last) * 0.45
        line.append(((last + bend, other), (last + bend, meet), (end, meet)))
    return line


def _border(plan: _Plan, node: int, offset: float, side: int) -> float:
    """Return where a node's border is along the picture, at this distance from its middle."""
    column = plan.columns.column_of[node]
    middle = (plan.bodies[column] + plan.ends[column]) / 2
    half = plan.along[node] / 2
    if plan.round_[node]:
        half *= sqrt(max(0.0, 1 - (2 * offset / plan.across[node]) ** 2))
    return middle + side * half


def _reversed_line(line: list[tuple[Point, ...]]) -> list[tuple[Point, ...]]:
    points = [line[0][0]]
    back: list[tuple[Point, ...]] = []
    for piece in line[1:]:
        back.append((*reversed(piece[:-1]), points[-1]))
        points.append(piece[-1])
    return [(points[-1],), *reversed(back)]


def _loop(plan: _Plan, node: int) -> list[tuple[Point, ...]]:
    """Return an edge from a node to itself, beside it."""
    column = plan.columns.column_of[node]
    middle = (plan.bodies[column] + plan.ends[column]) / 2
    edge = plan.place[node] - plan.across[node] / 2
    if plan.round_[node]:
        edge += plan.across[node] * 0.07
    half = min(plan.along[node] / 4, 14.0)
    far = edge - _LOOP
    return [((middle + half, edge),), ((middle + 2 * half, far), (middle - 2 * half, far), (middle - half, edge))]


def _turned(
    plan: _Plan, breadth: float, lines: list[list[tuple[Point, ...]]], anchors: list[Point], direction: str
) -> Layout:
    """Return the layout with x and y in place of along and across."""
    length = plan.ends[-1] if plan.ends else 0.0
    flat = direction in ("LR", "RL")
    middles = [
        ((plan.bodies[column] + plan.ends[column]) / 2, place)
        for column, place in zip(plan.columns.column_of, plan.place, strict=True)
    ][: len(plan.along)]
    if direction == "TB":
        middles = [(y, x) for x, y in middles]
        lines = [[tuple([(y, x) for x, y in piece]) for piece in line] for line in lines]
        anchors = [(y, x) for x, y in anchors]
    routes = [Route(line[0][0], tuple(line[1:]), anchor) for line, anchor in zip(lines, anchors, strict=True)]
    if direction in ("RL", "BT"):
        at = _turn(direction, length)
        middles = [at(middle) for middle in middles]
        routes = [
            Route(at(start), tuple([tuple([at(point) for point in piece]) for piece in pieces]), at(anchor))
            for start, pieces, anchor in routes
        ]
    sizes = list(zip(plan.along, plan.across, strict=True)) if flat else list(zip(plan.across, plan.along, strict=True))
    corners = [(x - w / 2, y - h / 2) for (x, y), (w, h) in zip(middles, sizes, strict=True)]
    size = (length, breadth) if flat else (breadth, length)
    return Layout(*size, tuple(corners), tuple(sizes), tuple(routes))


def _turn(direction: str, length: float) -> Callable[[Point], Point]:
    """Return what makes x and y of a point along and across."""
    match direction:
        case "RL":
            return lambda point: (length - point[0], point[1])
        case _:
            return lambda point: (point[1], length - point[0])
