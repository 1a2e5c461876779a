"""Ending a thread that runs foreign code, without a word on the screen.

Python lets one thread raise an exception in another. It lands wherever that thread happens to be: in a callback of the
garbage collector or in a `__del__` Python does not pass it on but reports it through `sys.unraisablehook`, and the
thread goes on. So the exception is raised again until the thread ends, and reports of it are dropped meanwhile.

A loop that catches everything, `while True: try: … except: pass`, survives any number of exceptions that come one by
one. Out of its handler leads only a second one that lands before the loop has come back to its `try`; no other thread
is that quick. So a stubborn thread gets exceptions that raise the next one by themselves, as soon as they are caught.

A thread that waits in C meets an exception only when that is over. Until then, Python 3.11 never gets past the first
step of any function in any thread that is traced, by a debugger say. There only threads that run get exceptions.
"""

import ctypes
import functools
import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

EVERY = 0.02  # seconds between two tries
PATIENCE = 0.5  # seconds that the caller waits for the end
SELDOM = 5.0  # seconds between two tries at last, for what no exception reaches: a long call into C
SINGLE = 5  # tries with one exception alone; then with two in a row, three …
MOST_IN_A_ROW = 8


class Stopped(SystemExit):
    """What is raised in the thread: no `Exception`, so that few handlers catch it, and told from a `sys.exit()`."""


class Stoppable:
    """A thread that can be ended from outside while it is in `work`.

    Before `work` has begun and after it has ended nothing is raised: what surrounds it in the thread is Python's own.

    Args:
        work: What the thread does.
        name: The thread's name.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._work = work
        self._gate = threading.Lock()  # held while raising, and while shutting off
        self._is_open = False
        self._tries = 0
        self._only_while_it_runs = False
        self._seconds_used: float | None = None
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        last = _raising(threading.get_ident(), Stopped)
        # Straight on, without a loop or Python code between one `try` and the next: an exception lands at those alone.
        try:
            self._is_open = True
            self._work()
        except Stopped:
            pass
        try:
            with self._gate:
                self._is_open = False
                # One may be on its way, and others behind it: this one takes its place, and lands here. Taking it back
                # would leave Python 3.11 looking for it at every step of every thread: the whole process grows slow.
                if self._tries:
                    last()
                    for _ in range(1000):
                        pass
        except Stopped:
            self._is_open = False

    def stop(self) -> None:
        """Raise `Stopped` inside the thread until it ends; after half a second go on with that in the background."""
        unreported, is_ended = _Unreported(), False
        self._only_while_it_runs = sys.version_info < (3, 12) and is_traced()
        try:
            is_ended = self._is_ended_after(int(PATIENCE / EVERY), EVERY, unreported)
        finally:  # on Ctrl-C too
            if is_ended:
                unreported.put_back()
            else:
                threading.Thread(target=self._go_on, args=(unreported,), name="slopewise stop", daemon=True).start()

    def _go_on(self, unreported: "_Unreported") -> None:
        wait = EVERY
        while not self._is_ended_after(1, wait, unreported):
            wait = min(SELDOM, 1.5 * wait)
        unreported.put_back()

    def _is_ended_after(self, tries: int, wait: float, unreported: "_Unreported") -> bool:
        for _ in range(tries):
            if not self.thread.is_alive():
                return True
            unreported.put_in()
            self._raise()
            self.thread.join(wait)
        return not self.thread.is_alive()

    def _raise(self) -> None:
        ident = self.thread.ident
        if ident is None or not self._gate.acquire(timeout=EVERY):  # the thread is about to shut off
            return
        try:
            frame = sys._current_frames().get(ident)
            has_landed = frame is not None and frame.f_code is _Filter.__call__.__code__  # let that be dropped first
            if self._is_open and not has_landed and not (self._only_while_it_runs and self._waits(ident)):
                self._tries += 1
                in_a_row = 1 + max(0, self._tries - SINGLE) % MOST_IN_A_ROW
                _raising(ident, _kind(ident, 1 if _is_unheard(frame) else in_a_row))()
        finally:
            self._gate.release()

    def _waits(self, ident: int) -> bool:
        """Tell whether the thread has hardly used the processor since this was asked last; the first time it is True.

        False where the system does not tell. The thread must not have ended: the gate is held.
        """
        if not hasattr(time, "pthread_getcpuclockid"):
            return False
        before = self._seconds_used
        self._seconds_used = time.clock_gettime(time.pthread_getcpuclockid(ident))
        return before is None or self._seconds_used - before < EVERY / 100


def is_traced() -> bool:
    """Tell whether this thread, or every new one, is watched by a debugger or the like."""
    return sys.gettrace() is not None or threading.gettrace() is not None


def _raising(ident: int, kind: type[BaseException]) -> Callable[[], None]:
    """Return what has an exception raised in a thread as soon as it runs Python code.

    It is no Python code itself, so nothing lands in it.
    """
    function = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
    function.restype = None
    return functools.partial(function, ctypes.c_ulong(ident), ctypes.py_object(kind))


def _kind(ident: int, in_a_row: int) -> type[Stopped]:
    """Return `Stopped`, or a kind of it that, once made, has the next one raised: so many in a row."""
    kind: Any = Stopped
    for _ in range(in_a_row - 1):
        kind = type("Stopped", (Stopped,), {"__init__": staticmethod(_raising(ident, kind))})
    return kind  # type: ignore[no-any-return]


def _is_unheard(frame: Any) -> bool:
    """Tell whether an exception would be reported, not passed on; a second one would land in the report."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in callbacks or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


class _Filter:
    """A `sys.unraisablehook` that drops `Stopped` and hands on everything else to the hook before it."""

    def __init__(self, before: Callable[[Any], Any]) -> None:
        self.before = before

    def __call__(self, report: Any) -> None:
        if not (isinstance(report.exc_type, type) and issubclass(report.exc_type, Stopped)):
            self.before(report)


class _Unreported:
    """The filter in its place, for one thread that is being stopped.

    Several may be stopped at a time, and others may set hooks of their own meanwhile: the filters are put in as often
    as they are found covered or gone, and taken out when nobody needs them, as far as nobody has built upon them.
    """

    _lock = threading.Lock()
    _needed = 0

    def __init__(self) -> None:
        self._is_in = False

    def put_in(self) -> None:
        """See to it that the outermost hook is a filter."""
        with self._lock:
            if not self._is_in:
                self._is_in = True
                _Unreported._needed += 1
            if not isinstance(sys.unraisablehook, _Filter):
                sys.unraisablehook = _Filter(sys.unraisablehook)

    def put_back(self) -> None:
        """Put the hook back that was found, unless another thread is still being stopped."""
        with self._lock:
            if self._is_in:
                self._is_in = False
                _Unreported._needed -= 1
            while _Unreported._needed == 0 and isinstance(sys.unraisablehook, _Filter):
                sys.unraisablehook = sys.unraisablehook.before
