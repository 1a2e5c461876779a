"""Steps that a user wrote as a `_backward`: what they do with the gradients, found out by trying them."""

from typing import Any

from slopewise.engine.reading import contributions_of, gradients_after_step
from slopewise.engine.value import has_own_step, operands_of
from slopewise.stories.arithmetic import agree
from slopewise.views import ShownNode

_SAME = 1e-9


def assigning_places(node: ShownNode) -> frozenset[int]:
    """Return which operands' gradients a node's own step sets, with `=` where `+=` belongs.

    Args:
        node: The node.

    Example:
        >>> import math
        >>> import slopewise as sw
        >>> from slopewise.stories.own_steps import assigning_places
        >>> from slopewise.views import shown_graph
        >>> x = sw.Value(0.5)
        >>> s = sw.Value(math.sin(x.data), (x,), "sin")
        >>> def step():
        ...     x.grad = math.cos(x.data) * s.grad
        >>> s._backward = step
        >>> assigning_places(shown_graph(s).nodes[-1])
        frozenset({0})
    """
    if not has_own_step(node.value):
        return frozenset()
    operands = operands_of(node.value)
    low, high = gradients_after_step(node.value, 1, 0), gradients_after_step(node.value, 1, 1000)
    places = {id(operand): k for k, operand in reversed(list(enumerate(operands)))}
    found = set()
    for which, operand in enumerate(node.operands):
        k = places.get(id(operand.value))
        if k is not None and k == which and agree(low[k], high[k], 0.0) and low[k] == low[k]:
            found.add(which)
    return frozenset(found)


def is_fixed(node: ShownNode, which: int) -> bool:
    """Tell whether a node's own step hands on the same, whatever the node's gradient is.

    Args:
        node: The node.
        which: The operand's place.
    """
    if not has_own_step(node.value):
        return False
    once, twice = contributions_of(node.value, 1), contributions_of(node.value, 2)
    if which >= len(once) or agree(once[which], 0, 0.0):
        return False
    return agree(once[which], twice[which], _SAME)


def after_step(is_assigned: bool, before: Any, contribution: Any) -> Any:
    """Return an operand's gradient after a step."""
    return contribution if is_assigned else before + contribution
