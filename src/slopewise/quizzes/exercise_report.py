"""What a check of a derivative came to: right at so many points, or the first counter-example with its cause."""

import json
import math
from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import DIGITS, equation, relation, shown
from slopewise.stories.document import Block, Document, Heading, Inline, Inlines, Note, Paragraph, Span, Table


@dataclass(frozen=True, slots=True)
class CounterExample:
    """A point at which a derivative is wrong.

    Attributes:
        point: The arguments.
        upstream: The upstream gradient that a backward rule was given; None for a derivative.
        given: What the learner's function gave there, one number per argument; empty when it raised.
        right: What is right.
        says: What else is to be said, such as the exception, or the two slopes of a kink.
        where: The learner's line that raised; "" when none did.
    """

    point: tuple[float, ...]
    upstream: float | None
    given: tuple[float, ...]
    right: tuple[float, ...]
    says: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ExerciseCheck:
    """What `exercise` found. True in a condition when the derivative is right at every point.

    Attributes:
        function: The name of the function.
        names: The names of its arguments.
        what: `derivative` or `backward rule`.
        checked: At how many points it was compared.
        skipped: The points that were left out, each with the reason.
        counterexample: The first point at which it is wrong, the friendliest numbers first; None when there is none.
        wrong: At how many points it is wrong.
        code: A short name of the slip that gives the same numbers at every point; "" when none fits.
        cause: The slip in a sentence.
        cure: What to do about it.
        others: Other slips that give the same numbers.

    Example:
        >>> import slopewise as sw
        >>> report = sw.exercise(lambda x: x**3, df=lambda x: 3 * x)
        >>> report.passed, report.counterexample.point, report.cause
        (False, (2.0,), 'the slope of a ** k forgets the power: k · a where k · aᵏ⁻¹ belongs')
    """

    function: str
    names: tuple[str, ...]
    what: str
    checked: int
    skipped: tuple[tuple[tuple[float, ...], str], ...] = ()
    counterexample: CounterExample | None = None
    wrong: int = 0
    code: str = ""
    cause: str = ""
    cure: str = ""
    others: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether it is right at every point."""
        return self.counterexample is None

    def __bool__(self) -> bool:
        return self.passed

    def summary(self) -> str:
        """Return one line."""
        points = f"{self.checked} point{'s' * (self.checked != 1)}"
        if self.passed:
            return f"the {self.what} of {self.function} is right at all {points} tried"
        return f"the {self.what} of {self.function} is wrong at {self.wrong} of {points}"

    def __repr__(self) -> str:
        return f"<ExerciseCheck: {self.summary()}>"

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 100) -> str:
        """Return the report as text.

        Args:
            width: The longest line.
        """
        return self.document().text(width)

    def _repr_html_(self) -> str:
        return self.document().html()

    def markdown(self) -> str:
        """Return the report as Markdown."""
        return self.document().markdown(math=False)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, numbers and strings, for JSON."""
        counter = self.counterexample
        return {
            "function": self.function,
            "names": list(self.names),
            "what": self.what,
            "passed": self.passed,
            "checked": self.checked,
            "wrong": self.wrong,
            "skipped": [{"point": list(point), "why": why} for point, why in self.skipped],
            "counterexample": None
            if counter is None
            else {
                "point": list(counter.point),
                "upstream": counter.upstream,
                "given": [_finite(x) for x in counter.given],
                "right": [_finite(x) for x in counter.right],
                "says": counter.says,
                "where": counter.where,
            },
            "code": self.code,
            "cause": self.cause,
            "cure": self.cure,
            "others": list(self.others),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return the report as JSON.

        Args:
            indent: How far nested lines are indented; None for one line.
        """
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def document(self) -> Document:
        """Return the report as a document, for text, Markdown, HTML, LaTeX and JSON."""
        summary = self.summary()
        blocks: list[Block] = [Heading(summary[0].upper() + summary[1:], 2)]
        counter = self.counterexample
        if counter is not None:
            blocks += self._shown(counter)
        if self.cause:
            blocks.append(Note((Span("cause: ", "strong"), f"{self.cause}."), "bad"))
            blocks += [Paragraph((Span("or: ", "strong"), f"{other}.")) for other in self.others]
            if self.cure:
                blocks.append(Note((Span("cure: ", "strong"), self.cure), "good"))
        elif counter is not None and not counter.says:
            blocks.append(Note(("no slip that is known here gives these numbers at every point",), "quiet"))
        if self.skipped:
            blocks.append(Paragraph((self._left_out(),), "quiet"))
        return Document(tuple(blocks), self.to_dict())

    def _shown(self, counter: CounterExample) -> list[Block]:
        at = ", ".join(equation(name, x) for name, x in zip(self.names, counter.point, strict=True))
        head = f"at {at}" + ("" if counter.upstream is None else f", with out_grad = {shown(counter.upstream)}")
        blocks: list[Block] = [Paragraph((Span(f"{head}:", "strong"),))]
        if counter.given:
            rows: list[tuple[Inline | Inlines, ...]] = []
            floor = 1e-3 if any(not _agree(x, y) for x, y in zip(counter.given, counter.right, strict=True)) else 0.0
            for name, given, right in zip(self.names, counter.given, counter.right, strict=True):
                is_off = not _agree(given, right, floor)
                tone: Any = "bad" if is_off else "plain"
                mark = Span("←", "bad") if is_off else ""
                digits = _digits_apart(given, right) if is_off else DIGITS
                rows.append((f"by {name}", Span(relation(given, digits), tone), relation(right, digits), mark))
            blocks.append(Table(("", "yours", "right", ""), tuple(rows), "lrrl"))
        if counter.says:
            blocks.append(Paragraph((counter.says,)))
        if counter.where:
            blocks.append(Paragraph((Span(counter.where, "code"),)))
        return blocks

    def _left_out(self) -> str:
        reasons: dict[str, list[tuple[float, ...]]] = {}
        for point, why in self.skipped:
            reasons.setdefault(why, []).append(point)
        parts = []
        for why, points in reasons.items():
            first = ", ".join(equation(name, x) for name, x in zip(self.names, points[0], strict=True))
            more = f" and {len(points) - 1} more" if len(points) > 1 else ""
            parts.append(f"at {first}{more}: {why}")
        return "left out: " + "; ".join(parts)


def _digits_apart(x: float, y: float) -> int:
    """Return how many digits it takes to see that two numbers differ."""
    return next((digits for digits in range(DIGITS, 16) if shown(x, digits) != shown(y, digits)), DIGITS)


def _agree(x: float, y: float, floor: float = 1e-3) -> bool:
    from slopewise.quizzes.exercise_slips import is_close

    return is_close(x, y, floor=floor)


def _finite(x: float) -> float | str:
    return x if math.isfinite(x) else str(x)
