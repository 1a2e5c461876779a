"""`Module`: what has parameters, by name, and can be saved."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from slopewise.engine import Value
from slopewise.errors import CheckpointError
from slopewise.nn import checkpoint


class Unmatched(NamedTuple):
    """The names that a load could not match: wanted but not given, and given but not wanted."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Anything with parameters: subclass it for a net of your own.

    The parameters are found by themselves: every leaf Value and every Module among the attributes, in lists, tuples,
    dicts and object arrays too, in the order in which they were put there, each once. A Value that was computed from
    others is a result and no parameter. Override `parameters()` to choose for yourself; names, saving and loading then
    follow your choice.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.nn import Module, Neuron
        >>> class Scaled(Module):
        ...     def __init__(self):
        ...         self.neuron = Neuron(1, nonlin=False, init=2.0)
        ...         self.gain = Value(10.0)
        ...     def __call__(self, x):
        ...         return self.gain * self.neuron(x)
        >>> net = Scaled()
        >>> net(3.0).data, net.state_dict()
        (60.0, {'neuron.w.0': 2.0, 'neuron.b': 0, 'gain': 10.0})
    """

    def parameters(self) -> list[Any]:
        """Return the parameters, in order.

        Example:
            >>> from slopewise.nn import Neuron
            >>> Neuron(2, init=0.5).parameters()
            [Value(data=0.5, grad=0), Value(data=0.5, grad=0), Value(data=0, grad=0)]
        """
        return [p for _, p in _walk(self, "", set())]

    def named_parameters(self) -> list[tuple[str, Any]]:
        """Return name and Value of each parameter, in the order of `parameters()`.

        A name is the way to the Value: `layers.0.neurons.3.w.1` is `net.layers[0].neurons[3].w[1]`. A Value that
        `parameters()` gives and no attribute holds is called `parameters.3`, after its place.

        Example:
            >>> from slopewise.nn import Neuron
            >>> [name for name, _ in Neuron(2).named_parameters()]
            ['w.0', 'w.1', 'b']
        """
        names: dict[int, str] = {}
        for name, p in _walk(self, "", set(), everything=True):
            names.setdefault(id(p), name)
        unique = {id(p): p for p in self.parameters()}
        return [(names.get(key, f"parameters.{place}"), p) for place, (key, p) in enumerate(unique.items())]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as before each new backward pass.

        Example:
            >>> from slopewise.nn import Neuron
            >>> n = Neuron(1, init=1.0)
            >>> n(2.0).backward()
            >>> n.zero_grad()
            >>> n.w[0].grad
            0
        """
        for p in self.parameters():
            p.grad = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the number of each parameter under its name; ints stay ints.

        Raises:
            CheckpointError: Two parameters have one name.

        Example:
            >>> from slopewise.nn import Neuron
            >>> Neuron(2, init=0.5).state_dict()
            {'w.0': 0.5, 'w.1': 0.5, 'b': 0}
        """
        return {name: p.data for name, p in self._by_name().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Unmatched:
        """Put the numbers of a `state_dict` into the parameters of the same names; if any does not fit, into none.

        Args:
            state: A number for each name. A list or array stands for the numbers in it: `{"w": [1, 2]}` is
                `{"w.0": 1, "w.1": 2}`.
            strict: Whether the names must be exactly those of this module. Otherwise those in common are loaded.

        Returns:
            The names that were missing and those that were not expected; empty lists when strict.

        Raises:
            CheckpointError: A name is missing or unknown, a shape differs, or an entry is no number.

        Example:
            >>> from slopewise.nn import Neuron
            >>> n = Neuron(2)
            >>> n.load_state_dict({"w.0": 1.0, "w.1": -1.0, "b": 0.5})
            Unmatched(missing_keys=[], unexpected_keys=[])
            >>> n([3.0, 2.0]).data
            1.5
        """
        return self._put(state, strict, "the state given")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to a safetensors file, as float64; ints come back as ints.

        A list of Values becomes one tensor: `layers.0.neurons.3.w` with the shape `[16]`. The file appears whole or
        not at all, also when the disk is full or the program is stopped.

        Args:
            path: The file to write. Its folder must exist; a file that is there is replaced.

        Raises:
            CheckpointError: A parameter holds something that is not an int or a float.
            FileNotFoundError: The folder does not exist.

        Example:
            >>> import os, tempfile
            >>> from slopewise.nn import MLP
            >>> path = os.path.join(tempfile.mkdtemp(), "net.safetensors")
            >>> MLP(2, [3, 1], rng=1).save(path)
            >>> net = MLP(2, [3, 1]).load(path)
            >>> net.state_dict() == MLP(2, [3, 1], rng=1).state_dict()
            True
        """
        checkpoint.write(Path(path), self.state_dict(), type(self).__name__)

    def load(self, path: str | os.PathLike[str], strict: bool = True) -> Self:
        """Read the parameters from a file that `save` wrote; if anything is wrong with it, nothing changes.

        Args:
            path: The file.
            strict: As for `load_state_dict`.

        Returns:
            This module.

        Raises:
            CheckpointError: The file is damaged or no safetensors file, or its names or shapes do not fit.
            FileNotFoundError: There is no such file.

        Example:
            >>> import os, tempfile
            >>> from slopewise.nn import Neuron
            >>> path = os.path.join(tempfile.mkdtemp(), "neuron.safetensors")
            >>> Neuron(2, init=0.5).save(path)
            >>> Neuron(2).load(path).state_dict()
            {'w.0': 0.5, 'w.1': 0.5, 'b': 0}
        """
        self._put(checkpoint.read(Path(path)), strict, str(path))
        return self

    def _by_name(self) -> dict[str, Any]:
        named: dict[str, Any] = {}
        for name, p in self.named_parameters():
            if name in named:
                raise CheckpointError(
                    f"two parameters of {type(self).__name__} are called {name!r}\n"
                    f"a key with a dot in it can look like a way through two dicts: rename one of them"
                )
            named[name] = p
        return named

    def _put(self, state: Mapping[str, Any], strict: bool, source: str) -> Unmatched:
        named = self._by_name()
        numbers = checkpoint.flattened(state, source)
        missing = [name for name in named if name not in numbers]
        unexpected = [name for name in numbers if name not in named]
        if strict and (missing or unexpected):
            raise checkpoint.misfit(list(named), list(numbers), type(self).__name__, source)
        for name, number in numbers.items():
            if name in named:
                named[name].data = number
        return Unmatched(missing, unexpected)


