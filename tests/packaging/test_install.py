"""The sdist and the wheels, installed into empty environments, with and without a C compiler."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from slopewise import _native

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.packaging

needs_native = pytest.mark.skipif(
    _native.compiled_form(_native.MODULES[0]) is None, reason="the native engine cannot be built here"
)


def run(*command: str | Path, **environment: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLOPEWISE_", "PYTHON", "COV"))}
    done = subprocess.run(
        command,
        cwd=ROOT / "tests",
        env=kept | {"CFLAGS": "-O0"} | environment,  # nothing is timed here
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(kind: str, source: Path, target: Path, **environment: str) -> Path:
    run(sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", target, source, **environment)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    (root,) = place.iterdir()
    return root


@pytest.fixture(scope="module")
def native_wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", unpacked, tmp_path_factory.mktemp("native"), SLOPEWISE_NATIVE="require")


@pytest.fixture(scope="module")
def pure_wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", unpacked, tmp_path_factory.mktemp("pure"), SLOPEWISE_NATIVE="off")


def check_in_an_empty_environment(place: Path, package: Path, expected: str, **environment: str) -> None:
    run(sys.executable, "-m", "venv", place)
    scripts = place / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-cache-dir", package, **environment)
    assert f": {expected}, whole" in run(python, ROOT / "tests" / "packaging" / "installed.py", expected)
    assert expected in run(scripts / "slopewise", "--version")


@needs_native
def test_sdist_with_a_compiler(sdist: Path, tmp_path: Path) -> None:
    check_in_an_empty_environment(tmp_path / "venv", sdist, "native")


def test_sdist_without_a_compiler(sdist: Path, tmp_path: Path) -> None:
    check_in_an_empty_environment(tmp_path / "venv", sdist, "interpreted", CC="false")


@needs_native
def test_native_wheel_needs_no_compiler(native_wheel: Path, tmp_path: Path) -> None:
    check_in_an_empty_environment(tmp_path / "venv", native_wheel, "native", CC="false")


def test_pure_wheel(pure_wheel: Path, tmp_path: Path) -> None:
    check_in_an_empty_environment(tmp_path / "venv", pure_wheel, "interpreted")


def test_sdist_holds_what_a_native_build_and_the_tests_need(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    package = "src/slopewise"
    needed = {f"{package}/engine/value{suffix}" for suffix in (".py", ".pxd")} | {f"{package}/engine/native.h"}
    needed |= {"setup.py", "LICENSE", "README.md", "tests/packaging/test_install.py", f"{package}/py.typed"}
    assert needed <= held
    assert not [name for name in held if name.endswith((".so", ".pyd", ".c", ".pyc", ".stamp"))]


@needs_native
def test_native_wheel_holds_the_text_beside_the_compiled_form(native_wheel: Path) -> None:
    held = set(zipfile.ZipFile(native_wheel).namelist())
    assert {"slopewise/engine/value.py", "slopewise/py.typed"} <= held
    assert [name for name in held if name.startswith("slopewise/engine/value.") and name.endswith((".so", ".pyd"))]
    assert not [name for name in held if name.endswith((".pxd", ".h", ".c"))]


def test_pure_wheel_is_for_any_machine(pure_wheel: Path) -> None:
    assert pure_wheel.name.endswith("-py3-none-any.whl")
    held = zipfile.ZipFile(pure_wheel).namelist()
    assert not [name for name in held if name.endswith((".so", ".pyd", ".pxd", ".h", ".c", ".stamp"))]


def test_a_wheel_whose_build_fell_back_is_for_any_machine(unpacked: Path, tmp_path: Path) -> None:
    wheel = build("wheel", unpacked, tmp_path, CC="false")
    assert wheel.name.endswith("-py3-none-any.whl")
