"""`k.map(*columns)`: what `list(map(k, *columns))` gives, and what it leaves behind."""

import _thread
import threading
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import NATIVE
from slopewise.errors import NumberError

Made = tuple[Any, list[Value]]


def descent() -> Made:
    """A step of training: reads and writes two parameters, and leaves their gradients."""
    a, b = Value(1.0), Value(-1.0)

    @sw.compile
    def step(k: Any, x: Any) -> Any:
        error = (a * x + b - 3.0) ** 2
        a.grad = b.grad = 0.0
        error.backward()
        for p in (a, b):
            p.data -= 0.05 / (k + 1) * p.grad
        return error

    return step, [a, b]


def swapping() -> Made:
    """What is written is what is read: the numbers change places."""
    a, b = Value(1.0), Value(2.0)

    @sw.compile
    def swap(x: Any) -> Any:
        before = a.data
        a.data = b.data
        b.data = x
        return before

    return swap, [a, b]


def branching() -> Made:
    """A path for rising and one for falling; the state decides, too."""
    a = Value(0.0)

    @sw.compile
    def walk(x: Any) -> Any:
        if a.data + x > 2.0:
            a.data = a.data - x
            return (a.data, "down")
        a.data = a.data + x
        return (a.data, "up")

    return walk, [a]


def adding_up() -> Made:
    """Adds to a gradient that it reads."""
    a = Value(0.5)

    @sw.compile
    def add(x: Any) -> Any:
        (a * x).backward()
        return {"grad": a.grad, "rows": np.array([a.grad, x])}

    return add, [a]


def state(values: list[Value]) -> list[Any]:
    return [(repr(value.data), repr(value.grad)) for value in values]


def both(make: Callable[[], Made], *columns: Callable[[], Any]) -> tuple[Any, Any]:
    """Return results, or the error, and state of `map(k, …)` and of `k.map(…)`, each twice in a row."""
    found = []
    for is_ours in (False, True):
        k, values = make()
        seen: list[Any] = []
        for _ in range(2):
            given = [column() for column in columns]
            try:
                seen.append(repr(k.map(*given) if is_ours else list(map(k, *given))))
            except Exception as error:
                seen.append(repr(error))
            seen.append(state(values))
        found.append(seen)
    return found[0], found[1]


XS = [1.0, 2.0, 0.5, -1.0, 4.0, 1.5]


@pytest.mark.parametrize(
    "columns",
    [
        (lambda: range(6), lambda: XS),
        (lambda: range(10), lambda: tuple(XS)),
        (lambda: range(4, 0, -1), lambda: np.array(XS)),
        (lambda: range(6), lambda: np.array(XS, dtype=np.float32)),
        (lambda: range(6), lambda: np.repeat(XS, 2)[::2]),
        (lambda: iter(range(6)), lambda: (x for x in XS)),
        (lambda: range(6), lambda: repeat(2.0)),
        (lambda: [0, 1, 2.0, 3, 4.0, 5], lambda: XS),
        (lambda: range(6), lambda: [1.0, 2, "three", 4.0]),
        (lambda: range(6), list),
        (lambda: range(6), lambda: [1.0, Value(2.0), 3.0]),
        (lambda: range(2**53 - 2, 2**53 + 2), lambda: XS),
        (lambda: np.arange(6), lambda: XS),
        (lambda: np.arange(6.0), lambda: XS),
        (lambda: range(6),),
    ],
    ids=range(15),
)
def test_a_step_of_training_goes_as_by_single_calls(columns: Any) -> None:
    plain, ours = both(descent, *columns)
    assert plain == ours


@pytest.mark.parametrize("columns", [(range(6), 5.0), (range(6), np.array(2.0)), ()], ids=range(3))
def test_what_is_no_column_is_said_before_the_first_call(columns: Any) -> None:
    k, values = descent()
    before = state(values)
    with pytest.raises(NumberError, match="column"):
        k.map(*columns)
    assert state(values) == before and not k.paths


@pytest.mark.parametrize("make", [swapping, branching, adding_up], ids=lambda make: make.__name__)
@pytest.mark.parametrize("xs", [XS, np.array(XS), (0.1,) * 40], ids=["list", "array", "tuple"])
def test_state_is_carried_whatever_is_read_and_written(make: Any, xs: Any) -> None:
    plain, ours = both(make, lambda: xs)
    assert plain == ours


