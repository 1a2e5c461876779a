"""The engine's modes: `no_grad`, `anomalies` and `sources`, each a `with` block of its thread or task."""

import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any, NamedTuple

from slopewise.errors import AnomalyError


class Modes(NamedTuple):
    """How many blocks of each mode are open around the code that asks."""

    no_grad: int = 0
    anomalies: int = 0
    sources: int = 0


# A context variable: each thread, and each task of an event loop, has its own modes.
_NONE = Modes()
_modes: ContextVar[Modes] = ContextVar("slopewise modes", default=_NONE)
_lock = threading.Lock()
_open = 0
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def current() -> Modes:
    """Return the modes of this thread or task."""
    return _modes.get()


@contextmanager
def _mode(name: str) -> Iterator[None]:
    before = _modes.get()
    _count(+1)
    _modes.set(before._replace(**{name: getattr(before, name) + 1}))
    try:
        yield
    finally:
        now = _modes.get()
        _modes.set(now._replace(**{name: max(0, getattr(now, name) - 1)}))
        _count(-1)


def _count(change: int) -> None:
    global _open
    from slopewise.engine import value

    with _lock:
        _open += change
        value.set_watching(_open)


@contextmanager
def none() -> Iterator[None]:
    """Leave all modes for a block."""
    token = _modes.set(_NONE)
    try:
        yield
    finally:
        _modes.reset(token)


def no_grad() -> Any:
    """Build no graph in the block: results are leaves.

    Example:
        >>> import slopewise as sw
        >>> w = sw.Value(2.0)
        >>> with sw.no_grad():
        ...     y = w * 3
        >>> y, y._prev
        (Value(data=6.0, grad=0), ())
    """
    return _mode("no_grad")


def anomalies() -> Any:
    """Stop at the first nan or infinity, in a value or in a gradient.

    Raises:
        AnomalyError: Names the operation, its operands with values and labels, and the line that applied it.

    Example:
        >>> import slopewise as sw
        >>> x = sw.Value(0.0, label="x")
        >>> with sw.anomalies():
        ...     y = sw.log(x)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        slopewise.errors.AnomalyError: log made -inf from x = 0.0
        ...
    """
    return _mode("anomalies")


def sources() -> Any:
    """Record with each node the line of your code that made it, for stories and messages.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.engine import source_of
        >>> with sw.sources():
        ...     y = sw.Value(2.0) * 3
        >>> source_of(y).line
        2
    """
    return _mode("sources")


class Source:
    """A line of the user's code: file and line number."""

    __slots__ = ("file", "function", "line")

    def __init__(self, file: str, line: int, function: str) -> None:
        self.file = file
        self.line = line
        self.function = function

    def __repr__(self) -> str:
        return f"Source({self.file!r}, {self.line}, {self.function!r})"

    def __str__(self) -> str:
        import linecache

        linecache.checkcache(self.file)  # the file may have been edited, or be another one of that name
        text = linecache.getline(self.file, self.line).strip()
        where = f"{self.file}:{self.line}"
        return f"{where}: {text}" if text else where


_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_own(code: CodeType) -> bool:
    """Tell whether a piece of code is slopewise's own."""
    return code.co_filename.startswith(_HOME)


# Libraries that call back: the line that a user looks for is the one that called them.
_LIBRARIES = frozenset({"fractions", "numpy", "random", "scipy", "statistics"})


def is_users(frame: FrameType) -> bool:
    """Tell whether a frame is neither slopewise's own nor one of a library that computes."""
    if frame.f_code.co_filename.startswith(_HOME):
        return False
    return str(frame.f_globals.get("__name__")).partition(".")[0] not in _LIBRARIES


def user_frame(depth: int = 1) -> FrameType | None:
    """Return the innermost frame that is neither slopewise's own nor one of a library that computes; None if none is.

    Args:
        depth: How many frames to leave out before looking, as for `sys._getframe`: 1 leaves out this function alone.
    """
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    return frame


def frames_of_ours() -> int:
    """Return how many frames up the user's code is, for the `stacklevel` of a warning."""
    frame, count = sys._getframe(1), 1
    while frame.f_back is not None and is_own(frame.f_code):
        frame, count = frame.f_back, count + 1
    return count


