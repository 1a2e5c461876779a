"""How a gradient looks: colour and dash by its sign, width by its size. What colour says, a dash and a sign say too."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slopewise.drawing.graphs.scene import Dash

THIN = 1.2
THICK = 4.2
_FALL = 30.0  # a gradient a thirtieth of the largest is still a fifth of the way up


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line's dress.

    Attributes:
        colour: A role of the palette.
        width: In pixels.
        dash: Negative ones are dashed, zeros dotted.
    """

    colour: str = "line"
    width: float = THIN
    dash: Dash = ""


PLAIN = Stroke()


def size_of(number: Any) -> float | None:
    """Return the absolute value of a real number; None for what has no sign, nan included.

    Example:
        >>> size_of(-2), size_of(1j), size_of(float("nan"))
        (2.0, None, None)
    """
    try:
        size = abs(float(number))
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(size) else size


def largest_of(numbers: Iterable[Any]) -> float:
    """Return the largest finite absolute value, 0.0 if there is none."""
    sizes = (size_of(number) for number in numbers)
    return max((size for size in sizes if size is not None and math.isfinite(size)), default=0.0)


def stroke_of(number: Any, largest: float, *, thin: float = THIN, thick: float = THICK) -> Stroke:
    """Return how a gradient of this size is drawn.

    Args:
        number: The gradient.
        largest: The largest absolute value in the picture.
        thin: The width of the smallest, in pixels.
        thick: The width of the largest.

    Example:
        >>> stroke_of(-3.0, 3.0)
        Stroke(colour='negative', width=4.2, dash='dashed')
        >>> stroke_of(0.0, 3.0).dash
        'dotted'
    """
    size = size_of(number)
    if size is None or math.isinf(size):
        return Stroke("strange", thick)
    if not size:
        return Stroke("line", thin, "dotted")
    share = min(size / largest, 1.0) if largest else 1.0
    width = thin + (thick - thin) * math.log1p(_FALL * share) / math.log1p(_FALL)
    if float(number) < 0:
        return Stroke("negative", width, "dashed")
    return Stroke("positive", width)


def colour_of(number: Any) -> str:
    """Return the colour of a gradient's text.

    Example:
        >>> colour_of(-1), colour_of(0), colour_of(float("nan"))
        ('negative', 'ink', 'strange')
    """
    size = size_of(number)
    if size is None or math.isinf(size):
        return "strange"
    return "ink" if not size else "negative" if float(number) < 0 else "positive"
