"""Where stories and answers go: the terminal, or a file, as text, Markdown, LaTeX, HTML or JSON."""

import html
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from slopewise.cli.documents import print_document
from slopewise.cli.json_output import as_json
from slopewise.cli.terminal import fail, is_terminal, plain_option, printable, safe

if TYPE_CHECKING:
    from slopewise.stories.document import Document

FORMATS = ("text", "markdown", "latex", "html", "json")
_SUFFIXES = {".txt": "text", ".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html", ".json": "json"}


class Told(Protocol):
    """What can be told: a story, or an answer to why."""

    @property
    def document(self) -> "Document": ...
    def text(self, width: int = ...) -> str: ...
    def markdown(self) -> str: ...
    def latex(self) -> str: ...
    def html(self) -> str: ...
    def json(self) -> dict[str, Any]: ...


def story_options(command: Any) -> Any:
    """Add the options on how something is told: --format, -o, --json, --plain."""
    options = [
        click.option("--format", "form", type=click.Choice(FORMATS), default=None,
                     help="How it is written; text unless given, or as the ending of -o says."),
        click.option("-o", "--output", type=click.Path(path_type=Path), default=None, metavar="FILE",
                     help="Write to a file: .txt, .md, .tex, .html or .json."),
        click.option("--json", "to_json", is_flag=True, help="The same as --format json."),
    ]  # fmt: skip
    command = plain_option(command)
    for option in reversed(options):
        command = option(command)
    return command


def chosen_format(form: str | None, to_json: bool, output: Path | None) -> str:
    """Return the format that the options mean; ends the command with one line when they disagree."""
    if to_json and form not in (None, "json"):
        fail(f"--json and --format {form} exclude each other: give one")
    if to_json or form is not None:
        return "json" if to_json else str(form)
    if output is None:
        return "text"
    if output.suffix.lower() not in _SUFFIXES:
        fail(f"-o {output}: the ending says the format: {', '.join(_SUFFIXES)}; or give --format")
    return _SUFFIXES[output.suffix.lower()]


def deliver(told: Told, form: str, output: Path | None, title: str) -> None:
    """Print something told, or write it to a file."""
    if output is None:
        if form == "text":
            print_document(told.document)
        else:
            click.echo(printable(safe(_written(told, form, title, whole=False)).rstrip("\n")))
        return
    text = _written(told, form, title, whole=True)
    write_file(output, text.rstrip("\n") + "\n")


def write_file(path: Path, text: str) -> None:
    """Write a text file; a problem is one line."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n", errors="backslashreplace")
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror or error}")
    if is_terminal(sys.stdout):
        click.echo(printable(safe(f"written to {path}")))


def _written(told: Told, form: str, title: str, *, whole: bool) -> str:
    """Return something told in a format.

    Args:
        told: A story or an answer.
        form: One of `FORMATS`.
        title: The title of a page.
        whole: Whether HTML is a page of its own, and not a part for another page.
    """
    import json

    if form == "json":
        return json.dumps(as_json(told.json()), indent=2, allow_nan=False)
    if form == "markdown":
        return told.markdown()
    if form == "latex":
        return told.latex()
    if form == "text":
        return told.text()
    return _page(told.html(), title) if whole else told.html()


def _page(fragment: str, title: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(safe(title))}</title>\n"
        "<style>:root { color-scheme: light dark; } "
        'body { margin: 1.5rem auto; padding: 0 1rem; max-width: 62rem; font: 1rem/1.5 system-ui, "DejaVu Sans", '
        "sans-serif; }</style>\n"
        f"</head>\n<body>\n<main>\n{fragment}\n</main>\n</body>\n</html>"
    )
