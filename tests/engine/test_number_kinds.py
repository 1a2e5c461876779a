"""Numbers keep their type: int, float, and everything else by its own arithmetic."""

import math
import weakref
from decimal import Decimal
from fractions import Fraction

import pytest

from slopewise import Value

LIMIT = 2**53


def test_ints_stay_ints() -> None:
    x = Value(3)
    y = x * 2 + 1
    assert (y.data, type(y.data)) == (7, int)
    y.backward()
    assert repr(x) == "Value(data=3, grad=2)"
    assert repr(y) == "Value(data=7, grad=1)"
    assert [repr(v.data) for v in (x - 5, 5 - x, x * -4, -x, x**2, x**0, x**-1, x / 3, x + 0.5, x**2.0)] == [
        "-2", "2", "-12", "-3", "9", "1", "0.3333333333333333", "1.0", "3.5", "9.0",
    ]  # fmt: skip


def test_an_int_has_no_negative_zero() -> None:
    assert repr((Value(0) * -1).data) == "0"
    assert repr((-Value(0)).data) == "0"
    assert repr((Value(0) * -7).data) == "0"
    assert repr((Value(0.0) * -1).data) == "-0.0"
    assert repr((Value(0) * -1.0).data) == "-0.0"
    v = Value(0)
    v.grad = 0
    ((Value(0) * -1) * v).backward()
    assert repr(v.grad) == "0"


def test_the_root_gradient_is_the_int_one() -> None:
    x = Value(2.5)
    x.backward()
    assert repr(x.grad) == "1"
    y = x * 3
    y.backward()
    assert repr(y.grad) == "1"


def test_relu_of_a_negative_is_the_int_zero() -> None:
    for x in (-3, -3.0, -math.inf, Fraction(-1, 2), Decimal(-1), -(2**60)):
        out = Value(x).relu()
        assert repr(out.data) == "0"
    for x in (3, 3.0, 0, 0.0, -0.0, math.inf, Fraction(1, 2), Decimal(1), 2**60, math.nan):
        assert repr(Value(x).relu().data) == repr(x)


@pytest.mark.parametrize("start", [LIMIT - 2, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT + 1, 10**30])
@pytest.mark.parametrize("sign", [1, -1])
def test_ints_are_exact_past_the_range_of_floats(start: int, sign: int) -> None:
    n = start * sign
    v = Value(n)
    assert v.data == n
    for k in (1, -1, 2, -2, 3, LIMIT, -LIMIT, LIMIT + 1):
        for result, expected in (
            (v + k, n + k), (k + v, n + k), (v - k, n - k), (k - v, k - n), (v * k, n * k), (v + Value(k), n + k),
            (v * Value(k), n * k), (v - Value(k), n - k),
        ):  # fmt: skip
            assert (result.data, type(result.data)) == (expected, int)
    assert (v**2).data == n**2
    assert (v**3).data == n**3
    assert (v**-1).data == n**-1
    assert (-v).data == -n
    assert abs(v).data == abs(n)
    v.grad = n
    assert (v.grad, type(v.grad)) == (n, int)


def test_products_that_round_into_the_range() -> None:
    for a, b in (
        (3, 3002399751580331),
        (94906267, 94906266),
        (94906265, 94906265),
        (2**26, 2**27),
        (-3, 3002399751580331),
    ):
        out = Value(a) * b
        assert (out.data, type(out.data)) == (a * b, int)


def test_powers_of_ints() -> None:
    for base in (2, -2, 3, -3, 7, 10, 94906265, 94906266, 94906267):
        for exponent in (0, 1, 2, 3, 5, 33, 34, 52, 53, 54, 100):
            out = Value(base) ** exponent
            assert (out.data, type(out.data)) == (base**exponent, int)
    assert [repr((Value(2) ** k).data) for k in (-1, -2, 0.5, 2.0)] == ["0.5", "0.25", "1.4142135623730951", "4.0"]
    assert repr((Value(0) ** 0).data) == "1"
    assert repr((Value(0.0) ** 0).data) == "1.0"


