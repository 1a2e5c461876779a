"""What `slopewise fit --json` says: the same facts as the report, under names."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slopewise.training.fitted_model import FittedModel
    from slopewise.training.net_choices import NetChoices
    from slopewise.training.net_training import NetRun
    from slopewise.training.preparation import Prepared
    from slopewise.training.table_file import TextTable
    from slopewise.training.table_fit import LineResult


def data_record(table: "TextTable", data: "Prepared") -> dict[str, Any]:
    """Return how the file was read and what is fitted."""
    return {
        "data": {
            "file": table.name,
            "rows": len(table),
            "columns": list(table.names),
            "delimiter": table.delimiter,
            "decimal": table.decimal,
            "encoding": table.encoding,
            "header": table.has_header,
            "dropped_rows": data.dropped_rows,
            "notes": [*table.notes, *data.notes],
        },
        "target": data.target,
        "inputs": list(data.recipe.inputs),
        "fitted_rows": len(data.train_y),
        "held_out_rows": len(data.test_y),
    }


def line_record(result: "LineResult") -> dict[str, Any]:
    """Return a line's coefficients, in units of the data."""
    rows = [
        {
            "name": row.name,
            "coefficient": row.coefficient,
            "standard_error": row.standard_error,
            "t": row.t,
            "left_out": row.dropped,
        }
        for row in result.summary.rows
    ]
    return {"model": "line", "coefficients": rows, "notes": list(result.notes)}


def net_record(run: "NetRun", choices: "NetChoices") -> dict[str, Any]:
    """Return a net's size and how its training went."""
    return {
        "model": "mlp",
        "hidden": list(choices.hidden),
        "activation": choices.activation,
        "training": {
            "updates": run.updates,
            "seconds": run.seconds,
            "interrupted": run.interrupted,
            "first_loss": run.losses[0],
            "last_loss": run.losses[-1],
        },
    }


def score_record(model: "FittedModel", data: "Prepared") -> dict[str, Any]:
    """Return the model's errors beside those of always predicting the mean."""
    import numpy as np

    from slopewise.training.fitted_model import Score, score

    def named(result: Score) -> dict[str, float]:
        return {"rmse": result.rmse, "mae": result.mae, "r_squared": result.r_squared}

    held = len(data.test_y)
    x, y = (data.test_x, data.test_y) if held else (data.train_x, data.train_y)
    return {
        "score": {
            "on": "held out" if held else "fitted",
            "model": named(score(y, model.predict_raw(x))),
            "always_the_mean": named(score(y, np.full(len(y), model.target_mean))),
        }
    }
