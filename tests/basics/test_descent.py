"""Walking downhill: the article's five rates, why a walk stops, what a point of zero slope is."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise.errors import DomainError, NumberError, ShapeError


def parabola(x: Any) -> Any:
    return 3 * x**2 - 4 * x + 5


def test_the_first_step_in_words() -> None:
    walk = sw.descend(parabola, 3, lr=0.1)
    assert walk.steps[0].words == "slope +14 > 0, so x goes down by 0.1 · 14"
    assert str(walk.path[0]) == "x = 3, f = 20: slope +14 > 0, so x goes down by 0.1 · 14"
    assert walk.path[0].move == pytest.approx(-1.4)
    assert sw.descend(parabola, -1, lr=0.1).path[0].words == "slope −10 < 0, so x goes up by 0.1 · 10"


@pytest.mark.parametrize(
    ("rate", "stopped", "remark"),
    [
        (0.01, "steps used up", ""),
        (0.1, "converged", ""),
        (1 / 6, "converged", ""),
        (1 / 3, "steps used up", "it swings for ever between x ≈ −1.667 and x ≈ 3"),
        (0.34, "diverging", "it swings across the bottom, 1.04 times farther with each step"),
    ],
)
@pytest.mark.parametrize("steps", [20, 100])
def test_the_articles_rates(rate: float, stopped: str, remark: str, steps: int) -> None:
    walk = sw.descend(parabola, 3, lr=rate, steps=steps)
    if (rate, steps) == (0.1, 20):
        stopped = "steps used up"
    assert walk.stopped == stopped
    assert walk.remark.startswith(remark)
    assert bool(walk.remark) == bool(remark)
    assert walk.source == "backward()"


def test_one_sixth_needs_one_step() -> None:
    walk = sw.descend(parabola, 3, lr=1 / 6)
    assert len(walk) == 1
    assert walk.x == pytest.approx(2 / 3, abs=1e-15)
    assert walk.kind == "minimum"
    assert walk.converged
    assert walk.value == pytest.approx(11 / 3)


def test_the_path_holds_every_point() -> None:
    walk = sw.descend(parabola, 3, rate=0.1, steps=4)
    x = 3.0
    for step in walk.path:
        assert step.x == pytest.approx(x)
        assert step.value == pytest.approx(parabola(x))
        assert step.slope == pytest.approx(6 * x - 4)
        x -= 0.1 * (6 * x - 4)
    assert len(walk.path) == 5
    assert len(walk.steps) == len(walk) == 4
    assert walk.points[-1] == walk.x
    assert walk.values[-1] == walk.value
    assert walk.slopes[-1] == walk.slope


@pytest.mark.parametrize(
    ("f", "start", "kind", "words"),
    [
        (parabola, 2 / 3, "minimum", "a minimum, the curvature is 6 > 0"),
        (lambda x: -(x**2), 0.0, "maximum", "a maximum, the curvature is −2 < 0"),
        (lambda x: x**3, 0.0, "neither", "neither minimum nor maximum: the function falls on one side"),
        (lambda x: x**4, 0.0, "minimum", "a minimum: the function rises on both sides"),
        (lambda x: -(x**4), 0.0, "maximum", "a maximum: the function falls on both sides"),
        (lambda x: 5.0, 1.0, "level", "level ground"),
        (lambda x: x.relu(), -1.0, "level", "level ground"),
        (math.cos, 0.0, "maximum", "a maximum, the curvature is −1 < 0"),
        (lambda x, y: x * y, (0.0, 0.0), "neither", "a saddle, neither minimum nor maximum: the curvatures are −1, 1"),
        (lambda x, y: x**2 - y**2, (0.0, 0.0), "neither", "a saddle"),
        (lambda x, y: -(x**2) - y**2, (0.0, 0.0), "maximum", "a maximum, the curvatures are −2, −2"),
        (lambda x, y: x**2 + 2 * y**2, (0.0, 0.0), "minimum", "a minimum, the curvatures are 2, 4"),
        (lambda x, y: (x - y) ** 2, (1.0, 1.0), "minimum", "the bottom of a valley with a level floor"),
        (lambda x, y: x**2 + y**3, (0.0, 0.0), "neither", "neither minimum nor maximum"),
        (lambda x, y: 1.0, (0.0, 0.0), "level", "level ground"),
    ],
)
def test_flat_from_the_start_says_what_it_is(f: Any, start: Any, kind: str, words: str) -> None:
    walk = sw.descend(f, start)
    assert walk.stopped == "flat"
    assert len(walk) == 0
    assert walk.kind == kind
    assert words in walk.why
    assert walk.why.startswith("the slope at the start is ")


def test_arriving_on_a_plateau_is_flat_not_converged() -> None:
    walk = sw.descend(lambda x: x.relu(), 1.0, lr=0.7)
    assert walk.stopped == "flat"
    assert "but this is no minimum: level ground" in walk.why


def test_several_variables() -> None:
    walk = sw.descend(lambda x, y: x**2 + 3 * y**2 - x * y, (3.0, -2.0), lr=0.2)
    assert walk.converged
    assert walk.x == pytest.approx((0.0, 0.0), abs=1e-7)
    assert walk.path[0].words == (
        "slope in x +8 > 0, so x goes down by 0.2 · 8; slope in y −15 < 0, so y goes up by 0.2 · 15"
    )
    vector = sw.descend(lambda v: sum((c - 1) ** 2 for c in v), np.array([3.0, 4.0]), lr=0.4)
    assert vector.x == pytest.approx((1.0, 1.0))
    assert vector.path[0].names == ("v[0]", "v[1]")


def test_functions_for_floats_walk_too() -> None:
    walk = sw.descend(math.cos, 1.0, lr=0.5)
    assert walk.source == "finite differences"
    assert walk.converged
    assert walk.x == pytest.approx(math.pi)


def test_without_a_bottom_it_diverges() -> None:
    assert sw.descend(lambda x: -(x**2), 1.0, steps=1000).stopped == "diverging"
    assert "has no bottom on this side" in sw.descend(lambda x: -(x**2), 1.0, steps=1000).why
    out = sw.descend(lambda x: math.log(x), 1.0, lr=0.9)
    assert out.stopped == "diverging"
    assert "the value is nan" in out.why
    assert sw.descend(lambda x: x**4, 10.0, lr=1.0).stopped == "diverging"


def test_a_rate_that_changes() -> None:
    walk = sw.descend(parabola, 3, lr=lambda k: 0.1 if k else 1 / 6, steps=3)
    assert [step.rate for step in walk.path] == [1 / 6, 0.1]
    with pytest.raises(DomainError, match="the learning rate at step 1 must be a positive number, got 0"):
        sw.descend(parabola, 3, lr=lambda k: 0.1 if k == 0 else 0)


def test_no_steps_at_all() -> None:
    walk = sw.descend(parabola, 3, steps=0)
    assert walk.stopped == "steps used up"
    assert len(walk.path) == 1


def test_a_long_walk_is_printed_in_part() -> None:
    walk = sw.descend(parabola, 3, lr=0.01)
    lines = str(walk).splitlines()
    assert len(lines) == 14
    assert "… 89 more …" in lines[8]
    assert lines[-1] == "steps used up: after 100 steps the slope is still ≈ +0.02877"
    assert repr(walk).startswith("<Descent: steps used up after 100 steps at 0.67")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: sw.descend(parabola, 3, lr=0.1, rate=0.2),
            TypeError,
            "descend() takes lr or rate, which mean the same, and got both: lr=0.1, rate=0.2",
        ),
        (
            lambda: sw.descend(parabola, 3, lr=0),
            DomainError,
            "descend(): the learning rate must be a positive number, got 0\ntry lr=0.1",
        ),
        (
            lambda: sw.descend(parabola, 3, rate=-0.1),
            DomainError,
            (
                "descend(): the learning rate must be a positive number, got -0.1\n"
                "a negative rate walks uphill: minimise -f instead"
            ),
        ),
        (
            lambda: sw.descend(parabola, 3, steps=-1),
            DomainError,
            "descend(): steps must be a whole number of at least 0, got -1\ntry steps=100",
        ),
        (
            lambda: sw.descend(parabola, 3, steps=2.5),
            DomainError,
            "descend(): steps must be a whole number of at least 0, got 2.5\ntry steps=100",
        ),
        (
            lambda: sw.descend(math.log, -1.0),
            ValueError,
            "math domain error",
        ),
        (
            lambda: sw.descend(lambda x: x * math.inf, 1.0),
            DomainError,
            "descend(): the function is inf at the start 1.0\nstart where it is finite",
        ),
        (
            lambda: sw.descend(lambda x, y: x, 1.0),
            ShapeError,
            "descend(): start = 1.0 gives 1 number, and f(x, y) takes 2\ngive one number per argument, together: (2, 3)",
        ),
        (
            lambda: sw.descend(3, 1.0),
            NumberError,
            "descend() needs a function, got 3\ngive the function itself, not its result: f, not f(x)",
        ),
    ],
)
def test_messages(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert message in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 3), st.floats(-3, 3), st.floats(-5, 5), st.floats(0.05, 0.95))
def test_law_a_parabola_is_always_found_below_the_critical_rate(a: float, b: float, x: float, share: float) -> None:
    walk = sw.descend(lambda t: a * t * t + b * t, x, lr=share / a, steps=2000)
    assert walk.stopped in ("converged", "flat")
    assert walk.x == pytest.approx(-b / (2 * a), abs=1e-6)
    assert walk.kind == "minimum"


def test_the_cure_uses_the_users_word() -> None:
    with pytest.raises(DomainError, match=r"got 0\ntry rate=0.1"):
        sw.descend(lambda x: x * x, 1.0, rate=0)
    with pytest.raises(DomainError, match=r"got 0\ntry lr=0.1"):
        sw.descend(lambda x: x * x, 1.0, lr=0)
