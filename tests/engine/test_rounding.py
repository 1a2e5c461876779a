"""Rounding a Value gives a plain number; numpy's names for it, and for what else it calls on Values in arrays."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value


@pytest.mark.parametrize(("x", "y"), [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (7, 2), (-7, 2.5), (0.0, 3.0)])
def test_floor_division_is_pythons(x: float, y: float) -> None:
    for out in (Value(x) // y, x // Value(y), Value(x) // Value(y), divmod(Value(x), y)[0], divmod(x, Value(y))[0]):
        assert out == x // y
        assert type(out) is type(x // y)
    rest = divmod(Value(x), y)[1]
    assert rest.data == x % y
    assert divmod(x, Value(y))[1].data == x % y


@pytest.mark.parametrize(("x", "out"), [(1.0, math.inf), (-1.0, -math.inf), (3, math.inf)])
def test_over_zero_it_is_the_quotient_of_ieee(x: float, out: float) -> None:
    assert Value(x) // 0 == Value(x) // 0.0 == x // Value(0.0) == out
    assert sw.compile(lambda a: a // 0.0)(float(x)) == out
    assert math.isnan(Value(0.0) // 0)


def test_other_numbers_follow_their_own_arithmetic() -> None:
    assert Value(Fraction(7, 2)) // 1 == 3 and math.floor(Value(Fraction(7, 2))) == 3
    with pytest.raises(ZeroDivisionError):
        Value(Fraction(7, 2)) // 0
    with pytest.raises(TypeError, match="unsupported operand"):
        Value(1.0) // "a"
    with pytest.raises(TypeError, match="unsupported operand"):
        "a" // Value(1.0)


def test_arrays_go_elementwise() -> None:
    a = np.array([Value(7.5), Value(-1.5)])
    assert list(a // 2) == [3.0, -1.0]
    assert list(Value(7.5) // np.array([2.0, 3.0])) == [3.0, 2.0]
    assert list(np.array([7.5, 2.0]) // Value(2.0)) == [3.0, 1.0]
    assert np.float64(7.5) // Value(2.0) == 3.0


@pytest.mark.parametrize("function", [math.floor, math.ceil, math.trunc, round])
def test_whole_numbers(function: Any) -> None:
    for x in (2.5, -2.5, 0.2, -0.2):
        out = function(Value(x))
        assert out == function(x) and type(out) is int
        assert sw.compile(function)(x) == function(x)
        assert sw.grad(lambda a, f=function: f(a) * a)(x) == function(x)


NAMES = ("floor", "ceil", "trunc", "rint", "cbrt", "degrees", "radians", "deg2rad", "rad2deg", "fabs")


@pytest.mark.parametrize("name", NAMES)
def test_numpy_on_arrays_of_values(name: str) -> None:
    function, numbers = getattr(np, name), np.array([1.75, -2.5, 3.0])
    expected = function(numbers)
    eager = function(np.array([Value(x) for x in numbers]))
    assert [getattr(x, "data", x) for x in eager] == pytest.approx(list(expected))
    assert sw.compile(lambda xs: function(np.array(xs)))(list(numbers)) == pytest.approx(expected)


def test_the_rest_of_a_truncated_quotient() -> None:
    xs, y = [7.5, -7.5, 7.5, -7.5], [2.0, 2.0, -2.0, -2.0]
    out = np.fmod(np.array([Value(x) for x in xs]), np.array(y))
    assert [x.data for x in out] == list(np.fmod(xs, y))


def test_gradients_of_degrees_and_cube_roots() -> None:
    x, y = Value(8.0), Value(1.0)
    (np.cbrt(np.array([x]))[0] + np.degrees(np.array([y]))[0]).backward()
    assert x.grad == pytest.approx(1 / 12) and y.grad == 180 / math.pi
