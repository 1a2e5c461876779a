"""Tracing and transforming: what each stage of compiling takes, how it grows, and what replaying takes."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from statistics import median

from benchmarks.contest import Bench, Contender, Missing, Run, check_agreement
from benchmarks.machine import free_memory_bytes
from benchmarks.rows import Row, Side, Target

NAME = "tracing"
TITLE = "Functions recorded, differentiated and replayed"

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
NEAR, FAR = "operands within 1,000", "operands anywhere"
# The stages whose time an equation is followed from size to size: its name in `extra`, and in words.
STAGES = (("trace_s", "recording"), ("passes_s", "differentiating and simplifying"), ("lower_s", "lowering"))
# The same of a program that rolls, and of one that does not: what an equation of which program takes.
ROLLING = (
    ("roll_s", "equations", "rolling a net's loss and gradient over samples"),
    ("give_up_s", "irregular", "giving up to roll what has no loops"),
    ("kernel_s", "equations", "machine code of that net's loops"),
)
BYTES_NEEDED = 8_000_000_000  # for ten million equations, their Values and their gradient at once, with room to spare


def measure(bench: Bench) -> list[Row]:
    """Return the rows of all stages, of the memory they take, and of the replay."""
    rows = [*stage_rows(bench), *rolling_rows(bench), memory_row(bench), batch_row(bench)]
    return [row if bench.has_native or row.status != "measured" else row.unjudged() for row in rows]


# ----------------------------------------------------------------------------------------------------------- the stages
def stages(bench: Bench, equations: int, name: str, far: bool = False) -> Contender:
    """Return the program that goes through all stages with a number of equations."""
    window = equations if far else 1_000
    swaps = (
        ("EQUATIONS = 1_000_000", f"EQUATIONS = {equations}"),
        ("WINDOW = 1_000", f"WINDOW = {window}"),
        ("REPEATS = 1", f"REPEATS = {1 if bench.is_tiny else min(20, max(1, 1_000_000 // equations))}"),
        ("REPLAYS = 5", f"REPLAYS = {1 if bench.is_tiny else max(5, 2_000_000 // equations)}"),
    )
    long = equations > 1_000_000
    return Contender(name, "compile_stages.py", swaps, engine=bench.engine, every=3 if long else 1)


def stage_rows(bench: Bench) -> list[Row]:
    """Return the rows of recording, of the passes, of the replay, and of how each grows with the size."""
    why_not = reason_to_skip(bench)
    sizes: tuple[int, ...] = SIZES[:-1] if why_not else SIZES
    if bench.is_tiny or not bench.has_native:
        sizes = (300, 3_000) if bench.is_tiny else SIZES[:2]
    main = min(sizes[-1], 1_000_000)
    entries = {size: stages(bench, size, f"{size:,} equations, {NEAR}") for size in sizes}
    far = stages(bench, main, f"{main:,} equations, {FAR}", far=True)
    outcome = bench.hold([*entries.values(), far])
    runs = {size: found(outcome[entry.name]) for size, entry in entries.items()}
    far_runs = found(outcome[far.name])
    for name, some in ((far.name, far_runs), *((entries[size].name, runs[size]) for size in entries)):
        for run in some:
            check_agreement(name, run.answers, "plain arithmetic", run.expected or (), 1e-8)

    engine = f"slopewise {bench.engine}"
    rows = []
    for key, stage, words, limit in (
        ("tracing.record", "trace_s", "from Python to a Program, an equation", 200),
        ("tracing.passes", "passes_s", "differentiate and simplify, a forward equation", 200),
    ):
        side = Side.of(engine, [per_equation_ns(run, stage) for run in runs[main]])
        note = sizes_note(runs[main][0]) if stage == "passes_s" else eager_note(runs[main])
        rows.append(Row(key, words, "ns", side, target=Target("value at most", limit), note=note))
    for key, title, some, limit in (
        ("tracing.replay-near", f"value and gradient, a forward equation, {NEAR}", runs[main], 12),
        ("tracing.replay-far", f"the same, {FAR} among a million", far_runs, 22),
    ):
        rows.append(Row(key, title, "ns", replay_side(engine, some), target=Target("value at most", limit)))
    return rows + growth_rows(engine, runs, why_not)


def growth_rows(engine: str, runs: dict[int, list[Run]], why_not: str) -> list[Row]:
    """Return for each stage the time an equation at the largest size, and the worst growth over a decade."""
    sizes = sorted(runs)
    rows = []
    for stage, words in (*STAGES, ("replay", "replaying")):
        sides = {
            size: replay_side(engine, runs[size])
            if stage == "replay"
            else Side.of(engine, [per_equation_ns(run, stage) for run in runs[size]])
            for size in sizes
        }
        rows.append(growth_row(stage.removesuffix("_s"), words, "ns", sides, why_not))
    return rows


def growth_row(key: str, words: str, unit: str, sides: dict[int, Side], why_not: str) -> Row:
    """Return the row of a stage's worst growth over a decade, from its figures at each size."""
    sizes = sorted(sides)
    title = f"{words}, {sizes[-1]:,} equations beside {sizes[0]:,}"
    target = Target("ratio at most", 1.5)
    if why_not:
        return Row(f"tracing.growth-{key}", title, unit, target=target, status="skipped", note=why_not)
    growth = {above: sides[above].median / sides[below].median for below, above in pairwise(sizes)}
    note = "a decade: " + ", ".join(f"{ratio:.2f} × to {size:,}" for size, ratio in growth.items())
    smallest = sides[sizes[0]]
    peer = Side(f"{sizes[0]:,} equations", smallest.median, smallest.low, smallest.high, smallest.samples)
    return Row(f"tracing.growth-{key}", title, unit, sides[sizes[-1]], peer, max(growth.values()), target, note=note)


