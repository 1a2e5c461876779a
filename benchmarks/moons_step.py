"""The moons step, compiled, update and schedule in it: beside JAX, PyTorch, and micrograd as shipped."""

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import COMPILED, EAGER, LOOP, SLOPEWISE, STEP, Net, peers_of
from benchmarks.rows import Row, Target

NAME = "moons-step"
TITLE = "Moons, compiled: MLP 2-16-16-1, 100 samples, hinge and penalty; loss, backward, update, schedule"

MICROGRAD = "micrograd as shipped"
# Micrograd's own: its classes, its step not compiled, and few steps, since each takes more than a second.
AS_SHIPPED = (
    ("from slopewise.engine import", "from micrograd.engine import"),
    ("from slopewise.nn import", "from micrograd.nn import"),
    ("@sw.compile\n", ""),
    ("import slopewise as sw\n", ""),
)


def measure(bench: Bench) -> list[Row]:
    """Return the three rows of the group."""
    points = 5 if bench.is_tiny else 100
    tiny = (("POINTS = 100", "POINTS = 5"), ("STEPS = 100", "STEPS = 3"), ("REPEATS = 9", "REPEATS = 1"))
    few = (*(tiny[:1] if bench.is_tiny else ()), ("STEPS = 100", "STEPS = 3"), ("REPEATS = 9", "REPEATS = 1"))
    net = Net(f"moons({points})", "hinge_loss", 100)
    outcome = bench.hold(
        [
            Contender(SLOPEWISE, "moons_step.py", tiny if bench.is_tiny else (), engine=bench.engine, repeats=3),
            *peers_of(net, is_tiny=bench.is_tiny),
            Contender(MICROGRAD, "moons_step.py", AS_SHIPPED + few, ("micrograd",), every=99),
        ]
    )
    check_numbers(outcome, 1e-10)
    return rows_of(
        bench,
        outcome,
        [
            against("jax", "JAX", (LOOP, STEP), 4),
            against("torch", "PyTorch eager", (EAGER,), 80, others=(COMPILED,)),
            against("micrograd", MICROGRAD, (MICROGRAD,), 100_000),
        ],
    )


def against(key: str, words: str, peers: tuple[str, ...], limit: float, others: tuple[str, ...] = ()) -> Against:
    """Return one of the rows to be made."""
    target = Target("ratio at least", limit)
    return Against(f"moons-step.{key}", f"beside {words}", "µs", SLOPEWISE, peers, target, others=others)
