"""Programs written for micrograd, run with nothing changed but the import, print what they print on micrograd.

Text, integers, types, hexadecimal floats and the number of digits of an int must be the same to the last character. A decimal
float may differ by rounding (micrograd sums gradients in the order of a set, which changes from run to run).
"""

import contextlib
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import slopewise.engine

DATA = Path(__file__).resolve().parent.parent / "data" / "micrograd"
PROGRAMS = sorted(path.stem for path in (DATA / "programs").glob("*.py"))

# A decimal float: with a point or an exponent, not part of a hexadecimal float or a name.
FLOAT = re.compile(r"(?<![\w.])-?\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)(?![\w.]*p[+-])")


@pytest.fixture
def restored_value() -> Iterator[None]:
    """Take back what a program assigned to the class `Value`."""
    cls = slopewise.engine.Value
    before = dict(vars(cls))
    yield
    for name in set(vars(cls)) - set(before):
        delattr(cls, name)
    for name, item in before.items():
        if vars(cls).get(name) is not item:
            setattr(cls, name, item)


def run(name: str) -> list[str]:
    source = (DATA / "programs" / f"{name}.py").read_text(encoding="utf-8")
    source, changed = re.subn(r"^(\s*from )micrograd\b", r"\1slopewise", source, flags=re.MULTILINE)
    assert changed, "the program imports micrograd"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, f"{name}.py", "exec"), {"__name__": "__main__"})
    return printed.getvalue().splitlines()


def differences(expected: list[str], actual: list[str]) -> list[str]:
    found = []
    for number, (line, ours) in enumerate(zip(expected, actual, strict=False), 1):
        numbers, our_numbers = FLOAT.findall(line), FLOAT.findall(ours)
        same_text = FLOAT.sub("#", line) == FLOAT.sub("#", ours)
        close = len(numbers) == len(our_numbers) and all(
            math.isclose(float(x), float(y), rel_tol=1e-9, abs_tol=1e-12)
            for x, y in zip(numbers, our_numbers, strict=True)
        )
        if not (same_text and close):
            found.append(f"line {number}:\n  micrograd {line}\n  slopewise {ours}")
    if len(expected) != len(actual):
        found.append(f"{len(expected)} lines on micrograd, {len(actual)} here")
    return found


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.usefixtures("restored_value")
def test_program_prints_what_it_prints_on_micrograd(name: str) -> None:
    if "numpy" in (DATA / "programs" / f"{name}.py").read_text(encoding="utf-8"):
        pytest.importorskip("numpy")
    record = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert differences(record["printed"], run(name)) == []


def test_the_comparison_sees_what_it_should() -> None:
    assert differences(["a 0.1 2"], ["a 0.10000000000000002 2"]) == []
    assert differences(["a 0.1 2"], ["a 0.1 3"]) != []
    assert differences(["data=2, grad=0"], ["data=2.0, grad=0"]) != []
    assert differences(["0x1.8p+1"], ["0x1.9p+1"]) != []
    assert differences(["0.5"], ["0.51"]) != []
    assert differences(["x"], ["x", "y"]) != []
