"""The command: everything really runs once at the smallest sizes; bad options and wrong numbers end it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from benchmarks.contest import WrongNumberError
from benchmarks.rows import Row, Side, Target, read_results

from benchmarks import lecture_net, machine, run
from slopewise.engine import NATIVE

# The groups of nets, calls and compile times have tests of their own, which start no JAX and no PyTorch.
EAGER = ["moons", "lecture", "chain", "memory", "imports", "explaining", "tracing"]


@pytest.mark.skipif(
    not NATIVE, reason="the programs run in processes of their own, on the native engine where there is one"
)
def test_everything_runs_at_the_smallest_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = run.main(["--tiny", "--only", ",".join(EAGER), "--results", str(tmp_path)])
    printed = capsys.readouterr().out
    assert exit_code == 0, printed
    for name in EAGER:
        assert run.GROUPS[name].TITLE in printed
    assert "All numbers agreed between the contenders." in printed
    assert "nothing was written" in printed
    assert list(tmp_path.iterdir()) == []


class Stub:
    """A group of one row that costs nothing."""

    NAME = "imports"
    TITLE = "a title with [brackets]"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def measure(self, bench: Any) -> list[Row]:
        bench.say("[bold]looking")
        if self.error:
            raise self.error
        side = Side("slopewise native", 3.0, 3.0, 3.0, 1)
        return [
            Row("a", "row [i]", "ms", side, target=Target("value at most", 2), note="a remark [x]"),
            Row("b", "row two", "ms", target=Target("value at most", 2), status="skipped", note="no room"),
        ]


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Stub:
    stub = Stub()
    monkeypatch.setattr(run, "GROUPS", {"imports": stub})
    monkeypatch.setattr(run, "find_engine", lambda console: True)
    return stub


def test_a_missed_target_is_said_and_written_and_no_failure(
    stubbed: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["--only", "imports", "--results", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "0 of 1 targets met; not met: a." in printed
    assert "Not judged, since it was skipped: b." in printed
    assert "a title with [brackets]" in printed
    assert "row [i]: a remark [x]" in printed
    results = read_results(tmp_path / "imports.json")
    assert (results.engine, [row.key for row in results.rows]) == ("native", ["a", "b"])
    assert {"processor", "cores", "system", "python", "native build"} == set(results.machine)
    assert {"python", "slopewise", *machine.PEERS} == set(results.versions)


def test_a_wrong_number_ends_the_run_and_writes_nothing(
    stubbed: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stubbed.error = WrongNumberError("mine: answer 1 is 2.0")
    assert run.main(["--only", "imports", "--results", str(tmp_path)]) == 1
    assert "Error: mine: answer 1 is 2.0" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_writes_nothing(stubbed: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stubbed.error = KeyboardInterrupt()  # type: ignore[assignment]
    assert run.main(["--only", "imports", "--results", str(tmp_path)]) == 130
    assert "Stopped; nothing was written." in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "moos"], "no group 'moos'; did you mean 'moons'? There are moons, lecture, chain, memory, imports"),
        (["--only", "xyz"], "no group 'xyz'. There are moons, lecture, chain, memory, imports"),
        (["--rounds", "0"], "--rounds is 0; at least one round is needed"),
        (["--core", "4095"], "--core 4095: this process may use"),
    ],
)
def test_bad_options(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run.main(options)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_the_time_is_shared_among_the_chosen_groups() -> None:
    assert run.share_through("adbench", ["adbench"]) == 1.0
    shares = [run.share_through(name, list(run.GROUPS)) for name in run.GROUPS]
    assert shares == sorted(shares)
    assert (shares[0] > 0, shares[-1]) == (True, 1.0)
    assert sum(run.SECONDS.values()) < 15 * 60


def test_a_slopewise_that_cannot_be_imported_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_NATIVE", "perhaps")
    assert run.main(["--only", "imports"]) == 1


def test_machine_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    found = machine.describe(3, has_native=True)
    assert "each process on core 3" in found["cores"]
    assert "-ffp-contract=off" in found["native build"] or "/fp:precise" in found["native build"]
    assert machine.describe(None, has_native=False)["native build"] == "none"
    monkeypatch.setattr(os, "getloadavg", lambda: (9.5, 0, 0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert machine.busyness() == "the machine is busy (load 9.5 on 2 cores): expect slower and noisier numbers"
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0, 0), raising=False)
    assert machine.busyness() is None


def test_the_committed_results_can_be_read() -> None:
    for path in run.RESULTS.glob("*.json"):
        assert read_results(path).group == path.stem
        assert json.loads(path.read_text(encoding="utf-8"))["schema"] == 1


def test_the_pytorch_form_differs_from_the_lecture_loop_in_two_places() -> None:
    program = (Path(lecture_net.__file__).parent / "programs" / "lecture_loop.py").read_text(encoding="utf-8")
    for old, _ in lecture_net.PYTORCH:
        assert program.count(old) == 1
