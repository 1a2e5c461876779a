"""The graph as it is shown: idioms, constants inside operations, local derivatives, what is stale."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.errors import NumberError
from slopewise.views import Reading, ShownNode, shown_graph

Row = tuple[str, str, Any, Any]


def last(y: Value, **options: Any) -> ShownNode:
    return shown_graph(y, **options).nodes[-1]


def rows(node: ShownNode) -> list[Row]:
    return [(o.name, o.role, o.partial, o.contribution) for o in node.operands]


a, b, c = Value(-2.0, label="a"), Value(4.0, label="b"), Value(5.0, label="c")

IDIOMS: list[tuple[Callable[[], Value], str, str, list[Row]]] = [
    (lambda: a - b, "subtraction", "−", [("a", "left term", 1, 1), ("b", "subtracted", -1, -1)]),
    (lambda: a - 3, "subtraction", "−", [("a", "left term", 1, 1), ("3", "subtracted", -1, None)]),
    (lambda: 3 - a, "subtraction", "−", [("3", "left term", 1, None), ("a", "subtracted", -1, -1)]),
    (lambda: -a, "negation", "−", [("a", "", -1, -1)]),
    (lambda: a / b, "division", "÷", [("a", "dividend", 0.25, 0.25), ("b", "divisor", 0.125, 0.125)]),
    (lambda: a / 4, "division", "÷", [("a", "dividend", 0.25, 0.25), ("4", "divisor", None, None)]),
    (lambda: 8 / b, "division", "÷", [("8", "dividend", 0.25, None), ("b", "divisor", -0.5, -0.5)]),
    (lambda: sw.sum([a, b, c]), "sum", "+", [("a", "", 1, 1), ("b", "", 1, 1), ("c", "", 1, 1)]),
    (lambda: sw.sum([a, 2.5, c]), "sum", "+", [("a", "", 1, 1), ("2.5", "", 1, None), ("c", "", 1, 1)]),
    (lambda: sw.mean([a, b]), "mean", "mean", [("a", "", 0.5, 0.5), ("b", "", 0.5, 0.5)]),
    (lambda: a**2, "power", "**", [("a", "base", -4.0, -4.0), ("2", "exponent", 0, None)]),
    (lambda: a * 3, "product", "·", [("a", "left factor", 3, 3), ("3", "right factor", -2.0, None)]),
    (lambda: a.tanh(), "tanh", "tanh", [("a", "", 1 - math.tanh(2.0) ** 2, 1 - math.tanh(2.0) ** 2)]),
]


@pytest.mark.parametrize(("make", "operation", "symbol", "operands"), IDIOMS)
def test_each_operation_is_shown_as_it_was_written(
    make: Callable[[], Value], operation: str, symbol: str, operands: list[Row]
) -> None:
    node = last(make())
    assert (node.operation, node.symbol) == (operation, symbol)
    found = rows(node)
    assert [row[:2] for row in found] == [row[:2] for row in operands]
    for have, wanted in zip(found, operands):
        assert have[2:] == pytest.approx(wanted[2:], rel=1e-12) if wanted[3] is not None else have[3] is None


def test_a_hand_written_subtraction_stays_what_it_is() -> None:
    graph = shown_graph(a + b * -1)
    assert [n.operation for n in graph.nodes] == ["", "", "product", "addition"]


def test_nodes_on_request() -> None:
    graph = shown_graph(a - b, idioms=False)
    assert [n.operation for n in graph.nodes] == ["", "", "product", "addition"]


def test_what_is_used_elsewhere_or_named_is_not_folded_away() -> None:
    y = a - b
    inner = y._prev[1]
    assert last(y * inner).operation == "product"
    assert [n.operation for n in shown_graph(y * inner).nodes] == ["", "", "negation", "addition", "product"]
    other = a - b
    other._prev[1].label = "minus b"
    assert [n.name for n in shown_graph(other).nodes] == ["a", "b", "minus b", "other"]


def test_idioms_within_idioms() -> None:
    graph = shown_graph(sw.mean([(a - b) / c, -(b / 2)]))
    assert [n.operation for n in graph.nodes if n.operation] == [
        "subtraction", "division", "division", "negation", "mean",
    ]  # fmt: skip
    assert all(len(o.name) < 4 for n in graph.nodes for o in n.operands)


@pytest.mark.parametrize("divisor", [3, 7, 0.1, -6, 1e-3, 3.7, 1e300, 0, -0.0, math.inf, -math.inf, 2**60, 1e-307])
def test_a_divisor_is_shown_as_it_was_written(divisor: float) -> None:
    assert last(Value(5.0) / divisor).operands[1].number == divisor


def test_a_step_by_hand_is_seen_through_what_it_does() -> None:
    x = Value(0.5, label="x")
    y = Value(math.sin(x.data), (x,), "sin")

    def step() -> None:
        x.grad += math.cos(x.data) * y.grad

    y._backward = step
    node = last(y * 2).operands[0]
    assert node.contribution == 2
    made = shown_graph(y * 2).nodes[1]
    assert (made.operation, rows(made)) == ("sin", [("x", "", math.cos(0.5), 2 * math.cos(0.5))])
    assert x.grad == 0


def test_local_derivatives_given_by_hand() -> None:
    node = last(Value(5.0, (a, b), (2.0, 3.0)))
    assert [row[2:] for row in rows(node)] == [(2.0, 2.0), (3.0, 3.0)]
    assert node.operation == "operation"


def test_an_operand_used_twice_is_there_twice() -> None:
    assert [row[:2] for row in rows(last(a * a))] == [("a", "left factor"), ("a", "right factor")]


def test_not_run_and_run() -> None:
    x = Value(3.0)
    y = x * x
    graph = shown_graph(y)
    assert not graph.has_run
    assert [(n.was_written, n.stored, n.gradient) for n in graph.nodes] == [(False, 0, 6.0), (False, 0, 1)]
    y.backward()
    x.grad = 5
    graph = shown_graph(y)
    assert graph.has_run
    assert [(n.was_written, n.stored, n.gradient) for n in graph.nodes] == [(True, 5, 6.0), (True, 1, 1)]


def test_stale_values_are_named_with_both_numbers() -> None:
    x, z = Value(-2.0), Value(3.0)
    f = (x * z) * (x + z)
    assert shown_graph(f).stale == ()
    x.data = -1.7
    assert [(s.name, s.now, s.built) for s in shown_graph(f).stale] == [("x", -1.7, -2.0)]


def test_a_leaf_that_was_used_again_since_is_still_known_to_have_changed() -> None:
    x, z = Value(2.0), Value(3.0)
    f = x * x
    x.data = 3.0
    g = f + x
    assert [s.sentence for s in shown_graph(g).stale] == [
        "x is now 3, a part of this graph was built with another number"
    ]
    h = x * z
    x.data = 4.0
    k = h + x
    assert [s.sentence for s in shown_graph(k).stale] == [
        "h holds 9, but its operands now make it 12: one of them changed after it was computed"
    ]


def test_an_inner_number_that_was_assigned() -> None:
    x = Value(2.0)
    y = x * 3.0
    z = y + 1.0
    y.data = 10.0
    assert [(s.name, s.now, s.built) for s in shown_graph(z).stale] == [("y", 10.0, 6.0)]
    assert shown_graph(z).stale[0].sentence == "y was set to 10 by hand; it was computed as 6"


def test_nodes_stand_in_the_order_in_which_they_were_made() -> None:
    xs = [Value(2.0, label="x0"), Value(1.0, label="x1"), Value(-1.0, label="x2")]
    ex = [sw.exp(x) for x in xs]
    total = ex[0] + ex[1] + ex[2]
    p1 = ex[1] / total
    assert [n.name for n in shown_graph(p1).nodes] == [
        "x0", "ex[0]", "x1", "ex[1]", "x2", "ex[2]", "v1", "total", "p1",
    ]  # fmt: skip


def test_numbers_of_other_types() -> None:
    x = Value(Fraction(1, 3), label="x")
    node = last(x * Fraction(1, 2) - Fraction(1, 6))
    assert node.number == 0
    assert [o.number for o in node.operands] == [Fraction(1, 6), Fraction(1, 6)]


def test_a_single_leaf_and_a_constant_as_root() -> None:
    graph = shown_graph(a)
    assert [(n.name, n.kind, n.gradient) for n in graph.nodes] == [("a", "leaf", 1)]
    constant = (a * 2)._prev[1]
    assert [n.kind for n in shown_graph(constant).nodes] == ["leaf"]


def test_a_window_of_a_graph() -> None:
    d = a * b
    e = a + b
    f = d * e
    reading = Reading(f)
    graph = shown_graph(f, reading=reading, within=[reading.places[id(f)]])
    assert [(n.name, n.kind, n.operation) for n in graph.nodes] == [
        ("d", "outside", "product"), ("e", "outside", "addition"), ("f", "operation", "product"),
    ]  # fmt: skip
    assert [o.position for o in graph.nodes[2].operands] == [0, 1]
    assert graph.nodes[0].gradient == 2.0


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(NumberError, match="got 2 of them\ntake one"):
        shown_graph([a, b])  # type: ignore[arg-type]
    with pytest.raises(NumberError, match=r"a graph ends in a Value, got 3\.0"):
        shown_graph(3.0)  # type: ignore[arg-type]
    with pytest.raises(NumberError, match="got dict"):
        shown_graph({"a": a})  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=20))
def test_contributions_add_up_to_gradients_with_idioms_and_without(plan: list[tuple[int, int, int]]) -> None:
    made = [Value(0.5), Value(-1.5), Value(2.0)]
    for how, i, j in plan:
        x, y = made[i % len(made)], made[j % len(made)]
        made.append(
            [x + y, x * y, x - y, x.tanh(), x.relu(), -x, x / (y.tanh() + 2), 2 - x, sw.mean([x, y]), sw.sum([x, y])][
                how
            ]
        )
    root = made[-1]
    for idioms in (True, False):
        graph = shown_graph(root, idioms=idioms)
        sums = [0.0] * len(graph.nodes)
        sums[graph.root] = 1.0
        for p in graph.backward_order:
            node = graph.nodes[p]
            assert sums[p] == pytest.approx(node.gradient, rel=1e-9, abs=1e-9)
            for operand in node.operands:
                if operand.position is not None:
                    sums[operand.position] += operand.contribution
