"""The lecture's training loop on the lecture's own kind of engine, on slopewise, and on PyTorch's scalars."""

from benchmarks.contest import Bench, Contender, Missing, check_agreement, paired_ratio, round_medians
from benchmarks.rows import Row, Side, Target

NAME = "lecture"
TITLE = "Lecture loop: MLP 3-4-4-1 in the user's own classes, 4 samples, a step of 20"

ENGINE_IMPORT = "from lecture_engine import Value"
SLOPEWISE = ((ENGINE_IMPORT, "from slopewise.lecture import Value"),)
# A PyTorch user's spelling of the same program: a leaf is a 0-dimensional tensor, no gradient is None.
TORCH_VALUE = """import torch

torch.set_num_threads(1)


def Value(x):
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)
"""
PYTORCH = (
    (ENGINE_IMPORT, TORCH_VALUE),
    ("p.grad = 0.0", "p.grad = None"),
    ("REPEATS = 15", "REPEATS = 8"),
)
FIRST = 1  # the first repeat warms up

# Recorded once from the lecture's classes: step, loss. Twelve digits hold on every platform.
KNOWN = {0: 6.005402783252284, 1: 3.2021496469205015, 19: 0.0177818746861576}


def measure(bench: Bench) -> list[Row]:
    """Return the two rows of the group."""
    tiny = (("REPEATS = 15", "REPEATS = 2"),) if bench.is_tiny else ()
    torch_tiny = (("REPEATS = 8", "REPEATS = 2"),) if bench.is_tiny else ()
    outcome = bench.hold(
        [
            Contender("slopewise", "lecture_loop.py", SLOPEWISE + tiny, engine=bench.engine, repeats=3),
            Contender("the lecture's engine", "lecture_loop.py", tiny, repeats=2),
            Contender("PyTorch scalars", "lecture_loop.py", PYTORCH + torch_tiny, ("torch",)),
        ]
    )
    mine = outcome["slopewise"]
    assert not isinstance(mine, Missing)  # it needs nothing that could be missing
    for name, runs in outcome.items():
        for run in () if isinstance(runs, Missing) else runs:
            check_agreement(name, run.answers, "slopewise", mine[0].answers, 1e-9)
            check_agreement(name, [run.answers[k] for k in KNOWN], "the record", list(KNOWN.values()), 1e-11)

    rows = []
    for key, title, peer_name, limit in (
        ("lecture.micrograd", "against a micrograd-style engine", "the lecture's engine", 12),
        ("lecture.pytorch", "against PyTorch scalars", "PyTorch scalars", 28),
    ):
        subject = Side.of(f"slopewise {bench.engine}", [s * 1e6 for run in mine for s in run.seconds[FIRST:]])
        target, runs = Target("ratio at least", limit), outcome[peer_name]
        if isinstance(runs, Missing):
            note = f"{runs.package}: pip install 'slopewise[bench]'"
            rows.append(Row(key, title, "µs", subject, target=target, status="not installed", note=note))
            continue
        peer = Side.of(peer_name, [s * 1e6 for run in runs for s in run.seconds[FIRST:]])
        ratio = paired_ratio(round_medians(runs, FIRST), round_medians(mine, FIRST))
        row = Row(key, title, "µs", subject, peer, ratio, target)
        rows.append(row if bench.has_native else row.unjudged())
    return rows
