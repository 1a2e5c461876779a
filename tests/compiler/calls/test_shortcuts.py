"""Calls that went straight to a kernel give what the first call, which was traced, gave; nothing else does."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import ShapeError

Pair = namedtuple("Pair", ["a", "b"])


@dataclass
class Line:
    slope: Any
    at_0: Any = 0.5

    def at(self, x: Any) -> Any:
        return self.slope * x + self.at_0


def total(x: Any) -> Any:
    return sum(a * a for a in x)


SCALE = 3.0
CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "list": (total, ([1.0, 2.0, 3.0],), {}),
    "array": (total, (np.array([1.0, 2.0]),), {}),
    "matrix": (lambda x: x * 2, (np.array([[1.0, 2.0], [3.0, 4.0]]).T,), {}),
    "whole array": (lambda k, x: x * k, (np.arange(3), 2.0), {}),
    "dict": (lambda p, x: {"y": p["a"] * x, "p": p}, ({"a": 2.0, "b": np.ones(2)}, 3.0), {}),
    "keywords": (lambda x, scale, how: x * scale if how == "up" else x / scale, (2.0,), {"scale": 4.0, "how": "up"}),
    "dataclass": (lambda line, x: (line.at(x), line), (Line(2.0), 3.0), {}),
    "named tuple": (lambda pair: Pair(pair.b, pair.a), (Pair(1.0, [2.0]),), {}),
    "Value": (lambda v, x: v * x, (Value(2.0), 3.0), {}),
    "Values": (total, ([Value(2.0), Value(3.0)],), {}),
    "static": (lambda f, x, flag, nothing: (f(x), flag, nothing), (sw.sin, 1.0, True, None), {}),
    "numpy's numbers": (lambda k, x: x * k, (np.int64(3), np.float64(0.5)), {}),
    "int and truth": (lambda k, x: (k + 1, x > 0, x), (3, 0.5), {}),
    "nothing": (lambda: SCALE, (), {}),
}


def described(item: Any) -> str:
    return repr(item) + repr(type(item)) + (item.dtype.str if isinstance(item, np.ndarray) else "")


@pytest.mark.parametrize("name", CALLS)
def test_every_call_gives_what_the_first_gave(name: str) -> None:
    f, args, kwargs = CALLS[name]
    k = sw.compile(f)
    wanted = described(k(*args, **kwargs))
    for _ in range(3):
        assert described(k(*args, **kwargs)) == wanted
    assert k.taken is not None
    assert [path.calls for path in k.paths] == [4]


def test_derivatives_of_arguments_with_defaults_and_names() -> None:
    g = sw.value_and_grad(lambda x, rate=2.0, *, shift=0.5: rate * x * x + shift, wrt=("rate", "shift"))
    for _ in range(3):
        assert g(3.0) == (18.5, (9.0, 1.0))
        assert g(3.0, rate=1.0) == (9.5, (9.0, 1.0))
        assert g(3.0, 1.0, shift=0.0) == (9.0, (9.0, 1.0))
        assert g(3.0, shift=0.0, rate=1.0) == (9.0, (9.0, 1.0))
        assert g(x=3.0) == (18.5, (9.0, 1.0))


def test_forms_do_not_mix() -> None:
    k = sw.compile(lambda x, mode: (type(x).__name__, len(x), mode, sum(x)))
    for _ in range(3):
        assert k([1.0, 2.0], "a") == ("list", 2, "a", 3.0)
        assert k((1.0, 2.0), "a") == ("tuple", 2, "a", 3.0)
        assert k([1.0, 2.0, 3.0], "a") == ("list", 3, "a", 6.0)
        assert k([1.0, 2.0], "b") == ("list", 2, "b", 3.0)
        assert k(np.array([1.0, 2.0]), "b") == ("ndarray", 2, "b", 3.0)
        assert k(np.array([1, 2]), "b") == ("ndarray", 2, "b", 3)
        assert type(k([1, 2], "b")[3]) is int
        assert type(k([1.0, 2], "b")[3]) is float


def test_an_index_that_goes_round_finds_its_path() -> None:
    table = [Value(float(i)) for i in range(150)]
    k = sw.compile(lambda i: table[i] * 2)
    for n in (3, 10, 150):
        assert [k(i % n) for i in range(2 * n)] == [2.0 * (i % n) for i in range(2 * n)]
    table[4].data = 0.5
    assert k(4) == 1.0


def test_paths_lead_to_each_other() -> None:
    def turns(x: Any, n: Any) -> Any:
        count = 0
        while x < n * 10:
            x = x * 2.0
            count += 1
        return x, count

    k, plain = sw.compile(turns), turns
    calls = [(1.0 + i % 7, 1 + i % 5) for i in range(140)]
    for _ in range(2):
        assert [k(x, n) for x, n in calls] == [plain(x, n) for x, n in calls]
        assert k.map([x for x, _ in calls], [n for _, n in calls]) == [plain(x, n) for x, n in calls]
    assert sum(path.calls for path in k.paths) == 4 * len(calls)


def test_numpy_functions_give_the_same_again_and_forget() -> None:
    scale = 2.0

    def f(x: Any, y: Any) -> Any:
        return scale * x * x + x * y

    k = sw.compile(f)
    numpy = k.numpy
    x = np.array([1.0, 3.0])
    for _ in range(3):
        assert numpy(x) == 5.0
        value, gradient = numpy.value_and_gradient(x)
        assert (value, gradient.tolist(), numpy.gradient(x).tolist()) == (5.0, [7.0, 1.0], [7.0, 1.0])
        with pytest.raises(ShapeError):
            numpy(np.ones(3))
    gradient[0] = 0.0
    assert numpy.gradient(x).tolist() == [7.0, 1.0]
    scale = 3.0
    k.retrace()
    assert (numpy(x), numpy.gradient(x).tolist()) == (6.0, [9.0, 1.0])
    v = sw.value_and_grad(total)
    for _ in range(3):
        assert repr(v.numpy(x)) == "(10.0, array([2., 6.]))"


def test_matrices_of_mostly_zeros() -> None:
    h = sw.hessian(lambda x: sum(a * a * b for a, b in zip(x, x[1:])))
    for x in (np.arange(6.0), np.zeros(6), -np.arange(6.0)):
        wanted = np.zeros((6, 6))
        for i in range(5):
            wanted[i, i] += 2 * x[i + 1]
            wanted[i, i + 1] = wanted[i + 1, i] = 2 * x[i]
        found = h(x)
        assert found.tolist() == wanted.tolist()
        found[:] = 1.0
    signs = sw.jacobian(lambda x: [x[0] * -0.0, x[1] * 0.0, x[0] + x[1]])
    for _ in range(3):
        assert repr(signs([1.0, 2.0])) == "[[-0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]"


def test_numpy_functions_write_nothing() -> None:
    w = Value(1.0)

    @sw.compile
    def step(x: Any) -> Any:
        w.data = w.data + sum(x)
        return w.data

    for _ in range(3):
        assert step.numpy(np.ones(2)) == 3.0
    assert (w.data, step(np.ones(2)), w.data) == (1.0, 3.0, 3.0)
    assert step.numpy(np.ones(2)) == 5.0


def test_numpy_functions_of_parameters_give_the_same_again() -> None:
    a, b, unused, rate = Value(1.0), Value(2.0), Value(9.0), Value(10.0)

    def f(x: Any, scale: Any) -> Any:
        return b * b * x + a * scale * rate

    for parameters in ([a, b], [b, a], [a, b, a], [unused, b, a], [b]):
        k = sw.compile(f, parameters=parameters)
        start = k.numpy.start
        for shift in (0.0, 1.0, 2.0):
            x = start + shift
            numbers = dict(zip(map(id, parameters), x.tolist()))
            p, q = numbers.get(id(a), a.data), numbers.get(id(b), b.data)
            rate.data = 10.0 + shift
            wanted = q * q * 3.0 + p * 0.5 * rate.data
            slopes = {id(a): 0.5 * rate.data, id(b): 2 * q * 3.0}
            for _ in range(2):
                assert k.numpy(x, 3.0, 0.5) == wanted
                value, gradient = k.numpy.value_and_gradient(x, 3.0, 0.5)
                assert (value, gradient.tolist()) == (wanted, [slopes.get(id(v), 0.0) for v in parameters])
        assert (a.data, b.data) == (1.0, 2.0)
        with pytest.raises(ShapeError):
            k.numpy(np.ones(7), 3.0, 0.5)


def test_backward_adds_at_every_call() -> None:
    w, made = Value(3.0), Value(2.0) * 2.0
    k = sw.compile(lambda x: w * x + made * x)
    for i in range(1, 4):
        assert k.backward(2.0) == 14.0
        assert w.grad == 2.0 * i
    xs = [Value(1.0), Value(2.0)]
    square = sw.compile(lambda p, xs: p["scale"] * total(xs) + w)
    for i in range(1, 4):
        assert square.backward({"scale": Value(2.0), "n": 1}, xs) == 13.0
        assert [x.grad for x in xs] == [4.0 * i, 8.0 * i]
    same = Value(3.0)
    for i in range(1, 4):
        assert square.backward({"scale": 1.0, "n": 1}, [same, same]) == 21.0
        assert same.grad == 12.0 * i
    assert w.grad == 12.0
    root = sw.compile(lambda x: x)
    x = Value(5.0)
    for _ in range(3):
        assert (root.backward(x), x.grad) == (5.0, 1.0)
    exact = sw.compile(lambda x: w * x, exact=True)
    for i in range(1, 4):
        assert (exact.backward(1.0), w.grad) == (3.0, 12.0 + i)


def test_an_argument_that_is_also_captured_is_itself() -> None:
    w = Value(2.0)

    def shift(v: Any, x: Any) -> Any:
        w.data = w.data + x
        return v.data

    k = sw.compile(shift)
    other = Value(7.0)
    for _ in range(3):
        assert k(other, 1.0) == 7.0
        before = w.data
        assert k(w, 1.0) == before + 1.0


def test_numpy_functions_of_parameters_without_a_part_take_the_shortcut() -> None:
    table = [[Value(0.1 * (3 * i + j)) for j in range(3)] for i in range(4)]
    every = [v for row in table for v in row]
    other = Value(2.0)
    k = sw.compile(lambda picks, c: other * c * sum(v * v for i in picks for v in table[i]), parameters=every)
    x = k.numpy.start
    for picks in ([0, 2], [2, 0], [1, 1], [3, 0], [0, 2], [1, 1], [3, 0]):
        for c in (1.5, -0.5):
            other.data = 3.0 + c
            value, gradient = k.numpy.value_and_gradient(x, picks, c)
            rows = x.reshape(4, 3)
            expected = np.zeros((4, 3))
            for i in picks:
                expected[i] += 2 * (3.0 + c) * c * rows[i]
            assert value == pytest.approx((3.0 + c) * c * sum((rows[i] ** 2).sum() for i in picks))
            assert gradient == pytest.approx(expected.ravel())
            assert not np.signbit(gradient[gradient == 0.0]).any()
            x = x + 0.01
    assert k.numpy._gradients.taken is not None
    strided = np.repeat(x, 2)[::2]
    again = k.numpy.value_and_gradient(strided, [3, 0], -0.5)[1]
    assert again.tolist() == k.numpy.value_and_gradient(strided.copy(), [3, 0], -0.5)[1].tolist()
    assert k.numpy.value_and_gradient(x.tolist(), [3, 0], -0.5)[1].tolist() == again.tolist()
    with pytest.raises(ShapeError, match=r"\(11,\)"):
        k.numpy.value_and_gradient(x[:-1], [3, 0], -0.5)


def test_numpy_functions_of_arrays_without_a_part_take_the_shortcut() -> None:
    k = sw.compile(lambda x, scale: scale * sum(row[0] ** 2 for row in x))
    x = np.arange(6.0).reshape(3, 2)
    for step in range(3):
        value, gradient = k.numpy.value_and_gradient(x + step, 2.0)
        assert value == 2.0 * ((x[:, 0] + step) ** 2).sum()
        assert gradient.tolist() == [[4.0 * (first + step), 0.0] for first in x[:, 0]]
    assert k.numpy._gradients.taken is not None
