"""What boxes look like: `fused`, with the operation in the box, or `lecture`, with records and circles."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from slopewise.basics import shown_numbers
from slopewise.drawing.graphs.choices import Choices
from slopewise.drawing.graphs.diagram import Edge, Face
from slopewise.drawing.graphs.emphasis import PLAIN, THICK, THIN, Stroke, colour_of, largest_of, size_of, stroke_of
from slopewise.drawing.graphs.faces import Card, Disc, Field, Line, Record, Run
from slopewise.drawing.graphs.sketch import Box, Sketch, Wire
from slopewise.drawing.graphs.text_width import one_line, shortened
from slopewise.lecture.graph import shown as four_decimals
from slopewise.views import ShownNode

NAME, NUMBER, SMALL = 12.5, 12.5, 11.0
_THICK = 3.0  # outlines stay thinner than edges
_ROOM_FOR_A_NAME = 170.0
_ROOM_FOR_A_NUMBER = 150.0
_BACK = {"LR": "←", "RL": "→", "TB": "↑", "BT": "↓"}
_MANY = 400  # edges of a larger picture have no words of their own
_CROWDED = 90  # so many edges are drawn thinner
_LARGE = {"·": "×"}  # a dot is lost on a slide
_ORDERED = frozenset(("subtraction", "division", "power", "modulo"))


def relation(number: Any) -> str:
    """Return a number with `=` or `≈` before it."""
    return _relation(number) if type(number) is float else shown_numbers.relation(number)


def shown(number: Any) -> str:
    """Return a number as it is shown."""
    return _shown(number) if type(number) is float else shown_numbers.shown(number)


_relation = lru_cache(maxsize=50_000)(shown_numbers.relation)  # a graph has few different numbers, shown often
_shown = lru_cache(maxsize=50_000)(shown_numbers.shown)


@dataclass(frozen=True, slots=True)
class Marked:
    """What a highlighted path goes over.

    Attributes:
        boxes: The places of the boxes.
        wires: The places of the edges.
    """

    boxes: frozenset[int] = frozenset()
    wires: frozenset[int] = frozenset()


def dressed(
    sketch: Sketch, choices: Choices, direction: str, marked: Marked, late: frozenset[int] = frozenset()
) -> tuple[tuple[Face, ...], tuple[Edge, ...]]:
    """Return the faces and edges of a sketch in the look that was asked for.

    Args:
        sketch: What is drawn.
        choices: How.
        direction: One of four.
        marked: What a highlighted path goes over.
        late: The positions of the nodes whose number does not follow from those of their operands.
    """
    largest = _largest(sketch) if choices.colour else 0.0
    if choices.look == "lecture":
        return _lecture(sketch, choices, direction, marked, largest, late)
    faces = tuple(
        _card(box, choices, largest, place == len(sketch.boxes) - 1, place in marked.boxes, late)
        for place, box in enumerate(sketch.boxes)
    )
    edges = tuple(
        _edge(wire, sketch, choices, direction, largest, place in marked.wires)
        for place, wire in enumerate(sketch.wires)
    )
    return faces, edges


def _largest(sketch: Sketch) -> float:
    nodes = (node.stored for box in sketch.boxes for node in box.members if node.was_written)
    wires = (wire.contribution for wire in sketch.wires if wire.has_run)
    return max(largest_of(nodes), largest_of(wires))


# ---------------------------------------------------------------------- the fused look


def _card(box: Box, choices: Choices, largest: float, is_root: bool, is_on_path: bool, late: frozenset[int]) -> Card:
    node = box.node
    if box.kind in ("unit", "pile"):
        lines = _unit_lines(box) if box.kind == "unit" else _pile_lines(box)
        symbol = "" if box.kind == "unit" or node.kind == "leaf" else _pile_symbol(box)
        stroke = _stroke_of_many(box, choices, largest)
        fill = "leaf" if box.kind == "pile" and node.kind == "leaf" else "card"
        return Card(
            title_of(box),
            one_line(symbol),
            lines,
            stroke.colour,
            stroke.width,
            stroke.dash,
            fill,
            is_root,
            is_on_path,
            True,
        )
    stroke = stroke_of(node.stored, largest, thick=_THICK) if choices.colour and node.was_written else PLAIN
    frame = "frame" if stroke.colour == "line" else stroke.colour
    symbol = symbol_of(node)
    if box.kind == "cut":
        symbol = f"⋯ {symbol}"
    lines = (_value_line(node, choices), _gradient_line(node, choices))
    return Card(
        title_of(box, late),
        shortened(one_line(symbol), 13.0, _ROOM_FOR_A_NUMBER, bold=True),
        lines,
        frame,
        stroke.width,
        stroke.dash,
        "leaf" if node.kind == "leaf" else "card",
        is_root,
        is_on_path,
        keeps_order=node.operation in _ORDERED,
    )


def _value_line(node: ShownNode, choices: Choices) -> Line:
    name = shortened(one_line(node.name), NAME, _ROOM_FOR_A_NAME, bold=True)
    replaced = _replaced(choices.number_text, node)
    number = relation(node.number) if replaced is None else f"= {replaced}"
    number = shortened(one_line(number), NUMBER, _ROOM_FOR_A_NUMBER)
    if node.is_given:
        return (Run(name, NAME, bold=True), Run(f" {number}", NUMBER))
    return (Run(name, NAME, "quiet"), Run(f" {number}", NUMBER))


def _gradient_line(node: ShownNode, choices: Choices) -> Line:
    replaced = _replaced(choices.gradient_text, node)
    if replaced is not None:
        return (Run("gradient ", SMALL, "quiet"), Run(one_line(replaced), SMALL, "ink"))
    if not node.was_written:
        return (Run("gradient not run", SMALL, "quiet", italic=True),)
    text = shortened(one_line(shown(node.stored)), SMALL, _ROOM_FOR_A_NUMBER, bold=True)
    colour = colour_of(node.stored) if choices.colour else "ink"
    return (Run("gradient ", SMALL, "quiet"), Run(text, SMALL, colour, bold=True))


def _replaced(texts: Mapping[int | str, str], node: ShownNode) -> str | None:
    if not texts:
        return None
    found = texts.get(id(node.value))
    return texts.get(node.name) if found is None else found


def symbol_of(node: ShownNode) -> str:
    """Return the operation of a node with the numbers of the formula in it: `· 2`, `1 −`, `** 2`."""
    if node.kind == "leaf":
        return ""
    symbol = "Σ" if node.operation == "sum" and len(node.operands) > 1 else _LARGE.get(node.symbol, node.symbol)
    constants = [operand for operand in node.operands if operand.is_constant]
    if not constants:
        return symbol
    numbers = ", ".join(operand.name for operand in constants[:3]) + (", …" if len(constants) > 3 else "")
    if len(node.operands) == 2 and len(constants) == 1 and len(symbol) <= 2:
        return f"{numbers} {symbol}" if node.operands[0].is_constant else f"{symbol} {numbers}"
    if node.operation == "sum":
        return f"Σ + {numbers}"
    if node.operation in ("power", "mean"):
        return f"{symbol} {numbers}"
    return f"{symbol}(…, {numbers})"


def _unit_lines(box: Box) -> tuple[Line, ...]:
    name = shortened(one_line(box.name), NAME, 200.0, bold=True)
    leaves = [node for node in box.members if node.kind == "leaf"]
    made = Counter(node.operation for node in box.members if node.kind != "leaf")
    activations = [word for word in made if word not in ("addition", "product", "sum")]
    parts = [_counted(len(leaves), "parameter")] if leaves else []
    parts += activations[-1:]
    lines: list[Line] = [(Run(name, NAME, bold=True),)]
    if parts:
        lines.append((Run(", ".join(map(one_line, parts)), SMALL, "quiet"),))
    outputs = box.outputs
    if len(outputs) == 1:
        lines.append((Run("output ", SMALL, "quiet"), Run(relation(outputs[0].number), SMALL)))
    else:
        lines.append(
            (Run(f"{len(outputs):,} outputs ", SMALL, "quiet"), Run(span_of(n.number for n in outputs), SMALL))
        )
    lines.append(_gradients_line(leaves or outputs))
    return tuple(lines)


def _pile_lines(box: Box) -> tuple[Line, ...]:
    node = box.node
    if _is_chain(box):
        operands = [operand for member in box.members for operand in member.operands]
        zeros = sum(operand.is_constant and operand.number == 0 for operand in operands)
        terms = len(operands) - len(box.members) + 1 - zeros
        name = shortened(one_line(node.name), NAME, _ROOM_FOR_A_NAME, bold=node.is_given)
        return (
            (
                Run(name, NAME, "ink" if node.is_given else "quiet", node.is_given),
                Run(f" {relation(node.number)}", NUMBER),
            ),
            (Run(f"sum of {terms:,} terms", SMALL, "quiet"),),
            _gradients_line([node]),
        )
    outputs = box.outputs or box.members
    what = list(dict.fromkeys("leaf" if member.kind == "leaf" else member.operation for member in box.members))
    words = one_line(", ".join({"leaf": "leaves"}.get(word, word) for word in what))
    title = f"{len(outputs):,} × {shortened(words, NAME, 220.0, bold=True)}"
    return (
        (Run(title, NAME, bold=True),),
        (Run("values ", SMALL, "quiet"), Run(span_of(n.number for n in outputs), SMALL)),
        _gradients_line(outputs),
    )


def _is_chain(box: Box) -> bool:
    inside = {node.position for node in box.members}
    node = box.node
    return node.operation == "addition" and any(
        operand.position in inside and box.members[0].operation == "addition" for operand in node.operands
    )


def _pile_symbol(box: Box) -> str:
    """Return the sign of a pile: the one that all have, with its numbers if these are the same too."""
    outputs = box.outputs or box.members
    if _is_chain(box):
        return "Σ"
    symbols = {symbol_of(node) for node in outputs}
    return symbols.pop() if len(symbols) == 1 else _LARGE.get(box.node.symbol, box.node.symbol)


def _gradients_line(nodes: Sequence[ShownNode]) -> Line:
    written = [node.stored for node in nodes if node.was_written]
    if not written:
        return (Run("gradients not run", SMALL, "quiet", italic=True),)
    word = "gradient " if len(nodes) == 1 else "gradients "
    rest = f" ({len(nodes) - len(written):,} not run)" if len(written) < len(nodes) else ""
    return (Run(word, SMALL, "quiet"), Run(span_of(written), SMALL, "ink", bold=True), Run(rest, SMALL, "quiet"))


def span_of(numbers: Iterable[Any]) -> str:
    """Return the range of several numbers: `−0.2 … 1.5`, or the number when all are the same.

    Example:
        >>> span_of([2.0, -1.0, 0.5]), span_of([3.0, 3.0])
        ('−1 … 2', '3')
    """
    given = list(numbers)
    real = [number for number in given if size_of(number) is not None]
    if len(real) < len(given):
        strange = next(number for number in given if size_of(number) is None)
        return f"{shown(strange)} …" if len(given) > 1 else shown(strange)
    low, high = shown(min(real)), shown(max(real))
    return low if low == high else f"{low} … {high}"


def _stroke_of_many(box: Box, choices: Choices, largest: float) -> Stroke:
    shown_ones = [node for node in box.members if node.kind == "leaf"] if box.kind == "unit" else box.outputs
    written = [node.stored for node in shown_ones or box.members if node.was_written]
    if not choices.colour or not written:
        return Stroke("frame")
    signs = {(size_of(number) is not None) and (float(number) > 0) - (float(number) < 0) for number in written}
    extreme = max(written, key=lambda number: size_of(number) or 0.0)
    stroke = stroke_of(extreme, largest, thick=_THICK)
    if len(signs) == 1:
        return Stroke("frame" if stroke.colour == "line" else stroke.colour, stroke.width, stroke.dash)
    return Stroke("frame", stroke.width)


def said_of_number(formula: str, number: Any, is_late: bool) -> str:
    """Return a formula with its number, as an equation only if it is one.

    Args:
        formula: A name, or a name with what it was made of, as text.
        number: The number that the node holds.
        is_late: Whether the number does not follow from those of the operands as they are.

    Example:
        >>> said_of_number("d = a · b", 6.0, False), said_of_number("d = a · b", 1.0, True)
        ('d = a · b = 6', 'd = a · b when it was computed, and holds 1')
    """
    return f"{formula} when it was computed, and holds {shown(number)}" if is_late else f"{formula} {relation(number)}"


def title_of(box: Box, late: frozenset[int] = frozenset()) -> str:
    """Return what a box shows, as a sentence: a reader with a mouse sees it over the box."""
    node = box.node
    if box.kind in ("unit", "pile"):
        names = ", ".join(member.name for member in box.members[:6])
        rest = f" and {len(box.members) - 6:,} more" if len(box.members) > 6 else ""
        what = box.name or f"{len(box.members):,} × {node.operation or 'leaf'}"
        return f"{what}: {len(box.members):,} nodes ({names}{rest})"
    gradient = f"gradient {relation(node.stored)}" if node.was_written else "gradient not run"
    source = f"; {node.source}" if node.source is not None else ""
    return f"{said_of_number(formula_of(node), node.number, node.position in late)}; {gradient}{source}"


def formula_of(node: ShownNode) -> str:
    """Return a node's name and, if it was made, what it was made of: `d = a · b`."""
    if node.kind == "leaf":
        return node.name
    names = [operand.name for operand in node.operands]
    if len(names) > 8:
        names = [*names[:6], "…", names[-1]]
    if node.operation in ("sum", "mean"):
        made = f"{node.operation}({', '.join(names)})"
    elif node.operation == "negation":
        made = f"−{names[0]}"
    elif len(names) == 2 and len(node.symbol) <= 2:
        made = f"{names[0]} {node.symbol} {names[1]}"
    else:
        made = f"{node.symbol}({', '.join(names)})"
    return f"{node.name} = {made}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


