"""What each operation does at 0, at the infinities, at nan, where it overflows, and at its kinks: as `edges` says.

One line a case: operands, value, local derivatives. `-0.0` and `0.0` are told apart in values, not in derivatives.
"""

import math
from math import inf, nan, pi

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.ops import TABLE


class Undecided:
    """A derivative that is not decided here."""

    def __repr__(self) -> str:
        return "any"


ANY = Undecided()

# fmt: off
CASES: list[tuple[str, tuple[float, ...], float, tuple[object, ...]]] = [
    ("absolute", (0.0,), 0.0, (0,)), ("absolute", (-0.0,), 0.0, (0,)), ("absolute", (inf,), inf, (1,)),
    ("absolute", (-inf,), inf, (-1,)), ("absolute", (nan,), nan, (ANY,)), ("absolute", (-3,), 3, (-1,)),
    ("relu", (0.0,), 0.0, (0,)), ("relu", (-0.0,), -0.0, (0,)), ("relu", (-1.0,), 0, (0,)), ("relu", (inf,), inf, (1,)),
    ("relu", (-inf,), 0, (0,)), ("relu", (nan,), nan, (0,)), ("relu", (5e-324,), 5e-324, (1,)),
    ("tanh", (inf,), 1.0, (0.0,)), ("tanh", (-inf,), -1.0, (0.0,)), ("tanh", (0.0,), 0.0, (1.0,)), ("tanh", (-0.0,), -0.0, (1.0,)),
    ("tanh", (1e308,), 1.0, (0.0,)), ("tanh", (nan,), nan, (nan,)), ("tanh", (5e-324,), 5e-324, (1.0,)), ("tanh", (400,), 1.0, (0.0,)),
    ("exp", (710.0,), inf, (inf,)), ("exp", (-746.0,), 0.0, (0.0,)), ("exp", (-inf,), 0.0, (0.0,)), ("exp", (inf,), inf, (inf,)),
    ("exp", (nan,), nan, (nan,)), ("exp", (0,), 1.0, (1.0,)),
    ("exp2", (1024.0,), inf, (inf,)), ("exp2", (-inf,), 0.0, (0.0,)), ("exp2", (nan,), nan, (nan,)), ("exp2", (3,), 8.0, (8 * math.log(2),)),
    ("expm1", (-inf,), -1.0, (0.0,)), ("expm1", (710.0,), inf, (inf,)), ("expm1", (-0.0,), -0.0, (1.0,)), ("expm1", (nan,), nan, (nan,)),
    ("log", (0.0,), -inf, (inf,)), ("log", (0,), -inf, (inf,)), ("log", (-0.0,), -inf, (ANY,)), ("log", (-1.0,), nan, (ANY,)),
    ("log", (inf,), inf, (0.0,)), ("log", (nan,), nan, (nan,)), ("log", (1,), 0.0, (1.0,)),
    ("log2", (0.0,), -inf, (inf,)), ("log2", (8,), 3.0, (1 / 8 / math.log(2),)), ("log2", (-1.0,), nan, (ANY,)), ("log2", (inf,), inf, (0.0,)),
    ("log10", (0.0,), -inf, (inf,)), ("log10", (1000,), 3.0, (1 / 1000 / math.log(10),)), ("log10", (-1.0,), nan, (ANY,)), ("log10", (nan,), nan, (nan,)),
    ("log1p", (-1.0,), -inf, (inf,)), ("log1p", (-2.0,), nan, (ANY,)), ("log1p", (-0.0,), -0.0, (1.0,)), ("log1p", (inf,), inf, (0.0,)), ("log1p", (nan,), nan, (nan,)),
    ("sqrt", (0.0,), 0.0, (inf,)), ("sqrt", (-0.0,), -0.0, (ANY,)), ("sqrt", (-1.0,), nan, (nan,)), ("sqrt", (inf,), inf, (0.0,)), ("sqrt", (nan,), nan, (nan,)),
    ("square", (1e200,), inf, (2e200,)), ("square", (-inf,), inf, (-inf,)), ("square", (3,), 9, (6,)), ("square", (nan,), nan, (nan,)), ("square", (-0.0,), 0.0, (0.0,)),
    ("sin", (inf,), nan, (nan,)), ("sin", (-inf,), nan, (nan,)), ("sin", (-0.0,), -0.0, (1.0,)), ("sin", (nan,), nan, (nan,)),
    ("cos", (inf,), nan, (nan,)), ("cos", (0,), 1.0, (0.0,)), ("cos", (nan,), nan, (nan,)),
    ("tan", (inf,), nan, (nan,)), ("tan", (-0.0,), -0.0, (1.0,)), ("tan", (nan,), nan, (nan,)),
    ("asin", (1.0,), pi / 2, (inf,)), ("asin", (-1.0,), -pi / 2, (inf,)), ("asin", (1.5,), nan, (nan,)), ("asin", (-inf,), nan, (nan,)), ("asin", (nan,), nan, (nan,)),
    ("acos", (1.0,), 0.0, (-inf,)), ("acos", (-1.0,), pi, (-inf,)), ("acos", (-1.5,), nan, (nan,)), ("acos", (nan,), nan, (nan,)),
    ("atan", (inf,), pi / 2, (0.0,)), ("atan", (-inf,), -pi / 2, (0.0,)), ("atan", (-0.0,), -0.0, (1.0,)), ("atan", (1e200,), pi / 2, (0.0,)), ("atan", (nan,), nan, (nan,)),
    ("atan2", (0.0, 0.0), 0.0, (nan, nan)), ("atan2", (0.0, -0.0), pi, (nan, nan)), ("atan2", (-0.0, -0.0), -pi, (nan, nan)),
    ("atan2", (1.0, 0.0), pi / 2, (0.0, -1.0)), ("atan2", (0.0, -2.0), pi, (-0.5, 0.0)), ("atan2", (-0.0, -2.0), -pi, (-0.5, 0.0)),
    ("atan2", (nan, 1.0), nan, (nan, nan)), ("atan2", (1e-200, 1e-200), pi / 4, (5e199, -5e199)), ("atan2", (1e200, 1e200), pi / 4, (5e-201, -5e-201)),
    ("sinh", (711.0,), inf, (inf,)), ("sinh", (-711.0,), -inf, (inf,)), ("sinh", (-0.0,), -0.0, (1.0,)), ("sinh", (nan,), nan, (nan,)),
    ("cosh", (711.0,), inf, (inf,)), ("cosh", (-711.0,), inf, (-inf,)), ("cosh", (0,), 1.0, (0.0,)), ("cosh", (nan,), nan, (nan,)),
    ("asinh", (inf,), inf, (0.0,)), ("asinh", (-inf,), -inf, (0.0,)), ("asinh", (-0.0,), -0.0, (1.0,)), ("asinh", (1e300,), math.asinh(1e300), (1e-300,)), ("asinh", (nan,), nan, (nan,)),
    ("acosh", (1.0,), 0.0, (inf,)), ("acosh", (0.5,), nan, (nan,)), ("acosh", (inf,), inf, (0.0,)), ("acosh", (1e300,), math.acosh(1e300), (1e-300,)), ("acosh", (nan,), nan, (nan,)),
    ("atanh", (1.0,), inf, (inf,)), ("atanh", (-1.0,), -inf, (inf,)), ("atanh", (1.5,), nan, (ANY,)), ("atanh", (-0.0,), -0.0, (1.0,)), ("atanh", (nan,), nan, (nan,)),
    ("sigmoid", (inf,), 1.0, (0.0,)), ("sigmoid", (-inf,), 0.0, (0.0,)), ("sigmoid", (-1000.0,), 0.0, (0.0,)), ("sigmoid", (1000,), 1.0, (0.0,)), ("sigmoid", (0,), 0.5, (0.25,)), ("sigmoid", (nan,), nan, (nan,)),
    ("softplus", (-inf,), 0.0, (0.0,)), ("softplus", (inf,), inf, (1.0,)), ("softplus", (1e6,), 1e6, (1.0,)), ("softplus", (-1000.0,), 0.0, (0.0,)), ("softplus", (nan,), nan, (nan,)),
    ("leaky_relu", (0.0, 0.1), 0.0, (0.1, 0)), ("leaky_relu", (-inf, 0.1), -inf, (0.1, -inf)), ("leaky_relu", (inf, 0.1), inf, (1, 0)), ("leaky_relu", (nan, 0.1), nan, (ANY, ANY)), ("leaky_relu", (-2.0, 0.1), -0.2, (0.1, -2.0)),
    ("elu", (0.0, 2.0), 0.0, (2.0, 0)), ("elu", (-inf, 2.0), -2.0, (0.0, -1.0)), ("elu", (inf, 2.0), inf, (1, 0)), ("elu", (1e308, 1.0), 1e308, (1, 0)), ("elu", (nan, 1.0), nan, (nan, ANY)),
    ("gelu", (inf,), inf, (1.0,)), ("gelu", (-inf,), -0.0, (0.0,)), ("gelu", (0.0,), 0.0, (0.5,)), ("gelu", (-1e300,), -0.0, (0.0,)), ("gelu", (1e300,), 1e300, (1.0,)), ("gelu", (nan,), nan, (nan,)),
    ("silu", (inf,), inf, (1.0,)), ("silu", (-inf,), -0.0, (0.0,)), ("silu", (0.0,), 0.0, (0.5,)), ("silu", (-1e300,), -0.0, (0.0,)), ("silu", (nan,), nan, (nan,)),
    ("erf", (inf,), 1.0, (0.0,)), ("erf", (-inf,), -1.0, (0.0,)), ("erf", (-0.0,), -0.0, (2 / math.sqrt(pi),)), ("erf", (nan,), nan, (nan,)), ("erf", (1e200,), 1.0, (0.0,)),
    ("maximum", (1.0, 1.0), 1.0, (1, 0)), ("maximum", (1.0, 2.0), 2.0, (0, 1)), ("maximum", (nan, 1.0), nan, (1, 0)), ("maximum", (1.0, nan), nan, (0, 1)), ("maximum", (-inf, inf), inf, (0, 1)), ("maximum", (3, 2), 3, (1, 0)), ("maximum", (inf, inf), inf, (1, 0)),
    ("minimum", (1.0, 1.0), 1.0, (1, 0)), ("minimum", (1.0, 2.0), 1.0, (1, 0)), ("minimum", (nan, 1.0), nan, (1, 0)), ("minimum", (1.0, nan), nan, (0, 1)), ("minimum", (-inf, inf), -inf, (1, 0)), ("minimum", (3, 2), 2, (0, 1)),
    ("where", (1.0, 5.0, nan), 5.0, (0, 1, 0)), ("where", (0.0, nan, 5.0), 5.0, (0, 0, 1)), ("where", (0, 1, 2), 2, (0, 0, 1)),
    ("hypot", (0.0, 0.0), 0.0, (0, 0)), ("hypot", (1e300, 1e300), math.hypot(1e300, 1e300), (math.sqrt(0.5), math.sqrt(0.5))), ("hypot", (1e-300, 0.0), 1e-300, (1.0, 0.0)), ("hypot", (nan, 1.0), nan, (nan, nan)), ("hypot", (-3, 4), 5.0, (-0.6, 0.8)),
    ("modulo", (5.5, 2.0), 1.5, (1, -2.0)), ("modulo", (-5.5, 2.0), 0.5, (1, 3.0)), ("modulo", (5.5, -2.0), -0.5, (1, 3.0)), ("modulo", (5.5, 0.0), nan, (1, nan)), ("modulo", (inf, 2.0), nan, (1, nan)), ("modulo", (5, 3), 2, (1, -1)), ("modulo", (6.0, 2.0), 0.0, (1, -3.0)), ("modulo", (5, 0), nan, (1, nan)),
    ("power_value", (0.0, 2.0), 0.0, (0.0, 0.0)), ("power_value", (0.0, 0.0), 1.0, (0.0, ANY)), ("power_value", (-2.0, 2.0), 4.0, (-4.0, nan)), ("power_value", (-8.0, 0.5), nan, (nan, nan)), ("power_value", (2.0, -inf), 0.0, (ANY, 0.0)),
    ("power_value", (1e300, 2.0), inf, (2e300, inf)), ("power_value", (2, 3), 8, (12, 8 * math.log(2))), ("power_value", (0.0, -1.0), inf, (-inf, -inf)), ("power_value", (nan, 0.0), 1.0, (0.0, nan)),
]
# fmt: on
ROWS = {row.name: row for row in TABLE}


