"""Nets: micrograd's draws, graphs and numbers, from a record; and the keywords beyond."""

import json
import math
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value, nn
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.nn import MLP, Layer, Module, Neuron

RECORD = json.loads((Path(__file__).parents[1] / "data" / "micrograd_nets.json").read_text(encoding="utf-8"))


def nodes_below(root: Any) -> Any:
    seen, stack = set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node._prev)
    return len(seen)


@pytest.mark.parametrize("expected", RECORD["nets"], ids=lambda net: str(net["sizes"]))
def test_same_draws_numbers_and_graph_as_micrograd(expected: Any) -> None:
    random.seed(expected["seed"])
    net = MLP(expected["sizes"][0], expected["sizes"][1:])
    assert random.random() == expected["following_draw"]
    assert repr(net) == expected["repr"]
    assert [p.data for p in net.parameters()] == expected["parameters"]
    outputs = [net(x) for x in expected["inputs"]]
    flat = [o for out in outputs for o in (out if isinstance(out, list) else [out])]
    assert [o.data for o in flat] == expected["outputs"]
    total = sum(flat)
    assert total.data == expected["total"]
    assert nodes_below(total) == expected["nodes"]
    total.backward()
    assert [p.grad for p in net.parameters()] == pytest.approx(expected["gradients"], rel=1e-12)


