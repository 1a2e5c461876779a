"""The sweep: what accumulates, what starts afresh, what it reads and when, and what a user's step may do to it."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from slopewise import Value


def leaves(*xs: float) -> list[Value]:
    return [Value(x) for x in xs]


def test_leaves_accumulate_and_inner_nodes_start_afresh() -> None:
    a = Value(2.0)
    b = a * 2
    c = b * 2
    c.backward()
    c.backward()
    assert (a.grad, b.grad, c.grad) == (8.0, 2, 1)


def test_two_losses_over_one_graph() -> None:
    a = Value(3.0)
    shared = a * a
    first, second = shared * 2, shared * 5
    first.backward()
    second.backward()
    assert a.grad == 6.0 * 7
    assert shared.grad == 5


def test_a_pass_from_the_middle() -> None:
    a = Value(3.0)
    b = a * a
    c = b * 2
    b.backward()
    assert (a.grad, b.grad, c.grad) == (6.0, 1, 0)
    c.backward()
    assert (a.grad, b.grad) == (18.0, 2)


def test_backward_on_a_leaf() -> None:
    a = Value(3.0)
    a.grad = 5.0
    a.backward()
    assert a.grad == 1


def test_the_roots_gradient_is_set_not_added() -> None:
    a = Value(3.0)
    b = a * 2
    b.grad = 100.0
    b.backward()
    assert (b.grad, a.grad) == (1, 2)


def test_gradients_set_on_inner_nodes_before_a_pass_do_not_leak() -> None:
    a = Value(3.0)
    b = a * 2
    c = b * 3
    b.grad = 50
    c.backward()
    assert (b.grad, a.grad) == (3, 6)


def test_gradients_set_on_leaves_before_a_pass_stay() -> None:
    a = Value(3.0)
    a.grad = 0.5
    (a * 2).backward()
    assert a.grad == 2.5


def test_diamonds_and_repeats() -> None:
    a, b = leaves(2.0, 3.0)
    c = a * b
    d = c + c
    e = d * c + d
    e.backward()
    # e = 2 c**2 + 2 c, so de/dc = 4 c + 2
    assert (c.grad, a.grad, b.grad) == (26.0, 78.0, 52.0)
    x = Value(1.5)
    y = x
    for _ in range(30):
        y = y + y
    y.backward()
    assert x.grad == 2**30


def test_operands_are_read_when_backward_runs() -> None:
    a, b = leaves(2.0, 3.0)
    c = a * b
    b.data = 10.0
    a.data = -1.0
    c.backward()
    assert (c.data, a.grad, b.grad) == (6.0, 10.0, -1.0)
    x = Value(2.0)
    y = x**3
    x.data = 5.0
    y.backward()
    assert x.grad == 75.0
    p, q = leaves(4.0, 5.0)
    r = p / q
    q.data = 2.0
    r.backward()
    assert q.grad == -1.0


def test_results_are_read_too() -> None:
    """relu, tanh and exp go by the output, as in micrograd and the lecture."""
    a = Value(-2.0)
    b = a.relu()
    a.data = 9.0
    b.backward()
    assert a.grad == 0
    b.data = 4.0
    b.backward()
    assert a.grad == 1
    x = Value(0.0)
    t = x.tanh()
    t.data = 0.5
    t.backward()
    assert x.grad == 0.75
    e = x.exp()
    e.data = 7.0
    x.grad = 0
    e.backward()
    assert x.grad == 7.0


def test_walking_by_hand() -> None:
    a, b = leaves(2.0, 3.0)
    c = a * b
    d = c + a
    e = d.relu()
    f = e - 1
    order: list[Value] = []
    seen = set()

    def build(v: Value) -> None:
        if v not in seen:
            seen.add(v)
            for child in v._prev:
                build(child)
            order.append(v)

    build(f)
    f.grad = 1.0
    for node in reversed(order):
        node._backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 2.0, 1.0)
    e.grad, d.grad = 2.0, 0.0
    e._backward()
    e._backward()
    assert d.grad == 4.0


def test_the_step_of_a_leaf_does_nothing() -> None:
    a = Value(2.0)
    assert a._backward() is None
    assert a.grad == 0


def test_a_step_outlives_its_name() -> None:
    a = Value(2.0)
    step = (a * 3)._backward
    step()
    assert a.grad == 0  # the product's own gradient was 0
    out = a * 3
    step = out._backward
    out.grad = 2.0
    del out
    step()
    assert a.grad == 6.0


def test_a_step_can_be_wrapped_and_put_back() -> None:
    a = Value(2.0)
    c = a * 3
    log = []
    original = c._backward

    def wrapper() -> None:
        log.append(c.grad)
        original()

    c._backward = wrapper
    assert c._backward is wrapper
    (c * 5).backward()
    assert (a.grad, log) == (15, [5])
    c._backward = original
    a.grad = 0
    (c * 5).backward()
    assert (a.grad, log) == (15, [5])


def test_steps_wrapped_twice_and_of_every_kind() -> None:
    log: list[str] = []

    def spy(node: Value) -> None:
        original = node._backward

        def step() -> None:
            log.append(node._op)
            original()

        node._backward = step

    a, b = leaves(2.0, 3.0)
    nodes = [a * b, a + b, a**2, a.relu(), a.tanh(), a.exp(), a / b, a - b, Value(6.0, (a, b), (3.0, 2.0))]
    for node in nodes:
        spy(node)
        spy(node)
    plain = [a * b, a + b, a**2, a.relu(), a.tanh(), a.exp(), a / b, a - b, Value(6.0, (a, b), (3.0, 2.0))]
    sum(plain, Value(0)).backward()
    expected = (a.grad, b.grad)
    a.grad = b.grad = 0
    sum(nodes, Value(0)).backward()
    assert (a.grad, b.grad) == pytest.approx(expected, rel=1e-15)
    assert len(log) == 18


def test_a_step_on_a_leaf_runs_once_after_its_users() -> None:
    a = Value(2.0)
    seen = []
    a._backward = lambda: seen.append(a.grad)
    ((a * 3) + a).backward()
    assert seen == [4]


def test_a_step_of_ones_own_replaces_the_built_in_one() -> None:
    a = Value(2.0)
    b = a * 3

    def step() -> None:
        a.grad += 100 * b.grad

    b._backward = step
    (b + b).backward()
    assert a.grad == 200


def test_straight_through() -> None:
    """A rounding node whose gradient passes: the usual trick."""
    x = Value(2.7)
    r = Value(round(x.data), (x,), "round")

    def step() -> None:
        x.grad += r.grad

    r._backward = step
    (r * r).backward()
    assert (r.data, x.grad) == (3, 6)


def test_an_exception_in_a_step_leaves_a_graph_that_works() -> None:
    a = Value(2.0)
    b = a * 3
    c = b + a
    original = b._backward

    def failing() -> None:
        raise KeyError("mine")

    b._backward = failing
    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            c.backward()
    b._backward = original
    a.grad = 0
    c.backward()
    assert (a.grad, b.grad, c.grad) == (4, 1, 1)
    x = Value(1.0)
    (x * x).backward()
    assert x.grad == 2.0


def test_even_a_base_exception_leaves_it_working() -> None:
    a = Value(2.0)
    b = a * 3
    original = b._backward

    def interrupted() -> None:
        raise KeyboardInterrupt

    b._backward = interrupted
    with pytest.raises(KeyboardInterrupt):
        (b + 1).backward()
    b._backward = original
    (b + 1).backward()
    assert a.grad == 3


def test_backward_of_another_graph_inside_a_step() -> None:
    a = Value(2.0)
    out = Value(8.0, (a,), "cube by its own autodiff")

    def step() -> None:
        x = Value(a.data)
        (x * x * x).backward()
        a.grad += x.grad * out.grad

    out._backward = step
    (out * 2 + out * a).backward()
    assert a.grad == 12.0 * (2 + 2.0) + 8.0


def test_backward_of_a_lower_part_of_the_same_graph_inside_a_step() -> None:
    """Nested passes over shared nodes: the outer pass goes on with what it had listed."""
    a = Value(2.0)
    low = a * a
    out = Value(low.data, (low,), "probe")
    probes = []

    def step() -> None:
        low.grad += out.grad
        other = Value(3.0)
        (other * a).backward()
        probes.append(other.grad)
        a.grad -= 3.0

    out._backward = step
    (out * 5).backward()
    assert a.grad == 20.0
    assert probes == [2.0]


def test_a_pass_over_shared_inner_nodes_inside_a_step_spoils_no_later_pass() -> None:
    """Inner gradients belong to one pass, so the outer pass may lose its own here; what comes after must be right."""
    a = Value(2.0)
    inner = a * 3
    other = inner * inner
    out = Value(inner.data, (inner,), "nests")
    nested: list[int] = []

    def step() -> None:
        inner.grad += out.grad
        if len(nested) < 2:
            nested.append(1)
            other.backward()
            root.backward()

    out._backward = step
    root = out * 2 + inner
    root.backward()
    assert len(nested) == 2
    for _ in range(2):
        a.grad = 0
        root.backward()
        assert (a.grad, inner.grad) == (9, 3)
    a.grad = 0
    other.backward()
    assert a.grad == 36.0


def test_a_number_type_that_runs_a_pass_inside_its_arithmetic() -> None:
    """The engine's own step calls a stranger's multiplication, and that starts a pass over the same graph."""
    passes: list[int] = []

    class Nosy(float):
        def __mul__(self, other: float) -> "Nosy":
            if other.__class__ is not Nosy and len(passes) == 1:
                passes.append(2)
                bystander.backward()
            return Nosy(float(self) * float(other))

        __rmul__ = __mul__

        def __add__(self, other: float) -> "Nosy":
            return Nosy(float(self) + float(other))

        __radd__ = __add__

    shared = Value(2.0)
    bystander = shared * shared + shared
    a = Value(Nosy(3.0))
    root = (a * shared + bystander) * 2.0
    passes.append(1)
    root.backward()
    shared.grad = 0
    bystander.backward()
    assert shared.grad == 5.0
    shared.grad = 0
    root.backward()
    assert shared.grad == 2.0 * (3.0 + 5.0)


def test_recomputation_inside_a_step() -> None:
    """Checkpointing as users write it: build again in the step, sweep the copy, hand over."""

    def checkpoint(f: Callable[[Any], Any], x: Value) -> Value:
        out = Value(f(Value(x.data)).data, (x,), "checkpoint")

        def step() -> None:
            inner = Value(x.data)
            y = f(inner)
            y.backward()
            x.grad += inner.grad * out.grad

        out._backward = step
        return out

    f: Callable[[Any], Any] = lambda v: (v * v + 1) ** 2
    x = Value(1.5)
    y = x
    for _ in range(3):
        y = checkpoint(f, y) * 0.1
    y.backward()
    z = Value(1.5)
    w = z
    for _ in range(3):
        w = f(w) * 0.1
    w.backward()
    assert y.data == w.data
    assert x.grad == pytest.approx(z.grad, rel=1e-13)


def test_a_step_may_change_the_graph_it_is_in() -> None:
    a = Value(2.0)
    b = a * 2
    c = b * 3

    def step() -> None:
        b.grad += 3 * c.grad
        c._prev = ()

    c._backward = step
    c.backward()
    assert a.grad == 6


def test_zero_grad_on_a_root_clears_the_whole_graph() -> None:
    a, b = leaves(2.0, 3.0)
    shared = a * b
    root = (shared + a).relu() * shared
    root.backward()
    extra = Value(1.0)
    extra.grad = 9.0
    root.zero_grad()
    todo, seen = [root], {root}
    while todo:
        node = todo.pop()
        assert repr(node.grad) == "0"
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    assert extra.grad == 9.0
    root.backward()
    first = (a.grad, b.grad)
    root.zero_grad()
    root.backward()
    assert (a.grad, b.grad) == first


def test_zero_grad_on_a_leaf_and_on_hand_made_nodes() -> None:
    a = Value(2.0)
    a.grad = 3.0
    a.zero_grad()
    assert a.grad == 0
    node = Value(4.0, (a,), (2.0,))
    node.backward()
    node.zero_grad()
    assert (a.grad, node.grad) == (0, 0)


def test_training_without_zeroing_sums() -> None:
    x = Value(3.0)
    for expected in (14.0, 28.0, 42.0):
        (3 * x**2 - 4 * x + 5).backward()
        assert x.grad == expected


def test_not_a_number_goes_through() -> None:
    a = Value(math.nan)
    b = Value(1.0)
    (a * b + b).backward()
    assert math.isnan(b.grad)
    assert a.grad == 1.0


def test_same_digits_every_time() -> None:
    import random

    random.seed(1)
    results = set()
    for _ in range(5):
        random.seed(1)
        vs = [Value(random.gauss(0, 1)) for _ in range(40)]
        pool = list(vs)
        for _ in range(300):
            x, y = random.choice(pool), random.choice(pool)
            pool.append(random.choice((x * y, x + y, x - y, x * 0.5)).tanh())
        sum(pool, Value(0)).backward()
        results.add(tuple(v.grad.hex() for v in vs))
    assert len(results) == 1


def test_cycles_do_not_hang() -> None:
    a = Value(2.0)
    b = a * 2
    a._prev = (b,)
    try:
        b.backward()
    except Exception as error:
        assert "cycle" in str(error)
    a._prev = ()
