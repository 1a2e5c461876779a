"""The numbers of the article, the lecture and micrograd, to the last digit that they print."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


def approx(x: float) -> object:
    return pytest.approx(x, rel=1e-12, abs=1e-15)


def test_parabola() -> None:
    f: Callable[[Any], Any] = lambda x: 3 * x**2 - 4 * x + 5
    assert f(Value(3.0)).data == 20.0
    x = Value(2 / 3)
    f(x).backward()
    assert x.grad == pytest.approx(0.0, abs=1e-15)
    h = 1e-6
    assert (f(Value(2 / 3 + h)).data - f(Value(2 / 3)).data) / h == 2.999378523327323e-06


def test_three_numbers() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b + c
    assert d.data == 4.0
    h = 1e-4
    assert ((a * b + (c + h)).data - d.data) / h == 0.9999999999976694


def test_the_article_graph() -> None:
    a, b = Value(-2.0), Value(3.0)
    d = a * b
    e = a + b
    f = d * e
    f.backward()
    assert f.data == -6.0
    assert [n.grad for n in (f, d, e, a, b)] == [1, 1.0, -6.0, -3.0, -8.0]
    a.data -= 0.1 * a.grad
    assert a.data == approx(-1.7)
    assert ((a * b) * (a + b)).data == approx(-6.63)


def test_the_article_graph_contribution_by_contribution() -> None:
    a, b = Value(-2.0), Value(3.0)
    d = a * b
    e = a + b
    f = d * e
    f.grad = 1.0
    f._backward()
    assert (d.grad, e.grad) == (1.0, -6.0)
    d._backward()
    assert (a.grad, b.grad) == (3.0, -2.0)
    e._backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


def test_the_lecture_graph_and_its_step_up() -> None:
    a, b, c, f = Value(2.0), Value(-3.0), Value(10.0), Value(-2.0)
    e = a * b
    d = e + c
    loss = d * f
    loss.backward()
    assert loss.data == -8.0
    assert [n.grad for n in (a, b, c, d, e, f)] == [6.0, -4.0, -2.0, -2.0, -2.0, 4.0]
    for p in (a, b, c, f):
        p.data += 0.01 * p.grad
    assert ((a * b + c) * f).data == approx(-7.286496)


@pytest.mark.parametrize(("through", "expected"), [("tanh", 0.7071067811865476), ("exp", 0.7071067811865477)])
def test_the_lecture_neuron(through: str, expected: float) -> None:
    x1, x2, w1, w2, b = Value(2.0), Value(0.0), Value(-3.0), Value(1.0), Value(6.8813735870195432)
    n = x1 * w1 + x2 * w2 + b
    if through == "tanh":
        o = n.tanh()
    else:
        e = (2 * n).exp()
        o = (e - 1) / (e + 1)
    o.backward()
    assert n.data == 0.8813735870195432
    assert o.data == pytest.approx(expected, rel=2e-16)  # tanh is the platform's: one unit in the last place
    assert [x1.grad, w1.grad, x2.grad, w2.grad, b.grad] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5], rel=1e-14)


def test_a_node_used_twice() -> None:
    a = Value(3.0)
    b = a + a
    b.backward()
    assert a.grad == 2
    assert b._prev == (a, a)


def test_readme_of_micrograd() -> None:
    a = Value(-4.0)
    b = Value(2.0)
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
    g.backward()
    assert g.data == 24.70408163265306
    assert a.grad == approx(138.83381924198252)
    assert b.grad == approx(645.5772594752186)


def lecture_net() -> tuple[list[list[list[Value]]], list[Value]]:
    random.seed(1337)
    layers = [
        [[Value(random.uniform(-1, 1)) for _ in range(nin + 1)] for _ in range(nout)]
        for nin, nout in ((3, 4), (4, 4), (4, 1))
    ]
    return layers, [w for layer in layers for neuron in layer for w in neuron]


def test_the_lecture_loop() -> None:
    layers, parameters = lecture_net()
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]

    def net(x: list[Any]) -> Any:
        for layer in layers:
            x = [sum((w * xi for w, xi in zip(n[:-1], x, strict=True)), n[-1]).tanh() for n in layer]
        return x[0]

    assert len(parameters) == 41
    assert net(xs[0]).data == approx(0.42767811248845455)
    losses = []
    for _ in range(20):
        loss: Any = sum((net(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        losses.append(loss.data)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
    assert losses[0] == approx(6.005402783252284)
    assert losses[1] == approx(3.2021496469205015)
    assert losses[19] == pytest.approx(0.0177818746861576, rel=1e-10)


def test_why_a_topological_order() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a + b
    d = a * b
    e = c + d
    f = c * d
    (e + f).backward()
    assert (a.grad, b.grad) == (25.0, 19.0)


def test_minimum_of_the_article_graph_over_a() -> None:
    a = Value(-1.5)
    f = (a * 3.0) * (a + 3.0)
    f.backward()
    assert (f.data, a.grad) == (-6.75, 0.0)


def test_tanh_does_not_overflow_where_the_lecture_does() -> None:
    for x in (355.0, 400.0, 1e6, -1e300):
        v = Value(x)
        v.tanh().backward()
        assert v.tanh().data == math.copysign(1.0, x)
        assert v.grad == 0.0


def test_the_whole_moons_loss_has_65818_nodes() -> None:
    """Without the nets' room: the same arithmetic by hand, on any numbers."""
    random.seed(0)
    sizes = [2, 16, 16, 1]
    layers = [
        [([Value(random.uniform(-1, 1)) for _ in range(m)], Value(0)) for _ in range(n)]
        for m, n in zip(sizes, sizes[1:], strict=False)
    ]
    parameters = [p for layer in layers for w, b in layer for p in [*w, b]]
    assert len(parameters) == 337

    def score(x: list[Any]) -> Any:
        for i, layer in enumerate(layers):
            acts = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [act.relu() for act in acts] if i < 2 else acts
        return x[0]

    rows = [([random.random(), random.random()], random.choice((-1, 1))) for _ in range(100)]
    scores = [score(list(map(Value, x))) for x, _ in rows]
    losses = [(1 + -y * s).relu() for (_, y), s in zip(rows, scores, strict=True)]
    total: Any = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)
    seen = {total}
    todo = [total]
    while todo:
        for child in todo.pop()._prev:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    assert len(seen) == 65818
    total.backward()
    assert all(p.grad != 0 or p.grad == 0 for p in parameters)
    with sw.no_grad():
        assert score([Value(0.0), Value(1.0)])._prev == ()
