"""What `vjp`, `jvp` and `Cotangents` return: outputs, inputs, names, equations, errors."""

import math
import re
from pathlib import Path

import pytest

from slopewise import ir
from slopewise.errors import DomainError
from slopewise.ir.operations import ROWS
from slopewise.passes import rules, stamping
from slopewise.passes.cotangents import Cotangents, reverse_into
from slopewise.passes.differentiate import jvp, vjp


def program(text: str) -> ir.Program:
    made = ir.parse(text)
    ir.verify(made)
    return made


PRODUCT = "program(%0 x, %1 y) { %2 = multiply %0 %1; return %2 }"


def operations_of(made: ir.Program) -> list[str]:
    return [ir.name_of(code) for code in made.codes[made.n_inputs :]]


def test_vjp_appends_one_gradient_for_each_input_asked_for() -> None:
    derived = vjp(program(PRODUCT), [1, 0, 1])
    ir.verify(derived)
    assert ir.interpret(derived, [3.0, 5.0]) == [15.0, 3.0, 5.0, 3.0]
    assert derived.names == ("x", "y")


def test_vjp_where_nothing_leads_is_the_constant_0() -> None:
    p = program("program(%0 x, %1 y) { %2 = sin %0; %3 = floor %1; %4 = add %2 %3; return %4 }")
    assert ir.interpret(vjp(p, [1]), [0.5, 1.5])[1:] == [0.0]
    assert ir.interpret(jvp(p, [1]), [0.5, 1.5, 1.0])[1:] == [0.0]


def test_vjp_writes_nothing_for_slots_that_lead_to_no_input_asked_for() -> None:
    p = program("""program(%0 x, %1 y) {
        %2 = exp %1
        %3 = tanh %2
        %4 = multiply %0 %3
        return %4
    }""")
    derived = vjp(p, [0])
    assert operations_of(derived) == ["exp", "tanh", "multiply", "constant", "multiply"]
    assert derived.n_equations == 4
    assert vjp(p, [1]).n_equations == 4 - 1 + 1 + 3 + 1  # multiply; tanh: square, difference, product; exp


def test_outputs_can_be_inputs_and_constants() -> None:
    p = program("program(%0 x, %1 y) { %2 = constant 7.0; return %0 %2 %0 }")
    assert ir.interpret(vjp(p, [0, 1]), [3.0, 4.0]) == [3.0, 7.0, 3.0, 1.0, 0.0]
    assert ir.interpret(vjp(p, [0], of=[1]), [3.0, 4.0])[3:] == [0.0]
    assert ir.interpret(vjp(p, [0], of=[0, 2]), [3.0, 4.0])[3:] == [2.0]
    assert ir.interpret(jvp(p, [0]), [3.0, 4.0, 0.5])[3:] == [0.5, 0.0, 0.5]


def test_seeds_can_be_inputs() -> None:
    p = program("program(%0 x, %1 bar0) { %2 = multiply %0 %1; %3 = sin %0; return %2 %3 }")
    derived = vjp(p, [0], of=[0, 1], seeds="inputs")
    ir.verify(derived)
    assert derived.names == ("x", "bar0", "bar02", "bar1")
    x, y = 0.4, 3.0
    expected = 2.0 * y + 5.0 * math.cos(x)
    assert ir.interpret(derived, [x, y, 2.0, 5.0])[2] == pytest.approx(expected, rel=1e-15)


def test_jvp_takes_a_tangent_for_each_input_asked_for() -> None:
    p = program("program(%0 x, %1 y) { %2 = divide %0 %1; %3 = square %0; return %2 %3 }")
    derived = jvp(p, [1, 0])
    ir.verify(derived)
    assert derived.names == ("x", "y", "y_dot", "x_dot")
    assert ir.interpret(derived, [3.0, 2.0, 0.5, 7.0]) == [1.5, 9.0, (7.0 - 1.5 * 0.5) / 2.0, 42.0]
    some = jvp(p, [0], of=[1])
    assert ir.interpret(some, [3.0, 2.0, 7.0]) == [1.5, 9.0, 42.0]
    assert jvp(derived, [0]).names[-1] == "x_dot2"


def test_jvp_leaves_out_tangents_of_0() -> None:
    p = program("program(%0 x, %1 y) { %2 = exp %1; %3 = multiply %0 %2; return %3 }")
    assert jvp(p, [0]).n_equations == 3


@pytest.mark.parametrize(
    ("name", "equations"),
    [("add", 0), ("multiply", 2), ("subtract", 1), ("relu", 2), ("tanh", 3), ("exp", 1), ("sigmoid", 3),
     ("divide", 3), ("sqrt", 3), ("log", 4), ("maximum", 5), ("where", 2), ("absolute", 7)],
)  # fmt: skip
def test_rules_take_few_equations(name: str, equations: int) -> None:
    template = rules.backward_template(ir.code_of(name), exact=False)
    assert sum(ir.name_of(code) != "constant" for code, *_ in template.equations) == equations


