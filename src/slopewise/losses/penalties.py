"""Penalties on the size of parameters, to add to a loss."""

import math
from typing import Any

from slopewise.engine.reductions import sum as sum_of
from slopewise.errors import DomainError
from slopewise.losses.pairing import as_number, as_sequence


def l1_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """Return strength · Σ |p|, which draws small parameters to 0.

    Args:
        parameters: Values and numbers, or a net that has `parameters()`.
        strength: The factor, 0 or more.

    Returns:
        A Value if any parameter is one, else a number.

    Raises:
        DomainError: strength is negative or not finite.
        NumberError: A parameter is no number.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.losses import l1_penalty
        >>> l1_penalty([Value(3.0), Value(-1.0)], 0.5).data
        2.0
    """
    return _scaled(sum_of([abs(p) for p in _listed("l1_penalty", parameters)]), "l1_penalty", strength)


def l2_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """Return strength · Σ p², which keeps parameters from growing.

    Args:
        parameters: Values and numbers, or a net that has `parameters()`.
        strength: The factor, 0 or more. Its gradient is 2 · strength · p: an optimiser's `weight_decay` of twice the
            strength does the same.

    Returns:
        A Value if any parameter is one, else a number.

    Raises:
        DomainError: strength is negative or not finite.
        NumberError: A parameter is no number.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.losses import l2_penalty
        >>> l2_penalty([Value(3.0), Value(-1.0)], 1e-4).data
        0.001
    """
    return _scaled(sum_of([p * p for p in _listed("l2_penalty", parameters)]), "l2_penalty", strength)


def _listed(name: str, parameters: Any) -> list[Any]:
    if callable(getattr(parameters, "parameters", None)):
        parameters = parameters.parameters()
    items = as_sequence(parameters)
    if items is None:
        items = [parameters]
    return [as_number(p, name, f"parameter {i}", "") for i, p in enumerate(items)]


def _scaled(total: Any, name: str, strength: float) -> Any:
    if not 0 <= strength < math.inf:
        raise DomainError(f"{name}: strength={strength!r} must be 0 or more, and finite")
    return strength * total
