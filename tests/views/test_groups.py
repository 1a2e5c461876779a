"""Groups: the neuron, the layer and the sample of each node of a model's loss."""

import random
from collections import Counter
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.lecture import MLP as LectureMLP  # noqa: N811
from slopewise.nn import MLP
from slopewise.views import group
from slopewise.views.groups import layer_of, neuron_of


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_node_of_a_net_finds_its_neuron_and_sample(count: int) -> None:
    random.seed(1)
    net = MLP(2, [3, 2, 1])
    outs = [net([random.random(), random.random()]) for _ in range(count)]
    loss = sw.mean([(out - 1.0) ** 2 for out in outs]) + 0.01 * sum(p * p for p in net.parameters())
    groups = group(loss)
    assert groups.layers == ("layers.0", "layers.1", "layers.2")
    assert len(groups.neurons) == 6
    assert groups.samples == count
    per_neuron = Counter(groups.neuron)
    inputs = {"layers.0": 2, "layers.1": 3, "layers.2": 2}
    for neuron in groups.neurons:
        n = inputs[layer_of(neuron)]
        parameters, constants = n + 1, n * (layer_of(neuron) == "layers.0")
        steps = 2 * n + (layer_of(neuron) != "layers.2")  # products, sums, and relu but for the last layer
        assert per_neuron[neuron] == parameters + count * steps, (neuron, constants)
    per_sample = Counter(groups.sample)
    assert len({per_sample[k] for k in range(1, count)}) <= 1  # the first one has the beginning of the sum, too
    assert groups.sample[-1] is (None if count > 1 else 0)


def test_the_lecture_s_own_classes() -> None:
    random.seed(1337)
    n = LectureMLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    loss = sum((n(x) - y) ** 2 for x, y in zip(xs, [1.0, -1.0, -1.0, 1.0]))
    assert isinstance(loss, Value)
    groups = group(loss)
    assert groups.samples == 4
    assert groups.layers == ("layers.0", "layers.1", "layers.2")
    for p, node in enumerate(groups.nodes):
        if node._op == "tanh":
            assert groups.neuron[p]
            assert groups.sample[p] is not None


def test_a_bias_added_last_and_weights_in_rows() -> None:
    class Net:
        def __init__(self) -> None:
            self.w1 = [[Value(0.1 * (i + j)) for j in range(2)] for i in range(3)]
            self.b1 = [Value(0.0) for _ in range(3)]
            self.w2 = [Value(1.0) for _ in range(3)]

        def parameters(self) -> list[Value]:
            return [w for row in self.w1 for w in row] + self.b1 + self.w2

        def __call__(self, x: list[Any]) -> Value:
            hidden = [(sw.dot(row, x) + b).tanh() for row, b in zip(self.w1, self.b1)]
            return sw.dot(self.w2, hidden)  # type: ignore[no-any-return]

    net = Net()
    loss = net([1.0, 2.0]) * net([2.0, 1.0])
    groups = group(loss)
    assert groups.samples == 2
    assert set(groups.layers) >= {"w1", "w2"}
    assert groups.sample[-1] is None


def test_without_a_model_there_are_no_groups() -> None:
    a, b = Value(1.0), Value(2.0)
    groups = group(a * b + a)
    assert (groups.neurons, groups.layers, groups.samples) == ((), (), 0)
    assert set(groups.sample) == {None}


def test_a_penalty_belongs_to_no_neuron() -> None:
    net = MLP(1, [1])
    groups = group(sum((p * p for p in net.parameters()), Value(0.0)))
    assert [name for p, name in enumerate(groups.neuron) if groups.operands[p]] == [""] * 4


def test_places_and_what_they_belong_to() -> None:
    assert neuron_of("b") == "b"
    assert neuron_of("net.3.weights.1") == "net.3"
    assert layer_of("layers.0") == "layers.0"
    assert layer_of("") == ""
