"""The lecture's classes: its draws, its numbers, its loop, as written in the notebook."""

import random
import re
from typing import Any

import numpy as np
import pytest

import slopewise
from slopewise.errors import NumberError, ShapeError
from slopewise.lecture import MLP, Layer, Neuron, Value, trace

XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


def close(x: Any) -> Any:
    return pytest.approx(x, rel=1e-12)


def test_the_lectures_loop_gives_its_numbers() -> None:
    random.seed(1337)
    n = MLP(3, [4, 4, 1])
    assert n(XS[0]).data == close(0.42767811248845455)
    losses = []
    for k in range(20):
        ypred = [n(x) for x in XS]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(YS, ypred, strict=True))
        if k == 0:
            assert len(trace(loss)[0]) == 398
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    assert losses[0] == close(6.005402783252284)
    assert losses[1] == close(3.2021496469205015)
    assert losses[19] == close(0.0177818746861576)


def test_draws_are_weights_then_bias() -> None:
    random.seed(1337)
    expected = [random.uniform(-1, 1) for _ in range(41)]
    random.seed(1337)
    assert [p.data for p in MLP(3, [4, 4, 1]).parameters()] == expected


def test_values_print_as_the_lectures_and_have_float_gradients() -> None:
    a = Value(2.0)
    assert (repr(a), a.grad) == ("Value(data=2.0)", 0.0)
    assert type(a.grad) is float
    out = (a * 3).tanh()
    out.backward()
    assert type(out) is Value
    assert (repr(out.grad), repr(Value(2.0) + 1)) == ("1.0", "Value(data=3.0)")


def test_the_two_flavours_mix() -> None:
    a, b = Value(2.0), slopewise.Value(3.0)
    out = a * b
    out.backward()
    assert (a.grad, b.grad) == (3.0, 2.0)
    assert isinstance(a, slopewise.Value)
    assert len(trace(slopewise.Value(1.0) + 1)[0]) == 3


def test_the_graph_is_the_one_of_the_printed_code() -> None:
    random.seed(5)
    n = Neuron(2)
    act = sum((wi * xi for wi, xi in zip(n.w, [1.0, 2.0], strict=True)), n.b)
    out = act.tanh()
    ours = n([1.0, 2.0])
    assert ours.data == out.data
    assert [v._op for v in trace(ours)[0]] == [v._op for v in trace(out)[0]]


def test_no_limit_on_saturation() -> None:
    n = Neuron(1)
    n.w, n.b = [Value(1.0)], Value(0.0)
    assert n([1000.0]).data == 1.0  # e**2000 does not fit into a float


def test_parameters_and_texts() -> None:
    n = MLP(3, [4, 4, 1])
    assert len(n.parameters()) == 41
    assert n.parameters()[:3] == n.layers[0].neurons[0].w
    assert repr(MLP(1, [2])) == "MLP of [Layer of [Neuron(1), Neuron(1)]]"


def test_zero_grad() -> None:
    n = MLP(2, [2, 1])
    n([1.0, 2.0]).backward()
    n.zero_grad()
    assert {repr(p.grad) for p in n.parameters()} == {"0.0"}


def test_one_neuron_in_the_middle_and_bare_numbers() -> None:
    n = MLP(1, [1, 2, 1])
    assert n(0.5).data == n([0.5]).data == n(Value(0.5)).data == n(np.array([0.5])).data == n(np.float64(0.5)).data
    assert len(Layer(2, 3)(iter([1.0, 2.0]))) == 3


def test_wrong_inputs_are_explained() -> None:
    with pytest.raises(ShapeError, match=re.escape("Neuron(3) takes 3 inputs, got 2")):
        MLP(3, [4, 1])([1.0, 2.0])
    with pytest.raises(NumberError, match=r"input 0 of Neuron\(4\) is \[2.0, 3.0, -1.0\]"):
        MLP(4, [4, 1])(XS)
