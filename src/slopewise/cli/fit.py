"""`slopewise fit`: a line or a net from the user's own CSV, saved as a model."""

import contextlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.terminal import console, fail, is_terminal

if TYPE_CHECKING:
    from slopewise.training.fitted_model import FittedModel
    from slopewise.training.net_training import NetChoices, NetRun, Plan
    from slopewise.training.preparation import Choices, Prepared
    from slopewise.training.table_file import TextTable

INTERRUPTED = 130


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


@click.command()
@click.argument("data", type=click.Path(path_type=Path), metavar="DATA.csv")
@click.option("--target", metavar="COLUMN", help="The column to predict.  [required]")
@click.option("--model", type=click.Choice(["line", "mlp"]), default="line", show_default=True, help="What to fit.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("model.safetensors"), show_default=True,
              help="Where to save the model.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite that file, whatever it is.")
@click.option("--missing", type=click.Choice(["error", "drop", "mean", "median"]), default="error", show_default=True,
              help="Missing values: refuse them, drop their rows, or fill them in.")  # fmt: skip
@click.option(
    "--na", multiple=True, metavar="WORD", help="A word that means 'nothing', besides NA, ?, nan …; repeatable."
)
@click.option("--one-hot", is_flag=True, help="Turn columns of words into one input per word.")
@click.option("--category", multiple=True, metavar="COLUMN", help="Treat a column of numbers as words; repeatable.")
@click.option("--most-words", type=click.IntRange(2), default=50, show_default=True, help="Most words in one column.")
@click.option("--drop", multiple=True, metavar="COLUMN", help="Leave a column out; repeatable.")
@click.option("--holdout", type=float, default=0.2, show_default=True, help="Share of rows held out for the score.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the held-out rows and of the net.")
@click.option(
    "--hidden", default="16", show_default=True, metavar="SIZES", help="mlp: hidden layers, as in 16 or 16,16."
)
@click.option("--activation", type=click.Choice(["tanh", "relu", "sigmoid"]), default="tanh", show_default=True,
              help="mlp: of the hidden layers.")  # fmt: skip
