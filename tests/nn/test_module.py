"""Modules of one's own: which parameters are found, under which names, and what saving and loading do."""

import json
import os
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from slopewise import Value
from slopewise.errors import CheckpointError
from slopewise.nn import MLP, Layer, Module, Neuron


class Everything(Module):
    def __init__(self) -> None:
        self.scale = Value(1.0)
        self.rows = [[Value(2.0), Value(3.0)], [Value(4.0)]]
        self.table = {"gate": Value(5.0), "neuron": Neuron(1, init=6.0)}
        self.pair = (Value(7.0), "not a parameter", 3.5)
        self.array = np.array([Value(8.0), Value(9.0)])
        self.again = self.scale
        self.cached = self.scale * 2
        self.me = self


def test_parameters_are_found_in_order_each_once() -> None:
    names = [name for name, _ in Everything().named_parameters()]
    assert names == [
        "scale", "rows.0.0", "rows.0.1", "rows.1.0", "table.gate", "table.neuron.w.0", "table.neuron.b", "pair.0",
        "array.0", "array.1",
    ]  # fmt: skip
    assert [p.data for p in Everything().parameters()] == [1, 2, 3, 4, 5, 6, 0, 7, 8, 9]


def test_two_dimensional_arrays_of_values() -> None:
    class Table(Module):
        def __init__(self) -> None:
            self.first = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
            self.second = np.array([[Value(5.0), Value(6.0)], [Value(7.0), Value(8.0)]])

    assert [p.data for p in Table().parameters()] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_names_of_a_net() -> None:
    net = MLP(2, [3, 4, 1])
    named = dict(net.named_parameters())
    assert list(named.values()) == net.parameters()
    assert named["layers.1.neurons.3.w.1"] is net.layers[1].neurons[3].w[1]
    assert named["layers.2.neurons.0.b"] is net.layers[2].neurons[0].b


def test_own_choice_of_parameters_is_followed() -> None:
    class HalfFrozen(Module):
        def __init__(self) -> None:
            self.frozen = Neuron(1)
            self.trained = Neuron(1)

        def parameters(self) -> Any:
            return self.trained.parameters()

    class Holder(Module):
        def __init__(self) -> None:
            self.half = HalfFrozen()

    assert list(HalfFrozen().state_dict()) == ["trained.w.0", "trained.b"]
    assert list(Holder().state_dict()) == ["half.trained.w.0", "half.trained.b"]


def test_extended_choice() -> None:
    class Extended(Module):
        def __init__(self) -> None:
            self.inner = Neuron(1)

        def parameters(self) -> Any:
            return [*super().parameters(), EXTRA]

    EXTRA = Value(1.5)
    assert Extended().state_dict()["parameters.2"] == 1.5


def test_foreign_layers_with_parameters_are_found() -> None:
    class Foreign:
        def __init__(self) -> None:
            self.weight = Value(2.0)

        def parameters(self) -> Any:
            return [self.weight]

    class Net(Module):
        def __init__(self) -> None:
            self.inside = Foreign()

    assert Net().state_dict() == {"inside.weight": 2.0}


def test_shared_weights_count_once() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.a = Neuron(2)
            self.b = self.a

    assert len(Tied().parameters()) == 3


def test_zero_grad_reaches_all() -> None:
    net = Everything()
    for p in net.parameters():
        p.grad = 1.5
    net.zero_grad()
    assert {p.grad for p in net.parameters()} == {0}


# ---------------------------------------------------------------------- state_dict


