"""Rows where no machine code can be made: the warning names the user's line, and rows are replayed."""

import warnings

import numpy as np
import pytest

import slopewise as sw
from slopewise.backends.llvm import availability
from slopewise.errors import BackendWarning


def test_the_warning_names_the_users_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "_found", lambda: "llvmlite is not installed: pip install llvmlite")
    monkeypatch.setattr(availability, "_is_told", False)
    monkeypatch.delenv(availability.SETTING, raising=False)
    rows = sw.batched(lambda x: x * x + 1.0, backend="llvm")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = rows(np.array([1.0, 2.0]))  # the line that is named
    assert results.tolist() == [2.0, 5.0]
    (warning,) = caught
    assert warning.category is BackendWarning
    assert str(warning.message) == (
        "compiled functions run on replay: right, but slower; llvmlite is not installed: pip install llvmlite"
    )
    with open(__file__, encoding="utf-8") as file:
        line = file.read().splitlines()[warning.lineno - 1]
    assert warning.filename == __file__
    assert line.strip().endswith("# the line that is named")


def test_so_does_that_of_a_compiled_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "_found", lambda: "llvmlite is not installed: pip install llvmlite")
    monkeypatch.setattr(availability, "_is_told", False)
    monkeypatch.delenv(availability.SETTING, raising=False)
    with pytest.warns(BackendWarning, match="llvmlite is not installed") as caught:
        sw.compile(lambda x: x * x, backend="llvm")(3.0)
    assert [warning.filename for warning in caught] == [__file__]
