"""Notices that a traced function drew random numbers: they would be frozen as they were drawn."""

import random
import sys
from typing import Any

from slopewise.errors import TraceError


def state() -> Any:
    """Return the state of Python's random numbers, and of numpy's if it is loaded."""
    numpy = sys.modules.get("numpy.random")
    return random.getstate(), numpy.get_state(legacy=True) if numpy is not None else None


def check(before: Any) -> None:
    """Raise when the state has moved since; it is put back first, so that the eager course of things stays repeatable.

    Raises:
        TraceError: The traced function drew random numbers.
    """
    now = state()
    if random_is_same(before, now):
        return
    which = "numpy.random" if before[0] == now[0] else "random"
    random.setstate(before[0])
    if before[1] is not None:
        sys.modules["numpy.random"].set_state(before[1])
    raise RandomDrawError(
        f"the traced function drew from {which}, and the draw would be frozen: "
        f"every later call would see the same number\n"
        f"draw before the call, and give the number as an argument"
    )


class RandomDrawError(TraceError):
    """Random numbers were drawn; the line is found by running the function once more, see `line_of_draw`."""


def random_is_same(before: Any, now: Any) -> bool:
    """Tell whether two states are the same."""
    if before[0] != now[0]:
        return False
    if before[1] is None or now[1] is None:
        return True
    one, two = before[1], now[1]
    return bool(one[2] == two[2] and one[3] == two[3] and one[4] == two[4] and (one[1] == two[1]).all())


def line_of_draw(run: Any) -> str:
    """Run something again, line by line, and return the line after which the state has moved; empty if none has."""
    from slopewise.engine import modes

    begun = state()
    last = [begun]
    found: list[str] = []

    def on_line(frame: Any, event: str, argument: Any) -> Any:
        if not modes.is_users(frame):
            return None
        if found:
            return on_line
        seen = lines.get(id(frame))
        now = state()
        if seen is not None and not random_is_same(last[0], now):
            found.append(str(modes.Source(frame.f_code.co_filename, seen, frame.f_code.co_name)))
        last[0] = now
        lines[id(frame)] = frame.f_lineno
        return on_line

    lines: dict[int, int] = {}
    tracing = sys.gettrace()
    sys.settrace(on_line)
    try:
        run()
    except Exception:
        pass
    finally:
        sys.settrace(tracing)
        random.setstate(begun[0])
        if begun[1] is not None:
            sys.modules["numpy.random"].set_state(begun[1])
    return found[0] if found else ""
