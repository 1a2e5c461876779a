"""One gradient against the slope of its function: right, wrong, or at a kink, a jump or a pole."""

import math

from slopewise.basics.finite_differences import (
    EPSILON,
    Estimate,
    Function,
    both_sides,
    extrapolated,
    has_jump,
)
from slopewise.basics.gradient_rows import GradientRow, Verdict
from slopewise.basics.shown_numbers import shown

_TWO_STEPS = 0.0011  # the larger of the two steps of the first look, relative to max(1, |x|)


def judged(name: str, g: Function, x: float, gradient: float, is_reached: bool, tolerance: float) -> GradientRow:
    """Compare a gradient with the slope of g at x.

    Args:
        name: The row's name.
        g: The function along one scalar; nan where it is undefined.
        x: Where.
        gradient: What `backward()` gave.
        is_reached: Whether a path of the graph leads from the output to the scalar.
        tolerance: The relative error that still counts as right.
    """
    here = g(x)
    if not math.isfinite(here) or not math.isfinite(gradient):
        why = (
            f"the function is {shown(here)} here, which has no slope"
            if not math.isfinite(here)
            else f"backward() gave {shown(gradient)}; the function is {shown(here)} here"
        )
        slope = extrapolated(g, x) if math.isfinite(here) else Estimate(math.nan, math.inf, math.nan)
        return _row(name, x, gradient, slope, Verdict.NOT_FINITE, why)
    quick = _quick_look(g, x, here, gradient)
    if quick is not None and _agrees(gradient, quick, tolerance, 0.0):
        return _settled(name, x, gradient, quick, is_reached, "")
    return _long_look(name, g, x, here, gradient, is_reached, tolerance)


_BESIDE = "a kink lies so near that a difference reaches over it; the gradient is the slope on one side"


def _quick_look(g: Function, x: float, here: float, gradient: float) -> Estimate | None:
    """Return the slope from two central differences; None if it is undefined or if it may be a kink."""
    large = _TWO_STEPS * max(1.0, abs(x))
    small = large / 2
    up, down, up2, down2 = g(x + large), g(x - large), g(x + small), g(x - small)
    if not all(map(math.isfinite, (up, down, up2, down2))):
        return None
    wide = (up - down) / ((x + large) - (x - large))
    narrow = (up2 - down2) / ((x + small) - (x - small))
    slope = (4 * narrow - wide) / 3
    noise = 2 * EPSILON * max(map(abs, (up, down, up2, down2, here))) / small
    bend, bend2 = (up - 2 * here + down) / large, (up2 - 2 * here + down2) / small
    if abs(bend2) > max(0.7 * abs(bend), 1e-5 * max(abs(slope), abs(gradient)), 8 * noise):
        return None  # on a smooth function the bend halves with the step
    return Estimate(slope, abs(slope - narrow) + noise, small)


def _agrees(gradient: float, slope: Estimate, tolerance: float, within: float) -> bool:
    """Tell whether a gradient agrees with a slope, to the tolerance or to `within` times the slope's own error."""
    gap = abs(gradient - slope.slope)
    size = max(abs(gradient), abs(slope.slope))
    noise_only = min(slope.error, 1e-9 * max(1.0, size))  # the two are equal as far as a difference can tell
    return gap <= tolerance * size or gap <= noise_only or gap <= within * slope.error


def _long_look(
    name: str, g: Function, x: float, here: float, gradient: float, is_reached: bool, tolerance: float
) -> GradientRow:
    sides = both_sides(g, x)
    left, right = sides.left, sides.right
    size = max(abs(gradient), abs(here) / max(1.0, abs(x)), 1e-300)
    has_left, has_right = (side.error <= 1e-4 * max(size, abs(side.slope)) for side in (left, right))
    if has_left and has_right and sides.is_kink:
        slack = 1e-6 * max(abs(left.slope), abs(right.slope)) + left.error + right.error
        between = f"{shown(left.slope)} from the left and {shown(right.slope)} from the right"
        nearer = min(left, right, key=lambda side: abs(side.slope - gradient))
        if sides.has_between(gradient, slack):
            return _row(name, x, gradient, nearer, Verdict.KINK, f"a kink: the slope is {between}; the gradient fits")
        beside = _slope_beside_a_kink(g, x, gradient)
        if beside is not None:
            return _row(name, x, gradient, beside, Verdict.KINK, _BESIDE)
        return _row(
            name, x, gradient, nearer, Verdict.WRONG, f"a kink: the slope is {between}; the gradient is outside"
        )
    slope = extrapolated(g, x)
    if slope.error > 0.01 * max(size, abs(slope.slope)):
        return _one_side_only(name, g, x, gradient, is_reached, tolerance, slope, (left, has_left), (right, has_right))
    if _agrees(gradient, slope, tolerance, 3.0):
        return _settled(name, x, gradient, slope, is_reached, "")
    beside = _slope_beside_a_kink(g, x, gradient)
    if beside is not None:
        return _row(name, x, gradient, beside, Verdict.KINK, _BESIDE)
    return _row(name, x, gradient, slope, Verdict.WRONG, _cause(gradient, slope.slope, is_reached))