def test_int_gradients_are_exact_past_the_range_of_floats() -> None:
    x = Value(1)
    (x * (LIMIT + 1)).backward()
    assert x.grad == LIMIT + 1
    y = Value(1)
    y.grad = LIMIT - 1
    (y * 2).backward()
    assert y.grad == LIMIT + 1
    z = Value(3)
    (z * 3002399751580331 * 1).backward()
    assert z.grad == 3002399751580331
    w = Value(3002399751580331)
    a = Value(2)
    ((w * a) * 3 + a * (LIMIT - 1)).backward()
    assert a.grad == 3 * 3002399751580331 + LIMIT - 1
    u = Value(2**40)
    (u * u * u).backward()
    assert (u.grad, type(u.grad)) == (3 * 2**80, int)
    p = Value(3)
    (p**40).backward()
    assert p.grad == 40 * 3**39


def test_gradients_take_the_type_of_what_is_added() -> None:
    x = Value(3)
    (x * 2.0).backward()
    assert repr(x.grad) == "2.0"
    x = Value(3)
    (x**-1).backward()
    assert repr(x.grad) == repr(-1 * 3**-2)
    x = Value(3)
    (x**0).backward()
    assert repr(x.grad) == "0.0"
    x = Value(3.0)
    (x**2).backward()
    assert repr(x.grad) == "6.0"


def test_fractions_are_exact_both_ways() -> None:
    a, b = Value(Fraction(1, 3)), Value(Fraction(-2, 7))
    c = a * b + a / b - b**3 + (a - b).relu() * 2
    c.backward()
    x, y = a.data, b.data
    assert c.data == x * y + x / y - y**3 + (x - y) * 2
    assert a.grad == y + 1 / y + 2
    assert b.grad == x - x / y**2 - 3 * y**2 - 2
    assert isinstance(a.grad, Fraction)
    assert isinstance(b.grad, Fraction)


def test_fraction_through_the_side_that_is_not_chosen() -> None:
    a = Value(Fraction(-1, 3))
    (a.relu() * Fraction(1, 2) + a * Fraction(3, 4)).backward()
    assert a.grad == Fraction(3, 4)
    assert isinstance(a.grad, Fraction)


def test_decimals_keep_their_context() -> None:
    a, b = Value(Decimal("1.10")), Value(Decimal("2.20"))
    c = (a + b) * b - 3 * a + a**3 + a / b
    c.backward()
    x, y = a.data, b.data
    assert c.data == (x + y) * y + (x * 3) * -1 + x**3 + x * y**-1
    assert a.grad == pytest.approx(y - 3 + 3 * x**2 + 1 / y, rel=Decimal("1e-25"))
    assert isinstance(b.grad, Decimal)
    d = Value(Decimal(-1))
    (d.relu() * Decimal(2) + d * Decimal(3)).backward()
    assert d.grad == 3


def test_complex() -> None:
    j, k = Value(1 + 2j), Value(3 - 1j)
    m = j * k + k**2 - 2 * j
    m.backward()
    assert m.data == (1 + 2j) * (3 - 1j) + (3 - 1j) ** 2 - 2 * (1 + 2j)
    assert j.grad == (3 - 1j) - 2
    assert k.grad == pytest.approx((1 + 2j) + 2 * (3 - 1j))
    q = Value(1.0) / Value(2 + 1j)
    q.backward()
    assert q.data == pytest.approx(1 / (2 + 1j))


def test_bools_count_as_ints() -> None:
    t = Value(True)
    assert repr(t) == "Value(data=True, grad=0)"
    assert repr((t + True).data) == "2"
    assert repr((t * 3).data) == "3"
    assert repr((Value(5) * True).data) == "5"
    (t * 4).backward()
    assert t.grad == 4


def test_a_value_inside_a_value() -> None:
    inner = Value(2.0)
    outer = Value(inner) * 3
    assert isinstance(outer.data, Value)
    assert outer.data.data == 6.0
    outer.data.backward()
    assert inner.grad == 3


