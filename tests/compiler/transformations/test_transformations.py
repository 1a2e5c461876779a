"""Derivatives of functions of any nest: their forms, `wrt`, tuple results, and what they are made of."""

import math
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.nn import MLP


def cube(x: Any) -> Any:
    return x**3


def product(x: Any, y: Any) -> Any:
    return x * x * y


def same(x: Any, y: Any) -> None:
    """Compare two nests: forms exactly, numbers to rounding."""
    if isinstance(x, (tuple, list)):
        assert type(x) is type(y) and len(x) == len(y)
        for one, other in zip(x, y):
            same(one, other)
    elif isinstance(x, dict):
        assert type(y) is dict and list(x) == list(y)
        for key in x:
            same(x[key], y[key])
    elif isinstance(x, np.ndarray):
        assert isinstance(y, np.ndarray) and x.dtype == y.dtype == np.float64 and x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)
    elif isinstance(x, float):
        assert type(y) is float and y == pytest.approx(x, rel=1e-12, abs=1e-12)
    else:
        assert x == y


def test_the_forms_of_a_gradient() -> None:
    @dataclass
    class Line:
        slope: float
        at_0: Any
        name: str = "line"

    Point = namedtuple("Point", "x y")
    same(sw.grad(lambda p: p[0] * p[1])([2.0, 3.0]), [3.0, 2.0])
    same(sw.grad(lambda p: p[0] * p[1])((2.0, 3)), (3.0, 2.0))
    same(sw.grad(lambda p: p["a"] * p["b"][0])({"a": 2.0, "b": [3.0]}), {"a": 3.0, "b": [2.0]})
    same(sw.grad(lambda p: sw.sum(p * p))(np.array([1, 2])), np.array([2.0, 4.0]))
    same(sw.grad(lambda p: np.sum(p @ p))(np.eye(2)), np.full((2, 2), 2.0))
    same(sw.grad(lambda x: x * x)(np.float32(3.0)), 6.0)
    same(sw.grad(lambda x: x * x)(Fraction(3, 2)), 3.0)
    same(sw.grad(lambda x: x * x)(sw.Value(3.0)), 6.0)
    found = sw.grad(lambda line: line.slope * 3.0 + line.at_0[1])(Line(2.0, [1.0, 5.0]))
    assert found == Line(3.0, [0.0, 1.0])
    assert sw.grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)
    assert sw.grad(lambda p: p.x**2)(SimpleNamespace(x=2.0)) == SimpleNamespace(x=4.0)


def test_a_gradient_keeps_what_is_no_number() -> None:
    same(sw.grad(lambda p: p["x"] ** 2)({"x": 3.0, "name": "a", "flag": True}), {"x": 6.0, "name": "a", "flag": True})


def test_an_int_is_differentiated_like_a_float() -> None:
    same(sw.grad(cube)(3), 27.0)
    same(sw.grad(sw.grad(cube))(3), 18.0)
    same(sw.grad(lambda x, n: x**n)(2.0, 3), 12.0)
    # The other one is an int that counts.
    same(sw.grad(lambda x, n: sum(x**k for k in range(n)))(2, 4), 1.0 + 4.0 + 12.0)


def test_wrt() -> None:
    f = lambda a, b, *rest, scale=2.0, **more: a * b * scale + sum(r * r for r in rest) + more.get("shift", 0.0) * a
    same(sw.grad(f)(3.0, 5.0), 10.0)
    same(sw.grad(f, wrt=1)(3.0, 5.0), 6.0)
    same(sw.grad(f, wrt="b")(3.0, 5.0), 6.0)
    same(sw.grad(f, wrt="b")(3.0, b=5.0), 6.0)
    same(sw.grad(f, wrt=1)(3.0, b=5.0), 6.0)
    same(sw.grad(f, wrt=0)(a=3.0, b=5.0), 10.0)
    same(sw.grad(f, wrt="scale")(3.0, 5.0), 15.0)  # its default
    same(sw.grad(f, wrt="scale")(3.0, 5.0, scale=7.0), 15.0)
    same(sw.grad(f, wrt=3)(3.0, 5.0, 1.0, 4.0), 8.0)
    same(sw.grad(f, wrt=-1)(3.0, 5.0, 1.0, 4.0), 8.0)
    same(sw.grad(f, wrt="shift")(3.0, 5.0, shift=1.0), 3.0)
    same(sw.grad(f, wrt=(0,))(3.0, 5.0), (10.0,))
    same(sw.grad(f, wrt=("scale", 0, "b"))(3.0, 5.0), (15.0, 10.0, 6.0))
    same(sw.grad(f, wrt=["a", "b"])(3.0, 5.0), (10.0, 6.0))
    same(sw.value_and_grad(f, wrt=("a", "scale"))(3.0, 5.0, scale=1.0), (15.0, (5.0, 15.0)))


