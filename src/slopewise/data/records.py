"""Measurements that take minutes, as a command wrote them."""

import importlib.resources
import json


def recorded_medians() -> dict[str, float | None]:
    """Return the median step to 97 % on the moons data for relu, tanh and sigmoid; None where it was never reached.

    Example:
        >>> from slopewise.data import recorded_medians
        >>> sorted(recorded_medians())
        ['relu', 'sigmoid', 'tanh']

    Source:
        `why_relu.json` in this folder, written by `examples/why_relu.py --json`: forty random starts.
    """
    text = importlib.resources.files("slopewise.data").joinpath("why_relu.json").read_text(encoding="utf-8")
    medians: dict[str, float | None] = json.loads(text)["median"]
    return medians
