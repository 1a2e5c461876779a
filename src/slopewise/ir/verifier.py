"""The rules of a Program, each with an error of its own. A verifier raises and never repairs."""

from array import array
from collections.abc import Iterator

from slopewise.errors import IRError
from slopewise.ir import inspection
from slopewise.ir.operations import ARITY, CONSTANT, INPUT, NAMES, UNKNOWN
from slopewise.ir.printer import slot_text
from slopewise.ir.program import Program

_ORDINALS = ("first", "second", "third")
_COLUMNS = {"codes": "B", "a": "i", "b": "i", "c": "i", "pool": "d", "outputs": "i"}


def verify(program: Program) -> None:
    """Check the rules of a Program: what every pass may rely on, and must hand on.

    - the columns are arrays of their types, `codes`, `a`, `b` and `c` of one length; the names are strings;
    - the inputs are the first slots, one for each name, and nowhere else;
    - every code means something;
    - an operation has as many operands as it takes, all of them slots before its own, and -1 in the columns behind;
    - the constants' places in the pool are 0, 1, 2 … in order, and the pool holds no more;
    - every output is a slot.

    Raises:
        IRError: A rule is broken; the slot in question is printed.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse("program(%0 x) { %1 = sin %0; return %1 }")
        >>> ir.verify(p)
        >>> p.a[1] = 1
        >>> ir.verify(p)
        Traceback (most recent call last):
        ...
        slopewise.errors.IRError: %1 reads %1, which is not computed before it
        at %1 = sin %1
        an operation reads slots before its own: 0 to 0
    """
    _verify_columns(program)
    slot = inspection.first_doubtful(program)
    if slot >= 0:
        raise _broken(program, slot)
    if len(program.pool) != (found := inspection.count_of(program, CONSTANT)):
        raise IRError(
            f"the pool holds {len(program.pool):,} constants, and {found:,} slots are constants\n"
            f"in {program!r}\n"
            f"every constant has a slot and a place of its own"
        )
    for place, output in enumerate(program.outputs):
        if not 0 <= output < program.n_slots:
            raise IRError(
                f"output {place} is %{output}, which is no slot\n"
                f"in {program!r}\n"
                f"an output is one of the {program.n_slots:,} slots"
            )


def _verify_columns(program: Program) -> None:
    for name, typecode in _COLUMNS.items():
        column = getattr(program, name)
        if not isinstance(column, array) or column.typecode != typecode:
            given = f"array({column.typecode!r})" if isinstance(column, array) else type(column).__name__
            raise IRError(
                f"{name} is {given}, and has to be array({typecode!r})\n"
                f"in a Program of {len(program.codes):,} slots\n"
                f"build a Program with ir.Builder, or read one with ir.parse"
            )
    lengths = {name: len(getattr(program, name)) for name in ("codes", "a", "b", "c")}
    if len(set(lengths.values())) > 1:
        raise IRError(
            f"the columns differ in length: {', '.join(f'{name} {n:,}' for name, n in lengths.items())}\n"
            f"every slot has a code and three operands, -1 where there is none"
        )
    for place, name in enumerate(program.names):
        if not isinstance(name, str):
            raise IRError(f"input {place} is named {name!r}, and a name is a string")
    if program.n_inputs > program.n_slots:
        raise IRError(
            f"{program.n_inputs:,} inputs have names, and there are {program.n_slots:,} slots\n"
            f"in {program!r}\n"
            f"the inputs are the first slots, one for each name"
        )


def _broken(program: Program, slot: int) -> IRError:
    """Say which rule a slot breaks."""
    what, cure = next(_faults(program, slot))
    return IRError(f"{what}\nat {slot_text(program, slot)}\n{cure}")


def _faults(program: Program, slot: int) -> Iterator[tuple[str, str]]:
    code = program.codes[slot]
    operands = (program.a[slot], program.b[slot], program.c[slot])
    arity = ARITY[code]
    if (code == INPUT) != (slot < program.n_inputs):
        where = (
            f"among the inputs, %0 to %{program.n_inputs - 1}" if program.n_inputs else "in a program without inputs"
        )
        yield (
            f"%{slot} is an input that no name belongs to" if code == INPUT else f"%{slot} stands {where}, and is none",
            f"the first {program.n_inputs} slots are the inputs, one for each name, and no other is",
        )
    if arity == UNKNOWN:
        yield f"%{slot} has the code {code}, which means nothing", "the codes stand in slopewise.ir.operations"
    takes = f"{NAMES[code]} takes {arity} operand{'s' * (arity != 1)}"
    used = arity
    if code == CONSTANT:
        used = 1  # its place in the pool
        place = inspection.count_before(program, CONSTANT, slot)
        if operands[0] != place:
            yield (
                f"%{slot} is constant number {place}, and its place in the pool is {operands[0]}",
                "each constant has a place of its own, in the order of the slots",
            )
        if place >= len(program.pool):
            yield (
                f"%{slot} is constant number {place}, and the pool ends before it",
                "each constant has its number in the pool",
            )
    for ordinal, operand in zip(_ORDINALS[:arity], operands, strict=False):
        if operand == -1:
            yield f"%{slot} has no {ordinal} operand", takes
        if not 0 <= operand < slot:
            yield (
                f"%{slot} reads %{operand}, which is not computed before it",
                f"an operation reads slots before its own: 0 to {slot - 1}" if slot else "the first slot reads nothing",
            )
    for ordinal, operand in zip(_ORDINALS[used:], operands[used:], strict=True):
        if operand != -1:
            yield (
                f"%{slot} has %{operand} as its {ordinal} operand, and {takes}",
                "the columns behind the operands hold -1",
            )
