"""Laws of derivatives: backward, forward and sparse agree with each other and with themselves, at every nesting."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from programs import CALM, OPERATIONS, bits, points, programs, quick
from slopewise import ir
from slopewise.ir.operations import ATTACH
from slopewise.passes.differentiate import jvp, vjp
from slopewise.passes.jacobians import jacobian

CALM_NUMBERS = st.sampled_from(CALM)
# What a user attaches need not be a derivative of anything, so that order matters there; everything else.
PROGRAMS = programs(
    operations=[code for code in OPERATIONS if code != ATTACH], constants=CALM_NUMBERS, inputs=(1, 4), equations=(1, 12)
)


def all_slots(program: ir.Program, inputs: list[float]) -> list[float]:
    """Return what every slot holds."""
    slots = ir.Program(
        program.codes, program.a, program.b, program.c, program.pool, type(program.a)("i", range(program.n_slots)),
        program.names,
    )  # fmt: skip
    return ir.interpret(slots, inputs)


def scale(program: ir.Program, inputs: list[float]) -> float:
    """Return the largest number on the way; drop the case when one is not finite or huge, where rounding rules."""
    largest = max(map(abs, all_slots(program, inputs)), default=0.0)
    assume(math.isfinite(largest))
    assume(all(x == x for x in all_slots(program, inputs)))
    assume(largest < 1e6)
    return max(largest, 1.0)


def near(x: float, y: float, size: float) -> bool:
    return abs(x - y) <= 1e-7 * size


@given(st.data(), PROGRAMS)
@quick
def test_backward_and_forward_agree(data: st.DataObject, program: ir.Program) -> None:
    n, m = program.n_inputs, len(program.outputs)
    inputs = data.draw(points(n, CALM_NUMBERS))
    seeds = data.draw(points(m, CALM_NUMBERS))
    tangents = data.draw(points(n, CALM_NUMBERS))
    backward = vjp(program, range(n), range(m), seeds="inputs")
    forward = jvp(program, range(n))
    ir.verify(backward)
    ir.verify(forward)
    size = scale(backward, inputs + seeds) + scale(forward, inputs + tangents)
    gradients = ir.interpret(backward, inputs + seeds)[m:]
    dots = ir.interpret(forward, inputs + tangents)[m:]
    left = sum(g * t for g, t in zip(gradients, tangents, strict=True))
    right = sum(s * d for s, d in zip(seeds, dots, strict=True))
    assert near(left, right, 10 * size * (1 + abs(left)))


@given(st.data(), PROGRAMS)
@quick
def test_exact_and_default_agree(data: st.DataObject, program: ir.Program) -> None:
    n, m = program.n_inputs, len(program.outputs)
    inputs = data.draw(points(n, CALM_NUMBERS))
    exact, default = (vjp(program, range(n), exact=mode) for mode in (True, False))
    size = scale(exact, inputs) + scale(default, inputs)
    for x, y in zip(ir.interpret(exact, inputs)[m:], ir.interpret(default, inputs)[m:], strict=True):
        assert near(x, y, size)


@given(st.data(), PROGRAMS, st.booleans())
@quick
def test_a_program_keeps_its_values(data: st.DataObject, program: ir.Program, exact: bool) -> None:
    n, m = program.n_inputs, len(program.outputs)
    inputs = data.draw(points(n))
    values = list(map(bits, ir.interpret(program, inputs)))
    wrt, of = range(n), range(m)
    assert list(map(bits, ir.interpret(vjp(program, wrt, of, exact=exact), inputs)[:m])) == values
    assert list(map(bits, ir.interpret(jvp(program, wrt), [*inputs, *inputs])[:m])) == values
    assert list(map(bits, ir.interpret(jacobian(program, wrt, of)[0], inputs)[:m])) == values


@given(st.data(), programs(constants=CALM_NUMBERS, inputs=(1, 4), equations=(1, 14)))
@quick
def test_jacobians_are_the_gradients_of_the_rows(data: st.DataObject, program: ir.Program) -> None:
    n, m = program.n_inputs, len(program.outputs)
    inputs = data.draw(points(n, CALM_NUMBERS))
    dense = []
    size = 1.0
    for row in range(m):
        derived = vjp(program, range(n), [row])
        size += scale(derived, inputs)
        dense.append(ir.interpret(derived, inputs)[m:])
    for way in (None, "forward", "backward"):
        derived, rows, columns = jacobian(program, range(n), range(m), way=way)
        ir.verify(derived)
        size += scale(derived, inputs)
        found = [[0.0] * n for _ in range(m)]
        for row, column, x in zip(rows, columns, ir.interpret(derived, inputs)[m:], strict=True):
            found[row][column] = x
        assert all(near(found[i][j], dense[i][j], size) for i in range(m) for j in range(n))


@given(st.data(), PROGRAMS)
@quick
def test_hessians_agree_at_every_nesting(data: st.DataObject, program: ir.Program) -> None:
    n, m = program.n_inputs, len(program.outputs)
    inputs = data.draw(points(n, CALM_NUMBERS))
    gradient = vjp(program, range(n))
    size = scale(gradient, inputs)
    rows = range(m, m + n)
    units = [[1.0 if i == j else 0.0 for j in range(n)] for i in range(n)]

    reverse_over_reverse = []
    for row in rows:
        derived = vjp(gradient, range(n), [row])
        size += scale(derived, inputs)
        reverse_over_reverse.append(ir.interpret(derived, inputs)[m + n :])

    forward_over_reverse = jvp(gradient, range(n), rows)
    columns = []
    for unit in units:
        size += scale(forward_over_reverse, inputs + unit)
        columns.append(ir.interpret(forward_over_reverse, inputs + unit)[m + n :])

    forward = jvp(program, range(n), [0])
    reverse_over_forward = []
    for unit in units:
        derived = vjp(forward, range(n), [m])
        size += scale(derived, inputs + unit)
        reverse_over_forward.append(ir.interpret(derived, inputs + unit)[m + 1 :])

    sparse = [[0.0] * n for _ in range(n)]
    derived, found_rows, found_columns = jacobian(gradient, range(n), rows, symmetric=True)
    size += scale(derived, inputs)
    for row, column, x in zip(found_rows, found_columns, ir.interpret(derived, inputs)[m + n :], strict=True):
        sparse[row][column] = x

    for i in range(n):
        for j in range(n):
            expected = reverse_over_reverse[i][j]
            assert near(columns[j][i], expected, size)
            assert near(reverse_over_forward[i][j], expected, size)
            assert near(sparse[i][j], expected, size)


@given(st.data(), programs(constants=CALM_NUMBERS, inputs=(2, 4), equations=(1, 10)))
@quick
def test_perturbations_are_not_confused(data: st.DataObject, program: ir.Program) -> None:
    """A derivative by one input, then by another, is the other way round the same where both are smooth."""
    n, m = program.n_inputs, len(program.outputs)
    assume(ATTACH not in program.codes)
    inputs = data.draw(points(n, CALM_NUMBERS))
    size = 1.0
    mixed = []
    for first, second in ((0, 1), (1, 0)):
        derived = jvp(jvp(program, [first], [0]), [second], [m])
        given_inputs = [*inputs, 1.0, 1.0]
        size += scale(derived, given_inputs)
        mixed.append(ir.interpret(derived, given_inputs)[-1])
    assert near(mixed[0], mixed[1], size)
