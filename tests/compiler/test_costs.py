"""When what is replayed becomes machine code: counted runs decide, and what was worth it is known afterwards."""

import math
import threading
from typing import Any

import pytest

import slopewise as sw
from slopewise.backends.llvm import availability
from slopewise.compiler import lowering, tiers
from slopewise.compiler.costs import runs_until_paid
from slopewise.errors import BackendWarning

needs_llvm = pytest.mark.skipif(not availability.is_available(), reason="needs llvmlite")
AFTER = 7


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Let machine code be worth making after seven runs."""
    monkeypatch.setattr(lowering, "runs_until_paid", lambda n_equations, n_runs: AFTER)
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))


def f(x: Any, y: Any) -> Any:
    total = 0.0
    for i in range(20):
        total = total * 0.5 + sw.exp(-x * i * 0.1) * y
    return total


def expected(x: float, y: float) -> float:
    total = 0.0
    for i in range(20):
        total = total * 0.5 + math.exp(-x * i * 0.1) * y
    return total


def machinery(k: Any) -> list[str]:
    return [kernel.runs_as for kernel in k.report().kernels]


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_it_becomes_machine_code_at_a_counted_call_and_gives_the_same() -> None:
    runs: list[list[str]] = []
    for _ in range(2):
        k = sw.compile(f)
        runs.append([])
        for i in range(AFTER + 3):
            assert k(0.1 * i, 2.0) == pytest.approx(expected(0.1 * i, 2.0), rel=1e-14)
            runs[-1] += machinery(k)
    assert runs[0] == ["replay"] * (AFTER - 1) + ["machine code"] * 4  # a report asks what runs the next call
    assert runs[1] == ["machine code"] * (AFTER + 3)  # it was worth it, and is found on disk
    assert k.report().kernels[0].why.endswith("nests of loops; found on disk")
    assert k.paths[0].calls == AFTER + 3


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_the_report_says_when_and_afterwards_how_it_came() -> None:
    k = sw.compile(f)
    k(0.5, 2.0)
    report = k.report().kernels[0]
    assert report.why.endswith("at the first call; machine code is tried after 7 runs, 6 from now")
    for _ in range(AFTER):
        k(0.5, 2.0)
    report = k.report().kernels[0]
    assert ", replayed 7 times, " in report.why and report.why.endswith("made now, kept on disk")
    assert [stage.name for stage in report.stages] == ["simplify", "lower to replay", "roll", "compile"]


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_rows_gradients_and_arrays_count_too() -> None:
    k = sw.compile(f)
    xs = [0.1 * i for i in range(30)]
    ys = k.map(xs, [2.0] * 30)
    assert ys == pytest.approx([expected(x, 2.0) for x in xs], rel=1e-14)
    assert machinery(k) == ["machine code"] and k.paths[0].calls == 30
    w = sw.Value(2.0)
    backward = sw.compile(lambda x: f(x, w))
    for i in range(AFTER + 1):
        assert not (i < AFTER and "compile" in str(backward.report() if i else ""))
        backward.backward(0.5)
    assert w.grad == pytest.approx((AFTER + 1) * expected(0.5, 1.0), rel=1e-13)
    assert "compile" in [stage.name for stage in backward.report().kernels[0].stages]


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_state_goes_on_where_machine_code_takes_over() -> None:
    def trained(**options: Any) -> tuple[list[float], float]:
        w = sw.Value(1.0)

        def step(x: Any) -> Any:
            error = (f(x, w) - 3.0) ** 2
            w.grad = 0.0
            error.backward()
            w.data -= 0.01 * w.grad
            return error

        k = sw.compile(step, **options)
        first = [k(0.1 * i) for i in range(3)]
        return first + k.map([0.05 * i for i in range(20)]), float(w.data)

    errors, w = trained()
    others, v = trained(backend="replay")
    assert errors == pytest.approx(others, rel=1e-11) and w == pytest.approx(v, rel=1e-12)


@needs_llvm
@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("options", [{"exact": True}, {"backend": "replay"}], ids=["exact", "replay"])
def test_a_tier_that_was_chosen_stays(options: dict[str, Any]) -> None:
    k = sw.compile(f, **options)
    values = {k(0.5, 2.0) for _ in range(3 * AFTER)}
    assert len(values) == 1 and machinery(k) == ["replay"]
    assert "machine code is tried" not in str(k.report())


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_what_cannot_be_machine_code_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.passes import rolling

    tries: list[int] = []

    def refuse(program: Any, most_nests: int) -> None:
        tries.append(most_nests)

    monkeypatch.setattr(rolling, "roll_within", refuse)
    k = sw.compile(f)
    values = {k(0.5, 2.0) for _ in range(3 * AFTER)}
    assert len(values) == 1 and tries == [tiers.MOST_NESTS_ASKED_FOR]
    assert k.report().kernels[0].why == "it does not roll into 2,000 nests of loops or fewer"


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_a_slip_of_ours_does_not_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.passes import rolling

    def slips(program: Any, most_nests: int) -> None:
        raise ValueError("x not in tuple")

    monkeypatch.setattr(rolling, "roll_within", slips)
    k = sw.compile(f)
    values = {k(0.5, 2.0) for _ in range(AFTER)}
    with pytest.warns(
        BackendWarning, match="could not be made, so it is replayed: .*; ValueError: x not in tuple"
    ) as told:
        values.add(k(0.5, 2.0))
    assert told[0].filename == __file__
    values |= {k(0.5, 2.0) for _ in range(AFTER)}
    assert (
        len(values) == 1 and k.report().kernels[0].why == "machine code could not be made: ValueError: x not in tuple"
    )
    with pytest.raises(ValueError, match="x not in tuple"):
        sw.compile(f, backend="llvm")(0.5, 2.0)


@pytest.mark.usefixtures("soon")
def test_without_machine_code_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "_found", lambda: "llvmlite is not installed: pip install llvmlite")
    monkeypatch.setattr(availability, "_is_told", False)
    k = sw.compile(f)
    assert len({k(0.5, 2.0) for _ in range(3 * AFTER)}) == 1
    assert k.report().kernels[0].why == "llvmlite is not installed: pip install llvmlite"


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_numbers_that_differ_between_paths_share_the_count() -> None:
    table = [[0.1 * i * j for j in range(40)] for i in range(3)]
    k = sw.compile(lambda i, x: sum(sw.tanh(x * y) for y in table[i]))
    for call in range(4 * AFTER):
        i = call % 3
        assert k(i, 0.5) == pytest.approx(sum(math.tanh(0.5 * y) for y in table[i]), rel=1e-13)
    assert machinery(k) == ["machine code"]
    assert sum(path.calls for path in k.paths) == 4 * AFTER


@needs_llvm
@pytest.mark.usefixtures("soon")
def test_threads_meet_machine_code_together() -> None:
    k = sw.compile(f)
    found: list[tuple[float, float]] = []

    def call(begin: int) -> None:
        for i in range(begin, begin + 40):
            found.append((0.01 * i, k(0.01 * i, 2.0)))

    threads = [threading.Thread(target=call, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160 and machinery(k) == ["machine code"]
    assert [y for _, y in found] == pytest.approx([expected(x, 2.0) for x, _ in found], rel=1e-14)


def test_small_functions_stay_and_large_ones_wait_no_longer() -> None:
    k = sw.compile(lambda x: x * x + 1.0)
    k(2.0)
    assert k.report().kernels[0].why == "2 equations, fewer than the 32 from which machine code pays"
    assert [runs_until_paid(n, n // 4) for n in (40, 400, 4000)] == [340000, 86000, 60000]
