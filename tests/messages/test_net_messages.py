"""The wording of what nets, losses, optimisers and the lecture's pictures say."""

from typing import Any

import numpy as np
import pytest

from slopewise import Value
from slopewise.lecture import draw_dot
from slopewise.losses import binary_cross_entropy_with_logits, cross_entropy, hinge, squared_error
from slopewise.nn import MLP, Neuron
from slopewise.optim import SGD, Adam


def said(call: Any) -> Any:
    with pytest.raises(Exception) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


def test_nets() -> None:
    net = MLP(2, [3, 1])
    assert said(lambda: net([1, 2, 3])) == (
        "ShapeError: ReLUNeuron(2) takes 2 inputs, got 3\n"
        "give one number per weight, or build the net for 3 inputs"
    )  # fmt: skip
    assert said(lambda: net(np.zeros((5, 2)))) == (
        "ShapeError: ReLUNeuron(2) takes 2 inputs, got 5\n"
        "that is an array of shape (5, 2): give one row at a time, as in [net(row) for row in X]"
    )
    assert said(lambda: net([[1, 2], [3, 4]])) == (
        "NumberError: input 0 of ReLUNeuron(2) is [1, 2], a number or Value is needed\n"
        "give one sample at a time, as in [net(row) for row in rows]"
    )
    assert said(lambda: net(None)) == (
        "NumberError: the input of a net is None, a list of numbers and Values is needed\ngive one number per input"
    )
    assert said(lambda: MLP(2, 16)) == (  # type: ignore[arg-type]
        "NumberError: nouts must be a list with the size of each layer, got 16\n"
        "for one layer, write MLP(2, [16])"
    )  # fmt: skip
    assert said(lambda: MLP(2, [3], activation="rellu")) == (
        "DomainError: activation='rellu' is unknown\n"
        "did you mean 'relu'? common ones are relu, tanh, sigmoid, leaky_relu, elu, gelu, silu, softplus and linear; "
        "any function of one Value will do too"
    )


def test_checkpoints(tmp_path: Any) -> None:
    MLP(3, [4, 1]).save(tmp_path / "net")
    assert said(lambda: MLP(2, [3, 1]).load(tmp_path / "net")) == (
        f"CheckpointError: {tmp_path / 'net'} does not fit MLP: layers.0.neurons.0.w has 3 numbers there and 2 numbers here "
        "(and 5 more differences)\n"
        "nothing was loaded; parameters there: 21, here: 13\n"
        "build the MLP with the sizes it was saved with, or load what fits with strict=False"
    )
    assert said(lambda: Neuron(1).load(tmp_path / "nett")) == (
        f"FileNotFoundError: there is no file {tmp_path / 'nett'}\ndid you mean {tmp_path / 'net'}?"
    )


def test_optimisers() -> None:
    p = Value(1.0)
    assert said(lambda: SGD(0.1)) == (
        "NumberError: SGD: the parameters are 0.1, a list of Values is needed\n"
        "give net.parameters(); a learning rate goes by its name: lr=0.1"
    )
    assert said(lambda: SGD(lr=-1)) == (
        "DomainError: SGD: the learning rate is -1.0, it must be 0 or more, and finite\n"
        "to climb instead of descend, negate the loss, or give maximize=True where there is that setting"
    )
    assert said(lambda: SGD().step()) == (
        "DomainError: SGD was given no parameters\n"
        "give them at the start, SGD(net.parameters(), lr=…), or to each step, opt.step(net.parameters())"
    )
    assert said(lambda: SGD([p, p])) == (
        "DomainError: SGD: parameters 0 and 1 are the same Value, which would move twice a step\n"
        "give each once: list(dict.fromkeys(parameters)) drops repeats"
    )
    assert said(lambda: SGD([p * 2])) == (
        "DomainError: SGD: parameter 0 is the result of '*', and a step would not change what it was made from\n"
        "give the Values that it was made from, or cut it off with detach()"
    )
    assert said(lambda: Adam([p]).load_state_dict(SGD([p]).state_dict())) == (
        "CheckpointError: Adam: this is the state of SGD\nload it into one of those"
    )


def test_losses() -> None:
    assert said(lambda: squared_error([1, 2], [1])) == (
        "ShapeError: squared_error: 2 predictions and 1 target\ngive one target per prediction"
    )
    assert said(lambda: hinge([1.0, 2.0], [1, 0])) == (
        "DomainError: hinge: a label is 0, it must be -1 or 1\n"
        "at label [1]\n"
        "labels of 0 and 1 become -1 and 1 by 2 * y - 1"
    )  # fmt: skip
    assert said(lambda: binary_cross_entropy_with_logits([1.0], [-1])) == (
        "DomainError: binary_cross_entropy_with_logits: a target is -1, it must lie between 0 and 1\n"
        "at target [0]\n"
        "labels of -1 and 1 become 0 and 1 by (y + 1) / 2; or use hinge"
    )
    assert said(lambda: cross_entropy([[1.0, 2.0]], [2])) == (
        "DomainError: cross_entropy: the target of row 0 is the class 2, and 2 logits are there for the classes 0 to 1\n"
        "classes count from 0; a net for this data has an output per class"
    )


def test_pictures_without_graphviz(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert said(lambda: draw_dot(Value(1.0)).render(tmp_path / "g", format="ps")) == (
        "MissingExtraError: the format 'ps' needs Graphviz's program 'dot', which is not on the PATH\n"
        "svg, png and pdf need no program, with the engine 'dot': render(format='svg')"
    )
