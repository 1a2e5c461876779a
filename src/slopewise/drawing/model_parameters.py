"""The parameters of whatever a user calls a model, with names, layers and neurons."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from slopewise.engine import Value
from slopewise.engine.journal import paused
from slopewise.errors import DomainError, NumberError
from slopewise.nn import Module


def parameters_of(model: Any, where: str) -> list[tuple[str, Value]]:
    """Return name and Value of each parameter: `layers.0.neurons.3.w.1`.

    Args:
        model: A net, or anything with `parameters()`; a list or a dict of Values, nested as one likes; a single Value.
        where: Who asks, for messages.

    Raises:
        NumberError: It holds no Values.
        DomainError: It has no parameters.

    Example:
        >>> from slopewise.nn import MLP
        >>> from slopewise.drawing.model_parameters import parameters_of
        >>> [name for name, _ in parameters_of(MLP(1, [1]), "plot_weights()")]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.b']
    """
    if isinstance(model, type):
        raise NumberError(f"{where} needs a model, got the class {model.__name__}\nmake one first: {model.__name__}(…)")
    named = _named(model)
    if named is None:
        raise NumberError(
            f"{where} needs a model or its parameters, got {_kind(model)}\n"
            f"give a net, an object with parameters(), or a list or dict of Values"
        )
    for name, p in named:
        if not isinstance(p, Value):
            raise NumberError(
                f"{where}: the parameter {name} is {_kind(p)}, not a slopewise Value\n"
                f"a model of another library is drawn by its own tools; ours is built from slopewise.Value"
            )
    if not named:
        raise DomainError(f"{where}: {_kind(model)} without any parameter\ngive a model that has some")
    return named


def _named(model: Any) -> list[tuple[str, Any]] | None:
    if isinstance(model, Value):
        return [(model.label or "parameter", model)]
    if callable(getattr(model, "parameters", None)):
        if not all(isinstance(p, Value) for p in model.parameters()):
            return [(f"parameters.{i}", p) for i, p in enumerate(model.parameters())]
        return Module.named_parameters(model)
    holder = Module()
    if isinstance(model, Mapping):
        holder.__dict__.update({str(key): item for key, item in model.items()})
        return holder.named_parameters()
    if isinstance(model, (list, tuple)) or hasattr(model, "__iter__"):
        if isinstance(model, (str, bytes)):
            return None
        entries = list(model)
        if any(not isinstance(p, Value) and not hasattr(p, "__len__") for p in entries):
            odd = next(i for i, p in enumerate(entries) if not isinstance(p, Value) and not hasattr(p, "__len__"))
            return [(f"parameters[{odd}]", entries[odd])]
        holder.__dict__["parameters."] = entries
        labels = {id(p): p.label for p in entries if isinstance(p, Value) and p.label}
        named = holder.named_parameters()
        return [(labels.get(id(p), name.replace("..", ".")), p) for name, p in named]
    return None


def _kind(item: Any) -> str:
    name = type(item).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def layer_of(name: str) -> str:
    """Return the layer that a parameter's name belongs to: the name up to its first number, else its first word.

    Example:
        >>> from slopewise.drawing.model_parameters import layer_of
        >>> layer_of("layers.0.neurons.3.w.1"), layer_of("hidden.neurons.0.b"), layer_of("gain")
        ('layers.0', 'hidden', 'gain')
        >>> layer_of("blocks.1.mlp.w.0.2"), layer_of("wte.5.0"), layer_of("parameters.7")
        ('blocks.1', 'wte', 'parameters')
    """
    words = name.split(".")
    if len(words) > 2 and words[1].isdigit() and not all(word.isdigit() for word in words[1:]):
        return ".".join(words[:2])
    return words[0]


def neuron_of(name: str) -> str:
    """Return the neuron that a parameter feeds: the name without `w.1` or `b`; of a matrix, without the column.

    Example:
        >>> from slopewise.drawing.model_parameters import neuron_of
        >>> neuron_of("layers.0.neurons.3.w.1"), neuron_of("layers.0.neurons.3.b"), neuron_of("wte.5.0")
        ('layers.0.neurons.3', 'layers.0.neurons.3', 'wte.5')
    """
    words = name.split(".")
    count = next((i for i, word in enumerate(reversed(words)) if not word.isdigit()), len(words))
    if count >= 2:
        return ".".join(words[:-1])
    return ".".join(words[: -1 - count]) or words[0]


def by_layer(named: Sequence[tuple[str, Value]]) -> list[tuple[str, list[Value]]]:
    """Return each layer's name and parameters, in the order in which they come first."""
    layers: dict[str, list[Value]] = {}
    for layer, items in groupby(named, key=lambda item: layer_of(item[0])):
        layers.setdefault(layer, []).extend(p for _, p in items)
    return list(layers.items())


@contextlib.contextmanager
def borrowed(parameters: Sequence[Value]) -> Iterator[None]:
    """Let the parameters be changed for a while; each gets back the very number it had, whatever happens.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.drawing.model_parameters import borrowed
        >>> a = Value(2)
        >>> with borrowed([a]):
        ...     a.data = 7.5
        >>> a.data
        2
    """
    before = [p.data for p in parameters]
    with paused():  # a watch of the user's loop is not told
        try:
            yield
        finally:
            for p, number in zip(parameters, before, strict=True):
                p.data = number
