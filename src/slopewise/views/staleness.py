"""Which numbers of a graph were assigned after it was built: what it shows no longer follows from what it stands on."""

from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.engine.reading import built_with, out_of_date
from slopewise.engine.value import is_made, number_of
from slopewise.views.names import Names


@dataclass(frozen=True, slots=True)
class Stale:
    """A Value whose number was changed after the graph had been built with it.

    Attributes:
        value: The Value.
        name: What it is called.
        now: Its number now.
        built: The number that the graph was built with; None when that is not known any more, because the Value has
            been used elsewhere since.
    """

    value: Value
    name: str
    now: Any
    built: Any


def stale_values(nodes: list[Value], operands: list[tuple[int, ...]], names: Names) -> tuple[Stale, ...]:
    """List the Values that were assigned a number after the graph had been built with another.

    Args:
        nodes: The graph's nodes, as `engine.reading.survey` lists them.
        operands: Their operands' positions.
        names: What the nodes are called.

    Returns:
        Leaves first of all; an inner node whose own number was assigned by hand is listed as well.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.reading import survey
        >>> from slopewise.views import Names, stale_values
        >>> a = Value(-2.0, label="a")
        >>> f = a * 3
        >>> a.data = -1.7
        >>> [(s.name, s.now, s.built) for s in stale_values(*survey(f), Names())]
        [('a', -1.7, -2.0)]
    """
    late = out_of_date(nodes)
    suspects: dict[int, bool] = {}  # position: whether the older number is known
    for position in late:
        changed = [p for p in operands[position] if not _is_same(number_of(nodes[p]), built_with(nodes[p]))]
        for p in changed:
            suspects[p] = True
        if not changed:
            leaves = [p for p in operands[position] if not is_made(nodes[p])]
            for p in leaves if len(leaves) == 1 else [position]:
                suspects.setdefault(p, False)
    return tuple(
        Stale(nodes[p], names.of(nodes[p]), number_of(nodes[p]), built_with(nodes[p]) if known else None)
        for p, known in sorted(suspects.items())
    )


def _is_same(x: Any, y: Any) -> bool:
    return bool(x == y) or bool(x != x and y != y)
