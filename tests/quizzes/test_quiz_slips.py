"""Slips: for each mistake, a graph where it is made by hand, and what the quiz makes of the number."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.quizzes.slips import Slip, in_words, is_same, listed, matching


def named(**values: float) -> tuple[Value, ...]:
    return tuple(Value(number, label=name) for name, number in values.items())


def label(node: Value, name: str) -> Value:
    node.label = name
    return node


def codes(root: Value, name: str, answer: Any, **options: Any) -> list[str]:
    reply = sw.quiz(root, **options).answer(name, answer)
    assert not reply, reply
    return [slip.code for slip in reply.slips]


def chain(make: Callable[[Value], Value], x: float, up: float = 7.0) -> Value:
    """Return f = y · k with y made from x, and so an upstream gradient of `up`."""
    (a, k) = named(a=x, k=up)
    return label(label(make(a), "y") * k, "f")


LN2 = math.log(2)


@pytest.mark.parametrize(
    ("make", "x", "answer", "code"),
    [
        (lambda a: a**3, 2.5, 7 * 2.5**2, "exponent-not-down"),
        (lambda a: a**3, 2.5, 7 * 3 * 2.5**3, "exponent-not-lowered"),
        (lambda a: a**3, 2.5, 7 * 3 * 2.5, "power-times-base"),
        (lambda a: a**3, 2.5, 7 * 3, "exponent-alone"),
        (lambda a: a**3, 2.5, 7 * 2.5**3, "power-itself"),
        (lambda a: a**-2, 2.5, 7 * 2.5**-3, "exponent-not-down"),
        (lambda a: a.tanh(), LN2, 7 * (1 - 0.6), "tanh-not-squared"),
        (lambda a: a.tanh(), LN2, 7 * 0.36, "tanh-squared-alone"),
        (lambda a: a.tanh(), LN2, 7 * (1 - LN2**2), "tanh-of-the-input"),
        (lambda a: a.tanh(), LN2, 7 * 1.36, "tanh-plus"),
        (lambda a: a.tanh(), LN2, 7 * 0.6, "function-itself"),
        (lambda a: a.tanh(), LN2, 7 * 0.24, "tanh-as-sigmoid"),
        (lambda a: a.relu(), -2.0, 7, "relu-always-one"),
        (lambda a: a.relu(), 2.5, 0, "relu-off"),
        (lambda a: a.relu(), 2.5, 17.5, "function-itself"),
        (lambda a: a.exp(), 2.0, 7 * 2 * math.e, "exp-as-power"),
        (lambda a: a.exp(), 3.0, 21, "function-of-input"),
        (lambda a: a.log(), 4.0, 28, "function-of-input"),
        (lambda a: a.log(), 4.0, 7 * math.log(4), "function-itself"),
        (lambda a: a.sqrt(), 16.0, 7 / 4, "sqrt-half"),
        (lambda a: a.sqrt(), 16.0, 7 * 8, "sqrt-times"),
        (lambda a: a.sigmoid(), LN2, 7 * (1 - 4 / 9), "sigmoid-as-tanh"),
        (lambda a: a.sigmoid(), LN2, 7 / 3, "sigmoid-half"),
        (lambda a: a.sin(), 1.0, -7 * math.cos(1), "sine-sign"),
        (lambda a: a.sin(), 1.0, 7 * math.sin(1), "function-itself"),
        (lambda a: a.cos(), 1.0, 7 * math.sin(1), "cosine-sign"),
        (lambda a: a.sin(), 30.0, 7 * math.cos(math.pi / 6), "degrees"),
        (lambda a: 2 - a, 5.0, 7, "reflected-sign"),
        (lambda a: -a, 5.0, 7, "negation-sign"),
        (lambda a: a - 2, 5.0, -7, "subtraction-sign-on-the-wrong-term"),
        (lambda a: a / 4, 3.0, 28, "times-the-divisor"),
        (lambda a: 6 / a, 4.0, 7 * 6 / 16, "quotient-sign"),
        (lambda a: 6 / a, 4.0, -7 * 6 / 4, "quotient-square"),
        (lambda a: 6 / a, 4.0, -7 / 16, "quotient-top"),
        (lambda a: 6 / a, 4.0, 7 / 4, "quotient-as-numerator"),
        (lambda a: 5 * a, 3.0, 21, "swapped-factors"),
        (lambda a: 5 * a, 3.0, 5, "upstream-forgotten"),
        (lambda a: 5 * a, 3.0, 7, "local-forgotten"),
        (lambda a: 5 * a, 3.0, 12, "sum-for-product"),
        (lambda a: 5 * a, 3.0, 7 / 5, "divided-by-the-factor"),
        (lambda a: 5 * a, 3.0, 105, "both-factors"),
        (lambda a: 5 * a, 3.0, 70, "twice"),
        (lambda a: 5 * a, 3.0, 3, "value"),
        (lambda a: 5 * a, 3.0, -35, "sign"),
        (lambda a: 5 * a, 3.0, 1 / 35, "reciprocal"),
        (lambda a: 5 * a, 3.0, 0, "zero"),
        (lambda a: 5 * a, 3.0, 350, "decimal-point"),
        (lambda a: a + 4, 3.0, 28, "product-rule-for-sum"),
        (lambda a: abs(a), -3.0, 7, "abs-sign"),
        (lambda a: sw.maximum(a, 9.0), 3.0, 7, "choice-forgotten"),
    ],
)  # fmt: skip
def test_the_rule_got_wrong(make: Callable[[Value], Value], x: float, answer: float, code: str) -> None:
    assert code in codes(chain(make, x), "a", answer)


def test_the_subtracted_term() -> None:
    a, b, k = named(a=5.0, b=2.0, k=7.0)
    f = label(label(a - b, "d") * k, "f")
    assert codes(f, "b", 7) == ["subtraction-sign"]
    assert "sign" in codes(f, "a", -7) or codes(f, "a", -7) == ["subtraction-sign-on-the-wrong-term"]


def test_one_contribution_of_three() -> None:
    a, b, c = named(a=2.0, b=3.0, c=5.0)
    f = label(label(a * b, "d") + label(a * c, "e") + a * 11, "f")
    q = sw.quiz(f)
    assert {"missing-contribution"} <= {slip.code for slip in q.answer("a", 16).slips}  # without c
    assert q.answer("a", 14).slips and q.answer("a", 8).slips
    assert "are missing" in q.answer("a", 11).text


def test_both_ways_through_one_operation() -> None:
    (a,) = named(a=3.0)
    f = label(a * a, "f")
    said = sw.quiz(f).answer("a", 3).text
    assert said.startswith(
        "not right: 3 is the contribution through f as left factor alone; the 3 through f as right factor is missing"
    )
    g = label(sw.mean([a, a, Value(6.0, label="c")]), "g")
    assert codes(g, "a", 1 / 3)[0] == "one-contribution"


def test_a_path_left_out_further_up() -> None:
    a, b = named(a=2.0, b=3.0)
    c = label(a + b, "c")
    d = label(c * a, "d")
    f = label(c * d, "f")  # a reaches f through c→f, c→d→f and d→f
    q = sw.quiz(f)
    c_grad = d.data + c.data * a.data
    right = c_grad + c.data * c.data
    assert q.answer("a", right)
    without = [slip for slip in q.slips("a") if slip.code == "missing-path"]
    assert len(without) == 3
    assert "is the gradient without the path f → c → a" in " ".join(slip.sentence for slip in without)


def test_the_order_of_visiting() -> None:
    a, b = named(a=2.0, b=3.0)
    c, d = label(a + b, "c"), label(a * b, "d")
    y = label(label(c + d, "e") + label(c * d, "f"), "y")
    q = sw.quiz(y)
    assert (q.answer("a", 25).is_right, q.answer("b", 19).is_right) == (True, True)
    q = sw.quiz(y)
    assert "order-recursion" in [slip.code for slip in q.answer("a", 29).slips]
    assert "order-recursion" in [slip.code for slip in q.answer("b", 22).slips]


def test_what_follows_from_an_earlier_slip() -> None:
    a, b, k = named(a=2.0, b=3.0, k=7.0)
    f = label(label(a * b, "d") * k, "f")
    q = sw.quiz(f)
    assert not q.answer("d", 6)
    reply = q.answer("a", 18)
    assert reply.slips[0].code == "carried" and "this step itself is sound" in reply.text
    q.answer("d", 7)  # corrected: then it is carried on no more
    assert "carried" not in [slip.code for slip in q.answer("b", 12).slips]


def test_a_slip_further_up() -> None:
    x, w, b, y = named(x=2.5, w=3.0, b=-1.0, y=9.0)
    n = label(label(x * w, "p") - b, "n")
    loss = label(label(n - y, "d") ** 2, "L")
    assert sw.quiz(loss).answer("w", 2 * (n.data - y.data) * x.data)
    said = sw.quiz(loss).answer("w", (n.data - y.data) * x.data).text
    assert "not bringing the exponent of L down in front, further up" in said


def test_two_slips_at_once() -> None:
    a, b, c = named(a=2.5, b=3.0, c=7.5)
    d = label(a * b, "d")
    e = label(d * c, "e")
    f = label(e * label(a + 4, "g"), "f")
    q = sw.quiz(f)
    # through d alone, with local derivative and upstream gradient added
    reply = q.answer("a", 3 + 7.5 * 6.5)
    assert "two slips at once" in reply.text


def test_another_node_s_number() -> None:
    a, b, c, k = named(a=2.0, b=13.0, c=5.0, k=17.0)
    f = label(label(label(a * b, "d") + c, "e") * k, "f")
    q = sw.quiz(f)
    assert q.answer("c", 26).text == "not right: 26 is the value of d; a gradient is asked"
    assert q.answer("c", 221).text == "not right: 221 is the gradient of a, not of c"


def test_too_few_digits() -> None:
    f = chain(lambda a: a.exp(), 1.0, 1.5)
    assert "close, but not within 0.1 %" in sw.quiz(f).answer("a", "4.1").text
    assert sw.quiz(f).answer("a", "4.08")
    assert "digits" not in sw.quiz(chain(lambda a: a * 3, 2.0, 1.0)).answer("a", 3.1).text


def test_no_slip_is_claimed_without_reason() -> None:
    *_, f = named(a=1.0, f=2.0)
    a, b = named(a=-2.0, b=3.0)
    f = label(a * b, "f")
    reply = sw.quiz(f).answer("a", 123.25)
    assert (
        reply.slips == () and reply.text == "not right; no slip that is known here gives this number; hint('a') helps"
    )


@pytest.mark.parametrize(
    ("make", "answer", "code"),
    [
        (lambda a, b: a + b, -15, "product-for-addition"), (lambda a, b: a * b, 2, "addition-for-product"),
        (lambda a, b: a - b, 8, "subtraction-reversed"), (lambda a, b: a - b, 2, "addition-for-subtraction"),
        (lambda a, b: a / b, -5 / 3, "division-reversed"), (lambda a, b: a / b, -15, "product-for-division"),
        (lambda a, b: a * b, 15, "sign"), (lambda a, b: a**2, -9, "power-sign"), (lambda a, b: a**3, -9, "power-as-product"),
        (lambda a, b: a.relu(), -3, "relu-kept"), (lambda a, b: b.relu(), 0, "relu-cut"), (lambda a, b: -a, -3, "negation-sign"),
        (lambda a, b: sw.mean([a, b, a]), -1, "sum-for-mean"), (lambda a, b: a * b, 5, "operand-alone"),
        (lambda a, b: a + b, 8, "sign-lost"), (lambda a, b: a * b, 1, "gradient"), (lambda a, b: a * b, -150, "decimal-point"),
    ],
)  # fmt: skip
def test_values_got_wrong(make: Callable[[Value, Value], Value], answer: float, code: str) -> None:
    a, b = named(a=-3.0, b=5.0)
    assert code in codes(label(make(a, b), "y"), "y", answer, blank="values")


def test_a_value_that_follows_from_an_earlier_slip() -> None:
    a, b = named(a=-3.0, b=5.0)
    f = label(label(a * b, "d") + a, "f")
    q = sw.quiz(f, blank="values")
    q.answer("d", 15)
    assert [slip.code for slip in q.answer("f", 12).slips] == ["carried"]


@pytest.mark.parametrize("blank", ["gradients", "values"])
def test_no_listed_slip_is_right(blank: Any) -> None:
    for level in range(1, 6):
        q = sw.quiz(level=level, seed=3, blank=blank)
        for name in q.blanks:
            for slip in q.slips(name):
                assert math.isfinite(slip.number) and slip.code and not slip.sentence.endswith(".")
                assert not is_same(slip.number, q.right_number(q.puzzle.positions[name]))


def test_sentences_are_shared() -> None:
    one, two = Slip("x", 3.0, "doing x", "3 is x"), Slip("y", 3.0, "doing y")
    three, rare = Slip("z", 3.0, "doing z"), Slip("r", 3.0, "doing r", tier=2)
    assert in_words(matching(3.0, [one])) == "3 is x"
    assert in_words(matching(3.0, [one, two, rare])) == "3 is x; doing y does that too"
    assert in_words(matching(3.0, [two, one, three])) == "3 comes from doing y; doing x and doing z do that too"
    assert in_words(matching(3.0, [rare])) == "3 comes from doing r"
    assert matching(4.0, [one, two]) == () and in_words(()) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_sameness() -> None:
    assert is_same(3.0029, 3.0) and not is_same(3.0031, 3.0)
    assert is_same(0.0, 1e-17) and not is_same(1e-8, 1e-17) and not is_same(0.0, 1e-9)
