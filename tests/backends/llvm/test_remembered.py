"""Kernels that are found again by their Program, and what happens when something is missing or broken."""

from pathlib import Path
from typing import Any

import pytest

import slopewise as sw
from slopewise.backends.llvm import availability, machine, remembered
from slopewise.backends.llvm.disk_cache import Cache
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.ir import Program
from slopewise.passes import rolling
from slopewise.passes.rolling import roll
from slopewise.tracer import record

pytestmark = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path / "cache"))
    return Cache()


def program(scale: float = 2.0) -> Program:
    return record(lambda x: [sum((v * scale + i).tanh() for i, v in enumerate(x))], [0.1] * 20).program


def key(of: Program) -> str:
    return remembered.key_of_program(of, machine.host_target())


def run(kernel: Any, inputs: list[float]) -> float:
    from slopewise.backends.replay import Kernel

    return Kernel(program, kernel, program().n_equations).run(inputs)[0]


def test_what_is_remembered_computes_the_same(cache: Cache) -> None:
    made = LoopKernel(roll(program()), cache=cache)
    assert remembered.recall(cache, key(program()), program()) is None
    remembered.remember(cache, key(program()), made)
    known = remembered.recall(cache, key(program()), program())
    assert known is not None
    assert (known.n_inputs, known.n_outputs, known.n_nests) == (20, 1, made.n_nests)
    inputs = [0.01 * i for i in range(20)]
    assert run(known, inputs) == run(made, inputs)


def test_other_numbers_are_another_program() -> None:
    assert key(program(2.0)) == key(program(2.0))
    assert key(program(2.0)) != key(program(2.5))
    without = machine.host_target(without=("avx512",))
    assert without == machine.host_target() or key(program()) != remembered.key_of_program(program(), without)


def test_an_entry_that_is_no_kernel_is_passed_over(cache: Cache) -> None:
    made = LoopKernel(roll(program()), cache=cache)
    for data in (
        b"",
        b"short",
        remembered._HEAD.pack(1, 0, 64, b"f" * 64),
        remembered._HEAD.pack(1, 0, 64, b"\xff" * 64),
    ):
        cache.put(key(program()), data)
        assert remembered.recall(cache, key(program()), program()) is None
    remembered.remember(cache, key(program()), made)
    assert remembered.recall(cache, key(program()), program()) is not None
    cache.clear()
    assert remembered.recall(cache, key(program()), program()) is None


def test_a_compiled_function_is_loaded_the_second_time(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: list[Any]) -> Any:
        return sum((v * 3.0 + i).tanh() for i, v in enumerate(x))

    inputs = [0.02 * i for i in range(30)]
    first = sw.compile(f, backend="llvm")
    expected = first(inputs)
    assert first.report().kernels[0].stages[-1].name == "compile"

    def refuse(*_: Any) -> Any:
        raise AssertionError("it was rolled again")

    monkeypatch.setattr(rolling, "roll_within", refuse)
    second = sw.compile(f, backend="llvm")
    assert second(inputs) == expected
    assert second.report().kernels[0].stages[-1].name == "load"


def test_numbers_of_32_bits_are_another_kernel(cache: Cache) -> None:
    target = machine.host_target()
    wide, narrow = (remembered.key_of_program(program(), target, dtype) for dtype in ("float64", "float32"))
    assert wide == key(program()) != narrow
    made = LoopKernel(roll(program()), "float32", cache=cache)
    remembered.remember(cache, narrow, made)
    assert remembered.recall(cache, wide, program()) is None
    inputs = [0.01 * i for i in range(20)]
    assert run(remembered.recall(cache, narrow, program()), inputs) == run(made, inputs)