def _walk(item: Any, name: str, seen: set[int], everything: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield name and Value of each leaf below an object's attributes, each once.

    A module below the first whose `parameters()` is its own gives what that returns; with `everything`, all it holds.
    """
    if id(item) in seen:
        return
    if isinstance(item, Value):
        if everything or not item._prev:
            seen.add(id(item))
            yield name, item
        return
    if _is_module(item):
        seen.add(id(item))
        if name and not everything and type(item).parameters is not Module.parameters:
            yield from _chosen(item, name, seen)
        else:
            yield from _walk_parts(vars(item).items() if hasattr(item, "__dict__") else (), name, seen, everything)
        return
    parts = _parts_of(item)
    if parts is not None:
        seen.add(id(item))  # while inside, so that a list that holds itself ends
        yield from _walk_parts(parts, name, seen, everything)
        seen.discard(id(item))


def _walk_parts(
    parts: Iterable[tuple[Any, Any]], name: str, seen: set[int], everything: bool
) -> Iterator[tuple[str, Any]]:
    for key, part in list(parts):
        yield from _walk(part, f"{name}.{key}" if name else str(key), seen, everything)


def _chosen(module: Any, name: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield what a module's own `parameters()` returns, under the names of the attributes that hold it."""
    names: dict[int, str] = {}
    for inner, p in _walk(module, name, set(), everything=True):
        names.setdefault(id(p), inner)
    for place, p in enumerate(module.parameters()):
        if id(p) not in seen:
            seen.add(id(p))
            yield names.get(id(p), f"{name}.parameters.{place}"), p


def _parts_of(item: Any) -> Iterable[tuple[Any, Any]] | None:
    if isinstance(item, Mapping):
        return item.items()
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    if _is_object_array(item):
        return enumerate(item.tolist())
    return None


def _is_module(item: Any) -> bool:
    """Tell whether an object has parameters of its own: a Module, or a class of the user's with the same method."""
    return not isinstance(item, type) and callable(getattr(type(item), "parameters", None))


def _is_object_array(item: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(item, numpy.ndarray) and item.dtype.hasobject
