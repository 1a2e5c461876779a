"""Every rule of a Program can be broken, and then its own error comes out, with the slot printed."""

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_ir import programs, quick

from slopewise import ir
from slopewise.errors import IRError
from slopewise.ir import CONSTANT, INPUT, Program, code_of


def good() -> Program:
    return ir.parse(
        "program(%0 x, %1 y) { %2 = constant 2.0; %3 = sin %0; %4 = where %0 %2 %3; %5 = constant 1.0; return %4 }"
    )


def put(column: str, place: int, number: int) -> Callable[[Program], None]:
    def breaks(p: Program) -> None:
        getattr(p, column)[place] = number

    return breaks


def replace(column: str, given: object) -> Callable[[Program], None]:
    return lambda p: setattr(p, column, given)


FAULTS: list[tuple[Callable[[Program], None], str]] = [
    (replace("codes", [0, 0]), "codes is list, and has to be array('B')\nin a Program of 2 slots\nbuild a Program with ir.Builder, or read one with ir.parse"),
    (replace("a", array("l", [0] * 6)), "a is array('l'), and has to be array('i')\nin a Program of 6 slots\nbuild a Program with ir.Builder, or read one with ir.parse"),
    (replace("pool", array("f", [1.0])), "pool is array('f'), and has to be array('d')\nin a Program of 6 slots\nbuild a Program with ir.Builder, or read one with ir.parse"),
    (replace("outputs", (4,)), "outputs is tuple, and has to be array('i')\nin a Program of 6 slots\nbuild a Program with ir.Builder, or read one with ir.parse"),
    (replace("b", array("i", [-1])), "the columns differ in length: codes 6, a 6, b 1, c 6\nevery slot has a code and three operands, -1 where there is none"),
    (replace("names", ("x", 1)), "input 1 is named 1, and a name is a string"),
    (replace("names", ("x",) * 7), "7 inputs have names, and there are 6 slots\nin <Program: 7 inputs, 2 constants, -3 equations, 1 output>\nthe inputs are the first slots, one for each name"),
    (replace("names", ("x",) * 3), "%2 stands among the inputs, %0 to %2, and is none\nat %2 = constant 2.0\nthe first 3 slots are the inputs, one for each name, and no other is"),
    (put("codes", 1, code_of("sin")), "%1 stands among the inputs, %0 to %1, and is none\nat %1 = sin %-1\nthe first 2 slots are the inputs, one for each name, and no other is"),
    (put("codes", 3, INPUT), "%3 is an input that no name belongs to\nat %3 = input\nthe first 2 slots are the inputs, one for each name, and no other is"),
    (put("codes", 3, 62), "%3 has the code 62, which means nothing\nat %3 = code 62 %0 %-1 %-1\nthe codes stand in slopewise.ir.operations"),
    (put("codes", 3, 200), "%3 has the code 200, which means nothing\nat %3 = code 200 %0 %-1 %-1\nthe codes stand in slopewise.ir.operations"),
    (put("a", 3, 3), "%3 reads %3, which is not computed before it\nat %3 = sin %3\nan operation reads slots before its own: 0 to 2"),
    (put("c", 4, 5), "%4 reads %5, which is not computed before it\nat %4 = where %0 %2 %5\nan operation reads slots before its own: 0 to 3"),
    (put("b", 4, -1), "%4 has no second operand\nat %4 = where %0 %-1 %3\nwhere takes 3 operands"),
    (put("a", 3, -1), "%3 has no first operand\nat %3 = sin %-1\nsin takes 1 operand"),
    (put("a", 3, -7), "%3 reads %-7, which is not computed before it\nat %3 = sin %-7\nan operation reads slots before its own: 0 to 2"),
    (put("b", 3, 0), "%3 has %0 as its second operand, and sin takes 1 operand\nat %3 = sin %0\nthe columns behind the operands hold -1"),
    (put("c", 3, 0), "%3 has %0 as its third operand, and sin takes 1 operand\nat %3 = sin %0\nthe columns behind the operands hold -1"),
    (put("a", 0, 0), "%0 has %0 as its first operand, and input takes 0 operands\nat %0 = input\nthe columns behind the operands hold -1"),
    (put("b", 2, 0), "%2 has %0 as its second operand, and constant takes 0 operands\nat %2 = constant 2.0\nthe columns behind the operands hold -1"),
    (put("a", 2, 1), "%2 is constant number 0, and its place in the pool is 1\nat %2 = constant 1.0\neach constant has a place of its own, in the order of the slots"),
    (put("a", 5, 7), "%5 is constant number 1, and its place in the pool is 7\nat %5 = constant at 7\neach constant has a place of its own, in the order of the slots"),
    (replace("pool", array("d", [2.0])), "%5 is constant number 1, and the pool ends before it\nat %5 = constant at 1\neach constant has its number in the pool"),
    (replace("pool", array("d", [2.0, 1.0, 0.5])), "the pool holds 3 constants, and 2 slots are constants\nin <Program: 2 inputs, 3 constants, 1 equation, 1 output>\nevery constant has a slot and a place of its own"),
    (put("outputs", 0, 6), "output 0 is %6, which is no slot\nin <Program: 2 inputs, 2 constants, 2 equations, 1 output>\nan output is one of the 6 slots"),
    (put("outputs", 0, -1), "output 0 is %-1, which is no slot\nin <Program: 2 inputs, 2 constants, 2 equations, 1 output>\nan output is one of the 6 slots"),
]  # fmt: skip


@pytest.mark.parametrize(("breaks", "message"), FAULTS, ids=range(len(FAULTS)))
def test_each_rule_has_an_error_of_its_own(breaks: Callable[[Program], None], message: str) -> None:
    program = good()
    ir.verify(program)
    breaks(program)
    with pytest.raises(IRError) as info:
        ir.verify(program)
    assert str(info.value) == message


def test_an_empty_program_that_reads() -> None:
    none = array("i", [-1])
    program = Program(array("B", [code_of("sin")]), none, none, none, array("d"), array("i"))
    with pytest.raises(IRError) as info:
        ir.verify(program)
    assert str(info.value) == "%0 has no first operand\nat %0 = sin %-1\nsin takes 1 operand"


@quick
@given(programs(), st.data())
def test_a_changed_cell_is_found_or_the_program_still_stands(program: Program, data: st.DataObject) -> None:
    """Whatever one cell is changed to: the native walk and the rules agree, and a program that passes can be run."""
    if not program.n_slots:
        return
    column = data.draw(st.sampled_from(["codes", "a", "b", "c"]))
    slot = data.draw(st.integers(0, program.n_slots - 1))
    number = data.draw(st.integers(0, 255) if column == "codes" else st.integers(-2, program.n_slots + 1))
    getattr(program, column)[slot] = number
    try:
        ir.verify(program)
    except IRError as error:
        assert str(error).count("\n") == 2
    else:
        assert len(ir.interpret(program, [1.5] * program.n_inputs)) == program.n_outputs
        assert ir.parse(str(program)) == program


def test_the_codes_of_inputs_and_constants() -> None:
    assert (INPUT, CONSTANT) == (0, 63)
