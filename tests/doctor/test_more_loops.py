"""Loops that came up when the doctor was tried out: faults in other clothes, and what only looks like one."""

import random
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value, nn, optim
from slopewise.doctor import Report

LINE = [(1.0, 3.0), (2.0, 5.0), (3.0, 7.0)]
CURVE = [([i / 5], (i / 5) ** 2) for i in range(-5, 6)]


def levels(report: Report) -> list[str]:
    return [d.code for d in report.diagnoses if d.level != "note"]


def mean_loss(net: Any) -> Any:
    return sum((net(x) - y) ** 2 for x, y in CURVE) / len(CURVE)


def test_parameters_replaced_in_an_object() -> None:
    class Line:
        def __init__(self) -> None:
            self.w, self.b = Value(0.5), Value(0.0)

        def __call__(self, x: float) -> Any:
            return self.w * x + self.b

    line = Line()
    with sw.watch() as watched:
        for _ in range(6):
            loss: Any = sum((line(x) - y) ** 2 for x, y in LINE)
            loss.backward()
            line.w = line.w - 0.01 * line.w.grad
            line.b = line.b - 0.01 * line.b.grad
    [found] = watched.report().mistakes
    assert found.code == "SW104"
    assert found.sentence.startswith("line.w became a new Value at each update")


def test_a_loss_that_takes_all_earlier_steps_along() -> None:
    w = Value(2.0, label="w")
    total: Any = Value(0.0)
    with sw.watch() as watched:
        for x, y in LINE * 3:
            total = total + (w * x - y) ** 2
            w.grad = 0
            total.backward()
            w.data -= 0.001 * w.grad
    [found] = watched.report().mistakes
    assert found.code == "SW103"
    assert "w is now 2.002, this graph was built with 2." in found.sentence


def test_a_loss_without_a_graph() -> None:
    w, b = Value(2.0, label="w"), Value(0.0, label="b")
    with sw.watch() as watched:
        for _ in range(5):
            with sw.no_grad():
                loss = (w * 3 + b - 1) ** 2
            w.grad = b.grad = 0
            loss.backward()
            for p in (w, b):
                p.data -= 0.01 * p.grad
    [found] = watched.report().mistakes
    assert found.sentence == (
        "backward() started from a Value with nothing below it, 25, in 5 passes: 2 parameters (w, b) get no gradient."
    )


def test_momentum_down_one_gradient() -> None:
    net = nn.MLP(1, [6, 1], rng=2)
    opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    with sw.watch() as watched:
        opt.zero_grad()
        mean_loss(net).backward()
        for _ in range(20):
            opt.step()
    assert levels(watched.report()) == ["SW107"]


def test_a_gradient_that_is_infinite_at_the_first_pass() -> None:
    x, y = Value(1.0, label="x"), Value(1.0, label="y")
    with sw.watch() as watched:
        for _ in range(3):
            d = sw.sqrt((x - y) ** 2)
            x.grad = y.grad = 0
            d.backward()
            for p in (x, y):
                p.data -= 0.1 * p.grad
    [found] = watched.report().warnings
    assert found.sentence == (
        "In pass 1 the backward step of sqrt made the gradient of an operand ∞, from the upstream gradient 1 and 0."
    )


def test_the_line_of_a_broken_number_is_known_after_the_next_pass() -> None:
    w = Value(0.5, label="w")
    with sw.watch() as watched:
        for _ in range(3):
            loss = w * w - sw.log((w * 0.0).relu())
            w.grad = 0
            loss.backward()
            w.data -= 0.1 * w.grad
    [found] = watched.report().warnings
    assert found.line.endswith("loss = w * w - sw.log((w * 0.0).relu())")
    assert sw.source_of(w * 2) is None  # recording has ended


def test_kept_averages_are_no_unused_parameters() -> None:
    net, kept = nn.MLP(1, [5, 1], rng=3, activation="tanh"), nn.MLP(1, [5, 1], rng=3, activation="tanh")
    with sw.watch() as watched:
        for _ in range(20):
            loss = mean_loss(net)
            net.zero_grad()
            loss.backward()
            for p, q in zip(net.parameters(), kept.parameters()):
                p.data -= 0.05 * p.grad
                q.data = 0.9 * q.data + 0.1 * p.data
    assert levels(watched.report()) == []