def rolling_rows(bench: Bench) -> list[Row]:
    """Return how rolling, and machine code after it, grow with the size: those of a net, the code the same at any."""
    why_not = reason_to_skip(bench) or reason_without_llvm()
    sizes: tuple[int, ...] = SIZES[:-1] if why_not else SIZES
    if bench.is_tiny or not bench.has_native:
        sizes = (1_000, 10_000)
    entries = {
        size: Contender(
            f"{size:,} equations, rolled",
            "roll_stages.py",
            (
                ("EQUATIONS = 1_000_000", f"EQUATIONS = {size}"),
                ("REPEATS = 1", f"REPEATS = {1 if bench.is_tiny else min(10, max(1, 300_000 // size))}"),
            ),
            engine=bench.engine,
            every=3 if size > 1_000_000 else 1,
        )
        for size in sizes
    }
    outcome = bench.hold([] if reason_without_llvm() else list(entries.values()))
    engine = f"slopewise {bench.engine}"
    runs = {size: found(outcome[entry.name]) for size, entry in entries.items() if entry.name in outcome}
    for size, some in runs.items():
        for run in some:
            check_agreement(entries[size].name, run.answers, "NumPy", run.expected or (), 1e-8)
    empty = {size: Side.of(engine, [0.0]) for size in sizes}
    rows = [
        growth_row(
            stage.removesuffix("_s"),
            words,
            "ns",
            {
                size: Side.of(engine, [run.extra[stage] / run.extra[counted] * 1e9 for run in some])
                for size, some in runs.items()
            }
            or empty,
            why_not,
        )
        for stage, counted, words in ROLLING
    ]
    if why_not:
        return rows
    whole = ", ".join(f"{median(run.extra['kernel_s'] for run in some):.3f} s" for some in runs.values())
    return [*rows[:-1], replace(rows[-1], note=f"{rows[-1].note}; in all {whole}")]


def reason_without_llvm() -> str:
    """Say that there is no machine code where llvmlite is missing; empty where it is there."""
    return "" if importlib.util.find_spec("llvmlite") else "needs llvmlite"


def per_equation_ns(run: Run, stage: str) -> float:
    """Return a stage's nanoseconds for each equation of the function."""
    return run.extra[stage] / run.extra["equations"] * 1e9


def replay_side(engine: str, runs: list[Run]) -> Side:
    """Return the nanoseconds of replaying value and gradient, for each equation of the function."""
    return Side.of(engine, [s / run.extra["equations"] * 1e9 for run in runs for s in run.seconds])


def sizes_note(run: Run) -> str:
    """Return how large the function and its gradient are, as a remark."""
    return f"{run.extra['equations']:,.0f} equations, {run.extra['equations_both']:,.0f} with the gradient"


def eager_note(runs: list[Run]) -> str:
    """Return how long the same function takes on the engine, as a remark."""
    return f"the same function on Values, not traced: {median(per_equation_ns(run, 'eager_s') for run in runs):.0f} ns"


def reason_to_skip(bench: Bench) -> str:
    """Say why ten million equations cannot be measured here; empty when they can."""
    if bench.is_tiny:
        return ""
    if not bench.has_native:
        return f"{SIZES[-1]:,} equations are measured on the native engine only"
    free = free_memory_bytes()
    if free is not None and free < BYTES_NEEDED:
        return f"needs {BYTES_NEEDED / 1e9:.0f} GB of free memory, there are {free / 1e9:.1f}"
    return ""


def memory_row(bench: Bench) -> Row:
    """Return the row of the memory that recording takes at its peak."""
    equations = 4_000 if bench.is_tiny else 4_000_000 if bench.has_native else 400_000
    tiny = (("EQUATIONS = 4_000_000", f"EQUATIONS = {equations}"),)
    entry = Contender("peak memory", "trace_memory.py", tiny, engine=bench.engine)
    runs = found(bench.hold([entry])[entry.name])
    for run in runs:
        check_agreement(entry.name, run.answers, "plain arithmetic", run.expected or (), 1e-10)
    side = Side.of(f"slopewise {bench.engine}", [run.extra["peak"] for run in runs])
    note = f"the Program itself: {median(run.extra['program'] for run in runs):.0f} bytes an equation"
    target = Target("value at most", 100)
    return Row(
        "tracing.memory", "memory at the peak of recording, an equation", "bytes", side, target=target, note=note
    )


def batch_row(bench: Bench) -> Row:
    """Return the row of a batch of 256: a net's loss and its gradient, sample by sample."""
    tiny = (("REPEATS = 15", "REPEATS = 1"), ("ROWS = 256", "ROWS = 8")) if bench.is_tiny else ()
    entry = Contender("a batch of 256", "batch_replay.py", tiny, engine=bench.engine)
    runs = found(bench.hold([entry])[entry.name])
    for run in runs:
        check_agreement(entry.name, run.answers, "the engine", run.expected or (), 1e-10)
    side = Side.of(f"slopewise {bench.engine}", [s * 1e9 for run in runs for s in run.seconds])
    note = f"MLP 2-16-16-1, {runs[0].extra['equations']:,.0f} equations with the gradient by 337 weights"
    title = "a batch of 256, an equation and row"
    return Row("tracing.batch", title, "ns", side, target=Target("value at most", 1), note=note)


def found(runs: list[Run] | Missing) -> list[Run]:
    """Return the runs of a contender that needs nothing which could be missing."""
    assert not isinstance(runs, Missing)
    return runs
