"""A net as circles and lines: weights as colour, dash and width of the lines, and as numbers where there is room."""

from collections.abc import Sequence
from typing import Any

from slopewise.basics.shown_numbers import relation, shown
from slopewise.drawing.graphs.choices import Choices
from slopewise.drawing.graphs.diagram import Diagram, Edge, Face, Key
from slopewise.drawing.graphs.emphasis import PLAIN, Stroke, colour_of, largest_of, size_of, stroke_of
from slopewise.drawing.graphs.faces import Card, Disc, Line, Run
from slopewise.drawing.graphs.looks import span_of
from slopewise.drawing.graphs.net_structure import Layers, is_net, layers_of, parameters_of
from slopewise.drawing.graphs.picture import Picture
from slopewise.drawing.graphs.text_width import one_line, shortened
from slopewise.engine import Value
from slopewise.engine.value import number_of, was_written
from slopewise.stories.document import Block, Document, Heading, Note, Span, Table

__all__ = ["is_net", "net_picture"]

_NUMBERED_INPUTS = 6  # a layer shows its numbers when its neurons have at most so many weights,
_NUMBERED_LINES = 24  # and this many altogether
_TALL = 20  # of a larger layer the middle is left out
_HEAD, _TAIL = 8, 3
_ROWS = 300


def net_picture(net: Any, choices: Choices, lines: str) -> Picture:
    """Draw a net; see `draw`.

    Args:
        net: What `is_net` accepts.
        choices: The options.
        lines: `"weights"` or `"gradients"`: what colour, dash and width of a line show.
    """
    direction = "LR" if choices.direction == "auto" else choices.direction
    name = one_line(type(net).__name__)
    layers = layers_of(net)
    named = parameters_of(net) or _named(layers)
    if layers is None:
        diagram = _loose(name, named, choices, direction)
    else:
        diagram = _Net(layers, choices, lines, direction).diagram(name, named)
    return Picture(diagram, choices.theme, "net", lambda: _document(named, diagram.notes))


def _named(layers: Layers | None) -> list[tuple[str, Value]]:
    found = []
    for i, layer in enumerate(layers or ()):
        for j, unit in enumerate(layer):
            found += [(f"layers.{i}.neurons.{j}.w.{k}", w) for k, w in enumerate(unit.weights)]
            if unit.bias is not None:
                found.append((f"layers.{i}.neurons.{j}.b", unit.bias))
    return found


