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

__all__ = ["roll", "roll_within"]

GROUPS_OF_A_NEST = 16  # more become one formula seldom


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
    return _written(Formulas(program))


def roll_within(program: Program, most_nests: int) -> Loops | None:
    """Return a Program as loops if they are few; None, after little more than the grouping, if it does not roll so far.

    Args:
        program: As `roll` takes it.
        most_nests: How many nests there may be.

    Example:
        >>> from slopewise.tracer import record
        >>> program = record(lambda x: [x[0].sin() + x[1].cos().exp(), x[0] * x[1] - x[0]], [1.0, 2.0]).program
        >>> roll_within(program, 1) is None
        True
    """
    formulas = Formulas(program, GROUPS_OF_A_NEST * most_nests)
    if formulas.is_given_up:
        return None
    loops = _written(formulas)
    return loops if loops.n_nests <= most_nests else None


def _written(formulas: Formulas) -> Loops:
    writer = Writer(formulas)
    writer.lay_out_inputs()
    arrange(formulas)
    return writer.loops()
