"""A bar while a net is trained: on a terminal only, and gone afterwards."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from slopewise.cli.terminal import console, is_terminal, say


class Silent:
    """Says what to expect, and draws nothing: for pipes and files."""

    def announce(self, expectation: str, updates: int) -> None:
        say(f"          {expectation}")

    def advance(self, updates: int, loss: float) -> None:
        pass


class Bar(Silent):
    """A progress bar on a terminal's stderr, gone when training ends."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("training", total=None)

    def announce(self, expectation: str, updates: int) -> None:
        self._progress.console.print(f"          {expectation}")
        self._progress.update(self._task, total=updates)

    def advance(self, updates: int, loss: float) -> None:
        self._progress.update(self._task, completed=updates)


@contextlib.contextmanager
def progress_bar() -> Iterator[Silent]:
    if not is_terminal(sys.stderr):
        yield Silent()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [TextColumn("          {task.description}"), BarColumn(bar_width=30), TimeRemainingColumn()]
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        yield Bar(progress)