class Dual:
    """A stranger's number type: forward-mode pairs."""

    def __init__(self, x: float, dx: float = 0.0) -> None:
        self.x, self.dx = x, dx

    def __add__(self, other: object) -> "Dual":
        o = other if isinstance(other, Dual) else Dual(other)  # type: ignore[arg-type]
        return Dual(self.x + o.x, self.dx + o.dx)

    __radd__ = __add__

    def __mul__(self, other: object) -> "Dual":
        o = other if isinstance(other, Dual) else Dual(other)  # type: ignore[arg-type]
        return Dual(self.x * o.x, self.dx * o.x + self.x * o.dx)

    __rmul__ = __mul__

    def __pow__(self, k: int) -> "Dual":
        return Dual(self.x**k, k * self.x ** (k - 1) * self.dx)


def test_second_derivatives_through_a_strangers_numbers() -> None:
    """Forward mode over reverse mode: the gradient carries the Hessian's product."""
    a, b = Value(Dual(2.0, 1.0)), Value(Dual(3.0))
    f = a * a * b + b**3 * a
    f.backward()
    assert (f.data.x, f.data.dx) == (66.0, 2 * 2 * 3 + 27)
    assert (a.grad.x, a.grad.dx) == (2 * 2 * 3 + 27, 6.0)
    assert (b.grad.x, b.grad.dx) == (4.0 + 27 * 2, 2 * 2 + 27.0)


def test_their_own_exceptions_with_operation_and_label() -> None:
    zero = Value(Fraction(0), label="rate")
    with pytest.raises(ZeroDivisionError, match=r"Fraction\(1, 0\).*rate"):
        1 / zero
    with pytest.raises(TypeError, match="Decimal"):
        Value(Decimal(1)) + 0.5
    with pytest.raises(ZeroDivisionError):
        Value(0j) ** -1
    with pytest.raises(OverflowError):
        Value(10**400) * 0.5


def test_floats_and_small_ints_follow_ieee() -> None:
    assert (Value(1) / 0).data == math.inf
    assert (Value(-1.0) / 0).data == -math.inf
    assert (Value(1.0) / -0.0).data == -math.inf
    assert math.isnan((Value(0) / 0).data)
    assert (1 / Value(0)).data == math.inf
    assert (Value(1) / Value(0.0)).data == math.inf
    assert math.isnan((Value(-8.0) ** 0.5).data)
    assert (Value(1e200) ** 2).data == math.inf
    assert (Value(-1e200) ** 3).data == -math.inf
    assert (Value(0.0) ** -1).data == math.inf
    assert (Value(-0.0) ** -1).data == -math.inf
    assert (Value(-0.0) ** -2).data == math.inf
    assert (Value(1e308) * 10).data == math.inf
    assert math.isnan((Value(math.inf) - math.inf).data)
    x = Value(0.0)
    (x**0.5).backward()
    assert x.grad == math.inf


def test_relu_selects_and_never_multiplies() -> None:
    v = Value(-1.0)
    (v.relu() * math.inf).backward()
    assert v.grad == 0
    w = Value(0.0)
    out = w.relu()
    out.grad = math.nan
    out._backward()
    assert w.grad == 0


@pytest.mark.parametrize("x", [2.5, -2.5, 0.0, -0.0, 3, -3, 0])
def test_slope_of_relu(x: float) -> None:
    v = Value(x)
    v.relu().backward()
    assert v.grad == (1 if x > 0 else 0)
    assert isinstance(v.grad, int)


def test_data_may_change_its_type_in_place() -> None:
    v = Value(3)
    v.data = 2.5
    assert repr(v.data) == "2.5"
    v.data = Fraction(1, 3)
    assert v.data == Fraction(1, 3)
    v.data = 10**30
    assert v.data == 10**30
    v.data = 4
    assert repr(v + 1) == "Value(data=5, grad=0)"
    v.grad = Fraction(1, 3)
    v.grad = 1
    assert repr(v) == "Value(data=4, grad=1)"


def test_a_number_that_was_replaced_is_let_go() -> None:
    class Big(Fraction):
        pass

    v = Value(Big(1, 3))
    v.grad = Big(1, 3)
    held = [weakref.ref(v.data), weakref.ref(v.grad)]
    v.data, v.grad = 1.0, 0
    assert [reference() for reference in held] == [None, None]
    assert vars(v) == {}
