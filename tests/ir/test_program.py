"""What a Program says of itself: counts, equality by bits, copies."""

import copy
import math
import pickle
from array import array

import pytest
from hypothesis import given
from random_ir import programs, quick

from slopewise import ir
from slopewise.errors import ShapeError
from slopewise.ir import Program, inspection

TEXT = """
program(%0 x, %1 y) {
  %2 = constant 2.0
  %3 = power %0 %2
  %4 = constant 2.0
  %5 = multiply %4 %3
  %6 = multiply %5 %1
  return %6 %0
}
"""


def test_counts() -> None:
    p = ir.parse(TEXT)
    assert (p.n_inputs, p.n_outputs, p.n_slots, p.n_constants, p.n_equations) == (2, 2, 7, 2, 3)
    assert p.n_bytes == 7 * 13 + 2 * 8 + 2 * 4
    assert p.operations == {"multiply": 2, "power": 1}
    assert p.constant_of(2) == 2.0
    assert repr(p) == "<Program: 2 inputs, 2 constants, 3 equations, 2 outputs>"
    assert repr(ir.parse("program() { %0 = constant 1.0; return %0 }")) == (
        "<Program: 0 inputs, 1 constant, 0 equations, 1 output>"
    )
    with pytest.raises(ValueError, match="%3 is no constant"):
        p.constant_of(3)


def test_equality_is_by_content_and_a_number_counts_by_its_bits() -> None:
    p = ir.parse(TEXT)
    assert p == ir.parse(TEXT) and hash(p) == hash(ir.parse(TEXT))
    assert p != ir.parse(TEXT.replace("%1 y", "%1 z"))
    assert p != ir.parse(TEXT.replace("return %6 %0", "return %6"))
    assert p != ir.parse(TEXT.replace("multiply %5 %1", "add %5 %1"))
    assert p != "program"
    numbers = ["0.0", "-0.0", "nan", "nan(0x7ff8000000000001)", "nan(0xfff8000000000000)", "inf", "-inf", "5e-324"]
    texts = [f"program() {{ %0 = constant {number}; return %0 }}" for number in numbers]
    made = [ir.parse(text) for text in texts]
    assert len(set(made)) == len(numbers)
    assert made == [ir.parse(text) for text in texts]


@quick
@given(programs())
def test_copies_and_pickles_are_equal(p: Program) -> None:
    for other in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert other == p and hash(other) == hash(p)


def test_the_interpreter_takes_any_numbers_and_counts_them() -> None:
    p = ir.parse(TEXT)
    assert ir.interpret(p, [3, True]) == [18.0, 3.0]
    assert ir.interpret(p, array("d", [3.0, math.inf])) == [math.inf, 3.0]
    for numbers in ([], [1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ShapeError, match=f"the program takes 2 inputs, got {len(numbers)}"):
            ir.interpret(p, numbers)


def test_the_digest_is_of_the_content_without_names() -> None:
    p = ir.parse(TEXT)
    assert p.digest() == ir.parse(TEXT.replace("%1 y", "%1 z")).digest() and len(p.digest()) == 16
    other = ir.parse(TEXT.replace("constant 2.0\n  %5", "constant -2.0\n  %5"))
    assert p.digest() != other.digest()
    assert p.digest(with_constants=False) == other.digest(with_constants=False) != p.digest()
    changes = [("return %6 %0", "return %6"), ("multiply %5 %1", "multiply %5 %0"), ("power", "modulo")]
    texts = [TEXT, *(TEXT.replace(*change) for change in changes), "program() { %0 = constant 0.0; return %0 }"]
    assert len({ir.parse(text).digest() for text in texts}) == len(texts)


@given(programs(), programs())
@quick
def test_programs_with_the_same_digest_are_the_same(x: Program, y: Program) -> None:
    names = tuple(f"x{i}" for i in range(x.n_inputs))
    renamed = Program(x.codes, x.a, x.b, x.c, x.pool, x.outputs, names)
    assert renamed.digest() == x.digest()
    assert (x.digest() == y.digest()) == (x._columns() == y._columns() and x.n_inputs == y.n_inputs)


def test_every_word_counts_and_both_forms_stir_alike() -> None:
    words = array("Q", [3 * i for i in range(16)])
    seen = {inspection.stirred(memoryview(words))}
    for i in range(16):
        for bit in (0, 31, 63):
            changed = array("Q", words)
            changed[i] ^= 1 << bit
            seen.add(inspection.stirred(memoryview(changed)))
    assert len(seen) == 1 + 16 * 3
    assert inspection.stirred(memoryview(words)).hex() == (
        "8ecea076673aff799bd1492cdc9346f7d3800c80ae65b94ca891e6b8c62f8e21"
    )


def test_the_end_behind_the_last_block_counts_in_a_digest() -> None:
    contents = [bytes(n) for n in range(70)] + [bytes(66) + b"x", b"x" + bytes(66)]
    assert len({inspection.digest([array("B", content)]) for content in contents}) == len(contents)
    assert inspection.digest([array("B", b"ab"), array("B", b"c")]) != inspection.digest(
        [array("B", b"a"), array("B", b"bc")]
    )
