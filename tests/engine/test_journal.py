"""The journal: assignments, readings, clearings and passes of the user's, in order, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from slopewise import Value
from slopewise.engine.journal import close_journal, open_journal, paused, set_callbacks
from slopewise.engine.reading import contributions_of, gradients_afresh, survey
from slopewise.errors import GraphError


@pytest.fixture
def events() -> Iterator[list[Any]]:
    written: list[Any] = []
    open_journal(written)
    yield written
    close_journal(written)


def what(events: list[Any]) -> list[tuple[Any, ...]]:
    return [(kind, before, after) for kind, _, before, after in events]


def test_a_step_of_training_is_written_in_order(events: list[Any]) -> None:
    p = Value(2.0)
    loss = p * p
    loss.zero_grad()
    loss.backward()
    p.data -= 0.25 * p.grad
    p.grad = 0
    assert what(events) == [
        ("clear", None, None),
        ("pass", None, None),
        ("data", 2.0, 1.0),
        ("grad", 4.0, 0),
    ]
    assert events[1][1] is loss
    assert events[2][1] is p


def test_passes_and_readings_of_the_graph_write_nothing(events: list[Any]) -> None:
    a = Value(2.0)
    y = Value(4.0, (a,), "double")

    def step() -> None:
        a.grad += 2 * y.grad

    y._backward = step
    y.backward()
    gradients_afresh(y, survey(y)[0])
    contributions_of(y, 1.0)
    repr(a), a < 3, f"{a:.2f}", a.grad
    assert what(events) == [("pass", None, None)]


def test_readings_are_told_to_whoever_asks(events: list[Any]) -> None:
    seen: list[Value] = []
    set_callbacks(on_read=seen.append)
    a = Value(2.0)
    a.data, float(a), int(a), round(a)
    assert len(seen) == 4
    (a * 3).tanh().log()
    assert len(seen) == 4
    assert events == []


def test_passes_are_told_while_the_graph_is_there(events: list[Any]) -> None:
    roots: list[Any] = []
    set_callbacks(on_pass=roots.append)
    y = Value(2.0) * 3
    y.backward()
    assert roots == [y]


def test_a_long_journal_asks_to_be_emptied(events: list[Any]) -> None:
    calls: list[Any] = []

    def drain(root: Any) -> None:
        calls.append(root)
        events.clear()

    set_callbacks(on_pass=drain)
    a = Value(0.0)
    for i in range(100_001):
        a.data = i
    assert calls == [None]
    assert len(events) == 1


def test_one_journal_at_a_time() -> None:
    first: list[Any] = []
    open_journal(first)
    try:
        with pytest.raises(GraphError, match="a journal is open already"):
            open_journal([])
    finally:
        close_journal(first)
    with pytest.raises(GraphError, match="belong to an open journal"):
        set_callbacks()
    Value(1.0).data = 2.0
    assert first == []


def test_closing_another_list_changes_nothing(events: list[Any]) -> None:
    close_journal([])
    Value(1.0).data = 2.0
    assert len(events) == 1


def test_a_pause_is_silent_about_everything(events: list[Any]) -> None:
    calls: list[Any] = []
    set_callbacks(on_pass=calls.append, on_read=calls.append)
    a = Value(2.0)
    y = a * 3.0
    with paused(), paused():
        a.data = a.data + 1.0
        y.backward()
        y.zero_grad()
    assert (events, calls) == ([], [])
    a.data = 5.0
    assert what(events) == [("data", 3.0, 5.0)]
