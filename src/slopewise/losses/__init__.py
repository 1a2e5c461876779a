"""Losses: how wrong predictions are, as a number or as a Value to call `backward()` on.

    from slopewise.losses import cross_entropy

    loss = cross_entropy([net(x) for x in xs], labels)
    loss.backward()

Each takes one prediction and its target, or sequences of them (lists, tuples, arrays, nested alike), of numbers and
Values mixed. `reduction` says what becomes of the single losses: their `"mean"`, their `"sum"`, or `"none"` for all of
them in the shape of the predictions. A mean of nothing is an error, a sum of nothing is 0.
"""

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
