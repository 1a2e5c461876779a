"""Arrays that a kernel reads and writes where the caller has them: rows further apart than they are long, and floats."""

from array import array
from itertools import chain

import numpy as np
import pytest

from slopewise import ir

pytest.importorskip("llvmlite")

from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.machine import host_target
from slopewise.backends.llvm.standing import inputs_standing, layout_of, outputs_standing

# A step of a layer whose neurons hold weights and a bias each: what comes in and goes out takes turns.
TEXT = """
loops(w[{n}, {m}], b[{n}], x[{rows}, {m}]) {{
  inputs w = {weights}
  inputs b = {biases}
  inputs x = {first} .. {last}
  names {names}
  local h[{rows}, {n}], dw[{n}, {m}], db[{n}], w1[{n}, {m}], b1[{n}]
  for r in {rows}, i in {n} {{ h[r, i] = tanh(b[i] + sum(j in {m}: w[i, j] * x[r, j])) }}
  for i in {n}, j in {m} {{ dw[i, j] = sum(r in {rows}: h[r, i] * x[r, j]) }}
  for i in {n} {{ db[i] = sum(r in {rows}: h[r, i]) }}
  for i in {n}, j in {m} {{ w1[i, j] = w[i, j] - 0.1 * dw[i, j] }}
  for i in {n} {{ b1[i] = b[i] - 0.1 * db[i] }}
  return {returned}
}}"""


def layer(n: int, m: int, rows: int, bias_at: int) -> ir.Loops:
    """Return a layer whose biases stand behind so many weights of their rows."""
    step, size = m + 1, n * (m + 1)
    places = [[i * step + j + (j >= bias_at) for j in range(m)] for i in range(n)]
    returned = []
    for weights, biases in (("w1", "b1"), ("dw", "db")):
        for i in range(n):
            row = [f"{weights}[{i}, {j}]" for j in range(m)]
            returned += [*row[:bias_at], f"{biases}[{i}]", *row[bias_at:]]
    return ir.parse_loops(
        TEXT.format(
            n=n,
            m=m,
            rows=rows,
            weights=", ".join(map(str, chain.from_iterable(places))),
            biases=", ".join(str(i * step + bias_at) for i in range(n)),
            first=size,
            last=size + rows * m,
            names=", ".join(['"a"'] * (size + rows * m)),
            returned=", ".join(returned),
        )
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bias_at", [0, 1, 7], ids="bias{}".format)
@pytest.mark.parametrize(("n", "m", "rows"), [(3, 7, 5), (16, 24, 40), (33, 9, 20)], ids="{}".format)
@pytest.mark.parametrize("without", [(), ("avx512",), ("avx2",)], ids=["all", "no avx512", "no avx2"])
def test_neurons_that_hold_weights_and_bias(
    n: int, m: int, rows: int, bias_at: int, dtype: str, without: tuple[str, ...]
) -> None:
    loops = layer(n, m, rows, bias_at)
    given = np.random.default_rng(n).normal(size=loops.n_inputs)
    expected = ir.interpret_loops(loops, array("d", given))
    kernel = LoopKernel(loops, dtype, host_target(without))
    found = np.empty(loops.n_outputs)
    kernel.run_array(given, found)
    close = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(found, expected, rtol=close, atol=close)


def test_where_arrays_stand() -> None:
    loops = layer(16, 24, 40, 0)
    assert {name: at.layout.strides for name, at in inputs_standing(loops).items()} == {
        "w": (25, 1),
        "b": (25,),
        "x": (24, 1),
    }
    standing = outputs_standing(loops)
    assert {name: (at.first, at.layout.strides) for name, at in standing.items()} == {
        "w1": (1, (25, 1)),
        "b1": (0, (25,)),
        "dw": (401, (25, 1)),
        "db": (400, (25,)),
    }
    scattered = layer(16, 24, 40, 1)  # the first weight stands before the bias: no distance is the same in all rows
    assert "w" not in inputs_standing(scattered)
    assert "w1" not in outputs_standing(scattered)


def test_layouts_of_places() -> None:
    assert layout_of([3, 3, 3], (3,)) is None
    assert layout_of([5, 4, 3], (3,)) is None
    assert layout_of([], (0,)) is None
    far = layout_of([10 * i + 3 * j for i in range(20) for j in range(10)], (20, 10))
    assert far is not None
    assert far.strides == (10, 3)
    bent = [10 * i + 3 * j + (i == 9 and j == 4) for i in range(20) for j in range(10)]
    assert layout_of(bent, (20, 10)) is None


def test_floats_that_are_read_or_written_once_stay_doubles() -> None:
    """Adam's moments: no copy of them is made, and they come out as the floats that they are."""
    n = 40
    text = f"""
loops(p[{n}], g[{n}], m[{n}], rate[1]) {{
  inputs p = 0 .. {n}
  inputs g = {n} .. {2 * n}
  inputs m = {2 * n} .. {3 * n}
  inputs rate = {3 * n}
  names {", ".join(['"a"'] * (3 * n + 1))}
  local m1[{n}], p1[{n}]
  for i in {n} {{ m1[i] = 0.9 * m[i] + 0.1 * g[i] }}
  for i in {n} {{ p1[i] = p[i] - rate[0] * m1[i] }}
  return m1[0 .. {n}], p1[0 .. {n}]
}}"""
    loops = ir.parse_loops(text)
    given = np.random.default_rng(1).normal(size=3 * n + 1)
    kernel = LoopKernel(loops, "float32")
    found = np.empty(2 * n)
    kernel.run_array(given, found)
    p, g, m = given[: 3 * n].astype(np.float32).reshape(3, n)
    m1 = np.float32(0.9) * m + np.float32(0.1) * g
    np.testing.assert_allclose(found, np.concatenate([m1, p - np.float32(given[-1]) * m1]), rtol=1e-5, atol=1e-6)
    assert (found == found.astype(np.float32)).all()
    assert kernel.scratch_bytes < 4 * 4 * n
