"""A recurrent net of 32 tanh units over 50 times, in batches of 16."""

from benchmarks.beside import Against, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import PEERS, SLOPEWISE, Net, with_peers
from benchmarks.rows import Row, Target

NAME = "recurrent"
TITLE = "Recurrent net: 32 tanh units, 50 times, batches of 16; loss, backward, update"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    subject = "recurrent(3, 4, 2)" if bench.is_tiny else "recurrent(32, 50, 16)"
    tiny = (("recurrent(32, 50, 16)", subject), ("STEPS = 8", "STEPS = 3"), ("REPEATS = 3", "REPEATS = 1"))
    mine = Contender(SLOPEWISE, "recurrent.py", tiny if bench.is_tiny else (), engine=bench.engine)
    outcome = with_peers(bench, Net(subject, "recurrent_loss", 8), mine)
    target = Target("ratio at least", 1.5)
    return rows_of(bench, outcome, [Against("recurrent.step", "a step", "µs", SLOPEWISE, PEERS, target)])
