"""`watch()`: a `with` block around a training loop, which sees what the loop does and says what is wrong with it."""

from types import TracebackType
from typing import Any, Self

from slopewise.doctor.recorder import Recorder
from slopewise.doctor.report import Report
from slopewise.engine import Value
from slopewise.engine.journal import close_journal, open_journal, paused, set_callbacks
from slopewise.engine.modes import user_frame
from slopewise.engine.value import set_journal
from slopewise.errors import InternalError

# One journal serves all open watches, of which there can be several: a script may have one of its own.
_events: list[Any] = []
_open: list["Watch"] = []


def watch(model: Any = None) -> "Watch":
    """Watch a training loop, and name the mistakes in it.

    Args:
        model: The model whose parameters are trained; only for their names in the report. Found among the variables
            of the loop if not given.

    Returns:
        A `Watch` for a `with` block; after it, or within, `report()` says what was seen.

    Example:
        >>> import slopewise as sw
        >>> w = sw.Value(3.0, label="w")
        >>> with sw.watch() as watched:
        ...     for _ in range(20):
        ...         loss = (w - 1) ** 2
        ...         w.grad = 0.0
        ...         loss.backward()
        ...         w.data -= 0.1 * w.grad
        >>> print(watched.report())
        doctor: nothing to report
        <BLANKLINE>
        20 backward passes, 20 updates of 1 parameter; the loss went from 4 to 0.0008308.
    """
    return Watch(model)


class Watch:
    """A watch over a loop, to be used in a `with` statement; see `watch`."""

    def __init__(self, model: Any = None, file: str = "") -> None:
        self._recorder = Recorder(model, file)
        self._is_open = False
        self._failure: Exception | None = None

    def __repr__(self) -> str:
        return "<a watch over a loop: print its report()>"

    def __enter__(self) -> Self:
        frame = user_frame()
        if not self._recorder.file and frame is not None:
            self._recorder.file = frame.f_code.co_filename
            self._recorder.line = frame.f_lineno
        _hand_out()
        if not _open:
            open_journal(_events)
        _open.append(self)
        self._is_open = True
        _settle_callbacks()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self, scope: dict[str, Any] | None = None) -> None:
        """End the watch; what happens from here on is not seen. Leaving the block does it.

        Args:
            scope: Variables in which names are looked for, beside those of the code that trains.
        """
        if not self._is_open:
            return
        self._is_open = False
        events = list(_events)
        _open.remove(self)
        _hand_out()
        self._recorder.finish(events, scope)
        if _open:
            _settle_callbacks()
        else:
            close_journal(_events)
            _events.clear()

    def report(self) -> Report:
        """Return what was seen so far; after the block, what was seen in all.

        Raises:
            InternalError: The watch itself failed.
        """
        if self._failure is not None:
            raise InternalError(
                f"the watch broke off: {type(self._failure).__name__}: {self._failure}\n"
                f"the loop itself is not to blame; please report this, with the loop"
            ) from self._failure
        recorder = self._recorder
        recorder.look_up_names(user_frame())
        descent = recorder.descent
        return Report(
            diagnoses=recorder.diagnoses(),
            passes=descent.passes,
            updates=descent.updates,
            parameters=len(recorder.ledger.parameters) if recorder.ledger.is_settled else 0,
            first_loss=descent.first_loss,
            last_loss=descent.last_loss,
            looks=recorder.schedule.looks,
            trainings=recorder.trainings,
        )


def _hand_out() -> None:
    """Give the events so far to the watches that are open, so that one opened later does not get them."""
    if _events:
        events = list(_events)
        _events.clear()
        for each in _open:
            each._recorder.take_in(events)


def _settle_callbacks() -> None:
    set_callbacks(_passed, _read if _is_listening() else None)
    if _are_resting():
        set_journal(None, None, None)  # passes are told all the same


def _are_resting() -> bool:
    return all(each._recorder.is_resting for each in _open)


def _is_listening() -> bool:
    return any(each._recorder.readings.is_listening for each in _open)


def _passed(root: Value | None) -> None:
    """Called by the engine after each pass, and with None when the journal is full."""
    if root is None:
        _hand_out()
        return
    _events.pop()  # the pass itself
    was_listening, were_resting = _is_listening(), _are_resting()
    with paused():
        for each in _open:
            if each._failure is None:
                try:
                    each._recorder.passed(root, _events)
                except Exception as error:  # a fault of ours must not end the loop that is watched
                    each._failure = error
    _events.clear()
    if was_listening != _is_listening() or were_resting != _are_resting():
        _settle_callbacks()


def _read(node: Value) -> None:
    """Called by the engine when a number is read."""
    for each in _open:
        if each._recorder.readings.is_listening:
            each._recorder.readings.read(node)
