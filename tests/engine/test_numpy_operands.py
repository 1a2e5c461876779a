"""numpy's scalars on either side, arrays as numbers, and object arrays of Values."""

import math
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import NumberError

np = pytest.importorskip("numpy")

SCALARS = ["float64(1.7)", "float32(1.7)", "float16(0.5)", "int64(3)", "int32(-2)", "uint8(7)", "bool_(True)"]


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_on_either_side_makes_one_value(text: str) -> None:
    name, number = text.rstrip(")").split("(")
    x = getattr(np, name)(eval(number))
    v = Value(0.5)
    for out in (v + x, x + v, v * x, x * v, x - v, x / v, v**x, abs(x) ** v):
        assert type(out) is Value
        assert math.isfinite(out.data)
    assert (x * v).data == 0.5 * x.item()
    assert (x - v).data == x.item() - 0.5
    assert (x / v).data == x.item() * 2.0


def test_float64_comes_back_as_float_and_ints_as_int() -> None:
    assert type(Value(np.float64(2)).data) is float
    assert type((Value(1.0) * np.float64(2)).data) is float
    assert type((Value(1) + np.float64(2)).data) is float
    assert (Value(np.int64(2)) * 3).data == 6
    assert repr(Value(np.float64(0.5))) == "Value(data=0.5, grad=0)"
    assert repr(Value(np.int64(3)) + 1) == "Value(data=4, grad=0)"
    v = Value(1.0)
    v.data -= np.float64(0.1) * np.float64(0.5)
    assert type(v.data) is float
    v.grad = np.float64(0.5)
    assert type(v.grad) is float


def test_float32_stays_float32_on_the_right_and_its_text_is_a_number() -> None:
    v = Value(np.float32(1.5))
    assert repr(v) == "Value(data=1.5, grad=0)"
    (v * v).backward()
    assert v.grad == 3.0


def test_arrays_without_axes_are_the_numbers_in_them() -> None:
    v = Value(2.0)
    for x in (np.array(0.7), np.array(1.7, dtype=np.float32), np.array(3), np.array(-2, dtype=np.int8)):
        number = x.item()
        for out, expected in (
            (v + x, 2.0 + number), (v - x, 2.0 - number), (v * x, 2.0 * number), (v / x, 2.0 * number**-1),
            (v**x, 2.0**number), (x * v, 2.0 * number), (x - v, number - 2.0), (Value(x), number),
        ):  # fmt: skip
            assert out.data == expected
        assert type(Value(x).data) is type(number)
    assert np.polyval([Value(1.0), Value(2.0), Value(3.0)], 0.7).data == pytest.approx(4.89)
    for found, expected in ((sw.maximum(v, np.array(2.5)), 2.5), (sw.where(np.array(True), v, np.array(0.5)), 2.0)):
        assert type(found) is Value
        assert found.data == expected
    w = Value(1.0)
    w.data = np.array(0.7)
    w.grad = np.array(0.3)
    assert (w.data, w.grad) == (0.7, 0.3)
    assert Value(np.array(1j)).data == 1j
    with pytest.raises(NumberError, match="a Value holds a number, got 'a'"):
        v * np.array("a")


@pytest.mark.parametrize("x", [np.bool_(True), np.array(True)])
def test_truths(x: Any) -> None:
    v = Value(2.0)
    assert [out.data for out in (v + x, v - x, v * x, v / x, x + v, x * v)] == [3.0, 1.0, 2.0, 2.0, 3.0, 2.0]


def test_the_demo_accuracy() -> None:
    y = np.array([1, -1, 1])
    scores = [Value(0.5), Value(-2), Value(-1.0)]
    accuracy = [(yi > 0) == (s.data > 0) for yi, s in zip(y, scores, strict=True)]
    assert sum(accuracy) / len(accuracy) == pytest.approx(2 / 3)
    assert all(isinstance(bool(a), bool) for a in accuracy)
    assert np.mean([s.data for s in scores]) == pytest.approx(-2.5 / 3)
    assert np.array([s.data for s in scores]).dtype == np.float64


def test_rows_of_an_array_as_inputs() -> None:
    row = np.array([0.5, -1.5, 2.5])
    weights = [Value(1.0), Value(2.0), Value(3)]
    act = sum((w * x for w, x in zip(weights, row, strict=True)), Value(0))
    act.backward()
    assert act.data == 0.5 - 3.0 + 7.5
    assert [w.grad for w in weights] == [0.5, -1.5, 2.5]
    assert sum(map(Value, row), Value(0)).data == 1.5
    loss = (1 + -np.int64(-1) * act).relu()
    assert loss.data == 6.0


