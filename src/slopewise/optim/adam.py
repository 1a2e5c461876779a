"""Steps along the running mean of the gradient, divided by its running size."""

import math
from typing import Any, ClassVar

from slopewise.errors import NumberError
from slopewise.optim.optimiser import Optimiser, Rates, State
from slopewise.optim.ranges import check_fractions, check_not_negative, check_positive


class Adam(Optimiser):
    """Descent along the running mean of the gradient, divided by the root of its running mean square.

    $$ m = \\beta_1 m + (1 - \\beta_1) g, \\quad v = \\beta_2 v + (1 - \\beta_2) g^2, \\quad
    p = p - lr \\, \\frac{m / (1 - \\beta_1^t)}{\\sqrt{v / (1 - \\beta_2^t)} + \\epsilon} $$

    Args:
        parameters: Values, or a net; None if they are given to `step`.
        lr: The learning rate or a schedule.
        betas: How slowly the two means forget, each from 0 to below 1.
        eps: A small number that keeps the division from 0.
        weight_decay: The pull towards 0: this times p is added to the gradient.
        amsgrad: Whether to divide by the largest mean square so far.
        maximize: Whether to climb instead of descend.

    Raises:
        DomainError: A setting is out of its range.
        NumberError: betas is no pair of numbers.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import Adam
        >>> p = Value(3.0)
        >>> (p * p).backward()
        >>> Adam([p], lr=0.1).step()
        >>> round(p.data, 6)
        2.9

    Source:
        D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015; S. J. Reddi et al., "On the
        convergence of Adam and beyond", 2018 (amsgrad).
    """

    state_names: ClassVar[tuple[str, ...]] = ("mean", "square", "largest")
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    amsgrad: bool
    maximize: bool

    def __init__(
        self,
        parameters: Any = None,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
        )

    def check_settings(self) -> None:
        """Raise for settings that are out of range."""
        who = type(self).__name__
        try:
            first, second = self.betas
        except (TypeError, ValueError):
            raise NumberError(f"{who}: betas={self.betas!r} must be a pair of numbers, as in (0.9, 0.999)") from None
        check_fractions(who, **{"betas[0]": first, "betas[1]": second})
        check_positive(who, eps=self.eps)
        check_not_negative(who, weight_decay=self.weight_decay)

    def rates(self, lr: float, t: int) -> Rates:
        """Return the learning rate over the first correction, the root of the second, and the learning rate."""
        first, second = self.betas
        return lr / (1.0 - first**t), math.sqrt(1.0 - second**t), lr

    def update(self, p: float, g: float, state: State, rates: Rates) -> tuple[float, State]:
        """Return the parameter moved by the corrected mean over the corrected size, and the running means."""
        scaled_lr, correction, lr = rates
        first, second = self.betas
        m, v, largest = state
        if self.maximize:
            g = -g
        if self.weight_decay:
            p, g = self.decayed(p, g, lr)
        m = first * m + (1.0 - first) * g
        v = second * v + (1.0 - second) * g * g
        size = v
        if self.amsgrad:
            size = largest = max(largest, v)
        return p - scaled_lr * m / (math.sqrt(size) / correction + self.eps), (m, v, largest)

    def decayed(self, p: float, g: float, lr: float) -> tuple[float, float]:
        """Return parameter and gradient after the pull towards 0, which goes through the gradient here."""
        return p, g + self.weight_decay * p


class AdamW(Adam):
    """Adam with the pull towards 0 apart from the gradient: p shrinks by the factor 1 − lr·weight_decay in each step.

    Args:
        parameters: Values, or a net; None if they are given to `step`.
        lr: The learning rate or a schedule.
        betas: How slowly the two means forget, each from 0 to below 1.
        eps: A small number that keeps the division from 0.
        weight_decay: The pull towards 0.
        amsgrad: Whether to divide by the largest mean square so far.
        maximize: Whether to climb instead of descend.

    Raises:
        DomainError: A setting is out of its range.
        NumberError: betas is no pair of numbers.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.optim import AdamW
        >>> p = Value(3.0)
        >>> AdamW([p], lr=0.1, weight_decay=0.5).step()
        >>> round(p.data, 6)
        2.85

    Source:
        I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019.
    """

    def __init__(
        self,
        parameters: Any = None,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def decayed(self, p: float, g: float, lr: float) -> tuple[float, float]:
        """Return parameter and gradient after the pull towards 0, which leaves the gradient alone here."""
        return p * (1.0 - lr * self.weight_decay), g
