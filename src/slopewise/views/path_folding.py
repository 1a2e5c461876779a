"""A path as the user wrote it: `a - b`, `a / b`, a sum or a mean is one step, however many nodes it took."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import is_constant
from slopewise.engine.value import idiom_of, is_made, number_of, operands_of, operation_of, rule_operands
from slopewise.views.between import Between, steps_to
from slopewise.views.graph import operation_word
from slopewise.views.idioms import Folded, folded
from slopewise.views.names import Names

_ROLES = {
    "addition": ("left term", "right term"), "product": ("left factor", "right factor"), "power": ("base", "exponent"),
    "modulo": ("dividend", "divisor"),
}  # fmt: skip


_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """An operand of a node, as the user wrote it.

    Attributes:
        value: The Value; for a constant, the leaf that the operator made of it.
        number: Its number; for a constant, the number that was written.
        role: `"left factor"`, `"subtracted"` …, or `""`.
        is_constant: Whether it is a plain number of the formula.
    """

    value: Value
    number: Any
    role: str
    is_constant: bool


class Link:
    """One step of a path, from a node down to one of its operands.

    A path may have a million of them, so what was written at the node is looked up only when it is asked for.

    Attributes:
        node: The upper node.
        operand: The lower one.
        factor: The local derivative: d node / d operand.
        hidden: The nodes in between, where the user wrote several as one operation.
    """

    __slots__ = ("_at", "_edge", "_folding", "factor", "hidden", "node", "operand")

    def __init__(
        self,
        folding: "Folding",
        node: Value,
        operand: Value,
        factor: Any,
        hidden: tuple[Value, ...],
        at: int,
        edge: int,
    ) -> None:
        self._folding = folding
        self._at, self._edge = at, edge  # the lowest node within the operation, and which of its steps
        self.node = node
        self.operand = operand
        self.factor = factor
        self.hidden = hidden

    def __repr__(self) -> str:
        return f"Link({self.operation}, {self.role!r}, factor={self.factor!r})"

    @property
    def operation(self) -> str:
        """What was written, in a word: `"product"`, `"subtraction"`, `"mean"`, `"tanh"` …"""
        return self._folding.written(self.node)[0]

    @property
    def operands(self) -> tuple[Written, ...]:
        """All of the node's operands, as they were written."""
        return self._folding.written(self.node)[1]

    @property
    def place(self) -> int:
        """Which of the operands it is, 0 for the first; among the terms of a sum as well."""
        operation, operands = self._folding.written(self.node)
        last = self._folding.part.place(self._at, self._edge)
        return _place(operation, operands, self.operand, last, self.hidden)

    @property
    def role(self) -> str:
        """What the operand is to the node: `"left factor"`, `"subtracted"`, `"term 3"`, or `""`."""
        place = self.place
        role = self.operands[place].role
        return role or (f"term {place + 1}" if self.operation in ("sum", "mean") else "")

    @property
    def is_used_again(self) -> bool:
        """Whether the node takes the same operand at another place too."""
        given = operands_of(self.node)
        if not self.hidden and len(given) == 2 and not idiom_of(self.node):
            return given[0] is given[1]
        return sum(written.value is self.operand for written in self.operands) > 1


