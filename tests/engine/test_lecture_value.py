"""The lecture's flavour of Value, and how it mixes with the plain one."""

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import LectureValue


def test_text_and_gradients() -> None:
    a = LectureValue(2.0, label="a")
    assert repr(a) == "Value(data=2.0)"
    assert repr(a.grad) == "0.0"
    b = a * -3.0
    assert repr(b) == "Value(data=-6.0)"
    assert repr(b.grad) == "0.0"
    b.backward()
    assert repr(b.grad) == "1.0"
    assert repr(a.grad) == "-3.0"
    assert (a.label, b._op, b._prev[0] is a) == ("a", "*", True)


def test_zero_grad_gives_floats() -> None:
    a = LectureValue(2.0)
    root = a * a
    root.backward()
    root.zero_grad()
    assert repr(a.grad) == repr(root.grad) == "0.0"


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a + 1, lambda a: 1 + a, lambda a: a * 2, lambda a: -a, lambda a: a - 1, lambda a: 1 - a, lambda a: a / 2,
        lambda a: 2 / a, lambda a: a**2, lambda a: a**a, lambda a: 2**a, lambda a: a.tanh(), lambda a: a.exp(), lambda a: a.relu(),
        lambda a: sw.log(a), lambda a: sw.maximum(a, 0), lambda a: sw.where(True, a, 0), lambda a: sum([a, a]), lambda a: sw.sum([a, a]),
        lambda a: sw.mean([a, a]), lambda a: sw.softmax([a, a])[0], lambda a: a.detach(), lambda a: abs(a), lambda a: a % 2,
        lambda a: a + Value(1.0), lambda a: Value(1.0) + a, lambda a: Value(1.0) * a, lambda a: Value(1.0) / a, lambda a: Value(1.0) - a,
    ],
)  # fmt: skip
def test_the_flavour_spreads(make: object) -> None:
    a = LectureValue(2.0)
    out = make(a)  # type: ignore[operator]
    assert type(out) is LectureValue
    assert repr(out) == f"Value(data={out.data!r})"
    assert all(isinstance(child, Value) for child in out._prev)
    assert repr(out.grad) == "0.0"
    out.backward()
    assert isinstance(a.grad, float)


def test_the_constructors_of_the_notebook() -> None:
    a, b = LectureValue(2.0), LectureValue(3.0)
    out = LectureValue(6.0, (a, b), "*", label="d")
    assert (out._prev, out._op, out.label) == ((a, b), "*", "d")
    assert LectureValue(1.0, (a,), (2.0,))._op == ""

    def step() -> None:
        a.grad += b.data * out.grad

    out._backward = step
    out.backward()
    assert a.grad == 3.0


def test_numbers_keep_their_kind() -> None:
    assert repr(LectureValue(2)) == "Value(data=2)"
    assert repr(LectureValue(2) * 3) == "Value(data=6)"
    a = LectureValue(2)
    (a * 3).backward()
    assert repr(a.grad) == "3.0"


def test_it_is_a_value() -> None:
    assert issubclass(LectureValue, Value)
    assert LectureValue(1.0) < Value(2.0)
    assert len({LectureValue(1.0), LectureValue(1.0)}) == 2
