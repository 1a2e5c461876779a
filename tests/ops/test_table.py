"""The table itself: complete, well formed, reachable under every name, and the engine's inlined rows equal to it."""

# The wrong uses here are the point.
# mypy: disable-error-code="attr-defined,call-arg"

import math
import subprocess
import sys

import pytest

import slopewise as sw
import slopewise.ops.functions
from slopewise import Value
from slopewise.ops import BY_NAME, CODE, TABLE

# Every operation that is promised, by name.
FUNCTIONS = (
    "abs exp exp2 log log2 log10 log1p expm1 sqrt square sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh "
    "sigmoid softplus relu leaky_relu elu gelu silu erf maximum minimum where clip hypot "
    "sum mean dot logsumexp softmax log_softmax arcsin arccos arctan arctan2 arcsinh arccosh arctanh"
).split()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_public(name: str) -> None:
    assert callable(getattr(sw, name))
    assert name in dir(sw)
    assert name in sw.__all__


METHODS = set(FUNCTIONS) - {"abs", "where", "sum", "mean", "dot", "logsumexp", "softmax", "log_softmax"}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_operation_is_a_method_with_a_docstring(name: str) -> None:
    method = getattr(Value, name)
    assert callable(method)
    assert method.__doc__
    assert method.__name__


def test_methods_and_functions_agree() -> None:
    for row in TABLE:
        if row.arity != 1 or row.name == "absolute":
            continue
        x = 1.25 if row.name == "acosh" else 0.25
        v = Value(x)
        assert getattr(v, row.name)().data == row(x) == row(v).data
    a, b = Value(0.5), Value(2.0)
    for name in ("atan2", "hypot", "maximum", "minimum"):
        assert getattr(a, name)(b).data == getattr(sw, name)(0.5, 2.0)
        assert getattr(a, name)(2.0).data == getattr(sw, name)(0.5, 2.0)
    assert a.leaky_relu(0.3).data == 0.5
    assert Value(-1.0).leaky_relu().data == -0.01
    assert Value(-1.0).leaky_relu(0.3).data == -0.3
    assert Value(-1.0).elu().data == math.expm1(-1.0)
    assert abs(Value(-2.0)).data == 2.0
    assert (a % 0.3).data == 0.5 % 0.3
    assert (7 % b).data == 1.0


def test_rows_are_well_formed() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    for code, row in enumerate(TABLE):
        assert CODE[row.name] == code
        assert BY_NAME[row.name] is row
        assert len(row.domain) == row.arity
        for low, high in row.domain:
            assert low < high
        if row.arity:
            shown = row.latex.format(*"xyz")
            assert "x" in shown
            assert shown.count("{") == shown.count("}")
        assert row.name in repr(row)


def test_symbols_of_the_repository_and_the_lecture() -> None:
    symbols = {row.name: row.symbol for row in TABLE}
    assert [symbols[n] for n in ("add", "multiply", "relu", "tanh", "exp")] == ["+", "*", "ReLU", "tanh", "exp"]


def test_numbers_in_numbers_out() -> None:
    assert sw.exp(1.0) == math.e
    assert type(sw.exp(1.0)) is float
    assert type(sw.exp(1)) is float
    assert sw.square(3) == 9
    assert type(sw.square(3)) is int
    assert sw.relu(-2.0) == 0
    assert sw.maximum(2, 3) == 3
    assert sw.where(True, 1, 2) == 1
    assert sw.abs(-3) == 3
    assert sw.hypot(3, 4) == 5.0
    assert sw.log(0) == -math.inf
    assert sw.leaky_relu(-1.0) == -0.01
    assert sw.exp(True) == math.e


