"""The terms of a loss, and the targets that its outputs are compared with."""

import math
from collections.abc import Iterator

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.training_warnings import TargetsOutOfReach
from slopewise.engine import Value
from slopewise.engine.value import idiom_of, is_made, number_of, operands_of, operation_of, rule_operands

MOST_TERMS = 400
RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, math.inf)}


def terms_of(root: Value, most: int = MOST_TERMS) -> list[Value]:
    """Return the terms that a loss is the sum of, the first ones of very many; factors that are constants are left out.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.doctor.targets import terms_of
        >>> a, b = Value(2.0), Value(3.0)
        >>> [t._op for t in terms_of((a**2 + (b - 1) ** 2) * 0.5)]
        ['**2', '**2']
    """
    found: list[Value] = []
    stack = [root]
    steps = 0
    while stack and len(found) < most and steps < 4 * most:
        steps += 1
        node = stack.pop()
        name = operation_of(node).name if is_made(node) else ""
        operands = operands_of(node)
        if name == "add":
            stack.extend(operands)
            continue
        if name == "multiply":
            made = [o for o in operands if is_made(o)]
            if len(made) == 1 and not any(is_made(o) for o in operands if o is not made[0]):
                stack.append(made[0])
                continue
        if operands:
            found.append(node)
    found.reverse()
    return found


def unreachable_targets(root: Value) -> Diagnosis | None:
    """Look for outputs of tanh, sigmoid or relu that are compared with targets beyond their range."""
    beyond: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for kind, target in _comparisons(root):
        counts[kind] = counts.get(kind, 0) + 1
        low, high = RANGES[kind]
        if target < low or target > high:
            beyond.setdefault(kind, []).append(target)
    for kind, targets in beyond.items():
        low, high = RANGES[kind]
        return TargetsOutOfReach(
            kind=kind,
            lowest=low,
            highest=high,
            targets=tuple(dict.fromkeys(targets)),
            beyond=len(targets),
            of_targets=counts[kind],
        )
    return None


def _comparisons(root: Value) -> Iterator[tuple[str, float]]:
    """Give the activation and the target of every term that is the square or the size of a difference of the two."""
    for term in terms_of(root):
        difference = _under_a_measure(term)
        if difference is None or not is_made(difference) or operation_of(difference).name != "add":
            continue
        parts = [_without_sign(o) for o in operands_of(difference)]
        if len(parts) != 2:
            continue
        for (output, sign), (other, other_sign) in (parts, parts[::-1]):
            kind = operation_of(output).name if is_made(output) else ""
            number = number_of(other)
            if kind in RANGES and not is_made(other) and isinstance(number, (int, float)):
                yield kind, -other_sign * float(number) / sign
                break


def _under_a_measure(term: Value) -> Value | None:
    name = operation_of(term).name
    operands = operands_of(term)
    if name in ("square", "absolute"):
        return operands[0]
    if name == "power":
        exponent = number_of(rule_operands(term)[1])
        return operands[0] if exponent in (2, 2.0, 4, 4.0) else None
    if name == "multiply" and len(operands) == 2 and operands[0] is operands[1]:
        return operands[0]
    return None


def _without_sign(node: Value) -> tuple[Value, float]:
    """Return what a negation negates, and −1; anything else as it is, and 1."""
    if is_made(node) and idiom_of(node) == "negation":
        return operands_of(node)[0], -1.0
    return node, 1.0
