"""`Layout`: where the elements of an array stand in memory.

Loops count elements with the last axis running fastest. A kernel may keep an array with its axes in another order, so
that what stands in the lanes of a vector is side by side. An index map can be carried over when it is one whole number
for each axis; where it is not, the array stays as it is counted.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from slopewise.ir.loops.structure import Affine

__all__ = ["Extent", "Layout", "axes_of", "extent_of", "plain", "ranged"]

Bounds = dict[str, tuple[int, int]]
Extent = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Layout:
    """The place of each element.

    Attributes:
        shape: The lengths of the axes, as the Loops have them.
        strides: How far apart neighbours along each axis stand.
        size: How many elements there is room for.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    size: int

    @functools.cached_property
    def is_plain(self) -> bool:
        """Whether elements stand as they are counted."""
        return self.strides == _counted(self.shape)

    @property
    def innermost(self) -> int:
        """The axis along which neighbours stand side by side."""
        steps = [
            (stride, -axis)
            for axis, (stride, length) in enumerate(zip(self.strides, self.shape, strict=True))
            if length > 1
        ]
        return -min(steps)[1] if steps else len(self.shape) - 1

    def places(self) -> list[int]:
        """Return where each element stands, in the order in which they are counted.

        Example:
            >>> Layout((2, 3), (1, 2), 6).places()
            [0, 2, 4, 1, 3, 5]
        """
        found = [0]
        for length, stride in zip(self.shape, self.strides, strict=True):
            steps = range(0, length * stride, stride)
            found = [place + step for place in found for step in steps]
        return found

    def index_of(self, axes: tuple[Affine, ...]) -> Affine:
        """Return the place of the element with one coordinate for each axis."""
        offset = 0
        factors: dict[str, int] = {}
        for axis, stride in zip(axes, self.strides, strict=True):
            offset += axis.offset * stride
            for variable, factor in axis.terms:
                factors[variable] = factors.get(variable, 0) + factor * stride
        return Affine(offset, tuple((variable, factor) for variable, factor in factors.items() if factor))


@functools.cache
def _counted(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


@functools.cache
def plain(shape: tuple[int, ...]) -> Layout:
    """Return the layout in which elements stand as they are counted."""
    strides = _counted(shape)
    return Layout(shape, strides, strides[0] * shape[0])


@functools.cache
def ranged(shape: tuple[int, ...], innermost: int, multiple: int) -> Layout:
    """Return a layout with an axis innermost, the others in order, and rows that begin at multiples of a length."""
    strides = [1] * len(shape)
    step = shape[innermost]
    if step >= multiple and len(shape) > 1:
        step = -(-step // multiple) * multiple
    for axis in reversed(range(len(shape))):
        if axis != innermost:
            strides[axis] = step
            step *= shape[axis]
    return Layout(shape, tuple(strides), step)


def extent_of(values: Iterable[int], layout: Layout) -> Extent | None:
    """Return the least and the greatest place along each axis of some elements; None if one is outside the array."""
    places = []
    for element in set(values):
        rest, coordinates = element, []
        for length in reversed(layout.shape):
            rest, coordinate = divmod(rest, length)
            coordinates.append(coordinate)
        if rest:
            return None
        places.append(coordinates[::-1])
    columns = list(zip(*places, strict=True))
    return tuple((min(column), max(column)) for column in columns)


def axes_of(
    affine: Affine, shape: tuple[int, ...], bounds: Bounds, extent: Extent | None = None
) -> tuple[Affine, ...] | None:
    """Split an index into one whole number for each axis.

    Args:
        affine: The index, counted in elements.
        shape: The lengths of the axes.
        bounds: The least and the greatest value of each variable; one that is not here cannot be split.
        extent: The least and the greatest place along each axis of the elements that the index is added to.

    Returns:
        A whole number for each axis, within the axis whatever the variables are; None if there is no such split.

    Example:
        >>> axes_of(Affine(3, (("i", 4), ("j", 1))), (3, 4), {"i": (0, 1), "j": (0, 0)})
        (Affine(offset=0, terms=(('i', 1),)), Affine(offset=3, terms=(('j', 1),)))
    """
    steps = _counted(shape)
    offsets = [0] * len(shape)
    terms: list[list[tuple[str, int]]] = [[] for _ in shape]
    least = [low for low, _ in extent] if extent else [0] * len(shape)
    greatest = [high for _, high in extent] if extent else [0] * len(shape)
    for variable, factor in affine.terms:
        if variable not in bounds:
            return None
        low, high = bounds[variable]
        rest = factor
        for axis, step in enumerate(steps):
            # Towards zero, so that -1 is one step back along the last axis.
            whole = abs(rest) // step * (1 if rest > 0 else -1)
            if shape[axis] == 1:
                whole = 0
            if whole:
                terms[axis].append((variable, whole))
                least[axis] += min(whole * low, whole * high)
                greatest[axis] += max(whole * low, whole * high)
                rest -= whole * step
        if rest:
            return None
    # The offset goes where each axis stays within its length: from the last axis on, the smallest not below 0.
    rest = affine.offset
    for axis in reversed(range(1, len(shape))):
        length = shape[axis]
        coordinate = _fit(rest, length, -least[axis])
        offsets[axis] = coordinate
        rest = (rest - coordinate) // length
    offsets[0] = rest
    for axis, length in enumerate(shape):
        if offsets[axis] + least[axis] < 0 or offsets[axis] + greatest[axis] >= length:
            return None
    return tuple(Affine(offset, tuple(term)) for offset, term in zip(offsets, terms, strict=True))


def _fit(rest: int, length: int, least: int) -> int:
    """Return the smallest number from `least` on that leaves the same remainder."""
    return least + (rest - least) % length
