"""The exact words of every diagnosis, on small loops that have the fault."""

import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.doctor import DIAGNOSES, Report
from slopewise.nn import MLP

SAMPLES = [([0.1 * i, 0.2], float(i % 2)) for i in range(6)]


def sentence(report: Report, code: str) -> str:
    [found] = [d for d in report.diagnoses if d.code == code]
    return found.sentence


def descend(
    leaves: dict[str, float], loss: Callable[..., Any], rate: float = 0.1, steps: int = 4, zero: bool = True
) -> Report:
    ps = {name: Value(x, label=name) for name, x in leaves.items()}
    with sw.watch() as watched:
        for _ in range(steps):
            out = loss(**ps)
            if zero:
                for p in ps.values():
                    p.grad = 0
            out.backward()
            for p in ps.values():
                p.data -= rate * p.grad
    return watched.report()


def train(model: Any, steps: int = 11, rate: float = 0.1) -> Report:
    with sw.watch(model) as watched:
        for _ in range(steps):
            loss = sum((model(x) - y) ** 2 for x, y in SAMPLES) / len(SAMPLES)
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= rate * p.grad
    return watched.report()


# ---------------------------------------------------------------------- mistakes


def test_not_zeroed() -> None:
    report = descend({"w": 3.0}, lambda w: w * w, zero=False)
    assert sentence(report, "SW101") == (
        "Nobody set the gradient of w to 0 between two updates: w still held 6 when pass 2 added 4.8, which makes 10.8; "
        "3 updates of 4 used such a sum."
    )


def test_not_zeroed_before_the_next_update() -> None:
    w, b = Value(3.0, label="w"), Value(1.0, label="b")
    with sw.watch() as watched:
        (w * b).backward()
        for p in (w, b):
            p.data -= 0.5 * p.grad
        (w * b).backward()
    assert sentence(watched.report(), "SW101") == (
        "Nobody set the gradient of 2 parameters (w, b) to 0 between two updates: w still held 1 when pass 2 added −0.5, "
        "which makes 0.5; the next update would use the sum."
    )


def test_backward_not_run() -> None:
    w, b = Value(3.0, label="w"), Value(1.0, label="b")
    with sw.watch() as watched:
        for _ in range(5):
            loss = (w * 2 + b) ** 2
            loss.backward  # the fault
            for p in (w, b):
                p.data -= 0.1 * p.grad
    [found] = watched.report().diagnoses
    assert found.sentence.startswith(
        "No backward pass was run, so 2 parameters (w, b) had no gradient, and 10 assignments to .data left every number "
        "as it was. test_doctor_messages.py:"
    )
    assert found.sentence.endswith(" names backward without calling it.")
    assert found.line.endswith("loss.backward  # the fault")


def test_stale_graph() -> None:
    w = Value(-2.0, label="w")
    with sw.watch() as watched:
        loss = w * w
        for _ in range(3):
            w.grad = 0
            loss.backward()
            w.data += 0.3
    assert sentence(watched.report(), "SW103") == (
        "Pass 2 went back through a graph that was built before the latest change of its parameters (2 passes in all): w "
        "is now −1.7, this graph was built with −2."
    )
    assert sentence(sw.diagnose(loss), "SW103") == (
        "This graph was built before the latest change of its leaves: w is now −1.1, the graph was built with −2."
    )


def test_replaced_where_it_is_used() -> None:
    w = Value(2.0)
    with sw.watch() as watched:
        for _ in range(5):
            loss = (w - 1) ** 2
            loss.backward()
            w = w - 0.1 * w.grad
    report = watched.report()
    assert sentence(report, "SW104") == (
        "w became a new Value at each update: the graph of pass 5 reaches the first one through 4 subtractions, and it was "
        "never assigned to."
    )
    assert report.mistakes[0].line.endswith("w = w - 0.1 * w.grad")


def test_replaced_to_no_effect() -> None:
    w, b = Value(2.0, label="w"), Value(1.0, label="b")
    with sw.watch() as watched:
        for _ in range(5):
            loss = (w * b - 1) ** 2
            loss.backward()
            for p in (w, b):
                p -= 0.1 * p.grad
    report = watched.report()
    assert sentence(report, "SW104") == (
        "5 passes gave the same loss, 1: the update makes a new Value each time, and w stays as it is."
    )
    assert report.mistakes[0].line.endswith("p -= 0.1 * p.grad")


