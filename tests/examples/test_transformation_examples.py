"""The examples of gradients, Jacobians and Hessians: their numbers against formulas and SciPy, and what they print."""

import importlib.util
import math
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from slopewise.engine import NATIVE

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    module.main()
    return capsys.readouterr().out.splitlines()


OPTIONS = [
    (100.0, 110.0, 0.75, 0.25, 0.03, 0.01),
    (42.0, 40.0, 0.5, 0.2, 0.1, 0.0),
    (80.0, 120.0, 2.0, 0.6, -0.005, 0.04),
]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_greek_is_its_closed_form(option: tuple[float, ...]) -> None:
    options = example("black_scholes")
    formulas = options.closed_forms(*option)
    assert set(formulas) == set(options.GREEKS)
    for name, formula in formulas.items():
        assert options.greek(name)(*option) == pytest.approx(formula, rel=1e-10, abs=1e-13), name


def test_black_scholes_prints_what_textbooks_have(capsys: pytest.CaptureFixture[str]) -> None:
    options = example("black_scholes")
    # Hull, Options, Futures, and Other Derivatives: S 42, K 40, r 10 %, volatility 20 %, six months: 4.76
    assert round(options.price(42.0, 40.0, 0.5, 0.2, 0.1, 0.0), 2) == 4.76
    lines = printed(options, capsys)
    assert lines[1] == "price 5.3674709836"
    rows = [line for line in lines if re.match(r".* \d?e[-+]\d\d$", line) or line.endswith("0e+00")]
    assert len(rows) == len(options.GREEKS)
    assert all(float(line.split()[-1]) < 1e-9 for line in rows)
    assert any(line.startswith("strike 110   price  5.367471   delta 0.393435   vega 33.128345") for line in lines)
    assert lines[-1].endswith("is 7.500000000000.")


def test_rosenbrock(capsys: pytest.CaptureFixture[str]) -> None:
    valley = example("rosenbrock")
    path = valley.newton([-1.2, 1.0])
    assert len(path) <= 9
    assert path[-1] == pytest.approx([1.0, 1.0], abs=1e-12)
    lines = printed(valley, capsys)
    assert lines[0] == "At (-1.2, 1) the value is 24.2 and the gradient (-215.6, -88)."
    assert [line.split() for line in lines[2:4]] == [["1330", "480"], ["480", "200"]]
    assert "  298 of 10,000 entries can differ from zero" in lines
    assert float(lines[-2].split()[-1]) < 1e-8
    assert float(lines[-1].split()[6]) < 1e-4


def test_logistic_regression(capsys: pytest.CaptureFixture[str]) -> None:
    model = example("logistic_regression")
    weights, losses = model.fit(np.zeros(3))
    assert losses[0] == pytest.approx(100 * math.log(2))
    assert losses == sorted(losses, reverse=True)

    # The same by reweighted least squares, which needs no derivatives of a program.
    design = np.column_stack([np.ones(len(model.points)), model.points])
    expected = np.zeros(3)
    for _ in range(20):
        p = 1 / (1 + np.exp(-design @ expected))
        information = design.T @ (design * (p * (1 - p))[:, None])
        expected = expected + np.linalg.solve(information, design.T @ ((model.labels > 0) - p))
    assert weights == pytest.approx(expected, rel=1e-9)

    lines = printed(model, capsys)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    row = next(line for line in lines if line.startswith("x "))
    assert [float(word) for word in row.split()[1:3]] == pytest.approx([expected[1], errors[1]], abs=1e-7)
    right = np.mean((design @ expected > 0) == (model.labels > 0))
    assert f"{right:.0%} of the points lie on their side of the line" in lines


@pytest.mark.skipif(not NATIVE, reason="takes the interpreted engine a minute")
def test_oscillator(capsys: pytest.CaptureFixture[str]) -> None:
    from scipy.optimize import curve_fit

    oscillator = example("oscillator")
    truth = (2.0, 0.1, 1.0, 0.0)
    assert oscillator.simulate(*truth, oscillator.TIMES) == pytest.approx(
        oscillator.exact(*truth, oscillator.TIMES), abs=1e-5
    )
    measured = oscillator.measurements(*truth, 0.05)
    found = oscillator.fit(measured, (1.5, 0.3, 0.5, 0.5), oscillator.BOUNDS)
    estimates, covariance = curve_fit(
        lambda times, *parameters: oscillator.exact(*parameters, times), oscillator.TIMES, measured, p0=truth
    )
    assert found.x == pytest.approx(estimates, abs=1e-4)
    assert found.standard_errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)
    lines = printed(oscillator, capsys)
    for name, true, estimate, error in (line.split() for line in lines[4:8]):
        assert abs(float(estimate) - float(true)) < 3 * float(error), name


def test_robot_arm(capsys: pytest.CaptureFixture[str]) -> None:
    arm = example("robot_arm")
    target = np.array([0.3, -0.9])
    for elbow_up in (False, True):
        formula = arm.by_formula(target, elbow_up)
        angles, errors = arm.reach(target, formula + 0.2)
        assert angles == pytest.approx(formula, abs=1e-9)
        assert errors[-1] < 1e-12
        shoulder, elbow = formula
        assert arm.jacobian(formula) == pytest.approx(
            np.array([[-target[1], -0.8 * math.sin(shoulder + elbow)], [target[0], 0.8 * math.cos(shoulder + elbow)]])
        )
    lines = printed(arm, capsys)
    angles = [line.split(None, 1)[1] for line in lines if line.startswith("  angles")]
    formulas = [line.removeprefix("  by formula ") for line in lines if line.startswith("  by formula")]
    assert len(angles) == 2 and angles == formulas
    assert any("elbow 0.0" in line and "determinant 0.0000" in line for line in lines)
    assert any(line.startswith("1.800000 away from the shoulder, in the direction of 45.0000°") for line in lines)
    assert lines[-1].startswith("  361 points, at most 3 steps")
