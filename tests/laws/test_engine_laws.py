"""Laws that hold for any graph: gradients are slopes, backward is linear, order and sharing do not matter."""

import copy
import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value

Program = list[tuple[str, int, int, float]]

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a * (b * b + 1) ** -1,  # which is what a Value's division is, to the bit
    "max": sw.maximum,
    "hypot": lambda a, b: sw.hypot(a, b + 3),
    "atan2": lambda a, b: sw.atan2(a, b * b + 1),
    "where": lambda a, b: sw.where(a > b, a, b * 2),
    "pow": lambda a, b: (a * a + 1) ** (b * 0.1),
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "relu": sw.relu,
    "tanh": sw.tanh,
    "exp": lambda a: sw.exp(sw.tanh(a)),
    "log": lambda a: sw.log(a * a + 0.5),
    "sin": sw.sin,
    "sigmoid": sw.sigmoid,
    "softplus": sw.softplus,
    "gelu": sw.gelu,
    "silu": sw.silu,
    "cube": lambda a: a**3 * 0.1,
    "negation": lambda a: -a,
    "abs": lambda a: abs(a),
    "sqrt": lambda a: sw.sqrt(a * a + 0.1),
}
CONSTANT: dict[str, Callable[[Any, float], Any]] = {
    "+c": lambda a, c: a + c,
    "c-": lambda a, c: c - a,
    "*c": lambda a, c: a * c,
    "/c": lambda a, c: a * (abs(c) + 1) ** -1,
}

step = st.tuples(
    st.sampled_from([*BINARY, *UNARY, *CONSTANT]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.floats(-2, 2, allow_subnormal=False),
)
programs = st.lists(step, min_size=1, max_size=15)
points = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=3, max_size=3)


def run(program: Program, xs: list[Any]) -> list[Any]:
    pool = list(xs)
    for name, i, j, c in program:
        a, b = pool[i % len(pool)], pool[j % len(pool)]
        if name in BINARY:
            pool.append(BINARY[name](a, b))
        elif name in UNARY:
            pool.append(UNARY[name](a))
        else:
            pool.append(CONSTANT[name](a, c))
    return pool


def gradients(
    program: Program, xs: list[float], root: Callable[[list[Any]], Any] = lambda pool: pool[-1]
) -> tuple[float, list[float]]:
    values = [Value(x) for x in xs]
    out = root(run(program, values))
    out.backward()
    return out.data, [v.grad for v in values]


@given(programs, points)
@quick
def test_the_gradient_is_the_slope(program: Program, xs: list[float]) -> None:
    value, grads = gradients(program, xs)
    assume(abs(value) < 1e4 and all(abs(g) < 1e4 for g in grads))

    def f(point: list[float]) -> float:
        return float(run(program, list(point))[-1])

    assert f(xs) == value  # plain numbers and Values compute the same bits
    for i in range(3):
        slopes, corners = [], []
        for h in (1e-4, 5e-5):
            up, down = list(xs), list(xs)
            up[i] += h
            down[i] -= h
            above, below = (f(up) - value) / (up[i] - xs[i]), (value - f(down)) / (xs[i] - down[i])
            slopes.append((f(up) - f(down)) / (up[i] - down[i]))
            corners.append(abs(above - below))
        assume(corners[1] < 0.75 * corners[0] + 1e-6)  # at a kink the two sides do not come closer with the step
        disagreement = abs(slopes[0] - slopes[1])
        assume(disagreement < 1e-3)  # a kink within the step
        assert math.isclose(grads[i], slopes[1], rel_tol=1e-5, abs_tol=1e-6 + 10 * disagreement)


@given(programs, points)
@quick
def test_numbers_and_values_compute_the_same_bits(program: Program, xs: list[float]) -> None:
    plain = run(program, list(xs))
    values = run(program, [Value(x) for x in xs])
    assert [float(v.data).hex() for v in values] == [float(x).hex() for x in plain]


@given(programs, points, st.integers(-3, 3))
@quick
def test_backward_is_linear_in_the_root(program: Program, xs: list[float], factor: int) -> None:
    _, first = gradients(program, xs)
    _, scaled = gradients(program, xs, lambda pool: pool[-1] * factor)
    assume(all(math.isfinite(g) and abs(g) < 1e100 for g in first))
    for g, s in zip(first, scaled, strict=True):
        assert math.isclose(g * factor, s, rel_tol=1e-12, abs_tol=1e-12)


