"""The journal: what a user's code does to the numbers and gradients of nodes, in order, for whoever watches a loop.

Nothing is written while no journal is open, and then it costs nothing. What the engine does itself, in a backward pass
or inside an operation, is not written down; only assignments, readings, clearings and passes are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slopewise.engine import sweep, value
from slopewise.errors import GraphError

_events: list[Any] | None = None
_on_pass: Callable[[Any], object] | None = None
_on_read: Callable[[Any], object] | None = None
_paused = 0


def open_journal(events: list[Any]) -> None:
    """Let the engine append to a list, as tuples of four, what happens from here on, in every thread.

    - `("data", node, before, after)` and `("grad", node, before, after)`: a number was assigned;
    - `("clear", root, None, None)`: `root.zero_grad()` cleared a graph;
    - `("pass", root, None, None)`: a backward pass from root has ended.

    Args:
        events: The list. It keeps the nodes alive: empty it now and then.

    Raises:
        GraphError: A journal is open already.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.journal import close_journal, open_journal
        >>> events = []
        >>> open_journal(events)
        >>> a = Value(3.0)
        >>> (a * a).backward()
        >>> a.data = 2.5
        >>> close_journal(events)
        >>> [(what, before) for what, node, before, after in events]
        [('pass', None), ('data', 3.0)]
    """
    global _events
    if _events is not None and _events is not events:
        raise GraphError("a journal is open already\nonly one watch can be open at a time: close the other first")
    _events = events
    _settle()


def close_journal(events: list[Any]) -> None:
    """Stop appending to a list, and forget the callbacks; nothing happens when it was not the open one.

    Args:
        events: The list that was given to `open_journal`.
    """
    global _events, _on_pass, _on_read
    if _events is events:
        _events = _on_pass = _on_read = None
        _settle()


def set_callbacks(
    on_pass: Callable[[Any], object] | None = None, on_read: Callable[[Any], object] | None = None
) -> None:
    """Name functions that are called as things happen, while a journal is open.

    Args:
        on_pass: Called with the root right after a backward pass, when its graph is still there; and with None when
            the list has grown to 100,000 entries, so that a loop without passes does not fill the memory.
        on_read: Called with a node when its `.data` is read, or it is made a float or an int.

    Raises:
        GraphError: No journal is open.
    """
    global _on_pass, _on_read
    if _events is None:
        raise GraphError("callbacks belong to an open journal\ncall open_journal() first")
    _on_pass, _on_read = on_pass, on_read
    _settle()


@contextmanager
def paused() -> Iterator[None]:
    """Write nothing down in the block: what a picture or a check tries out is no part of the user's loop.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.engine.journal import close_journal, open_journal, paused
        >>> events = []
        >>> open_journal(events)
        >>> a = Value(3.0)
        >>> with paused():
        ...     a.data = 2.5
        >>> close_journal(events)
        >>> events
        []
    """
    global _paused
    _paused += 1
    value.set_silent(+1)
    try:
        yield
    finally:
        value.set_silent(-1)
        _paused -= 1


def _settle() -> None:
    """Bring the engine's own variables into step."""
    events, on_pass = _events, _on_pass
    if events is None:
        value.set_journal(None, None, None)
        sweep.set_callbacks(None, None)
        return

    def passed(root: Any) -> None:
        if _paused:
            return
        events.append(("pass", root, None, None))
        if on_pass is not None:
            on_pass(root)

    value.set_journal(events, None if on_pass is None else lambda: on_pass(None), _on_read)

    def cleared(root: Any) -> None:
        if not _paused:
            events.append(("clear", root, None, None))

    sweep.set_callbacks(passed, cleared)
