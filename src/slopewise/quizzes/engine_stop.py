"""Ending a thread that runs foreign code, without a word on the screen.

Python lets one thread raise an exception in another. It lands wherever that thread happens to be: in a callback of the
garbage collector or in a `__del__` Python does not pass it on but reports it through `sys.unraisablehook`, and the
thread goes on. So the exception is raised again until the thread ends, and reports of it are dropped meanwhile.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

EVERY = 0.02  # seconds between two tries
PATIENCE = 0.5  # seconds that the caller waits for the end
SELDOM = 5.0  # seconds between two volleys once a thread has proved stubborn
VOLLEY = 1000  # tries close upon each other

_one_volley = threading.Lock()  # the switch interval is the whole program's


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
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        # Straight on, without a loop or a call between one `try` and the next: an exception lands at those alone.
        try:
            self._is_open = True
            self._work()
        except Stopped:
            pass
        try:
            with self._gate:
                self._is_open = False
                _raise_in(threading.get_ident(), None)  # one that is still on its way is taken back
        except Stopped:
            self._is_open = False

    def stop(self) -> None:
        """Raise `Stopped` inside the thread until it ends; after half a second go on with that in the background."""
        unreported, is_ended = _Unreported(), False
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
            self._volley()
            wait = min(SELDOM, 1.5 * wait)
        unreported.put_back()

    def _volley(self) -> None:
        """Raise so often that some land in a handler, out of which they lead: for loops that catch everything."""
        with _one_volley:
            before = sys.getswitchinterval()
            try:
                sys.setswitchinterval(1e-6)
                for _ in range(VOLLEY):
                    if not self.thread.is_alive():
                        return
                    self._raise()
                    time.sleep(0)  # the thread runs a little
            finally:
                sys.setswitchinterval(before)

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
            if self._is_open and not has_landed:
                _raise_in(ident, Stopped)
        finally:
            self._gate.release()


def _raise_in(ident: int, kind: type[BaseException] | None) -> None:
    """Have an exception raised in a thread as soon as it runs Python code; None takes a waiting one back."""
    given = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), given)


class _Filter:
    """A `sys.unraisablehook` that drops `Stopped` and hands on everything else to the hook before it."""

    def __init__(self, before: Callable[[Any], Any]) -> None:
        self.before = before

    def __call__(self, report: Any) -> None:
        if report.exc_type is not Stopped:
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
