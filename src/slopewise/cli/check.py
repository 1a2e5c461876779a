"""`slopewise check`: the gradients of a user's function against its slopes, or a user's engine on its ladder.

`FILE.py:FUNCTION --at 2,3` checks a function, `FILE.py:CLASS` a Value class of the user's own.
"""

import ast
import contextlib
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from slopewise.cli.documents import print_document
from slopewise.cli.json_output import print_json
from slopewise.cli.terminal import fail, is_coloured, plain_option, printable, safe, width_of
from slopewise.cli.user_code import failure_line, load_function, silenced
from slopewise.errors import SlopewiseError


@click.command(
    context_settings={"ignore_unknown_options": False},
    epilog="Exit code: 0 when every gradient is right, 1 when one is not, 2 for bad input. For a class: 0 when nothing "
    "is wrong (it may be unfinished), 1 when something is.",
)
@click.argument("target", metavar="FILE.py:NAME")
@click.argument("more", nargs=-1, metavar="")
@click.option("--at", metavar="NUMBERS", help="Where to check: one number per argument, as in 2,3 or [1,2],3 or -1e-3.")
@click.option(
    "--method",
    type=click.Choice(["each", "directional"]),
    default="each",
    show_default=True,
    help="Move each number alone, or all along random directions (cheap for many).",
)
@click.option("--tolerance", type=float, default=1e-6, show_default=True, help="The relative error still called right.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@plain_option
def check(target: str, more: tuple[str, ...], at: str | None, method: str, tolerance: float, as_json: bool) -> None:
    """Check the gradients of a function in a file of yours, or a Value class of your own.

    FILE.py:FUNCTION: every number of --at goes to the function as a Value; the gradients that backward() gives stand
    beside the slopes measured from values. A function that returns several results is checked for each.

    FILE.py:CLASS: the class, finished or not, is tried on a ladder of small programs, from a + b to a deep chain. The
    first that is wrong is shown with its cause. The file is run.
    """
    from slopewise.basics.arguments import check_callable, spread
    from slopewise.basics.gradient_check import check_gradients

    if more:
        numbers_given = [at, *more] if at is not None and all(map(_is_number, more)) else []
        cure = f"write --at {','.join(numbers_given)}" if numbers_given else "give one FILE.py:FUNCTION, and --at"
        fail(f"unexpected {' '.join(more)} after the function; {cure}")
    path = Path(target.rpartition(":")[0])
    with silenced() as printed:
        function = load_function(target)
    if isinstance(function, type):
        _check_class(function, target, at, as_json)
        return
    with contextlib.redirect_stdout(printed):
        try:
            check_callable(function, path.name)
            numbers = parse_numbers(at, function)
            arguments = spread(function, numbers[0] if len(numbers) == 1 else numbers, "--at", "--at 2,3")
        except SlopewiseError as error:
            fail(str(error))
        try:
            report = check_gradients(function, *arguments, method=method, tolerance=tolerance)  # type: ignore[arg-type]
        except SlopewiseError as error:
            fail(str(error).replace("check_gradients(): ", ""))
        except Exception as error:
            fail(f"{target.rpartition(':')[2]}({at}) raised {failure_line(error, path)}")
    if as_json:
        print_json({"target": target, "at": numbers, **report.to_dict()})
    else:
        text = safe(report.text(width_of()))
        if is_coloured():
            text = _coloured(text)
        click.echo(printable(text))
        lines = printed.getvalue().count("\n")
        if lines:
            click.echo(printable(safe(f"note: {path.name} printed {lines} line{'s' * (lines != 1)}, left out here")))
    if not report.ok:
        raise click.exceptions.Exit(1)


def _check_class(cls: type, target: str, at: str | None, as_json: bool) -> None:
    """Try a class on the ladder, and print the report."""
    from slopewise.quizzes import check_engine

    if at is not None:
        fail(f"--at {at} is for functions, and {cls.__name__} is a class: leave it out")
    with silenced():
        report = check_engine(cls)
    if as_json:
        print_json({"target": target, **report.to_dict()})
    else:
        print_document(report.document())
    if not report.passed:
        raise click.exceptions.Exit(1)


def parse_numbers(text: str | None, function: Callable[..., Any]) -> list[Any]:
    """Return the numbers and lists of `--at` as floats; ends the command with one line when one is not a number."""
    from slopewise.basics.arguments import signature_of

    if text is None or not text.strip():
        fail(f"say where to check {signature_of(function)}: --at 2,3, one number per argument")
    try:
        items = ast.literal_eval(f"[{text.strip()}]")
        return [_as_floats(item) for item in items]
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        parts = [part.strip() for part in re.split(r"[,\[\]()]", text)]
        wrong = next((part for part in parts if part and not _is_number(part)), None)
        if wrong is not None and _is_too_large(wrong):
            fail(f"--at {text!r}: {wrong} is too large: floats go up to 1.8e308")
        if wrong is None:
            fail(f"--at {text!r} is not a list of numbers: write it as 2,3 or [1,2],3")
        fail(f"--at {text!r}: {wrong!r} is not a number: write numbers with commas between them, as in 2,3 or [1,2],3")


def _as_floats(item: Any) -> Any:
    if isinstance(item, (list, tuple)):
        return [_as_floats(inner) for inner in item]
    if isinstance(item, bool) or not isinstance(item, (int, float)):
        raise ValueError(item)
    try:
        number = float(item)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(item)
    return number


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_too_large(text: str) -> bool:
    try:
        return math.isinf(float(text)) and any(c.isdigit() for c in text)
    except ValueError:
        return False


def _coloured(text: str) -> str:
    first, _, rest = text.partition("\n")
    head, _, verdict = first.rpartition(": ")
    colour = "green" if verdict == "ok" else "red"
    rest = re.sub(r"(?m)  (wrong|unsure|not finite)$", lambda m: "  " + click.style(m[1], fg="red"), rest)
    return f"{head}: {click.style(verdict, fg=colour, bold=True)}\n{rest}"
