"""What simplify does, rule by rule: where it applies, and where it must not."""

import math
from collections.abc import Callable
from itertools import product

import pytest

from slopewise import ir
from slopewise.errors import DomainError
from slopewise.ir.operations import CODES, NAMES
from slopewise.passes.simplify import SIGNS, simplify

NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 5e-324, -1e308, math.inf, -math.inf, math.nan, 0.1, 1e-200)


def program(body: str, inputs: str = "%0 x, %1 y, %2 z") -> ir.Program:
    return ir.parse(f"program({inputs}) {{ {body} }}")


def body(p: ir.Program) -> str:
    return "; ".join(line.strip() for line in str(p).splitlines()[1:-1])


# fmt: off
EXACT = [
    # reason, before, after
    ("a double negation",                 "%3 = negate %0; %4 = negate %3; return %4", "return %0"),
    ("plus a negation is a difference",   "%3 = negate %1; %4 = add %0 %3; return %4", "%3 = subtract %0 %1; return %3"),
    ("a negation plus",                   "%3 = negate %0; %4 = add %3 %1; return %4", "%3 = subtract %1 %0; return %3"),
    ("an eager difference",               "%3 = constant -1.0; %4 = multiply %1 %3; %5 = add %0 %4; return %5", "%3 = subtract %0 %1; return %3"),
    ("minus a negation is a sum",         "%3 = negate %1; %4 = subtract %0 %3; return %4", "%3 = add %0 %1; return %3"),
    ("times one",                         "%3 = constant 1.0; %4 = multiply %3 %0; %5 = divide %4 %3; %6 = power %5 %3; return %6", "return %0"),
    ("times minus one",                   "%3 = constant -1.0; %4 = multiply %3 %0; return %4", "%3 = negate %0; return %3"),
    ("to the power of zero",              "%3 = constant 0.0; %4 = power %0 %3; return %4", "%3 = constant 1.0; return %3"),
    ("plus minus zero",                   "%3 = constant -0.0; %4 = add %3 %0; return %4", "return %0"),
    ("minus zero",                        "%3 = constant 0.0; %4 = subtract %0 %3; return %4", "return %0"),
    ("minus zero less x",                 "%3 = constant -0.0; %4 = subtract %3 %0; return %4", "%3 = negate %0; return %3"),
    ("zero plus what is never -0.0",      "%3 = exp %0; %4 = constant 0.0; %5 = add %4 %3; %6 = add %5 %4; return %6", "%3 = exp %0; return %3"),
    ("a sum with a square",               "%3 = square %0; %4 = add %3 %1; %5 = constant 0.0; %6 = add %4 %5; return %6", "%3 = square %0; %4 = add %3 %1; return %4"),
    ("the product of two negations",      "%3 = negate %0; %4 = negate %1; %5 = multiply %3 %4; return %5", "%3 = multiply %0 %1; return %3"),
    ("a sign goes into a constant",       "%3 = constant 3.0; %4 = multiply %3 %0; %5 = negate %4; return %5", "%3 = constant -3.0; %4 = multiply %3 %0; return %4"),
    ("a sign goes into a numerator",      "%3 = constant 3.0; %4 = negate %0; %5 = divide %3 %4; return %5", "%3 = constant -3.0; %4 = divide %3 %0; return %4"),
    ("a product with itself",             "%3 = multiply %0 %0; %4 = square %0; %5 = add %3 %4; return %5", "%3 = square %0; %4 = add %3 %3; return %4"),
    ("over a power of two",               "%3 = constant -4.0; %4 = divide %0 %3; return %4", "%3 = constant -0.25; %4 = multiply %0 %3; return %4"),
    ("an absolute value's sign",          "%3 = negate %0; %4 = absolute %3; %5 = absolute %4; return %5", "%3 = absolute %0; return %3"),
    ("a relu of a relu",                  "%3 = relu %0; %4 = relu %3; return %4", "%3 = relu %0; return %3"),
    ("the larger of x and x",             "%3 = maximum %0 %0; %4 = constant -inf; %5 = maximum %3 %4; return %5", "return %0"),
    ("the smaller of x and inf",          "%3 = constant inf; %4 = minimum %0 %3; return %4", "return %0"),
    ("a choice that is made",             "%3 = constant nan; %4 = where %3 %0 %1; return %4", "return %0"),
    ("a choice of one",                   "%3 = where %0 %1 %1; return %3", "return %1"),
    ("a choice made above",               "%3 = where %0 %1 %2; %4 = where %0 %3 %0; return %4", "%3 = where %0 %1 %0; return %3"),
    ("a choice by not zero",              "%3 = constant 0.0; %4 = not_equal %0 %3; %5 = where %4 %1 %2; return %5", "%3 = where %0 %1 %2; return %3"),
    ("a choice by zero",                  "%3 = constant -0.0; %4 = equal %0 %3; %5 = where %4 %1 %2; return %5", "%3 = where %0 %2 %1; return %3"),
    ("a truth is itself",                 "%3 = less %0 %1; %4 = constant 1.0; %5 = constant 0.0; %6 = where %3 %4 %5; %7 = greater %6 %5; return %7", "%3 = less %0 %1; return %3"),
    ("not equal, negated",                "%3 = equal %0 %1; %4 = constant 0.0; %5 = equal %3 %4; %6 = equal %4 %5; return %6", "%3 = equal %0 %1; return %3"),
    ("less than itself",                  "%3 = less %0 %0; return %3", "%3 = constant 0.0; return %3"),
    ("the floor of a floor",              "%3 = floor %0; %4 = ceil %1; %5 = add %3 %4; %6 = round %5; return %6", "%3 = floor %0; %4 = ceil %1; %5 = add %3 %4; return %5"),
    ("x + y is y + x, x < y is y > x",    "%3 = add %0 %1; %4 = add %1 %0; %5 = less %0 %1; %6 = greater %1 %0; return %3 %4 %5 %6", "%3 = add %0 %1; %4 = less %0 %1; return %3 %3 %4 %4"),
    ("a constant exponent",               "%3 = constant 3.0; %4 = power_value %0 %3; return %4", "%3 = constant 3.0; %4 = power %0 %3; return %4"),
    ("constants only",                    "%3 = constant 2.0; %4 = sqrt %3; %5 = divide %4 %3; return %5", "%3 = constant 0.7071067811865476; return %3"),
    ("equal constants, dead code",        "%3 = constant 2.0; %4 = sin %0; %5 = constant 2.0; %6 = atan2 %5 %0; %7 = atan2 %3 %0; return %6 %7", "%3 = constant 2.0; %4 = atan2 %3 %0; return %4 %4"),
    ("a detached detachment",             "%3 = detach %0; %4 = detach %3; %5 = less %4 %1; %6 = detach %5; return %4 %6", "%3 = detach %0; %4 = less %3 %1; return %3 %4"),
]
STAYS = [
    ("0 * inf is nan",                    "%3 = constant 0.0; %4 = multiply %0 %3; return %4"),
    ("inf - inf is nan",                  "%3 = subtract %0 %0; return %3"),
    ("0 / 0 is nan",                      "%3 = divide %0 %0; return %3"),
    ("nan is not nan",                    "%3 = equal %0 %0; %4 = less_equal %0 %0; return %3 %4"),
    ("a third is not exact",              "%3 = constant 3.0; %4 = divide %0 %3; return %4"),
    ("1 / 2**1023 is subnormal",          "%3 = constant 8.98846567431158e+307; %4 = divide %0 %3; return %4"),
    ("x - y is not y - x",                "%3 = subtract %0 %1; %4 = subtract %1 %0; return %3 %4"),
    ("sums are not regrouped",            "%3 = add %0 %1; %4 = add %3 %2; %5 = add %1 %2; %6 = add %0 %5; return %4 %6"),
    ("a tie goes to the first",           "%3 = maximum %0 %1; %4 = maximum %1 %0; return %3 %4"),
    ("-0.0 and 0.0 are two constants",    "%3 = constant 0.0; %4 = constant -0.0; %5 = atan2 %3 %0; %6 = atan2 %4 %0; return %5 %6"),
    ("not less is not greater or equal",  "%3 = less %0 %1; %4 = constant 0.0; %5 = equal %3 %4; return %5"),
    ("a slope at 0, and a detachment",    "%3 = square %0; %4 = absolute %3; %5 = relu %3; %6 = detach %0; %7 = attach %0 %1 %2; return %4 %5 %6 %7"),
]
STAYS_WHEN_EXACT = [
    ("-0.0 + 0.0 is 0.0",                 "%3 = constant 0.0; %4 = add %0 %3; return %4", "return %0"),
    ("0.0 - 0.0 is 0.0",                  "%3 = constant 0.0; %4 = subtract %3 %0; return %4", "%3 = negate %0; return %3"),
    ("-(x - x) is -0.0",                  "%3 = subtract %0 %1; %4 = negate %3; return %4", "%3 = subtract %1 %0; return %3"),
    ("libm's pow may be an ulp off",      "%3 = constant 2.0; %4 = power %0 %3; return %4", "%3 = square %0; return %3"),
    ("and so for the reciprocal",         "%3 = constant -1.0; %4 = power %0 %3; return %4", "%3 = constant 1.0; %4 = divide %3 %0; return %4"),
    ("and the root",                      "%3 = exp %0; %4 = constant 0.5; %5 = power %3 %4; return %5", "%3 = exp %0; %4 = sqrt %3; return %4"),
    ("-(0 * -1) is -0.0, floor(-0.0) 0.0", "%3 = floor %0; %4 = negate %3; %5 = floor %4; return %5", "%3 = floor %0; %4 = negate %3; return %4"),
]
SIGN_MATTERS = [
    ("1 / -0.0 is -inf",                  "%3 = constant 0.0; %4 = add %0 %3; %5 = divide %1 %4; return %5"),
    ("atan2 tells the zeros apart",       "%3 = constant 0.0; %4 = add %0 %3; %5 = atan2 %4 %1; return %5"),
    ("(-0.0) ** -3 is -inf",              "%3 = constant 0.0; %4 = add %0 %3; %5 = constant -3.0; %6 = power %4 %5; return %6"),
    ("through sin, *, where",             "%3 = constant 0.0; %4 = add %0 %3; %5 = sin %4; %6 = multiply %5 %1; %7 = where %2 %6 %1; %8 = divide %1 %7; return %8"),
    ("(-inf) ** 0.5 is inf",              "%3 = constant 0.5; %4 = power %0 %3; return %4"),
]
# fmt: on


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in EXACT], ids=[row[0] for row in EXACT])
def test_rules_that_keep_every_bit(before: str, after: str) -> None:
    p = program(before)
    assert body(simplify(p, exact=True)) == after
    assert body(simplify(p)) == after
    same_on_the_grid(p, simplify(p, exact=True), repr)


