"""What a story tells, word for word, and what it says about graphs that are not as they seem."""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine.value import was_written
from slopewise.lecture import Value as LectureValue
from slopewise.nn import MLP
from slopewise.ops import TABLE
from slopewise.stories.rules import BACKWARD, DEPENDING, FORWARD

Golden = Callable[..., None]


def article() -> tuple[Value, Value, Value]:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return a, b, f


def lecture_expression() -> Value:
    a, b, c, f = (Value(x, label=name) for name, x in (("a", 2.0), ("b", -3.0), ("c", 10.0), ("f", -2.0)))
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L


def neuron() -> Value:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    both = x1w1 + x2w2
    both.label = "x1*w1 + x2*w2"
    n = both + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


def readme() -> Value:
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.label = "g"
    return g


def reused() -> Value:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c, d = a + b, a * b
    c.label, d.label = "c", "d"
    e, f = c + d, c * d
    e.label, f.label = "e", "f"
    y = e + f
    y.label = "y"
    return y


def net_loss() -> tuple[MLP, Value]:
    random.seed(1337)
    net = MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    loss = sw.sum([(net(x) - y) ** 2 for x, y in zip(xs, ys, strict=True)])
    loss.backward()
    return net, loss


STORIES: list[tuple[str, Callable[[], Value], dict[str, Any], str]] = [
    ("article", lambda: article()[2], {}, "the article's graph: two inputs that meet twice"),
    ("lecture", lecture_expression, {}, "the lecture's L = (a·b + c)·f"),
    ("neuron", neuron, {}, "the lecture's neuron: labels with spaces and stars, a tanh"),
    ("readme", readme, {}, "the expression of micrograd's README: every operator and idiom"),
    ("order", reused, {"wrong": "order"}, "handing on too early: 29 and 22 where 25 and 19 are right"),
    ("assign", lambda: article()[2], {"wrong": "assign"}, "= for +=: 3 and −2 where −3 and −8 are right"),
    ("no-zero", lambda: article()[2], {"wrong": "no-zero"}, "a second pass on gradients that were not zeroed"),
    ("nothing-wrong", lambda: article()[2], {"wrong": "order"}, "a mistake that changes nothing, and why"),
]


@pytest.mark.parametrize(("name", "make", "options", "reason"), STORIES, ids=[s[0] for s in STORIES])
def test_stories_word_for_word(
    name: str, make: Callable[[], Value], options: dict[str, Any], reason: str, golden: Golden
) -> None:
    root = make()
    golden(f"stories/{name}.txt", sw.explain(root, **options).text(), reason=reason)


def test_the_article_in_every_format(golden: Golden) -> None:
    story = sw.explain(article()[2])
    golden("stories/article.md", story.markdown(), reason="<!-- the article's graph as Markdown -->")
    golden("stories/article.tex", story.latex(), reason="% the article's graph as LaTeX")
    golden("stories/article.html", story.html(), reason="<!-- the article's graph as HTML -->")
    assert story._repr_html_() == story.html()


def test_a_net_and_its_parts_word_for_word(golden: Golden) -> None:
    net, loss = net_loss()
    story = sw.explain(loss)
    assert repr(net)
    golden("stories/net.txt", story.text(), reason="a net's loss, told by layers")
    golden("stories/net-layer.txt", story.open("layers.1").text(), reason="a layer, opened")
    neuron_story = story.open("layers.1.neurons.3", sample=2)
    golden("stories/net-neuron.txt", neuron_story.text(), reason="a neuron on one sample, opened")


# ---------------------------------------------------------------------- the state of the graph


def test_not_run_is_said_and_no_zero_is_shown_for_it() -> None:
    _, _, f = article()
    text = sw.explain(f).text()
    assert "backward() was not run on f" in text
    assert "a.grad = −3" in text
    assert not any(was_written(step.node) for step in sw.explain(f))
    f.backward()
    assert "not run" not in sw.explain(f).text()


def test_stale_is_said() -> None:
    a, _, f = article()
    f.backward()
    a.data = -1.7
    text = sw.explain(f).text()
    assert "a is now −1.7, this graph was built with −2" in text
    assert "d = a · b  = −2 · 3 = −6" in text, "forward is told as it was computed"
    assert "b.grad += d.grad · a  = 1 · (−1.7) = −1.7" in text, "backward is told as it would run"
    assert "b.grad holds −8, not −7.7" in text


