"""`minimize`: every method of SciPy on our derivatives, from starts of any form."""

from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.compiler.searches.optimisation import METHODS, WITHOUT_GRADIENT


def rosenbrock(x: Any, y: Any) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("method", [*(method for method in METHODS if method != "COBYLA"), None, "bfgs"])
def test_every_method_finds_the_valley(method: str | None) -> None:
    found = sw.minimize(rosenbrock, (-1.2, 1.0), method=method, max_iterations=2_000)
    assert found.converged and type(found.x) is tuple
    far = 0.02 if method in ("SLSQP", "Newton-CG", "trust-krylov", "TNC", "COBYQA") else 2e-3
    assert found.x == pytest.approx((1.0, 1.0), abs=far)
    assert found.value == pytest.approx(rosenbrock(*found.x), rel=1e-9)
    assert found.gradient == pytest.approx(sw.grad(rosenbrock, wrt=(0, 1))(*found.x), abs=1e-9)
    assert found.evaluations > 0 and (found.method in METHODS)
    if method in WITHOUT_GRADIENT:
        assert "minimum found by" in str(found)


def test_exact_hessians_arrive_at_the_last_digits() -> None:
    found = sw.minimize(rosenbrock, (-1.2, 1.0), method="trust-exact")
    assert found.x == pytest.approx((1.0, 1.0), rel=1e-7) and found.iterations < 40
    many = lambda x: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))
    found = sw.minimize(many, np.full(150, 0.5), method="trust-krylov", tolerance=1e-8)  # Hessian times direction
    np.testing.assert_allclose(found.x, 1.0, rtol=1e-6)


def test_the_form_of_the_start() -> None:
    f = lambda p: (p["a"] - 1) ** 2 + sw.sum((p["b"] - p["a"]) ** 2)
    found = sw.minimize(f, {"a": 0, "b": np.zeros(2), "name": "kept"})
    assert found.x["a"] == pytest.approx(1.0, abs=1e-5) and found.x["name"] == "kept"
    np.testing.assert_allclose(found.x["b"], [1.0, 1.0], atol=1e-5)
    assert set(found.gradient) == {"a", "b", "name"} and found.names == ("p['a']", "p['b'][0]", "p['b'][1]")
    assert sw.minimize(lambda x: (x - 2) ** 2, 0).x == pytest.approx(2.0, abs=1e-6)
    assert sw.minimize(lambda *xs: sum((x - 1) ** 2 for x in xs), (0.0, 0.0, 3.0)).x == pytest.approx(
        (1, 1, 1), abs=1e-5
    )
    assert sw.minimize(lambda p: (p[0] - 1) ** 2 + p[1] ** 2, (0.0, 3.0)).x == pytest.approx((1, 0), abs=1e-5)
    assert sw.minimize(lambda p, scale=2.0: scale * (p[0] - 1) ** 2, [0.0]).x == pytest.approx([1.0], abs=1e-5)


def test_bounds() -> None:
    f = lambda x, y: (x - 3) ** 2 + (y + 1) ** 2
    for bounds in ((0.0, 2.0), ((0.0, 0.0), (2.0, None)), [(0, 2), (0, None)], (0.0, (2.0, None))):
        found = sw.minimize(f, (1.0, 1.0), bounds=bounds)
        assert found.x == pytest.approx((2.0, 0.0), abs=1e-9) and found.method == "L-BFGS-B" and found.converged
        assert found.gradient_norm == 0.0  # of what is free to move: nothing is
    assert sw.minimize(f, (1.0, 1.0), bounds=(None, None)).method == "BFGS"
    found = sw.minimize(lambda p: (p["x"] - 3) ** 2, {"x": 0.0}, bounds=(None, {"x": 1.5}))
    assert found.x["x"] == pytest.approx(1.5)


def test_constraints_are_differentiated_too() -> None:
    inside = {"type": "ineq", "fun": lambda x, y: 1 - x * x - y * y}
    found = sw.minimize(lambda x, y: x + y, (0.5, 0.1), constraints=inside)
    assert found.x == pytest.approx((-(0.5**0.5), -(0.5**0.5)), abs=1e-5) and found.method == "SLSQP"
    both = [inside, {"type": "eq", "fun": lambda x, y: [x - 2 * y]}]
    found = sw.minimize(lambda x, y: x + y, (0.5, 0.1), constraints=both)
    assert found.x == pytest.approx((-2 / 5**0.5, -1 / 5**0.5), abs=1e-5)
    found = sw.minimize(lambda x, y: x + y, (0.5, 0.1), constraints=both, method="trust-constr")
    assert found.x == pytest.approx((-2 / 5**0.5, -1 / 5**0.5), abs=1e-3)


def test_branches_and_steps_into_the_undefined() -> None:
    hinge = lambda x: (x - 1) ** 2 if x > 1 else (1 - x) ** 2 * 3
    assert sw.minimize(hinge, 5.0).x == pytest.approx(1.0, abs=1e-4)
    found = sw.minimize(lambda x: -sw.log(x) + x, 0.01)  # long steps leave the domain
    assert found.x == pytest.approx(1.0, abs=1e-4)


