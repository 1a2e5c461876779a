"""Laws of simplify: it changes no number, takes no equation more, and has nothing left to do on its own result."""

import math

from hypothesis import given
from hypothesis import strategies as st

from programs import CALM, EDGES, OPERATIONS, bits, points, programs, quick, same_bits, same_values
from slopewise import ir
from slopewise.ir.operations import CONSTANT, POWER, POWER_VALUE
from slopewise.passes.differentiate import vjp
from slopewise.passes.simplify import simplify

# Numbers that rules ask for, so that rules meet.
RULED = st.one_of(st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5]), st.sampled_from(EDGES))
SHORT = tuple(
    ir.code_of(name)
    for name in (
        "add subtract multiply divide negate power where absolute relu square maximum minimum floor less greater equal"
        " not_equal detach attach exp"
    ).split()
)
PROGRAMS = st.one_of(programs(), programs(constants=RULED), programs(operations=SHORT, constants=RULED))
MODES = st.tuples(st.booleans(), st.booleans())  # exact, differentiable


def has_approximate_power(program: ir.Program) -> bool:
    """Tell whether there is a power that the default mode may compute another way, an ulp off."""
    exponents = {2.0, -1.0, 0.5}
    for slot, code in enumerate(program.codes):
        if code in (POWER, POWER_VALUE):
            b = program.b[slot]
            # What is folded may become such an exponent, so only a constant of another kind is surely none.
            if program.codes[b] != CONSTANT or program.constant_of(b) in exponents:
                return True
    return False


@given(st.data(), PROGRAMS, st.booleans())
@quick
def test_exact_keeps_every_bit(data: st.DataObject, program: ir.Program, differentiable: bool) -> None:
    simple = simplify(program, exact=True, differentiable=differentiable)
    ir.verify(simple)
    inputs = data.draw(points(program.n_inputs))
    assert same_bits(ir.interpret(simple, inputs), ir.interpret(program, inputs))


@given(st.data(), PROGRAMS.filter(lambda p: not has_approximate_power(p)), st.booleans())
@quick
def test_by_default_every_value_stays(data: st.DataObject, program: ir.Program, differentiable: bool) -> None:
    simple = simplify(program, differentiable=differentiable)
    ir.verify(simple)
    inputs = data.draw(points(program.n_inputs))
    assert same_values(ir.interpret(simple, inputs), ir.interpret(program, inputs))


@given(st.data(), PROGRAMS)
@quick
def test_with_constants_kept_every_bit_stays_and_the_pool_too(data: st.DataObject, program: ir.Program) -> None:
    kept = simplify(program, constants="keep")
    ir.verify(kept)
    inputs = data.draw(points(program.n_inputs))
    assert same_bits(ir.interpret(kept, inputs), ir.interpret(program, inputs))
    rest = iter([bits(x) for x in program.pool])
    assert all(bits(x) in rest for x in kept.pool)  # some of them, in their order
    assert simplify(kept, constants="keep") == kept


@given(PROGRAMS, MODES)
@quick
def test_the_result_is_as_simple_as_it_gets(program: ir.Program, mode: tuple[bool, bool]) -> None:
    exact, differentiable = mode
    simple = simplify(program, exact=exact, differentiable=differentiable)
    assert str(simplify(simple, exact=exact, differentiable=differentiable)) == str(simple)


@given(PROGRAMS, MODES, st.sampled_from(["merge", "keep"]))
@quick
def test_never_more_equations_and_the_same_ends(program: ir.Program, mode: tuple[bool, bool], constants: str) -> None:
    exact, differentiable = mode
    before = str(program)
    simple = simplify(program, exact=exact, differentiable=differentiable, constants=constants)  # type: ignore[arg-type]
    assert simple.n_equations <= program.n_equations
    assert simple.names == program.names
    assert simple.n_outputs == program.n_outputs
    assert str(program) == before


@given(PROGRAMS, MODES)
@quick
def test_no_equation_and_no_constant_stands_twice(program: ir.Program, mode: tuple[bool, bool]) -> None:
    simple = simplify(program, exact=mode[0], differentiable=mode[1])
    rows = [row for row in zip(simple.codes, simple.a, simple.b, simple.c) if row[0] not in (ir.INPUT, CONSTANT)]
    assert len(set(rows)) == len(rows)
    pool = [bits(x) for x in simple.pool]
    assert len(set(pool)) == len([x for x in pool if x != bits(math.nan)]) + (bits(math.nan) in pool)


@given(programs(inputs=(0, 0)), st.booleans())
@quick
def test_without_inputs_no_equation_is_left(program: ir.Program, exact: bool) -> None:
    assert simplify(program, exact=exact, differentiable=False).n_equations == 0


def test_the_laws_meet_every_operation() -> None:
    seen: set[int] = set()

    @given(programs())
    @quick
    def look(program: ir.Program) -> None:
        seen.update(program.codes)

    look()
    assert set(OPERATIONS) <= seen


@given(st.data(), programs(constants=st.sampled_from(CALM), inputs=(1, 4), equations=(1, 12), outputs=(1, 1)), MODES)
@quick
def test_what_can_be_differentiated_has_the_same_slopes(
    data: st.DataObject, program: ir.Program, mode: tuple[bool, bool]
) -> None:
    simple = simplify(program, exact=mode[0])
    if mode[1]:  # a second time, over the derivative itself
        program, simple = (vjp(p, [0], [0]) for p in (program, simple))
        simple = simplify(simple, exact=mode[0])
    inputs = data.draw(points(program.n_inputs, st.sampled_from(CALM)))
    wrt, of = range(program.n_inputs), [program.n_outputs - 1]
    expected = ir.interpret(vjp(program, wrt, of), inputs)
    got = ir.interpret(vjp(simple, wrt, of), inputs)
    scale = max([1.0, *(abs(x) for x in expected if math.isfinite(x))])
    for x, y in zip(expected, got):
        # Sums of contributions are taken in another order, and may cancel. A nan may be gone: it is 0 * nan from what a
        # choice by a constant leaves out.
        assert x == y or x != x or abs(x - y) <= 1e-9 * scale, (expected, got)
