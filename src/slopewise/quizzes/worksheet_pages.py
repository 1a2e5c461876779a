"""Quizzes on paper: a sheet with blanks, and its key with the workings and what wrong answers tell."""

import html
import re
from collections.abc import Sequence

from slopewise.basics.shown_numbers import relation
from slopewise.errors import DomainError
from slopewise.quizzes.puzzle import rounded, shown_cell, shown_number
from slopewise.quizzes.quiz_play import Quiz
from slopewise.quizzes.slips import Slip, in_words, matching
from slopewise.quizzes.worksheet_style import STYLE
from slopewise.views.names import Names

MOST_DRAWN = 60
MOST_ACROSS = 20
SLIPS_TOLD = 4
_BLANK = "_____"


def worksheet(quizzes: Quiz | Sequence[Quiz], title: str = "") -> str:
    """Return a sheet to print: each graph as a picture and as lines, with blanks, and room to work.

    Args:
        quizzes: One quiz, or several; how far they were played does not matter.
        title: The heading; one that says what is asked if not given.

    Returns:
        A page of HTML that needs nothing else, with rules for printing; the same quizzes give the same bytes.

    Raises:
        DomainError: There is no quiz in the list.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.quizzes import worksheet
        >>> page = worksheet([sw.quiz(level=1, seed=seed) for seed in range(3)])
        >>> page.count("<section")
        3
    """
    return _page(_listed(quizzes), title, False)


def answer_key(quizzes: Quiz | Sequence[Quiz], title: str = "") -> str:
    """Return the key of a worksheet: the numbers, how they come about, and what likely wrong answers tell.

    Args:
        quizzes: What `worksheet` was given.
        title: The heading.

    Returns:
        A page of HTML that needs nothing else; the same quizzes give the same bytes.

    Raises:
        DomainError: There is no quiz in the list.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.quizzes import answer_key
        >>> "f.grad" in answer_key(sw.quiz(level=1, seed=0))
        True
    """
    return _page(_listed(quizzes), title, True)


def _listed(quizzes: Quiz | Sequence[Quiz]) -> list[Quiz]:
    found = [quizzes] if isinstance(quizzes, Quiz) else list(quizzes)
    if not found:
        raise DomainError(
            "a worksheet needs at least one quiz, got none\nmake one with quiz(root) or quiz(level=1, seed=0)"
        )
    return found


def _page(quizzes: list[Quiz], title: str, is_key: bool) -> str:
    asked = {quiz.blank for quiz in quizzes}
    what = "gradients and values" if len(asked) > 1 else asked.copy().pop()
    heading = title or f"Find the {what}"
    if is_key:
        heading += ": the key"
    kind = "key-page" if is_key else "sheet-page"
    sections = [_section(quiz, number, len(quizzes), is_key) for number, quiz in enumerate(quizzes, 1)]
    names = '<p class="who"><span>Name</span><span>Date</span></p>\n' if not is_key else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(heading)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f'<body class="{kind}">\n<main>\n'
        f"<header>\n<h1>{_text(heading)}</h1>\n{names}</header>\n"
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(quiz: Quiz, number: int, count: int, is_key: bool) -> str:
    puzzle = quiz.puzzle
    root = puzzle.items[puzzle.root].name
    origin = f"level {quiz.level}, seed {quiz.seed}" if quiz.level is not None else ""
    title = f"Exercise {number}" if count > 1 else "Exercise"
    parts = [f"<section>\n<h2>{title}{f' <small>{origin}</small>' if origin else ''}</h2>"]
    if not is_key:
        parts.append(f"<p>{_text(_task(quiz, root))}</p>")
    if len(puzzle.items) <= MOST_DRAWN:
        parts.append(f"<figure>\n{_picture(quiz, is_key)}</figure>")
    parts.append(_lines(quiz))
    parts.append(_key_table(quiz) if is_key else _questions(quiz))
    return "\n".join(parts) + "\n</section>"


def _task(quiz: Quiz, root: str) -> str:
    if quiz.blank == "values":
        return (
            "Work forward from the given numbers: find the value of every line. Write how you got it, then the result."
        )
    return (
        f"Work backward from {root}: for every number, find by how much {root} changes for each unit that this number "
        "changes. Write every contribution, then their sum."
    )


