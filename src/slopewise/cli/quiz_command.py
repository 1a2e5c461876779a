"""`slopewise quiz`: gradients or values as questions, in the terminal or on paper."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.graph_sources import read_graph
from slopewise.cli.json_output import print_json
from slopewise.cli.quiz_terminal import play
from slopewise.cli.terminal import fail, plain_option, say

if TYPE_CHECKING:
    from slopewise.quizzes import Quiz

MOST_EXERCISES = 50
_SEEDS = 10_000


@click.command(
    epilog="Exit code: 0 when every blank was answered or shown, 1 when it ended before, 2 for bad input.",
)
@click.argument("target", required=False, metavar="[TARGET]")
@click.option("--level", type=click.IntRange(1, 5), default=None,
              help="Make an exercise: 1 sums and products, 2 a number used twice, 3 differences and powers, "
              "4 divisions, relu, tanh and exp, 5 a neuron and its loss.  [default: 1]")  # fmt: skip
@click.option("--seed", type=int, default=None,
              help="Which exercise of that level: the same seed gives the same one.  [default: any]")  # fmt: skip
@click.option("--values", is_flag=True, help="Ask for the values in place of the gradients.")
@click.option("--only", metavar="NAMES", default=None, help="Ask for these alone, as in a,b.")
@click.option("--sheet", type=click.Path(path_type=Path), default=None, metavar="FILE.html",
              help="Write a worksheet to print, and do not play.")  # fmt: skip
@click.option("--key", type=click.Path(path_type=Path), default=None, metavar="FILE.html",
              help="Write the key of the worksheet: workings, and what wrong answers tell.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, MOST_EXERCISES), default=None,
              help="How many exercises on the sheet; their seeds follow each other.  [default: 1]")  # fmt: skip
@click.option("--title", default="", help="The heading of the sheet.")
@click.option("--reveal", is_flag=True, help="Print all workings, and do not play.")
@click.option("--json", "as_json", is_flag=True,
              help="Print the quiz as JSON, with the replies to the answers on the standard input, if any; with "
              "--reveal the right answers, hints and workings too.")  # fmt: skip
@plain_option
def quiz(
    target: str | None,
    level: int | None,
    seed: int | None,
    values: bool,
    only: str | None,
    sheet: Path | None,
    key: Path | None,
    count: int | None,
    title: str,
    reveal: bool,
    as_json: bool,
) -> None:
    """Find the gradients of a graph, question by question.

    TARGET is an expression, which is parsed and never run as code, or FILE.py:NAME, which runs the file and takes the
    Value of that name. Without one, an exercise is made. Answers are numbers as you would write them: −3, -6 + 3, 2/3,
    ½. A wrong one is told what it may come from; ? gives a hint.

    \b
    slopewise quiz --level 2
    slopewise quiz "f = (a*b) * (a+b); a = -2; b = 3"
    slopewise quiz --level 3 --seed 7 --count 4 --sheet sheet.html --key key.html
    """
    on_paper = sheet is not None or key is not None
    _check(target, level, seed, count, on_paper, reveal, as_json, title)
    blank = "values" if values else "gradients"
    names = [name.strip() for name in only.split(",") if name.strip()] if only is not None else None
    quizzes = _made(target, level, seed, count or 1, blank, names)
    if on_paper:
        _write(quizzes, sheet, key, title)
        return
    asked = quizzes[0]
    if reveal and not as_json:
        for hint in asked.reveal():
            say(hint.sentence)
        return
    finished = play(asked, silent=as_json) if not (reveal and as_json) else True
    if as_json:
        print_json(asked.to_dict(answers=reveal))
    if not finished:
        raise click.exceptions.Exit(1)


def _check(
    target: str | None,
    level: int | None,
    seed: int | None,
    count: int | None,
    on_paper: bool,
    reveal: bool,
    as_json: bool,
    title: str,
) -> None:
    if target is not None and (level is not None or seed is not None):
        option = "--level" if level is not None else "--seed"
        fail(f"{option} makes an exercise, and {target!r} is a graph of its own: leave one of them out")
    if target is not None and (count or 1) > 1:
        fail(f"--count {count} needs exercises that are made, and {target!r} is one graph: leave one of them out")
    if count is not None and not on_paper:
        fail(f"--count {count} is for worksheets: add --sheet FILE.html")
    if title and not on_paper:
        fail("--title is for worksheets: add --sheet FILE.html")
    if on_paper and (reveal or as_json):
        fail(f"--sheet and --key write files and nothing else: leave {'--reveal' if reveal else '--json'} out")


def _made(
    target: str | None, level: int | None, seed: int | None, count: int, blank: Any, only: list[str] | None
) -> list["Quiz"]:
    import slopewise

    if target is not None:
        from slopewise.engine.reading import survey

        source = read_graph(target)
        return [slopewise.quiz(source.item, blank=blank, only=only, names=source.names(survey(source.item)[0]))]
    first = random.SystemRandom().randrange(_SEEDS) if seed is None else seed
    return [
        slopewise.quiz(level=1 if level is None else level, seed=first + place, blank=blank, only=only)
        for place in range(count)
    ]


def _write(quizzes: list["Quiz"], sheet: Path | None, key: Path | None, title: str) -> None:
    from slopewise.quizzes import answer_key, worksheet

    if sheet is not None and key is not None and sheet.resolve() == key.resolve():
        fail(f"--sheet and --key are both {sheet}: give two files")
    for path, write in ((sheet, worksheet), (key, answer_key)):
        if path is None:
            continue
        if path.suffix.lower() not in (".html", ".htm"):
            fail(f"{path} would hold a page of HTML: name it {path.with_suffix('.html').name}")
        text = write(quizzes, title)
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            fail(f"cannot write {path}: {error.strerror or error}")
        say(f"written to {path}")
