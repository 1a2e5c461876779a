"""A small convolution net on the digits, in batches of 32."""

from benchmarks.beside import Against, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import PEERS, SLOPEWISE, Net, with_peers
from benchmarks.rows import Row, Target

NAME = "convolution"
TITLE = "Convolution net: 8 × 8 images, 8 filters of 3 × 3, the largest of 2 × 2, 10 classes, batches of 32"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    subject = "convolution(2, 2)" if bench.is_tiny else "convolution(8, 32)"
    tiny = (("convolution(8, 32)", subject), ("STEPS = 56", "STEPS = 3"), ("REPEATS = 3", "REPEATS = 1"))
    swaps = tiny if bench.is_tiny else ()
    mine = Contender(SLOPEWISE, "convolution.py", swaps, ("sklearn",), engine=bench.engine)
    net = Net(subject, "convolution_loss", 56, needs=("sklearn",))
    outcome = with_peers(bench, net, mine)
    target = Target("ratio at least", 1.5)
    return rows_of(bench, outcome, [Against("convolution.step", "a step", "µs", SLOPEWISE, PEERS, target)])
