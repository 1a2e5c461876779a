"""`batched` as machine code: the rows as an axis of loops, stacked or added up."""

from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise.compiler.batches import row_paths
from slopewise.errors import DomainError

pytest.importorskip("llvmlite")

Arrays = list[np.ndarray[Any, Any]]


def loss(parameters: Any, x: Any, y: Any) -> Any:
    weights, biases, last = parameters
    hidden = [sw.tanh(sum((w * a for w, a in zip(row, x)), b)) for row, b in zip(weights, biases)]
    logits = [sum(w * h for w, h in zip(row, hidden)) for row in last]
    return sw.logsumexp(logits) - sum(t * z for t, z in zip(y, logits))


def data(n: int, seed: int = 0) -> tuple[Arrays, Any, Any]:
    rng = np.random.default_rng(seed)
    parameters = [rng.normal(size=(5, 4)), rng.normal(size=5), rng.normal(size=(3, 5))]
    return parameters, rng.normal(size=(n, 4)), np.eye(3)[rng.integers(0, 3, n)]


def assert_alike(found: Any, expected: Any, rtol: float = 1e-11, atol: float = 1e-12) -> None:
    assert type(found) is type(expected)
    if isinstance(found, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other, rtol, atol)
    elif isinstance(found, dict):
        assert list(found) == list(expected)
        for key in found:
            assert_alike(found[key], expected[key], rtol, atol)
    else:
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def is_compiled(k: Any) -> bool:
    return any(kernel is not None for made in k.runner.kernels.values() for kernel in made.by_count.values())


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_the_same_as_replay(reduction: str) -> None:
    f = sw.value_and_grad(loss)
    fast = sw.batched(f, shared=0, reduction=reduction, backend="llvm")
    slow = sw.batched(f, shared=0, reduction=reduction, backend="replay")
    for n, seed in ((1, 0), (9, 1), (9, 2)):
        arguments = data(n, seed)
        assert_alike(fast(*arguments), slow(*arguments))
    assert is_compiled(fast) and not is_compiled(slow)


def test_a_reduction_is_that_of_the_rows() -> None:
    f = sw.value_and_grad(loss)
    arguments = data(7)
    values, slopes = sw.batched(f, shared=0)(*arguments)
    for reduction, reduced in (("mean", np.mean), ("sum", np.sum)):
        for backend in ("llvm", "replay"):
            value, slope = sw.batched(f, shared=0, reduction=reduction, backend=backend)(*arguments)
            assert type(value) is float
            np.testing.assert_allclose(value, reduced(values), rtol=1e-12)
            for one, other in zip(slope, slopes, strict=True):
                np.testing.assert_allclose(one, reduced(other, axis=0), rtol=1e-11, atol=1e-12)


def test_enough_work_is_compiled_and_little_is_replayed() -> None:
    k = sw.batched(sw.value_and_grad(loss), shared=0)
    k(*data(4))
    assert not is_compiled(k)
    k(*data(500))
    assert is_compiled(k)
    exact = sw.batched(sw.value_and_grad(loss), shared=0, exact=True)
    exact(*data(500))
    k = sw.batched(lambda x: sum(x[0] * i for i in range(300)), exact=True)
    k(np.ones((200, 1)))
    assert not is_compiled(k)


def test_equations_without_loops_are_one_loop_over_the_rows() -> None:
    def f(p: Any, x: Any) -> Any:
        for k in range(30):
            x = sw.sin(x * p[k % 3]) if k % 7 else sw.exp(-x * x) + p[1] / (k + 1.5)
            x = x * 0.5 + p[(k * k) % 3] if k % 5 else sw.tanh(x) - 0.1 * k
        return x

    rng = np.random.default_rng(8)
    p, x = rng.normal(size=3), rng.normal(size=37)
    for reduction in ("none", "sum"):
        fast, slow = (
            sw.batched(sw.value_and_grad(f, wrt=(0, 1)), shared=0, reduction=reduction, backend=backend)
            for backend in ("llvm", "replay")
        )
        assert_alike(fast(p, x), slow(p, x), rtol=1e-9, atol=1e-11)
        assert is_compiled(fast)


