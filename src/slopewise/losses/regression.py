"""Losses of predicted quantities: squared, absolute, Huber."""

import math
from typing import Any

from slopewise.errors import DomainError
from slopewise.losses.pairing import elementwise
from slopewise.ops import BY_NAME

_NOUNS = ("prediction", "target")
_minimum = BY_NAME["minimum"]


def squared_error(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the squared differences, (p − t)².

    Args:
        predictions: Numbers and Values: one, or a sequence, nested as you like.
        targets: As many.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        A Value if any number of them is one, else a number; for `"none"`, in the shape of the predictions.

    Raises:
        ShapeError: There are more or fewer targets than predictions.
        NumberError: Something is no number.
        DomainError: The reduction is unknown, or there is nothing to take a mean of.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.losses import squared_error
        >>> p = Value(3.0)
        >>> loss = squared_error([p, 1.0], [1.0, 1.0])
        >>> loss.backward()
        >>> loss.data, p.grad
        (2.0, 2.0)
    """
    return elementwise("squared_error", lambda p, t: (p - t) ** 2, predictions, targets, reduction, _NOUNS)


def absolute_error(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the absolute differences, |p − t|; the gradient at 0 is 0.

    Args:
        predictions: Numbers and Values: one, or a sequence, nested as you like.
        targets: As many.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        A Value if any number of them is one, else a number; for `"none"`, in the shape of the predictions.

    Raises:
        ShapeError: There are more or fewer targets than predictions.
        NumberError: Something is no number.
        DomainError: The reduction is unknown, or there is nothing to take a mean of.

    Example:
        >>> from slopewise.losses import absolute_error
        >>> absolute_error([3.0, 1.0], [1.0, 2.0], reduction="none")
        [2.0, 1.0]
    """
    return elementwise("absolute_error", lambda p, t: abs(p - t), predictions, targets, reduction, _NOUNS)


def huber(predictions: Any, targets: Any, delta: float = 1.0, reduction: str = "mean") -> Any:
    """Return Huber's loss: the square near the target, the absolute value far from it.

    $$ m \\, (|p - t| - m / 2), \\quad m = \\min(|p - t|, \\delta) $$

    That is (p − t)²/2 up to a difference of delta, and delta·(|p − t| − delta/2) beyond.

    Args:
        predictions: Numbers and Values: one, or a sequence, nested as you like.
        targets: As many.
        delta: The difference, above 0, at which the square becomes a line; in the unit of the predictions.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        A Value if any number of them is one, else a number; for `"none"`, in the shape of the predictions.

    Raises:
        ShapeError: There are more or fewer targets than predictions.
        NumberError: Something is no number.
        DomainError: delta is not above 0, the reduction is unknown, or there is nothing to take a mean of.

    Example:
        >>> from slopewise.losses import huber
        >>> huber([1.5, 4.0], [1.0, 1.0], reduction="none")
        [0.125, 2.5]

    Source:
        P. J. Huber, "Robust estimation of a location parameter", 1964.
    """
    if not 0 < delta < math.inf:
        raise DomainError(f"huber: delta={delta!r} must be a finite number above 0")

    def rule(p: Any, t: Any) -> Any:
        distance = abs(p - t)
        m = _minimum(distance, delta)
        return m * (distance - 0.5 * m)

    return elementwise("huber", rule, predictions, targets, reduction, _NOUNS)
