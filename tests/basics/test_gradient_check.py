"""Gradient checks: right ones pass, every kind of wrong one is caught and named, everything is put back."""

import json
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.basics import GradientCheck
from slopewise.errors import DomainError, NumberError, ShapeError
from slopewise.nn import MLP


def verdicts(report: GradientCheck) -> list[str]:
    return [str(row.verdict) for row in report.rows]


def hand_made(factor: float) -> Any:
    """A tanh whose hand-set backward step is off by a factor."""

    def tanh(x: Value) -> Value:
        out = Value(math.tanh(x.data), (x,), "tanh")

        def step() -> None:
            x.grad += factor * (1 - out.data**2) * out.grad

        out._backward = step
        return out

    return tanh


def test_the_lectures_expression() -> None:
    report = sw.check_gradients(lambda a, b, c, f: (a * b + c) * f, 2.0, -3.0, 10.0, -2.0)
    assert report.ok
    assert bool(report)
    assert [(row.name, row.gradient) for row in report.rows] == [("a", 6.0), ("b", -4.0), ("c", -2.0), ("f", 4.0)]
    assert all(row.absolute_error < 1e-8 for row in report.rows)


@pytest.mark.parametrize(
    ("factor", "reason"),
    [
        (-1.0, "the gradient has the opposite sign"),
        (2.0, "the gradient is 2 times the slope: is a contribution added 2 times?"),
        (0.5, "the gradient is 1/2 of the slope: is a contribution lost? `=` where `+=` belongs does that"),
        (0.0, "the gradient is 0: no contribution arrives; does a `_backward` return early, or part of it use .data?"),
        (1.37, "the gradient is 1.37 times the slope"),
        (1.0001, "the gradient is 1 times the slope"),
    ],
)
def test_a_wrong_backward_step_is_caught(factor: float, reason: str) -> None:
    report = sw.check_gradients(hand_made(factor), 0.5)
    assert not report.ok
    assert verdicts(report) == ["wrong"]
    assert report.rows[0].why == reason
    assert report.failures == report.rows
    assert sw.check_gradients(hand_made(1.0), 0.5).ok


def test_a_users_operation_is_checked() -> None:
    cube = sw.operation("cube", value=lambda x: x**3, derivative=lambda x: 2 * x**2)
    right = sw.operation("right", value=lambda x: x**3, derivative=lambda x: 3 * x**2)
    assert verdicts(sw.check_gradients(cube, 2.0)) == ["wrong"]
    assert sw.check_gradients(right, 2.0).ok


def test_assigning_where_adding_belongs() -> None:
    def double(x: Value) -> Value:
        out = Value(x.data + x.data, (x, x), "+")

        def step() -> None:
            x.grad = out.grad
            x.grad = out.grad

        out._backward = step
        return out

    assert "`=` where `+=` belongs" in sw.check_gradients(double, 3.0).rows[0].why


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x.relu(), 0.0),
        (abs, 0.0),
        (lambda x: sw.leaky_relu(x), 0.0),
        (lambda x: sw.maximum(x, 1.0), 1.0),
        (lambda x: sw.clip(x, -1.0, 1.0), 1.0),
        (lambda x: (x - 0.3).relu(), 0.3),
        (lambda x: abs(x) + 1000.0, 0.0),
    ],
)
def test_kinks_are_recognised_and_do_not_fail(f: Any, x: float) -> None:
    report = sw.check_gradients(f, x)
    assert verdicts(report) == ["kink"]
    assert report.ok


def test_a_gradient_outside_the_kink_is_wrong() -> None:
    bad_relu = sw.operation("bad_relu", value=lambda x: max(x, 0.0), derivative=lambda x: 2.0)
    report = sw.check_gradients(bad_relu, 0.0)
    assert verdicts(report) == ["wrong"]
    assert report.rows[0].why == "a kink: the slope is 0 from the left and 1 from the right; the gradient is outside"


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6, -1e-6, 3e-3])
def test_near_a_kink_the_gradient_is_right(distance: float) -> None:
    assert verdicts(sw.check_gradients(lambda x: x.relu() * 2, distance)) == ["ok"]


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x.log(), 1e-8),
        (lambda x: x.sqrt(), 1e-9),
        (lambda x: (x * 1e5).sin(), 0.3),
        (lambda x: x**-3, 1e-3),
        (lambda x: x * x, 1e9),
        (lambda x: x.exp(), 300.0),
        (lambda x: x.tanh(), 30.0),
        (lambda x: x.sigmoid(), -40.0),
        (lambda x: x * 1e-200, 1.0),
        (lambda x: x * 1e200, 1.0),
        (lambda x: x + 1e12, 1.0),
        (lambda x: x, 2.0),
        (lambda x: x % 3, 4.5),
    ],
)
def test_steps_suit_every_scale(f: Any, x: float) -> None:
    assert verdicts(sw.check_gradients(f, x)) == ["ok"]