def test_wrong_sign() -> None:
    report = descend({"w": 1.0}, lambda w: w * w, rate=-0.1, steps=7)
    assert sentence(report, "SW105") == (
        "Updates 1 to 6 moved 1 parameter along +gradient, and the loss rose each time, from 1 to 8.916."
    )


def test_cleared_too_early() -> None:
    w = Value(3.0, label="w")
    with sw.watch() as watched:
        for _ in range(4):
            (w * w).backward()
            w.grad = 0
            w.data -= 0.1 * w.grad
    assert sentence(watched.report(), "SW106") == (
        "4 updates of 4 changed nothing, because the gradients had been set to 0 after backward(): that of w was 6, and "
        "the update of 1 parameter met 0."
    )


def test_used_again() -> None:
    w, b = Value(3.0, label="w"), Value(1.0, label="b")
    with sw.watch() as watched:
        ((w - b) ** 2).backward()
        for _ in range(6):
            for p in (w, b):
                p.data -= 0.1 * p.grad
    assert sentence(watched.report(), "SW107") == (
        "6 updates in a row used the gradients of pass 1: w was moved each time by the same multiple of 4, and backward() "
        "was not called in between."
    )


def test_gradient_lost() -> None:
    report = descend({"w": 0.3, "v": -0.4}, lambda w, v: (v * math.tanh(w * 2.0) - 1) ** 2)
    assert sentence(report, "SW108") == (
        "w * 2.0 = 0.6 became a plain number on the way to the loss: w gets no gradient."
    )
    assert "math.tanh(w * 2.0)" in report.mistakes[0].line


def test_gradient_lost_before_the_loss() -> None:
    w, b = Value(0.3, label="w"), Value(1.0, label="b")
    with sw.watch() as watched:
        for _ in range(3):
            y = w * 2 + b
            loss = Value((y.data - 1) ** 2)
            w.grad = b.grad = 0
            loss.backward()
            for p in (w, b):
                p.data -= 0.1 * p.grad
    assert sentence(watched.report(), "SW108") == (
        "backward() started from a Value with nothing below it. y = 1.6 became a plain number on the way, and 2 leaves "
        "(b, w) get no gradient."
    )


def test_gradient_partly_lost() -> None:
    report = descend({"w": 0.3}, lambda w: (math.exp(w * 0.7) * w - 1) ** 2)
    assert sentence(report, "SW108") == (
        "w * 0.7 = 0.21 became a plain number on the way to the loss: the gradient of w lacks what goes that way."
    )


def own_sine(step: Callable[[Value, Value], None]) -> Callable[[Value], Value]:
    def sine(x: Value) -> Value:
        out = Value(math.sin(x.data), (x,), "sin")

        def _backward() -> None:
            step(x, out)

        out._backward = _backward
        return out

    return sine


def test_a_step_that_assigns() -> None:
    def step(x: Value, out: Value) -> None:
        x.grad = math.cos(x.data) * out.grad

    a = Value(0.7, label="a")
    assert sentence(sw.diagnose(own_sine(step)(a) * a), "SW109") == (
        "The backward step of 'sin' (1 node) assigns to the gradient of a: tried with 1 in it, it left 0.7648, where "
        "1 + 0.7648 is right."
    )


def test_a_step_that_forgets_the_upstream_gradient() -> None:
    def step(x: Value, out: Value) -> None:
        x.grad += math.cos(x.data)

    a = Value(0.7, label="a")
    sine = own_sine(step)
    assert sentence(sw.diagnose(sine(a) * sine(a + 1)), "SW110") == (
        "The backward step of 'sin' (2 nodes) hands a 0.7648 when the upstream gradient is 1, and 0.7648 when it is 2: "
        "1.53 is right then."
    )


def cube(x: Value) -> Value:
    out = Value(x.data**3, (x,), "cube")

    def _backward() -> None:
        x.grad += 3 * x.data * out.grad

    out._backward = _backward
    return out


def test_a_step_that_disagrees_with_the_slope() -> None:
    a = Value(0.7, label="a")
    report = sw.diagnose(cube(a) * 3)
    assert sentence(report, "SW111") == (
        "The derivative of 'cube' (1 node) by a is 2.1 in its backward step, at a = 0.7; the central difference measures "
        "1.47."
    )
    assert report.mistakes[0].line.endswith("x.grad += 3 * x.data * out.grad")


