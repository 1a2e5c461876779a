"""The graph as it is shown: idioms as what was written, constants inside the operation, every node with its name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value, source_of
from slopewise.engine.modes import Source
from slopewise.engine.reading import contributions_of, is_constant
from slopewise.engine.value import (
    has_own_step,
    is_made,
    local_derivatives,
    number_of,
    operands_of,
    operation_of,
    rule_operands,
    was_written,
)
from slopewise.views.idioms import folded
from slopewise.views.names import Names, caller_names
from slopewise.views.reading import Reading
from slopewise.views.staleness import Stale

_WORDS = {"add": "addition", "multiply": "product", "power_value": "power", "absolute": "absolute value"}
_SYMBOLS = {
    "addition": "+", "sum": "+", "subtraction": "−", "negation": "−", "product": "·", "division": "÷", "power": "**",
    "absolute value": "abs", "modulo": "%",
}  # fmt: skip
_ROLES = {
    "addition": ("left term", "right term"), "product": ("left factor", "right factor"), "power": ("base", "exponent"),
    "modulo": ("dividend", "divisor"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of a shown node: an edge of the picture.

    Attributes:
        position: Where the operand stands among the shown nodes; None for a constant.
        value: The Value itself; for a constant, the leaf that the operator made of it.
        name: Its name; for a constant, the number as it is shown.
        number: Its number; for a constant, the number that was written.
        partial: The local derivative d node / d operand, through the whole idiom.
        contribution: partial times the gradient of the node; None for a constant.
        role: `"left term"`, `"right factor"`, `"subtracted"`, `"divisor"` …, or `""`.
    """

    position: int | None
    value: Value
    name: str
    number: Any
    partial: Any
    contribution: Any
    role: str

    @property
    def is_constant(self) -> bool:
        """Whether it is a plain number of the formula."""
        return self.position is None


@dataclass(frozen=True, slots=True)
class ShownNode:
    """A node of the graph as it is shown.

    Attributes:
        position: Where it stands among the shown nodes.
        value: The Value.
        name: What it is called.
        kind: `"leaf"` or `"operation"`; `"outside"` when the node is not in the part that was asked for.
        operation: The operation in a word, such as `"product"`, `"subtraction"`, `"mean"`, `"tanh"`; `""` of a leaf.
        symbol: The operation as a sign, such as `"·"`; `""` of a leaf.
        operands: What it was made from, left to right.
        number: Its number.
        gradient: d root / d this, computed afresh.
        stored: What its `.grad` holds.
        was_written: Whether a pass, or the user, wrote that `.grad`.
        hidden: The nodes that the idiom folded away.
        source: The line that made it, if that was recorded.
        is_given: Whether its name comes from the user's code.
    """

    position: int
    value: Value
    name: str
    kind: str
    operation: str
    symbol: str
    operands: tuple[Operand, ...]
    number: Any
    gradient: Any
    stored: Any
    was_written: bool
    hidden: tuple[Value, ...]
    source: Source | None
    is_given: bool


@dataclass(frozen=True, slots=True)
class ShownGraph:
    """A graph as it is shown.

    Attributes:
        nodes: The shown nodes, operands first, left before right.
        stale: What was changed since the graph was built.
        names: The names of all nodes, those folded away included.
    """

    nodes: tuple[ShownNode, ...]
    stale: tuple[Stale, ...]
    names: Names
    _positions: dict[int, int]

    @property
    def root(self) -> int:
        """The position of the root, which is the last."""
        return len(self.nodes) - 1

    @property
    def has_run(self) -> bool:
        """Whether the root's gradient was written by a pass or by the user."""
        return self.nodes[-1].was_written

    @property
    def backward_order(self) -> tuple[int, ...]:
        """The positions in the order of a backward pass: every node after all that were made from it."""
        return tuple(range(len(self.nodes) - 1, -1, -1))

    def position(self, value: Value) -> int | None:
        """Return where a Value stands among the shown nodes, or None when it is not shown."""
        return self._positions.get(id(value))