@pytest.mark.parametrize("before", [row[1] for row in STAYS], ids=[row[0] for row in STAYS])
def test_what_looks_like_a_rule_and_is_none(before: str) -> None:
    assert body(simplify(program(before))) == before


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in STAYS_WHEN_EXACT], ids=[row[0] for row in STAYS_WHEN_EXACT]
)
def test_rules_of_the_default_mode_alone(before: str, after: str) -> None:
    p = program(before)
    assert body(simplify(p, exact=True)) == before
    assert body(simplify(p)) == after


@pytest.mark.parametrize("before", [row[1] for row in SIGN_MATTERS], ids=[row[0] for row in SIGN_MATTERS])
def test_where_the_sign_of_a_zero_matters_it_stays(before: str) -> None:
    p = program(before)
    assert body(simplify(p)) == before
    same_on_the_grid(p, simplify(p), str)


def test_a_sign_that_is_forgotten_does_not_matter() -> None:
    p = program("%3 = constant 0.0; %4 = add %0 %3; %5 = exp %4; %6 = divide %1 %5; return %6")
    assert body(simplify(p)) == "%3 = exp %0; %4 = divide %1 %3; return %4"


def test_a_sign_that_mattered_to_what_is_gone_does_not_matter() -> None:
    p = program(
        "%3 = constant 0.0; %4 = add %0 %3; %5 = divide %1 %4; %6 = constant 1.0; %7 = where %6 %4 %5; return %7"
    )
    assert body(simplify(p)) == "return %0"