def test_wrt_a_default_that_is_then_an_input() -> None:
    f = lambda x, w=[1.0, 2.0]: w[0] * x + w[1]
    k = sw.grad(f, wrt="w")
    same(k(3.0), [3.0, 1.0])
    same(k(4.0, [5.0, 6.0]), [4.0, 1.0])
    same(k(5.0, w=[5.0, 6.0]), [5.0, 1.0])


def test_a_tuple_result() -> None:
    f = lambda x: (x * x, {"twice": 2 * x, "name": "f"}, x > 0)
    same(sw.value_and_grad(f)(3.0), ((9.0, {"twice": 6.0, "name": "f"}, True), 6.0))
    same(sw.grad(f)(3.0), (6.0, {"twice": 6.0, "name": "f"}, True))
    same(sw.hessian(f)(3.0), (2.0, {"twice": 6.0, "name": "f"}, True))
    same(sw.jacobian(f)(3.0), (6.0, {"twice": 6.0, "name": "f"}, True))
    same(sw.jvp(f)(3.0, tangent=0.5), ((9.0, {"twice": 6.0, "name": "f"}, True), 3.0))
    same(sw.vjp(f)(3.0, cotangent=0.5), ((9.0, {"twice": 6.0, "name": "f"}, True), 3.0))
    same(sw.hvp(f)(3.0, tangent=0.5), (1.0, {"twice": 6.0, "name": "f"}, True))
    same(sw.grad(lambda x: (x * x, "only"))(3.0), (6.0, "only"))


def test_results_that_do_not_depend_on_the_argument() -> None:
    same(sw.value_and_grad(lambda x: 3.0)(1.0), (3.0, 0.0))
    same(sw.grad(lambda x, y: y * 2)(1.0, 2.0), 0.0)
    same(sw.hessian(lambda x: x[0])(np.array([1.0, 2.0])), np.zeros((2, 2)))
    same(sw.jacobian(lambda x: [x, 1.0])(3.0), [1.0, 0.0])
    same(sw.jvp(lambda x: 2.0)(1.0, tangent=1.0), (2.0, 0.0))


def test_the_forms_of_a_jacobian() -> None:
    x = np.array([2.0, 3.0])
    same(sw.jacobian(lambda x: x * x)(x), np.diag([4.0, 6.0]))
    same(
        sw.jacobian(lambda x: np.array([[x[0], x[1], x[0] * x[1]]]))(x),
        np.array([[[1.0, 0.0], [0.0, 1.0], [3.0, 2.0]]]),
    )
    same(sw.jacobian(lambda x: [x[0] * x[1]])([2.0, 3.0]), [[3.0, 2.0]])
    same(sw.jacobian(lambda p: {"s": p["a"] + p["b"]})({"a": 1.0, "b": 2.0}), {"s": {"a": 1.0, "b": 1.0}})
    same(sw.jacobian(lambda x: x[0])(x), np.array([1.0, 0.0]))
    same(sw.jacobian(lambda x: x * np.array([1.0, 2.0]))(3.0), np.array([1.0, 2.0]))
    same(
        sw.jacobian(lambda a, b: [a * b, b], wrt=("a", "b"))(2.0, x),
        ([np.array([2.0, 3.0]), np.zeros(2)], [np.diag([2.0, 2.0]), np.eye(2)]),
    )
    mixed = lambda x: np.array([x[0], 7.0, x[1]], dtype=object)
    same(sw.jacobian(mixed)(x), np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]))


def test_the_forms_of_a_hessian() -> None:
    f = lambda p: p["a"] ** 2 * p["b"][0] * p["b"][1]
    same(
        sw.hessian(f)({"a": 2.0, "b": np.array([3.0, 5.0])}),
        {
            "a": {"a": 30.0, "b": np.array([20.0, 12.0])},
            "b": {"a": np.array([20.0, 12.0]), "b": np.array([[0.0, 4.0], [4.0, 0.0]])},
        },
    )
    same(sw.hessian(product, wrt=(0, 1))(2.0, 3.0), ((6.0, 4.0), (4.0, 0.0)))
    same(sw.hessian(product, wrt=(1, 0))(2.0, 3.0), ((0.0, 4.0), (4.0, 6.0)))
    same(sw.hessian(lambda m: np.sum(m * m))(np.ones((2, 2))), 2 * np.eye(4).reshape(2, 2, 2, 2))