def test_state_dict_round_trip_keeps_ints() -> None:
    net, other = MLP(2, [3, 1], rng=1), MLP(2, [3, 1], rng=2)
    assert other.load_state_dict(net.state_dict()) == ([], [])
    assert repr(other.parameters()) == repr(net.parameters())


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"w.0": 1.0, "w.1": 2.0}, "b is missing there"),
        ({"w.0": 1.0, "w.1": 2.0, "b": 0, "c": 1}, "c is unknown here"),
        ({"w.0": 1.0, "w.1": 2.0, "bias": 0}, "b is missing there"),
        ({"w.0": 1.0, "w.1": 2.0, "b_": 0}, "b is missing there, which has 'b_' instead"),
        ({"w": [1.0, 2.0, 3.0], "b": 0}, "w has 3 numbers there and 2 numbers here"),
        ({"w": 1.0, "b": 0}, "w has a single number there and 2 numbers here"),
        ({"w": [1.0, "2"], "b": 0}, "w.1 in the state given is '2', a number is needed"),
        ({"w": [1.0, None], "b": 0}, "w.1 in the state given is None"),
        ({"w": [1.0, True], "b": 0}, "is True, a number is needed"),
        ({0: 1.0}, "a string is needed"),
        ([1.0, 2.0, 0.0], "a dict of names and numbers is needed"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: Any, words: Any) -> None:
    n = Neuron(2, init=0.5)
    with pytest.raises(CheckpointError, match=words):
        n.load_state_dict(state)
    assert n.state_dict() == {"w.0": 0.5, "w.1": 0.5, "b": 0}


def test_not_strict_loads_what_fits_and_says_the_rest() -> None:
    n = Neuron(2, init=0.5)
    report = n.load_state_dict({"w.1": 3.0, "c": 1.0}, strict=False)
    assert report.missing_keys == ["w.0", "b"]
    assert report.unexpected_keys == ["c"]
    assert n.state_dict() == {"w.0": 0.5, "w.1": 3.0, "b": 0}


def test_lists_arrays_and_values_in_a_state() -> None:
    n = Neuron(2)
    n.load_state_dict({"w": np.array([1.0, 2.0]), "b": Value(3.0)})
    assert n.state_dict() == {"w.0": 1.0, "w.1": 2.0, "b": 3.0}


def test_two_ways_to_one_name() -> None:
    class Dotted(Module):
        def __init__(self) -> None:
            self.table = {"a.b": Value(1.0), "a": {"b": Value(2.0)}}

    with pytest.raises(CheckpointError, match=r"are called 'table\.a\.b'"):
        Dotted().state_dict()


# ---------------------------------------------------------------------- files


def test_a_renamed_list_is_recognised(tmp_path: Any) -> None:
    class Before(Module):
        def __init__(self) -> None:
            self.weights = [Value(1.0) for _ in range(3000)]

    class After(Module):
        def __init__(self) -> None:
            self.weight = [Value(1.0) for _ in range(3000)]

    Before().save(tmp_path / "net")
    refused(After(), tmp_path / "net", CheckpointError, "weight is missing there, which has 'weights' instead")


def test_file_round_trip_is_exact(tmp_path: Any) -> None:
    net = MLP(3, [4, 4, 1], rng=7)
    net.layers[0].neurons[0].w[0].data = float("nan")
    net.layers[0].neurons[0].w[1].data = -0.0
    net.layers[0].neurons[0].w[2].data = float("inf")
    path = tmp_path / "net.safetensors"
    net.save(path)
    again = MLP(3, [4, 4, 1]).load(str(path))
    assert repr(again.parameters()) == repr(net.parameters())
    assert os.listdir(tmp_path) == ["net.safetensors"]


def test_what_the_file_holds(tmp_path: Any) -> None:
    path = tmp_path / "net.safetensors"
    Everything().save(path)
    tensors = load_file(path)
    assert tensors["rows.0"].tolist() == [2.0, 3.0]
    assert tensors["scale"].shape == ()
    assert {t.dtype for t in tensors.values()} == {np.dtype("float64")}
    assert Everything().load(path).state_dict() == Everything().state_dict()


