"""What a check of an engine came to: the rungs, the first failure, and the report in text, HTML and JSON."""

import json
import math
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from slopewise.basics.shown_numbers import relation
from slopewise.quizzes.engine_causes import Cause

State = Literal["right", "wrong", "not yet", "note"]
MARKS: dict[State, str] = {"right": "✓", "wrong": "✗", "not yet": "·", "note": "•"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder, and how far the class got on it.

    Attributes:
        name: What the rung is about, such as `a - b` or `a diamond`.
        state: `right`, `wrong`, `not yet` (the class has not got this far) or `note` (a limit or a choice).
        says: What is to be said about it; empty when it is right.
        where: The learner's own line, when an exception came from it.
        cure: What to write.
        program: The smallest program that shows it, as lines of Python.
        results: What was looked at: the expression, what came out (None for nothing), what is right.
        cause: Why it is wrong, when that could be told.

    Example:
        >>> import slopewise as sw
        >>> rung = sw.check_engine(sw.Value).rungs[1]
        >>> rung.name, rung.state
        ('a + b', 'right')
    """

    name: str
    state: State
    says: str = ""
    where: str = ""
    cure: str = ""
    program: tuple[str, ...] = ()
    results: tuple[tuple[str, float | None, float], ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class EngineCheck:
    """What `check_engine` found. True in a condition when nothing is wrong.

    Attributes:
        name: The name of the class.
        rungs: Every rung, in the order of the ladder.
        remarks: What is to be said about the whole: other names, a pass run by hand, lines printed.

    Example:
        >>> import slopewise as sw
        >>> report = sw.check_engine(sw.Value)
        >>> report.passed, report.is_finished, len(report.rungs) > 30
        (True, True, True)
    """

    name: str
    rungs: tuple[Rung, ...]
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether nothing is wrong and something is right; a class may pass and be unfinished."""
        states = {rung.state for rung in self.rungs}
        return "wrong" not in states and "right" in states

    def __bool__(self) -> bool:
        return self.passed

    @property
    def is_finished(self) -> bool:
        """Tell whether every rung was reached, and none is wrong."""
        return all(rung.state in ("right", "note") for rung in self.rungs)

    @property
    def first_failure(self) -> Rung | None:
        """The first rung that is wrong; None when there is none."""
        return next((rung for rung in self.rungs if rung.state == "wrong"), None)

    @property
    def next_step(self) -> Rung | None:
        """The first rung that the class has not reached; None when it has reached all."""
        return next((rung for rung in self.rungs if rung.state == "not yet"), None)

    def summary(self) -> str:
        """Return one line: how many rungs are in each state."""
        counts = Counter(rung.state for rung in self.rungs)
        parts = [f"{counts[state]} {_plural(state, counts[state])}" for state in MARKS if counts[state]]
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, numbers and strings, for JSON; nan becomes the text "nan"."""
        return {
            "class": self.name,
            "passed": self.passed,
            "finished": self.is_finished,
            "first_failure": self.first_failure.name if self.first_failure else None,
            "rungs": [_rung_dict(rung) for rung in self.rungs],
            "remarks": list(self.remarks),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return the report as JSON.

        Args:
            indent: How far nested lines are indented; None for one line.
        """
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        return f"<EngineCheck of {self.name}: {self.summary()}>"

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 100) -> str:
        """Return the report as text.

        Args:
            width: The longest line.
        """
        return plainly("\n".join(_lines(self, max(40, width))))


def plainly(text: str) -> str:
    """Replace what a terminal would obey, such as an escape sequence in an exception's message, by its spelling."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _plural(state: State, count: int) -> str:
    return "notes" if state == "note" and count != 1 else state


def _rung_dict(rung: Rung) -> dict[str, Any]:
    cause = rung.cause
    return {
        "name": rung.name,
        "state": rung.state,
        "says": rung.says,
        "where": rung.where,
        "cure": rung.cure,
        "program": list(rung.program),
        "results": [
            {"what": what, "came": _finite(came), "right": _finite(right)} for what, came, right in rung.results
        ],
        "cause": None
        if cause is None
        else {
            "code": cause.code,
            "says": cause.says,
            "cure": cause.cure,
            "where": list(cause.where),
            "others": list(cause.others),
        },
    }


def _finite(x: float | None) -> float | str | None:
    return x if x is None or math.isfinite(x) else str(x)


def _lines(check: EngineCheck, width: int) -> Iterator[str]:
    yield f"check of {check.name}: {check.summary()}"
    yield ""
    names = max(len(rung.name) for rung in check.rungs)
    for rung in check.rungs:
        about = rung.says if rung.state in ("not yet", "note") else ""
        head = f"{MARKS[rung.state]} {rung.name:{names}}  {rung.state:7}"
        if about:
            folded = textwrap.wrap(about, max(24, width - len(head) - 2)) or [""]
            yield f"{head}  {folded[0]}"
            yield from (" " * (len(head) + 2) + more for more in folded[1:])
        else:
            yield head.rstrip()
    for i, rung in enumerate(r for r in check.rungs if r.state == "wrong"):
        yield ""
        yield f"the first that is wrong: {rung.name}" if i == 0 else f"wrong, too: {rung.name}"
        yield from _failure(rung, width)
    for rung in check.rungs:
        if rung.state == "note" and (rung.cure or rung.where):
            yield ""
            yield from _folded(f"note on {rung.name}: {rung.cure}", width)
            if rung.where:
                yield f"  {rung.where}"
    ahead = check.next_step
    if ahead is not None and check.first_failure is None and ahead.cure:
        yield ""
        yield from _folded(f"next: {ahead.name}. {ahead.cure}", width)
        if ahead.where:
            yield f"  {ahead.where}"
    if check.remarks:
        yield ""
        for remark in check.remarks:
            yield from _folded(f"note: {remark}", width)


def _failure(rung: Rung, width: int) -> Iterator[str]:
    yield ""
    for line in rung.program:
        yield f"    {line}"
    yield ""
    if rung.results:
        texts = [(what, _came(what, came), f"{what} {relation(right)}") for what, came, right in rung.results]
        off = [_is_off(came, right) for _, came, right in rung.results]
        wide = max(len(came) for _, came, _ in texts)
        yield "  " + "came out".ljust(wide) + "   right"
        for (_, came, right), is_off in zip(texts, off, strict=True):
            yield f"  {came.ljust(wide)}   {right}{'   ←' if is_off else ''}"
        yield ""
    cause = rung.cause
    if cause is None:
        yield from _folded("cause: no slip that is known here gives these numbers on all programs of this rung", width)
        return
    yield from _folded(f"cause: {cause.says}", width)
    for line in cause.where:
        yield f"  {line}"
    for other in cause.others:
        yield from _folded(f"or:    {other}", width)
    if cause.cure:
        yield from _folded(f"cure:  {cause.cure}", width)


def _came(what: str, came: float | None) -> str:
    return f"{what} = None" if came is None else f"{what} {relation(came)}"


def _is_off(came: float | None, right: float) -> bool:
    from slopewise.quizzes.engine_slips import is_same

    return came is None or not is_same(came, right)


def _folded(text: str, width: int) -> list[str]:
    head = len(text) - len(text.split(": ", 1)[-1].lstrip()) if ": " in text[:24] else 2
    return textwrap.wrap(text, width, subsequent_indent=" " * min(head, 7))
