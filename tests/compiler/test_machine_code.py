"""Compiled functions whose kernels are machine code: the same numbers, the same state, fallbacks that work."""

import math
import pickle
import random
import threading
from typing import Any

import pytest

import slopewise as sw
from slopewise.backends.llvm import availability
from slopewise.errors import BackendWarning, DomainError
from slopewise.nn import MLP

needs_llvm = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")


def net_and_loss(samples: int = 12) -> tuple[Any, Any]:
    random.seed(4)
    net = MLP(2, [5, 1])
    points = [[random.random(), random.random()] for _ in range(samples)]
    labels = [random.choice([-1, 1]) for _ in points]

    def loss() -> Any:
        scores = [net(point) for point in points]
        return sum((1 - y * s).relu() for y, s in zip(labels, scores)) / samples + 1e-3 * sum(
            p * p for p in net.parameters()
        )

    return net, loss


def gradients(net: Any) -> list[float]:
    return [p.grad for p in net.parameters()]


@needs_llvm
def test_value_and_gradients() -> None:
    net, loss = net_and_loss()
    net.zero_grad()
    expected_loss = sw.compile(loss).backward()
    expected = gradients(net)
    k = sw.compile(loss, backend="llvm")
    for _ in range(3):
        net.zero_grad()
        assert k.backward() == pytest.approx(expected_loss, rel=1e-13)
        assert gradients(net) == pytest.approx(expected, rel=1e-12, abs=1e-14)
        assert k() == pytest.approx(expected_loss, rel=1e-13)
    assert k.report().kernels[0].stages[-1].name in ("compile", "load")  # another test may have compiled it


@needs_llvm
def test_a_whole_training_step() -> None:
    losses = {}
    for backend in ("replay", "llvm"):
        net, loss = net_and_loss()

        def step(rate: float, net: Any = net, loss: Any = loss) -> Any:
            total = loss()
            net.zero_grad()
            total.backward()
            for p in net.parameters():
                p.data -= rate * p.grad
            return total

        k = sw.compile(step, backend=backend)
        losses[backend] = [k(0.5 / (1 + i)) for i in range(20)]
    assert losses["llvm"] == pytest.approx(losses["replay"], rel=1e-10)
    assert losses["llvm"][-1] < losses["llvm"][0]


@needs_llvm
def test_float32_rounds_what_is_in_between() -> None:
    net, loss = net_and_loss()
    net.zero_grad()
    expected_loss = sw.compile(loss).backward()
    expected = gradients(net)
    k = sw.compile(loss, dtype="float32")
    for _ in range(2):
        net.zero_grad()
        assert k.backward() == pytest.approx(expected_loss, rel=1e-5)
        assert k.backward() != expected_loss
        assert [g / 2 for g in gradients(net)] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    kernel = k.report().kernels[0]
    assert (kernel.runs_as, kernel.dtype) == ("machine code", "float32")
    assert ", machine code, float32\n" in k.report().text()
    assert sw.compile(loss, dtype="float32", backend="llvm")() == k()


@needs_llvm
def test_float32_of_a_derivative_and_copies() -> None:
    import copy

    def f(x: list[Any]) -> Any:
        return sum(v.sin() * v for v in x)

    x = [0.1 * i for i in range(20)]
    k = sw.compile(sw.grad(f), dtype="float32")
    expected = sw.grad(f)(x)
    assert k(x) == pytest.approx(expected, rel=1e-5)
    assert k(x) != expected
    assert copy.copy(k)(x) == k(x)
    matrix = sw.jacobian(lambda x: [v * v for v in x])
    assert copy.copy(matrix)([2.0, 3.0]) == matrix([2.0, 3.0])


@needs_llvm
def test_float32_gives_back_what_it_was_given() -> None:
    def f(n: int, x: Any) -> Any:
        return (x * n if n > 3 else x), x, 1 / 3

    k = sw.compile(f, dtype="float32")
    for n in (20_000_001, 20_000_001, 2):  # no float of 32 bits
        scaled, x, third = k(n, 0.1)
        assert (x, third) == (0.1, 1 / 3)
        assert scaled == pytest.approx(0.1 * n if n > 3 else 0.1, rel=1e-6)