def test_batches_are_rows_of_arrays_and_lists() -> None:
    def make() -> Made:
        w = [Value(0.1), Value(0.2)]

        @sw.compile
        def step(k: Any, xs: Any, ys: Any) -> Any:
            loss = sum((w[0] * x[0] + w[1] * x[1] - y) ** 2 for x, y in zip(xs, ys, strict=True))
            for p in w:
                p.grad = 0.0
            loss.backward()
            for p in w:
                p.data -= 0.1 * p.grad
            return loss, np.array([p.data for p in w])

        return step, w

    rng = np.random.default_rng(1)
    xs, ys = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3))
    for columns in (
        (lambda: range(5), lambda: xs, lambda: ys),
        (lambda: range(5), lambda: list(xs), lambda: ys.tolist()),
        (lambda: range(5), lambda: xs[:, ::-1], lambda: ys),
        (lambda: range(5), lambda: [*xs[:3], xs[3, :2], xs[4]], lambda: [*ys[:3], ys[3, :2], ys[4]]),
        (lambda: range(5), lambda: np.asfortranarray(xs), lambda: np.asfortranarray(ys)),
    ):
        plain, ours = both(make, *columns)
        assert plain == ours


def test_methods_gradients_and_functions_without_state() -> None:
    class Line:
        def __init__(self, slope: float) -> None:
            self.slope = Value(slope)

        @sw.compile
        def at(self, x: Any) -> Any:
            self.slope.data = self.slope.data + 1.0
            return self.slope * x

    ours, plain = Line(2.0), Line(2.0)
    assert ours.at.map(XS) == list(map(plain.at, XS))
    assert ours.slope.data == plain.slope.data == 8.0
    g = sw.value_and_grad(lambda p, x: p["a"] * x * x, wrt=("p", "x"))
    rows = [{"a": x} for x in XS]
    assert g.map(rows, XS) == list(map(g, rows, XS))
    k = sw.compile(lambda xs: [x * 2 for x in xs])
    assert k.map([[1.0], [1.0, 2.0], [3.0, 4.0], (5.0, 6.0)]) == [[2.0], [2.0, 4.0], [6.0, 8.0], [10.0, 12.0]]
    table = [Value(float(i)) for i in range(30)]
    chosen = sw.compile(lambda i: table[i] * 2)
    assert chosen.map(range(30)) == [2.0 * i for i in range(30)]


def test_an_error_in_the_middle_leaves_the_completed_steps() -> None:
    plain, ours = both(branching, lambda: [1.0, 0.5, "no number", 1.0])
    assert plain == ours
    plain, ours = both(branching, lambda: [1.0, 0.5, 1j, 1.0])
    assert plain == ours

    class Alike:
        """Equal to its kind, until it fails."""

        def __init__(self, fails: bool = False) -> None:
            self.fails = fails

        def __hash__(self) -> int:
            if self.fails:
                raise RuntimeError("no hash")
            return 1

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Alike)

    def make() -> Made:
        a = Value(0.0)

        @sw.compile
        def count(x: Any, mark: Any) -> Any:
            a.data = a.data + x
            return a.data

        return count, [a]

    plain, ours = both(make, lambda: XS, lambda: [Alike(), Alike(), Alike(), Alike(fails=True), Alike()])
    assert plain == ours


def test_generators_see_the_state_between_two_steps() -> None:
    def run(is_ours: bool) -> list[Any]:
        step, (a, _) = descent()
        seen: list[Any] = []

        def watching() -> Iterator[float]:
            for x in XS:
                seen.append(a.data)
                if x == 0.5:
                    a.data = 2.5
                yield x

        columns = (range(6), watching())
        return [step.map(*columns) if is_ours else list(map(step, *columns)), seen, a.data]

    assert run(True) == run(False)


def test_inside_a_trace_and_a_mode_it_is_as_single_calls() -> None:
    square = sw.compile(lambda x: x * x)
    outer = sw.compile(lambda xs: sum(square.map(xs)))
    assert outer([1.0, 2.0, 3.0]) == 14.0
    assert sw.grad(outer)([1.0, 2.0]) == [2.0, 4.0]
    step, (a, _) = descent()
    with sw.anomalies():
        step.map(range(3), XS)
    other, (b, _) = descent()
    list(map(other, range(3), XS))
    assert a.data == b.data


def test_values_that_hold_something_else_go_the_slow_way() -> None:
    step, (a, _) = descent()
    step.map(range(3), XS)
    a.data = 1j
    with pytest.raises(NumberError, match="holds 1j by now"):
        step.map(range(3), XS)


def test_calls_are_counted() -> None:
    step, _ = descent()
    step.map(range(6), XS)
    assert [path.calls for path in step.paths] == [6]
    if NATIVE:
        assert step.taken.calls == 5


