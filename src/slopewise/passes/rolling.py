"""`roll`: a Program as loops over arrays.

`grouping` finds the equations that do the same to other numbers, `scans` the stretches that repeat, `formulas` what
becomes an array and what part of a formula, `arrangement` the loops, and `loop_writer` writes them down. Where most
equations stay apart, `levels` and `level_formulas` look at them in another way.

Holds before: a Program that `ir.verify` accepts. Holds after: Loops that `ir.verify_loops` accepts, and that compute
the same outputs, save for the order of sums.
"""

from slopewise.ir import Loops, Program
from slopewise.passes.arrangement import arrange
from slopewise.passes.formulas import Formulas
from slopewise.passes.level_formulas import LevelFormulas
from slopewise.passes.loop_writer import Writer

__all__ = ["roll", "roll_within"]

GROUPS_OF_A_NEST = 16  # more become one formula seldom
MANY_GROUPS = 80  # if there are more, all times of a scan counted once, they are looked at by levels
FEWER = 2  # times fewer have they to be then: what is looked up in tables takes more time
IRREGULAR = 100_000  # groups; if they are more than a quarter of the equations too, levels would not help


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
    return _written(_formulas(program))


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
    formulas = _formulas(program, GROUPS_OF_A_NEST * most_nests)
    if formulas.is_given_up:
        return None
    loops = _written(formulas)
    return loops if loops.n_nests <= most_nests else None


def _formulas(program: Program, most_groups: int | None = None) -> Formulas:
    """Return a Program's formulas; where many kinds of them stay apart, those of levels if they are far fewer."""
    formulas = Formulas(program, most_groups)
    n = formulas.n_groups
    if n <= MANY_GROUPS or (n > IRREGULAR and 4 * n > program.n_equations):
        return formulas
    levels = LevelFormulas(program, most_groups)
    return levels if FEWER * levels.n_groups <= n else formulas


def _written(formulas: Formulas) -> Loops:
    formulas.write()
    writer = Writer(formulas)
    writer.lay_out_inputs()
    arrange(formulas)
    return writer.loops()
