"""Digits: a softmax classifier 64-64-10 on scikit-learn's 1,797 images, in one batch and in batches of 32."""

from benchmarks.beside import Against, Outcome, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import LOOP, PEERS, SLOPEWISE, Net, with_peers
from benchmarks.rows import Row, Target

NAME = "digits"
TITLE = "Digits: softmax classifier 64-64-10, float64; loss, backward, update"

SIZES = "(64, 64, 10)"


def measure(bench: Bench) -> list[Row]:
    """Return the three rows of the group."""
    sizes, full, small = ("(64, 3, 10)", 20, 4) if bench.is_tiny else (SIZES, 1797, 32)
    whole = hold(bench, sizes, full, 10, 10, "ROWS")
    batches = hold(bench, sizes, small, 56, 56, "WHOLE")
    rows = rows_of(
        bench,
        whole,
        [Against("digits.full", "1,797 at once", "ms", SLOPEWISE, PEERS, Target("ratio at least", 2))],
    )
    return rows + rows_of(
        bench,
        batches,
        [
            Against("digits.scan", "batches of 32, beside the loop in one jit", "µs", SLOPEWISE, (LOOP,),
                    Target("ratio at least", 1.5)),
            Against("digits.step", "batches of 32, beside a call a step", "µs", SLOPEWISE,
                    tuple(name for name in PEERS if name != LOOP), Target("ratio at least", 3)),
        ],
    )  # fmt: skip


def hold(bench: Bench, sizes: str, rows: int, mine_steps: int, steps: int, form: str) -> Outcome:
    """Run slopewise, in one of its forms, and its peers on batches of so many rows."""
    subject = f"digits({sizes}, {rows})"
    swaps = (
        (f"digits({SIZES}, 1797)", subject),
        ('FORM = "ROWS"', f'FORM = "{form}"'),
        ("STEPS = 4", f"STEPS = {3 if bench.is_tiny else mine_steps}"),
        ("REPEATS = 3", f"REPEATS = {1 if bench.is_tiny else 3}"),
    )
    needed = tuple(pair for pair in swaps if pair[0] != pair[1])
    mine = Contender(SLOPEWISE, "dense_net.py", needed, ("sklearn",), engine=bench.engine)
    return with_peers(bench, Net(subject, "dense_loss", steps, needs=("sklearn",)), mine)
