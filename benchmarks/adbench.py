"""ADBench's objectives, compiled: bundle adjustment, Gaussian mixture, LSTM, beside JAX."""

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.rows import Row, Target

NAME = "adbench"
TITLE = "ADBench's objectives, float64"

SLOPEWISE, JAX, OBJECTIVE = "slopewise", "JAX jit", "the objective alone"
Swaps = tuple[tuple[str, str], ...]


def measure(bench: Bench) -> list[Row]:
    """Return the five rows of the group."""
    return [*bundle_rows(bench), *mixture_rows(bench), *lstm_rows(bench)]


def bundle_rows(bench: Bench) -> list[Row]:
    """Return the row of bundle adjustment."""
    tiny: Swaps = (("OBSERVATIONS = 31_843", "OBSERVATIONS = 7"), ("REPEATS = 9", "REPEATS = 1"))
    contenders = two(bench, "adbench_ba", tiny if bench.is_tiny else ())
    outcome = bench.hold(contenders)
    check_numbers(outcome, 1e-10)
    title = "BA, 31,843 observations: the Jacobian of one"
    return rows_of(
        bench, outcome, [Against("adbench.ba", title, "ns", SLOPEWISE, (JAX,), Target("value at most", 100))]
    )


def mixture_rows(bench: Bench) -> list[Row]:
    """Return the two rows of the mixture: the gradient beside the objective, and beside JAX."""
    tiny: Swaps = (("SIZES = (10, 25, 1_000)", "SIZES = (3, 2, 5)"), ("REPEATS = 5", "REPEATS = 1"))
    swaps = tiny if bench.is_tiny else ()
    alone = Contender(
        OBJECTIVE, "adbench_gmm_speed.py", (*swaps, ("times_of(both)", "times_of(objective)")), engine=bench.engine
    )
    outcome = bench.hold([*two(bench, "adbench_gmm", swaps), alone])
    check_numbers(outcome, 1e-10)
    title = "GMM, d = 10, K = 25, 1,000 points: gradient"
    return rows_of(
        bench,
        outcome,
        [
            Against("adbench.gmm", f"{title}, beside the objective", "ms", SLOPEWISE, (OBJECTIVE,),
                    Target("ratio at most", 4)),
            Against("adbench.gmm-jax", title, "ms", SLOPEWISE, (JAX,), Target("ratio at least", 4)),
        ],
    )  # fmt: skip


def lstm_rows(bench: Bench) -> list[Row]:
    """Return the two rows of the LSTM: the time of its gradient, and beside JAX."""
    tiny: Swaps = (("SIZES = (2, 1024, 14)", "SIZES = (2, 4, 3)"), ("REPEATS = 5", "REPEATS = 1"))
    outcome = bench.hold(two(bench, "adbench_lstm", tiny if bench.is_tiny else ()))
    check_numbers(outcome, 1e-10)
    title = "LSTM, 2 layers, 1,024 characters of 14 bits: gradient"
    return rows_of(
        bench,
        outcome,
        [
            Against("adbench.lstm", title, "ms", SLOPEWISE, (), Target("value at most", 4)),
            Against("adbench.lstm-jax", f"{title}, beside JAX's scan", "ms", SLOPEWISE, (JAX,),
                    Target("ratio at least", 5)),
        ],
    )  # fmt: skip


def two(bench: Bench, name: str, swaps: Swaps) -> list[Contender]:
    """Return slopewise's contender and JAX's for one of the objectives."""
    return [
        Contender(SLOPEWISE, f"{name}_speed.py", swaps, engine=bench.engine),
        Contender(JAX, f"{name}_jax.py", swaps, ("jax",)),
    ]
