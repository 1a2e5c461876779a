"""What user code touches on a Value: constructors, attributes, operands, names, identity, text."""

# The wrong uses here are the point.
# mypy: disable-error-code="assignment,comparison-overlap,index,misc,operator"

import gc
import math
import weakref
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import slopewise.engine
from slopewise import Value
from slopewise.errors import NumberError, ShapeError, SlopewiseError


def test_constructor_forms() -> None:
    a, b = Value(2.0), Value(3.0)
    assert repr(Value(1.5)) == "Value(data=1.5, grad=0)"
    assert Value(5.0, (a, b), "+")._prev == (a, b)
    assert Value(5.0, (a, b), "+")._op == "+"
    assert Value(5.0, _children=(a,), _op="neg")._op == "neg"
    assert Value(5.0, [a, b], "+")._prev == (a, b)
    assert set(Value(5.0, {a, b}, "+")._prev) == {a, b}
    assert Value(5.0, (x for x in (a, b)), "+")._prev == (a, b)
    assert Value(5.0, (a,), "x", "name").label == "name"
    assert Value(5.0, label="name").label == "name"
    assert Value(data=5.0).data == 5.0
    assert Value(5.0, (), "leaf name")._op == "leaf name"


def test_local_gradients_as_third_argument() -> None:
    a, b = Value(2.0), Value(3.0)
    product = Value(a.data * b.data, (a, b), (b.data, a.data))
    square = Value(product.data**2, (product,), (2 * product.data,))
    square.backward()
    assert (a.grad, b.grad, product.grad) == (36.0, 24.0, 12.0)
    assert product._op == ""
    assert product._prev == (a, b)
    twice = Value(4.0, (a, a), (1, 1))
    a.grad = 0
    twice.backward()
    assert a.grad == 2
    listed = Value(4.0, [a, b], [1.0, 0.5])
    a.grad = b.grad = 0
    listed.backward()
    assert (a.grad, b.grad) == (1.0, 0.5)
    assert Value(1.0, (), ())._prev == ()


def test_local_gradients_may_be_any_number_and_mix_with_operators() -> None:
    a, b = Value(Fraction(1, 2)), Value(Fraction(1, 3))
    out = Value(a.data * b.data, (a, b), (b.data, a.data))
    (out * 3 + a).backward()
    assert (a.grad, b.grad) == (Fraction(2), Fraction(3, 2))
    many = [Value(float(i)) for i in range(50)]
    total = Value(sum(v.data for v in many), tuple(many), tuple(range(50)))
    (total * 2).backward()
    assert [v.grad for v in many] == [2 * i for i in range(50)]


def test_local_gradients_of_another_length_raise() -> None:
    a = Value(2.0)
    with pytest.raises(ShapeError, match="1 child and 2 local derivatives"):
        Value(1.0, (a,), (1.0, 2.0))
    assert issubclass(ShapeError, ValueError)


def test_attributes_can_be_assigned() -> None:
    v = Value(1.0)
    v.data, v.grad, v.label = 2, 0.5, "w"
    v._op = "mine"
    v.m, v.v = 0.1, [1, 2]
    v._vis_color = "red"
    assert (v.data, v.grad, v.label, v._op, v.m, v.v, v._vis_color) == (2, 0.5, "w", "mine", 0.1, [1, 2], "red")
    assert repr(v) == "Value(data=2, grad=0.5)"
    v.data -= 0.5
    v.grad += 1
    v.data *= 2
    assert (v.data, v.grad) == (3.0, 1.5)
    del v.m
    assert not hasattr(v, "m")
    with pytest.raises(AttributeError):
        v.never_set


def test_attributes_live_in_vars_and_survive_a_pass() -> None:
    v = Value(2.0)
    v.m = 0.25
    assert vars(v)["m"] == 0.25
    (v * v).backward()
    v.zero_grad()
    assert v.m == 0.25
    inner = v * 3
    inner.note = "kept"
    (inner + 1).backward()
    assert inner.note == "kept"


def test_prev_answers_what_a_set_answers() -> None:
    a, b = Value(1.0), Value(2.0)
    c = a + b
    assert a in c._prev
    assert Value(1.0) not in c._prev
    assert len(c._prev) == 2
    assert list(c._prev) == [a, b]
    assert set(c._prev) == {a, b}
    assert not a._prev
    assert [len(n._prev) for n in (a * a, a**2, -a, a - b, a / b, a.relu(), a - 1, 1 / a)] == [2, 1, 2, 2, 2, 1, 2, 2]


def test_prev_can_be_assigned() -> None:
    a, b = Value(1.0), Value(2.0)
    c = a * b
    c._prev = {a}
    assert list(c._prev) == [a]
    c._prev = ()
    assert len(c._prev) == 0


