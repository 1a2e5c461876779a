"""What surrounds a call of a compiled function: names, parameters, numbers while it is traced."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter
from typing import Any

from slopewise.basics.arguments import shortened
from slopewise.compiler.state import Substitutes
from slopewise.engine import Value
from slopewise.errors import NumberError
from slopewise.tracer import Number

__all__ = ["argument_names", "arrived", "as_parameters", "check_columns", "numbers_set"]


def as_parameters(parameters: Any) -> tuple[Value, ...] | None:
    if parameters is None:
        return None
    if isinstance(parameters, Value):
        parameters = [parameters]
    listed = getattr(parameters, "parameters", None)
    try:
        found = tuple(listed() if callable(listed) else parameters)
    except TypeError:
        raise NumberError(
            f"parameters is {shortened(parameters)}, not a list of Values\n"
            "give a model, or what model.parameters() gives"
        ) from None
    for i, value in enumerate(found):
        if not isinstance(value, Value):
            raise NumberError(
                f"parameters[{i}] is {shortened(value)}, not a Value\ngive Values, as model.parameters() does"
            )
    return found


def check_columns(columns: Sequence[Any]) -> None:
    """Refuse what a loop of calls cannot go through.

    Raises:
        NumberError: There is no column, or one is nothing to go through.
    """
    if not columns:
        raise NumberError("map() got no columns\ngive one for each argument: k.map(xs, ys)")
    for i, column in enumerate(columns):
        try:
            iter(column)
        except TypeError:
            raise NumberError(
                f"map() takes a column for each argument, with an item for each call, and column {i} is "
                f"{shortened(column)}\ngive a list or an array, of the same item for each call if need be"
            ) from None


def argument_names(f: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments by position, `*args` for any number more."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in kinds]
    rest = [f"*{p.name}" for p in parameters if p.kind is Parameter.VAR_POSITIONAL]
    return (*names, *rest)


@contextlib.contextmanager
def numbers_set(values: tuple[Value, ...], instead: Substitutes | None) -> Iterator[None]:
    """Let Values hold other numbers while a function is traced at those."""
    before = [(value, value.data) for value in values if instead is not None and id(value) in instead]
    try:
        for value, _ in before:
            value.data = instead[id(value)] if instead is not None else value.data
        yield
    finally:
        for value, number in before:
            value.data = number


def arrived(leaf: Any) -> Any:
    """Return a leaf of a call inside a trace as it arrives: a number as a Value, an int as it is."""
    if isinstance(leaf, Value) or type(leaf) is int or (isinstance(leaf, Number) and type(leaf._number) is int):
        return leaf
    return Value(leaf)