def test_rows_on_different_paths_are_added_up() -> None:
    def f(x: Any, w: Any) -> Any:
        total = sum(a * b for a, b in zip(x, w))
        return total**2 if total > 0 else sw.sin(total)

    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(60, 3)), rng.normal(size=3)
    totals = x @ w
    expected = np.where(totals > 0, totals**2, np.sin(totals))
    for backend in ("llvm", "replay"):
        np.testing.assert_allclose(sw.batched(f, shared=1, backend=backend)(x, w), expected, rtol=1e-12)
        k = sw.batched(f, shared=1, reduction="mean", backend=backend)
        for rows in (slice(None), slice(0, 30), slice(None)):
            np.testing.assert_allclose(k(x[rows], w), expected[rows].mean(), rtol=1e-12)
        assert len(k.paths) == 2


def test_many_numbers_of_rows_make_few_kernels() -> None:
    k = sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean", backend="llvm")
    slow = sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean", backend="replay")
    for n in (3, 5, 6, 7, 8, 9, 10, 11, 45, 300):
        arguments = data(n, n)
        assert_alike(k(*arguments), slow(*arguments))
    (made,) = k.runner.kernels.values()
    assert len(made.by_count) <= 10


def test_arguments_of_all_forms() -> None:
    def f(w: Any, d: Any, scale: Any, y: Any) -> Any:
        return {"fit": scale * sum(a * b for a, b in zip(w["a"], d["x"])) - y, "parts": [d["k"] * y, (y * y, w["b"])]}

    rng = np.random.default_rng(5)
    w: Any = {"a": rng.normal(size=3), "b": 2.0}
    d: Any = {"x": rng.normal(size=(8, 3)), "k": rng.normal(size=8)}
    y: Any
    for y in (rng.normal(size=8), rng.normal(size=8).tolist(), rng.integers(0, 9, 8), rng.normal(size=16)[::2]):
        fast, slow = (sw.batched(f, shared=(0, "scale"), backend=backend) for backend in ("llvm", "replay"))
        for scale in (3.0, 4.0):
            found = fast(w, d, scale, y)
            assert_alike(found, slow(w, d, scale, y), rtol=1e-13)
            np.testing.assert_allclose(found["fit"], scale * d["x"] @ w["a"] - np.array(y), rtol=1e-12, atol=1e-13)
            np.testing.assert_array_equal(found["parts"][1][1], np.full(8, 2.0))


def test_what_is_captured_is_read_at_each_call() -> None:
    w = [sw.Value(0.5), sw.Value(-1.0)]
    k = sw.batched(lambda x: sum(a * b for a, b in zip(w, x)), reduction="sum", backend="llvm")
    x = np.arange(6.0).reshape(3, 2)
    assert k(x) == pytest.approx(0.5 * 6 - 9)
    w[0].data = 2.0
    assert k(x) == pytest.approx(2.0 * 6 - 9)
    assert k(x + 1) == pytest.approx(2.0 * 9 - 12)


def test_truths_are_counted() -> None:
    f = lambda w, x, y: (sum(a * b for a, b in zip(w, x)).data > 0) == (y > 0)
    x, y = np.random.default_rng(1).normal(size=(40, 3)), np.random.default_rng(2).normal(size=40)
    w = np.array([1.0, 0.5, -1.0])
    right = ((x @ w > 0) == (y > 0)).sum()
    for backend in ("llvm", "replay"):
        assert sw.batched(f, shared=0, reduction="mean", backend=backend)(w, x, y) == right / 40
        assert sw.batched(f, shared=0, reduction="sum", backend=backend)(w, x, y) == right
    assert sw.batched(lambda x: x > 0, reduction="mean", backend="llvm")(np.ones(49)) == 1.0


