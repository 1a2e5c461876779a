"""`least_squares`: certified fits, uncertainties, bounds, and what does not determine its parameters."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.errors import FitWarning

NIST = json.loads((Path(__file__).parents[2] / "data" / "nist_nonlinear.json").read_text(encoding="utf-8"))["sets"]

MODELS: dict[str, Any] = {
    "Misra1a": lambda x, b1, b2: b1 * (1 - sw.exp(-b2 * x)),
    "Thurber": lambda x, b1, b2, b3, b4, b5, b6, b7: (
        (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)
    ),
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "Eckerle4": lambda x, b1, b2, b3: (b1 / b2) * sw.exp(-0.5 * ((x - b3) / b2) ** 2),
}


def digits(computed: float, certified: float) -> float:
    error = abs(computed - certified) / abs(certified)
    return 15.0 if error == 0 else -math.log10(error)


@pytest.mark.parametrize("name", sorted(NIST))
@pytest.mark.parametrize("start", [0, 1])
def test_certified_fits(name: str, start: int) -> None:
    data, certified = NIST[name]["data"], NIST[name]
    fit = sw.least_squares(lambda *b: [MODELS[name](x, *b) - y for y, x in data], tuple(certified["starts"][start]))
    assert fit.converged and fit.degrees_of_freedom == certified["degrees_of_freedom"]
    # Certified to 11 digits; every one of at least 10 is reached, from the far start too.
    assert min(map(digits, fit.x, certified["parameters"])) > 10
    assert min(map(digits, fit.standard_errors, certified["deviations"])) > 10
    assert digits(fit.sum_of_squares, certified["sum_of_squares"]) > 10
    assert digits(fit.residual_standard_deviation, certified["residual_deviation"]) > 10


def test_a_straight_line_as_linear_regression_has_it() -> None:
    rng = np.random.default_rng(3)
    x = np.linspace(0, 10, 30)
    y = 2 * x + 1 + rng.normal(scale=0.3, size=30)
    fit = sw.least_squares(lambda p: p["slope"] * x + p["at_0"] - y, {"slope": 0.0, "at_0": 0.0})
    line = sw.LinearRegression().fit(x, y)
    rows = {row.name: row for row in line.summary().rows}
    assert fit.x["slope"] == pytest.approx(line.coef_[0], rel=1e-12)
    assert fit.x["at_0"] == pytest.approx(line.intercept_, rel=1e-12)
    assert fit.standard_errors["at_0"] == pytest.approx(rows["intercept"].standard_error, rel=1e-10)
    low, high = fit.intervals(0.95)
    assert low["at_0"] == pytest.approx(rows["intercept"].low, rel=1e-10)
    assert high["at_0"] == pytest.approx(rows["intercept"].high, rel=1e-10)
    assert fit.correlation[0, 1] == pytest.approx(-np.mean(x) / np.sqrt(np.mean(x * x)), rel=1e-9)
    assert fit.covariance.shape == (2, 2) and fit.residuals.shape == (30,) and fit.jacobian.shape == (30, 2)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), fit.errors)


@pytest.mark.parametrize("sparse", [False, True])
def test_residuals_are_traced_once(sparse: bool) -> None:
    calls: list[Any] = []

    def residuals(a: Any, k: Any) -> list[Any]:
        calls.append(a)
        return [a * sw.exp(-k * s) - m for s, m in zip((0.0, 1.0, 2.0, 3.0), (2.0, 1.3, 0.7, 0.5), strict=True)]

    assert sw.least_squares(residuals, (1.0, 1.0), sparse=sparse).converged
    assert len(calls) <= 2  # a first trace may be checked by a second


def test_a_warning_names_the_line_of_the_call() -> None:
    with pytest.warns(FitWarning, match="do not determine") as caught:
        sw.least_squares(lambda a, b: [a + b - 1.0, a + b - 2.0, a + b - 3.0], (0.0, 0.0))
    assert caught[0].filename == __file__


def test_known_noise() -> None:
    residuals = lambda a: [(a - y) / 0.5 for y in (1.0, 2.0, 3.0, 4.0)]
    assert sw.least_squares(residuals, 0.0, unit_noise=True).standard_errors == pytest.approx(0.25)
    assert sw.least_squares(residuals, 0.0).standard_errors == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2)


def test_residuals_in_any_nest() -> None:
    f = lambda p: {"here": np.array([p[0] - 1.0, p[1] - 2.0], dtype=object), "there": [(p[0] - 3.0, p[1])]}
    fit = sw.least_squares(f, np.zeros(2))
    np.testing.assert_allclose(fit.x, [2.0, 1.0])
    assert fit.residuals == pytest.approx([1.0, -1.0, -1.0, 1.0])
    assert sw.least_squares(lambda a: (a - 1.0, a - 3.0), 0.0).x == pytest.approx(2.0)  # a tuple is residuals too


def test_bounds_hold() -> None:
    t, y = [0.0, 1.0, 2.0, 3.0], [2.0, 1.3, 0.7, 0.5]
    f = lambda a, k: [a * sw.exp(-k * s) - m for s, m in zip(t, y)]
    fit = sw.least_squares(f, (1.0, 1.0), bounds=((None, 0.6), None))
    assert fit.x[1] == pytest.approx(0.6, abs=1e-9) and fit.at_bounds == ("k",) and fit.degrees_of_freedom == 3
    assert math.isnan(fit.standard_errors[1]) and fit.standard_errors[0] > 0
    assert "at a bound" in str(fit) and fit.method == "trust region, reflective"
    free = sw.least_squares(f, (1.0, 1.0), bounds=(0.0, 10.0))
    assert free.at_bounds == () and free.x == pytest.approx(sw.least_squares(f, (1.0, 1.0)).x, rel=1e-6)
    assert sw.least_squares(f, (1.0, 1.0), bounds=[(0, None), (None, 5)], method="dogbox").converged
    on_edge = sw.least_squares(f, (0.0, 0.0), bounds=(0.0, None))
    assert on_edge.x == pytest.approx(free.x, rel=1e-6)


def test_what_the_residuals_do_not_determine() -> None:
    with pytest.warns(FitWarning, match="do not determine a, b:"):
        fit = sw.least_squares(
            lambda a, b, c: [a + b - y + 0 * c + c * k for k, y in enumerate((1.0, 2.0, 4.0))], (0.0, 0.0, 0.0)
        )
    assert math.isnan(fit.standard_errors[0]) and math.isnan(fit.standard_errors[1]) and fit.standard_errors[2] > 0
    assert fit.x[0] + fit.x[1] == pytest.approx(5 / 6)
    with pytest.warns(FitWarning, match="do not determine b:"):
        fit = sw.least_squares(lambda a, b: [a - y for y in (1.0, 2.0, 4.0)], (0.0, 0.0))
    assert fit.x[0] == pytest.approx(7 / 3) and "–" in str(fit)


def test_as_many_residuals_as_parameters() -> None:
    fit = sw.least_squares(lambda x, y: [x * y - 6.0, x + y - 5.0], (1.0, 4.0))
    assert sorted(fit.x) == pytest.approx([2.0, 3.0]) and fit.degrees_of_freedom == 0
    assert math.isnan(fit.residual_standard_deviation) and all(math.isnan(error) for error in fit.standard_errors)


def test_outliers_and_sparse_jacobians() -> None:
    x = np.arange(20.0)
    y = 3 * x + 1
    y[7] = 500.0
    f = lambda p: p[0] * x + p[1] - y
    robust = sw.least_squares(f, [0.0, 0.0], loss="soft_l1")
    assert robust.x == pytest.approx([3.0, 1.0], abs=0.2) and all(map(math.isnan, robust.errors))
    chain = lambda p: [p[0] - 1.0, *(3 * (b - a) for a, b in zip(p, p[1:])), p[-1] - 2.0]
    dense, sparse = sw.least_squares(chain, np.zeros(40)), sw.least_squares(chain, np.zeros(40), sparse=True)
    np.testing.assert_allclose(dense.x, sparse.x, atol=1e-6)
    np.testing.assert_allclose(dense.standard_errors, sparse.standard_errors, rtol=1e-5)


def test_steps_to_where_the_model_is_undefined() -> None:
    fit = sw.least_squares(lambda a: [sw.log(a) - m for m in (0.0, 0.2)], 8.0)  # the first step goes below 0
    assert fit.converged and fit.x == pytest.approx(math.exp(0.1))


def test_a_search_that_is_cut_off_says_so() -> None:
    fit = sw.least_squares(lambda a: [a**2 - 2, a - 1.4], 100.0, max_evaluations=2)
    assert not fit.converged and "did not converge" in str(fit) and "SciPy: " in str(fit)
