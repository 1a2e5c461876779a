"""`slopewise predict`: a saved model applied to a table."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.json_output import as_json
from slopewise.cli.table_options import delimiter_of, one_line_problems, table_options
from slopewise.cli.terminal import is_terminal, plain_option, printable, safe

if TYPE_CHECKING:
    from slopewise.training.fitted_model import FittedModel
    from slopewise.training.table_file import TextTable


@click.command()
@click.argument("model", type=click.Path(path_type=Path), metavar="MODEL")
@click.argument("data", type=click.Path(path_type=Path), metavar="DATA.csv")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, metavar="OUT.csv",
              help="Where to write; the standard output unless given.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite that file.")
@click.option("--json", "to_json", is_flag=True, help="Write the predictions as JSON.")
@plain_option
@table_options
def predict(model: Path, data: Path, output: Path | None, force: bool, to_json: bool, **options: Any) -> None:
    """Predict every row of a CSV file with a model that `slopewise fit` saved.

    The table goes out again with one more column, `predicted TARGET`. Columns are found by name, in any order. If the
    target is among them, the score is said on the standard error.

    \b
    slopewise predict model.safetensors new.csv
    slopewise predict model.safetensors new.csv -o predicted.csv
    """
    from slopewise.training.model_file import check_destination, load_model
    from slopewise.training.table_file import read_table

    with one_line_problems():
        fitted = load_model(model)
        if output is not None:
            check_destination(output, force=force)
        wanted = tuple(column.name for column in fitted.recipe.columns)
        table = read_table(
            data,
            expected=wanted if fitted.has_header else (),
            delimiter=delimiter_of(options["delimiter"]),
            decimal=options["decimal"],
            encoding=options["encoding"],
            header=options["header"] if options["header"] is not None or fitted.has_header else False,
            decimal_hint=fitted.decimal,
        )
        if not fitted.has_header:
            table = _with_positions(fitted, table)
        predictions = fitted.predict(table)
        if to_json:
            _write_json(fitted, predictions.tolist(), output)
        else:
            _write(table, f"predicted {fitted.target}", predictions.tolist(), output)
        _report(fitted, table, predictions, output)


def _with_positions(model: "FittedModel", table: "TextTable") -> "TextTable":
    """Name the columns of a table without header; one column too few means that the target is not there."""
    import dataclasses

    from slopewise.errors import DataError

    names = list(model.names)
    if len(table.names) == len(names) - 1:
        names.remove(model.target)
    if len(table.names) != len(names):
        raise DataError(
            f"{table.name} has {len(table.names)} columns, and the model was fitted on a table of {len(model.names)} "
            f"without header, {model.target} being the target\ngive the same columns in the same order"
        )
    return dataclasses.replace(table, names=tuple(names))


def _write(table: "TextTable", title: str, predictions: list[float], output: Path | None) -> None:
    from slopewise.errors import DataError

    while title in table.names:
        title += "'"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n")
    if table.has_header:
        writer.writerow([*table.names, title])
    for row, number in enumerate(predictions):
        said = "" if number != number else repr(number)
        if table.decimal == ",":
            said = said.replace(".", ",")
        writer.writerow([*(column[row] for column in table.columns), said])
    if output is None:
        try:
            text.getvalue().encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError as error:
            lost = error.object[error.start : error.end]
            raise DataError(
                f"the standard output is {sys.stdout.encoding} and cannot hold {lost!a}\n"
                "write to a file, which is UTF-8: -o predicted.csv; or set PYTHONIOENCODING=utf-8"
            ) from None
    _deliver(text.getvalue(), output)


def _write_json(model: "FittedModel", predictions: list[float], output: Path | None) -> None:
    """Write the predictions in the order of the rows; null where there is none."""
    import json

    record = as_json({"model": model.kind, "target": model.target, "predictions": predictions})
    _deliver(json.dumps(record, indent=2, allow_nan=False) + "\n", output)


def _deliver(text: str, output: Path | None) -> None:
    """Write to a file, or to stdout; on a terminal, what could steer it is spelled out."""
    from slopewise.errors import DataError

    if output is None:
        sys.stdout.write(safe(text) if is_terminal(sys.stdout) else text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(f"cannot write {output}: {error.strerror or error}") from None


def _report(model: "FittedModel", table: "TextTable", predictions: Any, output: Path | None) -> None:
    """Say on stderr what was done: how many rows, which stayed empty, and the score where the target is known."""
    import numpy as np

    from slopewise.basics.shown_numbers import shown
    from slopewise.errors import DataError
    from slopewise.training.columns import read_numbers
    from slopewise.training.fitted_model import score

    for note in table.notes:
        _tell(note)
    empty = int(np.isnan(predictions).sum())
    if output is not None:
        _tell(f"{len(table) - empty} rows predicted with a {model.kind}, written to {output}")
    elif is_terminal(sys.stdout):
        _tell(f"{len(table) - empty} rows predicted with a {model.kind}")
    if empty:
        first = table.where(int(np.flatnonzero(np.isnan(predictions))[0]))
        rows = "row has" if empty == 1 else "rows have"
        _tell(
            f"{empty} {rows} a missing value and no prediction, the first at {first}; "
            "a model fitted with --missing mean or median fills them in",
        )
    if model.target not in table.names:
        return
    try:
        y = read_numbers(table, model.target)
    except DataError:
        return
    known = ~(np.isnan(y) | np.isnan(predictions))
    if known.sum() > 1:
        mine, mean = score(y[known], predictions[known]), score(y[known], np.full(int(known.sum()), model.target_mean))
        _tell(
            f"the table holds {model.target}: root mean squared error {shown(mine.rmse)}, "
            f"R² {shown(mine.r_squared, 3)}; always the mean {shown(mean.rmse)} "
            "(rows that were fitted may be among them)",
        )


def _tell(text: str) -> None:
    """Say something on stderr, beside the table."""
    click.echo(printable(safe(text), sys.stderr), err=True)