def test_a_cleared_prev_cuts_the_graph_for_walks() -> None:
    """Programs free memory so: `node._prev = ()` after use."""
    a = Value(2.0)
    inner = a * 3
    inner._prev = ()
    inner._backward = lambda: None
    (inner * 2).backward()
    assert inner.grad == 2
    assert a.grad == 0


OPERATIONS = [
    (lambda a, b: a + b, "+", 3),
    (lambda a, b: a - b, "+", 5),
    (lambda a, b: a - 2, "+", 3),
    (lambda a, b: 2 - a, "+", 5),
    (lambda a, b: a * b, "*", 3),
    (lambda a, b: a / b, "*", 4),
    (lambda a, b: a / 2, "*", 3),
    (lambda a, b: 2 / a, "*", 4),
    (lambda a, b: -a, "*", 3),
    (lambda a, b: a**3, "**3", 2),
    (lambda a, b: a**2.0, "**2.0", 2),
    (lambda a, b: a**-0.5, "**-0.5", 2),
    (lambda a, b: a.relu(), "ReLU", 2),
    (lambda a, b: a.tanh(), "tanh", 2),
    (lambda a, b: a.exp(), "exp", 2),
]


@pytest.mark.parametrize(("make", "op", "count"), OPERATIONS)
def test_operation_names_and_node_counts(make: object, op: str, count: int) -> None:
    out = make(Value(4.0), Value(0.5))
    seen, todo = {out}, [out]
    while todo:
        for child in todo.pop()._prev:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    assert (out._op, len(seen)) == (op, count)


def test_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert a != 1.0
    assert len({a, b, a}) == 2
    assert {a: "x"}[a] == "x"
    assert [a, b].index(b) == 1
    assert b not in [a]
    assert bool(Value(0)) is True
    assert bool(Value(0.0)) is True
    assert hash(a) == hash(a)
    c = a + b
    before = hash(c)
    c.data = 7
    c.backward()
    assert hash(c) == before


def test_weak_references() -> None:
    v = Value(1.0)
    reference = weakref.ref(v)
    assert reference() is v
    moments: weakref.WeakKeyDictionary[Value, float] = weakref.WeakKeyDictionary()
    moments[v] = 0.5
    del v
    assert reference() is None
    assert len(moments) == 0


def test_repr_shows_the_number_as_print_does() -> None:
    assert repr(Value(Fraction(1, 3))) == "Value(data=1/3, grad=0)"
    assert repr(Value(Decimal("1.50"))) == "Value(data=1.50, grad=0)"
    assert repr(Value(1 + 2j)) == "Value(data=(1+2j), grad=0)"
    assert repr(Value(1e16)) == "Value(data=1e+16, grad=0)"
    assert repr(Value(0.1 + 0.2)) == "Value(data=0.30000000000000004, grad=0)"
    assert repr(Value(-0.0)) == "Value(data=-0.0, grad=0)"
    assert repr(Value(math.nan)) == "Value(data=nan, grad=0)"
    assert repr(Value(True)) == "Value(data=True, grad=0)"
    assert repr(Value(Value(2))) == "Value(data=Value(data=2, grad=0), grad=0)"
    v = Value(1.0)
    v.grad = Fraction(1, 2)
    assert repr(v) == "Value(data=1.0, grad=1/2)"


def test_text_and_formats() -> None:
    v = Value(3.14159)
    assert f"{v:.2f}" == "3.14"
    assert f"{v}" == str(v) == repr(v)
    assert f"{Value(7):>5}" == "    7"
    assert f"{Value(1e9):,.0f}" == "1,000,000,000"
    assert f"{Value(12):d}" == "12"
    assert "%.1f" % v == "3.1"
    assert "%s" % Value(2) == "Value(data=2, grad=0)"
    assert "{:8.3e}".format(v) == "3.142e+00"
    with pytest.raises(ValueError, match="format code"):
        format(v, "d")


def test_conversions() -> None:
    assert float(Value(3)) == 3.0
    assert isinstance(float(Value(3)), float)
    assert int(Value(3.7)) == 3
    assert round(Value(3.14159), 2) == 3.14
    assert round(Value(3.7)) == 4
    assert math.sqrt(Value(4.0)) == 2.0
    assert math.floor(Value(3.7)) == 3
    assert float(Value(Fraction(1, 2))) == 0.5
    with pytest.raises(TypeError):
        float(Value(1 + 2j))


