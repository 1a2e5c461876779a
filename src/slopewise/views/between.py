"""The part of a graph that lies between a root and a node below it, with the local derivative of every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import isfinite
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import contributions_of
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
from slopewise.views.reading import Reading

_ADD, _MULTIPLY = BY_NAME["add"], BY_NAME["multiply"]
_ONES = (1, 1)
_ONE = (1,)
_ZERO = (0,)
_RELU = BY_NAME["relu"]
_PLAIN = (float, int)


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
        is_plain: Whether all local derivatives are finite floats and integers.
    """

    nodes: Sequence[Value]
    targets: Sequence[tuple[int, ...]]
    factors: Sequence[tuple[Any, ...]]
    gradients: Sequence[Any]
    positions: Sequence[int]
    everything: Sequence[Value]
    operands_of_everything: Sequence[tuple[int, ...]]
    gradients_of_everything: Sequence[Any]
    is_plain: bool = False

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


def between(leaf: Value, root: Value, reading: Reading | None = None) -> Between | None:
    """Find what lies between a root and a node below it.

    Args:
        leaf: Where the paths end: a leaf, or any other node.
        root: Where they begin.
        reading: What has been read of the graph already.

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
    reading = reading if reading is not None else Reading(root)
    everything, operands = reading.nodes, reading.operands
    start = next((i for i, node in enumerate(everything) if node is leaf), None)
    if start is None:
        return None
    gradients = reading.gradients
    numbers, rows = list(map(number_of, everything)), list(map(operation_of, everything))
    odd = list(map(has_attributes, everything))
    place = [-1] * len(everything)
    place[start] = 0
    kept = [start]
    targets: list[tuple[int, ...]] = [()]
    factors: list[tuple[Any, ...]] = [()]
    reached: tuple[int, ...]
    partials: tuple[Any, ...]
    for i, there in enumerate(islice(operands, start + 1, None), start + 1):
        if not there:
            continue
        if odd[i]:
            reached = tuple(
                [place[reading.places[id(o)]] if id(o) in reading.places else -1 for o in steps_to(everything[i])]
            )
            if max(reached, default=-1) < 0:
                continue
            partials = _partials(everything[i], gradients[i], len(reached))
        elif len(there) == 2:  # most nodes: the shortest way
            left, right = place[there[0]], place[there[1]]
            row = rows[i]
            if left >= 0:
                if row is _ADD:
                    partials = _ONES
                elif row is _MULTIPLY:
                    partials = (numbers[there[1]], numbers[there[0]])
                else:
                    partials = local_derivatives(everything[i])
                reached = (left, right)
                if right < 0:
                    reached, partials = (left,), partials[:1]
            elif right >= 0:
                if row is _ADD:
                    partials = _ONE
                elif row is _MULTIPLY:
                    partials = (numbers[there[0]],)
                else:
                    partials = local_derivatives(everything[i])[1:2]
                reached = (right,)
            else:
                continue
        elif max(reached := tuple([place[j] for j in there])) >= 0:
            if rows[i] is _RELU and type(numbers[i]) in _PLAIN:
                partials = _ONE if numbers[i] > 0 else _ZERO
            else:
                partials = local_derivatives(everything[i])
        else:
            continue
        place[i] = len(kept)
        kept.append(i)
        if len(partials) != len(reached) or (len(reached) != 1 and min(reached) < 0):
            pairs = [pair for pair in zip(reached, partials, strict=False) if pair[0] >= 0]
            reached, partials = tuple([j for j, _ in pairs]), tuple([partial for _, partial in pairs])
        targets.append(reached)
        factors.append(partials)
    if kept[-1] != len(everything) - 1:  # `_prev` was set to what the node's own rule hands nothing to
        return None
    nodes = [everything[i] for i in kept]
    along = [gradients[i] for i in kept]
    return Between(nodes, targets, factors, along, kept, everything, operands, gradients, _are_plain(factors))


def _are_plain(factors: Sequence[tuple[Any, ...]]) -> bool:
    """Tell whether all local derivatives are finite floats and integers that floats can hold."""
    try:
        if not all(map(isfinite, chain.from_iterable(factors))):
            return False
    except (TypeError, ValueError, OverflowError):
        return False
    return set(map(type, chain.from_iterable(factors))) <= {int, float}


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