def test_a_number_set_by_hand_in_the_middle_is_told_as_such() -> None:
    a = Value(2.0, label="a")
    d = a * 3
    d.label = "d"
    f = d * d
    f.label = "f"
    d.data = 7.0
    text = sw.explain(f).text()
    assert "d was set to 7 by hand; it was computed as 6" in text
    assert "f = d · d  = 6 · 6 = 36" in text


def test_gradients_of_other_passes_are_not_in_the_story() -> None:
    a, b, f = article()
    f.backward()
    f.backward()
    story = sw.explain(f)
    assert story.gradients["a"] == -3.0
    assert [step.before for step in story if step.operand is a] == [0, -6.0]
    assert "a.grad holds −6, not −3" in story.text()
    assert (a.grad, b.grad) == (-6.0, -16.0), "nothing was touched"


def test_explaining_changes_nothing() -> None:
    a, b, f = article()
    a.grad = 5.0
    before = [(n.data, n.grad, was_written(n)) for n in (a, b, f)]
    for wrong in (None, "order", "assign", "no-zero"):
        str(sw.explain(f, wrong=wrong))
    assert [(n.data, n.grad, was_written(n)) for n in (a, b, f)] == before


def test_sources_are_told_when_they_were_recorded() -> None:
    a = Value(2.0)
    with sw.sources():
        y = a * 3
    step = sw.explain(y).steps[0]
    assert step.source is not None
    assert step.source.file == __file__
    assert "test_stories.py:" in sw.explain(y).text()
    z = a * 3
    assert sw.explain(z).steps[0].source is None


# ---------------------------------------------------------------------- what can be explained


def test_names_come_from_labels_then_variables_then_places() -> None:
    labelled, plain = Value(2.0, label="speed"), Value(3.0)
    xs = [Value(1.0)]
    y = labelled * plain + xs[0]
    assert sw.explain(y).steps[0].formula == "v1 = speed · plain"
    assert sw.explain(y).steps[1].formula == "y = v1 + xs[0]"
    net = MLP(2, [1])
    out = net([1.0, 2.0])
    assert any("layers.0.neurons.0.w.1" in step.formula for step in sw.explain(out))


def test_a_single_leaf() -> None:
    a = Value(3.0)
    story = sw.explain(a)
    assert len(story) == 0
    assert list(story) == []
    assert "a = 3 was not computed from other Values" in str(story)
    with sw.no_grad():
        b = a * 2
    assert len(sw.explain(b)) == 0


def test_a_root_that_was_used_further() -> None:
    a = Value(3.0)
    d = a * a
    _further = d * 2
    assert sw.explain(d).gradients == {"a": 6.0, "d": 1}


def test_the_same_value_twice_is_two_steps() -> None:
    a = Value(3.0)
    b = a + a
    steps = sw.explain(b).steps
    assert [(s.role, s.before, s.after) for s in steps[1:]] == [("left term", 0, 1), ("right term", 1, 2)]


def test_a_users_own_backward() -> None:
    x = Value(0.5)
    y = Value(x.data * 10, (x,), "tenfold")

    def backward() -> None:
        x.grad += 10 * y.grad

    y._backward = backward
    z = y * 2
    step = sw.explain(z).steps[-1]
    assert (step.contribution, step.local, step.upstream) == (20.0, 10.0, 2)
    assert step.rule == "tenfold has a _backward of its own, which hands on 10 times its gradient"
    assert step.formula == "x.grad += y.grad · ∂y/∂x"
    assert step.numbers == "2 · 10 = 20"
    assert (x.grad, y.grad) == (0, 0)


def test_given_local_derivatives() -> None:
    x, y = Value(2.0), Value(5.0)
    z = Value(10.0, (x, y), (5.0, 2.0))
    assert [s.numbers for s in sw.explain(z).steps] == ["op(2, 5) = 10", "1 · 5 = 5", "1 · 2 = 2"]