def same(x: object, y: object) -> bool:
    if isinstance(x, float) and math.isnan(x):
        return isinstance(y, float) and math.isnan(y)
    return x == y and math.copysign(1, x) == math.copysign(1, y)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "xs", "expected", "slopes"), CASES, ids=lambda x: str(x) if isinstance(x, (str, tuple)) else ""
)
def test_edge(name: str, xs: tuple[float, ...], expected: float, slopes: tuple[object, ...]) -> None:
    row = ROWS[name]
    values = [Value(x) for x in xs]
    out = row(*values)
    assert same(expected, out.data), (out.data, expected)
    assert same(expected, row(*xs)), "on plain numbers"
    assert type(row(*xs)) is type(out.data)
    out.backward()
    for value, slope in zip(values, slopes, strict=True):
        if slope is ANY:
            continue
        if isinstance(slope, float) and math.isnan(slope):
            assert math.isnan(value.grad)
        else:
            assert value.grad == pytest.approx(slope, rel=1e-12, abs=0)


def test_every_row_has_an_edge_case() -> None:
    missing = set(ROWS) - {name for name, *_ in CASES} - {"leaf", "add", "multiply", "power"}
    assert not missing


POWERS = [
    (0.0, 2, 0.0, 0.0), (0.0, 1, 0.0, 1.0), (0.0, 0, 1.0, 0.0), (0.0, -1, inf, -inf), (-0.0, -1, -inf, -inf), (0.0, 0.5, 0.0, inf),
    (-8.0, 0.5, nan, nan), (-8.0, 3, -512.0, 192.0), (inf, 2, inf, inf), (inf, -1, 0.0, 0.0), (-inf, 3, -inf, inf), (nan, 0, 1.0, 0.0),
    (nan, 1, nan, 1.0), (1e200, 2, inf, 2e200), (2.0, inf, inf, inf), (2, 3, 8, 12), (2, -1, 0.5, -0.25), (0, 0, 1, 0),
    (-0.0, -0.9999999999999999, inf, -inf),  # no odd integer, though its remainder by 2 rounds to 1
]  # fmt: skip


