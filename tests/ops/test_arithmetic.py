"""What plain numbers do: the rows that programs have beside the table."""

import math
import random
from collections.abc import Callable

import pytest

from slopewise.ops.arithmetic import ARITHMETIC, attach, ceil, divide, floor, floor_divide, negate, subtract, truncate
from slopewise.ops.row import Operation

inf, nan = math.inf, math.nan
SMOOTH = [subtract, negate, divide]
FLAT = [row for row in ARITHMETIC if row not in (*SMOOTH, attach)]


def same(x: float, y: float) -> bool:
    return (x != x and y != y) or (x == y and math.copysign(1.0, x) == math.copysign(1.0, y))


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
def test_slopes_are_those_of_central_differences(row: Operation) -> None:
    draw = random.Random(row.name)
    for _ in range(50):
        operands = [draw.uniform(0.5, 3.0) for _ in range(row.arity)]
        slopes = row.derivative(*operands, row.value(*operands))
        for i, slope in enumerate(slopes):
            h = 1e-6
            ahead, behind = list(operands), list(operands)
            ahead[i] += h
            behind[i] -= h
            assert slope == pytest.approx((row.value(*ahead) - row.value(*behind)) / (2 * h), rel=1e-8)


@pytest.mark.parametrize("row", FLAT, ids=lambda row: row.name)
def test_what_is_flat_has_no_slope_even_against_an_infinite_gradient(row: Operation) -> None:
    operands = (1.5, 0.5)[: row.arity]
    assert set(row.derivative(*operands, row.value(*operands))) == {0}
    assert row.selects


def test_a_derivative_of_the_users_own_comes_in_by_attach() -> None:
    assert attach.value(5.0, 2.0, 0.25) == 5.0
    assert attach.derivative(5.0, 2.0, 0.25, 5.0) == (1, 0.25, 0)
    assert not attach.selects  # the user's slope multiplies, as it does eagerly


@pytest.mark.parametrize("row", [floor, ceil, truncate], ids=lambda row: row.name)
def test_integers_are_those_of_python_and_floats(row: Operation) -> None:
    functions: dict[str, Callable[[float], int]] = {"floor": math.floor, "ceil": math.ceil, "truncate": math.trunc}
    by_python = functions[row.name]
    for x in (-2.5, -0.5, -0.0, 0.0, 0.5, 2.5, 1e300, -4503599627370495.5, 7):
        assert type(row.value(x)) is float
        assert same(row.value(x), float(by_python(x)))
    for x in (inf, -inf, nan):
        assert same(row.value(x), x)


def test_quotients_over_zero_follow_ieee() -> None:
    for row in (divide, floor_divide):
        for x, y, expected in (
            (1.0, 0.0, inf),
            (1.0, -0.0, -inf),
            (-1.0, 0.0, -inf),
            (0.0, 0.0, nan),
            (nan, 0.0, nan),
            (inf, -0.0, -inf),
        ):
            assert same(row.value(x, y), expected), (row, x, y)
    assert divide.value(1, 3) == 1 / 3
    assert floor_divide.value(-7, 2) == -4.0


def test_every_row_says_what_happens_at_its_edges() -> None:
    assert [row.name for row in ARITHMETIC if not row.edges] == ["subtract"]
    for row in ARITHMETIC:
        assert len(row.domain) == row.arity
        assert row.latex.format(*"xyz"[: row.arity])
