"""Clipping: gradients kept small before a step."""

import math
from typing import Any

from slopewise.errors import AnomalyError, DomainError
from slopewise.ops import BY_NAME
from slopewise.optim.memory import is_traced
from slopewise.optim.targets import listed, number_of


def clip_by_value(parameters: Any, limit: float) -> None:
    """Hold each gradient between −limit and limit.

    Args:
        parameters: Values, or a net.
        limit: The largest size of a gradient, 0 or more.

    Raises:
        DomainError: limit is negative or nan.
        NumberError: A parameter is no Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import clip_by_value
        >>> p = Value(1.0)
        >>> p.grad = -7.5
        >>> clip_by_value([p], 1.0)
        >>> p.grad
        -1.0
    """
    if not limit >= 0:
        raise DomainError(f"clip_by_value: limit={limit!r} must be 0 or more")
    for p in listed(parameters, "clip_by_value"):
        if p.grad > limit:
            p.grad = limit
        elif p.grad < -limit:
            p.grad = -limit


def clip_by_global_norm(parameters: Any, limit: float) -> float:
    """Shrink all gradients by one factor if their norm, √Σg², is above limit; their direction stays.

    The norm is taken without overflow, and afterwards it is the limit itself (PyTorch's `clip_grad_norm_` ends about
    1e-6 below it).

    Args:
        parameters: Values, or a net.
        limit: The largest norm, 0 or more.

    Returns:
        The norm before.

    Raises:
        AnomalyError: A gradient is nan or infinite; no factor helps then, and nothing is changed.
        DomainError: limit is negative or nan.
        NumberError: A parameter is no Value.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import clip_by_global_norm
        >>> a, b = Value(1.0), Value(1.0)
        >>> a.grad, b.grad = 30.0, -40.0
        >>> clip_by_global_norm([a, b], 5.0), a.grad, b.grad
        (50.0, 3.0, -4.0)

    Source:
        R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013.
    """
    if not limit >= 0:
        raise DomainError(f"clip_by_global_norm: limit={limit!r} must be 0 or more")
    chosen = listed(parameters, "clip_by_global_norm")
    gradients = [number_of(p, "grad", i, "clip_by_global_norm") for i, p in enumerate(chosen)]
    if is_traced() and sum(g * 0.0 for g in gradients) == 0.0:  # one question instead of many: all are finite
        norm = math.hypot(*gradients)
        factor = BY_NAME["where"](norm > limit, limit / norm, 1.0)
        for p, g in zip(chosen, gradients, strict=True):
            p.grad = g * factor
        return norm
    for i, (p, g) in enumerate(zip(chosen, gradients, strict=True)):
        if not math.isfinite(g):
            name = f" ({p.label})" if p.label else ""
            error = AnomalyError(
                f"clip_by_global_norm: the gradient of parameter {i}{name} is {g!r}, and no factor makes that finite\n"
                f"run forward and backward inside `with slopewise.anomalies():` to see where it comes from"
            )
            error.node = p
            raise error
    norm = math.hypot(*gradients)
    if norm > limit:
        factor = limit / norm
        for p, g in zip(chosen, gradients, strict=True):
            p.grad = g * factor
    return norm