def test_float32_and_what_computes_in_64_bits() -> None:
    for options, reason in (
        ({"exact": True}, "exact=True gives the eager engine's 64 bits"),
        ({"backend": "replay"}, "backend='replay' computes in 64 bits"),
    ):
        with pytest.raises(DomainError) as caught:
            sw.compile(abs, dtype="float32", **options)
        expected = f"dtype='float32' is for machine code, and {reason}\nleave one of the two out"
        assert str(caught.value) == expected
    with pytest.raises(DomainError) as caught:
        sw.compile(abs, dtype="half")
    assert str(caught.value) == "there is no dtype 'half'\nchoose 'float64', 'float32'"


@needs_llvm
def test_float32_where_a_float_is_looked_up() -> None:
    table = {0.25: 3.0}

    def f(x: Any) -> Any:
        return table[x.data] * x

    k = sw.compile(f, dtype="float32")
    with pytest.warns(BackendWarning, match="computed in 64 bits: it looks a float up"):
        assert k(0.25) == 0.75
    assert k.report().kernels[0].dtype == "float64"


@needs_llvm
def test_branches_have_kernels_of_their_own() -> None:
    def f(x: list[Any]) -> Any:
        total = sum(v * v for v in x)
        return total.log() if total > 1 else total.exp()

    k = sw.compile(f, backend="llvm")
    for scale in (0.01, 1.0, 0.02, 2.0):
        x = [scale * (i + 1) for i in range(30)]
        total = sum(v * v for v in x)
        assert k(x) == pytest.approx(math.log(total) if total > 1 else math.exp(total))
    assert len(k.paths) == 2


@needs_llvm
def test_results_in_nests() -> None:
    k = sw.compile(lambda x, s: {"scaled": [s * v for v in x], "sum": (sum(x), s)}, backend="llvm")
    for s in (2.0, 3.0):
        assert k([1.0, 2.0, 3.0], s) == {"scaled": [s, 2 * s, 3 * s], "sum": (6.0, s)}


@needs_llvm
def test_not_a_number_and_infinity_are_as_eager() -> None:
    def f(x: list[Any]) -> list[Any]:
        return [*(v.log() for v in x), *(v / (v - v) for v in x), max(x), sum(x)]

    k = sw.compile(f, backend="llvm")
    for x in ([1.0, -1.0, 0.0, math.inf], [math.nan, 2.0, 3.0, 4.0], [-math.inf, math.inf, 0.5, -0.0]):
        eager = [v.data for v in f([sw.Value(v) for v in x])]
        for expected, found in zip(eager, k(x), strict=True):
            assert (math.isnan(expected) and math.isnan(found)) or expected == pytest.approx(found, rel=1e-14)


