"""How many bytes an operation's node takes, on slopewise and on micrograd."""

from statistics import median

from benchmarks.contest import Bench, Contender, Missing, Run, check_agreement
from benchmarks.rows import Row, Side, Target

NAME = "memory"
TITLE = "Memory of a graph"

# micrograd walks its graph by recursion, so that a long chain can be built but not swept.
MICROGRAD = (("from slopewise import Value", "from micrograd.engine import Value"), ("SWEEPS = 1", "SWEEPS = 0"))


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group: resident memory per operation, after a backward pass."""
    tiny = (("OPERATIONS = 1_000_000", "OPERATIONS = 20_000"),) if bench.is_tiny else ()
    outcome = bench.hold(
        [
            Contender("slopewise", "node_memory.py", tiny, engine=bench.engine),
            Contender("micrograd", "node_memory.py", MICROGRAD + tiny, ("micrograd",), every=2),
        ]
    )
    mine, theirs = outcome["slopewise"], outcome["micrograd"]
    assert not isinstance(mine, Missing)  # it needs nothing that could be missing
    samples = [max(run.extra["built"], run.extra["swept"]) for run in mine]
    size = mine[0].extra["getsizeof"]
    row = Row(
        "memory.node",
        "an operation's node",
        "bytes",
        Side.of(f"slopewise {bench.engine}", samples),
        target=Target("value at most", 120),
        note=f"the object alone: {size:.0f} bytes",
    )
    return [beside(row, mine, theirs) if bench.has_native else beside(row, mine, theirs).unjudged()]


def beside(row: Row, mine: list[Run], theirs: list[Run] | Missing) -> Row:
    """Return the row with micrograd's memory, for information."""
    if isinstance(theirs, Missing):
        return row
    for run in theirs:
        check_agreement("micrograd", run.answers, "slopewise", mine[0].answers, 0.0)
    peer = Side.of("micrograd", [run.extra["built"] for run in theirs])
    assert row.subject is not None
    ratio = median(run.extra["built"] for run in theirs) / row.subject.median
    return Row(row.key, row.title, row.unit, row.subject, peer, ratio, row.target, row.status, row.note)