@pytest.mark.parametrize(("x", "k", "expected", "slope"), POWERS)
def test_power_by_a_number(x: float, k: float, expected: float, slope: float) -> None:
    v = Value(x)
    out = v**k
    assert same(expected, out.data)
    out.backward()
    assert (math.isnan(slope) and math.isnan(v.grad)) or v.grad == pytest.approx(slope)


@pytest.mark.parametrize("name", ["log", "log2", "log10", "log1p", "sqrt", "asin", "acos", "acosh", "atanh"])
def test_outside_the_domain_neither_value_nor_slope_is_a_number(name: str) -> None:
    v = Value({"acosh": 0.5, "log1p": -1.5, "log": -0.5, "log2": -0.5, "log10": -0.5, "sqrt": -0.5}.get(name, 1.5))
    out = ROWS[name](v)
    out.backward()
    assert math.isnan(out.data)
    assert math.isnan(v.grad)


@pytest.mark.parametrize("name", ["relu", "absolute", "leaky_relu", "elu", "maximum", "minimum", "where"])
def test_a_selecting_row_gives_nothing_to_what_was_not_chosen(name: str) -> None:
    """Even against an infinite or a nan gradient from above."""
    row = ROWS[name]
    chosen = {
        "relu": (-1.0,),
        "absolute": (0.0,),
        "maximum": (1.0, 2.0),
        "minimum": (2.0, 1.0),
        "where": (0.0, 1.0, 2.0),
    }
    xs = chosen.get(name, (1.0, 0.5))
    for gradient in (inf, -inf, nan):
        values = [Value(x) for x in xs]
        out = row(*values)
        partials = row.derivative(*xs, out.data)
        out.grad = gradient
        out._backward()
        for value, partial in zip(values, partials, strict=True):
            if partial == 0:
                assert value.grad == 0
            else:
                assert not math.isfinite(value.grad)


