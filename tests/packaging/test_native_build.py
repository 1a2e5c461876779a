"""The native build and the choice of the engine: a package of two small modules, built by the real `setup.py`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("slopewise.engine.value", "slopewise.engine.sweep")
VALUE = """\
try:
    import cython
except ImportError:
    class cython:
        compiled = False

NATIVE = cython.compiled

class Value:
    pass
"""
SWEEP = VALUE.partition("class Value")[0] + "from slopewise.engine.value import Value\n"
COMPILER = shutil.which(os.environ.get("CC", "cc").split()[0]) or sys.platform == "win32"

pytestmark = pytest.mark.packaging
needs_compiler = pytest.mark.skipif(not COMPILER, reason="there is no C compiler")


class Checkout:
    """A source tree with two native modules, and what is done to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.engine = root / "src" / "slopewise" / "engine"

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLOPEWISE_", "COV"))}
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=kept | {"PYTHONPATH": str(self.root / "src"), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def build(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("setup.py", "--quiet", "build_ext", "--inplace", **environment)

    def engine_that_runs(self, **environment: str) -> tuple[str, str]:
        """Return which form runs, and what was said about it."""
        program = (
            "from slopewise.engine import value; print('native' if value.NATIVE else 'interpreted', value.__file__)"
        )
        done = self.run("-c", program, **environment)
        if done.returncode:
            return "refused", done.stderr
        form, file = done.stdout.split(maxsplit=1)
        assert file.strip().endswith(".py") is (form == "interpreted"), file
        return form, done.stderr

    def is_settled(self, **environment: str) -> bool:
        return self.run("src/slopewise/_native.py", "--check", **environment).returncode == 0

    def report(self, **environment: str) -> str:
        return self.run("-m", "slopewise._native", **environment).stdout


def make_checkout(root: Path) -> Checkout:
    checkout = Checkout(root)
    checkout.engine.mkdir(parents=True)
    shutil.copy(ROOT / "setup.py", root)
    shutil.copy(ROOT / "src" / "slopewise" / "_native.py", checkout.engine.parent)
    shutil.copy(ROOT / "src" / "slopewise" / "errors.py", checkout.engine.parent)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools", "cython"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "slopewise"\nversion = "0"\n[tool.setuptools.packages.find]\nwhere = ["src"]\n'
    )
    (checkout.engine.parent / "__init__.py").write_text("")
    (checkout.engine / "__init__.py").write_text(f"from slopewise import _native\n_native.choose(*{NAMES!r})\n")
    (checkout.engine / "value.py").write_text(VALUE)
    (checkout.engine / "value.pxd").write_text("cdef class Value:\n    pass\n")
    (checkout.engine / "sweep.py").write_text(SWEEP)
    (checkout.engine / "sweep.pxd").write_text("from slopewise.engine.value cimport Value\n")
    (checkout.engine / "native.h").write_text("")
    return checkout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = make_checkout(tmp_path_factory.mktemp("built"))
    done = checkout.build(SLOPEWISE_NATIVE="require")
    assert done.returncode == 0, done.stderr
    return checkout


@pytest.fixture
def checkout(built: Checkout, tmp_path: Path) -> Checkout:
    """A copy of the built tree, to be spoilt."""
    shutil.copytree(built.root, tmp_path / "copy", ignore=shutil.ignore_patterns("build"))
    return Checkout(tmp_path / "copy")


@needs_compiler
@pytest.mark.parametrize(("setting", "form"), [("auto", "native"), ("require", "native"), ("off", "interpreted")])
def test_the_setting_chooses_among_what_is_built(built: Checkout, setting: str, form: str) -> None:
    assert built.engine_that_runs(SLOPEWISE_NATIVE=setting) == (form, "")


@needs_compiler
def test_a_build_of_what_is_built_does_nothing(built: Checkout) -> None:
    (compiled,) = built.engine.glob("value.*.so")
    before = compiled.stat().st_mtime_ns
    assert built.is_settled()
    assert built.build().returncode == 0
    assert compiled.stat().st_mtime_ns == before


@needs_compiler
@pytest.mark.parametrize(
    "changed",
    ["src/slopewise/engine/value.py", "src/slopewise/engine/value.pxd", "src/slopewise/engine/native.h", "setup.py"],
)
def test_a_changed_source_is_never_silently_stale(checkout: Checkout, changed: str) -> None:
    file = checkout.root / changed
    was = file.stat()
    file.write_text(file.read_text() + "\n")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))  # the hash tells, not the date

    form, said = checkout.engine_that_runs()
    assert form == "interpreted"
    assert "RuntimeWarning: the native engine is passed over" in said
    assert f"{changed.removeprefix('src/slopewise/')} has changed since it was built" in said
    assert "make native" in said

    form, said = checkout.engine_that_runs(SLOPEWISE_NATIVE="require")
    assert form == "refused"
    assert "NativeError: SLOPEWISE_NATIVE=require, but the compiled slopewise.engine.value cannot be used" in said
    assert checkout.engine_that_runs(SLOPEWISE_NATIVE="off") == ("interpreted", "")
    assert not checkout.is_settled()


