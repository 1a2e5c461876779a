"""Formulas: parentheses that keep the meaning, names of any characters, numbers by the shown-number rule."""

import math
import unicodedata
import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slopewise.stories.arithmetic import agree, number_of
from slopewise.stories.formula import (
    Call,
    Formula,
    Gradient,
    Name,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Word,
    equals,
    latex,
    mathml,
    text,
)
from slopewise.stories.name_text import visible

a, b, c = Name("a"), Name("b"), Name("c")

WRITTEN: list[tuple[Formula, str, str]] = [
    (Sum((a, b)), "a + b", "a + b"),
    (Sum((a, Negative(b))), "a − b", "a - b"),
    (Sum((a, Negative(Sum((b, c))))), "a − (b + c)", r"a - \left(b + c\right)"),
    (Sum((Number(2), Number(-3))), "2 + (−3)", r"2 + \left(-3\right)"),
    (Sum((Number(2), Negative(Number(-3)))), "2 − (−3)", r"2 - \left(-3\right)"),
    (Product((Number(-2), Number(3))), "−2 · 3", r"-2 \cdot 3"),
    (Product((Number(3), Number(-2))), "3 · (−2)", r"3 \cdot \left(-2\right)"),
    (Product((Sum((a, b)), c)), "(a + b) · c", r"\left(a + b\right) \cdot c"),
    (Product((a, Product((b, c)))), "a · (b · c)", r"a \cdot \left(b \cdot c\right)"),
    (Product((a, Quotient(b, c))), "a · (b / c)", r"a \cdot \frac{b}{c}"),
    (Quotient(a, Product((b, c))), "a / (b · c)", r"\frac{a}{b \cdot c}"),
    (Quotient(Quotient(a, b), c), "(a / b) / c", r"\frac{\frac{a}{b}}{c}"),
    (Quotient(Negative(a), Power(b, Number(2))), "−a / b²", r"\frac{-a}{b^{2}}"),
    (Power(Number(-2), Number(2)), "(−2)²", r"\left(-2\right)^{2}"),
    (Power(Sum((a, b)), Number(-1)), "(a + b)⁻¹", r"\left(a + b\right)^{-1}"),
    (Power(a, Number(0.5)), "a^0.5", "a^{0.5}"),
    (Power(Power(a, Number(2)), b), "(a²)^b", r"\left(a^{2}\right)^{b}"),
    (Number(Fraction(1, 3)), "1/3", r"\frac{1}{3}"),
    (Number(2.999378523327323e-06), "2.999e−6", r"2.999 \cdot 10^{-6}"),
    (Number(math.inf), "∞", r"\infty"),
    (Number(math.nan), "nan", r"\mathrm{nan}"),
    (Product((a, Number(1 + 2j))), "a · (1 + 2i)", r"a \cdot \left(1 + 2i\right)"),
    (Call("sqrt", (Sum((a, b)),)), "sqrt(a + b)", r"\sqrt{a + b}"),
    (Call("exp", (Negative(a),)), "exp(−a)", "e^{-a}"),
    (Call("leaky_relu", (a, Number(0.1))), "leaky_relu(a, 0.1)", r"\operatorname{leaky\_relu}\left(a, 0.1\right)"),
    (Gradient(a, c), "a.grad", r"\frac{\partial c}{\partial a}"),
    (Partial(a, b), "∂a/∂b", r"\frac{\partial a}{\partial b}"),
    (Relation((a, b, Number(3)), ("=", "≈")), "a = b ≈ 3", r"a = b \approx 3"),
]


@pytest.mark.parametrize(("formula", "plain", "tex"), WRITTEN)
def test_formulas_are_written(formula: Formula, plain: str, tex: str) -> None:
    assert text(formula) == plain
    assert latex(formula) == tex
    ET.fromstring(mathml(formula).replace("&#x2061;", ""))


