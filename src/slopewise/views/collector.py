"""Python's collector of circles, paused while many small parts are made that form none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for circles: of a graph's reading there are none, and looking costs a fifth of the time.

    Example:
        >>> import gc
        >>> from slopewise.views.collector import collector_paused
        >>> with collector_paused():
        ...     gc.isenabled()
        False
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
