"""The faces of nodes: cards with an operation in them, discs, records of fields, and DOT's plain shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, assert_never

from slopewise.drawing.graphs.layout import Shape
from slopewise.drawing.graphs.scene import NONE, Item, Oval, Paint, Polygon, Rectangle, Trail, Words
from slopewise.drawing.graphs.text_width import text_width

PAD = 9.0


class Run(NamedTuple):
    """A piece of a line of text, all in one dress."""

    text: str
    size: float = 12.0
    colour: str = "ink"
    bold: bool = False
    italic: bool = False

    @property
    def width(self) -> float:
        """Its width, in pixels."""
        return text_width(self.text, self.size, bold=self.bold)


Line = tuple[Run, ...]


def line_width(line: Line) -> float:
    """Return the width of a line of text, in pixels."""
    total = 0.0
    for text, size, _, bold, _ in line:
        total += text_width(text, size, bold=bold)
    return total


def line_height(line: Line) -> float:
    """Return the distance from one line of text to the next, in pixels."""
    largest = 0.0
    for run in line:
        if run.size > largest:
            largest = run.size
    return (largest or 12.0) * 1.3


def set_lines(lines: Sequence[Line], x: float, y: float, room: float, *, centred: bool) -> list[Item]:
    """Return lines of text, set from the top y down, in a room of some width from x on."""
    items: list[Item] = []
    for line in lines:
        height = line_height(line)
        y += height
        at = x + (room - line_width(line)) / 2 if centred else x
        base = y - height * 0.27
        before = None  # the run whose width has not been added yet: that of the last is not needed
        for run in line:
            if before is not None:
                at += text_width(before.text, before.size, bold=before.bold)
            before = run
            text, size, colour, bold, italic = run
            words = text.strip()
            if words:
                shift = text_width(" ", size, bold=bold) if text[0] == " " else 0.0
                items.append(Words(at + shift, base, words, size, colour, "start", bold, italic))
    return items


@dataclass(frozen=True, slots=True)
class Card:
    """A box with the operation in a cell on its left, and lines of text.

    Attributes:
        title: What it shows, in words.
        symbol: The operation; empty for a leaf, whose corners are round.
        lines: The texts.
        frame: The colour of its outline.
        frame_width: The outline's width.
        dash: How the outline is dashed.
        fill: The colour of its ground.
        is_root: Whether it is the root, which has a second outline.
        is_on_path: Whether it is on the highlighted path.
        is_stack: Whether it stands for several nodes, and looks like a pile.
        keeps_order: Whether its operands are drawn in their order.
    """

    title: str
    symbol: str
    lines: tuple[Line, ...]
    frame: str = "frame"
    frame_width: float = 1.2
    dash: Literal["", "dashed", "dotted"] = ""
    fill: str = "card"
    is_root: bool = False
    is_on_path: bool = False
    is_stack: bool = False
    keeps_order: bool = False

    @property
    def _cell(self) -> float:
        if not self.symbol:
            return 0.0
        return max(26.0, text_width(self.symbol, self._symbol_size, bold=True) + 12)

    @property
    def _symbol_size(self) -> float:
        return 17.0 if len(self.symbol) == 1 else 13.0 if len(self.symbol) < 6 else 11.5

    @property
    def shape(self) -> Shape:
        """The room that it needs."""
        width = self._cell + 2 * PAD + max([line_width(line) for line in self.lines], default=0.0)
        height = 13.0 + sum([line_height(line) for line in self.lines])
        return Shape(max(width, 44.0), max(height, 30.0), False, self.keeps_order)

    def items(self, width: float, height: float) -> tuple[Item, ...]:
        """The shapes that show it."""
        radius = 4.0 if self.symbol or self.is_stack else 13.0
        items: list[Item] = []
        if self.is_on_path:
            items.append(Rectangle(-5, -5, width + 10, height + 10, radius + 5, Paint(fill="halo")))
        if self.is_stack:
            for shift in (6.0, 3.0):
                items.append(Rectangle(shift, shift, width, height, radius, Paint(self.fill, "frame", 1.0)))
        outline = Paint(self.fill, self.frame, self.frame_width, self.dash)
        if self.dash:
            items.append(Rectangle(0, 0, width, height, radius, Paint(fill=self.fill)))
        items.append(Rectangle(0, 0, width, height, radius, outline))
        cell = self._cell
        if cell:
            inset = self.frame_width / 2
            items.append(_left_rounded(inset, inset, cell - inset, height - 2 * inset, radius - 1))
            size = self._symbol_size
            items.append(Words(cell / 2, height / 2 + size * 0.36, self.symbol, size, "ink", "middle", True))
        if self.is_root:
            items.append(Rectangle(-4, -4, width + 8, height + 8, radius + 4, Paint(stroke=self.frame, width=1.0)))
        text = sum([line_height(line) for line in self.lines])
        items += set_lines(self.lines, cell + PAD, (height - text) / 2, width - cell - 2 * PAD, centred=not self.symbol)
        return tuple(items)


@lru_cache(maxsize=4_000)
def _left_rounded(x: float, y: float, width: float, height: float, radius: float) -> Item:
    r = min(radius, height / 2)
    k = r * 0.45
    return Trail(
        (x + width, y),
        (
            ((x + r, y),),
            ((x + k, y), (x, y + k), (x, y + r)),
            ((x, y + height - r),),
            ((x, y + height - k), (x + k, y + height), (x + r, y + height)),
            ((x + width, y + height),),
        ),
        Paint(fill="cell"),
    )


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle, or an ellipse around a longer text: an operation of the lecture's look, a neuron of a net.

    Attributes:
        title: What it shows, in words.
        lines: The texts in it.
        frame: The colour of its outline.
        frame_width: The outline's width.
        fill: The colour of its ground.
        dash: How the outline is dashed.
        least: Its least diameter.
        is_on_path: Whether it is on the highlighted path.
        keeps_order: Whether its operands are drawn in their order.
    """

    title: str
    lines: tuple[Line, ...]
    frame: str = "frame"
    frame_width: float = 1.2
    fill: str = "cell"
    dash: Literal["", "dashed", "dotted"] = ""
    least: float = 34.0
    is_on_path: bool = False
    keeps_order: bool = False

    @property
    def shape(self) -> Shape:
        """The room that it needs."""
        width = max((line_width(line) for line in self.lines), default=0.0)
        height = sum(line_height(line) for line in self.lines)
        across = max(self.least, height * (1.2 if len(self.lines) > 1 else 1.0) + 10)
        return Shape(max(across, width * (1.25 if len(self.lines) > 1 else 1.0) + 16), across, True, self.keeps_order)

    def items(self, width: float, height: float) -> tuple[Item, ...]:
        """The shapes that show it."""
        x, y = width / 2, height / 2
        items: list[Item] = []
        if self.is_on_path:
            items.append(Oval(x, y, x + 5, y + 5, Paint(fill="halo")))
        items.append(Oval(x, y, x, y, Paint(self.fill, self.frame, self.frame_width, self.dash)))
        text = sum(line_height(line) for line in self.lines)
        items += set_lines(self.lines, 0, (height - text) / 2, width, centred=True)
        return tuple(items)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: a text, or fields inside it across the direction of its own."""

    lines: tuple[Line, ...] = ()
    fields: tuple["Field", ...] = ()
    port: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A box of fields, side by side or one above the other.

    Attributes:
        title: What it shows, in words.
        fields: The fields.
        is_upright: Whether the outermost fields stand one above the other.
        frame: The colour of its outline.
        frame_width: The outline's width.
        fill: The colour of its ground.
        dash: How the outline is dashed.
        radius: How round its corners are.
        is_on_path: Whether it is on the highlighted path.
    """

    title: str
    fields: tuple[Field, ...]
    is_upright: bool = False
    frame: str = "frame"
    frame_width: float = 1.2
    fill: str = "card"
    dash: Literal["", "dashed", "dotted"] = ""
    radius: float = 0.0
    is_on_path: bool = False

    @property
    def shape(self) -> Shape:
        """The room that it needs."""
        width, height = _field_size(Field(fields=self.fields), self.is_upright)
        return Shape(width, height)

    def items(self, width: float, height: float) -> tuple[Item, ...]:
        """The shapes that show it."""
        items: list[Item] = []
        if self.is_on_path:
            items.append(Rectangle(-5, -5, width + 10, height + 10, self.radius + 5, Paint(fill="halo")))
        items.append(
            Rectangle(0, 0, width, height, self.radius, Paint(self.fill, self.frame, self.frame_width, self.dash))
        )
        for field, x, y, w, h, first, upright in self.places(width, height):
            if not first:
                end = (x, y + h) if not upright else (x + w, y)
                items.append(Trail((x, y), ((end,),), Paint(stroke=self.frame, width=1.0)))
            text = sum(line_height(line) for line in field.lines)
            items += set_lines(field.lines, x, y + (h - text) / 2, w, centred=True)
        return tuple(items)

    def places(self, width: float, height: float) -> list[tuple[Field, float, float, float, float, bool, bool]]:
        """Return each field with its corner and size, whether it is the first of its row, and how its row runs."""
        found = []
        waiting = [(Field(fields=self.fields), 0.0, 0.0, width, height, True, self.is_upright, self.is_upright)]
        while waiting:
            field, x, y, w, h, first, row_upright, upright = waiting.pop()
            found.append((field, x, y, w, h, first, row_upright))
            if not field.fields:
                continue
            sizes = [_field_size(inner, not upright) for inner in field.fields]
            spare = (h - sum(s[1] for s in sizes)) if upright else (w - sum(s[0] for s in sizes))
            extra = spare / len(sizes)
            row = []
            for place, (inner, (least_w, least_h)) in enumerate(zip(field.fields, sizes, strict=True)):
                size = (w, least_h + extra) if upright else (least_w + extra, h)
                row.append((inner, x, y, *size, place == 0, upright, not upright))
                x, y = (x, y + size[1]) if upright else (x + size[0], y)
            waiting.extend(reversed(row))
        return found


