"""How often a function is run when it is first compiled: twice, and once where that was done before."""

from pathlib import Path
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.backends.llvm import availability
from slopewise.backends.llvm.disk_cache import Cache
from slopewise.errors import TraceError

needs_llvmlite = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")
TERMS = 600


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path / "cache"))
    return Cache()


class Counted:
    """A function that counts how often Python runs it, and takes a number from outside."""

    def __init__(self, factor: float = 2.0, terms: int = TERMS) -> None:
        self.runs = 0
        self.factor = factor
        self.terms = terms

    def __call__(self, x: Any) -> Any:
        self.runs += 1
        return sum(x * self.factor for _ in range(self.terms))


def runs_of_first_call(f: Counted, **options: Any) -> int:
    sw.compile(f, **options)(1.5)
    return f.runs


@needs_llvmlite
def test_what_agreed_once_is_run_once_later() -> None:
    assert runs_of_first_call(Counted()) == 2
    assert runs_of_first_call(Counted()) == 1
    assert runs_of_first_call(Counted(3.0)) == 2


@needs_llvmlite
def test_a_damaged_mark_is_no_mark(cache: Cache) -> None:
    assert runs_of_first_call(Counted()) == 2
    assert cache.folder is not None
    for file in cache.folder.iterdir():
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert runs_of_first_call(Counted()) == 2
    assert runs_of_first_call(Counted()) == 1


def test_small_functions_exact_ones_and_replay_are_run_twice(cache: Cache) -> None:
    for options in ({"exact": True}, {"backend": "replay"}):
        assert [runs_of_first_call(Counted(), **options) for _ in range(2)] == [2, 2]
    assert [runs_of_first_call(Counted(terms=3)) for _ in range(2)] == [2, 2]
    assert cache.entries() == []


def test_without_a_cache_functions_are_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", "off")
    assert [runs_of_first_call(Counted()) for _ in range(2)] == [2, 2]


def test_what_changes_from_run_to_run_is_found_out_all_the_same() -> None:
    assert runs_of_first_call(Counted()) == 2
    changing = Counted()

    def f(x: Any) -> Any:
        changing.factor += 1.0
        return changing(x)

    for _ in range(2):
        with pytest.raises(TraceError, match="run twice with the same arguments, and a number in it was"):
            sw.compile(f)(1.5)


@needs_llvmlite
def test_gradients_and_state_are_right_after_one_run() -> None:
    def made() -> tuple[Any, Value]:
        w = Value(0.5)

        def step(x: Any) -> Any:
            loss = sum((w * x - i) ** 2 for i in range(TERMS))
            w.grad = 0.0
            loss.backward()
            w.data -= 1e-4 * w.grad
            return loss

        return sw.compile(step), w

    results = []
    for _ in range(2):
        k, w = made()
        results.append([k(1.25), k(1.25), w.data, w.grad])
    assert results[0] == results[1]
