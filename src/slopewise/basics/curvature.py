"""What a point with slope zero is: the bottom of a valley, the top of a hill, neither, or level ground."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slopewise.basics.evaluation import PointFunction
from slopewise.basics.finite_differences import EPSILON
from slopewise.basics.shown_numbers import shown


@dataclass(frozen=True, slots=True)
class Shape:
    """What the ground is like around a point: `minimum`, `maximum`, `neither` or `level`, and the reason in words."""

    kind: str
    words: str


def shape_at(function: PointFunction, point: Sequence[float], value: float, slopes: Sequence[float]) -> Shape:
    """Tell what a point of zero slope is, from the curvature; where that is zero too, from the values around.

    In several variables the curvatures are the eigenvalues of the matrix of second derivatives, and each of their
    directions is looked along.
    """
    if len(point) == 1:
        kind, curvature = _along(function.along(0, point), point[0], value, slopes[0], 0.0)
        return Shape(kind, _words(kind, curvature, function.names[0]))
    return _shape_in_several(function, list(point), value, slopes)


def _words(kind: str, curvature: float, name: str) -> str:
    bend = f"the curvature is {shown(curvature)} {'> 0' if curvature > 0 else '< 0' if curvature < 0 else ''}".rstrip()
    if kind == "minimum":
        return f"a minimum, {bend}" if curvature else "a minimum: the function rises on both sides"
    if kind == "maximum":
        return f"a maximum, {bend}" if curvature else "a maximum: the function falls on both sides"
    if kind == "level":
        return f"level ground: the function does not change around {name}"
    return "neither minimum nor maximum: the function falls on one side and does not on the other"


def _along(g: Callable[[float], float], x: float, value: float, slope: float, size: float) -> tuple[str, float]:
    """Return the kind and the second derivative (0 if it cannot be told from 0) along a line.

    A slope that is not quite zero, and values of the given size around, decide what is too small to count.
    """
    scale = max(1.0, abs(x))
    for exponent in (-12, -9, -6, -3):
        h = scale * 2.0**exponent
        right, left = g(x + h), g(x - h)
        if not (math.isfinite(right) and math.isfinite(left)):
            break
        noise = 64 * EPSILON * max(size, abs(value), abs(right), abs(left)) + 2 * abs(slope) * h
        rise, fall = right - value, left - value
        if max(abs(rise), abs(fall)) <= noise:
            continue  # too near: level to the last digit
        if abs(rise) > noise and abs(fall) > noise and (rise > 0) == (fall > 0):
            kind = "minimum" if rise > 0 else "maximum"
            curvature = (rise + fall) / (h * h)
            half = g(x + h / 2) - value + g(x - h / 2) - value
            # A true second derivative stays as it is when the step is halved; that of x**4 falls to a quarter.
            is_curved = abs(4 * half / (rise + fall) - 1) < 0.1
            return kind, _rounded(curvature) if is_curved else 0.0
        return "neither", 0.0
    return "level", 0.0


def _rounded(curvature: float) -> float:
    """Keep the digits of a second difference that can be trusted."""
    return float(f"{curvature:.3g}")


def _shape_in_several(function: PointFunction, point: list[float], value: float, slopes: Sequence[float]) -> Shape:
    import numpy as np

    count = len(point)
    matrix = np.zeros((count, count))
    steps = [max(1.0, abs(x)) * 2.0**-12 for x in point]
    rows = [_gradient_change(function, point, i, steps[i]) for i in range(count)]
    for i, row in enumerate(rows):
        matrix[i] = row
    if not np.all(np.isfinite(matrix)):
        return Shape("neither", "what it is cannot be told: the function is undefined next to it")
    curvatures, directions = np.linalg.eigh((matrix + matrix.T) / 2)
    kinds = set()
    size = float(np.max(np.abs(curvatures)))
    for j in range(count):
        direction = [float(d) for d in directions[:, j]]

        def on_line(t: float, direction: list[float] = direction) -> float:
            return _value_or_nan(function, [x + t * d for x, d in zip(point, direction, strict=True)])

        along = sum(s * d for s, d in zip(slopes, direction, strict=True))
        kinds.add(_along(on_line, 0.0, value, along, size)[0])
    listed = ", ".join(shown(float(f"{c:.3g}")) for c in curvatures)
    found = f"the curvatures are {listed}"
    if kinds == {"minimum"}:
        return Shape("minimum", f"a minimum, {found}")
    if kinds == {"maximum"}:
        return Shape("maximum", f"a maximum, {found}")
    if kinds == {"level"}:
        return Shape("level", "level ground: the function does not change around it")
    if "level" in kinds and kinds <= {"level", "minimum"}:
        return Shape("minimum", f"the bottom of a valley with a level floor, {found}")
    if "level" in kinds and kinds <= {"level", "maximum"}:
        return Shape("maximum", f"the top of a level ridge, {found}")
    if {"minimum", "maximum"} <= kinds:
        return Shape("neither", f"a saddle, neither minimum nor maximum: {found}")
    return Shape("neither", f"neither minimum nor maximum: along one direction it falls on one side only; {found}")


def _gradient_change(function: PointFunction, point: list[float], index: int, h: float) -> list[float]:
    """Return one row of the matrix of second derivatives, by a central difference of gradients or of values."""
    ahead, behind = list(point), list(point)
    ahead[index] += h
    behind[index] -= h
    after, before = function.gradient_at(ahead), function.gradient_at(behind)
    if after is not None and before is not None:
        return [(a - b) / (2 * h) for a, b in zip(after[1], before[1], strict=True)]
    row = []
    for j in range(len(point)):
        total = 0.0
        for base, sign in ((ahead, 1.0), (behind, -1.0)):
            for direction in (1.0, -1.0):
                moved = list(base)
                moved[j] += direction * h
                total += sign * direction * _value_or_nan(function, moved)
        row.append(total / (4 * h * h))
    return row


def _value_or_nan(function: PointFunction, point: list[float]) -> float:
    try:
        return function.value_at(point)
    except Exception:
        return math.nan