class Folding:
    """Joins the steps of paths through one graph; what was written at a node is found once.

    Args:
        part: The graph between root and leaf.
        names: What its nodes are called: one with a name of its own is not left out.
    """

    def __init__(self, part: Between, names: Names) -> None:
        self.part = part
        self._names = names
        self._shared: set[int] | None = None  # the nodes that are operands more than once
        self._known: dict[int, tuple[str, tuple[Written, ...], frozenset[int]]] = {}

    def links(self, nodes: Sequence[int], taken: Sequence[int]) -> tuple[Link, ...]:
        """Return a path's steps.

        Args:
            nodes: The path's nodes, as positions in the part, the root first.
            taken: Which step leads from each to the next.

        Example:
            >>> from slopewise import Value
            >>> from slopewise.views import Names
            >>> from slopewise.views.between import between
            >>> from slopewise.views.path_folding import Folding
            >>> a, b = Value(6.0), Value(3.0)
            >>> part = between(b, a / b)
            >>> (link,) = Folding(part, Names()).links([2, 1, 0], [0, 0])
            >>> link.operation, link.role, link.factor
            ('division', 'divisor', -0.6666666666666666)
        """
        part = self.part
        found = []
        at = 0
        while at < len(taken):
            node = part.nodes[nodes[at]]
            hidden = self._written(node)[2] if idiom_of(node) else _NONE
            factor = part.factors[nodes[at]][taken[at]]
            end = at + 1
            while end < len(taken) and id(part.nodes[nodes[end]]) in hidden:
                factor = part.factors[nodes[end]][taken[end]] * factor
                end += 1
            operand = part.nodes[nodes[end]]
            between = tuple(part.nodes[nodes[i]] for i in range(at + 1, end)) if end > at + 1 else ()
            found.append(Link(self, node, operand, factor, between, nodes[end - 1], taken[end - 1]))
            at = end
        return tuple(found)

    def link(self, position: int, edge: int) -> Link:
        """Return one step, taken to the end of the operation that it begins.

        Args:
            position: The node, as a position in the part.
            edge: Which of its steps.
        """
        part = self.part
        nodes, taken = [position, part.targets[position][edge]], [edge]
        _, _, hidden = self._written(part.nodes[position])
        while id(part.nodes[nodes[-1]]) in hidden and part.targets[nodes[-1]]:
            taken.append(0)
            nodes.append(part.targets[nodes[-1]][0])
        return self.links(nodes, taken)[0]

    def written(self, node: Value) -> tuple[str, tuple[Written, ...]]:
        """Return what was written at a node: the operation in a word, and the operands; nothing at a leaf."""
        if not is_made(node):
            return "", ()
        operation, operands, _ = self._written(node)
        return operation, operands

    def _written(self, node: Value) -> tuple[str, tuple[Written, ...], frozenset[int]]:
        known = self._known.get(id(node))
        if known is None:
            idiom = folded(node, self._may_hide) if idiom_of(node) else None
            known = self._known[id(node)] = _of_idiom(idiom) if idiom is not None else _of_node(node)
        return known

    def _may_hide(self, node: Value) -> bool:
        if self._names.is_given(node):
            return False
        if self._shared is None:
            everything = self.part.everything
            uses = Counter(chain.from_iterable(self.part.operands_of_everything))
            self._shared = {id(everything[position]) for position, count in uses.items() if count > 1}
        return id(node) not in self._shared


def _of_idiom(idiom: Folded) -> tuple[str, tuple[Written, ...], frozenset[int]]:
    operands = tuple(
        Written(value, number_of(value) if number is None else number, role, number is not None or is_constant(value))
        for value, _, role, number in idiom.operands
    )
    return idiom.operation, operands, frozenset(map(id, idiom.hidden))


def _of_node(node: Value) -> tuple[str, tuple[Written, ...], frozenset[int]]:
    operation = operation_word(node)
    roles = _ROLES.get(operation, ())
    operands = tuple(
        Written(value, number_of(value), roles[k] if k < len(roles) else "", is_constant(value))
        for k, value in enumerate(_all_operands(node))
    )
    return operation, operands, frozenset()


def _all_operands(node: Value) -> tuple[Value, ...]:
    return rule_operands(node) if operation_of(node).name == "power" else steps_to(node)


def _place(operation: str, operands: tuple[Written, ...], operand: Value, last: int, between: tuple[Value, ...]) -> int:
    """Return which of the operands, as they were written, a path goes to: one may be there several times.

    Args:
        operation: The operation in a word.
        operands: The operands as written.
        operand: The one that the path goes to.
        last: Which operand it is of the lowest node that was passed.
        between: The nodes passed within the operation.
    """
    places = [k for k, written in enumerate(operands) if written.value is operand]
    if len(places) < 2:
        return places[0] if places else min(last, len(operands) - 1)
    if operation in ("sum", "mean"):
        if last == 0:
            return places[0]  # the lowest addition has the first term on its left
        passed = len(between) - (operation == "mean")
        place = len(operands) - 1 - passed
        return place if place in places else places[-1]
    if operation in ("subtraction", "division"):
        behind = [k for k in places if operands[k].role in ("subtracted", "divisor")]
        return behind[0] if between and behind else places[0]
    return last if last in places else places[0]