def _field_size(field: Field, upright: bool) -> tuple[float, float]:
    if field.fields:
        sizes = [_field_size(inner, not upright) for inner in field.fields]
        if upright:
            return max(s[0] for s in sizes), sum(s[1] for s in sizes)
        return sum(s[0] for s in sizes), max(s[1] for s in sizes)
    width = max((line_width(line) for line in field.lines), default=0.0)
    return max(width + 2 * PAD, 20.0), max(sum(line_height(line) for line in field.lines) + 12, 28.0)


Kind = Literal["box", "ellipse", "circle", "doublecircle", "plain", "diamond", "point", "hexagon"]


@dataclass(frozen=True, slots=True)
class Plain:
    """One of DOT's shapes with a text in it.

    Attributes:
        title: What it shows, in words.
        kind: The shape.
        lines: The texts in it.
        paint: Its ground and outline.
        radius: How round a box's corners are.
        least_width: The least width.
        least_height: The least height.
    """

    title: str
    kind: Kind
    lines: tuple[Line, ...]
    paint: Paint
    radius: float = 0.0
    least_width: float = 54.0
    least_height: float = 36.0

    @property
    def shape(self) -> Shape:
        """The room that it needs."""
        width = max((line_width(line) for line in self.lines), default=0.0)
        height = sum(line_height(line) for line in self.lines)
        match self.kind:
            case "point":
                return Shape(8, 8, True)
            case "plain":
                return Shape(max(width + 8, 8), max(height + 6, 8))
            case "box":
                return Shape(max(width + 2 * PAD, self.least_width), max(height + 12, self.least_height))
            case "hexagon":
                return Shape(max(width * 1.2 + 26, self.least_width), max(height + 14, self.least_height))
            case "ellipse":
                factor = 1.42 if len(self.lines) > 1 else 1.2
                return Shape(
                    max(width * factor + 14, self.least_width), max(height * factor + 8, self.least_height), True
                )
            case "circle" | "doublecircle":
                side = max((width**2 + height**2) ** 0.5 + 8, self.least_height)
                side += 8 if self.kind == "doublecircle" else 0
                return Shape(side, side, True)
            case "diamond":
                return Shape(max(width * 1.7 + 20, self.least_width), max(height * 1.7 + 16, self.least_height))
            case _ as unreachable:
                assert_never(unreachable)

    def items(self, width: float, height: float) -> tuple[Item, ...]:
        """The shapes that show it."""
        x, y = width / 2, height / 2
        items: list[Item] = []
        match self.kind:
            case "plain":
                if self.paint.fill != NONE:
                    items.append(Rectangle(0, 0, width, height, 0, Paint(fill=self.paint.fill)))
            case "box":
                items.append(Rectangle(0, 0, width, height, self.radius, self.paint))
            case "ellipse" | "circle" | "doublecircle" | "point":
                items.append(Oval(x, y, x, y, self.paint))
                if self.kind == "doublecircle":
                    items.append(Oval(x, y, x - 4, y - 4, Paint(stroke=self.paint.stroke, width=self.paint.width)))
            case "diamond":
                items.append(Polygon(((x, 0), (width, y), (x, height), (0, y)), self.paint))
            case "hexagon":
                d = min(14.0, width / 4)
                items.append(
                    Polygon(((d, 0), (width - d, 0), (width, y), (width - d, height), (d, height), (0, y)), self.paint)
                )
            case _ as unreachable:
                assert_never(unreachable)
        if self.kind != "point":
            text = sum(line_height(line) for line in self.lines)
            items += set_lines(self.lines, 0, (height - text) / 2, width, centred=True)
        return tuple(items)
