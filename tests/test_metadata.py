"""What pyproject.toml promises, against what the package does."""

import ast
import os
import sys
import tomllib
from pathlib import Path

import pytest

import slopewise

ROOT = Path(__file__).parents[1]
METADATA = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = METADATA["project"]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def calls_of(name: str) -> list[tuple[Path, ast.Call]]:
    found = []
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                found.append((file, node))
    return found


def test_every_extra_that_a_message_names_exists() -> None:
    named = []
    for file, call in calls_of("for_extra"):
        package, extra = call.args[:2]
        if isinstance(package, ast.Constant) and isinstance(extra, ast.Constant):
            named.append((file.name, package.value, extra.value))
    assert named, "no message names an extra: this test looks for the wrong call"
    extras = PROJECT["optional-dependencies"]
    for place, needed, wanted in named:
        assert any(str(needed) in requirement for requirement in extras[wanted]), (place, needed, wanted)


def test_every_import_from_elsewhere_is_declared() -> None:
    allowed = {"numpy", "click", "rich", "safetensors", "scipy", "llvmlite"}  # the base
    optional = {
        "matplotlib",
        "PIL",
        "sklearn",
        "cython",
    }  # two extras, a protocol of scikit-learn's, Cython when it compiles
    base = {requirement.partition(">")[0] for requirement in PROJECT["dependencies"]}
    assert base == allowed
    seen: set[str] = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                seen |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                seen.add(str(node.module).partition(".")[0])
    assert seen - set(sys.stdlib_module_names) - {"slopewise"} <= allowed | optional


def test_every_file_that_is_no_python_ships_or_belongs_to_the_build() -> None:
    # A data file that no pattern names would be there in a checkout and missing from the wheel.
    patterns = METADATA["tool"]["setuptools"]["package-data"]
    shipped = {
        file
        for package, globs in patterns.items()
        for pattern in globs
        for file in (ROOT / "src" / package.replace(".", "/")).glob(pattern)
    }
    there = {file for file in (ROOT / "src" / "slopewise").rglob("*") if file.is_file()}
    of_the_build = {".py", ".pyc", ".pxd", ".h", ".so", ".pyd", ".stamp"}
    assert {file for file in there - shipped if file.suffix not in of_the_build} == set()


def test_the_version_is_written_once() -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert f"## {slopewise.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_pythons_agree() -> None:
    minors = [
        c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if c.startswith("Programming Language :: Python :: 3.")
    ]
    assert PROJECT["requires-python"] == f">={minors[0]}"
    assert METADATA["tool"]["ruff"]["target-version"] == f"py{minors[0].replace('.', '')}"
    assert METADATA["tool"]["mypy"]["python_version"] == minors[0]
    listed = ", ".join(f'"{minor}"' for minor in minors)
    assert f"python: [{listed}]" in (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such mark")
def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
