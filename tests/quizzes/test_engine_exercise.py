"""`exercise`: right derivatives pass, wrong ones get a friendly counter-example and the slip that fits."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

import slopewise as sw
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.quizzes.exercise_points import points

NO_FUNCTION: Any = 3
NO_RULE: Any = 2
RIGHT: list[tuple[Callable[..., Any], Any]] = [
    (lambda x: x**2, lambda x: 2 * x),
    (sw.sin, sw.cos),
    (sw.log, lambda x: 1 / x),
    (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    (lambda x: x**0.5, lambda x: 0.5 * x**-0.5),
    (math.acosh, lambda x: 1 / math.sqrt(x * x - 1)),
    (math.asin, lambda x: 1 / math.sqrt(1 - x * x)),
    (lambda x: 1 / x, lambda x: -1 / x**2),
    (sw.relu, lambda x: 1.0 if x > 0 else 0.0),
    (sw.relu, lambda x: 1.0 if x >= 0 else 0.0),
    (abs, lambda x: x / abs(x)),
    (lambda x: 5.0, lambda x: 0),
    (lambda x: 3 * x, 3),
    (lambda x: sw.tanh(x), lambda x: 1 - sw.tanh(x) ** 2),
    (lambda a, b: a * b, lambda a, b: (b, a)),
    (lambda a, b: a * b, lambda a, b: [b, a]),
    (lambda a, b: a / b, lambda a, b: {"b": -a / b**2, "a": 1 / b}),
    (lambda a, b: a + 2 * b, [lambda a, b: 1, lambda a, b: 2]),
    (lambda a, b: a + 2 * b, (1, 2)),
    (sw.maximum, lambda x, y: (1.0, 0.0) if x > y else (0.0, 1.0)),
    (lambda x, w, b: sw.tanh(w * x + b), lambda x, w, b: tuple((1 - math.tanh(w * x + b) ** 2) * d for d in (w, x, 1))),
    (lambda a, b, c, d, e, g: a * b + c * d - e * g, lambda a, b, c, d, e, g: (b, a, d, c, -g, -e)),
    (lambda x, k=2: k * x, lambda x: 2),
]


@pytest.mark.parametrize(("f", "df"), RIGHT)
def test_a_right_derivative_passes(f: Callable[..., Any], df: Any) -> None:
    report = sw.exercise(f, df=df)
    assert report.passed and report, report
    assert report.counterexample is None and report.checked >= 10


# name: f, df, the friendliest point at which it is wrong, code, a piece of the cause
WRONG: dict[str, tuple[Callable[..., Any], Any, tuple[float, ...], str, str]] = {
    "sign": (sw.cos, sw.sin, (2.0,), "sign", "it has the opposite sign"),
    "factor 2": (lambda x: math.sin(x), lambda x: 2 * math.cos(x), (2.0,), "factor", "it is twice the slope"),
    "a third": (lambda x: math.sin(x), lambda x: math.cos(x) / 3, (2.0,), "factor", "a factor 3 is missing"),
    "power without factor": (lambda x: x**3, lambda x: x**2, (2.0,), "power-rule", "forgets the factor k"),
    "power not lowered": (lambda x: x**3, lambda x: 3 * x**3, (2.0,), "power-rule", "does not lower the exponent"),
    "power forgotten": (lambda x: x**3, lambda x: 3 * x, (2.0,), "power-rule", "forgets the power"),
    "inner of a square": (lambda x: (3 * x + 1) ** 2, lambda x: 2 * (3 * x + 1), (2.0,), "inner", "the factor from inside the power is missing"),
    "inner of a sine": (lambda x: sw.sin(x**3), lambda x: math.cos(x**3), (2.0,), "inner", "the factor from inside sin is missing"),
    "outer of a tanh": (lambda x: sw.tanh(3 * x), lambda x: 3, (2.0,), "chain", "the chain rule's factor from tanh is missing"),
    "one term of a product": (lambda x: x * sw.sin(x), lambda x: sw.sin(x), (2.0,), "product-rule", "the second factor is taken for a constant"),
    "slopes multiplied": (lambda x: x**2 * sw.sin(x), lambda x: 2 * x * math.cos(x), (2.0,), "product-rule", "u′·v′"),
    "quotient's sign": (lambda x: sw.sin(x) / (x + 4), lambda x: math.cos(x) / (x + 4) + math.sin(x) / (x + 4) ** 2, (2.0,), "quotient-rule", "second term has the wrong sign"),
    "tanh 1 - t": (sw.tanh, lambda x: 1 - math.tanh(x), (2.0,), "derivative", "taken as 1 − t;"),
    "tanh t squared": (sw.tanh, lambda x: math.tanh(x) ** 2, (2.0,), "derivative", "taken as t²;"),
    "the value": (lambda x: math.sin(x), lambda x: math.sin(x), (2.0,), "value", "it is f(x) itself, not its slope"),
    "zero": (lambda x: math.sin(x), lambda x: 0, (2.0,), "zero", "it is 0 everywhere"),
    "exchanged": (lambda a, b: a * b, lambda a, b: (a, b), (2.0, 3.0), "exchanged", "the slopes by a and by b are exchanged"),
    "one sign": (lambda a, b: a / b, lambda a, b: (1 / b, a / b**2), (2.0, 3.0), "sign", "the slope by b has the opposite sign"),
    "one zero": (lambda a, b: a * b, lambda a, b: (b, 0), (2.0, 3.0), "zero", "as if b were a constant"),
    "square forgotten": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b), (2.0, 3.0), "quotient-rule", "forgets the square"),
    "of another": (lambda a, b, c: a * b + c * a, lambda a, b, c: (b + c, a, b + c), (2.0, 3.0, -2.0), "other", "the slope by c is the slope by a"),
    "the article's": (lambda a, b: (a * b) * (a + b), lambda a, b: (b * (a + b), a * (a + b)), (2.0, 3.0), "product-rule", "the second factor is taken"),
    "no slip": (lambda x: x**2 + math.sin(x), lambda x: 2 * x + math.cos(x) + 0.1, (2.0,), "", ""),
    "only one is off": (lambda a, b: a * b, lambda a, b: (b, a + b * 0.3), (2.0, 3.0), "some", "only the slope by b is off; by a it is right"),
    "relu always on": (sw.relu, lambda x: 1.0, (-2.0,), "chain", "relu"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_told(name: str) -> None:
    f, df, point, code, cause = WRONG[name]
    report = sw.exercise(f, df=df)
    assert not report.passed and report.counterexample is not None
    assert report.counterexample.point == point
    assert (report.code, cause in report.cause) == (code, True), report


def test_rules() -> None:
    assert sw.exercise(sw.tanh, rule=lambda out_grad, x, out: (1 - out**2) * out_grad).passed
    assert sw.exercise(lambda a, b: a * b, rule=lambda g, a, b: (b * g, a * g)).passed
    report = sw.exercise(sw.tanh, rule=lambda out_grad, x: 1 - math.tanh(x) ** 2)
    assert report.code == "upstream" and report.counterexample is not None
    assert report.counterexample.upstream == 3.0
    assert sw.exercise(lambda a, b: a * b, rule=lambda g, a, b: (b + g, a + g)).code == "upstream-added"
    assert sw.exercise(sw.exp, rule=lambda g, x, out: out * g * g).code == "upstream-twice"
    one = sw.exercise(lambda a, b: a * b, rule=lambda g, a, b: (b * g, a))
    assert one.cause == "the slope by b leaves out the upstream gradient"
    own = sw.exercise(lambda a, b: a * b, rule=lambda g, a, b: (a * g, b * g))
    assert own.code == "exchanged"


def test_points_outside_the_domain_are_left_out_and_said() -> None:
    report = sw.exercise(math.log, df=lambda x: 1 / x)
    assert report.passed
    assert {why for _, why in report.skipped} == {"log is undefined there"}
    assert "left out: at x = −2 and" in report.text()


def test_at_a_kink_every_slope_between_is_right_and_none_outside() -> None:
    assert sw.exercise(abs, df=lambda x: 0.3 if x == 0 else math.copysign(1, x)).passed
    report = sw.exercise(abs, df=lambda x: 2.0 if x == 0 else math.copysign(1, x))
    assert report.counterexample is not None and report.counterexample.point == (0.0,)
    assert "−1 from the left and 1 from the right" in report.counterexample.says


def test_what_raises_in_the_learners_code_is_shown_with_its_line() -> None:
    def df(x: float) -> float:
        return 2 * x / (x - 2) * (x - 2)

    report = sw.exercise(lambda x: x**2, df=df)
    counter = report.counterexample
    assert counter is not None and counter.point == (2.0,) and counter.given == ()
    assert counter.says == "df raised ZeroDivisionError: float division by zero"
    assert counter.where.endswith("return 2 * x / (x - 2) * (x - 2)")


def test_own_points() -> None:
    report = sw.exercise(lambda x: x**3, df=lambda x: 3 * x, at=[1, 0])
    assert report.passed and report.checked == 2
    assert sw.exercise(lambda a, b: a * b, df=lambda a, b: (b, a), at=[(1, 2)]).checked == 1
    assert sw.exercise(lambda *xs: sum(xs), df=lambda *xs: (1, 1), at=[(1, 2)]).passed


@pytest.mark.parametrize(
    ("action", "kind", "line"),
    [
        (lambda: sw.exercise(NO_FUNCTION, df=1), NumberError, "exercise() needs a function, got 3"),
        (lambda: sw.exercise(lambda x: x), DomainError, "exercise() needs your derivative df=… or your backward rule rule=…, got neither"),
        (lambda: sw.exercise(lambda x: x, df=1, rule=lambda g, x: g), DomainError, "exercise() needs your derivative df=… or your backward rule rule=…, got both"),
        (lambda: sw.exercise(lambda x: x, df="2x"), NumberError, "exercise(): df must be a function of x, got '2x'"),
        (lambda: sw.exercise(lambda x: x, rule=NO_RULE), NumberError, "exercise(): rule must be a function of out_grad, x, got 2"),
        (lambda: sw.exercise(lambda x: x, df=lambda a, b: 1), ShapeError, "exercise(): f(a, b) does not take the arguments of f(x)"),
        (lambda: sw.exercise(lambda a, b: a * b, df=lambda a, b: a), ShapeError, "exercise(): df returned 1 number, and there are 2 arguments: a, b"),
        (lambda: sw.exercise(lambda x: x, df=lambda x: (1, 2)), ShapeError, "exercise(): df returned 2 numbers, and there is one argument: x"),
        (lambda: sw.exercise(lambda a, b: a, df=lambda a, b: {"a": 1}), ShapeError, "exercise(): df returned no slope by b, only by a"),
        (lambda: sw.exercise(lambda a, b: a, df=[lambda a, b: 1]), ShapeError, "exercise(): df holds 1 function, and f(a, b) has 2 arguments"),
        (lambda: sw.exercise(lambda x: x, df=lambda x: None), NumberError, "exercise(): df returned None, not a number"),
        (lambda: sw.exercise(lambda x: None, df=1), NumberError, "exercise(): f returned None, not a number"),
        (lambda: sw.exercise(lambda: 1, df=1), ShapeError, "exercise(): f has no argument to differentiate by"),
        (lambda: sw.exercise(lambda *x: 1, df=1), ShapeError, "exercise(): f(*x) takes any number of arguments"),
        (lambda: sw.exercise(lambda x: math.log(-1 - x * x), df=1), DomainError, "exercise(): f has a slope at none of the 34 points tried: f is undefined there"),
        (lambda: sw.exercise(lambda x: x, df=1, at=[(1, 2)]), ShapeError, "exercise(): the point (1, 2) has 2 numbers, and f takes 1: x"),
        (lambda: sw.exercise(lambda x: x, df=1, at=[]), DomainError, "exercise(): at holds no point"),
        (lambda: sw.exercise(lambda x: x, df=1, at="2"), DomainError, "exercise(): at is '2', not a list of points"),
        (lambda: sw.exercise(lambda x: x, df=1, tolerance=2.0), DomainError, "exercise(): tolerance must lie between 0 and 1, got 2.0"),
    ],
)  # fmt: skip
def test_messages(action: Callable[[], object], kind: type[Exception], line: str) -> None:
    with pytest.raises(kind) as info:
        action()
    assert str(info.value).splitlines()[0] == line
    assert len(str(info.value).splitlines()) == 2


def test_an_error_of_f_itself_is_raised_as_it_is() -> None:
    with pytest.raises(NameError):
        sw.exercise(lambda x: nothing_of_that_name, df=1)  # type: ignore[name-defined] # noqa: F821


def test_every_format() -> None:
    report = sw.exercise(lambda a, b: a * b, df=lambda a, b: (a, b))
    data = json.loads(report.to_json())
    assert data["counterexample"]["point"] == [2.0, 3.0] and data["code"] == "exchanged"
    assert "exchanged" in report._repr_html_() and "exchanged" in report.markdown()
    assert repr(report) == "<ExerciseCheck: the derivative of f is wrong at 46 of 48 points>"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
def test_points_are_many_distinct_and_the_same(count: int) -> None:
    found = [*points(count)]
    assert found == [*points(count)]
    assert len(found) >= 30 and len(set(found)) >= 30
    assert all(len(point) == count for point in found)
    assert len(set(found[0])) == count


@pytest.mark.parametrize("size", [1e-10, 1e-12, 1e-30])
def test_tiny_functions_are_judged_by_their_own_size(size: float) -> None:
    assert sw.exercise(lambda x: size * x * x, lambda x: 2 * size * x).passed
    report = sw.exercise(lambda x: size * x * x, lambda x: 4 * size * x)
    assert not report.passed and report.cause == "it is twice the slope"
    assert "←" in report.text()


def test_fast_waves_are_measured_with_small_steps() -> None:
    assert sw.exercise(lambda x: math.sin(300 * x), lambda x: 300 * math.cos(300 * x)).passed
    assert sw.exercise(lambda x: x * x + 1e-3 * math.sin(1000 * x), lambda x: 2 * x + math.cos(1000 * x)).passed
    report = sw.exercise(lambda x: x * x + 1e-3 * math.sin(1000 * x), lambda x: 2 * x)
    assert report.wrong > 30 and "second term" not in report.cause
    assert not sw.exercise(lambda x: math.sin(300 * x), lambda x: 30 * math.cos(300 * x)).passed


def test_numbers_that_are_close_are_shown_apart() -> None:
    report = sw.exercise(lambda x: x**2, lambda x: 2.0001 * x)
    assert report.cause == "it is close to the slope, and off by up to 0.005 %"
    assert "4.0002" in report.text()
    report = sw.exercise(lambda x: x**3, lambda x: ((x + 1e-4) ** 3 - x**3) / 1e-4)
    assert report.code == "near" and "12.001" in report.text()
