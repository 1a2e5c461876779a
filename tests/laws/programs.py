"""Random Programs for the laws: every operation, constants and points at the edges of floating point, choices, sharing.

`programs()` draws a Program, `points(n)` numbers for its inputs, `same_bits` and `same_values` compare results. What is
drawn shrinks to a short program, and a run draws the same programs every time when its settings say `derandomize`.

    @given(st.data())
    @quick
    def test_a_law(data: st.DataObject) -> None:
        program = data.draw(programs())
        inputs = data.draw(points(program.n_inputs))
        assert same_bits(ir.interpret(changed(program), inputs), ir.interpret(program, inputs))
"""

import math
import struct
from array import array
from collections.abc import Callable, Iterable, Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from slopewise.ir.operations import (
    ARITY,
    ATTACH,
    CEIL,
    CONSTANT,
    DETACH,
    DIVIDE,
    EQUAL,
    FLOOR,
    FLOOR_DIVIDE,
    GREATER,
    GREATER_EQUAL,
    INPUT,
    LESS,
    LESS_EQUAL,
    MODULO,
    NOT_EQUAL,
    POWER,
    POWER_VALUE,
    ROUND,
    ROWS,
    TRUNCATE,
    WHERE,
)
from slopewise.ir.program import Program

quick = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Every operation there is, in the order of the codes.
OPERATIONS: tuple[int, ...] = tuple(code for code, row in enumerate(ROWS) if row is not None and code != INPUT)
COMPARISONS = frozenset({LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL})
JUMPS = COMPARISONS | {FLOOR_DIVIDE, FLOOR, CEIL, TRUNCATE, ROUND, MODULO}
# Those whose value has a derivative everywhere, apart from kinks and poles: for laws about gradients.
SMOOTH: tuple[int, ...] = tuple(code for code in OPERATIONS if code not in JUMPS and code not in (DETACH, ATTACH))

# Where rules that hold for "all" numbers break: zeros, infinities, nan, subnormals, halves, overflow, exact powers of two.
# fmt: off
EDGES: tuple[float, ...] = (
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 0.1, math.inf, -math.inf, math.nan, 1.5, -2.5, 5e-324, -5e-324,
    2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1e-200, 1e200, 4503599627370496.5,
    9007199254740992.0, 710.0, -745.2, 0.9999999999999999, 1.0000000000000002,
)
# fmt: on
# Numbers at which nothing overflows soon and no operation is at an edge: for comparisons with finite differences.
CALM: tuple[float, ...] = (0.25, 0.5, 0.75, 1.25, -0.5, -1.5, 2.0, 3.0)


def numbers(edges: Sequence[float] = EDGES) -> st.SearchStrategy[float]:
    """Draw a number: one of the edges half the time, any float otherwise."""
    return st.one_of(st.sampled_from(edges), st.floats(-4.0, 4.0), st.floats())


def points(n: int, numbers: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[list[float]]:
    """Draw the numbers of `n` inputs."""
    return st.lists(numbers if numbers is not None else _NUMBERS, min_size=n, max_size=n)


@st.composite
def programs(
    draw: st.DrawFn,
    *,
    operations: Sequence[int] = OPERATIONS,
    constants: st.SearchStrategy[float] | None = None,
    inputs: tuple[int, int] = (0, 4),
    equations: tuple[int, int] = (0, 24),
    outputs: tuple[int, int] = (1, 4),
    keep: Callable[[Program], bool] = lambda program: True,
) -> Program:
    """Draw a Program.

    A slot reads earlier slots, the latest ones more often, so that programs are deep as well as wide; operands repeat, so
    there is something to share; one equation in six or more chooses by `where`, often on a comparison; equal
    equations and constants occur, and so do slots that no output needs and inputs that nothing reads.

    Args:
        operations: The codes to draw from.
        constants: What constants are; `numbers()` unless told.
        inputs: The fewest and the most inputs. Without inputs everything is constant.
        equations: The fewest and the most operations.
        outputs: The fewest and the most outputs; they may be inputs, constants, or one slot twice.
        keep: What the Program must be like besides.
    """
    pool_of = constants if constants is not None else _NUMBERS
    n_inputs = draw(st.integers(*inputs))
    rows = [(INPUT, -1, -1, -1)] * n_inputs
    pool: list[float] = []

    def constant(x: float) -> int:
        rows.append((CONSTANT, len(pool), -1, -1))
        pool.append(x)
        return len(rows) - 1

    if not rows:
        constant(draw(pool_of))
    chosen = st.sampled_from(operations)
    choice = WHERE in operations
    compared: list[int] = []
    n_equations = draw(st.integers(*equations))  # a list's own length would mostly be short
    drawn = st.tuples(chosen, st.tuples(*[_STEP] * 3), pool_of)
    for code, steps, x in draw(st.lists(drawn, min_size=n_equations, max_size=n_equations)):
        if choice and steps[0] % 6 == 5:
            code = WHERE
        operands = []
        for place in range(ARITY[code]):
            step = steps[place]
            is_exponent = code == POWER and place == 1
            if is_exponent or step >= _CONSTANT_FROM:
                operands.append(constant(x))
            elif code == WHERE and place == 0 and step % 2 and compared:
                operands.append(compared[-1 - step % min(len(compared), 3)])
            else:
                operands.append(_earlier(step, len(rows)))
        rows.append((code, *operands, *[-1] * (3 - len(operands))))
        if code in COMPARISONS:
            compared.append(len(rows) - 1)
    returned = draw(st.lists(_STEP, min_size=outputs[0], max_size=outputs[1]))
    program = Program(
        array("B", [row[0] for row in rows]),
        array("i", [row[1] for row in rows]),
        array("i", [row[2] for row in rows]),
        array("i", [row[3] for row in rows]),
        array("d", pool),
        array("i", [_earlier(step, len(rows)) for step in returned]),
        tuple(f"x{i}" for i in range(n_inputs)),
    )
    if not keep(program):
        from hypothesis import reject

        reject()
    return program


def without_poles(program: Program) -> bool:
    """Tell whether a Program divides by nothing and has no negative or broken power: for laws about finite values."""
    return not {DIVIDE, FLOOR_DIVIDE, POWER, POWER_VALUE} & set(program.codes)


def bits(x: float) -> bytes:
    """Return the eight bytes of a number; every nan has the same."""
    return struct.pack("<d", math.nan if x != x else x)


def same_bits(xs: Iterable[float], ys: Iterable[float]) -> bool:
    """Tell whether two lists of numbers are the same, the signs of zeros included; a nan is a nan."""
    return [bits(x) for x in xs] == [bits(y) for y in ys]


def same_values(xs: Iterable[float], ys: Iterable[float]) -> bool:
    """Tell whether two lists of numbers are equal; a nan equals a nan, and -0.0 equals 0.0."""
    pairs = list(zip(list(xs), list(ys), strict=True))
    return all(x == y or (x != x and y != y) for x, y in pairs)


def _earlier(step: int, size: int) -> int:
    """Return a slot before `size`: small steps go back that far, large ones anywhere, and 0 is the latest."""
    return size - 1 - (step % min(size, 4) if step < _FAR_FROM else step % size)


# A step says where an operand lies: 0 to 23 is near, 24 to 47 is anywhere before, 48 and more is a constant of its own.
_STEP = st.integers(0, 63)
_FAR_FROM = 24
_CONSTANT_FROM = 48
_NUMBERS = numbers()
