"""Finite-difference slopes: the article's figures, every method, and where the error comes from."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.errors import DomainError, NumberError, ShapeError


def parabola(x: Any) -> Any:
    return 3 * x**2 - 4 * x + 5


def test_the_articles_figures() -> None:
    assert sw.slope(parabola, 2 / 3, h=1e-6) == 2.999378523327323e-06
    assert sw.slope(parabola, 2 / 3, h=1e-6, method="forward") == 2.999378523327323e-06
    assert sw.slope(lambda a, b, c: a * b + c, (2.0, -3.0, 10.0), wrt=2, h=0.0001) == 0.9999999999976694


def test_left_alone_the_method_settles_on_the_slope_itself() -> None:
    assert sw.slope(parabola, 3) == pytest.approx(14.0, rel=1e-12)
    assert sw.slope(parabola, 2 / 3) == pytest.approx(0.0, abs=1e-12)


def test_the_formulas_are_applied_as_written() -> None:
    f, x, h = math.exp, 0.3, 1e-3
    assert sw.slope(f, x, h=h) == (f(x + h) - f(x)) / h
    assert sw.slope(f, x, h=h, method="backward") == (f(x) - f(x - h)) / h
    assert sw.slope(f, x, h=h, method="central") == (f(x + h) - f(x - h)) / (2 * h)


@pytest.mark.parametrize("method", ["forward", "backward", "central"])
def test_a_step_is_chosen_when_none_is_given(method: Any) -> None:
    for x in (1.0, 30.0, 1e6):
        assert sw.slope(lambda t: t**3, x, method=method) == pytest.approx(3 * x * x, rel=1e-5)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (math.log, 1e-8, 1e8),
        (math.sqrt, 1e-9, 0.5 / math.sqrt(1e-9)),
        (math.exp, -30.0, math.exp(-30.0)),
        (lambda x: math.sin(1e5 * x), 0.3, 1e5 * math.cos(3e4)),
        (lambda x: math.sin(2 * math.pi * x), 8.0, 2 * math.pi),
        (lambda x: 1 / x, 1e-5, -1e10),
        (lambda x: x * x, 1e9, 2e9),
        (lambda x: 7.0, 3.0, 0.0),
        (lambda x: x + 1e15, 1.0, None),
    ],
)
def test_auto_finds_a_step_for_any_scale(f: Any, x: float, expected: float | None) -> None:
    if expected is None:  # one digit is left in f: the slope is still near
        assert sw.slope(f, x) == pytest.approx(1.0, rel=1.0)
    else:
        assert sw.slope(f, x) == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_functions_for_values_for_floats_and_for_both() -> None:
    assert sw.slope(lambda x: x.tanh(), 0.7) == pytest.approx(1 - math.tanh(0.7) ** 2, rel=1e-9)
    assert sw.slope(math.tanh, 0.7) == pytest.approx(1 - math.tanh(0.7) ** 2, rel=1e-9)
    assert sw.slope(np.tanh, 0.7) == pytest.approx(1 - math.tanh(0.7) ** 2, rel=1e-9)
    assert sw.slope(sw.tanh, 0.7) == pytest.approx(1 - math.tanh(0.7) ** 2, rel=1e-9)
    assert sw.slope(lambda x: Value(3.0) * x, 2.0, h=0.5) == 3.0
    assert sw.slope(parabola, Value(3.0), h=1.0) == 17.0
    assert sw.slope(lambda x: np.array([x]) * 2, 1.0, h=0.5) == 2.0


def test_several_numbers_vectors_names_and_positions() -> None:
    def f(a: Any, b: Any, c: Any = 1.0) -> Any:
        return a * b * c

    assert sw.slope(f, (2.0, 3.0), wrt="b", h=0.5) == 2.0
    assert sw.slope(f, (2.0, 3.0), wrt=-1, h=0.5) == 2.0
    assert sw.slope(f, (2.0, 3.0, 4.0), wrt=2, h=0.5) == 6.0
    assert sw.slope(lambda v: v[0] * v[1], [2.0, 3.0], wrt=1, h=0.5) == 2.0
    assert sw.slope(lambda v: v @ v, np.array([1.0, 2.0]), wrt=1) == pytest.approx(4.0)
    assert sw.slope(lambda v, y: sum(v) * y, ([1.0, 2.0], 3.0), wrt="v[1]", h=0.5) == 3.0
    assert sw.slope(lambda *xs: sum(xs), [1.0, 2.0, 3.0], wrt=2, h=0.5) == 1.0


def test_exact_fractions_stay_exact() -> None:
    assert sw.slope(lambda x: x * x, Fraction(1, 2), h=Fraction(1, 1000)) == 1.001


def test_explained_as_truncation_and_rounding() -> None:
    """The article's 2.999e-06 is 3h of truncation minus 6.2e-10 of rounding."""
    found = sw.slope(parabola, 2 / 3, h=1e-6, explain=True)
    assert found.slope == 2.999378523327323e-06
    assert found.exact == 0.0
    assert found.truncation == pytest.approx(3e-6, rel=1e-9)
    assert found.rounding == pytest.approx(-6.2e-10, rel=0.01)
    assert found.truncation + found.rounding == pytest.approx(found.error, rel=1e-12)
    assert float(found) == found.slope


def test_explained_without_values_the_reference_is_extrapolated() -> None:
    found = sw.slope(math.tanh, 0.7, h=1e-6, explain=True)
    assert found.exact is None
    t = math.tanh(0.7)
    assert found.reference == pytest.approx(1 - t * t, abs=10 * found.reference_error + 1e-15)
    assert found.truncation == pytest.approx(-t * (1 - t * t) * 1e-6, rel=0.01)


