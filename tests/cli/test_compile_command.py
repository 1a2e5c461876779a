"""`slopewise compile`: what a function became, in text and JSON, and one line for whatever cannot be compiled."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slopewise.cli import main

SOURCE = r"""
import random
import slopewise as sw
from slopewise import Value

RATE = 0.25
w = Value(2.0, label="w")

def loss(x, y):
    if x > y:
        return (w * x - y) ** 2 * RATE
    return sw.exp(x - y)

def powers(x, n):
    print("loud")
    return sum(x**i for i in range(n))

def none():
    return w * 3

@sw.compile
def done(x, scale=2.0):
    return {"a": x * scale, "b": [x]}

def long(x):
    for i in range(100):
        x = sw.sin(x) * 0.5
    return x

def fails(x):
    return [][1]

def frozen(x):
    return float(x) * x

def drawn(x):
    return x * random.random()

def keyword(x, *, k):
    return x * k

class Thing:
    pass

slope = sw.grad(lambda x: x**3)

def waves(x):
    return sum(sw.sin(x * k) for k in range(20))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def call(*arguments: str) -> Result:
    try:
        return CliRunner().invoke(main, ["compile", *arguments])
    finally:
        sys.modules.pop("mine", None)


def good(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def bad(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    (line,) = result.stderr.strip().split("\n")
    return line


def test_results_report_program_paths_and_frozen_numbers() -> None:
    text = good("mine.py:loss", "--at", "2.0, 1.0", "--at", "0.0, 1.0")
    assert text.startswith("loss(2.0, 1.0) = 2.25\nloss(0.0, 1.0) = 0.36787944117144233\n\nloss: 2 numbers in, ")
    assert "1 number out, 1 guard, 2 paths\n" in text
    for part in (
        "  trace ",
        "  simplify ",
        "exp 1, greater 1",
        "program(%0 x, %1 y) {",
        "true     at mine.py:",
        "not true at",
    ):
        assert part in text


def test_the_frozen_numbers_have_their_lines() -> None:
    text = good("mine.py:loss", "--at", "2.0, 1.0")
    assert "frozen numbers\n" in text
    assert "  0.25 at mine.py:11: return (w * x - y) ** 2 * RATE" in text


def test_of_a_line_that_froze_many_numbers_the_first_few_are_listed() -> None:
    text = good("mine.py:powers", "--at", "2.0, 2")
    assert "numbers, " not in text
    text = good("mine.py:long", "--at", "2.0")
    assert "  0.5 at mine.py:27: x = sw.sin(x) * 0.5  (100 times)" in text
    text = good("mine.py:waves", "--at", "2.0")
    line = "mine.py:48: return sum(sw.sin(x * k) for k in range(20))"
    assert f"  21 numbers, 20 different: 0.0, 1.0, 2.0, … at {line}\n" in text + "\n"


def test_the_loops_in_place_of_the_program() -> None:
    text = good("mine.py:waves", "--at", "2.0", "--loops")
    assert "\n  sum[0] = sum(i in 20: sin(x[0] * c[i]))\n" in text and "program(" not in text
    data = json.loads(good("mine.py:waves", "--at", "2.0", "--loops", "--json"))
    assert data["loops"].startswith("loops(x[1]) {") and data["program"].startswith("program(")
    assert "loops" not in json.loads(good("mine.py:waves", "--at", "2.0", "--json"))


def test_what_runs_it_can_be_chosen() -> None:
    assert "\n  replay: asked for by backend='replay'\n" in good("mine.py:waves", "--at", "2.0", "--backend", "replay")
    text = good("mine.py:waves", "--at", "2.0", "--wrt", "x", "--backend", "replay")
    assert text.startswith("waves(2.0) = (") and "\n  replay: asked for by backend='replay'\n" in text
    pytest.importorskip("llvmlite")
    assert "\n  machine code: asked for, 1 nest of loops; " in good("mine.py:waves", "--at", "2.0", "--backend", "llvm")


def test_arguments_by_name_make_one_call() -> None:
    text = good("mine.py:loss", "--at", "x=2.0", "--at", "y=1.0")
    assert text.startswith("loss(x=2.0, y=1.0) = 2.25\n")
    assert good("mine.py:loss", "--at", "x=2.0, y=1.0").startswith("loss(x=2.0, y=1.0) = 2.25")


def test_calls_by_name_that_clash_are_several() -> None:
    text = good("mine.py:loss", "--at", "x=2.0, y=1.0", "--at", "x=0.0, y=1.0")
    assert text.startswith("loss(x=2.0, y=1.0) = 2.25\nloss(x=0.0, y=1.0) = 0.36")


def test_ints_are_ints_and_what_is_printed_is_left_out() -> None:
    result = call("mine.py:powers", "--at", "0.5, 3")
    assert result.stdout.startswith("powers(0.5, 3) = 1.75\n") and "loud" not in result.stdout
    assert "mine.py printed 2 lines, left out here" in result.stderr
    assert "3        at mine.py:16: return sum" in result.stdout


def test_a_function_without_arguments_needs_no_call() -> None:
    assert good("mine.py:none").startswith("none() = 6.0\n\nnone: 0 numbers in, 1 captured number, 1 number out\n")


def test_what_is_compiled_already_is_used() -> None:
    assert good("mine.py:done", "--at", "3.0").startswith("done(3.0) = {'a': 6.0, 'b': [3.0]}")
    assert good("mine.py:slope", "--at", "2.0").startswith("slope(2.0) = 12.0\n")


def test_value_and_gradient() -> None:
    assert good("mine.py:loss", "--at", "2.0, 1.0", "--wrt", "x").startswith("loss(2.0, 1.0) = (2.25, 3.0)")
    assert good("mine.py:loss", "--at", "2.0, 1.0", "--wrt", "0", "--wrt", "y").startswith(
        "loss(2.0, 1.0) = (2.25, (3.0, -1.5))\n"
    )


@pytest.mark.parametrize("wrt", [("--wrt", "x,y"), ("--wrt", "x", "--wrt", "y"), ("--wrt", "0, 1")], ids=range(3))
def test_gradient_by_several_arguments(wrt: tuple[str, ...]) -> None:
    said = good("mine.py:loss", "--at", "2.0, 1.0", *wrt).splitlines()[0]
    assert said == "loss(2.0, 1.0) = (2.25, (3.0, -1.5))"


def test_what_python_has_no_literal_for() -> None:
    assert good("mine.py:done", "--at", "inf").startswith("done(inf) = {'a': inf, 'b': [inf]}")
    assert good("mine.py:done", "--at", "-inf, scale=nan").startswith("done(-inf, scale=nan) = {'a': nan, 'b': [-inf]}")
    assert good("mine.py:none").startswith("none() = 6.0")


def test_long_programs_are_cut() -> None:
    result = call("mine.py:long", "--at", "1.0")
    assert "  …\n" in result.stdout and "--full prints all" in result.stderr
    whole = good("mine.py:long", "--at", "1.0", "--full")
    assert "  …\n" not in whole and whole.count("= sin") == 100


def test_json() -> None:
    data = json.loads(good("mine.py:loss", "--at", "2.0, 1.0", "--at", "0.0, 1.0", "--json"))
    assert list(data) == ["target", "calls", "report", "program", "paths", "constants"]
    assert data["calls"] == [{"at": "2.0, 1.0", "result": 2.25}, {"at": "0.0, 1.0", "result": 0.36787944117144233}]
    assert [path["guards"][0]["answer"] for path in data["paths"]] == [True, False]
    assert data["paths"][0]["guards"][0]["line"] == 10
    assert {"number", "file", "line", "text"} == set(data["constants"][0])
    assert data["report"]["paths"] == {"all": 2, "counted": 2}


def test_plain_is_ascii() -> None:
    assert good("mine.py:long", "--at", "1.0", "--plain").isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mine.py:loss"], "slopewise: say what to call loss(x, y) with: --at 2.0,3.0 by position, or --at x=2.0 by name"),
        (["mine.py:los", "--at", "1.0"], "slopewise: no function 'los' in mine.py; did you mean 'loss'?"),
        (["mine.py:Thing"], "slopewise: Thing in mine.py is a class, not a function: name an object of it, or a function"),
        (["mine.py:loss", "--at", "w, 1"], ("slopewise: --at 'w, 1': w is no plain number, text, list, tuple or dict; "
         "for anything else, write a function without arguments in the file that makes the call")),
        (["mine.py:loss", "--at", "(1"], ("slopewise: --at '(1' cannot be read: write arguments as in a call, "
         "2.0, [1.0, 2.0] or x=2.0")),
        (["mine.py:loss", "--at", "1)(2"], ("slopewise: --at '1)(2' is more than the arguments of one call: "
         "give one --at for each call")),
        (["mine.py:fails", "--at", "1.0"], ("slopewise: fails(1.0) raised mine.py:31: return [][1]: "
         "IndexError: list index out of range")),
        (["mine.py:loss", "--at", "1.0"], "slopewise: --at '1.0' misses y of loss(x, y): --at '1.0, y=2.0'"),
        (["mine.py:loss", "--at", ""], "slopewise: --at '' misses x and y of loss(x, y): --at 'x=2.0, y=2.0'"),
        (["mine.py:loss", "--at", "1.0, 2.0, 3.0"], ("slopewise: --at '1.0, 2.0, 3.0' has 3 arguments, "
         "and loss(x, y) takes 2 by position")),
        (["mine.py:loss", "--at", "1.0, yy=2.0"], "slopewise: --at '1.0, yy=2.0': loss(x, y) has no yy; did you mean y?"),
        (["mine.py:loss", "--at", "1.0, x=2.0"], "slopewise: --at '1.0, x=2.0' misses y of loss(x, y)"),
        (["mine.py:loss", "--at", "1.0, 2.0, x=2.0"], ("slopewise: --at '1.0, 2.0, x=2.0': "
         "loss(x, y) cannot be called like this: multiple values for argument 'x'")),
        (["mine.py:keyword", "--at", "1.0"], "slopewise: --at '1.0' misses k of keyword(x): --at '1.0, k=2.0'"),
        (["mine.py:done", "--at", "1.0, 2.0, 3.0"], ("slopewise: --at '1.0, 2.0, 3.0' has 3 arguments, "
         "and done(x, scale=2.0) takes 2 by position")),
        (["mine.py:frozen", "--at", "1.0"], ("slopewise: float() of a traced number would freeze it at 1.0; "
         "at mine.py:34: return float(x) * x; ")),
        (["mine.py:drawn", "--at", "1.0"], "slopewise: the traced function drew from random"),
        (["mine.py:loss", "--at", "1.0, 2.0", "--wrt", "z"], "slopewise: "),
        (["mine.py:done", "--at", "1.0", "--exact"], ("slopewise: --exact is for functions that are not compiled yet: "
         "write sw.compile(…, exact=True) in the file")),
        (["mine.py:done", "--at", "1.0", "--backend", "llvm"], ("slopewise: --backend is for functions that are not "
         "compiled yet: write sw.compile(…, backend='llvm') in the file")),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_one_line(arguments: list[str], said: str) -> None:
    assert bad(*arguments).startswith(said)
