"""Losses: how wrong predictions are, as a number or as a Value to call `backward()` on.

    from slopewise.losses import cross_entropy

    loss = cross_entropy([net(x) for x in xs], labels)
    loss.backward()

Each takes one prediction and its target, or sequences of them (lists, tuples, arrays, nested alike), of numbers and
Values mixed. `reduction` says what becomes of the single losses: their `"mean"`, their `"sum"`, or `"none"` for all of
them in the shape of the predictions. A mean of nothing is an error, a sum of nothing is 0.
"""

from typing import Any

from slopewise.losses.classification import (
    binary_cross_entropy_from_logits,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
)
from slopewise.losses.penalties import l1_penalty, l2_penalty
from slopewise.losses.regression import absolute_error, huber, squared_error

__all__ = [
    "absolute_error",
    "binary_cross_entropy_from_logits",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge",
    "huber",
    "l1_penalty",
    "l2_penalty",
    "squared_error",
]

# What these are called elsewhere.
_ELSEWHERE = {
    "mse": "squared_error",
    "mse_loss": "squared_error",
    "mean_squared_error": "squared_error",
    "l2_loss": "squared_error",
    "mae": "absolute_error",
    "mean_absolute_error": "absolute_error",
    "l1_loss": "absolute_error",
    "bce": "binary_cross_entropy_from_logits",
    "binary_cross_entropy": "binary_cross_entropy_from_logits",
    "nll_loss": "cross_entropy",
    "softmax_cross_entropy": "cross_entropy",
    "hinge_loss": "hinge",
    "max_margin": "hinge",
    "smooth_l1_loss": "huber",
}


def __getattr__(name: str) -> Any:
    import difflib

    if name.startswith("__"):
        raise AttributeError(f"module 'slopewise.losses' has no attribute {name!r}")
    known = _ELSEWHERE.get(name.lower().removesuffix("loss").rstrip("_")) or _ELSEWHERE.get(name.lower())
    near = [known] if known else difflib.get_close_matches(name, __all__, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(__all__)}"
    raise AttributeError(f"slopewise.losses has no {name!r}; {hint}")
