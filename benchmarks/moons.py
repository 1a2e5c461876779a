"""The moons step: forward and backward of micrograd's demo, as a user has it, on both engines and on micrograd."""

from collections.abc import Sequence
from typing import Any

from benchmarks.contest import (
    Bench,
    Contender,
    Engine,
    Missing,
    Run,
    WrongNumberError,
    check_agreement,
    paired_ratio,
    round_medians,
)
from benchmarks.rows import Row, Side, Target

NAME = "moons"
TITLE = "Moons step: forward + backward, MLP 2-16-16-1, 100 samples, 65,818 nodes"

FIRST = 4  # steps 4 to 12: the collector and the allocator have settled
IMPORTS = (
    ("from micrograd.engine import", "from slopewise.engine import"),
    ("from micrograd.nn import", "from slopewise.nn import"),
)
LISTS = ("y = y * 2 - 1", "X, y = X.tolist(), (y * 2 - 1).tolist()")
TINY = (("n_samples=100", "n_samples=3"), ("STEPS = 13", "STEPS = 6"))

# Recorded once from micrograd 0.1.0: step, loss. Twelve digits hold on every platform.
KNOWN = {0: 0.8958441028683222, 1: 1.7235905336972022, 5: 0.3135454819185}


def contender(name: str, engine: Engine | None, data: str, is_tiny: bool, **state: Any) -> Contender:
    """Return the moons program for an engine (None: micrograd), on lists or on numpy arrays."""
    swaps = (() if engine is None else IMPORTS) + ((LISTS,) if data == "lists" else ()) + (TINY if is_tiny else ())
    return Contender(name, "moons_demo.py", swaps, ("micrograd",) if engine is None else (), engine, **state)


def measure(bench: Bench) -> list[Row]:
    """Return the six rows of the group."""
    on_lists = hold(bench, "lists", with_interpreted=True)
    on_numpy = hold(bench, "numpy", with_interpreted=False)
    check_answers({**on_lists, **{f"{name}, numpy": runs for name, runs in on_numpy.items()}}, bench.is_tiny)
    mine, mine_off = bench.engine, f"{bench.engine}, uncollected"
    shipped, both_off = "micrograd as shipped", "collection off in both"
    return [
        versus("moons.shipped", shipped, on_lists, mine, "shipped", 110),
        versus("moons.uncollected", both_off, on_lists, mine_off, "uncollected", 13),
        versus("moons.numpy.shipped", f"numpy data, {shipped}", on_numpy, mine, "shipped", 110),
        versus("moons.numpy.uncollected", f"numpy data, {both_off}", on_numpy, mine_off, "uncollected", 13),
        versus("moons.engines", "native against interpreted", on_lists, "native", "interpreted", 6),
        versus("moons.interpreted", f"interpreted, {shipped}", on_lists, "interpreted", "shipped", 8),
    ]


def hold(bench: Bench, data: str, with_interpreted: bool) -> dict[str, list[Run] | Missing]:
    """Run every contender on one kind of data: each engine with and without the collector, and micrograd likewise."""
    tiny, repeats = bench.is_tiny, 3 if bench.has_native else 1
    entries = [
        contender("shipped", None, data, tiny, every=2),
        contender("uncollected", None, data, tiny, collector=False),
        contender(bench.engine, bench.engine, data, tiny, repeats=repeats),
        contender(f"{bench.engine}, uncollected", bench.engine, data, tiny, collector=False, repeats=repeats),
    ]
    if with_interpreted and bench.has_native:
        entries.append(contender("interpreted", "interpreted", data, tiny))
    return bench.hold(entries)


def versus(
    key: str, title: str, outcome: dict[str, list[Run] | Missing], mine: str, theirs: str, at_least: float
) -> Row:
    """Return the row of one contender beside another, in milliseconds a step.

    All targets but that of the interpreted engine's own row are the native engine's: without it they stay unjudged.
    """
    target = Target("ratio at least", at_least)
    subject, peer = outcome.get(mine), outcome.get(theirs)
    if subject is None or isinstance(subject, Missing):
        return Row(key, title, "ms", target=target, status="needs native")
    side = side_of(f"slopewise {mine}", subject)
    name = "slopewise interpreted" if theirs == "interpreted" else "micrograd"
    if peer is None or isinstance(peer, Missing):
        note = "micrograd: pip install 'slopewise[bench]'"
        return Row(key, title, "ms", side, target=target, status="not installed", note=note)
    ratio = paired_ratio(round_medians(peer, FIRST), round_medians(subject, FIRST))
    row = Row(key, title, "ms", side, side_of(name, peer), ratio, target)
    is_judged = mine.startswith("native") or key == "moons.interpreted"
    return row if is_judged else row.unjudged()


def side_of(name: str, runs: Sequence[Run]) -> Side:
    """Summarise the steps from FIRST on, of all runs, in milliseconds."""
    return Side.of(name, [second * 1e3 for run in runs for second in run.seconds[FIRST:]])


def check_answers(outcome: dict[str, list[Run] | Missing], is_tiny: bool) -> None:
    """Check that every contender's losses are the same: the first to the bit, the others to rounding."""
    ran = [(name, run) for name, runs in outcome.items() if not isinstance(runs, Missing) for run in runs]
    reference_name, reference = ran[0]
    for name, run in ran:
        if run.answers[0] != reference.answers[0]:
            raise WrongNumberError(
                f"{name}: the first loss is {run.answers[0]!r}, {reference_name} has {reference.answers[0]!r}: "
                f"other bits\nforward values have to be the same to the last bit"
            )
        check_agreement(name, run.answers, reference_name, reference.answers, 1e-9)
        if not is_tiny:
            check_agreement(name, [run.answers[k] for k in KNOWN], "the record", list(KNOWN.values()), 1e-11)
