"""A DOT text as a picture: `draw_dot`'s graph and whatever a user adds to it, with no program of Graphviz.

Boxes, ellipses, circles, diamonds, plain texts and records are drawn as such, with their colours, styles and ports;
other shapes become boxes. The layout is that of all our graph pictures: layers along `rankdir`, edges as curves.
"""

from collections.abc import Mapping

from slopewise.drawing.graphs.colour_names import as_hex
from slopewise.drawing.graphs.diagram import Diagram, Edge, Frame, scene_of
from slopewise.drawing.graphs.dot_labels import label_lines, record_fields, words_of_markup
from slopewise.drawing.graphs.dot_reader import DotEdge, DotGraph, read_dot
from slopewise.drawing.graphs.faces import Kind, Plain, Record
from slopewise.drawing.graphs.layout import DIRECTIONS
from slopewise.drawing.graphs.raster_writer import painted
from slopewise.drawing.graphs.scene import NONE, Dash, Paint, Scene
from slopewise.drawing.graphs.svg_writer import svg_text

FORMATS = ("svg", "png", "pdf")
_SIZE = 14.0
_PER_INCH = 72.0
_KINDS: Mapping[str, Kind] = {
    "ellipse": "ellipse", "oval": "ellipse", "egg": "ellipse", "circle": "circle", "mcircle": "circle",
    "doublecircle": "doublecircle", "point": "point", "plaintext": "plain", "plain": "plain", "none": "plain",
    "diamond": "diamond", "mdiamond": "diamond", "hexagon": "hexagon", "octagon": "hexagon",
}  # fmt: skip


def dot_picture(source: str, format: str) -> bytes:
    """Return the picture of a DOT text.

    Args:
        source: The DOT text.
        format: `"svg"`, `"png"` or `"pdf"`.

    Raises:
        DataError: It is no DOT text.
        MissingExtraError: PNG and PDF need matplotlib.

    Example:
        >>> dot_picture("digraph { a -> b }", "svg")[:4]
        b'<svg'
    """
    scene = dot_scene(read_dot(source))
    return svg_text(scene).encode() if format == "svg" else painted(scene, "light", format)


def dot_scene(graph: DotGraph) -> Scene:
    """Lay out what a DOT text says, and return the picture."""
    direction = graph.attributes.get("rankdir", "TB").upper()
    direction = direction if direction in DIRECTIONS else "TB"
    flat = direction in ("LR", "RL")
    places = {name: place for place, name in enumerate(graph.nodes)}
    faces = [_face(name, attributes, flat) for name, attributes in graph.nodes.items()]
    edges = [_edge(edge, places, faces, flat, graph.is_directed) for edge in graph.edges]
    frames = [
        Frame(
            tuple(places[member] for member in cluster.members),
            _plain_label(cluster.attributes),
            Paint(
                _fill(cluster.attributes, "bgcolor"),
                as_hex(cluster.attributes.get("color", ""), "ink"),
                _number(cluster.attributes, "penwidth", 1.0),
                _dash(cluster.attributes),
            ),
            as_hex(cluster.attributes.get("fontcolor", ""), "ink"),
        )
        for cluster in graph.clusters
    ]
    label = _plain_label(graph.attributes)
    return scene_of(
        Diagram(
            tuple(faces),
            tuple(edge for edge in edges if edge is not None),
            direction,
            notes=(label.replace("\n", " "),) if label else (),
            frames=tuple(frames),
            title=label.replace("\n", " ") or graph.name or "A graph",
            description=_description(graph),
            gap_along=36.0,
            gap_across=18.0,
        )
    )


def _description(graph: DotGraph) -> str:
    names = [_said(name, attributes) for name, attributes in graph.nodes.items()]
    shown = "; ".join(names[:40]) + (f"; and {len(names) - 40} more" if len(names) > 40 else "")
    edges = len(graph.edges)
    return (
        f"A graph of {len(names)} node{'s' * (len(names) != 1)} and {edges} edge{'s' * (edges != 1)}"
        + (f": {shown}." if names else ".")
    )  # fmt: skip


def _said(name: str, attributes: Mapping[str, str]) -> str:
    lines = label_lines(
        attributes.get("label", "\\N"), name=name, size=_SIZE, colour="ink", is_markup="label markup" in attributes
    )
    return " ".join(" ".join(run.text for line in lines for run in line).replace("|", ",").strip("{} ").split())


