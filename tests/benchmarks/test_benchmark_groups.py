"""Groups: rows computed from runs with known times, on either engine, with and without peers; wrong numbers refused."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from benchmarks.contest import Bench, Contender, Missing, Run, WrongNumberError
from benchmarks.rows import Row

from benchmarks import chains, imports, lecture_net, moons, node_memory

MOONS_LOSSES = (0.8958441028683222, 1.723590533697202, 0.74, 0.77, 0.37, 0.3135454819185)
LECTURE_LOSSES = (6.005402783252284, 3.2021496469205015, *[0.5] * 17, 0.0177818746861576)


@dataclasses.dataclass
class Staged(Bench):
    """A bench on which nothing runs: every contender gets the run that was prepared for it."""

    prepared: dict[str, Run | Missing] = dataclasses.field(default_factory=dict)
    asked: list[Contender] = dataclasses.field(default_factory=list)

    def hold(self, contenders: Sequence[Contender]) -> dict[str, list[Run] | Missing]:
        self.asked += contenders
        found = {contender.name: self.prepared[contender.name] for contender in contenders}
        return {name: run if isinstance(run, Missing) else [run] for name, run in found.items()}


def staged(has_native: bool, **prepared: Run | Missing) -> Staged:
    return Staged(None, 1, has_native, prepared={name.replace("_", " "): run for name, run in prepared.items()})


def run(seconds: float, answers: Sequence[float], count: int = 9, **others: Any) -> Run:
    return Run(
        0, (9e9, *[seconds] * count), tuple(answers), **{"expected": None, "extra": {}, "calibration_s": 1.0, **others}
    )


def by_key(rows: list[Row]) -> dict[str, Row]:
    return {row.key: row for row in rows}


def moons_bench(has_native: bool, **changes: Run | Missing) -> Staged:
    runs: dict[str, Run | Missing] = {
        "shipped": run(1.3, MOONS_LOSSES),
        "uncollected": run(0.16, MOONS_LOSSES),
        "native": run(0.01, MOONS_LOSSES),
        "native, uncollected": run(0.008, MOONS_LOSSES),
        "interpreted": run(0.1, MOONS_LOSSES),
        "interpreted, uncollected": run(0.08, MOONS_LOSSES),
    }
    return Staged(None, 1, has_native, prepared={**runs, **changes})


def test_moons_rows() -> None:
    rows = by_key(moons.measure(moons_bench(True)))
    assert {key: (row.ratio and round(row.ratio, 6), row.verdict) for key, row in rows.items()} == {
        "moons.shipped": (130.0, "met"),
        "moons.uncollected": (20.0, "met"),
        "moons.numpy.shipped": (130.0, "met"),
        "moons.numpy.uncollected": (20.0, "met"),
        "moons.engines": (10.0, "met"),
        "moons.interpreted": (13.0, "met"),
    }
    first = rows["moons.shipped"]
    assert first.subject is not None
    assert first.peer is not None
    assert (first.subject.name, first.subject.median, first.unit) == ("slopewise native", 10.0, "ms")
    assert (first.peer.name, first.peer.median) == ("micrograd", 1300.0)
    assert first.subject.samples == 6  # the first steps are not counted


def test_moons_contenders_differ_in_their_imports_and_data_alone() -> None:
    bench = moons_bench(True)
    moons.measure(bench)
    swaps = {(contender.name, contender.swaps) for contender in bench.asked}
    assert ("shipped", ()) in swaps  # micrograd's own program, on numpy's data, is run as it stands
    assert ("native", moons.IMPORTS) in swaps
    assert ("native", (*moons.IMPORTS, moons.LISTS)) in swaps
    assert ("shipped", (moons.LISTS,)) in swaps
    assert {c.collector for c in bench.asked if "uncollected" in c.name} == {False}
    assert {c.collector for c in bench.asked if "uncollected" not in c.name} == {True}


def test_moons_without_the_native_engine_judges_only_the_interpreted_one() -> None:
    rows = by_key(moons.measure(moons_bench(False)))
    assert rows["moons.interpreted"].verdict == "met"
    assert {key for key, row in rows.items() if row.verdict == "needs native"} == set(rows) - {"moons.interpreted"}
    assert rows["moons.engines"].subject is None
    assert rows["moons.shipped"].ratio == pytest.approx(13)


def test_moons_without_micrograd() -> None:
    missing = Missing("micrograd")
    rows = by_key(moons.measure(moons_bench(True, shipped=missing, uncollected=missing)))
    assert rows["moons.shipped"].verdict == "not installed"
    assert rows["moons.shipped"].note == "micrograd: pip install 'slopewise[bench]'"
    assert rows["moons.shipped"].subject is not None
    assert rows["moons.engines"].verdict == "met"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((0.8958441028683223, *MOONS_LOSSES[1:]), "the first loss is 0.8958441028683223"),
        ((*MOONS_LOSSES[:4], 0.3701, MOONS_LOSSES[5]), "answer 4 is 0.3701"),
        (MOONS_LOSSES[:5], "gave 5 answers"),
    ],
)
def test_moons_with_a_wrong_loss_fails(answers: tuple[float, ...], message: str) -> None:
    with pytest.raises(WrongNumberError, match=message):
        moons.measure(moons_bench(True, native=run(0.01, answers)))


def test_moons_that_agree_on_a_wrong_number_fail() -> None:
    same = {name: run(1.0, (0.9, *MOONS_LOSSES[1:])) for name in moons_bench(True).prepared}
    with pytest.raises(WrongNumberError, match=r"the record has 0\.8958441028683222"):
        moons.measure(moons_bench(True, **same))


def lecture_bench(has_native: bool, **changes: Run | Missing) -> Staged:
    runs: dict[str, Run | Missing] = {
        "slopewise": run(60e-6, LECTURE_LOSSES),
        "the lecture's engine": run(900e-6, LECTURE_LOSSES),
        "PyTorch scalars": run(1200e-6, LECTURE_LOSSES),
    }
    return Staged(None, 1, has_native, prepared={**runs, **changes})


def test_lecture_rows() -> None:
    rows = by_key(lecture_net.measure(lecture_bench(True)))
    assert rows["lecture.micrograd"].ratio == pytest.approx(15)
    assert rows["lecture.micrograd"].verdict == "met"
    assert rows["lecture.pytorch"].ratio == pytest.approx(20)
    assert rows["lecture.pytorch"].verdict == "not met"
    assert {row.verdict for row in lecture_net.measure(lecture_bench(False))} == {"needs native"}


def test_lecture_without_pytorch() -> None:
    rows = by_key(lecture_net.measure(lecture_bench(True, **{"PyTorch scalars": Missing("torch")})))
    assert rows["lecture.pytorch"].verdict == "not installed"
    assert rows["lecture.pytorch"].note == "torch: pip install 'slopewise[bench]'"
    assert rows["lecture.micrograd"].verdict == "met"


def test_lecture_with_a_wrong_loss_fails() -> None:
    wrong = run(1e-3, (*LECTURE_LOSSES[:19], 0.0178))
    with pytest.raises(WrongNumberError, match=r"PyTorch scalars: answer 19 is 0\.0178"):
        lecture_net.measure(lecture_bench(True, **{"PyTorch scalars": wrong}))


def chain_run(ns: float, operations: int, answers: tuple[float, ...] = (1.0, 2.0)) -> Run:
    extra = {"build_s": 2 * ns * operations * 1e-9, "free_s": ns * operations * 1e-9}
    return Run(0, (ns * operations * 1e-9,) * 3, answers, (1.0, 2.0), extra, 1.0)


def chain_bench(**changes: Run) -> Staged:
    runs: dict[str, Run | Missing] = {
        "1,000,000 operations": chain_run(50.0, 10**6),
        "10,000,000 operations": chain_run(80.0, 10**7),
    }
    return Staged(None, 1, True, prepared={**runs, **changes})


def test_chain_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "free_memory_bytes", lambda: None)
    rows = by_key(chains.measure(chain_bench()))
    million, ten = rows["chain.million"], rows["chain.ten-million"]
    assert million.subject is not None
    assert million.subject.median == pytest.approx(50)
    assert million.verdict == "met"
    assert million.note == "building 100 ns each, freeing 50 ns"
    assert ten.ratio == pytest.approx(1.6)
    assert ten.verdict == "met"


def test_chain_without_memory_or_native_engine_skips_the_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "free_memory_bytes", lambda: 10**9)
    ten = chains.measure(chain_bench())[1]
    assert (ten.verdict, ten.note) == ("skipped", "needs 3 GB of free memory, there are 1.0")
    bench = chain_bench()
    bench.has_native = False
    million, ten = chains.measure(bench)
    assert million.verdict == "needs native"
    assert (ten.verdict, ten.note) == ("skipped", "10,000,000 operations are measured on the native engine only")


def test_chain_with_a_wrong_gradient_fails() -> None:
    with pytest.raises(WrongNumberError, match=r"answer 1 is 3\.0, but plain arithmetic has 2\.0"):
        chains.measure(chain_bench(**{"1,000,000 operations": chain_run(50.0, 10**6, (1.0, 3.0))}))


def memory_run(built: float, swept: float) -> Run:
    return Run(0, (), (5.0,), None, {"built": built, "swept": swept, "getsizeof": 80.0}, 1.0)


def test_memory_row_takes_the_larger_of_before_and_after_the_pass() -> None:
    (row,) = node_memory.measure(staged(True, slopewise=memory_run(80.0, 100.0), micrograd=memory_run(750.0, 0.0)))
    assert row.subject is not None
    assert (row.subject.median, row.ratio, row.verdict) == (100.0, 7.5, "met")
    assert row.note == "the object alone: 80 bytes"
    (row,) = node_memory.measure(staged(True, slopewise=memory_run(80.0, 121.0), micrograd=Missing("micrograd")))
    assert (row.verdict, row.peer) == ("not met", None)


def test_import_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"pass": 0.010, "import slopewise": 0.015, "from slopewise import Value": 0.065}
    monkeypatch.setattr(imports, "start_s", lambda statement, core: seconds[statement])
    rows = by_key(imports.measure(Bench(None, 1, True)))
    added = {key: row.subject and round(row.subject.median, 6) for key, row in rows.items()}
    assert added == {"imports.package": 5.0, "imports.value": 55.0}
    assert [row.verdict for row in rows.values()] == ["met", "not met"]
