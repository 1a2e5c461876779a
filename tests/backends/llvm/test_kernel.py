"""Kernels give the numbers of the reference interpreter: every construct, every operation, every width of vectors."""

import math
import pickle
import struct
import subprocess
import sys
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loop_nets import digits, moons, with_constants
from random_loops import drawn

from slopewise import ir
from slopewise.backends.llvm import machine
from slopewise.backends.llvm.disk_cache import Cache
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.lowering import lower_loops
from slopewise.errors import DomainError, ShapeError
from slopewise.ir.loops.structure import Affine, Apply, Array, Expression, Index, Kind, Load, Loops, Store
from slopewise.ir.operations import CONSTANT, INPUT, NAMES, arity_of, code_of, row_of

pytestmark = pytest.mark.skipif(not machine.is_available(), reason="there is no llvmlite")

WITHOUT: list[tuple[str, ...]] = [(), ("avx512",), ("avx2",), ("avx", "sse4.1")]
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-300, 700.5, -745.5, 1e300, -1e300, math.inf, -math.inf, math.nan]


def is_close(got: float, want: float, tolerance: float) -> bool:
    if math.isnan(want) or math.isinf(want) or want == 0.0:
        return struct.pack("d", got) == struct.pack("d", want) or (got != got and want != want) or got == want == 0.0
    return abs(got - want) <= tolerance * max(abs(want), 1e-290)


def agree(loops: ir.Loops, inputs: list[float], tolerance: float = 1e-9, without: tuple[str, ...] = ()) -> None:
    got = LoopKernel(loops, target=machine.host_target(without)).run(inputs)
    want = ir.interpret_loops(loops, inputs)
    for position, (x, y) in enumerate(zip(got, want, strict=True)):
        assert x == y or (x != x and y != y) or abs(x - y) <= tolerance * max(1.0, abs(y)), (position, x, y)


OPERATIONS = [code for code, name in enumerate(NAMES) if name and code not in (INPUT, CONSTANT) and arity_of(code)]