def test_inside_a_trace_and_row_by_row() -> None:
    mean = lambda w, x: sw.batched(lambda w, x: sw.exp(w * x), shared=0, reduction="mean")(w, x)
    x = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(sw.grad(mean)(0.3, x), (x * np.exp(0.3 * x)).mean(), rtol=1e-12)
    assert sw.batched(lambda row: sum(row), reduction="sum")([[1.0, 2.0], [3.0], [4.0, 5.0]]) == 15.0
    count = sw.Value(0.0)

    def counted(x: Any) -> Any:
        count.data = count.data + 1.0
        return x * count.data

    assert sw.batched(counted, reduction="mean")([1.0, 2.0, 3.0]) == pytest.approx(14 / 3)


def test_the_report_says_what_runs_the_rows() -> None:
    k = sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean", backend="llvm")
    k(*data(9))
    (made,) = k.report().kernels
    assert (made.title, made.runs_as, made.outputs) == ("9 rows", "machine code", 41)
    assert "equations a row in" in str(k.report())


def lanes(f: Any, *args: Any, **options: Any) -> str:
    """Return what the report says of rows in lanes, and of nothing else."""
    k = sw.batched(f, **options)
    k(*args)
    (made,) = k.report().kernels
    assert made.title == "rows in lanes" and made.runs_as == "replay"
    return made.why


def test_the_report_says_why_rows_are_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    def square(x: Any) -> Any:
        return x * x

    small = "1 equation a row, and machine code is made where those of all rows come to 10,000"
    xs = np.arange(100.0)
    assert lanes(square, xs).startswith(f"{small}, or after ")
    looked_up = lanes(lambda x: x * {0.0: 1.0, 1.0: 2.0}[x.data], np.zeros(20_000))
    assert looked_up == "its rows have too many loops, or look a float up"
    assert lanes(square, xs, backend="replay") == "asked for by backend='replay'"
    assert lanes(square, xs, exact=True) == "exact=True computes just what the eager sweep does"
    monkeypatch.setenv("SLOPEWISE_LLVM", "off")
    assert lanes(square, xs) == "machine code is switched off: unset SLOPEWISE_LLVM, which is off"


def test_single_numbers_of_any_kind_are_shared() -> None:
    k = sw.batched(lambda x, rate, power: rate * x**2 + power, shared=(1, 2), backend="llvm")
    x = np.arange(5.0)
    for rate in (0.5, np.float64(2.0), 3, True, np.float32(0.25)):
        for power in (2, 3, 3.5, np.int64(4)):
            np.testing.assert_array_equal(k(x, rate, power), float(rate) * x**2 + float(power))
    chosen = sw.batched(lambda x, i: x * [1.0, 10.0, 100.0][i], shared=1, backend="llvm")
    for i in (0, 2, 1, 0):
        np.testing.assert_array_equal(chosen(x, i), x * 10.0**i)
    with pytest.raises((OverflowError, sw.errors.NumberError)):
        k(x, 10**400, 1.0)


def test_forgetting_what_was_traced() -> None:
    rate = 2.0
    k = sw.batched(lambda x: rate * x, backend="llvm")
    x = np.arange(3.0)
    np.testing.assert_array_equal(k(x), 2.0 * x)
    rate = 3.0
    k.retrace()
    np.testing.assert_array_equal(k(x), 3.0 * x)


def test_results_are_new_arrays_each_time() -> None:
    k = sw.batched(lambda x: (x * 2, x + 1), backend="llvm")
    x = np.arange(4.0)
    first, _ = k(x)
    second, _ = k(x)
    second[:] = 7.0
    np.testing.assert_array_equal(first, 2 * x)


