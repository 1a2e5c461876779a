"""Kernels whose inputs stand in several places: each run of inputs behind an address of its own."""

import ctypes
from array import array
from typing import Any

import numpy as np
import pytest

from slopewise import ir

pytest.importorskip("llvmlite")

from slopewise.backends.llvm.interface import DOUBLES, Interface
from slopewise.backends.llvm.kernel import LoopKernel

TEXT = """
loops(w[{n}], x[{n}], mixed[2, {n}]) {{
  inputs w = 0 .. {n}
  inputs x = {n} .. {m}
  inputs mixed = {mixed}
  names {names}
  local y[{n}], total[1]
  for i in {n} {{ y[i] = w[i] * x[{n} - 1 - i] + mixed[1, i] * mixed[0, i] }}
  total[0] = sum(i in {n}: y[i])
  return y[0 .. {n}], total[0], x[0 .. {n}], mixed[1, 2], mixed[0, 1]
}}"""


def loops_of(n: int) -> ir.Loops:
    mixed = [place for i in range(n) for place in (i, n + i)]
    names = ", ".join(['"a"'] * (2 * n))
    return ir.parse_loops(TEXT.format(n=n, m=2 * n, mixed=", ".join(map(str, mixed)), names=names))


def run(kernel: LoopKernel, given: Any, apart: list[tuple[int, int]], interface: Interface = DOUBLES) -> Any:
    packed, results = given.copy(), np.empty(kernel.n_outputs, f"f{interface.output_size}")
    parts = [given[begin:end].astype(f"f{interface.size_of(at)}") for at, (begin, end) in enumerate(apart)]
    for begin, end in apart:
        packed[begin:end] = np.nan
    scratch = np.empty(kernel.scratch_bytes // 8 + 9)
    room = -(-scratch.ctypes.data // 64) * 64
    entry = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (4 + len(apart)))(kernel.address)
    entry(packed.ctypes.data, results.ctypes.data, room, kernel.frozen_address, *(part.ctypes.data for part in parts))
    return results


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [5, 90])
def test_runs_of_inputs_stand_apart(n: int, dtype: str) -> None:
    loops = loops_of(n)
    given = np.random.default_rng(n).normal(size=2 * n)
    expected = ir.interpret_loops(loops, array("d", given))
    close = 1e-12 if dtype == "float64" else 1e-4
    for apart in ([], [(0, n)], [(n, 2 * n)], [(0, n), (n, 2 * n)], [(2, n + 2)]):
        kernel = LoopKernel(loops, dtype, interface=Interface(tuple(apart)))
        found = run(kernel, given, apart)
        np.testing.assert_allclose(found, expected, rtol=close, atol=close)
        assert found[n + 1 : 2 * n + 1].tolist() == given[n:].tolist()  # what is handed through keeps all its bits


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [5, 90])
def test_inputs_and_outputs_of_32_bits(n: int, dtype: str) -> None:
    loops = loops_of(n)
    given = np.random.default_rng(n).normal(size=2 * n).astype("f").astype("d")
    expected = ir.interpret_loops(loops, array("d", given))
    close = 1e-6 if dtype == "float64" else 1e-4
    runs = ((0, n), (n, 2 * n))
    for single in (frozenset(), frozenset({0}), frozenset({1}), frozenset({0, 1})):
        for is_single_out in (False, True):
            interface = Interface(runs, single, is_single_out)
            kernel = LoopKernel(loops, dtype, interface=interface)
            found = run(kernel, given, list(runs), interface)
            assert found.dtype == (np.float32 if is_single_out else np.float64)
            np.testing.assert_allclose(found, expected, rtol=close, atol=close)
            assert found[n + 1 : 2 * n + 1].tolist() == given[n:].tolist()
