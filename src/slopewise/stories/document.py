"""A document without a format: headings, paragraphs, formulas, tables, notes; and the doors to its writers.

    Document = Block …
    Block    = Heading | Paragraph | Display | Table | Bullets | Note | Details
    Inline   = str | Formula | Span

Stories, answers and worksheets are built of these once, and written as plain text, Markdown, LaTeX, HTML or JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from slopewise.stories.formula import Formula

Tone = Literal["plain", "strong", "quiet", "good", "bad", "name", "code"]


@dataclass(frozen=True, slots=True)
class Span:
    """Some text with a tone: how it is meant, not how it looks."""

    text: str
    tone: Tone = "plain"


Inline = str | Formula | Span
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    content: Inlines
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Display:
    """Formulas in lines of their own, below each other.

    Attributes:
        formulas: The formulas.
        remarks: A remark beside each, or none at all.
    """

    formulas: tuple[Formula, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A row of a table that is one piece of text across all columns, over the rows that belong to it."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in rows and columns.

    Attributes:
        header: The columns' headings; empty for none.
        rows: The rows; a cell is one inline or several, a Band goes across.
        align: A letter per column: "l" or "r".
        tones: A tone per row; empty for none.
        caption: What the table shows; empty for none.
    """

    header: tuple[str, ...]
    rows: tuple["tuple[Inline | Inlines, ...] | Band", ...]
    align: str = ""
    tones: tuple[Tone, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, numbered or not."""

    items: tuple[Inlines, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that should not be overlooked (tone good or bad), or may be (tone quiet)."""

    content: Inlines
    tone: Tone = "quiet"


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks that open on demand.

    Attributes:
        summary: The line that is always there.
        blocks: What opens.
        hint: How to open it where nothing can be clicked, such as `story.open("layers.0")`; empty when it is written
            out there.
    """

    summary: Inlines
    blocks: "tuple[Block, ...]"
    hint: str = ""


Block = Heading | Paragraph | Display | Table | Bullets | Note | Details


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks, one after the other.

    Attributes:
        blocks: The blocks.
        data: What JSON carries besides, ready for `json.dumps`.
    """

    blocks: tuple[Block, ...]
    data: dict[str, Any] = field(default_factory=dict)

    def text(self, width: int = 88, spell: Callable[[str], str] | None = None) -> str:
        """Write plain text, at most `width` columns wide where words allow.

        Args:
            width: The columns to keep to.
            spell: Respells every piece of text before it is measured, for terminals without `²` or `→`.

        Example:
            >>> from slopewise.stories.document import Document, Heading, Paragraph
            >>> print(Document((Heading("A story", 1), Paragraph(("Once upon a time.",)))).text())
            A story
            <BLANKLINE>
            Once upon a time.
        """
        return "\n".join("".join(span.text for span in line).rstrip() for line in self.lines(width, spell))

    def lines(self, width: int = 88, spell: Callable[[str], str] | None = None) -> list[list[Span]]:
        """Return the plain text as lines of spans, for a terminal that has colours.

        Args:
            width: The columns to keep to.
            spell: Respells every piece of text before it is measured.
        """
        from slopewise.stories import document_text

        return document_text.Layout(spell).lines(self.blocks, width)

    def markdown(self, math: bool = True) -> str:
        """Write Markdown.

        Args:
            math: Whether formulas are written as `$LaTeX$`; otherwise as code.
        """
        from slopewise.stories import document_markdown

        return document_markdown.write(self.blocks, math)

    def latex(self) -> str:
        """Write LaTeX for the body of a document; `amsmath` and `booktabs` must be loaded."""
        from slopewise.stories import document_latex

        return document_latex.write(self.blocks)

    def html(self, style: bool = True) -> str:
        """Write an HTML fragment for a notebook or a page, with formulas in MathML.

        Args:
            style: Whether it brings its own style sheet, for light and dark; text contrast is at least 4.5:1.
        """
        from slopewise.stories import document_html

        return document_html.write(self.blocks, style)

    def json(self) -> dict[str, Any]:
        """Return `data`, with the blocks under "blocks"; everything in it is ready for `json.dumps`."""
        from slopewise.stories import document_json

        return {**self.data, "blocks": document_json.blocks(self.blocks)}


def inlines(cell: "Inline | Inlines") -> Inlines:
    """Return a cell's content as a tuple."""
    return cell if isinstance(cell, tuple) else (cell,)


def column_alignment(table: Table, columns: int) -> str:
    """Return a letter for every column of a table."""
    return (table.align + "l" * columns)[:columns]


def column_count(table: Table) -> int:
    """Return how many columns a table has."""
    return max([len(table.header), *(len(row) for row in table.rows if not isinstance(row, Band))], default=0)
