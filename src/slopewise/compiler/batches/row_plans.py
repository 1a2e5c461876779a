"""Calls of `batched` that need no thinking: arrays of the same shapes as before, for which a kernel is known."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler.batches.row_kernels import RowKernel
from slopewise.compiler.compiled import Compiled
from slopewise.compiler.paths import Path
from slopewise.compiler.structure import FLOAT, VALUE, Nest

__all__ = ["Plan", "quick_arrays"]

Matrix = npt.NDArray[np.floating[Any]]
MOST_SPARE = 4

_array, _float64 = np.ndarray, np.dtype("d")
ascontiguousarray, float32, float64 = np.ascontiguousarray, np.float32, np.float64


def quick_arrays(items: Sequence[Any], found: list[Any], *, truths: bool = False) -> tuple[Any, ...] | None:
    """Take arrays, numbers and lists of floats or of ints out of lists, tuples and dicts.

    Args:
        items: The arguments.
        found: Where they go, in order.
        truths: Whether arrays of bools are taken, those of one axis left out: a row of theirs is a bool alone.

    Returns:
        What all arguments with the same form share, a key; None where there is anything else in them.
    """
    key: list[Any] = []
    for item in items:
        kind = type(item)
        if kind is _array:
            key.append(item.shape)
            if item.dtype is not _float64:
                if item.dtype.kind not in "iuf" and not (truths and item.dtype.kind == "b" and item.ndim > 1):
                    return None
                key.append(item.dtype.str)
            found.append(item)
        elif kind is float or kind is float64:
            key.append(float)
            found.append(item)
        elif kind is int:
            key.append(int)
            found.append(item)
        elif (kind is list or kind is tuple) and item and type(item[0]) is float and set(map(type, item)) == {float}:
            key.append(kind)
            key.append(len(item))
            found.append(item)
        elif (kind is list or kind is tuple) and item and type(item[0]) is int and set(map(type, item)) == {int}:
            key += kind, int, len(item)
            found.append(item)
        elif kind is list or kind is tuple:
            inner = quick_arrays(item, found, truths=truths)
            if inner is None:
                return None
            key.append(kind)
            key.append(inner)
        elif kind is dict:
            inner = quick_arrays(tuple(item.values()), found, truths=truths)
            if inner is None:
                return None
            key.append(tuple(item))
            key.append(inner)
        else:
            return None
    return tuple(key)


class Plan:
    """What answers calls of one form.

    Args:
        row: The function of one row.
        path: The path that all rows took.
        kernel: What ran them.
        arrays: The shapes of a call's arrays and floats, each with whether all rows share it.
        lifted: The constants that are inputs behind what is shared.
        outcomes: The outcomes of the guards that are asked for.
        nest: The form of the result, around the kernel's first outputs.
        is_single: Whether the results are floats of 32 bits.
    """

    def __init__(
        self,
        row: Compiled,
        path: Path,
        kernel: RowKernel,
        arrays: Sequence[tuple[tuple[int, ...], bool]],
        lifted: Sequence[float],
        outcomes: Sequence[float],
        nest: Nest,
        is_single: bool,
    ) -> None:
        self.row, self.path, self.kernel = row, path, kernel
        self.known = row.known_entries
        self.arrays = arrays
        self.lifted = lifted
        self.n_captured = len(path.captured)
        self.expected = np.array(outcomes)
        self.n_guards = kernel.count * len(outcomes)
        self.build = _builder(nest, 0)
        self.is_changed = is_single and kernel.number is not float32
        begins = self._begins_apart()
        self.is_possible = len(begins) == len(kernel.apart)
        self.order = sorted(range(len(begins)), key=begins.__getitem__)  # shared arrays come first, in the kernel
        self.is_in_order = begins == sorted(begins)
        self.spare: list[tuple[Any, ...]] = []

    @property
    def is_valid(self) -> bool:
        """Whether the function was not traced anew since."""
        return self.known is self.row.known_entries

    def run(self, found: Sequence[Any]) -> Any:
        """Return the result of a call, or `None` where it cannot answer: rows take another path.

        Args:
            found: The arrays and floats of the call, in order.
        """
        kernel = self.kernel
        try:
            room = self.spare.pop()
        except IndexError:
            room = self._room()
        place, views, beside = room
        apart = []
        try:
            for view, item in zip(views, found, strict=True):
                if type(view) is not _array:
                    apart.append(ascontiguousarray(item, view))
                else:
                    view[...] = item
        except OverflowError:  # an int past all floats: who takes the call apart says so
            return None
        if beside is not None:
            beside[:] = self.path.reader.read({})
        outputs = kernel.call(place, apart if self.is_in_order else [apart[number] for number in self.order])
        if len(self.spare) < MOST_SPARE:
            self.spare.append(room)
        if self.n_guards:
            outcomes = outputs[len(outputs) - self.n_guards :].reshape(kernel.count, -1)
            if not (outcomes == self.expected).all():
                return None
        self.path.calls += 1
        return self.build(outputs.astype(float32) if self.is_changed else outputs)

    def _begins_apart(self) -> list[int]:
        """Return the first input of each array that is read where the caller has it, as the arrays come."""
        begins, alike, at = [], 0, self.kernel.n_shared
        for shape, is_shared in self.arrays:
            begin, size = alike if is_shared else at, prod(shape)
            if (begin, begin + size) in self.kernel.apart:
                begins.append(begin)
            alike, at = (alike + size, at) if is_shared else (alike, at + size)
        return begins

    def _room(self) -> tuple[Any, list[Any], Matrix | None]:
        """Return memory for a call: the kernel's; of each array its part there, or what type it has where it is read.

        The last is the part of what is captured.
        """
        kernel = self.kernel
        place = kernel.room()
        inputs = place[0]
        views: list[Any] = []
        alike, at = 0, kernel.n_shared
        for shape, is_shared in self.arrays:
            size = prod(shape)
            begin = alike if is_shared else at
            number = kernel.apart.get((begin, begin + size))
            views.append(inputs[begin : begin + size].reshape(shape) if number is None else number)
            alike, at = (alike + size, at) if is_shared else (alike, at + size)
        end = alike + self.n_captured
        inputs[end : kernel.n_shared] = self.lifted
        return place, views, inputs[alike:end] if self.n_captured else None


def _builder(nest: Nest, start: int) -> Callable[[Matrix], Any]:
    """Return what builds a nest around numbers from some place on."""
    kind, form, parts, n_leaves = nest
    stop = start + n_leaves
    if kind == "number" and form in (FLOAT, VALUE):
        return lambda leaves: leaves.item(start)
    if kind == "array":
        shape = form[0]
        return lambda leaves: leaves[start:stop].reshape(shape)
    if kind == "row" and form[0] in (list, tuple) and form[1] in (FLOAT, VALUE):
        cls = form[0]
        return lambda leaves: cls(leaves[start:stop].tolist())
    if kind in ("list", "tuple") and form in (list, tuple):
        made = []
        for part in parts:
            made.append(_builder(part, start))
            start += part.n_leaves
        if form is list:
            return lambda leaves: [build(leaves) for build in made]
        if len(made) == 2:
            first, second = made
            return lambda leaves: (first(leaves), second(leaves))
        return lambda leaves: tuple([build(leaves) for build in made])
    return lambda leaves: nest.rebuild(leaves[start:stop])
