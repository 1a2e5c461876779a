"""`record_twice`: whether a function does the same when it is run again, and `record_once` for what is known to.

A number that changes from run to run would be frozen as it was by chance; so the first path of a function is recorded
twice, and where the two differ the line is named.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from slopewise.errors import TraceError
from slopewise.tracer import randomness
from slopewise.tracer.recording import Trace, is_tracing, record

__all__ = ["Agreements", "record_once", "record_twice"]


class Agreements(Protocol):
    """What is known of recordings that agreed with a second one before."""

    def has(self, trace: Trace) -> bool:
        """Tell whether a recording of this content has agreed with another."""

    def note(self, trace: Trace) -> None:
        """Keep in mind that it has."""


def record_once(call: Callable[[list[Any]], Iterable[Any]], numbers: Sequence[float], **options: Any) -> Trace:
    """Record a function whose runs were found to agree before: another path of it.

    Args:
        call: As for `record`.
        numbers: As for `record`.
        options: As for `record`.

    Raises:
        TraceError: As `record` does; where it drew random numbers, the message names the line.
    """
    try:
        return record(call, numbers, **options)
    except randomness.RandomDrawError as draw:
        raise _placed(draw, lambda: record(call, numbers, **options)) from None


def record_twice(
    call: Callable[[list[Any]], Iterable[Any]],
    numbers: Sequence[float],
    agreements: Agreements | None = None,
    **options: Any,
) -> Trace:
    """Record a function twice, and refuse it when the two runs did different things.

    A number that changes from run to run (a random draw, a clock, a counter) would be frozen as it was by chance. Once
    is enough where the first recording is, bit for bit, one that is known to have agreed with a second.

    Args:
        call: As for `record`.
        numbers: As for `record`.
        agreements: What is known of recordings before.
        options: As for `record`.

    Raises:
        TraceError: The runs differ, or drew random numbers; it names the line.
    """
    try:
        first = record(call, numbers, **{**options, "lines": True})
        if is_tracing() or (agreements is not None and agreements.has(first)):
            return first
        second = record(call, numbers, **options)  # a draw is seen here if the first run loaded numpy.random
    except randomness.RandomDrawError as draw:
        raise _placed(draw, lambda: record(call, numbers, **options)) from None
    if not first.same_as(second):
        raise TraceError(_difference(first, second))
    if agreements is not None:
        agreements.note(first)
    return first


def _placed(draw: randomness.RandomDrawError, run: Callable[[], object]) -> TraceError:
    """Return the error of a random draw with the line that drew, found by another run."""
    what, cure = str(draw).split("\n")
    return TraceError(f"{what}\nat {randomness.line_of_draw(run) or 'an unknown line'}\n{cure}")


def _difference(first: Trace, second: Trace) -> str:
    cure = "what changes from call to call must come in as an argument, or be a Value that existed before"
    a, b = first.program, second.program
    if a.codes == b.codes and a.a == b.a and a.b == b.b and a.c == b.c:
        for constant, x in zip(first.constants, b.pool, strict=True):
            if constant.number != x and not (constant.number != constant.number and x != x):
                return (
                    f"the function was run twice with the same arguments, and a number in it was {constant.number!r}, "
                    f"then {x!r}\nat {constant.source}\n{cure}"
                )
    for one, two in zip(first.guards, second.guards, strict=False):
        if (one.kind, one.expected) != (two.kind, two.expected):
            return (
                f"the function was run twice with the same arguments, and took another branch the second time\n"
                f"at {one.source}\n{cure}"
            )
    return (
        f"the function was run twice with the same arguments, and did something else the second time "
        f"({a.n_equations} operations, then {b.n_equations})\nat {_line_of(first, second)}\n{cure}"
    )


def _line_of(first: Trace, second: Trace) -> str:
    sources = [constant.source for constant in first.constants]
    for i, (x, y) in enumerate(zip(first.program.pool, second.program.pool, strict=False)):
        if x != y:
            return str(sources[i])
    return str(sources[len(second.program.pool)]) if len(second.program.pool) < len(sources) else "an unknown line"
