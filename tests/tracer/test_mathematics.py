"""What stands in the place of the math module's functions while something is recorded."""

import math
from typing import Any

import pytest

from slopewise.tracer import record


def test_replacements_are_made_once_and_anew_for_another_function(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def f(xs: list[Any]) -> list[Any]:
        seen.append((math.sin, max))
        return [xs[0] * math.sin(0.5)]

    for _ in range(2):
        assert record(f, [0.5]).program.pool[0] == math.sin(0.5)
    assert seen[0] == seen[1] and seen[0][0] is not math.sin and seen[0][1] is not max
    monkeypatch.setattr(math, "sin", lambda x: 7.0)
    patched = math.sin
    assert record(f, [0.5]).program.pool[0] == 7.0
    assert seen[2][0] is not seen[1][0] and seen[2][1] is seen[1][1] and math.sin is patched
