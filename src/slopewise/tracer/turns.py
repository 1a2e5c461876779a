"""`Turn`: one thread at a time runs a function of the user's; one that can never get its turn is told so."""

import concurrent.futures.thread as pools
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import _base as futures
from types import FrameType

from slopewise.errors import TraceError

__all__ = ["Turn"]

PATIENCE = 0.05  # seconds until a thread looks what the other one waits for
DEEP = 8  # frames of Python's own between a function that waits and the lock it waits at


class Turn:
    """A lock that a thread may take again, for as long as a function of the user's runs.

    Such a function may start threads and wait for them. If one of those asks for the turn, neither ever goes on: that
    is an error in the thread that asks.
    """

    __slots__ = ("_depth", "_holder", "_lock")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._holder = 0

    def __enter__(self) -> None:
        while not self._lock.acquire(timeout=PATIENCE):
            holder = sys._current_frames().get(self._holder)
            if holder is not None and _waits_for_this_thread(holder):
                _refuse(holder)
        self._depth += 1
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._holder = 0
        self._lock.release()


def _waits_for_this_thread(holder: FrameType) -> bool:
    """Tell whether a thread waits, without an end, for this one to end, or for what this one was asked to compute."""
    me = threading.current_thread()
    own = {
        id(getattr(frame.f_locals.get("self"), "future", None)) for frame in _frames(sys._getframe()) if _is_work(frame)
    }
    for _, frame in zip(range(DEEP), _frames(holder), strict=False):
        code, local = frame.f_code, frame.f_locals
        if local.get("timeout") is not None:
            continue
        if code.co_filename == threading.__file__ and code.co_name == "join" and local.get("self") is me:
            return True
        if code.co_filename == futures.__file__ and code.co_name == "result" and id(local.get("self")) in own:
            return True
    return False


def _is_work(frame: FrameType) -> bool:
    """Tell whether a thread of a pool computes a future here."""
    return frame.f_code.co_filename == pools.__file__ and frame.f_code.co_name == "run"


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _refuse(holder: FrameType) -> None:
    own = (threading.__file__, futures.__file__, pools.__file__)
    place = next((frame for frame in _frames(holder) if frame.f_code.co_filename not in own), holder)
    raise TraceError(
        "a function that is being traced waits for this thread, and this thread calls one that has to be traced next: "
        "neither would ever go on\n"
        f"it waits at {place.f_code.co_filename}:{place.f_lineno}\n"
        "call the compiled function once before, or use no threads inside a compiled function"
    ) from None
