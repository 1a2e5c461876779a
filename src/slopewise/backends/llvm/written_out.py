"""Nests over rows with their inner loops written out: a few statements over one variable, without sums."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace

from slopewise.backends.llvm.prepared import TERMS, loads_in, parts_of, trips_of
from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Expression,
    For,
    Index,
    Let,
    Load,
    Local,
    Range,
    Statement,
    Store,
    Sum,
)

__all__ = ["MOST_OF_ONE", "MOST_SCAN", "Tables", "WrittenOut", "members_of", "nest_written_out", "rows_of"]

LEAST_ROWS = 64  # in the loop that is shared
MOST_INSIDE = 12  # members of the loops inside it, and terms of a sum, that are written out
MOST_SCAN = 16  # steps of a scan that are written out
MOST_OF_ONE = 400  # expressions of a nest when it is written out

Tables = Mapping[str, "array[int]"]


@dataclass(slots=True, eq=False)
class WrittenOut:
    """A nest with its inner loops written out.

    Attributes:
        rows: The loop over the rows.
        nests: What was written out.
        body: The statements of a row.
        loads: What they read.
        size: How many expressions they are.
    """

    rows: Range
    nests: list[Statement]
    body: list[Statement]
    loads: list[Load]
    size: int


def rows_of(statement: Statement) -> tuple[int, int] | None:
    """Return where the outermost loop of a nest begins, and how long it is; None where it can be no loop over rows."""
    while isinstance(statement, For) and statement.is_ordered and statement.body:
        statement = statement.body[0]
    if not isinstance(statement, For) or (trips_of(statement.ranges[0]) or 0) < LEAST_ROWS:
        return None
    inside = _count_of(statement.ranges[1:])
    size = sum(_size(item.value) for item in statement.body if isinstance(item, Let | Store))
    if inside > MOST_INSIDE or inside * size > MOST_OF_ONE:
        return None
    return statement.ranges[0].start.affine.offset, trips_of(statement.ranges[0]) or 0


def _count_of(ranges: tuple[Range, ...]) -> int:
    """Return how often loops run; where that depends, 1."""
    count = 1
    for range_ in ranges:
        trips = trips_of(range_)
        count *= 1 if trips is None else trips
    return count


def _size(node: Expression) -> int:
    """Return how many expressions there are when sums are written out, at least."""
    size = 0
    todo = [(node, 1)]
    while todo:
        item, count = todo.pop()
        size += count
        match item:
            case Apply(_, operands):
                todo.extend((operand, count) for operand in operands)
            case Sum(ranges, term):
                members = _count_of(ranges)
                if members > MOST_INSIDE:
                    return MOST_OF_ONE + 1
                todo.append((term, count * members))
    return size


def nest_written_out(nest: For, values: Mapping[str, int], tables: Tables) -> WrittenOut | None:
    """Return a nest over rows for some values of the variables around; None if it is something else, or too large."""
    rows, inner = nest.ranges[0], nest.ranges[1:]
    n_rows = trips_of(rows)
    if n_rows is None or n_rows < LEAST_ROWS or any(isinstance(item, For) for item in nest.body):
        return None
    members = members_of(inner, values, MOST_INSIDE)
    if members is None:
        return None
    body: list[Statement] = []
    size = 0
    for number, its_values in enumerate(members):
        names = {item.name: f"{item.name}/{number}" for item in nest.body if isinstance(item, Let)}
        for item in nest.body:
            assert isinstance(item, Let | Store)
            value = _at(item.value, its_values, names, tables)
            if value is None:
                return None
            size += sum(1 for _ in parts_of(value))
            if size > MOST_OF_ONE:
                return None
            if isinstance(item, Let):
                body.append(Let(names[item.name], value))
            else:
                index = _index_at(item.index, its_values, tables)
                if index.table is not None:
                    return None
                body.append(Store(item.array, index, value))
    loads = [load for item in body for load in loads_in(item)]
    return WrittenOut(rows, [nest], body, loads, size)


def members_of(ranges: tuple[Range, ...], values: Mapping[str, int], most: int) -> list[dict[str, int]] | None:
    """Return the values of all variables for each member of some loops; None if they are many, or not known."""
    found = [dict(values)]
    for range_ in ranges:
        inside = []
        for member in found:
            start, stop = (_offset_at(index, member) for index in (range_.start, range_.stop))
            if start is None or stop is None or len(found) * (stop - start) > most:
                return None
            inside += [{**member, range_.variable: value} for value in range(start, stop)]
        found = inside
    return found


def _offset_at(index: Index, values: Mapping[str, int]) -> int | None:
    found = _affine_at(index.affine, values)
    return None if found.terms or index.table is not None else found.offset


def _affine_at(affine: Affine, values: Mapping[str, int]) -> Affine:
    offset = affine.offset
    terms = []
    for variable, factor in affine.terms:
        if variable in values:
            offset += factor * values[variable]
        else:
            terms.append((variable, factor))
    return Affine(offset, tuple(terms))


def _index_at(index: Index, values: Mapping[str, int], tables: Tables) -> Index:
    affine = _affine_at(index.affine, values)
    if index.table is None:
        return Index(affine)
    at = _affine_at(index.at, values)
    if at.terms:
        return Index(affine, index.table, at)
    return Index(replace(affine, offset=affine.offset + tables[index.table][at.offset]))


def _at(node: Expression, values: Mapping[str, int], names: Mapping[str, str], tables: Tables) -> Expression | None:
    """Return an expression for some values of variables, its sums written out; None if these are long."""
    long: list[Sum] = []

    def leaf(item: Expression) -> Expression:
        match item:
            case Load(name, index):
                return Load(name, _index_at(index, values, tables))
            case Local(name):
                return Local(names.get(name, name))
            case Sum(ranges, term):
                members = members_of(ranges, values, MOST_INSIDE)
                terms = [_at(term, member, names, tables) for member in members or ()]
                if members is None or None in terms:
                    long.append(item)
                return Apply(TERMS, tuple(found for found in terms if found is not None))
        return item

    found = rewritten(node, leaf)
    return None if long else found