def test_moons_loss_has_micrograds_nodes_and_bits() -> None:
    expected = RECORD["moons_like"]
    random.seed(expected["seed"])
    net = MLP(2, [16, 16, 1])
    scores = [net([Value(p[0]), Value(p[1])]) for p in expected["points"]]
    losses = [(1 + -y * s).relu() for y, s in zip(expected["labels"], scores, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())
    assert nodes_below(loss) == expected["nodes"] == 65_818
    assert loss.data == expected["loss"]
    loss.backward()
    assert [p.grad for p in net.parameters()] == pytest.approx(expected["gradients"], rel=1e-12, abs=1e-16)


def test_texts() -> None:
    assert repr(Neuron(2)) == RECORD["texts"]["Neuron(2)"] == "ReLUNeuron(2)"
    assert repr(Neuron(3, False)) == RECORD["texts"]["Neuron(3, False)"] == "LinearNeuron(3)"
    assert repr(Layer(2, 2)) == RECORD["texts"]["Layer(2, 2)"]
    assert repr(Neuron(1, activation="leaky_relu")) == "LeakyReLUNeuron(1)"
    assert repr(Neuron(1, activation=sw.sin)) == "SinNeuron(1)"
    assert repr(Neuron(1, activation=lambda x: x)) == "CustomNeuron(1)"


def test_parameter_counts() -> None:
    assert len(MLP(3, [4, 4, 1]).parameters()) == 41
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


def test_the_sum_starts_from_the_bias_and_runs_in_order() -> None:
    n = Neuron(2, nonlin=False)
    out = n([3, 4])
    first, product = out._prev
    assert first._prev[0] is n.b
    assert first._prev[1]._prev[0] is n.w[0]
    assert product._prev[0] is n.w[1]
    assert repr(n.b) == "Value(data=0, grad=0)"


def test_bare_value_for_one_output_and_list_for_more() -> None:
    assert isinstance(Layer(2, 1)([1, 2]), Value)
    assert [type(v) for v in Layer(2, 3)([1, 2])] == [Value] * 3


def test_one_neuron_layer_in_the_middle() -> None:
    net = MLP(2, [3, 1, 2, 1], rng=1)
    net([0.5, -0.5]).backward()
    assert len(net.layers[2].neurons[0].w) == 1


@pytest.mark.parametrize(
    "x",
    [
        (2.0, -1.0),
        [2, -1],
        [Value(2.0), np.float64(-1)],
        iter([2.0, -1.0]),
        np.array([2.0, -1.0]),
        np.array([2, -1]),
        np.array([2, -1], dtype=np.float32),
        np.array([Value(2.0), Value(-1.0)]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_inputs_of_every_kind(x: Any) -> None:
    net = MLP(2, [3, 1], rng=4)
    assert net(x).data == pytest.approx(net([2.0, -1.0]).data, rel=1e-6)


def test_bare_number_for_one_input() -> None:
    net = MLP(1, [2, 1], rng=4)
    expected = net([0.25]).data
    assert net(0.25).data == net(Value(0.25)).data == net(np.float64(0.25)).data == net(np.array(0.25)).data == expected


def test_numpy_rows_stay_fast_floats() -> None:
    row = np.array([1.0, 2.0])
    out = Neuron(2, nonlin=False)(row)
    assert type(out.data) is float


@pytest.mark.parametrize("given", [[1], [1, 2, 3], (), np.zeros(5)])
def test_wrong_length_names_both(given: Any) -> None:
    with pytest.raises(ShapeError, match=rf"takes 2 inputs, got {len(given)}"):
        MLP(2, [3, 1])(given)


def test_a_whole_table_is_explained() -> None:
    with pytest.raises(ShapeError, match="array of shape \\(100, 2\\): give one row at a time"):
        MLP(2, [1])(np.zeros((100, 2)))
    with pytest.raises(NumberError, match=r"input 0 of ReLUNeuron\(2\) is \[1, 2\]"):
        Layer(2, 2)([[1, 2], [3, 4]])
    with pytest.raises(NumberError, match="input 1"):
        Neuron(2)([1.0, "2"])


@pytest.mark.parametrize(
    "name", ["relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus", "sin", "abs"]
)
def test_activation_by_name_and_by_operation(name: Any) -> None:
    operation = getattr(sw, name)
    by_name, by_operation = (Neuron(1, activation=a, init=1.0) for a in (name, operation))
    for x in (-0.7, 0.3):
        assert by_name([x]).data == by_operation([x]).data == operation(x)
    assert by_name.activation == by_operation.activation == name


def test_linear_identity_and_none() -> None:
    for activation in ("linear", "identity", "Linear", None):
        n = Neuron(1, activation=activation, init=1.0)
        assert n([-3.0]).data == -3.0
        assert not n.nonlin


def test_users_function_as_activation() -> None:
    @sw.operation(derivative=lambda x: 2 * x)  # type: ignore[untyped-decorator]
    def parabola(x: Any) -> Any:
        return x * x

    assert Neuron(1, activation=parabola, init=1.0)([3.0]).data == 9.0
    assert Neuron(1, activation=lambda v: v * 10, init=1.0)([3.0]).data == 30.0


def test_patched_method_is_the_one_that_runs(monkeypatch: Any) -> None:
    monkeypatch.setattr(Value, "relu", lambda self: self * 100)
    assert Neuron(1, init=1.0)([3.0]).data == 300.0


def test_nonlin_can_be_switched_later() -> None:
    n = Neuron(1, init=1.0)
    n.nonlin = False
    assert n([-3.0]).data == -3.0
    assert repr(n) == "LinearNeuron(1)"


def test_unknown_activation_suggests() -> None:
    with pytest.raises(DomainError, match="did you mean 'sigmoid'"):
        MLP(1, [1, 1], activation="sigmiod")
    with pytest.raises(DomainError, match=r"losses\.cross_entropy"):
        MLP(1, [3], output="softmax")
    with pytest.raises(NumberError):
        Neuron(1, activation=3)


def test_output_activation_is_the_last_layers() -> None:
    net = MLP(2, [3, 2], activation="tanh", output="sigmoid")
    assert [layer.neurons[0].activation for layer in net.layers] == ["tanh", "sigmoid"]


def test_no_bias() -> None:
    net = MLP(2, [3, 1], bias=False, rng=0)
    assert len(net.parameters()) == 9
    assert net.layers[0].neurons[0].b is None
    assert net([0.0, 0.0]).data == 0
    n = Neuron(2, nonlin=False, bias=False, init=2.0)
    assert n([1.0, 10.0]).data == 22.0
    assert nodes_below(n([1.0, 10.0])) == 7
    with pytest.raises(DomainError, match="nothing to compute"):
        Neuron(0, bias=False)


@pytest.mark.parametrize(
    ("init", "deviation", "bound"),
    [
        ("uniform", 1 / math.sqrt(3), 1.0),
        ("normal", 1.0, math.inf),
        ("he", math.sqrt(2 / 40), math.sqrt(6 / 40)),
        ("he_normal", math.sqrt(2 / 40), math.inf),
        ("xavier", math.sqrt(2 / 100), math.sqrt(6 / 100)),
        ("glorot_normal", math.sqrt(2 / 100), math.inf),
        ("lecun", math.sqrt(1 / 40), math.sqrt(3 / 40)),
        ("lecun_normal", math.sqrt(1 / 40), math.inf),
    ],
)
@pytest.mark.parametrize(
    "rng", [5, random.Random(5), np.random.default_rng(5), np.random.RandomState(5)], ids=lambda rng: type(rng).__name__
)
def test_named_initialisers_have_their_spread(init: Any, deviation: Any, bound: Any, rng: Any) -> None:
    layer = Layer(40, 60, init=init, rng=rng)
    weights = np.array([w.data for n in layer.neurons for w in n.w])
    assert weights.std() == pytest.approx(deviation, rel=0.06)
    assert abs(weights.mean()) < 0.1 * deviation
    assert np.abs(weights).max() <= bound
    assert all(n.b.data == 0 for n in layer.neurons)


def test_seed_repeats_and_leaves_the_random_module_alone() -> None:
    random.seed(9)
    expected = random.random()
    random.seed(9)
    first, second = MLP(2, [3, 1], rng=1337), MLP(2, [3, 1], rng=1337)
    assert random.random() == expected
    assert first.state_dict() == second.state_dict()
    random.seed(1337)
    assert MLP(2, [3, 1]).state_dict() == first.state_dict()
    weights = [w.data for n in first.layers[0].neurons for w in n.w]
    assert len(set(weights)) == len(weights)


def test_init_constant_and_functions() -> None:
    assert [w.data for w in Neuron(2, init=0.25).w] == [0.25, 0.25]
    assert [w.data for w in Neuron(2, init="zeros").w] == [0, 0]
    draws = iter([1.0, 2.0])
    assert [w.data for w in Neuron(2, init=lambda: next(draws)).w] == [1.0, 2.0]
    fans: list[tuple[int, int]] = []

    def recorded(rng: Any, fan_in: int, fan_out: int) -> float:
        fans.append((fan_in, fan_out))
        return 0.0

    Layer(2, 3, init=recorded)
    assert fans == [(2, 3)] * 6
    assert -1 < Neuron(1, init=lambda rng: rng.gauss(0, 0.1), rng=3).w[0].data < 1
    assert 0 <= Neuron(1, init=random.random).w[0].data < 1


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Neuron(2, init="kaimin"), DomainError, "did you mean 'kaiming'"),
        (lambda: Neuron(2, init=math.nan), DomainError, "finite"),
        (lambda: Neuron(2, init=[1, 2]), NumberError, "name, number or function"),
        (lambda: Neuron(2, init=lambda a, b, c, d: 0), NumberError, "needs 4 arguments"),
        (lambda: Neuron(2, rng="seed"), NumberError, "source of random numbers"),
        (lambda: Neuron(-1), DomainError, "nin must be 0 or more, got -1"),
        (lambda: Neuron(2.5), NumberError, "whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: MLP(2, 16), NumberError, r"MLP\(2, \[16\]\)"),  # type: ignore[arg-type]
        (lambda: MLP(2, [16, "1"]), NumberError, r"nouts\[1\] must be a whole number, got '1'"),  # type: ignore[list-item]
    ],
)
def test_bad_arguments(make: Any, error: Any, words: Any) -> None:
    with pytest.raises(error, match=words):
        make()


def test_learners_subclasses_and_replacements() -> None:
    class Tanh(Neuron):
        def __call__(self, x: Any) -> Any:
            return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b).tanh()

    class Bare(Neuron):
        def __init__(self, nin: Any) -> None:  # never calls ours
            self.w = [Value(1.0)] * nin
            self.b = Value(0.5)

    assert Tanh(2)([1, 2]).data != 0
    assert Bare(2)([1, 2]).data == 3.5
    assert repr(Bare(2)) == "ReLUNeuron(2)"
    layer = Layer(2, 2)
    layer.neurons = [Tanh(2), Tanh(2)]
    assert len(layer([1, 2])) == 2
    n: Any = Neuron(2)
    n.w = (Value(1.0), Value(2.0))
    n.b = Value(3.0)
    assert n([1.0, 1.0]).data == 6.0
    assert len(n.parameters()) == 3


def test_a_replaced_neuron_class_is_used(monkeypatch: Any) -> None:
    class Quiet(Neuron):
        def __init__(self, nin: Any, nonlin: Any = True) -> None:
            super().__init__(nin, nonlin, init=0.0)

    monkeypatch.setattr(nn, "Neuron", Quiet)
    assert MLP(2, [2, 1])([1, 2]).data == 0


def test_everything_that_programs_import_is_there() -> None:
    names: dict[str, Any] = {}
    exec("from slopewise.nn import *", names)
    assert {"Module", "Neuron", "Layer", "MLP", "Value", "random"} <= set(names)


def test_parameters_of_a_bare_module() -> None:
    assert Module().parameters() == []
    assert Module().state_dict() == {}


def test_zero_grad() -> None:
    net = MLP(2, [2, 1], rng=1)
    net([1, 2]).backward()
    assert any(p.grad for p in net.parameters())
    net.zero_grad()
    assert [p.grad for p in net.parameters()] == [0] * 9


def test_training_goes_down() -> None:
    net = MLP(1, [4, 1], activation="tanh", rng=3)
    xs = [i / 4 for i in range(-4, 5)]
    losses = []
    for _ in range(60):
        loss = sum((net(x) - x * x) ** 2 for x in xs) / len(xs)
        net.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.data -= 0.2 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]


def test_pickle_keeps_the_net() -> None:
    net = MLP(2, [3, 1], activation="gelu", rng=1)
    again = pickle.loads(pickle.dumps(net))
    assert again([1, 2]).data == net([1, 2]).data


def test_patched_operators_are_the_ones_that_run(monkeypatch: Any) -> None:
    times, calls = Value.__mul__, []

    def counted(self: Any, other: Any) -> Any:
        calls.append(other)
        return times(self, other)

    monkeypatch.setattr(Value, "__mul__", counted)
    Neuron(3)([1.0, 2.0, 3.0])
    assert calls == [1.0, 2.0, 3.0]


def test_operators_of_subclasses_are_the_ones_that_run() -> None:
    class Doubling(Value):
        def __mul__(self, other: Any) -> Any:
            return Value.__mul__(self, other * 2)

    n = Neuron(2, nonlin=False)
    n.w = [Doubling(1.0), Doubling(1.0)]
    assert n([1.0, 2.0]).data == 6.0
