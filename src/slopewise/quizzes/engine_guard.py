"""Running a learner's code so that it cannot hang, flood the screen or fill the memory.

The code runs in a thread of its own. When its time is over, an exception is raised inside that thread; code that cannot
be reached so (a long call into C) is left behind, and the check goes on without it.
"""

import contextlib
import ctypes
import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

LOOK_EVERY = 0.02
STACK_BYTES = 64 * 2**20
DEEPEST = 20_000  # frames: what the stack above can carry, whatever limit the learner's file has set
MOST_GROWTH = 1 << 30  # bytes of memory that one run may add
PRINT_KEPT = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Finished:
    """The code came to its end."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The code raised."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Endless:
    """The code was stopped.

    Attributes:
        seconds: After how long.
        reason: What was used up.
        is_gone: Whether its thread has ended.
    """

    seconds: float
    reason: Literal["time", "memory"]
    is_gone: bool


Ending = Finished | Failed | Endless


class Guard:
    """Runs pieces of foreign code one after another, each under a limit of time and of memory.

    Args:
        seconds: The time that one piece may take.
        total: The time that all pieces may take together; when it is used up, every further piece gets a little only.
    """

    def __init__(self, seconds: float = 2.0, total: float = 20.0) -> None:
        self.seconds = seconds
        self.left = total
        self.printed = Printed()

    def run(self, work: Callable[[], Any], seconds: float | None = None) -> Ending:
        """Run `work` and say how it ended."""
        allowed = max(0.1, min(self.seconds if seconds is None else seconds, self.left))
        box: list[Ending] = []

        def body() -> None:
            try:
                box.append(Finished(work()))
            except BaseException as error:
                box.append(Failed(error))

        began = time.monotonic()
        thread = _started(body)
        try:
            reason = _watched(thread, allowed)
        except BaseException:  # Ctrl-C in the waiting thread
            _stop(thread)
            raise
        if reason is not None:
            _stop(thread)
            self.left -= time.monotonic() - began
            self.seconds = max(0.2, self.seconds / 2)  # what hangs once will hang again: wait less for the next
            if not box or isinstance(box[0], Failed):
                return Endless(allowed, reason, not thread.is_alive())
        return box[0] if box else Endless(allowed, "time", True)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Keep prints, questions to the keyboard and warnings of the foreign code away from the user's screen."""
        import warnings

        limit = sys.getrecursionlimit()
        stdin = sys.stdin
        sys.stdin = io.StringIO()
        try:
            if limit > DEEPEST:
                sys.setrecursionlimit(DEEPEST)
            with (
                contextlib.redirect_stdout(self.printed),
                contextlib.redirect_stderr(self.printed),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")
                yield
        finally:
            sys.stdin = stdin
            sys.setrecursionlimit(limit)


class Printed(io.TextIOBase):
    """Counts the lines printed and keeps the beginning alone."""

    def __init__(self) -> None:
        self.lines = 0
        self.kept = ""

    def writable(self) -> bool:
        """Tell that text can be written."""
        return True

    def write(self, text: str) -> int:
        """Take a text."""
        self.lines += text.count("\n")
        if len(self.kept) < PRINT_KEPT:
            self.kept += text[: PRINT_KEPT - len(self.kept)]
        return len(text)


def _started(body: Callable[[], None]) -> threading.Thread:
    """Start a thread with room for deep recursion."""
    before = None
    with contextlib.suppress(ValueError, RuntimeError):
        before = threading.stack_size(STACK_BYTES)
    try:
        thread = threading.Thread(target=body, name="slopewise check", daemon=True)
        thread.start()
    finally:
        if before is not None:
            threading.stack_size(before)
    return thread


def _watched(thread: threading.Thread, allowed: float) -> Literal["time", "memory"] | None:
    """Wait for a thread; return what it used up, or None when it ended."""
    deadline = time.monotonic() + allowed
    before = _memory()
    thread.join(min(LOOK_EVERY, allowed))
    while thread.is_alive():
        if time.monotonic() >= deadline:
            return "time"
        if _memory() - before > MOST_GROWTH:
            return "memory"
        thread.join(LOOK_EVERY)
    return None


def _stop(thread: threading.Thread) -> None:
    """Raise `SystemExit` inside a thread until it ends, for half a second at most.

    It is no Exception, so that few handlers catch it, and a thread that ends by it says nothing.
    """
    for _ in range(25):
        if not thread.is_alive() or thread.ident is None:
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        thread.join(LOOK_EVERY)


def _memory() -> int:
    """Return the bytes in use by this process; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0