def test_directions() -> None:
    x, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    f = lambda x: np.array([x[0] * x[1], sw.sin(x[2]) * x[0]])
    J = sw.jacobian(f)(x)
    value, tangent = sw.jvp(f)(x, tangent=v)
    np.testing.assert_allclose(tangent, J @ v, rtol=1e-14)
    u = np.array([2.0, -3.0])
    value, cotangent = sw.vjp(f)(x, cotangent=u)
    np.testing.assert_allclose(cotangent, u @ J, rtol=1e-14)
    np.testing.assert_allclose(value, [2.0, np.sin(3.0)], rtol=1e-14)
    g = lambda x: x[0] ** 2 * x[1] + sw.exp(x[2] * x[1])
    np.testing.assert_allclose(sw.hvp(g)(x, tangent=v), sw.hessian(g)(x) @ v, rtol=1e-13)


def test_directions_at_once() -> None:
    same(sw.jvp(product, (3.0, 5.0), (1.0, 0.0)), (45.0, 30.0))
    same(sw.jvp(product, [3.0, 5.0], [0.0, 1.0]), (45.0, 9.0))
    same(sw.vjp(product, (3.0, 5.0), 2.0), (45.0, (60.0, 18.0)))
    same(sw.hvp(product, (3.0, 5.0), (1.0, 0.0)), (10.0, 6.0))
    same(sw.jvp(product, 1)(3.0, 5.0, tangent=1.0), (45.0, 9.0))
    same(sw.jvp(product, ("x", "y"))(3.0, 5.0, tangent=(1.0, 1.0)), (45.0, 39.0))
    same(sw.vjp(product)(3.0, 5.0), (45.0, 30.0))  # the cotangent of one number is 1


def test_a_direction_may_be_given_in_any_alike_form() -> None:
    f = lambda x: x[0] * x[1]
    same(sw.jvp(f)(np.array([2.0, 3.0]), tangent=[1, 1]), (6.0, 5.0))
    same(sw.jvp(f)([2.0, 3.0], tangent=np.array([1.0, 1.0])), (6.0, 5.0))
    same(sw.jvp(f, (np.array([2.0, 3.0]),), ((1.0, 1.0),)), (6.0, 5.0))


def test_closures_over_values_and_models() -> None:
    w = sw.Value(3.0)
    k = sw.value_and_grad(lambda x: w * x * x)
    same(k(2.0), (12.0, 12.0))
    w.data = 5.0
    same(k(2.0), (20.0, 20.0))  # read again at each call
    assert w.grad == 0
    model = MLP(2, [3, 1])
    x = np.array([0.3, -0.7])
    value, slope = sw.value_and_grad(model)(x)
    inputs = [sw.Value(number) for number in x]
    out = model(inputs)
    out.backward()
    assert value == pytest.approx(out.data) and slope == pytest.approx([v.grad for v in inputs])


def test_branches_take_their_own_derivative() -> None:
    k = sw.value_and_grad(lambda x: x * x if x > 0 else -3 * x)
    assert [k(x) for x in (2.0, -1.0, 3.0, 0.0)] == [(4.0, 4.0), (3.0, -3.0), (9.0, 6.0), (-0.0, -3.0)]
    assert len(k.paths) == 2


def test_a_transformation_is_a_compiled_function() -> None:
    k = sw.grad(product, wrt="y")
    assert k(3.0, 5.0) == 9.0
    assert k.program.n_outputs == 1 and k.program.n_inputs == 2
    assert "product" in str(k.report())
    assert k.__name__ == "product" and k.__wrapped__ is product
    assert sw.grad(sw.compile(cube))(2.0) == 12.0
    assert sw.compile(sw.grad(cube))(2.0) == 12.0
    assert sw.jvp(product).__signature__.parameters["tangent"].kind.name == "KEYWORD_ONLY"
    assert sw.grad(sw.jvp(lambda x, y: x * x * y), wrt="y")(3.0, 5.0, tangent=1.0) == (9.0, 6.0 * 5.0)


def test_functions_of_plain_numbers_have_their_derivatives() -> None:
    f = lambda x, y: math.sin(x) * math.exp(y) + math.hypot(x, y) * max(x, y) + abs(x) ** 1.5
    x, y = 0.7, 1.9
    h = math.hypot(x, y)
    by_x = math.cos(x) * math.exp(y) + x / h * y + 1.5 * x**0.5
    by_y = math.sin(x) * math.exp(y) + y / h * y + h
    assert sw.grad(f, wrt=(0, 1))(x, y) == pytest.approx((by_x, by_y), rel=1e-13)
    assert sw.grad(lambda a: sw.grad(lambda b: math.sin(a * b))(2.0))(0.3) == pytest.approx(
        math.cos(0.6) - 0.6 * math.sin(0.6), rel=1e-13
    )
    assert sw.compile(lambda a: sw.grad(math.cosh)(a))(0.5) == pytest.approx(math.sinh(0.5), rel=1e-14)