@needs_llvm
def test_threads_run_one_kernel() -> None:
    k = sw.compile(lambda x: sum(v * v for v in x), backend="llvm")
    k([0.0] * 500)
    wrong = []

    def work(scale: float) -> None:
        for _ in range(200):
            if k([scale] * 500) != pytest.approx(500 * scale * scale):
                wrong.append(scale)

    threads = [threading.Thread(target=work, args=(1.0 + i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@needs_llvm
def test_rows_and_exact_runs_are_replayed() -> None:
    f = lambda x, y: (x * y).tanh() + x
    rows = sw.batched(sw.compile(f, backend="llvm"))
    assert list(rows([0.5, 1.5], [2.0, 3.0])) == pytest.approx([math.tanh(1.0) + 0.5, math.tanh(4.5) + 1.5])
    exact = sw.compile(f, exact=True, backend="llvm")
    assert exact(0.5, 2.0) == (sw.Value(0.5) * 2.0).tanh().data + 0.5
    assert "compile" not in [stage.name for kernel in exact.report().kernels for stage in kernel.stages]


def test_without_llvmlite_it_is_replayed_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "_found", lambda: "llvmlite is not installed: pip install llvmlite")
    monkeypatch.setattr(availability, "_is_told", False)
    monkeypatch.delenv(availability.SETTING, raising=False)
    k = sw.compile(lambda x: x * x, backend="llvm")
    with pytest.warns(BackendWarning, match="llvmlite is not installed"):
        assert k(3.0) == 9.0
    assert sw.compile(lambda x: x + x, backend="llvm")(3.0) == 6.0


def test_an_unknown_backend() -> None:
    with pytest.raises(DomainError) as caught:
        sw.compile(lambda x: x, backend="gpu")
    assert str(caught.value) == "there is no backend 'gpu'\nchoose 'auto', 'replay', 'llvm'"


def squared(x: Any) -> Any:
    return x * x


@needs_llvm
def test_pickled_it_keeps_its_backend() -> None:
    k = pickle.loads(pickle.dumps(sw.compile(squared, backend="llvm")))
    assert k.backend == "llvm"
    assert k(3.0) == 9.0


def test_a_whole_number_goes_straight_to_the_kernel_too() -> None:
    w = sw.Value(2.0)

    def step(i: int, x: float) -> Any:
        w.data = w * 0.5 + i * x
        return w * x

    k = sw.compile(step)
    eager = sw.Value(2.0)
    for i in range(6):
        eager = eager * 0.5 + i * 0.25
        assert k(i, 0.25) == pytest.approx(eager.data * 0.25)
        assert w.data == pytest.approx(eager.data)
    assert k.taken is not None
    assert k.taken.calls >= 4
    assert k(1.0, 0.25) == pytest.approx((eager.data * 0.5 + 0.25) * 0.25)  # a float arrives as a Value
    assert k(True, 0.25) is not None


def test_an_index_is_still_a_guard() -> None:
    table = [3.0, 5.0, 7.0]
    k = sw.compile(lambda i, x: table[i] * x)
    for i in (0, 1, 2, 0, 2, 1):
        assert k(i, 2.0) == 2.0 * table[i]
    with pytest.raises(IndexError):
        k(3, 2.0)


def test_what_is_written_reaches_watched_and_made_values() -> None:
    kept, made = sw.Value(1.0), sw.Value(1.0) * 2.0

    def f(x: list[float]) -> Any:
        kept.data = x[0] * 3.0
        made.data = x[0] * 5.0
        kept.grad = x[0] * 7.0
        return x[0]

    k = sw.compile(f)
    for x in (1.0, 2.0, 3.0):
        assert k([x]) == x
        assert (kept.data, made.data, kept.grad) == (3 * x, 5 * x, 7 * x)


def test_numpy_functions_of_paths_that_integers_choose() -> None:
    import numpy as np

    rows = [[sw.Value(float(3 * i + j)) for j in range(3)] for i in range(4)]
    unused = sw.Value(7.0)
    parameters = [*(v for row in rows for v in row), unused]
    k = sw.compile(lambda picks: sum(v * v for i in picks for v in rows[i]), parameters=parameters)
    at = np.arange(13.0) + 1
    for picks in ([0, 1], [3, 1], [2, 2], [0, 1], [2, 2]):
        value, gradient = k.numpy.value_and_gradient(at, picks)
        expected = np.zeros(13)
        for i in picks:
            expected[3 * i : 3 * i + 3] += 2 * at[3 * i : 3 * i + 3]
        assert value == pytest.approx(sum((at[3 * i : 3 * i + 3] ** 2).sum() for i in picks))
        assert gradient.tolist() == pytest.approx(expected.tolist())
    assert rows[0][1].data == 1.0  # nothing was written


def test_a_parameter_given_twice_has_its_gradient_twice() -> None:
    w = sw.Value(2.0)
    k = sw.compile(lambda: w * w, parameters=[w, w])
    value, gradient = k.numpy.value_and_gradient([3.0, 3.0])
    assert value == 9.0
    assert gradient.tolist() == [6.0, 6.0]


def test_a_float_that_is_looked_up_stays_the_same_to_the_last_bit() -> None:
    table = {0.5: 10.0, sum(0.1 * i for i in range(40)): 20.0}

    def f(x: Any) -> Any:
        total: Any = sum(x * i for i in range(40))
        return total * table.get(total.data, 1.0)

    k = sw.compile(f, backend="llvm")
    for _ in range(3):
        assert k(0.1) == sum(0.1 * i for i in range(40)) * 20.0
    assert "compile" not in [stage.name for stage in k.report().kernels[0].stages]


@needs_llvm
def test_a_program_is_simplified_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.passes import pipeline

    asked: list[Any] = []
    run = pipeline.run

    def noted(*given: Any) -> Any:
        asked.append(given)
        return run(*given)

    monkeypatch.setattr(pipeline, "run", noted)
    k = sw.compile(lambda xs: sum((x * 1.0).tanh() for x in xs), backend="llvm")
    xs = [0.1 * i for i in range(20)]
    expected = sum(map(math.tanh, xs))
    assert k(xs) == pytest.approx(expected, rel=1e-14)
    report = k.report().kernels[0]
    assert not asked and dict(report.operations)["multiply"] == 20 and "simplify" not in str(k.report())
    assert "multiply" not in k.program.operations and len(asked) == 1
    assert k.program is k.program and len(asked) == 1


@needs_llvm
def test_the_report_says_what_runs_and_why(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))

    def f(xs: Any) -> Any:
        return sum((x * 2.5).tanh() for x in xs)

    def why(n: int = 20, function: Any = f, **options: Any) -> str:
        k = sw.compile(function, **options)
        k([0.1 * i for i in range(n)])
        kernel = k.report().kernels[0]
        assert f" {kernel.runs_as}: {kernel.why} " in " ".join(str(k.report()).split())
        assert kernel.why in k.report()._repr_html_().replace("&#x27;", "'") and k.report().json()["kernels"][0]["why"]
        return f"{kernel.runs_as}: {kernel.why}"

    assert why() == (
        "replay: 60 equations, fewer than the 1,000 that become machine code at the first call; "
        "machine code is tried after 380,000 runs, 379,999 from now"
    )
    assert why(backend="llvm") == "machine code: asked for, 1 nest of loops; made now, kept on disk"
    assert why(backend="llvm") == "machine code: asked for, 1 nest of loops; found on disk"
    assert why(500) == "machine code: 1,500 equations, 1 nest of loops; made now, kept on disk"
    assert why(exact=True) == "replay: exact=True computes just what the eager sweep does"
    assert why(backend="replay") == "replay: asked for by backend='replay'"
    draw = random.Random(5)
    picks = [(draw.choice(("sin", "cos", "exp", "tanh")), draw.randrange(i, 20 + i)) for i in range(3000)]

    def irregular(xs: Any) -> Any:
        xs = list(xs)
        for name, at in picks:
            xs.append(getattr(sw, name)(xs[at]) - 0.5 * xs[-1])
        return xs[-1]

    assert why(20, irregular).startswith("replay: it does not roll into 700 nests of loops or fewer; machine code is")
    monkeypatch.setenv("SLOPEWISE_CACHE", "off")
    assert why(500) == "machine code: 1,500 equations, 1 nest of loops; made now, not kept: SLOPEWISE_CACHE is off"
    monkeypatch.setenv("SLOPEWISE_LLVM", "off")
    assert why(500) == "replay: machine code is switched off: unset SLOPEWISE_LLVM, which is off"


@needs_llvm
def test_an_integer_that_a_guard_asks_for_is_found_in_machine_code() -> None:
    table = [[0.1 * i * j for j in range(40)] for i in range(4)]

    def f(i: int, x: float) -> Any:
        return sum(sw.tanh(x * y) for y in table[i])

    k = sw.compile(f, backend="llvm")
    for i in (0, 3, 1, 3, 2):
        assert k(i, 0.5) == pytest.approx(sum(math.tanh(0.5 * y) for y in table[i]), rel=1e-13)


@needs_llvm
def test_of_many_courses_only_the_first_become_machine_code() -> None:
    def f(n: Any, x: Any) -> Any:
        total, i = x, 0
        while i < n:
            total = sum((total * 0.01 * j).tanh() for j in range(600 + i))
            i += 1
        return total

    def called(**options: Any) -> tuple[list[float], list[str], str]:
        k = sw.compile(f, **options)
        values, runs = [], []
        for n in range(1, 8):
            values.append(k(float(n), 0.3))
            runs.append(k.report().kernels[0].runs_as)
        return values, runs, k.report().kernels[0].why

    values, runs, why = called()
    assert runs == ["machine code"] * 4 + ["replay"] * 3
    assert why.startswith("it is one of more than 4 courses that the function takes; machine code is tried after ")
    others, runs, _ = called(backend="llvm")
    assert others == pytest.approx(values, rel=1e-12) and runs == ["machine code"] * 7


@needs_llvm
def test_what_does_not_roll_is_rolled_once(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.passes import rolling

    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))
    tries: list[int] = []

    def refuse(program: Any, most_nests: int) -> None:
        tries.append(most_nests)

    monkeypatch.setattr(rolling, "roll_within", refuse)
    for _ in range(2):
        k = sw.compile(lambda xs: sum((x * 1.5).tanh() for x in xs))
        assert k([0.1] * 500) == pytest.approx(500 * math.tanh(0.15))
        assert k.report().kernels[0].why.startswith("it does not roll into 93 nests of loops or fewer; machine code")
    assert tries == [93]
