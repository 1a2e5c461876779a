"""Paths of several branches as one: every row computes all of them, and keeps what belongs to the one that it takes.

Rows that part at an `if` on a number would run path by path: gathered, computed, and put back in order. Where the paths
are few and short, one kernel for all rows takes less time. A result is

    where(guards as on path 1, its result, where(guards as on path 2, its result, …))

Paths are put together after differentiation: a result that is not taken is left out with its derivatives, so an
infinity in it does no harm. A last guard asks whether one of the paths applied.
"""

from collections.abc import Sequence
from dataclasses import replace

from slopewise.compiler.paths import Path
from slopewise.ir import CONSTANT, Builder, Program
from slopewise.ir.operations import ADD, ARITY, EQUAL, MULTIPLY, WHERE
from slopewise.tracer import Guard

__all__ = ["branched"]

MOST_PATHS = 16
MOST_EQUATIONS = 4_000  # of all paths together: every row computes them all


def branched(paths: Sequence[Path]) -> Path | None:
    """Return one path in the place of several; None where that does not pay, or they return different forms.

    Args:
        paths: The paths, none of which writes state.
    """
    first = paths[0]
    if not 1 < len(paths) <= MOST_PATHS or sum(path.program.n_equations for path in paths) > MOST_EQUATIONS:
        return None
    if any(path.result != first.result or path.captured != first.captured or path.writes for path in paths):
        return None
    build: Builder = Builder()
    inputs = [build.input() for _ in range(first.program.n_inputs)]
    one = build.constant(1.0)
    results: list[int] = []
    applied = -1
    for path in reversed(paths):
        slots = _spliced(build, path.program, inputs)
        begin = len(slots) - len(path.outcomes)
        is_it = one
        for slot, outcome in zip(slots[begin:], path.outcomes, strict=True):
            agrees = build.emit(EQUAL, slot, build.constant(outcome))
            is_it = agrees if is_it == one else build.emit(MULTIPLY, is_it, agrees)
        own = slots[: path.n_results]
        if results:
            own = [x if x == y else build.emit(WHERE, is_it, x, y) for x, y in zip(own, results, strict=True)]
        results = own
        applied = is_it if applied < 0 else build.emit(ADD, applied, is_it)
    program: Program = build.extract(inputs, [*results, applied], first.program.names)
    trace = replace(first.trace, program=program, guards=(Guard("truth", True, None),), sources=None)
    return Path(trace=trace, program=program, result=first.result, outcomes=[1.0], captured=first.captured)


def _spliced(build: Builder, program: Program, inputs: list[int]) -> list[int]:
    """Write a Program into another; return its outputs there."""
    slots = list(inputs)
    columns = (program.a, program.b, program.c)
    for slot in range(program.n_inputs, program.n_slots):
        code = program.codes[slot]
        if code == CONSTANT:
            slots.append(build.constant(program.constant_of(slot)))
        else:
            slots.append(build.emit(code, *[slots[columns[place][slot]] for place in range(ARITY[code])]))
    return [slots[slot] for slot in program.outputs]
