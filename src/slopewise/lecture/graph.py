"""`trace` and `draw_dot`: a graph as sets, and as a picture in DOT."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError
from slopewise.lecture.digraph import Digraph, quote

T = TypeVar("T")


class OrderedSet(set[T], Generic[T]):
    """A set that is walked in the order in which it was made, so that what is printed or drawn from it repeats."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._order = dict.fromkeys(items)
        super().__init__(self._order)

    def __iter__(self) -> Iterator[T]:
        yield from [item for item in self._order if item in self]
        yield from [item for item in super().__iter__() if item not in self._order]


def trace(root: Any) -> tuple[set[Any], set[tuple[Any, Any]]]:
    """Return the nodes of a graph and its edges.

    Args:
        root: The Value whose graph is wanted.

    Returns:
        The set of all Values that root was made from, root included, and the set of pairs `(child, node)`. Both are
        walked operands first, in the same order every time. An operand that one node uses twice (`a + a`) gives one
        pair, as pairs in a set do; `draw_dot` draws both edges.

    Raises:
        NumberError: root is no Value.

    Example:
        >>> from slopewise.lecture import Value, trace
        >>> a, b = Value(2.0), Value(-3.0)
        >>> nodes, edges = trace(a * b)
        >>> list(nodes)
        [Value(data=2.0), Value(data=-3.0), Value(data=-6.0)]
        >>> list(edges)
        [(Value(data=2.0), Value(data=-6.0)), (Value(data=-3.0), Value(data=-6.0))]
    """
    order = in_order(root)
    return OrderedSet(order), OrderedSet((child, n) for n in order for child in n._prev)


def draw_dot(root: Any, format: str = "svg", rankdir: str = "LR") -> Digraph:
    """Draw a graph in DOT: a record per Value with label, data and gradient, an ellipse per operation.

    Args:
        root: The Value whose graph is drawn.
        format: The picture's format when it is rendered: `"svg"`, `"png"`, `"pdf"` …
        rankdir: The direction: `"LR"` from left to right, or `"TB"`, `"RL"`, `"BT"`.

    Returns:
        A `Digraph`, which a notebook shows as a picture. Its DOT text is `source`; `save` writes that, and `render` the
        picture too, with no program of Graphviz.

    Raises:
        DomainError: rankdir is none of the four.
        NumberError: root is no Value.

    Example:
        >>> from slopewise.lecture import Value, draw_dot
        >>> a = Value(3.0, label="a")
        >>> print(draw_dot(a + a).source.expandtabs(4))
        digraph {
            graph [rankdir=LR]
            n0 [label="{ a | data 3.0000 | grad 0.0000 }" shape=record]
            n1 [label="{  | data 6.0000 | grad 0.0000 }" shape=record]
            "n1+" [label="+"]
            "n1+" -> n1
            n0 -> "n1+"
            n0 -> "n1+"
        }
        <BLANKLINE>
    """
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise DomainError(
            f"rankdir={rankdir!r} is no direction\nit is LR (left to right), TB (top to bottom), RL or BT"
        )
    dot = Digraph(format=format, graph_attr={"rankdir": rankdir})
    order = in_order(root)
    names = {id(n): f"n{i}" for i, n in enumerate(order)}
    edges: list[str] = []
    for n in order:  # the lines that dot.node and dot.edge would write, for graphs of any size
        name = operation = names[id(n)]
        label = quote(f"{{ {record_text(n.label)} | data {shown(n.data)} | grad {shown(n.grad)} }}")
        dot.body.append(f"\t{name} [label={label} shape=record]\n")
        op = n._op
        if op:
            operation = operation_name(name, op)
            dot.body += (f"\t{operation} [label={operation_label(op)}]\n", f"\t{operation} -> {name}\n")
        edges.extend(f"\t{names[id(child)]} -> {operation}\n" for child in n._prev)
    dot.body.extend(edges)
    return dot


def operation_name(name: str, op: Any) -> str:
    """Return the quoted name of the operation that made a node: `"n3+"` for the addition that made n3."""
    text = str(op).replace(":", "_").replace("\\", "_")
    return quote(f"{name}_{text}" if text[:1].isdigit() else name + text)


def operation_label(op: Any) -> str:
    """Return the quoted label of an operation, with a backslash shown and not obeyed."""
    return quote(str(op).replace("\\", "\\\\"))


def in_order(root: Any) -> list[Any]:
    """List every node of a graph, leaves too, operands before results, without recursion.

    Raises:
        NumberError: root is no Value.
    """
    if not isinstance(root, Value):
        hint = "\na net's output may be a list: draw one of its Values" if isinstance(root, (list, tuple)) else ""
        raise NumberError(f"a graph starts from a Value, got {root!r}{hint}")
    order: list[Any] = []
    seen = {id(root)}
    stack = [(root, iter(root._prev))]
    while stack:
        n, children = stack[-1]
        for child in children:
            if id(child) not in seen:
                seen.add(id(child))
                stack.append((child, iter(child._prev)))
                break
        else:
            stack.pop()
            order.append(n)
    return order


def shown(number: Any) -> str:
    """Return a number with four decimals; what has no decimals, as it prints."""
    try:
        return f"{number:.4f}"
    except (TypeError, ValueError):
        return record_text(str(number))


def record_text(text: Any) -> str:
    """Return a text with a record's own signs escaped, so that `{`, `|` or `<` in a label are shown and not obeyed."""
    shown_text = str(text)
    if shown_text.isalnum() or not shown_text:
        return shown_text
    escaped = "".join(f"\\{c}" if c in "\\{}|<>" else c for c in shown_text)
    return re.sub(r"&(?=#?\w+;)", "&amp;", escaped).replace("\n", "\\n")
