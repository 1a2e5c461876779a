"""Values that became plain numbers: who read them, on which line, and which gradients ended there."""

import math
import re
from collections.abc import Callable

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.graph_mistakes import GradientLost
from slopewise.doctor.source_lines import code_of, place
from slopewise.doctor.training_notes import NumberDetached
from slopewise.engine import Value
from slopewise.engine.census import census
from slopewise.engine.modes import user_frame
from slopewise.engine.reading import is_constant, survey
from slopewise.engine.value import is_made, number_of, was_written


def _total(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return a function of `math` that gives nan where it would raise, and where it gives back what it was given."""

    def value(x: float) -> float:
        try:
            y = function(x)
        except (ValueError, OverflowError):
            return math.nan
        return math.nan if abs(y) == abs(x) else y

    return value


MOST_READS = 3_000  # that are looked at; after them the watch no longer listens
MOST_LINES = 60
KEPT_PER_LINE = 4  # nodes that were made of others, and with them their graphs
LEAVES_PER_LINE = 1_000
MOST_NODES = 30_000  # of a graph in which the numbers that were read are looked for
LISTENING_PASSES = 2


class _Lost:
    """A Value that a line read as a number, and the leaves below it."""

    __slots__ = ("leaves", "number", "what")

    def __init__(self, node: Value, number: float, name: Callable[[Value], str]) -> None:
        is_result = is_made(node)
        self.what = name(node) if is_result else ""  # a leaf can be named at the end
        self.number = number
        self.leaves = census(node)[2] if is_result else [node]

    def written(self, name: Callable[[Value], str], file: str, line: int) -> str:
        """Return what it is called, or how the code writes it, or ""."""
        own = name(self.leaves[0]) if not self.what and len(self.leaves) == 1 else ""
        return self.what or code_of(file).what_is_read(line) or own


class Readings:
    """Listens to the first readings of numbers, and remembers those that may have cost a gradient."""

    def __init__(self) -> None:
        self.count = 0
        self.lines: dict[tuple[str, int], list[Value]] = {}
        self.lost: dict[tuple[str, int], list[_Lost]] = {}
        self.detached: dict[tuple[str, int], _Lost] = {}  # whose number stands in the graph as a constant
        self.partly: dict[tuple[str, int], _Lost] = {}  # of whose number a function of `math` does
        self.is_listening = True
        self.bare_roots = 0  # passes looked at that started from a Value with nothing below it

    def read(self, node: Value) -> None:
        """Take in one reading; called by the engine while the reader's frame is there."""
        self.count += 1
        frame = user_frame(2)
        if frame is None or self.count > MOST_READS:
            return
        key = (frame.f_code.co_filename, frame.f_lineno)
        nodes = self.lines.get(key)
        if nodes is None:
            if len(self.lines) >= MOST_LINES:
                return
            nodes = self.lines[key] = []
        if len(nodes) < (KEPT_PER_LINE if is_made(node) else LEAVES_PER_LINE):
            nodes.append(node)

    def close(self, root: Value, size: int, name: Callable[[Value], str], reached: set[Value], passes: int) -> None:
        """After a pass look at what was read before it, and let the nodes go.

        Args:
            root: Where the pass started.
            size: How many nodes its graph has.
            name: Names a node.
            reached: Leaves that a pass is known to have reached.
            passes: How many passes there were.
        """
        constants: set[float] | None = set() if size > MOST_NODES else None
        for key, nodes in self.lines.items():
            known = [n for n in nodes if n is not root and isinstance(number_of(n), (int, float))]
            lost = [n for n in known if n not in reached and not (was_written(n) and n.grad != 0)]
            if not lost and constants == set():
                continue  # before the text of the file is read, which takes longer
            if not code_of(key[0]).reads_in_a_formula(key[1]):
                continue
            for node in known:
                if constants is None:
                    constants = _constants_below(root)
                self._compare(node, key, constants, name)
                if any(node is n for n in lost):
                    self.lost.setdefault(key, []).append(_Lost(node, number_of(node), name))
        self.lines.clear()
        if passes >= LISTENING_PASSES or self.count > MOST_READS:
            self.is_listening = False

    def _compare(self, node: Value, key: tuple[str, int], constants: set[float], name: Callable[[Value], str]) -> None:
        """Look for a number that was read, or a function of it, among the constants of the graph."""
        number = number_of(node)
        if not constants or not _is_telling(number):
            return
        if any(_is_telling(y) and y in constants for y in (f(number) for f in _FUNCTIONS)):
            self.partly.setdefault(key, _Lost(node, number, name))
        elif is_made(node) and (number in constants or -number in constants):
            self.detached.setdefault(key, _Lost(node, number, name))

    def verdicts(
        self,
        name: Callable[[Value], str],
        is_parameter: Callable[[Value], bool] | None,
        is_reached: Callable[[Value], bool],
    ) -> tuple[list[Diagnosis], set[Value]]:
        """Return the diagnoses, and the leaves that they are about.

        Args:
            name: Names a leaf.
            is_parameter: Tells whether a leaf was assigned to; None when nothing ever was.
            is_reached: Tells whether some pass reached a leaf.
        """
        found: list[Diagnosis] = []
        told: dict[Value, None] = {}
        for (file, line), lost in self.lost.items():
            leaves = [
                leaf
                for item in lost
                for leaf in item.leaves
                if not is_reached(leaf) and leaf not in told and (is_parameter is None or is_parameter(leaf))
            ]
            if leaves:
                told.update(dict.fromkeys(leaves))
                found.append(
                    GradientLost(
                        what=lost[0].written(name, file, line),
                        number=lost[0].number,
                        names=_in_order(leaves, name),
                        is_whole_loss=self.bare_roots > 0,
                        line=place(file, line),
                    )
                )
        for (file, line), item in self.partly.items():
            leaves = [p for p in item.leaves if p not in told and is_parameter is not None and is_parameter(p)]
            if leaves:
                told.update(dict.fromkeys(leaves))
                found.append(
                    GradientLost(
                        what=item.written(name, file, line),
                        number=item.number,
                        names=_in_order(leaves, name),
                        is_partly=True,
                        line=place(file, line),
                    )
                )
        if not found:
            for (file, line), item in self.detached.items():
                what = item.written(name, file, line)
                found.append(NumberDetached(what=what, number=item.number, line=place(file, line)))
        return found, set(told)


def _in_order(leaves: list[Value], name: Callable[[Value], str]) -> tuple[str, ...]:
    """Return the names of leaves, `w[2]` before `w[10]`."""
    names = dict.fromkeys(name(leaf) for leaf in leaves)
    return tuple(sorted(names, key=lambda n: [(part.isdigit(), part.zfill(12)) for part in re.split(r"(\d+)", n)]))


_FUNCTIONS = tuple(
    _total(getattr(math, name))
    for name in (
        "tanh",
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "atan",
        "sinh",
        "cosh",
        "erf",
        "fabs",
        "log1p",
        "expm1",
    )
)


def _is_telling(number: float) -> bool:
    """Tell whether a number is so particular that meeting it again is no accident: not 0, 1, 0.5 or 100."""
    return math.isfinite(number) and float(number) * 1024 % 1 != 0


def _constants_below(root: Value) -> set[float]:
    """Return the numbers of the constants in a graph, and of the leaves that a user made of a number for it alone."""
    found: set[float] = set()
    for node in survey(root)[0]:
        number = number_of(node)
        if not is_made(node) and isinstance(number, (int, float)) and is_constant(node):
            found.add(float(number))
    return found
