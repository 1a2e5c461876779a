"""`no_grad`, `anomalies` and `sources`: what they hold, for whom, and what they leave behind."""

import math
import threading

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import source_of
from slopewise.engine.modes import Source
from slopewise.errors import AnomalyError


def place(node: Value) -> Source:
    source = source_of(node)
    assert source is not None
    return source


def line_of(marker: str) -> int:
    with open(__file__, encoding="utf-8") as file:
        return next(i for i, line in enumerate(file, 1) if line.rstrip().endswith(f"# {marker}"))


# ---------------------------------------------------------------------- no_grad


def test_results_are_leaves() -> None:
    x = Value(2.0, label="x")
    with sw.no_grad():
        results = [
            x + 1, x * x, x - 1, 1 - x, x / 3, 3 / x, x**2, x**x, 2**x, -x, x % 2, abs(x), x.relu(), x.tanh(), x.exp(),
            sw.log(x), sw.maximum(x, 1), sw.where(x > 1, x, 0.0), sw.sum([x, x]), sw.mean([x, 1.0]), sw.logsumexp([x, x]),
            Value(1.0, (x,), "mine"), Value(1.0, (x,), (2.0,)),
        ]  # fmt: skip
    for out in results:
        assert out._prev == ()
        assert out._op == ""
        out.backward()
    assert x.grad == 0
    assert x.label == "x"


def test_graphs_from_before_stay_and_can_be_swept_inside() -> None:
    x = Value(2.0)
    y = x * x
    with sw.no_grad():
        y.backward()
        z = y * 3
    assert x.grad == 4.0
    assert z._prev == ()
    w = y + z
    w.backward()
    assert x.grad == 8.0


def test_a_step_set_by_hand_inside_does_not_run() -> None:
    x = Value(2.0)

    def patched_square(v: Value) -> Value:
        out = Value(v.data**2, (v,), "square")

        def _backward() -> None:
            v.grad += 2 * v.data * out.grad

        out._backward = _backward
        return out

    with sw.no_grad():
        frozen = patched_square(x)
    (frozen * 3).backward()
    assert x.grad == 0
    (patched_square(x) * 3).backward()
    assert x.grad == 12.0


def test_no_grad_ends_with_its_block() -> None:
    x = Value(2.0)
    with pytest.raises(KeyError), sw.no_grad():
        raise KeyError
    assert (x * 2)._prev != ()
    with sw.no_grad():
        with sw.no_grad():
            pass
        assert (x * 2)._prev == ()
    assert len((x * 2)._prev) == 2


def test_no_grad_holds_for_its_own_thread() -> None:
    x = Value(2.0)
    seen: list[int] = []

    def other() -> None:
        seen.append(len((x * 2)._prev))

    with sw.no_grad():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [2]


def test_no_grad_as_a_decorator_or_a_block_used_twice() -> None:
    @sw.no_grad()  # type: ignore[untyped-decorator]
    def evaluate(x: Value) -> Value:
        return x * 3

    x = Value(2.0)
    for _ in range(2):
        assert evaluate(x)._prev == ()
    assert (x * 3)._prev != ()


def test_values_made_inside_are_ordinary_leaves_later() -> None:
    with sw.no_grad():
        w = Value(3.0) * 2
    (w * w).backward()
    assert w.grad == 12.0


# ---------------------------------------------------------------------- anomalies


def anomaly(text: str) -> "pytest.RaisesExc[AnomalyError]":
    return pytest.raises(AnomalyError, match=text)


def test_the_first_value_that_is_not_finite() -> None:
    x = Value(0.0, label="x")
    with sw.anomalies():
        y = x * 2 + 1
        with pytest.raises(AnomalyError) as info:
            sw.log(x) + y  # the log line
    assert "log made -inf from x = 0.0" in str(info.value)
    assert f"test_modes.py:{line_of('the log line')}" in str(info.value)
    assert "sw.log(x) + y" in str(info.value)
    assert info.value.node is not None
    assert info.value.node.data == -math.inf  # type: ignore[attr-defined]
    assert isinstance(info.value, ArithmeticError)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b: a / b, r"/ made|\*\*-1 made inf"),
        (lambda a, b: a / 0, r"made inf"),
        (lambda a, b: a * 1e308 * 10, r"\* made inf from"),
        (lambda a, b: (a - 3) ** 0.5, r"\*\*0.5 made nan from"),
        (lambda a, b: sw.sqrt(a - 3), r"sqrt made nan"),
        (lambda a, b: a**b**-1, r"made inf"),
        (lambda a, b: (a * 1000).exp(), r"exp made inf"),
        (lambda a, b: sw.sum([a, math.inf]), r"\+ made inf"),
        (lambda a, b: a + math.nan, r"\+ made nan from a = 1.0 and nan"),
        (lambda a, b: Value(math.inf, (a,), "mine"), r"mine made inf"),
        (lambda a, b: a % b, r"% made nan"),
    ],
)
def test_every_way_to_make_one(make: object, text: str) -> None:
    a, b = Value(1.0, label="a"), Value(0.0, label="b")
    make(a, b)  # type: ignore[operator]
    with anomaly(text), sw.anomalies():
        make(a, b)  # type: ignore[operator]


