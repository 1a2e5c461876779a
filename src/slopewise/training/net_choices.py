"""What a user decides about a net and its training."""

import math
from dataclasses import dataclass

from slopewise.errors import DomainError

__all__ = ["NetChoices"]


@dataclass(frozen=True, slots=True)
class NetChoices:
    """What the user decided about the net.

    Attributes:
        hidden: Sizes of the hidden layers.
        activation: Of the hidden layers: `"tanh"`, `"relu"` or `"sigmoid"`.
        epochs: How often every row is seen, if the time allows.
        lr: AdamW's learning rate at the start; it falls along half a cosine.
        decay: AdamW's pull of the parameters towards 0, which keeps a net from learning small tables by heart.
        batch: Rows per update.
        seed: Of the first weights and of the order of rows.
        seconds: The time that training may take.
    """

    hidden: tuple[int, ...] = (16,)
    activation: str = "tanh"
    epochs: int = 200
    lr: float = 0.01
    decay: float = 0.3
    batch: int = 32
    seed: int = 0
    seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch"):
            number = getattr(self, name)
            if number < 1:
                raise DomainError(f"{name} must be at least 1, got {number}")
        for name in ("lr", "seconds"):
            number = getattr(self, name)
            if not 0 < number < math.inf:
                raise DomainError(f"{name} must be a positive number, got {number:g}")
        if not 0 <= self.decay < math.inf:
            raise DomainError(f"decay must be 0 or more, got {self.decay:g}")
        if not self.hidden or min(self.hidden) < 1:
            raise DomainError(f"hidden layers need at least one unit each, got {self.hidden}")