def test_without_a_derivative_to_come_slopes_do_not_matter() -> None:
    p = program(
        "%3 = square %0; %4 = absolute %3; %5 = relu %4; %6 = detach %5; %7 = attach %6 %1 %2; %8 = constant -inf;"
        " %9 = maximum %8 %7; return %9"
    )
    assert body(simplify(p, exact=True, differentiable=False)) == "%3 = square %0; return %3"


def test_kept_constants_are_not_looked_at() -> None:
    p = program(
        "%3 = constant 1.0; %4 = multiply %0 %3; %5 = constant 1.0; %6 = multiply %0 %5; %7 = constant 9.0;"
        " %8 = add %4 %6; %9 = add %3 %5; %10 = multiply %0 %0; %11 = add %6 %4; return %8 %9 %10 %11"
    )
    assert body(simplify(p, constants="keep")) == (
        "%3 = constant 1.0; %4 = multiply %0 %3; %5 = constant 1.0; %6 = multiply %0 %5; %7 = add %4 %6;"
        " %8 = add %3 %5; %9 = multiply %0 %0; return %7 %8 %9 %7"
    )


def test_inputs_stay_and_outputs_repeat() -> None:
    p = program("return %2 %0 %0")
    assert simplify(p) == p
    assert simplify(program("%3 = constant 5.0; return %3 %3")).n_inputs == 3
    empty = ir.parse("program() { return }")
    assert simplify(empty) == empty


