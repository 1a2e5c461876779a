"""Nests over the same rows become one loop; what only passes between them is no array any more."""

import random
from typing import Any

import pytest

from slopewise import ir
from slopewise.backends.llvm import availability, machine, rows, written_out
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.prepared import prepare, written_in
from slopewise.ir.loops.structure import For, Loops, Statement

pytestmark = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_out, "LEAST_ROWS", 16)


def fused(loops: Loops) -> tuple[Statement, ...]:
    return rows.fuse_rows(fuse(prepare(loops), loops), loops).body


def same(text: str, rel: float = 1e-12) -> Loops:
    """Return Loops whose kernel gives what their interpreter gives, for each dtype and each width of vectors."""
    loops = ir.parse_loops(text)
    generator = random.Random(3)
    inputs = [generator.uniform(0.2, 1.0) for _ in range(loops.n_inputs)]
    expected = ir.interpret_loops(loops, inputs)
    for without in ((), ("avx512",), ("avx2",)):
        target = machine.host_target(without=without)
        assert LoopKernel(loops, target=target).run(inputs) == pytest.approx(expected, rel=rel)
    assert LoopKernel(loops, "float32").run(inputs) == pytest.approx(expected, rel=2e-5, abs=1e-6)
    return loops


TURNED = """
    loops(axis[37, 3], v[37, 3]) {
      table next[3] = 1, 2, 0
      table after[3] = 2, 0, 1
      local square[37], unit[37, 3], across[37, 3], along[37], turned[37, 3]
      for r in 37 { square[r] = sum(i in 3: axis[r, i] * axis[r, i]) }
      for r in 37, i in 3 { unit[r, i] = axis[r, i] / sqrt(square[r]) }
      for r in 37, i in 3 {
        across[r, i] = unit[@next[i] + 3*r] * v[@after[i] + 3*r] - unit[@after[i] + 3*r] * v[@next[i] + 3*r]
      }
      for r in 37 { along[r] = sum(i in 3: unit[r, i] * v[r, i]) }
      for r in 37, i in 3 { turned[r, i] = across[r, i] * sin(square[r]) + unit[r, i] * along[r] }
      return turned[0 .. 111]
    }"""


def test_small_nests_over_rows_are_one_loop() -> None:
    body = fused(same(TURNED))
    assert len(body) == 1
    assert written_in(body) == {"turned"}
    assert isinstance(body[0], For)
    assert len(body[0].ranges) == 1


def test_what_other_rows_write_is_no_local() -> None:
    loops = same("""
        loops(x[40]) {
          local y[40], z[40], w[40]
          for r in 40 { y[r] = x[r] * 2 }
          for r in 40 { z[r] = y[39 - r] + x[r] }
          for r in 39 { w[r] = z[r] * y[r + 1] }
          w[39] = 1
          return w[0 .. 40]
        }""")
    assert sum(isinstance(item, For) for item in fused(loops)) == 3


def test_triangles_in_rows_and_short_scans() -> None:
    loops = same("""
        loops(l[4, 4], x[50, 4]) {
          local y[50, 4], z[50, 5], total[1]
          for r in 50, i in 4 { y[r, i] = sum(j in 0 .. i + 1: l[i, j] * x[r, j]) }
          for r in 50 { z[r, 0] = y[r, 0] }
          scan t in 4 {
            for r in 50 { z[r, t + 1] = z[r, t] * 0.5 + y[r, t] }
          }
          total[0] = sum(r in 50: z[r, 4])
          return total[0], z[0 .. 250]
        }""")
    body = fused(loops)
    assert len(body) == 2
    assert written_in(body) == {"z", "total"}


def test_rows_inside_a_long_scan() -> None:
    loops = same("""
        loops(x[30, 20, 2], w[2]) {
          local h[31, 20, 2], s[30, 20], out[20]
          for r in 20, i in 2 { h[0, r, i] = 0 }
          scan t in 30 {
            for r in 20 { s[t, r] = sum(i in 2: h[t, r, i] * w[i]) }
            for r in 20, i in 2 { h[t + 1, r, i] = tanh(s[t, r] + x[t, r, i]) }
          }
          for r in 20 { out[r] = h[30, r, 0] + h[3, r, 1] }
          return out[0 .. 20]
        }""")
    scan = fused(loops)[1]
    assert isinstance(scan, For)
    assert len(scan.body) == 1
    assert written_in((scan,)) == {"h"}


def test_tables_that_gather_rows() -> None:
    same("""
        loops(e[6, 3], x[25]) {
          table row[25] = 0, 3, 6, 9, 12, 15, 0, 3, 6, 9, 12, 15, 0, 3, 6, 9, 12, 15, 0, 3, 6, 9, 12, 15, 3
          local a[25, 3], b[25]
          for r in 25, i in 3 { a[r, i] = e[@row[r] + i] * x[r] }
          for r in 25 { b[r] = sum(i in 3: a[r, i] * a[r, i]) }
          return b[0 .. 25]
        }""")


def test_names_within_nests_and_what_stands_between() -> None:
    same("""
        loops(x[33, 2], w[1]) {
          local a[33, 2], scale[1], b[33, 2], c[33]
          for r in 33, i in 2 { t = x[r, i] * 3 a[r, i] = t * t }
          scale[0] = exp(w[0])
          for r in 33, i in 2 { t = a[r, 1 - i] b[r, i] = t * scale[0] }
          for r in 33 { c[r] = b[r, 0] - a[r, 1] }
          return c[0 .. 33], scale[0]
        }""")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_outputs_of_arrays_that_take_turns(dtype: Any) -> None:
    outputs = ", ".join(f"y[{i}], z[{i}], w[0, {i}]" for i in range(40))
    loops = ir.parse_loops(f"""
        loops(x[40, 40]) {{
          local y[40], z[40], w[2, 40]
          for i in 40 {{ y[i] = sum(j in 40: x[i, j]) }}
          for i in 40 {{ z[i] = sum(j in 40: x[j, i]) }}
          for i in 40 {{ w[0, i] = x[i, i] * 2 w[1, i] = x[i, 0] }}
          return {outputs}, w[1, 3], w[0, 3], y[4 .. 6], x[3, 0]
        }}""")
    kernel = LoopKernel(loops, dtype)
    assert len(kernel.text) < 30_000
    inputs = [float(i) for i in range(1600)]
    assert kernel.run(inputs) == ir.interpret_loops(loops, inputs)


@pytest.mark.parametrize("shape", [(9, 17), (8, 64), (5, 3), (33, 20)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_are_turned_over_in_blocks(shape: tuple[int, int], dtype: Any) -> None:
    m, n = shape
    loops = ir.parse_loops(f"""
        loops(w[{n}, {m}], x[40, {m}]) {{
          local y[{n}, 40], z[{n}]
          for j in {n}, s in 40 {{ y[j, s] = exp(sum(i in {m}: w[j, i] * x[s, i])) }}
          for j in {n} {{ z[j] = sum(s in 40: y[j, s]) }}
          return y[0 .. {40 * n}], z[0 .. {n}], x[0 .. {40 * m}], x[3 .. {40 * m} by 2]
        }}""")
    generator = random.Random(5)
    inputs = [generator.uniform(-0.3, 0.3) for _ in range(loops.n_inputs)]
    expected = ir.interpret_loops(loops, inputs)
    for without in ((), ("avx512",), ("avx",)):
        found = LoopKernel(loops, dtype, machine.host_target(without=without)).run(inputs)
        assert found == pytest.approx(expected, rel=1e-12 if dtype == "float64" else 1e-5)