NAMES = [
    ("x", "x", "x", "<mi>x</mi>"),
    ("x1", "x1", "x_{1}", "<msub><mi>x</mi><mn>1</mn></msub>"),
    ("x₁", "x₁", "x_{1}", "<msub><mi>x</mi><mn>1</mn></msub>"),
    ("a_1", "a_1", "a_{1}", "<msub><mi>a</mi><mn>1</mn></msub>"),
    ("loss", "loss", r"\mathrm{loss}", "<mi>loss</mi>"),
    ("data_loss", "data_loss", r"\mathrm{data}_{\mathrm{loss}}", "<msub><mi>data</mi><mi>loss</mi></msub>"),
    ("alpha", "alpha", r"\alpha", "<mi>α</mi>"),
    ("xs[0]", "xs[0]", r"\mathrm{xs}_{0}", "<msub><mi>xs</mi><mn>0</mn></msub>"),
    ("layers.0.neurons.3.w.1", "layers.0.neurons.3.w.1", r"\text{layers.0.neurons.3.}w_{1}",
     "<mrow><mtext>layers.0.neurons.3.</mtext><msub><mi>w</mi><mn>1</mn></msub></mrow>"),
    ("x1*w1", "‘x1*w1’", r"\text{`x1*w1'}", "<mtext>‘x1*w1’</mtext>"),
    ("50% & <b>", "‘50% & <b>’", r"\text{`50\% \& \textless{}b\textgreater{}'}", "<mtext>‘50% &amp; &lt;b&gt;’</mtext>"),
    ("\x1b[31m", r"‘\x1b[31m’", r"\text{`\textbackslash{}x1b[31m'}", r"<mtext>‘\x1b[31m’</mtext>"),
    ("{_}^~$#", "‘{_}^~$#’", r"\text{`\{\_\}\^{}\~{}\$\#'}", "<mtext>‘{_}^~$#’</mtext>"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "plain", "tex", "markup"), NAMES)
def test_names_of_any_characters(name: str, plain: str, tex: str, markup: str) -> None:
    assert text(Name(name)) == plain
    assert latex(Name(name)) == tex
    assert mathml(Name(name)) == f"<math>{markup}</math>"


@given(st.text())
def test_no_name_reaches_a_format_as_a_command(name: str) -> None:
    plain = text(Name(name))
    assert not any(unicodedata.category(x) in ("Cc", "Cf", "Cs", "Zl", "Zp") and x != "\u200d" for x in plain)
    ET.fromstring(mathml(Sum((Name(name), Number(1)))))
    tex = latex(Name(name))
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")
    assert visible(plain) == plain


numbers = st.one_of(st.integers(-9, 9), st.sampled_from([0.5, -0.25, 1.5, -3.0]))
formulas: st.SearchStrategy[Any] = st.recursive(
    numbers.map(Number),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Sum(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Product(tuple(parts))),
        st.tuples(inner, inner).map(lambda parts: Quotient(*parts)),
        st.tuples(inner, st.integers(0, 2).map(Number)).map(lambda parts: Power(*parts)),
        inner.map(Negative),
        inner.map(lambda part: Call("tanh", (part,))),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(formulas)
def test_a_reader_computes_what_the_formula_means(formula: Formula) -> None:
    meant = number_of(formula)
    if meant is None:
        return
    typed = (
        text(formula).replace("·", "*").replace("−", "-").replace("²", "**2").replace("¹", "**1").replace("⁰", "**0")
    )
    read = eval(typed, {"tanh": math.tanh})
    assert agree(read, meant, 1e-9), text(formula)


def test_the_sign_tells_whether_a_number_is_rounded() -> None:
    assert text(equals(Name("o"), 0.7071067811865476)) == "o ≈ 0.7071"
    assert text(equals(Product((Number(1 / 3), Number(3.0))), 1.0)) == "0.3333 · 3 ≈ 1"
    assert text(equals(Product((Number(2.0), Number(3.0))), 6.0)) == "2 · 3 = 6"


def test_words_are_escaped() -> None:
    assert latex(Word("100% …")) == r"\text{100\% \ldots{}}"
