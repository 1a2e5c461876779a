"""`Digraph`: DOT text, built line by line, with the surface of the graphviz package's class."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slopewise.errors import DataError, DomainError, MissingExtraError
from slopewise.lecture import dot_program

_PLAIN = re.compile(r"[a-zA-Z_\x80-\uffff][a-zA-Z0-9_\x80-\uffff]*|-?(\.[0-9]+|[0-9]+(\.[0-9]*)?)")
_KEYWORDS = frozenset({"node", "edge", "graph", "digraph", "subgraph", "strict"})
_PORT = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(:(n|ne|e|se|s|sw|w|nw|c|_))?")
_MOST_LINES = 8_000  # of a picture that a notebook shows by itself


class Digraph:
    """A directed graph as DOT text.

    What programs do with `graphviz.Digraph` works here: `node`, `edge`, `attr`, `subgraph`, `source`, `save`, `render`,
    `pipe`, `view`. A notebook shows the picture. SVG, PNG and PDF are drawn by slopewise itself, in layers, with no
    program of Graphviz; other formats and other engines are handed to that.

    Args:
        name: The graph's name in the text, and of the file.
        comment: A first line of the text.
        filename: The file for `save`; `name.gv` if not given.
        directory: The folder for `save` and `render`.
        format: The format of pictures: `"svg"`, `"png"`, `"pdf"` …
        engine: `"dot"` for layers; the name of another of Graphviz's programs, such as `"neato"`, needs Graphviz.
        encoding: The encoding of saved text.
        graph_attr: Attributes of the graph.
        node_attr: Attributes of all nodes.
        edge_attr: Attributes of all edges.
        body: Lines to begin with.
        strict: Whether several edges between two nodes are drawn as one.

    Attributes:
        body: The lines between the braces, a list of strings.
        source: The whole DOT text.

    Example:
        >>> from slopewise.lecture import Digraph
        >>> dot = Digraph(graph_attr={"rankdir": "LR"})
        >>> dot.node("a", label="the input")
        >>> dot.edge("a", "b")
        >>> print(dot.source.expandtabs(4))
        digraph {
            graph [rankdir=LR]
            a [label="the input"]
            a -> b
        }
        <BLANKLINE>

    Source:
        The DOT language, graphviz.org; the surface of the Python package graphviz by Sebastian Bank.
    """

    directed = True

    def __init__(
        self,
        name: str | None = None,
        comment: str | None = None,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        format: str | None = None,
        engine: str | None = None,
        encoding: str | None = "utf-8",
        graph_attr: Mapping[str, Any] | None = None,
        node_attr: Mapping[str, Any] | None = None,
        edge_attr: Mapping[str, Any] | None = None,
        body: Iterable[str] | None = None,
        strict: bool = False,
    ) -> None:
        self.name = name
        self.comment = comment
        self.filename = os.fspath(filename) if filename is not None else f"{name or 'Digraph'}.gv"
        self.directory = os.fspath(directory) if directory is not None else ""
        self.format = format or "pdf"
        self.engine = engine or "dot"
        self.encoding = encoding or "utf-8"
        self.graph_attr = dict(graph_attr or {})
        self.node_attr = dict(node_attr or {})
        self.edge_attr = dict(edge_attr or {})
        self.body = list(body or ())
        self.strict = strict

    # ------------------------------------------------------------------ building

    def node(self, name: Any, label: Any = None, _attributes: Mapping[str, Any] | None = None, **attrs: Any) -> None:
        """Add a node, with a label and attributes.

        Args:
            name: The node's name; edges refer to it.
            label: What is shown in it; the name if None.
            _attributes: More attributes, for names that Python does not take as keywords.
            attrs: DOT's attributes, such as `shape="record"`.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph()
            >>> dot.node("a", label="the input", shape="box")
            >>> dot.body
            ['\\ta [label="the input" shape=box]\\n']
        """
        self.body.append(f"\t{quote(name)}{attributes(label, attrs, _attributes)}\n")

    def edge(
        self,
        tail_name: Any,
        head_name: Any,
        label: Any = None,
        _attributes: Mapping[str, Any] | None = None,
        **attrs: Any,
    ) -> None:
        """Add an edge; `"a:left"` leaves a record from its field `left`.

        Args:
            tail_name: The node that it leaves.
            head_name: The node that it points at.
            label: A text beside it.
            _attributes: More attributes, for names that Python does not take as keywords.
            attrs: DOT's attributes, such as `color="red"`.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph()
            >>> dot.edge("a:left", "b", label="1.5")
            >>> dot.body
            ['\\ta:left -> b [label=1.5]\\n']
        """
        tail, head = quote_end(tail_name), quote_end(head_name)
        self.body.append(f"\t{tail} -> {head}{attributes(label, attrs, _attributes)}\n")

    def edges(self, tail_head_iter: Iterable[Any]) -> None:
        """Add an edge for each pair of names; a string of two letters is a pair too.

        Args:
            tail_head_iter: The pairs.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph()
            >>> dot.edges(["ab", ("b", "c")])
            >>> dot.body
            ['\\ta -> b\\n', '\\tb -> c\\n']
        """
        for tail, head in tail_head_iter:
            self.edge(tail, head)

    def attr(self, kw: str | None = None, _attributes: Mapping[str, Any] | None = None, **attrs: Any) -> None:
        """Add attributes that hold from here on: of the graph, or with `kw` of all nodes, edges or graphs.

        Raises:
            DomainError: kw is none of graph, node and edge.
        """
        if kw is not None and kw.lower() not in ("graph", "node", "edge"):
            raise DomainError(
                f"attr({kw!r}): the first argument is graph, node or edge\nfor a node of its own, use node()"
            )
        given = attributes(None, attrs, _attributes)
        if not given:
            return
        self.body.append(f"\t{kw}{given}\n" if kw is not None else f"\t{given[2:-1]}\n")

    @contextmanager
    def _as_block(self, sub: "Digraph") -> Iterator["Digraph"]:
        yield sub
        self._insert(sub)

    def subgraph(self, graph: "Digraph | None" = None, name: str | None = None, **options: Any) -> Any:
        """Add a graph as a part of this one, or build the part: `with dot.subgraph(name="cluster_0") as part:`.

        Args:
            graph: The part; None to build it in a `with` block.
            name: The name of a part that is built; DOT draws a frame around one whose name begins with `cluster`.
            options: What else `Digraph` takes.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph()
            >>> with dot.subgraph(name="cluster_0") as part:
            ...     part.edge("a", "b")
            >>> dot.body
            ['\\tsubgraph cluster_0 {\\n', '\\t\\ta -> b\\n', '\\t}\\n']
        """
        if graph is None:
            return self._as_block(Digraph(name=name, **options))
        self._insert(graph)
        return None

    def _insert(self, sub: "Digraph") -> None:
        self.body.extend(f"\t{line}" for line in sub._lines("subgraph"))

    def clear(self, keep_attrs: bool = False) -> None:
        """Remove all lines, and the attributes too unless they are to stay.

        Args:
            keep_attrs: Whether the attributes of the graph, of all nodes and of all edges stay.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph(body=["\\ta -> b\\n"])
            >>> dot.clear()
            >>> dot.body
            []
        """
        self.body.clear()
        if not keep_attrs:
            for attributes_of in (self.graph_attr, self.node_attr, self.edge_attr):
                attributes_of.clear()

    def copy(self) -> "Digraph":
        """Return a copy that can be built further by itself.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> dot = Digraph()
            >>> dot.copy().node("a")
            >>> dot.body
            []
        """
        return Digraph(
            self.name, self.comment, self.filename, self.directory, self.format, self.engine, self.encoding,
            self.graph_attr, self.node_attr, self.edge_attr, self.body, self.strict,
        )  # fmt: skip

    # ------------------------------------------------------------------ the text

    def _lines(self, keyword: str = "digraph") -> Iterator[str]:
        if self.comment and keyword == "digraph":
            yield from (f"// {line}\n" for line in self.comment.splitlines())
        head = "strict " if self.strict and keyword == "digraph" else ""
        yield f"{head}{keyword} {quote(self.name)} {{\n" if self.name else f"{head}{keyword} {{\n"
        for kind, given in (("graph", self.graph_attr), ("node", self.node_attr), ("edge", self.edge_attr)):
            if given:
                yield f"\t{kind}{attributes(None, given, None)}\n"
        yield from self.body
        yield "}\n"

    def __iter__(self) -> Iterator[str]:
        """Walk the lines of the text."""
        return self._lines()

    @property
    def source(self) -> str:
        """The whole DOT text."""
        return "".join(self._lines())

    def __str__(self) -> str:
        return self.source

    # ------------------------------------------------------------------ files and pictures

    @property
    def filepath(self) -> str:
        """Where `save` writes: directory and filename."""
        return os.path.join(self.directory, self.filename)

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Write the DOT text to a file, making its folder if need be, and return the file's path.

        Args:
            filename: The file; `self.filename` if None. It is kept for the next time.
            directory: The folder; `self.directory` if None. It is kept too.
            skip_existing: Whether to leave a file alone that is there already.

        Raises:
            OSError: The file cannot be written.

        Example:
            >>> import os, tempfile
            >>> from slopewise.lecture import Digraph
            >>> path = Digraph(body=["\\ta -> b\\n"]).save("graph.gv", tempfile.mkdtemp())
            >>> os.path.basename(path), os.path.getsize(path) > 0
            ('graph.gv', True)
        """
        if filename is not None:
            self.filename = os.fspath(filename)
        if directory is not None:
            self.directory = os.fspath(directory)
        path = Path(self.filepath)
        if not (skip_existing and path.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.source, encoding=self.encoding)
        return self.filepath

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
    ) -> str:
        """Write the DOT text and a picture beside it, and return the picture's path.

        Args:
            filename: The file for the text; the picture adds its format: `graph.gv` gives `graph.gv.svg`.
            directory: The folder for both.
            view: Whether to open the picture afterwards.
            cleanup: Whether to remove the text afterwards.
            format: The picture's format, instead of the graph's.
            outfile: The picture's own path; its ending gives the format.
            engine: The layout program's name, instead of the graph's.

        Raises:
            DataError: The text cannot be read as DOT; the message names the line.
            MissingExtraError: PNG and PDF need matplotlib, other formats and engines a program of Graphviz.
            DomainError: That program refused the format or the text; its own words follow.

        Example:
            >>> import os, tempfile
            >>> from slopewise.lecture import Digraph
            >>> path = Digraph(body=["\\ta -> b\\n"]).render("graph", tempfile.mkdtemp(), format="svg")
            >>> os.path.basename(path)
            'graph.svg'
        """
        if outfile is not None:
            target = Path(outfile)
            ending = target.suffix.lstrip(".")
            chosen = format or ending or self.format
            if filename is None:
                filename, directory = target.with_suffix(".gv").name, directory or target.parent
        else:
            chosen = format or self.format
            target = None
        picture = dot_program.picture_of(self.source, chosen, engine or self.engine)
        text = self.save(filename, directory)
        if target is None:
            target = Path(f"{text}.{chosen}")
        target.write_bytes(picture)
        if cleanup:
            os.remove(text)
        if view:
            dot_program.show(target)
        return str(target)

    def pipe(self, format: str | None = None, *, engine: str | None = None, encoding: str | None = None) -> Any:
        """Return the picture as bytes, or as a string when an encoding is given.

        Args:
            format: The picture's format, instead of the graph's.
            engine: The layout program's name, instead of the graph's.
            encoding: The encoding of a format that is text, such as `"utf-8"` for `"svg"`.

        Raises:
            DataError: The text cannot be read as DOT; the message names the line.
            MissingExtraError: PNG and PDF need matplotlib, other formats and engines a program of Graphviz.
            DomainError: That program refused the format or the text.

        Example:
            >>> from slopewise.lecture import Digraph
            >>> Digraph(body=["\\ta -> b\\n"]).pipe("svg", encoding="utf-8")[:4]
            '<svg'
        """
        picture = dot_program.picture_of(self.source, format or self.format, engine or self.engine)
        return picture if encoding is None else picture.decode(encoding)

    def view(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        cleanup: bool = False,
    ) -> str:
        """Render the picture, open it in the system's viewer, and return its path.

        Args:
            filename: The file for the text.
            directory: The folder for text and picture.
            cleanup: Whether to remove the text afterwards.

        Raises:
            DataError: The text cannot be read as DOT; the message names the line.
            MissingExtraError: The picture needs a package or program that is not installed, or no viewer is known.
            DomainError: Graphviz's program refused the format or the text.
        """
        return self.render(filename, directory, view=True, cleanup=cleanup)

    def _repr_svg_(self) -> str | None:
        """The picture in a notebook; None when it cannot be made, and the notebook then shows the text."""
        if len(self.body) > _MOST_LINES:
            return _too_long(len(self.body)).pipe("svg", encoding="utf-8")  # type: ignore[no-any-return]
        try:
            svg: str = self.pipe("svg", encoding="utf-8")
        except (MissingExtraError, DomainError, DataError):
            return None
        return svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture if it can be made, and the text in any case."""
        bundle = {"text/plain": self.source}
        svg = self._repr_svg_()
        if svg is not None:
            bundle["image/svg+xml"] = svg
        if include:
            bundle = {kind: content for kind, content in bundle.items() if kind in include}
        return {kind: content for kind, content in bundle.items() if kind not in (exclude or ())}


def _too_long(lines: int) -> Digraph:
    """Return a picture that says why there is none."""
    note = Digraph(node_attr={"shape": "plaintext"})
    note.node(
        "note",
        f"This graph has {lines:,} lines of DOT, more than a notebook should show at once.\\l"
        f"render('graph', format='svg') draws them all; sw.draw(root) folds a large graph.\\l",
    )
    return note


def quote(name: Any) -> str:
    """Return a name as DOT has it: bare if it is a plain word or number, else in double quotes.

    Example:
        >>> quote("n1"), quote("n1+"), quote("edge"), quote('say "hi"')
        ('n1', '"n1+"', '"edge"', '"say \\\\"hi\\\\""')
    """
    text = str(name)
    if _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS:
        return text
    if text.startswith("<") and text.endswith(">") and len(text) > 2:
        return text  # an HTML-like label
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    escaped = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', text)
    if (len(escaped) - len(escaped.rstrip("\\"))) % 2:
        escaped += "\\"  # a lone backslash at the end would swallow the closing quote
    return f'"{escaped}"'


def quote_end(name: Any) -> str:
    """Return an edge's end: a name, and after a colon a port."""
    text = str(name)
    base, colon, port = text.partition(":")
    if colon and base and _PORT.fullmatch(port):
        return f"{quote(base)}:{port}"
    return quote(text)


def attributes(label: Any, attrs: Mapping[str, Any], more: Mapping[str, Any] | None) -> str:
    """Return ` [label=… shape=…]`, or nothing when there is no attribute."""
    pairs = [] if label is None else [("label", label)]
    pairs += [(key, value) for given in (attrs, more or {}) for key, value in given.items() if value is not None]
    if not pairs:
        return ""
    return f" [{' '.join(f'{quote(key)}={quote(value)}' for key, value in pairs)}]"
