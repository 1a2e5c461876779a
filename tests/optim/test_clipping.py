"""Clipping by value and by the norm of all gradients."""

import math
from typing import Any

import pytest

from slopewise import Value
from slopewise.errors import AnomalyError, DomainError, NumberError
from slopewise.optim import clip_by_global_norm, clip_by_value


def with_gradients(*gradients: Any) -> Any:
    values = [Value(1.0) for _ in gradients]
    for v, g in zip(values, gradients, strict=True):
        v.grad = g
    return values


def test_by_value() -> None:
    values = with_gradients(-5.0, 0.25, 2, math.inf)
    clip_by_value(values, 1.0)
    assert [v.grad for v in values] == [-1.0, 0.25, 1.0, 1.0]


def test_by_norm_keeps_the_direction() -> None:
    values = with_gradients(3.0, -4.0, 0.0)
    assert clip_by_global_norm(values, 1.0) == 5.0
    assert [v.grad for v in values] == pytest.approx([0.6, -0.8, 0.0], rel=1e-15)
    assert math.hypot(*[v.grad for v in values]) == pytest.approx(1.0, rel=1e-15)


def test_small_gradients_are_left_alone() -> None:
    values = with_gradients(0.1, 0.2)
    assert clip_by_global_norm(values, 1.0) == pytest.approx(0.2236, rel=1e-3)
    assert [v.grad for v in values] == [0.1, 0.2]
    assert clip_by_global_norm(with_gradients(0.0), 0.0) == 0.0


def test_huge_gradients_do_not_overflow() -> None:
    values = with_gradients(3e300, 4e300)
    assert clip_by_global_norm(values, 5.0) == pytest.approx(5e300)
    assert [v.grad for v in values] == pytest.approx([3.0, 4.0])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_is_named(bad: Any) -> None:
    values = with_gradients(1.0, bad)
    values[1].label = "w"
    with pytest.raises(AnomalyError, match=r"the gradient of parameter 1 \(w\) is") as caught:
        clip_by_global_norm(values, 0.5)
    assert caught.value.node is values[1]
    assert values[0].grad == 1.0


def test_arguments() -> None:
    for clip in (clip_by_value, clip_by_global_norm):
        for limit in (-1.0, math.nan):
            with pytest.raises(DomainError, match="must be 0 or more"):
                clip([Value(1.0)], limit)
        with pytest.raises(NumberError, match="a Value is needed"):
            clip([1.0], 1.0)
