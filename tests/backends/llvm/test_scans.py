"""Scans: numbers that one step hands on to the next stay in registers; nests inside are fused."""

import random

import pytest

from slopewise import ir
from slopewise.backends.llvm import availability, machine
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.prepared import carried_by, prepare
from slopewise.ir.loops.structure import For

pytestmark = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")

VARIANCE = """
    loops(x[90], p[3]) {
      local h[91], e[90], total[1]
      h[0] = 1
      scan t in 90 {
        e[t] = x[t] * x[t] / h[t]
        h[t + 1] = p[0] + p[1] * x[t] * x[t] + p[2] * h[t]
      }
      total[0] = sum(t in 90: log(h[t]) + e[t])
      return total[0], h[90]
    }"""
BACKWARDS = """
    loops(x[40]) {
      local a[41], b[40]
      a[40] = 0
      scan t in 40 {
        b[39 - t] = a[40 - t] * 0.5 + x[39 - t]
        a[39 - t] = tanh(b[39 - t]) + a[40 - t]
      }
      return a[0 .. 41], b[0 .. 40]
    }"""
TWO_BACK_AND_TRUTHS = """
    loops(x[30]) {
      local f[32], above[31], n[31]
      f[0] = 1 f[1] = 1 above[0] = 0 n[0] = 0
      scan t in 30 {
        f[t + 2] = f[t + 1] * 0.5 + f[t] * x[t]
        above[t + 1] = f[t + 2] > above[t]
        n[t + 1] = 0.25
      }
      return f[0 .. 32], above[0 .. 31], n[0 .. 31]
    }"""
ARRAYS = """
    loops(w[5, 5], x[20, 5]) {
      local h[21, 5], z[20, 5], s[21], g[20, 5]
      for i in 5 { h[0, i] = 0 }
      s[0] = 0.5
      scan t in 20 {
        for i in 5 { z[t, i] = sum(j in 5: w[i, j] * h[t, j]) + x[t, i] }
        for i in 5 { g[t, i] = tanh(z[t, i]) * s[t] }
        for i in 5 { h[t + 1, i] = g[t, i] + h[t, i] }
        s[t + 1] = s[t] * 0.9 + sum(i in 5: h[t + 1, i]) * 0.01
      }
      return h[@100 .. 105], s[20]
    }"""
INSIDE_ANOTHER = """
    loops(x[6, 8]) {
      local a[7, 9]
      for i in 7 { a[i, 0] = 0.1 }
      for j in 8 { a[0, j + 1] = 0.2 }
      scan i in 6 {
        scan j in 8 { a[i + 1, j + 1] = minimum(a[i + 1, j], a[i, j + 1]) + a[i, j] * x[i, j] }
      }
      return a[0 .. 63]
    }"""
ONE_STEP_AND_NONE = """
    loops(x[3]) {
      local a[2], b[1]
      a[0] = x[0] b[0] = x[1]
      scan t in 1 { a[t + 1] = a[t] * x[2] }
      scan t in 0 { a[t + 2] = a[t] }
      return a[1], b[0]
    }"""


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("text", [VARIANCE, BACKWARDS, TWO_BACK_AND_TRUTHS, ARRAYS, INSIDE_ANOTHER, ONE_STEP_AND_NONE])
def test_scans_compute_what_the_interpreter_does(text: str, dtype: str) -> None:
    loops = ir.parse_loops(text)
    generator = random.Random(11)
    inputs = [generator.uniform(0.1, 0.6) for _ in range(loops.n_inputs)]
    expected = ir.interpret_loops(loops, inputs)
    for without in ((), ("avx512",), ("avx",)):
        found = LoopKernel(loops, dtype, machine.host_target(without=without)).run(inputs)
        assert found == pytest.approx(expected, rel=1e-12 if dtype == "float64" else 3e-5)


def test_what_is_carried() -> None:
    for text, expected in ((VARIANCE, 1), (BACKWARDS, 1), (TWO_BACK_AND_TRUTHS, 2), (ARRAYS, 1)):
        body = prepare(ir.parse_loops(text)).body
        scan = next(item for item in body if isinstance(item, For) and item.is_ordered)
        assert len(carried_by(scan)) == expected


def test_nests_in_a_scan_are_one() -> None:
    loops = ir.parse_loops("""
        loops(x[20, 5]) {
          local a[20, 5], b[20, 5], c[20, 5], d[20]
          scan t in 20 {
            for i in 5 { a[t, i] = x[t, i] * 2 }
            for i in 5 { b[t, i] = exp(a[t, i]) }
            for i in 5 { c[t, i] = a[t, i] - b[t, i] }
            d[t] = sum(i in 5: c[t, i])
          }
          return d[0 .. 20]
        }""")
    (scan,) = fuse(prepare(loops), loops).body
    assert isinstance(scan, For)
    assert sum(isinstance(item, For) for item in scan.body) == 1
    inputs = [0.01 * i for i in range(100)]
    assert LoopKernel(loops).run(inputs) == pytest.approx(ir.interpret_loops(loops, inputs), rel=1e-13)


@pytest.mark.parametrize("place", ["@at[i]", "at[i]", "@5 - i"])
def test_what_the_first_step_writes_itself_is_not_read_before(place: str) -> None:
    loops = ir.parse_loops(f"""
        loops(x[8]) {{
          table at[6] = 5, 0, 1, 2, 3, 4
          table start[4] = 0, 1, 3, 6
          local m[9]
          scan t in 3 {{
            for i in start[t] .. start[t + 1] {{ m[{place}] = x[i] * 2 }}
            m[t + 6] = m[t + 5] * 0.5 + x[t]
          }}
          return m[6 .. 9]
        }}""")
    inputs = [1.0 + i for i in range(8)]
    assert LoopKernel(loops).run(inputs) == ir.interpret_loops(loops, inputs)


def test_what_siblings_write_elsewhere_hinders_nothing() -> None:
    loops = ir.parse_loops("""
        loops(x[8]) {
          local m[16]
          m[0] = 1
          scan t in 3 {
            for i in 4 { m[4*t + i + 4] = x[i] * 2 }
            m[t + 1] = m[t] * 0.5 + x[t]
          }
          return m[0 .. 4]
        }""")
    scan = next(item for item in prepare(loops).body if isinstance(item, For) and item.is_ordered)
    assert len(carried_by(scan)) == 1
    assert LoopKernel(loops).run([2.0] * 8) == ir.interpret_loops(loops, [2.0] * 8)