def test_leaves_may_hold_anything_until_they_are_used() -> None:
    with sw.anomalies():
        v = Value(math.nan, label="v")
        with anomaly("v came in like that"):
            v * 2


def test_the_first_gradient_that_is_not_finite() -> None:
    x = Value(0.0, label="x")
    with sw.anomalies():
        y = sw.sqrt(x)  # the sqrt line
        z = y * 3
        with pytest.raises(AnomalyError) as info:
            z.backward()
    message = str(info.value)
    assert "sqrt" in message
    assert "gradient of x inf" in message
    assert "upstream gradient 3" in message
    assert f"test_modes.py:{line_of('the sqrt line')}" in message


def test_a_gradient_anomaly_of_a_graph_built_outside() -> None:
    y = sw.sqrt(Value(0.0, label="x"))
    with sw.anomalies(), anomaly("build the graph inside the block"):
        y.backward()


def test_gradient_anomalies_in_steps_set_by_hand() -> None:
    a = Value(1.0, label="a")
    out = Value(1.0, (a,), "mine")

    def step() -> None:
        a.grad += math.nan

    out._backward = step
    with sw.anomalies(), anomaly("mine.*gradient of a nan"):
        (out * 2).backward()


def test_after_an_anomaly_everything_goes_on() -> None:
    x = Value(0.0)
    y = sw.sqrt(x) + x
    with pytest.raises(AnomalyError), sw.anomalies():
        y.backward()
    x.zero_grad()
    z = x * 2
    z.backward()
    assert x.grad == 2
    assert sw.log(x).data == -math.inf


def test_anomalies_do_not_disturb_healthy_runs() -> None:
    def run() -> tuple[float, float]:
        a, b = Value(0.3), Value(-1.2)
        out = (a * b).tanh() + a / b - b**3 + sw.maximum(a, b).relu()
        out.backward()
        return a.grad, b.grad

    plain = run()
    with sw.anomalies():
        watched = run()
    assert plain == watched


def test_numbers_of_other_types_are_judged_when_they_can_be() -> None:
    from decimal import Decimal
    from fractions import Fraction

    with sw.anomalies():
        assert (Value(Fraction(1, 2)) * 3).data == Fraction(3, 2)
        assert (Value(10**400) * 2).data == 2 * 10**400
        assert (Value(Decimal(1)) + 1).data == 2
        with anomaly("made"):
            Value(complex(math.inf, 0)) * 1
        with anomaly("made"):
            Value(Decimal("Infinity")) + 1


# ---------------------------------------------------------------------- sources


def test_sources_are_the_users_lines() -> None:
    x = Value(2.0)
    with sw.sources():
        y = x * 3  # the product line
        z = sw.exp(
            y + 1  # the sum line
        )
    assert place(y).line == line_of("the product line")
    assert place(y).file == __file__
    assert place(y).function == "test_sources_are_the_users_lines"
    assert "y = x * 3" in str(source_of(y))
    assert source_of(z) is not None
    assert source_of(x) is None
    assert source_of(x * 2) is None


def test_sources_of_comprehensions_and_helpers_are_where_the_operator_stands() -> None:
    def helper(v: Value) -> Value:
        return v + 1  # the helper line

    with sw.sources():
        nodes = [helper(Value(1.0)) for _ in range(2)]
    assert {place(n).line for n in nodes} == {line_of("the helper line")}
    assert {place(n).function for n in nodes} == {"helper"}


def test_sources_of_sums_and_reductions_are_the_callers() -> None:
    vs = [Value(1.0), Value(2.0)]
    with sw.sources():
        total = sw.sum(vs)  # the sum call
        soft = sw.softmax(vs)  # the softmax call
    assert place(total).line == line_of("the sum call")
    assert place(soft[0]).line == line_of("the softmax call")


def test_modes_nest_and_combine() -> None:
    x = Value(2.0)
    with sw.sources(), sw.no_grad():
        y = x * 2
    assert y._prev == ()
    with sw.no_grad(), sw.anomalies(), anomaly("made"):
        x / 0.0
    assert (x * 2)._prev != ()


def test_tasks_of_an_event_loop_have_their_own_modes() -> None:
    import asyncio

    x = Value(2.0)

    async def without() -> None:
        with sw.no_grad():
            await asyncio.sleep(0)
            assert (x * 2)._prev == ()

    async def beside() -> None:
        await asyncio.sleep(0)
        y = x * x
        y.backward()

    async def both() -> None:
        await asyncio.gather(without(), beside(), without())

    asyncio.run(both())
    assert x.grad == 4.0
