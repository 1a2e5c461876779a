"""What a chapter writes on: every paragraph, table, picture and check, printed at once and kept for the page."""

import contextlib
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slopewise.cli.demo.expected import EXPECTED, Check, compare
from slopewise.cli.demo.folder import claim

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from slopewise.cli.demo.printer import Printer
    from slopewise.drawing.graphs.picture import Picture as GraphPicture
    from slopewise.stories.document import Document
    from slopewise.stories.story import Story


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose; words between backticks are code."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to be kept as they are: a derivation, a program's output, code."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table; `words` are the columns that hold words, counted from 0, the others hold numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside the page, with what it shows in words."""

    file: str
    caption: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Told:
    """A story, as a document that is laid out where it is shown."""

    document: "Document"


Block = Paragraph | Lines | Grid | Picture | Told


@dataclass(frozen=True, slots=True)
class Chapter:
    """A number, a title and the function that writes the chapter."""

    number: int
    title: str
    write: Callable[["Page"], None]


@dataclass(slots=True)
class Page:
    """One chapter being written.

    Attributes:
        chapter: Which one.
        printer: Where it is printed.
        folder: Where pictures go.
        plots: Whether matplotlib is there to draw plots; graphs are drawn without it.
        shelf: What one chapter leaves for another of the same run.
        blocks: What was written so far.
        checks: What was checked so far.
    """

    chapter: Chapter
    printer: "Printer"
    folder: pathlib.Path
    plots: bool = True
    shelf: dict[str, Any] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def say(self, *sentences: str) -> None:
        """Write a paragraph."""
        self._add(Paragraph(" ".join(sentences)))

    def lines(self, *lines: str) -> None:
        """Write lines as they are."""
        self._add(Lines(tuple(line for text in lines for line in text.split("\n"))))

    def grid(
        self, headers: Sequence[str], rows: Iterable[Sequence[str]], *, words: Iterable[int] = (0,), caption: str = ""
    ) -> None:
        """Write a table."""
        self._add(Grid(tuple(headers), tuple(tuple(row) for row in rows), tuple(words), caption))

    def picture(self, name: str, caption: str, alt: str, draw: Callable[[], "Axes | Sequence[Axes]"]) -> None:
        """Draw a picture and put it on the page; nothing happens when none can be drawn.

        Args:
            name: The file's name, without number and ending.
            caption: What to see in it, under the picture.
            alt: The picture in words, for whoever does not see it.
            draw: Draws it and returns its axes.
        """
        if not self.plots:
            return
        from slopewise.drawing import save_picture

        file = f"{self.chapter.number:02d}-{name}.png"
        width, height = save_picture(draw(), claim(self.folder, file))
        self._add(Picture(file, caption, alt, width, height))

    def graph(self, name: str, caption: str, picture: "GraphPicture") -> None:
        """Put the picture of a graph on the page, as SVG; what it shows in words comes with it.

        Args:
            name: The file's name, without number and ending.
            caption: What to see in it, under the picture.
            picture: What `draw` returned.
        """
        file = f"{self.chapter.number:02d}-{name}.svg"
        picture.save(claim(self.folder, file))
        self._add(Picture(file, caption, picture.description, picture.width, picture.height))

    def story(self, story: "Story") -> None:
        """Write a story, as the terminal and the page show it."""
        self._add(Told(story.document))

    def check(self, name: str, found: Any) -> None:
        """Compare a figure with the one expected under that name."""
        self.checks.append(compare(self.chapter.number, name, found, EXPECTED[name]))

    @contextlib.contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a bar while something runs, where bars belong; gives the function to call after each step."""
        with self.printer.bar(what, total) as advance:
            yield advance

    def _add(self, block: Block) -> None:
        self.blocks.append(block)
        self.printer.show(block)
