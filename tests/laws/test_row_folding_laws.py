"""Loops compute the same when products that are read once are computed where they are read; sums to rounding."""

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loop_programs import loops_programs
from test_roll_laws import Weaver

from programs import CALM, points, quick
from slopewise import ir
from slopewise.ir.loops import Loops
from slopewise.ir.loops.structure import Kind
from slopewise.passes import row_folding
from slopewise.passes.rolling import roll


@pytest.fixture(scope="module", autouse=True)
def _small_arrays() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_folding, "LEAST", 2)
        patch.setattr(row_folding, "MOST_READ", 100.0)
        yield


def check(loops: Loops, inputs: list[float]) -> bool:
    """Compare what is computed; tell whether anything was folded."""
    made = row_folding.folded(loops)
    if made is loops:
        return False
    ir.verify_loops(made)
    for x, y in zip(ir.interpret_loops(loops, inputs), ir.interpret_loops(made, inputs), strict=True):
        assert (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or not abs(x) < 1e100
    return True


@given(st.data())
@quick
def test_random_loops(data: st.DataObject) -> None:
    loops = data.draw(loops_programs(most=4))
    check(loops, data.draw(points(loops.n_inputs, st.sampled_from(CALM))))


@pytest.mark.parametrize("block", range(3))
def test_rolled_programs(block: int) -> None:
    for seed in range(60 * block, 60 * block + 60):
        program = Weaver(seed).weave()
        check(roll(program), [random.Random(seed).choice(CALM) for _ in range(program.n_inputs)])


def gathered(rows: int, width: int, times: int, chance: random.Random) -> Loops:
    """Return sums of products that are looked up: each row reads each number several times, in an order of its own."""
    size = rows * width * times
    places = []
    for _ in range(rows):
        own = [place for place in range(width) for _ in range(times)]
        chance.shuffle(own)
        places += own
    where = list(range(size))
    chance.shuffle(where)  # where each product stands
    at = [0] * size
    for number, place in zip(where, places, strict=True):
        at[number] = place
    constants = [chance.choice([-1.5, 0.25, 2.0, 3.0]) for _ in range(size)]
    spelled = [", ".join(map(str, numbers)) for numbers in (constants, at, where)]
    return ir.parse_loops(f"""loops(x[{width}]) {{
      constant c[{size}] = {spelled[0]}
      table at[{size}] = {spelled[1]}
      table where[{size}] = {spelled[2]}
      local m[{size}], y[{rows}]
      for i in {size} {{ m[i] = x[@at[i]] * c[i] }}
      for i in {rows} {{ y[i] = sum(j in {width * times}: m[@where[{width * times}*i + j]]) }}
      return y[0 .. {rows}]
    }}""")


@pytest.mark.parametrize("times", [1, 2, 4, 5])
def test_gathered_sums_become_products(times: int) -> None:
    chance = random.Random(times)
    loops = gathered(3, 4, times, chance)
    assert check(loops, [1.0, -2.0, 0.5, 3.0])
    made = row_folding.folded(loops)
    assert "m" not in [item.name for item in made.arrays]
    # Up to four times they are in order, and nothing is looked up any more.
    assert len(made.tables) == (0 if times <= 4 else 1)
    assert sum(item.kind is Kind.CONSTANT for item in made.arrays) == (times if times <= 4 else 1)


def test_what_is_read_twice_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_folding, "MOST_READ", 1.25)
    loops = ir.parse_loops("""loops(x[4]) {
      table at[4] = 3, 2, 1, 0
      local m[4], y[4]
      for i in 4 { m[i] = x[i] * x[@at[i]] }
      for i in 4 { y[i] = sum(j in 4: m[@at[j]]) + m[i] }
      return y[0 .. 4]
    }""")
    assert row_folding.folded(loops) is loops
