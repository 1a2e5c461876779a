"""Shortcuts from a call to its kernel: what takes them, what does not, and what they read, write and return."""

import gc
import threading
from array import array
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value, ir
from slopewise.backends.replay import NATIVE as REPLAYS_NATIVELY
from slopewise.backends.replay import Kernel
from slopewise.compiler.calls.calling import Caller, Shortcut
from slopewise.compiler.calls.plans import plan_of
from slopewise.compiler.nests import flatten
from slopewise.engine import NATIVE
from slopewise.errors import InternalError

# Only while one of the builds is out of date: everything goes the slow way then.
pytestmark = pytest.mark.skipif(NATIVE != REPLAYS_NATIVELY, reason="one engine native, the other interpreted")


class Called(Caller):
    """Notes the calls that no shortcut answered."""

    def __init__(self) -> None:
        self.slow: list[tuple[Any, ...]] = []

    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.slow.append((args, kwargs))
        return "slow"


def kernel(text: str) -> Kernel:
    return Kernel(ir.parse(text))


def install(k: Called, kernel: Kernel, *args: Any, result: Any = 0.0, **options: Any) -> Shortcut:
    """Install a shortcut for calls that look like one with these arguments."""
    plan = plan_of(flatten((args, {})).nest, (), array("d"))
    assert plan is not None
    return k.install(kernel, plan, flatten(result).nest, **options)


SQUARE = "program(%0 x) { %1 = square %0; %2 = add %0 %0; return %1 %2 }"


def test_floats_take_the_shortcut_and_nothing_else_does() -> None:
    k = Called()
    assert k(3.0) == "slow"
    shortcut = install(k, kernel(SQUARE), 1.0)
    assert (k(3.0), k.taken, shortcut.calls) == (9.0, shortcut, 1)

    class Own(float):
        pass

    others: list[Any] = [3, True, np.float32(3.0), Own(3.0), Value(3.0), "3", None, [3.0]]
    assert [k(x) for x in others] == ["slow"] * len(others)
    assert k.taken is None
    assert [k(), k(1.0, 2.0), k(x=3.0), k(3.0, y=1)] == ["slow"] * 4
    assert k.slow[-1] == ((3.0,), {"y": 1})
    k.uninstall()
    assert k(3.0) == "slow"


def test_numpys_floats_are_floats() -> None:
    k = Called()
    install(k, kernel(SQUARE), 1.0)
    assert (k(np.float64(3.0)), k.slow) == (9.0, [])


def test_ints_are_taken_where_ints_were() -> None:
    k = Called()
    install(k, kernel(SQUARE), 1)
    assert [k(3), k(np.int64(3)), k(-(2**53))] == [9.0, 9.0, float(2**53) ** 2]
    assert [k(True), k(2**53 + 1), k(10**40), k(3.0), k(np.int32(3)), k("3")] == ["slow"] * 6


@pytest.mark.parametrize(
    "result",
    [
        9.0,
        (9.0, 6.0),
        [9.0],
        (9.0, (6.0,)),
        (9.0, [6.0], ()),
        {"value": 9.0, "slope": 6.0},
        {"value": 9.0, "rest": {"slope": [6.0]}},
        (),
        (9.0, "metres", None, print),
        [9, True],
        {2: 9.0},
    ],
    ids=str,
)
def test_results_come_in_their_nest(result: Any) -> None:
    k = Called()
    install(k, kernel(SQUARE), 1.0, result=result)
    assert repr(k(3.0)) == repr(result)
    assert type(k(3.0)) is type(result)


def test_arrays_among_the_results_are_new_each_time() -> None:
    k = Called()
    install(k, kernel(SQUARE), 1.0, result=(np.zeros((1, 2)),))
    (first,), (second,) = k(3.0), k(4.0)
    assert (first.tolist(), second.tolist(), first.dtype, first.flags.owndata) == (
        [[9.0, 6.0]],
        [[16.0, 8.0]],
        np.float64,
        True,
    )
    first[0, 0] = 1.0
    assert k(4.0)[0].tolist() == second.tolist()


def test_captured_numbers_are_read_at_each_call() -> None:
    w, g = Value(2), Value(1.0)
    k = Called()
    text = "program(%0 x, %1 w, %2 g, %3 c) { %4 = multiply %0 %1; %5 = add %4 %2; %6 = add %5 %3; return %6 }"
    install(k, kernel(text), 1.0, captured=[(w, "data"), (g, "grad"), 100.0])
    assert k(3.0) == 106.0
    w.data, g.grad = 5.0, 0.5
    assert k(3.0) == 115.5
    w.data = 1 + 2j
    assert k(3.0) == "slow"
    w.data = 1.0
    assert k(3.0) == 103.5


def test_guards_choose_among_shortcuts() -> None:
    k = Called()
    text = "program(%0 x) { %1 = constant 0.0; %2 = less %0 %1; %3 = negate %0; return %0 %3 %2 }"
    swapped = text.replace("return %0 %3", "return %3 %0")
    up = install(k, kernel(text), 1.0, guards=[(2, False)], tag="up")
    down = install(k, kernel(swapped), 1.0, guards=[(2, True)], tag="down")
    assert [k(x) for x in (2.0, -2.0, -3.0, 4.0)] == [2.0, 2.0, 3.0, 4.0]
    assert (up.calls, down.calls) == (2, 2)
    again = install(k, kernel(swapped), 1.0, guards=[(2, True)], tag="down")
    assert (k(-5.0), down.calls, again.calls) == (5.0, 2, 1)