def _face(name: str, attributes: Mapping[str, str], flat: bool) -> Plain | Record:
    shape = attributes.get("shape", "ellipse").lower()
    styles = _styles(attributes)
    size = min(max(_number(attributes, "fontsize", _SIZE), 4.0), 60.0)
    colour = as_hex(attributes.get("fontcolor", ""), "ink")
    is_filled = "filled" in styles or (shape == "point")
    fill = NONE
    if is_filled:
        fill = as_hex(
            attributes.get("fillcolor", attributes.get("color", "")), "ink" if shape == "point" else "#d3d3d3"
        )
        colour = as_hex(attributes.get("fontcolor", ""), "#000000")
    stroke = as_hex(attributes.get("color", ""), "ink")
    width = _number(attributes, "penwidth", 2.0 if "bold" in styles else 1.0)
    dash = _dash(attributes)
    label, is_markup = attributes.get("label", "\\N"), "label markup" in attributes
    title = attributes.get("tooltip", "") or _said(name, attributes)
    if "invis" in styles:
        stroke = fill = colour = NONE
        title = ""
    if shape in ("record", "mrecord") and not is_markup:
        fields = record_fields(label, name=name, size=size, colour=colour)
        radius = 8.0 if shape == "mrecord" or "rounded" in styles else 0.0
        return Record(title, fields, flat, stroke, width, fill if is_filled else NONE, dash, radius)
    lines = label_lines(label, name=name, size=size, colour=colour, is_markup=is_markup)
    kind = _KINDS.get(shape, "box")
    return Plain(
        title,
        kind,
        lines,
        Paint(fill, NONE if kind == "plain" else stroke, width, dash),
        10.0 if "rounded" in styles else 0.0,
        _number(attributes, "width", 0.75) * _PER_INCH,
        _number(attributes, "height", 0.5) * _PER_INCH,
    )


def _edge(
    edge: DotEdge, places: Mapping[str, int], faces: list[Plain | Record], flat: bool, is_directed: bool
) -> Edge | None:
    styles = _styles(edge.attributes)
    if "invis" in styles:
        return Edge(places[edge.tail], places[edge.head], NONE, has_arrow=False)
    way = edge.attributes.get("dir", "forward" if is_directed else "none").lower()
    return Edge(
        places[edge.tail],
        places[edge.head],
        as_hex(edge.attributes.get("color", ""), "ink"),
        max(_number(edge.attributes, "penwidth", 2.0 if "bold" in styles else 1.0), 0.2),
        _dash(edge.attributes),
        above=" ".join(_plain_label(edge.attributes).split()),
        has_arrow=way in ("forward", "both") and edge.attributes.get("arrowhead", "") != "none",
        starts_with_arrow=way in ("back", "both") and edge.attributes.get("arrowtail", "") != "none",
        title=edge.attributes.get("tooltip", ""),
        leave=_port(faces[places[edge.tail]], edge.tail_port, flat),
        arrive=_port(faces[places[edge.head]], edge.head_port, flat),
    )


def _port(face: Plain | Record, port: str, flat: bool) -> float | None:
    """Return how far a record's field is from its middle, across the picture's direction."""
    if not port or not isinstance(face, Record):
        return None
    size = face.shape
    for field, x, y, width, height, _, _ in face.places(size.width, size.height):
        if field.port and field.port == port.split(":")[0]:
            return y + height / 2 - size.height / 2 if flat else x + width / 2 - size.width / 2
    return None


def _plain_label(attributes: Mapping[str, str]) -> str:
    label = attributes.get("label", "")
    if "label markup" in attributes:
        return words_of_markup(label)
    return "\n".join(line[0].text for line in label_lines(label, name="", size=_SIZE, colour="ink"))


def _styles(attributes: Mapping[str, str]) -> set[str]:
    return {style.strip().lower() for style in attributes.get("style", "").split(",")}


def _dash(attributes: Mapping[str, str]) -> Dash:
    styles = _styles(attributes)
    return "dashed" if "dashed" in styles else "dotted" if "dotted" in styles else ""


def _fill(attributes: Mapping[str, str], key: str) -> str:
    if "filled" in _styles(attributes):
        return as_hex(attributes.get("fillcolor", attributes.get(key, attributes.get("color", ""))), "#d3d3d3")
    return as_hex(attributes[key], NONE) if key in attributes else NONE


def _number(attributes: Mapping[str, str], key: str, otherwise: float) -> float:
    try:
        found = float(attributes[key])
    except (KeyError, ValueError):
        return otherwise
    return found if 0 <= found < 1_000 else otherwise
