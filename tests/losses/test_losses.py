"""Losses: PyTorch's numbers from a record, edges, and shapes of every kind."""

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slopewise import Value, losses
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.losses import (
    absolute_error,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    huber,
    l1_penalty,
    l2_penalty,
    squared_error,
)
from slopewise.nn import MLP

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_losses.json").read_text(encoding="utf-8"))
CASES = [name for name in RECORD if name != "versions"]


def loss_of(case: Any) -> Any:
    name = {"huber_wide": "huber", "cross_entropy_probabilities": "cross_entropy"}.get(case, case)
    keywords = {"delta": RECORD[case]["delta"]} if "delta" in RECORD[case] else {}
    return lambda x, t, reduction: getattr(losses, name)(x, t, reduction=reduction, **keywords)


def as_values(x: Any) -> Any:
    return [as_values(item) for item in x] if isinstance(x, list) else Value(x)


def gradients(x: Any) -> Any:
    return [gradients(item) for item in x] if isinstance(x, list) else x.grad


@pytest.mark.parametrize("case", CASES)
def test_pytorchs_values_and_gradients(case: Any) -> None:
    record, loss = RECORD[case], loss_of(case)
    inputs = as_values(record["inputs"])
    mean = loss(inputs, record["targets"], "mean")
    mean.backward()
    assert mean.data == pytest.approx(record["mean"], rel=1e-12)
    np.testing.assert_allclose(gradients(inputs), record["gradient"], rtol=1e-12, atol=1e-16)
    assert loss(inputs, record["targets"], "sum").data == pytest.approx(record["sum"], rel=1e-12)
    none = loss(record["inputs"], record["targets"], "none")
    np.testing.assert_allclose(none, record["none"], rtol=1e-9 if "cross" in case else 1e-12, atol=1e-15)
    assert all(isinstance(x, (int, float)) for x in none)


@pytest.mark.parametrize("loss", [squared_error, absolute_error, huber, hinge, binary_cross_entropy_with_logits])
def test_one_list_array_nested_and_mixed(loss: Any) -> None:
    one = loss(0.25, 1.0)
    assert isinstance(one, float)
    assert loss(Value(0.25), 1.0).data == loss(0.25, Value(1.0)).data == one
    assert loss(0.25, 1.0, reduction="none") == one
    assert loss([0.25, 0.25], (1, 1)) == pytest.approx(one)
    assert loss(np.full((2, 3), 0.25), np.ones((2, 3))) == pytest.approx(one)
    assert loss((x for x in [0.25]), iter([1])) == pytest.approx(one)
    assert loss([[0.25, 0.25], [0.25]], [[1, 1], [1]], reduction="none") == [[one, one], [one]]
    assert loss([[0.25, 0.25], [0.25]], [[1, 1], [1]], reduction="sum") == pytest.approx(3 * one)
    mixed = loss([Value(0.25), 0.25], np.array([1, 1]))
    assert isinstance(mixed, Value)
    assert mixed.data == pytest.approx(one)
    assert loss([], [], reduction="sum") == 0
    assert loss([], [], reduction="none") == []
    with pytest.raises(DomainError, match="the mean of no losses"):
        loss([], [])


@pytest.mark.parametrize("loss", [squared_error, absolute_error, huber, hinge, binary_cross_entropy_with_logits])
def test_lengths_that_differ(loss: Any) -> None:
    with pytest.raises(ShapeError, match=r"2 \w+s and 1 \w+\b"):
        loss([0.0, 1.0], [1.0])
    with pytest.raises(ShapeError, match=r"2 \w+s and 1 \w+ \[1\]"):
        loss([[0.0], [0.0, 1.0]], [[1.0], [1.0]])
    with pytest.raises(ShapeError, match=r"a single \w+ stands beside 2 \w+s"):
        loss(0.0, [1.0, 1.0])
    with pytest.raises(ShapeError, match="a single"):
        loss([0.0, 1.0], 1.0)


@pytest.mark.parametrize("loss", [squared_error, absolute_error, huber, hinge, binary_cross_entropy_with_logits])
@pytest.mark.parametrize("bad", ["1", None, {}])
def test_no_numbers(loss: Any, bad: Any) -> None:
    with pytest.raises(NumberError, match=r"\[1\] is .*a number or Value is needed"):
        loss([0.0, bad], [1.0, 1.0])
    with pytest.raises(NumberError):
        loss(0.0, bad)


@pytest.mark.parametrize("loss", [squared_error, hinge, cross_entropy])
def test_mistyped_reductions(loss: Any) -> None:
    with pytest.raises(DomainError, match="reduction='maen' is unknown; did you mean 'mean'"):
        loss([0.0, 1.0], [1.0, 1.0], reduction="maen")


def test_other_kinds_of_numbers() -> None:
    assert squared_error(Fraction(1, 2), 1) == Fraction(1, 4)
    assert repr(squared_error(Value(3), 1)) == "Value(data=4, grad=0)"
    assert squared_error(np.float32(0.5), np.int64(1)) == 0.25


