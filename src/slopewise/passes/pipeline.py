"""`run`: passes one after another, each result verified, with what each one did.

A pass is a name and a function from Program to Program. Whoever wants to see the programs in between (a report, a
viewer, a test) gives a callback; a pass knows nothing of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter

from slopewise.errors import InternalError, IRError
from slopewise.ir import Program, verify
from slopewise.passes.simplify import simplify

OnPass = Callable[[str, Program, Program, float], object]


@dataclass(frozen=True, slots=True)
class Pass:
    """One step of a pipeline.

    Args:
        name: What a report calls it.
        apply: Makes a Program out of a Program, and changes nothing of what it is given.

    Example:
        >>> from slopewise.passes.pipeline import Pass
        >>> from slopewise.passes.simplify import simplify
        >>> Pass("simplify, every bit", lambda program: simplify(program, exact=True)).name
        'simplify, every bit'
    """

    name: str
    apply: Callable[[Program], Program]


@dataclass(frozen=True, slots=True)
class PassRow:
    """What one pass did: a row of `k.report()`.

    Args:
        name: The pass.
        equations_before: The equations of the Program that it was given.
        equations_after: Those of the Program that it returned.
        bytes_before: The memory of the first.
        bytes_after: The memory of the second.
        seconds: How long it took, without the verification after it.
    """

    name: str
    equations_before: int
    equations_after: int
    bytes_before: int
    bytes_after: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.equations_before:,} → {self.equations_after:,} equations, "
            f"{self.bytes_before:,} → {self.bytes_after:,} bytes, {1000 * self.seconds:.3g} ms"
        )


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What came out of a pipeline.

    Args:
        program: The last Program.
        rows: One row for each pass, in order.
    """

    program: Program
    rows: tuple[PassRow, ...]


SIMPLIFY = Pass("simplify", simplify)
SIMPLIFY_EXACTLY = Pass("simplify", lambda program: simplify(program, exact=True))
# The last simplification, before a Program is run: no derivative is taken of it any more.
FINISH = Pass("simplify", lambda program: simplify(program, differentiable=False))
FINISH_EXACTLY = Pass("simplify", lambda program: simplify(program, exact=True, differentiable=False))


def run(program: Program, passes: Iterable[Pass], on_pass: OnPass | None = None) -> PipelineResult:
    """Apply passes in order, and verify what each returns.

    Args:
        program: A Program that `ir.verify` accepts.
        passes: The passes, first to last.
        on_pass: Called after each pass and its verification with its name, the Program before, the Program after, and
            the seconds that the pass took. What it returns is not looked at; what it raises goes through.

    Raises:
        IRError: The Program that is given breaks a rule.
        InternalError: A pass returned something that is no Program, or one that breaks a rule.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.passes import pipeline
        >>> program = ir.parse("program(%0 x) { %1 = constant 1.0; %2 = multiply %0 %1; return %2 }")
        >>> done = pipeline.run(program, [pipeline.SIMPLIFY], lambda name, before, after, seconds: print(name, after))
        simplify program(%0 x) {
          return %0
        }
        >>> [(row.name, row.equations_before, row.equations_after) for row in done.rows]
        [('simplify', 1, 0)]
    """
    verify(program)
    rows = []
    for step in passes:
        started = perf_counter()
        after = step.apply(program)
        seconds = perf_counter() - started
        _verify_result(step, after)
        row = PassRow(step.name, program.n_equations, after.n_equations, program.n_bytes, after.n_bytes, seconds)
        rows.append(row)
        if on_pass is not None:
            on_pass(step.name, program, after, seconds)
        program = after
    return PipelineResult(program, tuple(rows))


def _verify_result(step: Pass, after: object) -> None:
    if not isinstance(after, Program):
        raise InternalError(
            f"the pass {step.name!r} returned {type(after).__name__}, and a pass returns a Program\n"
            f"if the pass is not your own, please report this"
        )
    try:
        verify(after)
    except IRError as error:
        raise InternalError(
            f"the pass {step.name!r} broke the program: {error}\nif the pass is not your own, please report this"
        ) from error
