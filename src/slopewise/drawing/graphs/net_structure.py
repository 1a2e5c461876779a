"""What a net consists of, read off its attributes: layers of neurons with weights, biases and activations.

Nothing of the net is called. Our nets, micrograd's and the lecture's are known by their attributes `layers`, `neurons`,
`w` and `b`; a class of the user's by the same, or by attributes that hold layers which fit one behind the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from slopewise.engine import Value
from slopewise.views import places_in

_DEEPEST = 8
_ACTIVATIONS = ("tanh", "relu", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus", "sin", "exp")


@dataclass(frozen=True, slots=True)
class Unit:
    """A neuron.

    Attributes:
        weights: Its weights, one for each input.
        bias: Its bias; None if it has none.
        activation: The name of its activation; `"linear"`, or `""` if it is not known.
    """

    weights: tuple[Value, ...]
    bias: Value | None
    activation: str


Layers = tuple[tuple[Unit, ...], ...]


def is_net(what: Any) -> bool:
    """Tell whether something has parameters, or layers, neurons or weights, and can be drawn as a net.

    Example:
        >>> from slopewise.lecture import Neuron
        >>> is_net(Neuron(2)), is_net(3.0), is_net([])
        (True, False, False)
    """
    if isinstance(what, (type, str, bytes, int, float, complex, Value, dict)) or what is None:
        return False
    return callable(getattr(what, "parameters", None)) or bool(layers_of(what))


def layers_of(net: Any) -> Layers | None:
    """Return the layers of a net, or None if it is not built of layers that fit one behind the other.

    Args:
        net: A net, a layer, a neuron, or a list of layers.

    Example:
        >>> from slopewise.lecture import MLP
        >>> [len(layer) for layer in layers_of(MLP(3, [4, 4, 1]))]
        [4, 4, 1]
    """
    found = tuple(tuple(layer) for layer in _layers(net, 0) if layer)
    if not found:
        return None
    for before, after in pairwise(found):
        if any(len(unit.weights) != len(before) for unit in after):
            return None
    if len({len(unit.weights) for unit in found[0]}) != 1:
        return None
    return found


def parameters_of(net: Any) -> list[tuple[str, Value]]:
    """Return name and Value of each parameter, named by its place in the net."""
    given = net.parameters() if callable(getattr(net, "parameters", None)) else []
    places = places_in(net)
    found: dict[int, tuple[str, Value]] = {}
    for number, p in enumerate(given):
        if isinstance(p, Value):
            found.setdefault(id(p), (places.get(id(p), f"parameters.{number}"), p))
    return list(found.values())


def _layers(item: Any, depth: int) -> Iterator[Sequence[Unit]]:
    if depth > _DEEPEST or isinstance(item, (Value, str, bytes, int, float, type)):
        return
    unit = _unit(item)
    if unit is not None:
        yield (unit,)
        return
    neurons = getattr(item, "neurons", None)
    if isinstance(neurons, (list, tuple)) and neurons:
        units = [_unit(neuron) for neuron in neurons]
        if all(units):
            yield [unit for unit in units if unit is not None]
        return
    layers = getattr(item, "layers", None)
    if isinstance(layers, (list, tuple)):
        parts: Sequence[Any] = layers
    elif isinstance(item, (list, tuple)):
        parts = item
    else:
        parts = list(vars(item).values()) if hasattr(item, "__dict__") else ()
    for part in parts:
        yield from _layers(part, depth + 1)


def _unit(item: Any) -> Unit | None:
    """Return a neuron, if that is what a thing is."""
    for name in ("w", "weights", "ws"):
        weights = getattr(item, name, None)
        if weights is None or isinstance(item, Value):
            continue
        flat = weights.tolist() if hasattr(weights, "tolist") else weights
        if isinstance(flat, (list, tuple)) and flat and all(isinstance(w, Value) for w in flat):
            bias = next((b for b in (getattr(item, n, None) for n in ("b", "bias")) if isinstance(b, Value)), None)
            return Unit(tuple(flat), bias, _activation(item))
    return None


def _activation(neuron: Any) -> str:
    """Return the name of a neuron's activation, from its attributes or from the names that its `__call__` uses."""
    if getattr(neuron, "nonlin", None) is False:
        return "linear"
    given = getattr(neuron, "activation", None)
    if given is not None:
        return given if isinstance(given, str) else str(getattr(given, "__name__", "") or getattr(given, "name", ""))
    call = next((vars(cls)["__call__"] for cls in type(neuron).__mro__ if "__call__" in vars(cls)), None)
    used = getattr(getattr(call, "__code__", None), "co_names", ())
    return next((name for name in used if name.lower() in _ACTIVATIONS), "")
