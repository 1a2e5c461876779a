"""The wording of quizzes: replies, hints, and what cannot be read or asked."""

from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.quizzes import Quiz, make_exercise, read_answer, worksheet


def article(**options: Any) -> Quiz:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return sw.quiz(f, **options)


def said(call: Any) -> str:
    with pytest.raises(Exception) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.mark.parametrize(("name", "answer", "text"), [
    ("a", "-6 + 3", "right: a.grad = 3 · 1 (through d) + 1 · (−6) (through e) = 3 − 6 = −3"),
    ("a", "3", ("not right: 3 is the contribution through d alone; the −6 through e is missing; "
               "`=` in place of `+=` does that too")),
    ("b", "-2", ("not right: −2 is the contribution through d alone; the −6 through e is missing; "
                "`=` in place of `+=` does that too")),
    ("a", "-6", ("not right: −6 is the contribution through e alone; the 3 through d is missing; keeping only the first "
                "contribution and a second pass without zeroing in between do that too")),
    ("a", "-8", ("not right: −8 comes from swapping the factors of d: d = a · b passes the gradient on times the other "
                "factor, b = 3")),
    ("a", "-5", "not right: −5 comes from forgetting the local derivative ∂d/∂a: the gradient of d goes on unchanged"),
    ("a", "-7", "not right; no slip that is known here gives this number; hint('a') helps"),
    ("d", "-6", ("not right: −6 comes from swapping the factors of f: f = d · e passes the gradient on times the other "
                "factor, e = 1; giving the value of d does that too")),
    ("d", "-1", "not right: only the sign is wrong, −1 has the right size"),
    ("e", "1", ("not right: 1 is the gradient of f handed on unchanged; the local derivative ∂f/∂e is missing; swapping "
               "the factors of f and giving the value of e do that too")),
    ("f", "1", "right: f.grad = 1: it is the root, the pass begins with 1"),
    ("f", "0", "not right: 0 is what f.grad holds before the pass; how much does f change for each unit that f changes?"),
    ("f", "-6", "not right: −6 is the value of f; its gradient is asked"),
])  # fmt: skip
def test_replies(name: str, answer: str, text: str) -> None:
    assert article().answer(name, answer).text == text == repr(article().answer(name, answer))


def test_a_wrong_answer_carried_on() -> None:
    q = article()
    q.answer("d", 5)
    assert q.answer("a", 9).text == (
        "not right: 9 follows from d.grad = 5, which was not right; this step itself is sound"
    )


def test_values() -> None:
    q = article(blank="values")
    assert q.answer("d", 1).text == (
        "not right: 1 comes from adding in place of multiplying in d: d = a · b multiplies"
    )
    assert q.answer("d", "6").text == "not right: 6 has the right size; its sign is wrong"
    assert q.answer("e", "-1").text == "not right: −1 has the right size; its sign is wrong"
    assert q.answer("e", 5).text == (
        "not right: 5 comes from losing a minus sign in e: e = a + b adds numbers with their signs"
    )
    assert q.answer("d", -6).text == "right: d = a · b = −2 · 3 = −6"
    assert [q.hint("f").text for _ in range(4)] == [
        "hint 1 of 3: f = d · e: look up d and e; begin with e",
        "hint 2 of 3: f = d · e multiplies its two factors; two negative ones give a positive number",
        "hint 3 of 3: f = −6 · e",
        "the working: f = d · e = −6 · 1 = −6",
    ]


def test_hints() -> None:
    q = article()
    assert [q.hint("a").text for _ in range(4)] == [
        "hint 1 of 3: a goes into d and e: two contributions, which add up",
        (
            "hint 2 of 3: d = a · b: a product passes the gradient on times the other factor, b; "
            "e = a + b: addition passes the gradient on unchanged"
        ),
        "hint 3 of 3: a.grad = 3 · d.grad + 1 · e.grad; d.grad and e.grad are still to be found",
        "the working: a.grad = 3 · 1 (through d) + 1 · (−6) (through e) = 3 − 6 = −3",
    ]
    assert [q.hint("f").text for _ in range(3)] == [
        "hint 1 of 3: f is the root: the backward pass begins here",
        "hint 2 of 3: f.grad is how much f changes when f changes by 1",
        "hint 3 of 3: ∂f/∂f: anything by itself",
    ]
    assert q.score.text == "0 of 5 right, 6 hints, 1 shown"


