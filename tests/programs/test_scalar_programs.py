"""Programs as users write them (`tests/data/programs/`): compiled, they do what they do on the engine, node by node.

A file has a `program` (a function of numbers), a `make_loss` (a function that reads parameters) or a `make_step` (one
that changes them), and the `CALLS` to make of it, one after the other. It may say more: `KNOWN` values and
`KNOWN_GRADIENT`s by call; `KEYWORDS` when the last entry of a call holds keywords; `DETACHED`, and why, when the gradient
is not the value's slope; `PLAIN` when it wants numbers; `INEXACT`, and why,
when bits may differ; and how many `PATHS` all its calls may take (`EXACT_PATHS` in exact mode,
where `max` and `min` of Values are chosen by guards).
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import slopewise as sw
from slopewise import Value
from slopewise.engine import NATIVE

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


# ------------------------------------------------------------------------------------------------------------- compiled


def bits(some: list[float]) -> list[str]:
    return [number.hex() for number in some]


def close(some: list[float], others: list[float], rel: float = 1e-12) -> bool:
    """Tell whether numbers agree up to a share of the largest of them."""
    largest = max((abs(x) for x in others if abs(x) < float("inf")), default=0.0)
    pairs = zip(some, others, strict=True)
    return all(x == y or (x != x and y != y) or abs(x - y) <= rel * max(1.0, largest) for x, y in pairs)


def agree(exact: bool, some: list[float], others: list[float], rel: float = 1e-12) -> bool:
    return bits(some) == bits(others) if exact else close(some, others, rel)


MODES = pytest.mark.parametrize("exact", [True, False], ids=["exact", "default"])


@MODES
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_values_are_the_eager_ones(load: Load, name: str, exact: bool) -> None:
    module = load(f"tests/data/programs/{name}")
    compiled = sw.compile(module.program, exact=exact)
    for call in [*module.CALLS, *module.CALLS]:
        args, keywords = split(module, call)
        result = compiled(*args, **keywords)
        assert agree(exact, numbers(result), eagerly(module, call).results), call
        assert type(first_of(result)) in (float, int, type(None))
    if hasattr(module, "PATHS"):
        assert len(compiled.paths) == (getattr(module, "EXACT_PATHS", module.PATHS) if exact else module.PATHS)


@MODES
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_gradients_are_the_eager_ones(load: Load, name: str, exact: bool) -> None:
    module = load(f"tests/data/programs/{name}")
    made: dict[Any, Any] = {}
    for call in [*module.CALLS, *module.CALLS]:
        expected = eagerly(module, call)
        if expected.gradient is None:
            continue
        args, keywords = split(module, call)
        named: dict[Any, Any] = dict(enumerate(args))
        named.update(keywords)
        wrt = tuple(place for place, item in named.items() if leaves(item))
        if wrt not in made:
            made[wrt] = sw.value_and_grad(module.program, wrt=wrt, exact=exact)
        value, gradient = made[wrt](*args, **keywords)
        assert agree(exact, numbers(value), expected.results), call
        assert agree(exact, numbers(gradient), expected.gradient), call


@MODES
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_backward_adds_into_the_arguments(load: Load, name: str, exact: bool) -> None:
    module = load(f"tests/data/programs/{name}")
    compiled = sw.compile(module.program, exact=exact)
    for call in module.CALLS:
        if eagerly(module, call).gradient is None:
            continue
        (args, keywords), (own_args, own_keywords) = (split(module, mapped(Value, call)) for _ in range(2))
        for _ in range(2):  # the second pass adds to what the first one left
            result = compiled.backward(*args, **keywords)
            expected = module.program(*own_args, **own_keywords)
            if isinstance(first_of(expected), Value):
                first_of(expected).backward()
            assert agree(exact, numbers(result), numbers(expected)), call
            found = [float(leaf.grad) for leaf in leaves((args, keywords))]
            wanted = [float(leaf.grad) for leaf in leaves((own_args, own_keywords))]
            assert agree(exact, found, wanted), call


# -------------------------------------------------------------------------------------------------- second derivatives

# Smooth where they are called, with a gradient that is the value's slope.
SMOOTH = [
    "array_algebra", "b_spline", "bouncing_ball", "controlled_heater", "cross_entropy", "dual_numbers", "gamma_function",
    "gaussian_elimination", "gaussian_process", "given_local_slopes", "hidden_markov_model", "horner_rule",
    "kepler_equation", "lecture_neuron", "mixture_likelihood", "own_engine", "own_sine", "predator_and_prey", "quadrature",
    "quaternion_turns", "readme_expression", "registered_operation", "repeated_squaring", "time_warping",
]  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH if NATIVE else SMOOTH[::4])  # interpreted, all of them take two minutes
def test_every_way_to_second_derivatives_agrees(load: Load, name: str) -> None:
    module = load(f"tests/data/programs/{name}")
    call = module.CALLS[0]

    def f(x: Any) -> Any:
        items = iter(x)
        args, keywords = split(module, mapped(lambda _: next(items), call))
        return first_of(module.program(*args, **keywords))

    x = np.array(numbers(call))
    v = np.cos(np.arange(len(x)) + 0.5)
    gradient = sw.grad(f)
    ways = {
        "hvp": sw.hvp(f)(x, tangent=v),
        "grad of grad": sw.grad(lambda y: sw.dot(sw.grad(f)(y), v))(x),
        "jvp of grad": sw.jvp(gradient)(x, tangent=v)[1],
        "vjp of grad": sw.vjp(gradient)(x, cotangent=v)[1],
        "grad of jvp": sw.grad(lambda y: sw.jvp(f)(y, tangent=v)[1])(x),
        "batched hvp": sw.batched(sw.hvp(f), shared=0)(x, tangent=np.array([2 * v, v]))[1],
        "hessian": sw.hessian(f)(x) @ v,
        "sparse hessian": sw.hessian(f, sparse=True)(x) @ v,
        "jacobian of grad": sw.jacobian(gradient)(x) @ v,
    }
    expected = list(ways["hvp"])
    for way, found in ways.items():
        assert close(list(found), expected, 1e-11), way
    h = 1e-5 * max(1.0, float(np.abs(x).max()))
    slopes = (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)
    assert close(list(slopes), expected, 1e-6)


# -------------------------------------------------------------------------------------------------- programs with state


def play(module: ModuleType, exact: bool | None = None) -> list[list[float]]:
    """Make all calls of a program with state, and return after each the numbers of its result and of its state.

    With `exact` given, the function is compiled first.
    """
    function, state = (getattr(module, "make_loss", None) or module.make_step)()
    compiled = None if exact is None else sw.compile(function, exact=exact)
    history = []
    for call in module.CALLS:
        args, keywords = split(module, call)
        if compiled is not None:
            result = (compiled.backward if hasattr(module, "make_loss") else compiled)(*args, **keywords)
        else:
            result = function(*args, **keywords)
            if hasattr(module, "make_loss"):
                first_of(result).backward()
        history.append([*numbers(result), *(float(n) for leaf in state for n in (leaf.data, leaf.grad))])
    if compiled is not None and hasattr(module, "PATHS"):
        assert len(compiled.paths) == module.PATHS
    return history


@pytest.mark.parametrize("name", WITH_STATE)
def test_program_with_state_repeats_and_knows_its_numbers(load: Load, name: str) -> None:
    module = load(f"tests/data/programs/{name}")
    first, second = play(module), play(module)
    assert first == second
    assert any(any(row[1:]) for row in first)
    for number, known in getattr(module, "KNOWN", {}).items():
        assert first[number][0] == pytest.approx(known, rel=1e-12)


@MODES
@pytest.mark.parametrize("name", WITH_STATE)
def test_compiled_program_with_state_does_what_the_eager_one_does(load: Load, name: str, exact: bool) -> None:
    module = load(f"tests/data/programs/{name}")
    for eager, compiled in zip(play(module), play(module, exact), strict=True):
        assert agree(exact and not hasattr(module, "INEXACT"), compiled, eager, 1e-10)
