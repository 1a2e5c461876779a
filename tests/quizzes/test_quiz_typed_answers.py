"""Answers as people type them: what is read, what is refused, and that nothing is run."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slopewise import Value
from slopewise.errors import AnswerError
from slopewise.quizzes import read_answer


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("-6 + 3", -3), ("−6+3", -3), ("–3", -3), ("+4", 4), ("--3", 3), ("3 - -2", 5), ("2·3", 6), ("2×(−3)", -6),
        ("2 x 3", 6), ("2x3", 6), ("2⋅3", 6), ("2∙3", 6), ("3(−2)", -6), ("(2)(3)(4)", 24), ("6 / 4", 1.5), ("6 ÷ 4", 1.5),
        ("6 : 4", 1.5), ("6⁄4", 1.5), ("1/3", 1 / 3), ("½", 0.5), ("−⅓", -1 / 3), ("2½", 2.5), ("−1½", -1.5), ("½ · 4", 2),
        ("0,75", 0.75), ("-,5", -0.5), ("0,125", 0.125), ("12,5", 12.5), (".5", 0.5), ("5.", 5), ("1e-3", 1e-3), ("1.5E2", 150),
        ("2.999e−6", 2.999e-6), ("3·10⁻²", 0.03), ("10^-2", 0.01), ("2**3", 8), ("2^3^2", 512), ("-2^2", -4), ("(-2)^2", 4),
        ("2³", 8), ("4^0.5", 2), ("1 − 0.6^2", 0.64), ("[2 + 1] * 2", 6), ("(1,5)", 1.5), ("  7  ", 7), ("7\n", 7),
        ("2 · 3", 6), ("3*(2+(1-(4/2)))", 3), ("a = -3", -3), ("a.grad = -6 + 3 = -3", -3), ("= -3", -3),
        ("≈ 0,7071", 0.7071), ("1/3 ≈ 0.3333", 0.3333), ("0", 0), ("-0", 0),
    ],
)  # fmt: skip
def test_what_is_read(typed: str, number: float) -> None:
    assert read_answer(typed, "a") == pytest.approx(number)


@pytest.mark.parametrize(
    "number", [3, -2.5, Fraction(1, 4), Decimal("0.5"), np.float64(1.5), np.int32(4), np.array(2.0)]
)
def test_numbers_are_taken_as_they_are(number: object) -> None:
    assert read_answer(number) == float(number)  # type: ignore[arg-type]


def test_a_value_is_taken_by_its_number() -> None:
    assert read_answer(Value(2.5)) == 2.5


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "-", "2 +", "* 3", "2 * * 3", "(1", "1)", "()", "(2))", "1 2", "2 ½ ½", "½½", "1.5½", "1.2.3", "1..2", "a", "b = 3",
        "1 = 2", "-6 + 3 = -4", "1/0", "0^-1", "(-8)^0.5", "9**9**9**9", "1e999", "inf", "nan", "∞", "50%", "3!", "3;4",
        "__import__('os')", "lambda: 3", "[1].pop()", "0b11", "1_000", "1,000", "1,2,3", "\x1b[31m3", "٣", "２", "²", "⁻2", "3\x00",
        "\udc80", "2" * 300, "(" * 150 + "1" + ")" * 49, "2" + "^2" * 60, "1" + "^(1" * 40,
    ],
)  # fmt: skip
def test_what_is_refused_in_one_clear_line(typed: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer(typed, "a")
    first, *rest = str(caught.value).split("\n")
    assert first and len(rest) <= 2
    assert "\x1b" not in str(caught.value) and "\x00" not in str(caught.value)


@pytest.mark.parametrize("item", [None, True, [1], b"x", 1j, float("nan"), float("inf"), 10**400, np.array([1.0])])
def test_what_is_no_number(item: object) -> None:
    with pytest.raises(AnswerError):
        read_answer(item)


def test_the_caret_stands_below_the_fault() -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer("  2 + b * 3")
    _, line, caret = str(caught.value).split("\n")
    assert line[caret.index("^")] == "b"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        number = read_answer(text, "a")
    except AnswerError:
        return
    assert math.isfinite(number)


@given(st.text(alphabet="0123456789.,+-−*/×·÷^()½² e=", max_size=40))
def test_any_formula_is_read_or_refused(text: str) -> None:
    try:
        number = read_answer(text)
    except AnswerError:
        return
    assert math.isfinite(number)


_NUMBERS = st.integers(-99, 99).map(lambda n: n / 4)


@given(st.recursive(_NUMBERS.map(lambda x: f"({x})"), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
    lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"), max_leaves=8))  # fmt: skip
def test_sums_and_products_are_python_s(text: str) -> None:
    right = eval(text)
    assert read_answer(text) == pytest.approx(right)
    assert read_answer(text.replace("*", "×").replace("-", "−")) == pytest.approx(right)
