"""The same net with one activation after another: how many steps each needs, and what each costs, measured."""

import itertools
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from slopewise.basics import shown
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
    """

    name: str
    steps: tuple[int | None, ...]
    accuracies: tuple[tuple[float, ...], ...]

    @property
    def median_steps(self) -> float | None:
        """The median first step at the target, or None when it lies among the runs that never reached it."""
        never = float("inf")
        middle = median(never if step is None else step for step in self.steps)
        return None if middle == never else middle

    @property
    def reached(self) -> int:
        """How many runs reached the target."""
        return sum(step is not None for step in self.steps)


def compare_activations(
    names: Sequence[str],
    points: Sequence[Sequence[Any]],
    labels: Sequence[float],
    *,
    seeds: Iterable[int],
    target: float = 0.97,
    steps: int = 100,
    stop_after: int | None = None,
    hidden: Sequence[int] = (16, 16),
    on_step: Callable[[], None] | None = None,
) -> list[ActivationResult]:
    """Train the same net with each activation, from the same random weights, until it reaches an accuracy.

    Every run has the rates of micrograd's demo over `steps` steps and ends early when the target is reached. The state
    of the `random` module is left as it was.

    Args:
        names: The activations of the hidden layers.
        points: The inputs.
        labels: −1 or 1 for each point.
        seeds: One run per seed and activation.
        target: The share of points on the right side that counts as learned, above 0 and at most 1.
        steps: Over how many steps the rate falls, and the most steps of a run.
        stop_after: Give up a run after so many steps; None for all of them.
        hidden: The sizes of the hidden layers.
        on_step: Called once for every step of every run, also for those that an early end makes needless.

    Returns:
        One result per activation, in the order of the names.

    Raises:
        DomainError: There is no seed, or the target is outside its range.

    Example:
        >>> from slopewise.training import compare_activations
        >>> points, labels = [[-1.0], [1.0]], [-1, 1]
        >>> [result] = compare_activations(["tanh"], points, labels, seeds=[1], hidden=[2], target=1.0)
        >>> result.name, result.reached
        ('tanh', 1)
    """
    chosen = list(seeds)
    if not chosen:
        raise DomainError("compare_activations() needs at least one seed")
    if not 0 < target <= 1:
        raise DomainError(f"compare_activations() needs a target above 0 and at most 1, got {target!r}")
    most = steps if stop_after is None else min(steps, stop_after)
    state = random.getstate()
    results = []
    try:
        for name in names:
            runs = []
            for seed in chosen:
                random.seed(seed)
                net = MLP(len(points[0]), [*hidden, 1], activation=name)
                runs.append(_run(net, points, labels, target, steps, most, on_step))
            reached = tuple(len(run) - 1 if run[-1] >= target else None for run in runs)
            results.append(ActivationResult(name, reached, tuple(runs)))
    finally:
        random.setstate(state)
    return results


def _run(
    net: MLP,
    points: Sequence[Sequence[Any]],
    labels: Sequence[float],
    target: float,
    steps: int,
    most: int,
    on_step: Callable[[], None] | None,
) -> tuple[float, ...]:
    """Return the accuracy at each step, up to the first that reaches the target."""
    curve: list[float] = []
    for step in itertools.islice(train_classifier(net, points, labels, steps=steps), most):
        curve.append(step.accuracy)
        if on_step is not None:
            on_step()
        if step.accuracy >= target:
            break
    if on_step is not None:
        for _ in range(most - len(curve)):
            on_step()
    return tuple(curve)


def nanoseconds_per_element(names: Sequence[str], *, count: int = 100_000, repeats: int = 15) -> dict[str, float]:
    """Time the activations on a numpy array of random numbers: the median of several runs, per element.

    Args:
        names: Any of relu, tanh and sigmoid.
        count: The array's length.
        repeats: How often each is timed, in turn.

    Raises:
        DomainError: An activation is not among the three.

    Example:
        >>> from slopewise.training import nanoseconds_per_element
        >>> nanoseconds_per_element(["relu"], count=1000)["relu"] > 0
        True
    """
    import numpy as np

    x = np.random.default_rng(1337).normal(size=count)
    out = np.empty_like(x)

    def sigmoid() -> None:
        np.negative(x, out=out)
        np.exp(out, out=out)
        np.add(out, 1.0, out=out)
        np.reciprocal(out, out=out)

    known = {"relu": lambda: np.maximum(x, 0.0, out=out), "tanh": lambda: np.tanh(x, out=out), "sigmoid": sigmoid}
    for name in names:
        if name not in known:
            raise DomainError(f"nanoseconds_per_element() times {', '.join(known)}, got {name!r}")
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            before = time.perf_counter()
            known[name]()
            times[name].append(time.perf_counter() - before)
    return {name: 1e9 * median(taken) / count for name, taken in times.items()}


def conclusions(results: Sequence[ActivationResult], costs: dict[str, float]) -> list[str]:
    """Return what the measurements say, in sentences; other measurements give other sentences.

    Example:
        >>> from slopewise.training.activations import ActivationResult, conclusions
        >>> results = [ActivationResult("relu", (24,), ((1.0,),)), ActivationResult("tanh", (21,), ((1.0,),))]
        >>> for line in conclusions(results, {"relu": 0.5, "tanh": 1.5}):
        ...     print(line)
        relu costs least per element: tanh takes 3 times as long.
        tanh needed the fewest steps here (21), relu 24.
    """
    lines = []
    cheap, *dearer = sorted(costs, key=lambda name: costs[name])
    ratios = ", ".join(f"{name} takes {shown(costs[name] / costs[cheap], 2)} times as long" for name in dearer)
    lines.append(f"{cheap} costs least per element: {ratios}.")
    arrived = sorted((r for r in results if r.median_steps is not None), key=lambda r: r.median_steps or 0)
    if arrived:
        first, *others = arrived
        rest = "".join(f", {r.name} {shown(r.median_steps)}" for r in others)
        lines.append(f"{first.name} needed the fewest steps here ({shown(first.median_steps)}){rest}.")
    for result in results:
        if result.median_steps is None:
            runs = len(result.steps)
            most = max(map(len, result.accuracies))
            how = "never got there" if not result.reached else f"got there in {result.reached} of {runs} runs only"
            lines.append(f"{result.name} {how}, within {most} steps.")
    return lines
