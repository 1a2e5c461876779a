"""Micrograd's loop: its numbers, its refusals, and the comparison of activations."""

import random

import pytest

from slopewise.data import moons
from slopewise.errors import DomainError, ShapeError
from slopewise.lecture import trace
from slopewise.nn import MLP
from slopewise.training import (
    ActivationResult,
    compare_activations,
    conclusions,
    count_dead_units,
    hinge_loss,
    nanoseconds_per_element,
    train_classifier,
)

POINTS, LABELS = moons().points("x", "y"), [int(label) for label in moons().column("label")]


def moons_net() -> MLP:
    random.seed(1337)
    return MLP(2, [16, 16, 1])


def test_moons_loss_has_the_nodes_of_micrograd() -> None:
    loss, accuracy = hinge_loss(moons_net(), POINTS, LABELS)
    assert len(trace(loss)[0]) == 65_818
    assert (loss.data, accuracy) == (pytest.approx(0.8958441028683222, rel=1e-12), 0.5)


def test_first_steps_are_those_of_micrograd() -> None:
    steps = list(train_classifier(moons_net(), POINTS, LABELS, steps=2, rate=lambda k, n: 1.0 - 0.9 * k / 100))
    assert steps[1].loss == pytest.approx(1.7235905336972022, rel=1e-12)
    assert steps[1].accuracy == 0.81


def test_without_zeroing_gradients_pile_up() -> None:
    nets = [MLP(1, [1], init=0.1) for _ in range(2)]
    for net, zero in zip(nets, (True, False), strict=True):
        list(train_classifier(net, [[1.0]], [1], steps=2, rate=lambda k, n: 0.01, penalty=0.0, zero=zero))
    assert nets[0].parameters()[0].data == pytest.approx(0.12)
    assert nets[1].parameters()[0].data == pytest.approx(0.13)


def test_dead_units_are_counted_over_all_points() -> None:
    net = MLP(1, [2, 1], init=1.0)
    assert count_dead_units(net, [[-1.0]]) == 2
    assert count_dead_units(net, [[-1.0], [1.0]]) == 0
    assert count_dead_units(MLP(1, [2, 1], init=-1.0, activation="tanh"), [[1.0]]) == 0


def test_comparison_stops_at_the_target_and_leaves_random_alone() -> None:
    random.seed(5)
    before = random.getstate()
    calls: list[None] = []
    [result] = compare_activations(
        ["tanh"],
        [[-1.0], [1.0]],
        [-1, 1],
        seeds=[0, 1],
        hidden=[2],
        target=1.0,
        stop_after=30,
        on_step=lambda: calls.append(None),
    )
    assert random.getstate() == before
    assert len(calls) == 60
    assert all(step is not None and step < 30 for step in result.steps)
    assert all(curve[-1] == 1.0 for curve in result.accuracies)


def test_a_run_that_never_arrives_has_no_step() -> None:
    [result] = compare_activations(["relu"], [[1.0], [1.0]], [-1, 1], seeds=[0], hidden=[2], stop_after=3)
    assert (result.steps, result.median_steps, result.reached) == ((None,), None, 0)


def test_conclusions_follow_the_numbers() -> None:
    slow = ActivationResult("relu", (None, None), ((0.5,) * 9,) * 2)
    fast = ActivationResult("sigmoid", (3, 5), ((1.0,),) * 2)
    assert conclusions([slow, fast], {"relu": 4.0, "sigmoid": 2.0}) == [
        "sigmoid costs least per element: relu takes 2 times as long.",
        "sigmoid needed the fewest steps here (4).",
        "relu never got there, within 9 steps.",
    ]


def test_refusals() -> None:
    net = MLP(1, [1])
    with pytest.raises(ShapeError, match="2 points and 1 labels"):
        hinge_loss(net, [[1.0], [2.0]], [1])
    with pytest.raises(DomainError, match="no points"):
        hinge_loss(net, [], [])
    with pytest.raises(DomainError, match="steps >= 1"):
        list(train_classifier(net, [[1.0]], [1], steps=0))
    with pytest.raises(DomainError, match="at least one seed"):
        compare_activations(["relu"], [[1.0]], [1], seeds=[])
    with pytest.raises(DomainError, match="target above 0"):
        compare_activations(["relu"], [[1.0]], [1], seeds=[1], target=1.5)
    with pytest.raises(DomainError, match="got 'gelu'"):
        nanoseconds_per_element(["gelu"])
