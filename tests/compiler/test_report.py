"""`k.report()`: what was made, in text, HTML and JSON."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


def compiled() -> Any:
    w = Value(2.0)

    def loss(x: Any, y: Any) -> Any:
        if x > 0:
            return (w * x - y) ** 2 + w * x
        return y

    k = sw.compile(loss)
    k.backward(1.0, 2.0)
    k(-1.0, 2.0)
    k(1.0, 2.0)
    return k


def test_counts_and_stages() -> None:
    report = compiled().report()
    assert (report.name, report.arguments, report.captured, report.results) == ("loss", 2, 1, 1)
    assert (report.writes, report.guards, report.paths) == (0, 1, (2, 2))
    titles = {kernel.title: kernel for kernel in report.kernels}
    assert set(titles) == {"a call", "a call of backward()"}
    call = titles["a call"]
    assert [stage.name for stage in call.stages] == ["simplify", "lower to replay"]
    assert call.equations == sum(count for _, count in call.operations) == call.stages[-1].equations
    assert call.inputs == 3 and call.outputs == 2 and call.bytes > 0
    assert titles["a call of backward()"].stages[0].name == "differentiate"
    assert report.recorded.name == "trace" and report.recorded.seconds > 0
    assert all(stage.seconds >= 0 for kernel in report.kernels for stage in kernel.stages)
    counts = [count for _, count in call.operations]
    assert counts == sorted(counts, reverse=True)


def test_text() -> None:
    text = compiled().report().text()
    assert text.startswith("loss: 2 numbers in, 1 captured number, 1 number out, 1 guard, 2 paths\n")
    assert "\na call: " in text and "\na call of backward(): " in text
    assert str(compiled().report()).split("\n")[0] == text.split("\n")[0] == repr(compiled().report()).split("\n")[0]
    assert all(len(line) <= 100 for line in text.split("\n"))


def test_json_has_everything() -> None:
    data = compiled().report().json()
    assert json.loads(json.dumps(data)) == data
    assert data["paths"] == {"all": 2, "counted": 2}
    assert data["kernels"][0]["stages"][0].keys() == {"name", "equations", "seconds"}


def test_html_is_well_formed_and_escaped() -> None:
    def odd(x: Any) -> Any:
        return x

    odd.__name__ = "<b>&"
    k = sw.compile(odd)
    k(1.0)
    text = k.report()._repr_html_()
    assert "&lt;b&gt;&amp;" in text and "<b>&" not in text.replace("<b>&lt;", "")
    opened: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Checker().feed(compiled().report()._repr_html_())
    assert not opened


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.56e-5, "45.6 µs"), (2e-8, "0.02 µs")]
)
def test_durations(seconds: float, shown: str) -> None:
    from slopewise.compiler.report import _duration

    assert _duration(seconds) == shown


def test_a_path_prints_what_a_loop_asked_again_once() -> None:
    def root(a: Any) -> Any:
        x = a
        while abs(x * x - a) > 1e-12:
            x = 0.5 * (x + a / x)
        return x

    k = sw.compile(root)
    k(2.0)
    head, asked, last = str(k.paths[0]).split("\n")
    assert head == "path of (a): 1 call, 50 equations"
    assert asked.startswith("  true     at ") and asked.endswith("while abs(x * x - a) > 1e-12:  (5 times)")
    assert last.startswith("  not true at ") and last.endswith("while abs(x * x - a) > 1e-12:")

    def many(*xs: Any) -> Any:
        return sum(i for i, x in enumerate(xs) if (x > 0) == bool(i % 2))

    k = sw.compile(many)
    k(*[1.0] * 20)
    *_, last = str(k.paths[0]).split("\n")
    assert last == "  … and 8 guards more"