def c_constant(name: str) -> int:
    """Return a number that stands in stamping.pxd."""
    text = Path(stamping.__file__).with_name("stamping.pxd").read_text(encoding="utf-8")
    found = re.search(rf"^    {name} = (\d+)$", text, re.MULTILINE)
    assert found
    return int(found[1])


def test_every_operation_has_rules() -> None:
    places = c_constant("PLACES")
    for code, row in enumerate(ROWS):
        if row is None:
            continue
        for exact in (False, True):
            template = rules.backward_template(code, exact)
            assert len(template.results) == row.arity
            assert rules.FIRST + len(template.equations) <= places
        for active in range(1, 1 << row.arity):
            template = rules.forward_template(code, active)
            assert len(template.results) == 1
            assert rules.FIRST + len(template.equations) <= places


@pytest.mark.parametrize(
    ("exponent", "equations"), [(2.0, 2), (1.0, 0), (0.0, 0), (3.0, 3), (-1.0, 3), (0.5, 2), (math.nan, 3)]
)
def test_powers_of_constants(exponent: float, equations: int) -> None:
    build = ir.Builder()
    x = build.input()
    z = build.emit(ir.code_of("power"), x, build.constant(exponent))
    for exact in (False, True):
        derived = vjp(build.extract([x], [z]), [0], exact=exact)
        value, gradient = ir.interpret(derived, [1.7])
        slope = exponent * 1.7 ** (exponent - 1.0) if exponent else 0.0
        assert gradient == pytest.approx(slope, rel=1e-14, nan_ok=True)
        assert value == pytest.approx(1.7**exponent, nan_ok=True)
        if not exact:
            assert derived.n_equations == 1 + equations


def test_a_power_whose_exponent_varies_has_no_derivative_by_it() -> None:
    p = program("program(%0 x, %1 k) { %2 = power %0 %1; return %2 }")
    derived = vjp(p, [0, 1])
    assert ir.interpret(derived, [3.0, 2.0]) == [9.0, 6.0, 0.0]
    assert ir.interpret(derived, [3.0, 0.0]) == [1.0, 0.0, 0.0]
    assert ir.interpret(derived, [0.0, 0.0]) == [1.0, 0.0, 0.0]


def test_attached_derivatives_are_what_the_user_gave() -> None:
    p = program("""program(%0 x, %1 y, %2 p, %3 q) {
        %4 = multiply %0 %1
        %5 = detach %4
        %6 = attach %5 %0 %2
        %7 = attach %6 %1 %3
        return %7
    }""")
    inputs = [3.0, 5.0, 0.25, 0.5]
    assert ir.interpret(vjp(p, range(4)), inputs) == [15.0, 0.25, 0.5, 0.0, 0.0]
    assert ir.interpret(jvp(p, [0, 1]), [*inputs, 2.0, 4.0]) == [15.0, 0.25 * 2.0 + 0.5 * 4.0]


def test_a_partial_of_0_of_a_selecting_operation_stops_an_infinity() -> None:
    p = program("""program(%0 x, %1 y) {
        %2 = maximum %0 %1
        %3 = relu %1
        %4 = add %2 %3
        %5 = sqrt %4
        return %5
    }""")
    assert ir.interpret(vjp(p, [0, 1]), [0.0, -1.0]) == [0.0, math.inf, 0.0]


def test_slopes_at_poles() -> None:
    for name, x, slope in [("log", 0.0, math.inf), ("log", -0.0, math.inf), ("log", -1.0, math.nan),
                           ("sqrt", 0.0, math.inf), ("sqrt", -0.0, math.inf), ("log1p", -1.0, math.inf),
                           ("atanh", 1.0, math.inf), ("atanh", 1.5, math.nan), ("absolute", math.nan, math.nan),
                           ("absolute", -0.0, 0.0)]:  # fmt: skip
        p = program(f"program(%0 x) {{ %1 = {name} %0; return %1 }}")
        for exact in (False, True):
            assert ir.interpret(vjp(p, [0], exact=exact), [x])[1] == pytest.approx(slope, nan_ok=True), name


# ---------------------------------------------------------------------- a growing Builder


def test_slots_below_the_limit_receive_and_hand_nothing_on() -> None:
    build = ir.Builder()
    x = build.input()
    outside = build.emit(ir.code_of("exp"), x)
    limit = build.size
    inside = build.emit(ir.code_of("square"), outside)
    bars = reverse_into(build, [inside], [build.constant(1.0)], limit)
    assert bars[x] == -1
    derived = build.extract([outside], [bars[outside]])
    assert ir.interpret(derived, [3.0]) == [6.0]


def test_gradients_add_to_what_is_there() -> None:
    build = ir.Builder()
    x, before = build.input(), build.input()
    y = build.emit(ir.code_of("multiply"), x, x)
    bars = reverse_into(build, [y], [build.constant(1.0)], starts={x: before})
    # one after the other, as the engine does
    assert ir.interpret(build.extract([x, before], [bars[x]]), [0.1, 0.7]) == [(0.7 + 0.1) + 0.1]
    assert bars[before] == -1