def test_comparisons_are_by_data() -> None:
    a, b = Value(1.0), Value(2)
    assert a < b
    assert b > a
    assert a <= 1
    assert 1 >= a
    assert 2.5 > b
    assert not a > b
    assert max([a, b]) is b
    assert min(a, b) is a
    assert sorted([b, a]) == [a, b]
    nan = Value(math.nan)
    assert not (nan < a or nan > a or nan <= a or nan >= a)
    assert (Value(Fraction(1, 3)) < Value(0.5)) is True
    with pytest.raises(TypeError):
        a < "x"
    with pytest.raises(TypeError):
        a < None


def test_detach() -> None:
    a = Value(2)
    b = a * 3
    c = b.detach()
    assert (c.data, c._prev, c._op, c.grad) == (6, (), "", 0)
    (c * a).backward()
    assert a.grad == 6
    assert b.grad == 0
    assert type(c) is Value


@pytest.mark.parametrize("bad", ["3", b"3", [1], (1,), {"a": 1}, {1}, None])
def test_what_is_no_number_is_refused(bad: object) -> None:
    with pytest.raises(NumberError) as info:
        Value(bad)
    assert repr(bad) in str(info.value)
    assert isinstance(info.value, TypeError)
    assert isinstance(info.value, SlopewiseError)
    v = Value(1.0)
    with pytest.raises(NumberError):
        v.data = bad
    assert v.data == 1.0


@pytest.mark.parametrize("other", ["a", None, [1], (1, 2), {}, object()])
def test_operators_leave_foreign_operands_to_python(other: object) -> None:
    v: Any = Value(1.0)
    attempts: list[Callable[[], Any]] = [
        lambda: v + other,
        lambda: other - v,
        lambda: v * other,
        lambda: other / v,
        lambda: v**other,
    ]
    for apply in attempts:
        with pytest.raises(TypeError):
            apply()


def test_children_that_are_no_values_are_refused() -> None:
    with pytest.raises(NumberError, match="must be Values, got 5"):
        Value(1.0, (5,), "x")
    c = Value(1.0) + 1
    with pytest.raises(NumberError):
        c._prev = (1.0,)


def test_backward_step_must_be_callable() -> None:
    with pytest.raises(TypeError, match="callable"):
        Value(1.0)._backward = 3


def test_augmented_assignment_makes_new_nodes() -> None:
    a = Value(2.0)
    b = a
    b += 1
    b -= 0.5
    b *= 2
    b /= 4
    b **= 2
    assert a.data == 2.0
    assert b is not a
    b.backward()
    assert a.grad == pytest.approx(2 * (2.5 * 2 / 4) * 0.5)


def test_unary_plus_and_power_with_modulus() -> None:
    a = Value(3)
    assert (+a) is a or (+a).data == 3
    assert pow(a, 2).data == 9
    with pytest.raises(TypeError, match="modulus"):
        pow(a, 2, 5)


def test_operators_that_do_not_exist_say_so() -> None:
    a = Value(3)
    for apply in (
        lambda: ~a,
        lambda: a << 1,
        lambda: a & 1,
        lambda: a @ a,
        lambda: a[0],
        lambda: len(a),
        lambda: iter(a),
    ):
        with pytest.raises(TypeError):
            apply()


def test_public_names() -> None:
    assert slopewise.engine.Value is slopewise.Value is Value
    assert isinstance(slopewise.engine.NATIVE, bool)
    assert Value.__module__ == "slopewise.engine.value" or Value.__module__.startswith("slopewise")
    assert Value.__name__ == "Value"
    assert Value.__doc__
    assert "backward" in dir(Value)


def test_operands_take_the_operators_of_a_set() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    made = a * b
    assert made._prev == (a, b)
    assert made._prev | {c} == {a, b, c} == {c} | made._prev == made._prev.union([c])
    assert made._prev & {a, c} == {a} == {a, c} & made._prev
    assert made._prev - {a} == {b}
    assert {a, c} - made._prev == {c}
    seen = {c}
    seen |= made._prev
    assert seen == {a, b, c}


def test_a_refused_number_leaves_the_old_one() -> None:
    from fractions import Fraction

    v = Value(Fraction(1, 2))
    v.grad = Fraction(1, 3)
    with pytest.raises(NumberError):
        v.data = "x"
    with pytest.raises(NumberError):
        v.grad = "x"
    assert (v.data, v.grad) == (Fraction(1, 2), Fraction(1, 3))


@pytest.mark.skipif(not slopewise.engine.NATIVE, reason="Python's own objects are always tracked")
def test_reading_a_label_makes_no_dict() -> None:
    v = Value(1.0) * 2
    assert v.label == ""
    assert not gc.is_tracked(v)  # as it would be with a dict
    v.label = "v"
    assert gc.is_tracked(v)