def test_the_central_difference_has_no_truncation_on_a_parabola() -> None:
    found = sw.slope(parabola, 3.0, h=0.1, method="central", explain=True)
    assert abs(found.truncation) < 1e-14
    assert "none, the formula is exact" in str(sw.slope(lambda x: x * 2, 1.0, h=0.5, method="central", explain=True))


def test_a_kink_is_said() -> None:
    found = sw.slope(abs, 0.0, explain=True)
    assert (found.left, found.right) == (-1.0, 1.0)
    assert "a kink: −1 from the left, 1 from the right" in str(found)
    assert sw.slope(parabola, 0.3, explain=True).left is None


def test_a_lost_step_is_said() -> None:
    found = sw.slope(parabola, 3.0, h=1e-18, explain=True)
    assert found.slope == 0.0
    assert "h is lost: x + h is x itself" in str(found)


MESSAGES = [
    (lambda: sw.slope(parabola, 1, h=0), DomainError, "slope(): h must be a positive number, got 0\ntry h=1e-6"),
    (
        lambda: sw.slope(parabola, 1, h=math.nan),
        DomainError,
        "slope(): h must be a positive number, got nan\ntry h=1e-6",
    ),
    (
        lambda: sw.slope(parabola, 1, h=math.inf),
        DomainError,
        "slope(): h must be a positive number, got inf\ntry h=1e-6",
    ),
    (
        lambda: sw.slope(parabola, 1, h=-1),
        DomainError,
        'slope(): h must be a positive number, got -1\nfor the slope from the left, use method="backward"',
    ),
    (lambda: sw.slope(parabola, 1, h="a"), DomainError, "slope(): h must be a positive number, got 'a'\ntry h=1e-6"),
    (
        lambda: sw.slope(lambda x, y: x, (1, 2), wrt=2),
        DomainError,
        "slope(): wrt=2 is out of range, the point has 2 numbers\nwrt counts from 0: 0 to 1",
    ),
    (
        lambda: sw.slope(lambda width, y: y, (1, 2), wrt="widthh"),
        DomainError,
        "slope(): f has no argument wrt='widthh'\ndid you mean 'width'?",
    ),
    (
        lambda: sw.slope(parabola, 1, method="centrl"),
        DomainError,
        "slope(): there is no method 'centrl'\ndid you mean 'central'?",
    ),
    (
        lambda: sw.slope(lambda x, y: x, (1, 2, 3)),
        ShapeError,
        "slope(): at = (1, 2, 3) gives 3 numbers, and f(x, y) takes 2\ngive one number per argument",
    ),
    (
        lambda: sw.slope(parabola, "3"),
        NumberError,
        (
            "slope(): at is '3', which is a str and not a number\n"
            "give a number, or one number per argument of the function: (2, 3)"
        ),
    ),
    (lambda: sw.slope(parabola, []), DomainError, "slope(): at = [] holds no number\ngive at least one"),
    (
        lambda: sw.slope(5, 2),
        NumberError,
        "slope() needs a function, got 5\ngive the function itself, not its result: f, not f(x)",
    ),
    (
        lambda: sw.slope(lambda x: None, 2),
        NumberError,
        "slope(): f returned None, not a number\ndoes the function end without `return`?",
    ),
    (
        lambda: sw.slope(lambda x: [x, x], 2),
        NumberError,
        "slope(): f returned a list of 2, not one number\nreturn one of them, or their sum",
    ),
    (
        lambda: sw.slope(lambda x: x * 1j, 2),
        NumberError,
        "slope(): f returned 2j, which is complex\nslopes are of real numbers: take its .real, .imag or abs()",
    ),
    (
        lambda: sw.slope(math.floor, 2.0),
        DomainError,
        (
            "slope(): f has no finite slope in x at 2.0; f is 2 there and no step on either side gives a slope that settles\n"
            'move the point, or look at it with method="forward" and an h of your own'
        ),
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), MESSAGES)
def test_messages(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


def test_an_error_inside_the_function_is_the_functions_own() -> None:
    with pytest.raises(AttributeError, match="no attribute 'foo'"):
        sw.slope(lambda x: x.foo(), 2.0)
    with pytest.raises(ZeroDivisionError) as caught:
        sw.slope(lambda x: 1 / x, 0)
    assert caught.value.__notes__ == ["slope(): f raised this at x = 0; it must have a value there"]
    with pytest.raises(ZeroDivisionError) as caught:
        sw.descend(lambda x, y: y / x, (0.0, 1.0))
    assert caught.value.__notes__ == ["descend(): f raised this at x = 0.0, y = 1.0; it must have a value there"]


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-5, 5))
def test_law_a_parabolas_slope_is_its_derivative(a: float, b: float, c: float, x: float) -> None:
    exact = 2 * a * x + b
    assert sw.slope(lambda t: a * t * t + b * t + c, x) == pytest.approx(exact, rel=1e-8, abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.floats(-2, 2), st.floats(1e-7, 1e-2))
def test_law_truncation_and_rounding_add_up(x: float, h: float) -> None:
    for method in ("forward", "backward", "central"):
        found = sw.slope(lambda t: sw.exp(t), x, h=h, method=method, explain=True)
        assert found.exact == pytest.approx(math.exp(x), rel=1e-15)
        assert found.error == found.slope - found.exact
        assert abs(found.rounding) <= 8 * 2.0**-52 * math.exp(x + h) / h + 1e-15
