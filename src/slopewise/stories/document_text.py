"""Documents as lines of plain text, with a tone on every span."""

from collections.abc import Callable
from typing import assert_never
from unicodedata import combining, east_asian_width

from slopewise.stories import formula
from slopewise.stories.document import (
    Band,
    Block,
    Bullets,
    Details,
    Display,
    Heading,
    Inline,
    Inlines,
    Note,
    Paragraph,
    Span,
    Table,
    Tone,
    column_alignment,
    column_count,
    inlines,
)
from slopewise.stories.name_text import visible

Line = list[Span]
_GAP = 2
_NARROWEST = 8
_UNBROKEN = 40
_GLUE = "\x00"  # stands for a space that is not to be broken at; visible() leaves none of its own


def as_written(text: str) -> str:
    """Return the text itself: the spelling of a terminal that has every character."""
    return text


class Layout:
    """Lays blocks out as lines.

    Args:
        spell: Respells every piece of text before it is measured, for terminals that lack some characters.
    """

    def __init__(self, spell: Callable[[str], str] | None = None) -> None:
        self.spell = spell if spell is not None else as_written

    def lines(self, blocks: tuple[Block, ...], width: int) -> list[Line]:
        """Lay out blocks, with an empty line between two.

        Args:
            blocks: The blocks.
            width: The columns to keep to; a word or formula wider than that stands out.
        """
        width = max(width, 20)
        out: list[Line] = []
        for i, block in enumerate(blocks):
            laid = self._block(block, width)
            if laid and out and not _belong_together(blocks[i - 1], block):
                out.append([])
            out.extend(laid)
        return out

    def _block(self, block: Block, width: int) -> list[Line]:
        match block:
            case Heading(text, _):
                return wrapped([self._span(Span(text, "strong"), "strong")], width)
            case Paragraph(content, tone):
                return _unglued(wrapped(self._glued(content, tone), width))
            case Note(content, tone):
                mark = {"good": "✓ ", "bad": "✗ "}.get(tone, "")
                return _unglued(self._hanging(mark, self._glued(content, tone), width, tone))
            case Display(formulas, remarks):
                rows = tuple(((f,) if not remarks else (f, Span(remarks[i], "quiet"))) for i, f in enumerate(formulas))
                return _indented(self._table(Table((), rows), width - 2), 2)
            case Table():
                return self._table(block, width)
            case Bullets(items, numbered):
                marks = [f"{i}. " if numbered else "• " for i in range(1, len(items) + 1)]
                longest = max(map(len, marks), default=0)
                return [
                    line
                    for mark, item in zip(marks, items, strict=True)
                    for line in self._hanging(mark.rjust(longest), self._spans(item), width)
                ]
            case Details(summary, inner, hint):
                head = wrapped(self._spans(summary), width)
                if hint:
                    return [*head, *_indented([[self._span(Span(hint, "code"), "code")]], 2)]
                return [*head, *_indented(self.lines(inner, width - 2), 2)]
            case _:
                assert_never(block)

    def _spans(self, content: Inlines, tone: Tone = "plain") -> list[Span]:
        """Return the content as spans; what has no tone of its own takes the given one."""
        return [self._span(item, tone) for item in content]

    def _span(self, item: Inline, tone: Tone) -> Span:
        if isinstance(item, Span):
            return Span(self.spell(visible(item.text)), item.tone if item.tone != "plain" else tone)
        return Span(self.spell(visible(item) if isinstance(item, str) else formula.text(item)), tone)

    def _glued(self, content: Inlines, tone: Tone) -> list[Span]:
        """Return the content as spans; a short formula in running text is not broken at its spaces."""
        out = []
        for item, span in zip(content, self._spans(content, tone), strict=True):
            whole = not isinstance(item, (str, Span)) and columns_of(span.text) <= _UNBROKEN
            out.append(Span(span.text.replace(" ", _GLUE), span.tone) if whole else span)
        return out

    def _hanging(self, mark: str, spans: list[Span], width: int, tone: Tone = "plain") -> list[Line]:
        mark = self.spell(mark)
        indent = columns_of(mark)
        laid = wrapped(spans, width - indent)
        return [
            [Span(mark if i == 0 else " " * indent, tone), *line] if indent else line for i, line in enumerate(laid)
        ]  # fmt: skip

    def _table(self, table: Table, width: int) -> list[Line]:
        columns = column_count(table)
        if not columns:
            return []
        align = column_alignment(table, columns)
        bands: dict[int, list[Span]] = {}
        rows: list[list[list[Span]]] = []
        if table.header:
            rows.append([[self._span(Span(head, "quiet"), "quiet")] for head in table.header])
        for i, row in enumerate(table.rows):
            tone = table.tones[i] if table.tones else "plain"
            if isinstance(row, Band):
                bands[len(rows)] = self._spans(row.content, tone)
                rows.append([])
                continue
            rows.append([self._spans(inlines(cell), tone) for cell in row])
        for spans in rows:
            spans.extend([] for _ in range(columns - len(spans)))
        indent = _GAP if bands else 0
        natural = [max(line_columns(row[c]) for row in rows) for c in range(columns)]
        widths = _fitted(natural, rows, width - indent)
        if indent + sum(widths) + _GAP * (columns - 1) > width:
            return self._stacked(table, rows, bands, width)
        out: list[Line] = []
        for i, spans in enumerate(rows):
            if i in bands:
                out.extend(wrapped(bands[i], width))
                continue
            cells = [wrapped(cell, widths[c]) for c, cell in enumerate(spans)]
            for k in range(max(map(len, cells))):
                line: Line = [Span(" " * indent)] if indent else []
                for c, cell in enumerate(cells):
                    content = cell[k] if k < len(cell) else []
                    padding = Span(" " * max(0, widths[c] - line_columns(content)))
                    gap = [Span(" " * _GAP)] if c else []
                    line += [*gap, padding, *content] if align[c] == "r" else [*gap, *content, padding]
                out.append(line)
        return [*self._caption(table, width), *out]

    def _caption(self, table: Table, width: int) -> list[Line]:
        return wrapped([self._span(Span(table.caption, "quiet"), "quiet")], width) if table.caption else []

    def _stacked(
        self, table: Table, rows: list[list[list[Span]]], bands: dict[int, list[Span]], width: int
    ) -> list[Line]:
        """Lay out a table that is wider than its place: each row's cells below each other, its first cell leading."""
        heads = rows[0] if table.header else []
        out: list[Line] = []
        for i, cells in enumerate(rows):
            if i in bands:
                out.extend(wrapped(bands[i], width))
                continue
            if table.header and i == 0:
                continue
            by = _GAP if bands else 0
            for c, cell in enumerate(cells):
                if not line_columns(cell):
                    continue
                head = heads[c] if c and heads else []
                content = [*head, Span(": ", "quiet"), *cell] if head else cell
                out.extend(_indented(wrapped(content, width - by), by))
                by = (_GAP if bands else 0) + _GAP
        return [*self._caption(table, width), *out]