def test_methods_and_callable_objects() -> None:
    class Spring:
        stiffness = 3.0

        def energy(self, x: Any) -> Any:
            return 0.5 * self.stiffness * x * x

        __call__ = energy

    assert sw.grad(Spring().energy)(2.0) == 6.0
    assert sw.grad(Spring())(2.0) == 6.0
    assert sw.grad(Spring().energy, wrt="x")(x=2.0) == 6.0


def test_exact_gradients_are_those_of_backward() -> None:
    f: Callable[..., Any] = lambda x: sw.sum([sw.tanh(a * b) * a / (b * b + 1) for a, b in zip(x, x[1:])])
    x = [0.3, -1.7, 2.9, 0.01, -4.2]
    values = [sw.Value(number) for number in x]
    out: Any = f(values)
    out.backward()
    assert sw.value_and_grad(f, exact=True)(x) == (out.data, [v.grad for v in values])


def test_derivatives_of_written_state() -> None:
    counter = sw.Value(0.0)

    def f(x: Any) -> Any:
        counter.data = counter.data + 1.0
        return x * x

    k = sw.grad(f)
    assert [k(2.0), k(3.0)] == [4.0, 6.0]
    assert counter.data == 2.0


def test_a_dense_matrix_too_large_to_write_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.compiler.transformations import matrices

    g = lambda x: (sw.sin(x[0] * x[1]) * x[2] + x[1] ** 3, x[0])
    h = lambda a, b: ({"p": a * b[0] * b[1], "q": [a, b[1]]}, "rest")
    x, a, b = np.array([1.0, 2.0, 3.0]), 2.0, [3.0, 4.0]
    written = sw.hessian(g)(x), sw.jacobian(h, wrt=("a", "b"))(a, b), sw.hessian(product, wrt=(0, 1))(2.0, 3.0)
    monkeypatch.setattr(matrices, "MOST_EQUATIONS", 1)
    functions = sw.hessian(g), sw.jacobian(h, wrt=("a", "b")), sw.hessian(product, wrt=(0, 1))
    for _ in range(2):  # the second call knows the way
        in_lanes = functions[0](x), functions[1](a, b), functions[2](2.0, 3.0)
        same(written, in_lanes)
    assert all(function.__dict__["_large"] for function in functions)
    assert sw.grad(lambda s: functions[2](s, 3.0)[0][0])(2.0) == 0.0  # inside a trace it is written out


def test_a_large_jacobian_goes_the_way_with_fewer_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.compiler.transformations import matrices

    weights = np.arange(12.0).reshape(3, 4) / 10 - 0.5
    narrow = lambda x: (np.array([sw.tanh(sum(a * b for a, b in zip(row, x, strict=True))) for row in weights]), x[0])
    of_parts = lambda p, s: [p["w"][0] * s, {"q": p["w"][1] * p["b"]}]
    branch = lambda x: [x[0] * x[1] if x[0] > 0 else x[2] * x[1], x[3]]
    tall = lambda x: np.array([[x * k, sw.sin(x) * k] for k in range(3)])
    x, p, empty = (
        np.array([0.3, -0.2, 0.5, 1.0]),
        {"w": np.array([2.0, 3.0]), "b": 4.0, "n": "name"},
        np.array([-1.0, 2, 3, 4]),
    )
    calls: list[tuple[Any, Any, tuple[Any, ...]]] = [
        (narrow, None, (x,)),
        (of_parts, ("p", "s"), (p, 5.0)),
        (branch, None, (x,)),
        (branch, None, (empty,)),
    ]
    calls.append((tall, None, (0.7,)))
    written = [sw.jacobian(f, wrt=wrt or 0)(*given) for f, wrt, given in calls]
    monkeypatch.setattr(matrices, "MOST_EQUATIONS", 1)
    functions: dict[Any, Any] = {f: sw.jacobian(f, wrt=wrt or 0) for f, wrt, _ in calls}
    for _ in range(2):
        for (f, _, given), expected in zip(calls, written, strict=True):
            same(expected, functions[f](*given))
    ways = {f: [known.name for known in function.__dict__["_large"].values()] for f, function in functions.items()}
    assert ways == {narrow: ["cotangent"], of_parts: ["cotangent"], branch: ["cotangent"], tall: ["tangent"]}


def test_a_large_dense_hessian_is_right_and_symmetric() -> None:
    n = 120
    a = np.sin(np.arange(n * n)).reshape(n, n)
    f = lambda x: sw.sum([sw.tanh(sum(p * q for p, q in zip(row, x, strict=True))) ** 2 for row in a])
    k, x = sw.hessian(f), np.cos(np.arange(n))
    found = k(x)
    t = np.tanh(a @ x)
    expected = a.T @ ((2 * (1 - t * t) ** 2 - 4 * t * t * (1 - t * t))[:, None] * a)
    assert k.__dict__["_large"], "it is computed direction by direction"
    assert (found == found.T).all()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)
