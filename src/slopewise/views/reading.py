"""A graph as it was read, once: what views, stories and pictures of the same graph share."""

from functools import cached_property
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import gradients_afresh, survey
from slopewise.errors import NumberError
from slopewise.views.names import Names
from slopewise.views.staleness import Stale, stale_values


class Reading:
    """The nodes of a graph, their operands, and what follows from them, each worked out when it is first asked for.

    Args:
        root: The Value that the graph ends in.

    Attributes:
        root: The root.
        nodes: Every node, operands first, left before right; leaves and constants included.
        operands: The positions of each node's operands.

    Raises:
        NumberError: root is no Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import Reading
        >>> a = Value(3.0)
        >>> reading = Reading(a * a)
        >>> reading.operands, reading.gradients, reading.uses
        ([(), (0, 0)], [6.0, 1], [2, 0])
    """

    def __init__(self, root: Value) -> None:
        check_root(root)
        self.root = root
        self.nodes, self.operands = survey(root)

    @cached_property
    def gradients(self) -> list[Any]:
        """d root / d node for each node, computed afresh."""
        return gradients_afresh(self.root, self.nodes)

    @cached_property
    def uses(self) -> list[int]:
        """How often each node is an operand."""
        counts = [0] * len(self.nodes)
        for positions in self.operands:
            for p in positions:
                counts[p] += 1
        return counts

    @cached_property
    def places(self) -> dict[int, int]:
        """The position of each node, by its id."""
        return dict(zip(map(id, self.nodes), range(len(self.nodes)), strict=True))

    def stale(self, names: Names) -> tuple[Stale, ...]:
        """List what was changed since the graph was built."""
        return stale_values(self.nodes, self.operands, names)


def check_root(root: Any) -> None:
    """Refuse what is no Value.

    Raises:
        NumberError: root is no Value; when it is a list of some, the message says so.
    """
    if isinstance(root, Value):
        return
    if isinstance(root, (list, tuple)) and root and all(isinstance(item, Value) for item in root):
        raise NumberError(
            f"a graph ends in one Value, got {len(root)} of them\ntake one, as in outputs[0], or their sum"
        )
    what = type(root).__name__ if isinstance(root, (list, tuple, dict, set)) else repr(root)
    raise NumberError(f"a graph ends in a Value, got {what}\ngive the Value that you would call backward() on")
