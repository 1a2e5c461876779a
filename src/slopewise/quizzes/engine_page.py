"""The report on an engine as a document: the ladder, the first failure, notes, and what comes next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from slopewise.basics.shown_numbers import relation
from slopewise.quizzes.engine_slips import is_same
from slopewise.stories.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Inline,
    Inlines,
    Note,
    Paragraph,
    Span,
    Table,
    Tone,
)

if TYPE_CHECKING:
    from slopewise.quizzes.engine_report import EngineCheck, Rung, State

MARKS: "dict[State, tuple[str, Tone]]" = {
    "right": ("✓", "good"),
    "wrong": ("✗", "bad"),
    "not yet": ("·", "quiet"),
    "note": ("•", "plain"),
}
_ARROW = "←"
_NO_BREAK = "\u00a0"


class ReportPage(Document):
    """A document in whose text the spaces that must not break are plain spaces, so that programs can be pasted."""

    __slots__ = ()

    def lines(self, *arguments: Any, **options: Any) -> list[list[Span]]:
        """Return the plain text as lines of spans, as a document does."""
        laid = Document.lines(self, *arguments, **options)
        return [[Span(span.text.replace(_NO_BREAK, " "), span.tone) for span in line] for line in laid]


def document(check: "EngineCheck") -> Document:
    """Return the report of a check as a document."""
    blocks: list[Block] = [Heading(f"Check of {check.name}: {check.summary()}", 2), _ladder(check)]
    blocks += _waiting(check)
    failures = [rung for rung in check.rungs if rung.state == "wrong"]
    for i, rung in enumerate(failures):
        blocks.append(Heading(f"{'Wrong, too' if i else 'The first that is wrong'}: {rung.name}", 3))
        blocks += _failure(rung)
    for rung in check.rungs:
        if rung.state == "note" and rung.cure:
            blocks.append(Paragraph((Span(f"{rung.name}: ", "strong"), rung.cure)))
            blocks += _lines((rung.where,) if rung.where else ())
    ahead = check.next_step
    if ahead is not None and not failures and ahead.cure:
        blocks.append(Paragraph((Span("Next: ", "strong"), f"{ahead.name}: ", Span(ahead.cure, "code"))))
        blocks += _lines((ahead.where,) if ahead.where else ())
    if check.remarks:
        blocks.append(Bullets(tuple((remark,) for remark in check.remarks)))
    return ReportPage(tuple(blocks), check.to_dict())


def _ladder(check: "EngineCheck") -> Table:
    rows: list[tuple[Inline | Inlines, ...]] = []
    for rung in check.rungs:
        if rung.waits:
            continue
        mark, tone = MARKS[rung.state]
        said = rung.says if rung.state in ("not yet", "note") else ""
        name, state = rung.name.replace(" ", _NO_BREAK), rung.state.replace(" ", _NO_BREAK)
        rows.append((Span(mark, tone), Span(name, "code"), Span(state, tone), said))
    return Table((), tuple(rows), "llll")


def _waiting(check: "EngineCheck") -> Iterator[Block]:
    """Yield a line for every rung that others wait for."""
    for name in dict.fromkeys(rung.waits for rung in check.rungs if rung.waits):
        waiting = ", ".join(rung.name.replace(" ", _NO_BREAK) for rung in check.rungs if rung.waits == name)
        yield Paragraph((Span(f"not yet, waiting for “{name}”: ", "plain"), waiting), "quiet")


def _failure(rung: "Rung") -> Iterator[Block]:
    if rung.program:
        yield _lines(rung.program)[0]
    if rung.results:
        rows: list[tuple[Inline | Inlines, ...]] = []
        for what, came, right in rung.results:
            is_off = came is None or not is_same(came, right)
            given = "None" if came is None else relation(came)
            mark = Span(_ARROW, "bad") if is_off else ""
            rows.append((Span(what, "code"), Span(given, "bad" if is_off else "plain"), relation(right), mark))
        yield Table(("", "came out", "right", ""), tuple(rows), "lrrl")
    cause = rung.cause
    if cause is None:
        yield Note(("no slip that is known here gives these numbers on all programs of this rung",), "quiet")
        if rung.says:
            yield Paragraph((f"{rung.says}.",), "quiet")
        return
    yield Note((Span("cause: ", "strong"), f"{cause.says}."), "bad")
    yield from _lines(cause.where)
    for other in cause.others:
        yield Paragraph((Span("or: ", "strong"), f"{other}."))
    if cause.cure:
        yield Note((Span("cure: ", "strong"), cause.cure), "good")


def _lines(lines: tuple[str, ...]) -> list[Block]:
    """Return lines of code as a block; what they are indented by is kept."""
    shown = [_NO_BREAK * (len(line) - len(line.lstrip())) + line.lstrip() for line in lines]
    return [Table((), tuple(((2 * _NO_BREAK, Span(line, "code")),) for line in shown))] if lines else []
