"""Healthy runs get no mistake and no warning: the lecture's loop, micrograd's demo, and what people rightly do."""

import math
import random
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value, nn, optim
from slopewise.data import moons
from slopewise.doctor import Report
from slopewise.engine import NATIVE
from slopewise.lecture import nets as lecture_nets

XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


def lecture(seed: int, zero: bool = True, steps: int = 20) -> tuple[Report, float]:
    random.seed(seed)
    n = lecture_nets.MLP(3, [4, 4, 1])
    with sw.watch() as watched:
        for _ in range(steps):
            ypred = [n(x) for x in XS]
            loss = sum((yout - ygt) ** 2 for ygt, yout in zip(YS, ypred))
            if zero:
                for p in n.parameters():
                    p.grad = 0.0
            loss.backward()
            for p in n.parameters():
                p.data += -0.1 * p.grad
    return watched.report(), loss.data


def micrograd_demo(seed: int, steps: int = 100) -> tuple[Report, float]:
    table = moons()
    X, y = np.array(table.points("x", "y")), np.array(table.column("label"))
    random.seed(seed)
    model = nn.MLP(2, [16, 16, 1])
    with sw.watch() as watched:
        for k in range(steps):
            scores = [model(list(map(Value, row))) for row in X]
            losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
            total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
            accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores)]
            model.zero_grad()
            total.backward()
            for p in model.parameters():
                p.data -= (1.0 - 0.9 * k / 100) * p.grad
            assert accuracy
    return watched.report(), total.data


def faults(report: Report) -> list[str]:
    return [str(d) for d in (*report.mistakes, *report.warnings)]


@pytest.mark.parametrize("seed", range(10))
def test_the_lectures_loop(seed: int) -> None:
    report, _ = lecture(seed)
    assert faults(report) == []
    assert (report.passes, report.updates, report.parameters) == (20, 20, 41)


@pytest.mark.parametrize("seed", range(10))
def test_the_lectures_first_loop_forgets_to_zero(seed: int) -> None:
    report, _ = lecture(seed, zero=False)
    assert [d.code for d in report.mistakes] == ["SW101"]


def test_the_notes_of_the_lectures_loop_are_true() -> None:
    rising = [seed for seed in range(30) if any(d.code == "SW303" for d in lecture(seed)[0].notes)]
    assert rising  # the reference: somewhere in 778 of 2,000
    report, _ = lecture(rising[0])
    [note] = report.notes
    assert note.after > note.before  # type: ignore[attr-defined]


@pytest.mark.skipif(not NATIVE, reason="takes the interpreted engine a minute")
def test_micrograds_demo_and_its_two_dead_units() -> None:
    report, last = micrograd_demo(1337)
    assert faults(report) == []
    assert last == pytest.approx(0.01098, abs=1e-5)
    by_code = {d.code: d for d in report.notes}
    assert len(by_code["SW301"].names) == 2  # type: ignore[attr-defined]
    assert by_code["SW301"].units == 32  # type: ignore[attr-defined]
    assert (by_code["SW303"].rises, by_code["SW303"].of_updates) == (40, 99)  # type: ignore[attr-defined]


@pytest.mark.large
@pytest.mark.parametrize("seed", range(200))
def test_the_lectures_loop_on_200_seeds(seed: int) -> None:
    report, last = lecture(seed)
    assert faults(report) == [] or last > 1
    assert [d.code for d in lecture(seed, zero=False)[0].mistakes] == ["SW101"]


@pytest.mark.large
@pytest.mark.parametrize("seed", range(200))
def test_micrograds_demo_on_200_seeds(seed: int) -> None:
    report, last = micrograd_demo(seed)
    assert faults(report) == [] or last > 0.5


# ---------------------------------------------------------------------- what people rightly do


def test_two_losses() -> None:
    w, v = Value(2.0), Value(-1.0)
    with sw.watch() as watched:
        for _ in range(30):
            w.grad = v.grad = 0
            ((w * v - 1) ** 2).backward()
            ((w + v - 1) ** 2).backward()
            w.data -= 0.05 * w.grad
            v.data -= 0.05 * v.grad
    assert watched.report().diagnoses == ()
    assert (watched.report().passes, watched.report().updates) == (60, 30)


def test_micro_batches() -> None:
    net = nn.MLP(1, [8, 1], activation="tanh", rng=0)
    opt = optim.SGD(net.parameters(), lr=0.05)
    data = [([x / 10], (x / 10) ** 2) for x in range(-10, 11)]
    with sw.watch() as watched:
        for _ in range(15):
            opt.zero_grad()
            for i in range(0, len(data), 7):
                (sum((net(x) - y) ** 2 for x, y in data[i : i + 7]) / len(data)).backward()
            opt.step()
    assert watched.report().diagnoses == ()


@pytest.mark.parametrize("place", ["after the update", "before backward"])
def test_gradients_kept_in_part(place: str) -> None:
    w = Value(3.0)
    with sw.watch() as watched:
        for _ in range(40):
            if place == "before backward":
                w.grad *= 0.9
            (3 * w**2 - 4 * w + 5).backward()
            w.data -= 0.01 * w.grad
            if place == "after the update":
                w.grad *= 0.9
    assert faults(watched.report()) == []


def test_the_lectures_step_uphill() -> None:
    a, b, c, f = (Value(x) for x in (2.0, -3.0, 10.0, -2.0))
    with sw.watch() as watched:
        L = (a * b + c) * f
        L.backward()
        for p in (a, b, c, f):
            p.data += 0.01 * p.grad
        L = (a * b + c) * f
    assert L.data == pytest.approx(-7.286496)
    assert faults(watched.report()) == []


