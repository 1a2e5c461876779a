"""Stories and answers in the terminal: at its width, in colour where there is colour, in ASCII where it must be."""

import re
import shlex
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.terminal import is_coloured, printable, safe, width_of

if TYPE_CHECKING:
    from slopewise.stories.document import Document, Span

_FIRM = "\u00a0"
WIDEST = 110  # longer lines are hard to read

_OPEN = re.compile(r"""story\.open\((?:"(?P<place>[^"]*)")?(?:, )?(?:sample=(?P<sample>\d+))?\)""")
_MODEL = "give the net as model=net, if your variables do not hold it"
_VARIABLE = "bind the net to a variable of the file"
_OPTION = re.compile(r"\b(?:(?:(fold)='(\w+)')|(?:(everything)=True))")

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
    return [_line(spans, coloured) for spans in document.lines(width, spell=_spelled)]


def on_the_command_line(text: str) -> str:
    """Return a text in which calls of Python that a reader may want next are options of the command.

    Example:
        >>> from slopewise.cli.documents import on_the_command_line
        >>> on_the_command_line('story.open("layers.0", sample=2)'), on_the_command_line("fold='none' draws all.")
        ('--open layers.0 --sample 2', '--fold none draws all.')
    """
    text = _OPEN.sub(_as_options, text).replace("story.steps has", "--json has").replace(_MODEL, _VARIABLE)
    return _OPTION.sub(lambda match: f"--fold {match[2]}" if match[1] else "--everything", text)


def _as_options(match: re.Match[str]) -> str:
    place, sample = match["place"], match["sample"]
    quoted = shlex.quote(place) if place else ""
    return " ".join([*([f"--open {quoted}"] if place else []), *([f"--sample {sample}"] if sample else [])])


def _line(spans: "list[Span]", coloured: bool) -> str:
    text = "".join(span.text for span in spans).rstrip()
    if not coloured:
        return printable(text, sys.stdout)
    parts: list[str] = []
    room = len(text)
    for tone, group in groupby(spans, key=lambda span: span.tone):
        part = "".join(span.text for span in group)[:room]
        room -= len(part)
        part = printable(part, sys.stdout)
        style = _STYLES[tone]
        parts.append(click.style(part, **style) if style and part.strip() else part)
    return "".join(parts)


def _spelled(text: str) -> str:
    """Return a piece of text as the terminal can show it; a blank that does not break stays one, for code."""
    parts = safe(on_the_command_line(text)).split(_FIRM)
    return _FIRM.join([printable(part, sys.stdout) for part in parts])
