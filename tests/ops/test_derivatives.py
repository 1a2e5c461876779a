"""Every row's derivative against central differences, over its whole domain and for every operand."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.ops import TABLE
from slopewise.ops.row import Operation

ROWS = [row for row in TABLE if row.arity > 0]
SMOOTH = {row.name: row for row in ROWS}
# Steps near 1e-5 of the operand's own size; a jump or a kink closer than that is left to test_edges.
STEP = 6e-6


def interval(row: Operation, i: int) -> st.SearchStrategy[float]:
    low, high = row.domain[i]
    low, high = max(low, -30.0), min(high, 30.0)
    return st.floats(low, high, exclude_min=True, exclude_max=True, allow_subnormal=False)


def operands(row: Operation) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[interval(row, i) for i in range(row.arity)])


def distance_to_trouble(row: Operation, xs: tuple[float, ...]) -> float:
    """How far the operands are from a kink, a jump, or the end of the domain."""
    gaps = [abs(x - end) for x, ends in zip(xs, row.domain, strict=True) for end in ends if math.isfinite(end)]
    if row.kinks:
        place = xs[0] - xs[1] if row.arity == 2 and row.name in ("maximum", "minimum") else xs[0]
        gaps += [abs(place - kink) for kink in row.kinks]
    if row.name == "modulo":
        remainder = xs[0] % xs[1]
        to_jump = min(remainder, xs[1] - remainder)
        gaps.append(to_jump / max(1.0, abs(xs[0] / xs[1])))  # a change of y counts as often as y goes into x
        gaps.append(xs[1] * xs[1])  # the jumps crowd towards y = 0
    if row.name == "where":
        gaps.append(abs(xs[0]))
    if row.name in ("hypot", "atan2"):
        gaps.append(math.hypot(*xs))
    return min(gaps, default=1.0)


def central(f: Callable[..., Any], xs: tuple[float, ...], i: int, h: float) -> float:
    up, down = list(xs), list(xs)
    up[i] += h
    down[i] -= h
    return float((f(*up) - f(*down)) / (up[i] - down[i]))


def richardson(f: Callable[..., Any], xs: tuple[float, ...], i: int, room: float) -> tuple[float, float]:
    """Return the slope by extrapolated central differences, and a bound on its error."""
    h = min(1e-3 * max(1.0, abs(xs[i])), room / 8)
    coarse, fine, finest = (central(f, xs, i, h / k) for k in (1, 2, 4))
    first, second = (4 * fine - coarse) / 3, (4 * finest - fine) / 3
    rounding = 4 * 2.3e-16 * (abs(float(f(*xs))) + max(map(abs, xs))) / (h / 4)
    return second, abs(second - first) + rounding


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@given(data=st.data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_derivative_is_the_slope(row: Operation, data: st.DataObject) -> None:
    xs = data.draw(operands(row))
    room = distance_to_trouble(row, xs)
    assume(room > 1e-3)
    result = row.value(*xs)
    assume(math.isfinite(result) and abs(result) < 1e12)
    partials = row.derivative(*xs, result)
    assert len(partials) == row.arity
    for i, partial in enumerate(partials):
        if row.name == "where" and i == 0:
            continue
        if row.name == "power" and i == 1:
            continue  # the exponent of `power` is a number, not an operand
        slope, error = richardson(row.value, xs, i, room)
        assert math.isclose(partial, slope, rel_tol=1e-6, abs_tol=10 * error + 1e-9), (row.name, xs, i, partial, slope)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@given(data=st.data())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_a_value_hands_on_what_the_row_says(row: Operation, data: st.DataObject) -> None:
    """The engine inlines some rows; what it hands each operand must be the row's derivative times the gradient."""
    xs = data.draw(operands(row))
    upstream = data.draw(st.floats(-4, 4, allow_subnormal=False))
    values = [Value(x) for x in xs]
    out = (values[0] ** xs[1]) if row.name == "power" else row(*values)
    result = row.value(*xs)
    assume(math.isfinite(result))
    assert float(out.data).hex() == float(result).hex()
    out.grad = upstream
    out._backward()
    for i, partial in enumerate(row.derivative(*xs, result)):
        if row.name == "power" and i == 1:
            continue
        expected = 0.0 if row.selects and partial == 0 else partial * upstream
        same = math.isclose(values[i].grad, expected, rel_tol=1e-14, abs_tol=1e-300)
        assert same or (math.isnan(expected) and math.isnan(values[i].grad)), (row.name, xs, i)


@pytest.mark.parametrize("x", [-3.0, -6.0, -8.0, -10.0, -20.0, -37.0, 2.0, 8.0])
def test_slope_of_gelu_far_out(x: float) -> None:
    """Against the complementary error function, which keeps its digits where 1 + erf has none left."""
    slope = 0.5 * math.erfc(-x / math.sqrt(2)) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    v = Value(x)
    SMOOTH["gelu"](v).backward()
    assert math.isclose(v.grad, slope, rel_tol=1e-11)


@given(st.floats(-50, 50))
@example(-37.5)
@example(36.9)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_silu_and_softplus_agree_with_sigmoid(x: float) -> None:
    v = Value(x)
    SMOOTH["softplus"](v).backward()
    assert v.grad == pytest.approx(SMOOTH["sigmoid"](x), rel=1e-15)
    assert SMOOTH["silu"](x) == pytest.approx(x * SMOOTH["sigmoid"](x), rel=1e-15)


@pytest.mark.parametrize(
    "name", ["sqrt", "log", "log2", "log10", "asinh", "atan", "erf", "expm1", "log1p", "tanh", "sinh"]
)
@given(exponent=st.floats(-280, 280))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_slopes_hold_at_any_scale(name: str, exponent: float) -> None:
    """Relative accuracy of the slope against a relative step, from 1e-280 to 1e280."""
    row = SMOOTH[name]
    x = 10.0**exponent
    if name in ("expm1", "sinh") and x > 600:
        return
    h = 1e-5
    hi, lo = row.value(x * (1 + h)), row.value(x * (1 - h))
    measured = (hi - lo) / (x * (1 + h) - x * (1 - h))
    result = row.value(x)
    noise = 4e-16 * abs(result) / (2 * h * x)
    (slope,) = row.derivative(x, result)
    curvature = 1e-6 if x < 100 else 1e-4
    assert math.isclose(slope, measured, rel_tol=curvature, abs_tol=2 * noise + 1e-300), (x, slope, measured)


def test_the_mixed_second_slope_of_a_power_at_the_exponent_0() -> None:
    mixed = [sw.grad(sw.grad(lambda x, y: x**y, 0), 1)(2.0, 0.0), sw.grad(sw.grad(lambda x, y: x**y, 1), 0)(2.0, 0.0)]
    assert mixed == [0.5, 0.5]
