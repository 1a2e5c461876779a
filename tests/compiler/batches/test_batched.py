"""`batched`: rows side by side, each on its own path, in order."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.errors import DomainError, ShapeError


def line(x: Any, w: Any) -> Any:
    return w[0] * x + w[1]


def test_arrays_lists_and_shared_arguments() -> None:
    expected = np.array([15.0, 25.0, 35.0])
    w = np.array([10.0, 5.0])
    for x in (
        [1.0, 2.0, 3.0],
        (1.0, 2.0, 3.0),
        [1, 2, 3],
        np.array([1, 2, 3]),
        np.array([1.0, 2.0, 3.0], dtype=np.float32),
    ):
        for shared in ("w", 1, ("w",), -1):
            found = sw.batched(line, shared=shared)(x, w)
            assert found.dtype == np.float64
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(sw.batched(line, shared="w")(x=[1.0, 2.0, 3.0], w=w), expected)
    rows = np.array([[10.0, 5.0], [20.0, 1.0]])
    np.testing.assert_array_equal(sw.batched(line)([1.0, 2.0], rows), [15.0, 41.0])
    np.testing.assert_array_equal(sw.batched(line)([1.0, 2.0], rows.tolist()), [15.0, 41.0])
    np.testing.assert_array_equal(sw.batched(line)(np.arange(4.0)[::2], rows[::-1]), [1.0, 25.0])  # strided


def test_nests_of_arrays() -> None:
    @dataclass
    class Pair:
        a: Any
        b: Any

    expected = np.array([3.0, 10.0])
    a, b = np.array([1.0, 2.0]), np.array([[2.0], [4.0]])
    np.testing.assert_array_equal(
        sw.batched(lambda d: d["a"] * (d["b"][0] + d["k"]))({"a": a, "b": b, "k": [1.0, 1.0]}), expected
    )
    np.testing.assert_array_equal(sw.batched(lambda p: p.a * (p.b[0] + 1))(Pair(a, b)), expected)
    np.testing.assert_array_equal(sw.batched(lambda p: p[0] * (p[1][0] + 1))((a, b)), expected)
    np.testing.assert_array_equal(sw.batched(lambda p: p[0] * (p[1][0] + 1))([a, b]), expected)
    records = [{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 4.0}]
    np.testing.assert_array_equal(sw.batched(lambda r: r["a"] * (r["b"] + 1))(records), expected)


def test_the_forms_of_results() -> None:
    f = lambda x: {"twice": 2 * x, "parts": [x, (np.array([1.0, 2.0]) * x,)], "name": "f"}
    found = sw.batched(f)(np.array([1.0, 3.0]))
    np.testing.assert_array_equal(found["twice"], [2.0, 6.0])
    np.testing.assert_array_equal(found["parts"][0], [1.0, 3.0])
    np.testing.assert_array_equal(found["parts"][1][0], [[1.0, 2.0], [3.0, 6.0]])
    assert found["name"] == "f" and type(found["parts"][1]) is tuple


def test_truths_come_as_bools() -> None:
    found = sw.batched(lambda x: (x > 1, [x, x.data == 2], x))(np.array([1.0, 2.0]))
    assert found[0].dtype == bool and found[0].tolist() == [False, True]
    assert found[1][1].tolist() == [False, True] and found[1][0].dtype == found[2].dtype == np.float64


def test_rows_on_different_paths_come_back_in_order() -> None:
    def f(x: Any) -> Any:
        steps = 0
        while x > 1:
            x = x / 2
            steps += 1
        return x * 100 + steps if x > 0.75 else -x

    xs = np.random.default_rng(0).uniform(-3, 40, 500)
    k = sw.batched(f)
    np.testing.assert_array_equal(k(xs), [f(x) for x in xs.tolist()])
    np.testing.assert_array_equal(k(xs[::-1]), [f(x) for x in xs[::-1].tolist()])
    assert 2 < len(k.paths) < 20


def test_a_nan_takes_its_own_path() -> None:
    found = sw.batched(lambda x: 1.0 if x > 0 else 2.0 if x <= 0 else 3.0)(np.array([1.0, np.nan, -1.0]))
    np.testing.assert_array_equal(found, [1.0, 3.0, 2.0])


def test_more_paths_than_are_kept() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for bit in range(7):  # 128 paths
            if x % 2 >= 1:
                total = total + sw.sin(x) * bit
            x = (x - x % 2) / 2 if bit % 2 else (x - x % 2) * 0.5
        return total

    xs = [float(n) for n in range(128)]
    expected = [f(sw.Value(x)) for x in xs]
    with pytest.warns(sw.errors.PathWarning, match="64 different paths"):
        found = sw.batched(f)(xs)
    np.testing.assert_allclose(found, [float(getattr(y, "data", y)) for y in expected], rtol=1e-12, atol=1e-12)
    with pytest.raises(sw.errors.PathError):
        sw.batched(f, strict=True)(xs)


def test_rows_with_ints_that_choose() -> None:
    table = [10.0, 20.0, 30.0]
    np.testing.assert_array_equal(
        sw.batched(lambda i, x: table[i] * x)([2, 0, 1, 2], [1.0, 2.0, 3.0, 4.0]), [30.0, 20.0, 60.0, 120.0]
    )


def test_rows_of_unequal_lengths_run_one_after_another() -> None:
    np.testing.assert_array_equal(
        sw.batched(lambda row: sum(row))([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]), [3.0, 3.0, 15.0]
    )


def test_state_is_written_row_by_row() -> None:
    total = sw.Value(0.0)

    def f(x: Any) -> Any:
        total.data = total.data + x.data
        return total.data * 1.0

    np.testing.assert_array_equal(sw.batched(f)([1.0, 2.0, 3.0]), [1.0, 3.0, 6.0])
    assert total.data == 6.0


def test_values_from_outside_are_read_again() -> None:
    w = sw.Value(2.0)
    k = sw.batched(lambda x: w * x)
    np.testing.assert_array_equal(k([1.0, 2.0]), [2.0, 4.0])
    w.data = 3.0
    np.testing.assert_array_equal(k([1.0, 2.0]), [3.0, 6.0])


def test_it_composes() -> None:
    x, w = np.array([1.0, 2.0, -1.0]), np.array([10.0, 5.0])
    f: Callable[..., Any] = lambda x, w: sw.sin(line(x, w) ** 2)
    rows: list[Any] = [f(a, w) for a in x]
    np.testing.assert_allclose(sw.batched(f, shared="w")(x, w), rows, rtol=1e-13)
    gradients = np.array([sw.grad(f, wrt="w")(a, w) for a in x.tolist()])
    np.testing.assert_allclose(sw.batched(sw.grad(f, wrt="w"), shared="w")(x, w), gradients, rtol=1e-12)
    values, both = sw.batched(sw.value_and_grad(f, wrt=("x", "w")), shared="w")(x, w)
    np.testing.assert_allclose(values, rows, rtol=1e-12)
    np.testing.assert_allclose(both[1], gradients, rtol=1e-12)
    mean = lambda w: sw.mean(sw.batched(f, shared="w")(x, w))
    np.testing.assert_allclose(sw.grad(mean)(w), gradients.mean(axis=0), rtol=1e-12)
    hessians = np.array([sw.hessian(f, wrt="w")(a, w) for a in x.tolist()])
    np.testing.assert_allclose(sw.batched(sw.hessian(f, wrt="w"), shared="w")(x, w), hessians, rtol=1e-11)
    np.testing.assert_allclose(sw.hessian(mean)(w), hessians.mean(axis=0), rtol=1e-11, atol=1e-9)
    np.testing.assert_allclose(sw.jacobian(sw.batched(f, shared="w"), wrt="w")(x, w), gradients, rtol=1e-12)
    tangents = sw.batched(sw.jvp(f), shared="w")(x, w, tangent=[1.0, 1.0, 2.0])[1]
    np.testing.assert_allclose(
        tangents, [sw.jvp(f)(a, w, tangent=t)[1] for a, t in zip(x, (1.0, 1.0, 2.0))], rtol=1e-12
    )
    twice = sw.batched(sw.batched(lambda a, b: a * b + 1, shared="b"), shared="b")
    np.testing.assert_array_equal(twice(np.arange(6.0).reshape(2, 3), 2.0), np.arange(6.0).reshape(2, 3) * 2 + 1)
    outer = sw.batched(sw.batched(lambda a, b: a * b, shared="b"), shared="a")
    np.testing.assert_array_equal(outer(np.arange(3.0), np.arange(2.0)), np.outer(np.arange(2.0), np.arange(3.0)))


def test_a_default_that_is_differentiated_by_is_shared() -> None:
    f = lambda x, scale=2.0: x * scale
    np.testing.assert_array_equal(sw.batched(sw.grad(f, wrt="scale"))(np.array([1.0, 2.0])), [1.0, 2.0])


def test_it_shows_the_program_of_one_row() -> None:
    k = sw.batched(line, shared="w")
    k(np.arange(5.0), [1.0, 2.0])
    assert k.program.n_inputs == 3 and k.program.n_equations == 2
    assert repr(k) == "<batched line>"


def test_an_error_in_a_row_comes_out() -> None:
    def f(x: Any) -> Any:
        if x > 2:
            raise ValueError("too large")
        return x

    with pytest.raises(ValueError, match="too large"):
        sw.batched(f)([1.0, 3.0])


def test_the_results_are_new_arrays_each_time() -> None:
    k = sw.batched(lambda x: x * 1)
    first = k(np.arange(3.0))
    first[:] = 9.0
    np.testing.assert_array_equal(k(np.arange(3.0)), [0.0, 1.0, 2.0])


def test_batches_in_exact_mode_are_the_rows_bit_for_bit() -> None:
    f: Callable[..., Any] = lambda x: sw.tanh(x * 3) ** 2 + sw.exp(x) / (x * x + 1)
    xs = np.random.default_rng(1).normal(size=64)
    found = sw.batched(f, exact=True)(xs)
    assert found.tolist() == [f(sw.Value(x)).data for x in xs.tolist()]


@pytest.mark.parametrize("batch", [[], np.zeros(0), np.zeros((0, 2)), {"a": np.zeros(0)}])
def test_an_empty_batch_is_refused(batch: Any) -> None:
    with pytest.raises(ShapeError, match="got no rows"):
        sw.batched(lambda x: x)(batch)


def test_ints_and_floats_mix_in_rows() -> None:
    product = sw.batched(sw.grad(lambda p: p[0] * p[1]))
    assert [x.tolist() for x in product([[1.0, 2], [3, 4]])] == [[2.0, 4.0], [1.0, 3.0]]
    same = sw.batched(lambda p: [p[0], p[1]])
    assert [x.tolist() for x in same([[1.0, 2], [3.5, 4], [5, 6]])] == [[1.0, 3.5, 5.0], [2.0, 4.0, 6.0]]
    assert [x.tolist() for x in same([[1.0, 2.0], [3, 4]])] == [[1.0, 3.0], [2.0, 4.0]]


def test_a_range_has_rows() -> None:
    assert sw.batched(lambda n: n * 2.0)(range(3)).tolist() == [0.0, 2.0, 4.0]


@sw.batched
def doubled(x: Any) -> Any:
    return x * 2.0


def test_copies_and_pickles_begin_anew() -> None:
    k = sw.batched(sw.grad(line, wrt="w"), shared="w", reduction="mean", backend="replay")
    xs, w = np.arange(4.0), [2.0, 1.0]
    assert k(xs, w) == [1.5, 1.0]
    for twin in (copy.copy(k), copy.deepcopy(k), pickle.loads(pickle.dumps(k))):
        assert twin is not k and twin.reduction == "mean" and not twin.runner.kernels
        assert twin(xs, w) == [1.5, 1.0] and twin.runner.backend == "replay"
    assert copy.deepcopy(k).row is not k.row
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    assert doubled(xs).tolist() == (2 * xs).tolist()


def test_no_reduction_and_the_dtypes_of_numpy() -> None:
    x = np.arange(3.0)
    dtype: Any
    assert sw.batched(lambda x: x * 2, reduction=None)(x).tolist() == [0.0, 2.0, 4.0]
    for dtype in (np.float64, "f8", float, np.dtype("d")):
        assert sw.batched(lambda x: x * 2, dtype=dtype).runner.dtype == "float64"
        assert sw.compile(abs, dtype=dtype).dtype == "float64"
    for dtype in (np.float32, "f4", "single", np.dtype("f")):
        assert sw.batched(lambda x: x * 2, dtype=dtype).runner.dtype == "float32"
    for dtype in (None, int, "half", "numbers", 3):
        with pytest.raises(DomainError, match="there is no dtype"):
            sw.compile(abs, dtype=dtype)
