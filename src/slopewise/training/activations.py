"""The same net with one activation after another: how many steps each needs, measured."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from slopewise.errors import DomainError
from slopewise.nn import MLP
from slopewise.training.classifier import train_classifier


@dataclass(frozen=True, slots=True)
class ActivationResult:
    """What one activation did over several seeds.

    Attributes:
        name: The activation.
        steps: For each seed, the first step at which the target was reached; None where it never was.
        accuracies: For each seed, the accuracy at every step that was run.
        seconds_per_step: The median time of a step, all points, forward and backward.
    """

    name: str
    steps: tuple[int | None, ...]
    accuracies: tuple[tuple[float, ...], ...]
    seconds_per_step: float

    @property
    def median_steps(self) -> float | None:
        """The median first step at the target, or None when fewer than half of the seeds reached it."""
        never = float("inf")
        middle = median(never if step is None else step for step in self.steps)
        return None if middle == never else middle


def compare_activations(
    names: Sequence[str],
    points: Sequence[Sequence[Any]],
    labels: Sequence[float],
    *,
    seeds: Iterable[int],
    target: float = 0.97,
    steps: int = 100,
    hidden: Sequence[int] = (16, 16),
    on_run: Callable[[str, int], None] | None = None,
) -> list[ActivationResult]:
    """Train the same net with each activation, from the same random weights, until it reaches an accuracy.

    Every run has the rates of micrograd's demo over `steps` steps and stops early when the target is reached. The state
    of the `random` module is left as it was.

    Args:
        names: The activations of the hidden layers.
        points: The inputs.
        labels: −1 or 1 for each point.
        seeds: One run per seed and activation.
        target: The share of points on the right side that counts as learned, above 0 and at most 1.
        steps: The most steps of a run.
        hidden: The sizes of the hidden layers.
        on_run: Called after each run with the activation and the seed.

    Raises:
        DomainError: There is no seed, or the target is outside its range.

    Example:
        >>> from slopewise.training import compare_activations
        >>> points, labels = [[-1.0], [1.0]], [-1, 1]
        >>> [result] = compare_activations(["tanh"], points, labels, seeds=[1], hidden=[2], target=1.0)
        >>> result.name, result.median_steps is not None
        ('tanh', True)
    """
    chosen = list(seeds)
    if not chosen:
        raise DomainError("compare_activations() needs at least one seed")
    if not 0 < target <= 1:
        raise DomainError(f"compare_activations() needs a target above 0 and at most 1, got {target!r}")
    state = random.getstate()
    try:
        return [_measured(name, points, labels, chosen, target, steps, hidden, on_run) for name in names]
    finally:
        random.setstate(state)


def _measured(
    name: str,
    points: Sequence[Sequence[Any]],
    labels: Sequence[float],
    seeds: list[int],
    target: float,
    steps: int,
    hidden: Sequence[int],
    on_run: Callable[[str, int], None] | None,
) -> ActivationResult:
    reached: list[int | None] = []
    curves: list[tuple[float, ...]] = []
    times: list[float] = []
    for seed in seeds:
        random.seed(seed)
        model = MLP(len(points[0]), [*hidden, 1], activation=name)
        curve: list[float] = []
        first = None
        before = time.perf_counter()
        for step in train_classifier(model, points, labels, steps=steps):
            times.append(time.perf_counter() - before)
            curve.append(step.accuracy)
            if step.accuracy >= target:
                first = step.step
                break
            before = time.perf_counter()
        reached.append(first)
        curves.append(tuple(curve))
        if on_run is not None:
            on_run(name, seed)
    return ActivationResult(name, tuple(reached), tuple(curves), median(times))
