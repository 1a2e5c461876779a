"""Which boxes and edges a picture has: all of a graph, parts of it folded into one box each, or its top alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from slopewise.views import ShownGraph, ShownNode

Kind = Literal["node", "unit", "pile", "cut"]


class Box(NamedTuple):
    """One box of a picture.

    Attributes:
        kind: `"node"` for one node; `"unit"` for a neuron or a layer; `"pile"` for several nodes made alike; `"cut"`
            for a node whose own operands are not drawn.
        name: What it is called; empty for a pile.
        members: The nodes that it stands for, operands first.
        below: How many nodes are left out below it.
        outputs: Of a unit, the members that something outside of it is made from.
    """

    kind: Kind
    name: str
    members: tuple[ShownNode, ...]
    below: int = 0
    outputs: tuple[ShownNode, ...] = ()

    @property
    def node(self) -> ShownNode:
        """The node, of a box that stands for one; else the last."""
        return self.members[-1]


class Wire(NamedTuple):
    """One edge of a picture.

    Attributes:
        tail: The box that it leaves.
        head: The box that it points at.
        place: Which operand of its head it is.
        partial: The local derivative; None where several edges are drawn as one.
        contribution: What flows back along it; the sum, where several are drawn as one.
        edges: How many edges it stands for.
        has_run: Whether gradients were written at both ends.
    """

    tail: int
    head: int
    place: int
    partial: Any
    contribution: Any
    edges: int
    has_run: bool


@dataclass(frozen=True, slots=True)
class Sketch:
    """The boxes and edges of a picture.

    Attributes:
        boxes: Operands first, as far as there is no circle.
        wires: In the order of their heads and operands.
        left_out: What is not drawn, in a sentence; empty if nothing.
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    left_out: str = ""


def whole(graph: ShownGraph) -> Sketch:
    """Return every node as a box of its own."""
    boxes = tuple(Box("node", node.name, (node,)) for node in graph.nodes)
    wires = tuple(
        Wire(
            operand.position,
            node.position,
            place,
            operand.partial,
            operand.contribution,
            1,
            node.was_written and graph.nodes[operand.position].was_written,
        )
        for node in graph.nodes
        for place, operand in enumerate(node.operands)
        if operand.position is not None
    )
    return Sketch(boxes, wires)


def top(graph: ShownGraph, most: int, also: Sequence[int] = ()) -> Sketch:
    """Return the nodes nearest to the root; those whose operands are left out say so.

    Args:
        graph: The graph.
        most: How many nodes to draw.
        also: Positions of nodes that are drawn in any case.
    """
    kept = set(also) | {graph.root}
    level = [graph.root]
    while level and len(kept) < most:
        below = []
        for position in level:
            for operand in graph.nodes[position].operands:
                if operand.position is not None and operand.position not in kept and len(kept) < most:
                    kept.add(operand.position)
                    below.append(operand.position)
        level = below
    order = sorted(kept)
    place = {position: index for index, position in enumerate(order)}
    boxes = []
    wires = []
    for position in order:
        node = graph.nodes[position]
        inside = [operand.position in place for operand in node.operands if operand.position is not None]
        missing = len(inside) - sum(inside)
        boxes.append(Box("cut" if missing else "node", node.name, (node,), missing))
        for number, operand in enumerate(node.operands):
            if operand.position in place:
                has_run = node.was_written and graph.nodes[operand.position].was_written
                tail, head = place[operand.position], place[position]
                wires.append(Wire(tail, head, number, operand.partial, operand.contribution, 1, has_run))
    total = len(graph.nodes)
    said = (
        f"Left out: {total - len(order):,} of {total:,} nodes, those farthest from {graph.nodes[-1].name}; "
        f"a box with ⋯ has operands that are not drawn. everything=True draws all."
    )
    return Sketch(tuple(boxes), tuple(wires), said)


def folded(graph: ShownGraph, units: Sequence[str], what: str, most: int = 0) -> Sketch | None:
    """Return one box for each unit, and one for all other nodes that were made alike; None if these are too many.

    Args:
        graph: The graph.
        units: For each shown node the neuron or layer that it belongs to, or `""`.
        what: What is folded, in words, for the sentence that says so.
        most: How many boxes there may be at most; 0 for any number.
    """
    keys = _keys(graph, units)
    if most and len(set(keys)) > 3 * most:
        return None
    keys = _in_rows(graph, keys, units)
    if most and len(set(keys)) > most:
        return None
    members: dict[int, list[ShownNode]] = {}
    for node, key in zip(graph.nodes, keys, strict=True):
        members.setdefault(key, []).append(node)
    place = {key: index for index, key in enumerate(sorted(members, key=lambda key: members[key][-1].position))}
    used_outside = bytearray(len(keys))
    used_outside[graph.root] = 1
    for node in graph.nodes:
        for operand in node.operands:
            if operand.position is not None and keys[operand.position] != keys[node.position]:
                used_outside[operand.position] = 1
    boxes = []
    for key in place:
        nodes = tuple(members[key])
        unit = units[nodes[0].position]
        if unit:
            made = tuple(node for node in nodes if used_outside[node.position] and node.kind != "leaf")
            boxes.append(Box("unit", unit, nodes, outputs=made or nodes[-1:]))
        elif len(nodes) == 1:
            boxes.append(Box("node", nodes[0].name, nodes))
        else:
            made = tuple(node for node in nodes if used_outside[node.position])
            boxes.append(Box("pile", "", nodes, outputs=made))
    wires = _bundled(graph, [place[key] for key in keys])
    said = f"Folded: {len(graph.nodes):,} nodes are drawn as {len(boxes):,} boxes, {what}. fold='none' draws all."
    return Sketch(tuple(boxes), wires, said if len(boxes) < len(graph.nodes) else "")


