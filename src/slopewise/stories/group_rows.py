"""Layers, neurons and samples as rows of a table: how many nodes, and how large their gradients are."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.stories.parts import in_number_order
from slopewise.stories.telling import size_of
from slopewise.views import Names, Reading


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of parameters and operations.

    Attributes:
        name: The group's place, such as "layers.0".
        parameters: How many parameters it has.
        operations: How many operations belong to it; 0 when they were not counted.
        size: The root of the sum of the squares of the parameters' gradients.
        largest_name: The parameter with the largest gradient.
        largest: That gradient.
        members: The positions of its parameters.
    """

    name: str
    parameters: int
    operations: int
    size: float
    largest_name: str
    largest: Any
    members: tuple[int, ...]


def total_size(numbers: Iterable[Any]) -> float:
    """Return the root of the sum of squares; inf or nan where a number is not finite."""
    sizes = [size_of(x) for x in numbers]
    return math.sqrt(math.fsum(s * s for s in sizes)) if all(map(math.isfinite, sizes)) else math.inf


def rows_by(
    group_of: Mapping[int, str], reading: Reading, group_of_nodes: Sequence[str] | None, names: Names
) -> list[GroupRow]:
    """Gather parameters, and operations where they are known, by their group.

    Args:
        group_of: The group of each parameter, by its position.
        reading: The graph.
        group_of_nodes: The group of every node, or None when operations are not counted.
        names: What the nodes are called.
    """
    members: dict[str, list[int]] = {}
    for p, name in group_of.items():
        members.setdefault(name, []).append(p)
    counts = Counter(name for p, name in enumerate(group_of_nodes or ()) if reading.operands[p])
    rows = []
    for name in sorted(members, key=in_number_order):
        own = members[name]
        best = max(own, key=lambda p: (size_of(reading.gradients[p]), -p))
        rows.append(
            GroupRow(
                name,
                len(own),
                counts[name],
                total_size(reading.gradients[p] for p in own),
                names.of(reading.nodes[best]),
                reading.gradients[best],
                tuple(own),
            )
        )
    return rows
