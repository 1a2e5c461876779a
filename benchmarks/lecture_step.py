"""The lecture's net and its training step, compiled."""

from benchmarks.beside import Against, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import EAGER, LOOP, SLOPEWISE, STEP, Net, with_peers
from benchmarks.rows import Row, Target

NAME = "lecture-step"
TITLE = "Lecture net, compiled: MLP 3-4-4-1 with tanh, 4 samples; loss, backward, update"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    tiny = (("STEPS = 2_000", "STEPS = 3"), ("REPEATS = 9", "REPEATS = 1")) if bench.is_tiny else ()
    mine = Contender(SLOPEWISE, "lecture_step.py", tiny, engine=bench.engine, repeats=3)
    outcome = with_peers(bench, Net("lecture()", "squares_loss", 2_000), mine, compiled=False)
    wanted = Against("lecture-step.step", "a step", "µs", SLOPEWISE, (LOOP, STEP, EAGER), Target("value at most", 0.5))
    return rows_of(bench, outcome, [wanted])