def test_sequences() -> None:
    assert sw.exp([0, 1.0]) == [1.0, math.e]
    assert sw.exp((0,)) == (1.0,)
    mixed = sw.exp([0.0, Value(0.0)])
    assert mixed[0] == 1.0
    assert mixed[1].data == 1.0
    assert sw.maximum([1, 5], [3, 2]) == [3, 5]
    assert sw.maximum([1, 5], 3) == [3, 5]
    assert sw.maximum(3, [1, 5]) == [3, 5]
    assert [v.data for v in sw.hypot([3.0, 6.0], Value(4.0))] == [5.0, math.hypot(6, 4)]
    assert sw.exp([[0.0], [0.0, 0.0]]) == [[1.0], [1.0, 1.0]]
    assert sw.exp([]) == []
    assert sw.where([True, False], 1.0, 2.0) == [1.0, 2.0]
    with pytest.raises(ValueError, match="equal lengths, got 1 and 2"):
        sw.maximum([1], [1, 2])


def test_arrays() -> None:
    np = pytest.importorskip("numpy")
    out = sw.exp(np.array([[0.0, 1.0]]))
    assert isinstance(out, np.ndarray)
    assert out.dtype == float
    assert out.shape == (1, 2)
    out = sw.maximum(np.array([1.0, 5.0]), [3.0, 2.0])
    assert out.tolist() == [3.0, 5.0]
    out = sw.tanh(np.array([Value(0.0), Value(1.0)]))
    assert out.dtype == object
    assert out[1].data == math.tanh(1.0) or out[1].data == pytest.approx(math.tanh(1.0), rel=1e-15)
    assert sw.exp(np.float64(0.0)) == 1.0
    assert sw.exp(np.array([])).shape == (0,)
    assert sw.hypot(np.ones((2, 1)), np.ones((1, 3))).shape == (2, 3)


def test_numbers_of_other_types() -> None:
    from decimal import Decimal
    from fractions import Fraction

    assert sw.square(Fraction(1, 2)) == Fraction(1, 4)
    assert sw.maximum(Fraction(1, 2), Fraction(1, 3)) == Fraction(1, 2)
    assert isinstance(sw.relu(Fraction(1, 2)), Fraction)
    assert sw.sqrt(Decimal(2)) == Decimal(2).sqrt()
    assert sw.exp(Fraction(1, 2)) == pytest.approx(math.exp(0.5))
    assert sw.exp(1j) == pytest.approx(complex(math.cos(1), math.sin(1)))
    assert sw.sqrt(Value(-1 + 0j)).data == 1j
    v = Value(Fraction(9, 4))
    out = sw.square(v)
    out.backward()
    assert (out.data, v.grad) == (Fraction(81, 16), Fraction(9, 2))
    w = Value(Decimal(2))
    root = sw.sqrt(w)
    root.backward()
    assert root.data == Decimal(2).sqrt()
    assert float(w.grad) == pytest.approx(0.5 / math.sqrt(2))


@pytest.mark.parametrize("bad", ["1", None, {}, object()])
def test_what_is_no_number_is_refused(bad: object) -> None:
    with pytest.raises(TypeError, match="exp"):
        sw.exp(bad)
    with pytest.raises(TypeError):
        sw.maximum(Value(1.0), bad)


def test_operand_counts() -> None:
    with pytest.raises(TypeError, match=r"exp\(\) takes 1 operand"):
        sw.exp(1.0, 2.0)
    with pytest.raises(TypeError, match=r"atan2\(\) takes 2 operand"):
        sw.atan2(1.0)
    with pytest.raises(TypeError):
        Value(1.0).exp(2.0)


def test_functions_module_has_no_stray_names() -> None:
    public = {n for n in vars(slopewise.ops.functions) if not n.startswith("_")} - {"BY_NAME"}
    assert "leaf" not in public
    assert {"exp", "abs", "arcsin"} <= public


def test_an_operation_of_a_mistyped_name_gets_a_hint() -> None:
    with pytest.raises(AttributeError, match="did you mean 'sigmoid'"):
        sw.sigmod


def test_importing_the_operations_needs_no_numpy() -> None:
    code = "import slopewise as sw, sys; sw.exp([1.0]); sw.Value(2.0).backward(); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
