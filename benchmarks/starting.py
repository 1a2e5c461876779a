"""A new process, from its start to the trained moons net: imports, compiling, a hundred steps."""

import importlib.util
import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from time import perf_counter

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, BenchmarkError, Engine, Missing, Run, environment
from benchmarks.nets import EAGER, LOOP, SLOPEWISE
from benchmarks.rows import Row, Target

NAME = "starting"
TITLE = "A new process, from its start to the trained moons net"

PROGRAMS = Path(__file__).parent / "programs"
CONTENDERS = {
    SLOPEWISE: ("moons_train.py", None),
    LOOP: ("moons_train_jax.py", "jax"),
    EAGER: ("moons_train_torch.py", "torch"),
}


def measure(bench: Bench) -> list[Row]:
    """Return the two rows of the group: the time, and beside both peers."""
    outcome: dict[str, list[Run] | Missing] = {}
    for name, (_, needed) in CONTENDERS.items():
        is_missing = needed is not None and importlib.util.find_spec(needed) is None
        outcome[name] = Missing(str(needed)) if is_missing else []
    present = [name for name, runs in outcome.items() if not isinstance(runs, Missing)]
    for number in range(1 if bench.is_tiny else 3 * bench.rounds):
        for name in present[number % len(present) :] + present[: number % len(present)]:
            bench.say(f"starting {name}")
            outcome[name].append(train(name, bench, number))  # type: ignore[union-attr]
    check_numbers(outcome, 1e-10, leading=3)
    title = "from start to the trained net"
    return rows_of(
        bench,
        outcome,
        [
            Against("starting.time", title, "s", SLOPEWISE, (), Target("value at most", 0.6)),
            Against("starting.peers", f"{title}, beside both peers", "s", SLOPEWISE, (LOOP, EAGER),
                    Target("ratio at least", 1)),
        ],
    )  # fmt: skip


def train(name: str, bench: Bench, number: int) -> Run:
    """Run a contender's program in a process of its own, and return how long that process lived and its answers."""
    program = PROGRAMS / CONTENDERS[name][0]
    engine: Engine | None = bench.engine if name == SLOPEWISE else None
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", wrapped(program, bench.core, bench.is_tiny)],
        env=environment(engine),
        capture_output=True,
        text=True,
        timeout=600,
    )
    seconds = perf_counter() - began
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-6:])
        raise BenchmarkError(f"{name}: {program.name} failed with exit code {done.returncode}\n{tail}")
    return Run(number, (seconds,), tuple(literal_eval(done.stdout.splitlines()[-1])), None, {}, 1.0)


def wrapped(program: Path, core: int | None, is_tiny: bool) -> str:
    """Return Python code that runs a program on one core and prints its answers."""
    pin = "" if core is None else f"import os; os.sched_setaffinity(0, {{{core}}})\n"
    tiny = "\ntext = text.replace('POINTS = 100', 'POINTS = 5').replace('STEPS = 100', 'STEPS = 3')" if is_tiny else ""
    return (
        f"{pin}import sys\n"
        f"sys.path.insert(0, {str(program.parent)!r})\n"
        f"text = open({str(program)!r}, encoding='utf-8').read(){tiny}\n"
        f"names = {{'__name__': '__main__'}}\n"
        f"exec(compile(text, {str(program)!r}, 'exec'), names)\n"
        f"print(names['answers'])"
    )
