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
    """What reaches the hook that was there before, once no other test's thread is being stopped."""
    for thread in threading.enumerate():
        if thread.name.startswith("slopewise"):
            thread.join(IN_TIME)
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: kinds.append(report.exc_type))
    return kinds


@pytest.fixture
def untraced() -> Iterator[None]:
    """Take the measuring of coverage away: Python 3.11 cannot trace while an exception waits for a thread that waits."""
    here, elsewhere = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    threading.settrace(elsewhere)
    sys.settrace(here)


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


@pytest.fixture
def all_end() -> Callable[[], bool]:
    """Wait until every thread that the test has begun is over, and tell whether they are."""
    before = set(threading.enumerate())

    def wait() -> bool:
        deadline = time.monotonic() + IN_TIME
        while begun := set(threading.enumerate()) - before:
            if time.monotonic() > deadline:
                return False
            for thread in begun:
                thread.join(0.1)
        return True

    return wait


def test_an_exception_in_a_callback_of_the_collector_is_not_reported(
    reported: list[type[BaseException]], all_end: Callable[[], bool]
) -> None:
    hook, calls = sys.unraisablehook, []

    def spins() -> None:
        calls.append(1)
        spin()

    def work() -> None:
        while len(calls) < 4:  # each time Python swallows the exception, and the work goes on
            gc.collect()

    with collector_callback(spins):
        assert Guard().run(work, seconds=0.1) == Endless(0.1, "time")
        assert all_end()
    assert 1 <= len(calls) <= 4  # the first lands in the callback; a later one may land beside it and end the thread
    assert reported == []
    assert sys.unraisablehook is hook


def test_an_exception_in_a_finaliser_is_not_reported(
    reported: list[type[BaseException]], all_end: Callable[[], bool]
) -> None:
    hook, finalised = sys.unraisablehook, []

    class Spins:
        def __del__(self) -> None:
            finalised.append(1)
            spin()

    def work() -> None:
        while len(finalised) < 4:
            Spins()

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert all_end()
    assert 1 <= len(finalised) <= 4
    assert reported == []
    assert sys.unraisablehook is hook


def test_every_other_report_is_handed_on(reported: list[type[BaseException]], all_end: Callable[[], bool]) -> None:
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
    assert all_end()
    assert reported == [SystemExit, ValueError]


@pytest.mark.usefixtures("untraced")
def test_an_exception_that_lands_late_is_not_reported(
    reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch, all_end: Callable[[], bool]
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
        assert all_end()
    assert reported == []
    assert sys.unraisablehook is hook


@pytest.mark.usefixtures("untraced")
def test_hooks_set_by_others_meanwhile_stay(
    reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch, all_end: Callable[[], bool]
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
    assert all_end()
    assert (others, reported) == ([], [])
    assert sys.unraisablehook is theirs


@pytest.mark.usefixtures("untraced")
def test_two_threads_at_a_time(
    reported: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch, all_end: Callable[[], bool]
) -> None:
    monkeypatch.setattr(engine_stop, "PATIENCE", 0.04)
    hook = sys.unraisablehook
    held = [threading.Lock(), threading.Lock()]
    for lock in held:
        lock.acquire()
        assert isinstance(Guard().run(lock.acquire, seconds=0.1), Endless)
    held[0].release()
    held[1].release()
    assert all_end()
    assert reported == []
    assert sys.unraisablehook is hook


def catch_all() -> None:
    while True:
        try:  # noqa: SIM105
            spin()
        except:  # noqa: E722
            pass


def catch_all_of_it() -> None:
    while True:
        try:  # noqa: SIM105
            catch_all()
        except:  # noqa: E722
            pass


def catch_all_of_that() -> None:
    while True:
        with contextlib.suppress(BaseException):
            catch_all_of_it()


@pytest.mark.parametrize("work", [catch_all, catch_all_of_it, catch_all_of_that])
def test_loops_that_catch_everything_end(
    work: Callable[[], None], reported: list[type[BaseException]], all_end: Callable[[], bool], capfd: Any
) -> None:
    hook = sys.unraisablehook
    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert all_end()
    assert reported == []
    assert sys.unraisablehook is hook
    assert capfd.readouterr() == ("", "")


def test_a_finaliser_in_a_loop_that_catches_everything(
    reported: list[type[BaseException]], all_end: Callable[[], bool], capfd: Any
) -> None:
    finalised = []

    class Spins:
        def __del__(self) -> None:
            finalised.append(1)
            spin()

    def work() -> None:
        while True:
            try:
                if len(finalised) < 12:  # more than are met with one exception alone
                    Spins()
                spin()
            except:  # noqa: E722
                pass

    assert isinstance(Guard().run(work, seconds=0.1), Endless)
    assert all_end()
    assert len(finalised) >= 1
    assert reported == []
    assert capfd.readouterr() == ("", "")


def test_a_stopped_thread_leaves_nothing_behind(all_end: Callable[[], bool]) -> None:
    count = threading.active_count()
    for _ in range(20):
        assert isinstance(Guard().run(spin, seconds=0.1), Endless)
    assert all_end()
    assert threading.active_count() <= count


def test_a_guard_goes_on_after_a_stop() -> None:
    guard = Guard()
    assert isinstance(guard.run(spin, seconds=0.1), Endless)
    assert guard.run(lambda: 3, seconds=IN_TIME) == Finished(3)
    failed = guard.run(lambda: sys.exit(3), seconds=IN_TIME)
    assert isinstance(failed, Failed) and type(failed.error) is SystemExit
    guard.close()


@pytest.mark.parametrize("in_a_row", [1, 2, 3, 4, 5, 8])
@pytest.mark.usefixtures("untraced")
def test_exceptions_that_are_left_over_end_with_the_thread(
    in_a_row: int, reported: list[type[BaseException]], all_end: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    escaped: list[Any] = []
    kind = engine_stop._kind
    monkeypatch.setattr(threading, "excepthook", escaped.append)
    monkeypatch.setattr(engine_stop, "PATIENCE", 0.04)
    monkeypatch.setattr(engine_stop, "_kind", lambda ident, _: kind(ident, in_a_row))
    held = threading.Lock()
    held.acquire()
    assert isinstance(Guard().run(held.acquire, seconds=0.1), Endless)
    held.release()
    assert all_end()
    assert escaped == []
    assert reported == []


def test_a_debugger_does_not_hang_while_a_thread_waits(all_end: Callable[[], bool]) -> None:
    entered = []

    def watch(frame: Any, event: str, arg: Any) -> Any:
        entered.append(frame.f_code.co_name)
        return None

    def step() -> int:
        return 3

    held, before = threading.Lock(), sys.gettrace()
    held.acquire()
    sys.settrace(watch)
    try:
        assert isinstance(Guard().run(held.acquire, seconds=0.1), Endless)
        assert step() == 3
    finally:
        sys.settrace(before)
        held.release()
    assert "step" in entered
    assert all_end()


def test_a_debugger_does_not_keep_a_busy_thread_going(all_end: Callable[[], bool]) -> None:
    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: None)
    try:
        assert isinstance(Guard().run(spin, seconds=0.1), Endless)
        assert all_end()
    finally:
        sys.settrace(before)
