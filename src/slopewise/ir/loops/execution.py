"""Going through all members of Loops with a mark for each element: what is written when, and what is read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NoReturn

from slopewise.errors import IRError
from slopewise.ir.loops.plan import Access, Node, Planner, needed_loops
from slopewise.ir.loops.printer import statement_text
from slopewise.ir.loops.spelling import place_text
from slopewise.ir.loops.structure import (
    Affine,
    Array,
    Index,
    Kind,
    Literal,
    Load,
    Loops,
    Range,
    Store,
)

MOST_STEPS = 500_000

_UNWRITTEN, _WRITTEN, _HIDDEN = 0, 1, 2  # hidden: written by another member of loops that are no scan

Places = slice | list[int]


class _TooLong(Exception):  # noqa: N818 - no error: the execution has been long enough
    pass


def execute(loops: Loops, doubtful: set[int], most_steps: int = MOST_STEPS) -> None:
    """Raise an IRError where an element is written twice or never, read too early, or outside its array.

    A loop whose statements read nothing that it writes is gone through statement by statement, its innermost loop at
    one stroke, and loads of arrays that are complete are passed over.

    Args:
        loops: Loops that keep all rules but these.
        doubtful: The ids of loads and stores that may lie outside their array.
        most_steps: How many strokes to make.
    """
    execution = _Execution(loops, doubtful, most_steps)
    try:
        for statement in loops.body:
            execution.run(execution.planner.node(statement, ()))
    except _TooLong:
        execution.refuse_doubtful()
        return
    for array in loops.arrays:
        if array.kind is Kind.LOCAL and execution.missing[array.name]:
            place = execution.marks[array.name].index(_UNWRITTEN)
            raise IRError(
                f"{place_text(array, place)} is never written\n"
                f"in {loops!r}\n"
                f"every element of a local array is written exactly once"
            )


class _Execution:
    def __init__(self, loops: Loops, doubtful: set[int], most_steps: int) -> None:
        self.loops = loops
        self.doubtful = doubtful
        self.steps_left = most_steps
        self.arrays = {array.name: array for array in loops.arrays}
        self.tables = {table.name: table.values for table in loops.tables}
        self.marks = {array.name: bytearray(array.size) for array in loops.arrays if array.kind is Kind.LOCAL}
        self.missing = {name: len(marks) for name, marks in self.marks.items()}
        self.planner = Planner(frozenset(self.marks), doubtful)
        self.variables: dict[str, int] = {}
        self.open: dict[str, int] = {}  # arrays that loops around are writing, and in how many such loops
        self.journal: list[tuple[str, Places]] = []

    def refuse_doubtful(self) -> None:
        """Refuse what was not gone through to its end and may lie outside its array."""
        node = Node()
        for statement in self.loops.body:
            self.planner.gather(statement, (), (), node)
        for access in (*node.loads, *node.stores):
            if id(access.target) in self.doubtful:
                array = access.target.array
                raise IRError(
                    f"an index of {array} is not shown to lie within its {self.arrays[array].size:,} numbers\n"
                    f"at {statement_text(self.loops, access.statement, access.ranges)}\n"
                    f"so many members are not gone through: give bounds that show it"
                )

    def run(self, node: Node) -> None:
        if not node.ranges:
            for access in node.loads:
                name = access.target.array
                is_complete = name in self.marks and not self.missing[name] and name not in self.open
                if not is_complete or id(access.target) in self.doubtful:
                    self.go_through(access)
            for access in node.stores:
                self.go_through(access)
            return
        outside, self.journal = self.journal, []
        written: list[tuple[str, Places]] = []
        for name in node.written:
            self.open[name] = self.open.get(name, 0) + 1
        for _ in self.members(node.ranges):
            for inner in node.inner:
                self.run(inner)
            if not node.is_ordered:
                self.mark_all(self.journal, _HIDDEN)
            written += self.journal
            self.journal.clear()
        if not node.is_ordered:
            self.mark_all(written, _WRITTEN)
        for name in node.written:
            self.open[name] -= 1
            if not self.open[name]:
                del self.open[name]
        self.journal = outside + written

    def mark_all(self, written: list[tuple[str, Places]], mark: int) -> None:
        for name, places in written:
            marks = self.marks[name]
            if isinstance(places, slice):
                marks[places] = bytes([mark]) * len(range(*places.indices(len(marks))))
            else:
                for place in places:
                    marks[place] = mark

    def members(self, ranges: Sequence[Range]) -> Iterator[None]:
        """Go through all combinations of some loops, the last fastest, and stop at each with the variables set."""
        if not ranges:
            self.step()
            yield
            return
        loop = ranges[0]
        for number in range(self.number(loop.start), self.number(loop.stop)):
            self.step()
            self.variables[loop.variable] = number
            yield from self.members(ranges[1:])

    def step(self, by: int = 1) -> None:
        self.steps_left -= by
        if self.steps_left < 0:
            raise _TooLong

    def number(self, index: Index) -> int:
        number, _ = self.line(index.affine, None, 0)
        return number if index.table is None else number + self.tables[index.table][self.line(index.at, None, 0)[0]]

    def line(self, affine: Affine, variable: str | None, first: int) -> tuple[int, int]:
        """Return what a formula is when a variable is `first`, and by how much it grows with it."""
        start, factor = affine.offset, 0
        for name, by in affine.terms:
            if name == variable:
                factor = by
            start += by * (first if name == variable else self.variables[name])
        return start, factor

    def go_through(self, access: Access) -> None:
        ranges = access.ranges if isinstance(access.target, Store) else needed_loops(access.target.index, access.ranges)
        innermost = ranges[-1] if ranges else None
        for _ in self.members(ranges[:-1]):
            if innermost is None:
                self.stroke(access, None, 0, 1)
            else:
                first, end = self.number(innermost.start), self.number(innermost.stop)
                if end > first:
                    self.stroke(access, innermost.variable, first, end - first)

    def stroke(self, access: Access, variable: str | None, first: int, count: int) -> None:
        """Go through the members of an innermost loop at once."""
        index = access.target.index
        start, factor = self.line(index.affine, variable, first)
        at, factor_at = self.line(index.at, variable, first)
        is_again = count > 1 and not factor and not factor_at  # the same place for all members
        count = 1 if is_again else count
        if index.table is not None:
            looked_up = self.looked_up(access, index.table, at, factor_at, count)
            start += looked_up[0]
        if index.table is None or not factor_at:
            low, high = sorted((start, start + factor * (count - 1)))
            places: Places = slice(low, high + 1, abs(factor) or 1)
        else:
            start -= looked_up[0]
            places = [start + factor * step + number for step, number in enumerate(looked_up)]
            low, high = min(places), max(places)
        array = self.arrays[access.target.array]
        if low < 0 or high >= array.size:
            reached = place_text(array, low if low < 0 else high).replace("@", "")
            self.outside(access, reached, array.name, array.size)
        if isinstance(access.target, Load):
            if array.name in self.marks:
                self.read(access, array, places, variable)
        elif is_again:
            number = places.start if isinstance(places, slice) else places[0]
            self.fault(access, array, number, _TWICE, _ONCE, (variable, first + 1))
        else:
            self.write(access, array, places, variable)

    def looked_up(self, access: Access, name: str, at: int, factor: int, count: int) -> list[int]:
        """Return what an index looks up in a table for some members."""
        table = self.tables[name]
        low, high = sorted((at, at + factor * (count - 1)))
        if low < 0 or high >= len(table):
            self.outside(access, f"{name}[{low if low < 0 else high}]", name, len(table))
        if not factor:
            return [table[at]]
        found = table[low : high + 1 : abs(factor)].tolist()
        self.step(count // 32)
        return found if factor > 0 else found[::-1]

    def found(self, array: Array, places: Places) -> bytes | bytearray:
        marks = self.marks[array.name]
        return marks[places] if isinstance(places, slice) else bytes([marks[place] for place in places])

    def read(self, access: Access, array: Array, places: Places, variable: str | None) -> None:
        found = self.found(array, places)
        if found.count(_WRITTEN) == len(found):
            return
        place = self.first(places, found, _WRITTEN)
        where = self.at(access, variable, place)
        if self.marks[array.name][place] == _HIDDEN:
            self.fault(access, array, place, "is read, and another member of the loops writes it", _APART, where)
        self.fault(access, array, place, "is read before it is written", _BEFORE, where)

    def write(self, access: Access, array: Array, places: Places, variable: str | None) -> None:
        found = self.found(array, places)
        if found.count(_UNWRITTEN) != len(found):
            place = self.first(places, found, _UNWRITTEN)
            self.fault(access, array, place, _TWICE, _ONCE, self.at(access, variable, place))
        if isinstance(places, list) and len(set(places)) < len(places):
            place = next(place for place, times in Counter(places).items() if times > 1)
            self.fault(access, array, place, _TWICE, _ONCE)
        self.missing[array.name] -= len(found)
        self.mark_all([(array.name, places)], _WRITTEN)
        if array.name in self.open:
            self.journal.append((array.name, places))

    def first(self, places: Places, found: bytes | bytearray, expected: int) -> int:
        at = next(at for at, mark in enumerate(found) if mark != expected)
        return places.start + at * places.step if isinstance(places, slice) else places[at]

    def at(self, access: Access, variable: str | None, place: int) -> tuple[str | None, int]:
        """Return the innermost variable, and its number where a place is reached."""
        index = access.target.index
        start, factor = self.line(index.affine, variable, 0)
        if index.table is not None or not factor:
            return None, 0
        return variable, (place - start) // factor

    def fault(
        self, access: Access, array: Array, place: int, what: str, cure: str, at: tuple[str | None, int] = (None, 0)
    ) -> NoReturn:
        """Raise an error that names the element, the statement, and the member as far as the index depends on it."""
        index = access.target.index
        used = dict((*index.affine.terms, *index.at.terms))
        values = {name: self.variables.get(name) for name in used}
        variable, number = at
        if variable is not None:
            values[variable] = number
        shown = "".join(f", {name} = {value}" for name, value in values.items() if value is not None)
        text = statement_text(self.loops, access.statement, (*access.scope, *access.ranges))
        raise IRError(f"{place_text(array, place)} {what}\nat {text}{shown}\n{cure}")

    def outside(self, access: Access, reached: str, name: str, size: int) -> NoReturn:
        target = access.target
        text = statement_text(self.loops, access.statement, (*access.scope, *access.ranges))
        shown = statement_text(self.loops, Store(target.array, target.index, _NOTHING), (*access.scope, *access.ranges))
        raise IRError(
            f"{shown.removesuffix(' = 0')} reaches {reached}, and {name} holds {size:,} number{'s' * (size != 1)}\n"
            f"at {text}\n"
            f"an index lies within its array for every member"
        )


_NOTHING = Literal(0.0)
_TWICE = "is written a second time"
_ONCE = "every element of a local array is written exactly once"
_BEFORE = "an element is written before it is read"
_APART = "members of loops may run in any order; where one reads what another wrote, it is a scan"
