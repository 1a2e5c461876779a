"""`k.export`: the C is compiled, called, and compared."""

import ctypes
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.errors import PathError, TraceError
from slopewise.nn import MLP

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_a_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler")
Doubles = ctypes.POINTER(ctypes.c_double)


def built(k: Any, folder: Path, name: str = "model") -> Any:
    file, library = folder / f"{name}.c", folder / f"{name}.so"
    k.export(file)
    assert COMPILER is not None
    command = [COMPILER, "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", str(library), str(file), "-lm"], check=True)
    return ctypes.CDLL(str(library))


def buffer(numbers: Any) -> Any:
    return (ctypes.c_double * len(numbers))(*numbers)


def value_and_gradient(
    library: Any, numbers: list[float], count: int, name: str = "model"
) -> tuple[float, list[float]]:
    value, both = getattr(library, name), getattr(library, f"{name}_with_gradient")
    value.restype = both.restype = ctypes.c_double
    gradient = buffer([0.0] * count)
    x = buffer(numbers)
    result = both(x, gradient)
    assert value(x) == result
    return result, list(gradient)


@needs_a_compiler
def test_value_and_gradient_by_the_arguments(tmp_path: Path) -> None:
    random.seed(2)
    net = MLP(2, [4, 1], activation="tanh")
    k = sw.compile(lambda x, y: (net(x) - y) ** 2, exact=True)
    x = np.array([0.3, -1.2])
    k(x, 0.5)
    found = value_and_gradient(built(k, tmp_path), [0.3, -1.2, 0.5], 3)
    v, w = [Value(0.3), Value(-1.2)], Value(0.5)
    loss = (net(v) - w) ** 2
    loss.backward()
    assert found == (loss.data, [v[0].grad, v[1].grad, w.grad])


@needs_a_compiler
def test_parameters_are_inputs_behind_the_arguments(tmp_path: Path) -> None:
    a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(5.0)
    k = sw.compile(lambda x: a * x**2 + c, parameters=[b, a])
    k(1.0)
    library = built(k, tmp_path)
    assert value_and_gradient(library, [3.0, 7.0, 10.0], 3) == (95.0, [60.0, 0.0, 9.0])
    assert "b" in (tmp_path / "model.c").read_text(encoding="utf-8")


@needs_a_compiler
def test_several_results_and_ints(tmp_path: Path) -> None:
    def powers(x: Any, n: Any, scale: Any) -> Any:
        return [x**i * scale for i in range(n)]

    k = sw.compile(powers)
    k(2.0, 4, 3)
    library = built(k, tmp_path, "powers")
    y, gradient = buffer([0.0] * 4), buffer([0.0])
    library.powers(buffer([2.0, 3.0]), y)
    assert list(y) == [3.0, 6.0, 12.0, 24.0]
    library.powers_with_gradient(buffer([2.0, 5.0]), y, gradient)
    assert list(y) == [5.0, 10.0, 20.0, 40.0] and list(gradient) == [0.0]


def test_branches_are_refused_with_their_line(tmp_path: Path) -> None:
    k = sw.compile(lambda x: x if x > 0 else -x)
    k(1.0)
    with pytest.raises(PathError, match=r"branches on numbers(.|\n)*if x > 0"):
        k.export(tmp_path / "model.c")
    assert not (tmp_path / "model.c").exists()


def test_steps_are_refused(tmp_path: Path) -> None:
    w = Value(1.0)

    def step() -> Any:
        w.data = w.data * 2
        return w

    with pytest.raises(TraceError, match="writes .data or .grad"):
        sw.compile(step).export(tmp_path / "model.c")


def test_a_function_that_was_not_called_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="not called yet"):
        sw.compile(lambda x: x).export(tmp_path / "model.c")


def test_the_comment_says_what_is_built_in_and_what_the_results_are(tmp_path: Path) -> None:
    w = Value(0.5, label="w")
    k = sw.compile(lambda x, n: {"p": sum(x**i for i in range(n)), "q": [w * x]})
    k(2.0, 3)
    k.export(tmp_path / "power.c")
    head = (tmp_path / "power.c").read_text(encoding="utf-8").split("*/")[0]
    assert "\n * built in, as they were: n = 3, w = 0.5\n" in head
    assert "\n * y[0]  result['p']\n * y[1]  result['q'][0]\n" in head


def test_the_gradient_of_several_results_is_that_of_the_first(tmp_path: Path) -> None:
    k = sw.compile(lambda x: (x * x, x))
    k(2.0)
    k.export(tmp_path / "two.c")
    assert "\n * gradient is that of y[0] alone, result[0]\n" in (tmp_path / "two.c").read_text(encoding="utf-8")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    k = sw.compile(lambda x: x * x)
    k(2.0)
    with pytest.raises(FileNotFoundError, match="no folder .*missing to write f.c to"):
        k.export(tmp_path / "missing" / "f.c")
