"""Calls: a small function with its slopes, and Rosenbrock's function with its gradient and its Hessians, beside JAX."""

from statistics import median

from benchmarks.beside import Against, check_numbers, rows_of
from benchmarks.contest import Bench, Contender, Missing
from benchmarks.rows import Row, Target

NAME = "calls"
TITLE = "Calls of compiled functions, from arrays to arrays"

SLOPEWISE, JAX = "slopewise", "JAX jit"
# The same small function in JAX: its arguments are Python's floats, its results stay on the device.
JAX_CALL = (
    (
        "from slopewise import sin, tanh, value_and_grad",
        "import jax\n\njax.config.update('jax_enable_x64', True)\nfrom jax.numpy import sin, tanh",
    ),
    ("value_and_gradient = value_and_grad(f, (0, 1))", "value_and_gradient = jax.jit(jax.value_and_grad(f, (0, 1)))"),
    ("found = value_and_gradient(a, b)", "found = value_and_gradient(a, b)[0].block_until_ready()"),
)
# Rosenbrock's Hessian in JAX, from the program of its gradient; forward over reverse, as `jax.hessian` has it.
JAX_HESSIAN = (
    ("jax.jit(jax.value_and_grad(rosenbrock))", "jax.jit(jax.hessian(rosenbrock))"),
    ("        value, gradient = value_and_gradient(start)\n", "        gradient = value_and_gradient(start)\n"),
    ("answers = [float(value), *gradient.tolist()]", "answers = np.asarray(gradient).ravel().tolist()"),
    ("CALLS = 500", "CALLS = 100"),
)


def measure(bench: Bench) -> list[Row]:
    """Return the five rows of the group."""
    return [*call_rows(bench), *rosenbrock_rows(bench), sparse_row(bench)]


def call_rows(bench: Bench) -> list[Row]:
    """Return the rows of one call of a small function: its time, and beside JAX."""
    tiny = (("CALLS = 2_000", "CALLS = 20"), ("REPEATS = 15", "REPEATS = 1")) if bench.is_tiny else ()
    outcome = bench.hold(
        [
            Contender(SLOPEWISE, "small_call.py", tiny, engine=bench.engine),
            Contender(JAX, "small_call.py", JAX_CALL + tiny, ("jax",)),
        ]
    )
    check_numbers(outcome, 1e-10, leading=3)
    title = "ten operations, value and gradient"
    return rows_of(
        bench,
        outcome,
        [
            Against("calls.small", title, "µs", SLOPEWISE, (), Target("value at most", 0.5)),
            Against("calls.small-jax", f"{title}, beside JAX", "µs", SLOPEWISE, (JAX,), Target("ratio at least", 30)),
        ],
    )


def rosenbrock_rows(bench: Bench) -> list[Row]:
    """Return the rows of Rosenbrock's function in 100 dimensions: value and gradient, and dense Hessian."""
    few = (("CALLS = 500", "CALLS = 2"), ("REPEATS = 15", "REPEATS = 1")) if bench.is_tiny else ()
    fewer = (("CALLS = 100", "CALLS = 2"), ("REPEATS = 15", "REPEATS = 1")) if bench.is_tiny else ()
    rows: list[Row] = []
    for key, words, program, mine, theirs, limit in (
        ("gradient", "value and gradient", "rosenbrock_gradient.py", few, few, 10),
        ("hessian", "dense Hessian", "rosenbrock_dense_hessian.py", fewer, (*JAX_HESSIAN, *fewer), 5),
    ):
        outcome = bench.hold(
            [
                Contender(SLOPEWISE, program, mine, engine=bench.engine),
                Contender(JAX, "rosenbrock_jax.py", theirs, ("jax",)),
            ]
        )
        check_numbers(outcome, 1e-10)
        title, target = f"Rosenbrock, 100 dimensions, {words}", Target("ratio at least", limit)
        rows += rows_of(bench, outcome, [Against(f"calls.{key}", title, "µs", SLOPEWISE, (JAX,), target)])
    return rows


def sparse_row(bench: Bench) -> Row:
    """Return the row of Rosenbrock's sparse Hessian in ten thousand dimensions."""
    small = (("DIMENSIONS = 10_000", "DIMENSIONS = 20"), ("REPEATS = 15", "REPEATS = 1")) if bench.is_tiny else ()
    outcome = bench.hold([Contender(SLOPEWISE, "rosenbrock_hessian.py", small, engine=bench.engine)])
    check_numbers(outcome, 1e-10)
    runs = outcome[SLOPEWISE]
    assert not isinstance(runs, Missing)
    note = f"the first call, which traces and differentiates: {median(run.extra['first_s'] for run in runs):.2g} s"
    title = "Rosenbrock, 10,000 dimensions, sparse Hessian, a non-zero"
    wanted = Against("calls.sparse", title, "ns", SLOPEWISE, (), Target("value at most", 15), note)
    return rows_of(bench, outcome, [wanted])[0]
