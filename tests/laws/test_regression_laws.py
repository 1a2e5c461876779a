"""Least squares against exact rational arithmetic, and what must hold for any data."""

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise.errors import FitWarning

small = st.integers(min_value=-50, max_value=50)
tables = st.integers(min_value=1, max_value=3).flatmap(
    lambda columns: st.lists(
        st.lists(small, min_size=columns + 1, max_size=columns + 1), min_size=columns + 2, max_size=12
    )
)


def exact(rows: Any) -> Any:
    """Solve the normal equations with Fractions; None when the columns are dependent."""
    a = [[Fraction(1), *map(Fraction, row[:-1])] for row in rows]
    y = [Fraction(row[-1]) for row in rows]
    size = len(a[0])
    system: list[list[Any]] = [
        [sum(r[i] * r[j] for r in a) for j in range(size)] + [sum(r[i] * t for r, t in zip(a, y, strict=True))]
        for i in range(size)
    ]
    for i in range(size):
        pivot = next((k for k in range(i, size) if system[k][i] != 0), None)
        if pivot is None:
            return None
        system[i], system[pivot] = system[pivot], system[i]
        system[i] = [entry / system[i][i] for entry in system[i]]
        for k in range(size):
            if k != i:
                factor = system[k][i]
                system[k] = [entry - factor * top for entry, top in zip(system[k], system[i], strict=True)]
    return [float(row[-1]) for row in system]


@settings(max_examples=60, deadline=None)
@given(tables)
def test_qr_gives_the_exact_answer_rounded(rows: Any) -> None:
    right = exact(rows)
    x, y = [row[:-1] for row in rows], [row[-1] for row in rows]
    if right is None:
        with pytest.warns(FitWarning):
            assert sw.LinearRegression().fit(x, y).rank_deficient_
        return
    line = sw.LinearRegression().fit(x, y)
    size = max(1.0, *map(abs, y))
    np.testing.assert_allclose([line.intercept_, *line.coef_], right, rtol=1e-13, atol=1e-15 * size)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(min_value=-30, max_value=30), st.randoms(use_true_random=False))
def test_units_that_are_powers_of_two_and_the_order_of_rows_change_nothing(rows: Any, power: Any, random: Any) -> None:
    assume(exact(rows) is not None)
    x, y = np.array([row[:-1] for row in rows], dtype=float), np.array([row[-1] for row in rows], dtype=float)
    line = sw.LinearRegression().fit(x, y)
    scaled = sw.LinearRegression().fit(np.ldexp(x, power), y)
    np.testing.assert_allclose(np.ldexp(scaled.coef_, power), line.coef_, rtol=1e-13, atol=1e-14)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = sw.LinearRegression().fit(x[order], y[order])
    np.testing.assert_allclose(shuffled.coef_, line.coef_, rtol=1e-13, atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_residuals_stand_at_right_angles_to_every_column(rows: Any) -> None:
    x, y = np.array([row[:-1] for row in rows], dtype=float), np.array([row[-1] for row in rows], dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitWarning)
        line = sw.LinearRegression().fit(x, y)
    residuals = y - line.predict(x)
    for column in (np.ones(len(y)), *x.T):
        assert abs(column @ residuals) <= 1e-9 * (1 + np.linalg.norm(column) * np.linalg.norm(y))
