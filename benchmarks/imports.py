"""What importing slopewise adds to the start of Python."""

import os
import subprocess
import sys
from time import perf_counter

from benchmarks.contest import Bench, BenchmarkError
from benchmarks.rows import Row, Side, Target

NAME = "imports"
TITLE = "Start: what an import adds to Python's own"

STATEMENTS = {"imports.package": "import slopewise", "imports.value": "from slopewise import Value"}
BARE = "pass"


def measure(bench: Bench) -> list[Row]:
    """Return one row for `import slopewise` and one for the engine's first use."""
    bench.say("starting Python with and without slopewise")
    added: dict[str, list[float]] = {key: [] for key in STATEMENTS}
    bare: list[float] = []
    repeats = 1 if bench.is_tiny else 15
    start_s(BARE, bench.core)  # the disk's cache is filled
    for statement in STATEMENTS.values():
        start_s(statement, bench.core)
    for _ in range(repeats):
        alone = start_s(BARE, bench.core)
        bare.append(alone * 1e3)
        for key, statement in STATEMENTS.items():
            added[key].append((start_s(statement, bench.core) - alone) * 1e3)
    rows = []
    for key, statement in STATEMENTS.items():
        side, peer = Side.of(f"slopewise {bench.engine}", added[key]), Side.of("Python alone", bare)
        rows.append(Row(key, f"`{statement}`", "ms", side, peer, target=Target("value below", 50)))
    return rows


def start_s(statement: str, core: int | None) -> float:
    """Return the seconds that a fresh Python takes to run one statement and end."""
    pin = f"import os; os.sched_setaffinity(0, {{{core}}}); " if core is not None else ""
    began = perf_counter()
    done = subprocess.run([sys.executable, "-c", pin + statement], env=os.environ, capture_output=True, text=True)
    seconds = perf_counter() - began
    if done.returncode != 0:
        raise BenchmarkError(f"{statement!r} failed with exit code {done.returncode}\n{done.stderr.strip()}")
    return seconds
