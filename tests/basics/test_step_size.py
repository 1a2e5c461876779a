"""The study of step sizes: the V of tanh at 0.7, the missing V of a parabola."""

import math
from typing import Any

import pytest

import slopewise as sw
from slopewise.errors import DomainError


def test_tanh_shows_the_v() -> None:
    study = sw.step_size_study(lambda x: x.tanh(), 0.7)
    assert study.source == "backward()"
    assert study.exact == pytest.approx(1 - math.tanh(0.7) ** 2, rel=1e-15)
    assert [row.h for row in study.rows] == [10.0**-k for k in range(17)]
    assert study.best_forward is not None
    assert study.best_central is not None
    assert study.best_forward.h in (1e-9, 1e-8, 1e-7)
    assert study.best_central.h in (1e-4, 1e-5, 1e-6)
    assert study.best_method == "central"
    assert study.best_h == study.best_central.h
    forward = [row.forward_error for row in study.rows]
    central = [row.central_error for row in study.rows]
    assert all(a > 8 * b for a, b in zip(forward[1:6], forward[2:7], strict=True))
    assert all(a > 80 * b for a, b in zip(central[1:4], central[2:5], strict=True))
    assert forward[15] > 1e4 * min(forward)
    assert central[15] > 1e6 * min(central)


def test_the_predicted_truncation_is_taylors() -> None:
    study = sw.step_size_study(lambda x: x.tanh(), 0.7)
    t = math.tanh(0.7)
    assert study.forward_truncation == pytest.approx(t * (1 - t * t), rel=0.01)
    assert study.central_truncation == pytest.approx((1 - t * t) * abs(6 * t * t - 2) / 6, rel=0.05)


def test_a_parabola_has_no_central_truncation_and_says_so() -> None:
    study = sw.step_size_study(lambda x: 3 * x**2 - 4 * x + 5, 3.0)
    assert study.forward_has_truncation
    assert not study.central_has_truncation
    assert study.forward_truncation == pytest.approx(3.0, rel=1e-3)
    assert study.best_central is not None
    assert study.best_central.h == 1.0
    assert "central: best at h = 1, error = 0; no truncation, for the function is a line or a parabola" in study.reason


def test_a_line_has_none_at_all() -> None:
    study = sw.step_size_study(lambda x: 2 * x, 1.5)
    assert not study.forward_has_truncation
    assert not study.central_has_truncation


@pytest.mark.parametrize(("f", "x"), [(math.log, 0.001), (math.exp, 3.0), (lambda x: x**3, 100.0), (math.sin, 1e4)])
def test_curved_functions_have_truncation_at_any_scale(f: Any, x: float) -> None:
    study = sw.step_size_study(f, x)
    assert study.forward_has_truncation
    assert study.central_has_truncation


def test_functions_for_floats_are_measured_against_the_extrapolation() -> None:
    study = sw.step_size_study(math.tanh, 0.7)
    assert study.source == "extrapolation"
    assert abs(study.exact - (1 - math.tanh(0.7) ** 2)) <= 10 * study.exact_error + 1e-15


def test_undefined_neighbours_are_nan_and_never_best() -> None:
    study = sw.step_size_study(lambda x: x.log(), 0.001, steps=[0.1, 1e-4])
    assert math.isnan(study.rows[0].central)
    assert study.best_central is study.rows[1]


def test_the_print() -> None:
    text = str(sw.step_size_study(lambda x: x.tanh(), 0.7, steps=[1e-5, 0.1, 1e-7]))
    lines = text.splitlines()
    assert lines[0] == "slope in x at x = 0.7: ≈ 0.634739589982 (by backward())"
    assert lines[2].split() == ["h", "forward", "error", "central", "error"]
    assert lines[3].split()[0] == "0.1"
    assert lines[4].endswith("best central")
    assert lines[5].endswith("best forward")
    assert "above it truncation rules, about 0.38·h, below it rounding" in text


def test_messages() -> None:
    with pytest.raises(DomainError, match=r"step_size_study\(\): h must be a positive number, got 0"):
        sw.step_size_study(math.tanh, 0.7, steps=[0])
    with pytest.raises(DomainError, match=r"step_size_study\(\) needs at least one step, got none"):
        sw.step_size_study(math.tanh, 0.7, steps=[])
    with pytest.raises(DomainError, match="not finite"):
        sw.step_size_study(lambda x: x.sqrt(), 0.0)
    with pytest.raises(DomainError, match="wrt=3 is out of range"):
        sw.step_size_study(math.tanh, 0.7, wrt=3)


def test_a_kink_is_named_and_no_step_is_called_best() -> None:
    study = sw.step_size_study(abs, 0)
    assert (study.left, study.right) == (-1.0, 1.0)
    text = str(study)
    assert "a kink: the slope is −1 from the left and 1 from the right, so no step gives a single slope" in text
    assert "best" not in text and "truncation" not in text
    assert "central differences settle on" in str(sw.step_size_study(lambda x: abs(float(x)), 0.0))
    hinge = sw.step_size_study(lambda x: sw.relu(x), 0)
    assert (hinge.left, hinge.right) == (0.0, 1.0)
    assert sw.step_size_study(sw.tanh, 0.7).left is None
    assert sw.step_size_study(abs, 0.001).left is None