def test_large_results_stay_what_they_are_while_they_are_held() -> None:
    k = sw.batched(lambda x: (x * 2, [x + 1]), backend="llvm")
    x = np.arange(20_000.0)
    held = [k(x + i) for i in range(4)]
    part = k(x)[1][0][10:13]
    for i in range(6):
        k(x - i)
    for i, (twice, (one_more,)) in enumerate(held):
        np.testing.assert_array_equal(twice, 2 * (x + i))
        np.testing.assert_array_equal(one_more, x + i + 1)
    np.testing.assert_array_equal(part, [11.0, 12.0, 13.0])
    del held, part, twice, one_more
    places = {k(x)[0].__array_interface__["data"][0] for _ in range(4)}
    assert len(places) == 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_large_arrays_are_read_where_they_are(dtype: str) -> None:
    f = lambda w, b, x, y: sum(c * a for c, a in zip(w, x)) * y[0] + b + w[0] * x[-1]
    rng = np.random.default_rng(6)
    n = 5000
    w, x, y = rng.normal(size=4), rng.normal(size=(n, 4)), rng.normal(size=(n, 1))
    expected = x @ w * y[:, 0] + 2.0 + w[0] * x[:, -1]
    k = sw.batched(f, shared=(0, 1), backend="llvm", dtype=dtype)
    total = sw.batched(sw.grad(f), shared=(0, 1), reduction="sum", backend="llvm", dtype=dtype)
    slopes = (x * y).sum(axis=0)
    slopes[0] += x[:, -1].sum()
    close = 1e-12 if dtype == "float64" else 1e-3
    wide, cut = np.empty((n, 8)), np.asfortranarray(x)
    wide[:, ::2] = x
    for given in (x, x, cut, wide[:, ::2], x.tolist(), x.tolist()):
        np.testing.assert_allclose(k(w, 2.0, given, y), expected, rtol=close, atol=close)
        np.testing.assert_allclose(total(w, 2.0, given, y), slopes, rtol=close, atol=n * close)
    made = [
        kernel
        for each in (k, total)
        for kernels in each.runner.kernels.values()
        for kernel in kernels.by_count.values()
    ]
    assert made and all(kernel is not None and kernel.apart for kernel in made)


def test_large_shared_arrays_are_read_where_they_are() -> None:
    f = lambda tables, x: sum(a * b for a, b in zip(tables["first"], x)) + tables["rest"][1][3] * x[0]
    rng = np.random.default_rng(7)
    first, rest = rng.normal(size=20_000), [rng.normal(size=5), rng.normal(size=17_000)]
    x = rng.normal(size=(2, 20_000))
    k = sw.batched(f, shared=0, backend="llvm")
    for _ in range(2):
        found = k({"first": first, "rest": rest}, x)
        np.testing.assert_allclose(found, x @ first + rest[1][3] * x[:, 0], rtol=1e-10)


def test_nan_and_infinity_stay_in_their_rows() -> None:
    f = lambda w, x: sw.log(x) * w + sw.exp(x)
    x = np.array([1.0, np.nan, np.inf, 0.5])
    for backend in ("llvm", "replay"):
        found = sw.batched(f, shared=0, backend=backend)(2.0, x)
        assert np.isfinite(found[[0, 3]]).all() and np.isnan(found[1]) and np.isinf(found[2])
        assert np.isnan(sw.batched(f, shared=0, reduction="mean", backend=backend)(2.0, x))


def test_float32() -> None:
    f = sw.value_and_grad(loss)
    arguments = data(20)
    found = sw.batched(f, shared=0, reduction="mean", dtype="float32")(*arguments)
    expected = sw.batched(f, shared=0, reduction="mean")(*arguments)
    assert_alike(found, expected, rtol=1e-4, atol=1e-5)
    assert found[0] != expected[0]


def single(item: Any) -> Any:
    """Return what arrays hold as numbers of 32 bits."""
    return [single(part) for part in item] if isinstance(item, list) else item.astype(np.float32)


def dtypes(item: Any) -> set[Any]:
    if isinstance(item, (list, tuple)):
        return set().union(*map(dtypes, item))
    return {item.dtype} if isinstance(item, np.ndarray) else {type(item)}


