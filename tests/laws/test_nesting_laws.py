"""Every nesting of transformations agrees with every other, on random functions with branches."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw

Function = Callable[[Any, Any], Any]

# Smooth, bounded in their slopes on the points drawn, so that fourth derivatives still have digits.
ONE: list[Callable[[Any], Any]] = [
    sw.sin, sw.tanh, lambda a: a * a, lambda a: 1 / (1 + a * a), lambda a: sw.exp(-a * a), lambda a: -a,
    lambda a: a**3, lambda a: sw.sqrt(1 + a * a), lambda a: sw.softplus(a), lambda a: 0.5 * a,
]  # fmt: skip
TWO: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (2 + b * b),
    lambda a, b: sw.sin(a * b), lambda a, b: sw.atan2(a, 3 + b * b),
    lambda a, b: a * b if a > 0.1 else a - b,  # a branch: a path of its own
    lambda a, b: sw.where(a > b, a * a, b),
]  # fmt: skip


def leaf(choice: int, number: float) -> Function:
    return [lambda x, y: x, lambda x, y: y, lambda x, y: x * number, lambda x, y: y + number][choice]


def of_one(operation: Callable[[Any], Any], f: Function) -> Function:
    return lambda x, y: operation(f(x, y))


def of_two(operation: Callable[[Any, Any], Any], f: Function, g: Function) -> Function:
    return lambda x, y: operation(f(x, y), g(x, y))


functions = st.recursive(
    st.builds(leaf, st.integers(0, 3), st.floats(-1, 1)),
    lambda inner: st.one_of(
        st.builds(of_one, st.sampled_from(ONE), inner), st.builds(of_two, st.sampled_from(TWO), inner, inner)
    ),
    max_leaves=8,
)
numbers = st.floats(-1.5, 1.5)
law = settings(max_examples=15, deadline=None)


def close(x: Any, y: Any, tolerance: float = 1e-9) -> None:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    assert x.shape == y.shape
    np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance * max(1.0, float(np.max(np.abs(y), initial=0.0))))


@law
@given(functions, numbers, numbers)
def test_all_first_derivatives_agree(f: Function, x: float, y: float) -> None:
    a, b = sw.Value(x), sw.Value(y)
    out = f(a, b)
    out.backward()
    gradient = (float(a.grad), float(b.grad))
    value, found = sw.value_and_grad(f, wrt=(0, 1))(x, y)
    close(value, float(out.data))
    close(found, gradient)
    close(sw.grad(f, wrt=("x", "y"))(x, y), gradient)
    close(sw.jacobian(f, wrt=(0, 1))(x, y), gradient)
    close(sw.vjp(f, (x, y), 1.0)[1], gradient)
    close([sw.jvp(f, (x, y), v)[1] for v in ((1.0, 0.0), (0.0, 1.0))], gradient)
    close(sw.grad(lambda p: f(p["x"], p["y"]))({"y": y, "x": x})["x"], gradient[0])
    close(sw.jacobian(lambda p: [f(p[0], p[1])], sparse=True)([x, y]).toarray()[0], gradient)
    assert sw.value_and_grad(f, wrt=(0, 1), exact=True)(x, y)[1] == gradient


@law
@given(functions, numbers, numbers)
def test_gradients_are_the_slopes_of_values(f: Function, x: float, y: float) -> None:
    h = 1e-5
    compiled = sw.batched(f)
    near = [(x, y), (x + h, y), (x - h, y), (x, y + h), (x, y - h)]
    values = compiled([p[0] for p in near], [p[1] for p in near])
    slopes = [(values[1] - values[2]) / (2 * h), (values[3] - values[4]) / (2 * h)]
    found = sw.grad(f, wrt=(0, 1))(x, y)
    gradients = np.array([sw.grad(f, wrt=(0, 1))(*p) for p in near])
    wobble = np.max(np.abs(gradients - gradients[0]), axis=0)  # large beside a jump or a kink
    assert np.all((np.abs(np.array(slopes) - found) <= 1e-4 * (1 + np.abs(found))) | (wobble > 1e-4))


@law
@given(functions, numbers, numbers)
def test_all_second_derivatives_agree(f: Function, x: float, y: float) -> None:
    g: Callable[[Any], Any] = lambda p: f(p[0], p[1])
    p = np.array([x, y])
    H = sw.hessian(g)(p)
    assert np.array_equal(H, H.T, equal_nan=True)
    close(sw.hessian(g, sparse=True)(p).toarray(), H)
    close(sw.jacobian(sw.grad(g))(p), H)
    close(sw.jacobian(sw.jacobian(g))(p), H)
    units = np.eye(2)
    close([sw.hvp(g)(p, tangent=v) for v in units], H)
    close([sw.jvp(sw.grad(g))(p, tangent=v)[1] for v in units], H)  # forward over reverse
    close([sw.grad(lambda q, v=v: sw.jvp(g)(q, tangent=v)[1])(p) for v in units], H)  # reverse over forward
    close([sw.vjp(sw.grad(g))(p, cotangent=v)[1] for v in units], H)  # reverse over reverse
    forward: Callable[[Any, Any], Any] = lambda q, v: sw.jvp(g)(q, tangent=v)[1]
    close(
        [[sw.jvp(lambda q, v=v: forward(q, v))(p, tangent=w)[1] for v in units] for w in units], H
    )  # forward over forward
    rows = sw.hessian(f, wrt=(0, 1))(x, y)
    close(rows, H)
    close(sw.grad(lambda a: sw.grad(f, wrt=1)(a, y))(x), H[0, 1])
    close(sw.grad(lambda b: sw.grad(lambda a: f(a, b))(x))(y), H[0, 1])  # b is captured by the inner one


@law
@given(functions, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6))
def test_batched_is_the_rows(f: Function, points: list[tuple[float, float]]) -> None:
    g: Callable[[Any], Any] = lambda p: f(p[0], p[1])
    rows = np.array(points)
    for transformed in (sw.value_and_grad(g), sw.jacobian(g), sw.hessian(g), sw.hvp(lambda p: g(p)), sw.jvp(g)):
        more = {"tangent": np.ones_like(rows)} if repr(transformed).split()[0][1:] in ("jvp", "hvp") else {}
        one = {"tangent": np.ones(2)} if more else {}
        found = sw.batched(transformed)(rows, **more)
        expected = [transformed(row, **one) for row in rows]
        if isinstance(found, tuple):
            for i, part in enumerate(found):
                close(part, [row[i] for row in expected])
        else:
            close(found, expected)
    mean = lambda rows: sw.mean(sw.batched(g)(rows))
    close(sw.grad(mean)(rows), np.array([sw.grad(g)(row) for row in rows]) / len(rows))
    H = sw.hessian(mean)(rows)
    for i, row in enumerate(rows):
        close(H[i, :, i, :], sw.hessian(g)(row) / len(rows), 1e-8)
        H[i, :, i, :] = 0.0
    assert not H.any()  # rows do not touch each other


@law
@given(functions, numbers, st.lists(st.sampled_from(["grad", "jvp", "vjp", "jacobian"]), min_size=3, max_size=3))
def test_towers_of_transformations_agree(f: Function, x: float, kinds: list[str]) -> None:
    def derivative(kind: str, g: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if kind == "jvp":
            return lambda x: sw.jvp(g)(x, tangent=1.0)[1]
        if kind == "vjp":
            return lambda x: sw.vjp(g)(x, cotangent=1.0)[1]
        return sw.grad(g) if kind == "grad" else sw.jacobian(g)

    g: Callable[[Any], Any] = lambda x: f(x, 0.5 * x)
    tower = g
    for kind in kinds:
        tower = derivative(kind, tower)
    close(sw.compile(tower)(x), sw.grad(sw.grad(sw.grad(g)))(x), 1e-7)


@law
@given(functions, numbers, numbers)
def test_no_perturbation_is_confused(f: Function, x: float, y: float) -> None:
    # d/dx of x · ∂f/∂y, where the inner function reads the outer x.
    H = sw.hessian(f, wrt=(0, 1))(x, y)
    by_y = sw.grad(f, wrt=1)(x, y)
    expected = by_y + x * H[0][1]
    close(sw.grad(lambda a: a * sw.grad(lambda b: f(a, b))(y))(x), expected)
    close(sw.jvp(lambda a: a * sw.jvp(lambda b: f(a, b))(y, tangent=1.0)[1])(x, tangent=1.0)[1], expected)
    close(sw.grad(lambda a: a * sw.jvp(lambda b: f(a, b))(y, tangent=1.0)[1])(x), expected)
    close(sw.jvp(lambda a: a * sw.grad(lambda b: f(a, b))(y))(x, tangent=1.0)[1], expected)
    # The outer number as the inner argument, and as the inner direction.
    close(sw.grad(lambda a: sw.grad(lambda b: f(b, y))(a))(x), H[0][0])
    close(sw.grad(lambda a: sw.jvp(lambda b: f(b, y))(x, tangent=a)[1])(2.0), sw.grad(f)(x, y))
    close(sw.grad(lambda a: sw.grad(lambda b: a * f(b, y))(x))(3.0), sw.grad(f)(x, y))


def test_the_textbook_confusions() -> None:
    d = sw.grad
    assert d(lambda x: x * d(lambda y: x + y)(1.0))(1.0) == 1.0
    assert d(lambda x: x * d(lambda y: x * y)(2.0))(3.0) == 6.0
    assert d(lambda x: d(lambda y: x)(2.0))(3.0) == 0.0
    assert d(lambda x: d(lambda y: d(lambda z: x * y * z)(4.0))(3.0))(2.0) == 1.0
    assert d(lambda x: x * d(lambda y: y * d(lambda z: x * y * z)(5.0))(3.0))(2.0) == pytest.approx(2 * 2 * 2 * 3)
    shifted = d(lambda x: d(lambda y: d(lambda x: x * y)(1.0) * x)(7.0))(3.0)  # the innermost x is another
    assert shifted == 1.0
