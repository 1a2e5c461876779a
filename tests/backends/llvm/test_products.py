"""Products of large matrices by BLAS: the same numbers from every layout; which products, and what happens without."""

import itertools
import random
from typing import Any

import pytest

import slopewise as sw
from slopewise import ir
from slopewise.backends.blas import pointers
from slopewise.backends.llvm import availability, machine, remembered
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.prepared import prepare
from slopewise.backends.llvm.products import least_product, products_in, with_products
from slopewise.errors import DomainError
from slopewise.tracer import record

pytestmark = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")

M, N, K = 20, 17, 23


def matrix(name: str, shape: tuple[int, int], at: tuple[str, str], is_turned: bool) -> tuple[str, str]:
    """Return an array's declaration and an element, by rows or by columns."""
    if is_turned:
        shape, at = shape[::-1], at[::-1]
    return f"{name}[{shape[0]}, {shape[1]}]", f"{name}[{at[0]}, {at[1]}]"


def product(turned: tuple[bool, bool, bool], expression: str = "{}") -> str:
    a, x = matrix("a", (M, K), ("i", "k"), turned[0])
    b, y = matrix("b", (K, N), ("k", "j"), turned[1])
    c, z = matrix("c", (M, N), ("i", "j"), turned[2])
    value = expression.format(f"sum(k in {K}: {x} * {y})")
    nest = f"for i in {M}, j in {N} {{ {z} = {value} }}"
    return f"loops({a}, {b}, h[{N}]) {{ local {c} {nest} return c[0 .. {M * N}] }}"


def numbers(count: int) -> list[float]:
    generator = random.Random(7)
    return [generator.uniform(-1.0, 1.0) for _ in range(count)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("turned", [*itertools.product((False, True), repeat=3)])
def test_every_layout(turned: tuple[bool, bool, bool], dtype: str) -> None:
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    for expression in ("{}", "tanh({} + h[j]) * 0.5", "where({} > h[j], 1, h[j])"):
        loops = ir.parse_loops(product(turned, expression))
        inputs = numbers(loops.n_inputs)
        kernel = LoopKernel(loops, dtype, blas="always")
        assert kernel.n_products == 1
        assert "gemm(" in kernel.text
        assert kernel.run(inputs) == pytest.approx(ir.interpret_loops(loops, inputs), rel=tolerance, abs=tolerance)


def test_factors_change_places_and_loops_begin_anywhere() -> None:
    loops = ir.parse_loops("""
        loops(a[30, 40], b[40, 50]) {
          local c[18, 20]
          for j in 3 .. 23, i in 5 .. 23 { c[i - 5, j - 3] = sum(k in 2 .. 38: b[k, j + 4] * a[i, k]) * 2 }
          return c[0 .. 360]
        }""")
    inputs = numbers(loops.n_inputs)
    kernel = LoopKernel(loops, blas="always")
    assert kernel.n_products == 1
    assert kernel.run(inputs) == pytest.approx(ir.interpret_loops(loops, inputs), rel=1e-12, abs=1e-13)


def test_products_in_a_scan_and_several_in_a_nest() -> None:
    loops = ir.parse_loops("""
        loops(w[20, 20], v[20, 20], x[20, 20]) {
          local h[5, 20, 20]
          for i in 20, j in 20 { h[0, i, j] = x[i, j] }
          scan t in 4 {
            for i in 20, j in 20 {
              h[t + 1, i, j] = tanh(sum(k in 20: h[t, i, k] * w[k, j]) - sum(k in 20: h[t, i, k] * v[j, k]))
            }
          }
          return h[0 .. 2000]
        }""")
    inputs = numbers(loops.n_inputs)
    kernel = LoopKernel(loops, blas="always")
    assert kernel.n_products == 2
    assert kernel.run(inputs) == pytest.approx(ir.interpret_loops(loops, inputs), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    "nest",
    [
        "for i in 20, j in 20 { c[i, j] = sum(k in 20: a[i, k] * a[i, k]) + b[j, 0] }",  # a factor with no j
        "for i in 20, j in 20 { c[i, j] = sum(k in 20: a[i, k] * b[k, j] * b[k, j]) }",  # three factors
        "for i in 20, j in 20 { c[i, j] = sum(k in j .. 20: a[i, k] * b[k, j]) }",  # a triangle
        "for i in 20, j in 20 { c[i, j] = sum(k in 20: a[i, k] + b[k, j]) }",
        "for i in 20, j in 20 { c[i, j] = sum(k in 10, l in 2: a[i, 2*k + l] * b[2*k + l, j]) }",
        "for i in 20, j in 20 { c[i, j] = sum(k in 19: a[i, 19 - k] * b[k, j]) }",  # backwards
        "for i in 20, j in 20 { c[i, j] = sum(k in 4: a[i, k] * b[k, j]) }",  # thin
    ],
)
def test_what_is_no_product_of_matrices(nest: str) -> None:
    loops = ir.parse_loops(f"loops(a[20, 20], b[20, 20]) {{ local c[20, 20] {nest} return c[0 .. 400] }}")
    inputs = numbers(loops.n_inputs)
    kernel = LoopKernel(loops, blas="always")
    assert kernel.n_products == 0
    assert kernel.run(inputs) == pytest.approx(ir.interpret_loops(loops, inputs), rel=1e-12, abs=1e-13)


def test_large_ones_alone() -> None:
    loops = ir.parse_loops(product((False, False, False), "{} + h[j]"))
    for least, expected in ((M * N * K, 1), (M * N * K + 1, 0)):
        prepared, with_arrays = with_products(prepare(loops), loops, least)
        assert len(products_in(prepared.body, least)) == expected
        assert len(with_arrays.arrays) == len(loops.arrays) + expected
    assert least_product("off") is None
    assert least_product("always") == 1
    assert least_product("auto") == 2**27


def test_not_a_number_and_infinity() -> None:
    loops = ir.parse_loops(product((False, False, False)))
    inputs = numbers(loops.n_inputs)
    inputs[3], inputs[K + 1] = float("nan"), float("inf")
    expected, found = ir.interpret_loops(loops, inputs), LoopKernel(loops, blas="always").run(inputs)
    assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)
    assert all(value != value for value in found[:N])


