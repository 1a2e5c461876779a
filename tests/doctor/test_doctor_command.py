"""`slopewise doctor` and `slopewise help`, and what they say of scripts that they cannot look into."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slopewise.cli import main
from slopewise.doctor.script import facts_of, run_script

FORGETS = """\
import sys
from slopewise import Value

w = Value(3.0)
for step in range(4):
    loss = w * w
    loss.backward()
    w.data -= 0.1 * w.grad
print("done", sys.argv[1:], __name__)
"""
MICROGRAD = FORGETS.replace("slopewise", "micrograd.engine")
OWN = "class Value:\n    def __init__(self, data):\n        self.data = data\n    def backward(self): pass\nprint(Value(1.0).data)\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(FORGETS, encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_a_script_runs_as_it_would_and_is_reported_on(script: Path) -> None:
    result = run("doctor", str(script), "--epochs", "3")
    assert result.exit_code == 1
    assert result.stdout.startswith("done ['--epochs', '3'] __main__\n\ndoctor: 1 mistake\n")
    assert "w still held 6 when pass 2 added 4.8" in " ".join(result.stdout.split())
    assert "at train.py:7: loss.backward()" in result.stdout
    assert sys.modules["__main__"].__name__ != "train"


def test_a_clean_script_exits_with_0(script: Path) -> None:
    script.write_text(FORGETS.replace("    loss.backward()", "    w.grad = 0\n    loss.backward()"), encoding="utf-8")
    result = run("doctor", str(script))
    assert result.exit_code == 0
    assert "doctor: nothing to report" in result.stdout


def test_json_is_alone_on_stdout(script: Path) -> None:
    result = run("doctor", "--json", str(script))
    record = json.loads(result.stdout)
    assert record["diagnoses"][0]["code"] == "SW101"
    assert record["error"] is None
    assert "done []" in result.stderr


def test_plain_is_ascii(script: Path) -> None:
    assert run("doctor", "--plain", str(script)).stdout.isascii()


def test_a_script_that_fails_is_told_with_its_line_and_then_reported_on(script: Path) -> None:
    script.write_text(FORGETS + "1 / 0\n", encoding="utf-8")
    result = run("doctor", str(script))
    assert result.exit_code == 1
    assert f"the script failed at {script}:10: 1 / 0: ZeroDivisionError: division by zero" in result.stderr
    assert "doctor: 1 mistake" in result.stdout


def test_a_script_that_ends_itself(script: Path) -> None:
    script.write_text("import sys\nsys.exit(3)\n", encoding="utf-8")
    assert run_script(script).exit_code == 3
    assert run("doctor", str(script)).exit_code == 1


def test_ctrl_c_ends_the_script_and_not_the_report(script: Path) -> None:
    script.write_text(FORGETS + "raise KeyboardInterrupt\n", encoding="utf-8")
    done = run_script(script)
    assert done.was_stopped
    assert [d.code for d in done.report.mistakes] == ["SW101"]


def test_micrograd_is_told_and_stood_in_for(tmp_path: Path) -> None:
    path = tmp_path / "demo.py"
    path.write_text(MICROGRAD, encoding="utf-8")
    result = run("doctor", str(path))
    assert result.exit_code == 2
    assert result.stderr == (
        f"slopewise: {path}:2 imports micrograd, which the doctor cannot look into: slopewise doctor --as micrograd {path} "
        f"runs it with slopewise in its place\n"
    )
    before = sys.modules.get("micrograd.engine")
    result = run("doctor", "--as", "micrograd", str(path))
    assert "doctor: 1 mistake" in result.stdout
    assert sys.modules.get("micrograd.engine") is before


@pytest.mark.parametrize(
    "line",
    [
        "import micrograd.engine as e; Value = e.Value; from micrograd import nn, engine",
        "from micrograd.nn import MLP, Neuron, Layer, Module; from micrograd.engine import Value",
    ],
)
def test_every_way_of_importing_micrograd(line: str, tmp_path: Path) -> None:
    path = tmp_path / "demo.py"
    path.write_text(f"{line}\na = Value(2.0)\n(a * a).backward()\nassert a.grad == 4\n", encoding="utf-8")
    done = run_script(path, redirect_micrograd=True)
    assert done.error is None
    assert done.report.passes == 1


def test_an_own_value_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(OWN, encoding="utf-8")
    result = run("doctor", str(path))
    assert result.exit_code == 2
    assert result.stderr == (
        f"slopewise: {path}:1 defines a class Value of its own, which the doctor cannot look into: slopewise check "
        f"{path}:Value tests that class; to have its training watched, import Value from slopewise.lecture instead\n"
    )


def test_an_own_value_in_another_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "my_engine_of_this_test.py").write_text(OWN, encoding="utf-8")
    path = tmp_path / "train.py"
    path.write_text("from my_engine_of_this_test import Value\nValue(1.0).backward()\n", encoding="utf-8")
    result = run("doctor", str(path))
    assert "No backward pass was seen." in result.stdout
    assert "note: my_engine_of_this_test.py defines a class Value of its own" in result.stderr
    assert "my_engine_of_this_test.py:Value tests it" in result.stderr
    sys.modules.pop("my_engine_of_this_test", None)


def test_a_subclass_of_ours_is_no_own_value() -> None:
    text = "from slopewise import Value as V\nclass Value(V):\n    def __init__(self, x): super().__init__(x)\n"
    assert facts_of(text).own_value == 0


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("broken.py", "def f(:\n", "broken.py:1: invalid syntax: def f(:"),
        ("tain.py", None, "no file"),
    ],
)
def test_scripts_that_cannot_run(name: str, text: str | None, line: str, script: Path) -> None:
    path = script.parent / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = run("doctor", str(path))
    assert result.exit_code == 2
    assert line in result.stderr
    assert result.stderr.count("\n") == 1
    if text is None:
        assert "did you mean" in result.stderr


def test_a_script_with_a_watch_of_its_own(script: Path) -> None:
    body = "\n".join("    " + line for line in FORGETS.splitlines()[3:-1])
    text = f"import slopewise as sw\nfrom slopewise import Value\nwith sw.watch() as mine:\n{body}\nprint(mine.report().verdict)\n"
    script.write_text(text, encoding="utf-8")
    result = run("doctor", str(script))
    assert result.stdout.startswith("1 mistake\n\ndoctor: 1 mistake\n")


def test_a_pickle_and_a_dataclass_of_main_work(script: Path) -> None:
    script.write_text(
        "import pickle, dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\n"
        "assert pickle.loads(pickle.dumps(P(3))) == P(3)\n",
        encoding="utf-8",
    )
    assert run_script(script).error is None


# ---------------------------------------------------------------------- help


def test_help_on_a_diagnosis() -> None:
    result = run("help", "SW104")
    assert result.exit_code == 0
    assert result.stdout.startswith("SW104: parameter replaced instead of updated\n\nmistake: the code is wrong.")
    assert "      p.data -= 0.1 * p.grad" in result.stdout.replace("\u00a0", " ")
    assert run("help", "sw104").stdout == result.stdout
    assert json.loads(run("help", "SW104", "--json").stdout)["level"] == "mistake"


def test_help_on_errors_and_commands() -> None:
    assert run("help", "DomainError").stdout.startswith(
        "DomainError (SlopewiseError, ValueError)\n\nA number lies outside"
    )
    assert "Run a script, and name the mistakes" in run("help", "doctor").stdout
    assert json.loads(run("help", "GraphError", "--json").stdout)["error"] == "GraphError"
    assert json.loads(run("help", "fit", "--json").stdout)["command"] == "fit"


def test_help_lists_its_topics() -> None:
    result = run("help")
    assert result.exit_code == 0
    for topic in ("SW101", "SW308", "DomainError", "doctor"):
        assert topic in result.stdout
    assert json.loads(run("help", "--json").stdout)["diagnoses"][0]["code"] == "SW101"


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("SW999", "no help on 'SW999'; slopewise help lists all topics"),
        ("sw10", "no help on 'sw10'; did you mean 'SW101'?"),
        ("GraphEror", "no help on 'GraphEror'; did you mean 'GraphError'?"),
        ("xyz", "no help on 'xyz'; slopewise help lists all topics"),
    ],
)
def test_unknown_topics(topic: str, line: str) -> None:
    result = run("help", topic)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"slopewise: {line}")