def test_slopes_at_kinks() -> None:
    p = Value(1.0)
    (absolute_error(p, 1.0) + huber(p, 1.0) + hinge(p, 1)).backward()
    assert p.grad == 0


def test_huber_on_both_sides() -> None:
    for distance, value, slope in ((0.5, 0.125, 0.5), (1.0, 0.5, 1.0), (3.0, 2.5, 1.0), (-3.0, 2.5, -1.0)):
        p = Value(distance)
        loss = huber(p, 0.0)
        loss.backward()
        assert (loss.data, p.grad) == (value, slope)
    for delta in (0, -1.0, math.nan, math.inf):
        with pytest.raises(DomainError, match="delta"):
            huber(1.0, 0.0, delta=delta)


def test_hinge_is_micrograds_loss() -> None:
    scores = [Value(0.3), Value(-2.0)]
    by_hand = sum((1 + -y * s).relu() for y, s in zip([1, -1], scores, strict=True)) * (1.0 / 2)
    assert isinstance(by_hand, Value)
    assert hinge(scores, [1, -1]).data == by_hand.data
    with pytest.raises(DomainError, match=r"a label is 0, it must be -1 or 1\nat label \[1\]\nlabels of 0 and 1"):
        hinge(scores, [1, 0])


# ---------------------------------------------------------------------- stability


@pytest.mark.parametrize("z", [1e308, 1e4, 745.0, 40.0, 1.0, 0.0, -1.0, -40.0, -745.0, -1e4, -1e308])
def test_binary_cross_entropy_of_any_logit(z: Any) -> None:
    for y, exact in ((1, log1p_exp(-z)), (0, log1p_exp(z))):
        v = Value(z)
        loss = binary_cross_entropy_with_logits(v, y)
        loss.backward()
        assert loss.data == pytest.approx(exact, rel=1e-14)
        assert v.grad == pytest.approx(-logistic(-z) if y else logistic(z), rel=1e-14)


@pytest.mark.parametrize("z", [math.inf, -math.inf])
def test_binary_cross_entropy_of_infinite_logits(z: Any) -> None:
    assert binary_cross_entropy_with_logits(z, 1) == (0.0 if z > 0 else math.inf)
    assert binary_cross_entropy_with_logits(z, 0) == (math.inf if z > 0 else 0.0)
    assert binary_cross_entropy_with_logits(z, 0.5) == math.inf


def log1p_exp(z: Any) -> Any:
    return z if z > 700 else math.log1p(math.exp(z))


def logistic(z: Any) -> Any:
    return 1.0 / (1.0 + math.exp(-z)) if z > -700 else (math.exp(z) if z > -745.2 else 0.0)


def test_binary_targets() -> None:
    soft, target = Value(0.4), Value(0.3)
    loss = binary_cross_entropy_with_logits(soft, target)
    loss.backward()
    assert target.grad == pytest.approx(-0.4, rel=1e-14)  # d/dy is -z
    with pytest.raises(DomainError, match=r"a target is -1, .*\nat target \[0\]\n.*\(y \+ 1\) / 2"):
        binary_cross_entropy_with_logits([0.0], [-1])
    for bad in (1.5, math.nan):
        with pytest.raises(DomainError, match="between 0 and 1"):
            binary_cross_entropy_with_logits(0.0, bad)
    assert losses.binary_cross_entropy_from_logits is binary_cross_entropy_with_logits


@pytest.mark.parametrize("far", [50.0, 1e3, 1e300])
def test_cross_entropy_of_any_logits(far: Any) -> None:
    row = [Value(far), Value(0.0), Value(-far)]
    sure = cross_entropy(row, 0)
    sure.backward()
    assert sure.data == pytest.approx(math.exp(-far), rel=1e-12)  # and not 0, where e**-far is a float
    assert [z.grad for z in row] == pytest.approx([-math.exp(-far), math.exp(-far), 0.0], rel=1e-12, abs=1e-40)
    assert cross_entropy([far, 0.0, -far], 2) == pytest.approx(2 * far)
    wrong = [Value(far), Value(0.0)]
    cross_entropy(wrong, 1).backward()
    assert [z.grad for z in wrong] == pytest.approx([1.0, -1.0])


def test_classes_that_are_ruled_out() -> None:
    out = -math.inf
    row = [Value(1.0), Value(out), Value(0.0)]
    cross_entropy(row, 0).backward()
    assert [z.grad for z in row] == pytest.approx([-1 / (1 + math.e), 0.0, 1 / (1 + math.e)])
    assert cross_entropy([1.0, out], 1) == math.inf
    alone = [Value(1.0), Value(out)]
    loss = cross_entropy(alone, 0)
    loss.backward()
    assert (loss.data, alone[0].grad, alone[1].grad) == (0.0, 0.0, 0)
    assert cross_entropy([3.0], 0) == 0.0
    assert cross_entropy([1.0, out, 1.0], [0.5, 0.0, 0.5]) == pytest.approx(math.log(2))
    assert math.isnan(cross_entropy([math.nan, 1.0], 1))


