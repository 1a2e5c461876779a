"""Copies and pickles: what is shared stays shared, nothing leaks between original and copy, closures are refused."""

import copy
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import LectureValue, source_of
from slopewise.errors import GraphError

COPIES: list[Callable[[Any], Any]] = [
    copy.deepcopy,
    lambda x: pickle.loads(pickle.dumps(x)),
    lambda x: pickle.loads(pickle.dumps(x, 2)),
]
every_copy = pytest.mark.parametrize("duplicate", COPIES, ids=["deepcopy", "pickle", "pickle 2"])


@every_copy
def test_a_leaf(duplicate: Callable[[Any], Any]) -> None:
    v = Value(2, label="w")
    v.grad = 0.5
    v.m = [1, 2]
    w = duplicate(v)
    assert w is not v
    assert (w.data, w.grad, w.label, w.m, w._prev, w._op) == (2, 0.5, "w", [1, 2], (), "")
    assert w.m is not v.m
    w.data = 9
    assert v.data == 2


@every_copy
def test_a_graph(duplicate: Callable[[Any], Any]) -> None:
    a, b = Value(2.0, label="a"), Value(-3)
    root = (a * b + a / b - b**2 + 1).tanh() * sw.maximum(a, b) + sw.where(a > b, a, b).relu()
    root.backward()
    a2, b2, root2 = duplicate([a, b, root])
    assert (a2.grad, b2.grad, root2.grad, a2.label) == (a.grad, b.grad, root.grad, "a")
    assert repr(root2) == repr(root)
    first = (a.grad, b.grad)
    for v in (a2, b2):
        v.grad = 0
    root2.backward()
    assert (a2.grad, b2.grad) == first
    assert (a.grad, b.grad) == first
    a2.data = 100.0
    assert a.data == 2.0


@every_copy
def test_names_operands_and_order_survive(duplicate: Callable[[Any], Any]) -> None:
    a, b = Value(2.0), Value(3.0)
    nodes = [
        a + b,
        a - b,
        a * b,
        a / b,
        a**2,
        a**b,
        -a,
        a.relu(),
        a.exp(),
        sw.sin(a),
        sw.hypot(a, b),
        a % b,
        sw.sum([a, b]),
    ]
    for original, twin in zip(nodes, duplicate(nodes), strict=True):
        assert twin._op == original._op
        assert [c._op for c in twin._prev] == [c._op for c in original._prev]
        assert [c.data for c in twin._prev] == [c.data for c in original._prev]


@every_copy
def test_sharing_inside_one_object(duplicate: Callable[[Any], Any]) -> None:
    shared = Value(3.0)
    inner = shared * 2
    model = {"w": shared, "again": [shared, shared], "roots": (inner + 1, inner * 5), "inner": inner}
    twin = duplicate(model)
    assert twin["again"][0] is twin["again"][1] is twin["w"]
    assert twin["roots"][0]._prev[0] is twin["inner"] is twin["roots"][1]._prev[0]
    assert twin["inner"]._prev[0] is twin["w"]
    twin["roots"][1].backward()
    assert (twin["w"].grad, shared.grad) == (10, 0)


@every_copy
def test_sharing_in_any_order_of_meeting(duplicate: Callable[[Any], Any]) -> None:
    a = Value(1.0)
    b = a * 2
    c = b + 3
    for order in ([a, b, c], [c, b, a], [b, c, a], [c, a, b], [b, a, c], [a, c, b]):
        twins = duplicate(order)
        by_data = {v.data: v for v in twins}
        assert by_data[5.0]._prev[0] is by_data[2.0]
        assert by_data[2.0]._prev[0] is by_data[1.0]


@every_copy
def test_two_roots_over_one_graph_met_apart(duplicate: Callable[[Any], Any]) -> None:
    x = Value(2.0)
    shared = x * x
    left, right = shared + 1, shared * 3
    left2, right2 = duplicate((left, right))
    assert left2._prev[0] is right2._prev[0]
    right2.backward()
    assert left2._prev[0].grad == 3


@every_copy
def test_copies_made_one_after_the_other_are_apart(duplicate: Callable[[Any], Any]) -> None:
    x = Value(2.0)
    y = x * x
    first, second = duplicate(y), duplicate(y)
    first.backward()
    assert first._prev[0].grad == 4.0
    assert second._prev[0].grad == 0
    assert x.grad == 0
    y.backward()
    again = duplicate([x, y])
    assert again[0].grad == 4.0
    z = y * 3
    z2 = duplicate(z)
    assert z2.data == 12.0
    assert z2._prev[0]._prev[0].grad == 4.0


@every_copy
def test_a_graph_that_grew_after_a_copy(duplicate: Callable[[Any], Any]) -> None:
    x = Value(2.0)
    y = x * 3
    duplicate(y)
    y2 = y + 1
    x.data = 7.0
    y.data = 21.0
    twin = duplicate([x, y, y2])
    assert [v.data for v in twin] == [7.0, 21.0, 7.0]
    assert twin[2]._prev[0] is twin[1]


@every_copy
def test_hand_made_nodes_with_local_gradients(duplicate: Callable[[Any], Any]) -> None:
    a, b = Value(2.0), Value(3.0)
    out = Value(6.0, (a, b), (3.0, 2.0))
    many = Value(6.0, (a, b, a, out), (1.0, 1.0, 1.0, 2.0))
    a2, many2 = duplicate([a, many])
    many2.backward()
    assert a2.grad == 2.0 + 6.0
    assert a.grad == 0