# ---------------------------------------------------------------------- warnings


def test_diverging() -> None:
    report = descend({"w": 3.0}, lambda w: w * w, rate=1.5, steps=15)
    assert sentence(report, "SW201") == (
        "The loss went from 9 to 2.416e9 in 14 updates, and was still rising at the end."
    )
    report = descend({"w": 3.0}, lambda w: w**4, rate=1.0, steps=9)
    assert sentence(report, "SW201") == (
        "The loss went from 81 to nan in 8 updates, and at pass 6 a number was no longer finite."
    )


def test_too_small() -> None:
    report = descend({"w": 3.0}, lambda w: w * w, rate=1e-8, steps=20)
    assert sentence(report, "SW202") == (
        "The loss fell from 9 to 8.99999 in 19 updates, although the gradient is large (norm 6): a step is 6e−8 long, and "
        "at this pace halving it takes about 12,000,000 updates."
    )


def test_dead_layer() -> None:
    random.seed(3)
    model = MLP(2, [4, 4, 1])
    for neuron in model.layers[1].neurons:
        neuron.b.data = -50.0
    assert sentence(train(model), "SW203") == (
        "All 4 relu units of layers.1 gave 0 on all 6 samples in the last 10 passes looked at: no gradient gets below "
        "them."
    )


def test_saturated_layer() -> None:
    random.seed(3)
    model = MLP(2, [4, 1], activation="tanh", output="tanh")
    model.layers[1].neurons[0].b.data = 30.0
    assert sentence(train(model), "SW204") == (
        "The only tanh unit of layers.1 was saturated on all 6 samples in the last 10 passes looked at, and the loss "
        "stayed where it was: 0.5, then 0.5."
    )


def test_vanishing() -> None:
    random.seed(1)
    model = MLP(2, [4] * 10 + [1], activation="sigmoid")
    assert sentence(train(model), "SW205") == (
        "In 10 passes in a row layers.1 got gradients of about 8.897e−9, and layers.10 of about 0.01084: 1,200,000 times as "
        "much."
    )


def test_exploding() -> None:
    random.seed(1)
    model = MLP(2, [8] * 8 + [1], init=lambda rng, fan_in: rng.uniform(-20, 20))
    report = train(model, steps=3, rate=1e-30)
    words = sentence(report, "SW206")
    assert words.startswith("In 2 passes in a row layers.0 got gradients of about ")
    assert ", for parameters of about " in words


def test_not_finite() -> None:
    p = Value(0.0, label="p")
    assert sentence(sw.diagnose(-sw.log(p)), "SW207") == "log made −∞ from p = 0."
    y = sw.sqrt(p) * 3
    y.backward()
    assert sentence(sw.diagnose(y), "SW207") == (
        "The backward step of sqrt made the gradient of p ∞, from the upstream gradient 3 and p = 0."
    )
    assert sentence(sw.diagnose(Value(math.nan, label="x") * 2), "SW207") == "x was nan: it came in like that."
    report = descend({"w": 0.5}, lambda w: (w * 0.0) ** -1 + w)
    assert sentence(report, "SW207") == "In pass 1 a division (by this operand) made ∞ from 0 and −1."


def test_unused() -> None:
    report = descend({"w": 2.0, "b": 0.5}, lambda w, b: w * w)
    assert sentence(report, "SW208") == (
        "The loss does not depend on b: none of 4 passes reached it, and 4 updates met a gradient of 0."
    )


def test_targets_out_of_reach() -> None:
    def loss(w: Value) -> Any:
        return sum(((w * x).tanh() - t) ** 2 for x, t in [(1.0, 3.0), (2.0, -2.0), (0.5, 1.0)])

    assert sentence(descend({"w": 0.1}, loss), "SW209") == (
        "2 of 3 targets lie outside −1..1, which tanh cannot give: 3 and −2."
    )
    w = Value(0.1)
    assert sentence(sw.diagnose((-1.5 - (w * 2).relu()) ** 2), "SW209") == (
        "1 of 1 target lies below 0, which relu cannot give: −1.5."
    )


