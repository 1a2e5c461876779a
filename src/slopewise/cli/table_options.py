"""What `fit` and `predict` share: the options on how a table is read, and problems in one line."""

import contextlib
from collections.abc import Iterator
from typing import Any

import click

from slopewise.cli.terminal import fail


@contextlib.contextmanager
def one_line_problems() -> Iterator[None]:
    """Turn every problem that slopewise reports into one line and the exit code 2."""
    from slopewise.errors import InternalError, SlopewiseError

    try:
        yield
    except InternalError:
        raise
    except SlopewiseError as error:
        fail("; ".join(str(error).split("\n")))


def table_options(command: Any) -> Any:
    """Add the options on how a table is read, which `fit` and `predict` share."""
    options = [
        click.option(
            "--delimiter", metavar="CHAR", help="What separates cells; found out unless given ('tab' will do)."
        ),
        click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark; found out unless given."),
        click.option("--encoding", metavar="NAME", help="Of the file; found out unless given."),
        click.option("--header/--no-header", default=None, help="Whether the first row names the columns."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def delimiter_of(given: str | None) -> str | None:
    """Return the delimiter that an option means: the words `tab`, `comma`, `semicolon` and `\\t` too."""
    words = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "bar": "|"}
    return None if given is None else words.get(given, given)
