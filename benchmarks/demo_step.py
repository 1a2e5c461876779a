"""Micrograd's demo unchanged, its loop body compiled, beside the same on micrograd as shipped."""

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.moons_step import AS_SHIPPED, MICROGRAD
from benchmarks.nets import SLOPEWISE
from benchmarks.rows import Row, Target

NAME = "demo"
TITLE = "Micrograd's demo, its loop body under sw.compile and otherwise unchanged, accuracy included"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    tiny = (("POINTS = 100", "POINTS = 5"), ("STEPS = 100", "STEPS = 5")) if bench.is_tiny else ()
    few = (*tiny[:1], ("STEPS = 100", "STEPS = 5"))
    outcome = bench.hold(
        [
            Contender(SLOPEWISE, "demo_step.py", tiny, engine=bench.engine, repeats=3),
            Contender(MICROGRAD, "demo_step.py", AS_SHIPPED + few, ("micrograd",), every=99),
        ]
    )
    check_numbers(outcome, 1e-10, leading=8)
    target = Target("ratio at least", 10_000)
    return rows_of(bench, outcome, [Against("demo.micrograd", "a step", "µs", SLOPEWISE, (MICROGRAD,), target)])
