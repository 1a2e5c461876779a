"""The watch itself: it sees what it should, keeps nothing alive, and never disturbs the loop."""

import gc
import json
import weakref
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.doctor import Report, Watch
from slopewise.engine import journal
from slopewise.errors import InternalError


def step(w: Value, zero: bool = True) -> float:
    loss = (w - 1) ** 2
    if zero:
        w.grad = 0
    loss.backward()
    w.data -= 0.1 * w.grad
    return float(loss.data)


def test_a_watched_loop_computes_the_same() -> None:
    plain, watched = Value(3.0), Value(3.0)
    losses = [step(plain) for _ in range(20)]
    with sw.watch():
        assert [step(watched) for _ in range(20)] == losses


def test_the_journal_is_closed_afterwards() -> None:
    with sw.watch():
        step(Value(3.0))
    events: list[Any] = []
    journal.open_journal(events)  # would raise if one were open
    journal.close_journal(events)


def test_the_journal_is_closed_after_an_exception_and_the_report_is_there() -> None:
    w = Value(3.0, label="w")
    watched = sw.watch()
    with pytest.raises(ZeroDivisionError), watched:
        step(w, zero=False)
        step(w, zero=False)
        raise ZeroDivisionError
    assert [d.code for d in watched.report().mistakes] == ["SW101"]
    with sw.watch():
        pass


def test_watches_can_be_nested() -> None:
    w = Value(3.0, label="w")
    with sw.watch() as outer:
        step(w)
        with sw.watch() as inner:
            step(w, zero=False)
            step(w, zero=False)
        step(w)
    assert (outer.report().passes, inner.report().passes) == (4, 2)
    assert [d.code for d in inner.report().mistakes] == ["SW101"]
    assert [d.code for d in outer.report().mistakes] == ["SW101"]


def test_a_report_in_the_midst_of_the_block() -> None:
    w = Value(3.0)
    with sw.watch() as watched:
        step(w)
        assert watched.report().passes == 1
        step(w)
    assert watched.report().passes == 2


def test_no_graph_is_kept_alive() -> None:
    w = Value(3.0)
    inner = []
    with sw.watch() as watched:
        for _ in range(5):
            hidden = w * 2
            inner.append(weakref.ref(hidden))
            loss = (hidden - 1) ** 2
            assert hidden.data != 0
            w.grad = 0
            loss.backward()
            w.data -= 0.01 * w.grad
        del hidden, loss
        gc.collect()
        assert [ref() for ref in inner] == [None] * 5
    assert watched.report().passes == 5


def test_a_fault_of_the_watch_does_not_end_the_loop() -> None:
    w = Value(3.0)
    with sw.watch() as watched:
        step(w)
        watched._recorder.descent.add_pass = None  # type: ignore[assignment, method-assign]
        step(w)
        step(w)
    assert w.data < 3
    with pytest.raises(InternalError, match="the watch broke off: TypeError"):
        watched.report()


def test_a_report_prints_lists_and_writes_json() -> None:
    w = Value(3.0, label="w")
    with sw.watch() as watched:
        for _ in range(3):
            step(w, zero=False)
    report = watched.report()
    assert isinstance(report, Report)
    assert isinstance(watched, Watch)
    assert str(report).startswith("doctor: 1 mistake")
    assert repr(report) == str(report)
    assert all(len(line) <= 60 for line in report.text(60).splitlines())
    assert report.diagnoses == (*report.mistakes, *report.warnings, *report.notes)
    record = json.loads(report.to_json())
    assert record["diagnoses"][0]["code"] == "SW101"
    assert record["diagnoses"][0]["measured"]["held"] == 4
    assert "SW101" in report._repr_html_()


def test_numbers_that_are_not_finite_are_none_in_json() -> None:
    w = Value(3.0, label="w")
    with sw.watch() as watched:
        for _ in range(8):
            loss = w**4
            w.grad = 0
            loss.backward()
            w.data -= w.grad
    assert json.loads(watched.report().to_json())["last_loss"] is None


def test_labels_are_escaped_in_html() -> None:
    w = Value(3.0, label="<script>")
    with sw.watch() as watched:
        for _ in range(3):
            step(w, zero=False)
    html = watched.report()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_empty_watch() -> None:
    with sw.watch() as watched:
        pass
    assert str(watched.report()) == "doctor: nothing to report\n\nNo backward pass was seen."


def test_a_long_loop_without_passes_keeps_little() -> None:
    w = Value(1.0)
    with sw.watch() as watched:
        for i in range(220_000):
            w.data = float(i)
    assert len(watched._recorder.held) < 110_000
    assert watched.report().diagnoses == ()


def test_names_come_from_places_in_a_model() -> None:
    from slopewise.nn import MLP

    net = MLP(1, [2, 1], rng=1)
    with sw.watch() as watched:
        for _ in range(3):
            loss = (net([0.5]) - 1) ** 2
            loss.backward()
            for p in net.parameters():
                p.data -= 0.1 * p.grad
    [found] = watched.report().mistakes
    names: tuple[str, ...] = found.to_dict()["measured"]["names"]
    assert set(names) <= {name for name, _ in net.named_parameters()}
    assert len(names) > 3


def test_names_of_a_loop_in_a_function() -> None:
    def train() -> None:
        weights = [Value(0.5), Value(-1.0)]
        for _ in range(3):
            loss = (weights[0] * weights[1] - 1) ** 2
            loss.backward()
            for p in weights:
                p.data -= 0.1 * p.grad

    with sw.watch() as watched:
        train()
    [found] = watched.report().mistakes
    assert found.names == ("weights[0]", "weights[1]")  # type: ignore[attr-defined]


def test_a_watch_that_is_printed_says_where_its_findings_are() -> None:
    assert repr(sw.watch()) == "<a watch over a loop: print its report()>"
