"""Chains of two hundred thousand nodes (fewer on the interpreted engine): nothing recurses. Ten million are in test_ten_million.py (make large)."""

import copy
import gc
import pickle
import sys

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import NATIVE, LectureValue

LENGTH = 200_000 if NATIVE else 40_000


def chain(start: Value, length: int = LENGTH) -> Value:
    v = start
    for _ in range(length // 2):
        v = v * 1.0
        v = v + 0.5
    return v


def depth_first_count(root: Value) -> int:
    seen, todo = {root}, [root]
    while todo:
        for child in todo.pop()._prev:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return len(seen)


@pytest.fixture(scope="module")
def long_chain() -> tuple[Value, Value]:
    x = Value(1.0, label="x")
    return x, chain(x)


def test_build_and_backward(long_chain: tuple[Value, Value]) -> None:
    x, y = long_chain
    x.grad = 0
    y.backward()
    assert y.data == 1.0 + LENGTH / 4
    assert x.grad == 1.0
    y.backward()
    assert x.grad == 2.0


def test_repr_and_counting(long_chain: tuple[Value, Value]) -> None:
    _, y = long_chain
    assert repr(y).startswith("Value(data=")
    assert len(repr(y)) < 60
    assert depth_first_count(y) == 2 * LENGTH + 1


def test_zero_grad(long_chain: tuple[Value, Value]) -> None:
    x, y = long_chain
    y.backward()
    y.zero_grad()
    assert (x.grad, y.grad, y._prev[0].grad) == (0, 0, 0)


def test_copy(long_chain: tuple[Value, Value]) -> None:
    _, y = long_chain
    twin = copy.copy(y)
    assert twin._prev == y._prev
    assert twin.data == y.data


def chain_of_few_leaves(x: Value, length: int = LENGTH) -> Value:
    """Copies cost mostly by the leaf, so the constants here are two Values."""
    one, half = Value(1.0), Value(0.5)
    v = x
    for _ in range(length // 2):
        v = v * one
        v = v + half
    return v


def test_deepcopy() -> None:
    x = Value(1.0, label="x")
    y = chain_of_few_leaves(x)
    x2, y2 = copy.deepcopy((x, y))
    y2.backward()
    assert (x2.grad, x.grad, x2.label, y2.data) == (1.0, 0, "x", y.data)
    assert depth_first_count(y2) == LENGTH + 3


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_pickle(protocol: int) -> None:
    x = Value(1.0)
    y = chain_of_few_leaves(x)
    x2, y2 = pickle.loads(pickle.dumps([x, y], protocol))
    y2.backward()
    assert (x2.grad, x.grad, y2.data) == (1.0, 0, y.data)


def test_copies_with_a_leaf_per_operation() -> None:
    x = Value(1.0)
    y = chain(x, 20_000)
    for x2, y2 in (copy.deepcopy((x, y)), pickle.loads(pickle.dumps((x, y)))):
        y2.backward()
        assert (x2.grad, x.grad) == (1.0, 0)
        assert depth_first_count(y2) == 40_001


@pytest.mark.parametrize(
    "make",
    [
        lambda v: -v,
        lambda v: v**1,
        lambda v: v.relu(),
        lambda v: v.tanh(),
        lambda v: sw.sin(v),
        lambda v: sw.maximum(v, -1.0),
        lambda v: sw.where(True, v, 0.0),
        lambda v: Value(v.data, (v,), (1.0,)),
        lambda v: Value(v.data, (v, v, v), (1.0, 0.0, 0.0)),
        lambda v: v / 2,
        lambda v: 1 - v,
    ],
)
def test_every_kind_of_node_is_freed_and_swept_without_recursion(make: object) -> None:
    x = Value(0.5)
    y = x
    for _ in range(20_000):
        y = make(y)  # type: ignore[operator]
    y.backward()
    del y
    gc.collect()


def test_chains_through_attributes_labels_and_other_numbers() -> None:
    from fractions import Fraction

    for start in (Value(Fraction(1)), Value(1), LectureValue(1.0)):
        y = start
        for i in range(20_000):
            y = y + 1
            if i % 2:
                y.note = i
                y.label = str(i)
        y.backward()
        assert start.grad == 1
        del y


def test_chains_of_steps_set_by_hand_are_swept_without_recursion() -> None:
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        out = Value(y.data, (y,), "mine")

        def step(y: Value = y, out: Value = out) -> None:
            y.grad += out.grad

        out._backward = step
        y = out
    y.backward()
    assert x.grad == 1
    del y, out, step
    gc.collect()


def test_freed_at_a_recursion_limit_that_would_not_do() -> None:
    limit = sys.getrecursionlimit()
    x = Value(1.0)
    y = chain_of_few_leaves(x, 50_000)
    try:
        sys.setrecursionlimit(200)
        y.backward()
        y.zero_grad()
        twin = copy.deepcopy(y)
        del y, twin
    finally:
        sys.setrecursionlimit(limit)
    assert x.grad == 0


def test_a_wide_node() -> None:
    xs = [Value(1.0) for _ in range(50_000)]
    total = Value(0.0, tuple(xs), tuple([2.0] * len(xs)))
    (total * 3).backward()
    assert {x.grad for x in xs} == {6.0}
    sw.sum(xs).backward()
    assert {x.grad for x in xs} == {7.0}


def test_a_mesh_does_not_explode() -> None:
    """2**100 paths, 200 nodes."""
    v = Value(1.0)
    w = v
    for _ in range(100):
        w = w * 0.5 + w * 0.5
    w.backward()
    assert v.grad == 1.0


def test_free_in_the_middle_of_a_shared_graph() -> None:
    x = Value(1.0)
    middle = chain(x, 20_000)
    tops = [chain(middle, 20_000) for _ in range(3)]
    tops[1].backward()
    first = x.grad
    del tops[0]
    tops[1].backward()
    del tops
    middle.backward()
    assert (first, x.grad) == (1.0, 3.0)