def test_a_state_cut_off_from_step_to_step() -> None:
    w, u, v = Value(0.5), Value(0.3), Value(0.7)
    h: Any = Value(0.0)
    with sw.watch() as watched:
        for t in range(30):
            h = (w * h + u * (t % 3)).tanh()
            loss = (v * h - 0.5) ** 2
            for p in (w, u, v):
                p.grad = 0
            loss.backward()
            for p in (w, u, v):
                p.data -= 0.05 * p.grad
            h = Value(h.data)
    assert levels(watched.report()) == []


def test_slopes_measured_between_forward_and_backward() -> None:
    ps = [Value(0.3), Value(-0.7), Value(1.1)]

    def f() -> Any:
        return (ps[0] * ps[1]).tanh() + (ps[2] * ps[0]).exp() * 0.1 + ps[1] ** 2

    with sw.watch() as watched:
        for _ in range(8):
            loss = f()
            for p in ps:
                p.grad = 0
                p.data += 1e-6
                up = f().data
                p.data -= 2e-6
                down = f().data
                p.data += 1e-6  # not to the last bit what it was
                assert up != down
            loss.backward()
            for p in ps:
                p.data -= 0.1 * p.grad
    assert levels(watched.report()) == []


def test_a_line_search() -> None:
    w, b = Value(3.0), Value(1.0)

    def f() -> Any:
        return (w * b - 2) ** 2 + 0.1 * (w - b) ** 2

    with sw.watch() as watched:
        for _ in range(8):
            loss = f()
            w.grad = b.grad = 0
            loss.backward()
            old, t = (w.data, b.data), 1.0
            while t > 1e-6:
                w.data, b.data = old[0] - t * w.grad, old[1] - t * b.grad
                if f().data < loss.data:
                    break
                t /= 2
    assert levels(watched.report()) == []


# ---------------------------------------------------------------------- nets of which not every stretch is followed


@pytest.fixture
def large_net() -> nn.MLP:
    random.seed(4)
    return nn.MLP(1, [12, 12, 1])  # 193 parameters


def train(net: Any, steps: int, zero: bool = True, rate: float = 0.05) -> None:
    for _ in range(steps):
        loss = mean_loss(net)
        if zero:
            net.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.data -= rate * p.grad


def test_every_update_is_counted(large_net: nn.MLP) -> None:
    with sw.watch() as watched:
        train(large_net, 50)
    report = watched.report()
    assert (report.passes, report.updates, report.parameters) == (50, 50, 193)
    assert levels(report) == []
    assert watched._recorder.is_resting


def test_faults_are_found_all_the_same(large_net: nn.MLP) -> None:
    with sw.watch() as watched:
        train(large_net, 30, zero=False, rate=0.01)
    [found] = watched.report().mistakes
    assert found.sentence.endswith("29 updates of 30 used such a sum.")
    with sw.watch() as watched:
        train(large_net, 40, rate=-0.001)
    [found] = watched.report().mistakes
    assert found.code == "SW105"
    assert "Updates 1 to 39" in found.sentence


def test_a_fault_that_begins_later_is_found(large_net: nn.MLP) -> None:
    with sw.watch() as watched:
        train(large_net, 30)
        train(large_net, 30, zero=False, rate=0.001)
    assert levels(watched.report()) == ["SW101"]


def test_another_net_after_a_long_training(large_net: nn.MLP) -> None:
    other = nn.MLP(1, [12, 12, 1], rng=5)
    with sw.watch() as watched:
        train(large_net, 30)
        train(other, 30)
    report = watched.report()
    assert levels(report) == []
    assert (report.updates, report.trainings) == (60, 2)


def test_dead_units_are_counted_between_two_looks() -> None:
    random.seed(6)
    net = nn.MLP(1, [12, 12, 1])
    net.layers[1].neurons[3].b.data = -60.0
    with sw.watch(net) as watched:
        for _ in range(12):
            loss = mean_loss(net) + 1e-4 * sum(p * p for p in net.parameters())
            net.zero_grad()
            loss.backward()
            for p in net.parameters():
                p.data -= 0.05 * p.grad
    [found] = [d for d in watched.report().notes if d.code == "SW301"]
    assert "layers.1.neurons.3" in found.to_dict()["measured"]["names"]
