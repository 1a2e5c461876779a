"""`slopewise check`: the report, and one clear line with exit code 2 for whatever cannot be checked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slopewise.cli import main

SOURCE = """
import math
from slopewise import Value

K = 3

def product(a, b):
    return (a * b).tanh() + b

def wrong(x):
    out = Value(math.tanh(x.data), (x,), "tanh")
    def step():
        x.grad += (1 + out.data**2) * out.grad
    out._backward = step
    return out

def scaled(xs, y):
    print("called")
    return [x * y for x in xs]

def fails(x):
    return 1 / (x - x).data

def cut(x):
    return math.sin(x)

def named(x, *, scale):
    return x * scale

class Thing:
    pass
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def check(*arguments: str) -> Result:
    try:
        return CliRunner().invoke(main, ["check", *arguments])
    finally:
        for name in ("mine", "broken"):
            sys.modules.pop(name, None)


def test_a_right_function(folder: Path) -> None:
    result = check("mine.py:product", "--at", "0.5,-1")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("gradients of product: ok\n\nname  value  ")
    assert "2 gradients: 2 ok" in result.stdout
    assert result.stderr == ""


def test_a_wrong_function_ends_with_1(folder: Path) -> None:
    result = check("mine.py:wrong", "--at", "0.5")
    assert result.exit_code == 1
    assert result.stdout.startswith("gradients of wrong: NOT ok")
    assert check("mine.py:cut", "--at", "1").exit_code == 1


def test_lists_several_results_and_prints_of_the_function(folder: Path) -> None:
    result = check("mine.py:scaled", "--at", "[1,2],3")
    assert result.exit_code == 0, result.output
    assert "scaled[1] by xs[1]" in result.stdout
    assert "called" not in result.stdout
    assert "note: mine.py printed" in result.stdout


def test_a_negative_number_first_and_directions(folder: Path) -> None:
    result = check("mine.py:product", "--at", "-1e-1,2", "--method", "directional")
    assert result.exit_code == 0, result.output
    assert "direction 3" in result.stdout


def test_json(folder: Path) -> None:
    result = check("mine.py:scaled", "--at", "[1,2],3", "--json")
    report = json.loads(result.stdout)
    assert report["ok"] is True
    assert report["at"] == [[1.0, 2.0], 3.0]
    assert len(report["rows"]) == 6
    assert check("mine.py:wrong", "--at", "0.5", "--json").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["mine.py:prodduct", "--at", "1"], "no function 'prodduct' in mine.py; did you mean 'product'?"),
        (
            ["mine.py:zzz", "--at", "1"],
            "no function 'zzz' in mine.py; there are product, wrong, scaled, fails, cut, named",
        ),
        (["mine.py:Thing", "--at", "1"], "--at 1 is for functions, and Thing is a class: leave it out"),
        (
            ["mine.py:K", "--at", "1"],
            "K in mine.py is 3, not a function; there are product, wrong, scaled, fails, cut, named",
        ),
        (["mine.py:math", "--at", "1"], "math in mine.py is a module, not a function"),
        (["mime.py:product", "--at", "1"], "no file mime.py; did you mean mine.py?"),
        (
            ["mine.py"],
            "'mine.py' names no function: write FILE.py:FUNCTION or FILE.py:CLASS; there are product, wrong, scaled, fails, cut, named",
        ),
        (["product", "--at", "1"], "'product' names no function: write FILE.py:FUNCTION"),
        (
            ["mine.py:product", "--at", "1"],
            "--at = 1.0 gives 1 number, and product(a, b) takes 2; give one number per argument, together: --at 2,3",
        ),
        (["mine.py:product", "--at", "1", "2"], "unexpected 2 after the function; write --at 1,2"),
        (["mine.py:product", "mine.py:cut"], "unexpected mine.py:cut after the function; give one FILE.py:FUNCTION"),
        (["mine.py:product", "--at", "1e400,2"], "--at '1e400,2': 1e400 is too large: floats go up to 1.8e308"),
        (
            ["mine.py:named", "--at", "1"],
            (
                "mine.py: named takes scale by name only, and numbers are given by position; "
                "wrap it: lambda x, scale: named(x, scale=scale)"
            ),
        ),
        (
            ["mine.py:product", "--at", "1,two"],
            "--at '1,two': 'two' is not a number: write numbers with commas between them, as in 2,3 or [1,2],3",
        ),
        (["mine.py:product", "--at", "1,,2"], "--at '1,,2' is not a list of numbers: write it as 2,3 or [1,2],3"),
        (["mine.py:product"], "say where to check product(a, b): --at 2,3, one number per argument"),
        (
            ["mine.py:fails", "--at", "1"],
            "fails(1) raised mine.py:22: return 1 / (x - x).data: ZeroDivisionError: float division by zero",
        ),
        (["mine.py:product", "--at", "1,2", "--tolerance", "7"], "tolerance must lie between 0 and 1, got 7.0"),
        (["mine.py:product", "--at", "1,2", "--metod", "each"], "no such option"),
        (["mine.py:product", "--at", "1,2", "--method", "eech"], "invalid value for '--method'"),
        ([], "missing argument 'FILE.py:NAME'"),
        ([".:product", "--at", "1"], ". is a folder, not a Python file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(folder: Path, arguments: list[str], line: str) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("slopewise: " + line)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\ndef f(x:\n    return 1\n", "broken.py:2: '(' was never closed: def f(x:"),
        (
            "import nothing_of_that_name\n",
            (
                "broken.py does not run: broken.py:1: import nothing_of_that_name: "
                "ModuleNotFoundError: No module named 'nothing_of_that_name'"
            ),
        ),
        ("import sys\nsys.exit(3)\n", "broken.py ended itself with exit code 3"),
        ("f = 1 / 0\n", "broken.py does not run: broken.py:1: f = 1 / 0: ZeroDivisionError: division by zero"),
        ("", "no function 'f' in broken.py; there is no function in it"),
    ],
)
def test_files_that_do_not_run(folder: Path, source: str, line: str) -> None:
    Path("broken.py").write_text(source, encoding="utf-8")
    result = check("broken.py:f", "--at", "1")
    assert result.exit_code == 2
    assert result.stderr.startswith("slopewise: " + line)
    assert result.stderr.count("\n") == 1


