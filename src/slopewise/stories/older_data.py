"""The gradient that a graph had with the numbers that it was built with."""

from collections.abc import Mapping
from typing import Any

from slopewise.engine.value import has_attributes, has_own_step, number_of, operation_of, rule_operands
from slopewise.views.between import Between
from slopewise.views.path_sums import finite_factors, sums_below


def gradient_as_built(part: Between, built: Mapping[int, Any]) -> Any:
    """Compute the gradient with the numbers that a graph was built with.

    Args:
        part: The graph between root and leaf.
        built: By the node's id, the number that it had then, for those that have another now.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.stories.older_data import gradient_as_built
        >>> from slopewise.views.between import between
        >>> a = Value(3.0)
        >>> y = a * a
        >>> a.data = 5.0
        >>> gradient_as_built(between(a, y), {id(a): 3.0})
        6.0
    """
    factors = list(finite_factors(part))
    for i, node in enumerate(part.nodes):
        operands = rule_operands(node)
        if id(node) not in built and not any(id(operand) in built for operand in operands):
            continue
        row = operation_of(node)
        if row.name == "leaf" or has_own_step(node) or (has_attributes(node) and "_local_grads" in node.__dict__):
            continue
        numbers = [built.get(id(o), number_of(o)) for o in (*operands, node)]
        partials = row.derivative(*numbers)
        factors[i] = tuple(partials[part.place(i, e)] for e in range(len(part.targets[i])))
    return sums_below(part, factors)[-1]