def _lines(quiz: Quiz) -> str:
    """Return the lines of code; with their values, unless these are asked."""
    lines = []
    for item in quiz.puzzle.items:
        has_value = quiz.blank == "gradients" and not item.is_leaf
        value = f" {relation(rounded(item.number))}" if has_value else ""
        lines.append(f"<li><code>{_text(item.line + value)}</code></li>")
    return '<ol class="lines">' + "".join(lines) + "</ol>"


def _questions(quiz: Quiz) -> str:
    rows = []
    for name in quiz.blanks:
        position = quiz.puzzle.positions[name]
        uses = len(quiz.puzzle.uses[position]) if quiz.blank == "gradients" else 1
        room = "wide" if uses > 1 else "slim"
        rows.append(
            f'<tr class="{room}"><th scope="row"><code>{_text(_asked(quiz, name))}</code></th><td></td><td></td></tr>'
        )
    return (
        '<table class="questions">\n<tr><th></th><th>working</th><th>result</th></tr>\n'
        + "\n".join(rows)
        + "\n</table>"
    )


def _key_table(quiz: Quiz) -> str:
    rows = []
    for name in quiz.blanks:
        position = quiz.puzzle.positions[name]
        told = "".join(f"<li>{_sentence(sentence)}</li>" for sentence in _likely_slips(quiz, name))
        slips = f'<ul class="slips">{told}</ul>' if told else ""
        rows.append(
            f'<tr><th scope="row"><code>{_text(_asked(quiz, name))}</code></th>'
            f"<td>{_text(quiz.working_of(position))}{slips}</td><td>{_number(quiz.right_number(position))}</td></tr>"
        )
    return (
        '<table class="key">\n<tr><th></th><th>working, and what wrong answers tell</th><th>result</th></tr>\n'
        + "\n".join(rows)
        + "\n</table>"
    )


def _asked(quiz: Quiz, name: str) -> str:
    return f"{name}.grad" if quiz.blank == "gradients" else name


def _likely_slips(quiz: Quiz, name: str) -> list[str]:
    """Return the sentences of the likeliest wrong answers, one for each number."""
    slips = [slip for slip in quiz.slips(name) if slip.tier == 1]
    told: list[str] = []
    numbers: list[Slip] = []
    for slip in slips:
        if any(matching(slip.number, [other]) for other in numbers):
            continue
        numbers.append(slip)
        told.append(in_words(matching(slip.number, slips)))
        if len(told) == SLIPS_TOLD:
            break
    return told


def _picture(quiz: Quiz, is_key: bool) -> str:
    """Return the graph as SVG, with blanks or with the numbers; titles that would give answers away are left out."""
    from slopewise.drawing.graphs.graph_picture import draw

    graph, puzzle = quiz.graph, quiz.puzzle
    numbers, gradients = {}, {}
    for position, (node, item) in enumerate(zip(graph.nodes, puzzle.items, strict=True)):
        is_open = not is_key and quiz.state_of(position) != "given"
        if quiz.blank == "gradients":
            gradients[node.value] = _BLANK if is_open else shown_number(item.gradient)
            if relation(item.number) != relation(rounded(item.number)):
                numbers[node.value] = shown_number(item.number)
        else:
            gradients[node.value] = ""
            if is_open:
                numbers[node.value] = _BLANK
            elif relation(item.number) != relation(rounded(item.number)):
                numbers[node.value] = shown_number(item.number)
    picture = draw(
        graph.nodes[graph.root].value,
        names=_names(quiz),
        number_text=numbers,
        gradient_text=gradients,
        colour=False,
        fold="none",
        direction="LR" if len(puzzle.items) <= MOST_ACROSS else "auto",
    )
    root = puzzle.items[puzzle.root].name
    count = len(puzzle.items)
    described = f"The graph of {root}: {count} {'node' if count == 1 else 'nodes'}, as in the lines below."
    text = re.sub(r"(<desc[^>]*>).*?(</desc>)", lambda m: m[1] + _text(described) + m[2], picture.svg, flags=re.DOTALL)
    text = re.sub(r"(<g[^>]*>)<title>.*?</title>", r"\1", text, flags=re.DOTALL)
    if quiz.blank == "values":
        text = re.sub(r"<text[^>]*>gradient</text>", "", text)
    return text if text.endswith("\n") else text + "\n"


def _names(quiz: Quiz) -> Names:
    return quiz.graph.names


def _number(x: float) -> str:
    return _text(shown_cell(x))


def _sentence(text: str) -> str:
    """Escape a sentence, with what stands in backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", _text(text))


def _text(text: str) -> str:
    return html.escape(text, quote=False)
