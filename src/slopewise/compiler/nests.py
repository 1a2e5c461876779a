"""Nests: numbers inside lists, tuples, dicts, arrays and dataclasses, taken out of them.

A compiled function is called with a nest and gives a nest. `flatten` takes the numbers out, in order; what is left is
the `Nest`: the shape of the whole, with everything in it that is no number. Calls of equal nests share what was traced,
so the nest is the key too.

Numbers are floats, ints up to 2**53, numpy's scalars, fractions, decimals, Values, and the elements of numeric arrays;
those of arrays of bools too, where that is asked for: a mask is another one at every call, a bool alone is a setting.
Everything else is *static*: None, bools, texts, functions, nets. What is static belongs to the key, by `==` where it
can be hashed and by identity where it cannot. Dataclasses, attrs classes and `SimpleNamespace` are nests of what they
hold; an object of any other class is static, and the Values in it are read at each call.
"""

import re
from array import array
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from slopewise.compiler.static import Static
from slopewise.compiler.structure import (
    BOOL,
    FLOAT,
    INT,
    INTEGER,
    NUMBER,
    OF_VALUE,
    TRUTH,
    VALUE,
    Nest,
    array_nest,
    built_nest,
    tuple_nest,
)
from slopewise.engine import LectureValue, Value
from slopewise.engine.value import number_of
from slopewise.errors import NumberError
from slopewise.tracer.numbers import Number

if TYPE_CHECKING:
    from slopewise.compiler.calls.plans import Plan

__all__ = [
    "NUMBER",
    "Flat",
    "Nest",
    "array_nest",
    "built_nest",
    "call_names",
    "collect",
    "declared_names",
    "flatten",
    "tuple_nest",
]

_TRACED = {int: INTEGER, bool: TRUTH}
_STEPS = re.compile(r"\[0\](?:\[(?P<position>\d+)\])|\[1\](?:\['(?P<name>\w+)'\])")
LARGEST = 2**53  # ints up to here are floats without loss; beyond, they are static
DEEPEST = 100


class Flat(NamedTuple):
    """What `flatten` took apart.

    Attributes:
        nest: The shape, and key.
        numbers: The numbers, in order.
        values: Those that were given as Values, each with its position among the numbers.
        plan: How the numbers of further calls of this form are taken, where that is known.
    """

    nest: Nest
    numbers: "array[float]"
    values: list[tuple[int, Value]]
    plan: "Plan | None" = None


def flatten(
    item: Any,
    names: Sequence[str] | None = None,
    same: Mapping[int, Value] | None = None,
    title: str = "it",
    *,
    truths: bool = False,
) -> Flat:
    """Take the numbers out of a nest, as float64.

    Args:
        item: The nest.
        names: For messages: item is `(args, kwargs)` of a call, and these are the names of the arguments by position.
        same: Values that are static, by id: they are handed on as themselves.
        title: What the item is called in messages, when it is no call.
        truths: Whether arrays of bools hold numbers, 0 and 1; they are static otherwise.

    Raises:
        NumberError: It holds a complex number, an iterator, a table, or a Value of something else than a float; or it
            is nested more than 100 deep, as a list is that holds itself. The message says where.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> flat = flatten(([1.0, 2], {"name": "line"}))
        >>> list(flat.numbers), flat.nest.integers(), flat.nest.names("f")
        ([1.0, 2.0], (1,), ['f[0][0]', 'f[0][1]'])
    """
    taken = _Numbers(same, truths)
    try:
        nest = _part(item, taken, 0)
    except _RefusedError as refusal:
        raise _explained(item, refusal, names, title) from None
    return Flat(nest, taken.numbers, taken.values)


def collect(item: Any, title: str = "it") -> tuple[Nest, list[Any]]:
    """Take the leaves out of a nest as they are: Values, traced numbers, floats, ints.

    Args:
        item: The nest.
        title: What it is called in messages.

    Raises:
        NumberError: As `flatten` does.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.compiler.nests import collect
        >>> nest, leaves = collect([Value(1.0), 2])
        >>> leaves, nest.rebuild([3.0, 4.0])
        ([Value(data=1.0, grad=0), 2], [3.0, 4])
    """
    taken = _Leaves()
    try:
        nest = _part(item, taken, 0)
    except _RefusedError as refusal:
        raise _explained(item, refusal, None, title) from None
    return nest, taken.leaves


