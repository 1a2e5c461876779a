"""Without llvmlite: the reason, the cure, one warning; and what importing the package loads."""

import importlib
import subprocess
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from slopewise.backends.llvm import availability, machine, targets
from slopewise.errors import BackendWarning, MissingExtraError


@pytest.fixture(autouse=True)
def as_at_the_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SLOPEWISE_LLVM", raising=False)
    monkeypatch.setattr(availability, "_is_told", False)
    for known in (availability._found, targets._host):
        known.cache_clear()
    yield
    for known in (availability._found, targets._host):
        known.cache_clear()


def put(monkeypatch: pytest.MonkeyPatch, **modules: Any) -> None:
    """Let imports of llvmlite and its binding find these, or raise them."""
    real = importlib.import_module

    def stand_in(name: str, package: str | None = None) -> ModuleType:
        if name.partition(".")[0] != "llvmlite":
            return real(name, package)
        found = modules[name.replace(".", "_")]
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]

    monkeypatch.setattr(importlib, "import_module", stand_in)


ABSENT = ModuleNotFoundError("No module named 'llvmlite'")


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, llvmlite=ABSENT)
    reason = "making machine code needs llvmlite, which is not installed: python -m pip install --upgrade llvmlite"
    assert machine.why_not() == reason and not machine.is_available()
    for call in (
        lambda: machine.compile_text("", machine.aarch64_target()),
        lambda: machine.load(b"", []),
        lambda: machine.host_target(("avx",)),
    ):
        with pytest.raises(MissingExtraError) as caught:
            call()
        assert str(caught.value) == reason


def test_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, llvmlite=SimpleNamespace(__version__="0.44.0"))
    assert machine.why_not() == (
        "making machine code needs llvmlite 0.45 or newer, and 0.44.0 is installed: "
        "python -m pip install --upgrade llvmlite"
    )


@pytest.mark.parametrize("version", ["0.45.0", "0.50.0rc1", "1.0"])
def test_new_enough(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    quiet = SimpleNamespace(
        initialize_native_target=lambda: None,
        initialize_native_asmprinter=lambda: None,
        check_jit_execution=lambda: None,
    )
    put(monkeypatch, llvmlite=SimpleNamespace(__version__=version), llvmlite_binding=quiet)
    assert machine.why_not() is None and availability.binding() is quiet


def test_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = OSError("Could not find/load shared object file 'libllvmlite.so'\nfrom there")
    put(monkeypatch, llvmlite=SimpleNamespace(__version__="0.50.0"), llvmlite_binding=broken)
    assert machine.why_not() == (
        "llvmlite 0.50.0 does not load (Could not find/load shared object file 'libllvmlite.so' from there): "
        "python -m pip install --force-reinstall llvmlite"
    )


def test_no_executable_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(13, "cannot allocate executable memory")

    put(
        monkeypatch,
        llvmlite=SimpleNamespace(__version__="0.50.0"),
        llvmlite_binding=SimpleNamespace(
            initialize_native_target=lambda: None, initialize_native_asmprinter=lambda: None, check_jit_execution=refuse
        ),
    )
    assert machine.why_not() == (
        "this system does not let a process run code that it has made (cannot allocate executable memory): "
        "allow executable memory, for example in SELinux, or say SLOPEWISE_LLVM=off"
    )


def test_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOPEWISE_LLVM", " Off ")
    assert machine.why_not() == "machine code is switched off: unset SLOPEWISE_LLVM, which is off"
    assert not machine.is_available()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        machine.tell_once()  # who switched it off knows
    monkeypatch.setenv("SLOPEWISE_LLVM", "maybe")
    assert machine.why_not() == "SLOPEWISE_LLVM is 'maybe'; it can be auto or off"


def test_it_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, llvmlite=ABSENT)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            machine.tell_once()
    reason = "making machine code needs llvmlite, which is not installed: python -m pip install --upgrade llvmlite"
    assert [str(warning.message) for warning in caught] == [
        f"compiled functions run on replay: right, but slower; {reason}"
    ]
    assert caught[0].category is BackendWarning
    assert caught[0].filename == __file__


@pytest.mark.skipif(not machine.is_available(), reason="without llvmlite something is told")
def test_nothing_is_told_where_machine_code_can_be_made() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        machine.tell_once()


IMPORTS = "import slopewise.backends.llvm.machine, slopewise.backends.llvm.disk_cache"
AND_NOW = "import sys; print([name for name in ('llvmlite', 'numpy', 'scipy', 'click') if name in sys.modules])"


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        (IMPORTS, "[]"),
        (f"{IMPORTS}; slopewise.backends.llvm.disk_cache.Cache().entries()", "[]"),
        (f"{IMPORTS}; slopewise.backends.llvm.machine.is_available()", "['llvmlite']"),
    ],
)
def test_importing_loads_nothing_heavy(program: str, loaded: str) -> None:
    if loaded != "[]" and not machine.is_available():
        pytest.skip("there is no llvmlite here")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{program}\n{AND_NOW}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == loaded
