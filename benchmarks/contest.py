"""Runs contenders by turns, each in a process of its own on one core, and compares what they measured.

A round runs every contender once, in an order that turns from round to round, so that a slow minute of the machine hits
all of them alike. Ratios are taken within a round; the ratio of a row is the median over its rounds.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Literal

WORKER = Path(__file__).parent / "worker.py"
Engine = Literal["native", "interpreted"]


class BenchmarkError(RuntimeError):
    """A contender that failed to run, or ran on another engine than asked for."""


class WrongNumberError(ArithmeticError):
    """Two contenders, or a contender and a known answer, disagree."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program, with the swaps that are the only changes to it, and the state that it runs in.

    Attributes:
        name: For tables and messages.
        program: A file of `programs/`.
        swaps: Pairs (old text, new text); each must occur in the program.
        needs: Distributions without which it cannot run, and "C++" for a compiler; a missing one is not an error.
        engine: Which engine of slopewise has to run it; None for a peer.
        collector: Whether Python's cycle collector stays on, as it is by default.
        every: Runs in every `every`-th round only: for contenders that take long.
        repeats: How often it runs in such a round, spread over it: for contenders that are over in a moment.
    """

    name: str
    program: str
    swaps: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()
    engine: Engine | None = None
    collector: bool = True
    every: int = 1
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What one process measured."""

    round: int
    seconds: tuple[float, ...]
    answers: tuple[float, ...]
    expected: tuple[float, ...] | None
    extra: dict[str, float]
    calibration_s: float


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that is not installed, or cannot run here."""

    package: str


@dataclass(slots=True)
class Bench:
    """The state of a benchmark run, and how contenders meet in it.

    Attributes:
        core: The core that every process is kept on; None where the system cannot.
        rounds: How often each contender runs.
        has_native: Whether this installation has the native engine.
        is_tiny: Whether the smallest sizes are run, which shows that everything works and measures nothing.
        deadline_s: When the group should be through, on `clock`; rounds after the first that would not be are left out.
        clock: The seconds of a clock.
        say: Told what runs now.
        rounds_left_out: How many rounds did not fit.
        calibrations_s: Each process's time for the same piece of plain Python: their spread is the machine's noise.
    """

    core: int | None
    rounds: int
    has_native: bool
    is_tiny: bool = False
    deadline_s: float = float("inf")
    clock: Callable[[], float] = monotonic
    say: Callable[[str], None] = lambda text: None
    calibrations_s: list[float] = field(default_factory=list)
    rounds_left_out: int = 0

    @property
    def engine(self) -> Engine:
        """The engine that a user of this installation gets."""
        return "native" if self.has_native else "interpreted"

    def hold(self, contenders: Sequence[Contender]) -> dict[str, list[Run] | Missing]:
        """Run the contenders by turns, and return each one's runs by its name."""
        outcome: dict[str, list[Run] | Missing] = {contender.name: [] for contender in contenders}
        longest_s = 0.0
        for number in range(self.rounds):
            began = self.clock()
            if number and began + longest_s > self.deadline_s:
                self.rounds_left_out += self.rounds - number
                break
            for contender in schedule(contenders, number, 1 if self.is_tiny else None):
                runs = outcome[contender.name]
                if isinstance(runs, Missing):
                    continue
                self.say(f"round {number + 1} of {self.rounds}: {contender.name}")
                result = launch(contender, self.core, number)
                if isinstance(result, Missing):
                    outcome[contender.name] = result
                else:
                    runs.append(result)
                    self.calibrations_s.append(result.calibration_s)
            longest_s = max(longest_s, self.clock() - began)
        return outcome


def schedule(contenders: Sequence[Contender], number: int, repeats: int | None = None) -> list[Contender]:
    """Return who runs in a round, in order: whoever runs more than once runs again when the others are through.

    Args:
        contenders: All of them, in the order of round 0; every later round starts one further on.
        number: The round, from 0.
        repeats: How often each runs, instead of what it asks for.
    """
    turn = number % len(contenders)
    present = [entry for entry in (*contenders[turn:], *contenders[:turn]) if number % entry.every == 0]
    most = max((repeats or entry.repeats for entry in present), default=0)
    return [entry for time in range(most) for entry in present if time < (repeats or entry.repeats)]


def launch(contender: Contender, core: int | None, number: int = 0) -> Run | Missing:
    """Run a contender in a fresh process and return what it measured.

    Raises:
        BenchmarkError: The process failed, or slopewise ran on another engine than the contender asks for.
    """
    spec = {
        "program": contender.program,
        "swaps": contender.swaps,
        "needs": contender.needs,
        "collector": contender.collector,
        "core": core,
    }
    done = subprocess.run(
        [sys.executable, str(WORKER), json.dumps(spec)],
        env=environment(contender.engine),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-6:])
        raise BenchmarkError(f"{contender.name}: {contender.program} failed with exit code {done.returncode}\n{tail}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if "missing" in found:
        return Missing(found["missing"])
    check_engine(contender, found["engine"])
    expected = found["expected"]
    return Run(
        number,
        tuple(found["seconds"]),
        tuple(found["answers"]),
        None if expected is None else tuple(expected),
        found["extra"],
        found["calibration_s"],
    )


def environment(engine: Engine | None) -> dict[str, str]:
    """Return the environment of a worker: one thread in every library, and the engine asked for."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    xla = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    chosen = {"XLA_FLAGS": xla, **os.environ, **dict.fromkeys(names, "1"), "PYTHONUTF8": "1"}
    chosen.pop("PYTHONDONTWRITEBYTECODE", None)  # who installs a package has its modules compiled to bytecode
    if engine == "interpreted":
        chosen["SLOPEWISE_NATIVE"] = "off"
    return chosen


def check_engine(contender: Contender, report: dict[str, Any] | None) -> None:
    """Raise BenchmarkError unless the program ran on the engine that the contender names."""
    if contender.engine is None:
        return
    ran = "no" if report is None else "the native" if report["native"] else "the interpreted"
    if ran != f"the {contender.engine}":
        raise BenchmarkError(
            f"{contender.name}: wanted the {contender.engine} engine, but {ran} engine of slopewise ran"
        )


def round_medians(runs: Sequence[Run], first: int = 0) -> dict[int, float]:
    """Return each round's median of the seconds from position `first` of every run on."""
    pooled: dict[int, list[float]] = {}
    for run in runs:
        pooled.setdefault(run.round, []).extend(run.seconds[first:])
    return {number: median(seconds) for number, seconds in pooled.items()}


def paired_ratio(above: dict[int, float], below: dict[int, float]) -> float:
    """Return the median, over the rounds that both took part in, of above / below."""
    return median(above[number] / below[number] for number in above if number in below)


def check_agreement(name: str, got: Sequence[float], wanted_by: str, wanted: Sequence[float], rel: float) -> None:
    """Raise WrongNumberError unless both sequences agree, number by number, to a relative error of `rel`."""
    if len(got) != len(wanted):
        raise WrongNumberError(f"{name} gave {len(got)} answers, {wanted_by} {len(wanted)}")
    for position, (mine, theirs) in enumerate(zip(got, wanted, strict=True)):
        if not (mine == theirs or isclose(mine, theirs, rel_tol=rel, abs_tol=rel * 1e-3)):
            raise WrongNumberError(
                f"{name}: answer {position} is {mine!r}, but {wanted_by} has {theirs!r} (allowed: {rel:g} of it)\n"
                f"a speed with a wrong number is worth nothing: nothing was written"
            )