def test_dict_keys_that_are_numbers_keep_their_names(tmp_path: Any) -> None:
    class Sparse(Module):
        def __init__(self) -> None:
            self.at = {7: Value(1.0), 3: Value(2.0)}

    Sparse().save(tmp_path / "s")
    assert sorted(load_file(tmp_path / "s")) == ["at.3", "at.7"]
    assert Sparse().load(tmp_path / "s").state_dict() == {"at.7": 1.0, "at.3": 2.0}
    other = Sparse()
    other.at = {3: Value(2.0), 8: Value(1.0)}
    refused(other, tmp_path / "s", CheckpointError, "at has the keys 3, 7 there and 3, 8 here")
    other.at = {3: Value(0.0), 7: Value(0.0)}
    assert other.load(tmp_path / "s").state_dict() == {"at.3": 2.0, "at.7": 1.0}


def test_files_of_other_programs(tmp_path: Any) -> None:
    path = tmp_path / "other.safetensors"
    save_file(
        {
            "w.0": np.array(1.5, dtype=np.float32),
            "w.1": np.array(2, dtype=np.int64),
            "b": np.array(0.25, dtype=np.float16),
        },
        path,
    )
    assert Neuron(2).load(path).state_dict() == {"w.0": 1.5, "w.1": 2, "b": 0.25}


def refused(module: Any, path: Any, error: Any, words: Any) -> None:
    before = repr(module.parameters())
    with pytest.raises(error, match=words):
        module.load(path)
    assert repr(module.parameters()) == before


def test_wrong_sizes(tmp_path: Any) -> None:
    MLP(3, [4, 1]).save(tmp_path / "net")
    refused(
        MLP(2, [4, 1]),
        tmp_path / "net",
        CheckpointError,
        r"layers\.0\.neurons\.0\.w has 3 numbers there and 2 numbers here",
    )
    refused(MLP(3, [5, 1]), tmp_path / "net", CheckpointError, r"parameters there: 21, here: 26")
    refused(Layer(3, 4), tmp_path / "net", CheckpointError, r"neurons\.0\.w is missing there")


def test_damaged_files(tmp_path: Any) -> None:
    path = tmp_path / "net"
    net = MLP(2, [3, 1], rng=1)
    net.save(path)
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[:40], whole[:-8], whole + b"more", b"\xff" * 200):
        path.write_bytes(content)
        refused(net, path, CheckpointError, "is damaged, or no safetensors file")


def test_text_where_numbers_should_be(tmp_path: Any) -> None:
    path = tmp_path / "net"
    save_file({"w": np.array([True, False]), "b": np.array(1.0)}, path)
    refused(Neuron(2), path, CheckpointError, "w in .* is of type bool")


def test_types_that_numpy_has_not(tmp_path: Any) -> None:
    header = json.dumps({"w": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "net").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    refused(Neuron(2), tmp_path / "net", CheckpointError, "cannot be read here|damaged")


def test_missing_files(tmp_path: Any) -> None:
    Neuron(1).save(tmp_path / "model.safetensors")
    refused(Neuron(1), tmp_path / "mdel.safetensors", FileNotFoundError, "did you mean .*model.safetensors")
    refused(Neuron(1), tmp_path / "no" / "net", FileNotFoundError, "no folder")
    refused(Neuron(1), tmp_path, IsADirectoryError, "is a folder")


def test_save_needs_a_folder_and_numbers(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        Neuron(1).save(tmp_path / "no" / "net")
    with pytest.raises(IsADirectoryError):
        Neuron(1).save(tmp_path)
    n = Neuron(1)
    for number in (Fraction(1, 3), 2**60, 1j):
        n.b.data = number
        with pytest.raises(CheckpointError, match=r"^b holds"):
            n.save(tmp_path / "net")
    assert os.listdir(tmp_path) == []


def test_a_failed_save_leaves_the_old_file(tmp_path: Any, monkeypatch: Any) -> None:
    path = tmp_path / "net"
    Neuron(1, init=1.0).save(path)
    before = path.read_bytes()

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Neuron(1, init=2.0).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net"]
