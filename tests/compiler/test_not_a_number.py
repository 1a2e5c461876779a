"""A nan differs from itself in a compiled function too: `a == a` is how Python asks whether a number is there."""

import math
from typing import Any

import numpy as np
import pytest

import slopewise as sw


@pytest.mark.parametrize("first", [1.0, math.nan])
def test_asked_by_an_if(first: float) -> None:
    def f(a: Any) -> Any:
        return 7.0 if a != a else 2 * a

    k = sw.compile(f)
    assert k(first) == f(first)
    assert [k(1.0), k(math.nan), k(3.0)] == [2.0, 7.0, 6.0]
    assert sw.grad(f)(math.nan) == 0.0
    assert sw.grad(f)(3.0) == 2.0


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_masks_over_rows(reduction: str) -> None:
    loss = lambda w, x: sum(sw.where(a == a, a, 0.0) * b for a, b in zip(x, w, strict=True)) ** 2
    rows = np.array([[1.0, 2.0], [math.nan, 1.0]])
    found = sw.batched(sw.grad(loss), shared="w", reduction=reduction)(np.ones(2), rows)
    expected = np.array([[6.0, 12.0], [0.0, 2.0]])
    assert found.tolist() == (expected.tolist() if reduction == "none" else expected.sum(axis=0).tolist())


def test_a_value_is_itself() -> None:
    v = sw.Value(math.nan)  # identity decides
    assert [v == v, v != v, v in [v], {v: 1}[v]] == [True, False, True, 1]

    def f(a: sw.Value) -> float:
        seen = {a: 5.0}
        return seen[a] + (1.0 if a in [a] else 0.0)

    assert sw.compile(f)(sw.Value(2.0)) == 6.0
