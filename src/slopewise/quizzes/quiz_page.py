"""A quiz to look at: the graph as lines of code with what was found; and as data."""

from typing import TYPE_CHECKING, Any

from slopewise.quizzes.puzzle import Item, rounded, shown_cell
from slopewise.stories.document import Block, Document, Heading, Inline, Inlines, Note, Paragraph, Span, Table

if TYPE_CHECKING:
    from slopewise.quizzes.quiz_play import Quiz

MOST_LINES = 60
OPEN = "?"


def document(quiz: "Quiz", calls: bool = True) -> Document:
    """Return the quiz as a document: its lines, what was found, what is open, and the score.

    Args:
        quiz: The quiz.
        calls: Whether it says which call comes next.
    """
    puzzle = quiz.puzzle
    root = puzzle.items[puzzle.root].name
    count = len(quiz.blanks)
    what = "gradients" if quiz.blank == "gradients" else "values"
    title = f"Quiz: the {what} of {root}"
    if quiz.level is not None:
        title += f" (level {quiz.level}, seed {quiz.seed})"
    blocks: list[Block] = [Heading(title, 2), _table(quiz)]
    if quiz.finished:
        blocks.append(Note((quiz.score.text,), "good"))
    elif calls:
        first = quiz.remaining[0]
        ask = "hint()" if quiz.hints_left(first) else "reveal()"
        said = f"{len(quiz.remaining)} of {count} open. Next: answer({first!r}, …); {ask} helps."
        blocks.append(Paragraph((said,), "quiet"))
    return Document(tuple(blocks), as_dict(quiz, False))


def _table(quiz: "Quiz") -> Table:
    items = quiz.puzzle.items
    positions = list(range(len(items)))
    left_out = 0
    if len(positions) > MOST_LINES:
        asked = [position for position in positions if quiz.state_of(position) == "open"][:MOST_LINES]
        positions = asked if asked else positions[-MOST_LINES:]
        left_out = len(items) - len(positions)
    rows: list[tuple[Inline | Inlines, ...]] = []
    for position in positions:
        item = items[position]
        state = quiz.state_of(position)
        rows.append((Span(item.line, "code"), *_cells(quiz, item, state)))
    header = ("line", "value", "gradient") if quiz.blank == "gradients" else ("line", "value")
    caption = f"{left_out} more lines are not shown" if left_out else ""
    return Table(header, tuple(rows), "lrr"[: len(header)], caption=caption)


def _cells(quiz: "Quiz", item: Item, state: str) -> tuple[Inline, ...]:
    open_mark = Span(OPEN, "strong")
    if quiz.blank == "values":
        return (open_mark if state == "open" else shown_cell(item.number),)
    return shown_cell(item.number), open_mark if state == "open" else shown_cell(item.gradient)


def as_dict(quiz: "Quiz", answers: bool) -> dict[str, Any]:
    """Return the quiz as data.

    Args:
        quiz: The quiz.
        answers: Whether open blanks come with their answer, hints and working.
    """
    puzzle = quiz.puzzle
    lines, blanks = [], []
    for position, item in enumerate(puzzle.items):
        is_open = quiz.state_of(position) == "open"
        hides_value = is_open and quiz.blank == "values"
        hides_gradient = quiz.blank == "values" or is_open
        lines.append(
            {
                "name": item.name,
                "line": item.line,
                "operation": item.operation,
                "operands": [part.name for part in item.parts],
                "value": None if hides_value else rounded(item.number),
                "gradient": None if hides_gradient else rounded(item.gradient),
            }
        )
    for name in quiz.blanks:
        position = puzzle.positions[name]
        state = quiz.state_of(position)
        entry: dict[str, Any] = {
            "name": name,
            "state": state,
            "tries": [reply.to_dict() for reply in quiz.replies_to(position)],
        }
        if answers or state != "open":
            entry |= {"answer": quiz.right_number(position), "working": quiz.working_of(position)}
        if answers:
            entry["hints"] = list(quiz.hints_of(position))
        blanks.append(entry)
    return {
        "quiz": quiz.blank,
        "root": puzzle.items[puzzle.root].name,
        "level": quiz.level,
        "seed": quiz.seed,
        "lines": lines,
        "blanks": blanks,
        "finished": quiz.finished,
        "score": quiz.score.to_dict(),
    }
