"""Contributions add up to gradients, and come in the order of the pass."""

import math

import pytest

from slopewise import Value
from slopewise.errors import GraphError
from slopewise.views import contributions


def test_the_article_graph_hands_out_six() -> None:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.backward()
    found = {(c.operand.label, c.through.label): c.amount for c in contributions(f) if c.operand in (a, b)}
    assert found == {("a", "d"): 3.0, ("a", "e"): -6.0, ("b", "d"): -2.0, ("b", "e"): -6.0}
    assert len(contributions(f)) == 6


def test_contributions_add_up_to_each_gradient() -> None:
    x, y = Value(0.7), Value(-1.3)
    root = ((x * y).tanh() + x**3 / y - (x + x).exp()).relu() + (x - y).sigmoid() * y
    root.backward()
    found = contributions(root)
    for node in (x, y):
        total = math.fsum(c.amount for c in found if c.operand is node)
        assert math.isclose(total, node.grad, rel_tol=1e-12)


def test_the_exponent_of_a_power_is_handed_nothing() -> None:
    x = Value(3.0)
    y = x**2
    y.backward()
    assert [(c.operand is x, c.amount) for c in contributions(y)] == [(True, 6.0)]


def test_a_graph_without_a_pass_is_refused() -> None:
    y = Value(2.0) * 3
    y.label = "y"
    with pytest.raises(GraphError, match="gradient of 'y' was never computed"):
        contributions(y)
