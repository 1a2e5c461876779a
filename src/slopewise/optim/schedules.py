"""Schedules: the learning rate as a function of the number of steps done, from 0."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from slopewise.errors import DomainError, NumberError
from slopewise.ops.numeric import power

Schedule = Callable[[int], float]


def _check(schedule: Any) -> None:
    """Raise for a rate that is negative or not finite, a length below 1, a factor that is not above 0."""
    who = type(schedule).__name__
    for field in fields(schedule):
        x = getattr(schedule, field.name)
        if field.name == "schedule":
            continue
        if isinstance(x, bool) or not isinstance(x, (int, float)):
            raise NumberError(f"{who}: {field.name}={x!r} is no number")
        if field.name in ("steps", "every") and (not isinstance(x, int) or x < 1):
            raise DomainError(f"{who}: {field.name}={x!r} must be a whole number from 1")
        if field.name == "factor" and not 0 < x < math.inf:
            raise DomainError(f"{who}: factor={x!r} must be above 0, and finite")
        if field.name in ("lr", "start", "end") and not 0 <= x < math.inf:
            raise DomainError(f"{who}: {field.name}={x!r} must be 0 or more, and finite")


@dataclass(frozen=True, slots=True)
class Constant:
    """The same rate in every step.

    Args:
        lr: The rate, 0 or more.

    Raises:
        DomainError: The rate is negative or not finite.

    Example:
        >>> Constant(0.1)(1000)
        0.1
    """

    lr: float

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, step: int) -> float:
        return self.lr


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight line from `start` at step 0 to `end` at step `steps`, and `end` from there on.

    Args:
        start: The rate of the first step, 0 or more.
        end: The last rate, 0 or more.
        steps: How many steps the way takes, from 1.

    Raises:
        DomainError: A rate is negative or not finite, or `steps` is below 1.

    Example:
        >>> micrograd = Linear(1.0, 0.1, steps=100)  # 1.0 - 0.9 * k / 100
        >>> micrograd(0), micrograd(50), micrograd(1000)
        (1.0, 0.55, 0.1)
    """

    start: float
    end: float
    steps: int

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, step: int) -> float:
        if step >= self.steps:
            return self.end
        return self.start + (self.end - self.start) * step / self.steps


@dataclass(frozen=True, slots=True)
class StepDecay:
    """The rate times `factor` after every `every` steps.

    Args:
        lr: The rate of the first steps, 0 or more.
        factor: What it is multiplied by, above 0.
        every: How many steps have one rate, from 1.

    Raises:
        DomainError: One of them is out of its range.

    Example:
        >>> halving = StepDecay(0.4, factor=0.5, every=10)
        >>> halving(9), halving(10), halving(25)
        (0.4, 0.2, 0.1)
    """

    lr: float
    factor: float
    every: int

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, step: int) -> float:
        return self.lr * power(self.factor, step // self.every)


@dataclass(frozen=True, slots=True)
class Exponential:
    """The rate times `factor` in every step.

    Args:
        lr: The rate of the first step, 0 or more.
        factor: What it is multiplied by, above 0.

    Raises:
        DomainError: One of them is out of its range.

    Example:
        >>> Exponential(1.0, factor=0.5)(3)
        0.125
    """

    lr: float
    factor: float

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, step: int) -> float:
        return self.lr * power(self.factor, step)


@dataclass(frozen=True, slots=True)
class Cosine:
    """Half a wave of the cosine from `lr` at step 0 to `end` at step `steps`, and `end` from there on.

    Args:
        lr: The rate of the first step, 0 or more.
        steps: How many steps the way takes, from 1.
        end: The last rate, 0 or more.

    Raises:
        DomainError: A rate is negative or not finite, or `steps` is below 1.

    Example:
        >>> half_wave = Cosine(0.2, steps=100)
        >>> half_wave(0), round(half_wave(50), 12), half_wave(100)
        (0.2, 0.1, 0.0)

    Source:
        I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """

    lr: float
    steps: int
    end: float = 0.0

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, step: int) -> float:
        if step >= self.steps:
            return self.end
        return self.end + 0.5 * (self.lr - self.end) * (1.0 + math.cos(math.pi * step / self.steps))


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A rise over the first `steps` steps to the rate of another schedule, which begins after them.

    The first step has the share `1 / (steps + 1)` of the rate, so that no step is lost at 0.

    Args:
        schedule: What follows: a schedule or a number.
        steps: How many steps the rise takes, from 1.

    Raises:
        DomainError: The rate is negative or not finite, or `steps` is below 1.
        NumberError: The schedule is neither a function nor a number.

    Example:
        >>> warm = WarmUp(0.4, steps=3)
        >>> [round(warm(k), 3) for k in range(5)]
        [0.1, 0.2, 0.3, 0.4, 0.4]
    """

    schedule: Schedule | float
    steps: int

    def __post_init__(self) -> None:
        _check(self)
        if not callable(self.schedule):
            Constant(self.schedule)

    def __call__(self, step: int) -> float:
        if callable(self.schedule):
            full = self.schedule(max(step - self.steps, 0))
        else:
            full = self.schedule
        return full * (step + 1) / (self.steps + 1) if step < self.steps else full