def test_a_jump_and_a_domain_edge() -> None:
    assert verdicts(sw.check_gradients(lambda x: x % 2, 4.0)) == ["jump"]
    rough = sw.check_gradients(lambda x: sw.where(x.data == 0, 0.0, x * (1 / (x + (x.data == 0))).sin()), 0.0)
    assert verdicts(rough) == ["unsure"]
    assert not rough.ok


def test_not_finite_is_said_and_fails() -> None:
    report = sw.check_gradients(lambda x: x.log(), -1.0)
    assert verdicts(report) == ["not finite"]
    assert report.rows[0].why == "the function is nan here, which has no slope"
    report = sw.check_gradients(lambda x: x.sqrt(), 0.0)
    assert verdicts(report) == ["not finite"]
    assert report.rows[0].why == "backward() gave ∞; the function is 0 here"
    assert not report.ok


def test_what_does_not_reach_and_constants() -> None:
    report = sw.check_gradients(lambda x, y: x * 2, 1.0, 2.0)
    assert verdicts(report) == ["ok", "does not reach"]
    assert report.ok
    report = sw.check_gradients(lambda x: 5.0, 1.0)
    assert verdicts(report) == ["does not reach"]
    assert report.ok


def test_a_cut_graph_is_wrong_and_named() -> None:
    for f in (math.tanh, lambda x: Value(x.data) * 2, lambda x: x.detach() * 2, lambda x: float(x) * 2):
        report = sw.check_gradients(f, 1.0)
        assert verdicts(report) == ["wrong"]
        assert "no path of the graph leads to it" in report.rows[0].why


def test_a_shared_value_is_one_row() -> None:
    a = Value(3.0, label="a")
    report = sw.check_gradients(lambda x, y: x * y, a, a)
    assert [(row.name, row.gradient) for row in report.rows] == [("a", 6.0)]
    assert report.notes == ("a, given twice, is the same Value: one row, the gradient through all of its uses",)
    v = Value(2.0)
    report = sw.check_gradients(lambda x, y: x * y, v, v)
    assert report.notes == ("x and y are the same Value: one row, the gradient through all of its uses",)
    assert report.ok


def test_inputs_computed_from_each_other() -> None:
    a = Value(3.0, label="a")
    b = a * 2
    report = sw.check_gradients(lambda x, y: x * y, a, b)
    assert report.ok
    assert [row.gradient for row in report.rows] == [6.0, 3.0]
    assert report.notes == ("y was computed from other Values: here it is an input of its own",)
    report = sw.check_gradients(lambda: a * b, parameters={"a": a, "b": b})
    assert not report.ok
    assert report.notes[0].startswith("b was computed from a before f is called: moving a does not move b")


