"""Passes with a mistake in them: the numbers of reference runs, and of the same mistake made by hand."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.stories.arithmetic import agree

Graph = tuple[list[Value], Value]


def article() -> Graph:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    return [a, b], (a * b) * (a + b)


def reused() -> Graph:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c, d = a + b, a * b
    return [a, b], (c + d) + c * d


def by_plain_recursion(root: Value) -> None:
    """The learner's own walk, on the live graph."""
    root.grad = 1.0

    def visit(node: Value) -> None:
        node._backward()
        for child in node._prev:
            visit(child)

    visit(root)


def ends(story: Any, leaves: list[Value]) -> list[float]:
    return [story.gradients[leaf.label] for leaf in leaves]


def test_the_order_on_the_graph_that_shows_it() -> None:
    leaves, y = reused()
    story = sw.explain(y, wrong="order")
    assert ends(story, leaves) == [29.0, 22.0]
    assert ends(sw.explain(y), leaves) == [25.0, 19.0]
    assert story.parting is not None
    step = story.steps[story.parting]
    assert (step.operand_name, step.contribution, step.right) == ("a", 1.0, 7.0)
    assert "a.grad                29     25  ✗ wrong" in story.text()


def test_assigning_on_the_articles_graph() -> None:
    leaves, f = article()
    story = sw.explain(f, wrong="assign")
    assert ends(story, leaves) == [3.0, -2.0]
    assert story.parting is not None
    step = story.steps[story.parting]
    assert (step.before, step.after, step.right_after) == (-6.0, 3.0, -3.0)
    assert "= puts 3 in its place, += makes it −3" in story.text()


def test_not_zeroing_on_the_articles_graph() -> None:
    leaves, f = article()
    for passes in range(3):
        story = sw.explain(f, wrong="no-zero")
        held = max(passes, 1)  # before any pass, the story is about a second one
        assert ends(story, leaves) == [-3.0 * (held + 1), -8.0 * (held + 1)]
        f.backward()
    assert [x.grad for x in leaves] == [-9.0, -24.0]


def test_not_zeroing_is_what_a_second_pass_does() -> None:
    leaves, y = reused()
    y.backward()
    told = ends(sw.explain(y, wrong="no-zero"), leaves)
    y.backward()
    assert told == [x.grad for x in leaves]


def test_the_lectures_own_class_is_told_of() -> None:
    _, f = article()
    assert "a second pass ends with a −9, b −24" in sw.explain(f, wrong="no-zero").text()


@pytest.mark.parametrize("wrong", ["order", "assign"])
def test_a_mistake_that_changes_nothing_says_so(wrong: str) -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    story = sw.explain(a * b, wrong=wrong)
    assert story.parting is None
    assert "The mistake changes nothing here" in story.text()
    assert story.gradients["a"] == 3.0


def test_chance_is_no_reason() -> None:
    """Nodes are shared, but the first visit handed on 0."""
    a = Value(2.0, label="a")
    d = a * 0.0
    y = (d * 0.0) + (d * 0.0)
    text = sw.explain(y, wrong="order").text()
    assert "what it hands on the second time is 0" in text
    b = Value(0.0, label="b")
    assert "no leaf holds a gradient other than 0" in sw.explain(b * 0.0, wrong="no-zero").text()


def test_the_article_hides_the_order() -> None:
    _, f = article()
    text = sw.explain(f, wrong="order").text()
    assert "changes nothing here: every inner node is used once only" in text


def test_doublings_are_bounded() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(60):
        y = y + y
    story = sw.explain(y, wrong="order", most=30)
    assert story.mistake is not None
    assert (story.mistake.visits, story.mistake.followed) == (2**60 - 1, 10_000)
    assert story.gradients == {}
    text = story.text()
    assert "would step about 1.153e18 times here" in text
    assert "✗ Here the two part" in text
    assert len(text.split("\n")) < 120


nodes = st.lists(st.tuples(st.sampled_from("+*-t"), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=7)


def random_graph(program: list[tuple[str, int, int]]) -> Graph:
    rng = random.Random(3)
    leaves = [Value(rng.uniform(-2, 2), label=name) for name in "abc"]
    pool = list(leaves)
    for op, i, j in program:
        x, y = pool[-1 - i % len(pool)], pool[-1 - j % len(pool)]
        pool.append(x + y if op == "+" else x * y if op == "*" else x - y if op == "-" else x.tanh())
    return leaves, pool[-1]


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(nodes)
def test_the_order_is_that_of_a_plain_recursion_on_the_same_graph(program: list[tuple[str, int, int]]) -> None:
    leaves, root = random_graph(program)
    story = sw.explain(root, wrong="order", most=5)
    by_plain_recursion(root)
    assert all(agree(story.gradients.get(x.label, 0), x.grad, 1e-9) for x in leaves if x.label in story.gradients)
    right = sw.explain(root).gradients
    same = all(agree(story.gradients[x.label], right[x.label], 1e-9) for x in leaves if x.label in right)
    assert same or story.parting is not None
    str(story)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(nodes)
def test_what_parts_is_marked_at_the_first_step_that_differs(program: list[tuple[str, int, int]]) -> None:
    _, root = random_graph(program)
    for wrong in ("assign", "no-zero"):
        story = sw.explain(root, wrong=wrong)
        backward = [s for s in story.steps if s.kind == "backward"]
        differing = [
            i for i, s in enumerate(story.steps) if s.kind == "backward" and not agree(s.after, s.right_after, 1e-12)
        ]
        assert story.parting == (differing[0] if differing else None)
        assert len(backward) == len([s for s in sw.explain(root).steps if s.kind == "backward"])