@given(programs, points)
@quick
def test_a_sum_of_two_roots_is_two_passes(program: Program, xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    pool = run(program, values)
    first, second = pool[-1], pool[len(pool) // 2]
    first.backward()
    if any(second is v for v in values):
        second.grad += 1  # a pass from a leaf would set its gradient to 1, not add
    else:
        second.backward()
    apart = [v.grad for v in values]
    _, together = gradients(program, xs, lambda p: p[-1] + p[len(p) // 2])
    assume(all(math.isfinite(g) and abs(g) < 1e100 for g in together))
    for a, b in zip(apart, together, strict=True):
        assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@given(programs, points)
@quick
def test_a_pass_repeats_to_the_bit_after_zero_grad(program: Program, xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    root = run(program, values)[-1]
    root.backward()
    first = [repr(v.grad) for v in values]
    root.zero_grad()
    root.backward()
    assert [repr(v.grad) for v in values] == first


@given(programs, points)
@quick
def test_leaves_add_up_over_passes_and_repeat_when_zeroed(program: Program, xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    pool = run(program, values)
    root = pool[-1]
    assume(root not in values)
    root.backward()
    once = [v.grad for v in values]
    scale = max((abs(n.grad) for n in pool if math.isfinite(n.grad)), default=0.0)
    root.backward()
    for a, v in zip(once, values, strict=True):
        assert v.grad == 2 * a or not math.isfinite(a) or abs(v.grad - 2 * a) <= 1e-9 * scale
        v.grad = 0
    root.backward()
    assert [float(v.grad).hex() for v in values] == [float(a).hex() for a in once]


@given(programs, points, st.sampled_from(["deepcopy", "pickle"]))
@quick
def test_a_copy_computes_the_same(program: Program, xs: list[float], how: str) -> None:
    values = [Value(x) for x in xs]
    root = run(program, values)[-1]
    both = [values, root]
    twins, twin = copy.deepcopy(both) if how == "deepcopy" else pickle.loads(pickle.dumps(both))
    twin.backward()
    assert all(v.grad == 0 for v in values if v is not root)
    root.backward()
    assert [repr(v) for v in values] == [repr(v) for v in twins]


@given(programs, points)
@quick
def test_watching_changes_no_number(program: Program, xs: list[float]) -> None:
    plain = gradients(program, xs)
    assume(all(map(math.isfinite, [plain[0], *plain[1]])))
    with sw.sources():
        assert gradients(program, xs) == plain
    with sw.no_grad():
        assert run(program, [Value(x) for x in xs])[-1].data == plain[0]


@given(programs, points)
@quick
def test_a_walk_by_hand_is_a_pass(program: Program, xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    root = run(program, values)[-1]
    order: list[Value] = []
    seen: set[Value] = set()

    def build(v: Value) -> None:
        if v not in seen:
            seen.add(v)
            for child in v._prev:
                build(child)
            order.append(v)

    build(root)
    root.grad = 1
    for node in reversed(order):
        node._backward()
    by_hand = [v.grad for v in values]
    _, by_pass = gradients(program, xs)
    for a, b in zip(by_hand, by_pass, strict=True):
        assert math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))


fractions = st.fractions(-5, 5, max_denominator=20)


@given(fractions, fractions, fractions)
@quick
def test_rational_gradients_are_exact(x: Fraction, y: Fraction, z: Fraction) -> None:
    assume(y != 0)
    a, b, c = Value(x), Value(y), Value(z)
    f = (a * b - c) ** 2 / b + a * c**3
    f.backward()
    inner = x * y - z
    assert f.data == inner**2 / y + x * z**3
    assert a.grad == 2 * inner * y / y + z**3
    assert b.grad == 2 * inner * x / y - inner**2 / y**2
    assert c.grad == -2 * inner / y + 3 * x * z**2


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70), st.integers(0, 5))
@quick
def test_integers_are_exact(x: int, y: int, k: int) -> None:
    a, b = Value(x), Value(y)
    f = a * b - a**k * 3 + (b - 7) * a
    f.backward()
    assert f.data == x * y - x**k * 3 + (y - 7) * x
    assert type(f.data) is int
    assert b.grad == 2 * x
    if k >= 2 or (k == 1 and x != 0):
        assert a.grad == 2 * y - 7 - 3 * k * x ** (k - 1)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=8))
@quick
def test_softmax_is_stable_and_sums_to_one(xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    probabilities = sw.softmax(values)
    assert math.isclose(sum(p.data for p in probabilities), 1.0, rel_tol=1e-12)
    logs = sw.log_softmax(values)
    total: Any = sw.logsumexp(values)
    for x, log, p in zip(xs, logs, probabilities, strict=True):
        assert math.isclose(log.data, x - total.data, rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(math.exp(log.data), p.data, rel_tol=1e-9, abs_tol=1e-300)
    total.backward()
    for v, p in zip(values, probabilities, strict=True):
        assert math.isclose(v.grad, p.data, rel_tol=1e-9, abs_tol=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(-10, 10))
@quick
def test_sums_are_pythons_sums_from_left_to_right(xs: list[float], start: float) -> None:
    expected: float = start
    for x in xs:
        expected = expected + x
    values = [Value(x) for x in xs]
    totals: list[Any] = [sw.sum(values, start), sum(values, start)]
    assert [total.data for total in totals] == [expected] * 2
    mean: Any = sw.mean(values)
    mean.backward()
    assert all(math.isclose(v.grad, 1 / len(xs), rel_tol=1e-15) for v in values)
