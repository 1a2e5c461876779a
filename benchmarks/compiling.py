"""Compile times: the first call of the moons step, cold and from the cache on disk, and of a wide net."""

import tempfile
from pathlib import Path

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender, launch
from benchmarks.rows import Row, Target

NAME = "compiling"
TITLE = "Compile times: the first call, imports done"

COLD, CACHED, WIDE = "cold", "from the cache", "784-128-10"
FOLDER = "FOLDER = tempfile.mkdtemp()"
Swaps = tuple[tuple[str, str], ...]


def measure(bench: Bench) -> list[Row]:
    """Return the rows of the first calls."""
    tiny: Swaps = (("POINTS = 100", "POINTS = 3"),) if bench.is_tiny else ()
    small: Swaps = (("SIZES = (784, 128, 10)", "SIZES = (5, 4, 10)"),) if bench.is_tiny else ()
    with tempfile.TemporaryDirectory() as folder:
        kept = (*tiny, (FOLDER, f"FOLDER = {Path(folder).as_posix()!r}"))
        cached = Contender(CACHED, "moons_compile.py", kept, engine=bench.engine, repeats=3)
        launch(cached, bench.core)  # fills the cache
        moons = bench.hold([Contender(COLD, "moons_compile.py", tiny, engine=bench.engine, repeats=3), cached])
    wide = bench.hold([Contender(WIDE, "wide_compile.py", small, engine=bench.engine)])
    check_numbers(moons, 1e-10, leading=2)
    check_numbers(wide, 1e-10, leading=2)
    first = "the first call of the moons step"
    return [
        *rows_of(
            bench,
            moons,
            [
                Against("compiling.cold", first, "s", COLD, (), Target("value at most", 0.15), size_of(moons[COLD])),
                Against("compiling.cached", f"{first}, from the cache", "s", CACHED, (),
                        Target("value at most", 0.02)),
            ],
        ),
        *rows_of(
            bench,
            wide,
            [
                Against("compiling.wide", "784-128-10, value and gradient of one image", "s", WIDE, (),
                        Target("value at most", 2), size_of(wide[WIDE])),
            ],
        ),
    ]  # fmt: skip


def size_of(runs: object) -> str:
    """Return how many equations were compiled, as a remark."""
    return f"{runs[0].extra['equations']:,.0f} equations" if isinstance(runs, list) else ""
