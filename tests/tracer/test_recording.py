"""`record`: what is recorded, frozen, guarded and refused, and that nothing of a trace stays behind."""

import builtins
import math
import random
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import TraceError, TraceLeakError
from slopewise.ir import interpret
from slopewise.lecture import Value as LectureValue
from slopewise.passes.cotangents import reverse_into
from slopewise.tracer import Trace, inline, is_tracing, record, record_once, record_twice


def run(trace: Trace, numbers: list[float]) -> list[float]:
    captured = [float(getattr(c.value, c.attribute)) for c in trace.captured]
    return interpret(trace.program, [*numbers, *captured])


def traced(call: Callable[[list[Any]], Any], numbers: list[float], **options: Any) -> Trace:
    return record(call, numbers, reverse=reverse_into, **options)


def test_a_program_has_what_the_result_needs_and_nothing_else() -> None:
    def call(xs: list[Any]) -> list[Any]:
        _unused = xs[0] ** 3
        return [xs[0] * xs[1] - 2]

    trace = traced(call, [3.0, 4.0], names=["x", "y"])
    assert str(trace.program).splitlines() == [
        "program(%0 x, %1 y) {",
        "  %2 = multiply %0 %1",
        "  %3 = constant -2.0",
        "  %4 = add %2 %3",
        "  return %4",
        "}",
    ]
    assert run(trace, [5.0, 6.0]) == [28.0]


def test_values_from_before_are_read_again_and_those_made_inside_are_frozen() -> None:
    w = Value(2.0, label="w")
    trace = traced(lambda xs: [xs[0] * w + Value(10.0)], [3.0])
    assert [c.value for c in trace.captured] == [w] and trace.program.names == ("x0", "w")
    assert run(trace, [3.0]) == [16.0]
    w.data = 5.0
    assert run(trace, [3.0]) == [25.0]
    assert 10.0 in [constant.number for constant in trace.constants]


def test_a_node_from_before_is_one_input() -> None:
    h = Value(2.0) * 3
    trace = traced(lambda xs: [xs[0] * h], [1.0])
    assert [c.value for c in trace.captured] == [h] and trace.program.n_equations == 1


def test_a_leaf_made_from_a_number_of_the_trace_stays_connected() -> None:
    assert run(traced(lambda xs: [Value(xs[0]) * Value(xs[1].data)], [2.0, 3.0]), [5.0, 7.0]) == [35.0]


def test_operators_with_traced_numbers_are_as_with_floats() -> None:
    def f(x: Any, n: Any) -> list[Any]:
        return [x + n, n + x, x - n, n - x, x * n, n * x, x / n, n / x, x**n, n**x, x % n, n % x]

    trace = traced(lambda xs: f(xs[0], xs[1].data), [2.5, 1.5])
    assert run(trace, [3.5, 0.7]) == [v.data for v in f(Value(3.5), 0.7)]


def test_numbers_of_other_types_are_frozen_as_floats() -> None:
    trace = traced(lambda xs: [xs[0] * Fraction(1, 3) + 2**60], [1.0])
    assert run(trace, [0.25]) == [(Value(0.25) * Fraction(1, 3) + 2**60).data]


def test_numpys_numbers_of_other_sizes_are_frozen_as_floats() -> None:
    row = np.array([1.5, 0.7], dtype=np.float32)
    for x in (*row, np.float16(0.3), np.longdouble(0.25), np.array(0.7), np.array(0.7, dtype=np.float32)):
        number = float(x)

        def f(xs: list[Any], x: Any = x) -> list[Any]:
            return [xs[0] * x, xs[0] - x, xs[0] / x, xs[0] ** x, Value(x)]

        trace = traced(f, [2.0])
        assert run(trace, [2.0]) == [2.0 * number, 2.0 - number, 2.0 * number**-1, 2.0**number, number]


