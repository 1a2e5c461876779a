"""The tracing group: its rows computed from runs with known times; wrong numbers refused."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from benchmarks.contest import Bench, Contender, Missing, Run, WrongNumberError
from benchmarks.rows import Row

from benchmarks import tracing


@dataclasses.dataclass
class Staged(Bench):
    """A bench on which nothing runs: each contender's run is made by the function for its program."""

    changes: dict[str, Any] = dataclasses.field(default_factory=dict)
    asked: list[Contender] = dataclasses.field(default_factory=list)

    def hold(self, contenders: Sequence[Contender]) -> dict[str, list[Run] | Missing]:
        self.asked += contenders
        return {contender.name: self.run_of(contender) for contender in contenders}

    def run_of(self, contender: Contender) -> list[Run]:
        return [self.changes.get(contender.program) or DEFAULTS[contender.program](contender)]


def run(seconds: Sequence[float], answers: Sequence[float], **extra: float) -> Run:
    return Run(0, tuple(seconds), tuple(answers), tuple(answers), extra, 1.0)


def stages_run(contender: Contender, **changes: float) -> Run:
    swaps = dict(contender.swaps)
    equations = int(swaps["EQUATIONS = 1_000_000"].split()[-1])
    is_far = "anywhere" in contender.name
    ns = {
        "trace_s": 150.0,
        "passes_s": 180.0 + 10.0 * (equations > 5_000_000),
        "lower_s": 20.0,
        "eager_s": 90.0,
        **changes,
    }
    extra = {name: value * equations * 1e-9 for name, value in ns.items()}
    replay = (20.0 if is_far else 8.0 if equations < 5_000_000 else 14.0) * equations * 1e-9
    return run([replay] * 5, [1.0, 2.0], equations=equations, equations_both=3 * equations, **extra)


def rolling_run(contender: Contender) -> Run:
    equations = int(dict(contender.swaps)["EQUATIONS = 1_000_000"].split()[-1])
    slower = 1.0 + (equations > 5_000_000)
    times = {"roll_s": 5e-7 * equations, "give_up_s": 1e-6 * slower * equations, "kernel_s": 0.125}
    return run([1e-3], [1.0, 2.0], equations=equations, irregular=2 * equations, nests=8, **times)


DEFAULTS: dict[str, Any] = {
    "compile_stages.py": stages_run,
    "roll_stages.py": lambda contender: rolling_run(contender),
    "trace_memory.py": lambda contender: run([], [5.0], peak=90.0, program=13.0),
    "batch_replay.py": lambda contender: run([0.8e-9] * 3, [1.0], equations=2000.0),
}


def measured(monkeypatch: pytest.MonkeyPatch, has_native: bool = True, **changes: Any) -> dict[str, Row]:
    monkeypatch.setattr(tracing, "free_memory_bytes", lambda: None)
    renamed = {name.replace("_py", ".py"): change for name, change in changes.items()}
    rows = tracing.measure(Staged(None, 1, has_native, changes=renamed))
    return {row.key: row for row in rows}


def test_every_row_of_the_issue_is_there_with_its_target(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = measured(monkeypatch)
    assert {key: (row.target and row.target.text(row.unit), row.verdict) for key, row in rows.items()} == {
        "tracing.record": ("≤ 200 ns", "met"),
        "tracing.passes": ("≤ 200 ns", "met"),
        "tracing.replay-near": ("≤ 12 ns", "met"),
        "tracing.replay-far": ("≤ 22 ns", "met"),
        "tracing.growth-trace": ("≤ 1.5 ×", "met"),
        "tracing.growth-passes": ("≤ 1.5 ×", "met"),
        "tracing.growth-lower": ("≤ 1.5 ×", "met"),
        "tracing.growth-replay": ("≤ 1.5 ×", "not met"),
        "tracing.growth-roll": ("≤ 1.5 ×", "met"),
        "tracing.growth-give_up": ("≤ 1.5 ×", "not met"),
        "tracing.growth-kernel": ("≤ 1.5 ×", "met"),
        "tracing.memory": ("≤ 100 bytes", "met"),
        "tracing.batch": ("≤ 1 ns", "met"),
    }


def test_numbers_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = measured(monkeypatch)
    medians = {key: round(row.subject.median, 6) for key, row in rows.items() if row.subject is not None}
    assert (medians["tracing.record"], medians["tracing.passes"]) == (150.0, 180.0)
    assert (medians["tracing.replay-near"], medians["tracing.replay-far"]) == (8.0, 20.0)
    growth = rows["tracing.growth-replay"]
    assert growth.subject is not None and growth.peer is not None
    assert growth.ratio == pytest.approx(1.75)
    assert growth.subject.median == pytest.approx(14.0)
    assert growth.peer.name == "10,000 equations"
    assert growth.note == "a decade: 1.00 × to 100,000, 1.00 × to 1,000,000, 1.75 × to 10,000,000"
    kernel = rows["tracing.growth-kernel"]
    assert kernel.ratio == pytest.approx(0.1)
    assert kernel.note.endswith("0.10 × to 10,000,000; in all 0.125 s, 0.125 s, 0.125 s, 0.125 s")
    assert rows["tracing.record"].note == "the same function on Values, not traced: 90 ns"
    assert rows["tracing.passes"].note == "1,000,000 equations, 3,000,000 with the gradient"


def test_without_the_native_engine_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = measured(monkeypatch, has_native=False)
    growth = {key for key in rows if "growth" in key}
    assert {row.verdict for key, row in rows.items() if key not in growth} == {"needs native"}
    assert {rows[key].note for key in growth} == {"10,000,000 equations are measured on the native engine only"}


def test_too_little_memory_for_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "free_memory_bytes", lambda: 10**9)
    bench = Staged(None, 1, True)
    rows = {row.key: row for row in tracing.measure(bench)}
    assert rows["tracing.growth-trace"].note == "needs 8 GB of free memory, there are 1.0"
    assert not any("10,000,000" in contender.name for contender in bench.asked)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"compile_stages_py": Run(0, (1.0,), (1.0, 2.5), (1.0, 2.0), {}, 1.0)},
            r"answer 1 is 2\.5, but plain arithmetic",
        ),
        ({"batch_replay_py": Run(0, (1.0,), (1.1,), (1.0,), {}, 1.0)}, r"answer 0 is 1\.1, but the engine has 1\.0"),
    ],
)
def test_a_wrong_number_ends_it(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongNumberError, match=message):
        measured(monkeypatch, **change)