@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_arrays_of_32_bits_give_arrays_of_32_bits(reduction: str) -> None:
    f = sw.value_and_grad(loss)
    parameters, xs, ys = data(20)
    k = sw.batched(f, shared=0, reduction=reduction, dtype="float32")
    found = k(single(parameters), single(xs), single(ys))
    expected = sw.batched(f, shared=0, reduction=reduction)(parameters, xs, ys)
    single_precision, double = np.dtype("f"), np.dtype("d")
    assert dtypes(found) == ({single_precision} if reduction == "none" else {float, single_precision})
    assert_alike(found, expected, rtol=1e-4, atol=1e-5)
    assert_alike(k(single(parameters), single(xs), single(ys)), found, rtol=0, atol=0)
    for given in ((parameters, single(xs), single(ys)), (single(parameters), xs, single(ys))):
        assert double in dtypes(k(*given)) and single_precision not in dtypes(k(*given))
    beside: Any = lambda w, x, label, name: w[0] * x[0] * label + len(name)
    with_others = sw.batched(beside, shared=0, reduction=reduction, dtype="float32")
    labels, names = xs[:, 0] > 0, ["a", "bc"] * 10
    totals = with_others([np.ones(2, "f")[:1]], single(xs)[:, None, 0], labels, names)
    assert dtypes(totals) == {single_precision}
    of_doubles = sw.batched(f, shared=0, reduction=reduction)(single(parameters), single(xs), single(ys))
    assert double in dtypes(of_doubles) and single_precision not in dtypes(of_doubles)


