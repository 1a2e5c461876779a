"""Stories and answers in the terminal: at its width, in colour where there is colour, in ASCII where it must be."""

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.terminal import is_coloured, printable, safe, width_of

if TYPE_CHECKING:
    from slopewise.stories.document import Document, Span

WIDEST = 110  # longer lines are hard to read

# fmt: off
_STYLES: dict[str, dict[str, Any]] = {
    "plain":  {},
    "strong": {"bold": True},
    "quiet":  {"dim": True},
    "good":   {"fg": "green"},
    "bad":    {"fg": "red", "bold": True},
    "name":   {"fg": "cyan"},
    "code":   {"fg": "cyan"},
}
# fmt: on


def print_document(document: "Document") -> None:
    """Print a document as text for the terminal that stdout is; in a pipe 100 columns wide and without colour."""
    click.echo("\n".join(document_lines(document, min(width_of(), WIDEST))), color=is_coloured())


def document_lines(document: "Document", width: int) -> list[str]:
    """Return a document as lines for stdout, with colour where stdout has colour."""
    coloured = is_coloured()
    return [_line(spans, coloured) for spans in document.lines(width)]


def _line(spans: "list[Span]", coloured: bool) -> str:
    text = "".join(span.text for span in spans).rstrip()
    if not coloured:
        return _shown(text)
    parts: list[str] = []
    room = len(text)
    for tone, group in groupby(spans, key=lambda span: span.tone):
        part = "".join(span.text for span in group)[:room]
        room -= len(part)
        style = _STYLES[tone]
        parts.append(click.style(_shown(part), **style) if style and part.strip() else _shown(part))
    return "".join(parts)


def _shown(text: str) -> str:
    return printable(safe(text), sys.stdout)
