"""What a function of numbers is called with: nested arguments, the scalars in them, and their names."""

import inspect
import numbers
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError, NumberError, ShapeError


def is_scalar(item: Any) -> bool:
    """Tell whether an item is one number: a Value, an int, a float, a Fraction, a numpy scalar, …; not a bool."""
    if isinstance(item, Value):
        return True
    if isinstance(item, bool) or type(item).__name__ in ("bool_", "bool"):
        return False
    return isinstance(item, (numbers.Number, Decimal))


def is_array(item: Any) -> bool:
    """Tell whether an item is a numpy array, without importing numpy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(item, numpy.ndarray)


def plain(number: Any) -> Any:
    """Return Python's own number for a numpy scalar, anything else as it is."""
    return number.item() if hasattr(number, "dtype") and hasattr(number, "item") else number


def number_of(item: Any, where: str) -> float:
    """Return a real number as a float.

    Raises:
        NumberError: The item is not a number, or complex, or an array.
    """
    inner = item
    while isinstance(inner, Value):
        inner = inner.data
    if is_array(inner) and inner.size == 1:
        inner = inner.item()
        if isinstance(inner, Value):
            return number_of(inner, where)
    if not isinstance(inner, (bool, numbers.Number, Decimal)) and type(inner).__name__ not in ("bool_", "bool"):
        raise NumberError(f"{where} {_described(inner)}\n{_cure(inner)}")
    if isinstance(inner, numbers.Complex) and not isinstance(inner, numbers.Real):
        raise NumberError(
            f"{where} {inner!r}, which is complex\nslopes are of real numbers: take its .real, .imag or abs()"
        )
    try:
        return float(inner)
    except OverflowError:  # an int or a Fraction beyond the largest float
        return float("inf") if inner > 0 else float("-inf")


def _described(item: Any) -> str:
    if item is None:
        return "None, not a number"
    if isinstance(item, (list, tuple, set, dict)):
        return f"a {type(item).__name__} of {len(item)}, not one number"
    if is_array(item):
        return f"an array of shape {item.shape}, not one number"
    return f"{shortened(item)}, which is {_article(type(item).__name__)} and not a number"


def shortened(item: Any) -> str:
    """Return an item's repr, cut to 60 characters."""
    text = repr(item)
    return text if len(text) <= 60 else text[:57] + "..."


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _cure(item: Any) -> str:
    if item is None:
        return "does the function end without `return`?"
    if isinstance(item, (list, tuple)) or is_array(item):
        return "return one of them, or their sum"
    return "return an int, a float or a Value"


def scalars_of(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield name and item of every scalar in nested lists, tuples, dicts and arrays, from left to right."""
    if is_scalar(tree):
        yield (tree.label if isinstance(tree, Value) and tree.label else name), tree
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from scalars_of(item, f"{name}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for i, item in enumerate(tree):
            yield from scalars_of(item, f"{name}[{i}]")
    elif is_array(tree) and tree.dtype.kind in "iufcO":
        numpy = sys.modules["numpy"]
        for index in numpy.ndindex(tree.shape):
            yield from scalars_of(plain(tree[index]), f"{name}[{', '.join(map(str, index))}]" if index else name)


def rebuilt(tree: Any, scalars: Iterator[Any]) -> Any:
    """Return the same nested structure with the next scalars in the places of its own."""
    if is_scalar(tree):
        return next(scalars)
    if isinstance(tree, dict):
        return {key: rebuilt(item, scalars) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[rebuilt(item, scalars) for item in tree])
    if isinstance(tree, (list, tuple)):
        return type(tree)([rebuilt(item, scalars) for item in tree])
    if is_array(tree) and tree.dtype.kind in "iufcO":
        numpy = sys.modules["numpy"]
        items = [rebuilt(plain(tree[index]), scalars) for index in numpy.ndindex(tree.shape)]
        if tree.dtype.kind == "f" and all(isinstance(item, float) for item in items):
            return numpy.array(items, dtype=float).reshape(tree.shape)
        out = numpy.empty(tree.size, dtype=object)
        out[:] = items
        return out.reshape(tree.shape)
    return tree


def parameters_of(f: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return what a function can be given by position, or None when Python cannot tell."""
    try:
        every = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return None
    return [p for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)]


