"""From a graph of Values to the plain numbers that a quiz asks for."""

import math
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError
from slopewise.quizzes.puzzle import Item, Part, Puzzle, shown_number
from slopewise.stories.name_text import quoted
from slopewise.views.graph import ShownGraph, ShownNode, shown_graph
from slopewise.views.names import Names


def puzzle_of(graph: ShownGraph) -> Puzzle:
    """Return the numbers of a shown graph, its gradients computed afresh.

    Raises:
        NumberError: A number of the graph is no real number.
        DomainError: A number or a gradient is not finite: there is nothing to reckon then.
    """
    items = tuple(_item(node) for node in graph.nodes)
    for item, node in zip(items, graph.nodes, strict=True):
        for what, x in (("value", item.number), ("gradient", item.gradient)):
            if not math.isfinite(x):
                raise DomainError(
                    f"a quiz needs finite numbers, and the {what} of {item.name} is {shown_number(x)}\n"
                    f"{_where(item, node)}choose other inputs; `with sw.anomalies():` finds where it begins"
                )
    return Puzzle(items, graph.root, graph.backward_order)


def graph_of(root: Value, names: Names | None) -> ShownGraph:
    """Return the graph as it is shown: idioms as they were written, gradients afresh; no `.grad` is touched."""
    return shown_graph(root, names)


def _item(node: ShownNode) -> Item:
    name = quoted(node.name)
    parts = tuple(
        Part(
            part.position,
            quoted(part.name) if part.position is not None else shown_number(_real(part.number, node)),
            _real(part.number, node),
            0.0 if part.partial is None else _real(part.partial, node),
            part.role,
        )
        for part in node.operands
    )
    operation = node.operation if node.kind == "operation" else ""
    return Item(
        name,
        operation or ("" if node.kind == "leaf" else "operation"),
        node.symbol,
        parts,
        _real(node.number, node),
        _real(node.gradient, node),
        _stored(node),
    )


def _stored(node: ShownNode) -> float:
    try:
        stored = float(node.stored) if node.was_written else 0.0
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return stored if math.isfinite(stored) else 0.0


def _real(x: Any, node: ShownNode) -> float:
    try:
        return float(x)
    except (TypeError, ValueError, OverflowError):
        text = repr(x)
        short = text if len(text) <= 40 else text[:37] + "..."
        raise NumberError(
            f"a quiz asks for real numbers, and {quoted(node.name)} holds {short} of type {type(x).__name__}\n"
            "build the graph with floats"
        ) from None


def _where(item: Item, node: ShownNode) -> str:
    made = f"{item.line}, with {item.with_numbers()}" if item.parts else f"{item.name} is a leaf"
    line = f", {node.source.file}:{node.source.line}" if node.source is not None else ""
    return f"{made}{line}\n"
