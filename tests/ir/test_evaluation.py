"""One operation on floats: the compiled choice gives the bits of the row's own `value`, for every operation."""

import itertools
import math
import random
import struct
from array import array

import pytest

from slopewise.ir import Builder, arity_of, code_of, evaluation, operations, row_of
from slopewise.ir.evaluation import evaluate_range, value_of

EQUATIONS = [code for code, row in enumerate(operations.ROWS) if row is not None]
NAMES = [operations.NAMES[code] for code in EQUATIONS]

SMALL = [0.0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-16, 1e-8, 0.1, 0.25, 0.49999999999999994, 0.5]
MIDDLE = [0.7, 0.9999999999999999, 1.0, 1.0000000000000002, 1.5, 2.0, 2.5, 3.0, 3.5, 7.0, 19.999999999999996, 20.5]
LARGE = [
    36.7,
    709.7,
    709.79,
    710.4,
    710.5,
    745.2,
    1023.5,
    1024.0,
    4503599627370495.5,
    9007199254740993.0,
    1e200,
    1.7e308,
]
HALF = [*SMALL, *MIDDLE, *LARGE, math.inf]
EDGES = [*HALF, *[-x for x in HALF], math.nan]
FEW = [
    0.0,
    -0.0,
    5e-324,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -3.0,
    1e-8,
    710.0,
    -745.0,
    1e200,
    -1e308,
    math.inf,
    -math.inf,
    math.nan,
]


def bits(x: float) -> object:
    return "nan" if x != x else struct.pack("<d", x)


def by_row(code: int, operands: tuple[float, ...]) -> float:
    return float(row_of(code).value(*operands))


def any_floats(count: int, seed: int) -> list[float]:
    """Floats of every size: half of them random bits, half of them near 1."""
    draw = random.Random(seed)
    whole = [struct.unpack("<d", struct.pack("<Q", draw.getrandbits(64)))[0] for _ in range(count)]
    return [x if draw.random() < 0.5 else draw.gauss(0.0, 3.0) for x in whole]


def operands_for(arity: int, seed: int) -> list[tuple[float, ...]]:
    edges = EDGES if arity < 3 else FEW
    drawn = any_floats(3000 * arity, seed)
    return [*itertools.product(edges, repeat=arity), *zip(*[drawn[i::arity] for i in range(arity)], strict=True)]


@pytest.mark.parametrize("code", EQUATIONS, ids=NAMES)
def test_every_operation_gives_the_bits_of_its_row(code: int) -> None:
    arity = arity_of(code)
    for operands in operands_for(arity, code):
        rest = (math.nan,) * (3 - arity)  # operands that it does not take have no say
        assert bits(value_of(code, *operands, *rest)) == bits(by_row(code, operands)), (
            NAMES[EQUATIONS.index(code)],
            operands,
        )


@pytest.mark.skipif(evaluation.NATIVE, reason="the interpreted form alone has two ways")
@pytest.mark.parametrize("code", EQUATIONS, ids=NAMES)
def test_the_text_that_is_compiled_says_the_same_when_it_is_interpreted(code: int) -> None:
    by_choice = vars(evaluation)["by_choice"]
    arity = arity_of(code)
    for operands in operands_for(arity, code)[::3]:
        got = by_choice(code, *operands, *(math.nan,) * (3 - arity))
        assert bits(got) == bits(by_row(code, operands)), operands


