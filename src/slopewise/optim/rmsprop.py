"""Steps divided by the recent size of the gradient."""

import math
from typing import Any, ClassVar

from slopewise.optim.optimiser import Optimiser, Rates, State
from slopewise.optim.ranges import check_fractions, check_not_negative, check_positive


class RMSProp(Optimiser):
    """Descent with each gradient divided by the root of its own running mean square.

    $$ s = \\alpha s + (1 - \\alpha) g^2, \\quad p = p - lr \\, g / (\\sqrt s + \\epsilon) $$

    Args:
        parameters: Values, or a net; None if they are given to `step`.
        lr: The learning rate or a schedule.
        alpha: How slowly the mean square forgets, from 0 to below 1; 0.99 looks back some hundred steps.
        eps: A small number that keeps the division from 0.
        weight_decay: The pull towards 0: this times p is added to the gradient.
        momentum: How much of the last change goes on, from 0 (none).
        centered: Whether to divide by the standard deviation instead, the mean taken off.
        maximize: Whether to climb instead of descend.

    Raises:
        DomainError: A setting is out of its range.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import RMSProp
        >>> p = Value(3.0)
        >>> (p * p).backward()
        >>> RMSProp([p], lr=0.01).step()
        >>> round(p.data, 6)
        2.9

    Source:
        G. Hinton, "Neural networks for machine learning", lecture 6e, 2012; as PyTorch has it.
    """

    state_names: ClassVar[tuple[str, ...]] = ("square", "momentum", "mean")
    alpha: float
    eps: float
    weight_decay: float
    momentum: float
    centered: bool
    maximize: bool

    def __init__(
        self,
        parameters: Any = None,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def check_settings(self) -> None:
        """Raise for settings that are out of range."""
        who = type(self).__name__
        check_fractions(who, alpha=self.alpha)
        check_positive(who, eps=self.eps)
        check_not_negative(who, weight_decay=self.weight_decay, momentum=self.momentum)

    def update(self, p: float, g: float, state: State, rates: Rates) -> tuple[float, State]:
        """Return the parameter moved by the scaled gradient, and the running means."""
        (lr,) = rates
        square, v, mean = state
        if self.maximize:
            g = -g
        if self.weight_decay:
            g = g + self.weight_decay * p
        square = self.alpha * square + (1.0 - self.alpha) * g * g
        variance = square
        if self.centered:
            mean = self.alpha * mean + (1.0 - self.alpha) * g
            variance = max(square - mean * mean, 0.0)  # rounding can leave it below 0
        scaled = g / (math.sqrt(variance) + self.eps)
        if not self.momentum:
            return p - lr * scaled, (square, v, mean)
        v = self.momentum * v + scaled
        return p - lr * v, (square, v, mean)
