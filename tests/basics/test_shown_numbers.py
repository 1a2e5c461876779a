"""Shown numbers: four significant digits, `=` when exact, `≈` when rounded."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slopewise import Value
from slopewise.basics import equation, is_exact, relation, shown, signed
from slopewise.errors import DomainError


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (-1.4999999999999996, "≈ −1.5"),
        (-1.7, "= −1.7"),
        (-6.63, "= −6.63"),
        (-7.286496, "≈ −7.286"),
        (20.0, "= 20"),
        (0.0, "= 0"),
        (-0.0, "= 0"),
        (1, "= 1"),
        (65818, "= 65818"),
        (65818.0, "≈ 65820"),
        (138.83381924198252, "≈ 138.8"),
        (24.70408163265306, "≈ 24.7"),
        (0.9999999999976694, "≈ 1"),
        (9999.6, "≈ 10000"),
        (2.999378523327323e-06, "≈ 2.999e−6"),
        (1e-6, "= 1e−6"),
        (1e-4, "= 0.0001"),
        (0.0177818746861576, "≈ 0.01778"),
        (1e6, "= 1000000"),
        (1.5e7, "= 1.5e7"),
        (1.7976931348623157e308, "≈ 1.798e308"),
        (5e-324, "= 5e−324"),
        (math.inf, "= ∞"),
        (-math.inf, "= −∞"),
        (math.nan, "= nan"),
        (10**15, "= 1e15"),
        (2**53 + 1, "≈ 9.007e15"),
        (10**400, "= 1e400"),
        (Fraction(1, 3), "= 1/3"),
        (Fraction(1, 3**40), "≈ 8.225e−20"),
        (Decimal("0.1"), "= 0.1"),
        (complex(1, -2), "= 1 − 2i"),
        (np.float64(0.25), "= 0.25"),
        (np.float32(0.5), "= 0.5"),
        (np.int64(-7), "= −7"),
        (True, "= True"),
        (Value(2.5), "= 2.5"),
        (Value(Value(2)), "= 2"),
        ("text", "= 'text'"),
    ],
)
def test_relation(x: Any, text: str) -> None:
    assert relation(x) == text
    assert shown(x) == text[2:]
    assert is_exact(x) is (text[0] == "=")


def test_equation_and_signed() -> None:
    assert equation("a", -1.7) == "a = −1.7"
    assert equation("o", 0.7071067811865476) == "o ≈ 0.7071"
    assert [signed(x) for x in (14.0, -2.0, 0.0, math.inf, math.nan)] == ["+14", "−2", "0", "+∞", "nan"]


def test_other_digits() -> None:
    assert shown(math.pi, 1) == "3"
    assert shown(math.pi, 7) == "3.141593"
    for wrong in (0, -1, 2.5):
        with pytest.raises(DomainError, match="at least 1"):
            shown(1.0, wrong)


def test_something_long_is_cut() -> None:
    assert len(shown(list(range(1000)))) == 58


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_shown_is_within_half_a_digit_and_exact_says_so(x: float, digits: int) -> None:
    text = shown(x, digits).replace("−", "-")
    exact = Decimal(repr(x))
    assert is_exact(x, digits) == (Decimal(text) == exact)
    assert len(text.lstrip("-").split("e")[0].replace(".", "").strip("0")) <= digits
    if x:
        assert abs(Decimal(text) - exact) <= Decimal("0.5").scaleb(exact.adjusted() - digits + 1)
