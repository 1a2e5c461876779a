"""A subject beside several peers: the better one is chosen, the others are named, and numbers that differ are refused."""

from collections.abc import Sequence

import pytest
from benchmarks.beside import Against, check_numbers, row_of, rows_of
from benchmarks.contest import Bench, Missing, Run, WrongNumberError
from benchmarks.rows import Row, Target

BENCH = Bench(None, 1, True)


def run(seconds: float, answers: Sequence[float] = (1.0,), expected: Sequence[float] | None = None) -> Run:
    return Run(0, (seconds,) * 3, tuple(answers), None if expected is None else tuple(expected), {}, 1.0)


def made(target: Target, peers: tuple[str, ...], note: str = "", **runs: Run | Missing) -> Row:
    outcome = {name: one if isinstance(one, Missing) else [one] for name, one in runs.items()}
    return row_of(BENCH, outcome, Against("a.b", "a title", "µs", "mine", peers, target, note))


def test_the_quicker_peer_is_the_one_beside() -> None:
    target = Target("ratio at least", 4)
    row = made(target, ("scan", "step"), mine=run(10e-6), scan=run(50e-6), step=run(30e-6))
    assert row.subject is not None
    assert row.peer is not None
    assert (row.subject.name, row.peer.name) == ("slopewise native", "step")
    assert [row.subject.median, row.peer.median, row.ratio] == pytest.approx([10.0, 30.0, 3.0])
    assert (row.verdict, row.note) == ("not met", "scan 50 µs")


def test_the_ratio_of_a_target_at_most_is_the_other_way_round() -> None:
    row = made(Target("ratio at most", 4), ("objective",), mine=run(30e-6), objective=run(10e-6))
    assert row.ratio == pytest.approx(3.0)
    assert row.verdict == "met"


def test_a_peer_that_is_not_there_is_named_and_the_rest_is_judged() -> None:
    row = made(
        Target("ratio at least", 4),
        ("scan", "eager"),
        "a remark",
        mine=run(1e-6),
        scan=run(9e-6),
        eager=Missing("torch"),
    )
    assert (row.verdict, row.note) == ("met", "a remark; eager cannot run here")


def test_without_any_peer_a_ratio_is_not_judged_but_a_time_is() -> None:
    none = made(Target("ratio at least", 4), ("scan",), mine=run(1e-6), scan=Missing("jax"))
    assert (none.verdict, none.ratio, none.note) == ("not installed", None, "scan cannot run here")
    time = made(Target("value at most", 4), ("scan",), mine=run(1e-6), scan=Missing("jax"))
    assert time.verdict == "met"


def test_without_what_slopewise_itself_needs_nothing_is_measured() -> None:
    row = made(Target("value at most", 4), (), mine=Missing("sklearn"))
    assert (row.subject, row.verdict, row.note) == (None, "not installed", "sklearn: pip install 'slopewise[bench]'")


def test_without_the_native_engine_nothing_is_judged() -> None:
    outcome = {"mine": [run(1e-6)]}
    wanted = Against("a.b", "a title", "µs", "mine", (), Target("value at most", 4))
    assert [row.verdict for row in rows_of(Bench(None, 1, False), outcome, [wanted])] == ["needs native"]


def test_a_gradient_may_be_off_by_a_part_of_its_largest_entry() -> None:
    check_numbers({"mine": [run(1.0, (2.0, 5.0, 1e-13))], "jax": [run(1.0, (2.0, 5.0, -1e-13))]}, 1e-10)


@pytest.mark.parametrize(
    ("theirs", "expected", "message"),
    [
        ((2.0000001, 5.0), None, "jax: answer 0 is 2.0000001, but mine has 2.0"),
        ((2.0, 5.000001), None, "jax: answer 1 is 5.000001, but mine has 5.0"),
        ((2.0, float("nan")), None, "jax: answer 1 is nan, but mine has 5.0"),
        ((2.0,), None, "jax gave 1 answers, mine 2"),
        ((2.0, 5.0), (2.5,), "jax: answer 0 is 2.0, but NumPy has 2.5"),
    ],
)
def test_other_numbers_are_refused(theirs: tuple[float, ...], expected: tuple[float, ...] | None, message: str) -> None:
    with pytest.raises(WrongNumberError) as caught:
        check_numbers({"mine": [run(1.0, (2.0, 5.0))], "jax": [run(1.0, theirs, expected)]}, 1e-10)
    assert message in str(caught.value)


def test_one_precision_for_each_contender() -> None:
    outcome = {"mine": [run(1.0, (2.0,))], "jax": [run(1.0, (2.00001,))]}
    check_numbers(outcome, {"mine": 1e-10, "jax": 1e-4})
    with pytest.raises(WrongNumberError):
        check_numbers(outcome, {"mine": 1e-10, "jax": 1e-10})
