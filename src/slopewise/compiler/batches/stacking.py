"""What the rows of a batch come to, stacked or added up: in the order of the rows, in the form that all rows return."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from slopewise.compiler.batches.row_paths import Part
from slopewise.compiler.blocks import as_floats, blocks_of, with_leading_axis
from slopewise.compiler.structure import BOOL, Nest, built_nest
from slopewise.compiler.transformations.transformation import described
from slopewise.engine.reductions import mean
from slopewise.engine.reductions import sum as sum_of
from slopewise.errors import ShapeError
from slopewise.passes.row_blocks import MEAN, NONE

__all__ = ["as_single", "assembled", "combined", "reduced", "stacked_nest"]

Matrix = npt.NDArray[np.floating[Any]]


def assembled(parts: Sequence[Part], length: int) -> Any:
    """Put the results of all paths in the order of the rows."""
    nest = _common([(part.path.result, int(part.rows[0])) for part in parts])
    blocks = []
    for number, (_, width) in enumerate(blocks_of(nest)):
        if len(parts) == 1:
            blocks.append(parts[0].blocks[number].ravel())
            continue
        block = np.empty((length, width), parts[0].blocks[number].dtype)
        for part in parts:
            block[part.rows] = part.blocks[number]
        blocks.append(block.ravel())
    return stacked_nest(nest, length).rebuild(_Stacked(blocks))


class _Stacked:
    """The numbers of stacked results, block after block, each an array of its own."""

    def __init__(self, blocks: Sequence[Matrix]) -> None:
        starts = accumulate((len(block) for block in blocks), initial=0)
        self.blocks = {start: block for start, block in zip(starts, blocks, strict=False) if len(block)}

    def __getitem__(self, places: slice) -> Matrix:
        return self.blocks[places.start] if places.stop > places.start else np.empty(0)


def reduced(parts: Sequence[Part], length: int, reduction: str) -> Any:
    """Add the totals of all paths up."""
    nest = as_floats(_common([(part.path.result, int(part.rows[0])) for part in parts]))
    if len(parts) == 1:
        return nest.rebuild(parts[0].blocks[0])
    factors = [part.count / length if reduction == MEAN else 1.0 for part in parts]
    return nest.rebuild(sum(factor * part.blocks[0] for factor, part in zip(factors, parts, strict=True)))


def stacked_nest(nest: Nest, length: int) -> Nest:
    """Return the nest of the stacked results; where rows give truths, arrays of bools."""
    if BOOL not in nest.forms() or any(part.kind == "objects" for part in _all_parts(nest)):
        return with_leading_axis(nest, length)

    def stacked(block: Nest, _: int) -> Nest:
        if block.kind == "number" and block.form == BOOL:
            return built_nest(_truths, length)
        return with_leading_axis(block, length)

    return nest.with_blocks(stacked)


def _truths(leaves: Sequence[float]) -> npt.NDArray[np.bool_]:
    truths: npt.NDArray[np.bool_] = np.array(leaves) != 0.0
    return truths


def combined(results: Sequence[tuple[Nest, Sequence[Any]]], reduction: str, *, is_single: bool = False) -> Any:
    """Stack results that were computed row by row, or add them up."""
    nest = _common([(form, i) for i, (form, _) in enumerate(results)])
    rows = [leaves for _, leaves in results]
    if reduction != NONE:
        total = mean if reduction == MEAN else sum_of
        totals: Any = [total(list(column)) for column in zip(*rows, strict=True)]
        return as_floats(nest).rebuild(as_single(np.array(totals)) if is_single else totals)
    leaves: Any = [leaf for start, width in blocks_of(nest) for row in rows for leaf in row[start : start + width]]
    if is_single:
        leaves = np.array(leaves, dtype=np.float32)
    elif not set(map(type, leaves)) - {float, int}:
        leaves = [float(leaf) for leaf in leaves]
    return with_leading_axis(nest, len(rows)).rebuild(leaves)


def _common(forms: Sequence[tuple[Nest, int]]) -> Nest:
    """Return the form that all rows return.

    Raises:
        ShapeError: They differ, or it is a sparse matrix.
    """
    first, row = forms[0]
    wanted = _spelled_out(first)
    for nest, other in forms[1:]:
        if nest is not first and _spelled_out(nest) != wanted:
            one, another = _apart(wanted, _spelled_out(nest))
            raise ShapeError(
                f"batched() stacks the results of all rows, and row {row} returned {one}, "
                f"row {other} {another}\nreturn the same form from every row"
            )
    if any(part.kind == "built" for part in _all_parts(wanted)):
        raise ShapeError(
            "batched() stacks arrays, and each row returned a sparse matrix\nask for the dense one: sparse=False"
        )
    return first


def _spelled_out(nest: Nest) -> Nest:
    """Return a nest with floats for all numbers and nothing abbreviated, so that `[1, 2.0]` looks like `[1.0, 2.0]`."""
    return as_floats(nest).with_blocks(lambda block, _: block)


def _apart(one: Nest, other: Nest) -> tuple[str, str]:
    """Say in words where two nests part."""
    while described(one) == described(other) and len(one.parts) == len(other.parts):
        pairs = zip(one.parts, other.parts, strict=True)
        inside = next(((a, b) for a, b in pairs if a != b), None)
        if inside is None:
            break
        one, other = inside
    if described(one) == described(other) and one.kind == other.kind == "dict":
        keys = [", ".join(repr(getattr(key, "item", key)) for key in nest.form[1]) for nest in (one, other)]
        return f"a dict of {keys[0]}", f"a dict of {keys[1]}"
    return described(one), described(other)


def _all_parts(nest: Nest) -> list[Nest]:
    found = [nest]
    for part in found:
        found += part.parts
    return found


def as_single(numbers: Matrix) -> Matrix:
    """Return numbers as floats of 32 bits."""
    return numbers.astype(np.float32, copy=False)