def test_without_blas_there_are_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = ir.parse_loops(product((False, True, False)))
    inputs = numbers(loops.n_inputs)
    expected = LoopKernel(loops, blas="off").run(inputs)
    monkeypatch.setattr(pointers, "addresses", dict)
    kernel = LoopKernel(loops, blas="always")
    assert kernel.n_products == 0
    assert kernel.run(inputs) == expected


def test_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_BLAS", "Off")
    assert pointers.setting() == "off"
    monkeypatch.setenv("SLOPEWISE_BLAS", "mkl")
    with pytest.raises(DomainError) as caught:
        pointers.setting()
    assert str(caught.value) == "SLOPEWISE_BLAS is 'mkl'\nit can be auto, always or off"
    monkeypatch.setenv("SLOPEWISE_BLAS", "always")
    monkeypatch.setattr(pointers, "_is_installed", lambda: False)
    assert pointers.setting() == "off"


def test_assembly_for_another_machine() -> None:
    kernel = LoopKernel(ir.parse_loops(product((False, False, False))), blas="always")
    assert "dgemm" in kernel.assembly()
    assert "bl\tdgemm" in machine.assembly(kernel.text, machine.aarch64_target(), externals=("dgemm",))


def test_a_kernel_that_is_remembered_and_its_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SLOPEWISE_BLAS", "always")

    def f(a: list[list[Any]], b: list[list[Any]]) -> list[list[Any]]:
        return [[sum(x * y for x, y in zip(row, column)).tanh() for column in zip(*b)] for row in a]

    a, b = ([numbers(16) for _ in range(16)] for _ in range(2))
    monkeypatch.setenv("SLOPEWISE_BLAS", "off")
    plain = sw.compile(f, backend="llvm")(a, b)
    monkeypatch.setenv("SLOPEWISE_BLAS", "always")
    results = []
    for stage in ("compile", "load"):
        k = sw.compile(f, backend="llvm")
        results.append(k(a, b))
        assert k.report().kernels[0].stages[-1].name == stage
        assert k.report().kernels[0].products == 1
        assert ", machine code, 1 product by BLAS\n" in k.report().text()
    assert results[0] == results[1]
    for row, expected in zip(results[0], plain, strict=True):
        assert row == pytest.approx(expected, rel=1e-13)
    program = record(lambda x: [x[0] * x[1]], [1.0, 2.0]).program
    keys = set()
    for setting in ("always", "off"):
        monkeypatch.setenv("SLOPEWISE_BLAS", setting)
        keys.add(remembered.key_of_program(program, machine.host_target()))
    assert len(keys) == 2