def test_a_truth_is_that_of_python_and_a_number_equal() -> None:
    nan = float("nan")
    for expected, taken in (
        (True, [2.0, -1.0, nan]),
        (False, [0.0, -0.0]),
        (2.0, [2.0]),
        (0, [0.0, -0.0]),
    ):
        k = Called()
        install(k, kernel("program(%0 x) { return %0 }"), 1.0, guards=[(0, expected)])
        found = [x for x in (2.0, -1.0, nan, 0.0, -0.0) if k(x) != "slow"]
        assert str(found) == str(taken)


def test_state_is_written_when_the_guards_hold() -> None:
    w, made = Value(1.0), Value(2.0) * 3.0
    k = Called()
    text = "program(%0 x, %1 w) { %2 = add %0 %1; %3 = negate %0; return %2 %3 %0 }"
    writes = [(0, w, "data"), (1, w, "grad"), (1, made, "data")]
    install(k, kernel(text), 1.0, captured=[(w, "data")], guards=[(2, True)], writes=writes)
    assert (k(2.0), w.data, w.grad, made.data) == (3.0, 3.0, -2.0, -2.0)
    assert k(0.0) == "slow"
    assert (w.data, w.grad) == (3.0, -2.0)
    w.zero_grad()
    assert w.grad == 0


def test_modes_go_the_slow_way() -> None:
    k = Called()
    install(k, kernel(SQUARE), 1.0)
    with sw.anomalies():
        assert k(3.0) == "slow"
    assert k(3.0) == 9.0


def test_a_kernel_that_does_not_fit_is_refused() -> None:
    k = Called()
    with pytest.raises(InternalError, match="1 inputs was installed for 2 arguments"):
        install(k, kernel(SQUARE), 1.0, 2.0)
    with pytest.raises(InternalError, match="'slot'"):
        install(k, kernel(SQUARE), captured=[(Value(1.0), "slot")])
    assert k(3.0) == "slow"


def test_few_shortcuts_are_kept() -> None:
    k = Called()
    for count in range(1, 131):
        names = ", ".join(f"%{i} x" for i in range(count))
        install(k, kernel(f"program({names}) {{ return %{count - 1} }}"), *map(float, range(count)))
    assert k(1.0) == "slow"
    assert k(*map(float, range(130))) == 129.0


def test_threads_call_and_install_at_once() -> None:
    k = Called()
    text = "program(%0 x, %1 y) { %2 = subtract %0 %1; return %2 }"
    install(k, kernel(text), 1.0, 2.0, tag="one")
    wrong: list[float] = []

    def call(base: float) -> None:
        for i in range(2_000):
            if k(base + i, base) != float(i):
                wrong.append(base)

    threads = [threading.Thread(target=call, args=(float(n),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        install(k, kernel(text), 1.0, 2.0, tag="one")
    for thread in threads:
        thread.join()
    assert (wrong, k.slow) == ([], [])


def test_a_shortcut_is_collected_with_its_caller() -> None:
    class Finalised(Called):
        gone: list[int] = []

        def __del__(self) -> None:
            self.gone.append(1)

    k: Any = Finalised()
    install(k, kernel(SQUARE), 1.0, tag=k)
    del k
    gc.collect()
    assert Finalised.gone == [1]


def test_however_python_hands_the_arguments_over() -> None:
    k = Called()
    install(k, kernel(SQUARE), 1.0)
    none: dict[str, Any] = {}
    some: dict[str, Any] = {"y": 3}
    assert (k(3.0), k(*[3.0]), k(*[3.0], **none), k.__call__(3.0), Caller.__call__(k, 3.0)) == (9.0,) * 5
    assert list(map(k, [1.0, 2.0])) == [1.0, 4.0]
    assert k.slow == []
    assert k(3.0, y=1.0, z=[2]) == k(x=3.0) == k() == k(*[1.0, 2.0], **some) == "slow"
    assert k.slow == [((3.0,), {"y": 1.0, "z": [2]}), ((), {"x": 3.0}), ((), {}), ((1.0, 2.0), {"y": 3})]


def test_a_class_with_a_call_of_its_own_keeps_it() -> None:
    class Louder(Called):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return ("loud", super().__call__(*args, **kwargs))

    k = Louder()
    install(k, kernel(SQUARE), 1.0)
    assert (k(3.0), k(3)) == (("loud", 9.0), ("loud", "slow"))


def test_a_call_that_a_class_gets_later_counts() -> None:
    class Later(Called):
        pass

    k = Later()
    install(k, kernel(SQUARE), 1.0)
    assert k(3.0) == 9.0
    Later.__call__ = lambda self, *args, **kwargs: ("later", args, kwargs)  # type: ignore[method-assign]
    assert (k(3.0), k(3.0, y=1)) == (("later", (3.0,), {}), ("later", (3.0,), {"y": 1}))
    del Later.__call__
    assert k(3.0) == 9.0


def test_large_kernels_of_machine_code_share_their_registers() -> None:
    pytest.importorskip("llvmlite")
    ks = [sw.compile(lambda x, c=c: [c * sum(a * a for a in x), sum(x)], backend="llvm") for c in range(3)]
    x = np.arange(2000.0)
    wanted = [[float(c * (x * x).sum()), float(x.sum())] for c in range(3)]
    for _ in range(3):
        assert [k(x) for k in ks] == wanted
    nested = sw.compile(lambda x: [ks[1](x)[0] + sum(x)], backend="llvm")
    assert [nested(x), ks[2](x), nested(x)] == [[wanted[1][0] + wanted[1][1]], wanted[2], [wanted[1][0] + wanted[1][1]]]
    found: list[Any] = []

    def run(k: Any) -> None:
        found.extend(k(x) for _ in range(200))

    threads = [threading.Thread(target=run, args=(k,)) for k in ks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(tuple, found)) == sorted(tuple(w) for w in wanted for _ in range(200))
