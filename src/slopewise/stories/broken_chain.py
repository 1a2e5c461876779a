"""Why a root does not depend on a node: what is known of the place where the chain between them was broken."""

import math
from collections.abc import Mapping
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.engine import Value
from slopewise.engine.reading import is_constant, survey
from slopewise.engine.value import is_made, number_of
from slopewise.ops import TABLE
from slopewise.stories.formula import Name, text
from slopewise.views.names import Names, label_of

_MOST_NODES = 200_000  # that are looked at for what depends on the leaf
_MOST_LOOKS = 20_000  # leaves whose number is compared
_FUNCTIONS = tuple(row for row in TABLE if row.arity == 1 and row.name not in ("leaf", "absolute"))


def why_not_below(leaf: Value, root: Value, names: Names, in_sight: Mapping[str, Value]) -> str:
    """Say that a root does not depend on a node, and why, if that can be found.

    The chain breaks where a Value becomes a number. Then the graph holds a leaf with just the number of something that
    does depend on the node, or with a function of it; or a node with the same name that took the other's place.

    Args:
        leaf: The node.
        root: The root.
        names: What the nodes are called.
        in_sight: The Values that the caller holds, by name.

    Returns:
        Sentences, one a line.
    """
    names.settle((root, leaf))
    top, x = text(Name(names.of(root))), text(Name(names.of(leaf)))
    lines = [f"{top} does not depend on {x}: no path leads from {top} down to it, so the gradient is 0."]
    nodes, operands = survey(root)
    leaves = [node for node, below in zip(nodes, operands, strict=True) if not below]
    found = _replaced(leaf, leaves, names, x, top) or _broken(leaf, leaves, names, in_sight, x, top)
    if found:
        lines.append(found)
    elif not is_made(root):
        lines.append(f"{top} is a leaf itself: it was made from a number, not computed from other Values.")
    elif leaves:
        given = [text(Name(names.of(n))) for n in leaves if names.is_given(n)]
        if given:
            shown_names = ", ".join(given[:8]) + (" …" if len(given) > 8 else "")
            lines.append(f"What {top} does depend on: {shown_names}.")
    if is_made(leaf):
        inside = {id(node) for node in survey(leaf)[0]}
        shared = [node for node in leaves if id(node) in inside and not is_constant(node)]
        if shared:
            lines.append(
                f"{x} was itself made from {text(Name(names.of(shared[0])))}, {_number(shared[0])}, which {top} does "
                f"depend on. If {x} was to be an update of it: assign to .data instead, p.data = …, not p = …."
            )
    return "\n".join(lines)


def _replaced(leaf: Value, leaves: list[Value], names: Names, x: str, top: str) -> str:
    """Look for another Value that bears the same name: one of them was replaced instead of updated."""
    wanted = label_of(leaf) or names.place_of(leaf)
    if not wanted:
        return ""
    for node in leaves:
        if node is not leaf and wanted in (label_of(node), names.place_of(node)):
            return (
                f"{top} is made from another Value that is called {text(Name(wanted))}, {_number(node)}, not from this "
                f"one, {_number(leaf)}: one took the other's place after {top} was computed. Update a parameter with "
                f"p.data = …, not with p = …."
            )
    return ""


def _broken(leaf: Value, leaves: list[Value], names: Names, in_sight: Mapping[str, Value], x: str, top: str) -> str:
    """Look for a leaf that holds the number of something that depends on the leaf, or a function of that number."""
    telling = [n for n in leaves[:_MOST_LOOKS] if n is not leaf and _is_telling(number_of(n))]
    by_number: dict[float, Value] = {}
    for node in telling:
        by_number.setdefault(float(number_of(node)), node)
    if not by_number:
        return ""
    for name, value in _depending(leaf, in_sight):
        number = number_of(value)
        if not isinstance(number, (int, float)):
            continue
        there = by_number.get(float(number))
        if there is not None and _is_telling(number):
            return _told(there, name, names, top, x, f"just the number of {name}", "")
        for row in _FUNCTIONS:
            result = _applied(row, number)
            there = by_number.get(result) if result is not None else None
            if there is None and result is not None:
                there = next((n for key, n in by_number.items() if _is_close(key, result)), None)
            if there is not None:
                return _told(there, name, names, top, x, f"just {row.name} of {name}", f", as in {name}.{row.name}()")
    return ""


def _told(there: Value, name: str, names: Names, top: str, x: str, what: str, cure: str) -> str:
    made_from = "" if name == x else f" {name} depends on {x}, so the"
    subject = f"{text(Name(names.of(there)))}, a leaf" if names.is_given(there) else "a leaf"
    return (
        f"{top} is made from {subject} that holds {_number(there)}, {what}.{made_from or ' The'} chain broke where the "
        f"Value became a number: .data, float() or a function of the math module does that. Compute with the Value "
        f"itself{cure}."
    )


def _depending(leaf: Value, in_sight: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """Return the leaf, and the Values in sight that are made from it, with the names of their variables."""
    found = [(name, value) for name, value in in_sight.items() if value is leaf]
    looked = 0
    for name, value in in_sight.items():
        if value is leaf or not is_made(value):
            continue
        nodes, _ = survey(value)
        looked += len(nodes)
        if looked > _MOST_NODES:
            break
        if any(node is leaf for node in nodes):
            found.append((name, value))
    return found


def _applied(row: Any, number: Any) -> float | None:
    try:
        result = float(row.value(number))
    except (ArithmeticError, ValueError, TypeError):
        return None
    return result if _is_telling(result) else None


def _is_telling(number: Any) -> bool:
    """Tell whether a number is no accident: none of the small whole ones that turn up everywhere."""
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return False
    return math.isfinite(number) and abs(number) > 1e-12 and float(number) * 4 != round(float(number) * 4)


def _is_close(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-15 * max(abs(x), abs(y))


def _number(node: Value) -> str:
    return shown(number_of(node))
