"""Nets, calls and compile times: slopewise's programs really run at the smallest sizes, and agree with NumPy.

The peers are left out: their programs start JAX and PyTorch, which `make bench` compares with the same numbers.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from benchmarks.contest import Bench, Contender, Missing, Run
from benchmarks.rows import Row

from benchmarks import (
    adbench,
    calls,
    compiling,
    convolution,
    demo_step,
    digits,
    lecture_step,
    microgpt,
    moons_step,
    nets,
    recurrent,
    starting,
    wide_net,
    worker,
)
from slopewise.engine import NATIVE

# fmt: off
TARGETS = {
    "moons-step.jax": "≥ 4 ×", "moons-step.torch": "≥ 80 ×", "moons-step.micrograd": "≥ 100000 ×",
    "demo.micrograd": "≥ 10000 ×", "lecture-step.step": "≤ 0.5 µs",
    "digits.full": "≥ 2 ×", "digits.scan": "≥ 1.5 ×", "digits.step": "≥ 3 ×", "wide.step": "≥ 1.05 ×",
    "convolution.step": "≥ 1.5 ×", "recurrent.step": "≥ 1.5 ×", "microgpt.document": "≤ 60 µs",
    "calls.small": "≤ 0.5 µs", "calls.small-jax": "≥ 30 ×",
    "calls.gradient": "≥ 10 ×", "calls.hessian": "≥ 5 ×", "calls.sparse": "≤ 15 ns",
    "adbench.ba": "≤ 100 ns", "adbench.gmm": "≤ 4 ×", "adbench.gmm-jax": "≥ 4 ×",
    "adbench.lstm": "≤ 4 ms", "adbench.lstm-jax": "≥ 5 ×",
    "compiling.cold": "≤ 0.15 s", "compiling.cached": "≤ 0.02 s", "compiling.wide": "≤ 2 s",
    "starting.time": "≤ 0.6 s", "starting.peers": "≥ 1 ×",
}
# fmt: on
GROUPS = (
    moons_step,
    demo_step,
    lecture_step,
    digits,
    wide_net,
    convolution,
    recurrent,
    microgpt,
    calls,
    adbench,
    compiling,
)  # fmt: skip


@dataclasses.dataclass
class Alone(Bench):
    """A bench of one tiny round on which the peers that are packages of others are left out."""

    asked: list[Contender] = dataclasses.field(default_factory=list)

    def hold(self, contenders: Sequence[Contender]) -> dict[str, list[Run] | Missing]:
        self.asked += contenders
        peers = {one.name: Missing(one.needs[0]) for one in contenders if one.engine is None}
        ours = Bench.hold(self, [one for one in contenders if one.name not in peers])
        return {one.name: peers.get(one.name) or ours[one.name] for one in contenders}


def alone() -> Alone:
    return Alone(None, 1, NATIVE, is_tiny=True)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.NAME))
def test_slopewise_alone_agrees_with_numpy(group: Any) -> None:
    if group in (digits, convolution):
        pytest.importorskip("sklearn")
    bench = alone()
    rows: list[Row] = group.measure(bench)
    assert rows
    for row in rows:
        assert row.target is not None
        assert TARGETS[row.key] == row.target.text(row.unit)
        assert row.subject is not None
        assert row.subject.median > 0
    for contender in bench.asked:
        check_that_swaps_fit(contender)


def check_that_swaps_fit(contender: Contender) -> None:
    """Make the swaps of a contender, and see that what comes out is Python."""
    text = (worker.PROGRAMS / contender.program).read_text(encoding="utf-8")
    swapped = worker.swapped(text, [list(pair) for pair in contender.swaps])
    compile(swapped, contender.program, "exec")


def test_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = {nets.LOOP: ("none.py", "nowhere"), nets.EAGER: ("none.py", "nowhere")}
    monkeypatch.setattr(starting, "CONTENDERS", {**starting.CONTENDERS, **absent})
    rows = {row.key: row for row in starting.measure(alone())}
    assert {key: row.target and row.target.text(row.unit) for key, row in rows.items()} == {
        key: text for key, text in TARGETS.items() if key.startswith("starting")
    }
    assert rows["starting.time"].subject is not None
    assert rows["starting.peers"].note == "JAX scan cannot run here, PyTorch eager cannot run here"


def test_the_peers_numbers_are_those_of_the_subjects() -> None:
    """Every peer's program takes data and start from the module that slopewise's program takes them from."""
    shared = {"subjects", "names", "adbench_data"}
    programs = sorted(Path(worker.PROGRAMS).glob("*_jax.py")) + sorted(Path(worker.PROGRAMS).glob("*_torch.py"))
    for path in programs:
        if path.name != "rosenbrock_jax.py":  # its start is in one line
            assert any(f"from {name} import" in path.read_text(encoding="utf-8") for name in shared), path.name
