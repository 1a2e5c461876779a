"""Programs as users write them (`tests/data/programs/`): what the engine makes of them, node by node.

A file has a `program` (a function of numbers), a `make_loss` (a function that reads parameters) or a `make_step` (one that
changes them), and the `CALLS` to make of it, one after the other. It may say more: `KNOWN` values and `KNOWN_GRADIENT`s by
call, `KEYWORDS` when the last entry of a call holds keywords, `DETACHED` (why) when the gradient is not the value's slope,
`PLAIN` when it wants numbers, and how many `PATHS` all its calls may take.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from slopewise import Value

Load = Callable[[str], ModuleType]
FILES = sorted((Path(__file__).parents[1] / "data" / "programs").glob("*.py"))
FUNCTIONS = [path.stem for path in FILES if "def program(" in path.read_text(encoding="utf-8")]
WITH_STATE = [path.stem for path in FILES if path.stem not in FUNCTIONS]


def mapped(change: Callable[[Any], Any], nest: Any) -> Any:
    """Return the nest with every float and Value in it changed, in order."""
    match nest:
        case float() | Value():
            return change(nest)
        case np.ndarray():
            flat = [change(x) for x in nest.ravel().tolist()]
            return np.array(flat, dtype=object).reshape(nest.shape)
        case dict():
            return {name: mapped(change, item) for name, item in nest.items()}
        case list() | tuple():
            return type(nest)(mapped(change, item) for item in nest)
        case _ if dataclasses.is_dataclass(nest) and not isinstance(nest, type):
            parts = {f.name: mapped(change, getattr(nest, f.name)) for f in dataclasses.fields(nest)}
            return dataclasses.replace(nest, **parts)
    return nest


def leaves(nest: Any) -> list[Any]:
    """Return the floats and Values of a nest, in order."""
    found: list[Any] = []

    def keep(leaf: Any) -> Any:
        found.append(leaf)
        return leaf

    mapped(keep, nest)
    return found


def numbers(nest: Any) -> list[float]:
    return [float(leaf.data if isinstance(leaf, Value) else leaf) for leaf in leaves(nest)]


def split(module: ModuleType, call: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (call[:-1], call[-1]) if getattr(module, "KEYWORDS", False) else (call, {})


def first_of(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


@dataclasses.dataclass
class Outcome:
    """What a call gave: every number of its result, and the gradient of the first by every float that went in."""

    results: list[float]
    gradient: list[float] | None


def eagerly(module: ModuleType, call: Any) -> Outcome:
    args, keywords = split(module, call if hasattr(module, "PLAIN") else mapped(Value, call))
    result = module.program(*args, **keywords)
    root = first_of(result)
    if hasattr(module, "PLAIN"):
        return Outcome(numbers(result), None)
    if isinstance(root, Value):  # else the result depends on nothing
        root.backward()
    return Outcome(numbers(result), [float(leaf.grad) for leaf in leaves((args, keywords))])


def slope_by_difference(module: ModuleType, call: Any, position: int) -> float:
    def at(shift: float) -> float:
        counted = iter(range(10**6))
        moved = mapped(lambda x: Value(x + shift * (next(counted) == position)), call)
        args, keywords = split(module, moved)
        return numbers(module.program(*args, **keywords))[0]

    h = 3e-5 * max(1.0, abs(numbers(call)[position]))
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient_is_the_slope_of_the_value(load: Load, name: str) -> None:
    module = load(f"tests/data/programs/{name}")
    for number, call in enumerate(module.CALLS):
        found = eagerly(module, call)
        if number in getattr(module, "KNOWN", {}):
            assert found.results[0] == pytest.approx(module.KNOWN[number], rel=1e-12)
        if number in getattr(module, "KNOWN_GRADIENT", {}):
            known = module.KNOWN_GRADIENT[number]
            assert found.gradient is not None
            assert found.gradient[: len(known)] == pytest.approx(known, rel=1e-9, abs=1e-12)
        if found.gradient is None or hasattr(module, "DETACHED"):
            continue
        slopes = [slope_by_difference(module, call, i) for i in range(len(found.gradient))]
        largest = max(map(abs, found.gradient))
        assert found.gradient == pytest.approx(slopes, rel=1e-6, abs=1e-7 * (1 + largest)), call


def play(module: ModuleType) -> list[list[float]]:
    """Make all calls of a program with state, and return after each the numbers of its result and of its state."""
    function, state = (getattr(module, "make_loss", None) or module.make_step)()
    history = []
    for call in module.CALLS:
        args, keywords = split(module, call)
        result = function(*args, **keywords)
        if hasattr(module, "make_loss"):
            first_of(result).backward()
        history.append([*numbers(result), *(float(n) for leaf in state for n in (leaf.data, leaf.grad))])
    return history


@pytest.mark.parametrize("name", WITH_STATE)
def test_program_with_state_repeats_and_knows_its_numbers(load: Load, name: str) -> None:
    module = load(f"tests/data/programs/{name}")
    first, second = play(module), play(module)
    assert first == second
    assert any(any(row[1:]) for row in first)
    for number, known in getattr(module, "KNOWN", {}).items():
        assert first[number][0] == pytest.approx(known, rel=1e-12)
