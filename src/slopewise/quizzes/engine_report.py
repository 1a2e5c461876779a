"""What a check of an engine came to: the rungs, the first failure, and the report in text, HTML and JSON."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from slopewise.quizzes.engine_causes import Cause
from slopewise.stories.document import Document

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
        waits: The earlier rung that keeps this one from being reached.

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
    waits: str = ""


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
        return self.document().text(width)

    def document(self) -> Document:
        """Return the report as a document, for text, Markdown, HTML, LaTeX and JSON."""
        from slopewise.quizzes.engine_page import document

        return document(self)

    def markdown(self) -> str:
        """Return the report as Markdown."""
        return self.document().markdown(math=False)

    def _repr_html_(self) -> str:
        return self.document().html()


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
        "waits": rung.waits,
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