def source_line() -> Source | None:
    """Return the innermost line that is not slopewise's own."""
    frame = user_frame(2)
    return None if frame is None else Source(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def source_of(node: Any) -> Source | None:
    """Return where a node was made, if that was recorded.

    Args:
        node: A Value.

    Returns:
        A `Source` with `file`, `line` and `function`, or None for a node that was made without `sources()`.

    Example:
        >>> import slopewise as sw
        >>> with sw.sources():
        ...     y = sw.Value(2.0) * 3
        >>> sw.source_of(y).function, sw.source_of(sw.Value(1.0))
        ('<module>', None)
    """
    from slopewise.engine.value import has_attributes

    source: Source | None = node.__dict__.get("_source") if has_attributes(node) else None
    return source


def refuse_leak(node: Any) -> None:
    """Raise for a node that was made while a function was traced, and outlived the trace."""
    from slopewise.errors import TraceLeakError

    name = f" {node.label!r}" if node.label else ""
    raise TraceLeakError(
        f"this Value{name} was made while a function was traced, and is used after the trace has ended\n"
        f"it stood for a number of every later call, so it holds none now\n"
        f"return it from the traced function; it comes back as a number"
    )


def is_finite(x: Any) -> bool:
    """Tell whether a number is neither nan nor infinite; what cannot be judged counts as finite."""
    try:
        return math.isfinite(x)
    except (TypeError, ValueError, OverflowError):
        if isinstance(x, complex):
            return math.isfinite(x.real) and math.isfinite(x.imag)
        return True


_OVERFLOWING = frozenset({"+", "*", "exp", "exp2", "expm1", "sinh", "cosh", "square", "hypot"})


def check_value(node: Any) -> None:
    """Raise when a new node's number is not finite."""
    if is_finite(node.data):
        return
    from slopewise.engine import value

    operands = value.operands_of(node)
    if value.idiom_of(node) == "division" and not value.is_made(operands[1]) and math.isinf(operands[1].data):
        error = AnomalyError(
            f"/ made {node.data!r} from {_listed(operands[:1])} divided by 0\n"
            f"at {source_of(node) or 'an unknown line'}\nkeep the divisor away from 0"
        )
        error.node = node
        raise error
    given = [o for o in operands if not is_finite(o.data)]
    if given:
        cure = f"{_named(given[0], operands)} came in like that: look at where it was made"
    elif node._op in _OVERFLOWING and not math.isnan(node.data):
        cure = "that is beyond the largest float, 1.8e308: scale the operands down, or clip them before it"
    else:
        cure = "keep the operands inside the operation's domain, or clip them before it"
    error = AnomalyError(
        f"{_operation_name(node)} made {node.data!r} from {_listed(operands)}\n"
        f"at {source_of(node) or 'an unknown line'}\n{cure}"
    )
    error.node = node
    raise error


def check_gradients(node: Any) -> None:
    """Raise when a node's backward step left an operand with a gradient that is not finite."""
    from slopewise.engine import value

    operands = value.operands_of(node)
    for operand in operands:
        if is_finite(operand.grad):
            continue
        error = AnomalyError(
            f"the backward step of {_operation_name(node)} made the gradient of {_named(operand, operands)} "
            f"{operand.grad!r}, from the upstream gradient {node.grad!r} and {_listed(operands)}\n"
            f"at {source_of(node) or 'a line that was not recorded: build the graph inside the block too'}\n"
            f"the local derivative is not finite there: move the operand away, or clip it before the operation"
        )
        error.node = node
        raise error


def _operation_name(node: Any) -> str:
    from slopewise.engine import value

    idiom: str = value.idiom_of(node)
    if idiom.endswith("division"):
        return "/"
    if node._op == "**-1":
        return "a reciprocal (a division, or ** -1)"
    symbol: str = node._op
    return symbol or "an operation"


def _named(operand: Any, operands: Any) -> str:
    if operand.label:
        return str(operand.label)
    return f"operand {[id(o) for o in operands].index(id(operand)) + 1}"


def _listed(operands: Any) -> str:
    shown = [f"{o.label} = {o.data!r}" if o.label else repr(o.data) for o in operands]
    return " and ".join(shown) if len(shown) < 3 else ", ".join(shown[:-1]) + " and " + shown[-1]


def explain_failure(error: Exception, operation: Any, operands: Any, what: str = "") -> None:
    """Add the operation and its operands to an exception that a number's own type raised."""
    if getattr(error, "_slopewise_explained", False):
        return
    place = f"in {what}{operation.symbol or operation.name!r} of {_listed(operands)}"
    try:
        error.args = (f"{error} ({place})",)
        error._slopewise_explained = True  # type: ignore[attr-defined]
    except (AttributeError, TypeError):
        error.add_note(place)