def takes(f: Callable[..., Any], count: int) -> bool | None:
    """Tell whether a function can be called with `count` arguments; None when Python cannot tell."""
    parameters = parameters_of(f)
    if parameters is None:
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return count >= sum(p.kind is not p.VAR_POSITIONAL and p.default is p.empty for p in parameters)
    return sum(p.default is p.empty for p in parameters) <= count <= len(parameters)


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names under which a function receives its first `count` arguments."""
    names: list[str] = []
    for p in parameters_of(f) or []:
        if p.kind is p.VAR_POSITIONAL:
            names += [f"{p.name}[{i}]" for i in range(count - len(names))]
        else:
            names.append(p.name)
    if not names and count == 1:
        return ["x"]
    names += [f"x{i + 1}" for i in range(len(names), count)]
    return names[:count]


def name_of(f: Callable[..., Any]) -> str:
    """Return how a function is called in messages."""
    name = getattr(f, "__name__", None)
    if name is None:
        return type(f).__name__
    return "f" if name == "<lambda>" else str(name)


def signature_of(f: Callable[..., Any]) -> str:
    """Return `name(x, y)`."""
    parameters = parameters_of(f)
    return f"{name_of(f)}({', '.join(str(p).split(':')[0].strip() for p in parameters)})" if parameters else name_of(f)


def check_callable(f: Any, where: str) -> None:
    """Refuse what cannot be called with numbers by position.

    Raises:
        NumberError: It is no function.
        ShapeError: It needs arguments that can be given by name alone.
    """
    if callable(f):
        _check_keywords(f, where)
        return
    hint = "give the function itself, not its result: f, not f(x)" if is_scalar(f) else "give a function of numbers"
    raise NumberError(f"{where} needs a function, got {f!r}\n{hint}")


def _check_keywords(f: Callable[..., Any], where: str) -> None:
    try:
        every = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return
    needed = [p.name for p in every if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if needed:
        given = [p.name for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        names = ", ".join([*given, *needed])
        call = ", ".join([*given, *(f"{name}={name}" for name in needed)])
        raise ShapeError(
            f"{where}: {name_of(f)} takes {' and '.join(needed)} by name only, and numbers are given by position\n"
            f"wrap it: lambda {names}: {name_of(f)}({call})"
        )


def check_count(f: Callable[..., Any], count: int, where: str) -> None:
    """Refuse a number of arguments that f cannot be called with.

    Raises:
        ShapeError: f takes more or fewer.
    """
    if takes(f, count) is False:
        raise ShapeError(
            f"{where}: {count} argument{'s' * (count != 1)} given, and {signature_of(f)} takes {_wanted(f)}\n"
            f"give one for each, after the function"
        )


def spread(f: Callable[..., Any], at: Any, where: str, example: str = "(2, 3)") -> tuple[Any, ...]:
    """Return the arguments to call f with: one number, several, or one list for a function of a vector.

    Args:
        f: The function.
        at: What the user gave.
        where: Who asks, and what it calls the point, for messages.
        example: How two numbers are written there.

    Raises:
        NumberError: `at` holds something that is not a number.
        ShapeError: f takes another number of arguments.
        DomainError: `at` is empty.
    """
    if is_scalar(at):
        arguments: tuple[Any, ...] = (at,)
    elif isinstance(at, (list, tuple, dict)) or is_array(at):
        if not len(at) if not is_array(at) else not at.size:
            raise DomainError(f"{where} = {at!r} holds no number\ngive at least one")
        has_entries = not isinstance(at, dict) and (not is_array(at) or at.ndim > 0)
        several = tuple(plain(item) for item in at) if has_entries else None
        fits = several is not None and takes(f, len(several)) is not False
        arguments = several if several is not None and fits else (at,)
    else:
        raise NumberError(
            f"{where} is {_described(at)}\ngive a number, or one number per argument of the function: (2, 3)"
        )
    if takes(f, len(arguments)) is False:
        count = len(at) if hasattr(at, "__len__") else 1
        together = f", together: {example}" if count == 1 else ""
        raise ShapeError(
            f"{where} = {shortened(at)} gives {count} number{'s' * (count != 1)}, "
            f"and {signature_of(f)} takes {_wanted(f)}\ngive one number per argument{together}"
        )
    scalars = [item for _, item in scalars_of(arguments, "")]
    for item in scalars:
        number_of(item, f"{where} holds")
    if not scalars:
        raise NumberError(f"{where} = {shortened(at)} holds no number\ngive at least one")
    return arguments


def _wanted(f: Callable[..., Any]) -> str:
    parameters = parameters_of(f) or []
    least = sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return f"at least {least}"
    return str(least) if least == len(parameters) else f"{least} to {len(parameters)}"


def named_scalars(f: Callable[..., Any], arguments: Sequence[Any]) -> list[tuple[str, Any]]:
    """List name and item of every scalar in the arguments of f."""
    named = []
    for name, argument in zip(argument_names(f, len(arguments)), arguments, strict=True):
        named += list(scalars_of(argument, name))
    return named
