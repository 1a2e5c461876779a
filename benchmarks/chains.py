"""`backward()` of a chain of `v + w[i] * w[j]`, a million operations and ten million: nanoseconds an operation."""

from statistics import median

from benchmarks.contest import Bench, Contender, Missing, Run, check_agreement, paired_ratio, round_medians
from benchmarks.machine import free_memory_bytes
from benchmarks.rows import Row, Side, Target

NAME = "chain"
TITLE = "backward() of v + w[i] * w[j], an operation being one + or one *"

MILLION = 1_000_000
BYTES_NEEDED = 3_000_000_000  # for ten million operations, with room to spare


def contender(operations: int, bench: Bench, repeats: int) -> Contender:
    """Return the chain program with a number of operations, run some times in a round."""
    swap = ("OPERATIONS = 1_000_000", f"OPERATIONS = {operations:_}")
    return Contender(f"{operations:,} operations", "chain.py", (swap,), engine=bench.engine, repeats=repeats)


def per_operation_ns(run: Run, operations: int) -> tuple[float, ...]:
    """Return each sweep's nanoseconds per operation."""
    return tuple(second / operations * 1e9 for second in run.seconds)


def measure(bench: Bench) -> list[Row]:
    """Return the two rows of the group."""
    short = 2_000 if bench.is_tiny else MILLION
    long = 10 * short
    why_not = reason_to_skip(bench, long)
    entries = [contender(short, bench, 3)] + ([] if why_not else [contender(long, bench, 1)])
    outcome = bench.hold(entries)
    runs: dict[int, list[Run]] = {}
    for operations, entry in zip((short, long), entries, strict=False):
        found = outcome[entry.name]
        assert not isinstance(found, Missing)  # it needs nothing that could be missing
        runs[operations] = found
        for run in found:
            check_agreement(entry.name, run.answers, "plain arithmetic", run.expected or (), 1e-8)

    side = side_of(bench, runs[short], short)
    first = Row(
        "chain.million",
        f"{short:,} operations",
        "ns",
        side,
        target=Target("value at most", 60),
        note=phases(runs[short], short),
    )
    rest = f"{long:,} operations, beside {short:,}"
    growth = Target("ratio at most", 1.8)
    if why_not:
        second = Row("chain.ten-million", rest, "ns", target=growth, status="skipped", note=why_not)
    else:
        above, below = round_medians(runs[long]), round_medians(runs[short])
        ratio = paired_ratio(above, below) * short / long
        peer = Side(f"{short:,} operations", side.median, side.low, side.high, side.samples)
        second = Row(
            "chain.ten-million",
            rest,
            "ns",
            side_of(bench, runs[long], long),
            peer,
            ratio,
            growth,
            note=phases(runs[long], long),
        )
    return [row if bench.has_native or row.status != "measured" else row.unjudged() for row in (first, second)]


def reason_to_skip(bench: Bench, operations: int) -> str:
    """Say why ten million operations cannot be measured here; empty when they can."""
    if bench.is_tiny:
        return ""
    if not bench.has_native:
        return f"{operations:,} operations are measured on the native engine only"
    free = free_memory_bytes()
    if free is not None and free < BYTES_NEEDED:
        return f"needs {BYTES_NEEDED / 1e9:.0f} GB of free memory, there are {free / 1e9:.1f}"
    return ""


def side_of(bench: Bench, runs: list[Run], operations: int) -> Side:
    """Summarise all sweeps of all runs, in nanoseconds per operation."""
    return Side.of(f"slopewise {bench.engine}", [ns for run in runs for ns in per_operation_ns(run, operations)])


def phases(runs: list[Run], operations: int) -> str:
    """Return the time that building and freeing took, as a remark."""
    build, free = (median(run.extra[name] for run in runs) / operations * 1e9 for name in ("build_s", "free_s"))
    return f"building {build:.0f} ns each, freeing {free:.0f} ns"
