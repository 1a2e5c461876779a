"""From a recorded Program to a kernel: differentiate where gradients are asked for, simplify, lower.

A kernel computes, one behind the other: the results, the state that is written, the guards, and the gradients. A truth
among the guards comes out as 1.0 or 0.0.

Paths that do the same operations on other numbers share one kernel. Where their constants differ (`table[i]`, say), the
kernel takes those as further inputs: *lifted* constants.
"""

import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slopewise.backends.replay import Kernel
from slopewise.ir import CONSTANT, Program, code_of, from_program
from slopewise.ir.builder import Builder
from slopewise.passes import differentiate, pipeline

if TYPE_CHECKING:
    from slopewise.compiler.paths import Path

__all__ = ["Kernels", "Lowered", "Stage", "lower"]

_TRUTHS = frozenset(map(code_of, ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")))


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on the way from Python to a kernel.

    Attributes:
        name: What was done.
        equations: How many equations there were after it.
        seconds: How long it took.
    """

    name: str
    equations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Lowered:
    """What runs a path.

    Attributes:
        kernel: The kernel.
        program: What it was made from.
        n_results: How many outputs are results; the next are the state that is written.
        guards: Where the guards begin and end among the outputs; gradients follow.
        wrt: The inputs whose gradients are computed, and do not vanish, in order.
        lifted: The places in the pool of the recorded Program whose numbers are further inputs.
        stages: How it was made.
    """

    kernel: Kernel
    program: Program
    n_results: int
    guards: tuple[int, int]
    wrt: tuple[int, ...]
    lifted: tuple[int, ...]
    stages: tuple[Stage, ...]


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

    def get(self, asked: str) -> Lowered | None:
        """Return the kernel for what is asked for, None until it is made."""
        return self._made.get(asked)

    def make(self, asked: str, path: "Path", wrt: Callable[[], tuple[int, ...]], exact: bool) -> Lowered:
        """Return the kernel for what is asked for, made when it is asked for first."""
        with self._lock:
            made = self._made.get(asked)
            if made is None:
                made = self._made[asked] = lower(path, wrt(), tuple(sorted(self._lifted)), exact)
            return made

    def made(self) -> list[tuple[str, Lowered]]:
        """List the kernels made so far, with what they are for."""
        return list(self._made.items())


def lower(path: "Path", wrt: tuple[int, ...], lifted: tuple[int, ...], exact: bool) -> Lowered:
    """Make a kernel of a path.

    Args:
        path: The path.
        wrt: The inputs whose gradients of the first result are wanted.
        lifted: The places of the constants that become inputs behind the others.
        exact: Whether every bit must be the eager sweep's.
    """
    stages: list[Stage] = []
    program = path.program
    n_results, n_outputs = path.n_results, program.n_outputs
    n_guards = len(path.outcomes)
    begin = time.perf_counter()
    if wrt:
        program = differentiate.vjp(program, wrt, (0,), exact=exact)
        begin = _note(stages, "differentiate", program, begin)
    kept = tuple(i for i in range(len(wrt)) if not _is_zero(program, n_outputs + i))
    program = _prepared(program, path, tuple(n_outputs + i for i in kept), lifted)
    begin = time.perf_counter()
    program = pipeline.run(
        program, pipeline.for_replay(exact), lambda name, after, seconds: stages.append(_stage(name, after, seconds))
    )
    begin = time.perf_counter()
    kernel = Kernel(program)
    _note(stages, "lower to replay", program, begin)
    guards = (n_outputs - n_guards, n_outputs)
    return Lowered(kernel, program, n_results, guards, tuple(wrt[i] for i in kept), lifted, tuple(stages))


def _prepared(program: Program, path: "Path", gradients: tuple[int, ...], lifted: tuple[int, ...]) -> Program:
    """Return the program with truths as 1.0 or 0.0, without gradients that vanish, with lifted constants as inputs."""
    n_outputs = path.program.n_outputs
    begin = n_outputs - len(path.outcomes)
    truths = [
        begin + i
        for i, guard in enumerate(path.trace.guards)
        if guard.kind == "truth" and program.codes[program.outputs[begin + i]] not in _TRUTHS
    ]
    if not truths and not lifted and n_outputs + len(gradients) == program.n_outputs:
        return program
    build: Builder = from_program(program)
    outputs = [program.outputs[i] for i in (*range(n_outputs), *gradients)]
    if truths:
        zero = build.constant(0.0)
        for i in truths:
            outputs[i] = build.emit(code_of("not_equal"), outputs[i], zero)
    slots = _slots_of_constants(program) if lifted else []
    inputs = [*range(program.n_inputs), *(slots[place] for place in lifted)]
    return build.extract(inputs, outputs, [*program.names, *(f"constant {place}" for place in lifted)])


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


def _stage(name: str, program: Program, seconds: float) -> Stage:
    return Stage(name, program.n_equations, seconds)


def _note(stages: list[Stage], name: str, program: Program, begin: float) -> float:
    now = time.perf_counter()
    stages.append(_stage(name, program, now - begin))
    return now
