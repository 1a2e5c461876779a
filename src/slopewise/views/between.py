"""The part of a graph that lies between a root and a node below it, with the local derivative of every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import contributions_of, gradients_afresh, survey
from slopewise.engine.value import (
    has_attributes,
    has_own_step,
    local_derivatives,
    number_of,
    operands_of,
    operation_of,
    rule_operands,
)
from slopewise.ops import BY_NAME

_ADD, _MULTIPLY = BY_NAME["add"], BY_NAME["multiply"]
_ONES = (1, 1)


@dataclass(frozen=True, slots=True)
class Between:
    """Every node on a path from a root down to a leaf, and the steps between them.

    Positions are places in `nodes`: operands come first, so the leaf is at 0 and the root at the end. The steps of the
    node at i go to `targets[i][e]` with the local derivative `factors[i][e]`; an operand used twice gives two steps.

    Attributes:
        nodes: The nodes.
        targets: The positions of the operands that lie on a path.
        factors: d node / d operand, for the same operands.
        gradients: This root's gradient for each node, computed afresh.
        positions: The place of each node in `everything`.
        everything: Every node below root, on a path or not, operands first.
        operands_of_everything: The positions of their operands.
        gradients_of_everything: This root's gradient for those.
    """

    nodes: Sequence[Value]
    targets: Sequence[tuple[int, ...]]
    factors: Sequence[tuple[Any, ...]]
    gradients: Sequence[Any]
    positions: Sequence[int]
    everything: Sequence[Value]
    operands_of_everything: Sequence[tuple[int, ...]]
    gradients_of_everything: Sequence[Any]

    def place(self, position: int, edge: int) -> int:
        """Return which operand of its node a step goes to: 0 for the first."""
        wanted, seen = self.targets[position], 0
        for place, operand in enumerate(steps_to(self.nodes[position])):
            if operand is self.nodes[wanted[seen]]:
                if seen == edge:
                    return place
                seen += 1
        return edge

    def is_choice(self, position: int) -> bool:
        """Tell whether a local derivative of 0 at this node means "not selected": then even 0 · ∞ is 0."""
        return is_selection(self.nodes[position])


def between(leaf: Value, root: Value) -> Between | None:
    """Find what lies between a root and a node below it.

    Args:
        leaf: Where the paths end: a leaf, or any other node.
        root: Where they begin.

    Returns:
        None when leaf is not below root.

    Raises:
        GraphError: The graph has a cycle.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views.between import between
        >>> a = Value(3.0)
        >>> part = between(a, a * a + 1)
        >>> [n.data for n in part.nodes], part.targets, part.factors
        ([3.0, 9.0, 10.0], [(), (0, 0), (1,)], [(), (3.0, 3.0), (1,)])
    """
    everything, operands = survey(root)
    start = next((i for i, node in enumerate(everything) if node is leaf), None)
    if start is None:
        return None
    gradients = gradients_afresh(root, everything)
    place = [-1] * len(everything)
    place[start] = 0
    nodes, kept = [leaf], [start]
    targets: list[tuple[int, ...]] = [()]
    factors: list[tuple[Any, ...]] = [()]
    ids: dict[int, int] = {}
    for i in range(start + 1, len(everything)):
        node = everything[i]
        there = operands[i]
        if has_attributes(node) and there:
            if not ids:
                ids = {id(n): j for j, n in enumerate(everything)}
            reached = tuple([place[ids[id(o)]] if id(o) in ids else -1 for o in steps_to(node)])
            if max(reached) < 0:
                continue
            partials = _partials(node, gradients[i], len(reached))
        elif len(there) == 2:  # most nodes: the shortest way
            left, right = place[there[0]], place[there[1]]
            if left < 0 and right < 0:
                continue
            row = operation_of(node)
            if row is _ADD:
                partials = _ONES
            elif row is _MULTIPLY:
                partials = (number_of(everything[there[1]]), number_of(everything[there[0]]))
            else:
                partials = local_derivatives(node)
            if left >= 0 and right >= 0:
                reached = (left, right)
            elif left >= 0:
                reached, partials = (left,), partials[:1]
            else:
                reached, partials = (right,), partials[1:2]
        elif there and max(reached := tuple([place[j] for j in there])) >= 0:
            partials = local_derivatives(node)
        else:
            continue
        place[i] = len(nodes)
        nodes.append(node)
        kept.append(i)
        if len(partials) != len(reached) or (len(reached) != 1 and min(reached) < 0):
            pairs = [pair for pair in zip(reached, partials, strict=False) if pair[0] >= 0]
            reached, partials = tuple([j for j, _ in pairs]), tuple([partial for _, partial in pairs])
        targets.append(reached)
        factors.append(partials)
    if nodes[-1] is not root:  # `_prev` was set to what the node's own rule hands nothing to
        return None
    return Between(nodes, targets, factors, [gradients[i] for i in kept], kept, everything, operands, gradients)


def steps_to(node: Value) -> tuple[Value, ...]:
    """Return the operands that a node's backward step hands something to, each once if the user wrote the step."""
    if has_own_step(node):
        return tuple({id(operand): operand for operand in operands_of(node)}.values())
    operands = rule_operands(node)
    return operands[:1] if operation_of(node).name == "power" else operands


def is_selection(node: Value) -> bool:
    """Tell whether a local derivative of 0 means that the operand was not selected."""
    row = operation_of(node)
    return row.selects and BY_NAME.get(row.name) is row


def _partials(node: Value, gradient: Any, count: int) -> tuple[Any, ...]:
    """Return the local derivatives; of a step that the user wrote, what it hands on for each unit of gradient."""
    if not has_own_step(node):
        return local_derivatives(node) or (0,) * count  # made by hand without a step: nothing comes down
    operands = operands_of(node)
    first = {id(operand): i for i, operand in reversed(list(enumerate(operands)))}
    handed, unit = contributions_of(node, gradient), contributions_of(node, 1)
    partials = []
    for operand in steps_to(node):
        share, one = handed[first[id(operand)]], unit[first[id(operand)]]
        try:  # a step may forget its upstream gradient: what it handed on then counts, not what it should have
            proportional = bool(abs(share - one * gradient) <= 1e-12 * abs(share)) or not bool(gradient != 0)
            partials.append(one if proportional else share / gradient)
        except (TypeError, ValueError, ArithmeticError):
            partials.append(one)
    return tuple(partials)
