"""Extents hold every number that an index reaches, and no more where no loop is empty; runs hold what went in."""

from array import array
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from slopewise.ir.loops import Affine, Index, Range, Table
from slopewise.ir.loops.axes import along_axes, joined
from slopewise.ir.loops.extents import Extents
from slopewise.ir.loops.runs import run_text, runs_of

FACTORS = st.integers(-3, 3)


def formula(offset: int, **factors: int) -> Affine:
    return Affine(offset, tuple((name, by) for name, by in factors.items() if by))


@given(st.integers(1, 4), st.integers(-1, 2), FACTORS, st.integers(1, 3), FACTORS, FACTORS, st.integers(-5, 5))
def test_two_loops_of_which_one_depends_on_the_other(
    n: int, by: int, shift: int, m: int, factor_i: int, factor_j: int, offset: int
) -> None:
    """For i in n, j in by*i + shift .. by*i + shift + m: never empty, so the extent is exact."""
    scope = [
        Range("i", Index(Affine(0)), Index(Affine(n))),
        Range("j", Index(formula(shift, i=by)), Index(formula(shift + m, i=by))),
    ]
    reached = [
        offset + factor_i * i + factor_j * j for i in range(n) for j in range(by * i + shift, by * i + shift + m)
    ]
    found = Extents({}).of_affine(formula(offset, i=factor_i, j=factor_j), scope)
    assert found == (min(reached), max(reached))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), FACTORS, FACTORS, st.integers(-3, 3))
def test_segments(lengths: list[int], factor_k: int, factor_i: int, offset: int) -> None:
    ends = [sum(lengths[:k]) for k in range(len(lengths) + 1)]
    tables = {"at": Table("at", array("i", ends))}
    bound = [Index(Affine(0), "at", formula(shift, k=1)) for shift in (0, 1)]
    scope = [Range("k", Index(Affine(0)), Index(Affine(len(lengths)))), Range("i", *bound)]
    low, high = Extents(tables).of_affine(formula(offset, k=factor_k, i=factor_i), scope)
    for k in range(len(lengths)):
        for i in range(ends[k], ends[k + 1]):
            assert low <= offset + factor_k * k + factor_i * i <= high
    looked_up = Extents(tables).of_index(Index(formula(offset), "at", formula(1, k=1)), scope[:1])
    assert looked_up == (min(ends[1:]) + offset, max(ends[1:]) + offset)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_axes_put_together_are_the_place_again(shape: list[int], data: st.DataObject) -> None:
    """For i, j in 3: whatever comes apart is within its axis for all members, and makes up the place."""
    scope = [Range(name, Index(Affine(0)), Index(Affine(3))) for name in "ij"]
    place = formula(data.draw(st.integers(-5, 60)), i=data.draw(st.integers(-9, 9)), j=data.draw(st.integers(-9, 9)))
    parts = along_axes(place, tuple(shape), scope, Extents({}))
    if parts is not None:
        whole = joined(parts, tuple(shape))
        assert whole.offset == place.offset and dict(whole.terms) == dict(place.terms)
        for part, length in zip(parts, shape, strict=True):
            by = dict(part.terms)
            numbers = [part.offset + by.get("i", 0) * i + by.get("j", 0) * j for i in range(3) for j in range(3)]
            assert 0 <= min(numbers) <= max(numbers) < length


def test_an_index_that_was_made_from_axes_comes_apart_again() -> None:
    """For i, j in 3 and any axes of at least 3: x[i, j], x[2 - i, j + 1] and the like are never printed flat."""
    scope = [Range(name, Index(Affine(0)), Index(Affine(3))) for name in "ij"]
    pieces = [formula(0, i=1), formula(2, i=-1), formula(0, j=1), formula(2, j=-1), formula(1)]
    for shape in ((3, 3), (4, 3), (3, 7), (5, 5)):
        for first in pieces:
            for second in pieces:
                parts = along_axes(joined([first, second], shape), shape, scope, Extents({}))
                assert parts is not None, (shape, first, second)


@given(st.lists(st.integers(-4, 4)))
def test_runs_hold_what_went_in(numbers: list[int]) -> None:
    runs = list(runs_of(numbers))
    assert list(chain(*runs)) == numbers
    assert all(run and (len(run) > 2 or run.step == 1) for run in runs)
    assert all(" " not in run_text(run) for run in runs if len(run) == 1)
