"""How `make` finds a Python, tried on made-up ones."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make and sh are for Unix")

RUNS = f'exec "{sys.executable}" "$@"'
SHIM = 'echo "pyenv: command not found" >&2; exit 127'
TOO_OLD_OR_BARE = "exit 1"  # what a Python says that is older than 3.11, or has no ensurepip
MISSING: dict[str, str] = {}


def chosen(folder: Path, pythons: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    for name, body in pythons.items():
        file = folder / name
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
    for tool in ("sh", "dirname", "sed", "cat", "cksum"):
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(tool))
    return subprocess.run(
        [folder / "sh", ROOT / "tools" / "set_up.sh", "--which"],
        env={"PATH": str(folder)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("pythons", "expected"),
    [
        ({"python3.14": RUNS, "python3.11": RUNS, "python3": RUNS}, "python3.14"),
        ({"python3.14": SHIM, "python3.13": SHIM, "python3.12": RUNS, "python3": RUNS}, "python3.12"),
        ({"python3.11": TOO_OLD_OR_BARE, "python3": RUNS}, "python3"),
    ],
)
def test_the_newest_python_that_runs_is_taken(tmp_path: Path, pythons: dict[str, str], expected: str) -> None:
    done = chosen(tmp_path, pythons)
    assert done.stdout.strip() == str(tmp_path / expected), done.stderr


@pytest.mark.parametrize("pythons", [MISSING, {"python3": TOO_OLD_OR_BARE}, {"python3.12": SHIM}])
def test_without_a_python_the_message_names_the_cure(tmp_path: Path, pythons: dict[str, str]) -> None:
    done = chosen(tmp_path, pythons)
    assert done.returncode != 0
    assert "no Python from 3.11 on with ensurepip was found" in done.stderr
    assert "apt install python3-venv" in done.stderr or "apt install python3 python3-venv" in done.stderr


def test_a_named_python_is_taken_and_no_other(tmp_path: Path) -> None:
    pythons = {"python3.14": RUNS, "mine": RUNS, "broken": SHIM}
    assert chosen(tmp_path, pythons, PYTHON="mine").stdout.strip() == str(tmp_path / "mine")


def test_a_named_python_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    done = chosen(tmp_path, {"python3.14": RUNS, "broken": SHIM}, PYTHON="broken")
    assert done.returncode != 0
    assert "PYTHON=broken does not run" in done.stderr


def set_up(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("SLOPEWISE_", "PYTHON", "COV", "PIP_NO"))
    }
    return subprocess.run(
        ["sh", root / "tools" / "set_up.sh", "demo"],
        env=kept | {"PYTHON": sys.executable} | environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.packaging
def test_set_up_is_done_once_and_again_after_a_failure_or_a_move(tmp_path: Path) -> None:
    # A package without dependencies and without native modules: what remains is the set-up itself.
    root = tmp_path / "first"
    (root / "tools").mkdir(parents=True)
    (root / "src" / "slopewise").mkdir(parents=True)
    for file in ("setup.py", "tools/set_up.sh", "src/slopewise/_native.py", "src/slopewise/errors.py"):
        shutil.copy(ROOT / file, root / file)
    (root / "src" / "slopewise" / "__init__.py").write_text("")
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (root / "pyproject.toml").write_text(
        f'[build-system]\nrequires = {metadata["build-system"]["requires"]}\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "slopewise"\nversion = "0"\n[project.optional-dependencies]\ndemo = []\n'
        '[tool.setuptools.packages.find]\nwhere = ["src"]\n'
    )

    failed = set_up(root, PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
    assert failed.returncode != 0
    assert not (root / ".venv" / "builder.stamp").exists()
    assert not (root / ".venv" / "demo.stamp").exists()

    done = set_up(root)
    assert done.returncode == 0, done.stderr
    assert "slopewise: installing slopewise[demo] into .venv" in done.stdout
    assert set_up(root).stdout == ""

    with (root / "pyproject.toml").open("a") as metadata_file:
        metadata_file.write("# changed\n")
    assert "installing slopewise[demo]" in set_up(root).stdout

    moved = tmp_path / "second"
    shutil.copytree(root, moved, symlinks=True)
    assert "slopewise: making .venv" in set_up(moved).stdout


def test_make_looks_for_every_python_that_the_package_names() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    minors = [c.rsplit(" ", 1)[1] for c in classifiers if c.startswith("Programming Language :: Python :: 3.")]
    looked_for = " ".join(f"python{minor}" for minor in reversed(minors))
    assert f"for name in {looked_for} python3; do" in (ROOT / "tools" / "set_up.sh").read_text(encoding="utf-8")
    builds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cibuildwheel"]["build"]
    assert builds == " ".join(f"cp{minor.replace('.', '')}-*" for minor in minors)