def test_arithmetic_of_traced_numbers_is_that_of_floats() -> None:
    def f(x: Any, y: Any) -> list[Any]:
        return [
            x / y,
            x - y,
            -x,
            x // y,
            x % y,
            abs(-x),
            +x,
            x**y,
            round(x),
            math.floor(y),
            math.ceil(y),
            math.trunc(-y),
        ]

    trace = traced(lambda xs: f(xs[0].data, xs[1].data), [2.5, 1.5])
    assert run(trace, [7.3, 2.2]) == [float(z) for z in f(7.3, 2.2)]


@pytest.mark.parametrize("x", [0.3, 2.7, 0.999])
def test_the_math_module_is_recorded(x: float) -> None:
    def f(x: Any) -> list[Any]:
        return [
            math.exp(x), math.log(x), math.log(x, 3.0), math.sqrt(x), math.sin(x), math.atan2(x, 2.0), math.hypot(x, 1.0),
            math.pow(x, 1.5), math.fabs(-x), math.fmod(-x, 0.4), math.copysign(2.0, -x), math.degrees(x), math.erf(x),
            math.isnan(x), math.isfinite(x), math.tanh(x), math.prod([x, x, 2.0]), math.fsum([x, 1.0]), math.expm1(x),
        ]  # fmt: skip

    trace = traced(lambda xs: f(xs[0].data), [1.25])
    assert run(trace, [x]) == pytest.approx([float(y) for y in f(x)], rel=1e-15)


def test_products_of_the_math_module_keep_the_gradient() -> None:
    trace = traced(lambda xs: [math.prod(xs)], [2.0, 3.0])
    assert [trace.program.codes[slot] for slot in trace.program.outputs] == [sw.ops.CODE["multiply"]]


@pytest.mark.parametrize("smooth", [False, True])
def test_the_math_module_on_values(smooth: bool) -> None:
    def call(xs: list[Any]) -> list[Any]:
        x, y = xs
        out = [
            math.exp(x), math.log(x, 2.0), math.hypot(x, y), math.pow(x, y), math.fmod(-x, y), math.copysign(x, -y),
            math.erfc(x), math.cbrt(x) if hasattr(math, "cbrt") else x.data, math.dist(xs, [0.0, 0.0]), math.radians(x),
        ]  # fmt: skip
        total = Value(0.0)
        for term in out:
            total = total + term
        total.backward()
        return [*out, x.grad]

    *values, slope = run(traced(call, [1.5, 0.7], smooth=smooth), [1.2, 0.8])
    assert values[0] == math.exp(1.2) and values[3] == math.pow(1.2, 0.8)
    h = 1e-6
    there, back = (run(traced(call, [1.5, 0.7], smooth=smooth), [1.2 + d, 0.8])[:-1] for d in (h, -h))
    wanted = (sum(there) - sum(back)) / (2 * h) if smooth else 0.0
    assert slope == pytest.approx(wanted, rel=1e-7)


def test_max_and_min_are_operations_and_give_no_path() -> None:
    trace = traced(lambda xs: [max(v.data for v in xs), min(*xs), max(xs, key=lambda v: 0)], [3.0, 1.0, 2.0])
    assert trace.guards == ()
    assert run(trace, [1.0, 5.0, 4.0])[:2] == [5.0, 1.0]


def test_comparisons_are_numbers_until_python_asks() -> None:
    def accuracy(xs: list[Any]) -> list[Any]:
        wanted = np.array([1.0, -1.0, 1.0])
        right = [(y > 0) == (x.data > 0) for x, y in zip(xs, wanted, strict=True)]
        return [sum(right) / len(right), sw.where(xs[0] > xs[1], xs[0], xs[1])]

    trace = traced(accuracy, [1.0, 1.0, 1.0])
    assert trace.guards == ()
    assert run(trace, [1.0, -1.0, -1.0]) == [2 / 3, 1.0]


