"""A diagram as DOT text, for other programs that lay graphs out."""

from slopewise.drawing.graphs.diagram import Diagram, Face
from slopewise.drawing.graphs.faces import Card, Disc, Field, Line, Plain, Record
from slopewise.drawing.graphs.palette import LIGHT
from slopewise.drawing.graphs.text_width import one_line


def dot_text(diagram: Diagram) -> str:
    """Return the graph of a diagram as DOT, its texts and colours with it.

    Args:
        diagram: The graph as it is drawn.
    """
    lines = ["digraph {", f"\tgraph [rankdir={diagram.direction} tooltip={_quoted(diagram.title)}]"]
    lines.append('\tnode [fontname="DejaVu Sans" fontsize=12 shape=box style=filled]')
    lines.append('\tedge [fontname="DejaVu Sans" fontsize=11]')
    for place, face in enumerate(diagram.faces):
        lines.append(f"\tn{place} [{_node(face)}]")
    for edge in diagram.edges:
        parts = [f"color={_quoted(LIGHT.get(edge.colour, edge.colour))}", f"penwidth={edge.width:.1f}"]
        if edge.dash:
            parts.append(f"style={edge.dash}")
        texts = [text for text in (edge.above, edge.below) if text]
        if texts:
            parts.append(f"label={_quoted(chr(10).join(map(one_line, texts)))}")
        if not edge.has_arrow:
            parts.append("dir=none")
        lines.append(f"\tn{edge.tail} -> n{edge.head} [{' '.join(parts)}]")
    notes = [*diagram.notes]
    if notes:
        lines.append(f"\tlabel={_quoted(chr(10).join(map(one_line, notes)))}")
    return "\n".join([*lines, "}", ""])


def _node(face: Face) -> str:
    match face:
        case Card():
            texts = [_words(line) for line in face.lines]
            if face.symbol:
                texts.insert(0, face.symbol)
            style = "filled" if face.symbol else '"filled,rounded"'
            fill, frame, width = face.fill, face.frame, face.frame_width
            return _attributes("\n".join(texts), "box", fill, frame, width, face.title, style)
        case Disc():
            texts = [_words(line) for line in face.lines]
            return _attributes("\n".join(texts), "ellipse", face.fill, face.frame, face.frame_width, face.title)
        case Record():
            label = " | ".join(_field(field) for field in face.fields)
            return (
                f'label="{{ {label} }}" shape=record fillcolor="{LIGHT.get(face.fill, face.fill)}" '
                f'color="{LIGHT.get(face.frame, face.frame)}" tooltip={_quoted(face.title)}'
            )
        case Plain():
            return _attributes("\n".join(map(_words, face.lines)), face.kind, "paper", "frame", 1.0, face.title)
        case _:
            return _attributes(face.title, "box", "paper", "frame", 1.0, face.title)


def _attributes(
    label: str, shape: str, fill: str, frame: str, width: float, tooltip: str, style: str = "filled"
) -> str:
    return (
        f'label={_quoted(label)} shape={shape} style={style} fillcolor="{LIGHT.get(fill, fill)}" '
        f'color="{LIGHT.get(frame, frame)}" penwidth={width:.1f} tooltip={_quoted(tooltip)}'
    )


def _words(line: Line) -> str:
    return one_line("".join(run.text for run in line))


def _field(field: Field) -> str:
    text = " ".join(map(_words, field.lines))
    escaped = "".join(f"\\{sign}" if sign in '\\{}|<>"' else sign for sign in text)
    return escaped.replace("&", "&amp;")


def _quoted(text: str) -> str:
    lines = (
        one_line(line).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in text.split("\n")
    )
    return '"' + "\\n".join(lines) + '"'
