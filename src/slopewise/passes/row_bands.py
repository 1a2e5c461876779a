"""`in_bands`: Loops of many rows, some rows after another, so that what passes between nests stays in the cache.

Nests of many rows hand each other arrays of many megabytes. Here one loop goes over bands of rows, with all nests that
have rows inside, and arrays that only pass between them hold one band. A sum over the rows is a sum over the bands of
what each comes to.

Holds before: Loops that `ir.verify_loops` accepts, as `with_rows` makes them. Holds after: what it asks, but that each
band writes anew what passes between its nests; they compute the same, sums to rounding. So they are for
machine code alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.spelling import strides_of
from slopewise.ir.loops.structure import (
    Affine,
    Array,
    Expression,
    For,
    Index,
    Let,
    Load,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)
from slopewise.passes.row_blocks import local
from slopewise.passes.row_statements import loads_in, stores_in

__all__ = ["in_bands"]

MOST_TOGETHER = 1 << 20  # bytes that nests may hand each other without bands: a second cache holds them
MOST_IN_A_BAND = 1 << 19  # bytes that a band may take
LEAST_ROWS = 16  # in a band
LANES = 8  # rows that are computed side by side; a band that does not fill them takes longer than all rows at once
MOST_TOTALS = 1 / 8  # numbers that a band adds up, for each that its nests hand each other


def in_bands(loops: Loops, n_rows: int, row: str, name: Callable[[str], str]) -> Loops:
    """Return Loops that go band by band where that is better, else the same ones.

    Args:
        loops: Loops of many rows.
        n_rows: How many.
        row: The variable that runs over the rows.
        name: Gives a name that nothing else bears.
    """
    outputs = {loops.arrays[position].name for position in set(loops.output_arrays)}
    inside = {store.array for s in loops.body if _has_loop(s, row) for store in stores_in((s,))}
    passing = {item.name for item in loops.arrays if item.name in inside - outputs and item.shape[0] == n_rows}
    width = sum(item.size for item in loops.arrays if item.name in passing) // n_rows
    size = _rows_of_a_band(n_rows, 8 * width)
    if not size or inside - outputs != passing:
        return loops
    bands = _Bands(loops, n_rows // size, size, row, name, frozenset(passing))
    bands.split()
    if not bands.is_possible or sum(item.size for item in bands.parts) > MOST_TOTALS * width * n_rows:
        return loops
    return bands.loops()


def _rows_of_a_band(n_rows: int, n_bytes: int) -> int:
    """Return how many rows a band has, of which each hands on so many bytes; 0 for no bands."""
    if n_rows * n_bytes <= MOST_TOGETHER:
        return 0
    sizes = range(LEAST_ROWS, min(MOST_IN_A_BAND // n_bytes, n_rows // 2) + 1, LANES)
    return max((size for size in sizes if n_rows % size == 0), default=0)


def _has_loop(statement: Statement, row: str) -> bool:
    """Tell whether a loop over the rows is around a statement, or in it."""
    todo = [statement]
    while todo:
        item = todo.pop()
        if isinstance(item, For):
            if any(loop.variable == row for loop in item.ranges):
                return True
            todo += item.body
    return False


@dataclass(slots=True)
class _Bands:
    """The statements: before the bands, in each band, after them."""

    of: Loops
    count: int
    size: int
    row: str
    name: Callable[[str], str]
    passing: frozenset[str]
    band: str = ""
    parts: list[Array] = field(default_factory=list)
    before: list[Statement] = field(default_factory=list)
    inside: list[Statement] = field(default_factory=list)
    after: list[Statement] = field(default_factory=list)
    late: set[str] = field(default_factory=set)  # arrays that are known after the bands
    is_possible: bool = True

    def split(self) -> None:
        """Tell the statements apart."""
        self.band = self.name("b")
        self.late = {store.array for s in self.of.body if self.adds_up(s) for store in stores_in((s,))}
        for statement in self.of.body:
            is_late = any(
                load.array in self.late for store in stores_in((statement,)) for load in loads_in(store.value)
            )
            if _has_loop(statement, self.row):
                self.is_possible &= not is_late and not self.adds_up(statement)
                self.inside.append(self.in_band(statement))
            elif self.adds_up(statement):
                self.add_up(statement)
            elif is_late:
                self.late |= {store.array for store in stores_in((statement,))}
                self.after.append(statement)
            else:
                self.before.append(statement)

    def loops(self) -> Loops:
        """Return the Loops, band by band."""
        arrays = tuple(
            local(item.name, (self.size, *item.shape[1:])) if item.name in self.passing else item
            for item in self.of.arrays
        )
        bands = For((self.over_bands(self.band),), tuple(self.inside), True)
        return replace(self.of, arrays=(*arrays, *self.parts), body=(*self.before, bands, *self.after))

    def adds_up(self, statement: Statement) -> bool:
        """Tell whether there is a sum over the rows in a statement."""
        return any(self.sums_in(store.value) for store in stores_in((statement,)))

    def sums_in(self, node: Expression) -> list[Sum]:
        """Return the sums over the rows in an expression."""
        found: list[Sum] = []

        def leaf(item: Expression) -> Expression:
            if isinstance(item, Sum):
                if any(loop.variable == self.row for loop in item.ranges):
                    found.append(item)
                rewritten(item.term, leaf)
            return item

        rewritten(node, leaf)
        return found

    def over_bands(self, variable: str) -> Range:
        return Range(variable, Index(Affine(0)), Index(Affine(self.count)))

    def add_up(self, statement: Statement) -> None:
        """Take sums over the rows apart: what a band comes to, and the sum over the bands of that."""
        ranges: Sequence[Range] = ()
        store = statement
        if isinstance(statement, For):
            ranges, store = statement.ranges, statement.body[0]
        is_simple = isinstance(store, Store) and not (isinstance(statement, For) and statement.is_ordered)
        are_known = all(loop.start == Index(Affine(0)) and not loop.stop.affine.terms for loop in ranges)
        if not is_simple or not are_known or (isinstance(statement, For) and len(statement.body) > 1):
            self.is_possible = False
            return
        assert isinstance(store, Store)
        if any(load.array in self.late for found in self.sums_in(store.value) for load in loads_in(found)):
            self.is_possible = False
            return
        lengths = [loop.stop.affine.offset for loop in ranges]

        def leaf(item: Expression) -> Expression:
            if not isinstance(item, Sum):
                return item
            if not any(loop.variable == self.row for loop in item.ranges):
                self.is_possible &= not self.sums_in(item.term)
                return item
            part = local(self.name("part"), (self.count, *lengths))
            self.parts.append(part)
            steps = strides_of(part.shape)
            own = tuple((loop.variable, step) for loop, step in zip(ranges, steps[1:], strict=True))
            made = Store(part.name, Index(Affine(0, ((self.band, steps[0]), *own))), self.expression(item))
            self.inside.append(For(tuple(ranges), (made,)) if ranges else made)
            along = self.name("b")
            return Sum((self.over_bands(along),), Load(part.name, Index(Affine(0, (*own, (along, steps[0]))))))

        made = replace(store, value=rewritten(store.value, leaf))
        self.after.append(For(tuple(ranges), (made,)) if ranges else made)

    def in_band(self, statement: Statement) -> Statement:
        """Return a statement for the rows of a band."""
        match statement:
            case For(ranges, body, is_ordered):
                return For(self.ranges(ranges), tuple(self.in_band(inner) for inner in body), is_ordered)
            case Store(array, index, value):
                return Store(array, self.index(array, index), self.expression(value))
            case Let(name, value):
                return Let(name, self.expression(value))

    def ranges(self, ranges: Sequence[Range]) -> tuple[Range, ...]:
        own = Range(self.row, Index(Affine(0)), Index(Affine(self.size)))
        return tuple(own if loop.variable == self.row else loop for loop in ranges)

    def expression(self, node: Expression) -> Expression:
        """Return an expression that reads the rows of a band."""

        def leaf(item: Expression) -> Expression:
            match item:
                case Load(array, index):
                    return Load(array, self.index(array, index))
                case Sum(ranges, term):
                    return Sum(self.ranges(ranges), self.expression(term))
            return item

        return rewritten(node, leaf)

    def index(self, array: str, index: Index) -> Index:
        """Return the place in an array of all rows, or in one that holds a band."""
        step = dict(index.affine.terms).get(self.row)
        if step is None or array in self.passing:
            return index
        affine = index.affine
        return replace(index, affine=Affine(affine.offset, ((self.band, step * self.size), *affine.terms)))
