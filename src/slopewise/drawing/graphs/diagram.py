"""A graph as it will be drawn: faces for its nodes, edges with their texts, and what is said under it.

Every look of a graph, a folded graph, a net and a DOT text become a `Diagram`; `scene_of` lays it out and paints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from typing import NamedTuple, Protocol

from slopewise.drawing.graphs.layout import ARROW, Layout, Link, Point, Route, Shape, lay_out
from slopewise.drawing.graphs.scene import Dash, Group, Item, Oval, Paint, Polygon, Rectangle, Scene, Trail, Words
from slopewise.drawing.graphs.text_width import text_width, wrapped

SMALL = 11.0
MARGIN = 16.0
_NARROWEST = 360.0  # the room for what stands under a small picture
_LINE = 16.0
FRAMED = Paint(stroke="frame")


class Face(Protocol):
    """What a node looks like."""

    @property
    def shape(self) -> Shape:
        """The room that it needs."""
        ...

    @property
    def title(self) -> str:
        """What it shows, in words."""
        ...

    def items(self, width: float, height: float) -> tuple[Item, ...]:
        """The shapes that show it in a room of this size, which is at least what it needs."""
        ...


class Edge(NamedTuple):
    """An edge of a diagram.

    Attributes:
        tail: The place of the node that it leaves.
        head: The place of the node that it points at.
        colour: Its colour or role.
        width: Its width, in pixels.
        dash: How it is dashed.
        above: A text over its end (beside it, where the picture goes up or down).
        below: A text under its end.
        below_colour: The colour of that text.
        is_on_path: Whether it belongs to the highlighted path.
        has_arrow: Whether it ends in an arrow.
        starts_with_arrow: Whether it begins with one.
        title: What it shows, in words.
        leave: Where it leaves its tail, from the middle across the direction; None to choose.
        arrive: Where it arrives, likewise.
        is_straight: Whether it runs straight from middle to middle, over whatever lies between.
    """

    tail: int
    head: int
    colour: str = "line"
    width: float = 1.2
    dash: Dash = ""
    above: str = ""
    below: str = ""
    below_colour: str = "ink"
    is_on_path: bool = False
    has_arrow: bool = True
    starts_with_arrow: bool = False
    title: str = ""
    leave: float | None = None
    arrive: float | None = None
    is_straight: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: a sample and what it means.

    Attributes:
        text: What it means.
        colour: The colour of the sample line.
        width: Its width.
        dash: How it is dashed.
        is_on_path: Whether the sample shows a highlighted path.
        has_sample: Whether there is a sample line at all.
    """

    text: str
    colour: str = "line"
    width: float = 1.2
    dash: Dash = ""
    is_on_path: bool = False
    has_sample: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around some of the nodes, drawn when no other node stands inside it."""

    members: tuple[int, ...]
    label: str = ""
    paint: Paint = FRAMED
    colour: str = "ink"


@dataclass(frozen=True, slots=True)
class Diagram:
    """A graph as it will be drawn.

    Attributes:
        faces: The nodes, operands first.
        edges: The edges.
        direction: `"LR"`, `"TB"`, `"RL"` or `"BT"`.
        keys: The legend.
        notes: Sentences under the picture.
        frames: Frames around nodes.
        title: What the picture shows, in a few words.
        description: The same in sentences.
        gap_along: The least room between columns.
        gap_across: The room between the nodes of a column.
        keeps_order: Whether the nodes of a column stay in their order.
    """

    faces: tuple[Face, ...]
    edges: tuple[Edge, ...]
    direction: str = "LR"
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    title: str = ""
    description: str = ""
    gap_along: float = 44.0
    gap_across: float = 16.0
    keeps_order: bool = False


def scene_of(diagram: Diagram) -> Scene:
    """Lay a diagram out and return the picture: edges at the bottom, then the nodes, the legend and the notes."""
    flat = diagram.direction in ("LR", "RL")
    shapes = [face.shape for face in diagram.faces]
    links = [link_of(edge, flat) for edge in diagram.edges]
    placed = lay_out(
        shapes,
        links,
        direction=diagram.direction,
        gap_along=diagram.gap_along,
        gap_across=diagram.gap_across,
        keeps_order=diagram.keeps_order,
    )
    groups: list[Group] = []
    halos: list[Item] = []
    pairs = list(zip(diagram.edges, placed.routes, strict=True))
    if any(edge.is_straight for edge in diagram.edges):
        pairs.sort(key=lambda pair: pair[0].width)  # where many cross, the strongest lie on top
    untitled: list[Item] = []  # one group for as many edges as have nothing to say
    for edge, route in pairs:
        if edge.is_straight:
            route = _straight(edge, placed)
        if edge.is_on_path:
            halos.append(Trail(route.start, route.pieces, Paint(stroke="halo", width=edge.width + 6)))
        if edge.title:
            if untitled:
                groups.append(Group(MARGIN, MARGIN, tuple(untitled)))
                untitled = []
            groups.append(Group(MARGIN, MARGIN, tuple(edge_items(edge, route, flat)), edge.title))
        else:
            untitled += edge_items(edge, route, flat)
    if untitled:
        groups.append(Group(MARGIN, MARGIN, tuple(untitled)))
    if halos:
        groups.insert(0, Group(MARGIN, MARGIN, tuple(halos)))
    frames = [frame for frame in (_frame(f, diagram, placed.corners, placed.sizes) for f in diagram.frames) if frame]
    faces = []
    grounds = []
    for face, corner, size in zip(diagram.faces, placed.corners, placed.sizes, strict=True):
        items = face.items(*size)
        x, y = corner[0] + MARGIN, corner[1] + MARGIN
        if isinstance(items[0], Rectangle | Oval) and items[0].paint.fill == "halo":
            grounds.append(Group(x, y, items[:1]))  # below the arrows that end in it
            items = items[1:]
        faces.append(Group(x, y, items, face.title))
    groups = [*grounds, *frames, *groups, *faces]
    width = placed.width + 2 * MARGIN
    height = placed.height + 2 * MARGIN
    for frame in frames:
        box = frame.items[0]
        if isinstance(box, Rectangle):
            width, height = max(width, box.x + box.width + 4), max(height, box.y + box.height + 4)
    if diagram.keys or diagram.notes:
        room = max(width, _NARROWEST + 2 * MARGIN)
        legend, below = _under(diagram, room - 2 * MARGIN)
        groups.append(Group(MARGIN, height + 4, legend))
        width, height = room, height + below + 6
    return Scene(width, height, tuple(groups), diagram.title, diagram.description)


def link_of(edge: Edge, flat: bool) -> Link:
    """Return an edge as the layout needs it: with the room for its texts.

    Args:
        edge: The edge.
        flat: Whether the picture goes to the right or left.
    """
    if not edge.above and not edge.below:
        return Link(edge.tail, edge.head, leave=edge.leave, arrive=edge.arrive)
    above, below = text_width(edge.above, SMALL), text_width(edge.below, SMALL, bold=True)
    if flat:
        height = (38.0 if edge.is_on_path else 32.0) if edge.below else 28.0
        return Link(edge.tail, edge.head, max(above, below) + ARROW + 8, height, edge.leave, edge.arrive)
    return Link(edge.tail, edge.head, max(above, below) * 2 + 20, 34.0, edge.leave, edge.arrive)


def edge_items(edge: Edge, route: Route, flat: bool) -> list[Item]:
    """Return the shapes that show an edge: its line, its arrows and its texts.

    Args:
        edge: The edge.
        route: How it runs.
        flat: Whether the picture goes to the right or left.
    """
    paint = _line_paint(edge.colour, edge.width, edge.dash)
    pieces = route.pieces
    items: list[Item] = []
    start = route.start
    if edge.has_arrow:
        pieces, tip = _with_tip(route.start, pieces, edge.width)
        items.append(Polygon(tip, _tip_paint(edge.colour)))
    if edge.starts_with_arrow:
        back = _backwards(start, pieces)
        turned, tip = _with_tip(pieces[-1][-1], back, edge.width)
        start, pieces = turned[-1][-1], _backwards(pieces[-1][-1], turned)
        items.append(Polygon(tip, _tip_paint(edge.colour)))
    items.insert(0, Trail(start, pieces, paint))
    if not edge.above and not edge.below:
        return items
    x, y = route.anchor
    away = edge.width / 2 + (3 if edge.is_on_path else 0)
    if flat:
        if edge.above:
            items.append(Words(x, y - 4 - away, edge.above, SMALL, "ink", "middle"))
        if edge.below:
            items.append(Words(x, y + 11 + away, edge.below, SMALL, edge.below_colour, "middle", True))
    else:
        if edge.above:
            items.append(Words(x - 5 - away, y + 4, edge.above, SMALL, "ink", "end"))
        if edge.below:
            items.append(Words(x + 5 + away, y + 4, edge.below, SMALL, edge.below_colour, "start", True))
    return items


@lru_cache(maxsize=4_000)
def _line_paint(colour: str, width: float, dash: Dash) -> Paint:
    return Paint(stroke=colour, width=width, dash=dash)


@lru_cache(maxsize=500)
def _tip_paint(colour: str) -> Paint:
    return Paint(fill=colour)


def _straight(edge: Edge, placed: Layout) -> Route:
    """Return a straight line between the middles of two nodes; the nodes are painted over its ends."""
    ends = []
    for node in (edge.tail, edge.head):
        (x, y), (width, height) = placed.corners[node], placed.sizes[node]
        ends.append((x + width / 2, y + height / 2))
    return Route(ends[0], ((ends[1],),), ends[1])


def _backwards(start: Point, pieces: Sequence[tuple[Point, ...]]) -> tuple[tuple[Point, ...], ...]:
    points = [start, *(piece[-1] for piece in pieces)]
    return tuple(
        (*reversed(piece[:-1]), points[place]) for place, piece in reversed(list(enumerate(pieces)))
    )  # fmt: skip


def _with_tip(
    start: Point, pieces: Sequence[tuple[Point, ...]], width: float
) -> tuple[tuple[tuple[Point, ...], ...], tuple[Point, ...]]:
    """Return a line that ends where its arrow begins, and the arrow."""
    last = pieces[-1]
    x, y = end = last[-1]
    if len(last) == 1:
        from_x, from_y = pieces[-2][-1] if len(pieces) > 1 else start
    else:
        from_x, from_y = last[1]
    if -0.5 < from_x - x < 0.5 and abs(from_x - x) + abs(from_y - y) < 0.5:
        points = [start, *(point for piece in pieces for point in piece)]
        from_x, from_y = next((point for point in reversed(points[:-1]) if _apart(point, end) > 0.5), start)
    length = abs(from_x - x) or 1e-9 if from_y == y else hypot(from_x - x, from_y - y)
    along_x, along_y = (x - from_x) / length, (y - from_y) / length
    size = ARROW + width if width >= 2.4 else ARROW if width > 1 else 6.0
    half = 2.6 + width * 0.75
    base_x, base_y = x - along_x * size, y - along_y * size
    aside_x, aside_y = -along_y * half, along_x * half
    tip = (end, (base_x + aside_x, base_y + aside_y), (base_x - aside_x, base_y - aside_y))
    inner = (x - along_x * (size - 1), y - along_y * (size - 1))
    if len(last) == 1:
        if length <= size:  # too short a straight end: the line stops with the piece before it
            return (tuple(pieces[:-1]) or (last,)), tip
        return (*pieces[:-1], (inner,)), tip
    return (*pieces[:-1], (last[0], (last[1][0] - along_x * size, last[1][1] - along_y * size), inner)), tip


def _apart(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _frame(
    frame: Frame, diagram: Diagram, corners: Sequence[Point], sizes: Sequence[tuple[float, float]]
) -> Group | None:
    """Return the frame around its nodes, or None if another node would stand inside it."""
    if not frame.members:
        return None
    left = min(corners[n][0] for n in frame.members) - 8 + MARGIN
    top = min(corners[n][1] for n in frame.members) - 8 + MARGIN - (16 if frame.label else 0)
    right = max(corners[n][0] + sizes[n][0] for n in frame.members) + 8 + MARGIN
    bottom = max(corners[n][1] + sizes[n][1] for n in frame.members) + 8 + MARGIN
    members = set(frame.members)
    for node, ((x, y), (width, height)) in enumerate(zip(corners, sizes, strict=True)):
        x, y = x + MARGIN, y + MARGIN
        if node not in members and x < right and x + width > left and y < bottom and y + height > top:
            return None
    left, top = max(left, 1.0), max(top, 1.0)
    items: list[Item] = [Rectangle(left, top, right - left, bottom - top, 0, frame.paint)]
    if frame.label:
        items.append(Words((left + right) / 2, top + 14, frame.label, SMALL, frame.colour, "middle"))
    return Group(0, 0, tuple(items))


def _under(diagram: Diagram, room: float) -> tuple[tuple[Item, ...], float]:
    """Return the legend and the notes, and the height that they need."""
    items: list[Item] = []
    x, y = 0.0, 12.0
    for key in diagram.keys:
        sample = 34.0 if key.has_sample else 0.0
        width = sample + text_width(key.text, SMALL)
        if x and x + width > room:
            x, y = 0.0, y + _LINE
        if key.has_sample:
            line = ((x + 28, y - 4),)
            if key.is_on_path:
                items.append(Trail((x, y - 4), (line,), Paint(stroke="halo", width=8)))
            items.append(Trail((x, y - 4), (line,), Paint(stroke=key.colour, width=key.width, dash=key.dash)))
        items.append(Words(x + sample, y, key.text, SMALL, "quiet"))
        x += width + 22
    if diagram.keys:
        y += _LINE + 2
    for note in diagram.notes:
        for line_of_note in wrapped(note, SMALL, room):
            items.append(Words(0, y, line_of_note, SMALL, "ink"))
            y += _LINE
    return tuple(items), y - 12.0
