"""`@sw.operation`: a user's own value and derivative, as good as a row of the table."""

# A method put on the class, and wrong uses, are the point.
# mypy: disable-error-code="attr-defined,arg-type"

import copy
import math
import pickle

import pytest

import slopewise as sw
from slopewise import Value


@sw.operation(derivative=lambda x: 3 * x**2)  # type: ignore[untyped-decorator]
def cube(x: float) -> float:
    """Return x to the third power."""
    return x**3


@sw.operation(derivative=lambda x, y, z: (y * z / x, z * math.log(x)))  # type: ignore[untyped-decorator]
def to_power(x: float, y: float) -> float:
    return float(x**y)


def test_decorated() -> None:
    x = Value(2.0)
    out = cube(x) * 2
    out.backward()
    assert (out.data, x.grad) == (16.0, 24.0)
    assert cube(2.0) == 8.0
    assert cube(2) == 8
    assert cube([1, 2]) == [1, 8]
    assert cube(x)._op == "cube"
    assert cube(x)._prev == (x,)
    assert "cube" in repr(cube)


def test_the_result_is_handed_to_a_derivative_that_wants_it() -> None:
    x, y = Value(2.0), Value(3.0)
    to_power(x, y).backward()
    assert (x.grad, y.grad) == (12.0, 8.0 * math.log(2))
    x.grad = 0
    to_power(x, 2.0).backward()
    assert x.grad == 4.0
    y.grad = 0
    to_power(2.0, y).backward()
    assert y.grad == 8.0 * math.log(2)


def test_called_with_a_name() -> None:
    swish = sw.operation(
        "swish", value=lambda x: x / (1 + math.exp(-x)), derivative=lambda x, z: z / x + z * (1 - z / x)
    )
    x = Value(1.0)
    swish(x).backward()
    assert x.grad == pytest.approx(0.9276705118714867)


def test_a_value_beside_the_decorated_function() -> None:
    @sw.operation(value=math.log10, derivative=lambda x: 1 / (x * math.log(10)))  # type: ignore[untyped-decorator]
    def decades(x: float) -> float:
        raise AssertionError("the value is given apart")

    assert decades(100.0) == 2.0


def test_as_a_method() -> None:
    Value.cubed = cube
    try:
        x = Value(2.0)
        x.cubed().backward()
        assert x.grad == 12.0
    finally:
        del Value.cubed


def test_three_operands() -> None:
    fma = sw.operation("fma", value=lambda a, b, c: a * b + c, derivative=lambda a, b, c: (b, a, 1))
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    out = fma(a, b, c) + fma(a, a, a)
    out.backward()
    assert out.data == 10.0 + 6.0
    assert (a.grad, b.grad, c.grad) == (3.0 + 2.0 + 2.0 + 1, 2.0, 1)
    assert fma(a, b, c)._prev == (a, b, c)


def test_a_name_of_the_table_does_not_clash() -> None:
    mine = sw.operation("exp", value=lambda x: x + 100.0, derivative=lambda x: 7.0)
    x = Value(1.0)
    out = mine(x)
    out.backward()
    assert (out.data, x.grad) == (101.0, 7.0)
    assert sw.exp(0.0) == 1.0


def test_a_value_defined_by_values() -> None:
    """An operation may be made of Values inside: its own little graph is not part of the outer one."""

    def slope(x: float) -> float:
        v = Value(x)
        (v * v * v).backward()
        return float(v.grad)

    op = sw.operation("probe", value=lambda x: x**3, derivative=slope)
    x = Value(2.0)
    (op(x) * 2).backward()
    assert x.grad == 24.0


def test_a_wrong_number_of_derivatives() -> None:
    bad = sw.operation("bad", value=lambda x, y: x + y, derivative=lambda x, y: (1,))
    out = bad(Value(1.0), Value(2.0))
    with pytest.raises(ValueError, match=r"bad.*2 operands.*1 local derivative"):
        out.backward()


def test_faults_when_registering() -> None:
    with pytest.raises(TypeError, match="variable number"):
        sw.operation("many", value=lambda *xs: 0.0, derivative=lambda *xs: 0.0)
    with pytest.raises(TypeError, match="its derivative 3"):
        sw.operation("mismatch", value=lambda x: x, derivative=lambda a, b, c: 1)
    with pytest.raises(TypeError, match="give its value too"):
        sw.operation("no value", derivative=lambda x: 1)
    with pytest.raises(TypeError):
        sw.operation(lambda x: x, derivative=lambda x: 1)


def test_an_exception_in_the_users_rule_names_the_operation() -> None:
    fails = sw.operation("fails", value=lambda x: 1 / 0, derivative=lambda x: 1)
    with pytest.raises(ZeroDivisionError, match="fails"):
        fails(Value(1.0, label="rate"))
    late = sw.operation("late", value=lambda x: x, derivative=lambda x: 1 / 0)
    out = late(Value(1.0))
    with pytest.raises(ZeroDivisionError, match="derivative of 'late'"):
        out.backward()


def test_anomalies_see_users_operations() -> None:
    op = sw.operation("blows_up", value=lambda x: math.inf, derivative=lambda x: 0.0)
    with pytest.raises(sw.errors.AnomalyError, match="blows_up made inf"), sw.anomalies():
        op(Value(1.0))


def test_copies_of_graphs_with_users_operations() -> None:
    x = Value(2.0)
    out = cube(x) * 2
    twin = copy.deepcopy([x, out])
    twin[1].backward()
    assert twin[0].grad == 24.0
    assert x.grad == 0
    again = pickle.loads(pickle.dumps([x, out]))
    again[1].backward()
    assert again[0].grad == 24.0
    assert again[1]._prev[0]._op == "cube"


def test_no_grad_and_detached() -> None:
    x = Value(2.0)
    with sw.no_grad():
        assert cube(x)._prev == ()
    assert cube(x).detach()._prev == ()
