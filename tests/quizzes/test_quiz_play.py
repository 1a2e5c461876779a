"""Playing a quiz: what is asked, how it stands, and that the graph is left as it is."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import AnswerError, DomainError, NumberError
from slopewise.lecture import MLP
from slopewise.quizzes import Quiz


def article() -> tuple[Value, ...]:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d = a * b
    d.label = "d"
    e = a + b
    e.label = "e"
    f = d * e
    f.label = "f"
    return a, b, d, e, f


RIGHT = {"f": 1, "d": 1, "e": -6, "a": -3, "b": -8}


def test_gradients_are_asked_from_the_root_down() -> None:
    *_, f = article()
    q = sw.quiz(f)
    assert q.blanks == ("f", "e", "d", "b", "a")
    for name in q.blanks:
        assert not q.finished
        assert q.answer(name, RIGHT[name])
        assert name not in q.remaining
    assert q.finished and not q.remaining
    assert q.score.right == q.score.first_try == q.score.total == 5
    assert repr(q.score) == "5 of 5 right, 5 at the first try without a hint"


def test_values_are_asked_from_the_leaves_up() -> None:
    *_, f = article()
    q = sw.quiz(f, blank="values")
    assert q.blanks == ("d", "e", "f")
    assert q.answer("d", "-2 * 3") and q.answer("e", 1) and q.answer("f", "−6")
    assert q.finished


def test_names_come_from_the_caller() -> None:
    speed, time = Value(3.0), Value(2.0)
    way = speed * time
    q = sw.quiz(way)
    assert q.blanks == ("way", "time", "speed")
    assert q.answer("speed", 2)


def test_names_can_be_given() -> None:
    x, y = Value(3.0), Value(2.0)
    q = sw.quiz(x * y, names={"first": x, "second": y})
    assert set(q.blanks) >= {"first", "second"}


def test_a_value_can_be_asked_for_itself() -> None:
    a, *_, f = article()
    q = sw.quiz(f)
    assert q.answer(a, -3)
    with pytest.raises(DomainError, match="not in the graph"):
        q.answer(Value(1.0), 3)


@pytest.mark.parametrize("name", ["a", " a ", "a.grad"])
def test_names_as_they_are_written(name: str) -> None:
    *_, f = article()
    assert sw.quiz(f).answer(name, -3)


def test_no_gradient_is_touched() -> None:
    a, b, d, e, f = article()
    a.grad = 77.0
    q = sw.quiz(f)
    q.answer("a", -3), q.answer("d", 5), q.hint("e"), q.reveal(), q.to_dict()
    q.show()
    assert [node.grad for node in (a, b, d, e, f)] == [77.0, 0, 0, 0, 0]
    f.backward()
    assert (a.grad, b.grad) == (74.0, -8.0)


def test_an_old_gradient_is_told() -> None:
    a, *_, f = article()
    f.backward()
    assert "twice the gradient" in sw.quiz(f).answer("a", -6).text or a.grad == -3
    a.grad = 10.0
    assert sw.quiz(f).answer("a", 7).slips[0].code == "on-top-of-the-old"


@pytest.mark.parametrize(
    ("right", "given", "is_right"),
    [
        (1000.0, 1000.9, True), (1000.0, 1001.2, False), (-3.0, -3.0029, True), (-3.0, -3.004, False), (-3.0, 3.0, False),
        (2e-7, 2.0001e-7, True), (2e-7, 0.0, False), (2e-7, 3e-7, False), (0.0, 0.0, True), (0.0, 1e-6, False), (0.0, -0.0, True),
        (1e9, 1.0005e9, True), (1 / 3, 0.333, True), (1 / 3, 0.33, False),
    ],
)  # fmt: skip
def test_a_thousandth_is_let_pass_and_zero_only_by_zero(right: float, given: float, is_right: bool) -> None:
    x, k = Value(2.0, label="x"), Value(right, label="k")
    assert sw.quiz(x * k).answer("x", given).is_right is is_right


def test_a_zero_that_rounding_hides_is_zero() -> None:
    x = Value(1.0, label="x")
    y = x * 0.1 + x * 0.2 - x * 0.3  # 5.6e-17
    q = sw.quiz(y)
    assert q.answer("x", 0)
    assert not sw.quiz(y).answer("x", 0.1)


def test_a_second_answer_counts_once() -> None:
    *_, f = article()
    q = sw.quiz(f)
    assert not q.answer("a", 3) and q.answer("a", -3) and q.answer("a", -3)
    assert not q.answer("a", 5)
    assert (q.score.right, q.score.first_try, q.score.wrong) == (1, 0, 1)


def test_an_answer_that_cannot_be_read_counts_for_nothing() -> None:
    *_, f = article()
    q = sw.quiz(f)
    with pytest.raises(AnswerError):
        q.answer("a", "3 +")
    with pytest.raises(AnswerError, match="answers b, but a was asked"):
        q.answer("a", "b = 3")
    assert q.score.wrong == 0


def test_three_hints_then_the_working() -> None:
    *_, f = article()
    q = sw.quiz(f)
    hints = [q.hint("a") for _ in range(4)]
    assert [hint.level for hint in hints] == [1, 2, 3, 4]
    assert hints[3].is_working and "a" not in q.remaining
    assert all("−3" not in hint.text.replace("(−3)", "") for hint in hints[:3])
    assert q.hint("a").is_working  # asked again, it stays
    assert (q.score.shown, q.score.right, q.score.hints) == (1, 0, 3)


def test_hints_give_no_open_gradient_away() -> None:
    *_, f = article()
    q = sw.quiz(f)
    q.hint("a"), q.hint("a")
    assert q.hint("a").text.endswith("d.grad and e.grad are still to be found")
    q = sw.quiz(f)
    q.answer("d", 1)
    q.hint("a"), q.hint("a")
    assert q.hint("a").text.endswith("with d.grad = 1; e.grad is still to be found")


def test_a_hint_without_a_name_is_for_the_next_blank() -> None:
    *_, f = article()
    q = sw.quiz(f)
    assert q.hint().name == "f"
    q.reveal("f")
    assert q.hint().name == "e"
    q.reveal()
    assert q.finished
    with pytest.raises(DomainError, match="every blank is answered"):
        q.hint()


def test_reveal_shows_what_is_open() -> None:
    *_, f = article()
    q = sw.quiz(f)
    q.answer("a", -3)
    assert {hint.name for hint in q.reveal()} == {"f", "d", "e", "b"}
    assert q.score.shown == 4 and q.finished


def test_only_some_are_asked() -> None:
    a, *_, f = article()
    assert sw.quiz(f, only=["a", "b"]).blanks == ("b", "a")
    assert sw.quiz(f, only="a").blanks == ("a",) == sw.quiz(f, only=[a]).blanks
    with pytest.raises(DomainError, match="is not asked"):
        sw.quiz(f, only=["a"]).answer("b", 3)
    with pytest.raises(DomainError, match="did you mean"):
        sw.quiz(f, only=["aa"])
    with pytest.raises(DomainError):
        sw.quiz(f, only=[])


def test_it_shows_itself(capsys: pytest.CaptureFixture[str]) -> None:
    *_, f = article()
    q = sw.quiz(f)
    assert repr(q).count("?") == 5 and "f = d · e" in repr(q)
    q.answer("a", -3)
    q.show()
    shown = capsys.readouterr().out
    assert shown.count("?") == 4 and "−3" in shown
    page = q._repr_html_()
    assert "<table" in page and page.count("?") >= 4


def test_json_keeps_open_answers_to_itself() -> None:
    *_, f = article()
    q = sw.quiz(f)
    q.answer("a", "3"), q.answer("b", -8)
    data = json.loads(json.dumps(q.to_dict()))
    assert data["quiz"] == "gradients" and data["root"] == "f" and not data["finished"]
    gradients = {line["name"]: line["gradient"] for line in data["lines"]}
    assert gradients == {"a": None, "b": -8.0, "d": None, "e": None, "f": None}
    a = next(blank for blank in data["blanks"] if blank["name"] == "a")
    assert a["state"] == "open" and "answer" not in a and a["tries"][0]["slips"] == ["one-contribution", "assign"]
    told = json.loads(json.dumps(q.to_dict(answers=True)))["blanks"]
    assert {blank["name"]: blank["answer"] for blank in told} == RIGHT
    assert all(len(blank["hints"]) == 3 and blank["working"] for blank in told)


def test_labels_of_any_kind() -> None:
    nasty = ["<b>x</b>", "\x1b[31mred", "a\nb", "x1*w1", "‮abc", "a b", "?"]
    values = [Value(float(i + 2), label=label) for i, label in enumerate(nasty)]
    root = values[0]
    for value in values[1:]:
        root = root * value
    q = sw.quiz(root)
    assert "\x1b" not in q.text() and "‮" not in q.text() and "<b>" not in q._repr_html_()
    for label, value in zip(nasty, values):
        expected = root.data / value.data
        assert q.answer(label, expected), label
        assert "\x1b" not in repr(q.answer(label, 5)) and "\n" not in repr(q.answer(label, 5))
    json.dumps(q.to_dict(True))


def test_equal_labels_are_told_apart() -> None:
    x, also_x = Value(2.0, label="x"), Value(3.0, label="x")
    q = sw.quiz(x * also_x)
    assert {"x", "x#2"} <= set(q.blanks)
    assert q.answer("x", 3) and q.answer("x#2", 2)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    x = Value(number, label="x")
    with pytest.raises(DomainError, match="finite numbers"):
        sw.quiz(x * 2)


def test_a_gradient_that_is_not_finite_is_refused() -> None:
    x = Value(0.0, label="x")
    with pytest.raises(DomainError, match="the gradient of x is"):
        sw.quiz(sw.sqrt(x) * 2)


@pytest.mark.parametrize("number", [1 + 2j, 10**400])
def test_numbers_that_are_not_real_are_refused(number: Any) -> None:
    with pytest.raises((NumberError, DomainError)):
        sw.quiz(Value(number) * 2)


@pytest.mark.parametrize("number", [Fraction(1, 2), Decimal("0.5"), 5])
def test_other_kinds_of_numbers(number: Any) -> None:
    x = Value(number, label="x")
    assert sw.quiz(x * 3).answer("x", 3)


def test_what_is_no_graph() -> None:
    for wrong in (3.0, [Value(1.0)], "f"):
        with pytest.raises(NumberError):
            sw.quiz(wrong)  # type: ignore[arg-type]
    generated: list[dict[str, Any]] = [{}, {"level": 9}, {"level": 1, "seed": "x"}]
    for options in generated:
        with pytest.raises(DomainError):
            sw.quiz(**options)
    with pytest.raises(DomainError, match="blank='grads' is unknown\ndid you mean 'gradients'"):
        sw.quiz(Value(1.0) * 2, blank="grads")  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="leave one out"):
        sw.quiz(Value(1.0), level=1)
    with pytest.raises(DomainError, match="no value to ask"):
        sw.quiz(Value(1.0), blank="values")


def test_a_leaf_has_the_gradient_one() -> None:
    x = Value(5.0, label="x")
    q = sw.quiz(x)
    assert q.answer("x", 1) and q.finished


def test_a_node_without_a_way_for_the_gradient() -> None:
    x, y = Value(-3.0, label="x"), Value(2.0, label="y")
    dead = x.relu()
    dead.label = "dead"
    q = sw.quiz(dead * y)
    assert not q.answer("x", 2)
    assert q.answer("x", 0) and q.answer("y", 0)


def test_idioms_and_constants() -> None:
    x, y = Value(3.0, label="x"), Value(5.0, label="y")
    root = 2 - x
    root.label = "r"
    z = root / y + sw.mean([x, y]) - (-y)
    z.label = "z"
    q = sw.quiz(z)
    assert q.answer("y", 1 / 25 + 0.5 + 1) and q.answer("x", -0.2 + 0.5)
    assert all(not name.isdigit() for name in q.blanks)


def test_hand_made_steps() -> None:
    x = Value(3.0, label="x")
    y = Value(27.0, (x,), "cube")
    y.label = "y"

    def step() -> None:
        x.grad += 27.0 * y.grad

    y._backward = step
    q = sw.quiz(y * 2)
    assert q.answer("x", 54)
    assert x.grad == 0


def test_a_net_s_loss_is_asked_in_time() -> None:
    net = MLP(3, [4, 4, 1])
    loss = sw.sum((net([0.5, -1.0, x]) - 1.0) ** 2 for x in (0.1, 0.2, 0.3, 0.4))
    q = sw.quiz(loss)
    assert len(q.blanks) > 150 and "more lines" in q.text()
    name = next(name for name in q.blanks if name.endswith(".w.0"))
    assert not q.answer(name, 12345.0)
    assert q.hint(name).level == 1 and q.reveal(name)


def test_deep_and_wide_graphs() -> None:
    x = Value(1.0, label="x")
    y: Value = x
    for _ in range(10_000):
        y = y + x
    q = sw.quiz(y)
    assert not q.answer("x", 3) and q.answer("x", 10_001)
    z = Value(1.0, label="z")
    doubled = z
    for _ in range(60):
        doubled = doubled + doubled
    q = sw.quiz(doubled)
    assert not q.answer("z", 7) and q.answer("z", "2^60")


def test_a_generated_quiz() -> None:
    q = sw.quiz(level=3, seed=4)
    assert (q.level, q.seed) == (3, 4) and "level 3, seed 4" in repr(q)
    assert repr(q) == repr(sw.quiz(level=3, seed=4))
    assert (sw.quiz(level=2).seed, sw.quiz(seed=2).level) == (0, 1)
    assert isinstance(q, Quiz)


def test_numbers_that_do_not_fit_together_are_refused() -> None:
    a, b = sw.Value(2.0), sw.Value(3.0)
    f = a * b
    a.data = 5.0
    with pytest.raises(DomainError, match=r"a quiz needs numbers that fit together.*a is now 5"):
        sw.quiz(f)


@pytest.mark.parametrize("answer", [-0.167, "0.333-0.5", -0.1665, -0.17])
def test_a_number_with_too_few_digits_is_called_close(answer: float | str) -> None:
    x = Value(3.0)
    reply = sw.quiz(sw.log(x) - x / 2).answer("x", answer)
    assert not reply
    assert "close, but not within 0.1 %: give four digits" in str(reply)


def test_a_typed_sum_is_no_single_contribution() -> None:
    a, b = Value(2.0), Value(-3.0)
    f = a * b + a * a + a
    reply = str(sw.quiz(f).answer("a", "-3+4"))
    assert reply.startswith("not right: 1 is the sum of the other contributions")