def test_a_branch_is_a_guard_with_its_line() -> None:
    def call(xs: list[Any]) -> list[Any]:
        if xs[0] > 1:
            return [xs[0] * 2]
        return [xs[0]]

    (guard,) = traced(call, [3.0]).guards
    assert (guard.kind, guard.expected) == ("truth", True)
    assert guard.source is not None and "if xs[0] > 1" in str(guard.source)
    assert guard.holds(1.0) and not guard.holds(0.0)
    (other,) = traced(call, [math.nan]).guards
    assert other.expected is False


def test_the_same_question_is_one_guard() -> None:
    def call(xs: list[Any]) -> list[Any]:
        inside = xs[0] > 1
        return [xs[0] * 2 if inside and inside and inside else xs[0]]

    assert len(traced(call, [3.0]).guards) == 1


def test_ints_are_guards_on_their_value() -> None:
    table = [10.0, 20.0, 30.0]

    def call(xs: list[Any]) -> list[Any]:
        x, n = xs
        for _ in range(n):
            x = x * 2
        return [x + table[n % 3] + table[int(xs[0].data) % 3] + (n >> 1) + n // 2]

    trace = traced(call, [1.0, 4], integers=[1])
    assert {(g.kind, g.expected) for g in trace.guards} >= {("integer", 4), ("integer", 1)}
    assert run(trace, [1.5, 4])[:1] == [24.0 + 20.0 + 20.0 + 2 + 2]


def test_a_float_is_no_index() -> None:
    with pytest.raises(TypeError, match="is no index"):
        traced(lambda xs: [[1, 2][xs[0].data]], [1.0])


def test_the_whole_loop_body_leaves_everything_as_it_was() -> None:
    w = Value(2.0, label="w")
    w.grad = 7.0

    def step(xs: list[Any]) -> list[Any]:
        w.grad = 0.0
        loss = (w * xs[0] - 1) ** 2
        loss.backward()
        w.data -= 0.1 * w.grad
        return [loss, w.grad, loss.grad]

    trace = traced(step, [3.0])
    assert (w.data, w.grad) == (2.0, 7.0)
    assert [(write.value is w, write.attribute) for write in trace.writes] == [(True, "data"), (True, "grad")]
    loss, gradient, root, data, grad = run(trace, [3.0])
    assert (loss, gradient, root, data, grad) == (25.0, 30.0, 1.0, -1.0, 30.0)


def test_gradients_accumulate_from_what_was_there() -> None:
    w = Value(2.0)
    w.grad = 5.0

    def call(xs: list[Any]) -> list[Any]:
        (w * xs[0]).backward()
        (w * w).backward()
        return [w.grad]

    assert run(traced(call, [3.0]), [3.0])[0] == 5.0 + 3.0 + 4.0


def test_two_steps_in_one_call_use_the_new_number() -> None:
    w = Value(2.0)

    def call(xs: list[Any]) -> list[Any]:
        for _ in range(2):
            w.grad = 0.0
            loss = w * w * xs[0]
            loss.backward()
            w.data -= 0.25 * w.grad
        return [w * 1]

    eager = Value(2.0)
    for _ in range(2):
        eager.grad = 0.0
        loss = eager * eager * 0.5
        loss.backward()
        eager.data -= 0.25 * eager.grad
    assert run(traced(call, [0.5]), [0.5])[0] == eager.data


def test_local_derivatives_are_taken_at_the_numbers_of_the_moment() -> None:
    def body(a: Value, b: Any) -> Any:
        product = a * b
        b.data = 10.0
        product.backward()
        return a.grad

    a, b = Value(3.0), Value(4.0)
    trace = traced(lambda xs: [body(a, b)], [])
    assert run(trace, [])[0] == body(Value(3.0), Value(4.0)) == 10.0


def test_zero_grad_of_a_graph_clears_what_is_below() -> None:
    w = Value(2.0)
    w.grad = 9.0

    def call(xs: list[Any]) -> list[Any]:
        y = w * xs[0]
        y.zero_grad()
        y.backward()
        return [w.grad]

    assert run(traced(call, [3.0]), [3.0])[0] == 3.0


def test_steps_called_by_hand() -> None:
    def walk(a: Any, b: Any) -> list[Any]:
        d = a * b
        e = a + b
        f = d * e
        f.grad = 1.0
        for node in (f, e, d):
            node._backward()
        return [a.grad, b.grad, d.grad]

    trace = traced(lambda xs: walk(xs[0], xs[1]), [-2.0, 3.0])
    assert run(trace, [-2.0, 3.0]) == walk(Value(-2.0), Value(3.0)) == [-3.0, -8.0, 1.0]


def test_a_topological_walk_by_hand() -> None:
    def walk(root: Any) -> None:
        order: list[Any] = []
        seen = set()

        def visit(v: Any) -> None:
            if v not in seen:
                seen.add(v)
                for child in v._prev:
                    visit(child)
                order.append(v)

        visit(root)
        root.grad = 1.0
        for v in reversed(order):
            v._backward()

    def call(xs: list[Any]) -> list[Any]:
        a, b = xs
        c = a * b + a.tanh() - b**2
        walk(c)
        return [a.grad, b.grad]

    a, b = Value(0.3), Value(0.7)
    (a * b + a.tanh() - b**2).backward()
    assert run(traced(call, [2.0, 5.0]), [0.3, 0.7]) == pytest.approx([a.grad, b.grad], rel=1e-15)


def sine(x: Any) -> Any:
    out = Value(math.sin(x.data), (x,), "sin")

    def step() -> None:
        x.grad += math.cos(x.data) * out.grad

    out._backward = step
    return out


@sw.operation(derivative=lambda x: 3 * x**2)  # type: ignore[untyped-decorator]
def cube(x: float) -> float:
    return x**3


def given_slopes(x: Any, y: Any) -> Any:
    return Value(x.data * y.data, (x, y), (y.data, x.data))


@pytest.mark.parametrize("make", [lambda x: sine(x) * x, lambda x: cube(x) * x, lambda x: given_slopes(x, x * 2)])
def test_own_derivatives(make: Callable[[Any], Any]) -> None:
    x = Value(0.6)
    y = make(x)
    y.backward()

    def call(xs: list[Any]) -> list[Any]:
        out = make(xs[0])
        out.backward()
        return [out, xs[0].grad]

    assert run(traced(call, [2.0]), [0.6]) == pytest.approx([y.data, x.grad], rel=1e-15)


def test_a_step_that_is_not_linear_is_refused() -> None:
    def clipped(x: Any) -> Any:
        out = Value(x.data, (x,), "clip")

        def step() -> None:
            x.grad += max(-1.0, min(1.0, out.grad))

        out._backward = step
        return out

    with pytest.raises(TraceError, match="not linear in the gradient"):
        traced(lambda xs: [clipped(xs[0])], [1.0])


def test_no_grad_and_detach_cut_the_gradient() -> None:
    def call(xs: list[Any]) -> list[Any]:
        x = xs[0]
        with sw.no_grad():
            cut = x * 3
        y = cut * x + x.detach() * x
        y.backward()
        return [x.grad]

    assert run(traced(call, [1.0]), [2.0]) == [6.0 + 2.0]


def test_the_lectures_flavour() -> None:
    w = LectureValue(2.0)

    def call(xs: list[Any]) -> list[Any]:
        y = (w * xs[0]).tanh()
        y.backward()
        return [y, w.grad]

    y = (w * 0.3).tanh()
    y.backward()
    w2 = w.grad
    w.grad = 0.0
    assert run(traced(call, [1.0]), [0.3])[:2] == [y.data, w2]


def test_arrays_of_values() -> None:
    def call(xs: list[Any]) -> list[Any]:
        a = np.array(xs, dtype=object)
        return [(a * 2 + 1).sum(), (a @ a), np.exp(a)[0], *(np.array([1.0, 2.0]) * xs[0].data)]

    assert run(traced(call, [1.0, 2.0]), [0.5, 3.0]) == [9.0, 9.25, math.exp(0.5), 0.5, 1.0]


def test_numpys_functions_of_numbers() -> None:
    def f(x: Any, d: Any) -> list[Any]:
        a = np.array([1.0, 2.0])
        return [
            *(x * a), *(x - a), *(x**a), *(x / a), *(a * d), *(d * a), *(a - d), np.sqrt(d), np.exp(d), np.float64(2) * d,
            (np.float64(1.5) == d) * 1.0, np.floor(d), *((a > d) * 1.0), np.maximum(d, 2.0), np.isnan(d) * 1.0,
        ]  # fmt: skip

    trace = traced(lambda xs: f(xs[0], xs[0].data), [3.0])
    assert trace.guards == ()
    wanted = [float(y.data if isinstance(y, Value) else y) for y in f(1.5, 1.5)]
    assert run(trace, [1.5]) == pytest.approx(wanted, rel=1e-15)


def test_spread_of_an_array_of_values() -> None:
    def call(xs: list[Any]) -> list[Any]:
        return [
            np.std([x.data for x in xs]),
            np.var(np.array(xs, dtype=object)),
            np.linalg.norm(np.array(xs, dtype=object)),
        ]

    assert run(traced(call, [1.0, 2.0]), [1.5, 2.5]) == pytest.approx([0.5, 0.25, math.hypot(1.5, 2.5)])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_own_derivatives_can_be_differentiated_again(order: int) -> None:
    ways: list[Callable[[Any], Any]] = [sine, lambda x: Value(math.sin(x.data), (x,), (math.cos(x.data),)), sw.sin]
    results = []
    for f in ways:
        for _ in range(order):
            f = sw.grad(f)
        results.append(f(0.6))
    assert results == pytest.approx([results[-1]] * 3, rel=1e-14)


# ---------------------------------------------------------------------- traces inside traces


def test_an_inner_trace_sees_the_outer_ones_values() -> None:
    inner: list[Trace] = []

    def call(xs: list[Any]) -> list[Any]:
        y = xs[0] * 3
        assert is_tracing()
        inner.append(record(lambda zs: [zs[0] * y], [2.0]))
        return [inline(inner[0], [xs[0]])[0] + 1]

    trace = traced(call, [2.0])
    assert [c.attribute for c in inner[0].captured] == ["slot"]
    assert run(trace, [5.0]) == [76.0]


def test_guards_and_assignments_inside_count_outside() -> None:
    w = Value(1.0)

    def body(zs: list[Any]) -> list[Any]:
        if zs[0] > 0:
            w.data = zs[0].data * 2
        return [w * 1]

    def call(xs: list[Any]) -> list[Any]:
        return inline(record(body, [3.0]), [xs[0]])

    trace = traced(call, [3.0])
    assert w.data == 1.0 and len(trace.guards) == 1 and [write.value for write in trace.writes] == [w]
    assert run(trace, [4.0]) == [8.0, 8.0, 1.0]


# ---------------------------------------------------------------------- nothing stays behind


def test_a_failed_trace_leaves_no_trace() -> None:
    w = Value(2.0)
    w.grad = 3
    largest, exponential = builtins.max, math.exp

    def call(xs: list[Any]) -> list[Any]:
        w.data = xs[0].data
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        traced(call, [1.0])
    assert not is_tracing() and builtins.max is largest and math.exp is exponential
    assert (w.data, w.grad) == (2.0, 3) and type(w.grad) is int
    y = w * 2
    y.backward()
    assert w.grad == 5


def test_kept_values_say_that_their_trace_is_over() -> None:
    kept: list[Any] = []

    def call(xs: list[Any]) -> list[Any]:
        kept.extend([xs[0] * 2, xs[0].data])
        return [xs[0]]

    traced(call, [1.0])
    for use in (lambda: kept[0].data, lambda: kept[1] + 1, lambda: traced(lambda xs: [kept[0] * xs[0]], [1.0])):
        with pytest.raises(TraceLeakError):
            use()


def test_another_thread_sees_values_as_they_are() -> None:
    w = Value(2.0)
    w.grad = 4.0
    seen: list[Any] = []

    def look() -> None:
        y = w * 3
        y.backward()
        seen.extend([is_tracing(), w.data, w.grad, w > 1, math.exp(0.0), max(1, 2)])

    def call(xs: list[Any]) -> list[Any]:
        y = xs[0] * w
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return [y]

    trace = traced(call, [1.0])
    assert seen == [False, 2.0, 7.0, True, 1.0, 2]
    assert w.grad == 7.0 and trace.guards == ()


def test_random_draws_are_refused_and_put_back() -> None:
    random.seed(5)
    before = random.getstate()
    with pytest.raises(TraceError, match=r"drew from random(.|\n)*random\.random\(\)"):
        record_twice(lambda xs: [xs[0] * random.random()], [1.0])
    assert random.getstate() == before
    with pytest.raises(TraceError, match=r"drew from numpy\.random"):
        record_twice(lambda xs: [xs[0] * float(np.random.rand())], [1.0])
    with pytest.raises(TraceError, match=r"drew from random(.|\n)*test_recording\.py(.|\n)*random\.gauss\(0"):
        record_twice(lambda xs: [xs[0] * random.gauss(0.0, 1.0)], [1.0])
    with pytest.raises(TraceError, match=r"drew from random(.|\n)*random\.uniform\(0"):
        record_once(lambda xs: [xs[0] * random.uniform(0.0, 1.0)], [1.0])


def test_a_draw_that_loads_numpys_random_numbers_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numpy.random")

    def call(xs: list[Any]) -> list[Any]:
        sys.modules["numpy.random"] = np.random  # as the first look at np.random does
        return [xs[0] * np.random.rand()]

    with pytest.raises(TraceError, match=r"drew from numpy\.random(.|\n)*return \[xs\[0\] \* np\.random\.rand"):
        record_twice(call, [1.0])


def test_a_number_that_changes_from_run_to_run_is_refused() -> None:
    count = [0.0]

    def call(xs: list[Any]) -> list[Any]:
        count[0] += 1.0
        return [xs[0] * count[0]]

    with pytest.raises(TraceError, match=r"was 1\.0, then 2\.0"):
        record_twice(call, [1.0])


def test_look_ups_and_texts_of_ints_are_answers() -> None:
    table = {1: 10.0, 2: 20.0}

    def call(xs: list[Any]) -> list[Any]:
        x, n = xs
        return [x * table[n], len({n, 1}), table[x.data], {"w1": 3.0, "w2": 4.0}[f"w{n}"]]

    trace = traced(call, [1.0, 2], integers=[1])
    assert {(g.kind, g.expected) for g in trace.guards} >= {("integer", 2), ("number", 1.0)}
    assert run(trace, [1.0, 2])[:4] == [20.0, 2.0, 10.0, 4.0]


def test_another_threads_assignment_stays() -> None:
    w = Value(2.0)

    def call(xs: list[Any]) -> list[Any]:
        w.data = w.data + xs[0].data
        thread = threading.Thread(target=lambda: setattr(w, "data", 100.0))
        thread.start()
        thread.join()
        return [w * 1]

    trace = traced(call, [1.0])
    assert w.data == 100.0
    assert run(trace, [1.0]) == [101.0, 101.0]


def test_sums_begin_with_the_gradient_that_is_there_in_exact_mode() -> None:
    def body(w: Value, x: Any) -> Any:
        (w * w * x).backward()
        return w.grad

    w = Value(0.1)
    w.grad = 0.3
    trace = traced(lambda xs: [body(w, xs[0])], [0.7], exact=True)
    eager = Value(0.1)
    eager.grad = 0.3
    assert run(trace, [0.7])[0] == body(eager, Value(0.7))


@pytest.mark.parametrize("numbers", [[1.0, math.nan], [math.nan, 1.0], [2.0, 2.0], [1.0, math.inf], [0.0, -0.0]])
def test_max_and_min_do_what_python_does(numbers: list[float]) -> None:
    trace = traced(lambda xs: [max(xs), min(xs), max(x.data for x in xs)], [1.0, 2.0])
    wanted = [max(numbers), min(numbers), max(numbers)]
    assert repr(run(trace, numbers)) == repr(wanted)


def test_modes_around_a_trace_do_not_reach_into_it() -> None:
    w = Value(2.0)

    def call(xs: list[Any]) -> list[Any]:
        (w * xs[0]).backward()
        return [w.grad]

    with sw.no_grad(), sw.anomalies():
        trace = traced(call, [3.0])
        assert (w * 2)._prev == ()
    assert run(trace, [3.0])[0] == 3.0


def test_a_pass_goes_on_below_nodes_from_before() -> None:
    def make() -> tuple[Value, Value, Value]:
        a = Value(2.0)
        h = a * 3
        return a, h, h * h + a

    def body(a: Value, h: Value, h2: Value, x: Any) -> list[Any]:
        (h2 * x * a + h).backward()
        return [a.grad, h.grad, h2.grad]

    old = make()
    trace = traced(lambda xs: body(*old, xs[0]), [5.0])
    assert run(trace, [5.0])[:3] == [float(x) for x in body(*make(), Value(5.0))]
    assert {(w.value is old[0], w.attribute) for w in trace.writes} == {(True, "grad"), (False, "grad")}


def test_gradients_assigned_to_nodes_made_inside_give_way_to_the_pass() -> None:
    def body(w: Any) -> list[Any]:
        h = w * 2.0
        h.grad = 5.0
        m = h * 3.0
        m.backward()
        first = h.grad
        m.grad = 0.0
        m.backward()
        return [first, m.grad, h.grad, w.grad]

    assert run(traced(lambda xs: body(xs[0]), [1.0]), [1.0]) == [float(x) for x in body(Value(1.0))]


def test_slopes_are_those_of_the_numbers_of_the_moment_in_every_operation() -> None:
    def body(w: Any) -> Any:
        y = w.exp() / w + w.tanh() * w**3 + w**0.5 + sw.sigmoid(w)
        w.data = w.data + 1.0
        y.backward()
        return w.grad

    w = Value(2.0)
    assert run(traced(lambda xs: [body(w)], []), [])[0] == pytest.approx(body(Value(2.0)), rel=1e-14)


def test_traced_numbers_are_of_the_type_that_they_stand_for() -> None:
    def call(xs: list[Any]) -> list[Any]:
        x, n = xs
        assert isinstance(n, int) and not isinstance(n, float) and isinstance(x.data, float) and isinstance(x > 0, bool)
        return [x * n]

    assert run(traced(call, [1.5, 3], integers=[1]), [1.5, 3]) == [4.5]


def test_weights_of_a_row_are_captured_side_by_side() -> None:
    """`sum((w * x …), b)` meets the bias behind the first weight; it is noted before the row."""
    w, b = [[sw.Value(float(4 * i + j)) for j in range(4)] for i in range(2)], [sw.Value(-1.0), sw.Value(-2.0)]

    def step(xs: list[sw.Value]) -> list[sw.Value]:
        return [sum((a * x for a, x in zip(row, xs, strict=True)), bias) for row, bias in zip(w, b, strict=True)]

    trace = record(lambda xs: step(xs), [1.0, 2.0, 3.0, 4.0])
    captured = [found.value for found in trace.captured]
    assert captured == [b[0], *w[0], b[1], *w[1]]
