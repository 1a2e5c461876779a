"""`slopewise doctor SCRIPT.py`: a script is run under a watch, and what is wrong with its training is named."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slopewise.cli.documents import print_document
from slopewise.cli.json_output import print_json
from slopewise.cli.terminal import fail, plain_option, printable, remark, safe
from slopewise.cli.user_code import failure_line

if TYPE_CHECKING:
    from slopewise.doctor.script import ScriptRun


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog="Exit code: 0 when there is no mistake, 1 when there is one or the script fails, 2 for bad input.",
)
@click.option(
    "--as",
    "stand_in",
    type=click.Choice(["micrograd"]),
    default=None,
    help="What slopewise is to stand in for: imports of micrograd.engine and micrograd.nn get slopewise's.",
)
@click.option(
    "--json", "to_json", is_flag=True, help="Print the report as JSON; what the script prints goes to stderr."
)
@plain_option
@click.argument("script", type=click.Path(path_type=Path), metavar="SCRIPT.py")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def doctor(stand_in: str | None, to_json: bool, script: Path, arguments: tuple[str, ...]) -> None:
    """Run a script, and name the mistakes in its training.

    The script runs as python SCRIPT.py would run it, with the arguments that follow it; what it prints is shown, and
    the report comes after it. Ctrl-C ends the script, and the report tells what was seen until then.

    \b
    slopewise doctor train.py --epochs 20
    slopewise doctor --as micrograd demo.py
    slopewise help SW101
    """
    from slopewise.doctor.script import run_script

    check_script(script, redirected=stand_in is not None)
    run = run_script(script, arguments, redirect_micrograd=stand_in is not None, stdout=sys.stderr if to_json else None)
    error = failure_line(run.error, script) if run.error is not None else None
    if to_json:
        print_json({"script": str(script), "error": error, "exit_code": run.exit_code, "stopped": run.was_stopped,
                    **run.report.to_dict()})  # fmt: skip
    else:
        sys.stdout.flush()
        if error is not None:
            click.echo(printable(safe(f"slopewise: the script failed at {error}"), sys.stderr), err=True)
        click.echo()
        print_document(run.report.document())
    say_what_was_not_seen(run, script)
    if run.report.mistakes or run.error is not None or run.exit_code:
        raise click.exceptions.Exit(1)


def check_script(script: Path, redirected: bool) -> None:
    """End the command with one line when a script cannot be run, or holds nothing that a watch could see."""
    from slopewise.doctor.script import facts_of

    if not script.exists():
        beside = [p.name for p in script.parent.glob("*.py")] if script.parent.is_dir() else []
        near = difflib.get_close_matches(script.name, beside, 1)
        fail(f"no file {script}{f'; did you mean {script.parent / near[0]}?' if near else ''}")
    if script.is_dir():
        fail(f"{script} is a folder, not a Python file")
    if script.suffix == ".ipynb":
        fail(f"{script} is a notebook: put with slopewise.watch() as w: around the loop in it, and print(w.report())")
    try:
        facts = facts_of(script.read_text(encoding="utf-8"))
    except SyntaxError as error:
        text = (error.text or "").strip()
        fail(f"{script}:{error.lineno}: {error.msg}{f': {text}' if text else ''}")
    except (UnicodeDecodeError, ValueError) as error:
        fail(f"{script} is not a Python file: {error}")
    except OSError as error:
        fail(f"{script} cannot be read: {error.strerror}")
    if facts.uses_slopewise or (redirected and facts.micrograd):
        return
    if facts.micrograd:
        fail(
            f"{script}:{facts.micrograd} imports micrograd, which the doctor cannot look into: "
            f"slopewise doctor --as micrograd {script} runs it with slopewise in its place"
        )
    if facts.own_value:
        fail(
            f"{script}:{facts.own_value} defines a class Value of its own, which the doctor cannot look into: "
            f"slopewise check {script}:Value tests that class; to have its training watched, import Value from "
            f"slopewise.lecture instead"
        )


def say_what_was_not_seen(run: "ScriptRun", script: Path) -> None:
    """Remark on engines other than ours that the script used."""
    if run.uses_micrograd and not run.report.passes:
        remark(f"micrograd was loaded, which the doctor cannot look into: slopewise doctor --as micrograd {script}")
    for file in run.own_values:
        shown = Path(file)
        remark(
            f"{shown.name} defines a class Value of its own, which the doctor cannot look into: "
            f"slopewise check {shown}:Value tests it"
        )
