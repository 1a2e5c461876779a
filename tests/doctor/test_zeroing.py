"""Which old gradients are a mistake, and which are not."""

from collections.abc import Callable

import pytest

import slopewise as sw
from slopewise import Value


def codes(body: Callable[[Value, Value], None], rounds: int = 6) -> list[str]:
    w, b = Value(0.4, label="w"), Value(-0.3, label="b")
    with sw.watch() as watched:
        for _ in range(rounds):
            body(w, b)
    return [d.code for d in watched.report().mistakes]


def loss(w: Value, b: Value) -> Value:
    return (w * 2 + b - 1) ** 2 + (w * -1 + b - 3) ** 2


def update(*ps: Value, rate: float = 0.01) -> None:
    for p in ps:
        p.data -= rate * p.grad


def test_only_one_of_two_is_zeroed() -> None:
    def body(w: Value, b: Value) -> None:
        w.grad = 0
        loss(w, b).backward()
        update(w, b)

    assert codes(body) == ["SW101"]


def test_clearing_the_graph_counts() -> None:
    def body(w: Value, b: Value) -> None:
        out = loss(w, b)
        out.zero_grad()
        out.backward()
        update(w, b)

    assert codes(body) == []


def test_clearing_another_graph_does_not() -> None:
    other = Value(1.0) * 2

    def body(w: Value, b: Value) -> None:
        other.zero_grad()
        loss(w, b).backward()
        update(w, b)

    assert codes(body) == ["SW101"]


def test_clipping_is_no_zeroing_as_long_as_it_changes_nothing() -> None:
    def body(w: Value, b: Value) -> None:
        loss(w, b).backward()
        for p in (w, b):
            p.grad = max(-1e9, min(1e9, p.grad))
        update(w, b, rate=1e-4)

    assert codes(body) == ["SW101"]


def test_zeroing_in_another_place_of_the_loop() -> None:
    def body(w: Value, b: Value) -> None:
        loss(w, b).backward()
        update(w, b)
        w.grad = b.grad = 0

    assert codes(body) == []


def test_zeroing_every_other_time() -> None:
    turn = [0]

    def body(w: Value, b: Value) -> None:
        loss(w, b).backward()
        update(w, b)
        turn[0] += 1
        if turn[0] % 2:
            w.grad = b.grad = 0

    assert codes(body) == ["SW101"]


@pytest.mark.parametrize("rounds", [2, 3, 20])
def test_forgotten(rounds: int) -> None:
    def body(w: Value, b: Value) -> None:
        loss(w, b).backward()
        update(w, b)

    assert codes(body, rounds) == ["SW101"]


def test_one_pass_is_no_mistake() -> None:
    def body(w: Value, b: Value) -> None:
        loss(w, b).backward()
        update(w, b)

    assert codes(body, rounds=1) == []


def test_gradients_by_hand() -> None:
    def body(w: Value, b: Value) -> None:
        out = loss(w, b)
        out.backward()
        w.grad, b.grad = 0.5, -0.5  # set, not added to
        update(w, b)

    assert codes(body) == []
