"""A wide net: 784-128-10 in batches of 64, single precision."""

from benchmarks.beside import Against, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import PEERS, SLOPEWISE, Net, with_peers
from benchmarks.rows import Row, Target

NAME = "wide"
TITLE = "784-128-10 with softmax, batches of 64, float32; loss, backward, update"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    subject = "wide((5, 4, 10), 3)" if bench.is_tiny else "wide((784, 128, 10), 64)"
    swaps = (
        ("digits((64, 64, 10), 1797)", subject),
        ("import digits, wide", "import wide"),
        ("REPEATS = 3", "REPEATS = 1" if bench.is_tiny else "REPEATS = 5"),
        ('DTYPE = "float64"', 'DTYPE = "float32"'),
        ("STEPS = 4", f"STEPS = {3 if bench.is_tiny else 16}"),
    )
    mine = Contender(SLOPEWISE, "dense_net.py", swaps, engine=bench.engine)
    outcome = with_peers(bench, Net(subject, "dense_loss", 16, "float32"), mine, 1e-4)
    target = Target("ratio at least", 1.05)
    title = "a step, float32"
    return rows_of(bench, outcome, [Against("wide.step", title, "µs", SLOPEWISE, PEERS, target)])
