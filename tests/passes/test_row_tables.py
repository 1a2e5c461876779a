"""What goes by steps through segments is looked up for each member, so that rows may stand side by side."""

from itertools import count
from typing import Any

import pytest

import slopewise as sw
from slopewise import ir
from slopewise.backends.llvm.nests import units_of
from slopewise.backends.llvm.prepared import prepare
from slopewise.ir.loops import Loops
from slopewise.passes.row_axis import with_rows
from slopewise.passes.row_blocks import Block
from slopewise.passes.row_tables import with_member_tables

# y[i] is the sum of 2 · x[j] · w[i, j] for all j below i.
TRIANGLE = """loops(w[6], x[4]) {{
  table start[5] = 0, 0, 1, 3, 6
  table at[4] = 0, 0, -1, -3
  local v[4], y[4], z[6]
  for i in 4 {{ v[i] = x[i] * 2 }}
  for i in 4 {{ y[i] = sum(k in start[i] .. start[i + 1]: {term}) }}
  scan t in 4 {{ for k in start[t] .. start[t + 1] {{ z[k] = v[@at[t] + k] + y[t] }} }}
  return y[0 .. 4], z[0 .. 6]
}}"""


def triangle(term: str = "v[@at[i] + k] * w[k]") -> Loops:
    return ir.parse_loops(TRIANGLE.format(term=term))


def made(loops: Loops) -> Loops:
    numbers = count(1)
    found = with_member_tables(loops, lambda stem: f"{stem}{next(numbers)}")
    ir.verify_loops(found)
    return found


def test_sums_and_scans_look_up_their_members_and_compute_the_same() -> None:
    loops = triangle()
    found = made(loops)
    assert {table.name: list(table.values) for table in found.tables} == {
        "start": [0, 0, 1, 3, 6],
        "at1": [0, 0, 1, 0, 1, 2],
    }
    text = str(found)
    assert text.count("v[at1[k]]") == 2 and "@at[" not in text
    numbers = [0.5 * n - 1 for n in range(10)]
    assert ir.interpret_loops(found, numbers) == ir.interpret_loops(loops, numbers)
    assert made(found) is found


@pytest.mark.parametrize("term", ["v[@at[i + 0] + 1*k] * w[k]", "v[@at[i] + k] * w[k] * v[@at[i] + k]"])
def test_the_same_places_share_a_table(term: str) -> None:
    assert sum(len(table.values) == 6 for table in made(triangle(term)).tables) == 1


def test_other_steps_are_tables_of_their_own() -> None:
    loops = ir.parse_loops("""loops(x[9]) {
      table start[4] = 0, 1, 1, 3
      table at[3] = 0, 5, 6
      local y[3], z[3]
      for i in 3 { y[i] = sum(k in start[i] .. start[i + 1]: x[@at[i] - 2*k + 2]) }
      for i in 3 { z[i] = sum(k in start[i] .. start[i + 1]: x[@at[i] + k]) }
      return y[0 .. 3], z[0 .. 3]
    }""")
    found = made(loops)
    assert sorted(list(t.values) for t in found.tables) == [[0, 1, 1, 3], [0, 4, 2], [0, 7, 8]]
    numbers = [float(n) for n in range(9)]
    assert ir.interpret_loops(found, numbers) == ir.interpret_loops(loops, numbers) == [2.0, 0, 10.0, 0.0, 0, 15.0]


@pytest.mark.parametrize(
    ("bounds", "index"),
    [
        ("start[i] .. start[i + 1]", "@at[2 - i] + k"),  # looked up by another place than the bounds
        ("start[i] .. 3", "@at[i] + k"),  # no segments
        ("start[i] .. start[i + 1]", "@at[i]"),  # no steps
        ("1 + start[i] .. start[i + 1]", "@at[i] + k"),
    ],
)
def test_what_has_no_such_form_stays(bounds: str, index: str) -> None:
    loops = ir.parse_loops(f"""loops(x[9]) {{
      table start[4] = 0, 1, 1, 3
      table at[3] = 0, 0, 1
      local y[3]
      for i in 3 {{ y[i] = sum(k in {bounds}: x[{index}]) }}
      return y[0 .. 3]
    }}""")
    assert with_member_tables(loops, str) is loops


def test_rows_of_a_triangle_may_stand_side_by_side() -> None:
    """Each index of an array that has rows falls into one part for each axis."""
    many = with_rows(triangle(), 8, [-1] * 6 + [0] * 4, [Block(10)])
    shapes = {item.name: item.shape for item in many.arrays}
    units, loose = units_of(prepare(many), shapes, {t.name: t.values for t in many.tables}, {})
    pinned = {access.array for unit in units for access in unit.accesses if access.is_pinned}
    assert not pinned & {"v", "y"} and not any(access.is_pinned for access in loose)


def test_a_batch_of_triangles_is_right() -> None:
    pytest.importorskip("llvmlite")

    def lower(x: Any, w: Any) -> Any:
        weights = iter(w)
        return [sum((next(weights) * b * b for b in x[:i]), a * 0.0) for i, a in enumerate(x)]

    rows = [[0.1 * (r + 1) * (c - 2) for c in range(6)] for r in range(40)]
    weights = [0.3 * n - 2 for n in range(15)]
    found = sw.batched(lower, shared=1, backend="llvm")(rows, weights)
    for row, numbers in zip(rows, zip(*found, strict=True), strict=True):
        expected = [
            sum(w * b * b for w, b in zip(weights[i * (i - 1) // 2 :], row[:i], strict=False)) for i in range(6)
        ]
        assert list(numbers) == pytest.approx(expected, rel=1e-12, abs=1e-12)
