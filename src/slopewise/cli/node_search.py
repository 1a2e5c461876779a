"""Which node of a graph a name on the command line means."""

import difflib
import re
from typing import TYPE_CHECKING, Any

from slopewise.cli.graph_sources import GraphSource, is_file_target, looked_up
from slopewise.cli.terminal import fail

if TYPE_CHECKING:
    from slopewise.engine import Value
    from slopewise.views import Names

_NAME = re.compile(r"[^\W\d][\w.₀-₉]*(?:\[[^\]]*\]|\.\w+|#\d+)*|[^\s=+*/();^%]+")
_MOST_OFFERED = 10


def looks_like_a_name(text: str) -> bool:
    """Tell whether an argument names a node, rather than being a target.

    Example:
        >>> from slopewise.cli.node_search import looks_like_a_name
        >>> looks_like_a_name("layers.0.neurons.3.w.1"), looks_like_a_name("f = a*b; a=1; b=2")
        (True, False)
    """
    return not is_file_target(text) and _NAME.fullmatch(text.strip()) is not None


def find_node(source: GraphSource, names: "Names", wanted: str) -> "Value":
    """Return the node of a graph that a name means: as the story calls it, or as the file holds it.

    Ends the command with one line when there is none; the nearest name is given.
    """
    from slopewise.views import shown_graph

    wanted = wanted.strip()
    graph = shown_graph(source.item, names, gradients=False)
    for node in graph.nodes:
        if node.name == wanted:
            return node.value
    hidden = [value for node in graph.nodes for value in node.hidden]
    for value in hidden:
        if names.of(value) == wanted:
            return value
    found = looked_up(source, wanted)
    if found is not None:
        return found
    fail(f"no node {wanted!r} in the graph of {source.title}; {_offer(graph.nodes, wanted)}")


def _offer(nodes: Any, wanted: str) -> str:
    given = [node.name for node in nodes if node.is_given]
    near = difflib.get_close_matches(wanted, given, 1)
    if near:
        return f"did you mean {near[0]}?"
    leaves = [node.name for node in nodes if node.kind == "leaf"]
    named = leaves or [node.name for node in nodes]
    more = f" and {len(named) - _MOST_OFFERED} more" if len(named) > _MOST_OFFERED else ""
    return f"there {'are' if len(named) != 1 else 'is'} {', '.join(named[:_MOST_OFFERED])}{more}"