@pytest.mark.parametrize("code", [0, 41, 62, 63, 80, 200, 255])
def test_a_code_that_computes_nothing_gives_nan(code: int) -> None:
    assert math.isnan(value_of(code, 1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("relu", (-2.0,), 0.0),
        ("relu", (-0.0,), -0.0),
        ("relu", (math.nan,), math.nan),
        ("maximum", (0.0, -0.0), 0.0),
        ("maximum", (-0.0, 0.0), -0.0),  # ties go to the first
        ("maximum", (math.nan, 1.0), math.nan),
        ("maximum", (1.0, math.nan), math.nan),
        ("minimum", (math.inf, math.nan), math.nan),
        ("modulo", (-7.0, 3.0), 2.0),
        ("modulo", (7.0, -3.0), -2.0),
        ("modulo", (6.0, -3.0), -0.0),
        ("modulo", (-1.0, math.inf), math.inf),
        ("modulo", (1.0, 0.0), math.nan),
        ("floor_divide", (7.0, -2.0), -4.0),
        ("floor_divide", (1.0, 0.1), 9.0),
        ("floor_divide", (-1.0, math.inf), -1.0),
        ("floor_divide", (1.0, 0.0), math.inf),
        ("floor_divide", (1.0, -0.0), -math.inf),
        ("floor_divide", (0.0, 0.0), math.nan),
        ("divide", (-1.0, 0.0), -math.inf),
        ("divide", (-1.0, -0.0), math.inf),
        ("divide", (0.0, 0.0), math.nan),
        ("divide", (math.nan, 0.0), math.nan),
        ("divide", (math.inf, 0.0), math.inf),
        ("power", (0.0, -1.0), math.inf),
        ("power", (-0.0, -3.0), -math.inf),
        ("power", (-8.0, 0.5), math.nan),
        ("power", (-10.0, 309.0), -math.inf),
        ("power", (math.nan, 0.0), 1.0),
        ("where", (math.nan, 1.0, 2.0), 1.0),  # a nan is true, as in Python
        ("where", (-0.0, 1.0, 2.0), 2.0),
        ("ceil", (-0.5,), 0.0),  # an integer, which has no -0.0
        ("floor", (-0.0,), 0.0),
        ("truncate", (-0.7,), 0.0),
        ("round", (-0.5,), 0.0),
        ("round", (2.5,), 2.0),
        ("round", (3.5,), 4.0),
        ("floor", (math.inf,), math.inf),
        ("equal", (math.nan, math.nan), 0.0),
        ("not_equal", (math.nan, math.nan), 1.0),
        ("equal", (0.0, -0.0), 1.0),
        ("less", (math.nan, 1.0), 0.0),
        ("greater_equal", (math.inf, math.inf), 1.0),
        ("negate", (0.0,), -0.0),
        ("hypot", (1.7e308, 1.7e308), math.inf),
        ("hypot", (math.nan, -math.inf), math.inf),
        ("tanh", (-400.0,), -1.0),
        ("attach", (5.0, 1.0, 2.0), 5.0),
        ("detach", (-0.0,), -0.0),
    ],
    ids=lambda case: str(case) if isinstance(case, str) else None,
)
def test_edges(name: str, operands: tuple[float, ...], expected: float) -> None:
    assert bits(value_of(code_of(name), *operands)) == bits(expected)
    assert bits(by_row(code_of(name), operands)) == bits(expected)


def test_a_stretch_of_a_builder_is_computed_where_it_stands() -> None:
    build = Builder()
    x = build.input()
    half = build.constant(0.5)
    product = build.emit(code_of("multiply"), x, half)
    build.input()  # an input in the midst is left alone
    chosen = build.emit(code_of("where"), product, x, half)
    values = array("d", [3.0, -1.0, -1.0, 7.0, -1.0, -1.0])
    evaluate_range(build, values, half, product)
    assert values.tolist() == [3.0, 0.5, -1.0, 7.0, -1.0, -1.0]
    evaluate_range(build, values, product, len(build))
    assert values.tolist() == [3.0, 0.5, 1.5, 7.0, 3.0, -1.0]
    assert values[chosen] == 3.0


@pytest.mark.parametrize("stretch", [(-1, 1), (0, 3), (2, 1)])
def test_a_stretch_outside_is_refused(stretch: tuple[int, int]) -> None:
    build = Builder()
    build.emit(code_of("sin"), build.input())
    with pytest.raises(IndexError):
        evaluate_range(build, array("d", [0.0, 0.0]), *stretch)


def test_values_too_few_are_refused() -> None:
    build = Builder()
    build.emit(code_of("sin"), build.input())
    with pytest.raises(IndexError):
        evaluate_range(build, array("d", [0.0]), 0, 2)
