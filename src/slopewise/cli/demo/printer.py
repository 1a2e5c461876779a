"""Blocks in the terminal: wrapped prose, aligned tables, bars only where a terminal shows them."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, assert_never

from slopewise.cli.demo.page import Block, Chapter, Grid, Lines, Paragraph, Picture
from slopewise.cli.terminal import console, is_terminal, printable

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
                    self._print(Text(printable(line, self.console.file)), indent=2 if self.width > 40 else 0)
            case Grid():
                self.console.print(self._table(block))
                return
            case Picture(file, caption):
                self._print(self._prose(f"Picture `{file}`: {caption}"))
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

    def _print(self, text: "Text", indent: int = 0) -> None:
        """Print a text wrapped to the width, without blanks at the ends of lines."""
        for line in text.wrap(self.console, self.width - indent):
            line.rstrip()
            line.pad_left(indent)
            self.console.print(line, soft_wrap=True)

    def _table(self, grid: Grid) -> Any:
        from rich import box
        from rich.table import Table

        utf = printable("─", self.console.file) == "─"
        title = grid.caption or None
        table = Table(
            box=box.SIMPLE_HEAD if utf else box.ASCII2, title=title, title_justify="left", title_style="italic"
        )
        for i, header in enumerate(grid.headers):
            table.add_column(header, justify="left" if i in grid.words else "right", overflow="fold")
        for row in grid.rows:
            table.add_row(*row)
        return table
