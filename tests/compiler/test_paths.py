"""Paths: which one a call takes, which of them count, what happens past the most."""

import contextlib
import math
import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.compiler.compiled import compile
from slopewise.compiler.paths import MOST_PATHS
from slopewise.compiler.repetition import collapsed, is_longer_run
from slopewise.errors import PathError, PathWarning
from slopewise.tracer import is_tracing


def counted(k: Any) -> int:
    return sum(path.is_counted for path in k.paths)


# ---------------------------------------------------------------------- branches


def test_each_outcome_of_a_branch_is_a_path() -> None:
    def f(x: Any) -> Any:
        if x > 1:
            return x * x
        if x < -1:
            return -x
        return x.exp()

    k = compile(f)
    for x in (2.0, 0.5, -3.0, 1.0, -1.0, 5.0, 0.0):
        assert k(x) == f(Value(x)).data
    assert len(k.paths) == 3
    assert sum(path.calls for path in k.paths) == 7


def test_paths_are_told_with_their_lines() -> None:
    def f(x: Any) -> Any:
        if x > 1:  # the branch
            return x * x
        return -x

    k = compile(f)
    k(2.0)
    k(0.0)
    first, second = k.paths
    assert [guard.answer for guard in first.guards + second.guards] == [True, False]
    assert first.guards[0].kind == "truth"
    assert "if x > 1:  # the branch" in str(first.guards[0])
    assert str(first).startswith("path of (x): 1 call, ") and "true " in str(first) and "not true" in str(second)
    assert repr(first) == str(first)


def test_a_comparison_with_nan_was_not_true_either_way() -> None:
    def f(x: Any) -> Any:
        if x > 0:
            return x * 0 + 1
        if x <= 0:
            return x * 0 + 2
        return Value(3.0)

    k = compile(f)
    assert [k(x) for x in (1.0, -1.0, math.nan, 2.0, math.nan)] == [1.0, 2.0, 3.0, 1.0, 3.0]
    assert len(k.paths) == 3


def test_branches_below_branches() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        total = x * 0
        for i, v in enumerate((x, y, z)):
            if v > 0:
                total = total + v * (i + 1)
                if v > 0.5:
                    total = total * v
            else:
                total = total - v.exp()
        return total

    k = compile(f)
    rng = random.Random(0)
    for _ in range(200):
        point = [rng.uniform(-1, 1) for _ in range(3)]
        assert k(*point) == f(*map(Value, point)).data
    assert len(k.paths) <= 27


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(-3, 3).map(float), min_size=4, max_size=4), min_size=1, max_size=25))
def test_any_order_of_calls_gives_what_the_function_gives(points: list[list[float]]) -> None:
    def f(a: Any, b: Any, c: Any, d: Any) -> Any:
        out = a
        for x, y in ((a, b), (b, c), (c, d)):
            if x > y:
                out = out * x + 1
            elif x.data == y.data:
                out = out - y
            while out > 10:
                out = out / 2
        return out

    k = compile(f)
    for point in points:
        assert k(*point) == f(*map(Value, point)).data


def test_a_branch_on_what_is_read_from_outside() -> None:
    w = Value(1.0)
    k = compile(lambda x: x * 2 if w > 0 else x * x)
    assert k(3.0) == 6.0
    w.data = -1.0
    assert k(3.0) == 9.0
    w.data = 1.0
    assert k(3.0) == 6.0


# ---------------------------------------------------------------------- which paths count


