"""`seldom_collecting`: Python looks for cycles seldom while many objects are made that live on."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["seldom_collecting"]

AT = 100_000  # objects; in a large process one collection takes as long as recording ten thousand equations


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let Python look for cycles after 100,000 objects instead of some hundreds, in this block.

    Recording and compiling make many objects that live on, and hardly a cycle. Who switched the collector off, or chose
    more, has it so. Another thread that chooses something else in the meantime keeps what it chose.

    Example:
        >>> import gc
        >>> from slopewise.tracer.collecting import seldom_collecting
        >>> before = gc.get_threshold()
        >>> with seldom_collecting():
        ...     gc.get_threshold()[0]
        100000
        >>> gc.get_threshold() == before
        True
    """
    thresholds = gc.get_threshold()
    is_ours = 0 < thresholds[0] < AT
    if is_ours:
        gc.set_threshold(AT, *thresholds[1:])
    try:
        yield
    finally:
        if is_ours and gc.get_threshold()[0] == AT:
            gc.set_threshold(*thresholds)
