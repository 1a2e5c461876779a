"""Several threads: graphs of their own are independent; over shared leaves every contribution arrives."""

import threading
from collections.abc import Callable

import slopewise as sw
from slopewise import Value


def in_threads(work: Callable[[int], None], count: int = 4) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(i: int) -> None:
        try:
            barrier.wait()
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_graphs_of_their_own() -> None:
    results: dict[int, list[float]] = {}

    def work(i: int) -> None:
        grads = []
        for k in range(60):
            x = Value(float(i + 1))
            y = x
            for _ in range(30):
                y = (y * x + k * 0.01).tanh()
            y.backward()
            grads.append(x.grad)
        results[i] = grads

    in_threads(work)
    together = dict(results)
    for i in range(4):
        work(i)
    assert results == together


def test_one_built_graph_walked_by_many() -> None:
    """Reading and walking one graph at once never lists a node twice or leaves one out (the passes share the marks)."""
    leaves = [[Value(1.0) for _ in range(50)] for _ in range(4)]
    shared = [Value(float(k)) for k in range(50)]

    def work(i: int) -> None:
        for _ in range(40):
            total = Value(0.0)
            for own, s in zip(leaves[i], shared, strict=True):
                total = total + own * s
            total.backward()

    in_threads(work)
    for own in leaves:
        assert [v.grad for v in own] == [40.0 * k for k in range(50)]


def test_modes_are_per_thread() -> None:
    x = Value(2.0)
    lengths: dict[int, set[int]] = {}

    def work(i: int) -> None:
        seen = set()
        for _ in range(200):
            if i % 2:
                with sw.no_grad():
                    seen.add(len((x * 2)._prev))
            else:
                seen.add(len((x * 2)._prev))
        lengths[i] = seen

    in_threads(work)
    assert lengths == {0: {2}, 1: {0}, 2: {2}, 3: {0}}


def test_sources_in_one_thread_do_not_slow_or_mark_another() -> None:
    marked: dict[int, bool] = {}

    def work(i: int) -> None:
        for _ in range(100):
            if i == 0:
                with sw.sources():
                    node = Value(1.0) * 2
            else:
                node = Value(1.0) * 2
        marked[i] = sw.source_of(node) is not None

    in_threads(work)
    assert marked == {0: True, 1: False, 2: False, 3: False}


def test_a_step_that_waits_for_another_threads_pass() -> None:
    """A user's step holds no lock of ours: another thread's pass can run while it waits."""
    a = Value(2.0)
    out = Value(6.0, (a,), "waits")
    inner: list[float] = []

    def other() -> None:
        x = Value(3.0)
        (x * x).backward()
        inner.append(x.grad)

    def step() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=120)
        assert not thread.is_alive()
        a.grad += 3 * out.grad

    out._backward = step
    (out * 2).backward()
    assert inner == [6.0]
    assert a.grad == 6.0


def wrapped(step: Callable[[], None]) -> Callable[[], None]:
    return lambda: step()


def test_passes_of_several_threads_over_shared_inner_nodes_spoil_no_later_pass() -> None:
    """Inner gradients of such passes are not defined (documented); nothing crashes, and the next pass alone is right."""
    x = Value(1.0)
    middle = x
    for _ in range(200):
        middle = middle * 0.5 + middle * 0.5
    roots = [middle * float(k + 1) for k in range(4)]
    hooked = [Value(root.data, (root,), (1.0,)) for root in roots]
    for node in hooked:
        node._backward = wrapped(node._backward)

    def work(i: int) -> None:
        for _ in range(15):
            roots[i].backward()
            hooked[i].backward()
            roots[i].zero_grad()

    in_threads(work)
    for k, root in enumerate(roots):
        x.grad = 0
        root.backward()
        assert x.grad == k + 1
        x.grad = 0
        hooked[k].backward()
        assert x.grad == k + 1