def test_cross_entropy_shapes() -> None:
    rows = [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]
    one = cross_entropy(rows[0], 2)
    assert cross_entropy([rows[0]], [2], reduction="none") == [one]
    assert cross_entropy(np.array(rows), np.array([2, 0])) == pytest.approx((one + math.log(3)) / 2)
    assert cross_entropy(rows[0], np.int64(2)) == cross_entropy(rows[0], 2.0) == one
    assert cross_entropy(rows[0], [0.0, 0.0, 1.0]) == pytest.approx(one)
    assert cross_entropy(rows, np.eye(3)[[2, 0]], reduction="sum") == pytest.approx(one + math.log(3))
    assert cross_entropy([], [], reduction="sum") == 0
    net = MLP(2, [4, 3], rng=1)
    loss = cross_entropy([net(x) for x in ([1, 2], [3, 4])], [0, 2])
    loss.backward()
    assert all(n.b.grad != 0 for n in net.layers[-1].neurons)


@pytest.mark.parametrize(
    ("logits", "targets", "error", "words"),
    [
        ([1.0, 2.0], 2, DomainError, "the class 2, and 2 logits are there for the classes 0 to 1"),
        ([1.0, 2.0], -1, DomainError, "the class -1"),
        ([[1.0, 2.0], [0.0, 1.0]], [0, 7], DomainError, "the target of row 1 is the class 7"),
        ([1.0, 2.0], 0.5, NumberError, "a class is a whole number"),
        ([1.0, 2.0], "cat", NumberError, "the target is 'cat'"),
        ([1.0, 2.0], [0.5, 0.4], DomainError, "have the sum 0.9, it must be 1"),
        ([1.0, 2.0], [1.5, -0.5], DomainError, "probability 0 is 1.5"),
        ([1.0, 2.0], [1.0], ShapeError, "2 logits and 1 probabilities"),
        ([[1.0, 2.0]], [0, 1], ShapeError, "1 row of logits and 2 targets"),
        ([[1.0, 2.0]], 0, ShapeError, "1 row of logits and a single target"),
        ([[1.0, 2.0], 3.0], [0, 1], ShapeError, "row 1 of the logits is the single number 3.0"),
        ([[]], [0], ShapeError, "the logits of row 0 are empty"),
        (3.0, 1, ShapeError, "use binary_cross_entropy_with_logits"),
        ([1.0, "2"], 1, NumberError, "logit 1 is '2'"),
        ([], [], DomainError, "the mean of no losses"),
    ],
)
def test_cross_entropy_refuses(logits: Any, targets: Any, error: Any, words: Any) -> None:
    with pytest.raises(error, match=words):
        cross_entropy(logits, targets)


# ---------------------------------------------------------------------- penalties


def test_penalties() -> None:
    values = [Value(3.0), Value(-1.0), Value(0.0)]
    l1 = l1_penalty(values, 0.5)
    l1.backward()
    assert (l1.data, [v.grad for v in values]) == (2.0, [0.5, -0.5, 0.0])
    for v in values:
        v.grad = 0
    l2 = l2_penalty(values, 0.5)
    l2.backward()
    assert (l2.data, [v.grad for v in values]) == (5.0, [3.0, -1.0, 0.0])
    assert l2_penalty([3.0, 4.0]) == 25.0
    assert l1_penalty(-2.0) == 2.0
    assert l2_penalty([]) == 0


def test_penalty_is_micrograds_regularisation() -> None:
    net = MLP(2, [3, 1], rng=1)
    by_hand = 1e-4 * sum(p * p for p in net.parameters())
    assert l2_penalty(net, 1e-4).data == l2_penalty(net.parameters(), 1e-4).data == by_hand.data


def test_penalties_refuse() -> None:
    for penalty in (l1_penalty, l2_penalty):
        for strength in (-1.0, math.nan, math.inf):
            with pytest.raises(DomainError, match="strength"):
                penalty([1.0], strength)
        with pytest.raises(NumberError, match="parameter 1 is 'w'"):
            penalty([1.0, "w"])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mse", "did you mean 'squared_error'?"),
        ("MSELoss", "did you mean 'squared_error'?"),
        ("mean_absolute_error", "did you mean 'absolute_error'?"),
        ("BCELoss", "did you mean 'binary_cross_entropy_from_logits'?"),
        ("huberr", "did you mean 'huber'?"),
        ("zzz", "there are absolute_error, "),
    ],
)
def test_names_from_elsewhere_lead_here(name: str, hint: str) -> None:
    from slopewise import losses

    with pytest.raises(AttributeError) as caught:
        getattr(losses, name)
    assert str(caught.value).startswith(f"slopewise.losses has no {name!r}; {hint}")
    assert not hasattr(losses, "__path_of_nothing__")
