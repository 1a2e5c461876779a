"""Sentences that must not be told where they are not true, and tables that must stay readable."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


def one_line(story: object) -> str:
    return " ".join(str(story).split())


def own_sine(x: Value, step: Callable[[Value], None]) -> Value:
    s = Value(math.sin(x.data), (x,), "sin")
    s.label = "s"
    s._backward = lambda: step(s)
    return s


class TestTheClosingSentence:
    def test_a_slope_is_put_in_words(self) -> None:
        x = Value(2.0, label="x")
        assert "when x grows by 0.001, " in one_line(sw.explain(x * x))

    @pytest.mark.parametrize("number", [math.nan, True])
    def test_what_cannot_grow_does_not(self, number: Any) -> None:
        n, m = Value(number, label="n"), Value(2.0, label="m")
        assert "n grows by" not in one_line(sw.explain(n * m + m))

    def test_a_stale_graph_has_none(self) -> None:
        a, b = Value(2.0, label="a"), Value(5.0, label="b")
        d = a * b
        f = d * d
        d.data = 1.0
        assert "grows by" not in one_line(sw.explain(f))

    def test_the_change_is_as_small_as_the_bend_asks_for(self) -> None:
        x = Value(1e-6, label="x")
        text = one_line(sw.explain(1 / x))
        change = float(text.split("when x grows by ")[1].split(",")[0].replace("−", "-"))
        told = float(text.split("falls by about ")[1].rstrip("."))
        assert 1 / 1e-6 - 1 / (1e-6 + change) == pytest.approx(told, rel=0.1)

    def test_a_change_that_can_be_added_to_a_large_number(self) -> None:
        x = Value(1e20, label="x")
        text = one_line(sw.explain(x * 2))
        change = float(text.split("when x grows by ")[1].split(",")[0])
        assert 1e20 + change != 1e20


class TestAStepOfTheUsers:
    def test_that_assigns_is_told_as_it_works(self) -> None:
        x = Value(0.5, label="x")

        def step(s: Value) -> None:
            x.grad = math.cos(0.5) * s.grad

        s = own_sine(x, step)
        f = s * x + x
        f.label = "f"
        story = sw.explain(f)
        last = story.steps[-1]
        assert last.formula == "x.grad = s.grad · ∂s/∂x"
        assert (last.after, last.overwrites) == (story.gradients["x"], True)
        text = one_line(story)
        assert (
            "✗ The _backward of s sets x.grad with = where += belongs: 1.479, which was there before, is lost." in text
        )
        assert "x.grad ≈ 0.4388 through s, in the place of all before" in text
        assert "grows by" not in text
        for wrong in ("order", "no-zero"):
            mistaken = sw.explain(f, wrong=wrong)
            assert mistaken.gradients["x"] == pytest.approx(story.gradients["x"])
        assert x.grad == 0

    def test_that_forgets_its_gradient_is_told_as_it_works(self) -> None:
        x = Value(0.5, label="x")

        def step(s: Value) -> None:
            x.grad += math.cos(0.5)

        f = own_sine(x, step) * 3
        last = sw.explain(f).steps[-1]
        assert last.formula == "x.grad += what s hands on"
        assert last.numbers == "0.8776"
        assert last.rule == "sin has a _backward of its own, which hands on 0.8776, whatever its own gradient is"
        assert "grows by" not in one_line(sw.explain(f))


class TestTheStateOfAGraph:
    def test_two_that_differ_are_they(self) -> None:
        a, b = Value(2.0, label="a"), Value(3.0, label="b")
        f = a * b
        f.backward()
        f.backward()
        assert "b.grad holds 4, not 2: they hold other passes too" in one_line(sw.explain(f))

    def test_a_walk_by_hand_that_stopped_half_way(self) -> None:
        a, b = Value(2.0, label="a"), Value(3.0, label="b")
        d = a * b
        f = d + a
        f.label = "f"
        f.grad = 1.0
        f._backward()
        text = one_line(sw.explain(f))
        assert "Not run as far as b: f.grad was written, but the steps that lead there were not taken" in text
        assert "a.grad holds 1, not 4: not every share has arrived there." in text
        d._backward()
        assert "Not run" not in one_line(sw.explain(f))

    def test_a_leaf_that_changed_between_two_parts_of_a_graph(self) -> None:
        a = Value(2.0, label="a")
        f = a * a
        a.data = 3.0
        g = f + a
        for told in (sw.explain(g), sw.why(a, g)):
            text = one_line(told)
            assert "✗ a is now 3" in text
            assert "f was" not in text


def test_a_mistake_that_comes_to_nothing_in_the_end() -> None:
    a, b = Value(1.0, label="a"), Value(3.0, label="b")
    d = a * b
    f = sw.maximum(d * 0 + 0, b) + sw.maximum(d, 10.0)
    story = sw.explain(f, wrong="order")
    rights = sw.explain(f).gradients
    assert all(story.gradients[name] == pytest.approx(rights[name]) for name in ("a", "b"))
    assert (story.parting is None) != ("In the end every gradient is right" in one_line(story))


@pytest.mark.parametrize("exponent", [math.inf, -math.inf, math.nan, 1e300])
def test_a_power_with_an_extreme_exponent(exponent: float) -> None:
    x = Value(2.0, label="x")
    y = x**exponent
    assert str(sw.explain(y))
    assert str(sw.why(x, y))


def test_long_names_are_told_by_their_beginning_and_end() -> None:
    leaves = [Value(float(i + 1), label=f"{'a' * 200}{i}") for i in range(3)]
    f = sum(leaf * leaf for leaf in leaves)
    assert isinstance(f, Value)
    f.label = "b" * 300
    for told in (sw.explain(f), sw.why(leaves[0], f), sw.explain(f, wrong="assign")):
        for width in (80, 88):
            assert max(map(len, told.text(width).split("\n"))) <= width
        assert "a" * 37 not in told.html() + told.markdown() + told.latex()
    assert "aaa0" in str(sw.why(leaves[0], f)), "the ends of names tell them apart"


def test_titles_and_headings_keep_to_the_width() -> None:
    x = Value(1.0, label="the weight of the first neuron")
    y = x * 2
    y.label = "what comes out of it"
    assert max(map(len, sw.explain(y, wrong="order").text(40).split("\n"))) <= 40


def test_a_key_of_a_dict_is_a_name_like_any_other() -> None:
    weights = {"w": Value(2.0), "learning rate": Value(3.0)}
    y = weights["w"] * weights["learning rate"]
    assert sw.explain(y).steps[0].formula == "y = weights['w'] · weights['learning rate']"


def test_few_steps_told_of_a_small_graph() -> None:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    f = a * b + a
    text = one_line(sw.explain(f, most=2))
    assert "left out" not in text
    assert text.count("a · b") == 2, "once forward, once backward"


def test_a_truth_value_as_data_fits_the_schema() -> None:
    t = Value(True, label="t")
    data = sw.explain(t * t + t).json()
    assert type(data["nodes"][0]["number"]) is int


@pytest.mark.parametrize("x", [3.4, 4.0, 3.5, 2.9, 1.749, -3.3])
def test_a_calculator_comes_to_the_same(x: float) -> None:
    step = sw.explain(Value(x).tanh() * -0.4916).steps[-1]
    product, _, result = step.numbers.partition(" ≈ ")
    formula = product.replace("−", "-").replace("·", "*").replace("²", "**2")
    assert eval(formula) == pytest.approx(float(result.replace("−", "-")), rel=0.002)  # of our own digits and signs


def test_a_power_of_ten_as_base_is_in_brackets() -> None:
    x = Value(1e-9, label="x")
    assert sw.explain(x**2).steps[0].numbers == "(1e−9)² = 1e−18"
    assert sw.explain(2.0**x).steps[0].numbers == "2^(1e−9) ≈ 1"


def test_a_size_is_written_as_a_function() -> None:
    x = Value(-2.0, label="x")
    assert "abs(x)" in str(sw.why(x, abs(x)))
    assert "absolute value(" not in str(sw.explain(abs(x))) + str(sw.why(x, abs(x)))


def test_labels_that_look_like_something_else_are_in_quotes() -> None:
    two, root = Value(1.0, label="2"), Value(3.0, label="f.grad")
    z = two * root
    z.label = "z"
    assert [s.formula for s in sw.explain(z).steps] == [
        "z = ‘2’ · ‘f.grad’", "‘2’.grad += z.grad · ‘f.grad’", "‘f.grad’.grad += z.grad · ‘2’",
    ]  # fmt: skip


def test_passes_that_may_have_been_one_from_a_multiple() -> None:
    w = Value(2.0, label="w")
    loss = w * -1.2
    loss.backward()
    (loss * 3).backward()
    assert "that is what 4 passes add up to" in one_line(sw.why(w, loss)), "nobody says that 4 were run"
