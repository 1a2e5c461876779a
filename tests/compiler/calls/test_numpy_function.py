"""`k.numpy`: a compiled function as one of a float64 array."""

import random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

import slopewise as sw
from slopewise import Value
from slopewise.errors import ShapeError
from slopewise.nn import MLP


def rosenbrock(x: Any) -> Any:
    return sum(100.0 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x[:-1], x[1:]))


def test_value_and_gradient_of_an_array() -> None:
    k = sw.compile(rosenbrock)
    x = np.array([0.5, -0.3, 1.2, 0.8])
    assert k.numpy(x) == pytest.approx(rosen(x))
    value, gradient = k.numpy.value_and_gradient(x)
    assert value == pytest.approx(rosen(x)) and type(value) is float
    assert gradient == pytest.approx(rosen_der(x)) and gradient.dtype == np.float64
    assert k.numpy.gradient(x.tolist()) == pytest.approx(rosen_der(x))


def test_scipy_minimises_with_it() -> None:
    found = minimize(sw.compile(rosenbrock).numpy.value_and_gradient, np.zeros(5), jac=True, method="L-BFGS-B")
    assert found.x == pytest.approx(np.ones(5), abs=1e-4)
    found = minimize(sw.value_and_grad(rosenbrock).numpy, np.zeros(5), jac=True, method="BFGS")
    assert found.x == pytest.approx(np.ones(5), abs=1e-4)
    found = minimize(
        sw.compile(rosenbrock).numpy, np.zeros(3), jac=sw.grad(rosenbrock).numpy, hess=sw.hessian(rosenbrock).numpy,
        method="Newton-CG",
    )  # fmt: skip
    assert found.x == pytest.approx(np.ones(3), abs=1e-4)


def test_a_function_of_several_numbers_gets_one_element_each() -> None:
    k = sw.compile(lambda x, y: x * y**2)
    assert k.numpy(np.array([3.0, 2.0])) == 12.0
    assert k.numpy.gradient(np.array([3.0, 2.0])).tolist() == [4.0, 12.0]
    with pytest.raises(ShapeError, match=r"takes 2 numbers.*\(3,\)"):
        k.numpy(np.zeros(3))


def test_further_arguments_go_behind_the_array() -> None:
    k = sw.compile(lambda w, xs, scale: sum(a * b for a, b in zip(w, xs)) * scale)
    assert k.numpy(np.array([1.0, 2.0]), [3.0, 4.0], 10.0) == 110.0
    assert k.numpy.gradient(np.array([1.0, 2.0]), [3.0, 4.0], 10.0).tolist() == [30.0, 40.0]


def test_the_array_stands_for_the_parameters() -> None:
    random.seed(5)
    net = MLP(2, [3, 1])

    def loss(x: Any, y: Any) -> Any:
        return (net(x) - y) ** 2

    k = sw.compile(loss, parameters=net)
    start = k.numpy.start
    assert start.tolist() == [float(p.data) for p in net.parameters()]
    before = [(p.data, p.grad) for p in net.parameters()]
    moved = start + 0.25
    value, gradient = k.numpy.value_and_gradient(moved, [1.0, -2.0], 0.5)
    assert [(p.data, p.grad) for p in net.parameters()] == before
    for p, x in zip(net.parameters(), moved.tolist()):
        p.data = x
    loss([1.0, -2.0], 0.5).backward()
    assert value == pytest.approx(loss([1.0, -2.0], 0.5).data)
    assert gradient == pytest.approx([p.grad for p in net.parameters()])
    assert k.numpy(start, [1.0, -2.0], 0.5) != pytest.approx(value)
    with pytest.raises(ShapeError, match=r"shape \(13,\), got shape \(2,\)"):
        k.numpy(np.zeros(2), [1.0, -2.0], 0.5)


def test_branches_follow_the_array_and_not_the_parameters() -> None:
    w = Value(1.0)
    k = sw.compile(lambda: w * w if w > 0 else -w, parameters=[w])
    assert k.numpy(np.array([-3.0])) == 3.0
    assert k.numpy(np.array([3.0])) == 9.0
    assert k() == 1.0 and w.data == 1.0


def test_nothing_is_written() -> None:
    w = Value(2.0)

    def step() -> Any:
        loss = w * w
        loss.backward()
        w.data = w.data - w.grad
        return loss

    k = sw.compile(step, parameters=w)
    assert k.numpy(np.array([3.0])) == 9.0
    assert (w.data, w.grad) == (2.0, 0)


def test_unused_parameters_have_no_gradient() -> None:
    a, b = Value(1.0), Value(2.0)
    k = sw.compile(lambda: a * 3, parameters=[b, a])
    assert k.numpy.gradient(np.array([5.0, 7.0])).tolist() == [0.0, 3.0]
    assert k.numpy(np.array([5.0, 7.0])) == 21.0


def test_what_it_is_called_and_what_it_lacks() -> None:
    k = sw.compile(rosenbrock)
    assert k.numpy.__name__ == "rosenbrock.numpy" and "rosenbrock" in repr(k.numpy)
    with pytest.raises(ShapeError, match="without parameters"):
        k.numpy.start
    with pytest.raises(ShapeError, match="gradient of one number"):
        sw.compile(lambda x: [x, x]).numpy.gradient(np.zeros(2))