def _bundled(graph: ShownGraph, box_of: Sequence[int]) -> tuple[Wire, ...]:
    """Return the edges between boxes, those of two boxes as one; an edge inside a box is not drawn."""
    bundles: dict[tuple[int, int], list[Any]] = {}
    for node in graph.nodes:
        head = box_of[node.position]
        for place, operand in enumerate(node.operands):
            if operand.position is None or box_of[operand.position] == head:
                continue
            tail = box_of[operand.position]
            has_run = node.was_written and graph.nodes[operand.position].was_written
            bundle = bundles.get((tail, head))
            if bundle is None:
                bundles[tail, head] = [place, operand.partial, operand.contribution, 1, has_run]
            else:
                bundle[1] = None
                bundle[2] = _sum(bundle[2], operand.contribution)
                bundle[3] += 1
                bundle[4] = bundle[4] and has_run
    return tuple(Wire(tail, head, *bundle) for (tail, head), bundle in bundles.items())


def _sum(a: Any, b: Any) -> Any:
    try:
        return a + b
    except TypeError:
        return None


def _keys(graph: ShownGraph, units: Sequence[str]) -> list[int]:
    """Return for each node the box that it goes into: equal numbers, one box."""
    nodes = graph.nodes
    users: list[list[int]] = [[] for _ in nodes]
    for node in nodes:
        for operand in node.operands:
            if operand.position is not None:
                users[operand.position].append(node.position)
    known: dict[Any, int] = {}

    def number_of(signature: Any) -> int:
        return known.setdefault(signature, len(known))

    chained = _chained(graph, units, users)
    keys = [0] * len(nodes)
    seen_from_above = [0] * len(nodes)  # how a node looks to the one that uses it
    parts: dict[int, set[int]] = {}
    for node in nodes:
        at = node.position
        unit = units[at]
        if unit:
            keys[at] = number_of(("unit", unit))
            seen_from_above[at] = number_of(("parameter",) if node.kind == "leaf" else ("output",))
            continue
        if node.kind == "leaf":
            seen_from_above[at] = number_of(("leaf",))
            continue
        below = [seen_from_above[o.position] if o.position is not None else -1 for o in node.operands]
        top_of_chain = chained[at]
        if top_of_chain != at:
            parts.setdefault(top_of_chain, set()).update(below)
            seen_from_above[at] = number_of(("chain", top_of_chain))
            keys[at] = number_of(("chain", top_of_chain))
            continue
        signature: Any = (node.operation, tuple(below) if len(below) < 4 else tuple(sorted(set(below))))
        if at in parts:
            signature = ("chain", at)
        elif at == graph.root:
            signature = ("root",)
        keys[at] = seen_from_above[at] = number_of(signature)
    for node in reversed(nodes):
        if node.kind == "leaf" and not units[node.position]:
            at = node.position
            into = sorted({(keys[user], _place_in(nodes[user], at)) for user in users[at]})
            keys[at] = number_of(("leaf", tuple(into), at if at == graph.root else -1))
    return keys


def _place_in(user: ShownNode, position: int) -> int:
    if len(user.operands) > 3:
        return 0
    return next(place for place, operand in enumerate(user.operands) if operand.position == position)


def _chained(graph: ShownGraph, units: Sequence[str], users: list[list[int]]) -> list[int]:
    """Return for each node the top of the chain of additions that it is a link of: `loss = loss + term`, in a loop."""
    found = list(range(len(graph.nodes)))
    for node in reversed(graph.nodes):
        at = node.position
        if node.operation != "addition" or units[at] or len(users[at]) != 1:
            continue
        user = users[at][0]
        if graph.nodes[user].operation == "addition" and not units[user]:
            found[at] = found[user]
    return found


def _in_rows(graph: ShownGraph, keys: list[int], units: Sequence[str]) -> list[int]:
    """Join a pile and the one that is made of it alone, node for node: `relu(1 − y · s)` of 100 samples is one pile."""
    sizes = Counter(keys)
    users: dict[int, set[int]] = {}
    sources: dict[int, set[int]] = {}
    is_plain = dict.fromkeys(sizes, True)
    for node in graph.nodes:
        key = keys[node.position]
        if units[node.position] or node.kind == "leaf" or node.position == graph.root:
            is_plain[key] = False
        for operand in node.operands:
            if operand.position is not None and keys[operand.position] != key:
                users.setdefault(keys[operand.position], set()).add(key)
                if graph.nodes[operand.position].kind != "leaf":
                    sources.setdefault(key, set()).add(keys[operand.position])
            elif operand.position is not None:
                is_plain[key] = False  # a chain of additions
    joined = {key: key for key in sizes}
    for node in graph.nodes:
        key = keys[node.position]
        above = users.get(key, set())
        if joined[key] != key or sizes[key] < 2 or not is_plain[key] or len(above) != 1:
            continue
        (user,) = above
        if sizes[user] == sizes[key] and is_plain[user] and sources.get(user) == {key}:
            joined[key] = user
    for key in joined:
        while joined[key] != joined[joined[key]]:
            joined[key] = joined[joined[key]]
    return [joined[key] for key in keys]