@needs_compiler
def test_a_build_brings_a_changed_source_to_life(checkout: Checkout) -> None:
    text = checkout.engine / "value.py"
    text.write_text(text.read_text() + "MARK = 'changed'\n")
    assert checkout.build(SLOPEWISE_NATIVE="require").returncode == 0
    done = checkout.run("-c", "from slopewise.engine.value import MARK, NATIVE; print(MARK, NATIVE)")
    assert done.stdout == "changed True\n", done.stderr


@needs_compiler
def test_a_compiled_form_of_unknown_origin_is_passed_over(checkout: Checkout) -> None:
    for stamp in checkout.engine.glob("*.stamp"):
        stamp.unlink()
    form, said = checkout.engine_that_runs()
    assert form == "interpreted"
    assert "it bears no stamp" in said


@needs_compiler
def test_a_compiled_form_that_does_not_load_is_passed_over(checkout: Checkout) -> None:
    (compiled,) = checkout.engine.glob("value.*.so")
    compiled.write_bytes(b"no library")
    form, said = checkout.engine_that_runs()
    assert form == "interpreted"
    assert "it does not load" in said
    assert checkout.engine_that_runs(SLOPEWISE_NATIVE="require")[0] == "refused"


@needs_compiler
def test_an_error_inside_the_module_is_not_taken_for_a_bad_build(checkout: Checkout) -> None:
    text = checkout.engine / "value.py"
    text.write_text(text.read_text() + "import no_such_module\n")
    assert checkout.build(SLOPEWISE_NATIVE="require").returncode == 0
    form, said = checkout.engine_that_runs()
    assert form == "refused"
    assert "No module named 'no_such_module'" in said


def test_without_a_compiler_auto_falls_back_and_require_fails(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    done = checkout.build(CC="false")
    assert done.returncode == 0, done.stderr
    assert "slopewise.engine.value stays interpreted, right but slower: the C compiler false failed" in done.stdout
    assert checkout.engine_that_runs() == ("interpreted", "")
    assert "the latest build failed: the C compiler false failed" in checkout.report()
    assert checkout.is_settled(CC="false")
    assert not checkout.is_settled(CC="another")
    assert not checkout.is_settled(CC="false", SLOPEWISE_NATIVE="require")

    assert checkout.build(CC="false", SLOPEWISE_NATIVE="require").returncode != 0
    form, said = checkout.engine_that_runs(SLOPEWISE_NATIVE="require")
    assert form == "refused"
    assert "slopewise.engine.value is not compiled" in said


@needs_compiler
def test_a_compiler_that_comes_to_fail_takes_the_old_build_away(checkout: Checkout) -> None:
    assert checkout.build(CC="false").returncode == 0
    assert checkout.engine_that_runs() == ("interpreted", "")
    assert not list(checkout.engine.glob("value.*.so"))


def test_types_that_cython_rejects_fall_back_too(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    (checkout.engine / "sweep.pxd").write_text("cdef no_such_type x\n")
    assert checkout.build().returncode == 0
    assert checkout.engine_that_runs() == ("interpreted", ""), "a module is kept compiled beside one that is not"
    assert checkout.is_settled()
    assert checkout.build(SLOPEWISE_NATIVE="require").returncode != 0


def test_a_setting_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    form, said = checkout.engine_that_runs(SLOPEWISE_NATIVE="yes")
    assert form == "refused"
    assert "NativeError: SLOPEWISE_NATIVE is 'yes'; it can be auto, require or off" in said


def test_off_builds_nothing(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    assert checkout.build(SLOPEWISE_NATIVE="off").returncode == 0
    assert not [file for file in checkout.engine.iterdir() if file.suffix in {".so", ".pyd", ".stamp", ".c"}]
    assert checkout.is_settled(SLOPEWISE_NATIVE="off")