def test_large_arrays_of_32_bits_are_read_as_they_are() -> None:
    rng = np.random.default_rng(3)
    w, xs = rng.normal(size=(130, 130)).astype("f"), rng.normal(size=(200, 130)).astype("f")
    step = lambda w, x: [[a - 0.1 * b * c for a, c in zip(row, x)] for row, b in zip(w, x)]
    turned = lambda w, x: np.array([sum(a * b for a, b in zip(row, x)) for row in w])
    k = sw.batched(step, shared=0, reduction="mean", dtype="float32")
    rows = sw.batched(turned, shared=0, dtype="float32")
    cut = np.asfortranarray(xs)
    for _ in range(3):
        for given in (xs, cut, xs.astype("d").astype("f")):
            new = k(w, given)
            expected = w - 0.1 * (xs[:, :, None].astype("d") * xs[:, None, :]).mean(axis=0)
            np.testing.assert_allclose(np.array(new), expected, rtol=1e-4, atol=1e-5)
            found = rows(w, given)
            assert found.dtype == np.float32 and found.shape == (200, 130)
            np.testing.assert_allclose(found, xs.astype("d") @ w.T.astype("d"), rtol=1e-4, atol=1e-4)
    interfaces = [
        kernel.apart
        for each in (k, rows)
        for made in each.runner.kernels.values()
        for kernel in made.by_count.values()
        if kernel is not None
    ]
    assert interfaces and all(set(apart.values()) == {np.float32} and len(apart) == 2 for apart in interfaces)
    np.testing.assert_allclose(rows(w, xs.astype("d")), xs.astype("d") @ w.T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_rows_of_several_paths_give_32_bits(reduction: str) -> None:
    def f(x: Any, n: Any) -> Any:
        return x * 2.0 if n == 7 else x * 3.0

    x, n = np.arange(1.0, 5.0, dtype="f"), np.array([7, 8, 7, 1])
    k = sw.batched(lambda x, n: np.array([f(x, n)]), reduction=reduction, dtype="float32")
    for _ in range(6):
        found = k(x, n)
        if reduction == "sum":
            assert found.dtype == np.float32 and found.tolist() == [26.0]
            continue
        found = found[:, 0]
        assert found.dtype == np.float32 and found.tolist() == [2.0, 6.0, 6.0, 12.0]


def test_rows_one_after_another_give_32_bits_too() -> None:
    f: Any = lambda xs: sum(xs) * 0.5
    k = sw.batched(lambda a, b: (f(a), f(b)), dtype="float32")
    found = k(np.ones((2, 3), "f"), np.ones((2, 2), "f"))
    assert dtypes(found) == {np.dtype("f")} and [x.tolist() for x in found] == [[1.5, 1.5], [1.0, 1.0]]
    counter = sw.Value(0.0)

    def writes(x: Any) -> Any:
        counter.data += 1.0
        return x[0] * 2.0

    found = sw.batched(writes, dtype="float32")(np.ones((3, 2), "f"))
    assert found.dtype == np.float32 and found.tolist() == [2.0, 2.0, 2.0] and counter.data == 3.0


def test_large_results_begin_with_a_line_of_the_cache() -> None:
    w, xs = np.ones((130, 130), "f"), np.ones((8, 130), "f")
    step = lambda w, x: (sum(x), w * np.array(x))
    k = sw.batched(step, shared=0, reduction="mean", dtype="float32")
    for _ in range(3):
        _, new = k(w, xs)
        assert new.ctypes.data % 64 == 0 and (new == 1.0).all()


@pytest.mark.parametrize("backend", ["llvm", "replay"])
def test_masks_are_tables(backend: str) -> None:
    rng = np.random.default_rng(2)
    f: Any = lambda w, x, m: sum(a * b * c for a, b, c in zip(w, x, m, strict=True))
    k = sw.batched(sw.value_and_grad(f), shared="w", reduction="mean", backend=backend)
    chosen = sw.batched(lambda x, m: sum(x[m], 0.0), backend=backend)
    w, xs = rng.normal(size=5), rng.normal(size=(30, 5))
    for _ in range(4):
        m = rng.random((30, 5)) < 0.5
        value, slopes = k(w, xs, m)
        np.testing.assert_allclose(value, (xs * m @ w).mean(), rtol=1e-12)
        np.testing.assert_allclose(slopes, (xs * m).mean(axis=0), rtol=1e-12)
    assert len(k.paths) == 1
    few = slice(0, 6)
    np.testing.assert_allclose(chosen(xs[few], m[few]), [x[b].sum() for x, b in zip(xs[few], m, strict=False)])
    for labels in (xs[:, 0] > 0, (xs[:, 0] > 0).tolist()):
        found = sw.batched(lambda x, y: x[1] * y - y, backend=backend)(xs, labels)
        np.testing.assert_allclose(found, np.where(labels, xs[:, 1] - 1.0, 0.0))


def test_without_machine_code_all_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_LLVM", "off")
    k = sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean", backend="llvm")
    found = k(*data(50))
    assert not is_compiled(k)
    monkeypatch.delenv("SLOPEWISE_LLVM")
    assert_alike(found, sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean", backend="llvm")(*data(50)))


def test_kernels_are_known_to_the_next_process(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))
    expected = sw.batched(sw.value_and_grad(loss), shared=0, reduction="sum", backend="llvm")(*data(6))
    monkeypatch.setattr("slopewise.compiler.batches.row_kernels.roll_within", None)
    found = sw.batched(sw.value_and_grad(loss), shared=0, reduction="sum", backend="llvm")(*data(6))
    assert_alike(found, expected, rtol=0, atol=0)


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(DomainError, match="batched: reduction='avg' is unknown"):
        sw.batched(loss, reduction="avg")
    with pytest.raises(DomainError, match="there is no backend 'gpu'"):
        sw.batched(loss, backend="gpu")
    with pytest.raises(DomainError, match="there is no dtype 'half'"):
        sw.batched(loss, dtype="half")
    with pytest.raises(DomainError, match="float32"):
        sw.batched(loss, dtype="float32", exact=True)


def picked(parameters: Any, x: Any, label: Any) -> Any:
    weights, biases, last = parameters
    hidden = [sw.tanh(sum((w * a for w, a in zip(row, x)), b)) for row, b in zip(weights, biases)]
    logits = [sum(w * h for w, h in zip(row, hidden)) for row in last]
    return sw.logsumexp(logits) - logits[label]


@pytest.mark.parametrize("reduction", ["none", "mean"])
@pytest.mark.parametrize("backend", ["llvm", "replay"])
def test_labels_as_ints_are_one_kernel(reduction: str, backend: str) -> None:
    k = sw.batched(sw.value_and_grad(picked), shared=0, reduction=reduction, backend=backend)
    slow = sw.batched(sw.value_and_grad(loss), shared=0, reduction=reduction, backend="replay")
    rng = np.random.default_rng(0)
    for n in (12, 12, 12, 1):
        parameters, x, _ = data(n, n)
        labels = rng.integers(0, 3, n)
        assert_alike(k(parameters, x, labels), slow(parameters, x, np.eye(3)[labels]))
    assert len(k.paths) == 3 and k.program.n_inputs == 45
    if backend == "llvm":
        assert [sorted(made.by_count) for made in k.runner.kernels.values()] == [[1, 12]]


def test_a_label_that_was_not_seen_before() -> None:
    k = sw.batched(sw.value_and_grad(picked), shared=0, reduction="sum", backend="llvm")
    slow = sw.batched(sw.value_and_grad(loss), shared=0, reduction="sum", backend="replay")
    parameters, x, _ = data(4)
    for labels in ([0, 1, 0, 1], [0, 1, 2, 1], [2, 2, 2, 2], [1, 0, 2, 0]):
        found = k(parameters, x, np.array(labels))
        assert_alike(found, slow(parameters, x, np.eye(3)[labels]))
    with pytest.raises(IndexError):
        k(parameters, x, np.array([0, 1, 2, 3]))


def test_ints_that_choose_twice_and_among_constants() -> None:
    table, other = [1.5, -2.0, 4.0], [10.0, 20.0]

    def f(w: Any, i: Any, j: Any, x: Any) -> Any:
        return table[i] * w[j] * x + other[j] + w[i] * w[i]

    rng = np.random.default_rng(2)
    w, i, j, x = rng.normal(size=3), rng.integers(0, 3, 30), rng.integers(0, 2, 30), rng.normal(size=30)
    expected = np.array(table)[i] * w[j] * x + np.array(other)[j] + w[i] * w[i]
    slopes = np.zeros((30, 3))
    slopes[np.arange(30), j] += np.array(table)[i] * x
    slopes[np.arange(30), i] += 2 * w[i]
    for backend in ("llvm", "replay"):
        np.testing.assert_allclose(sw.batched(f, shared=0, backend=backend)(w, i, j, x), expected, rtol=1e-12)
        found = sw.batched(sw.grad(f), shared=0, backend=backend)(w, i, j, x)
        np.testing.assert_allclose(np.stack(found, axis=1) if isinstance(found, list) else found, slopes, rtol=1e-11)


def test_ints_and_branches_on_numbers() -> None:
    def f(w: Any, i: Any, x: Any) -> Any:
        return w[i] * x if x > 0 else w[i] + x

    rng = np.random.default_rng(4)
    w, i, x = rng.normal(size=4), rng.integers(0, 4, 50), rng.normal(size=50)
    expected = np.where(x > 0, w[i] * x, w[i] + x)
    for backend in ("llvm", "replay"):
        k = sw.batched(f, shared=0, backend=backend)
        total = sw.batched(f, shared=0, reduction="sum", backend=backend)
        for rows in (slice(None), slice(0, 20), slice(10, 50)):
            np.testing.assert_allclose(k(w, i[rows], x[rows]), expected[rows], rtol=1e-13)
            assert total(w, i[rows], x[rows]) == pytest.approx(expected[rows].sum())


def test_small_batches_that_come_often_become_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_paths, "batches_until_paid", lambda n_equations: 3)
    line = sw.value_and_grad(lambda w, x: (w * x - 1.0) ** 2, wrt="w")
    k = sw.batched(line, shared="w", reduction="mean")
    for times in range(1, 4):
        assert k(2.0, [0.5, 1.0]) == (0.5, 1.0)
        assert not is_compiled(k)
        assert f"come to 10,000, or after {4 - times} batches more" in k.report().kernels[0].why
    assert k(2.0, [0.5, 1.0]) == (0.5, 1.0)
    assert is_compiled(k)


def test_rows_that_hold_no_numbers() -> None:
    x = np.linspace(-1.0, 1.0, 7)
    chosen: Any = lambda w, x, s, t: w * x if s and t == "a" else w + x
    for truths, texts in ((x > 0, ["a"] * 7), (x > 0, ["a", "b"] * 3 + ["a"])):
        expected = [chosen(1.5, a, bool(s), t) for a, s, t in zip(x, truths, texts, strict=True)]
        for backend in ("llvm", "replay"):
            k = sw.batched(chosen, shared="w", backend=backend)
            np.testing.assert_allclose(k(1.5, x, truths, texts), expected, rtol=1e-15)
