"""Methods and operators put on the class from outside, and subclasses with their own: as micrograd programs do it."""

# What programs do to the class from outside, no type checker can follow.
# mypy: disable-error-code="assignment,attr-defined,comparison-overlap,func-returns-value,index,method-assign,misc,operator,override,return-value,unreachable"

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slopewise import Value
from slopewise.engine import LectureValue
from slopewise.engine.value import idiom_of


@pytest.fixture(autouse=True)
def restored_class() -> Iterator[None]:
    before = dict(vars(Value))
    yield
    for name in set(vars(Value)) - set(before):
        delattr(Value, name)
    for name, item in before.items():
        if vars(Value).get(name) is not item:
            setattr(Value, name, item)


def closure_method(f: Callable[[float], float], df: Callable[[float], float], name: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        out = Value(f(self.data), (self,), name)

        def _backward() -> None:
            self.grad += df(self.data) * out.grad

        out._backward = _backward
        return out

    return method


def test_new_methods() -> None:
    Value.sinus = closure_method(math.sin, math.cos, "sin")
    x = Value(0.5)
    y = x.sinus() * 2 + x
    y.backward()
    assert x.grad == 2 * math.cos(0.5) + 1
    assert y._prev[0]._prev[0]._op == "sin"


@pytest.mark.parametrize("name", ["sin", "cos", "log", "exp", "tanh", "relu", "sigmoid", "sqrt"])
def test_methods_that_exist_can_be_replaced(name: str) -> None:
    x = Value(0.5)
    getattr(Value, name)(x)
    setattr(Value, name, closure_method(lambda v: 42.0 + v, lambda v: 7.0, "mine"))
    y = getattr(x, name)() * 2
    y.backward()
    assert (y.data, x.grad, y._prev[0]._op) == (85.0, 14.0, "mine")


def test_deleting_a_patch_brings_the_old_one_back_when_saved() -> None:
    old = Value.tanh
    Value.tanh = lambda self: "patched"
    assert Value(1.0).tanh() == "patched"
    Value.tanh = old
    assert isinstance(Value(1.0).tanh(), Value)


def test_operators_can_be_wrapped() -> None:
    calls = []
    for name in ("__add__", "__mul__", "__pow__"):
        original = getattr(Value, name)

        def wrapped(self: Any, other: Any, original: Any = original, name: str = name) -> Any:
            calls.append(name)
            return original(self, other)

        setattr(Value, name, wrapped)
    a, b = Value(2.0), Value(3.0)
    out = (a + b) * (a + 1) + a**2
    assert out.data == 19.0
    out.backward()
    assert (a.grad, b.grad) == (5.0 + 3.0 + 4.0, 3.0)
    assert calls.count("__add__") == 3
    assert calls.count("__mul__") == 1
    assert calls.count("__pow__") == 1


def test_derived_operators_use_a_patched_one() -> None:
    """In micrograd `a - b` is `a + (-b)`, so a patched `+` sees subtractions and sums, too."""
    calls = []
    original = Value.__add__

    def counted(self: Any, other: Any) -> Any:
        calls.append(1)
        return original(self, other)

    Value.__add__ = counted
    a, b = Value(2.0), Value(3.0)
    a + b, a - b, 1 - a, a - 1, 1 + a, sum([a, b])
    assert len(calls) == 7


def test_a_new_power() -> None:
    def power(self: Any, other: Any) -> Any:
        other = other if isinstance(other, Value) else Value(other)
        return (self.log() * other).exp()

    Value.__pow__ = power
    a, b = Value(2.0), Value(3.0)
    out = a**b
    out.backward()
    assert out.data == pytest.approx(8.0)
    assert a.grad == pytest.approx(12.0)
    assert b.grad == pytest.approx(8 * math.log(2))


def test_operators_that_did_not_exist() -> None:
    Value.__matmul__ = lambda self, other: self * other * 10
    Value.__getitem__ = lambda self, i: (self.data, i)
    Value.__call__ = lambda self: "called"
    Value.__len__ = lambda self: 3
    Value.__iter__ = lambda self: iter((1, 2))
    a = Value(2.0)
    assert (a @ Value(3.0)).data == 60.0
    assert a[4] == (2.0, 4)
    assert a() == "called"
    assert len(a) == 3
    assert list(a) == [1, 2]


def test_comparison_repr_and_properties() -> None:
    Value.__repr__ = lambda self: f"<{self.data:.1f}>"
    Value.__lt__ = lambda self, other: "compared"
    Value.T = property(lambda self: self)
    Value.count = 7
    a = Value(2.0)
    assert f"{a}" == str(a) == repr(a) == "<2.0>"
    assert (a < 3) == "compared"
    assert a.T is a
    assert a.count == 7


def test_equality_by_data_when_patched() -> None:
    Value.__eq__ = lambda self, other: self.data == (other.data if isinstance(other, Value) else other)
    assert Value(2.0) == Value(2.0)
    assert Value(2.0) == 2.0
    a = Value(1.0)
    (a * 2 + a).backward()
    assert a.grad == 3


def test_a_patched_init_and_backward() -> None:
    made = []
    init, backward = Value.__init__, Value.backward

    def new_init(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append(args)
        init(self, *args, **kwargs)

    def new_backward(self: Any) -> str:
        backward(self)
        return "done"

    Value.__init__ = new_init
    Value.backward = new_backward
    a = Value(2.0)
    assert (a * a).backward() == "done"
    assert a.grad == 4.0
    assert made[0] == (2.0,)


class Tracked(Value):
    def __init__(self, data: Any, _children: Any = (), _op: str = "", name: str = "") -> None:
        super().__init__(data, _children, _op)
        self.name = name

    def __add__(self, other: Any) -> "Tracked":
        other = other if isinstance(other, Value) else Tracked(other)
        out = Tracked(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Any) -> "Tracked":
        other = other if isinstance(other, Value) else Tracked(other)
        out = Tracked(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


def test_a_subclass_with_its_own_operators_keeps_its_type() -> None:
    a, b = Tracked(2.0, name="a"), Tracked(-3.0, name="b")
    results = [a + b, a * b, a - b, a - 1, 1 - a, -a, a / 2, 2 + a, 2 * a, sum([a, b]), a.__radd__(1)]
    assert [type(r).__name__ for r in results] == ["Tracked"] * len(results)
    out = 1 - (a * b + a - b)
    out.backward()
    assert (a.grad, b.grad) == (2.0, -1.0)


def test_a_subclass_without_operators_makes_plain_values() -> None:
    class Parameter(Value):
        def __init__(self, data: float, trainable: bool = True) -> None:
            super().__init__(data)
            self.trainable = trainable

    p = Parameter(2.0, trainable=False)
    out: Any = p * 3 + p
    out.backward()
    assert (p.grad, p.trainable, type(out)) == (4.0, False, Value)


def test_a_subclass_that_never_calls_the_base_constructor() -> None:
    class Scalar(Value):
        def __init__(self, number: float) -> None:
            self.grad = 0
            self._prev: set[Value] = set()
            self._op = "scalar"
            self._backward = lambda: None
            self.data = number

    s = Scalar(4.0)
    out = s * s + 1
    out.backward()
    assert (out.data, s.grad, s._op, len(s._prev)) == (17.0, 8.0, "scalar", 0)


def test_a_subclass_that_overrides_properties_and_backward() -> None:
    class Loud(Value):
        log: list[str] = []

        def backward(self) -> None:
            self.log.append("backward")
            super().backward()

        def relu(self) -> Value:
            self.log.append("relu")
            return super().relu()

        def __repr__(self) -> str:
            return f"Loud({self.data})"

    v = Loud(2.0)
    v.relu().backward()
    v.backward()
    assert Loud.log == ["relu", "backward"]
    assert f"{v!r} {v}" == "Loud(2.0) Loud(2.0)"


def test_a_subclass_with_slots_or_a_mixin() -> None:
    class Named:
        def describe(self) -> str:
            return f"{self.label}: {self.data}"

    class Mixed(Named, Value):
        pass

    m = Mixed(2.0, label="w")
    assert m.describe() == "w: 2.0"
    (m * m).backward()
    assert m.grad == 4.0


def test_a_plain_subclass_computes_as_the_base_does() -> None:
    class Plain(Value):
        pass

    class Named(Value):
        def __init__(self, data: Any, name: str = "") -> None:
            super().__init__(data)
            self.name = name

        def relu(self) -> Any:
            return super().relu()

    results = []
    for cls in (Value, Plain, Named):
        a, b = cls(3.0), cls(0.0)
        outs = [
            a - b,
            -a,
            a / b,
            1 - a,
            1 / b,
            a / 0.0,
            a / 0,
            a - 1,
            a / 2,
            a + 1,
            a * b,
            a**2,
            a**b,
            2**a,
            a % 2,
            abs(a),
        ]
        results.append([(repr(out.data), out._op, idiom_of(out), [c._op for c in out._prev]) for out in outs])
    assert results[0] == results[1] == results[2]


def test_a_patch_that_was_put_back_leaves_no_trace() -> None:
    originals = {name: getattr(Value, name) for name in ("__add__", "__mul__", "__pow__")}
    a, b = Value(3.0), Value(0.0)
    for name, original in originals.items():
        setattr(Value, name, lambda self, other: "patched")
        setattr(Value, name, original)
    assert [idiom_of(v) for v in (a - b, -a, a / b, a - 1, a / 2)] == [
        "subtraction",
        "negation",
        "division",
        "subtraction",
        "division",
    ]
    assert (a / 0.0).data == math.inf


def test_division_by_zero_with_patched_operators() -> None:
    original = Value.__mul__
    Value.__mul__ = lambda self, other: original(self, other)
    a = Value(3.0)
    assert (a / 0.0).data == math.inf
    assert (a / 0).data == math.inf
    assert (1 / Value(0.0)).data == math.inf
    assert (a / 4).data == 0.75


def test_isinstance_and_subclass_relations() -> None:
    assert issubclass(LectureValue, Value)
    assert isinstance(Tracked(1.0), Value)
    assert isinstance(Tracked(1.0) * 2, Tracked)
    assert Value.__subclasses__()


def test_a_subclass_that_sets_attributes_through_super() -> None:
    class Noted(Value):
        def __setattr__(self, name: str, item: Any) -> None:
            super().__setattr__(name, item)

        def __delattr__(self, name: str) -> None:
            super().__delattr__(name)

    v = Noted(2.0)
    v.momentum = 1
    v.data = 3.0
    assert (v.momentum, v.data) == (1, 3.0)
    del v.momentum
    assert not hasattr(v, "momentum")
