"""What `slopewise fit` says: how the data was read, the coefficients, the time that a net takes, the score."""

import math
from typing import TYPE_CHECKING, Any

from slopewise.cli.terminal import console, safe, say

if TYPE_CHECKING:
    from slopewise.training.fitted_model import FittedModel
    from slopewise.training.net_choices import NetChoices
    from slopewise.training.net_training import NetRun, Plan
    from slopewise.training.preparation import Choices, Prepared
    from slopewise.training.table_file import TextTable
    from slopewise.training.table_fit import LineResult


def report_data(table: "TextTable", data: "Prepared", choices: "Choices") -> None:
    """Say how the file was read, what was left out, and what is fitted."""
    from slopewise.basics.shown_numbers import shown
    from slopewise.training.table_file import DELIMITERS

    separated = f"separated by {DELIMITERS.get(table.delimiter, repr(table.delimiter))}"
    header = "header in the first row" if table.has_header else "no header, so columns are column1, column2, …"
    comma = ", decimal commas" if table.decimal == "," else ""
    say(f"data      {table.name}: {len(table)} rows × {len(table.names)} columns")
    say(f"          {separated}, {header}{comma}, {table.encoding}")
    dropped = data.dropped_rows
    say(
        f"          {dropped or 'no'} row{'' if dropped == 1 else 's'} dropped"
        + (f" ({'target missing' if choices.missing in ('mean', 'median') else 'missing values'})" if dropped else "")
    )
    for note in (*table.notes, *data.notes):
        say(f"          {note}")
    y = data.train_y
    say(f"target    {data.target}: mean {shown(float(y.mean()))}, standard deviation {shown(float(y.std()))}")
    inputs = data.recipe.inputs
    words = sum(bool(column.categories) for column in data.recipe.columns)
    one_hot = f", {words} of words as one input per word" if words else ""
    columns = len(data.recipe.columns)
    source = f"{columns} column{'' if columns == 1 else 's'}{one_hot}"
    say(f"inputs    {len(inputs)} from {source}, standardised inside the model")
    held, count = len(data.test_y), len(data.train_y) + len(data.test_y)
    share = (
        f"{held} held out ({100 * held / count:.0f} %, shuffled with seed {choices.seed})" if held else "none held out"
    )
    say(f"rows      {len(y)} to fit, {share}")


def report_line(result: "LineResult") -> None:
    """Say the coefficients, at most forty of them."""
    from slopewise.basics.shown_numbers import shown

    summary = result.summary
    say(f"model     line, {len(summary.rows)} coefficients in units of the data, by QR")
    for note in result.notes:
        say(f"          {note}")
    grid = _grid("coefficient", "std error", "t")
    for row in summary.rows[:40]:
        numbers = ["0", "left out", ""] if row.dropped else [shown(row.coefficient, 5), *_uncertainty(row)]
        grid.add_row(safe(row.name), *numbers)
    _print_grid(grid)
    if len(summary.rows) > 40:
        say(f"          … and {len(summary.rows) - 40} more")


def _grid(*titles: str) -> Any:
    """Return an empty table of names and right-aligned numbers."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    for _ in titles:
        grid.add_column(justify="right")
    grid.add_row("", *titles)
    return grid


def _print_grid(grid: Any) -> None:
    """Print a table under the report's indent, or at the margin where a terminal is too narrow for that."""
    from rich.padding import Padding

    out = console()
    out.print(Padding(grid, (0, 0, 0, 10 if out.width >= 70 else 0), expand=False))


def _uncertainty(row: Any) -> list[str]:
    from slopewise.basics.shown_numbers import shown

    if math.isnan(row.standard_error) or row.standard_error == 0:
        return ["", ""]
    return [shown(row.standard_error, 3), shown(row.t, 3)]


def expectation(plan: "Plan", choices: "NetChoices", engine: str) -> str:
    """Return how long training is going to take, and what the time allows if not all."""
    if not plan.cut:
        return f"{choices.epochs} epochs, about {_duration(plan.seconds)} expected ({engine} engine)"
    return (
        f"{choices.epochs} epochs would take about {_duration(plan.wanted_seconds)} ({engine} engine); "
        f"--seconds {choices.seconds:g} allows {plan.epochs:.3g}"
    )


def outcome(run: "NetRun", rows: int, choices: "NetChoices") -> str:
    """Return how long training took, how it ended, and what became of the loss."""
    epochs = run.updates / math.ceil(rows / choices.batch)
    how = "stopped by Ctrl-C after" if run.interrupted else "trained for"
    first, last = run.losses[0], run.losses[-1]
    return (
        f"{how} {epochs:.3g} epochs in {_duration(run.seconds)}; mean squared error {first:.3g} → {last:.3g} (scaled)"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def report_scores(model: "FittedModel", data: "Prepared") -> None:
    """Say the model's errors on the rows held out, beside those of always predicting the mean."""
    import numpy as np

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
    grid = _grid("rms error", "mean abs. error", "R²")
    name = "line" if model.kind == "line" else "mlp"
    for title, result in ((name, mine), ("always the mean", mean)):
        r_squared = "not defined" if math.isnan(result.r_squared) else f"{result.r_squared:.3f}".replace("-", "−")
        grid.add_row(title, shown(result.rmse), shown(result.mae), r_squared)
    say(f"score     {where}")
    _print_grid(grid)
    if held >= 5 and mine.rmse >= mean.rmse:
        say("          no better than always the mean: these inputs do not tell the target, at least not so")
