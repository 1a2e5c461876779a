"""The time of a piece of foreign code: the processor's if it works, the wall's if it sleeps."""

import time

import pytest

from slopewise.quizzes.engine_guard import Endless, Finished, Guard, _Times, _used


@pytest.mark.parametrize(
    ("processor", "used"),
    [(9.9, 9.9), (0.5, 0.5), (0.0, 10.0), (0.01, 10.0)],
    ids=["alone", "on a busy machine", "asleep", "nearly asleep"],
)
def test_what_counts(processor: float, used: float) -> None:
    assert _used(_Times(100.0, 5.0), _Times(110.0, 5.0 + processor)) == pytest.approx(used)


def test_the_wall_counts_where_the_system_does_not_tell() -> None:
    assert _used(_Times(100.0, None), _Times(110.0, None)) == 10.0
    assert _used(_Times(100.0, 5.0), _Times(110.0, None)) == 10.0  # the thread has ended


def test_a_guard_without_the_clock_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "pthread_getcpuclockid", raising=False)
    guard = Guard()
    assert guard.run(lambda: 3, seconds=60.0) == Finished(3)
    assert guard.run(lambda: time.sleep(1.0), seconds=0.1) == Endless(0.1, "time")


def test_what_sleeps_uses_up_the_time_for_all() -> None:
    guard = Guard(total=0.1)
    assert guard.run(lambda: time.sleep(1.0)) == Endless(0.1, "time")
    assert guard.is_spent
