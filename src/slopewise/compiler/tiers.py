"""What runs a kernel, and why: replay, or machine code made now or found on disk."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.ir import Program
from slopewise.tracer.collecting import seldom_collecting

if TYPE_CHECKING:
    from slopewise.backends.llvm.kernel import LoopKernel
    from slopewise.backends.llvm.remembered import RememberedKernel
    from slopewise.compiler.paths import Path

__all__ = [
    "AUTO",
    "BACKENDS",
    "DTYPES",
    "FLOAT32",
    "FLOAT64",
    "LLVM",
    "MOST_NESTS",
    "MOST_NESTS_ASKED_FOR",
    "REPLAY",
    "Stage",
    "Tier",
    "choose",
    "may_be_machine_code",
    "note",
]

AUTO = "auto"
REPLAY = "replay"
LLVM = "llvm"
BACKENDS = (AUTO, REPLAY, LLVM)
FLOAT64 = "float64"
FLOAT32 = "float32"
DTYPES = (FLOAT64, FLOAT32)
# What is worth the tenth of a second that machine code takes to be made: many equations, and of each kind many.
LEAST_EQUATIONS = 1000
LEAST_EACH = 16
MOST_NESTS = 700  # a nest takes a millisecond to compile
MOST_NESTS_ASKED_FOR = 2000
# A function that takes ever new courses would wait for machine code at each; a large one waits for its traces anyway.
MOST_PATHS_AT_ONCE = 4
EQUATIONS_OF_ONE_MORE = 20_000
MACHINE_CODE = "machine code"


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

    def json(self) -> dict[str, Any]:
        """Return the step as data for `json.dumps`."""
        return {"name": self.name, "equations": self.equations, "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Tier:
    """What runs a kernel.

    Attributes:
        name: `replay` or `machine code`.
        why: Why it, with the counts that decided; and where machine code came from.
        cure: What would make machine code of what is replayed.
    """

    name: str
    why: str
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


def choose(
    program: Program, path: "Path", exact: bool, backend: str, dtype: str, stages: list[Stage]
) -> "tuple[LoopKernel | RememberedKernel | None, Tier]":
    """Return the machine code of a Program, None where it is to be replayed; and say why.

    Args:
        program: The Program, not simplified: what is simplified by its numbers does not roll.
        path: The path that it is of.
        exact: Whether every bit must be the eager sweep's.
        backend: What is asked for: `auto`, `replay` or `llvm`.
        dtype: The numbers to compute with.
        stages: Where the steps are noted down.
    """
    if backend == REPLAY:
        return None, Tier(REPLAY, "asked for by backend='replay'")
    if exact:
        return None, Tier(REPLAY, "exact=True computes just what the eager sweep does")
    if not may_be_machine_code(path):
        return None, Tier(REPLAY, "it looks a float up, which has to be the same to the last bit", "look up by ints")
    is_asked_for = backend == LLVM or dtype == FLOAT32
    n_equations = program.n_equations
    if not is_asked_for and n_equations < LEAST_EQUATIONS:
        return None, Tier(REPLAY, f"{n_equations:,} equations, and machine code pays from {LEAST_EQUATIONS:,} on")
    most_courses = MOST_PATHS_AT_ONCE + n_equations // EQUATIONS_OF_ONE_MORE
    if not is_asked_for and path.rank >= most_courses:
        return None, Tier(REPLAY, f"it is one of more than {most_courses} courses that the function takes")
    from slopewise.backends.llvm import availability

    why_not = availability.why_not()
    if why_not is not None:
        availability.tell_once()
        return None, Tier(REPLAY, why_not)
    asked = f"{n_equations:,} equations" if not is_asked_for else "asked for"
    most_nests = MOST_NESTS_ASKED_FOR if is_asked_for else min(MOST_NESTS, n_equations // LEAST_EACH)
    with seldom_collecting():
        return _compiled(program, most_nests, dtype, asked, stages)


def may_be_machine_code(path: "Path") -> bool:
    """Tell whether a path may be computed in another order: a float that is looked up must come out to the last bit."""
    return all(guard.kind != "number" for guard in path.trace.guards)


def note(stages: list[Stage], name: str, program: Program, begin: float) -> None:
    """Note a step down that began at a time of `time.perf_counter`."""
    stages.append(Stage(name, program.n_equations, time.perf_counter() - begin))


def _compiled(
    program: Program, most_nests: int, dtype: str, asked: str, stages: list[Stage]
) -> "tuple[LoopKernel | RememberedKernel | None, Tier]":
    """Roll and compile a Program, if it is not known on disk and rolls into so few nests."""
    from slopewise.backends.llvm import machine, remembered
    from slopewise.backends.llvm.disk_cache import Cache

    begin = time.perf_counter()
    cache = Cache()
    key = remembered.key_of_program(program, machine.host_target(), dtype)
    known = remembered.recall(cache, key, program)
    if known is not None:
        note(stages, "load", program, begin)
        return known, Tier(MACHINE_CODE, f"{asked}, {_nests(known.n_nests)}; found on disk")
    from slopewise.passes import rolling

    begin = time.perf_counter()
    refused = remembered.key_of_program(program, machine.host_target(), what=f"in {most_nests} nests")
    loops = rolling.roll_within(program, most_nests) if cache.get(refused) is None else None
    note(stages, "roll", program, begin)
    if loops is None:
        cache.put(refused, b"")  # the next process need not find it out again
        return None, Tier(REPLAY, f"it does not roll into {most_nests:,} nests of loops or fewer")
    from slopewise.backends.llvm.kernel import LoopKernel

    begin = time.perf_counter()
    made = LoopKernel(loops, dtype, cache=cache)
    is_kept = remembered.remember(cache, key, made)
    note(stages, "compile", program, begin)
    where = "kept on disk" if is_kept else f"not kept: {cache.trouble() or 'too large'}"
    return made, Tier(MACHINE_CODE, f"{asked}, {_nests(made.n_nests)}; made now, {where}")


def _nests(count: int) -> str:
    return f"{count:,} nest{'s' * (count != 1)} of loops"