def test_numbers_of_other_types() -> None:
    p = Value(Fraction(1, 3)) * Value(Fraction(3, 4))
    assert [s.numbers for s in sw.explain(p)] == ["1/3 · 3/4 = 1/4", "1 · 3/4 = 3/4", "1 · 1/3 = 1/3"]
    q = Value(1 + 2j) * Value(2 - 1j)
    assert sw.explain(q).steps[0].numbers == "(1 + 2i) · (2 − 1i) = 4 + 3i"
    r = Value(3) * Value(4)
    assert type(sw.explain(r).steps[1].contribution) is int
    s = LectureValue(2.0) * 3
    assert sw.explain(s).steps[1].numbers == "1 · 3 = 3"
    t = Value(float("inf")) * Value(float("nan"))
    assert "∞ · nan = nan" in str(sw.explain(t))


def test_subclasses() -> None:
    class Mine(Value):
        pass

    x = Mine(3.0)
    assert sw.explain(x * x - 1).gradients["x"] == 6.0


def test_a_selection_hands_nothing_to_what_it_left_out() -> None:
    x = Value(0.0, label="x")
    y = sw.log(x)  # slope ∞
    z = sw.where(Value(1.0, label="c"), Value(2.0, label="k"), y)
    steps = {s.operand_name: s for s in sw.explain(z).steps if s.kind == "backward"}
    assert steps["k"].contribution == 1
    assert steps[next(n for n in steps if n not in ("k", "c", "x"))].contribution == 0


def test_idioms_are_unfolded_on_request() -> None:
    a, b = Value(5.0), Value(2.0)
    y = a - b
    assert [s.operation for s in sw.explain(y) if s.kind == "forward"] == ["subtraction"]
    assert [s.operation for s in sw.explain(y, nodes=True) if s.kind == "forward"] == ["product", "addition"]
    assert sw.explain(y).steps[2].rule == "the subtracted term gets it with the opposite sign"
    hand_made = a + b * -1
    assert [s.operation for s in sw.explain(hand_made) if s.kind == "forward"] == ["product", "addition"]


@pytest.mark.parametrize("row", [row for row in TABLE if row.arity], ids=lambda row: row.name)
def test_every_operation_has_sentences_of_its_own(row: Any) -> None:
    word = {"add": "addition", "multiply": "product"}.get(row.name, row.name)
    assert word in FORWARD
    assert word in BACKWARD or word in DEPENDING


@pytest.mark.parametrize("row", [row for row in TABLE if row.arity], ids=lambda row: row.name)
def test_every_operation_is_told(row: Any) -> None:
    points = {"acosh": 1.7, "where": 1.0}
    operands = [Value(points.get(row.name, 0.6) + 0.1 * i, label="xyz"[i]) for i in range(row.arity)]
    out = row(*operands) if row.name not in ("power", "power_value") else operands[0] ** operands[1]
    out.label = "out"
    out.backward()
    story = sw.explain(out)
    backward = [s for s in story if s.kind == "backward"]
    assert [s.contribution for s in backward] == pytest.approx([x.grad for x in operands])
    for step in story:
        assert step.rule.endswith(".") is False
        assert "local derivative" not in step.rule, f"{row.name} has no sentence of its own"
    str(story), story.markdown(), story.latex(), story.html()


# ---------------------------------------------------------------------- looking things up


def test_steps_of_a_node() -> None:
    a, _, f = article()
    story = sw.explain(f)
    assert [s.formula for s in story.steps_of("e")] == [
        "e = a + b",
        "f = d · e",
        "e.grad += f.grad · d",
        "a.grad += e.grad · 1",
        "b.grad += e.grad · 1",
    ]  # fmt: skip
    assert story.steps_of(a) == story.steps_of("a")


def test_a_story_is_a_sequence_of_steps() -> None:
    story = sw.explain(article()[2])
    assert len(story) == len(story.steps) == 9
    assert [s.kind for s in story] == ["forward"] * 3 + ["backward"] * 6
    assert repr(story) == "<Story of f: 3 steps forward, 6 back; print it to read it>"
    assert repr(story.steps[0]) == "<forward step: d = a · b = −2 · 3 = −6>"
    assert repr(story.steps[-1]) == "<backward step: b.grad += d.grad · a = 1 · (−2) = −2>"
    with pytest.raises(AttributeError):
        story.steps[0].before = 3  # type: ignore[misc]


def test_a_node_without_a_backward_step_is_named() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    u = Value(5.0, (a, b), "+")
    y = u * 2
    text = sw.explain(y).text()
    assert "u = a + b  = 2 + 3 = 5" in text
    assert "✗ u has no backward step, so it hands nothing on" in text
    assert "no backward step" not in sw.explain(a * b).text()