@pytest.mark.parametrize("code", OPERATIONS, ids=lambda code: NAMES[code])
@pytest.mark.parametrize("without", [(), ("avx", "sse4.1")], ids=["widest", "sse2"])
def test_operations_at_their_edges(code: int, without: tuple[str, ...]) -> None:
    """Alone (one number) and in lanes (one nest), with every edge against every edge."""
    arity = arity_of(code)
    rows = [(x, y, z) for x in EDGES for y in EDGES for z in (1.5, math.nan)][: len(EDGES) ** min(arity, 2) * 2]
    names = "xyz"[:arity]
    n = len(rows)
    given = ", ".join(f"{name}[{n}]" for name in names)
    call = f"{NAMES[code]}({', '.join(f'{name}[i]' for name in names)})"
    one = call.replace("[i]", f"[{n // 3}]")
    loops = ir.parse_loops(
        f"loops({given}) {{ local a[{n}], b[1] for i in {n} {{ a[i] = {call} }} b[0] = {one} return a[0 .. {n}], b[0] }}"
    )
    inputs = [row[position] for position in range(arity) for row in rows]
    got = LoopKernel(loops, target=machine.host_target(without)).run(inputs)
    for row, x in zip([*rows, rows[n // 3]], got, strict=True):
        want = float(row_of(code).value(*row[:arity]))
        assert is_close(x, want, 2e-15), (row[:arity], x, want)


CONSTRUCTS = {
    "triangles": """loops(x[7]) { local t[7, 7], s[7], u[1]
        for i in 7 { for j in i + 1 { t[i, j] = x[i] * x[j] } }
        for i in 7 { for j in i + 1 .. 7 { t[i, j] = 0.5 } }
        for i in 7 { s[i] = sum(j in i: t[i, j]) }
        u[0] = sum(i in 7, j in i + 1: t[i, j] * x[j])
        return t[@0 .. 49], s[0 .. 7], u[0] }""",
    "segments": """loops(x[10]) { local s[4] table ends[5] = 0, 3, 3, 8, 10
        for i in 4 { s[i] = sum(j in ends[i] .. ends[i + 1]: x[j] * x[j]) } return s[0 .. 4] }""",
    "pairs and segments, longer than vectors": """loops(x[60], w[4]) { local e[1], f[60], g[4] table at[5] = 2, 2, 31, 38, 60
        e[0] = sum(i in 60, j in i: (x[i] - x[j]) * x[j])
        for i in 60 { f[i] = sum(j in i + 1 .. 60: x[j] * x[i]) }
        for i in 4 { g[i] = sum(j in at[i] .. at[i + 1]: x[j] * w[i] + 1) }
        return e[0], f[0 .. 60], g[0 .. 4] }""",
    "a scan in lanes": """loops(w[4, 4], x[20, 4]) { local h[6, 20, 4]
        for s in 20, j in 4 { h[0, s, j] = x[s, j] }
        scan t in 1 .. 6 { for s in 20, j in 4 { h[t, s, j] = tanh(sum(k in 4: w[j, k] * h[t - 1, s, k])) } }
        return h[@0 .. 480] }""",
    "lanes around a scan": """loops(x[20], y[20]) { local h[20, 9]
        for s in 20 { h[s, 0] = x[s] scan t in 1 .. 9 { u = h[s, t - 1] * y[s] h[s, t] = u + tanh(u) } }
        return h[@0 .. 180] }""",
    "empty loops": """loops(x[3]) { local y[3], z[1] for i in 3 { y[i] = sum(j in 0: x[j]) + x[i] }
        z[0] = sum(i in 3, j in i: x[j]) return y[0 .. 3], z[0] }""",
    "inputs and constants as outputs": """loops(x[3]) { local y[1] constant c[2] = 4, 5
        y[0] = x[2] return x[2], c[1], y[0], x[0 .. 3], y[0] }""",
    "many lets": """loops(x[40]) { local y[40] for i in 40 { a = x[i] * 2 b = a + x[i] c = where(a > b, a, b)
        y[i] = a * b + c } return y[0 .. 40] }""",
}


@pytest.mark.parametrize("without", WITHOUT, ids=["widest", "avx2", "avx", "sse2"])
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_constructs(name: str, without: tuple[str, ...]) -> None:
    loops = ir.parse_loops(CONSTRUCTS[name])
    agree(loops, [math.sin(3.7 * i) for i in range(loops.n_inputs)], 1e-13, without)


@pytest.mark.parametrize("seed", range(24))
def test_loops_drawn_at_random(seed: int) -> None:
    loops = drawn(seed)
    ir.verify_loops(loops)
    agree(loops, [math.sin(1.3 * i + seed) for i in range(loops.n_inputs)], without=WITHOUT[seed % 4])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_any_loops(seed: int) -> None:
    loops = drawn(seed)
    agree(loops, [math.sin(1.3 * i + seed % 7) for i in range(loops.n_inputs)])


@pytest.mark.parametrize("net", [lambda: moons(100, 16), lambda: moons(13, 5), lambda: digits(45, 12, 9, 10)])
@pytest.mark.parametrize("without", WITHOUT, ids=["widest", "avx2", "avx", "sse2"])
def test_nets(net, without: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    loops, inputs, want = net()
    got = LoopKernel(loops, target=machine.host_target(without)).run(inputs.tolist())
    np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


def test_float32_computes_in_32_bits() -> None:
    loops, inputs, want = moons(100, 16)
    got = np.array(LoopKernel(loops, dtype="float32").run(inputs.tolist()))
    assert 1e-9 < np.abs(got - want).max() < 1e-5
    assert (got == got.astype(np.float32)).all()


def test_buffers_are_read_and_written_and_may_be_the_same() -> None:
    kernel = LoopKernel(ir.parse_loops("loops(x[3]) { local y[3] for i in 3 { y[i] = x[2 - i] } return y[0 .. 3] }"))
    x = np.array([1.0, 2.0, 3.0])
    kernel.run_array(x, x)
    assert x.tolist() == [3.0, 2.0, 1.0]
    out = array("d", bytes(24))
    x.flags.writeable = False
    kernel.run_array(x, out)
    assert out.tolist() == [1.0, 2.0, 3.0]
    long = np.array([1.0, 2.0, 3.0, 0.0, 0.0])
    kernel.run_array(long[:3], long[2:])
    assert long.tolist() == [1.0, 2.0, 3.0, 2.0, 1.0]


def test_a_kernel_without_inputs() -> None:
    assert LoopKernel(ir.parse_loops("loops() { local y[1] y[0] = exp(0) return y[0] }")).run([]) == [1.0]
    kernel = LoopKernel(ir.parse_loops("loops() { local y[1] y[0] = exp(0) return y[0] }"))
    out = array("d", [0.0])
    kernel.run_array(array("d"), out)
    assert out[0] == 1.0


def test_a_kernel_is_copied_by_pickle() -> None:
    kernel = LoopKernel(drawn(3))
    inputs = [0.25] * kernel.n_inputs
    assert pickle.loads(pickle.dumps(kernel)).run(inputs) == kernel.run(inputs)


def test_what_only_passes_between_nests_is_not_stored() -> None:
    loops = ir.parse_loops(
        "loops(x[40]) { local a[40], b[40], c[40] for i in 40 { a[i] = x[i] * 2 } for i in 40 { b[i] = a[i] + 1 } "
        "for j in 40 { c[j] = a[j] * b[j] } return c[0 .. 40] }"
    )
    assert LoopKernel(loops).scratch_bytes == 0
    agree(loops, [0.5 * i for i in range(40)], 0.0)


def test_threads_do_not_meet() -> None:
    loops, inputs, _ = moons(100, 16)
    kernel = LoopKernel(loops)
    rows = [[x * scale for x in inputs] for scale in (0.5, 1.0, 1.5, 2.0)]
    alone = [kernel.run(row) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda k: [kernel.run(rows[k % 4]) for _ in range(20)], range(8)))
    assert all(result == alone[k % 4] for k, results in enumerate(together) for result in results)


def test_machine_code_is_kept_and_found_again_whatever_the_constants(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kernels")
    loops, inputs, want = moons(30, 6)
    assert not LoopKernel(loops, cache=cache).is_from_cache
    again = LoopKernel(loops, cache=cache)
    assert again.is_from_cache
    np.testing.assert_allclose(again.run(inputs.tolist()), want, rtol=1e-11, atol=1e-13)
    zeros = with_constants(loops, {"x": np.zeros((30, 2)), "y": np.ones(30)})
    other = LoopKernel(zeros, cache=cache)
    assert other.is_from_cache
    np.testing.assert_allclose(other.run(inputs.tolist()), ir.interpret_loops(zeros, inputs.tolist()), rtol=1e-11)


def test_other_machines_take_the_text_too() -> None:
    target = machine.aarch64_target()
    for dtype in ("float64", "float32"):
        text = lower_loops(moons(30, 6)[0], dtype, target).text
        assert "fmla" in machine.assembly(text, target)


def test_an_expression_may_be_long() -> None:
    value: Expression = Load("x", Index(Affine(0)))
    for _ in range(4000):
        value = Apply(code_of("add"), (value, Load("x", Index(Affine(1)))))
    nothing, doubles = array("i"), array("d")
    arrays = (
        Array("x", Kind.INPUT, (2,), array("i", [0, 1]), doubles),
        Array("y", Kind.LOCAL, (1,), nothing, doubles),
    )
    body = (Store("y", Index(Affine(0)), value),)
    loops = Loops(("a", "b"), arrays, (), body, array("i", [1]), array("i", [0]))
    assert LoopKernel(loops).run([1.0, 0.5]) == [2001.0]


def test_the_text_repeats_and_holds_no_address() -> None:
    loops = drawn(5)
    assert LoopKernel(loops).text == LoopKernel(loops).text
    assert "inttoptr" not in LoopKernel(loops).text


def test_nan_in_some_lanes_stays_there() -> None:
    loops = ir.parse_loops(
        "loops(x[11], y[11]) { local s[1], t[11] s[0] = sum(i in 3 .. 11: x[i] * y[i]) "
        "for i in 11 { t[i] = relu(x[i]) } return s[0], t[0 .. 11] }"
    )
    agree(loops, [math.nan, math.inf, math.nan, *map(float, range(8)), *[0.5] * 11])


def test_refusals() -> None:
    loops = ir.parse_loops("loops(x[3]) { local y[1] y[0] = x[0] return y[0] }")
    with pytest.raises(DomainError, match="float16"):
        LoopKernel(loops, dtype="float16")
    kernel = LoopKernel(loops)
    with pytest.raises(ShapeError, match="takes? 3 inputs"):
        kernel.run([1.0])
    with pytest.raises(ShapeError, match="doubles side by side"):
        kernel.run_array(np.zeros(6)[::2], np.zeros(1))
    with pytest.raises(ShapeError, match="the buffer holds 2"):
        kernel.run_array(np.zeros(3), np.zeros(2))


def test_importing_is_light() -> None:
    program = (
        "import sys, slopewise.backends.llvm.kernel; print([m for m in ('llvmlite', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("without", WITHOUT, ids=["widest", "avx2", "avx", "sse2"])
@pytest.mark.parametrize("k", [-0.5, 0.5, 1.5])
def test_powers_of_a_half_are_roots(k: float, without: tuple[str, ...]) -> None:
    """Roots differ from powers for -0.0 and -infinity alone; that is mended."""
    xs = [*EDGES, -0.0, math.inf, -math.inf, math.nan, 5e-324, *(math.exp(0.37 * i - 9.0) for i in range(50))]
    n = len(xs)
    text = f"loops(x[{n}]) {{ local y[{n}] for i in {n} {{ y[i] = x[i] ** {k} }} return y[0 .. {n}] }}"
    kernel = LoopKernel(ir.parse_loops(text), target=machine.host_target(without))
    assert "power" not in kernel.text
    rule = row_of(code_of("power")).value
    for x, found in zip(xs, kernel.run(xs), strict=True):
        want = float(rule(x, k))
        assert is_close(found, want, 4e-16), (x, found, want)
        assert math.isnan(want) or math.copysign(1.0, found) == math.copysign(1.0, want)
