"""Which numbers of a graph no longer follow from what they stand on, because something was assigned since."""

from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value
from slopewise.engine.reading import built_with, computed_now, out_of_date, was_assigned
from slopewise.engine.value import is_made, number_of
from slopewise.views.names import Names


@dataclass(frozen=True, slots=True)
class Stale:
    """A Value whose number does not belong to the graph as it was built.

    Attributes:
        value: The Value.
        name: What it is called.
        now: The number that it holds.
        built: For a leaf, the number that the graph was built with; for a node that was assigned by hand, the number
            that it was computed as; None when that is not known, or the node itself was not assigned.
        due: For a node whose operands changed, in a way that cannot be told any more: what they make it now. None for
            a leaf, and for a node that was assigned by hand.
    """

    value: Value
    name: str
    now: Any
    built: Any
    due: Any = None

    @property
    def sentence(self) -> str:
        """What happened, as a clause without a full stop."""
        if self.due is not None:
            return (
                f"{self.name} holds {shown(self.now)}, but its operands now make it {shown(self.due)}: "
                "one of them changed after it was computed"
            )
        if is_made(self.value):
            return f"{self.name} was set to {shown(self.now)} by hand; it was computed as {shown(self.built)}"
        if self.built is None:
            return f"{self.name} is now {shown(self.now)}, a part of this graph was built with another number"
        return f"{self.name} is now {shown(self.now)}, this graph was built with {shown(self.built)}"


def stale_values(nodes: list[Value], operands: list[tuple[int, ...]], names: Names) -> tuple[Stale, ...]:
    """List the Values whose numbers do not belong to the graph as it was built.

    Args:
        nodes: The graph's nodes, as `engine.reading.survey` lists them.
        operands: Their operands' positions.
        names: What the nodes are called.

    Returns:
        Those that were assigned, in the graph's order; and where that is not known any more, the nodes that no longer
        follow from their operands.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import survey
        >>> from slopewise.views import Names, stale_values
        >>> a = Value(-2.0, label="a")
        >>> f = a * 3
        >>> a.data = -1.7
        >>> [s.sentence for s in stale_values(*survey(f), Names())]
        ['a is now −1.7, this graph was built with −2']
    """
    found: dict[int, Stale] = {}

    def add(p: int, built: Any, due: Any = None) -> None:
        if p not in found:
            found[p] = Stale(nodes[p], names.of(nodes[p]), number_of(nodes[p]), built, due)

    for position in out_of_date(nodes):
        node = nodes[position]
        if was_assigned(node):
            add(position, built_with(node))
            continue
        leaves = [p for p in dict.fromkeys(operands[position]) if not is_made(nodes[p])]
        changed = [p for p in leaves if not _is_same(number_of(nodes[p]), built_with(nodes[p]))]
        for p in changed:
            add(p, built_with(nodes[p]))
        if changed or any(was_assigned(nodes[p]) for p in operands[position]):
            continue
        if len(leaves) == 1 and len(set(operands[position])) == 1:
            add(leaves[0], None)
        else:
            add(position, None, computed_now(node))
    return tuple(found[p] for p in sorted(found))


def _is_same(x: Any, y: Any) -> bool:
    return bool(x == y) or bool(x != x and y != y)
