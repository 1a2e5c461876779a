"""A pass, or a build, that is broken off at any moment leaves nothing behind that would make a later pass wrong."""

import gc
import signal
import sys
import threading
from types import FrameType

import pytest

from slopewise import Value

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX timers"),
    pytest.mark.skipif(
        threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread only"
    ),
]


class Interrupt(BaseException):
    """What Ctrl-C is, under a name of our own."""


def mesh(x: Value, length: int) -> Value:
    v = x
    for _ in range(length):
        v = v * 0.5 + v * 0.5
    return v


def is_measured() -> bool:
    """Tell whether coverage is being taken in this process."""
    coverage = sys.modules.get("coverage")
    return coverage is not None and coverage.Coverage.current() is not None


@pytest.mark.skipif(is_measured(), reason="an interrupt inside coverage's own lock would leave it held for ever")
@pytest.mark.parametrize("what", ["backward", "zero_grad"])
@pytest.mark.parametrize("by_hand", [False, True], ids=["engine's steps", "a user's step inside"])
def test_interrupted_at_any_moment(what: str, by_hand: bool) -> None:
    x = Value(1.0)
    root = mesh(x, 1500)
    if by_hand:
        node = root._prev[0]
        step = node._backward
        node._backward = lambda: step()
    reached = 0
    is_armed = False

    def handler(number: int, frame: FrameType | None) -> None:
        if is_armed:
            raise Interrupt

    before = signal.signal(signal.SIGALRM, handler)
    gc.disable()  # in a callback of the collector, which others may have set, Python swallows what is raised
    try:
        for k in range(1, 41):
            try:
                is_armed = True
                signal.setitimer(signal.ITIMER_REAL, k * 0.0004)
                for _ in range(20):
                    getattr(root, what)()
                is_armed = False  # an alarm from here on comes too late, and raises nothing outside the `try`
            except Interrupt:
                reached += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            x.grad = 0
            root.backward()
            assert x.grad == 1.0, k
    finally:
        gc.enable()
        signal.signal(signal.SIGALRM, before)
    assert reached > 0
