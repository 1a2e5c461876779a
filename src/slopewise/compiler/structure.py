"""`Nest`: the shape of numbers inside lists, tuples, dicts, arrays and dataclasses, without the numbers."""

from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from math import prod
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

from slopewise.compiler.static import Static

__all__ = [
    "BOOL",
    "FLOAT",
    "INT",
    "INTEGER",
    "NUMBER",
    "OF_VALUE",
    "TRUTH",
    "VALUE",
    "Nest",
    "array_nest",
    "built_nest",
    "object_of",
    "tuple_nest",
]

# What a number was given as.
FLOAT, INT, BOOL, VALUE = "float", "int", "bool", "value"


class Nest(NamedTuple):
    """The shape of a nest: it can be a key, and it can be built again around other numbers.

    Attributes:
        kind: `number`; `row`, a list or tuple of numbers of one form; `array`, of numbers of one form; `list`, `tuple`,
            `deque`, `dict`, `object` and `objects`, an array, of nests; `plain`, an array without numbers; `built`,
            what a function makes of numbers; `static`.
        form: What a kind needs beside its parts: type, keys, names, shape, the static object.
        parts: The nests inside.
        n_leaves: How many numbers it holds.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> nest = flatten({"w": [1.0, 2.0], "name": "line"}).nest
        >>> nest.names("p")
        ["p['w'][0]", "p['w'][1]"]
        >>> nest.rebuild([3.0, 4.0])
        {'w': [3.0, 4.0], 'name': 'line'}
    """

    kind: str
    form: Any
    parts: "tuple[Nest, ...]"
    n_leaves: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of an array; `()` for everything else."""
        shape: tuple[int, ...] = self.form[0] if self.kind in ("array", "objects", "plain") else ()
        return shape

    def rebuild(self, leaves: Any) -> Any:
        """Return the nest around other leaves; an array is of floats when they are, else one of objects.

        Args:
            leaves: As many as `n_leaves`, in order: a sequence. An array of floats is used as it is.
        """
        if self.kind == "number":
            return _as_given(self.form, leaves[0])
        return _rebuilt(self, leaves, 0)

    def names(self, prefix: str = "") -> list[str]:
        """Name each leaf by the expression that reads it: `x[0]`, `x['w']`, `x.scale`, `x[1, 2]`."""
        return list(_named(self, prefix))

    def forms(self) -> list[str]:
        """List for each leaf what it was given as: `float`, `int`, `bool` or `value`."""
        if self.kind == "number":
            return [self.form]
        if self.kind in ("row", "array"):
            return [self.form[1]] * self.n_leaves
        if self.kind == "built":
            return [FLOAT] * self.n_leaves
        return [form for part in self.parts for form in part.forms()]

    def integers(self) -> tuple[int, ...]:
        """List the positions of the leaves that were given as ints."""
        return tuple([i for i, form in enumerate(self.forms()) if form == INT])

    def with_blocks(self, make: "Callable[[Nest, int], Nest]") -> "Nest":
        """Return this nest with other nests in the place of its blocks: its numbers, and its arrays of numbers.

        Args:
            make: Called with a block (its `shape` is `()` for a number) and the position of its first leaf.
        """
        return _with_blocks(self, make, 0)

    def truths(self) -> tuple[int, ...]:
        """List the positions of the leaves that were given as bools of an array."""
        return tuple([i for i, form in enumerate(self.forms()) if form == BOOL])

    def steps(self) -> list[str]:
        """List what leads to each part: `[0]`, `['w']`, `.scale`."""
        if self.kind == "dict":
            return [f"[{key.item if type(key) is Static else key!r}]" for key in self.form[1]]
        if self.kind == "object":
            return [f".{name}" for name in self.form[1]]
        if self.kind == "objects":
            return [_bracketed(index) for index in _indices(self.form[0])]
        cls = self.form[0] if self.kind == "row" else self.form if self.kind == "tuple" else None
        fields = getattr(cls, "_fields", None)
        count = self.n_leaves if self.kind in ("row", "built") else len(self.parts)
        return [f".{name}" for name in fields] if fields else [f"[{i}]" for i in range(count)]


NUMBER = Nest("number", FLOAT, (), 1)
INTEGER = Nest("number", INT, (), 1)
TRUTH = Nest("number", BOOL, (), 1)
OF_VALUE = Nest("number", VALUE, (), 1)


def array_nest(shape: tuple[int, ...]) -> Nest:
    """Return the nest of a float64 array of that shape."""
    return Nest("array", (tuple(shape), FLOAT), (), prod(shape))


def tuple_nest(parts: Iterable[Nest], cls: type = tuple) -> Nest:
    """Return the nest of a tuple of other nests, or of a list with `cls=list`."""
    parts = tuple(parts)
    return Nest("list" if issubclass(cls, list) else "tuple", cls, parts, sum([part.n_leaves for part in parts]))


def built_nest(make: Callable[[Any], Any], n_leaves: int) -> Nest:
    """Return the nest of whatever a function makes of some numbers: a sparse matrix of its entries, for example."""
    return Nest("built", make, (), n_leaves)


# ---------------------------------------------------------------------- putting together


def _rebuilt(nest: Nest, leaves: Any, start: int) -> Any:
    kind, form, parts, n_leaves = nest
    if kind == "number":
        return _as_given(form, leaves[start])
    if kind == "row":
        cls, leaf_form = form
        row = list(map(float, taken) if hasattr(taken := leaves[start : start + n_leaves], "dtype") else taken)
        if leaf_form in (INT, BOOL):
            row = [_as_given(leaf_form, x) for x in row]
        return row if cls is list else _filled(cls, row)
    if kind == "array":
        return _array_of(form[0], leaves[start : start + n_leaves])
    if kind == "static":
        return form.given()
    if kind == "built":
        return form(leaves[start : start + n_leaves])
    if kind == "plain":
        import numpy as np

        shape, dtype, content = form
        return np.frombuffer(content, dtype=dtype).reshape(shape).copy()
    items = []
    for part in parts:
        items.append(_rebuilt(part, leaves, start))
        start += part.n_leaves
    if kind == "objects":
        return _array_of(form[0], items)
    if kind == "dict":
        return _dict_of(form, items)
    if kind == "object":
        return object_of(form, items)
    if kind == "deque":
        return deque(items, form)
    return items if form is list else _filled(form, items)


def _as_given(form: str, leaf: Any) -> Any:
    """Return a computed number as the int or the bool that the function returned; other leaves are left as they are."""
    if isinstance(leaf, float) or hasattr(leaf, "dtype"):
        leaf = float(leaf)  # numpy's own come out as Python's
        if form == BOOL:
            return leaf != 0.0
        if form == INT and leaf.is_integer():
            return int(leaf)
    return leaf


def _filled(cls: Any, items: list[Any]) -> Any:
    """Return a list or a tuple of any type, without a call of its `__init__`."""
    if issubclass(cls, list):
        made = list.__new__(cls)
        list.extend(made, items)
        return made
    return tuple.__new__(cls, items)


def _array_of(shape: tuple[int, ...], leaves: Any) -> Any:
    import numpy as np

    if isinstance(leaves, np.ndarray) and leaves.dtype.char in "df":  # nobody else's: it stands as it is
        return leaves.reshape(shape)
    if isinstance(leaves, array):
        return np.frombuffer(leaves, dtype=np.float64).reshape(shape).copy()
    if all(issubclass(cls, float) for cls in set(map(type, leaves))):
        return np.array(leaves, dtype=np.float64).reshape(shape)
    out = np.empty(len(leaves), dtype=object)
    for i, leaf in enumerate(leaves):
        out[i] = leaf
    return out.reshape(shape)


def _dict_of(form: Any, items: list[Any]) -> Any:
    cls, keys, factory = form
    pairs = dict(zip([key.item if type(key) is Static else key for key in keys], items, strict=True))
    if cls is dict:
        return pairs
    if cls is MappingProxyType:
        return MappingProxyType(pairs)
    made = cls.__new__(cls)
    if isinstance(made, OrderedDict):
        OrderedDict.update(made, pairs)
    else:
        dict.update(made, pairs)
    if factory is not None:
        made.default_factory = factory
    return made


def object_of(form: Any, items: list[Any]) -> Any:
    """Return an object of a class with some fields, without a call of its `__init__`: form is `(class, names)`."""
    cls, names = form
    made = cls() if cls is SimpleNamespace else object.__new__(cls)
    for name, item in zip(names, items, strict=True):
        object.__setattr__(made, name, item)
    return made


def _with_blocks(nest: Nest, make: Callable[[Nest, int], Nest], start: int) -> Nest:
    if nest.kind in ("number", "array"):
        return make(nest, start)
    if nest.kind == "row":
        cls, form = nest.form
        leaf = Nest("number", form, (), 1)
        return tuple_nest([make(leaf, start + i) for i in range(nest.n_leaves)], cls)
    parts = []
    for part in nest.parts:
        parts.append(_with_blocks(part, make, start))
        start += part.n_leaves
    return nest._replace(parts=tuple(parts), n_leaves=sum([part.n_leaves for part in parts]))


# ---------------------------------------------------------------------- naming


def _named(nest: Nest, prefix: str) -> Iterator[str]:
    if nest.kind == "number":
        yield prefix
    elif nest.kind in ("row", "built"):
        yield from [prefix + step for step in nest.steps()]
    elif nest.kind == "array":
        yield from (prefix + _bracketed(index) for index in _indices(nest.form[0]))
    else:
        for part, step in zip(nest.parts, nest.steps() if nest.parts else (), strict=True):
            yield from _named(part, prefix + step)


def _bracketed(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _indices(shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    return product(*map(range, shape))
