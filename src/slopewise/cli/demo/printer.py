"""Blocks in the terminal: wrapped prose, aligned tables, bars only where a terminal shows them."""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, assert_never

from slopewise.cli.demo.page import Block, Chapter, Grid, Lines, Paragraph, Picture, Told
from slopewise.cli.documents import document_lines
from slopewise.cli.terminal import console, is_plain, is_terminal, printable

if TYPE_CHECKING:
    from rich.text import Text

WIDEST = 92  # longer lines of prose are hard to read


class Printer:
    """Prints what a chapter writes.

    Args:
        quiet: Print no chapter, only what `tell` is given.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = console()
        self.width = min(self.console.width, WIDEST)

    def show(self, block: Block) -> None:
        """Print a block, followed by an empty line."""
        if self.quiet:
            return
        from rich.text import Text

        match block:
            case Paragraph(text):
                self._print(self._prose(text))
            case Lines(lines):
                for line in lines:
                    self._print(Text(printable(line, self.console.file)), indent=2 if self.width > 40 else 0, hang=4)
            case Grid():
                self._show_grid(block)
                return
            case Picture(file, caption):
                self._print(self._prose(f"Picture `{file}`: {caption}"))
            case Told(document):
                indent = 2 if self.width > 40 else 0
                for line in document_lines(document, self.width - indent):
                    self.console.print(Text.from_ansi(" " * indent + line) if line else "", soft_wrap=True)
            case _:
                assert_never(block)
        self.console.print()

    def heading(self, chapter: Chapter) -> None:
        """Print a chapter's number and title, underlined."""
        if self.quiet:
            return
        from rich.text import Text

        title = printable(f"{chapter.number}. {chapter.title}", self.console.file)
        self.console.print(Text(title, style="bold"), width=self.width)
        self.console.print(Text(printable("─", self.console.file) * min(len(title), self.width), style="cyan"))

    def tell(self, text: str, style: str = "") -> None:
        """Print a line of the summary, quiet or not."""
        self._print(self._prose(text, style))

    def tell_path(self, text: str, path: object) -> None:
        """Print a line that ends in a path; it is never broken, so that it can be copied."""
        self.console.print(self._prose(f"{text} {path}"), soft_wrap=True)

    @contextlib.contextmanager
    def bar(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a bar that vanishes when it is done; in a pipe, nothing."""
        if self.quiet or not is_terminal(self.console.file):
            yield lambda: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        label = TextColumn(printable("{task.description}", self.console.file))
        narrow = self.console.width < 50
        columns = [label, MofNCompleteColumn()] if narrow else [label, BarColumn(None), MofNCompleteColumn()]
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(printable(what, self.console.file), total=total)
            yield lambda: progress.advance(task)

    def _prose(self, text: str, style: str = "") -> "Text":
        from rich.text import Text

        line = Text(style=style)
        for i, part in enumerate(re.split("`([^`]*)`", text)):
            line.append(printable(part, self.console.file), style="cyan" if i % 2 else "")
        return line

    def _print(self, text: "Text", indent: int = 0, hang: int = 0) -> None:
        """Print a text wrapped to the width, without blanks at the ends of lines.

        Args:
            text: What to print.
            indent: Blanks before every line.
            hang: More of them before every line but the first.
        """
        room = self.width - indent
        lines = text.wrap(self.console, room if text.cell_len <= room else room - hang)
        for i, line in enumerate(lines):
            line.rstrip()
            line.pad_left(indent + (hang if i else 0))
            self.console.print(line, soft_wrap=True)

    def _show_grid(self, grid: Grid) -> None:
        """Print a table; where it does not fit, each row as a sentence of its headers and cells."""
        cells = [[printable(cell, self.console.file) for cell in row] for row in (grid.headers, *grid.rows)]
        widths = [_least_width(column, i in grid.words) for i, column in enumerate(zip(*cells, strict=True))]
        if sum(widths) + 3 * len(widths) + 2 <= self.width:
            self.console.print(self._table(grid, widths))
            if is_plain():
                self.console.print()  # the line around a table brings an empty one along
            return
        for row in grid.rows:
            named = zip(grid.headers, row, strict=True)
            self._print(
                self._prose("; ".join(f"{header}: {cell}" if header else cell for header, cell in named if cell)),
                hang=4,
            )
        self.console.print()

    def _table(self, grid: Grid, widths: list[int]) -> Any:
        from rich import box
        from rich.table import Table

        style = box.SIMPLE_HEAD if printable("─", self.console.file) == "─" else None if is_plain() else box.ASCII2
        table = Table(
            box=style,
            pad_edge=style is not None,
            title=grid.caption or None,
            title_justify="left",
            title_style="italic",
        )
        for i, header in enumerate(grid.headers):
            table.add_column(header, justify="left" if i in grid.words else "right", min_width=widths[i])
        for row in grid.rows:
            table.add_row(*row)
        return table


def _least_width(column: Sequence[str], is_words: bool) -> int:
    """Return how wide a column must be: headers and words may wrap between words, numbers never."""
    header, *cells = column
    parts = [*header.split(), *(part for cell in cells for part in (cell.split() if is_words else [cell]))]
    return max(map(len, parts), default=0)