def test_units_alike() -> None:
    assert sentence(train(MLP(2, [4, 1], activation="tanh", init=0.5)), "SW210") == (
        "The 4 units of layers.0 began with the same parameters, and after 11 updates they are still alike."
    )


# ---------------------------------------------------------------------- notes


def test_dead_units() -> None:
    random.seed(6)
    model = MLP(2, [4, 4, 1])
    model.layers[1].neurons[2].b.data = -50.0
    assert sentence(train(model), "SW301") == (
        "2 of 8 relu units gave 0 on every sample in the last 10 passes looked at: layers.0.neurons.1 and "
        "layers.1.neurons.2."
    )


def test_saturated_units() -> None:
    random.seed(3)
    model = MLP(2, [4, 1], activation="tanh")
    model.layers[0].neurons[1].b.data = 9.0
    assert sentence(train(model), "SW302") == (
        "1 of 4 tanh units was saturated on every sample in the last 10 passes looked at: layers.0.neurons.1."
    )


def test_loss_rose() -> None:
    report = descend({"w": 1.0}, lambda w: w * w, rate=1.01, steps=4)
    assert sentence(report, "SW303") == "The loss rose at 3 of 3 updates, the most from 1.082 to 1.126."


def test_a_step_uphill() -> None:
    report = descend({"w": 1.0, "b": 3.0}, lambda w, b: w * b, rate=-0.01, steps=1)
    assert sentence(report, "SW304") == "Update 1 moved 2 parameters along +gradient, by 0.01 times it."
    report = descend({"w": 1.0, "b": 3.0}, lambda w, b: w * b, rate=-0.01, steps=2)
    assert sentence(report, "SW304") == (
        "2 updates moved along +gradient, the first of them update 1, by 0.01 times it."
    )


def test_a_second_pass() -> None:
    a = Value(3.0, label="a")
    with sw.watch() as watched:
        y = a * a
        y.backward()
        y.backward()
    assert sentence(watched.report(), "SW305") == (
        "Pass 2 went through the same graph as the one before: a held 6, got 6 more, and holds 12."
    )


def test_a_detached_number() -> None:
    report = descend({"w": 0.3}, lambda w: ((w * 1.1).data * w - 1) ** 2)
    assert sentence(report, "SW306") == (
        "w * 1.1 = 0.33 was read as a number and stands in the graph as a constant: no gradient goes that way."
    )


def test_unused_entries() -> None:
    table = [Value(0.1 * i) for i in range(5)]
    with sw.watch() as watched:
        for _ in range(3):
            loss = (table[0] - table[3] - 1) ** 2
            for p in table:
                p.grad = 0
            loss.backward()
            for p in table:
                p.data -= 0.1 * p.grad
    assert sentence(watched.report(), "SW307") == (
        "3 of 5 entries of table were not reached by any of 3 passes: table[1], table[2] and table[4]."
    )


def test_a_gradient_that_holds_more() -> None:
    a = Value(3.0, label="a")
    (a * 2).backward()
    y = a * a
    y.backward()
    assert sentence(sw.diagnose(y), "SW308") == "a.grad is 8, and this graph alone gives 6."


# ---------------------------------------------------------------------- all of them


def test_every_diagnosis_has_a_test_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in DIAGNOSES if f'"{code}"' not in text and code != "SW102"] == []


@pytest.mark.parametrize("code", DIAGNOSES)
def test_every_diagnosis_says_what_why_and_how(code: str) -> None:
    kind = DIAGNOSES[code]
    assert kind.code == code
    assert kind.level == {"1": "mistake", "2": "warning", "3": "note"}[code[2]]
    for text in (kind.why, kind.cure):
        assert text.endswith(".")
    assert kind.title
    assert bool(kind.wrong) == bool(kind.right)


def test_other_words(capsys: Any) -> None:
    with pytest.raises(TypeError) as caught:
        sw.diagnose(3.0)  # type: ignore[arg-type]
    assert str(caught.value) == "diagnose() needs a Value, the one that the graph ends in; got 3.0"


@pytest.mark.parametrize("code", DIAGNOSES)
def test_what_a_cure_names_exists(code: str) -> None:
    kind = DIAGNOSES[code]
    for path in re.findall(r"\bsw\.([\w.]*\w)", f"{kind.why} {kind.cure} {kind.right}"):
        found: Any = sw
        for part in path.split("."):
            found = getattr(found, part)
