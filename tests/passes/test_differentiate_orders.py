"""Derivatives of every operation up to the third, each against central differences of the one below it."""

import math

import pytest

from slopewise import ir
from slopewise.ir.operations import ROWS
from slopewise.passes.differentiate import jvp, vjp

# Per operation, a point for its operands at which nothing is near a kink, a jump or a pole.
POINTS: dict[str, tuple[float, ...]] = {
    "acosh": (1.8,), "asin": (0.3,), "acos": (0.3,), "atanh": (0.3,), "log": (0.8,), "log2": (0.8,), "log10": (0.8,),
    "sqrt": (0.8,), "power": (1.3, 2.5), "power_value": (1.3, 1.7), "modulo": (3.3, 1.9), "absolute": (-0.7,),
    "leaky_relu": (-0.7, 0.3), "elu": (-0.7, 1.4), "floor": (0.4,), "ceil": (0.4,), "round": (0.3,),
    "truncate": (0.4,), "floor_divide": (3.3, 1.9), "divide": (0.9, 1.4), "where": (1.0, 0.8, 0.3),
    "detach": (0.4,), "attach": (0.4, 0.7, 0.9),
}  # fmt: skip
OPERATIONS = [row.name for row in ROWS if row is not None]
# Where an operation is computed one way here and another way there: a point beyond.
BEYOND: dict[str, tuple[float, ...]] = {
    "gelu": (-1.6,), "silu": (-1.6,), "softplus": (-1.6,), "sigmoid": (-1.6,), "tanh": (-1.6,), "relu": (-1.6,),
    "leaky_relu": (0.7, 0.3), "elu": (0.7, 1.4), "maximum": (0.1, 0.9), "minimum": (0.9, 0.1), "where": (0.0, 0.8, 0.3),
    "absolute": (0.7,), "hypot": (-0.6, 0.4), "atan2": (-0.6, -0.4), "modulo": (-3.3, 1.9), "divide": (0.9, -1.4),
}  # fmt: skip
# For these the numbers are no derivatives of the value, by design.
DETACHED = ("detach", "attach")


def along(
    name: str, way: tuple[float, ...], exponent: float | None = None, point: tuple[float, ...] | None = None
) -> ir.Program:
    """Return an operation as a function of one number t: its operands are what they are at the point, plus way * t."""
    row = ir.row_of(ir.code_of(name))
    point = point or POINTS.get(name, (0.6, 0.45, 0.8)[: row.arity])
    build = ir.Builder()
    t = build.input()
    operands = []
    for i, (start, step) in enumerate(zip(point, way, strict=True)):
        if name == "power" and i == 1:
            operands.append(build.constant(exponent if exponent is not None else start))
            continue
        moved = build.emit(ir.code_of("multiply"), t, build.constant(step))
        operands.append(build.emit(ir.code_of("add"), build.constant(start), moved))
    return build.extract([t], [build.emit(ir.code_of(name), *operands)], ["t"])


def derivative(program: ir.Program, way: str) -> ir.Program:
    """Return the program of the derivative of the only output by the only input, and nothing else."""
    if way == "forward":
        derived = jvp(program, [0])
        build = ir.Builder()
        t = build.input()
        return build.extract([t], build.inline(derived, [t, build.constant(1.0)])[1:], ["t"])
    derived = vjp(program, [0], exact=way == "exact")
    build = ir.Builder()
    t = build.input()
    return build.extract([t], build.inline(derived, [t])[1:], ["t"])


def difference(program: ir.Program, t: float) -> float:
    """Return a central difference of the fourth order."""
    h = 2e-3

    def f(x: float) -> float:
        return ir.interpret(program, [x])[0]

    return (8 * (f(t + h) - f(t - h)) - (f(t + 2 * h) - f(t - 2 * h))) / (12 * h)


def ways_of(name: str) -> list[tuple[float, ...]]:
    arity = ir.arity_of(ir.code_of(name))
    first = {"modulo": (1.0, 0.0)}.get(name, (0.7, -0.4, 0.5)[:arity])
    singles = [tuple(1.0 if i == j else 0.0 for j in range(arity)) for i in range(arity)] if arity > 1 else []
    return [first, *singles]


def check(program: ir.Program, modes: str) -> None:
    for order, mode in enumerate(modes):
        below = program
        program = derivative(program, {"b": "backward", "f": "forward", "e": "exact"}[mode])
        ir.verify(program)
        (found,) = ir.interpret(program, [0.01])
        assert found == pytest.approx(difference(below, 0.01), rel=1e-7, abs=1e-7), f"derivative {order + 1}"


@pytest.mark.parametrize("modes", ["bbb", "fff", "bfb", "eee", "fbf"])
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in DETACHED])
def test_three_derivatives(name: str, modes: str) -> None:
    for way in ways_of(name):
        if name in ("floor_divide", "modulo") and way[1]:
            way = (way[0], 0.1)
        check(along(name, way), modes)


@pytest.mark.parametrize("modes", ["bbb", "fff", "eee"])
@pytest.mark.parametrize("name", BEYOND)
def test_three_derivatives_at_another_point(name: str, modes: str) -> None:
    for way in ways_of(name):
        check(along(name, way if name != "where" else (0.0, *way[1:]), point=BEYOND[name]), modes)


@pytest.mark.parametrize("exponent", [2.0, 1.0, 0.0, -1.0, 0.5, 3.0, -0.5, -2.0])
@pytest.mark.parametrize("modes", ["bbb", "fff", "eee"])
def test_three_derivatives_of_powers(exponent: float, modes: str) -> None:
    check(along("power", (1.0, 0.0), exponent), modes)


def test_the_difference_can_tell() -> None:
    wrong = along("sin", (0.7,))
    assert abs(difference(wrong, 0.01) - math.cos(0.607)) > 0.1


@pytest.mark.parametrize("name", ["log", "sqrt", "absolute", "relu", "maximum", "square", "log1p", "divide", "power"])
def test_second_derivatives_take_few_equations(name: str) -> None:
    program = along(name, (1.0, 1.0, 1.0)[: ir.arity_of(ir.code_of(name))], 3.0)
    first = derivative(program, "backward")
    second = derivative(first, "backward")
    assert second.n_equations <= 30


def test_a_kink_has_no_second_derivative() -> None:
    for x in (-0.7, 0.0, 0.7):
        for name in ("absolute", "relu"):
            program = ir.parse(f"program(%0 t) {{ %1 = {name} %0; return %1 }}")
            assert ir.interpret(derivative(derivative(program, "backward"), "backward"), [x]) == [0.0]
