"""What runs a kernel, and why: replay, or machine code made now or found on disk.

What is large and regular becomes machine code at its first call, where rolling and compiling take about as long as
making it ready to replay. All else is replayed until machine code would have paid for itself: see `costs`.
"""

import os
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.compiler.costs import LEAST_AT_ALL
from slopewise.engine.modes import frames_of_ours
from slopewise.errors import BackendWarning
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
        is_open: Whether machine code would do, if it is run often enough.
        tried_after: After how many runs machine code is tried; 0 for never.
    """

    name: str
    why: str
    cure: str = ""
    is_open: bool = False
    tried_after: int = 0

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


def choose(
    program: Program, path: "Path", exact: bool, backend: str, dtype: str, stages: list[Stage], runs: int = 0
) -> "tuple[LoopKernel | RememberedKernel | None, Tier]":
    """Return the machine code of a Program, None where it is to be replayed; and say why.

    Args:
        program: The Program, not simplified: what is simplified by its numbers does not roll.
        path: The path that it is of.
        exact: Whether every bit must be the eager sweep's.
        backend: What is asked for: `auto`, `replay` or `llvm`.
        dtype: The numbers to compute with.
        stages: Where the steps are noted down.
        runs: How often it has been replayed, when it is asked again.
    """
    if backend == REPLAY:
        return None, Tier(REPLAY, "asked for by backend='replay'")
    if exact:
        return None, Tier(REPLAY, "exact=True computes just what the eager sweep does")
    if not may_be_machine_code(path):
        return None, Tier(REPLAY, "it looks a float up, which has to be the same to the last bit", "look up by ints")
    is_asked_for = backend == LLVM or dtype == FLOAT32
    n_equations = program.n_equations
    not_yet = "" if is_asked_for or runs else _why_not_yet(program, path)
    if not_yet and not _has_paid(program):
        return None, Tier(REPLAY, not_yet, is_open=n_equations >= LEAST_AT_ALL)
    from slopewise.backends.llvm import availability

    why_not = availability.why_not()
    if why_not is not None:
        if not runs:
            availability.tell_once()
        return None, Tier(REPLAY, why_not)
    asked = _equations(n_equations) if not is_asked_for else "asked for"
    asked += f", replayed {runs:,} times" if runs else ""
    with seldom_collecting():
        known = _known(program, dtype, asked, stages)
        if known is not None:
            return known
        if not_yet:
            return None, Tier(REPLAY, not_yet, is_open=True)
        is_patient = is_asked_for or runs > 0
        most_nests = MOST_NESTS_ASKED_FOR if is_patient else min(MOST_NESTS, n_equations // LEAST_EACH)
        try:
            code, tier = _made(program, most_nests, dtype, asked, stages, not is_patient)
        except Exception as error:
            if is_asked_for:
                raise
            return None, _failed(error)  # nobody asked for it, and a long run need not end here
    if runs and code is not None:
        _note_that_it_paid(program)
    return code, tier


def may_be_machine_code(path: "Path") -> bool:
    """Tell whether a path may be computed in another order: a float that is looked up must come out to the last bit."""
    return all(guard.kind != "number" for guard in path.trace.guards)


def note(stages: list[Stage], name: str, program: Program, begin: float) -> None:
    """Note a step down that began at a time of `time.perf_counter`."""
    stages.append(Stage(name, program.n_equations, time.perf_counter() - begin))


def _failed(error: Exception) -> Tier:
    """Say that machine code could not be made though it should have been, and that replay goes on."""
    words = f"{type(error).__name__}: {' '.join(str(error).split())}"
    warnings.warn(
        f"machine code of this function could not be made, so it is replayed: right, but slower; {words}\n"
        "please report this, with the function; backend='replay' asks for no machine code",
        BackendWarning,
        stacklevel=frames_of_ours(),
    )
    return Tier(REPLAY, f"machine code could not be made: {words}")


def _why_not_yet(program: Program, path: "Path") -> str:
    """Say why machine code is not made at the first call, or nothing."""
    n_equations = program.n_equations
    if n_equations < LEAST_AT_ALL:
        return f"{_equations(n_equations)}, fewer than the {LEAST_AT_ALL} from which machine code pays"
    if n_equations < LEAST_EQUATIONS:
        at_once = f"the {LEAST_EQUATIONS:,} that become machine code at the first call"
        return f"{_equations(n_equations)}, fewer than {at_once}"
    most_courses = MOST_PATHS_AT_ONCE + n_equations // EQUATIONS_OF_ONE_MORE
    if path.rank >= most_courses:
        return f"it is one of more than {most_courses} courses that the function takes"
    return ""


def _known(
    program: Program, dtype: str, asked: str, stages: list[Stage]
) -> "tuple[LoopKernel | RememberedKernel | None, Tier] | None":
    """Load the machine code of a Program if it is on disk."""
    from slopewise.backends.llvm import machine, remembered
    from slopewise.backends.llvm.disk_cache import Cache

    begin = time.perf_counter()
    key = remembered.key_of_program(program, machine.host_target(), dtype)
    known = remembered.recall(Cache(), key, program)
    if known is None:
        return None
    note(stages, "load", program, begin)
    return known, Tier(MACHINE_CODE, f"{asked}, {_nests(known.n_nests)}; found on disk")


def _made(
    program: Program, most_nests: int, dtype: str, asked: str, stages: list[Stage], is_open: bool
) -> "tuple[LoopKernel | RememberedKernel | None, Tier]":
    """Roll and compile a Program, if it rolls into so few nests."""
    from slopewise.backends.llvm import machine, remembered
    from slopewise.backends.llvm.disk_cache import Cache
    from slopewise.passes import rolling

    begin = time.perf_counter()
    cache = Cache()
    key = remembered.key_of_program(program, machine.host_target(), dtype)
    refused = remembered.key_of_program(program, machine.host_target(), what=f"in {most_nests} nests")
    loops = rolling.roll_within(program, most_nests) if cache.get(refused) is None else None
    note(stages, "roll", program, begin)
    if loops is None:
        cache.put(refused, b"")  # the next process need not find it out again
        return None, Tier(REPLAY, f"it does not roll into {most_nests:,} nests of loops or fewer", is_open=is_open)
    from slopewise.backends.llvm.kernel import LoopKernel

    begin = time.perf_counter()
    made = LoopKernel(loops, dtype, cache=cache)
    is_kept = remembered.remember(cache, key, made)
    note(stages, "compile", program, begin)
    where = "kept on disk" if is_kept else f"not kept: {cache.trouble() or 'too large'}"
    return made, Tier(MACHINE_CODE, f"{asked}, {_nests(made.n_nests)}; made now, {where}")


def _has_paid(program: Program) -> bool:
    """Tell whether machine code of a small Program was worth making, in this process or an earlier one.

    Only whether there is such a note is looked at, since that takes microseconds, and llvmlite a tenth of a second to
    load; what is run is then taken from an entry of its own, with all its checks.
    """
    from slopewise.backends.llvm.cache_folder import default_folder

    folder = default_folder() if program.n_equations >= LEAST_AT_ALL else None
    return folder is not None and os.path.exists(folder / f"{_key_of_note(program)}.kernel")


def _note_that_it_paid(program: Program) -> None:
    from slopewise.backends.llvm.disk_cache import Cache

    Cache().put(_key_of_note(program), b"")


def _key_of_note(program: Program) -> str:
    """Return the key of the note: no machine or version, which are in the key of what it leads to."""
    return (program.digest() + bytes(32))[:32].hex()


def _equations(count: int) -> str:
    return f"{count:,} equation{'s' * (count != 1)}"


def _nests(count: int) -> str:
    return f"{count:,} nest{'s' * (count != 1)} of loops"