def objects(*xs: float) -> "np.ndarray":  # type: ignore[name-defined]
    return np.array([Value(x) for x in xs])


def test_object_arrays() -> None:
    a, b = objects(1.0, 2.0, 3.0), objects(-1.0, 0.5, 2.0)
    assert a.dtype == object
    for out, expected in (
        (a + b, [0.0, 2.5, 5.0]), (a * b, [-1.0, 1.0, 6.0]), (a - b, [2.0, 1.5, 1.0]), (a / b, [-1.0, 4.0, 1.5]),
        (a * 2, [2.0, 4.0, 6.0]), (2 * a, [2.0, 4.0, 6.0]), (1 - a, [0.0, -1.0, -2.0]), (a**2, [1.0, 4.0, 9.0]),
        (-a, [-1.0, -2.0, -3.0]), (a + Value(1.0), [2.0, 3.0, 4.0]), (Value(1.0) + a, [2.0, 3.0, 4.0]),
        (Value(6.0) / a, [6.0, 3.0, 2.0]), (a - Value(1), [0.0, 1.0, 2.0]), (Value(1) - a, [0.0, -1.0, -2.0]),
        (a + np.array([10.0, 20.0, 30.0]), [11.0, 22.0, 33.0]), (np.array([1, 2, 3]) * a, [1.0, 4.0, 9.0]),
        (np.square(a), [1.0, 4.0, 9.0]), (abs(b), [1.0, 0.5, 2.0]), (np.maximum(a, b), [1.0, 2.0, 3.0]),
    ):  # fmt: skip
        assert isinstance(out, np.ndarray)
        assert [v.data for v in out] == expected


def test_object_array_products_and_their_gradients() -> None:
    a, b = objects(1.0, 2.0, 3.0), objects(-1.0, 0.5, 2.0)
    out = np.dot(a, b) + (a @ b) * 2 + np.sum(a * a)
    assert type(out) is Value
    assert out.data == 6.0 * 3 + 14.0
    out.backward()
    assert [v.grad for v in a] == [3 * y + 2 * x for x, y in ((1.0, -1.0), (2.0, 0.5), (3.0, 2.0))]
    matrix = np.array([[Value(float(i + j)) for j in range(3)] for i in range(2)])
    assert [v.data for v in matrix @ a] == [8.0, 14.0]
    assert [v.data for v in matrix @ np.array([1.0, 0.0, -1.0])] == [-2.0, -2.0]
    assert (matrix @ matrix.T)[0, 1].data == 8.0
    assert np.outer(a, b)[2, 0].data == -3.0
    assert matrix.mean().data == 1.5
    assert np.sum(matrix, axis=0)[2].data == 5.0
    assert np.prod(a).data == 6.0
    assert np.cumsum(a)[-1].data == 6.0


def test_numpy_functions_find_the_methods() -> None:
    a = objects(0.25, 0.5)
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh",
                 "arctanh", "log1p", "expm1", "exp2", "log2", "log10", "square"):  # fmt: skip
        out = getattr(np, name)(a)
        assert [v.data for v in out] == pytest.approx(list(getattr(np, name)(np.array([0.25, 0.5]))), rel=1e-15)
    out = np.arccosh(objects(1.5))
    assert out[0].data == pytest.approx(math.acosh(1.5))
    assert np.arctan2(objects(1.0), objects(2.0))[0].data == pytest.approx(math.atan2(1, 2))
    assert np.hypot(objects(3.0), objects(4.0))[0].data == 5.0
    assert np.max(a) is a[1]
    assert np.argmax(a) == 1
    assert list(np.argsort(objects(2.0, 1.0))) == [1, 0]


def test_boxes() -> None:
    v = Value(3.0)
    boxed = np.array(v)
    assert boxed.dtype == object
    assert boxed.shape == ()
    assert boxed.item() is v
    assert np.array([v, 1.0]).dtype == object
    assert float(np.float64(v)) == 3.0
    assert np.array([v, Value(4)], dtype=float).tolist() == [3.0, 4.0]


def test_arrays_as_numbers() -> None:
    a = Value(np.array([1.0, 2.0]))
    w = Value(3.0)
    out = a * w + 1
    assert list(out.data) == [4.0, 7.0]
    out.backward()
    assert list(np.asarray(w.grad)) == [1.0, 2.0]
    assert a.grad == 3.0
    assert repr(Value(np.array([2.0, 3.0]))) == "Value(data=[2. 3.], grad=0)"


def test_comparisons_with_scalars() -> None:
    assert Value(2.0) > np.float64(1.0)
    assert np.float64(1.0) < Value(2.0)
    assert not np.int64(3) < Value(2)
