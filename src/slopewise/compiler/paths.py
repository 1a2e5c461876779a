"""The paths of a compiled function: what it does, for each way that its branches can go.

A path is one trace: its Program computes the results, the state that the function writes, and its *guards*, the numbers
that branches and indices hang on. A run of a path is valid when each guard comes out as it did in the trace. When guard
j comes out otherwise, the call belongs to the path that agrees with this one before j and has that outcome at j. So the
paths are a tree. Each path but the first hangs on the one that it was seen to leave, at the guard where it left it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from slopewise.compiler.calls.calling import Caller, Shortcut
from slopewise.compiler.calls.plans import Plan
from slopewise.compiler.lowering import Kernels, Lowered
from slopewise.compiler.repetition import collapsed, is_longer_run
from slopewise.compiler.state import Place, Reader, Writer
from slopewise.compiler.structure import Nest
from slopewise.engine import Value
from slopewise.engine.modes import Source
from slopewise.ir import Program
from slopewise.tracer import Guard, Trace

__all__ = ["FEW_PATHS", "MANY_BY_INDEX", "MANY_PATHS", "MOST_PATHS", "Path", "PathTree"]

MOST_PATHS = 64
MANY_BY_INDEX = 8  # paths from which on indices become choices, if each path has had no more than
MOST_RETURNS = 2  # calls on average;
MANY_PATHS = 256  # from which on other calls are not traced then, and
FEW_PATHS = 32  # where there are no choices to be had
MUCH = 300_000  # slots of all paths together, each a second's work: from which on
FEW_LARGE_PATHS = 4  # are enough to tell so by
MOST_SLOTS = 20_000_000  # of all paths together; beyond, they are forgotten and begin anew
COMPARED = 8  # how many of the latest paths a new one is compared with, for loops with long bodies


@dataclass(eq=False, slots=True, repr=False)
class Path:
    """One way through a function.

    Attributes:
        trace: What was recorded.
        program: From the arguments' numbers and what is captured to the results, the written state and the guards.
        result: The nest of the results.
        outcomes: What each guard came out as: 1.0 or 0.0 for a truth, the number for an integer.
        captured: The numbers beside the arguments that it reads: its inputs behind them.
        writes: The numbers that it writes: its outputs behind the results.
        seconds: How long it took to trace.
        kernels: What runs it, shared by the paths that do the same with other numbers.
        calls: How many calls it has answered.
        is_counted: Whether it counts towards the 64 paths that a function may have.
        rank: How many paths of other structures there were before it.
        parent: The path that it was seen to leave.
        left_at: The guard at which it left it.
        branches: The paths that leave this one, by guard and outcome.
        returned: The nest of what the function itself returns, where the results are something else.
        is_kept: Whether it is in a tree; a call past the most paths is traced, run and forgotten.
        shortcuts: What answers calls that take it, by who is called and their plan; each counts its own calls.
    """

    trace: Trace
    program: Program
    result: Nest
    outcomes: list[float]
    captured: tuple[Place, ...] = ()
    writes: tuple[Place, ...] = ()
    seconds: float = 0.0
    kernels: Kernels = field(default_factory=Kernels)
    calls: int = 0
    is_counted: bool = True
    rank: int = 0
    parent: "Path | None" = None
    left_at: int = 0
    branches: "dict[tuple[int, float], Path]" = field(default_factory=dict)
    returned: Nest | None = None
    is_kept: bool = False
    shortcuts: dict[tuple[Caller, Plan], Shortcut] = field(default_factory=dict)
    _reader: Reader | None = None
    _writer: Writer | None = None
    _targets: tuple[Lowered, list[Value | None]] | None = None

    @property
    def n_calls(self) -> int:
        """How many calls took it."""
        return self.calls + sum(shortcut.calls for shortcut in self.shortcuts.values())

    @property
    def n_results(self) -> int:
        """How many numbers the results are."""
        return self.result.n_leaves

    @property
    def has_state(self) -> bool:
        """Whether it writes, or reads a gradient: whether it matters which Value is which."""
        return bool(self.writes) or any(place.attribute == "grad" for place in self.captured)

    @property
    def structure(self) -> bytes:
        """What two paths share that do the same with other numbers: all but constants, names and what is captured."""
        trace, program = self.trace, self.program
        counts = (program.n_inputs, self.n_results, len(trace.writes), [guard.kind for guard in trace.guards])
        attributes = [(place.attribute, place.argument) for place in self.captured]
        return program.digest(with_constants=False) + repr((counts, attributes)).encode()

    @property
    def reader(self) -> Reader:
        """What reads the numbers that it takes beside the arguments."""
        if self._reader is None:
            self._reader = Reader(self.captured)
        return self._reader

    @property
    def writer(self) -> Writer:
        """What writes the numbers that it assigns."""
        if self._writer is None:
            self._writer = Writer(self.writes)
        return self._writer

    def targets(self, lowered: Lowered, given: dict[int, Value]) -> list[Value | None]:
        """Return the Values that the gradients of a run belong to, None for a plain number.

        Args:
            lowered: What ran it.
            given: The arguments that were given as Values, by position.
        """
        n_arguments = self.trace.n_arguments
        known = self._targets
        if known is None or known[0] is not lowered:
            values = [None if i < n_arguments else self.captured[i - n_arguments].value for i in lowered.wrt]
            known = self._targets = lowered, values
        if not given:
            return known[1]
        return [given.get(i) if i < n_arguments else value for i, value in zip(lowered.wrt, known[1], strict=True)]

    def written_gradients(self) -> dict[int, int]:
        """Return, for each input that is a Value whose gradient is written, the position among the writes."""
        inputs: dict[tuple[int, int], int] = {}
        for i in range(self.trace.n_arguments):
            inputs[i, 0] = i
        for i, place in enumerate(self.captured, self.trace.n_arguments):
            if place.attribute == "data" and place.value is not None:
                inputs[-1, id(place.value)] = i
        written: dict[int, int] = {}
        for position, place in enumerate(self.writes):
            key = (place.argument, 0) if place.value is None else (-1, id(place.value))
            if place.attribute == "grad" and key in inputs:
                written[inputs[key]] = position
        return written

    def next(self, guard: int, outcome: float) -> "Path | None":
        """Return the path of a call that agreed with this one up to a guard, and had another outcome there."""
        path = self
        while path.parent is not None and guard <= path.left_at:
            path = path.parent
        return path if path.outcomes[guard] == outcome else path.branches.get((guard, outcome))

    def failing_guard(self, outcomes: Sequence[float]) -> int:
        """Return the first guard that came out otherwise than on this path, -1 if none did."""
        if outcomes == self.outcomes:
            return -1
        guard = _first_difference(self.outcomes, outcomes, 0)
        return guard if guard < len(self.outcomes) else -1


class PathTree:
    """All paths of a function for one nest of arguments."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.latest: Path | None = None
        self.n_inserted = 0
        self._forget()

    def _forget(self) -> None:
        self.n_counted = 0
        self._n_slots = 0
        self._structures: dict[bytes, Path] = {}
        self._alone: Path | None = None  # the first path, until there is one to compare it with
        self._alike: dict[tuple[str, str], dict[int, bytes]] = {}
        self._marks: dict[tuple[Any, ...], str] = {}

    def __iter__(self) -> Iterator[Path]:
        """Go through the paths, each after the one that it leaves."""
        waiting = [self.root] if self.root is not None else []
        for path in waiting:
            yield path
            waiting.extend(path.branches.values())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def is_full(self) -> bool:
        """Whether there are as many paths that count as there may be."""
        return self.n_counted >= MOST_PATHS

    def seldom_returns(self) -> bool:
        """Tell whether there are many paths, mostly by indices, and calls hardly ever take one that is known."""
        return self.is_seldom_taken(MANY_BY_INDEX) and self.parts_by_index()

    def parts_by_index(self) -> bool:
        """Tell whether most paths part at a whole number: an index, or how often a loop runs."""
        parted = [path.parent.trace.guards[path.left_at].kind for path in self if path.parent is not None]
        return 2 * parted.count("integer") > len(parted)

    def is_seldom_taken(self, least: int) -> bool:
        """Tell whether there are so many paths, fewer of large ones, and few calls of each."""
        paths = list(self)
        if least <= FEW_PATHS and self._n_slots >= MUCH:
            least = FEW_LARGE_PATHS
        return len(paths) >= least and sum(path.n_calls for path in paths) <= MOST_RETURNS * len(paths)

    def insert(self, path: Path) -> None:
        """Hang a new path where it leaves those that are there.

        Before: the path was traced just now. After: a walk from any path leads to it. Where the function no longer does
        what it did, because a number has changed that it takes from outside, what is there gives way to the new path.
        """
        place = self._place_of(path)
        if place is None or self._n_slots > MOST_SLOTS:
            self._forget()
            self.root = path
        else:
            there, guard = place
            if guard == len(path.outcomes):
                self._replace(there, path)
            else:
                path.parent, path.left_at = there, guard
                there.branches[guard, path.outcomes[guard]] = path
        self._count(path)
        self.n_inserted += 1
        self._n_slots += path.program.n_slots
        path.is_kept = True
        self.latest = path

    def _place_of(self, path: Path) -> tuple[Path, int] | None:
        """Return the path and the guard where another leaves it; None when this cannot be its tree.

        The guard is the number of guards when the two are the same path, traced again.
        """
        there, guard = self.root, 0
        while there is not None:
            guard = _first_difference(there.outcomes, path.outcomes, guard)
            if guard == len(path.outcomes) == len(there.outcomes):
                return there, guard
            if guard >= min(len(path.outcomes), len(there.outcomes)) or not _asks_the_same(there, path, guard):
                return None
            following = there.branches.get((guard, path.outcomes[guard]))
            if following is None:
                return there, guard
            there = following
        return None

    def _replace(self, old: Path, new: Path) -> None:
        new.parent, new.left_at, new.branches, new.calls = old.parent, old.left_at, old.branches, old.n_calls
        for branch in new.branches.values():
            branch.parent = new
        if new.parent is None:
            self.root = new
        else:
            new.parent.branches[new.left_at, new.outcomes[new.left_at]] = new
        self.n_counted -= old.is_counted
        if old is self._alone:
            self._alone = None
        self._structures = {key: path for key, path in self._structures.items() if path is not old}

    def crossroads(self) -> Source | None:
        """Return the line at which the most paths part."""
        counts: dict[tuple[str, int], int] = {}
        sources: dict[tuple[str, int], Source] = {}
        for path in self:
            source = path.parent.trace.guards[path.left_at].source if path.parent is not None else None
            if source is not None and (path.is_counted or not self.is_full):
                where = (source.file, source.line)
                counts[where] = counts.get(where, 0) + 1
                sources[where] = source
        return sources[max(counts, key=lambda where: counts[where])] if counts else None

    def _count(self, path: Path) -> None:
        """Decide whether a path counts: not one that only reads other numbers, or runs a loop more or less often."""
        known = self._structures.setdefault(path.structure, path)
        path.kernels = known.kernels
        path.kernels.share(path.program)
        if known is not path:
            path.is_counted, path.rank = False, known.rank
            return
        path.rank = len(self._structures) - 1
        if path.rank == 0 and not self._alike:
            self._alone = path
            self.n_counted += 1
            return
        if self._alone is not None:
            alone, self._alone = self._alone, None
            self._alike[self._signature(alone)] = {}
            self._note_answers(alone)
        self._note_answers(path)
        self.n_counted += path.is_counted

    def _note_answers(self, path: Path) -> None:
        """Note the answers that a path got, and decide whether it counts."""
        questions = zip(path.trace.guards, path.outcomes, strict=True)
        answers = bytes([outcome != 0.0 for guard, outcome in questions if guard.kind == "truth"])
        guards, operations = self._signature(path)
        alike = self._alike.get((guards, operations))
        if alike is None:
            alike = self._longer_run(path, guards)
            self._alike[guards, operations] = alike = {} if alike is None else alike
        # As many answers, and other ones: that is no matter of how often a body ran.
        path.is_counted = not alike or alike.get(len(answers), answers) != answers
        alike.setdefault(len(answers), answers)

    def _longer_run(self, path: Path, guards: str) -> dict[int, bytes] | None:
        """Return what is known of a path that runs one loop more or less often, however long its body; or None."""
        operations = _operations(path.program)
        for other in list(self._structures.values())[-COMPARED - 1 : -1]:
            if self._guard_marks(other) == guards:
                short, long = sorted((operations, _operations(other.program)), key=len)
                if is_longer_run(short, long):
                    return self._alike.get(self._signature(other))
        return None

    def _signature(self, path: Path) -> tuple[str, str]:
        return self._guard_marks(path), collapsed(_operations(path.program).decode("latin-1"))

    def _guard_marks(self, path: Path) -> str:
        """Return a path's guards, one character for each line and outcome, with runs of a body collapsed."""
        text = []
        for guard, outcome in zip(path.trace.guards, path.outcomes, strict=True):
            key = (guard.kind, _line(guard), outcome if guard.kind == "truth" else None)
            text.append(self._marks.setdefault(key, chr(len(self._marks) + 1)))
        return collapsed("".join(text), is_single=True)


def _first_difference(x: Sequence[float], y: Sequence[float], start: int) -> int:
    shorter = min(len(x), len(y))
    for i in range(start, shorter):
        if x[i] != y[i]:
            return i
    return shorter


def _asks_the_same(there: Path, path: Path, guard: int) -> bool:
    x, y = there.trace.guards[guard], path.trace.guards[guard]
    return x.kind == y.kind and _line(x) == _line(y)


def _line(guard: Guard) -> tuple[str, int] | None:
    return (guard.source.file, guard.source.line) if guard.source is not None else None


def _operations(program: Program) -> bytes:
    """Return the codes of a program's equations and constants, in order."""
    return bytes(program.codes[program.n_inputs :])
