"""Sparse Jacobians and Hessians: the same numbers as dense ones, with the structure found once."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

import slopewise as sw
from slopewise.errors import NumberError


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def test_the_hessian_of_rosenbrock() -> None:
    n = 50
    x = np.linspace(-1, 1, n)
    H = sw.hessian(rosenbrock, sparse=True)
    found = H(x)
    assert isinstance(found, sparse.csr_array) and found.shape == (n, n) and found.dtype == np.float64
    assert found.nnz == n + 2 * (n - 1) and found.has_canonical_format
    diagonal = np.full(n, 0.0)
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[1:] += 200
    expected = np.diag(diagonal) + np.diag(-400 * x[:-1], 1) + np.diag(-400 * x[:-1], -1)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-12)
    assert (found != found.T).nnz == 0
    np.testing.assert_array_equal(found.toarray(), sw.hessian(rosenbrock)(x))


def test_a_matrix_may_be_changed() -> None:
    H = sw.hessian(rosenbrock, sparse=True)
    first = H(np.zeros(3))
    first.data[:] = 7.0
    first.indices[:] = 0
    first.indptr[:] = 0
    np.testing.assert_array_equal(H(np.zeros(3)).toarray(), sw.hessian(rosenbrock)(np.zeros(3)))


def test_jacobians() -> None:
    f = lambda x, a: np.array([x[0] * a, 3.0, x[2] ** 2 + x[0], x[1] * 0 + a], dtype=object)
    x = np.array([1.0, 2.0, 3.0])
    found = sw.jacobian(f, sparse=True)(x, 5.0)
    np.testing.assert_array_equal(found.toarray(), [[5, 0, 0], [0, 0, 0], [1, 0, 6], [0, 0, 0]])
    by_x, by_a = sw.jacobian(f, wrt=("x", "a"), sparse=True)(x, 5.0)
    np.testing.assert_array_equal(by_x.toarray(), found.toarray())
    np.testing.assert_array_equal(by_a.toarray(), [[1], [0], [0], [1]])
    nested = sw.jacobian(lambda p: {"u": [p["a"] * p["b"][1]], "v": p["b"]}, sparse=True)
    found = nested({"a": 2.0, "b": np.array([3.0, 4.0])})
    np.testing.assert_array_equal(found.toarray(), [[4, 0, 2], [0, 1, 0], [0, 0, 1]])


def test_hessians_of_several_arguments() -> None:
    f = lambda a, b: (a[0] ** 2 * b[1] + b[0], "rest")
    (rows, rest) = sw.hessian(f, wrt=(0, 1), sparse=True)([2.0], [3.0, 5.0])
    assert rest == "rest"
    np.testing.assert_array_equal(rows[0][0].toarray(), [[10.0]])
    np.testing.assert_array_equal(rows[0][1].toarray(), [[0.0, 4.0]])
    np.testing.assert_array_equal(rows[1][0].toarray(), [[0.0], [4.0]])
    assert rows[1][1].shape == (2, 2) and rows[1][1].nnz == 0


def test_the_structure_belongs_to_the_path() -> None:
    k = sw.hessian(lambda x: x[0] * x[1] if x[0] > 0 else x[1] ** 2, sparse=True)
    assert k(np.array([1.0, 2.0])).toarray().tolist() == [[0, 1], [1, 0]]
    assert k(np.array([-1.0, 2.0])).toarray().tolist() == [[0, 0], [0, 2]]


def test_a_sparse_matrix_holds_no_traced_numbers() -> None:
    H = sw.hessian(rosenbrock, sparse=True)
    with pytest.raises(NumberError, match="ask for the dense one"):
        sw.grad(lambda x: H(x).sum())(np.zeros(3))


def test_many_numbers() -> None:
    n = 300
    found = sw.hessian(rosenbrock, sparse=True)(np.ones(n))
    assert found.nnz == 3 * n - 2 and found.sum() == pytest.approx(802 + 1002 * (n - 2) + 200 - 800 * (n - 1))