# ---------------------------------------------------------------------- where the leaves go


class _Numbers:
    """Takes leaves as float64, and notes which were Values."""

    __slots__ = ("numbers", "same", "truths", "values")

    def __init__(self, same: Mapping[int, Value] | None = None, truths: bool = False) -> None:
        self.same = same
        self.truths = truths
        self.numbers: array[float] = array("d")
        self.values: list[tuple[int, Value]] = []

    def one(self, x: Any) -> None:
        self.numbers.append(x)

    def value(self, v: Any) -> None:
        if isinstance(v, Number):
            raise _RefusedError("is a number of a trace that is over", "let the traced function return it")
        x = _float_of(v)
        self.values.append((len(self.numbers), v))
        self.numbers.append(x)

    def row(self, xs: Any) -> None:
        self.numbers.extend(xs)

    def row_of_values(self, vs: Any) -> None:
        xs = [number_of(v) for v in vs]
        if not set(map(type, xs)) <= {float, int}:
            xs = [_float_of(v) for v in vs]
        self.values += enumerate(vs, len(self.numbers))
        self.numbers.extend(xs)

    def block(self, x: Any) -> None:
        import numpy as np

        self.numbers.frombytes(np.ascontiguousarray(x, dtype=np.float64).tobytes())


class _Leaves:
    """Takes leaves as they are."""

    __slots__ = ("leaves",)
    same: None = None
    truths = False

    def __init__(self) -> None:
        self.leaves: list[Any] = []

    def one(self, x: Any) -> None:
        self.leaves.append(x)

    def row(self, xs: Any) -> None:
        self.leaves.extend(xs)

    value = one
    row_of_values = row

    def block(self, x: Any) -> None:
        self.leaves.extend(x.ravel().tolist())


class _RefusedError(Exception):
    """What is wrong with a part of a nest, and the cure."""

    def __init__(self, what: str, cure: str) -> None:
        self.what = what
        self.cure = cure


# ---------------------------------------------------------------------- taking apart


def _part(item: Any, taken: Any, depth: int) -> Nest:
    cls = type(item)
    if cls is float:
        taken.one(item)
        return NUMBER
    if cls is Value or cls is LectureValue:
        if taken.same and id(item) in taken.same:
            return _static(item)
        taken.value(item)
        return OF_VALUE
    if cls is int:
        if not -LARGEST <= item <= LARGEST:
            return _static(item)
        taken.one(item)
        return INTEGER
    if cls is list or cls is tuple:
        return _sequence(item, cls, taken, depth)
    if cls is dict:
        return _mapping(item, taken, depth)
    if item is None or cls is str or cls is bool:
        return _static(item)
    return _other(item, taken, depth)


def _parts(items: Iterable[Any], taken: Any, depth: int) -> tuple[Nest, ...]:
    if depth >= DEEPEST:
        raise _RefusedError(
            f"is nested more than {DEEPEST} deep", "if a list holds itself, give its numbers in a new list"
        )
    depth += 1
    return tuple([_part(item, taken, depth) for item in items])


def _sequence(item: Any, cls: type, taken: Any, depth: int) -> Nest:
    types = set(map(type, item))
    if len(types) == 1:
        (only,) = types
        form = None
        if only is float:
            form = FLOAT
        elif (only is Value or only is LectureValue) and not taken.same:
            taken.row_of_values(item)
            return Nest("row", (cls, VALUE), (), len(item))
        elif only is int and max(max(item), -min(item)) <= LARGEST:
            form = INT
        elif issubclass(only, float):
            item, form = list(map(float, item)), FLOAT
        if form is not None:
            taken.row(item)
            return Nest("row", (cls, form), (), len(item))
    return tuple_nest(_parts(item, taken, depth), cls)


def _mapping(item: Any, taken: Any, depth: int) -> Nest:
    keys = tuple([key if type(key) is str else Static(_answered(key)) for key in item])
    parts = _parts(item.values(), taken, depth)
    factory = getattr(item, "default_factory", None) if isinstance(item, dict) else None
    return Nest("dict", (type(item), keys, factory), parts, sum([part.n_leaves for part in parts]))


