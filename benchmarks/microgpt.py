"""Microgpt: loss and gradients of a document, by a GPT of 4,192 parameters written in scalars."""

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender
from benchmarks.nets import EAGER, SLOPEWISE
from benchmarks.rows import Row, Target

NAME = "microgpt"
TITLE = "Microgpt: 4,192 parameters, 4 heads, documents of 3 to 9 letters"

JAX = "JAX jit"


def measure(bench: Bench) -> list[Row]:
    """Return the one row of the group."""
    tiny = (("DOCUMENTS = 16", "DOCUMENTS = 2"), ("REPEATS = 9", "REPEATS = 1")) if bench.is_tiny else ()
    outcome = bench.hold(
        [
            Contender(SLOPEWISE, "microgpt.py", tiny, engine=bench.engine),
            Contender(JAX, "microgpt_jax.py", tiny, ("jax",)),
            Contender(EAGER, "microgpt_torch.py", tiny, ("torch",)),
        ]
    )
    check_numbers(outcome, 1e-10)
    target = Target("value at most", 60)
    title = "loss and gradients of a document"
    return rows_of(bench, outcome, [Against("microgpt.document", title, "µs", SLOPEWISE, (JAX, EAGER), target)])
