"""Running a learner's code so that it cannot hang, flood the screen or fill the memory.

The code runs in a thread of its own. When its time is over, an exception is raised inside that thread; code that cannot
be reached so (a long call into C) is left behind, and the check goes on without it.
"""

import contextlib
import io
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from slopewise.quizzes.engine_stop import Stoppable

LOOK_EVERY = 0.02
ASLEEP = 0.02  # what sleeps uses less than this share of a processor; what waits for its turn uses more
LONGEST = 10  # times what is allowed: the end on the wall for what neither works nor sleeps
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
    """

    seconds: float
    reason: Literal["time", "memory"]


Ending = Finished | Failed | Endless


class Guard:
    """Runs pieces of foreign code one after another, each under a limit of time and of memory.

    Time is the processor's where the system tells it, so that a busy machine makes no honest engine look endless; code
    that sleeps is measured by the clock on the wall.

    Args:
        seconds: The time that one piece may take.
        total: The time that all pieces may take together; when it is used up, `is_spent`, and a further piece gets a
            little only.
    """

    def __init__(self, seconds: float = 2.0, total: float = 20.0) -> None:
        self.seconds = seconds
        self.left = total
        self.printed = Printed()
        self.worker: _Worker | None = None

    def run(self, work: Callable[[], Any], seconds: float | None = None) -> Ending:
        """Run `work` and say how it ended."""
        allowed = max(0.1, min(self.seconds if seconds is None else seconds, self.left))
        if self.worker is None:
            self.worker = _Worker()
        worker = self.worker
        began = worker.times()
        try:
            ending = worker.answer(work, allowed)
        except BaseException:  # Ctrl-C in the waiting thread
            self.worker = None
            worker.stop()
            raise
        self.left -= _used(began, worker.times())
        if isinstance(ending, Endless):
            self.worker = None
            worker.stop()
            self.seconds = max(0.2, self.seconds / 2)  # what hangs once will hang again: wait less for the next
        return ending

    @property
    def is_spent(self) -> bool:
        """Tell whether the time for all pieces is used up."""
        return self.left <= 0.0

    def close(self) -> None:
        """Let the thread go."""
        if self.worker is not None:
            self.worker.close()
            self.worker = None

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
            self.close()
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


class _Worker:
    """A thread that does one piece of work after another."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self.outbox: queue.SimpleQueue[Ending] = queue.SimpleQueue()
        before = None
        with contextlib.suppress(ValueError, RuntimeError):
            before = threading.stack_size(STACK_BYTES)
        try:
            self.stoppable = Stoppable(self._loop, "slopewise check")
            self.clock = _processor_clock(self.stoppable.thread)
        finally:
            if before is not None:
                threading.stack_size(before)

    def _loop(self) -> None:
        while (work := self.inbox.get()) is not None:
            try:
                self.outbox.put(Finished(work()))
            except BaseException as error:
                self.outbox.put(Failed(error))
            work = None

    def times(self) -> "_Times":
        """Return what the clocks show."""
        processor = None
        if self.clock is not None:
            with contextlib.suppress(OSError):  # the thread has ended
                processor = time.clock_gettime(self.clock)
        return _Times(time.monotonic(), processor)

    def answer(self, work: Callable[[], Any], allowed: float) -> Ending:
        """Do a piece of work, and wait for it as long as it is allowed."""
        began = self.times()
        before = _memory()
        self.inbox.put(work)
        while True:
            with contextlib.suppress(queue.Empty):
                return self.outbox.get(timeout=min(LOOK_EVERY, allowed))
            now = self.times()
            if _used(began, now) >= allowed or now.wall - began.wall >= LONGEST * allowed:
                return Endless(allowed, "time")
            if _memory() - before > MOST_GROWTH:
                return Endless(allowed, "memory")

    def close(self) -> None:
        """End the thread when its work is done."""
        self.inbox.put(None)
        self.stoppable.thread.join(1.0)

    def stop(self) -> None:
        """End the thread in the middle of its work, or leave it behind."""
        self.inbox.put(None)
        self.stoppable.stop()


@dataclass(frozen=True, slots=True)
class _Times:
    """What the clock on the wall shows, and the processor's for one thread; None where the system does not tell."""

    wall: float
    processor: float | None


def _used(began: _Times, now: _Times) -> float:
    """Return the seconds that a thread took for itself: on the wall if it slept, the processor's if it worked."""
    wall = now.wall - began.wall
    if began.processor is None or now.processor is None:
        return wall
    processor = now.processor - began.processor
    return wall if processor < ASLEEP * wall else processor


def _processor_clock(thread: threading.Thread) -> int | None:
    """Return the clock of a running thread."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)  # neither on Windows nor on macOS
    return None if clock_of is None or thread.ident is None else clock_of(thread.ident)


def _memory() -> int:
    """Return the bytes in use by this process; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0