@pytest.mark.skipif(not NATIVE, reason="interpreted, an interruption may come anywhere")
def test_an_interruption_leaves_a_state_that_steps_lead_to() -> None:
    a, b = Value(0.0), Value(0.0)

    @sw.compile
    def count(x: Any) -> Any:
        a.data = a.data + x
        b.data = b.data - x
        return a.data

    count(0.0)
    column = np.ones(300_000)
    timer = threading.Timer(0.05, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            count.map(column)
    timer.join()
    assert a.data > 0
    assert a.data == -b.data
    before = a.data
    assert count(1.0) == before + 1.0


def test_other_threads_run_meanwhile() -> None:
    step = sw.compile(lambda x: x * x + 1.0)
    step(1.0)
    column = np.ones(30_000 if NATIVE else 3_000)
    found: list[Any] = []

    def run() -> None:
        found.append(step.map(column) == [2.0] * len(column))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3


def layers(n_results: int, scale: Value, **options: Any) -> Made:
    """A step of machine code on two layers, with numbers among the inputs that stay, and some results."""
    weights = [[Value(0.1 * (i - j)) for j in range(5)] for i in range(4)]
    biases = [Value(0.01 * i) for i in range(4)]
    every = [v for row in weights for v in row] + biases

    def step(k: Any, xs: Any, y: Any, many: Any) -> Any:
        hidden = [sw.tanh(sum((w * x for w, x in zip(row, xs)), b)) * scale for row, b in zip(weights, biases)]
        error = (sum(hidden) - y) ** 2 + 1e-3 * sum(a * a for a in many)
        for v in every:
            v.grad = 0.0
        error.backward()
        for v in every:
            v.data -= 0.1 / (k + 1) * v.grad
        return [error, *hidden, *hidden][:n_results]

    return sw.compile(step, backend="llvm", **options), [*every, scale]


@pytest.mark.parametrize("n_results", [1, 3, 9])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_goes_on_without_a_copy_is_what_single_calls_give(n_results: int, dtype: str) -> None:
    pytest.importorskip("llvmlite")
    rng = np.random.default_rng(3)
    fixed, lists = rng.normal(size=5), [[0.1, 0.2], [0.3, 0.4]]
    columns: list[Any] = [
        range(9),
        [fixed, fixed, *rng.normal(size=(2, 5)), fixed, *rng.normal(size=(4, 5))],
        rng.normal(size=9),
        [lists[k // 3 % 2] for k in range(9)],
    ]
    for until in (9, 2, 1):
        given = [column[:until] for column in columns]
        one, state = layers(n_results, Value(0.5), dtype=dtype)
        other, others = layers(n_results, Value(0.5), dtype=dtype)
        for k in range(2):  # the second time, everything is known from the first call on
            state[-1].data = others[-1].data = 0.5 + 0.1 * k
            expected = [one(*row) for row in zip(*given)]
            assert other.map(*given) == expected
            assert [(v.data, v.grad) for v in others] == [(v.data, v.grad) for v in state]
    with pytest.raises(TypeError, match="complex"):
        other.map(range(3), [fixed] * 3, [1.0, 2.0, 3j], [lists[0]] * 3)
    one(0, fixed, 1.0, lists[0]), one(1, fixed, 2.0, lists[0])
    assert [(v.data, v.grad) for v in others] == [(v.data, v.grad) for v in state]


def test_maps_within_maps_and_threads_have_blocks_of_their_own() -> None:
    pytest.importorskip("llvmlite")
    rows = [[0.1 * i] * 5 for i in range(40)]
    args = (range(40), rows, [0.5] * 40, [[0.1]] * 40)
    expected = layers(1, Value(0.5))[0].map(*args)
    step, state = layers(1, Value(0.5))
    before = [v.data for v in state]
    step.map(*args)

    class Watching(list):  # type: ignore[type-arg]
        """No list of Python's own: each call stands alone, and one of them maps in between."""

        def __iter__(self) -> Iterator[Any]:
            for i in range(40):
                if i == 20:
                    kept = [v.data for v in state]
                    assert len(step.map(*args)) == 40
                    for v, number in zip(state, kept):
                        v.data = number
                yield rows[i]

    for v, number in zip(state, before):
        v.data = number
    assert step.map(args[0], Watching(rows), *args[2:]) == expected
    made = [layers(1, Value(0.5))[0] for _ in range(3)]
    found: list[Any] = []
    threads = [threading.Thread(target=lambda k=k: found.append(k.map(*args))) for k in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3
