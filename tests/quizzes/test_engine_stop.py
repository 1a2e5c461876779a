"""A thread that is stopped says nothing, wherever the exception lands, and every other report is handed on."""

import contextlib
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slopewise.quizzes import engine_stop
from slopewise.quizzes.engine_guard import Endless, Failed, Finished, Guard

IN_TIME = 60.0  # seconds for what takes a few milliseconds


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """What reaches the hook that was there before."""
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: kinds.append(report.exc_type))
    return kinds


@contextlib.contextmanager
def collector_callback(does: Callable[[], None]) -> Iterator[None]:
    """Have the garbage collector call `does`, in the guard's thread alone."""

    def callback(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and threading.current_thread().name == "slopewise check":
            does()

    gc.callbacks.append(callback)
    try:
        yield
    finally:
        gc.callbacks.remove(callback)


def spin() -> None:
    kept: list[list[int]] = []
    while True:
        kept = [*kept[-9:], [0] * 9]


def ended(name: str) -> bool:
    """Wait until no thread of this name is left."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(IN_TIME)
    return name not in {thread.name for thread in threading.enumerate()}


def test_an_exception_in_a_callback_of_the_collector_is_not_reported(reported: list[type[BaseException]]) -> None:
    hook, calls = sys.unraisablehook, []

    def spins() -> None:
        calls.append(1)
        spin()

    def work() -> None:
        while len(calls) < 4:  # each time Python swallows the exception, and the work goes on
            gc.collect()

    with collector_callback(spins):
        assert Guard().run(work, seconds=0.1) == Endless(0.1, "time")
        assert ended("slopewise check") and ended("slopewise stop")
    assert len(calls) == 4
    assert reported == []
    assert sys.unraisablehook is hook


def test_an_exception_in_a_finaliser_is_not_reported(reported: list[type[BaseException]]) -> None:
    hook, finalised = sys.unraisablehook, []

    class Spins:
        def __del__(self) -> None:
            finalised.append(1)
            spin()

    def work() -> None:
        while len(finalised) < 4:
            Spins()

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert ended("slopewise check") and ended("slopewise stop")
    assert len(finalised) == 4
    assert reported == []
    assert sys.unraisablehook is hook


def test_every_other_report_is_handed_on(reported: list[type[BaseException]]) -> None:
    class Exits:
        def __del__(self) -> None:
            raise SystemExit("of the learner")

    class Fails:
        def __del__(self) -> None:
            raise ValueError("of the learner")

    def work() -> None:
        try:
            spin()
        finally:  # while the thread is being stopped
            Exits()
            Fails()

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert ended("slopewise check") and ended("slopewise stop")
    assert reported == [SystemExit, ValueError]


def test_an_exception_that_lands_late_is_not_reported(
    reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_stop, "PATIENCE", 0.04)
    hook, held = sys.unraisablehook, threading.Lock()

    def waits() -> None:
        held.acquire()  # a call into C: no exception lands before it is over
        held.release()

    held.acquire()
    with collector_callback(waits):
        assert isinstance(Guard().run(gc.collect, seconds=0.1), Endless)
        assert sys.unraisablehook is not hook  # it is still on its way
        held.release()
        assert ended("slopewise check") and ended("slopewise stop")
    assert reported == []
    assert sys.unraisablehook is hook


def test_hooks_set_by_others_meanwhile_stay(
    reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_stop, "PATIENCE", 0.04)
    held = threading.Lock()
    others: list[Any] = []
    held.acquire()

    def work() -> None:
        held.acquire()
        with collector_callback(spin):
            gc.collect()

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    before = sys.unraisablehook

    def theirs(report: Any) -> None:
        others.append(report.exc_type)
        before(report)

    sys.unraisablehook = theirs
    deadline = time.monotonic() + IN_TIME
    while sys.unraisablehook is theirs and time.monotonic() < deadline:  # until the next try
        time.sleep(0.001)
    held.release()
    assert ended("slopewise check") and ended("slopewise stop")
    assert (others, reported) == ([], [])
    assert sys.unraisablehook is theirs


def test_two_threads_at_a_time(reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_stop, "PATIENCE", 0.04)
    hook = sys.unraisablehook
    held = [threading.Lock(), threading.Lock()]
    for lock in held:
        lock.acquire()
        assert isinstance(Guard().run(lock.acquire, seconds=0.1), Endless)
    held[0].release()
    held[1].release()
    assert ended("slopewise check") and ended("slopewise stop")
    assert reported == []
    assert sys.unraisablehook is hook


def test_a_loop_that_catches_everything_ends_at_last(reported: list[type[BaseException]]) -> None:
    hook, interval = sys.unraisablehook, sys.getswitchinterval()

    def work() -> None:
        while True:
            with contextlib.suppress(BaseException):
                sum(i * i for i in range(100))

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert ended("slopewise check") and ended("slopewise stop")
    assert reported == []
    assert sys.unraisablehook is hook
    assert sys.getswitchinterval() == pytest.approx(interval)


def test_a_stopped_thread_leaves_nothing_behind() -> None:
    count = threading.active_count()
    for _ in range(20):
        assert isinstance(Guard().run(spin, seconds=0.1), Endless)
    assert ended("slopewise check") and ended("slopewise stop")
    assert threading.active_count() == count


def test_a_guard_goes_on_after_a_stop() -> None:
    guard = Guard()
    assert isinstance(guard.run(spin, seconds=0.1), Endless)
    assert guard.run(lambda: 3, seconds=IN_TIME) == Finished(3)
    failed = guard.run(lambda: sys.exit(3), seconds=IN_TIME)
    assert isinstance(failed, Failed) and type(failed.error) is SystemExit
    guard.close()
