"""Seeing and explaining: pictures and stories of graphs from 500 nodes to a million, and what a watch costs."""

from statistics import median

from benchmarks.contest import Bench, Contender, Missing, Run, check_agreement
from benchmarks.rows import Row, Side, Target

NAME = "explaining"
TITLE = "Seeing and explaining a graph"

PROGRAM = "explaining.py"
# What is measured: its key, its words, the task and size, the repeats, and the target in ms.
TASKS = (
    ("explaining.draw-500", "draw 500 nodes, all of them", "draw", 500, 7, Target("value at most", 50)),
    ("explaining.draw-5000", "draw 5,000 nodes, all of them", "draw", 5_000, 3, Target("value below", 1_000)),
    ("explaining.story", "explain a net's loss of a million nodes", "explain", 13, 2, Target("value below", 2_000)),
    ("explaining.why", "why, over millions of paths of the moons loss", "why", 100, 3, None),
)
TINY = {"draw": 50, "explain": 1, "why": 2}
UNWATCHED = (("WATCH = sw.watch", "WATCH = nullcontext"),)


def measure(bench: Bench) -> list[Row]:
    """Return a row for each task, and one for the watch."""
    entries = [contender(bench, title, task, size, repeats) for _, title, task, size, repeats, _ in TASKS]
    tiny = (("STEPS = 100", "STEPS = 4"),) if bench.is_tiny else ()
    watched = Contender("watched", "watched_moons.py", tiny, engine=bench.engine, repeats=3)
    alone = Contender("not watched", "watched_moons.py", UNWATCHED + tiny, engine=bench.engine, repeats=3)
    outcome = bench.hold([*entries, watched, alone])
    rows = []
    for key, title, _, _, _, target in TASKS:
        runs = found(outcome[title])
        side = Side.of(f"slopewise {bench.engine}", [s * 1e3 for run in runs for s in run.seconds])
        for run in runs:
            check_agreement(title, run.answers, "what it must say", [1.0] * len(run.answers), 0.0)
        rows.append(Row(key, title, "ms", side, target=target))
    rows.append(watch_row(bench, found(outcome["watched"]), found(outcome["not watched"])))
    return [row if bench.has_native else row.unjudged() for row in rows]


def contender(bench: Bench, title: str, task: str, size: int, repeats: int) -> Contender:
    """Return the program with its task, size and repeats."""
    swaps = (
        ('TASK = "draw"', f'TASK = "{task}"'),
        ("SIZE = 500", f"SIZE = {TINY[task] if bench.is_tiny else size}"),
        ("REPEATS = 7", f"REPEATS = {1 if bench.is_tiny else repeats}"),
    )
    return Contender(title, PROGRAM, swaps, engine=bench.engine)


def watch_row(bench: Bench, watched: list[Run], alone: list[Run]) -> Row:
    """Return the row of the watch: the time of all steps with it, beside that of all steps without."""
    for run in (*watched, *alone):
        check_agreement("the moons loss", run.answers, "the first run", watched[0].answers, 0.0)
    steps = len(watched[0].seconds)

    def side(name: str, runs: list[Run]) -> Side:
        return Side.of(name, [run.extra["whole_s"] / steps * 1e3 for run in runs])

    by_round = [
        median(w.extra["whole_s"] for w in watched if w.round == number)
        / median(a.extra["whole_s"] for a in alone if a.round == number)
        for number in sorted({run.round for run in watched})
    ]
    return Row(
        "explaining.watch",
        "a step of the moons demo under sw.watch()",
        "ms",
        side(f"slopewise {bench.engine}", watched),
        side("not watched", alone),
        median(by_round),
        Target("ratio at most", 1.05),
    )


def found(runs: list[Run] | Missing) -> list[Run]:
    """Return the runs of a contender that needs nothing which could be missing."""
    assert not isinstance(runs, Missing)
    return runs
