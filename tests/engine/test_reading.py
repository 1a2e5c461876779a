"""Reading a graph: its order, its gradients afresh, what is out of date; nothing of it is changed by that."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.engine.reading import (
    built_with,
    computed_now,
    contributions_of,
    gradients_afresh,
    gradients_after_step,
    is_constant,
    out_of_date,
    survey,
    was_assigned,
)
from slopewise.engine.value import was_written
from slopewise.errors import GraphError
from slopewise.lecture import Value as LectureValue


def state_of(nodes: list[Value]) -> list[tuple[Any, type, bool]]:
    return [(n.grad, type(n.grad), was_written(n)) for n in nodes]


def test_operands_come_first_left_before_right() -> None:
    a, b = Value(-2.0), Value(3.0)
    d = a * b
    e = a + b
    f = d * e
    nodes, operands = survey(f)
    assert [id(n) for n in nodes] == [id(n) for n in (a, b, d, e, f)]
    assert operands == [(), (), (0, 1), (0, 1), (2, 3)]


def test_an_operand_used_twice_is_there_twice_and_an_exponent_is_none() -> None:
    a = Value(3.0)
    assert survey(a * a)[1] == [(), (0, 0)]
    assert survey(a**2)[1] == [(), (0,)]
    assert survey(Value(2.0) ** a)[1] == [(), (), (0, 1)]
    assert survey(a)[1] == [()]


def test_a_node_of_many_operands() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    made = Value(6.0, (a, b, a, c), (1.0, 1.0, 1.0, 1.0))
    _, operands = survey(made * 2)
    assert operands == [(), (), (), (0, 1, 0, 2), (), (3, 4)]


def test_a_cycle_is_named_and_leaves_the_graph_usable() -> None:
    a = Value(1.0)
    b = a * 2
    c = b + 1
    b._prev = (a, c)
    with pytest.raises(GraphError, match="has a cycle"):
        survey(c)
    b._prev = (a, b._prev[1].detach())
    assert len(survey(c)[0]) == 5
    c.backward()


def test_a_long_chain_and_its_gradients() -> None:
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * 1.0
    nodes, operands = survey(y)
    assert len(nodes) == len(operands) == 200_001
    assert gradients_afresh(y, nodes)[nodes.index(x)] == 1.0


@pytest.mark.parametrize("number", [3, 2.5, Fraction(1, 3), 2 + 1j, 2**70])
def test_gradients_afresh_are_those_of_a_pass_and_touch_nothing(number: Any) -> None:
    a, b = Value(number), Value(number)
    y = (a * b + a) * b
    a.grad = 7
    nodes, _ = survey(y)
    before = state_of(nodes)
    fresh = gradients_afresh(y, nodes)
    assert state_of(nodes) == before
    a.grad = 0
    y.backward()
    assert fresh == [n.grad for n in nodes]
    assert [type(g) for g in fresh] == [type(n.grad) for n in nodes]


def test_gradients_afresh_of_the_lecture_s_flavour_are_floats() -> None:
    a = LectureValue(2.0)
    y = a + 1
    nodes, _ = survey(y)
    assert gradients_afresh(y, nodes) == [1.0, 1.0, 1.0]
    assert [type(n.grad) for n in nodes] == [float] * 3


def test_a_step_that_raises_leaves_the_gradients_as_they_were() -> None:
    a = Value(2.0)
    y = Value(4.0, (a,), "odd")

    def step() -> None:
        a.grad += 5
        raise ZeroDivisionError("no")

    y._backward = step
    a.grad = 1.5
    nodes, _ = survey(y)
    with pytest.raises(ZeroDivisionError):
        gradients_afresh(y, nodes)
    assert state_of(nodes) == [(1.5, float, True), (0, int, False)]


def test_gradients_afresh_within_anomalies_do_not_raise() -> None:
    x = Value(0.0)
    y = sw.sqrt(x)
    nodes, _ = survey(y)
    with sw.anomalies():
        assert gradients_afresh(y, nodes)[0] == math.inf


def test_what_changed_since_is_out_of_date() -> None:
    a, b = Value(-2.0), Value(3.0)
    d, e = a * b, a + b
    f = (d * e).tanh() - a**2 / b + sw.log(b) + (-a).relu()
    nodes, operands = survey(f)
    assert out_of_date(nodes) == []
    a.data = -1.7
    late = out_of_date(nodes)
    assert late == [p for p, ops in enumerate(operands) if nodes.index(a) in ops]
    assert (built_with(a), built_with(b)) == (-2.0, 3.0)
    a.data = -1.5
    assert built_with(a) == -2.0
    a.data = -2.0
    assert out_of_date(nodes) == []


def test_the_older_number_of_a_value_that_was_used_again_is_gone_but_its_graph_is_known_to_be_late() -> None:
    a = Value(2)
    y = a * 3
    a.data = 5
    assert built_with(a) == 2
    assert isinstance(built_with(a), int)
    z = a * 4
    assert built_with(a) == 5
    assert out_of_date(survey(y)[0]) == [2]
    assert out_of_date(survey(z)[0]) == []


def test_nodes_are_listed_in_the_order_in_which_they_were_made() -> None:
    a, b = Value(1.0), Value(2.0)
    late = [a * 2.0, b * 3.0]
    first = a + b
    root = first * late[1] + late[0]
    nodes, operands = survey(root)
    made = [n for n in nodes if n._prev]
    assert [id(n) for n in made[:3]] == [id(late[0]), id(late[1]), id(first)]
    assert all(q < p for p, ops in enumerate(operands) for q in ops)


def test_an_order_of_making_that_has_operands_after_their_results_is_not_taken() -> None:
    a = Value(1.0)
    old = a * 2.0
    new = a * 3.0
    old._prev = (new,)
    nodes, operands = survey(old + 1.0)
    assert all(q < p for p, ops in enumerate(operands) for q in ops)
    assert len(nodes) == 6


def test_what_a_node_was_computed_as_and_would_be_now() -> None:
    a = Value(2.0)
    y = a * 3.0
    assert (was_assigned(y), built_with(y), computed_now(y)) == (False, 6.0, 6.0)
    y.data = 10.0
    y.data = 11.0
    a.data = 4.0
    assert (was_assigned(y), built_with(y), computed_now(y)) == (True, 6.0, 12.0)
    assert not was_assigned(a)


def test_nan_is_up_to_date_and_numbers_of_other_types_too() -> None:
    a = Value(math.nan)
    assert out_of_date(survey((a * 2 + 1).relu().tanh())[0]) == []
    b = Value(Fraction(1, 3))
    y = b * b
    assert out_of_date(survey(y)[0]) == []
    b.data = Fraction(1, 2)
    assert out_of_date(survey(y)[0]) == [1]


def test_a_value_as_number_is_compared_by_what_it_holds() -> None:
    a = Value(Value(2.0))
    y = a * a + 1
    assert out_of_date(survey(y)[0]) == []
    a.data = Value(3.0)
    assert out_of_date(survey(y)[0]) == [1]


def test_operations_made_by_hand_are_late_when_an_operand_changed() -> None:
    a = Value(2.0)
    y = Value(math.sin(a.data), (a,), "sin")
    assert out_of_date(survey(y)[0]) == []
    a.data = 1.0
    assert out_of_date(survey(y)[0]) == [1]
    assert built_with(a) == 2.0


def test_copies_and_pickles_stay_out_of_date() -> None:
    import copy
    import pickle

    a = Value(2.0, label="a")
    y = a * 3.0
    a.data = 1.0
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        nodes, _ = survey(twin)
        assert out_of_date(nodes) == [2]
        assert built_with(nodes[0]) == 2.0


def test_constants_are_what_operators_made_of_numbers() -> None:
    a = Value(3.0)
    for y in (a * 2, 2 * a, a + 2.0, a - 2, a / 3, sw.maximum(a, 0.0), sw.sum([a, 1.5])):
        nodes, _ = survey(y)
        assert [is_constant(n) for n in nodes if not n._prev and n is not a].count(False) == 0
        assert not is_constant(a)
    assert not is_constant((a * 2).detach())
    assert not is_constant(Value(2))
    with sw.no_grad():
        assert not is_constant(a * 2)


def test_contributions_are_what_a_step_hands_on() -> None:
    a, b = Value(-2.0), Value(3.0)
    assert contributions_of(a * b, 10.0) == (30.0, -20.0)
    assert contributions_of(a * a, 1) == (-2.0, -2.0)
    assert contributions_of(a**2, 1.0) == (-4.0,)
    assert contributions_of(a.relu(), math.inf) == (0,)
    assert contributions_of(a, 1.0) == ()


extra = Value(1.0)


def test_what_a_step_writes_to_besides_its_operands_is_put_back() -> None:
    a, b, other = Value(2.0), Value(3.0), Value(0.0)
    d = a * b
    d._prev = (a,)
    y = Value(4.0, (a,), "odd")

    def step(seen: list[Value] = [b]) -> None:  # noqa: B006
        a.grad += y.grad
        other.grad += 5.0
        extra.grad += 5.0
        for one in seen:
            one.grad += 1.0

    y._backward = step
    root = d + y
    nodes, _ = survey(root)
    gradients_afresh(root, nodes)
    contributions_of(y, 1.0)
    gradients_after_step(d, 1.0, None)
    assert [n.grad for n in (a, b, other, extra)] == [0, 0, 0, 0]
    assert not any(was_written(n) for n in (a, b, other, extra))


def test_contributions_of_a_step_by_hand() -> None:
    a = Value(2.0)
    y = Value(6.0, (a, a), "thrice")

    def step() -> None:
        a.grad += 3.0 * y.grad

    y._backward = step
    a.grad = 1.0
    assert contributions_of(y, 10.0) == (30.0, 0)
    assert (a.grad, y.grad) == (1.0, 0)
    assert gradients_after_step(y, 10.0, 100.0) == (130.0, 130.0)

    def overwriting() -> None:
        a.grad = 3.0

    y._backward = overwriting
    assert gradients_after_step(y, 10.0, 100.0) == (3.0, 3.0)
    assert a.grad == 1.0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=25))
def test_any_graph_is_listed_in_order_and_gives_the_gradients_of_a_pass(plan: list[tuple[int, int, int]]) -> None:
    made = [Value(0.5), Value(-1.5), Value(2.0)]
    for how, i, j in plan:
        a, b = made[i % len(made)], made[j % len(made)]
        made.append([a + b, a * b, a - b, a.tanh(), a.relu(), -a][how])
    root = made[-1]
    nodes, operands = survey(root)
    assert len({id(n) for n in nodes}) == len(nodes)
    assert all(q < p for p, ops in enumerate(operands) for q in ops)
    assert all([id(nodes[q]) for q in ops] == [id(c) for c in n._prev] for n, ops in zip(nodes, operands))
    fresh = gradients_afresh(root, nodes)
    root.backward()
    assert fresh == [n.grad for n in nodes]
    assert out_of_date(nodes) == []