def test_reading_other_values_makes_no_path_that_counts() -> None:
    w = [Value(float(i)) for i in range(100)]
    b = Value(0.5)
    k = compile(lambda i, x: w[i] * x + b)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(300):  # each three times, so that paths come back
            assert k(i // 3, 2.0) == 2.0 * (i // 3) + 0.5
    assert counted(k) == 1 and len(k.paths) == 100
    kernels = {
        id(lowered.kernel) for entry in k._entries.values() for p in entry.tree for _, lowered in p.kernels.made()
    }
    assert len(kernels) == 1
    k.backward(7, 3.0)
    assert (w[7].grad, w[8].grad, b.grad) == (3.0, 0, 1.0)
    k.backward(8, 5.0)
    assert (w[7].grad, w[8].grad, b.grad) == (3.0, 5.0, 2.0)


def test_reading_other_numbers_from_a_table_makes_no_path_that_counts() -> None:
    rows = [[random.Random(i).uniform(-1, 1) for _ in range(3)] for i in range(80)]
    w = [Value(0.5), Value(-1.0), Value(2.0)]

    def loss(i: Any) -> Any:
        return sum(a * b for a, b in zip(w, rows[i])) ** 2

    k = compile(loss)
    for i in (*range(80), 3, 79, 0):
        assert k(i) == pytest.approx(loss(i).data)
    assert counted(k) == 1
    k.backward(5)
    wanted = [p.grad for p in w]
    for p in w:
        p.grad = 0
    loss(5).backward()
    assert wanted == pytest.approx([p.grad for p in w])


def test_other_exponents_from_a_table_share_a_kernel_that_is_right() -> None:
    powers = [2, 3, 0.5, -1, 2]
    k = compile(lambda i, x: x ** powers[i])
    for i, power in enumerate(powers):
        assert k(i, 1.7) == pytest.approx(1.7**power)
        w = Value(1.7)
        assert k.backward(i, w) == pytest.approx(1.7**power)
        assert w.grad == pytest.approx(power * 1.7 ** (power - 1))


def test_a_loop_that_runs_more_or_less_often_does_not_count() -> None:
    def halvings(x: Any) -> Any:
        steps = 0
        while x > 1:
            x = x / 2
            steps += 1
        return x, steps

    k = compile(halvings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(100):
            x, steps = k(1.5**n)
            eager, wanted = halvings(Value(1.5**n))
            assert steps == wanted and x == eager.data
    assert counted(k) <= 3


def test_a_range_of_another_length_does_not_count() -> None:
    w = Value(0.5)

    def f(n: Any, x: Any) -> Any:
        for i in range(n):
            x = sw.sin(x) * w + i * 0.125
        return x

    k = compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(100):
            assert k(n, 0.75) == f(n, Value(0.75)).data
    assert counted(k) <= 3


def test_a_loop_with_a_long_body_does_not_count_again() -> None:
    names = ("sin", "cos", "exp", "tanh", "sigmoid", "square", "atan", "asinh", "expm1", "softplus")
    body = [random.Random(1).choice(names) for _ in range(300)]

    def f(n: Any, x: Any) -> Any:
        for _ in range(n):
            for name in body:
                x = getattr(x, name)() * 0.1
        return x

    k = compile(f)
    for n in range(1, 9):
        assert k(n, 0.5) == f(n, Value(0.5)).data
    assert counted(k) <= 2


def test_nested_loops_do_not_count_again() -> None:
    def f(n: Any, x: Any) -> Any:
        for i in range(n):
            for _ in range(i):
                x = sw.cos(x)
            x = x * x
        return x

    k = compile(f)
    for n in range(12):
        assert k(n, 0.5) == f(n, Value(0.5)).data
    assert counted(k) <= 5


def test_other_operations_count() -> None:
    functions = [sw.sin, sw.cos, sw.exp]
    k = compile(lambda i, x: functions[i](x))
    assert [k(i, 0.5) for i in range(3)] == [math.sin(0.5), math.cos(0.5), math.exp(0.5)]
    assert counted(k) == 3


def test_marks_are_collapsed() -> None:
    assert collapsed("") == "" and collapsed("abc") == "abc"
    assert collapsed("a" * 1000 + "b") == "ab"
    assert collapsed("s" + "aab" * 7 + "aaab" + "t") == "sabt"
    assert collapsed("\n\n\0\0") == "\n\0"


def test_a_longer_run_is_seen() -> None:
    body = random.Random(2).randbytes(500)
    assert is_longer_run(b"x" + body + b"y", b"x" + body * 4 + b"y")
    assert is_longer_run(body, body * 2) and is_longer_run(b"", b"")
    assert not is_longer_run(b"xy", b"x" + body + b"y")
    assert not is_longer_run(b"x" + body + b"y", b"x" + body + body[:100] + b"y")
    assert not is_longer_run(b"ab", b"ba")


# ---------------------------------------------------------------------- too many


def many(*xs: Any) -> Any:
    total = xs[0] * 0
    for i, x in enumerate(xs):
        if x > 0:
            total = total + x * (i + 1)
        else:
            total = total - sw.exp(x)
    return total


def points(count: int) -> list[list[float]]:
    rng = random.Random(4)
    return [[rng.uniform(-1, 1) for _ in range(10)] for _ in range(count)]


def test_past_the_most_paths_calls_are_right_and_one_warning_names_the_line() -> None:
    k = compile(many)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for point in points(150):
            assert k(*point) == many(*map(Value, point)).data
    assert counted(k) == MOST_PATHS
    assert len(caught) == 1 and caught[0].category is PathWarning
    assert "if x > 0:" in str(caught[0].message) and caught[0].filename == __file__


def test_past_the_most_paths_an_error_leaves_nothing_behind() -> None:
    count = Value(0.0)

    def risky(*xs: Any) -> Any:
        count.data += 1.0
        total = many(*xs)
        if xs[0] > 0.9:
            raise ValueError
        return count * total

    k, expected = compile(risky), 0.0
    with pytest.warns(PathWarning):
        expected = sum([answers(k, point) for point in points(200)])
    assert 0.0 < expected < 200.0
    assert count.data == expected


def answers(k: Any, point: list[float]) -> float:
    with contextlib.suppress(ValueError):
        k(*point)
        return 1.0
    return 0.0


def test_past_the_most_paths_gradients_and_state_are_right_too() -> None:
    w = Value(1.0)
    seen = Value(0.0)

    def f(*xs: Any) -> Any:
        seen.data = seen.data + 1
        return many(*xs) * w

    k = compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i, point in enumerate(points(120)):
            w.grad = 0
            k.backward(*point)
            assert w.grad == pytest.approx(many(*map(Value, point)).data)
            assert seen.data == i + 1


def test_past_the_most_paths_calls_run_the_function_once_and_untraced() -> None:
    w = Value(2.0)
    traced: list[bool] = []

    def f(xs: Any, n: Any) -> Any:
        traced.append(is_tracing())
        total = many(*xs) * w
        w.data = w.data + 1.0
        return {"total": total, "all": np.array([x * n for x in xs]), "n": n, "true": total > total}

    k = compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for point in points(100):
            k(point, 3)
        assert counted(k) == MOST_PATHS
        for point in points(140)[100:]:
            traced.clear()
            w.data = 2.0
            found = k(point, 3)
            eager = many(*map(Value, point)) * 2.0
            assert traced in ([], [False])
            assert found["total"] == eager.data and type(found["total"]) is float and w.data == 3.0
            assert found["all"].tolist() == [x * 3 for x in point] and found["all"].dtype == np.float64
            assert (found["n"], found["true"]) == (3, False)
    assert traced == [False]


def test_strict_raises_past_the_most_paths() -> None:
    k = compile(many, strict=True)
    with pytest.raises(PathError, match="if x > 0"):
        for point in points(150):
            k(*point)
    assert counted(k) == MOST_PATHS
    assert k(*points(1)[0]) == many(*map(Value, points(1)[0])).data


# ---------------------------------------------------------------------- what changes outside


def test_a_number_that_changes_outside_between_two_paths() -> None:
    rate = 2.0

    def f(x: Any) -> Any:
        return x * rate if x * rate > 1 else x - rate

    k = compile(f)
    assert k(1.0) == 2.0
    rate = 0.25
    assert k(1.0) == 2.0  # frozen
    assert k(0.25) == 0.0  # a new path reads it again
    k.retrace()
    assert k(1.0) == 0.75


def test_guards_at_rounding_distance_never_loop() -> None:
    k = compile(lambda x: x if x**2 * 3 - x * x * 3 == 0 else -x)
    for x in np.linspace(0.1, 1, 50):
        assert abs(k(float(x))) == float(x)


# ---------------------------------------------------------------------- past the most paths, step by step


def hinges(seed: int) -> tuple[list[Value], Callable[[float], Value]]:
    draw = random.Random(seed)
    rows = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(40)]
    w = [Value(0.1 * i) for i in range(3)]

    def step(rate: float) -> Value:
        loss = Value(0.0)
        for row in rows:
            margin = sum(a * b for a, b in zip(w, row, strict=True))
            if margin < 1:
                loss = loss + (1 - margin)
        for v in w:
            v.grad = 0.0
        loss.backward()
        for v in w:
            v.data -= rate * v.grad
        return loss

    return w, step


def test_calls_with_too_many_paths_of_their_own_are_run_by_the_function_itself() -> None:
    (w, eager), (v, step) = hinges(3), hinges(3)
    runs = 0

    def counted_step(rate: float) -> Value:
        nonlocal runs
        runs += 1
        return step(rate)

    k = compile(counted_step)
    draw = random.Random(0)

    def calls() -> None:
        for n in range(150):
            for x, y in zip(w, v, strict=True):
                x.data = y.data = draw.gauss(0, 2) if n % 2 else x.data
            result = k(0.01)
            assert type(result) is float and result == pytest.approx(eager(0.01).data, rel=1e-12)
            assert [x.data for x in v] == pytest.approx([x.data for x in w], rel=1e-9)
            assert [x.grad for x in v] == pytest.approx([x.grad for x in w], rel=1e-9)

    with pytest.warns(PathWarning, match="64 different paths"):
        calls()
    assert len(k.paths) == 64
    assert runs < 150 + 5


def test_a_function_that_asks_its_floats_for_what_values_have_is_traced_on() -> None:
    w = Value(1.0)

    def chain(x: Any, sine: Callable[[Any], Any]) -> Any:
        total = x
        for i in range(1, 9):
            part = sine(x * 7.3 * i * i)
            total = total + part if part > 0 else total * part
        return total

    def f(x: Any) -> Any:
        w.data = w.data + 1.0
        return chain(x, lambda part: part.sin())

    k = compile(f)

    def calls() -> None:
        for n in range(1, 200):
            assert k(0.0371 * n) == pytest.approx(chain(0.0371 * n, math.sin))

    with pytest.warns(PathWarning, match="64 different paths"):
        calls()
    assert w.data == 200.0


def test_paths_that_never_come_back_are_given_up() -> None:
    w = Value(0.0)
    k = compile(lambda: w * int(w.data) + 1.0)

    def calls() -> None:
        for n in range(300):
            w.data = float(n)
            assert k() == n * n + 1.0

    with pytest.warns(PathWarning, match="256 different paths in nearly as many calls, and this call takes another"):
        calls()
    assert len(k.paths) == 256