def _belong_together(above: Block, below: Block) -> bool:
    return isinstance(above, Heading) and above.level > 1 and not isinstance(below, Heading)


def _unglued(laid: list[Line]) -> list[Line]:
    return [[Span(span.text.replace(_GLUE, " "), span.tone) for span in line] for line in laid]


def columns_of(text: str) -> int:
    """Return how many columns a terminal gives a text."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def line_columns(line: Line) -> int:
    """Return how many columns a line takes."""
    return sum(columns_of(span.text) for span in line)


def wrapped(spans: list[Span], width: int) -> list[Line]:
    """Break spans into lines at spaces."""
    out: list[Line] = []
    line: Line = []
    used = 0
    space: Span | None = None
    for word in _words(spans):
        if word == [None]:
            space = Span(" ")
            continue
        pieces = [piece for piece in word if piece is not None]
        taken = line_columns(pieces)
        if line and used + (space is not None) + taken > width:
            out.append(line)
            line, used, space = [], 0, None
        if space is not None and line:
            line.append(Span(" ", line[-1].tone if line[-1].tone == pieces[0].tone else "plain"))
            used += 1
        space = None
        line.extend(pieces)
        used += taken
    if line:
        out.append(line)
    return out or [[]]


def _words(spans: list[Span]) -> list[list[Span | None]]:
    """Split spans into words (a word may run over several spans) and spaces, written [None]."""
    out: list[list[Span | None]] = [[]]
    for span in spans:
        for i, piece in enumerate(span.text.split(" ")):
            if i:
                out.extend(([None], []))
            if piece:
                out[-1].append(Span(piece, span.tone))
    return [word for word in out if word]


def _indented(laid: list[Line], by: int) -> list[Line]:
    return [[Span(" " * by), *line] if line else line for line in laid]


def _fitted(natural: list[int], rows: list[list[list[Span]]], width: int) -> list[int]:
    """Narrow the widest columns, down to their longest word, until a table fits."""
    widths = list(natural)
    least = [
        max(min(natural[c], _NARROWEST), *(line_columns(line) for row in rows for line in wrapped(row[c], 1)))
        for c in range(len(natural))
    ]
    excess = sum(widths) + _GAP * (len(widths) - 1) - width
    while excess > 0:
        c = max(range(len(widths)), key=lambda i: (widths[i] > least[i], widths[i] - least[i], widths[i]))
        if widths[c] <= least[c]:
            break
        widths[c] -= 1
        excess -= 1
    return widths
