"""The doctor's parts, one by one: targets, layers, lines of code, the schedule, single graphs."""

import linecache
import random
from pathlib import Path
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.doctor import DIAGNOSES
from slopewise.doctor.layers import layer_names, layers_of, unit_name
from slopewise.doctor.schedule import FIRST, SHARE, Schedule
from slopewise.doctor.source_lines import Code
from slopewise.doctor.targets import terms_of, unreachable_targets
from slopewise.engine.value import number_of
from slopewise.lecture import nets as lecture_nets
from slopewise.nn import MLP


def test_the_schedule_grants_the_first_looks_and_then_a_share() -> None:
    schedule = Schedule()
    for _ in range(FIRST):
        assert schedule.allows()
        schedule.charge(0.010)
    assert not schedule.allows()
    schedule.own = (FIRST + 1) * 0.010 / SHARE
    assert schedule.allows()
    schedule.charge(0.010)
    assert not schedule.allows()


def test_cheap_looks_are_always_granted() -> None:
    schedule = Schedule()
    for _ in range(3 * FIRST):
        assert schedule.allows()
        schedule.charge(0.0001)


def test_terms_of_a_loss() -> None:
    a, b = Value(2.0), Value(3.0)
    losses = [(a - 1) ** 2, (b - 1) ** 2, a * b]
    whole: list[Any] = [sum(losses) / 3, sw.mean(losses), 0.5 * sw.sum(losses) + 1, -sw.sum(losses) + 0]
    for loss in whole:
        assert [number_of(t) for t in terms_of(loss)] == [1.0, 4.0, 6.0]


@pytest.mark.parametrize(
    "difference",
    [lambda y, t: y - t, lambda y, t: t - y, lambda y, t: y - Value(t), lambda y, t: Value(t) - y, lambda y, t: -t + y],
)
@pytest.mark.parametrize("measure", [lambda d: d**2, lambda d: d * d, abs, sw.square])
def test_targets_in_every_spelling(difference: object, measure: object) -> None:
    w = Value(0.3)
    out_of_reach = measure(difference((w * 2).tanh(), 1.5))  # type: ignore[operator]
    within = measure(difference((w * 2).tanh(), -1.0))  # type: ignore[operator]
    found = unreachable_targets(out_of_reach + within)
    assert found is not None
    assert (found.targets, found.beyond, found.of_targets) == ((1.5,), 1, 2)  # type: ignore[attr-defined]
    assert unreachable_targets(within + 0) is None


def test_a_formula_with_tanh_is_no_comparison() -> None:
    w = Value(0.3)
    assert unreachable_targets(3 - w.tanh()) is None
    assert unreachable_targets((2 * w.tanh() - 3) ** 2) is None


@pytest.mark.parametrize("net", [MLP(3, [4, 4, 1], rng=1), lecture_nets.MLP(3, [4, 4, 1])])
def test_layers_are_read_off_one_sample(net: MLP) -> None:
    places = {p: i for i, p in enumerate(net.parameters())}
    loss: Any = sum((net(x) - 1) ** 2 for x in ([1.0, 2.0, 3.0], [0.0, 1.0, 0.0])) * 0.5
    layers = layers_of(loss, places)
    assert layers is not None
    assert [len(layer) for layer in layers.places] == [16, 20, 5]
    assert [len(units) for units in layers.units][:2] == [4, 4]


def test_layers_of_a_net_without_classes() -> None:
    w1 = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(3)]
    b1 = [Value(0.0) for _ in range(3)]
    w2 = [Value(random.uniform(-1, 1)) for _ in range(3)]
    hidden = [(sum(w * x for w, x in zip(row, (0.5, -1.0))) + b).tanh() for row, b in zip(w1, b1)]
    loss: Any = (sum(w * h for w, h in zip(w2, hidden)) - 1) ** 2
    parameters = [*[w for row in w1 for w in row], *b1, *w2]
    layers = layers_of(loss, {p: i for i, p in enumerate(parameters)})
    assert layers is not None
    assert [sorted(layer) for layer in layers.places] == [list(range(9)), [9, 10, 11]]
    names = [f"w1[{i}][{j}]" for i in range(3) for j in range(2)] + [f"b1[{i}]" for i in range(3)]
    assert layer_names(layers, [*names, "w2[0]", "w2[1]", "w2[2]"]) == ["layer 1 (w1, b1)", "layer 2 (w2)"]


def test_a_line_has_no_layers() -> None:
    w, b = Value(1.0), Value(0.0)
    assert layers_of((w * 2 + b - 1) ** 2, {w: 0, b: 1}) is None


