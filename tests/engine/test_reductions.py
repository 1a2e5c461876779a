"""Sums, means, dots and the stable softmax family: on numbers, Values and arrays; their graphs, marks and faults."""

import math
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine.value import idiom_of


def vs(*xs: float) -> list[Value]:
    return [Value(x) for x in xs]


def test_sum_builds_what_python_builds() -> None:
    for values, start in (
        (vs(1.0, 2.0, 3.0), 0),
        (vs(1.0, 2.0), 0.5),
        ([1.0, Value(2.0), 3], 0),
        (vs(1.0), Value(5.0)),
    ):
        ours: Any = sw.sum(values, start)
        terms: list[Any] = list(values)
        pythons: Any = sum(terms, start)
        assert ours.data == pythons.data

        def shape(v: Value) -> object:
            return v._op, v.data, [shape(c) for c in v._prev]

        assert shape(ours) == shape(pythons)


def test_sum_of_nothing_and_of_numbers() -> None:
    assert sw.sum([]) == 0
    assert sw.sum([], 7) == 7
    assert sw.sum([1, 2, 3]) == 6
    assert sw.sum(x for x in (1.0, 2.0)) == 3.0
    assert sw.sum([Fraction(1, 2), Fraction(1, 3)]) == Fraction(5, 6)
    assert sw.mean([1, 2]) == 1.5
    assert sw.dot([1, 2], [3, 4]) == 11
    assert sw.logsumexp([0.0, 0.0]) == math.log(2)
    assert sw.softmax([0.0, 0.0]) == [0.5, 0.5]


def test_sum_takes_generators_once() -> None:
    values = vs(1.0, 2.0)
    assert sw.sum(v * v for v in values).data == 5.0
    assert sw.mean(v * v for v in values).data == 2.5
    assert sw.logsumexp(v for v in values).data == pytest.approx(math.log(math.e + math.e**2))


def test_marks_of_what_the_user_wrote() -> None:
    a, b = Value(3.0), Value(2.0)
    marks: dict[str, Any] = {
        "subtraction": a - b, "negation": -a, "division": a / b, "reflected subtraction": 1 - a,
        "reflected division": 1 / a, "sum": sw.sum([a, b]), "mean": sw.mean([a, b]),
    }  # fmt: skip
    for idiom, node in marks.items():
        assert idiom_of(node) == idiom
    assert idiom_of(a - 1) == "subtraction"
    assert idiom_of(a / 2) == "division"


def test_a_hand_written_form_stays_what_it_is() -> None:
    a, b = Value(3.0), Value(2.0)
    nodes: list[Any] = [a + b * -1, a * b**-1, a * -1, a + (-1), a + b, a * b, sum([a, b]) * 0.5, a**-1]
    for node in nodes:
        assert idiom_of(node) == ""


def test_gradients() -> None:
    values = vs(1.0, 2.0, 4.0)
    sw.mean(values).backward()
    assert [v.grad for v in values] == pytest.approx([1 / 3] * 3)
    values = vs(1.0, 2.0)
    sw.dot(values, [3.0, 4.0]).backward()
    assert [v.grad for v in values] == [3.0, 4.0]
    values = vs(1.0, 2.0)
    out = sw.dot(values, values, Value(1.0))
    out.backward()
    assert (out.data, [v.grad for v in values]) == (6.0, [2.0, 4.0])


@pytest.mark.parametrize("xs", [(1000.0, 1000.0), (-1000.0, -1001.0), (8e307, -8e307), (0.0,), (5.0, 5.0, 5.0)])
def test_stability(xs: tuple[float, ...]) -> None:
    values = vs(*xs)
    total = sw.logsumexp(values)
    shift = max(xs)
    assert total.data == pytest.approx(shift + math.log(sum(math.exp(x - shift) for x in xs)), rel=1e-15)
    total.backward()
    assert sum(v.grad for v in values) == pytest.approx(1.0)
    values = vs(*xs)
    probabilities = sw.softmax(values)
    assert sum(p.data for p in probabilities) == pytest.approx(1.0)
    probabilities[0].backward()
    p = probabilities[0].data
    assert values[0].grad == pytest.approx(p * (1 - p), abs=1e-15)
    values = vs(*xs)
    logs = sw.log_softmax(values)
    assert all(math.isfinite(log.data) for log in logs)
    logs[0].backward()
    assert values[0].grad == pytest.approx(1 - p, abs=1e-15)


def test_infinities() -> None:
    assert sw.logsumexp([-math.inf, -math.inf]) == -math.inf
    assert sw.logsumexp([math.inf, 0.0]) == math.inf
    assert sw.logsumexp([-math.inf, 0.0]) == 0.0
    assert sw.softmax([-math.inf, 0.0]) == [0.0, 1.0]
    assert sw.log_softmax([-math.inf, 0.0]) == [-math.inf, 0.0]
    assert math.isnan(sw.logsumexp([math.nan, 0.0]))
    assert math.isnan(sw.logsumexp([0.0, math.nan]))
    masked = [Value(-math.inf), Value(1.0), Value(2.0)]
    out = sw.log_softmax(masked)[2]
    out.backward()
    assert masked[0].grad == 0
    assert math.isfinite(masked[1].grad)


def test_arrays() -> None:
    np = pytest.importorskip("numpy")
    assert sw.sum(np.array([[1.0, 2.0], [3.0, 4.0]])) == 10.0
    assert sw.mean(np.array([Value(1.0), Value(3.0)])).data == 2.0
    assert sw.dot(np.array([1.0, 2.0]), vs(3.0, 4.0)).data == 11.0
    assert [p.data for p in sw.softmax(np.array(vs(0.0, 0.0)))] == [0.5, 0.5]
    assert type(sw.sum(np.array([1.0, 2.0]))) is float


def test_numbers_of_other_types_stay_exact() -> None:
    values = [Value(Fraction(1, 2)), Value(Fraction(1, 3))]
    assert sw.sum(values).data == Fraction(5, 6)
    assert sw.dot(values, [Fraction(2), Fraction(3)]).data == 2
    assert float(sw.mean(values).data) == pytest.approx(5 / 12)


@pytest.mark.parametrize("name", ["mean", "logsumexp", "softmax", "log_softmax"])
def test_no_values(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}\(\) of no values"):
        getattr(sw, name)([])


def test_faults() -> None:
    with pytest.raises(ValueError, match="equal length, got 2 and 1"):
        sw.dot([1.0, 2.0], [1.0])
    with pytest.raises(TypeError):
        sw.sum([Value(1.0), "x"])
    with pytest.raises(TypeError):
        sw.sum(Value(1.0))
    with pytest.raises(TypeError):
        sw.softmax(3.0)  # type: ignore[arg-type]
