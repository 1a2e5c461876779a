"""The command itself: its options, and what it exits with."""

import pathlib

import click

from slopewise.cli.terminal import fail, plain_option


@click.command(
    help="Walk through the story of A. Karpathy's micrograd lecture, from one slope to a trained net: a report here, "
    "pictures and an index.html in a folder."
)
@click.option(
    "--out",
    default="demo-out",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=pathlib.Path),
    help="Where the pictures and the page go.",
)
@click.option("--only", default="", metavar="LIST", help="Only these chapters, such as 4,5 or 1-3.")
@click.option("--quiet", "-q", is_flag=True, help="Print only what was checked and where the pictures are.")
@click.option("--json", "as_json", is_flag=True, help="Print what was checked as JSON, and nothing else.")
@plain_option
@click.pass_context
def demo(ctx: click.Context, out: pathlib.Path, only: str, quiet: bool, as_json: bool) -> None:
    from slopewise.cli.demo.chapters import CHAPTERS
    from slopewise.cli.demo.runner import run

    numbers = chosen_chapters(only, len(CHAPTERS))
    chapters = [chapter for chapter in CHAPTERS if chapter.number in numbers]
    if not run(chapters, out, quiet=quiet, as_json=as_json):
        ctx.exit(1)


def chosen_chapters(text: str, count: int) -> set[int]:
    """Return the chapters that `--only` names: all of them for an empty text.

    Raises:
        BadInput: The text is not a list of chapter numbers or ranges.

    Example:
        >>> from slopewise.cli.demo.command import chosen_chapters
        >>> sorted(chosen_chapters("1-3,5", 10))
        [1, 2, 3, 5]
    """
    if not text.strip():
        return set(range(1, count + 1))
    numbers: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or not (last if dash else first).isdecimal():
            fail(f"--only {text!r}: {part!r} is not a chapter number; write for example 4,5 or 1-3")
        low, high = int(first), int(last if dash else first)
        if low > high:
            fail(f"--only {text!r}: {part!r} runs backwards; write {high}-{low}")
        for number in (low, high):
            if not 1 <= number <= count:
                fail(f"--only {text!r}: no chapter {number}; there are 1 to {count}")
        numbers.update(range(low, high + 1))
    return numbers