def test_names_of_units() -> None:
    assert unit_name("layers.0.neurons.3.w.1") == "layers.0.neurons.3"
    assert unit_name("layers.0.neurons.3.b") == "layers.0.neurons.3"
    assert unit_name("b1[3]") == "the unit with b1[3]"


def read_code(tmp_path: Path, text: str) -> Code:
    file = tmp_path / "code.py"
    file.write_text(text, encoding="utf-8")
    linecache.clearcache()
    return Code(str(file))


@pytest.mark.parametrize(
    "line",
    [
        "p = p - lr * p.grad",
        "p -= lr * p.grad",
        "ps[i] = ps[i] - lr * ps[i].grad",
        "ps = [p - lr * p.grad for p in ps]",
        "w, b = w - lr * w.grad, b - lr * b.grad",
        "p = Value(p.data - lr * p.grad)",
    ],
)
def test_lines_that_replace(line: str, tmp_path: Path) -> None:
    assert read_code(tmp_path, line + "\n").replacements == [1]


@pytest.mark.parametrize(
    "line",
    [
        "p.data -= lr * p.grad",
        "p.data = p.data - lr * p.grad",
        "v = 0.9 * v - lr * p.grad",
        "p.m = 0.9 * p.m + p.grad",
        "gs = [p.grad for p in ps]",
        "p.grad = 0",
        "velocity[i] = 0.9 * velocity[i] + ps[i].grad",
        "total = total + p.grad ** 2",
    ],
)
def test_lines_that_do_not(line: str, tmp_path: Path) -> None:
    assert read_code(tmp_path, line + "\n").replacements == []


@pytest.mark.parametrize(
    ("line", "in_a_formula"),
    [
        ("h = math.tanh(v)", True),
        ("loss = (y.data - t) ** 2", True),
        ("x = np.array([v, w], dtype=float)", True),
        ("z = [float(v) for v in vs]", True),
        ("print(loss.data)", False),
        ("print(f'{loss.data:.3f}')", False),
        ("losses.append(loss.data)", False),
        ("hits = [(s.data > 0) == t for s, t in zip(ss, ts)]", False),
        ("p.data -= 0.1 * p.grad", False),
        ("if loss.data < 1e-3: pass", False),
        ("assert abs(v.data) < 1", False),
    ],
)
def test_readings_in_a_formula(line: str, in_a_formula: bool, tmp_path: Path) -> None:
    assert read_code(tmp_path, line + "\n").reads_in_a_formula(1) is in_a_formula


def test_what_a_line_reads(tmp_path: Path) -> None:
    assert read_code(tmp_path, "h = math.tanh(w * x + b)\n").what_is_read(1) == "w * x + b"
    assert read_code(tmp_path, "h = ys[0].data * 2\n").what_is_read(1) == "ys[0]"
    assert read_code(tmp_path, "h = math.tanh(a) + math.exp(b)\n").what_is_read(1) == ""


# ---------------------------------------------------------------------- one graph


def test_a_good_graph() -> None:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    f = (a * b) * (a + b)
    report = sw.diagnose(f, [a, b])
    assert report.diagnoses == ()
    assert report.summary == "A graph of 5 nodes; backward() was not run on it."
    f.backward()
    assert sw.diagnose(f, [a, b]).summary.endswith("backward() was run on it.")
    assert sw.diagnose(f).diagnoses == ()


def test_gradients_are_left_alone() -> None:
    a = Value(3.0)
    y = a * a
    y.backward()
    a.grad = 7.5
    sw.diagnose(y, [a])
    assert (a.grad, y.grad) == (7.5, 1)


def test_a_net_as_parameters() -> None:
    net = MLP(2, [3, 1], rng=1)
    spare = MLP(2, [1], rng=1)
    loss = (net([1.0, 2.0]) - 1) ** 2
    assert "SW208" not in {d.code for d in sw.diagnose(loss, net).diagnoses}
    [found] = [d for d in sw.diagnose(loss, spare).diagnoses if d.code == "SW208"]
    assert len(found.names) == 3  # type: ignore[attr-defined]


def test_a_long_chain() -> None:
    x = total = Value(0.5)
    for _ in range(100_000):
        total = total + x
    assert sw.diagnose(total).diagnoses == ()


def test_codes_are_in_order_and_levels_match() -> None:
    assert list(DIAGNOSES) == sorted(DIAGNOSES)
    assert len(DIAGNOSES) == len({kind.title for kind in DIAGNOSES.values()})
