"""`slopewise fit`: a line or a net from the user's own CSV, saved as a model."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.fit_record import data_record, line_record, net_record, score_record
from slopewise.cli.fit_report import expectation, outcome, report_data, report_line, report_scores
from slopewise.cli.json_output import print_json
from slopewise.cli.table_options import delimiter_of, one_line_problems, table_options
from slopewise.cli.terminal import fail, plain_option, say
from slopewise.cli.training_progress import progress_bar
from slopewise.cli.user_code import silenced

if TYPE_CHECKING:
    from slopewise.training.fitted_model import FittedModel
    from slopewise.training.net_choices import NetChoices
    from slopewise.training.net_training import Plan
    from slopewise.training.preparation import Prepared
    from slopewise.training.table_file import TextTable

INTERRUPTED = 130


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
@click.option("--epochs", type=int, default=200, show_default=True, help="mlp: how often each row is seen.")
@click.option("--lr", type=float, default=0.01, show_default=True, help="mlp: AdamW's learning rate at the start.")
@click.option("--decay", type=float, default=0.3, show_default=True, help="mlp: AdamW's pull of weights towards 0.")
@click.option("--batch", type=int, default=32, show_default=True, help="mlp: rows per update.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="mlp: the time training may take.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@plain_option
@table_options
@click.pass_context
def fit(
    ctx: click.Context,
    /,
    data: Path,
    target: str | None,
    model: str,
    output: Path,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Fit a line or a small net to a CSV file, score it on rows held out, and save it.

    \b
    slopewise fit houses.csv --target price
    slopewise fit houses.csv --target price --model mlp --one-hot
    slopewise fit houses.csv --target price --missing median -o houses.safetensors
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
        with silenced() if as_json else contextlib.nullcontext():
            report_data(table, prepared, choices)
            fitted, interrupted, found = (
                _fit_line(prepared, table) if model == "line" else _fit_net(prepared, table, net)
            )
            save_model(fitted, output)
            report_scores(fitted, prepared)
    if as_json:
        print_json({**data_record(table, prepared), **found, **score_record(fitted, prepared), "saved": str(output)})
    else:
        _report_saved(data, output, interrupted)
    if interrupted:
        ctx.exit(INTERRUPTED)


def _report_saved(data: Path, output: Path, interrupted: bool) -> None:
    other = f" (a safetensors file, whatever {output.suffix} says)" if output.suffix not in ("", ".safetensors") else ""
    say(f"\nsaved     {output}" + other + (", the model reached so far" if interrupted else ""))
    say(f"next      slopewise predict {_quoted(output)} {_quoted(data)}")


def _check_net_options(ctx: click.Context, model: str) -> None:
    """Refuse an option of the net that a line would silently ignore."""
    from click.core import ParameterSource

    given = [
        name
        for name in ("hidden", "activation", "epochs", "lr", "decay", "batch", "seconds")
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
        decay=options["decay"],
        batch=options["batch"],
        seed=options["seed"],
        seconds=options["seconds"],
    )


def _fit_line(data: "Prepared", table: "TextTable") -> "tuple[FittedModel, bool, dict[str, Any]]":
    from slopewise.training.table_fit import fit_line

    result = fit_line(data, table)
    report_line(result)
    return result.model, False, line_record(result)


def _fit_net(data: "Prepared", table: "TextTable", choices: "NetChoices") -> "tuple[FittedModel, bool, dict[str, Any]]":
    from slopewise.engine import NATIVE
    from slopewise.training.net_training import train_net
    from slopewise.training.table_fit import model_of_net, scaled_target

    mean, scale = scaled_target(data)
    sizes = "-".join(map(str, (data.train_x.shape[1], *choices.hidden, 1)))
    say(f"model     mlp {sizes}, {choices.activation}, AdamW in batches of {choices.batch}")
    with progress_bar() as progress:

        def announce(plan: "Plan") -> None:
            engine = "native" if NATIVE else "interpreted"
            progress.announce(expectation(plan, choices, engine), plan.updates)

        run = train_net(
            data.recipe.scaled(data.train_x),
            (data.train_y - mean) / scale,
            choices,
            on_plan=announce,
            on_update=progress.advance,
        )
    if run.interrupted and not run.updates:
        raise KeyboardInterrupt
    say(f"          {outcome(run, len(data.train_y), choices)}")
    return model_of_net(data, table, run, choices.activation), run.interrupted, net_record(run, choices)


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