@pytest.mark.parametrize(("make", "rule"), [
    (lambda a: a - 1, "y = a − 1: the first term gets the gradient unchanged"),
    (lambda a: 1 - a, "y = 1 − a: the subtracted term gets the gradient with the opposite sign"),
    (lambda a: a / 4, "y = a / 4: the derivative by a is 1/4"),
    (lambda a: 6 / a, "y = 6 / a: the derivative by a is −6/a²"),
    (lambda a: a**2, "y = a²: bring the exponent down and lower it by one, 2 · a"),
    (lambda a: a**3, "y = a³: bring the exponent down and lower it by one, 3 · a²"),
    (lambda a: a**-1, "y = a⁻¹: bring the exponent down and lower it by one, −1 · a⁻²"),
    (lambda a: a.tanh(), "y = tanh(a): tanh passes the gradient on times 1 − y²"),
    (lambda a: a.relu(), "y = relu(a): relu passes the gradient on where a is positive, and 0 elsewhere"),
    (lambda a: a.exp(), "y = exp(a): exp is its own derivative, it passes the gradient on times y"),
    (lambda a: -a, "y = −a: a negation passes the gradient on with the opposite sign"),
    (lambda a: abs(a), "y = abs(a): abs passes the gradient on with the sign of a"),
    (lambda a: a.atan(), "y = atan(a): multiply its gradient by the local derivative ∂y/∂a"),
])  # fmt: skip
def test_rules(make: Any, rule: str) -> None:
    a = Value(4.0, label="a")
    y = make(a)
    y.label = "y"
    q = sw.quiz(y)
    q.hint("a")
    assert q.hint("a").sentence == rule


def test_the_page() -> None:
    q = article()
    q.answer("a", -3)
    assert q.text() == (
        "Quiz: the gradients of f\n"
        "line       value  gradient\n"
        "a = −2        −2        −3\n"
        "b = 3          3         ?\n"
        "d = a · b     −6         ?\n"
        "e = a + b      1         ?\n"
        "f = d · e     −6         ?\n"
        "\n"
        "4 of 5 open. Next: answer('f', …); hint() helps."
    )


def test_what_cannot_be_read() -> None:
    assert said(lambda: read_answer("2 * (3 +")) == (
        "AnswerError: '2 * (3 +' cannot be read: a number is missing at the end\n   2 * (3 +\n           ^"
    )
    assert said(lambda: read_answer("b * 3")) == (
        "AnswerError: 'b * 3' cannot be read: b is a name; put its number there\n   b * 3\n   ^"
    )
    assert said(lambda: read_answer("1,000")) == (
        "AnswerError: '1,000' cannot be read: 1,000 can be read as 1.000 or as 1000; write it without a comma\n"
        "   1,000\n   ^"
    )
    assert said(lambda: read_answer("-6 + 3 = -4")) == (
        "AnswerError: -6 + 3 is −3, not -4\ngive one number, or sides that agree"
    )
    assert said(lambda: read_answer("b = 3", "a")) == (
        "AnswerError: 'b = 3' answers b, but a was asked\ngive the number alone"
    )
    assert said(lambda: read_answer(None)) == ("AnswerError: an answer is a number or text, got None of type NoneType")
    assert said(lambda: read_answer("")) == (
        "AnswerError: the answer is empty\ngive a number, such as −3 or -6 + 3 or 2/3"
    )


def test_what_cannot_be_asked() -> None:
    assert said(lambda: article().answer("aa", 3)) == "DomainError: the quiz has no 'aa'\ndid you mean 'a'?"
    assert said(lambda: article().answer("loss", 3)) == "DomainError: the quiz has no 'loss'\nit has a, b, d, e, f"
    assert said(lambda: article(blank="values").answer("a", 3)) == (
        "DomainError: a is not asked in this quiz\nasked are d, e, f"
    )
    assert said(lambda: sw.quiz()) == (
        "DomainError: a quiz needs a graph\ngive the Value that it ends in, or a level: quiz(level=1, seed=0)"
    )
    assert said(lambda: sw.quiz(sw.log(Value(0.0, label="x")))) == (
        "DomainError: a quiz needs finite numbers, and the gradient of x is ∞\n"
        "x is a leaf\nchoose other inputs; `with sw.anomalies():` finds where it begins"
    )
    assert said(lambda: sw.quiz(Value(1 + 2j, label="z") * 2)) == (
        "NumberError: a quiz asks for real numbers, and z holds (1+2j) of type complex\nbuild the graph with floats"
    )
    assert said(lambda: make_exercise(7)) == (
        "DomainError: the level must be a whole number from 1 to 5, got 7\n"
        "1 one operation, or a chain of sums and products; 2 an operand that is used twice; 3 a node with two users of its "
        "own, differences, powers; 4 divisions, relu, tanh and exp; 5 a neuron, its loss, and deeper graphs"
    )
    assert said(lambda: worksheet([])) == (
        "DomainError: a worksheet needs at least one quiz, got none\nmake one with quiz(root) or quiz(level=1, seed=0)"
    )
