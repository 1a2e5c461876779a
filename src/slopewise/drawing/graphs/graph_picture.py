"""`draw`: a graph or a net as a picture."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from slopewise.drawing.graphs.choices import Choices, checked_choices, one_of
from slopewise.drawing.graphs.diagram import Diagram, scene_of
from slopewise.drawing.graphs.graph_words import (
    description_of_graph,
    keys_of_graph,
    late_nodes,
    notes_of_graph,
    title_of_graph,
)
from slopewise.drawing.graphs.looks import Marked, dressed
from slopewise.drawing.graphs.net_picture import is_net, net_picture
from slopewise.drawing.graphs.picture import Picture
from slopewise.drawing.graphs.sketch import Sketch, folded, top, whole
from slopewise.drawing.graphs.steps_table import steps_document
from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError
from slopewise.views import Names, Reading, ShownGraph, caller_names, check_root, group, shown_graph
from slopewise.views.collector import collector_paused

MANY = 100  # so many nodes are drawn one by one, unless asked otherwise
_BOXES = 70  # a picture that folds by itself has at most so many boxes
_TOP = 40
_ALIKE = "one for all nodes that were made alike"
_WHOLE = 6_000  # more than this is drawn only if everything is wanted
_WIDE = 1_280.0
_NARROWER = 0.75  # a picture is turned if that makes it so much narrower, or narrow enough
_BOX = 170.0  # about the width of a box and the gap beside it
_QUICK = 120  # up to so many boxes both directions are tried


@dataclass(frozen=True, slots=True)
class _Path:
    """A path to highlight: its shown nodes, and which operand the step from one to the other goes to, if known."""

    positions: tuple[int, ...] = ()
    places: dict[tuple[int, int], int] = field(default_factory=dict)


def draw(
    what: Any,
    *,
    look: str = "fused",
    direction: str = "auto",
    local: bool = False,
    contributions: bool = False,
    colour: bool = True,
    fold: str | None = "auto",
    highlight: Any = None,
    theme: str = "light",
    idioms: bool = True,
    everything: bool = False,
    lines: str = "weights",
    model: Any = None,
    names: Names | None = None,
    number_text: Any = None,
    gradient_text: Any = None,
) -> Picture:
    """Draw the graph that a Value ends in, or a net; no program is needed for it.

    Every box shows name, value and gradient. A gradient that neither a pass nor you wrote reads "not run", never 0. A
    graph with a leaf that changed since says so under the picture.

    Args:
        what: A Value, such as a loss; or a net: anything with `layers`, `neurons`, `w` and `b`, or `parameters()`.
        look: `"fused"`: the operation stands in the box of its result; `"lecture"`: records, with circles for
            operations.
        direction: `"LR"`, `"TB"`, `"RL"` or `"BT"`: where the root lies. `"auto"` is left to right, and top to bottom
            for a graph that would be wider than 1280 pixels and is narrower so.
        local: Whether each edge bears its local derivative, as a factor `× 3`.
        contributions: Whether each edge bears what flows back along it.
        colour: Whether gradients show as colour (blue positive, orange negative), dashes (negative) and width (size).
        fold: `"neuron"` or `"layer"` draws each neuron or layer as one box and what is made alike as a pile; `"same"`
            does the latter alone; `"none"` draws every node; `"auto"` folds beyond 100 nodes.
        highlight: A path to mark: a path of `why`, or the Values on it.
        theme: `"light"`, `"dark"`, or `"auto"`: as the reader's system is.
        idioms: Whether `a - b`, `a / b`, `-a`, sums and means are one node each; False shows the nodes inside.
        everything: Whether to draw even a very large graph node by node.
        lines: Of a net: whether its lines show `"weights"` or `"gradients"`.
        model: The net in whose places parameters are named; found among your variables if not given.
        names: What nodes are called; your variables are looked at if not given.
        number_text: By Value or name, a text in place of the number, such as `{"d": "____"}` for a worksheet.
        gradient_text: The same for gradients.

    Returns:
        A `Picture`: a notebook shows it, `save` writes SVG, PNG, PDF, HTML or DOT.

    Raises:
        NumberError: `what` is neither a Value nor a net.
        DomainError: An option is unknown, or the path leads through nodes that are not in this graph.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0, label="a"), sw.Value(3.0, label="b")
        >>> d = a * b
        >>> d.backward()
        >>> picture = sw.draw(d, contributions=True)
        >>> picture
        <Picture of a graph: Graph of d: 1 operation, 392 × 175 pixels>
        >>> print(picture.description)
        Given a = −2 and b = 3. d = a · b = −6. Gradients, from d back: d 1, b −2 and a 3.
    """
    choices = checked_choices(
        look=look, direction=direction, local=bool(local), contributions=bool(contributions), colour=bool(colour),
        fold=fold, theme=theme, idioms=bool(idioms), everything=bool(everything), number_text=number_text,
        gradient_text=gradient_text,
    )  # fmt: skip
    one_of("lines", lines, ("weights", "gradients"))
    if not isinstance(what, Value):
        if is_net(what):
            return net_picture(what, choices, lines)
        _refuse(what)
    with collector_paused():
        reading = Reading(what)
        if names is None:
            names = caller_names(reading.nodes, model)
        return _graph_picture(reading, names, choices, highlight)


def _graph_picture(reading: Reading, names: Names, choices: Choices, highlight: Any) -> Picture:
    graph = shown_graph(reading.root, names, choices.idioms, reading=reading)
    path = _path_of(highlight, graph)
    sketch = _sketch(reading, graph, choices, path.positions)
    marked = _marked(sketch, path)

    late = late_nodes(graph)

    def diagram(way: str) -> Diagram:
        faces, edges = dressed(sketch, choices, way, marked, late)
        return Diagram(
            faces,
            edges,
            way,
            keys_of_graph(graph, sketch, choices, bool(path.positions)),
            notes,
            title=title_of_graph(graph),
            description=description_of_graph(graph, sketch),
        )

    notes = notes_of_graph(graph, sketch, choices)
    if choices.direction != "auto":
        drawn = diagram(choices.direction)
    else:
        drawn = _in_best_direction(sketch, diagram)
    return Picture(drawn, choices.theme, "graph", lambda: steps_document(graph, notes))


def _in_best_direction(sketch: Sketch, diagram: Callable[[str], Diagram]) -> Diagram:
    """Return the graph from left to right, or from top to bottom if it is too wide otherwise and narrower then."""
    if len(sketch.boxes) > _QUICK:
        lying, upright = _extents(sketch)
        return diagram("TB" if lying > _WIDE and upright < _NARROWER * lying else "LR")
    drawn = diagram("LR")
    width = scene_of(drawn).width if len(sketch.boxes) > 2 else 0.0
    if width <= _WIDE:
        return drawn
    turned = diagram("TB")
    return turned if scene_of(turned).width <= max(_WIDE, _NARROWER * width) else drawn


def _extents(sketch: Sketch) -> tuple[float, float]:
    """Guess how wide a picture would be from left to right, and from top to bottom, in pixels."""
    distance = [0] * len(sketch.boxes)  # from the root, in edges
    for wire in reversed(sketch.wires):
        if wire.tail < wire.head:
            distance[wire.tail] = max(distance[wire.tail], distance[wire.head] + 1)
    counts = Counter(distance)
    return _BOX * len(counts), _BOX * max(counts.values())


def _refuse(what: Any) -> None:
    """Say what is needed in place of something that cannot be drawn.

    Raises:
        NumberError: Always.
    """
    if isinstance(what, (list, tuple)) and what and all(isinstance(item, Value) for item in what):
        check_root(what)
    kind = type(what).__name__
    given = f"an empty {kind}" if isinstance(what, (list, tuple)) and not what else None
    if given is None:
        text = repr(what)
        given = text if isinstance(what, (int, float, complex, str, type(None))) and len(text) < 60 else f"a {kind}"
    raise NumberError(
        f"draw() needs a Value or a net, got {given}\n"
        f"give the Value that you would call backward() on, or a net with layers or parameters()"
    )


def _sketch(reading: Reading, graph: ShownGraph, choices: Choices, path: tuple[int, ...]) -> Sketch:
    """Choose what is drawn: all nodes, folded ones, or those near the root."""
    count = len(graph.nodes)
    if choices.fold in ("neuron", "layer"):
        units = _units(reading, graph)[choices.fold]
        if not any(units):
            raise DomainError(
                f"fold={choices.fold!r} needs the parameters of a net, and none was found below this Value\n"
                f"hand the net over as model=, or fold what was made alike: fold='same'"
            )
        return folded(graph, units, f"one for each {choices.fold}") or whole(graph)
    if choices.fold == "same":
        return folded(graph, [""] * count, _ALIKE) or whole(graph)
    if choices.everything or count <= MANY:
        return whole(graph)
    if choices.fold == "none":
        return whole(graph) if count <= _WHOLE else top(graph, _WHOLE, path)
    for kind, units in _units(reading, graph).items():
        sketch = folded(graph, units, f"one for each {kind}", _BOXES) if any(units) else None
        if sketch is not None:
            return sketch
    return folded(graph, [""] * count, _ALIKE, _BOXES) or top(graph, _TOP, path)


def _units(reading: Reading, graph: ShownGraph) -> dict[str, list[str]]:
    """Return for each shown node the neuron and the layer that it belongs to, or `""`."""
    if not any(node.kind == "leaf" and graph.names.place_of(node.value) for node in graph.nodes):
        return {"neuron": [], "layer": []}
    groups = group(reading.root, graph.names, reading)
    at = {id(node): position for position, node in enumerate(groups.nodes)}
    shown = [at[id(node.value)] for node in graph.nodes]
    return {"neuron": [groups.neuron[p] for p in shown], "layer": [groups.layer[p] for p in shown]}


def _path_of(highlight: Any, graph: ShownGraph) -> _Path:
    """Return the positions of a path's nodes, as far as they are shown.

    Raises:
        NumberError: It is no path.
        DomainError: None of its nodes is in this graph.
    """
    if highlight is None:
        return _Path()
    path = highlight
    if not isinstance(path, Value) and not hasattr(path, "nodes") and getattr(path, "paths", None):
        path = path.paths[0]
    nodes = [path] if isinstance(path, Value) else getattr(path, "nodes", path)
    try:
        values = list(nodes)
    except TypeError:
        values = [None]
    if not values or not all(isinstance(value, Value) for value in values):
        raise NumberError(
            f"highlight needs a path of why() or a list of Values, got {type(highlight).__name__}\n"
            f"for example highlight=sw.why(a, f).paths[0], or highlight=[f, d, a]"
        )
    found = [position for position in map(graph.position, values) if position is not None]
    if not found:
        raise DomainError(
            "none of the highlighted Values is in this graph\ngive a path from this root to one of its leaves"
        )
    places = {}
    for link in getattr(path, "links", ()):  # a path of why() knows which operand each step goes to
        above, below = graph.position(link.node), graph.position(link.operand)
        if above is not None and below is not None:
            places[above, below] = link.place
    return _Path(tuple(found), places)


def _marked(sketch: Sketch, path: _Path) -> Marked:
    """Return the boxes and edges that a path goes over; of two edges between the same boxes, its own or the first."""
    box_of = {node.position: place for place, box in enumerate(sketch.boxes) for node in box.members}
    boxes = {box_of[position] for position in path.positions if position in box_of}
    wanted: dict[frozenset[int], int | None] = {}
    for one, other in pairwise(position for position in path.positions if position in box_of):
        if box_of[one] != box_of[other]:
            place = path.places.get((one, other), path.places.get((other, one)))
            wanted[frozenset((box_of[one], box_of[other]))] = place
    wires = []
    for index, wire in enumerate(sketch.wires):
        pair = frozenset((wire.tail, wire.head))
        if pair in wanted and (wanted[pair] in (None, wire.place) or wire.edges > 1):
            del wanted[pair]
            wires.append(index)
    return Marked(frozenset(boxes), frozenset(wires))
