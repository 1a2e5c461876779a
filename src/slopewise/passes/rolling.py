"""`roll`: a Program as loops over arrays.

`grouping` finds the equations that do the same to other numbers, `scans` the stretches that repeat, `formulas` what
becomes an array and what part of a formula, `arrangement` the loops, and `loop_writer` writes them down.

Holds before: a Program that `ir.verify` accepts. Holds after: Loops that `ir.verify_loops` accepts, and that compute
the same outputs, save for the order of sums.
"""

from slopewise.ir import Loops, Program
from slopewise.passes.arrangement import arrange
from slopewise.passes.formulas import Formulas
from slopewise.passes.loop_writer import Writer

__all__ = ["roll"]


def roll(program: Program) -> Loops:
    """Return a Program as loops.

    Args:
        program: A Program that `ir.verify` accepts; one that was not simplified, for what is simplified by its numbers
            is no longer alike.

    Example:
        >>> import slopewise as sw
        >>> from slopewise.ir import interpret_loops
        >>> from slopewise.tracer import record
        >>> program = record(lambda x: [sum(w * w for w in x)], [1.0, 2.0, 3.0]).program
        >>> interpret_loops(roll(program), [1.0, 2.0, 3.0])
        [14.0]
    """
    formulas = Formulas(program)
    writer = Writer(formulas)
    writer.lay_out_inputs()
    arrange(formulas)
    return writer.loops()
