"""The reference interpreter: what a Program means, as plainly as it can be written."""

from collections.abc import Sequence

from slopewise.errors import ShapeError
from slopewise.ir.operations import CONSTANT, arity_of, row_of
from slopewise.ir.program import Program


def interpret(program: Program, inputs: Sequence[float]) -> list[float]:
    """Run a Program, each operation by its row's own `value`, on floats.

    Slow and plain: the backends are compared with it.

    Args:
        program: A Program that `ir.verify` accepts.
        inputs: One number for each input.

    Returns:
        One float for each output.

    Raises:
        ShapeError: The inputs are too few or too many.

    Example:
        >>> from slopewise import ir
        >>> ir.interpret(ir.parse("program(%0 x) { %1 = relu %0; return %1 %0 }"), [-2])
        [0.0, -2.0]
    """
    if len(inputs) != program.n_inputs:
        raise ShapeError(
            f"the program takes {program.n_inputs} input{'s' * (program.n_inputs != 1)}, got {len(inputs)}\n"
            f"give one number for each of {', '.join(map(repr, program.names[:8])) or 'none'}"
        )
    values = [float(x) for x in inputs]
    for slot in range(program.n_inputs, program.n_slots):
        code = program.codes[slot]
        if code == CONSTANT:
            values.append(program.constant_of(slot))
        else:
            operands = (program.a[slot], program.b[slot], program.c[slot])[: arity_of(code)]
            values.append(float(row_of(code).value(*[values[operand] for operand in operands])))
    return [values[output] for output in program.outputs]
