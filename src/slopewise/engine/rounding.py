"""Rounding of a Value, which gives a plain number, and the methods by which numpy works on arrays of Values.

A number rounded to a whole one has slope 0 wherever it has a slope, so `a // b`, `round(a)`, `math.floor(a)` and their
kin read the number and answer with one: the gradient ends there. In a function that is traced the reading is recorded.
"""

import math
from collections.abc import Callable
from typing import Any

from slopewise.engine import modes
from slopewise.errors import NumberError
from slopewise.ops import special


def floor_quotient(x: Any, y: Any) -> Any:
    """Return `x // y` of numbers as their types have it; over 0 it is x / 0 by IEEE 754, where Python raises."""
    if (type(y) is float or type(y) is int) and y == 0 and isinstance(x, (float, int)):
        from slopewise.ops import arithmetic

        return arithmetic.floor_quotient(x, y)
    return x // y


def floor(x: Any) -> Any:
    """Return the greatest whole number that is not above x."""
    return math.floor(x)


def ceil(x: Any) -> Any:
    """Return the least whole number that is not below x."""
    return math.ceil(x)


def trunc(x: Any) -> Any:
    """Return x without what stands behind its point."""
    return math.trunc(x)


def refuse_fraction() -> None:
    """Raise for a Value that is to become an exact fraction, as `statistics.mean` would have it."""
    raise NumberError(
        f"an exact fraction of a Value is asked for, and its gradient would end there\nat {modes.source_line()}\n"
        f"the functions of `statistics` work on plain numbers: sw.mean(values) has a gradient, numpy.var, numpy.std "
        f"and numpy.median of the list have one too"
    )


def _fmod(x: Any, y: Any) -> Any:
    rest = abs(x) % abs(y)
    return special.where(x < 0, -rest, rest)


# What numpy calls on the elements of an array of objects, beside the rows of the table.
METHODS: dict[str, Callable[..., Any]] = {
    "cbrt": special.cbrt,
    "deg2rad": lambda x: x * (math.pi / 180.0),
    "degrees": lambda x: x * (180.0 / math.pi),
    "fabs": abs,
    "fmod": _fmod,
    "rad2deg": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
    "rint": round,
}
