"""`Picture`: what `draw` returns; a notebook shows it, and `save` writes it in any of five formats."""

import difflib
import os
from base64 import b64encode
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from slopewise.drawing.graphs.diagram import Diagram, scene_of
from slopewise.drawing.graphs.dot_text import dot_text
from slopewise.drawing.graphs.page_writer import page
from slopewise.drawing.graphs.raster_writer import painted
from slopewise.drawing.graphs.scene import Scene
from slopewise.drawing.graphs.svg_writer import escaped, svg_text
from slopewise.errors import DomainError
from slopewise.stories.document import Document
from slopewise.views.collector import collector_paused

ENDINGS = (".svg", ".png", ".pdf", ".html", ".dot")
_ALSO = {".htm": ".html", ".gv": ".dot"}
_WIDE = 1_000  # a wider picture is put into a box that scrolls, where a notebook would shrink it


class Picture:
    """A picture of a graph or a net.

    A notebook shows it by itself; `save` writes it. It keeps the numbers that it was drawn with: what happens to the
    graph afterwards does not change it.

    Attributes:
        title: What it shows, in a few words.
        description: The same in sentences.
        width: Its width, in pixels.
        height: Its height, in pixels.
        notes: The sentences under it: what is stale, not run or left out.
        svg: It as SVG.
        html: It as a page, with the steps as a table beside it.
        dot: The graph as DOT text, for other programs.

    Example:
        >>> import slopewise as sw
        >>> a, b = sw.Value(-2.0, label="a"), sw.Value(3.0, label="b")
        >>> picture = sw.draw(a * b)
        >>> picture
        <Picture of a graph: Graph of v1: 1 operation, 392 × 157 pixels>
        >>> picture.svg[:4]
        '<svg'
    """

    def __init__(self, diagram: Diagram, theme: str, kind: str, tell: Callable[[], Document | None]) -> None:
        self._diagram = diagram
        self._theme = theme
        self._kind = kind
        self._tell = tell
        self._size: tuple[float, float] | None = None

    def _scene(self) -> Scene:
        """The picture as shapes; they are not kept, for a large picture has very many."""
        with collector_paused():
            scene = scene_of(self._diagram)
        self._size = (scene.width, scene.height)
        return scene

    @property
    def _extent(self) -> tuple[float, float]:
        if self._size is None:
            self._scene()
        assert self._size is not None
        return self._size

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        return self._diagram.title

    @property
    def description(self) -> str:
        """What it shows, in sentences."""
        return self._diagram.description

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences under it."""
        return self._diagram.notes

    @property
    def width(self) -> int:
        """Its width, in pixels."""
        return round(self._extent[0])

    @property
    def height(self) -> int:
        """Its height, in pixels."""
        return round(self._extent[1])

    @cached_property
    def svg(self) -> str:
        """It as SVG."""
        with collector_paused():
            return svg_text(self._scene(), self._theme)

    @property
    def html(self) -> str:
        """It as a page, with the steps as a table beside it."""
        return page(self.svg, self._diagram, self._extent[0], self._theme, self._tell())

    @property
    def dot(self) -> str:
        """The graph as DOT text."""
        return dot_text(self._diagram)

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the picture to a file; its ending says the format, and the same picture gives the same bytes.

        Args:
            path: A path that ends in `.svg`, `.png`, `.pdf`, `.html` or `.dot`. A file that is there is replaced.

        Returns:
            The path.

        Raises:
            DomainError: The ending is none of these, or the picture is too large for a PNG.
            MissingExtraError: PNG and PDF need matplotlib.
            OSError: The file cannot be written.

        Example:
            >>> import os, tempfile
            >>> import slopewise as sw
            >>> path = sw.draw(sw.Value(2.0) * 3).save(os.path.join(tempfile.mkdtemp(), "graph.svg"))
            >>> os.path.basename(path)
            'graph.svg'
        """
        target = Path(path)
        target.write_bytes(self._as(_format_of(target)))
        return str(target)

    def _as(self, format: str) -> bytes:
        match format:
            case ".svg":
                return self.svg.encode()
            case ".html":
                return self.html.encode()
            case ".dot":
                return self.dot.encode()
            case _:
                return painted(self._scene(), self._theme, format[1:])

    def _repr_svg_(self) -> str:
        """The picture in a notebook."""
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture; a wide one in a box that scrolls, at its own size."""
        bundle = {"text/plain": repr(self), "image/svg+xml": self.svg}
        if self._extent[0] > _WIDE:
            data = b64encode(self.svg.encode()).decode()
            said = escaped(f"{self.title}. {self.description}")
            bundle["text/html"] = (
                f'<div style="overflow-x:auto"><img style="max-width:none" width="{self.width}" height="{self.height}" '
                f'alt="{said}" src="data:image/svg+xml;base64,{data}"></div>'
            )
        if include:
            bundle = {kind: content for kind, content in bundle.items() if kind in include}
        return {kind: content for kind, content in bundle.items() if kind not in (exclude or ())}

    def __repr__(self) -> str:
        return f"<Picture of a {self._kind}: {self.title}, {self.width} × {self.height} pixels>"


def _format_of(path: Path) -> str:
    ending = path.suffix.lower()
    ending = _ALSO.get(ending, ending)
    if ending in ENDINGS:
        return ending
    near = difflib.get_close_matches(ending, ENDINGS, 1, 0.5)
    cure = f"did you mean {path.stem}{near[0]}?" if near else f"for example {path.stem or 'graph'}.svg"
    given = f"it ends in {path.suffix!r}" if path.suffix else "it has no ending"
    raise DomainError(
        f"a picture cannot be saved as {path.name!r}: {given}, and one of {', '.join(ENDINGS)} is needed\n{cure}"
    )
