"""A place in an array as one formula for each axis, and back."""

from collections.abc import Sequence

from slopewise.ir.loops.extents import Extents
from slopewise.ir.loops.spelling import strides_of
from slopewise.ir.loops.structure import Affine, Range


def along_axes(affine: Affine, shape: tuple[int, ...], scope: Sequence[Range], extents: Extents) -> list[Affine] | None:
    """Split a place into a formula for each axis, each within its axis for all members; None where that is impossible.

    `joined` of what comes out is the formula again, whatever it was.

    Args:
        affine: The place, counted along all axes.
        shape: The lengths of the axes.
        scope: The loops around, outermost first.
        extents: Of the tables that the bounds of the loops are looked up in.

    Example:
        >>> from slopewise.ir.loops.structure import Index
        >>> scope = [Range("i", Index(Affine(0)), Index(Affine(9)))]
        >>> along_axes(Affine(26, (("i", 15),)), (12, 16), scope, Extents({}))
        [Affine(offset=1, terms=(('i', 1),)), Affine(offset=10, terms=(('i', -1),))]
    """
    strides = strides_of(shape)
    for is_nearest in (False, True):
        terms: list[list[tuple[str, int]]] = [[] for _ in shape]
        for variable, factor in affine.terms:
            for axis, stride in enumerate(strides):
                part = _quotient(factor, stride, is_nearest)
                factor -= part * stride
                if part:
                    terms[axis].append((variable, part))
        offsets = _offsets(affine.offset, terms, shape, strides, scope, extents)
        if offsets is not None:
            return [Affine(offset, tuple(part)) for offset, part in zip(offsets, terms, strict=True)]
    return None


def joined(parts: Sequence[Affine], shape: tuple[int, ...]) -> Affine:
    """Put a place together from its formulas along the axes; terms come in the order in which variables first occur.

    Example:
        >>> joined([Affine(1, (("i", 1),)), Affine(10, (("i", -1),))], (12, 16))
        Affine(offset=26, terms=(('i', 15),))
    """
    offset, factors = 0, dict[str, int]()
    for part, stride in zip(parts, strides_of(shape), strict=True):
        offset += part.offset * stride
        for variable, factor in part.terms:
            factors[variable] = factors.get(variable, 0) + factor * stride
    return Affine(offset, tuple((variable, factor) for variable, factor in factors.items() if factor))


def _quotient(factor: int, stride: int, is_nearest: bool) -> int:
    """Divide towards 0, or to the nearest number."""
    size = abs(factor) + (stride // 2 if is_nearest else 0)
    return size // stride if factor > 0 else -(size // stride)


def _offsets(
    offset: int,
    terms: list[list[tuple[str, int]]],
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    scope: Sequence[Range],
    extents: Extents,
) -> list[int] | None:
    """Share the offset out. Where each axis begins at its least number, these are the digits of the least place."""
    try:
        reached = [extents.of_affine(Affine(0, tuple(part)), scope) for part in terms]
    except KeyError:
        return None
    least = offset + sum(low * stride for (low, _), stride in zip(reached, strides, strict=True))
    offsets = []
    for axis, ((low, high), stride) in enumerate(zip(reached, strides, strict=True)):
        digit = least // stride
        least -= digit * stride
        if digit < 0 or digit + max(high - low, 0) >= shape[axis]:
            return None
        offsets.append(digit - low)
    return offsets
