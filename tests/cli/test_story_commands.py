"""`slopewise explain`, `why` and `draw`, as a user calls them: formats, files, widths, streams, labels of any kind."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slopewise.cli import main

ARTICLE = "f = (a*b) * (a+b); a = -2; b = 3"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SOURCE = r"""
from slopewise import Value
from slopewise.nn import MLP
import random
random.seed(1)
x = Value(2.0)
y = Value(3.0)
total = x * y + x
evil = Value(1.0, label="\x1b]0;x\x07\u202e\x9b31m\n\r# *a* <b> $ \\ % |")
worse = evil * evil + x
worse.label = "\x1b[2J"
ran = x * y
ran.backward()
net = MLP(2, [3, 1])
loss = (net([1.0, 2.0]) - 1) ** 2
big = net([0.5, -1.0])
for k in range(30):
    big = big + net([k / 30, 1.0]).tanh()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def call(*arguments: str, stdin: str | None = None) -> Result:
    try:
        return CliRunner().invoke(main, list(arguments), input=stdin)
    finally:
        sys.modules.pop("mine", None)


def good(*arguments: str, stdin: str | None = None) -> str:
    result = call(*arguments, stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def bad(*arguments: str) -> list[str]:
    result = call(*arguments)
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    return result.stderr.splitlines()


def test_explain_tells_the_article() -> None:
    lines = good("explain", ARTICLE).splitlines()
    assert lines[0] == "Backpropagation through f"
    assert "a = −2, b = 3" in lines
    assert "  a.grad += v1.grad · b   = 1 · 3 = 3      −6 → −3" in lines
    assert "a.grad = −3  −6 through v2 and 3 through v1" in lines
    assert not any("not run" in line for line in lines)


def test_intermediate_names_are_told() -> None:
    text = good("explain", "e = a+b; d = a·b; f = d·e; a=−2; b=3")
    assert "a.grad = −3  3 through d and −6 through e" in text


def test_explain_a_mistake() -> None:
    text = good("explain", ARTICLE, "--wrong", "assign")
    assert "a.grad                 3     −3" in text
    assert "✗" in text


def test_the_standard_input_and_files_of_every_kind(folder: Path) -> None:
    for ending, beginning in (
        (".txt", "Backprop"),
        (".md", "#"),
        (".tex", "\\"),
        (".html", "<!doctype"),
        (".json", "{"),
    ):
        assert good("explain", "-", "-o", f"out{ending}", stdin=ARTICLE) == ""
        text = (folder / f"out{ending}").read_text(encoding="utf-8")
        assert text.startswith(beginning), text[:40]
        assert text.endswith("\n") and not text.endswith("\n\n")
        assert good("explain", ARTICLE, "--format", _format(ending)).strip("\n")[:20] in text


def _format(ending: str) -> str:
    return {".txt": "text", ".md": "markdown", ".tex": "latex", ".html": "html", ".json": "json"}[ending]


def test_json_of_a_story() -> None:
    story = json.loads(good("explain", ARTICLE, "--json"))
    assert story["root"] == "f"
    assert [step["kind"] for step in story["steps"]] == ["forward"] * 3 + ["backward"] * 6
    assert story == json.loads(good("explain", ARTICLE, "--format", "json"))


def test_lines_of_a_file() -> None:
    text = good("explain", "mine.py:total", "--lines")
    assert "mine.py:8" in text
    assert "mine.py:8" not in good("explain", "mine.py:total")


def test_a_file_that_did_not_run_backward_is_told_so_and_an_expression_not() -> None:
    assert "backward() was not run" in good("explain", "mine.py:total")
    assert "backward() was not run" not in good("explain", "mine.py:ran")


def test_places_in_a_net() -> None:
    assert "layers.1.neurons.0.b" in good("explain", "mine.py:loss")


def test_functions_are_listed() -> None:
    text = good("explain", "--functions")
    assert text.startswith("Functions: abs, acos,")
    assert "Constants: pi, π" in text


@pytest.mark.parametrize("arguments", [("a", ARTICLE), (ARTICLE, "a")])
def test_why_in_either_order(arguments: tuple[str, str]) -> None:
    text = good("why", *arguments)
    assert "a.grad = −3 = −6 (through a + b) + 3 (through a · b)" in text


def test_why_of_a_place_in_a_net_grouped() -> None:
    text = good("why", "layers.0.neurons.1.w.0", "mine.py:big", "--by", "sample")
    assert "sample" in text


def test_why_as_json() -> None:
    answer = json.loads(good("why", "a", ARTICLE, "--json"))
    assert answer["total"] == -3
    assert [path["product"] for path in answer["paths"]] == [-6, 3]


def test_why_of_a_node_between_and_of_one_in_a_list() -> None:
    assert "v1" in good("why", "v1", ARTICLE)
    Path("listed.py").write_text("from slopewise import Value\nxs = [Value(1.0), Value(2.0)]\nf = xs[0] * xs[1]\n")
    assert good("why", "xs[1]", "listed.py:f")


def test_why_of_what_is_not_there() -> None:
    assert bad("why", "aa", ARTICLE) == ["slopewise: no node 'aa' in the graph of f; did you mean a?"]
    assert bad("why", "zz", ARTICLE) == ["slopewise: no node 'zz' in the graph of f; there are a, b"]
    (line,) = bad("why", "a", "b")
    assert line == "slopewise: 'b' is no expression and no FILE.py:NAME: write slopewise why a \"f = …; a = 2\""


def test_draw_every_kind(folder: Path) -> None:
    for ending in ("svg", "html", "dot"):
        said = good("draw", ARTICLE, "-o", f"out.{ending}")
        assert said.startswith(f"drawn to out.{ending}: ")
        assert (folder / f"out.{ending}").stat().st_size > 200
    assert (folder / "out.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    "options",
    [
        ("--look", "lecture"),
        ("--direction", "tb"),
        ("--theme", "dark"),
        ("--local", "--contributions"),
        ("--no-colour",),
        ("--nodes",),
        ("--highlight", "a"),
    ],
)
def test_options_of_draw_change_the_picture(options: tuple[str, ...]) -> None:
    assert good("draw", ARTICLE.replace("a+b", "a-b"), *options) != good("draw", ARTICLE.replace("a+b", "a-b"))


def test_draw_folds_and_draws_nets() -> None:
    folded, whole = good("draw", "mine.py:loss", "--fold", "layer"), good("draw", "mine.py:loss", "--fold", "none")
    assert len(folded) < len(whole)
    assert good("draw", "mine.py:net").startswith("<svg")


def test_draw_as_json(folder: Path) -> None:
    report = json.loads(good("draw", ARTICLE, "-o", "f.svg", "--json"))
    assert report["file"] == "f.svg"
    assert report["description"].startswith("Given a = ")


def test_draw_says_what_it_cannot_do() -> None:
    assert bad("draw", ARTICLE, "-o", "f.gif") == [
        "slopewise: -o f.gif: the ending says the kind of picture: .svg, .png, .pdf, .html, .dot"
    ]
    assert bad("draw", ARTICLE, "-o", "none/f.svg") == ["slopewise: -o none/f.svg: there is no folder none"]
    assert bad("draw", ARTICLE, "--json") == [
        "slopewise: --json says what was drawn, and the picture needs a file: add -o out.svg"
    ]
    assert bad("draw", "mine.py:net", "--highlight", "a") == [
        "slopewise: --highlight marks a path of a graph, and net is a net: name its loss"
    ]


def test_a_fault_in_an_expression_is_one_line_and_a_caret() -> None:
    for command in (["explain"], ["draw"], ["why", "a"]):
        assert bad(*command, "f = (a*b) * (a+c); a=-2; b=3") == [
            "slopewise: c has no value: add c = 2",
            "  f = (a*b) * (a+c); a=-2; b=3",
            "                 ^",
        ]


def test_what_the_files_own_backward_raises_is_one_line() -> None:
    Path("own.py").write_text(
        "from slopewise import Value\nx = Value(2.0)\ny = Value(4.0, (x,), 'sq')\n"
        "def step():\n    x.grad += missing * y.grad\ny._backward = step\nz = y * 2\n"
    )
    line = "slopewise: reading the graph raised own.py:5: x.grad += missing * y.grad: NameError: name 'missing' is not defined"
    for command in (["explain"], ["draw"], ["why", "x"]):
        try:
            assert bad(*command, "own.py:z") == [line]
        finally:
            sys.modules.pop("own", None)


def test_options_that_disagree() -> None:
    assert bad("explain", ARTICLE, "--json", "--format", "html") == [
        "slopewise: --json and --format html exclude each other: give one"
    ]
    assert bad("explain", ARTICLE, "-o", "story.pdf") == [
        "slopewise: -o story.pdf: the ending says the format: .txt, .md, .tex, .html, .htm, .json; or give --format"
    ]
    assert bad("explain", ARTICLE, "--lines") == [
        "slopewise: --lines tells lines of a file, and an expression has none: leave it out"
    ]
    assert bad("explain", ARTICLE, "-o", "no/where.md") == [
        "slopewise: cannot write no/where.md: No such file or directory"
    ]


COMMANDS = [
    *[("explain", "mine.py:worse", "--format", form) for form in ("text", "markdown", "latex", "html", "json")],
    ("explain", "mine.py:worse", "--wrong", "order"),
    *[("why", "x", "mine.py:worse", "--format", form) for form in ("text", "markdown", "latex", "html", "json")],
    ("why", "x\x1b[31m", "mine.py:worse"),
    ("draw", "mine.py:worse"),
    ("draw", "mine.py:worse", "-o", "a.svg", "--json"),
    ("draw", "mine.py:worse", "-o", "b.svg"),
    ("explain", "mine.py:wor\x1bse"),
    ("explain", "f = a\x1b]0;x\x07"),
    ("explain", "\u202ef = a"),
    ("fit", "table.csv", "--target", "b\x1b[31m", "--holdout", "0", "--force"),
    ("fit", "table.csv", "--target", "b\x1b[31m", "--holdout", "0", "--force", "--json"),
    ("check", "mine.py:\x1bx", "--at", "1"),
    ("\x1b[31m",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: repr(" ".join(command))[:50])
@pytest.mark.parametrize("more", [(), ("--plain",)], ids=["", "plain"])
def test_nothing_in_a_label_steers_the_terminal(command: tuple[str, ...], more: tuple[str, ...]) -> None:
    rows = "".join(f"{i},{3 * i + i % 2}\n" for i in range(9))
    Path("table.csv").write_text(f"a\x1b]0;x\x07,b\x1b[31m\n{rows}", encoding="utf-8")
    result = call(*command, *(more if len(command) > 1 else ()))
    assert result.exit_code in (0, 2), result.exception
    assert result.output
    assert not STEERING.search(result.output), repr(result.output)


@pytest.mark.parametrize("columns", ["40", "60", "120"])
def test_lines_fit_the_width(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for command in (("explain", ARTICLE), ("explain", ARTICLE, "--wrong", "assign"), ("why", "a", ARTICLE)):
        title, *lines = good(*command).splitlines()
        assert title
        assert max(map(len, lines)) <= int(columns)


@pytest.mark.parametrize("columns", ["60", "120"])
def test_long_names_fit_the_width(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for command in (("explain", "mine.py:loss"), ("why", "layers.0.neurons.1.w.0", "mine.py:big")):
        _, *lines = good(*command).splitlines()
        assert max(map(len, lines)) <= int(columns)


def test_plain_is_ascii_and_keeps_columns() -> None:
    for command in (("explain", ARTICLE), ("explain", ARTICLE, "--wrong", "order"), ("why", "a", ARTICLE)):
        text = good(*command, "--plain")
        assert text.isascii()
        assert "?" not in text
    lines = good("explain", "f = x² · y; x = 3; y = 2", "--plain").splitlines()
    forward = [line for line in lines if re.match(r"\w+ = .*  = ", line)]
    assert len({line.index("  = ") for line in forward}) <= 1 or len({line.rindex(" = ") for line in forward}) >= 1


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    runner = CliRunner()
    coloured = runner.invoke(main, ["explain", ARTICLE], color=True).stdout
    assert "\x1b[1m" in coloured
    assert "\x1b[" not in runner.invoke(main, ["explain", ARTICLE, "--plain"], color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    plain = runner.invoke(main, ["explain", ARTICLE], color=True).stdout
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", "slopewise.cli", *arguments]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, timeout=120, check=False)


def test_a_stream_that_is_not_utf_8_and_a_pipe_that_closes() -> None:
    done = run("explain", ARTICLE, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert b"a.grad = -3  -6 through v2 and 3 through v1" in done.stdout
    done = run("explain", "f = a·c; a=1", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == b"slopewise: c has no value: add c = 2"
    assert done.stderr.isascii()


def test_the_help_says_that_a_file_is_run() -> None:
    for command in ("explain", "why", "draw"):
        text = " ".join(good(command, "--help").split())
        assert "runs the file" in text
    assert "never run as code" in " ".join(good("explain", "--help").split())


def test_another_name_of_a_value_is_said() -> None:
    result = CliRunner().invoke(main, ["explain", "f = a; a = 3"])
    assert result.exit_code == 0
    assert "note: f is a, and goes by that name here" in result.stderr
    assert "note" not in CliRunner().invoke(main, ["explain", "f = a * 2; a = 3"]).stderr


def test_an_example_of_a_diagnosis_keeps_its_indentation_in_plain_ascii() -> None:
    for option in ([], ["--plain"]):
        lines = CliRunner().invoke(main, ["help", "SW103", *option]).stdout.replace("\u00a0", " ").splitlines()
        assert "  for step in range(100):" in lines
        assert "      loss.backward()" in lines


def test_errors_tell_a_shell_what_to_do_not_python() -> None:
    result = CliRunner().invoke(main, ["why", "x", "mine.py:total", "--by", "sample"])
    assert result.exit_code == 2
    assert "model=" not in result.stderr
    assert "bind the net to a variable of the file" in result.stderr
