"""What a gradient means, in a sentence that is tried out on the graph before it is told."""

import math
from collections.abc import Sequence
from typing import Any

from slopewise.basics.shown_numbers import relation, shown
from slopewise.engine import Value
from slopewise.engine.reading import survey
from slopewise.engine.value import has_attributes, has_own_step, number_of, operation_of, rule_operands
from slopewise.stories.arithmetic import agree
from slopewise.stories.name_text import quoted
from slopewise.stories.own_steps import assigning_places, is_fixed
from slopewise.views import ShownGraph, ShownNode

_CHANGE = 0.001
_ABOUT = 0.1


def meaning_of_largest(graph: ShownGraph, leaves: Sequence[ShownNode]) -> str:
    """Say what the largest gradient means: "when a grows by 0.001, f falls by about 0.003".

    Args:
        graph: The graph as it is told.
        leaves: Its leaves.

    Returns:
        The sentence; "" when there is none that is true: when numbers were changed since the graph was built, when
        they are not finite, or when the function bends so sharply there that no small change follows the gradient.
    """
    top = graph.nodes[graph.root]
    told = [node for node in leaves if node.is_given and _is_number(node.number) and _is_number(node.gradient)]
    told = [node for node in told if node.gradient != 0]
    if not told or graph.stale or not _is_number(top.number) or _has_odd_steps(graph):
        return ""
    largest = max(told, key=lambda node: (abs(node.gradient), -node.position))
    change = _fitting_change(top, largest)
    if change is None:
        return ""
    name, root, gradient = quoted(largest.name), quoted(top.name), largest.gradient
    direction = "grows" if gradient > 0 else "falls"
    return (
        f"{name}.grad {relation(gradient)} says: when {name} grows by {shown(change)}, {root} {direction} by about "
        f"{shown(change * abs(gradient))}."
    )


def _is_number(x: Any) -> bool:
    if type(x) not in (int, float):
        return False
    return bool(abs(x) < 1e300)


def _has_odd_steps(graph: ShownGraph) -> bool:
    """Tell whether a step that a user wrote hands on what is no share of its gradient: then gradients are no slopes."""
    own = [node for node in graph.nodes if node.operands and has_own_step(node.value)]
    return any(assigning_places(node) or any(is_fixed(node, k) for k in range(len(node.operands))) for node in own)


def _fitting_change(top: ShownNode, leaf: ShownNode) -> float | None:
    """Return a change of the leaf small enough for the root to follow the gradient; None when there is none."""
    nodes, _ = survey(top.value)
    size = 10.0 ** (math.floor(math.log10(abs(leaf.number))) - 3) if leaf.number else _CHANGE
    before = _computed(nodes, leaf.value, leaf.number)
    if before is None:
        return _CHANGE  # a function of the user's, which cannot be computed again
    if not agree(before, top.number, 1e-9):
        return None
    for change in (_CHANGE, size, 1e-3 * size, 1e-6 * size):
        after = _computed(nodes, leaf.value, leaf.number + change)
        if after is not None and agree(after - before, change * leaf.gradient, _ABOUT):
            return change
    return None


def _computed(nodes: Sequence[Value], leaf: Value, number: Any) -> Any:
    """Compute the last of the nodes with another number in a leaf; None when that cannot be done."""
    numbers: dict[int, Any] = {}
    try:
        for node in nodes:
            operands = rule_operands(node)
            row = operation_of(node)
            if row.name == "leaf":
                if operands or has_own_step(node):
                    return None
                numbers[id(node)] = number if node is leaf else number_of(node)
            elif has_own_step(node) or (has_attributes(node) and "_local_grads" in node.__dict__):
                return None
            else:
                numbers[id(node)] = row.value(*[numbers[id(o)] if id(o) in numbers else number_of(o) for o in operands])
        return numbers[id(nodes[-1])]
    except (ArithmeticError, TypeError, ValueError, LookupError):
        return None
