"""What pytest says about the engine, and which doctests it can take."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from slopewise import _native, engine

# The same examples each time, and however long they take: what fails on one machine fails on all of them.
# To look for new examples: pytest --hypothesis-profile=explore
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", _UNTIMED)
settings.register_profile("slopewise", _UNTIMED, derandomize=True)
settings.load_profile("slopewise")

# Machine code that tests make is kept for this run alone, never in the folder of whoever runs them.
if "SLOPEWISE_CACHE" not in os.environ:
    _CACHE = tempfile.TemporaryDirectory(prefix="slopewise-tests-")
    os.environ["SLOPEWISE_CACHE"] = _CACHE.name

GOLDEN = Path(__file__).parent / "tests" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests now give into tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a text with a file of tests/golden, whose first line says what the file is there to show."""

    def compare(name: str, text: str, reason: str) -> None:
        path = GOLDEN / name
        whole = f"{reason}\n{text.rstrip()}\n"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(whole, encoding="utf-8", newline="\n")
        assert path.exists(), f"no {path}: run pytest --update-golden, and read what it wrote"
        assert path.read_text(encoding="utf-8") == whole, "pytest --update-golden writes it anew"

    return compare


def pytest_report_header() -> list[str]:
    return [f"slopewise: {_native.describe(name)} ({name})" for name in _native.MODULES]


# Scripts that record data need peers, and the recorded programs are run by their tests.
collect_ignore = ["tests/record", "tests/data/micrograd"]
# A compiled module keeps its docstrings, but pytest finds another file than it expects: doctests are taken interpreted.
collect_ignore += [_native.source_of(name) for name in _native.MODULES if engine.NATIVE]