def test_one_object_serves_many_runs() -> None:
    build = ir.Builder()
    x, y = build.input(), build.input()
    gradients = Cotangents(build)
    product = build.emit(ir.code_of("multiply"), x, y)
    gradients.run([product], [build.constant(1.0)])
    first = gradients.of(x)
    assert list(gradients.slots()) == [product, x, y]
    gradients.clear()
    assert gradients.of(x) == -1
    later = build.emit(ir.code_of("sin"), first)  # a derivative in the computation that is differentiated
    gradients.run([later], [build.constant(1.0)])
    assert gradients.of(x) == -1
    derived = build.extract([x, y], [gradients.of(y)])
    assert ir.interpret(derived, [2.0, 0.5]) == [math.cos(0.5)]


def test_several_roots_one_below_the_other() -> None:
    p = program("program(%0 x) { %1 = square %0; %2 = exp %1; return %1 %2 %0 }")
    derived = vjp(p, [0], of=[1, 0, 2])
    x = 0.3
    assert ir.interpret(derived, [x])[3] == pytest.approx((math.exp(x * x) + 1) * 2 * x + 1, rel=1e-15)


def test_a_long_chain_needs_no_deep_stack() -> None:
    build = ir.Builder()
    x = build.input()
    z = x
    for _ in range(20_000):
        z = build.emit(ir.code_of("add"), z, x)
    p = build.extract([x], [z])
    assert ir.interpret(vjp(p, [0]), [1.0])[1] == 20_001.0
    assert ir.interpret(jvp(p, [0]), [1.0, 1.0])[1] == 20_001.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: vjp(p, [2]), "the program has 2 inputs, and number 2 was asked for\nthe first is number 0"),
        (lambda p: vjp(p, [0], of=[1]), "the program has 1 output, and number 1 was asked for\nthe first is number 0"),
        (lambda p: vjp(p, [-1]), "the program has 2 inputs, and number -1 was asked for\nthe first is number 0"),
        (lambda p: jvp(p, [5]), "the program has 2 inputs, and number 5 was asked for\nthe first is number 0"),
        (lambda p: vjp(p, [0], seeds="two"), "the seeds of vjp() are 'one' or 'inputs', got 'two'"),  # type: ignore[arg-type]
    ],
)
def test_errors(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DomainError) as caught:
        call(program(PRODUCT))
    assert str(caught.value) == words


def test_the_numbers_of_places_are_those_of_the_rules() -> None:
    wanted = {
        "X": rules.X, "Y": rules.Y, "W": rules.W, "RESULT": rules.RESULT, "GRADIENT": rules.GRADIENTS[0],
        "LESS": rules.LESS, "FIRST": rules.FIRST, "USES_GRADIENT": rules.USES_GRADIENT,
        "KINDS": rules.POWER_ROOT + 1, "POWER_OF_CONSTANT": rules.POWER_OF_CONSTANT, "POWER_0": rules.POWER_0,
        "POWER_1": rules.POWER_1, "POWER_2": rules.POWER_2, "POWER_INVERSE": rules.POWER_INVERSE,
        "POWER_ROOT": rules.POWER_ROOT,
    }  # fmt: skip
    for name, number in wanted.items():
        assert c_constant(name) == number
        if hasattr(stamping, name):
            assert getattr(stamping, name) == number


NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, math.inf, -math.inf, 1e-320, -1e-320)


@pytest.mark.parametrize("name", [row.name for row in ROWS if row is not None])
def test_what_is_called_clean_is_never_minus_0(name: str) -> None:
    """In exact mode a clean contribution is not added to 0.0 first: that must make no difference."""
    code = ir.code_of(name)
    kinds = [code] if name != "power" else [code, *range(rules.POWER_OF_CONSTANT, rules.POWER_ROOT + 1)]
    row = ir.row_of(code)
    for kind in kinds:
        template = rules.backward_template(kind, exact=True)
        for x in NUMBERS:
            for y in NUMBERS if row.arity > 1 else (1.0,):
                for gradient in (0.0, 1.0, -1.0, math.inf, -1e-320):
                    operands = (x, y, -0.5)[: row.arity]
                    known = [x, y, -0.5, float(row.value(*operands)), gradient, 0.0, 0.0, y - 1.0]
                    for operation, a, b, c, _ in template.equations:
                        if operation == ir.CONSTANT:
                            known.append(template.constants[a])
                        else:
                            numbers = [known[place] for place in (a, b, c) if place >= 0]
                            known.append(float(ir.row_of(operation).value(*numbers)))
                    for place, clean in zip(template.results, template.clean, strict=True):
                        if place >= 0 and clean:
                            assert known[place] != 0 or math.copysign(1.0, known[place]) > 0
