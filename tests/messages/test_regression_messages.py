"""What `LinearRegression` says when it cannot fit, and when it fits otherwise than asked; word for word."""

from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.errors import FitWarning, SlopewiseError


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([], [], "X has no rows; there is nothing to fit"),
        ([[], []], [1, 2], "X has no columns (its shape is (2, 0)); there is nothing to fit on"),
        ([1, 2, 3], [1, 2], "X has 3 rows and y has 2; they must be equally many"),
        ([[1.0]], [1.0], "one row does not determine a line with an intercept\ngive two rows or more"),
        ([[1, 2], [3]], [1, 2], "X has rows of different lengths: row 0 has 2 and row 1 has 1"),
        ([1, "two"], [1, 2], "X holds 'two' at row 1, which is not a number"),
        ([[1, 2], [3, None]], [1, 2], "X has nothing (None) at row 1, column 1\nfill it in or leave the row out"),
        ([1, np.nan, np.nan], [1, 2, 3], "X has nan at row 1, column 0 (2 rows are affected)\nfill it in or leave the row out"),
        ({"a": [1, np.inf]}, [1, 2], "X has inf at row 1, column 'a'\nfill it in or leave the row out"),
        ([1, 2], [1, np.nan], "y has nan at row 1\nfill it in or leave the row out"),
        (5.0, [1.0], "X is the single number 5; give a sequence of rows, for example [5]"),
        ([1, 2], [[1, 2], [3, 4]], "y has the shape (2, 2); it takes one number for each of the 2 rows of X"),
        ([1e200, 1], [1, 2], "X holds 1e+200; beyond 1e+140 products leave the range of floats\nrescale it"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_fitted(x: Any, y: Any, message: Any) -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.LinearRegression().fit(x, y)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "QR"}, "no method 'QR' for LinearRegression\nthere are 'qr', 'normal', 'descent'"),
        ({"method": "decent"}, "no method 'decent' for LinearRegression\ndid you mean 'descent'?"),
        ({"lr": -1}, "lr must be a positive number, or None to let descent choose it, got -1"),
        ({"steps": 0}, "steps must be a whole number of at least 1, got 0"),
        (
            {"method": "normal", "solver": "qr"},
            "method='normal' and solver='qr' are two words for the same; give one of them",
        ),
    ],
)
def test_arguments(options: Any, message: Any) -> None:
    with pytest.raises(SlopewiseError) as caught:
        sw.LinearRegression(**options)
    assert str(caught.value) == message


def test_before_fit() -> None:
    with pytest.raises(SlopewiseError) as caught:
        _ = sw.LinearRegression().coef_
    assert str(caught.value) == "this LinearRegression has no coef_ yet\ncall fit(X, y) first"


def test_named_rank_deficiency() -> None:
    a, c, d = [1.0, 2, 3, 4, 6, 7], [3.0, 1, 4, 1, 5, 9], [7.0, 4, 11, 9, 2, 2]
    table = {"a": a, "b": [2 * x for x in a], "k": [0.5] * 6, "c": c, "d": d}
    with pytest.warns(FitWarning) as caught:
        sw.LinearRegression().fit(table, [1, 2, 3, 5, 8, 13])
    assert str(caught[0].message) == (
        "rank 4, not 6: b is 2·a; k is 0.5 in every row, which the intercept already covers; left out with coefficient 0"
    )


def test_normal_equations_without_a_solution() -> None:
    x = np.linspace(1, 2, 30)
    with pytest.raises(SlopewiseError) as caught:
        sw.LinearRegression("normal").fit(np.column_stack([x**k for k in range(1, 13)]), x)
    first, cure = str(caught.value).splitlines()
    assert first.startswith(
        "the normal equations have no solution in float64: they square the columns' condition number, "
    )
    assert first.endswith(", and a float holds 16 digits")
    assert cure == "use method='qr'"


def test_descent_that_does_not_arrive() -> None:
    x = [20.0, 25.0, 30.0, 33.0]
    with pytest.warns(FitWarning) as crawled:
        sw.LinearRegression("descent", steps=100).fit(x, [100, 150, 170, 220])
    assert str(crawled[0].message).startswith("descent has not arrived after 100 steps: its RSS ")
    assert str(crawled[0].message).endswith(
        "it crawls along a valley that is steep one way and flat the other; use more steps or standardize=True"
    )
    with pytest.warns(FitWarning) as flown:
        sw.LinearRegression("descent", lr=1.0).fit(x, [100, 150, 170, 220])
    assert str(flown[0].message).startswith("descent flew off: at lr 1 the RSS rose from 109800 to ")
    assert str(flown[0].message).endswith("use a smaller lr, lr=None or standardize=True")