def test_a_function_that_does_not_repeat_itself() -> None:
    report = sw.check_gradients(lambda x: x * random.random(), 1.0)
    assert not report.ok
    assert not report.repeats
    assert "f does not repeat itself" in report.notes[0]
    assert "it draws from `random`: seed it inside the function" in report.notes[0]
    report = sw.check_gradients(lambda x: x * np.random.rand(), 1.0)
    assert "it draws from `numpy.random`" in report.notes[0]
    calls: list[int] = []

    def counting(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    report = sw.check_gradients(counting, 1.0)
    assert "it keeps a state from call to call" in report.notes[0]


def test_a_seeded_function_repeats() -> None:
    def f(x: Any) -> Any:
        random.seed(3)
        return x * random.random()

    assert sw.check_gradients(f, 1.0).ok


def test_a_graph_that_is_not_built_anew() -> None:
    w = Value(2.0, label="w")
    out = w * 3
    report = sw.check_gradients(lambda: out, parameters=[w])
    assert not report.ok
    assert "returns the same node at each call and does not compute anew" in report.notes[0]


def test_the_random_state_is_put_back() -> None:
    random.seed(5)
    before = random.getstate()
    sw.check_gradients(lambda x: x * random.random(), 1.0)
    assert random.getstate() == before


def test_parameters_as_list_dict_and_model() -> None:
    w, b = Value(0.5, label="w"), Value(-1.0)
    for parameters in ([w, b], (w, b), iter([w, b])):
        report = sw.check_gradients(lambda: (w * 3 + b).tanh(), parameters=parameters)
        assert [row.name for row in report.rows] == ["w", "parameters[1]"]
        assert report.ok
    named = sw.check_gradients(lambda: (w * 3 + b).tanh(), parameters={"weight": Value(1.0), "bias": b})
    assert [row.name for row in named.rows] == ["weight", "bias"]

    class Model:
        def named_parameters(self) -> list[tuple[str, Value]]:
            return [("layer.w", w), ("layer.b", b)]

        def __call__(self, x: float) -> Any:
            return (w * x + b).tanh()

    model = Model()
    report = sw.check_gradients(model, 3.0, parameters=model)
    assert [row.name for row in report.rows] == ["layer.w", "layer.b"]
    assert report.ok


def test_the_net_of_the_lecture() -> None:
    random.seed(1337)
    net = sw.nn.MLP(3, [4, 4, 1])
    samples = [([2.0, 3.0, -1.0], 1.0), ([3.0, -1.0, 0.5], -1.0)]

    def loss() -> Any:
        return sum((net(x) - y) ** 2 for x, y in samples)

    report = sw.check_gradients(loss, parameters=net)
    assert len(report.rows) == 41
    assert report.ok
    cheap = sw.check_gradients(loss, parameters=net, method="directional")
    assert cheap.ok
    assert len(cheap.rows) == 3
    assert cheap.evaluations < 40 < report.evaluations


def test_directions_catch_one_wrong_gradient_among_many() -> None:
    wrong = hand_made(1.01)
    report = sw.check_gradients(lambda xs: sum(xs[1:]) + wrong(xs[0]), [0.1] * 100, method="directional")
    assert not report.ok
    assert sw.check_gradients(lambda xs: sum(xs), [0.1] * 100, method="directional").ok


def test_nested_arguments_and_several_results() -> None:
    def f(table: Any, xs: Any, name: str) -> Any:
        assert name == "plain"
        return {"sum": table["k"] * xs[0], "dot": np.dot(xs, xs)}

    report = sw.check_gradients(f, {"k": 2.0}, np.array([1.0, 3.0]), "plain")
    assert report.ok
    assert len(report.rows) == 6
    assert report.rows[0].name == "f['sum'] by table['k']"
    assert report.rows[-1].gradient == 6.0


def test_ints_and_other_numbers_are_put_back_as_they_were() -> None:
    a = Value(3)
    assert sw.check_gradients(lambda x: x**2, a).ok
    assert repr(a) == "Value(data=3, grad=0)"


def test_data_and_gradients_are_put_back() -> None:
    a, w = Value(3.0), Value(2.0)
    a.grad, w.grad = 7.0, 5.0
    assert sw.check_gradients(lambda x: x * w, a).ok
    assert (a.data, a.grad, w.data, w.grad) == (3.0, 7.0, 2.0, 5.0)


def test_they_are_put_back_after_an_exception_too() -> None:
    a = Value(3.0)
    a.grad = 7.0

    def fails(x: Value) -> Value:
        out = Value(x.data, (x,), "odd")

        def step() -> None:
            x.grad += 1.0
            raise RuntimeError("in the backward step")

        out._backward = step
        return out

    with pytest.raises(RuntimeError, match="in the backward step"):
        sw.check_gradients(fails, a)
    assert (a.data, a.grad) == (3.0, 7.0)

    def stops(x: Value) -> Value:
        if x.data != 3.0:
            raise KeyboardInterrupt
        return x * 2

    with pytest.raises(KeyboardInterrupt):
        sw.check_gradients(stops, a)
    assert (a.data, a.grad) == (3.0, 7.0)


def test_an_exception_beside_the_point_leaves_the_other_side() -> None:
    def f(x: Value) -> Any:
        if x.data < 1.0:
            raise ValueError("outside")
        return x * 2

    report = sw.check_gradients(f, 1.0)
    assert verdicts(report) == ["ok"]
    assert report.rows[0].why == "there is a slope from the right only"


def test_the_print() -> None:
    report = sw.check_gradients(lambda a, b: (a * b).relu() + b, 2.0, 0.0)
    assert str(report) == (
        "gradients of f: ok\n"
        "\n"
        "name  value  gradient  numeric  absolute  relative  verdict\n"
        "a       = 2       = 0      = 0         0         0  ok\n"
        "b       = 0       = 1      = 1         0         0  kink\n"
        "\n"
        "b: a kink: the slope is 1 from the left and 3 from the right; the gradient fits\n"
        "2 gradients: 1 ok, 1 kink"
    )
    assert repr(report) == "<GradientCheck of f: 2 gradients: 1 ok, 1 kink>"
    assert "name: a\nvalue: = 2\n" in report.text(width=30)


def test_a_long_print_shows_failures_first() -> None:
    wrong = hand_made(2.0)
    report = sw.check_gradients(lambda xs: sum(xs[:-1]) + wrong(xs[-1]), [0.1] * 60)
    text = str(report)
    assert text.splitlines()[3].startswith("xs[59]")
    assert "… and 10 more rows" in text
    assert report.worst is not None
    assert report.worst.name == "xs[59]"


def test_as_json() -> None:
    plain = json.loads(json.dumps(sw.check_gradients(lambda x: x * 2, 1.0).to_dict()))
    assert plain["ok"] is True
    assert plain["rows"][0]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: sw.check_gradients(3.0),
            NumberError,
            "check_gradients() needs a function, got 3.0\ngive the function itself, not its result: f, not f(x)",
        ),
        (
            lambda: sw.check_gradients(lambda: 1),
            DomainError,
            (
                "check_gradients(): there is no number among the arguments ()\n"
                "give the numbers at which to check, or parameters="
            ),
        ),
        (
            lambda: sw.check_gradients(lambda: 1, parameters=[]),
            DomainError,
            (
                "check_gradients(): there is no Value in parameters=[]\n"
                "give a list of Values, a dict, or a model with parameters()"
            ),
        ),
        (
            lambda: sw.check_gradients(lambda: 1, parameters=[2.0]),
            NumberError,
            (
                "check_gradients(): parameters[0] is 2.0, and parameters must be Values that f reads\n"
                "give numbers as arguments instead: check_gradients(f, 2.0)"
            ),
        ),
        (
            lambda: sw.check_gradients(lambda x: None, 1.0),
            NumberError,
            "check_gradients(): f returned None, not a number\ndoes the function end without `return`?",
        ),
        (
            lambda: sw.check_gradients(abs, 1j),
            NumberError,
            "check_gradients(): x is 1j, which is complex\nslopes are of real numbers: take its .real, .imag or abs()",
        ),
        (
            lambda: sw.check_gradients(abs, 1.0, tolerance=0),
            DomainError,
            "check_gradients(): tolerance must lie between 0 and 1, got 0\ntry 1e-6",
        ),
        (
            lambda: sw.check_gradients(abs, 1.0, method="all"),
            DomainError,
            "check_gradients(): there is no method 'all'\nthere are 'each' and 'directional'",
        ),
        (
            lambda: sw.check_gradients(abs, 1.0, method="directional", directions=0),
            DomainError,
            "check_gradients(): directions must be a whole number of at least 1, got 0",
        ),
    ],
)
def test_messages(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


OPERATIONS = ["tanh", "exp", "sin", "sigmoid", "softplus", "square", "atan", "gelu", "silu", "relu"]


@pytest.mark.parametrize("distance", [6e-8, -6e-8, 1e-10, -1e-10, 1e-13])
def test_a_kink_beside_the_point_is_no_wrong_gradient(distance: float) -> None:
    report = sw.check_gradients(lambda a: sw.sigmoid(sw.relu(a) * 3.0), distance)
    assert report.ok, str(report)
    wrong = sw.check_gradients(lambda a: sw.sigmoid(sw.relu(a) * 3.0) + a.detach() * 2.0, distance)
    assert not wrong.ok


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=4), st.floats(-2, 2), st.floats(-2, 2), st.booleans())
def test_law_the_engines_gradients_pass(names: list[str], x: float, y: float, is_product: bool) -> None:
    def f(a: Any, b: Any) -> Any:
        out = a * b if is_product else a + b
        for name in names:
            out = getattr(sw, name)(out * 0.5)
        return out

    report = sw.check_gradients(f, x, y)
    assert report.ok, str(report)


