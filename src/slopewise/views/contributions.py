"""A gradient taken apart: what each operation handed to each of its operands."""

from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import contributions_of
from slopewise.engine.sweep import topological
from slopewise.engine.value import operands_of, was_written
from slopewise.errors import GraphError


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one node handed to one of its operands: upstream gradient times local derivative.

    Attributes:
        operand: The Value that received it.
        through: The node that handed it on.
        upstream: The node's own gradient.
        local: d node / d operand.
        amount: upstream · local.
    """

    operand: Value
    through: Value
    upstream: Any
    local: Any
    amount: Any


def contributions(root: Value) -> list[Contribution]:
    """List what every node below root handed to its operands, in the order of the backward pass.

    The contributions to one operand add up to its gradient, when it held none before the pass. They are worked out anew
    from the numbers that the nodes hold now, so change no `data` between the pass and the question.

    Args:
        root: The Value whose `backward()` was called.

    Returns:
        The contributions; several for an operand that is used several times.

    Raises:
        GraphError: `backward()` has not been run on root.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import contributions
        >>> a = Value(3.0, label="a")
        >>> b = a * a
        >>> b.backward()
        >>> [(c.operand.label, c.upstream, c.local, c.amount) for c in contributions(b)]
        [('a', 1, 3.0, 3.0), ('a', 1, 3.0, 3.0)]
    """
    if not was_written(root):
        name = f" of {root.label!r}" if root.label else ""
        raise GraphError(f"the gradient{name} was never computed\ncall backward() on it first")
    found = []
    for node in reversed(topological(root)):
        upstream = node.grad
        handed = zip(operands_of(node), contributions_of(node, 1), contributions_of(node, upstream), strict=False)
        found += [Contribution(operand, node, upstream, local, amount) for operand, local, amount in handed]
    return found
