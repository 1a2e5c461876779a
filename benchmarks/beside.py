"""Rows of one subject beside several peers: numbers compared, the better peer chosen, one row for each target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from benchmarks.contest import Bench, Missing, Run, WrongNumberError, paired_ratio, round_medians
from benchmarks.rows import Row, Side, Status, Target

SCALES = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}
Outcome = Mapping[str, list[Run] | Missing]


@dataclass(frozen=True, slots=True)
class Against:
    """A row to be made: slopewise's contender beside the better of its peers.

    Attributes:
        key: The row's key.
        title: What was measured.
        unit: `s`, `ms`, `µs` or `ns`.
        mine: The name of slopewise's contender.
        peers: Names of contenders; empty when the target is a time.
        target: What is to be reached.
        note: A remark; how long the other peers took is added to it.
        others: Contenders that the remark names with their times, and that the target is not about.
    """

    key: str
    title: str
    unit: str
    mine: str
    peers: tuple[str, ...]
    target: Target
    note: str = ""
    others: tuple[str, ...] = ()


def rows_of(bench: Bench, outcome: Outcome, wanted: Sequence[Against]) -> list[Row]:
    """Return a row for each, unjudged where its target is meant for another engine."""
    rows = [row_of(bench, outcome, one) for one in wanted]
    return [row if bench.has_native or row.status != "measured" else row.unjudged() for row in rows]


def row_of(bench: Bench, outcome: Outcome, wanted: Against) -> Row:
    """Return one row: the median of each side, and the ratio to the better peer, round by round."""
    mine, scale = outcome[wanted.mine], SCALES[wanted.unit]
    if isinstance(mine, Missing):
        return Row(
            wanted.key, wanted.title, wanted.unit, target=wanted.target, status="not installed", note=hint(mine.package)
        )
    subject = side(f"slopewise {bench.engine}", mine, scale)
    present = {name: runs for name in wanted.peers if not isinstance(runs := outcome[name], Missing)}
    absent = [name for name in wanted.peers if name not in present]
    aside = {name: runs for name in wanted.others if not isinstance(runs := outcome[name], Missing)}
    note = "; ".join(filter(None, (wanted.note, others_note(present, aside, absent, wanted.unit))))
    if not present:
        status: Status = "not installed" if wanted.peers and wanted.target.rule.startswith("ratio") else "measured"
        return Row(wanted.key, wanted.title, wanted.unit, subject, target=wanted.target, status=status, note=note)
    name = best_of(present)
    theirs, ours = round_medians(present[name]), round_medians(mine)
    ratio = paired_ratio(ours, theirs) if wanted.target.rule == "ratio at most" else paired_ratio(theirs, ours)
    peer = side(name, present[name], scale)
    return Row(wanted.key, wanted.title, wanted.unit, subject, peer, ratio, wanted.target, note=note)


def best_of(peers: Mapping[str, Sequence[Run]]) -> str:
    """Return the name of the quickest."""
    return min(peers, key=lambda name: median(s for run in peers[name] for s in run.seconds))


def side(name: str, runs: Sequence[Run], scale: float) -> Side:
    """Summarise the seconds of all runs, multiplied by a scale."""
    return Side.of(name, [s * scale for run in runs for s in run.seconds])


def others_note(
    present: Mapping[str, Sequence[Run]], aside: Mapping[str, Sequence[Run]], absent: Sequence[str], unit: str
) -> str:
    """Return what the slower peers and those aside took, and which ones could not run."""
    best = best_of(present) if present else None
    slower = {name: runs for name, runs in present.items() if name != best}
    parts = [f"{name} {side(name, runs, SCALES[unit]).median:.3g} {unit}" for name, runs in {**slower, **aside}.items()]
    return ", ".join([*parts, *(f"{name} cannot run here" for name in absent)])


def hint(package: str) -> str:
    """Return how to get a package."""
    return f"{package}: pip install 'slopewise[bench]'"


def check_numbers(outcome: Outcome, rel: float | Mapping[str, float], leading: int = 1) -> None:
    """Compare what all contenders answered, and what each says that NumPy expects.

    The first `leading` numbers are compared one by one. The others are a gradient and what follows from it: they may be
    off by `rel` of the largest of them, since a sum of large numbers that cancel has no more digits.

    Args:
        outcome: The runs of every contender; the first one present is what the others are compared with.
        rel: The allowed error, relative; or one for each contender's name.
        leading: How many numbers are compared one by one.

    Raises:
        WrongNumberError: Two of them disagree, a count differs, or a number is not finite.
    """
    ran = [(name, run) for name, runs in outcome.items() if not isinstance(runs, Missing) for run in runs]
    for name, run in ran:
        allowed = rel if isinstance(rel, float) else rel[name]
        if run.expected is not None:
            compare(name, run.answers[: len(run.expected)], "NumPy", run.expected, allowed, leading)
        compare(name, run.answers, ran[0][0], ran[0][1].answers, allowed, leading)


def compare(name: str, got: Sequence[float], wanted_by: str, wanted: Sequence[float], rel: float, leading: int) -> None:
    """Raise WrongNumberError unless both agree: the leading numbers each, the others within `rel` of their largest."""
    if len(got) != len(wanted):
        raise WrongNumberError(f"{name} gave {len(got)} answers, {wanted_by} {len(wanted)}")
    largest = max(map(abs, wanted[leading:]), default=0.0)
    for position, (mine, theirs) in enumerate(zip(got, wanted, strict=True)):
        allowed = rel * (abs(theirs) if position < leading else max(abs(theirs), largest))
        if not (isfinite(mine) and abs(mine - theirs) <= allowed):
            raise WrongNumberError(
                f"{name}: answer {position} is {mine!r}, but {wanted_by} has {theirs!r} (allowed: {rel:g} of it)\n"
                f"a speed with a wrong number is worth nothing: nothing was written"
            )
