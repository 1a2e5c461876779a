"""Loops for many rows compute the same band by band, sums over the rows to rounding."""

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loop_programs import loops_programs
from test_roll_laws import Weaver
from test_row_axis_laws import compare, drawn_blocks, drawn_rows, drawn_tables

from programs import quick
from slopewise import ir
from slopewise.backends.llvm import availability
from slopewise.ir.loops import Loops
from slopewise.ir.loops.structure import For
from slopewise.passes import row_bands
from slopewise.passes.rolling import roll
from slopewise.passes.row_axis import with_rows
from slopewise.passes.row_blocks import Block


@pytest.fixture(scope="module", autouse=True)
def _small_bands() -> Iterator[None]:
    """Let bands have few rows, where there is little to hand on."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in {"MOST_TOGETHER": 0, "LEAST_ROWS": 2, "LANES": 1, "MOST_TOTALS": 1e9}.items():
            patch.setattr(row_bands, name, number)
        yield


def in_bands(loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block]) -> Loops:
    return with_rows(loops, n_rows, tables, blocks, is_in_bands=True)


def check(loops: Loops, n_rows: int, chance: random.Random) -> bool:
    """Compare with the Loops of one row; tell whether there are bands."""
    tables, blocks = drawn_tables(chance, loops.n_inputs), drawn_blocks(chance, loops.n_outputs)
    rows = drawn_rows(chance, n_rows, tables)
    many = in_bands(loops, n_rows, tables, blocks)
    compare(many, [ir.interpret_loops(loops, row) for row in rows], tables, blocks, rows, is_strict=False)
    return many != with_rows(loops, n_rows, tables, blocks)


@given(st.data())
@quick
def test_random_loops(data: st.DataObject) -> None:
    chance = random.Random(data.draw(st.integers(0, 1 << 30)))
    check(data.draw(loops_programs(most=4)), chance.choice([4, 6, 9]), chance)


@pytest.mark.parametrize("block", range(4))
def test_rolled_programs(block: int) -> None:
    seeds = range(40 * block, 40 * block + 40)
    found = [
        check(roll(Weaver(seed).weave()), random.Random(seed).choice([4, 6, 9, 16]), random.Random(seed))
        for seed in seeds
    ]
    assert sum(found) > 10


@pytest.mark.skipif(not availability.is_available(), reason="needs llvmlite")
@pytest.mark.parametrize("block", range(2))
def test_machine_code(block: int) -> None:
    from slopewise.backends.llvm.kernel import LoopKernel

    for seed in range(12 * block, 12 * block + 12):
        chance = random.Random(seed)
        loops = roll(Weaver(seed).weave())
        tables, blocks = drawn_tables(chance, loops.n_inputs), drawn_blocks(chance, loops.n_outputs)
        many = in_bands(loops, 32, tables, blocks)
        rows = drawn_rows(chance, 32, tables)
        numbers = [x for x, table in zip(rows[0], tables, strict=True) if table < 0]
        for number in range(max(tables, default=-1) + 1):
            for row in rows:
                numbers += [x for x, table in zip(row, tables, strict=True) if table == number]
        found = LoopKernel(many).run(numbers)
        expected = ir.interpret_loops(with_rows(loops, 32, tables, blocks), numbers)
        for x, y in zip(found, expected, strict=True):
            assert x == pytest.approx(y, rel=1e-9, abs=1e-9, nan_ok=True) or not abs(y) < 1e100


def test_what_passes_between_nests_holds_one_band() -> None:
    loops = ir.parse_loops("""loops(w[3], x[3]) {
      local e[3], y[3], z[1]
      for i in 3 { e[i] = exp(w[i]) }
      for i in 3 { y[i] = x[i] * e[i] }
      z[0] = sum(i in 3: y[i] * y[i])
      return z[0], e[0]
    }""")
    many = in_bands(loops, 4, [-1, -1, -1, 0, 0, 0], [Block(1, "sum"), Block(1, "mean")])
    body = str(many).split("  local ")[1]
    assert (
        body
        == """e[3], y[2, 3], z[1], part[2]
  for i in 3 { e[i] = exp(w[i]) }
  scan b in 2 {
    for r in 2, i in 3 { y[r, i] = x[2*b + r, i] * e[i] }
    part[b] = sum(r in 2, i in 3: y[r, i] * y[r, i])
  }
  z[0] = sum(b1 in 2: part[b1])
  return z[0], e[0]
}"""
    )


def test_rows_that_bands_do_not_fill_stay_together() -> None:
    loops = ir.parse_loops(
        "loops(x[2]) { local y[2], z[1] for i in 2 { y[i] = exp(x[i]) } z[0] = sum(i in 2: y[i]) return z[0] }"
    )
    for n_rows, is_split in ((7, False), (8, True)):
        many = in_bands(loops, n_rows, [0, 0], [Block(1)])
        assert any(isinstance(s, For) and s.is_ordered for s in many.body) is is_split
