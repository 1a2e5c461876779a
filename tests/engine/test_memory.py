"""Memory comes back at once, without the cycle collector, and a training run keeps the process flat."""

import gc
import math
import sys
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


class Probe:
    """Something that is freed with the node that it is put on."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def probed(node: Value) -> weakref.ref[Probe]:
    probe = Probe()
    node.probe = probe
    return weakref.ref(probe)


@pytest.mark.usefixtures("no_collector")
def test_a_graph_is_freed_when_its_root_goes() -> None:
    x = Value(2.0)
    inner = x * 3
    watch = [probed(inner)]
    root = (inner + 1).tanh() * inner
    watch.append(probed(root))
    root.backward()
    root._backward()
    assert root._prev
    del inner
    assert watch[0]() is not None
    del root
    assert [w() for w in watch] == [None, None]
    assert x.grad != 0


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "make",
    [
        lambda x: x + 1, lambda x: x * x, lambda x: x - x, lambda x: x / x, lambda x: x**2, lambda x: x.relu(), lambda x: x.exp(),
        lambda x: sw.log(x), lambda x: sw.where(True, x, 1), lambda x: sw.softmax([x, x])[0], lambda x: sw.logsumexp([x, 1.0]),
        lambda x: Value(1.0, (x,), (1.0,)), lambda x: Value(1.0, (x,), "mine"), lambda x: sw.sum([x, x, x]),
    ],
)  # fmt: skip
def test_no_operation_makes_a_reference_cycle(make: Callable[[Value], Value]) -> None:
    x = Value(0.5)
    out = make(x)
    top = out * 2
    reference = probed(out)
    top.backward()
    top.zero_grad()
    del out, top
    assert reference() is None


@pytest.mark.usefixtures("no_collector")
def test_a_failed_sweep_keeps_nothing_alive() -> None:
    x = Value(2.0)
    node = x * 3

    def failing() -> None:
        raise KeyError

    node._backward = failing
    reference = probed(node)
    with pytest.raises(KeyError):
        node.backward()
    del node
    assert reference() is None


@pytest.mark.usefixtures("no_collector")
def test_a_mode_keeps_nothing_alive() -> None:
    x = Value(2.0)
    with sw.sources(), sw.anomalies():
        node = x * 3
        reference = probed(node)
        node.backward()
        del node
        assert reference() is None


def squared(v: Value) -> Value:
    """A closure in `_backward` refers to its own node: a cycle, as in micrograd."""
    out = Value(v.data**2, (v,), "square")

    def step() -> None:
        v.grad += 2 * v.data * out.grad

    out._backward = step
    return out


def test_the_collector_finds_cycles_that_users_make() -> None:
    x = Value(2.0)

    def with_itself() -> Value:
        node = x * 3
        node.itself = node
        return node

    def with_each_other() -> Value:
        first, second = x * 1, x * 2
        first.other, second.other = second, first
        return first

    def through_operands() -> Value:
        low = x * 1
        high = low * 2
        low.user = high
        return high

    makers: list[Callable[[], Value]] = [lambda: squared(x), with_itself, with_each_other, through_operands]
    for make in makers:
        node = make()
        reference = probed(node)
        del node
        gc.collect()
        assert reference() is None


def test_the_collector_leaves_living_graphs_alone() -> None:
    x = Value(2.0)
    root = squared(x) * 3
    for _ in range(3):
        gc.collect()
    root.backward()
    assert x.grad == 12.0


def training(steps: int, tanh: Callable[[Any], Any], measure: Callable[[int], None]) -> None:
    import random

    random.seed(3)
    weights = [[Value(random.uniform(-1, 1)) for _ in range(4)] for _ in range(6)]
    out_weights = [Value(random.uniform(-1, 1)) for _ in range(6)]
    rows = [([random.gauss(0, 1) for _ in range(3)], random.choice((-1, 1))) for _ in range(6)]
    parameters = [w for row in weights for w in row] + out_weights
    for step in range(steps):
        loss: Any = 0
        for x, y in rows:
            hidden = [tanh(sum((w * xi for w, xi in zip(ws, x, strict=False)), ws[-1])) for ws in weights]
            loss = loss + (sum(w * h for w, h in zip(out_weights, hidden, strict=True)) - y) ** 2
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= 0.01 * p.grad
        measure(step)


def patched_tanh(v: Value) -> Value:
    t = math.tanh(v.data)
    out = Value(t, (v,), "tanh")

    def _backward() -> None:
        v.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


@pytest.mark.parametrize("tanh", [patched_tanh, Value.tanh], ids=["patched tanh", "built-in tanh"])
def test_a_hundred_training_steps_keep_memory_flat(tanh: Callable[[Any], Any]) -> None:
    traced: list[int] = []

    def measure(step: int) -> None:
        if step in (19, 99):
            gc.collect()
            traced.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        training(100, tanh, measure)
    finally:
        tracemalloc.stop()
    assert traced[1] - traced[0] < 40_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_hundred_training_steps_keep_the_process_flat() -> None:
    """The native nodes are not all in tracemalloc's books: ask the operating system as well."""

    def resident() -> int:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    seen: dict[int, int] = {}

    def measure(step: int) -> None:
        if step in (29, 99):
            gc.collect()
            seen[step] = resident()

    training(100, patched_tanh, measure)
    assert seen[99] - seen[29] < 4_000_000


def test_a_long_graph_gives_its_memory_back() -> None:
    tracemalloc.start()
    try:
        x = Value(1.0)
        before = tracemalloc.get_traced_memory()[0]
        y = x
        for _ in range(20_000):
            y = y * 1.0
        grown = tracemalloc.get_traced_memory()[0] - before
        y.backward()
        del y
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert left < 0.02 * max(grown, 1_000_000)


def test_a_plain_node_makes_no_dict() -> None:
    """Per node costs are in benchmarks; here only that nothing is made which nobody asked for."""
    x = Value(2.0)
    nodes = [x + 1.0, x * x, x.relu(), x.tanh(), x**2, -x]
    nodes[1].backward()
    for node in nodes:
        referents = gc.get_referents(node)
        assert not any(isinstance(r, dict) and r for r in referents)


def test_plain_nodes_do_not_burden_the_collector() -> None:
    if not sw.engine.NATIVE:
        pytest.skip("Python's own objects are always tracked; the native engine tracks a node when it gets attributes")
    x = Value(2.0)
    node = x * 3
    assert not gc.is_tracked(node)
    node._backward = lambda: None
    assert gc.is_tracked(node)
    other = x * 3
    other.note = []
    assert gc.is_tracked(other)
