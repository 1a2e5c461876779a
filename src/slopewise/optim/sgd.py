"""Gradient descent, plain or with momentum."""

import math
from typing import Any, ClassVar

from slopewise.errors import DomainError
from slopewise.optim.optimiser import Optimiser, Rates, State, checked_setting
from slopewise.optim.ranges import check_not_negative


class SGD(Optimiser):
    """Gradient descent: p − lr·g, or with momentum p − lr·v with v = momentum·v + g.

    Args:
        parameters: Values, or a net; None if they are given to `step`.
        lr: The learning rate or a schedule.
        momentum: How much of the last change goes on, from 0 (none).
        dampening: How much less of the gradient goes into the momentum, after the first step.
        weight_decay: The pull towards 0: this times p is added to the gradient.
        nesterov: Whether to look ahead along the momentum; needs momentum, and no dampening.
        maximize: Whether to climb instead of descend.

    Raises:
        DomainError: A setting is out of its range.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import SGD
        >>> p = Value(3.0)
        >>> opt = SGD([p], lr=0.1)
        >>> for _ in range(3):
        ...     opt.zero_grad()
        ...     (3 * p**2 - 4 * p + 5).backward()
        ...     opt.step()
        >>> round(p.data, 6)
        0.816

    Source:
        B. T. Polyak, 1964 (momentum); Y. Nesterov, 1983; in the form of I. Sutskever et al., "On the importance of
        initialization and momentum in deep learning", 2013, as PyTorch has it.
    """

    state_names: ClassVar[tuple[str, ...]] = ("momentum",)
    momentum: float
    dampening: float
    weight_decay: float
    nesterov: bool
    maximize: bool

    def __init__(
        self,
        parameters: Any = None,
        lr: Any = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def check_settings(self) -> None:
        """Raise for settings that are out of range, and for nesterov without momentum."""
        who = type(self).__name__
        check_not_negative(who, momentum=self.momentum, weight_decay=self.weight_decay)
        checked_setting(who, "dampening", self.dampening, math.isfinite, "finite")
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise DomainError(
                f"{who}: nesterov=True needs momentum above 0 and no dampening, got momentum={self.momentum!r} and "
                f"dampening={self.dampening!r}\ngive momentum=0.9, for example"
            )

    def rates(self, lr: float, t: int) -> Rates:
        """Return the learning rate, and the weight of the gradient in the momentum: 1 in the first step."""
        return lr, 1.0 if not self.dampening or t == 1 else 1.0 - self.dampening

    def update(self, p: float, g: float, state: State, rates: Rates) -> tuple[float, State]:
        """Return the parameter moved along its momentum, and the momentum."""
        lr, share = rates
        (v,) = state
        if self.maximize:
            g = -g
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - lr * g, state
        v = self.momentum * v + share * g
        direction = g + self.momentum * v if self.nesterov else v
        return p - lr * direction, (v,)