def _slope_beside_a_kink(g: Function, x: float, gradient: float) -> Estimate | None:
    """Return the slope that the gradient agrees with on one side of a kink too near to x to be seen from there.

    Slopes are taken a little off, on both sides and at two distances. At a kink they differ by the same amount at both;
    on a smooth function the difference shrinks with the distance.
    """
    scale = max(1.0, abs(x))
    gaps = []
    for d in (scale * 2.0**-16, scale * 2.0**-18):
        values = [g(x + k * d) for k in (-2, -1, 1, 2)]
        if not all(map(math.isfinite, values)):
            return None
        left, right = (values[1] - values[0]) / d, (values[3] - values[2]) / d
        gaps.append(right - left)
    size = max(abs(left), abs(right))
    if not (abs(gaps[1]) > 0.01 * size and abs(gaps[1] - gaps[0]) < 0.1 * abs(gaps[1])):
        return None
    nearer = min(left, right, key=lambda side: abs(side - gradient))
    return Estimate(nearer, 1e-4 * size, d) if abs(nearer - gradient) <= 1e-3 * size else None


def _one_side_only(
    name: str,
    g: Function,
    x: float,
    gradient: float,
    is_reached: bool,
    tolerance: float,
    slope: Estimate,
    left: tuple[Estimate, bool],
    right: tuple[Estimate, bool],
) -> GradientRow:
    """Judge where the function has no slope from both sides: the edge of a domain, a jump, a pole, noise."""
    if left[1] != right[1]:
        side, word = (left[0], "left") if left[1] else (right[0], "right")
        agrees = _agrees(gradient, side, tolerance, 3.0)
        if has_jump(g, x):
            if agrees:
                return _row(
                    name, x, gradient, side, Verdict.JUMP, f"the function jumps here; the slope is from the {word}"
                )
            why = f"the function jumps here, and the gradient is not the slope from the {word}"
            return _row(name, x, gradient, side, Verdict.WRONG, why)
        why = f"there is a slope from the {word} only"
        if agrees:
            return _settled(name, x, gradient, side, is_reached, why)
        return _row(name, x, gradient, side, Verdict.WRONG, f"{why}; {_cause(gradient, side.slope, is_reached)}")
    why = (
        "the function jumps here: it has no slope"
        if has_jump(g, x)
        else f"the slope from values does not settle (give or take {shown(slope.error)}): a pole, an edge, or noise"
    )
    return _row(name, x, gradient, slope, Verdict.UNSURE, why)


def _settled(name: str, x: float, gradient: float, slope: Estimate, is_reached: bool, why: str) -> GradientRow:
    if is_reached:
        return _row(name, x, gradient, slope, Verdict.OK, why)
    said = "the result does not depend on it: no path of the graph leads to it, and moving it changes nothing"
    return _row(name, x, gradient, slope, Verdict.DOES_NOT_REACH, said)


def _cause(gradient: float, slope: float, is_reached: bool) -> str:
    """Guess in words what makes a gradient wrong."""
    if not is_reached:
        return (
            "the result depends on it, but no path of the graph leads to it: "
            "was it turned into a plain number by float(), .data, detach() or the math module?"
        )
    if gradient == 0:
        return "the gradient is 0: no contribution arrives; does a `_backward` return early, or part of it use .data?"
    ratio = gradient / slope if slope else math.inf
    if abs(ratio + 1) < 1e-4:
        return "the gradient has the opposite sign"
    for times in (2, 3, 4, 5):
        if abs(ratio - times) < 1e-4:
            return f"the gradient is {times} times the slope: is a contribution added {times} times?"
        if abs(ratio - 1 / times) < 1e-4:
            return f"the gradient is 1/{times} of the slope: is a contribution lost? `=` where `+=` belongs does that"
    if slope == 0:
        return "the result does not change when it moves, yet it has a gradient"
    return f"the gradient is {shown(ratio)} times the slope"


def _row(name: str, x: float, gradient: float, slope: Estimate, verdict: Verdict, why: str) -> GradientRow:
    gap = abs(gradient - slope.slope)
    size = max(abs(gradient), abs(slope.slope))
    return GradientRow(
        name=name,
        value=x,
        gradient=gradient,
        numeric=slope.slope,
        error=slope.error,
        absolute_error=gap,
        relative_error=gap / size if size else 0.0,
        verdict=verdict,
        why=why,
        h=slope.h,
    )