class _Net:
    """A net of layers, becoming a diagram."""

    def __init__(self, layers: Layers, choices: Choices, lines: str, direction: str) -> None:
        self.layers = layers
        self.choices = choices
        self.lines = lines
        self.direction = direction
        self.sizes = [len(layers[0][0].weights), *map(len, layers)]
        self.kept = [_kept(size) for size in self.sizes]
        values = [v for layer in layers for unit in layer for v in unit.weights]
        self.has_run = any(was_written(v) for v in values)
        numbers = (v.grad for v in values if was_written(v)) if lines == "gradients" else map(number_of, values)
        self.diameter = 0.0
        self.largest = largest_of(numbers)
        self.numbered = [
            len(layer) * len(layer[0].weights) <= _NUMBERED_LINES and len(layer[0].weights) <= _NUMBERED_INPUTS
            for layer in layers
        ]

    def diagram(self, name: str, named: Sequence[tuple[str, Value]]) -> Diagram:
        faces: list[Face] = []
        edges: list[Edge] = []
        place: dict[tuple[int, int], int] = {}
        for column, kept in enumerate(self.kept):
            for index in kept:
                if index < 0:
                    left_out = self.sizes[column] - len(kept) + 1
                    faces.append(
                        Card(f"{left_out:,} more", "", ((Run(f"⋮ {left_out:,} more", 11.0, "quiet"),),), "paper", 0)
                    )
                    continue
                place[column, index] = len(faces)
                faces.append(_input(index) if column == 0 else self._neuron(column - 1, index))
        for number, layer in enumerate(self.layers):
            for j, unit in enumerate(layer):
                if (number + 1, j) not in place:
                    continue
                edges += [
                    self._line(number, place[number, i], place[number + 1, j], w, f"weight {i + 1} of neuron {j + 1}")
                    for i, w in enumerate(unit.weights)
                    if (number, i) in place
                ]
        # The stand-ins for neurons that are left out have no edges: hold them in their columns.
        faces, edges = self._held(faces, edges, place)
        return Diagram(
            tuple(faces), tuple(edges), self.direction, self._keys(), self._notes(), title=self._title(name, named),
            description=self._description(named), gap_along=60.0 if all(self.numbered) else 130.0, gap_across=14.0,
            keeps_order=True,
        )  # fmt: skip

    def _held(
        self, faces: list[Face], edges: list[Edge], place: dict[tuple[int, int], int]
    ) -> tuple[list[Face], list[Edge]]:
        column_of = {index: column for (column, _), index in place.items()}
        hidden = [index for index in range(len(faces)) if index not in column_of]
        for index in hidden:
            column = column_of[index - 1]
            if column:
                tail = next(place[column - 1, i] for i in self.kept[column - 1] if i >= 0)
                edges.append(Edge(tail, index, "none", 0.0, has_arrow=False))
            if column + 1 < len(self.sizes):
                head = next(place[column + 1, i] for i in self.kept[column + 1] if i >= 0)
                edges.append(Edge(index, head, "none", 0.0, has_arrow=False))
        return faces, edges

    def _neuron(self, layer: int, index: int) -> Disc:
        """Return a neuron's circle; all of a net are of one size."""
        if not self.diameter:
            discs = [self._disc(i, j) for i, units in enumerate(self.layers) for j in range(len(units))]
            self.diameter = max(disc.shape.width for disc in discs)
        return self._disc(layer, index)

    def _disc(self, layer: int, index: int) -> Disc:
        unit = self.layers[layer][index]
        lines: list[Line] = []
        if unit.activation:
            lines.append((Run(shortened(one_line(unit.activation), 11.0, 70.0), 11.0, bold=True),))
        said = [f"layer {layer + 1}, neuron {index + 1}", f"{len(unit.weights)} weights", unit.activation]
        stroke = Stroke("frame")
        if unit.bias is not None:
            lines.append((Run(f"b {shown(number_of(unit.bias))}", 10.5),))
            said.append(f"bias {relation(number_of(unit.bias))}")
            if was_written(unit.bias):
                colour = colour_of(unit.bias.grad) if self.choices.colour else "ink"
                lines.append((Run(shown(unit.bias.grad), 10.0, colour, bold=True),))
                said.append(f"its gradient {relation(unit.bias.grad)}")
        title = ", ".join(part for part in said if part)
        return Disc(title, tuple(lines), stroke.colour, stroke.width, "card", least=max(self.diameter, 40.0))

    def _line(self, layer: int, tail: int, head: int, w: Value, said: str) -> Edge:
        has_gradient = was_written(w)
        shown_number = w.grad if self.lines == "gradients" else number_of(w)
        stroke = PLAIN
        if self.choices.colour and (has_gradient or self.lines == "weights"):
            thick = 3.6 if self.numbered[layer] else 2.6 if len(self.layers[layer]) < 10 else 1.6
            stroke = stroke_of(shown_number, self.largest, thin=0.3, thick=thick)
        above = below = ""
        if self.numbered[layer]:
            above = shown(number_of(w))
            below = shown(w.grad) if has_gradient else ("—" if self.has_run else "")
        gradient = relation(w.grad) if has_gradient else "not run"
        title = f"{said} {relation(number_of(w))}, gradient {gradient}" if len(self.layers) < 8 else ""
        colour = colour_of(w.grad) if self.choices.colour and has_gradient else "ink"
        return Edge(
            tail, head, stroke.colour, stroke.width, stroke.dash, above, below, colour,
            has_arrow=False, title=title, is_straight=not self.numbered[layer],
        )  # fmt: skip

    def _keys(self) -> tuple[Key, ...]:
        keys = []
        if any(self.numbered):
            text = "over a line: the weight" + ("; bold under it: its gradient" if self.has_run else "")
            if self.direction in ("TB", "BT"):
                text = "beside a line: the weight" + ("; bold: its gradient" if self.has_run else "")
            keys.append(Key(text, has_sample=False))
        if any(unit.bias is not None for units in self.layers for unit in units):
            has_gradient = any(
                unit.bias is not None and was_written(unit.bias) for units in self.layers for unit in units
            )
            keys.append(
                Key("b: the bias" + ("; bold under it: its gradient" if has_gradient else ""), has_sample=False)
            )
        what = "gradient" if self.lines == "gradients" else "weight"
        if self.choices.colour and (self.has_run or self.lines == "weights"):
            keys += [Key(f"positive {what}", "positive", 2.4), Key("negative", "negative", 2.4, "dashed")]
            keys.append(Key("wider: larger", has_sample=False))
        return tuple(keys)

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if not self.has_run:
            notes.append("Gradients: not run. backward() has not reached these weights.")
        elif self.lines == "weights" and not all(self.numbered):
            notes.append("Lines show weights; lines='gradients' shows their gradients.")
        hidden = [size - sum(i >= 0 for i in kept) for size, kept in zip(self.sizes, self.kept, strict=True)]
        if any(hidden):
            notes.append(f"Left out: {sum(hidden):,} of {sum(self.sizes):,} circles, and their lines.")
        return tuple(notes)

    def _title(self, name: str, named: Sequence[tuple[str, Value]]) -> str:
        return f"{name} {'-'.join(map(str, self.sizes))}, {len(named):,} parameters"

    def _description(self, named: Sequence[tuple[str, Value]]) -> str:
        layers = []
        for layer in self.layers:
            activations = list(dict.fromkeys(unit.activation for unit in layer if unit.activation))
            kind = f" ({', '.join(map(one_line, activations))})" if activations else ""
            layers.append(f"{len(layer)} neuron{'s' * (len(layer) != 1)}{kind}")
        return (
            f"A net with {self.sizes[0]} input{'s' * (self.sizes[0] != 1)}, then {', then '.join(layers)}. "
            f"{_ranges(named)}"
        )


