"""JSON on the standard output: in ASCII, so that no label steers a terminal, and only what JSON has a word for."""

import json
import math
import numbers
from collections.abc import Mapping
from typing import Any

import click


def print_json(data: Any) -> None:
    """Print data as JSON, indented by two; nan and the infinities become null, any other number a JSON number."""
    click.echo(json.dumps(as_json(data), indent=2, allow_nan=False))


def as_json(item: Any) -> Any:
    """Return data as dicts, lists, texts and numbers that JSON has words for.

    Example:
        >>> from slopewise.cli.json_output import as_json
        >>> as_json({"a": (1, float("inf")), "b": 2 + 0j})
        {'a': [1, None], 'b': '(2+0j)'}
    """
    if item is None or isinstance(item, (bool, str)):
        return item
    if isinstance(item, Mapping):
        return {str(key): as_json(inner) for key, inner in item.items()}
    if isinstance(item, (list, tuple)):
        return [as_json(inner) for inner in item]
    if isinstance(item, numbers.Integral):
        return int(item)
    if isinstance(item, numbers.Real):
        number = float(item)
        return number if math.isfinite(number) else None
    return as_json(item.tolist()) if hasattr(item, "tolist") else str(item)
