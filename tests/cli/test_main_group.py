"""The main command: version, help, mistyped names, lazily loaded commands, interruptions."""

import subprocess
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner

import slopewise
from slopewise.cli import _COMMANDS, main
from slopewise.engine import NATIVE
from slopewise.errors import DomainError


def test_version_names_the_engine() -> None:
    engine = "native" if NATIVE else "interpreted"
    python = ".".join(map(str, sys.version_info[:3]))
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert result.stdout == f"slopewise {slopewise.__version__} ({engine} engine, Python {python})\n"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    for name in ("check", "demo", "draw", "explain", "fit", "predict", "quiz", "why"):
        assert f"\n  {name} " in result.stdout
    assert "Walk through the story of the micrograd lecture" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["cheek"], "slopewise: no command 'cheek'; did you mean 'check'?\n"),
        (["zzz"], f"slopewise: no command 'zzz'; there are {', '.join(_COMMANDS)}\n"),
        (["--verson"], "slopewise: no such option '--verson'"),
    ],
)
def test_mistyped_names(arguments: list[str], line: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "slopewise: stopped\n"),
        (DomainError("first\nsecond"), 2, "slopewise: first; second\n"),
    ],
)
def test_what_a_command_raises(raised: BaseException, code: int, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise raised

    def get_command(*_: Any) -> click.Command:
        return command

    monkeypatch.setattr(type(main), "get_command", get_command)
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == code
    assert result.stderr.strip("\n") == line.strip("\n")


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_command_has_help_and_speaks_plainly_and_as_json(name: str) -> None:
    text = CliRunner().invoke(main, [name, "--help"]).stdout
    assert f" {name} [OPTIONS]" in text.splitlines()[0]
    assert "--plain" in text
    assert "--json" in text
    assert max(map(len, text.splitlines())) <= 80


def test_help_and_version_load_no_command_and_no_numpy() -> None:
    code = (
        "import sys\n"
        "from slopewise.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = [m for m in ('numpy', 'rich', 'matplotlib', 'slopewise.cli.check') if m in sys.modules]\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
