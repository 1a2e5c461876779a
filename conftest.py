"""What pytest says about the engine, and which doctests it can take."""

from slopewise import _native, engine


def pytest_report_header() -> list[str]:
    return [f"slopewise: {_native.describe(name)} ({name})" for name in _native.MODULES]


# Scripts that record data need peers, and the recorded programs are run by their tests.
collect_ignore = ["tests/record", "tests/data/micrograd"]
# A compiled module keeps its docstrings, but pytest finds another file than it expects: doctests are taken interpreted.
collect_ignore += [_native.source_of(name) for name in _native.MODULES if engine.NATIVE]