def _ranges(named: Sequence[tuple[str, Value]]) -> str:
    if not named:
        return "It has no parameters."
    written = [(name, p) for name, p in named if was_written(p)]
    said = f"Its {len(named):,} parameters lie in {span_of(number_of(p) for _, p in named)}. "
    if not written:
        return said + "Their gradients have not been computed."
    name, p = max(written, key=lambda item: size_of(item[1].grad) or 0.0)
    span = span_of(p.grad for _, p in written)
    return said + f"Their gradients lie in {span}; the largest is that of {one_line(name)}, {shown(p.grad)}."


def _kept(size: int) -> list[int]:
    """Return which neurons of a layer are drawn; -1 stands for those left out."""
    if size <= _TALL:
        return list(range(size))
    return [*range(_HEAD), -1, *range(size - _TAIL, size)]


def _input(index: int) -> Disc:
    return Disc(f"input {index + 1}", ((Run(f"x{index + 1}", 11.5),),), fill="leaf", least=40.0)


def _loose(name: str, named: Sequence[tuple[str, Value]], choices: Choices, direction: str) -> Diagram:
    """Return a picture of something with parameters whose inner order is not known: its parameters, and itself."""
    largest = largest_of(p.grad for _, p in named if was_written(p)) if choices.colour else 0.0
    shown_ones = list(named) if len(named) <= 2 * _TALL else [*named[: _TALL + 4], *named[-4:]]
    faces: list[Face] = []
    edges: list[Edge] = []
    for place, (full, p) in enumerate(shown_ones):
        stroke = stroke_of(p.grad, largest, thick=3.0) if was_written(p) and choices.colour else Stroke("frame")
        label = shortened(one_line(full), 12.5, 220.0, bold=True)
        gradient: Line = (Run("gradient not run", 11.0, "quiet", italic=True),)
        if was_written(p):
            colour = colour_of(p.grad) if choices.colour else "ink"
            gradient = (Run("gradient ", 11.0, "quiet"), Run(shown(p.grad), 11.0, colour, bold=True))
        text: Line = (Run(label, 12.5, bold=True), Run(f" {relation(number_of(p))}", 12.5))
        frame = "frame" if stroke.colour == "line" else stroke.colour
        faces.append(
            Card(f"{full} {relation(number_of(p))}", "", (text, gradient), frame, stroke.width, stroke.dash, "leaf")
        )
        edges.append(Edge(place, len(shown_ones), stroke.colour, stroke.width, stroke.dash))
    faces.append(
        Card(
            name, "", ((Run(name, 14.0, bold=True),), (Run(f"{len(named):,} parameters", 11.0, "quiet"),)), is_root=True
        )
    )
    notes = [] if any(was_written(p) for _, p in named) else ["Gradients: not run. backward() has not reached them."]
    if len(shown_ones) < len(named):
        notes.append(f"Left out: {len(named) - len(shown_ones):,} of {len(named):,} parameters.")
    return Diagram(
        tuple(faces), tuple(edges), direction, (), tuple(notes), title=f"{name}, {len(named):,} parameters",
        description=_ranges(named),
    )  # fmt: skip


def _document(named: Sequence[tuple[str, Value]], notes: tuple[str, ...]) -> Document:
    """Return the parameters as a table."""
    rows = []
    for name, p in named[:_ROWS]:
        gradient = shown(p.grad) if was_written(p) else Span("not run", "quiet")
        rows.append((Span(name, "name"), shown(number_of(p)), gradient))
    blocks: list[Block] = [Note((note,), "quiet") for note in notes]
    blocks += [Heading("Parameters", 2), Table(("parameter", "value", "gradient"), tuple(rows), "lrr")]
    if len(named) > _ROWS:
        blocks.append(Note((f"Left out: {len(named) - _ROWS:,} of {len(named):,} parameters.",), "quiet"))
    return Document(tuple(blocks))