def test_a_tuple_result() -> None:
    found = sw.minimize(lambda x: ((x - 1) ** 2, {"more": x}), 0.0, method="trust-exact")
    assert found.x == pytest.approx(1.0) and type(found.value) is float


def test_callback_history_and_text() -> None:
    seen: list[tuple[Any, float]] = []
    found = sw.minimize(lambda p: (p["x"] - 1) ** 4, {"x": 3.0}, callback=lambda p, value: seen.append((p["x"], value)))
    assert [value for _, value in seen] == list(found.history) and found.history[-1] < 1e-4 < found.history[0]
    text = str(found).splitlines()
    assert text[0].startswith("minimum found by BFGS: ") and text[3].startswith("  p['x'] ≈ ")
    assert text[-1].startswith("SciPy: ")
    stopped = sw.minimize(rosenbrock, (-1.2, 1.0), max_iterations=3)
    assert not stopped.converged and stopped.iterations == 3 and str(stopped).startswith("no minimum found by BFGS")
    long = str(sw.minimize(lambda x: sw.sum(x * x), np.ones(40)))
    assert "… and 28 more" in long


def test_the_function_runs_a_few_times_only() -> None:
    calls = 0

    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return (x - 1) ** 4

    assert sw.minimize(f, 10.0).evaluations > 5
    assert calls <= 3  # traced, and traced again to compare


FALLING = ("BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP", "Newton-CG", "Nelder-Mead", "trust-constr")


@pytest.mark.parametrize("method", FALLING)
def test_what_falls_without_end_has_no_minimum(method: str) -> None:
    found = sw.minimize(lambda x: x * 1.0, 1.0, method=method)
    assert not found.converged and str(found).startswith("no minimum found by")
    assert np.isfinite(found.x) and np.isfinite(found.value)
    said = found.message.split("\n")[1:]
    assert (
        not said
        or said[0].startswith("f still falls at x ≈ −")
        or said == ["the largest slope there is 1: this is no minimum"]
    )


def test_a_search_that_ends_at_infinity_keeps_the_lowest_finite_point() -> None:
    found = sw.minimize(lambda x: -sw.exp(x), 1.0)
    assert not found.converged and np.isfinite(found.value) and found.x > 1.0
    assert found.message.endswith(": it may have no minimum; give bounds") and "\nf is −∞ at x ≈ " in found.message


@pytest.mark.parametrize("method", ["BFGS", "CG", "Newton-CG"])
@pytest.mark.parametrize(
    ("f", "start", "lowest"),
    [(lambda x: x - sw.log(x), 30.0, 1.0), (lambda x: 3 * x - sw.sqrt(x), 8.0, 1 / 36)],
    ids=["log", "sqrt"],
)
def test_steps_that_lead_to_nan_are_shortened(f: Any, start: float, lowest: float, method: str) -> None:
    found = sw.minimize(f, start, method=method)
    assert found.converged
    assert found.x == pytest.approx(lowest, rel=1e-3)


def test_where_a_function_was_nan_is_said_and_the_best_point_is_kept() -> None:
    found = sw.minimize(lambda x: sw.log(x) + x * x, 0.01)
    assert not found.converged and found.x == 0.01
    assert found.message.endswith("\nf is nan at x = −1: start nearer, or give bounds that leave this out")
    found = sw.minimize(lambda x: x - sw.log(x), 30.0, method="L-BFGS-B")
    assert not found.converged and np.isfinite(found.value) and 0 < found.x <= 30.0


def test_large_values_do_not_make_a_slope_small() -> None:
    found = sw.minimize(lambda x: (x - 2) ** 2 * 1e10 + 1e12, 30.0)
    assert found.converged and found.x == pytest.approx(2.0)


def test_methods_are_known_without_their_hyphens() -> None:
    assert sw.minimize(rosenbrock, (0.5, 0.5), method="lbfgs").method == "L-BFGS-B"
    assert sw.minimize(rosenbrock, (0.5, 0.5), method="trustexact").method == "trust-exact"


@pytest.mark.parametrize("method", ["COBYQA", "Powell"])
def test_a_plane_has_no_minimum(method: str) -> None:
    found = sw.minimize(lambda x, y: x + 2 * y, (1.0, 1.0), method=method)
    assert not found.converged and np.isfinite(found.value)


def test_an_error_of_the_function_is_no_word_of_scipys() -> None:
    def fails(x: Any) -> Any:
        if x > 3:
            raise ValueError("mine")
        return -x

    with pytest.raises(ValueError, match="mine"):
        sw.minimize(fails, 1.0)


@pytest.mark.parametrize("make", [lambda y: {"a": y}, lambda y: [y], lambda y: (y, "kept"), lambda y: np.array([y])])
def test_one_number_in_a_nest(make: Any) -> None:
    found = sw.minimize(lambda x: make((x - 1) ** 2), 3.0)
    assert found.converged and found.x == pytest.approx(1.0, abs=1e-6)
