"""A net fitted to rows of numbers, in small batches, within a time that is said beforehand."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slopewise.engine.reductions import mean
from slopewise.errors import DomainError
from slopewise.nn import MLP
from slopewise.optim import AdamW
from slopewise.training.net_choices import NetChoices

__all__ = ["NetRun", "Plan", "train_net"]

Array = NDArray[np.float64]

_FINAL_RATE = 0.02  # of the learning rate at the start
_TRIAL_SECONDS = 0.3
_LATE = 0.1  # so far may the share of time be ahead of the share of updates
_SHORTFALL = 0.85  # plan with a little less time than there is


@dataclass(frozen=True, slots=True)
class Plan:
    """What training is going to take, from the speed of its first updates.

    Attributes:
        updates: How many there will be.
        updates_per_epoch: How many see every row once.
        seconds: How long all of them are expected to take.
        wanted_seconds: How long all the epochs that were asked for would have taken.
        cut: Whether the time allows fewer epochs than were asked for.
    """

    updates: int
    updates_per_epoch: int
    seconds: float
    wanted_seconds: float
    cut: bool

    @property
    def epochs(self) -> float:
        """How often every row is seen."""
        return self.updates / self.updates_per_epoch


@dataclass(frozen=True, slots=True, eq=False)
class NetRun:
    """A trained net.

    Attributes:
        layers: Weights, shape (outputs, inputs), and biases, shape (outputs,), of each layer.
        updates: How many were made.
        plan: What was planned; None if training was interrupted before.
        interrupted: Whether Ctrl-C ended it.
        losses: The mean loss of each epoch, or part of one, in units of the scaled target.
        seconds: How long it took.
    """

    layers: tuple[tuple[Array, Array], ...]
    updates: int
    plan: Plan | None
    interrupted: bool
    losses: tuple[float, ...]
    seconds: float


def train_net(
    x: Array,
    y: Array,
    choices: NetChoices,
    *,
    on_plan: Callable[[Plan], None] = lambda plan: None,
    on_update: Callable[[int, float], None] = lambda updates, loss: None,
) -> NetRun:
    """Fit a net to scaled inputs and targets by AdamW on the mean squared error.

    The first updates are timed; if all epochs do not fit into `choices.seconds`, fewer are planned, so that the
    learning rate still falls to its end; should the machine slow down far below that, it falls with the time. Without
    such pressure of time a seed repeats to the last bit. Ctrl-C ends training after the latest whole update.

    Args:
        x: Inputs, shape (rows, inputs), of mean 0 and standard deviation 1.
        y: Targets, shape (rows,), scaled likewise.
        choices: The net and its training.
        on_plan: Called once, when the speed is known.
        on_update: Called after each update with their number and the loss of the batch.

    Raises:
        DomainError: The loss is no longer finite; the learning rate is too large.
    """
    rng = random.Random(choices.seed)
    net = MLP(x.shape[1], [*choices.hidden, 1], activation=choices.activation, init=_INIT[choices.activation], rng=rng)
    parameters = net.parameters()
    optimiser = AdamW(parameters, lr=choices.lr, weight_decay=choices.decay)
    rows = list(zip(x.tolist(), y.tolist(), strict=True))
    per_epoch = math.ceil(len(rows) / choices.batch)
    wanted = choices.epochs * per_epoch
    kept = [p.data for p in parameters]
    losses: list[float] = []
    epoch_loss: list[float] = []
    plan: Plan | None = None
    updates, interrupted = 0, False
    begin = time.perf_counter()
    try:
        while plan is None or updates < plan.updates:
            place = updates % per_epoch
            if place == 0:
                rng.shuffle(rows)
            loss = _loss(net, rows[place * choices.batch : (place + 1) * choices.batch])
            if not math.isfinite(loss.data):
                raise DomainError(
                    f"the loss is no longer finite after {updates} updates at a learning rate of {choices.lr:g}\n"
                    "give a smaller --lr"
                )
            optimiser.zero_grad()
            loss.backward()
            done, spent = updates / (plan.updates if plan else wanted), (time.perf_counter() - begin) / choices.seconds
            optimiser.lr = choices.lr * _rate(done if spent < done + _LATE else spent)
            optimiser.step()
            kept = [p.data for p in parameters]
            updates += 1
            epoch_loss.append(loss.data)
            if place == per_epoch - 1:
                losses.append(sum(epoch_loss) / len(epoch_loss))
                epoch_loss.clear()
            passed = time.perf_counter() - begin
            if plan is None and (passed > min(_TRIAL_SECONDS, choices.seconds / 4) or updates in (wanted, 200)):
                plan = _plan(updates, passed, wanted, per_epoch, choices.seconds)
                on_plan(plan)
            on_update(updates, loss.data)
            if passed > choices.seconds:
                break
    except KeyboardInterrupt:
        interrupted = True
    for parameter, number in zip(parameters, kept, strict=True):
        parameter.data = number
    if epoch_loss:
        losses.append(sum(epoch_loss) / len(epoch_loss))
    return NetRun(_arrays(net), updates, plan, interrupted, tuple(losses), time.perf_counter() - begin)


_INIT = {"tanh": "xavier", "sigmoid": "xavier", "relu": "he"}


def _loss(net: MLP, rows: list[tuple[list[float], float]]) -> Any:
    errors = [net(inputs) - target for inputs, target in rows]
    return mean([error * error for error in errors])


def _rate(done: float) -> float:
    """Return the share of the learning rate: half a cosine, from 1 down to almost nothing."""
    return _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _plan(updates: int, passed: float, wanted: int, per_epoch: int, seconds: float) -> Plan:
    each = passed / updates
    fits = updates + int(max(0.0, seconds * _SHORTFALL - passed) / each)
    total = max(updates, min(wanted, fits))
    return Plan(total, per_epoch, total * each, wanted * each, total < wanted)


def _arrays(net: MLP) -> tuple[tuple[Array, Array], ...]:
    layers = []
    for layer in net.layers:
        weights = np.array([[float(w.data) for w in neuron.w] for neuron in layer.neurons])
        bias = np.array([float(neuron.b.data) for neuron in layer.neurons])
        layers.append((weights, bias))
    return tuple(layers)