# ---------------------------------------------------------------------- edges


def _edge(wire: Wire, sketch: Sketch, choices: Choices, direction: str, largest: float, is_on_path: bool) -> Edge:
    head, tail = sketch.boxes[wire.head], sketch.boxes[wire.tail]
    thin, thick = (0.5, 2.6) if len(sketch.wires) > _CROWDED else (THIN, THICK)
    has_colour = choices.colour and wire.has_run
    stroke = stroke_of(wire.contribution, largest, thin=thin, thick=thick) if has_colour else PLAIN
    above = below = ""
    if choices.local and wire.edges == 1 and wire.partial is not None:
        above = f"× {shown(wire.partial)}"
    if choices.contributions and wire.has_run and wire.contribution is not None:
        sign = "Σ " if wire.edges > 1 else ""
        below = f"{_BACK[direction]} {sign}{shown(wire.contribution)}"
    colour = colour_of(wire.contribution) if choices.colour else "ink"
    return Edge(
        wire.tail,
        wire.head,
        stroke.colour,
        stroke.width,
        stroke.dash,
        above,
        below,
        colour,
        is_on_path,
        title=_edge_title(wire, head, tail) if len(sketch.wires) < _MANY else "",
    )


def _edge_title(wire: Wire, head: Box, tail: Box) -> str:
    if wire.edges > 1:
        into = head.name or head.node.operation
        return f"{wire.edges:,} edges from {tail.name or tail.node.operation or 'leaves'} to {into}"
    parts = []
    if wire.partial is not None:
        parts.append(f"d {head.node.name} / d {tail.node.name} {relation(wire.partial)}")
    if wire.has_run and wire.contribution is not None:
        parts.append(f"contribution {relation(wire.contribution)}")
    return "; ".join(parts)