def shown_graph(
    root: Value,
    names: Names | None = None,
    idioms: bool = True,
    gradients: bool = True,
    reading: Reading | None = None,
    within: Iterable[int] | None = None,
) -> ShownGraph:
    """Read a graph, or a part of it, as it is to be shown.

    Args:
        root: The Value that the graph ends in.
        names: What the nodes are called; the caller's variables are looked at if not given.
        idioms: Whether `a - b`, `a / b`, `-a`, sums and means are one node each, as they were written.
        gradients: Whether to compute the gradients afresh; without, those that the nodes hold stand in their place.
        reading: What has been read of the graph already.
        within: The positions, in the reading, of the part to show; its operands outside are nodes of the kind
            `"outside"`, whose own operands are left out. The whole graph if not given.

    Raises:
        NumberError: root is no Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import shown_graph
        >>> a, b = Value(5.0), Value(2.0)
        >>> y = a - b * 3
        >>> for node in shown_graph(y).nodes:
        ...     print(node.name, node.operation, [(o.name, o.role, o.partial) for o in node.operands], node.gradient)
        a  [] 1
        b  [] -3
        v1 product [('b', 'left factor', 3), ('3', 'right factor', 2.0)] -1
        y subtraction [('a', 'left term', 1), ('v1', 'subtracted', -1)] 1
    """
    reading = reading if reading is not None else Reading(root)
    nodes, operands = reading.nodes, reading.operands
    known = names if names is not None else caller_names(nodes, depth=2)
    window = range(len(nodes)) if within is None else sorted(set(within))

    def may_hide(node: Value) -> bool:
        return reading.uses[reading.places[id(node)]] == 1 and not known.is_given(node)

    idiom_at, hidden = _idioms_below([nodes[p] for p in window], may_hide) if idioms else ({}, set())
    visible = [p for p in window if id(nodes[p]) not in hidden and (nodes[p] is root or not is_constant(nodes[p]))]
    outside: set[int] = set()
    if within is not None:
        inside = {reading.places[key] for key in hidden}.union(visible)
        outside = {q for p in inside for q in operands[p] if q not in inside and not is_constant(nodes[q])}
        visible = sorted(outside.union(visible))
    known.settle(nodes[p] for p in visible)
    positions = {id(nodes[p]): i for i, p in enumerate(visible)}
    made = []
    for i, p in enumerate(visible):
        gradient = reading.gradients[p] if gradients else nodes[p].grad
        idiom = idiom_at.get(id(nodes[p]))
        made.append(_shown_node(nodes[p], gradient, i, idiom, positions, known, p in outside))
    return ShownGraph(tuple(made), reading.stale(known), known, positions)


def _idioms_below(nodes: list[Value], may_hide: Any) -> tuple[dict[int, Any], set[int]]:
    """Fold idioms from the root down, so that what one folds away is not folded by itself."""
    found = {}
    hidden: set[int] = set()
    for node in reversed(nodes):
        if is_made(node) and id(node) not in hidden:
            idiom = folded(node, may_hide)
            if idiom is not None:
                found[id(node)] = idiom
                hidden.update(map(id, idiom.hidden))
    return found, hidden


def _shown_node(
    node: Value, gradient: Any, i: int, idiom: Any, positions: dict[int, int], names: Names, is_outside: bool
) -> ShownNode:
    operation, symbol = "", ""
    operands: tuple[Operand, ...] = ()
    if is_outside and is_made(node):
        operation = operation_word(node)
        symbol = _SYMBOLS.get(operation, operation)
    elif idiom is not None:
        operation = idiom.operation
        symbol = "mean" if operation == "mean" else _SYMBOLS[operation]
        operands = tuple(
            _operand(value, partial, _product(partial, gradient, False), role, number, positions, names)
            for value, partial, role, number in idiom.operands
        )
    elif is_made(node):
        operation = operation_word(node)
        symbol = _SYMBOLS.get(operation, operation)
        operands = _plain_operands(node, gradient, operation, positions, names)
    return ShownNode(
        i,
        node,
        names.of(node),
        "leaf" if not is_made(node) else "outside" if is_outside else "operation",
        operation,
        symbol,
        operands,
        number_of(node),
        gradient,
        node.grad,
        was_written(node),
        idiom.hidden if idiom is not None else (),
        source_of(node),
        names.is_given(node),
    )


def operation_word(node: Value) -> str:
    """Return a node's operation in a word: `"addition"`, `"product"`, `"tanh"`, or what its maker called it.

    Args:
        node: A Value that was made from others.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import operation_word
        >>> operation_word(Value(2.0) * 3), operation_word(Value(2.0).tanh())
        ('product', 'tanh')
    """
    name = operation_of(node).name
    if name == "leaf":
        return str(node._op) or "operation"
    return _WORDS.get(name, name)


def _plain_operands(
    node: Value, gradient: Any, operation: str, positions: dict[int, int], names: Names
) -> tuple[Operand, ...]:
    given = operands_of(node)
    if has_own_step(node):
        partials, contributions = contributions_of(node, 1.0), contributions_of(node, gradient)
    else:
        selects = operation_of(node).selects
        partials = local_derivatives(node)
        contributions = tuple(_product(partial, gradient, selects) for partial in partials)
        given = rule_operands(node) or given
    roles = _ROLES.get(operation, ())
    found = []
    for k, value in enumerate(given):
        partial = partials[k] if k < len(partials) else None
        contribution = contributions[k] if k < len(contributions) else None
        number = number_of(value) if is_constant(value) else None
        role = roles[k] if k < len(roles) else ""
        found.append(_operand(value, partial, contribution, role, number, positions, names))
    return tuple(found)


def _operand(
    value: Value, partial: Any, contribution: Any, role: str, number: Any, positions: dict[int, int], names: Names
) -> Operand:
    position = positions.get(id(value))
    if position is None:
        written = number if number is not None else number_of(value)
        return Operand(None, value, shown(written), written, partial, None, role)
    return Operand(position, value, names.of(value), number_of(value), partial, contribution, role)


def _product(partial: Any, gradient: Any, selects: bool) -> Any:
    if partial is None:
        return None
    return 0 * partial if selects and partial == 0 else partial * gradient
