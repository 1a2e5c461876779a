"""A Program as text, in the grammar of `docs/program.md`; `parser` reads it back."""

import json
import math
import re
import struct

from slopewise.ir.operations import ARITY, CONSTANT, NAMES
from slopewise.ir.program import Program

_WIDTH = 100  # columns
_BARE = re.compile(r"(?!(?:nan|inf)\b)[^\W\d][\w.\[\]]*")


def print_program(program: Program) -> str:
    """Write a Program down, one slot a line.

    A Program that breaks a rule is written too, as far as it goes: the verifier shows it.

    Example:
        >>> from slopewise import ir
        >>> print(print_program(ir.parse("program(%0 x) { %1 = constant -0.0; %2 = add %0 %1; return %2 }")))
        program(%0 x) {
          %1 = constant -0.0
          %2 = add %0 %1
          return %2
        }
    """
    inputs = [f"%{slot} {name_text(name)}" for slot, name in enumerate(program.names)]
    lines = [*_listed("program(", inputs, ",", ") {")]
    lines += [f"  {slot_text(program, slot)}" for slot in range(program.n_inputs, program.n_slots)]
    lines += _listed("  return", [f" %{output}" for output in program.outputs], "", "")
    return "\n".join([*lines, "}"])


def slot_text(program: Program, slot: int) -> str:
    """Write down one slot, whatever stands in it."""
    code = program.codes[slot]
    name = NAMES[code] if code < len(NAMES) and NAMES[code] else f"code {code}"
    if code == CONSTANT:
        place = program.a[slot]
        known = 0 <= place < len(program.pool)
        return f"%{slot} = constant {number_text(program.pool[place]) if known else f'at {place}'}"
    operands = [program.a[slot], program.b[slot], program.c[slot]]
    if ARITY[code] <= len(operands):
        operands = operands[: ARITY[code]]
    return " ".join([f"%{slot} = {name}", *(f"%{operand}" for operand in operands)])


def number_text(x: float) -> str:
    """Write a float so that the same bits are read back: `0.1`, `-0.0`, `inf`, `nan`, `nan(0xfff8000000000000)`."""
    if x == x:
        return repr(x)
    (bits,) = struct.unpack("<Q", struct.pack("<d", x))
    return "nan" if bits == _NAN else f"nan({bits:#x})"


(_NAN,) = struct.unpack("<Q", struct.pack("<d", math.nan))


def name_text(name: str) -> str:
    """Write an input's name as it is, or in quotes where it holds more than a word with dots and brackets."""
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _listed(before: str, items: list[str], comma: str, after: str) -> list[str]:
    """Write items on one line, or on several where they do not fit."""
    separator = f"{comma} " if comma else ""
    whole = before + separator.join(items) + after
    if len(whole) <= _WIDTH:
        return [whole]
    lines, line = [before], "   "
    for i, item in enumerate(items):
        piece = f" {item.strip()}{comma if i + 1 < len(items) else ''}"
        if len(line) + len(piece) > _WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += piece
    return [*lines, line, after] if after else [*lines, line]