def _answered(key: Any) -> Any:
    """Return the key of a dict, or what a set holds, as a plain number: that it is this number is a guard."""
    if isinstance(key, Number):
        hash(key)
        return key._number
    return tuple([_answered(part) for part in key]) if type(key) is tuple else key


def _other(item: Any, taken: Any, depth: int) -> Nest:
    """Take apart what is none of the commonest types."""
    if isinstance(item, Value):
        if taken.same and id(item) in taken.same:
            return _static(item)
        taken.value(item)
        return OF_VALUE
    if isinstance(item, Number):
        taken.value(item)
        return _TRACED.get(type(item._number), OF_VALUE)  # an int or a truth comes back as one
    if isinstance(item, (float, Fraction, Decimal)):
        taken.one(float(item))
        return NUMBER
    if isinstance(item, type):
        return _static(item)
    if isinstance(item, (list, tuple)):
        return _sequence(item, type(item), taken, depth)
    if isinstance(item, (dict, MappingProxyType)):
        return _mapping(item, taken, depth)
    names = _field_names(item)
    if names is not None:
        parts = _parts([getattr(item, name) for name in names], taken, depth)
        return Nest("object", (type(item), names), parts, sum([part.n_leaves for part in parts]))
    if isinstance(item, deque):
        parts = _parts(item, taken, depth)
        return Nest("deque", item.maxlen, parts, sum([part.n_leaves for part in parts]))
    if isinstance(item, array) and item.typecode not in "uw":
        taken.row(item.tolist())
        return Nest("row", (list, FLOAT if item.typecode in "fd" else INT), (), len(item))
    if hasattr(item, "__array__"):
        return _array(item, taken, depth)
    if isinstance(item, (set, frozenset)):
        if any(isinstance(part, (Number, tuple)) for part in item):
            item = type(item)([_answered(part) for part in item])
        return _static(item, frozenset(item) if isinstance(item, set) else None)
    if isinstance(item, bytearray):
        return _static(item, bytes(item))
    if isinstance(item, complex):
        raise _RefusedError(f"is the complex number {item!r}", "give its real and its imaginary part as two numbers")
    if hasattr(item, "__next__"):
        cure = "give a list: list(…) makes one of it"
        raise _RefusedError(f"is {_with_article(type(item).__name__)}, which can be read only once", cure)
    return _static(item)


def _array(item: Any, taken: Any, depth: int) -> Nest:
    """Take apart an array or scalar of numpy's, or what turns into one."""
    import numpy as np

    if hasattr(item, "iloc"):
        what = _with_article(type(item).__name__)
        raise _RefusedError(
            f"is {what} with labels of its own", "give its numbers, .to_numpy(), or a dict of its columns"
        )
    x = np.asarray(item)
    kind = x.dtype.kind
    if kind == "c":
        raise _RefusedError(
            f"holds complex numbers ({x.dtype})", "give the real and the imaginary parts: z.real and z.imag"
        )
    if kind == "O":
        return _objects(x, taken, depth)
    if kind == "b" and taken.truths and not isinstance(item, np.generic):
        taken.block(x)
        return Nest("array", (x.shape, BOOL), (), x.size)
    if kind not in "iuf":
        return (
            _static(item) if isinstance(item, np.generic) else Nest("plain", (x.shape, x.dtype.str, x.tobytes()), (), 0)
        )
    if kind != "f" and x.size and max(int(x.max()), -int(x.min())) > LARGEST:
        raise _RefusedError("holds an integer beyond 2**53, which a float64 cannot", "give it as float64, rounded")
    if isinstance(item, np.generic):
        taken.one(item.item() if kind != "f" else float(item))
        return NUMBER if kind == "f" else INTEGER
    taken.block(x)
    return Nest("array", (x.shape, FLOAT if kind == "f" else INT), (), x.size)


def _objects(x: Any, taken: Any, depth: int) -> Nest:
    elements = x.ravel().tolist()
    if set(map(type, elements)) == {Value} and not taken.same:
        taken.row_of_values(elements)
        return Nest("array", (x.shape, VALUE), (), len(elements))
    parts = _parts(elements, taken, depth)
    if all(part.kind == "number" for part in parts):
        return Nest("array", (x.shape, FLOAT), (), len(parts))
    return Nest("objects", (x.shape,), parts, sum([part.n_leaves for part in parts]))


