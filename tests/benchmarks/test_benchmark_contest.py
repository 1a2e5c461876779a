"""Contests: each contender in a process of its own, by turns, with wrong numbers, engines and missing peers noticed."""

import os
import sys
from pathlib import Path

import pytest
from benchmarks.contest import (
    Bench,
    BenchmarkError,
    Contender,
    Missing,
    Run,
    WrongNumberError,
    check_agreement,
    check_engine,
    launch,
    paired_ratio,
    round_medians,
    schedule,
)

from benchmarks import contest

PROGRAM = """
import gc, os
ROUNDS = 2
seconds = [0.25] * ROUNDS
answers = [1.0]
extra = {"collector": float(gc.isenabled()), "threads": float(os.environ["OMP_NUM_THREADS"]), "process": os.getpid()}
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)  # an absolute path wins over the folder of programs


def run(number: int, *seconds: float) -> Run:
    return Run(number, seconds, (), None, {}, 0.001)


def test_a_contender_runs_in_another_process_with_one_thread(program: str) -> None:
    result = launch(Contender("one", program), core=None)
    assert isinstance(result, Run)
    assert (result.seconds, result.answers, result.expected) == ((0.25, 0.25), (1.0,), None)
    assert result.extra["collector"] == 1
    assert result.extra["threads"] == 1
    assert result.extra["process"] != os.getpid()
    assert result.calibration_s > 0


def test_the_collector_is_turned_off_when_asked(program: str) -> None:
    result = launch(Contender("one", program, collector=False), core=None)
    assert isinstance(result, Run)
    assert result.extra["collector"] == 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process on a core")
def test_the_process_stays_on_its_core(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import os\nseconds = []\nanswers = list(os.sched_getaffinity(0))\n", encoding="utf-8")
    core = max(os.sched_getaffinity(0))
    result = launch(Contender("one", str(path)), core)
    assert isinstance(result, Run)
    assert result.answers == (core,)


def test_swaps_are_made(program: str) -> None:
    result = launch(Contender("one", program, (("ROUNDS = 2", "ROUNDS = 5"),)), core=None)
    assert isinstance(result, Run)
    assert len(result.seconds) == 5


def test_a_swap_that_finds_nothing_is_an_error(program: str) -> None:
    with pytest.raises(BenchmarkError, match="the program has no 'import nothing' to replace by 'pass'"):
        launch(Contender("one", program, (("import nothing", "pass"),)), core=None)


def test_a_program_that_fails_is_an_error_with_its_last_lines(program: str) -> None:
    with pytest.raises(BenchmarkError, match=r"one: .*program.py failed with exit code 1(.|\n)*ZeroDivisionError"):
        launch(Contender("one", program, (("ROUNDS = 2", "ROUNDS = 2 // 0"),)), core=None)


def test_a_program_that_cannot_run_here_says_what_it_misses(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text('raise SystemExit("missing: a better compiler")\n', encoding="utf-8")
    assert launch(Contender("one", str(path)), core=None) == Missing("a better compiler")
    path.write_text('raise SystemExit("enough")\n', encoding="utf-8")
    with pytest.raises(BenchmarkError, match="enough"):
        launch(Contender("one", str(path)), core=None)


def test_a_compiler_can_be_missing_too(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert launch(Contender("one", program, needs=("C++",)), core=None) == Missing("C++")
    monkeypatch.setenv("CXX", sys.executable)
    assert isinstance(launch(Contender("one", program, needs=("C++",)), core=None), Run)


def test_a_peer_that_is_not_installed_is_missing(program: str) -> None:
    assert launch(Contender("one", program, needs=("sys", "no_such_peer")), core=None) == Missing("no_such_peer")


def test_a_program_on_the_wrong_engine_is_an_error(program: str) -> None:
    with pytest.raises(BenchmarkError, match="wanted the native engine, but no engine of slopewise ran"):
        launch(Contender("one", program, engine="native"), core=None)
    native = Contender("one", program, engine="native")
    with pytest.raises(BenchmarkError, match="wanted the native engine, but the interpreted engine of slopewise ran"):
        check_engine(native, {"native": False})
    check_engine(native, {"native": True})


def test_the_interpreted_engine_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import slopewise.engine\nseconds = []\nanswers = []\n", encoding="utf-8")
    assert isinstance(launch(Contender("one", str(path), engine="interpreted"), core=None), Run)


def test_contenders_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[tuple[int, str]] = []

    def launched(contender: Contender, core: int | None, number: int) -> Run | Missing:
        order.append((number, contender.name))
        return Missing("c") if contender.name == "c" else run(number, 1.0)

    monkeypatch.setattr(contest, "launch", launched)
    bench = Bench(core=None, rounds=3, has_native=False)
    outcome = bench.hold([Contender("a", ""), Contender("b", "", every=2), Contender("c", "")])
    assert order == [(0, "a"), (0, "b"), (0, "c"), (1, "a"), (2, "a"), (2, "b")]
    assert outcome == {"a": [run(0, 1.0), run(1, 1.0), run(2, 1.0)], "b": [run(0, 1.0), run(2, 1.0)], "c": Missing("c")}
    assert len(bench.calibrations_s) == 5


def test_the_order_turns_from_round_to_round() -> None:
    long, short, rare = Contender("long", ""), Contender("short", "", repeats=3), Contender("rare", "", every=2)
    order = [[entry.name for entry in schedule((long, short, rare), number)] for number in range(3)]
    assert order == [
        ["long", "short", "rare", "short", "short"],
        ["short", "long", "short", "short"],
        ["rare", "long", "short", "short", "short"],
    ]
    assert schedule((long, short), 0, repeats=1) == [long, short]
    assert schedule((rare,), 1) == []


def test_rounds_that_would_not_fit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def launched(contender: Contender, core: int | None, number: int) -> Run:
        now[0] += 10.0
        return run(number, 1.0)

    monkeypatch.setattr(contest, "launch", launched)
    bench = Bench(core=None, rounds=5, has_native=False, deadline_s=35.0, clock=lambda: now[0])
    assert bench.hold([Contender("a", "")]) == {"a": [run(0, 1.0), run(1, 1.0), run(2, 1.0)]}
    assert bench.rounds_left_out == 2
    assert bench.hold([Contender("a", "")]) == {"a": [run(0, 1.0)]}  # the first round always runs
    assert bench.rounds_left_out == 6


def test_ratios_are_taken_within_a_round() -> None:
    peer = round_medians([run(0, 99.0, 10.0, 12.0), run(2, 99.0, 40.0), run(2, 99.0, 40.0)], first=1)
    mine = round_medians([run(0, 99.0, 1.0, 1.0), run(1, 99.0, 7.0, 7.0), run(2, 99.0, 2.0, 2.0)], first=1)
    assert peer == {0: 11.0, 2: 40.0}
    assert paired_ratio(peer, mine) == 15.5  # the median of 11 and 20; round 1 has no peer


def test_agreement() -> None:
    check_agreement("mine", [1.0, 2.0], "theirs", [1.0, 2.0 + 1e-12], 1e-9)
    with pytest.raises(WrongNumberError, match=r"mine: answer 1 is 2.0, but theirs has 2.001 \(allowed: 1e-09 of it\)"):
        check_agreement("mine", [1.0, 2.0], "theirs", [1.0, 2.001], 1e-9)
    with pytest.raises(WrongNumberError, match="mine gave 1 answers, theirs 2"):
        check_agreement("mine", [1.0], "theirs", [1.0, 2.0], 1e-9)
    with pytest.raises(WrongNumberError):
        check_agreement("mine", [float("nan")], "theirs", [float("nan")], 1e-9)
    with pytest.raises(WrongNumberError):
        check_agreement("mine", [1.0], "theirs", [1.0 + 1e-15], 0.0)


def test_engines_are_chosen_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLOPEWISE_NATIVE", raising=False)
    assert contest.environment("interpreted")["SLOPEWISE_NATIVE"] == "off"
    assert "SLOPEWISE_NATIVE" not in contest.environment("native")
    assert Bench(None, 1, has_native=True).engine == "native"
    assert Bench(None, 1, has_native=False).engine == "interpreted"
