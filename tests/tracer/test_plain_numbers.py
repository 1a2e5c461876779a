"""What a traced Value answers to `if x` and `x == 0` when a call gives a plain number, and when it gives a Value."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value

GUARDED: list[Callable[[Any], Any]] = [
    lambda x: 1.0 if x == 0 else math.sin(x) / x,
    lambda x: math.sin(x) / x if x != 0 else 1.0,
    lambda x: math.sin(x) / x if x else 1.0,
    lambda x: 1.0 if not x else math.sin(x) / x,
    lambda x: 1.0 if x in (0.0, 10.0) else math.sin(x) / x,
    lambda x: 1.0 if 3 * x - 0.0 == x * x else math.sin(x) / x,
]


@pytest.mark.parametrize("f", GUARDED)
@pytest.mark.parametrize("points", [(0.0, 1.0, 0.0), (1.0, 0.0, 2.0), (-0.0, -1.0)])
def test_a_plain_number_decides_as_without_a_trace(f: Callable[[Any], Any], points: tuple[float, ...]) -> None:
    compiled, with_slope, twice = sw.compile(f), sw.value_and_grad(f), sw.grad(sw.grad(f))
    for x in points:
        assert compiled(x) == f(x)
        value, slope = with_slope(x)
        assert value == f(x)
        assert slope == pytest.approx((math.cos(x) * x - math.sin(x)) / x**2 if x else 0.0)
        expected = (-math.sin(x) * x**2 - 2 * x * math.cos(x) + 2 * math.sin(x)) / x**3 if x else 0.0
        assert twice(x) == pytest.approx(expected)
    assert sw.batched(f)(list(points)).tolist() == [f(x) for x in points]


def test_nan_is_true_and_equals_nothing() -> None:
    k = sw.compile(lambda x: (1 if x else 0, 1 if x == x + 0 else 0, 1 if x != x + 0 else 0))
    assert k(math.nan) == (1, 0, 1)
    assert k(2.0) == (1, 1, 0)
    assert k(0.0) == (0, 1, 0)


def test_comparisons_are_numbers_that_can_be_counted() -> None:
    k = sw.compile(lambda xs: sum(x != 0 for x in xs) + sum(x == y for x, y in zip(xs, xs[1:], strict=False)))
    assert k([0.0, 1.0, 2.0]) == 2
    assert k([1.0, 1.0, 1.0]) == 5
    assert len(k.paths) == 1


def test_a_value_that_is_given_or_captured_is_true_and_equals_itself_alone() -> None:
    w = Value(0.0)

    def f(x: Any) -> Any:
        return (
            1 * bool(x)
            + 2 * (x == 0.0)
            + 4 * bool(w)
            + 8 * (w == 0.0)
            + 16 * bool(x * w)
            + 32 * (x in [w])
            + 64 * (x in [x])
        )

    k = sw.compile(f)
    assert k(Value(0.0)) == f(Value(0.0)) == 1 + 4 + 16 + 64
    assert k(0.0) == 2 + 4 + 16 + 64  # a float is false when it is 0, but not what it makes with a Value
    assert k(0.0) == f(0.0)


def test_other_things_are_compared_as_ever() -> None:
    k = sw.compile(lambda x: (x == "a", x == None, x in ("a", None), [x].index(x)))  # noqa: E711
    assert k(0.0) == (False, False, False, 0)


def test_numbers_in_a_trace_inside_a_trace() -> None:
    def outer(x: Any) -> Any:
        return sw.grad(lambda y: y * y if x == 0 else y**3)(x + 1) + (5 if x else 0)

    k = sw.compile(outer)
    assert [k(x) for x in (0.0, 1.0, 0.0)] == [2.0, 17.0, 2.0]
    assert sw.grad(outer)(1.0) == 12.0


def test_eagerly_nothing_changes() -> None:
    a, b = Value(0.0), Value(0.0)
    assert a
    assert a != b
    assert a != 0.0
    assert not a == 0.0  # noqa: SIM201
    assert a in [a]
    assert a not in [b, 0.0]
    assert len({a, b, a}) == 2
