"""A DOT text as nodes, edges and clusters with their attributes.

The whole grammar is read: attributes of all nodes or edges from a place on, subgraphs, chains of edges, ports. What an
attribute means is decided where it is drawn.

Source: "The DOT language", graphviz.org.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

from slopewise.drawing.graphs.dot_tokens import Token, tokens_of
from slopewise.errors import DataError

Attributes = dict[str, str]
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class DotEdge:
    """An edge of a DOT text; a port is what follows the name after a colon."""

    tail: str
    tail_port: str
    head: str
    head_port: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DotCluster:
    """A subgraph whose name begins with `cluster`: its nodes are framed."""

    members: tuple[str, ...]
    attributes: Mapping[str, str]


@dataclass(slots=True)
class DotGraph:
    """What a DOT text says.

    Attributes:
        name: The graph's name; may be empty.
        is_directed: Whether its edges have arrows.
        attributes: Of the graph itself.
        nodes: Attributes by name, in the order in which they first appear.
        edges: In their order.
        clusters: In their order.
    """

    name: str = ""
    is_directed: bool = True
    attributes: Attributes = field(default_factory=dict)
    nodes: dict[str, Attributes] = field(default_factory=dict)
    edges: list[DotEdge] = field(default_factory=list)
    clusters: list[DotCluster] = field(default_factory=list)


def read_dot(source: str) -> DotGraph:
    """Read a DOT text.

    Args:
        source: The text, as `Digraph.source` has it.

    Raises:
        DataError: It is no DOT text; the message names the line and what was expected there.

    Example:
        >>> graph = read_dot('digraph { rankdir=LR a [label="the input"] a -> b:left }')
        >>> graph.nodes
        {'a': {'label': 'the input'}, 'b': {}}
        >>> [(edge.tail, edge.head, edge.head_port) for edge in graph.edges]
        [('a', 'b', 'left')]
    """
    return _Reader(tokens_of(source)).graph()


@dataclass(slots=True)
class _Scope:
    """The attributes that hold in a block, and the nodes that were named in it."""

    node: Attributes
    edge: Attributes
    graph: Attributes
    members: dict[str, None]


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.made = DotGraph()
        self.is_strict = False
        self.seen: dict[tuple[str, str], int] = {}

    def graph(self) -> DotGraph:
        self.is_strict = self._takes_word("strict")
        if self._takes_word("graph"):
            self.made.is_directed = False
        elif not self._takes_word("digraph"):
            self._stop("a DOT text begins with digraph or graph")
        token = self._next()
        if token is not None and token.is_name:
            self.made.name = token.text
            self.at += 1
        self._expect("{")
        scope = _Scope({}, {}, self.made.attributes, {})
        self._block(scope, 0)
        if self.at < len(self.tokens):
            self._stop("one graph ends with its last }, and nothing may follow")
        return self.made

    def _block(self, scope: _Scope, depth: int) -> None:
        """Read statements up to the block's closing brace."""
        if depth > _DEEPEST:
            self._stop(f"blocks are nested more than {_DEEPEST} deep")
        while not self._takes("}"):
            if self._next() is None:
                self._stop("a { has no }")
            if not self._takes(";") and not self._takes(","):
                self._statement(scope, depth)

    def _statement(self, scope: _Scope, depth: int) -> None:
        token = self.tokens[self.at]
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        word = token.text.lower() if token.kind == "word" else ""
        if word in ("graph", "node", "edge") and after is not None and after.text == "[" and after.kind == "sign":
            self.at += 1
            {"graph": scope.graph, "node": scope.node, "edge": scope.edge}[word].update(self._attributes())
            return
        if token.is_name and after is not None and after.kind == "sign" and after.text == "=":
            self.at += 2
            scope.graph[token.text.lower()] = self._name("a value")
            return
        self._chain(scope, depth)

    def _chain(self, scope: _Scope, depth: int) -> None:
        """Read a node, a subgraph, or several of them with arrows between."""
        ends = [self._end(scope, depth)]
        while self._takes("->") or self._takes("--"):
            ends.append(self._end(scope, depth))
        given = self._attributes()
        if len(ends) == 1:
            names, is_block = ends[0]
            if not is_block:
                self.made.nodes[names[0][0]].update(given)
            return
        attributes = {**scope.edge, **given}
        for (tails, _), (heads, _) in pairwise(ends):
            for tail, tail_port in tails:
                for head, head_port in heads:
                    self._edge(DotEdge(tail, tail_port, head, head_port, attributes))

    def _edge(self, edge: DotEdge) -> None:
        if self.is_strict:
            key = (edge.tail, edge.head)
            if not self.made.is_directed:
                key = (min(key), max(key))
            if key in self.seen:
                first = self.made.edges[self.seen[key]]
                self.made.edges[self.seen[key]] = DotEdge(
                    first.tail, first.tail_port, first.head, first.head_port, {**first.attributes, **edge.attributes}
                )
                return
            self.seen[key] = len(self.made.edges)
        self.made.edges.append(edge)

    def _end(self, scope: _Scope, depth: int) -> tuple[list[tuple[str, str]], bool]:
        """Read a node or a block; return the nodes with their ports, and whether it was a block."""
        token = self._next()
        is_named = token is not None and token.kind == "word" and token.text.lower() == "subgraph"
        if is_named or (token is not None and token.kind == "sign" and token.text == "{"):
            name = ""
            if is_named:
                self.at += 1
                token = self._next()
                if token is not None and token.is_name:
                    name = token.text
                    self.at += 1
            self._expect("{")
            inner = _Scope(dict(scope.node), dict(scope.edge), {}, {})
            self._block(inner, depth + 1)
            scope.members.update(inner.members)
            if name.startswith("cluster"):
                self.made.clusters.append(DotCluster(tuple(inner.members), inner.graph))
            return [(member, "") for member in inner.members], True
        name = self._name("a node")
        ports = []
        while self._takes(":"):
            ports.append(self._name("a port"))
        if name not in self.made.nodes:
            self.made.nodes[name] = dict(scope.node)
        scope.members[name] = None
        return [(name, ":".join(ports))], False

    def _attributes(self) -> Attributes:
        given: Attributes = {}
        while self._takes("["):
            while not self._takes("]"):
                if self._next() is None:
                    self._stop("a [ has no ]")
                if self._takes(",") or self._takes(";"):
                    continue
                key = self._name("an attribute").lower()
                value = "true"
                if self._takes("="):
                    token = self._next()
                    value = self._name("a value")
                    if token is not None and token.kind == "markup":
                        given[f"{key} markup"] = "true"
                    else:
                        given.pop(f"{key} markup", None)
                given[key] = value
        return given

    # ------------------------------------------------------------------ tokens

    def _next(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _takes(self, sign: str) -> bool:
        token = self._next()
        if token is None or token.kind != "sign" or token.text != sign:
            return False
        self.at += 1
        return True

    def _takes_word(self, word: str) -> bool:
        token = self._next()
        if token is None or token.kind != "word" or token.text.lower() != word:
            return False
        self.at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            self._stop(f"{sign} is needed")

    def _name(self, what: str) -> str:
        token = self._next()
        if token is None or not token.is_name:
            self._stop(f"the name of {what} is needed" if what != "a value" else "a value is needed")
        self.at += 1
        return token.text

    def _stop(self, needed: str) -> NoReturn:
        token = self._next()
        if token is None:
            line = self.tokens[-1].line if self.tokens else 1
            raise DataError(f"the DOT text ends too soon: {needed}\nat line {line}")
        raise DataError(f"the DOT text cannot be read: {needed}, got {token.text!r}\nat line {token.line}")
