"""What goes into a net: sizes, and the inputs of one sample, checked."""

import operator
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError, ShapeError


def as_count(given: Any, name: str) -> int:
    """Return a size as an int.

    Raises:
        NumberError: It is no integer.
        DomainError: It is negative.
    """
    try:
        count = operator.index(given)
    except TypeError:
        raise NumberError(f"{name} must be a whole number, got {given!r}") from None
    if count < 0:
        raise DomainError(f"{name} must be 0 or more, got {count}")
    return count


def as_sizes(nin: Any, nouts: Any) -> list[int]:
    """Return the sizes of a net's layers, its inputs first.

    Raises:
        NumberError: `nouts` is no list, or a size is no integer.
    """
    if isinstance(nouts, str) or not isinstance(nouts, Iterable):
        shown = f"MLP({nin!r}, [{nouts!r}])"
        raise NumberError(
            f"nouts must be a list with the size of each layer, got {nouts!r}\nfor one layer, write {shown}"
        )
    return [as_count(nin, "nin"), *(as_count(n, f"nouts[{i}]") for i, n in enumerate(nouts))]


def as_inputs(x: Any) -> Sequence[Any]:
    """Return one sample as a list or tuple; a bare number or Value is a sample of one.

    Rows of float64 and int64 arrays become Python numbers, which the engine takes fastest. Other arrays keep their
    elements: arithmetic on those follows their own type, as everywhere.

    Raises:
        NumberError: The input is None, as of a function that forgot to return something.
    """
    if isinstance(x, (list, tuple)):
        return x
    if isinstance(x, Value):
        return [x]
    shape = getattr(x, "shape", None)
    if shape == ():
        return [x]
    if shape is not None and len(shape) == 1 and getattr(getattr(x, "dtype", None), "char", "") in ("d", "l", "q", "O"):
        row: list[Any] = x.tolist()
        return row
    if x is None:
        raise NumberError(
            "the input of a net is None, a list of numbers and Values is needed\ngive one number per input"
        )
    try:
        return list(x)
    except TypeError:
        return [x]


def check_inputs(neuron: Any, count: int, inputs: Sequence[Any], x: Any) -> NoReturn:
    """Raise for a sample of the wrong length.

    Raises:
        ShapeError: Always.
    """
    given = len(inputs)
    shape = getattr(x, "shape", ())
    if len(shape) > 1:
        cure = f"that is an array of shape {tuple(shape)}: give one row at a time, as in [net(row) for row in X]"
    else:
        cure = f"give one number per weight, or build the net for {_counted(given, 'input')}"
    raise ShapeError(f"{neuron!r} takes {_counted(count, 'input')}, got {given}\n{cure}")


def explain_input(neuron: Any, inputs: Sequence[Any], error: TypeError) -> None:
    """Raise for the first input that is no number; return when all could be numbers.

    Raises:
        NumberError: An input is a list, a string, None or the like.
    """
    for i, item in enumerate(inputs):
        if item is None or isinstance(item, (str, bytes, list, tuple, dict, set)):
            cure = (
                "give one sample at a time, as in [net(row) for row in rows]"
                if isinstance(item, (list, tuple))
                else "convert it first, for example float(x)"
            )
            raise NumberError(f"input {i} of {neuron!r} is {item!r}, a number or Value is needed\n{cure}") from error


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
