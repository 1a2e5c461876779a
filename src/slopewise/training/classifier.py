"""A classifier of two labels, trained on all points at once, with the loss and the rates of micrograd's moons demo."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slopewise.engine import Value, no_grad
from slopewise.errors import DomainError, ShapeError
from slopewise.nn import MLP

PENALTY = 1e-4


class Net(Protocol):
    """Anything that turns a list of inputs into a score and lists its parameters."""

    def __call__(self, x: list[Any], /) -> Any: ...

    def parameters(self) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """What one step found before it changed the parameters.

    Attributes:
        step: The step's number, from 0.
        loss: The loss, with the penalty.
        accuracy: The share of points on the right side, from 0 to 1.
    """

    step: int
    loss: float
    accuracy: float


def falling_rate(step: int, steps: int) -> float:
    """Return the rate of micrograd's demo: from 1 in equal steps almost down to 0.1.

    Example:
        >>> from slopewise.training.classifier import falling_rate
        >>> falling_rate(0, 100), falling_rate(50, 100)
        (1.0, 0.55)
    """
    return 1.0 - 0.9 * step / steps


def hinge_loss(
    model: Net, points: Sequence[Sequence[Any]], labels: Sequence[float], *, penalty: float = PENALTY
) -> tuple[Any, float]:
    """Return the loss as a Value and the accuracy, built node for node as micrograd's demo builds them.

    $$ \\frac{1}{n} \\sum_i \\max(0, 1 - y_i s_i) + \\lambda \\sum p^2 $$

    Args:
        model: A net from a point to one score s.
        points: The inputs, one sequence of numbers per point.
        labels: −1 or 1 for each point.
        penalty: λ, at least 0.

    Raises:
        ShapeError: There are not as many labels as points.
        DomainError: There are no points.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.training import hinge_loss
        >>> loss, accuracy = hinge_loss(MLP(2, [1], init=1.0), [[1.0, 1.0], [-2.0, 0.5]], [1, -1])
        >>> loss.data, accuracy
        (0.0002, 1.0)

    Source:
        A. Karpathy, micrograd (2020), `demo.ipynb`.
    """
    if len(points) != len(labels):
        raise ShapeError(f"hinge_loss() needs a label per point, got {len(points)} points and {len(labels)} labels")
    if not points:
        raise DomainError("hinge_loss() of no points: give at least one")
    scores = [model(list(map(Value, point))) for point in points]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    loss = data_loss + penalty * sum(p * p for p in model.parameters())
    right = sum((label > 0) == (score.data > 0) for label, score in zip(labels, scores, strict=True))
    return loss, right / len(scores)


def train_classifier(
    model: Net,
    points: Sequence[Sequence[Any]],
    labels: Sequence[float],
    *,
    steps: int = 100,
    rate: Callable[[int, int], float] = falling_rate,
    penalty: float = PENALTY,
    zero: bool = True,
) -> Iterator[TrainingStep]:
    """Train step by step, and yield what each step found.

    Args:
        model: A net from a point to one score.
        points: The inputs, one sequence of numbers per point.
        labels: −1 or 1 for each point.
        steps: How many steps, at least 1.
        rate: The learning rate, from the step's number and how many there are.
        penalty: The factor of the squared parameters in the loss.
        zero: Whether gradients are zeroed before each backward pass; without it they pile up, which is the point of
            leaving it out once.

    Raises:
        ShapeError: There are not as many labels as points.
        DomainError: There are no points, or `steps` is below 1.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.training import train_classifier
        >>> net = MLP(1, [1], init=0.5)
        >>> [round(step.loss, 4) for step in train_classifier(net, [[1.0], [-1.0]], [1, -1], steps=3)]
        [0.5, 0.0002, 0.0002]
    """
    if steps < 1:
        raise DomainError(f"train_classifier() needs steps >= 1, got {steps!r}")
    parameters = model.parameters()
    for step in range(steps):
        loss, accuracy = hinge_loss(model, points, labels, penalty=penalty)
        if zero:
            for p in parameters:
                p.grad = 0
        loss.backward()
        learning_rate = rate(step, steps)
        for p in parameters:
            p.data -= learning_rate * p.grad
        yield TrainingStep(step, loss.data, accuracy)


def count_dead_units(model: MLP, points: Sequence[Sequence[Any]]) -> int:
    """Count the relu units that give 0 on every point: no gradient passes them, so they no longer learn.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.training import count_dead_units
        >>> count_dead_units(MLP(1, [2, 1], init=-1.0), [[1.0], [2.0]])
        2
    """
    alive: list[set[int]] = [set() for _ in model.layers]
    with no_grad():
        for point in points:
            outputs: list[Any] = list(point)
            for i, layer in enumerate(model.layers):
                outputs = [neuron(outputs) for neuron in layer.neurons]
                alive[i].update(k for k, out in enumerate(outputs) if out.data > 0)
    relus = [
        (i, k)
        for i, layer in enumerate(model.layers)
        for k, neuron in enumerate(layer.neurons)
        if neuron.nonlin and neuron.activation == "relu"
    ]
    return sum(k not in alive[i] for i, k in relus)
