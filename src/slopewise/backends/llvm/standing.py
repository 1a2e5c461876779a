"""Where the caller's numbers stand, seen as arrays: a kernel may read and write arrays right there, without copies.

The weights of a layer whose neurons each hold weights and a bias are a matrix whose rows are one number further apart
than they are long.
"""

import itertools
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from slopewise.backends.llvm.copies import is_run
from slopewise.backends.llvm.layout import Layout, plain
from slopewise.ir.loops.structure import Kind, Loops

__all__ = ["Standing", "inputs_standing", "layout_of", "outputs_standing"]

SMALL = 64  # elements that are compared one by one


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an array stands among the caller's numbers.

    Attributes:
        first: The place of its first element.
        layout: The places of all, from there.
    """

    first: int
    layout: Layout


def layout_of(places: Sequence[int], shape: tuple[int, ...]) -> Layout | None:
    """Return the layout in which elements stand at some places, counted from the first; None if there is none.

    Example:
        >>> layout_of([7, 8, 17, 18], (2, 2))
        Layout(shape=(2, 2), strides=(10, 1), size=4)
        >>> layout_of([7, 8, 17, 19], (2, 2)) is None
        True
    """
    counted = plain(shape)
    if not places or counted.size != len(places):
        return None
    if is_run(places):
        return counted
    strides = tuple(
        places[step] - places[0] if length > 1 else step for length, step in zip(shape, counted.strides, strict=True)
    )
    layout = Layout(shape, strides, len(places))
    if min(strides) < 1 or places[0] + sum(s * (n - 1) for s, n in zip(strides, shape, strict=True)) != places[-1]:
        return None
    return layout if _agree(places, layout) else None


def _agree(places: Sequence[int], layout: Layout) -> bool:
    """Tell whether elements stand at some places, counted from the first."""
    if len(places) < SMALL:
        return all(place == places[0] + step for place, step in zip(places, layout.places(), strict=True))
    import numpy as np

    steps = np.asarray(places, dtype=np.int64).reshape(layout.shape)
    return all((np.diff(steps, axis=axis) == stride).all() for axis, stride in enumerate(layout.strides))


def inputs_standing(loops: Loops) -> dict[str, Standing]:
    """Return where those input arrays stand whose elements are the same distance apart along each axis."""
    found = {}
    for item in loops.arrays:
        if item.kind is Kind.INPUT and len(item.inputs):
            layout = layout_of(item.inputs, item.shape)
            if layout is not None:
                found[item.name] = Standing(item.inputs[0], layout)
    return found


def outputs_standing(loops: Loops) -> dict[str, Standing]:
    """Return where those arrays stand that go out as a whole, counted in order, the first time that they do."""
    runs: dict[int, list[tuple[int, int]]] = {}
    first = 0
    for position, group in itertools.groupby(loops.output_arrays):
        end = first + sum(1 for _ in group)
        runs.setdefault(position, []).append((first, end))
        first = end
    found = {}
    for position, its_runs in runs.items():
        item, taken = loops.arrays[position], array("l")
        if item.kind is not Kind.LOCAL:
            continue
        elements: list[int] = []
        for start, stop in its_runs:
            stop = min(stop, start + item.size - len(taken))
            taken.extend(range(start, stop))
            elements.extend(loops.output_places[start:stop])
            if len(taken) == item.size:
                break
        if len(taken) == item.size and elements[0] == 0 and is_run(elements):
            layout = layout_of(taken, item.shape)
            if layout is not None:
                found[item.name] = Standing(taken[0], layout)
    return found
