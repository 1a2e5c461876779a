"""The first nan or infinity of a pass, and the operation that made it."""

import math

from slopewise.basics.shown_numbers import shown
from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.naming import Namer
from slopewise.doctor.training_warnings import NumberNotFinite
from slopewise.doctor.wording import listed
from slopewise.engine import Value
from slopewise.engine.modes import source_of
from slopewise.engine.reading import survey
from slopewise.engine.value import idiom_of, is_made, number_of, operation_of, rule_operands

MOST_NODES = 200_000


def broken_value(broken: list[Value], at_pass: int, name: Namer) -> Diagnosis | None:
    """Return the diagnosis of nodes where a nan or an infinity begins; what an operation made comes first."""
    if not broken:
        return None
    made = [node for node in broken if is_made(node)]
    node = made[-1] if made else broken[-1]
    operands = list(rule_operands(node)) if is_made(node) else []
    return NumberNotFinite(
        operation=_operation(node),
        name=name(node),
        number=float(number_of(node)),
        operands=written(operands, name),
        in_gradient=False,
        at_pass=at_pass,
        others=len(broken) - 1,
        line=_line(node),
    )


def broken_gradient(root: Value, at_pass: int, name: Namer) -> Diagnosis | None:
    """Return the diagnosis of the first backward step that made a gradient nan or infinite from finite ones."""
    nodes, operands = survey(root)
    if len(nodes) > MOST_NODES:
        return None
    for i in range(len(nodes) - 1, -1, -1):
        node = nodes[i]
        if not is_finite(node.grad):
            continue
        for o in operands[i]:
            if not is_finite(nodes[o].grad):
                return NumberNotFinite(
                    operation=_operation(node),
                    name=name(nodes[o]),
                    number=float(nodes[o].grad),
                    operands=f"the upstream gradient {shown(node.grad)} and {written(list(rule_operands(node)), name)}",
                    in_gradient=True,
                    at_pass=at_pass,
                    line=_line(node),
                )
    return None


def is_finite(x: object) -> bool:
    """Tell whether a number is finite; what is no float or int counts as finite."""
    return not isinstance(x, (int, float)) or math.isfinite(x)


def written(operands: list[Value], name: Namer) -> str:
    """Write operands out: `x = 0 and 2`."""
    parts = []
    for operand in operands:
        given = name(operand)
        parts.append(f"{given} = {shown(number_of(operand))}" if given else shown(number_of(operand)))
    return listed(parts)


def _operation(node: Value) -> str:
    if not is_made(node):
        return ""
    if idiom_of(node).endswith("division"):
        return "a division"
    if node._op == "**-1":
        return "a division (by this operand)"
    return str(node._op) or operation_of(node).name


def _line(node: Value) -> str:
    from slopewise.doctor.source_lines import place

    source = source_of(node)
    return place(source.file, source.line) if source is not None else ""
