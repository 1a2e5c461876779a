"""Rows that part at an `if`: path by path at first, and then all paths as one."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import slopewise as sw


def bent(x: Any, w: Any) -> Any:
    y = x[0] * w
    for limit in (0.3, -0.4):
        y = y * x[1] if y > limit else sw.sin(y) + limit
    return y


def by_rows(f: Callable[..., Any], rows: np.ndarray, w: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values and gradients, row by row."""
    found = [sw.value_and_grad(f, wrt=(0, 1))(row, w) for row in rows]
    return np.array([v for v, _ in found]), np.array([g[0] for _, g in found]), np.array([g[1] for _, g in found])


def drawn(seed: int, n_rows: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_rows, 2))


def together(rows: Any) -> Any:
    (known,) = rows.runner.branched.values()
    return known


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_paths_are_put_together(reduction: str) -> None:
    k = sw.batched(sw.value_and_grad(bent, wrt=(0, 1)), shared="w", reduction=reduction)
    for seed in range(6):
        rows = drawn(seed)
        value, (by_x, by_w) = k(rows, 0.7)
        expected = by_rows(bent, rows, 0.7)
        if reduction != "none":
            expected = tuple(getattr(part, reduction)(axis=0) for part in expected)
        for one, other in zip((value, by_x, by_w), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    assert together(k).path is not None and together(k).path.calls >= 1


def test_a_path_that_comes_later_is_taken_in() -> None:
    f = lambda x: x * x if x > 0 else -x if x > -5 else sw.exp(x)
    k = sw.batched(sw.grad(f))
    two, three = [1.0, -1.0, 2.0], [1.0, -1.0, -6.0]
    for _ in range(5):
        assert k(two).tolist() == [2.0, -1.0, 4.0]
    assert together(k).n_paths == 2
    for _ in range(3):
        assert k(three).tolist() == [2.0, -1.0, math.exp(-6.0)]
        assert k(two).tolist() == [2.0, -1.0, 4.0]
    assert together(k).n_paths == 3
    assert k([3.0]).tolist() == [6.0]


def test_what_a_row_does_not_take_does_no_harm() -> None:
    f = lambda x: sw.sqrt(x) + 1 / x if x > 0 else -x
    k = sw.batched(sw.value_and_grad(f), reduction="sum")
    for _ in range(5):
        value, slope = k(np.array([4.0, 0.0, -1.0, 1.0]))
        assert (value, slope) == (2.25 + 0.0 + 1.0 + 2.0, 0.25 - 1 / 16 - 1 - 1 - 0.5)
    assert together(k).path is not None


def test_rows_that_hold_a_nan_take_the_path_of_a_nan() -> None:
    k = sw.batched(lambda x: 2 * x if x == x else 7.0)
    for _ in range(5):
        assert k(np.array([1.0, math.nan, 3.0])).tolist() == [2.0, 7.0, 6.0]


def test_other_forms_are_still_refused() -> None:
    k = sw.batched(lambda x: x if x > 0 else [x, x])
    for _ in range(5):
        with pytest.raises(sw.errors.ShapeError, match="a list of 2 numbers"):
            k([1.0, -1.0])


def test_too_many_paths_run_by_themselves() -> None:
    def steps(x: Any) -> Any:
        n = 0
        while x > 1:
            x, n = x / 2, n + 1
        return x * n

    k, rows = sw.batched(steps), [1.5 * 2.0**i for i in range(20)]
    for _ in range(5):
        assert k(rows).tolist() == [0.75 * (i + 1) for i in range(20)]
    assert together(k).path is None


def test_after_retracing_it_begins_anew() -> None:
    factor = 2.0

    def f(x: Any) -> Any:
        return x * factor if x > 0 else -x

    k = sw.batched(f)
    for _ in range(5):
        assert k([1.0, -1.0]).tolist() == [2.0, 1.0]
    factor = 3.0
    k.retrace()
    for _ in range(5):
        assert k([1.0, -1.0]).tolist() == [3.0, 1.0]


def test_labels_and_ifs() -> None:
    f = lambda x, label: x[label] ** 2 if x[0] > 0 else x[label] + 1
    k = sw.batched(sw.grad(f))
    rows, labels = np.array([[1.0, 2.0], [-1.0, 3.0], [2.0, 1.0], [-2.0, 4.0]]), [0, 1, 1, 0]
    for _ in range(6):
        assert k(rows, labels).tolist() == [[2.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 0.0]]


def test_labels_in_a_list_go_straight_to_the_kernel() -> None:
    loss = lambda w, x, label: sw.logsumexp([a * x for a in w]) - w[label] * x
    k = sw.batched(sw.grad(loss), shared="w", reduction="mean", backend="llvm")
    w, xs = np.array([0.5, -0.5, 1.0]), np.linspace(-1.0, 1.0, 6)
    for labels in ([0, 1, 2, 2, 1, 0], [1, 1, 0, 2, 0, 2], [0, 1, 2, 2, 1, 0], [2, 2, 2, 0, 0, 1]):
        by_array, by_list = k(w, xs, np.array(labels)), k(w, xs, labels)
        e = np.exp(np.outer(xs, w))
        expected = ((e / e.sum(axis=1, keepdims=True) - np.eye(3)[labels]) * xs[:, None]).mean(axis=0)
        np.testing.assert_allclose(by_array, expected, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(by_list, expected, rtol=1e-12, atol=1e-14)
    with pytest.raises(IndexError):
        k(w, xs, [0, 1, 2, 3, 1, 0])
