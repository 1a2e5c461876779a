"""Nets that are trained: the contenders that the groups of nets share."""

from dataclasses import dataclass

from benchmarks.beside import Outcome, check_numbers
from benchmarks.contest import Bench, Contender

SLOPEWISE, LOOP, STEP, EAGER, COMPILED = "slopewise", "JAX scan", "JAX jit a step", "PyTorch eager", "torch.compile"
PEERS = (LOOP, STEP, EAGER, COMPILED)


@dataclass(frozen=True, slots=True)
class Net:
    """A net as the peers' programs `training_jax.py` and `training_torch.py` take it.

    Attributes:
        subject: The call in `programs/subjects.py` that makes it; its name is imported.
        loss: The name of the loss in the peers' programs.
        steps: How many steps are timed at a time.
        dtype: What the peers compute in.
        needs: What else than the library itself a contender needs.
    """

    subject: str
    loss: str
    steps: int
    dtype: str = "float64"
    needs: tuple[str, ...] = ()


def with_peers(bench: Bench, net: Net, mine: Contender, rel: float = 1e-10, compiled: bool = True) -> Outcome:
    """Run slopewise's contender and its peers by turns, and return their runs when all numbers agree."""
    peers = [peer for peer in peers_of(net, bench.is_tiny) if compiled or peer.name != COMPILED]
    outcome = bench.hold([mine, *peers])
    check_numbers(outcome, rel)
    return outcome


def peers_of(net: Net, is_tiny: bool = False) -> list[Contender]:
    """Return the peers' contenders; `torch.compile` runs in the first round alone, since it compiles for long."""
    jax, torch = swaps_of(net, is_tiny), swaps_of(net, is_tiny)
    loop, eager, compiled = 'FORM = "LOOP"', 'FORM = "EAGER"', 'FORM = "COMPILED"'
    return [
        Contender(LOOP, "training_jax.py", jax, ("jax", *net.needs)),
        Contender(STEP, "training_jax.py", (*jax, (loop, 'FORM = "STEP"')), ("jax", *net.needs)),
        Contender(EAGER, "training_torch.py", torch, ("torch", *net.needs)),
        Contender(COMPILED, "training_torch.py", (*torch, (eager, compiled)), ("torch", "C++", *net.needs), every=99),
    ]


def swaps_of(net: Net, is_tiny: bool = False) -> tuple[tuple[str, str], ...]:
    """Return the swaps that make a peer's program train this net."""
    name = net.subject.split("(")[0]
    wanted = (
        ("digits((64, 64, 10), 1797)", net.subject),
        ("answers_of, digits, expected_of", f"answers_of, {name}, expected_of"),
        ('LOSS = "dense_loss"', f'LOSS = "{net.loss}"'),
        ('DTYPE = "float64"', f'DTYPE = "{net.dtype}"'),
        ("STEPS = 4", f"STEPS = {3 if is_tiny else net.steps}"),
        ("REPEATS = 3", f"REPEATS = {1 if is_tiny else 9}"),
    )
    return tuple((old, new) for old, new in wanted if old != new)
