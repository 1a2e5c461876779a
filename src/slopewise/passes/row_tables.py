"""`with_member_tables`: what goes by steps through segments of different lengths is looked up for each member instead.

A triangle's terms `x[at[i] + k]`, k from `start[i]` to `start[i + 1]`, need one number of a table for each segment, so
that is how Loops of one row have them. An array that gets an axis of rows should stand with its rows side by side, and
that needs an index of which one part for each axis is known: `at[i] + k` may go over any number of them, and `at[k]`, a
place for each k, is known whole.

Holds before: Loops that `ir.verify_loops` accepts. Holds after: Loops that it accepts and that compute the same.
"""

import itertools
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace

from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
    Affine,
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
    Table,
)

__all__ = ["with_member_tables"]

Ranges = Mapping[str, Range]


def with_member_tables(loops: Loops, name: Callable[[str], str]) -> Loops:
    """Return Loops in which such places are looked up by the variable that runs through the segments.

    Args:
        loops: Loops.
        name: Gives a name that nothing else bears.

    Example:
        >>> from slopewise import ir
        >>> loops = ir.parse_loops('''loops(x[4]) {
        ...   table start[3] = 0, 1, 3
        ...   table at[2] = 0, 1
        ...   local y[2]
        ...   for i in 2 { y[i] = sum(k in start[i] .. start[i + 1]: x[@at[i] + k]) }
        ...   return y[0 .. 2]
        ... }''')
        >>> print(with_member_tables(loops, lambda stem: f"{stem}1"))
        loops(x[4]) {
          table start[3] = 0, 1, 3
          table at1[3] = 0, 2, 3
          local y[2]
          for i in 2 { y[i] = sum(k in start[i] .. start[i + 1]: x[at1[k]]) }
          return y[0 .. 2]
        }
    """
    by_member = _ByMember(loops, name)
    body = by_member.block(loops.body, {})
    if not by_member.made:
        return loops
    used = by_member.used
    tables = (*(table for table in loops.tables if table.name in used), *by_member.made.values())
    return replace(loops, tables=tables, body=body)


class _ByMember:
    def __init__(self, loops: Loops, name: Callable[[str], str]) -> None:
        self.tables = {table.name: table.values for table in loops.tables}
        self.name = name
        self.made: dict[tuple[str, str, int], Table] = {}
        self.used: set[str] = set()  # tables of before that are still looked up

    def block(self, statements: tuple[Statement, ...], around: Ranges) -> tuple[Statement, ...]:
        """Return statements under loops over segments."""
        found: list[Statement] = []
        for statement in statements:
            match statement:
                case For(ranges, body):
                    found.append(replace(statement, body=self.block(body, self.inside(ranges, around))))
                case Store(array, index, value):
                    found.append(Store(array, self.index(index, around), self.expression(value, around)))
                case Let(name, value):
                    found.append(Let(name, self.expression(value, around)))
        return tuple(found)

    def expression(self, node: Expression, around: Ranges) -> Expression:
        """Return an expression under loops over segments."""

        def leaf(item: Expression) -> Expression:
            match item:
                case Load(array, index):
                    return Load(array, self.index(index, around))
                case Sum(ranges, term):
                    return Sum(ranges, self.expression(term, self.inside(ranges, around)))
            return item

        return rewritten(node, leaf)

    def inside(self, ranges: tuple[Range, ...], around: Ranges) -> Ranges:
        """Return the loops over segments further inside."""
        for range_ in ranges:
            self.used.update(name for name in (range_.start.table, range_.stop.table) if name is not None)
        return {**around, **{range_.variable: range_ for range_ in ranges if _is_of_segments(range_)}}

    def index(self, index: Index, around: Ranges) -> Index:
        """Return an index that is looked up by the variable of its segment, where that is so."""
        if index.table is None:
            return index
        for variable, step in index.affine.terms:
            range_ = around.get(variable)
            if range_ is not None and range_.start.at == index.at:
                table = self.of_members(index.table, range_, step)
                if table is not None:
                    rest = tuple(term for term in index.affine.terms if term[0] != variable)
                    return Index(Affine(index.affine.offset, rest), table, Affine(0, ((variable, 1),)))
        self.used.add(index.table)
        return index

    def of_members(self, name: str, range_: Range, step: int) -> str | None:
        """Return the table of what one table says of segments, for each of their members; None if it ends before."""
        assert range_.start.table is not None
        key = (name, range_.start.table, step)
        if key not in self.made:
            bounds, begins = self.tables[range_.start.table], self.tables[name]
            if bounds[0] or len(begins) < len(bounds) - 1:
                return None
            places = array("i")
            for segment, (start, stop) in enumerate(itertools.pairwise(bounds)):
                if start < len(places) or stop < start:
                    return None
                places.extend(begins[segment] + step * k for k in range(start, stop))
            self.made[key] = Table(self.name("at"), places)
        return self.made[key].name


def _is_of_segments(range_: Range) -> bool:
    """Tell whether a loop goes from what a table says at a place to what it says at the next one."""
    start, stop = range_.start, range_.stop
    return (
        start.table is not None
        and start.table == stop.table
        and start.affine == stop.affine == Affine(0)
        and stop.at == Affine(start.at.offset + 1, start.at.terms)
    )
