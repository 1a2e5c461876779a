"""The command line: `slopewise explain`, `compile`, `fit` and the others. Each is loaded when it is called."""

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from slopewise.cli.terminal import BadInput, fail, one_line, report_problem, use_plain_symbols
from slopewise.errors import InternalError, SlopewiseError

_COMMANDS = {
    "cache": ("slopewise.cli.cache_command:cache", "Show the machine code that is kept on disk, or remove it."),
    "check": ("slopewise.cli.check:check", "Check a function's gradients, or an engine of yours."),
    "compile": ("slopewise.cli.compile_command:compile_function", "Compile a function, and show what it became."),
    "demo": ("slopewise.cli.demo:demo", "Walk through the story of the micrograd lecture, with pictures."),
    "doctor": ("slopewise.cli.doctor_command:doctor", "Run a script, and name the mistakes in its training."),
    "draw": ("slopewise.cli.draw_command:draw", "Draw a graph or a net: an expression, or FILE.py:NAME."),
    "explain": ("slopewise.cli.explain_command:explain", "Tell a backward pass step by step."),
    "fit": ("slopewise.cli.fit:fit", "Fit a line or a small net to a CSV file."),
    "help": ("slopewise.cli.help_command:help_topic", "Explain a diagnosis (SW104), an error or a command."),
    "predict": ("slopewise.cli.predict:predict", "Apply a saved model to a CSV file."),
    "quiz": ("slopewise.cli.quiz_command:quiz", "Find the gradients of a graph, question by question, or on paper."),
    "why": ("slopewise.cli.why_command:why", "Say why a gradient is what it is, path by path."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is called, and says every problem in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_COMMANDS)}"
            fail(f"no command {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run a command; bad input ends with one line and the exit code 2, Ctrl-C with 130."""
        use_plain_symbols()
        extra.pop("standalone_mode", None)
        code: Any
        try:
            code = super().main(args, prog_name or "slopewise", standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = 2
        except SlopewiseError as error:
            if isinstance(error, InternalError):
                raise
            report_problem(BadInput(one_line(str(error))))
            code = 2
        except click.ClickException as error:
            report_problem(error)
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("slopewise: stopped", err=True)
            code = 130
        except BrokenPipeError:  # `slopewise … | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        sys.exit(code if isinstance(code, int) else 0)


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import platform

    import slopewise
    from slopewise.engine import NATIVE

    engine = "native" if NATIVE else "interpreted"
    click.echo(f"slopewise {slopewise.__version__} ({engine} engine, Python {platform.python_version()})")
    ctx.exit()


@click.command(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Scalar automatic differentiation that can be seen and explained.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print version and engine.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


__all__ = ["BadInput", "LazyGroup", "main"]