def test_where_with_a_pole_in_the_branch_that_is_not_chosen() -> None:
    """The branch gets the gradient 0; its own slope is infinite, and 0 times inf is nan. Guard the operand instead."""
    x = Value(0.0)
    root = sw.sqrt(x)
    out = sw.where(x > 0, root, x * 2)
    out.backward()
    assert root.grad == 0
    assert math.isnan(x.grad)
    x.grad = 0
    out = sw.where(x > 0, sw.sqrt(sw.where(x > 0, x, 1.0)), x * 2)
    out.backward()
    assert x.grad == 2.0


def test_clip() -> None:
    for x, expected, slope in (
        (-2.0, -1.0, 0),
        (0.5, 0.5, 1),
        (3.0, 1.0, 0),
        (1.0, 1.0, 1),
        (-1.0, -1.0, 1),
        (inf, 1.0, 0),
        (-inf, -1.0, 0),
    ):
        v = Value(x)
        out = sw.clip(v, -1.0, 1.0)
        out.backward()
        assert (out.data, v.grad) == (expected, slope)
    assert math.isnan(sw.clip(nan, -1.0, 1.0))
    v, low = Value(-5.0), Value(-1.0)
    sw.clip(v, low).backward()
    assert (v.grad, low.grad) == (0, 1)
    assert v.clip(-1, 1).data == -1
    assert sw.clip([0, 5], high=3) == [0, 3]
    with pytest.raises(ValueError, match="low <= high"):
        sw.clip(1.0, 2.0, 1.0)