def _field_names(item: Any) -> tuple[str, ...] | None:
    """Return what a dataclass, an attrs class or a namespace holds; None for an object of any other class."""
    cls = type(item)
    if cls is SimpleNamespace:
        return tuple(vars(item))
    declared = declared_names(cls)
    if declared is None:
        return None
    names = [name for name in declared if hasattr(item, name)]
    return tuple(names + [name for name in getattr(item, "__dict__", ()) if name not in names])


def declared_names(cls: Any) -> list[str] | None:
    """Return the names of the fields that a dataclass or an attrs class declares; None for any other class."""
    if hasattr(cls, "__dataclass_fields__"):
        import dataclasses

        return [field.name for field in dataclasses.fields(cls)]
    if hasattr(cls, "__attrs_attrs__"):
        return [field.name for field in cls.__attrs_attrs__]
    return None


def _static(item: Any, content: Any = None) -> Nest:
    return Nest("static", Static(item, content), (), 0)


def _float_of(v: Any) -> float:
    number = number_of(v)
    if not isinstance(number, complex) and not hasattr(number, "__len__"):
        try:
            return float(number)
        except (TypeError, ValueError, OverflowError):
            pass
    raise _RefusedError(
        f"is a Value that holds {number!r}", "what is compiled computes in float64: give a Value of a float"
    )


# ---------------------------------------------------------------------- saying where


def _explained(item: Any, refusal: _RefusedError, names: Sequence[str] | None, title: str = "it") -> NumberError:
    """Return the error of a refusal, with the way to the part that was refused."""
    steps: list[str] = []
    while len(steps) <= DEEPEST:
        for step, part in _children(item):
            try:
                _part(part, _Leaves(), len(steps) + 1)
                _part(part, _Numbers(), len(steps) + 1)
            except _RefusedError:
                steps.append(step)
                item = part
                break
        else:
            break
    return NumberError(f"{_spelled(steps, names, title)} {refusal.what}\n{refusal.cure}")


def _children(item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, (dict, MappingProxyType)):
        return [(f"[{key!r}]", part) for key, part in item.items()]
    if isinstance(item, (list, tuple, deque)):
        return [(f"[{i}]", part) for i, part in enumerate(item)]
    if not isinstance(item, type) and (names := _field_names(item)) is not None:
        return [(f".{name}", getattr(item, name)) for name in names]
    if getattr(getattr(item, "dtype", None), "hasobject", False):
        return [(f"[{i}]", part) for i, part in enumerate(item.ravel().tolist())]
    return []


def _spelled(steps: list[str], names: Sequence[str] | None, title: str) -> str:
    if len(steps) > 12:
        steps = [*steps[:6], "…"]
    if names is None:
        if not steps:
            return title
        return f"the part {''.join(steps)}{f' of {title}' if title != 'it' else ''}"
    if len(steps) < 2:
        return "an argument"
    return _as_argument("".join(steps), names)


def _as_argument(steps: str, names: Sequence[str]) -> str:
    """Turn the way through `(args, kwargs)` into an expression: `[0][1]['w']` into `y['w']`."""
    found = _STEPS.match(steps)
    assert found is not None
    rest = steps[found.end() :]
    if found["name"]:
        return found["name"] + rest
    position = int(found["position"])
    named = [name for name in names if not name.startswith("*")]
    if position < len(named):
        return named[position] + rest
    further = next((name[1:] for name in names if name.startswith("*")), "argument")
    return f"{further}[{position - len(named)}]{rest}"


def call_names(nest: Nest, names: Sequence[str]) -> list[str]:
    """Name the leaves of a call.

    Args:
        nest: The nest of `(args, kwargs)`.
        names: The names of the arguments by position, a last one `*rest` for any number more.
    """
    return [_as_argument(steps, names) for steps in nest.names()]


def place_name(steps: str, names: Sequence[str]) -> str:
    """Name what stands somewhere in `(args, kwargs)`: an argument or a part of one; nothing for all of them.

    Args:
        steps: The way there: `[0][1]['w']`.
        names: The names of the arguments by position.
    """
    return _as_argument(steps, names) if _STEPS.match(steps) else ""


def _with_article(name: str) -> str:
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"
