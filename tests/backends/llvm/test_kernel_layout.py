"""Indices carried over to other layouts, and what schedules make of nets."""

import itertools
import random

import pytest
from loop_nets import digits, moons

from slopewise import ir
from slopewise.backends.llvm.arithmetic import Dtype
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.layout import axes_of, extent_of, plain, ranged
from slopewise.backends.llvm.prepared import parts_of, prepare
from slopewise.backends.llvm.schedule import schedule
from slopewise.ir.loops.structure import Affine, For, Store


def value_of(affine: Affine, values: dict[str, int]) -> int:
    return affine.offset + sum(factor * values[variable] for variable, factor in affine.terms)


def counted(coordinates: list[int], shape: tuple[int, ...]) -> int:
    place = 0
    for coordinate, length in zip(coordinates, shape, strict=True):
        assert 0 <= coordinate < length
        place = place * length + coordinate
    return place


@pytest.mark.parametrize("seed", range(30))
def test_a_split_is_the_same_element_whatever_the_variables(seed: int) -> None:
    draw = random.Random(seed)
    shape = tuple(draw.choice((1, 2, 3, 5, 8)) for _ in range(draw.choice((1, 2, 3))))
    bounds = {name: (0, draw.choice((0, 1, 2, 4))) for name in "ij"}
    size = plain(shape).size
    terms = tuple((name, draw.choice((1, -1, 2, shape[-1], -shape[-1], size // shape[0]))) for name in "ij")
    affine = Affine(draw.randrange(size), terms)
    split = axes_of(affine, shape, bounds)
    if split is None:
        return
    layout = ranged(shape, draw.randrange(len(shape)), 4)
    places = layout.places()
    for i, j in itertools.product(range(bounds["i"][1] + 1), range(bounds["j"][1] + 1)):
        values = {"i": i, "j": j}
        element = value_of(affine, values)
        assert counted([value_of(axis, values) for axis in split], shape) == element
        assert value_of(layout.index_of(split), values) == places[element]


def test_what_would_leave_an_axis_is_not_split() -> None:
    diagonal = Affine(0, (("i", 4),))
    assert axes_of(diagonal, (3, 3), {"i": (0, 2)}) == (Affine(0, (("i", 1),)), Affine(0, (("i", 1),)))
    assert axes_of(Affine(0, (("i", 1),)), (3, 3), {"i": (0, 8)}) is None  # from row to row
    assert axes_of(Affine(0, (("i", 1),)), (3, 3), {}) is None


def test_a_row_from_a_table_is_split_when_all_rows_begin_alike() -> None:
    along = Affine(0, (("d", 1),))
    assert axes_of(along, (5, 4), {"d": (0, 3)}, extent_of([0, 8, 16], plain((5, 4)))) is not None
    assert axes_of(along, (5, 4), {"d": (0, 3)}, extent_of([0, 9], plain((5, 4)))) is None
    assert extent_of([0, 20], plain((5, 4))) is None
    assert extent_of([-1], plain((5, 4))) is None


@pytest.mark.parametrize("net", [moons, digits], ids=["moons", "digits"])
def test_products_of_nets_are_in_lanes_and_in_tiles(net) -> None:  # type: ignore[no-untyped-def]
    loops, _, _ = net()
    prepared = prepare(loops)
    plan = schedule(loops, prepared, 8, 24, {})
    for nest in prepared.body:
        if isinstance(nest, For):
            chosen = plan.nests[id(nest)]
            expressions = [inner.value for inner in nest.body if isinstance(inner, Store)]
            sums = [part for value in expressions for part in parts_of(value) if id(part) in plan.sums]
            assert chosen.lane or sums
            tile = 1
            for side, _ in chosen.steps.values():
                tile *= side
            assert tile <= 24


def test_one_lane_needs_no_schedule() -> None:
    loops, _, _ = moons(20, 4)
    assert not schedule(loops, prepare(loops), 1, 10, {}).nests


@pytest.mark.parametrize("n", [2, 7, 8, 41])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_element_fills_many_outputs(n: int, dtype: Dtype) -> None:
    many = [", ".join([element] * n) for element in ("c[1]", "y[2]", "x[0]")]
    loops = ir.parse_loops(
        f"""loops(x[3]) {{
          constant c[2] = 0, -0.0
          local y[3]
          for i in 3 {{ y[i] = x[i] * 2 }}
          return y[0 .. 3], {many[0]}, y[1 .. 3], {many[1]}, {many[2]}
        }}"""
    )
    found = LoopKernel(loops, dtype=dtype).run([1.0, 2.0, 4.0])
    assert list(map(repr, found)) == list(map(repr, ir.interpret_loops(loops, [1.0, 2.0, 4.0])))
