"""`slopewise cache`: what it shows, what it removes, and what it says when nothing is kept."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from slopewise.backends.llvm.disk_cache import Cache
from slopewise.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLOPEWISE_CACHE", str(tmp_path))
    return tmp_path / "kernels"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["cache", *arguments])
    assert (result.exit_code, result.stderr) == (0, ""), (result.output, result.exception)
    return result.stdout


def fill(*ages: float, size: int = 1000) -> None:
    for number, age in enumerate(ages):
        key = f"{number:064x}"
        assert Cache().put(key, bytes(size))
        moment = time.time() - age
        os.utime(Path(str(Cache().folder)) / f"{key}.kernel", (moment, moment))


def test_what_it_shows(folder: Path, golden: Callable[..., None]) -> None:
    texts = [run(), run("--clear")]
    fill(200.0, size=120_000)
    texts.append(run())
    fill(200.0, 12 * 86_400.0 + 60.0, 7300.0, size=700_000)
    texts += [run(), run("--clear"), run("--clear")]
    golden(
        "cli/cache.txt",
        "\n────\n".join(texts).replace(str(folder), "FOLDER").replace("\n\n────", "\n────"),
        reason="the cache empty, with one entry, with three; then cleared twice",
    )


@pytest.mark.parametrize("arguments", [[], ["--clear"]])
def test_switched_off(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("SLOPEWISE_CACHE", "off")
    beginning = "nothing to remove" if arguments else "no machine code is kept"
    assert run(*arguments) == f"{beginning}: SLOPEWISE_CACHE is off\n"
    assert json.loads(run("--json"))["why_not"] == "SLOPEWISE_CACHE is off"
    assert json.loads(run("--json"))["folder"] is None


def test_a_folder_that_cannot_be_used(folder: Path) -> None:
    folder.write_text("a file")
    assert run().startswith(f"no machine code is kept: {folder} is not a folder\n")
    assert run("--clear") == f"nothing to remove: no machine code is kept in {folder}\n"


def test_as_json(folder: Path) -> None:
    fill(0.0, 500.0)
    answer = json.loads(run("--json"))
    assert (answer["folder"], answer["why_not"], answer["most_bytes"]) == (str(folder), None, 256_000_000)
    assert [entry["key"] for entry in answer["entries"]] == [f"{0:064x}", f"{1:064x}"]
    assert answer["bytes"] == sum(entry["bytes"] for entry in answer["entries"]) == 2 * 1084
    answer = json.loads(run("--clear", "--json"))
    assert (answer["removed"], answer["removed_bytes"], answer["entries"]) == (2, 2168, [])


def test_what_cannot_be_removed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    fill(0.0, 0.0)
    real = os.unlink

    def unlink(path: str) -> None:
        if path.endswith("0.kernel"):
            raise PermissionError(13, "Permission denied")
        real(path)

    monkeypatch.setattr(os, "unlink", unlink)
    assert run("--clear") == f"removed 1 entry, 1 kB; 1 entry could not be removed\nfolder   {folder}\n"


def test_help() -> None:
    text = run("--help")
    assert "--clear" in text and "SLOPEWISE_CACHE=off keeps none" in text
    assert "cache" in CliRunner().invoke(main, ["--help"]).stdout