@every_copy
def test_numbers_of_every_kind(duplicate: Callable[[Any], Any]) -> None:
    numbers = [1, -0.0, 2.5, 10**40, Fraction(1, 3), 1 + 2j, True, float("inf")]
    for number in numbers:
        v = Value(number)
        (v * 2).backward()
        w = duplicate(v)
        assert repr(w) == repr(v)
        assert type(w.data) is type(v.data)
        out = duplicate(v * 3 + 1)
        assert out.data == v.data * 3 + 1


@every_copy
def test_subclasses_and_the_lectures_flavour(duplicate: Callable[[Any], Any]) -> None:
    v = LectureValue(2.0, label="x")
    w = duplicate([v, v * 3])
    assert type(w[0]) is LectureValue
    assert repr(w[1]) == "Value(data=6.0)"
    assert repr(w[1].grad) == "0.0"
    p = duplicate(Parameter(3.0, "bias"))
    assert type(p) is Parameter
    assert (p.data, p.kind) == (3.0, "bias")
    q = duplicate([Parameter(3.0, "bias") * 2])
    assert q[0]._prev[0].kind == "bias"


class Parameter(Value):
    def __init__(self, data: float, kind: str) -> None:
        super().__init__(data)
        self.kind = kind


def test_a_shallow_copy_shares_its_operands() -> None:
    a = Value(2.0)
    b = a * 3
    b.label, b.note = "b", [1]
    c = copy.copy(b)
    assert c is not b
    assert c._prev[0] is a
    assert (c.data, c.label, c._op) == (6.0, "b", "*")
    assert c.note is b.note
    c.backward()
    assert a.grad == 3
    c.label = "c"
    c.extra = 1
    assert b.label == "b"
    assert not hasattr(b, "extra")
    assert copy.copy(Value(5)).data == 5


@every_copy
def test_a_closure_in_the_graph_is_refused(duplicate: Callable[[Any], Any]) -> None:
    a = Value(2.0)
    out = Value(4.0, (a,), "square", "s")

    def step() -> None:
        a.grad += 4.0 * out.grad

    out._backward = step
    for thing in (out, out * 2, [a, out + 1], {"loss": (out * 3).relu()}):
        with pytest.raises(GraphError, match=r"cannot copy 's'.*_backward was set by hand"):
            duplicate(thing)
    assert duplicate(a).data == 2.0
    with pytest.raises(GraphError):
        copy.copy(out)
    leaf = Value(1.0)
    leaf._backward = lambda: None
    with pytest.raises(GraphError):
        duplicate(leaf)


@every_copy
def test_after_a_refusal_the_rest_can_be_copied(duplicate: Callable[[Any], Any]) -> None:
    a = Value(2.0)
    good = a * 3
    bad = good + 1
    bad._backward = lambda: None
    with pytest.raises(GraphError):
        duplicate(bad)
    a2, good2 = duplicate([a, good])
    good2.backward()
    assert a2.grad == 3


def test_a_step_put_back_can_be_copied() -> None:
    a = Value(2.0)
    b = a * 3
    original = b._backward
    b._backward = lambda: None
    b._backward = original
    b2 = copy.deepcopy(b)
    b2.backward()
    assert b2._prev[0].grad == 3


@every_copy
def test_gradients_that_nobody_wrote_stay_unwritten(duplicate: Callable[[Any], Any]) -> None:
    from slopewise.engine.value import was_written

    a = Value(2.0)
    b = a * 3
    c = duplicate([a, b])
    assert not was_written(c[0])
    b.backward()
    c = duplicate([a, b])
    assert was_written(c[0])
    assert was_written(c[1])


@every_copy
def test_sources_and_idioms_survive(duplicate: Callable[[Any], Any]) -> None:
    from slopewise.engine.value import idiom_of

    a = Value(2.0)
    with sw.sources():
        b = a - 1
    c = duplicate(b)
    assert idiom_of(c) == "subtraction"
    assert str(source_of(c)) == str(source_of(b))
    assert source_of(c) is not None


def test_an_attribute_that_leads_back_to_the_node() -> None:
    a = Value(2.0)
    a.friends = [a]
    b = copy.deepcopy(a)
    assert b.friends[0] is b
    c = pickle.loads(pickle.dumps(a))
    assert c.friends[0] is c
    inner = a * 3
    inner.itself = inner
    inner.leaf = a
    d = copy.deepcopy(inner)
    assert d.itself is d
    assert d.leaf is d._prev[0]
    e = pickle.loads(pickle.dumps(inner))
    assert e.itself is e
    assert e.leaf is e._prev[0]


def test_a_deepcopy_inside_a_users_memo() -> None:
    """A model's own __deepcopy__ passes its memo along."""

    class Model:
        def __init__(self) -> None:
            self.w = Value(1.0)
            self.out = self.w * 2

        def __deepcopy__(self, memo: dict[int, Any]) -> "Model":
            twin = Model.__new__(Model)
            memo[id(self)] = twin
            twin.w = copy.deepcopy(self.w, memo)
            twin.out = copy.deepcopy(self.out, memo)
            return twin

    twin = copy.deepcopy(Model())
    assert twin.out._prev[0] is twin.w


def test_many_copies_leave_nothing_behind() -> None:
    import gc
    import tracemalloc

    x = Value(2.0)
    y = x
    for _ in range(50):
        y = y * 1.5
    copy.deepcopy(y)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(30):
            copy.deepcopy([x, y])
            pickle.loads(pickle.dumps([x, y]))
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 20_000


def test_a_list_of_nodes_is_copied_in_linear_time() -> None:
    nodes = [Value(1.0)]
    for _ in range(5000):
        nodes.append(nodes[-1] + 1)
    twins = copy.deepcopy(nodes)  # each node met by itself: minutes, when each looks through all the others
    assert twins[-1].data == 5001.0
    assert all(twin._prev[0] is before for before, twin in zip(twins, twins[1:], strict=False))
