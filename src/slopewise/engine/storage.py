"""Copying and pickling of graphs: flat, without recursion, and with what is shared staying shared.

A leaf goes by itself. The nodes below one that has operands go together in a `Bundle`, as arrays; the node is then
"number i of that bundle". `copy.deepcopy` and `pickle` keep the bundle in their memo, so two nodes of one graph,
met in one list or model, come out as two nodes of one graph again.
"""

import weakref
from array import array
from typing import Any

from slopewise.engine.value import (
    Value,
    fields_of,
    has_attributes,
    has_own_step,
    is_made,
    operands_of,
    set_fields,
)
from slopewise.errors import GraphError

# Which bundle a node went with, by the node's id, as long as that bundle is in somebody's memo.
_homes: "dict[int, tuple[weakref.ref[Bundle], int]]" = {}


class Bundle:
    """Nodes with operands below some root, in any order: they are linked by number, after all are made."""

    def __init__(self, nodes: list[Value]) -> None:
        self.nodes = nodes
        self.index: dict[int, int] = {}

    def settle(self) -> None:
        """Make the nodes known as members, until this bundle goes."""
        self.index = {id(node): i for i, node in enumerate(self.nodes)}
        here = weakref.ref(self)
        _homes.update((key, (here, i)) for key, i in self.index.items())

    def __del__(self) -> None:
        for key in self.index:
            home = _homes.get(key)
            if home is not None and home[0]() in (None, self):
                del _homes[key]

    def __reduce__(self) -> tuple[Any, ...]:
        classes = {i: type(node) for i, node in enumerate(self.nodes) if type(node) is not Value}
        return blank_bundle, (len(self.nodes), classes), _flattened(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        externals, links, codes, numbers, attributes = state
        # A link below 0 names an external Value, None is the only thing that is neither.
        nodes = self.nodes
        for i, node in enumerate(nodes):
            a, b = links[2 * i], links[2 * i + 1]
            set_fields(
                node,
                codes[4 * i],
                codes[4 * i + 1],
                codes[4 * i + 2],
                codes[4 * i + 3],
                numbers[3 * i],
                numbers[3 * i + 1],
                numbers[3 * i + 2],
                None if a == len(nodes) else nodes[a] if a >= 0 else externals[-1 - a],
                None if b == len(nodes) else nodes[b] if b >= 0 else externals[-1 - b],
            )
        for i, own in attributes.items():
            nodes[i].__dict__.update(own)


def blank_bundle(count: int, classes: dict[int, type]) -> Bundle:
    """Return a bundle of nodes to be filled by `__setstate__`."""
    made = [_blank(classes.get(i, Value)) for i in range(count)]
    return Bundle(made)


def _blank(cls: type) -> Value:
    node: Value = cls.__new__(cls)  # type: ignore[call-overload]
    return node


def member(bundle: Bundle, i: int) -> Value:
    """Return a node of a bundle."""
    return bundle.nodes[i]


def blank_leaf(cls: type) -> Value:
    """Return a leaf to be filled by `Value.__setstate__`."""
    return _blank(cls)


def _flattened(bundle: Bundle) -> tuple[Any, ...]:
    externals: list[Value] = []
    external_index: dict[int, int] = {}
    nobody = len(bundle.nodes)

    def link(operand: Value | None) -> int:
        if operand is None:
            return nobody
        inside = bundle.index.get(id(operand))
        if inside is not None:
            return inside
        place = external_index.setdefault(id(operand), len(externals))
        if place == len(externals):
            externals.append(operand)
        return -1 - place

    links = array("q")
    codes = array("B")
    numbers = array("d")
    attributes = {}
    for i, node in enumerate(bundle.nodes):
        code, kind, grad_kind, flags, data, grad, built, a, b = fields_of(node)
        codes.extend((code, kind, grad_kind, flags))
        numbers.extend((data, grad, built))
        links.extend((link(a), link(b)))
        if has_attributes(node):
            attributes[i] = node.__dict__
    return externals, links, codes, numbers, attributes


def reduced(node: Value) -> tuple[Any, ...]:
    """Say how to rebuild a node, for `pickle` and `copy.deepcopy`.

    Raises:
        GraphError: A node of the graph has a `_backward` that was set by hand.
    """
    if not is_made(node):
        _refuse_own_step(node)
        return blank_leaf, (type(node),), leaf_state(node)
    bundle, i = _home_of(node)
    if bundle is None:
        bundle, i = _bundle_below(node), 0
    return member, (bundle, i)


def _home_of(node: Value) -> tuple[Bundle | None, int]:
    here, i = _homes.get(id(node), (None, 0))
    return (here() if here is not None else None), i


def _bundle_below(root: Value) -> Bundle:
    """Bundle root and what is below it, but for what went with a node that was met before."""
    nodes = [root]
    met = {id(root)}
    for node in nodes:  # the list grows while it is walked
        _refuse_own_step(node)
        for operand in operands_of(node):
            if id(operand) not in met and (is_made(operand) or has_own_step(operand)) and _home_of(operand)[0] is None:
                met.add(id(operand))
                nodes.append(operand)
    fresh = Bundle(nodes)
    fresh.settle()
    return fresh


def _refuse_own_step(node: Value) -> None:
    if has_own_step(node):
        name = node.label or node._op or "a leaf"
        raise GraphError(
            f"cannot copy {name!r}: its _backward was set by hand and would go on writing into the original\n"
            "copy the parameters and build the graph anew from the copies, "
            "or make the step an operation: @slopewise.operation"
        )


def leaf_state(node: Value) -> tuple[Any, ...]:
    """Return a leaf's fields and attributes."""
    return (*fields_of(node)[:7], dict(node.__dict__) if has_attributes(node) else None)


def set_leaf_state(node: Value, state: tuple[Any, ...]) -> None:
    """Fill a leaf from `leaf_state`."""
    code, kind, grad_kind, flags, data, grad, *built, own = state  # version 0.1 wrote no number when last used
    set_fields(node, code, kind, grad_kind, flags, data, grad, built[0] if built else data, None, None)
    if own:
        node.__dict__.update(own)


def copied(node: Value) -> Value:
    """Return a node like this one, with the same operands, for `copy.copy`.

    Raises:
        GraphError: The node has a `_backward` that was set by hand.
    """
    _refuse_own_step(node)
    out = _blank(type(node))
    set_fields(out, *fields_of(node))
    if has_attributes(node):
        out.__dict__.update(node.__dict__)
    return out
