"""From a recorded Program to a kernel: differentiate where gradients are asked for, simplify, lower.

A kernel computes, one behind the other: the results, the state that is written, the guards, and the gradients. A truth
among the guards comes out as 1.0 or 0.0.

Paths that do the same operations on other numbers share one kernel. Where their constants differ (`table[i]`, say), the
kernel takes those as further inputs: *lifted* constants.
"""

import threading
import time
import warnings
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slopewise.backends.replay import Kernel
from slopewise.backends.runs import UNASKED
from slopewise.compiler.costs import runs_until_paid
from slopewise.compiler.tiers import AUTO, FLOAT32, FLOAT64, Stage, Tier, choose, note
from slopewise.engine.modes import frames_of_ours
from slopewise.errors import BackendWarning
from slopewise.ir import CONSTANT, Program, code_of, from_program
from slopewise.ir.builder import Builder
from slopewise.passes import differentiate, pipeline
from slopewise.passes.cotangents import reverse_into

if TYPE_CHECKING:
    from slopewise.compiler.paths import Path
    from slopewise.ir import Loops

__all__ = ["Kernels", "Lowered", "leading_integers", "lower", "program_of_row", "rolled"]

_DETACH = code_of("detach")
_TRUTHS = frozenset(map(code_of, ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")))


@dataclass(frozen=True, slots=True)
class Lowered:
    """What runs a path.

    Attributes:
        kernel: The kernel.
        source: What it was made from: not simplified.
        n_results: How many outputs are results; the next are the state that is written.
        guards: Where the guards begin and end among the outputs; gradients follow.
        wrt: The inputs whose gradients are computed, and do not vanish, in order.
        accumulates: Whether the gradients are sums that begin with what is there, not to be added to it.
        starts: The inputs for each of which there is one more behind all others: what its gradient begins with.
        lifted: The places in the pool of the recorded Program whose numbers are further inputs.
        integers: The arguments that the first guards ask for, as long as they ask for nothing but a whole number.
        stages: How it was made.
        tier: What runs it, and why.
        dtype: The numbers that it computes with: `float64` or `float32`.
        n_products: How many products of matrices BLAS computes.
    """

    kernel: Kernel
    source: Program
    n_results: int
    guards: tuple[int, int]
    wrt: tuple[int, ...]
    accumulates: bool
    starts: tuple[int, ...]
    lifted: tuple[int, ...]
    integers: tuple[int, ...]
    stages: tuple[Stage, ...]
    tier: Tier
    dtype: str = FLOAT64
    n_products: int = 0

    @property
    def program(self) -> Program:
        """What it computes, simplified; where machine code runs, that is done when it is asked for first."""
        return self.kernel.program

    def failing_integer(self, outcomes: Sequence[float], numbers: Sequence[float]) -> int:
        """Return the first guard that can be told to fail without a run, -1 if there is none.

        Args:
            outcomes: What each guard should come out as.
            numbers: The arguments.
        """
        for guard, argument in enumerate(self.integers):
            if numbers[argument] != outcomes[guard]:
                return guard
        return -1


class Kernels:
    """The kernels of the paths of one structure, by what is asked for: the value, or gradients too."""

    __slots__ = ("_constants", "_lifted", "_lock", "_made")

    def __init__(self) -> None:
        self._constants: array[float] | None = None
        self._lifted: frozenset[int] = frozenset()
        self._made: dict[str, Lowered] = {}
        self._lock = threading.Lock()

    def share(self, program: Program) -> None:
        """Take in a path: where its constants differ from the others', they become inputs."""
        with self._lock:
            if self._constants is None:
                self._constants = program.pool
                return
            lifted = self._lifted | _differing(self._constants, program.pool)
            if lifted != self._lifted:
                self._lifted = lifted
                self._made = {}

    @property
    def lifted(self) -> tuple[int, ...]:
        """The places in the pool of the constants that differ between the paths."""
        return tuple(sorted(self._lifted))

    def get(self, asked: str) -> Lowered | None:
        """Return the kernel for what is asked for, None until it is made, and when it is due to be made anew."""
        made = self._made.get(asked)
        return made if made is None or made.kernel.runs_left > 0 else None

    def make(
        self,
        asked: str,
        path: "Path",
        wrt: Callable[[], tuple[int, ...]] = tuple,
        *,
        exact: bool,
        accumulates: bool = False,
        backend: str = AUTO,
        dtype: str = FLOAT64,
    ) -> Lowered:
        """Return the kernel for what is asked for, made when it is asked for first: see `lower`.

        One that was replayed until machine code would have paid for itself becomes machine code, if that can be.
        """
        with self._lock:
            made = self._made.get(asked)
            if made is not None and made.kernel.runs_left <= 0:
                made = self._made[asked] = _tried_again(made, path)
            if made is None:
                made = self._made[asked] = lower(
                    path, wrt(), self.lifted, exact, accumulates=accumulates, backend=backend, dtype=dtype
                )
            return made

    def made(self) -> list[tuple[str, Lowered]]:
        """List the kernels made so far, with what they are for."""
        return list(self._made.items())


def lower(
    path: "Path",
    wrt: tuple[int, ...],
    lifted: tuple[int, ...],
    exact: bool,
    *,
    accumulates: bool,
    backend: str = AUTO,
    dtype: str = FLOAT64,
) -> Lowered:
    """Make a kernel of a path.

    Args:
        path: The path.
        wrt: The inputs whose gradients of the first result are wanted.
        lifted: The places of the constants that become inputs behind the others.
        exact: Whether every bit must be the eager sweep's.
        accumulates: Whether each gradient starts from a further input, as a leaf's does from what it holds.
        backend: What runs it: `auto`, `replay` or `llvm`.
        dtype: The numbers that machine code computes with: `float64` or `float32`.
    """
    stages: list[Stage] = []
    begin = time.perf_counter()
    source, gradients, starts = _unsimplified(path, wrt, lifted, exact, accumulates)
    n_outputs, n_guards = path.program.n_outputs, len(path.outcomes)
    if wrt:
        note(stages, "differentiate", source, begin)
    passes = (pipeline.FINISH_EXACTLY if exact else pipeline.FINISH,)
    code, tier = choose(source, path, exact, backend, dtype, stages)
    if code is not None:
        kernel = Kernel(lambda: pipeline.run(source, passes).program, code, source.n_equations)
    else:
        done = pipeline.run(source, passes)
        stages += [Stage(row.name, row.equations_after, row.seconds) for row in done.rows]
        begin = time.perf_counter()
        kernel = Kernel(done.program)
        note(stages, "lower to replay", done.program, begin)
        if tier.is_open:
            kernel.runs_left = runs_until_paid(kernel.n_equations, kernel.runs.n_runs)
            tier = replace(tier, tried_after=kernel.runs_left)
    if dtype == FLOAT32 and code is None:
        _tell_64_bits(tier)
    return Lowered(
        kernel=kernel,
        source=source,
        n_results=path.n_results,
        guards=(n_outputs - n_guards, n_outputs),
        wrt=tuple(gradients),
        accumulates=accumulates,
        starts=starts,
        lifted=lifted,
        integers=tuple(_integers(source, path, n_outputs - n_guards)),
        stages=tuple(stages),
        tier=tier,
        dtype=FLOAT64 if code is None else dtype,
        n_products=0 if code is None else code.n_products,
    )


def _tried_again(lowered: Lowered, path: "Path") -> Lowered:
    """Return what runs a path from now on: machine code, or what has run it so far, if that cannot be."""
    stages, kernel = list(lowered.stages), lowered.kernel
    code, tier = choose(lowered.source, path, False, AUTO, FLOAT64, stages, lowered.tier.tried_after)
    if code is None:
        kernel.runs_left = UNASKED
        return replace(lowered, tier=tier, stages=tuple(stages))
    kernel = Kernel(lambda: lowered.program, code, lowered.source.n_equations)
    return replace(lowered, kernel=kernel, tier=tier, stages=tuple(stages), n_products=code.n_products)


def leading_integers(path: "Path") -> tuple[int, ...]:
    """Return the arguments that a path's first guards ask for, as long as they ask for nothing but a whole number."""
    return tuple(_integers(path.program, path, path.program.n_outputs - len(path.outcomes)))


def program_of_row(path: "Path", lifted: tuple[int, ...], guards: Sequence[int]) -> Program:
    """Return what a path computes of one row, not simplified: its results, then the outcomes of some guards.

    Args:
        path: The path.
        lifted: The places of the constants that become inputs behind the others.
        guards: The guards.
    """
    program, _, _ = _unsimplified(path, (), lifted, False, False)
    begin = program.n_outputs - len(path.outcomes)
    outputs = [*program.outputs[: path.n_results], *(program.outputs[begin + guard] for guard in guards)]
    build: Builder = from_program(program)
    return build.extract(range(program.n_inputs), outputs, program.names)


def _tell_64_bits(tier: Tier) -> None:
    """Warn that float32 was asked for, and replay computes in 64 bits; where machine code is missing, that was said."""
    from slopewise.backends.llvm import availability

    if availability.is_available():
        cure = tier.cure or "leave dtype out"
        warnings.warn(
            f"float32 was asked for, and this function is computed in 64 bits: {tier.why}\n{cure}",
            BackendWarning,
            stacklevel=frames_of_ours(),
        )


def _integers(program: Program, path: "Path", begin: int) -> Iterator[int]:
    """List the arguments that guards ask for, up to the first guard that asks for more than a whole number."""
    for i, guard in enumerate(path.trace.guards):
        slot = program.outputs[begin + i]
        while program.codes[slot] == _DETACH:
            slot = program.a[slot]
        if guard.kind != "integer" or slot >= path.trace.n_arguments:
            return
        yield slot


def rolled(path: "Path", lowered: Lowered, exact: bool) -> "Loops":
    """Return what a kernel computes as loops: rolled before anything was simplified by its numbers."""
    from slopewise.passes.rolling import roll

    return roll(_unsimplified(path, lowered.wrt, lowered.lifted, exact, lowered.accumulates)[0])


def _unsimplified(
    path: "Path", wrt: tuple[int, ...], lifted: tuple[int, ...], exact: bool, accumulates: bool
) -> tuple[Program, dict[int, int], tuple[int, ...]]:
    """Return what a kernel computes, its gradients' outputs, and the inputs for which there is one more."""
    program = _lifted(path.program, lifted) if lifted else path.program
    n_outputs = program.n_outputs
    gradients: dict[int, int] = {}
    starts: tuple[int, ...] = ()
    if wrt:
        program, gradients, starts = _with_gradients(program, path, wrt, exact, accumulates)
    program = _trimmed(program, path, [*range(n_outputs), *gradients.values()])
    return program, gradients, starts


def _with_gradients(
    program: Program, path: "Path", wrt: tuple[int, ...], exact: bool, accumulates: bool
) -> tuple[Program, dict[int, int], tuple[int, ...]]:
    """Return the program with gradients of its first output behind the others.

    Returns:
        The program; for each input that has a gradient the output's position; the inputs for which there is one more,
        with the gradient that the sum begins with. Where the function writes that gradient, the sum begins with that.
    """
    n_outputs = program.n_outputs
    if not accumulates:
        program = differentiate.vjp(program, wrt, (0,), exact=exact)
        return program, {i: n_outputs + j for j, i in enumerate(wrt) if not _is_zero(program, n_outputs + j)}, ()
    build: Builder = from_program(program)
    written = path.written_gradients()
    begun = tuple(i for i in wrt if i not in written)
    starts = {i: program.outputs[path.n_results + place] for i, place in written.items() if i in wrt}
    starts |= {i: build.input() for i in begun}
    root = program.outputs[0]
    bars = reverse_into(build, [root], [build.constant(1.0)], exact=exact, starts=starts)
    reached = [i for i in wrt if bars[i] != starts[i]]
    return (
        build.extract(
            [*range(program.n_inputs), *(starts[i] for i in begun)],
            [*program.outputs, *(bars[i] for i in reached)],
            [*program.names, *(f"{program.names[i]}.grad" for i in begun)],
        ),
        {i: n_outputs + j for j, i in enumerate(reached)},
        begun,
    )


def _lifted(program: Program, places: tuple[int, ...]) -> Program:
    """Return the program with some constants as inputs behind the others."""
    slots = _slots_of_constants(program)
    build: Builder = from_program(program)
    inputs = [*range(program.n_inputs), *(slots[place] for place in places)]
    return build.extract(inputs, program.outputs, [*program.names, *(f"constant {place}" for place in places)])


def _trimmed(program: Program, path: "Path", wanted: list[int]) -> Program:
    """Return the program with some of its outputs, and with every truth among the guards as 1.0 or 0.0."""
    begin = path.program.n_outputs - len(path.outcomes)
    truths = [
        begin + i
        for i, guard in enumerate(path.trace.guards)
        if guard.kind == "truth" and program.codes[program.outputs[begin + i]] not in _TRUTHS
    ]
    if not truths and len(wanted) == program.n_outputs:
        return program
    build: Builder = from_program(program)
    outputs = list(program.outputs)
    if truths:
        zero = build.constant(0.0)
        for i in truths:
            outputs[i] = build.emit(code_of("not_equal"), outputs[i], zero)
    return build.extract(range(program.n_inputs), [outputs[i] for i in wanted], program.names)


def _slots_of_constants(program: Program) -> list[int]:
    """Return the slot of each constant of the pool."""
    slots = [0] * program.n_constants
    for slot in range(program.n_inputs, program.n_slots):
        if program.codes[slot] == CONSTANT:
            slots[program.a[slot]] = slot
    return slots


def _is_zero(program: Program, output: int) -> bool:
    """Tell whether an output is the constant 0: no path leads from the input to the result."""
    slot = program.outputs[output]
    return program.codes[slot] == CONSTANT and program.pool[program.a[slot]] == 0.0


def _differing(x: "array[float]", y: "array[float]") -> frozenset[int]:
    """Return the places where two pools differ, by their bits."""
    left, right = memoryview(x).cast("B").cast("q"), memoryview(y).cast("B").cast("q")
    return frozenset(i for i in range(len(left)) if left[i] != right[i])