@click.option("--epochs", type=int, default=100, show_default=True, help="mlp: how often each row is seen.")
@click.option("--lr", type=float, default=0.01, show_default=True, help="mlp: Adam's learning rate at the start.")
@click.option("--batch", type=int, default=32, show_default=True, help="mlp: rows per update.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="mlp: the time training may take.")
@table_options
@click.pass_context
def fit(
    ctx: click.Context, data: Path, target: str | None, model: str, output: Path, force: bool, **options: Any
) -> None:
    """Fit a line or a small net to a CSV file, score it on rows held out, and save it.

    \b
    slopewise fit houses.csv --target price
    slopewise fit houses.csv --target price --model mlp --one-hot --missing median -o houses.safetensors
    """
    from slopewise.training.model_file import check_destination, save_model
    from slopewise.training.preparation import Choices, prepare
    from slopewise.training.table_file import read_table

    with one_line_problems():
        _check_net_options(ctx, model)
        if target is None:
            names = read_table(data).names
            fail(f"--target says which column to predict; {data.name} has {', '.join(map(repr, names[:12]))}")
        choices = Choices(
            target=target,
            missing=options["missing"],
            one_hot=options["one_hot"],
            categories=options["category"],
            drop=options["drop"],
            na=options["na"],
            holdout=options["holdout"],
            seed=options["seed"],
            most_words=options["most_words"],
        )
        net = _net_choices(options)
        check_destination(output, force=force, replaces="model")
        table = read_table(
            data,
            expected=(target,),
            delimiter=delimiter_of(options["delimiter"]),
            decimal=options["decimal"],
            encoding=options["encoding"],
            header=options["header"],
        )
        prepared = prepare(table, choices, baseline=model == "line")
        _report_data(table, prepared, choices)
        fitted, interrupted = _fit_line(prepared, table) if model == "line" else _fit_net(prepared, table, net)
        save_model(fitted, output)
        _report_scores(fitted, prepared, choices)
    click.echo(f"\nsaved     {output}" + (", the model reached so far" if interrupted else ""))
    click.echo(f"next      slopewise predict {_quoted(output)} {_quoted(data)}")
    if interrupted:
        ctx.exit(INTERRUPTED)


def _check_net_options(ctx: click.Context, model: str) -> None:
    """Refuse an option of the net that a line would silently ignore."""
    from click.core import ParameterSource

    given = [
        name
        for name in ("hidden", "activation", "epochs", "lr", "batch", "seconds")
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if model == "line" and given:
        fail(f"--{given[0]} is of --model mlp, and a line has none; give --model mlp, or leave it out")


def _net_choices(options: dict[str, Any]) -> "NetChoices":
    from slopewise.training.net_choices import NetChoices

    sizes = [size.strip() for size in options["hidden"].split(",")]
    if not all(size.isdigit() for size in sizes):
        fail(f"--hidden takes sizes such as 16 or 16,16, got {options['hidden']!r}")
    return NetChoices(
        hidden=tuple(map(int, sizes)),
        activation=options["activation"],
        epochs=options["epochs"],
        lr=options["lr"],
        batch=options["batch"],
        seed=options["seed"],
        seconds=options["seconds"],
    )


def _report_data(table: "TextTable", data: "Prepared", choices: "Choices") -> None:
    from slopewise.basics.shown_numbers import shown
    from slopewise.training.table_file import DELIMITERS

    separated = f"separated by {DELIMITERS.get(table.delimiter, repr(table.delimiter))}"
    header = "header in the first row" if table.has_header else "no header, so columns are column1, column2, …"
    comma = ", decimal commas" if table.decimal == "," else ""
    click.echo(f"data      {table.name}: {len(table)} rows × {len(table.names)} columns")
    click.echo(f"          {separated}, {header}{comma}, {table.encoding}")
    dropped = data.dropped_rows
    click.echo(
        f"          {dropped or 'no'} row{'' if dropped == 1 else 's'} dropped"
        + (" (missing values)" if dropped else "")
    )
    for note in (*table.notes, *data.notes):
        click.echo(f"          {note}")
    y = data.train_y
    click.echo(f"target    {data.target}: mean {shown(float(y.mean()))}, standard deviation {shown(float(y.std()))}")
    inputs = data.recipe.inputs
    words = sum(bool(column.categories) for column in data.recipe.columns)
    one_hot = f", {words} of words as one input per word" if words else ""
    click.echo(
        f"inputs    {len(inputs)} from {len(data.recipe.columns)} columns{one_hot}, standardised inside the model"
    )
    held, count = len(data.test_y), len(data.train_y) + len(data.test_y)
    share = f"{100 * held / count:.0f} %"
    click.echo(f"rows      {len(y)} to fit, {held} held out ({share}, shuffled with seed {choices.seed})")


def _fit_line(data: "Prepared", table: "TextTable") -> "tuple[FittedModel, bool]":
    from slopewise.basics.shown_numbers import shown
    from slopewise.training.table_fit import fit_line

    result = fit_line(data, table)
    summary = result.summary
    click.echo(f"model     line, {len(summary.rows)} coefficients in units of the data, by QR")
    for note in result.notes:
        click.echo(f"          {note}")
    out = console()
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    for _ in range(3):
        grid.add_column(justify="right")
    grid.add_row("          ", "coefficient", "std error", "t")
    for row in summary.rows[:40]:
        numbers = ["0", "left out", ""] if row.dropped else [shown(row.coefficient, 5), *_uncertainty(row)]
        grid.add_row(f"          {row.name}", *numbers)
    out.print(grid)
    if len(summary.rows) > 40:
        click.echo(f"          … and {len(summary.rows) - 40} more")
    return result.model, False


def _uncertainty(row: Any) -> list[str]:
    from slopewise.basics.shown_numbers import shown

    if math.isnan(row.standard_error):
        return ["", ""]
    return [shown(row.standard_error, 3), shown(row.t, 3)]


def _fit_net(data: "Prepared", table: "TextTable", choices: "NetChoices") -> "tuple[FittedModel, bool]":
    from slopewise.engine import NATIVE
    from slopewise.training.net_training import train_net
    from slopewise.training.table_fit import model_of_net, scaled_target

    mean, scale = scaled_target(data)
    sizes = "-".join(map(str, (data.train_x.shape[1], *choices.hidden, 1)))
    click.echo(f"model     mlp {sizes}, {choices.activation}, Adam in batches of {choices.batch}")
    with _progress() as progress:

        def announce(plan: "Plan") -> None:
            engine = "native" if NATIVE else "interpreted"
            progress.announce(_expectation(plan, choices, engine), plan.updates)

        run = train_net(
            data.recipe.scaled(data.train_x),
            (data.train_y - mean) / scale,
            choices,
            on_plan=announce,
            on_update=progress.advance,
        )
    if run.interrupted and not run.updates:
        raise KeyboardInterrupt
    click.echo(f"          {_outcome(run, len(data.train_y), choices)}")
    return model_of_net(data, table, run, choices.activation), run.interrupted


def _expectation(plan: "Plan", choices: "NetChoices", engine: str) -> str:
    if not plan.cut:
        return f"{choices.epochs} epochs, about {_duration(plan.seconds)} expected ({engine} engine)"
    return (
        f"{choices.epochs} epochs would take about {_duration(plan.wanted_seconds)} ({engine} engine); "
        f"--seconds {choices.seconds:g} allows {plan.epochs:.3g}"
    )


def _outcome(run: "NetRun", rows: int, choices: "NetChoices") -> str:
    epochs = (
        run.updates * choices.batch / rows
        if run.updates * choices.batch < rows
        else run.updates / math.ceil(rows / choices.batch)
    )
    how = "stopped by Ctrl-C after" if run.interrupted else "trained for"
    first, last = run.losses[0], run.losses[-1]
    return (
        f"{how} {epochs:.3g} epochs in {_duration(run.seconds)}; mean squared error {first:.3g} → {last:.3g} (scaled)"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class _Silent:
    """Says what to expect, and draws nothing: for pipes and files."""

    def announce(self, expectation: str, updates: int) -> None:
        click.echo(f"          {expectation}")

    def advance(self, updates: int, loss: float) -> None:
        pass


class _Bar(_Silent):
    """A progress bar on a terminal's stderr, gone when training ends."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("training", total=None)

    def announce(self, expectation: str, updates: int) -> None:
        self._progress.console.print(f"          {expectation}")
        self._progress.update(self._task, total=updates)

    def advance(self, updates: int, loss: float) -> None:
        self._progress.update(self._task, completed=updates)


@contextlib.contextmanager
def _progress() -> Iterator[_Silent]:
    if not is_terminal(sys.stderr):
        yield _Silent()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [TextColumn("          {task.description}"), BarColumn(bar_width=30), TimeRemainingColumn()]
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        yield _Bar(progress)


def _report_scores(model: "FittedModel", data: "Prepared", choices: "Choices") -> None:
    import numpy as np
    from rich.table import Table

    from slopewise.basics.shown_numbers import shown
    from slopewise.training.fitted_model import score

    held = len(data.test_y)
    x, y = (data.test_x, data.test_y) if held else (data.train_x, data.train_y)
    where = (
        f"on the {held} row{'' if held == 1 else 's'} held out"
        if held
        else "on the rows that were fitted (none were held out)"
    )
    mine = score(y, model.predict_raw(x))
    mean = score(y, np.full(len(y), model.target_mean))
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    for _ in range(3):
        grid.add_column(justify="right")
    grid.add_row("          ", "root mean sq. error", "mean abs. error", "R²")
    name = "line" if model.kind == "line" else "mlp"
    for title, result in ((name, mine), ("always the mean", mean)):
        r_squared = "not defined" if math.isnan(result.r_squared) else f"{result.r_squared:.3f}".replace("-", "−")
        grid.add_row(f"          {title}", shown(result.rmse), shown(result.mae), r_squared)
    click.echo(f"score     {where}")
    console().print(grid)
    if held and mine.rmse >= mean.rmse:
        click.echo("          no better than always the mean: these inputs do not tell the target, at least not so")


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