def test_the_files_own_folder_can_be_imported_from(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "beside_it.py").write_text("TWO = 2.0\n", encoding="utf-8")
    (folder / "sub" / "broken.py").write_text("from beside_it import TWO\ndef f(x): return x * TWO\n", encoding="utf-8")
    assert check(str(Path("sub") / "broken.py") + ":f", "--at", "1").exit_code == 0


def test_a_narrow_terminal_gets_blocks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    result = check("mine.py:product", "--at", "0.5,-1")
    assert "name: a\nvalue: = 0.5\n" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 40


def test_colour_only_where_it_is_wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = CliRunner().invoke(main, ["check", "mine.py:product", "--at", "1,2"], color=True).stdout
    assert "\x1b[" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(main, ["check", "mine.py:product", "--at", "1,2"], color=True).stdout
    sys.modules.pop("mine", None)


ENGINE = """
class Value:
    def __init__(self, data):
        print("made", data)
        self.data = data
    def __add__(self, other):
        return Value(self.data + other.data)
    def __mul__(self, other):
        return Value(self.data {} other.data)
"""


def test_a_class_is_tried_on_the_ladder(folder: Path) -> None:
    Path("broken.py").write_text(ENGINE.format("*"), encoding="utf-8")
    result = check("broken.py:Value")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Check of Value: 3 right, 32 not yet\n")
    assert "Next: tanh: def tanh(self)" in result.stdout
    assert "Value printed" in result.stdout
    assert "made 2" not in result.stdout
    Path("broken.py").write_text(ENGINE.format("+"), encoding="utf-8")
    result = check("broken.py:Value")
    assert result.exit_code == 1
    assert "The first that is wrong: a * b\n" in result.stdout
    assert "cause: a * b adds." in result.stdout
    assert "broken.py:9: return Value(self.data + other.data)" in result.stdout


def test_a_class_as_json(folder: Path) -> None:
    Path("broken.py").write_text(ENGINE.format("+"), encoding="utf-8")
    result = check("broken.py:Value", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["target"], report["class"], report["first_failure"]) == ("broken.py:Value", "Value", "a * b")
    assert check("broken.py:Value", "--plain").stdout.isascii()


def test_a_mistyped_class(folder: Path) -> None:
    Path("broken.py").write_text(ENGINE.format("*"), encoding="utf-8")
    assert check("broken.py:Value2").stderr == "slopewise: no function 'Value2' in broken.py; did you mean 'Value'?\n"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "slopewise.cli", *arguments]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, timeout=300, check=False)


def test_a_stream_that_is_not_utf_8(folder: Path) -> None:
    result = run("check", "mine.py:product", "--at", "0.5,-1", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    assert b"~ -0.7864" in result.stdout
    assert result.stdout.isascii()