# ---------------------------------------------------------------------- the lecture's look


def _lecture(
    sketch: Sketch, choices: Choices, direction: str, marked: Marked, largest: float, late: frozenset[int]
) -> tuple[tuple[Face, ...], tuple[Edge, ...]]:
    """Return a record for each Value and a circle for each operation, as the lecture draws them."""
    faces: list[Face] = []
    edges: list[Edge] = []
    record_of: dict[int, int] = {}
    circle_of: dict[int, int] = {}
    for place, box in enumerate(sketch.boxes):
        node = box.node
        is_on_path = place in marked.boxes
        has_circle = box.kind in ("node", "cut") and node.kind != "leaf"
        if has_circle:
            circle_of[place] = len(faces)
            text = f"⋯ {symbol_of(node)}" if box.kind == "cut" else symbol_of(node)
            text = shortened(one_line(text), NUMBER, _ROOM_FOR_A_NUMBER)
            size = 15.0 if len(text) == 1 else NUMBER
            ordered = node.operation in _ORDERED
            faces.append(Disc(formula_of(node), ((Run(text, size),),), is_on_path=is_on_path, keeps_order=ordered))
        record_of[place] = len(faces)
        if box.kind in ("unit", "pile"):
            faces.append(_card(box, choices, largest, False, is_on_path, late))
            continue
        stroke = stroke_of(node.stored, largest, thick=_THICK) if choices.colour and node.was_written else PLAIN
        frame = "frame" if stroke.colour == "line" else stroke.colour
        faces.append(
            Record(
                title_of(box, late),
                tuple(Field((line,)) for line in _record_lines(node, choices)),
                direction in ("TB", "BT"),
                frame,
                stroke.width,
                "card",
                stroke.dash,
                is_on_path=is_on_path,
            )
        )
        if has_circle:
            edges.append(
                Edge(
                    circle_of[place], record_of[place], stroke.colour, stroke.width, stroke.dash, is_on_path=is_on_path
                )
            )
    for place, wire in enumerate(sketch.wires):
        edge = _edge(wire, sketch, choices, direction, largest, place in marked.wires)
        edges.append(_moved(edge, record_of[wire.tail], circle_of.get(wire.head, record_of[wire.head])))
    return tuple(faces), tuple(edges)


def _record_lines(node: ShownNode, choices: Choices) -> tuple[Line, ...]:
    name = shortened(one_line(node.name), NAME, _ROOM_FOR_A_NAME) if node.is_given else " "
    replaced = _replaced(choices.number_text, node)
    number = shortened(one_line(four_decimals(node.number) if replaced is None else replaced), NUMBER, 190.0)
    replaced = _replaced(choices.gradient_text, node)
    if replaced is None and not node.was_written:
        gradient: Line = (Run("grad not run", NUMBER, "quiet", italic=True),)
    else:
        text = shortened(one_line(four_decimals(node.stored) if replaced is None else replaced), NUMBER, 190.0)
        gradient = (Run(f"grad {text}", NUMBER),)
    return (Run(name, NAME),), (Run(f"data {number}", NUMBER),), gradient


def _moved(edge: Edge, tail: int, head: int) -> Edge:
    return Edge(
        tail, head, edge.colour, edge.width, edge.dash, edge.above, edge.below, edge.below_colour, edge.is_on_path,
        title=edge.title,
    )  # fmt: skip
