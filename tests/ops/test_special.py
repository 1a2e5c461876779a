"""Special functions made of rows: their digits beside SciPy's, their edges, their derivatives, compiled."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import slopewise as sw

inf, nan = math.inf, math.nan
NEAR = [*np.linspace(0.03, 12.0, 160), *np.linspace(-9.97, -0.03, 140), -3.0 + 1e-9, -1e-12, 1.0, 2.0, 10.0]
FAR = [1e-300, 1e-8, 40.0, 171.0, 1e5, 1e30, 1e200]

# The function, SciPy's, its derivative, the most that it may be off: of itself, or of 1 where it is small.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Any, Any, float]] = {
    "lgamma": (sw.lgamma, special.gammaln, special.digamma, 2e-14),
    "digamma": (sw.digamma, special.digamma, lambda x: math.pi**2 / np.sin(math.pi * x) ** 2 - special.zeta(2, 1 - x) if x < 0 else special.zeta(2, x), 2e-14),
    "gamma": (sw.gamma, special.gamma, lambda x: special.gamma(x) * special.digamma(x), 1e-12),
    "erfc": (sw.erfc, special.erfc, lambda x: -2 / math.sqrt(math.pi) * math.exp(-x * x), 1e-12),
    "cbrt": (sw.cbrt, np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), 5e-16),
}  # fmt: skip


def off(x: float, y: float) -> float:
    return 0.0 if x == y or (x != x and y != y) else abs(x - y) / max(abs(y), 1e-3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_digits(name: str) -> None:
    function, reference, _, bound = FUNCTIONS[name]
    for x in [*NEAR, *FAR]:
        expected = float(reference(x))
        if name == "gamma" and abs(expected) == inf:
            assert function(x) == inf
            continue
        error = abs(function(x) - expected)
        # Near a pole SciPy's digamma loses digits itself, as many as its size has.
        assert error <= bound * max(abs(expected), 1.0) * (abs(expected) if name == "digamma" and x < 0 else 1), x


def test_the_tail_of_erfc() -> None:
    for x in np.linspace(0.4, 26.0, 200):
        assert sw.erfc(float(x)) == pytest.approx(special.erfc(x), rel=1e-12, abs=0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_and_compiled_functions(name: str) -> None:
    function, _, derivative, _ = FUNCTIONS[name]
    kernel, slope = sw.compile(function), sw.grad(function)
    for x in (0.3, 0.5, 1.5, 2.0, 7.7, 9.99, 10.0, 10.5, 20.0, -0.3, -0.5, -0.7, -2.25, -7.1):
        v = sw.Value(x)
        out = function(v)
        out.backward()
        assert out.data == pytest.approx(function(x), rel=1e-14)
        assert v.grad == pytest.approx(derivative(x), rel=2e-13)
        assert slope(x) == pytest.approx(v.grad, rel=1e-13)
        assert kernel(x) == pytest.approx(out.data, rel=4e-15 if name != "erfc" else 1e-12)


@pytest.mark.parametrize("name", ["lgamma", "gamma", "erfc", "cbrt"])
def test_the_math_module_in_a_traced_function(name: str) -> None:
    if not hasattr(math, name):
        pytest.skip("a newer Python has it")
    function = getattr(math, name)
    assert sw.compile(lambda x: getattr(math, name)(x))(2.5) == pytest.approx(function(2.5), rel=1e-12)
    assert sw.grad(lambda x: getattr(math, name)(x))(2.5) == pytest.approx(FUNCTIONS[name][2](2.5), rel=1e-12)


EDGES = {
    "lgamma": {0.0: inf, -1.0: inf, -7.0: inf, inf: inf, -inf: nan, nan: nan, 1e308: inf},
    "digamma": {0.0: nan, -1.0: nan, inf: inf, -inf: nan, nan: nan},
    "gamma": {0.0: inf, -1.0: nan, inf: inf, nan: nan, 180.0: inf, -0.5: -2 * math.sqrt(math.pi)},
    "erfc": {0.0: 1.0, inf: 0.0, -inf: 2.0, nan: nan},
    "cbrt": {0.0: 0.0, inf: inf, -inf: -inf, nan: nan, 64.0: 4.0, -1000.0: -10.0},
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    for x, expected in EDGES[name].items():
        assert off(FUNCTIONS[name][0](x), expected) < 1e-12, x
        assert off(FUNCTIONS[name][0](sw.Value(x)).data, expected) < 1e-12, x


def test_the_slope_of_a_cube_root_at_zero() -> None:
    x = sw.Value(0.0)
    sw.cbrt(x).backward()
    assert x.grad == inf


def test_sequences() -> None:
    assert sw.gamma([1, 2.0]) == pytest.approx([1.0, 1.0]) and type(sw.lgamma((1.0,))) is tuple
    out = sw.cbrt(np.array([[8.0, 27.0]]))
    assert out.shape == (1, 2) and list(out[0]) == [2.0, 3.0]
    assert isinstance(sw.erfc([sw.Value(1.0)])[0], sw.Value)


def test_second_derivatives() -> None:
    assert sw.grad(sw.grad(sw.lgamma))(2.5) == pytest.approx(special.zeta(2, 2.5), rel=1e-12)