def test_a_power_is_at_most_an_ulp_off() -> None:
    p = program("%3 = constant 2.0; %4 = power %0 %3; %5 = constant -1.0; %6 = power %0 %5; return %4 %6")
    simple = simplify(p)
    for x in (*NUMBERS, 1.015, -1.1005, 1e155, -1e-155, 0.7000000000000001):
        for got, right in zip(ir.interpret(simple, [x, 0.0, 0.0]), ir.interpret(p, [x, 0.0, 0.0])):
            assert got == right or (got != got and right != right) or abs(got - right) <= math.ulp(right)


def test_a_long_chain_and_a_wide_fan() -> None:
    build = ir.Builder()
    x = build.input()
    one = build.constant(1.0)
    deep = x
    for _ in range(20_000):
        deep = build.emit(CODES["negate"], build.emit(CODES["multiply"], deep, one))
    fan = [build.emit(CODES["add"], x, build.constant(float(i % 500))) for i in range(5_000)]
    total = deep
    for slot in fan:
        total = build.emit(CODES["add"], total, slot)
    simple = simplify(build.extract([x], [total], ["x"]))
    assert simple.n_constants == 499  # x + 0.0 is x
    assert simple.n_equations == 499 + 5_000  # the chain is gone


def test_a_condition_far_down_a_chain_is_found() -> None:
    build = ir.Builder()
    x, y = build.input(), build.input()
    zero = build.constant(0.0)
    condition = x
    for _ in range(20_001):
        condition = build.emit(CODES["equal"], condition, zero)
    p = build.extract([x, y], [build.emit(CODES["where"], condition, x, y)])
    assert body(simplify(p)) == "%2 = where %0 %1 %0; return %2"


def test_what_becomes_of_the_sign_of_a_zero_is_told_for_each_operand() -> None:
    others = (0.0, -0.0, 1.0, -1.0, 2.5, -2.5, math.inf, -math.inf, math.nan, 3.0)
    for code, row in enumerate(ir.operations.ROWS):
        if row is None or code == ir.INPUT:
            continue
        for place in range(row.arity):
            told = SIGNS[3 * code + place]
            for rest in product(others, repeat=row.arity - 1):
                plus, minus = (float(row.value(*rest[:place], zero, *rest[place:])) for zero in (0.0, -0.0))
                same = plus == minus or (plus != plus and minus != minus)
                same_bits = same and (plus != plus or math.copysign(1, plus) == math.copysign(1, minus))
                assert told == 2 or same, f"{NAMES[code]} shows the sign of operand {place}"
                assert told >= 1 or same_bits, f"{NAMES[code]} passes on the sign of operand {place}"


def test_another_word_for_constants_is_refused() -> None:
    with pytest.raises(DomainError, match=r"constants='merge' or 'keep', got 'drop'"):
        simplify(program("return %0"), constants="drop")  # type: ignore[arg-type]


def same_on_the_grid(p: ir.Program, q: ir.Program, show: Callable[[float], str]) -> None:
    for inputs in product(NUMBERS, (0.0, -0.0, 1.0, -2.0, math.nan, math.inf), (0.0, 1.0)):
        shown = [[show(x) for x in ir.interpret(r, list(inputs))] for r in (p, q)]
        assert shown[0] == shown[1], inputs
