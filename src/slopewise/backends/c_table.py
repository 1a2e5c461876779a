"""A very long Program in C: tables of operations, registers and constants, and a loop with a choice of operations.

A compiler reads the tables in a moment, where it would need minutes and gigabytes for as many statements.
"""

from collections.abc import Iterable, Iterator, Sequence

from slopewise.backends.c_operations import expression, number
from slopewise.ir import CONSTANT, INPUT, Program
from slopewise.ir.operations import ARITY, NAMES


def table(
    program: Program, needed: Sequence[int], n_values: int, name: str, prefix: str, prototype: str
) -> Iterator[str]:
    """Yield the tables and the function of a Program.

    Registers are the inputs, the constants, and then the equations, which take the place of what is no longer read.

    Args:
        program: The Program.
        needed: Its equations that are computed, in order.
        n_values: How many of its outputs are values; the others are the gradient.
        name: What the function is called.
        prefix: What the functions that operations call begin with.
        prototype: How the function is declared.
    """
    codes = program.codes
    registers, stream, size = _registers(program, needed)
    constants = [slot for slot in range(program.n_slots) if codes[slot] == CONSTANT]
    pool = (number(program.constant_of(slot)).strip("()") for slot in constants)
    used = sorted({codes[slot] for slot in needed})
    yield from _array("static const unsigned char", f"{name}_operations", (str(codes[slot]) for slot in needed))
    yield from _array("static const uint32_t", f"{name}_registers", map(str, stream))
    yield from _array("static const uint32_t", f"{name}_outputs", (str(registers[slot]) for slot in program.outputs))
    if constants:
        yield from _array("static const double", f"{name}_constants", pool)
    yield f"{prototype} {{"
    if n_values == 0:
        yield "    (void)y;"
    if "*gradient" in prototype and program.n_outputs == n_values:
        yield "    (void)gradient;"
    yield f"    const uint32_t *r = {name}_registers;\n    uint32_t i;"
    yield f"    double *v = malloc({size} * sizeof *v);"
    if n_values == 1:
        yield "    double value;"
    yield "    if (v == NULL) { /* out of memory: everything is nan */"
    yield from _outputs(program, n_values, "NAN")
    yield "        return NAN;\n    }" if n_values == 1 else "        return;\n    }"
    if program.n_inputs:
        yield f"    for (i = 0; i < {program.n_inputs}; i++) v[i] = x[i];"
    else:
        yield "    (void)x;"
    if constants:
        yield f"    for (i = 0; i < {len(constants)}; i++) v[{program.n_inputs} + i] = {name}_constants[i];"
    yield f"    for (i = 0; i < {len(needed)}; i++) {{"
    yield f"        switch ({name}_operations[i]) {{"
    for code in used:
        operands = [f"v[r[{place}]]" for place in range(1, ARITY[code] + 1)]
        text = expression(code, prefix, *operands)
        yield f"        case {code}: v[r[0]] = {text}; r += {ARITY[code] + 1}; break; /* {NAMES[code]} */"
    yield "        default: break;\n        }\n    }"
    yield from _outputs(program, n_values, f"v[{name}_outputs[{{}}]]")
    if n_values == 1:
        yield f"    value = v[{name}_outputs[0]];"
    yield "    free(v);"
    if n_values == 1:
        yield "    return value;"
    yield "}\n"


def _outputs(program: Program, n_values: int, what: str) -> Iterator[str]:
    """Yield loops that write the outputs, but not an only value, which is returned."""
    n_gradient = program.n_outputs - n_values
    if n_values > 1:
        yield f"    for (i = 0; i < {n_values}; i++) y[i] = {what.format('i')};"
    if n_gradient:
        yield f"    for (i = 0; i < {n_gradient}; i++) gradient[i] = {what.format(f'{n_values} + i')};"


def _registers(program: Program, needed: Sequence[int]) -> tuple[list[int], list[int], int]:
    """Give each slot a register; list those of each equation, the result's first; and count them."""
    codes = program.codes
    columns = (program.a, program.b, program.c)
    last = [-1] * program.n_slots
    for slot in needed:
        for place in range(ARITY[codes[slot]]):
            last[columns[place][slot]] = slot
    for slot in program.outputs:
        last[slot] = program.n_slots
    registers = [-1] * program.n_slots
    size = 0
    for kind in (INPUT, CONSTANT):
        for slot in range(program.n_slots):
            if codes[slot] == kind:
                registers[slot] = size
                last[slot] = program.n_slots
                size += 1
    stream = []
    free: list[int] = []
    for slot in needed:
        operands = [columns[place][slot] for place in range(ARITY[codes[slot]])]
        read = [registers[operand] for operand in operands]
        # Operands are read before the result is written, so it may take the place of one.
        free += sorted({registers[operand] for operand in operands if last[operand] == slot})
        if not free:
            free.append(size)
            size += 1
        registers[slot] = free.pop()
        stream += [registers[slot], *read]
    return registers, stream, max(size, 1)


def _array(kind: str, name: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    yield f"{kind} {name}[{len(listed)}] = {{"
    for start in range(0, len(listed), 24):
        yield f"    {', '.join(listed[start : start + 24])},"
    yield "};"