def test_four_steps_uphill_are_not_named_a_mistake() -> None:
    w = Value(1.0)
    with sw.watch() as watched:
        for _ in range(4):
            w.grad = 0
            (w * w).backward()
            w.data += 0.1 * w.grad
    assert faults(watched.report()) == []


def test_maximising_on_purpose() -> None:
    w = Value(1.0)
    opt = optim.SGD([w], lr=0.01, maximize=True)
    with sw.watch() as watched:
        for _ in range(8):
            opt.zero_grad()
            (w * w).backward()
            opt.step()
    assert "SW105" not in {d.code for d in watched.report().diagnoses}


def test_two_players() -> None:
    g, d = Value(0.5), Value(-0.3)
    with sw.watch() as watched:
        for _ in range(20):
            g.grad = 0
            ((g * d - 1) ** 2 + 0.1 * g * g).backward()
            g.data -= 0.05 * g.grad
            d.grad = 0
            ((g * d + 1) ** 2 + 0.1 * d * d).backward()
            d.data -= 0.05 * d.grad
    assert faults(watched.report()) == []


def test_momentum_carries_uphill() -> None:
    w, v = Value(3.0), 0.0
    with sw.watch() as watched:
        for _ in range(100):
            w.grad = 0
            (w * w).backward()
            v = 0.95 * v - 0.001 * w.grad
            w.data += v
    assert faults(watched.report()) == []


def test_the_largest_logit_taken_out_of_a_softmax() -> None:
    ws = [Value(x) for x in (0.3, -0.7, 0.1)]
    with sw.watch() as watched:
        for _ in range(10):
            logits = [w * 1.3 for w in ws]
            largest = max(logit.data for logit in logits)
            exponentials = [(logit - largest).exp() for logit in logits]
            loss = -(exponentials[1] / sum(exponentials)).log()
            for w in ws:
                w.grad = 0
            loss.backward()
            for w in ws:
                w.data -= 0.1 * w.grad
    assert faults(watched.report()) == []


def test_an_input_that_is_fed_through_one_leaf() -> None:
    x, t, w = Value(0.0), Value(0.0), Value(0.1)
    data = [(1.0, 2.0), (2.0, 4.1), (-1.0, -2.0), (0.5, 0.9)]
    with sw.watch() as watched:
        for step in range(40):
            x.data, t.data = data[step % 4]
            w.grad = 0
            ((w * x - t) ** 2).backward()
            w.data -= 0.1 * w.grad
    assert faults(watched.report()) == []


def test_slopes_measured_on_a_live_graph() -> None:
    a, b = Value(2.0), Value(3.0)
    with sw.watch() as watched:
        y = (a * b).tanh() + a**2
        for h in (1e-6, -2e-6, 1e-6):
            a.data += h
            assert (a * b).tanh().data <= 1
        y.backward()
        a.grad = b.grad = 0
        ((a * b).tanh() + a**2).backward()
    assert faults(watched.report()) == []


def test_a_good_step_of_ones_own() -> None:
    def sine(x: Value) -> Value:
        out = Value(math.sin(x.data), (x,), "sin")

        def _backward() -> None:
            x.grad += math.cos(x.data) * out.grad

        out._backward = _backward
        return out

    a, b = Value(0.7), Value(-0.2)
    with sw.watch() as watched:
        for _ in range(20):
            loss = (sine(a * 1.3) + sine(b) - 0.5) ** 2
            a.grad = b.grad = 0
            loss.backward()
            a.data -= 0.1 * a.grad
            b.data -= 0.1 * b.grad
    assert watched.report().diagnoses == ()


def test_adam_on_samples_drawn_anew() -> None:
    rng = random.Random(1)
    net = nn.MLP(2, [8, 8, 1], output="sigmoid", rng=1)
    opt = optim.Adam(net.parameters(), lr=0.02)
    points = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(60)]
    with sw.watch() as watched:
        for _ in range(40):
            batch = rng.sample(points, 16)
            loss = sum((net(x) - float(x[0] * x[1] > 0)) ** 2 for x in batch) / 16
            opt.zero_grad()
            loss.backward()
            opt.step()
    assert faults(watched.report()) == []


def test_several_trainings_in_one_watch() -> None:
    def train(seed: int, zero: bool) -> Any:
        random.seed(seed)
        model = nn.MLP(2, [4, 1])
        for _ in range(6):
            loss = sum((model([0.1 * i, 0.2]) - i % 2) ** 2 for i in range(6)) / 6
            if zero:
                model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
        return loss

    with sw.watch() as watched:
        for seed in range(5):
            train(seed, zero=True)
    report = watched.report()
    assert faults(report) == []
    assert (report.trainings, report.parameters, report.updates) == (5, 17, 30)
    with sw.watch() as watched:
        for seed in range(5):
            train(seed, zero=seed != 3)
    assert [d.code for d in watched.report().mistakes] == ["SW101"]


def test_gradients_at_several_places_without_a_loop() -> None:
    with sw.watch() as watched:
        for x in (-1.0, 0.5, 2.0):
            a = Value(x)
            (a**2 + a).backward()
            assert a.grad == 2 * x + 1
    assert watched.report().diagnoses == ()


def test_values_of_other_kinds() -> None:
    from fractions import Fraction

    w = Value(Fraction(3))
    with sw.watch() as watched:
        for _ in range(4):
            loss = (w - 1) * (w - 1)
            w.grad = 0
            loss.backward()
            w.data -= Fraction(1, 10) * w.grad
    assert faults(watched.report()) == []
    assert w.data == 1 + 2 * Fraction(4, 5) ** 4
