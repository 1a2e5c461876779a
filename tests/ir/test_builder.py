"""The Builder: what it grows to, what it cuts out, what it takes in, and what it refuses."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_ir import NUMBERS, builders, programs, quick

from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir import Builder, Program, code_of
from slopewise.ir.evaluation import evaluate_range

ADD, MULTIPLY, SIN, WHERE = map(code_of, ("add", "multiply", "sin", "where"))


def same(xs: list[float], ys: list[float]) -> bool:
    return all(
        (x != x and y != y) or (x == y and math.copysign(1, x) == math.copysign(1, y))
        for x, y in zip(xs, ys, strict=True)
    )


def columns(program: Program) -> tuple[list[int], list[int], list[int], list[int], list[float], list[int]]:
    arrays = (program.codes, program.a, program.b, program.c, program.pool, program.outputs)
    return tuple(list(column) for column in arrays)  # type: ignore[return-value]


def test_inputs_come_first_in_the_order_given_and_what_nobody_needs_stays_out() -> None:
    build = Builder()
    two = build.constant(2.0)
    x = build.input()
    build.emit(SIN, x)
    doubled = build.emit(MULTIPLY, x, two)
    y = build.input()
    build.constant(9.0)
    total = build.emit(ADD, doubled, y)
    unused = build.input()
    program = build.extract([y, unused, x], [total, doubled, total], ["y", "unused", "x"])
    assert columns(program) == (
        [0, 0, 0, 63, MULTIPLY, ADD],
        [-1, -1, -1, 0, 2, 4],
        [-1, -1, -1, -1, 3, 0],
        [-1] * 6,
        [2.0],
        [5, 4, 5],
    )
    assert program.names == ("y", "unused", "x")
    assert list(build.kept) == [0]
    assert ir.interpret(program, [1.0, math.nan, 3.0]) == [7.0, 6.0, 7.0]


def test_any_slot_can_become_an_input_and_is_not_followed() -> None:
    build = Builder()
    x = build.input()
    inner = build.emit(SIN, x)
    constant = build.constant(3.0)
    total = build.emit(ADD, inner, constant)
    program = build.extract([constant, inner], [total, inner], ["constant", "inner"])
    assert str(program) == "program(%0 constant, %1 inner) {\n  %2 = add %1 %0\n  return %2 %1\n}"


def test_every_occurrence_of_a_constant_keeps_a_place_of_its_own() -> None:
    build = Builder()
    places = [build.constant(1.0) for _ in range(4)]
    total = build.emit(ADD, places[3], places[1])
    program = build.extract([], [total])
    assert list(program.pool) == [1.0, 1.0]
    assert list(build.kept) == [1, 3]
    assert columns(program)[1] == [0, 1, 1]


def test_an_extract_leaves_the_builder_as_it_was() -> None:
    build = Builder()
    x = build.input()
    y = build.emit(SIN, x)
    first = build.extract([x], [y])
    assert first == build.extract([x], [y])
    with pytest.raises(IRError):
        build.extract([], [y])
    with pytest.raises(IRError):
        build.extract([x, x], [y])
    with pytest.raises(IRError):
        build.extract([x], [y, 99])
    assert first == build.extract([x], [y])


def test_a_program_of_nothing() -> None:
    program = Builder().extract([], [])
    ir.verify(program)
    assert program.n_slots == program.n_bytes == 0
    assert ir.interpret(program, []) == []
    assert ir.parse(str(program)) == program


@pytest.mark.parametrize("size", [1, 63, 64, 65, 1000, 70_000])
def test_it_grows_without_losing_anything(size: int) -> None:
    build = Builder()
    x = build.input()
    for i in range(size):
        x = build.emit(ADD, x, build.constant(float(i)))
    assert len(build) == build.size == 2 * size + 1
    assert build.pool_size == size
    program = build.extract([0], [x])
    assert program.n_equations == size
    assert list(program.pool) == [float(i) for i in range(size)]
    assert program.n_bytes == 13 * program.n_slots + 8 * size + 4


def test_reserved_room_changes_nothing() -> None:
    build = Builder()
    x = build.input()
    build.reserve(10_000)
    build.reserve_pool(10_000)
    assert (build.size, build.pool_size) == (1, 0)
    assert str(build.extract([x], [x])) == "program(%0 x0) {\n  return %0\n}"


def test_more_slots_than_a_c_int_can_number_are_refused() -> None:
    with pytest.raises(IRError, match="at most 2,147,483,647 slots, and 2,147,483,648 are needed"):
        Builder().reserve(2**31)


def test_slots_are_taken_back() -> None:
    build = Builder()
    x = build.input()
    size, pool_size = build.size, build.pool_size
    build.emit(ADD, x, build.constant(1.0))
    build.truncate(size, pool_size)
    y = build.emit(ADD, x, build.constant(2.0))
    assert ir.interpret(build.extract([x], [y]), [3.0]) == [5.0]
    for wrong in ((99, 0), (0, 99), (-1, 0), (0, -1)):
        with pytest.raises(IRError, match="cut to a size that it had before"):
            build.truncate(*wrong)


def test_a_small_part_of_a_large_builder_takes_a_small_walk() -> None:
    """Nested traces cut their own stretch out of one long tape: the walk ends where the inputs are."""
    build = Builder()
    x = build.input()
    for _ in range(50_000):
        x = build.emit(SIN, x)
    for _ in range(2_000):  # a walk to the bottom each time would take minutes when interpreted
        y = build.emit(ADD, x, x)
        program = build.extract([x], [y])
        x = y
    assert program.n_slots == 2


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        ((2,), "%2 of this Builder has the operands %2 - -"),
        ((-1,), "%2 of this Builder has the operands - - -"),
        ((0, 3), "%2 of this Builder has the operands %0 %3 -"),
        ((0, 1, 2), "%2 of this Builder has the operands %0 %1 %2"),
        ((0, -1, 1), "%2 of this Builder has the operands %0 - %1"),
    ],
)
def test_operands_that_do_not_stand_before_are_refused(operands: tuple[int, ...], message: str) -> None:
    build = Builder()
    x, y = build.input(), build.input()
    out = build.emit(WHERE, *operands)
    with pytest.raises(IRError) as info:
        build.extract([x, y], [out])
    assert str(info.value).startswith(message)
    with pytest.raises(IndexError if operands != (0, -1, 1) else AssertionError):
        evaluate_range(build, array("d", [0.0] * 3), 0, 3)
        raise AssertionError


def test_inline_refuses_what_does_not_fit() -> None:
    program = ir.parse("program(%0 x) { %1 = sin %0; return %1 }")
    build = Builder()
    with pytest.raises(IRError, match="takes 1 input, and inline\\(\\) got 0"):
        build.inline(program, [])
    with pytest.raises(IRError, match="%5 is no slot of this Builder: it has 0"):
        build.inline(program, [5])
    program.a[1] = 7
    with pytest.raises(IRError, match="%1 reads %7"):
        build.inline(program, [build.input()])


def test_a_program_inlined_twice_is_the_function_applied_twice() -> None:
    program = ir.parse(
        "program(%0 x, %1 y) { %2 = constant 2.0; %3 = multiply %0 %2; %4 = subtract %3 %1; return %4 %0 }"
    )
    build = Builder()
    x, y = build.input(), build.input()
    once = build.inline(program, [x, y])
    twice = build.inline(program, once)
    assert ir.interpret(build.extract([x, y], twice), [3.0, 1.0]) == [7.0, 5.0]


@quick
@given(programs())
def test_a_program_goes_in_and_comes_out_the_same(program: Program) -> None:
    build = ir.from_program(program)
    assert len(build) == program.n_slots
    inputs = list(range(program.n_inputs))
    needed = build.extract(inputs, list(program.outputs), program.names)
    assert needed == program  # it was cut out before: nothing more can go


@quick
@given(builders(), st.data())
def test_what_is_cut_out_computes_what_was_there(made: tuple[Builder, list[int]], data: st.DataObject) -> None:
    build, inputs = made
    given_numbers = [data.draw(NUMBERS) for _ in inputs]
    values = array("d", [0.0]) * len(build)
    for slot, x in zip(inputs, given_numbers, strict=True):
        values[slot] = x
    evaluate_range(build, values, 0, len(build))
    outputs = data.draw(st.lists(st.integers(0, len(build) - 1), max_size=4))
    program = build.extract(inputs, outputs)
    ir.verify(program)
    assert same(ir.interpret(program, given_numbers), [values[slot] for slot in outputs])


@quick
@given(programs(), st.data())
def test_inlining_computes_the_same(program: Program, data: st.DataObject) -> None:
    numbers = [data.draw(NUMBERS) for _ in program.names]
    build = Builder()
    build.emit(SIN, build.constant(1.0))  # something stands there already
    outputs = build.inline(program, [build.constant(x) for x in numbers])
    inlined = build.extract([], outputs)
    ir.verify(inlined)
    assert same(ir.interpret(inlined, []), ir.interpret(program, numbers))