@settings(max_examples=40, deadline=None)
@given(st.floats(-2, 2), st.floats(0.01, 3).map(lambda d: 1 + d), st.booleans())
def test_law_a_wrong_factor_is_caught(x: float, factor: float, is_negative: bool) -> None:
    assert not sw.check_gradients(hand_made(-factor if is_negative else factor), x).ok


def by_name(x: Any, *, scale: Any) -> Any:
    return x * scale


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: sw.check_gradients(lambda a, b: a * b, 3.0),
            ShapeError,
            "check_gradients(): 1 argument given, and f(a, b) takes 2\ngive one for each, after the function",
        ),
        (
            lambda: sw.check_gradients(by_name, 3.0),
            ShapeError,
            (
                "check_gradients(): by_name takes scale by name only, and numbers are given by position\n"
                "wrap it: lambda x, scale: by_name(x, scale=scale)"
            ),
        ),
        (
            lambda: sw.check_gradients(lambda: Value(1.0), parameters=MLP(2, [1]).parameters),
            NumberError,
            "check_gradients(): parameters is the method parameters itself\ncall it, with brackets: net.parameters()",
        ),
    ],
)
def test_calls_that_cannot_work_are_refused_before_they_are_made(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


def test_outputs_of_one_name_are_told_apart() -> None:
    report = sw.check_gradients(lambda x: [x, x, (x * 2).tanh()], 0.5)
    assert [row.name for row in report.rows] == ["f[0] by x", "f[1] by x", "f[2] by x"]
