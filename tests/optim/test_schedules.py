"""Schedules: their ends, their checks."""

import math
import pickle
from typing import Any

import pytest

from slopewise.errors import DomainError, NumberError
from slopewise.optim import SGD, Constant, Cosine, Exponential, Linear, StepDecay, WarmUp


def test_ends_are_exact_and_hold() -> None:
    for schedule in (Linear(1.0, 0.1, steps=7), Cosine(1.0, steps=7, end=0.1)):
        assert schedule(0) == 1.0
        assert schedule(7) == schedule(8) == schedule(10**9) == 0.1
    assert Constant(0.3)(10**9) == 0.3


def test_warm_up_with_a_number_and_a_schedule() -> None:
    assert [WarmUp(1.0, steps=1)(k) for k in range(3)] == [0.5, 1.0, 1.0]
    warm = WarmUp(Linear(1.0, 0.0, steps=2), steps=2)
    assert [warm(k) for k in range(5)] == pytest.approx([1 / 3, 2 / 3, 1.0, 0.5, 0.0])


def test_decay_goes_to_zero_and_growth_is_noticed() -> None:
    assert Exponential(1.0, factor=0.5)(10_000) == 0.0
    growing = Exponential(1.0, factor=10.0)
    assert growing(400) == math.inf
    assert StepDecay(1.0, factor=10.0, every=1)(400) == math.inf


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Constant(-1), DomainError, "Constant: lr=-1 must be 0 or more"),
        (lambda: Linear(1.0, math.nan, 5), DomainError, "Linear: end=nan"),
        (lambda: Linear(1.0, 0.1, 0), DomainError, "Linear: steps=0 must be a whole number from 1"),
        (lambda: Cosine(1.0, 2.5), DomainError, "steps=2.5"),  # type: ignore[arg-type]
        (lambda: StepDecay(1.0, 0.0, 1), DomainError, "factor=0.0 must be above 0"),
        (lambda: Exponential("1", 0.5), NumberError, "lr='1' is no number"),  # type: ignore[arg-type]
        (lambda: WarmUp(-0.1, steps=2), DomainError, "lr=-0.1"),
    ],
)
def test_checks(make: Any, error: Any, words: Any) -> None:
    with pytest.raises(error, match=words):
        make()


def test_they_print_compare_and_pickle() -> None:
    schedule = WarmUp(Cosine(0.1, steps=10), steps=2)
    assert repr(schedule) == "WarmUp(schedule=Cosine(lr=0.1, steps=10, end=0.0), steps=2)"
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert "lr=Linear(start=1.0, end=0.1, steps=5)" in repr(SGD(lr=Linear(1.0, 0.1, 5)))
