"""`fuse_rows`: nests with the same outermost loop, and little inside it, become one loop over straight-line code.

What is computed for each row of a table, or each member of a batch, comes as dozens of small nests: three components of
a vector, a product of small matrices, their gradients. Each would read what the last one wrote, from memory. Here the
inner loops are written out, what one nest writes and another reads in the same row is a local, and an array that no
other nest reads is gone. The rows are in the lanes then.

Before: Loops with names of their own (`prepare`), after `fuse`. After: the same values.
"""

import itertools
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from slopewise.backends.llvm.prepared import TERMS, Prepared, parts_of, trips_of, written_in
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
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)

__all__ = ["fuse_rows"]

LEAST_ROWS = 64  # in the loop that is shared
MOST_INSIDE = 12  # members of the loops inside it, and terms of a sum, that are written out
MOST_SCAN = 16  # steps of a scan that are written out
MOST_OF_ONE = 400  # expressions of a nest when it is written out
MOST = 4_000  # of all nests that are fused: code generation takes longer for each, the larger the block

Tables = Mapping[str, "array[int]"]
Key = tuple[str, int, tuple[tuple[str, int], ...]]
"""An element in a row: the array, the offset and the factors of the variables around."""


def fuse_rows(prepared: Prepared, loops: Loops) -> Prepared:
    """Fuse nests with the same rows."""
    tables = {table.name: table.values for table in loops.tables}
    body = _block(prepared.body, tables, prepared.bounds)
    if body == prepared.body:
        return prepared
    read = {load.array for statement in body for load in _loads(statement)}
    needed = read | {loops.arrays[position].name for position in set(loops.output_arrays)}
    return replace(prepared, body=_needed(body, needed))


@dataclass(slots=True, eq=False)
class _Group:
    """Nests that are fused.

    Attributes:
        rows: The loop that they share.
        nests: The nests as they were.
        body: Their statements, written out, over the variable of `rows`.
        stored: For each array that they write, the elements that a row writes.
        size: The number of expressions.
    """

    rows: Range
    nests: list[Statement] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    stored: dict[str, list[Key]] = field(default_factory=dict)
    size: int = 0

    def takes(self, written: "_Written") -> bool:
        """Tell whether a nest fits: it reads what these write in its own row alone."""
        rows = written.rows
        if (rows.start, rows.stop) != (self.rows.start, self.rows.stop) or self.size + written.size > MOST:
            return False
        n_rows, variable = trips_of(rows) or 0, rows.variable
        for load in written.loads:
            stores = self.stored.get(load.array)
            if stores is None:
                continue
            if load.index.table is not None:
                return False
            _, offset, terms = _key(load, {variable: self.rows.variable})
            step = dict(terms).get(self.rows.variable, 0)
            for _, its_offset, its_terms in stores:
                distance = offset - its_offset
                if its_terms != terms or step == 0:
                    return False
                if distance and distance % step == 0 and abs(distance // step) < n_rows:
                    return False
        return True

    def pays(self) -> bool:
        """Tell whether enough passes between these nests, row by row, beside what comes in and goes out.

        What comes in and goes out stands row after row, and is gathered and scattered when the rows are in the lanes.
        """
        stored = {key for keys in self.stored.values() for key in keys}
        passed, outside = 0, set()
        read = set()
        for statement in self.body:
            for load in _loads(statement):
                key = _key(load, {})
                read.add(load.array)
                if key in stored:
                    passed += 1
                elif any(name == self.rows.variable for name, _ in (*key[2], *load.index.at.terms)):
                    outside.add((key, load.index.table))
        leaving = sum(key[0] not in read for key in stored)
        return 2 * passed >= len(outside) + leaving

    def add(self, written: "_Written") -> None:
        names = {written.rows.variable: self.rows.variable}
        self.nests.extend(written.nests)
        self.size += written.size
        for statement in written.body:
            statement = _renamed(statement, names)
            if isinstance(statement, Store):
                self.stored.setdefault(statement.array, []).append(_key(statement, {}))
            self.body.append(statement)

    @property
    def writes(self) -> frozenset[str]:
        return frozenset(self.stored)


@dataclass(slots=True, eq=False)
class _Written:
    """A nest with its inner loops written out."""

    rows: Range
    nests: list[Statement]
    body: list[Statement]
    loads: list[Load]
    size: int


def _block(
    statements: tuple[Statement, ...], tables: Tables, bounds: dict[str, tuple[int, int]]
) -> tuple[Statement, ...]:
    done: list[Statement | _Group] = []
    rows = [_rows_of(statement) for statement in statements]
    for statement, its_rows in zip(statements, rows, strict=True):
        written = _written_out(statement, tables) if its_rows and rows.count(its_rows) > 1 else None
        if written is None:
            if isinstance(statement, For) and statement.is_ordered:
                statement = replace(statement, body=_block(statement.body, tables, bounds))
            done.append(statement)
            continue
        group = _group_for(written, done)
        if group is None:
            group = _Group(written.rows)
            done.append(group)
        group.add(written)
    found: list[Statement] = []
    for item in done:
        if not isinstance(item, _Group):
            found.append(item)
        elif len(item.nests) == 1 or not item.pays():
            found.extend(item.nests)
        else:
            found.append(For((item.rows,), tuple(_with_locals(item.body)), False))
    return tuple(found)


def _group_for(written: _Written, done: "list[Statement | _Group]") -> _Group | None:
    """Return the latest group that a nest can become part of, in front of what does not write what it reads."""
    reads = {load.array for load in written.loads}
    for item in reversed(done):
        if isinstance(item, _Group):
            if item.takes(written):
                return item
            writes = item.writes
        else:
            writes = written_in((item,))
        if writes & reads:
            return None
    return None


# ------------------------------------------------------------------------------------------------------ writing out
def _rows_of(statement: Statement) -> tuple[int, int] | None:
    """Return where the outermost loop of a nest begins, and how long it is; None where it can be no loop over rows."""
    while isinstance(statement, For) and statement.is_ordered and statement.body:
        statement = statement.body[0]
    if not isinstance(statement, For) or (trips_of(statement.ranges[0]) or 0) < LEAST_ROWS:
        return None
    inside = _members_of(statement.ranges[1:])
    size = sum(_size(item.value) for item in statement.body if isinstance(item, Let | Store))
    if inside > MOST_INSIDE or inside * size > MOST_OF_ONE:
        return None
    return statement.ranges[0].start.affine.offset, trips_of(statement.ranges[0]) or 0


def _members_of(ranges: tuple[Range, ...]) -> int:
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
                members = _members_of(ranges)
                if members > MOST_INSIDE:
                    return MOST_OF_ONE + 1
                todo.append((term, count * members))
    return size


def _written_out(statement: Statement, tables: Tables) -> _Written | None:
    """Return a nest over rows, or a short scan of such; None if it is something else, or too large."""
    if not isinstance(statement, For):
        return None
    if not statement.is_ordered:
        return _nest_written_out(statement, {}, tables)
    steps = _members(statement.ranges, {}, MOST_SCAN)
    if steps is None or not all(isinstance(inner, For) and not inner.is_ordered for inner in statement.body):
        return None
    whole: _Written | None = None
    for values in steps:
        for inner in statement.body:
            assert isinstance(inner, For)
            written = _nest_written_out(inner, values, tables)
            if written is None:
                return None
            if whole is None:
                whole = replace_nests(written, [statement])
                continue
            group = _Group(whole.rows)
            group.add(whole)
            if not group.takes(written) or group.size + written.size > MOST_OF_ONE:
                return None
            names = {written.rows.variable: whole.rows.variable}
            whole.body.extend(_renamed(item, names) for item in written.body)
            whole.loads.extend(load for load in (_renamed_load(load, names) for load in written.loads))
            whole.size += written.size
    return whole


def replace_nests(written: _Written, nests: list[Statement]) -> _Written:
    return _Written(written.rows, nests, written.body, written.loads, written.size)


def _nest_written_out(nest: For, values: Mapping[str, int], tables: Tables) -> _Written | None:
    rows, inner = nest.ranges[0], nest.ranges[1:]
    n_rows = trips_of(rows)
    if n_rows is None or n_rows < LEAST_ROWS or any(isinstance(item, For) for item in nest.body):
        return None
    members = _members(inner, values, MOST_INSIDE)
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
    loads = [load for item in body for load in _loads(item)]
    return _Written(rows, [nest], body, loads, size)


def _members(ranges: tuple[Range, ...], values: Mapping[str, int], most: int) -> list[dict[str, int]] | None:
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
                members = _members(ranges, values, MOST_INSIDE)
                terms = [_at(term, member, names, tables) for member in members or ()]
                if members is None or None in terms:
                    long.append(item)
                return Apply(TERMS, tuple(found for found in terms if found is not None))
        return item

    found = rewritten(node, leaf)
    return None if long else found


# ------------------------------------------------------------------------------------------------------ locals
def _key(access: Load | Store, names: Mapping[str, str]) -> Key:
    affine = access.index.affine
    return access.array, affine.offset, tuple(sorted((names.get(name, name), factor) for name, factor in affine.terms))


def _renamed_load(load: Load, names: Mapping[str, str]) -> Load:
    index = load.index
    affines = [
        Affine(affine.offset, tuple((names.get(name, name), factor) for name, factor in affine.terms))
        for affine in (index.affine, index.at)
    ]
    return Load(load.array, Index(affines[0], index.table, affines[1]))


def _renamed(statement: Statement, names: Mapping[str, str]) -> Statement:
    match statement:
        case Let(name, value):
            return Let(name, _rewritten(value, lambda load: _renamed_load(load, names)))
        case Store(array, index, value):
            place = _renamed_load(Load(array, index), names)
            return Store(array, place.index, _rewritten(value, lambda load: _renamed_load(load, names)))
        case For():
            return statement


def _rewritten(node: Expression, at_load: Callable[[Load], Expression]) -> Expression:
    """Return an expression with something else in the place of each load; it has no sums any more."""
    return rewritten(node, lambda item: at_load(item) if isinstance(item, Load) else item)


def _with_locals(body: list[Statement]) -> Iterator[Statement]:
    """Yield statements in which what was stored or loaded before has a name."""
    known: dict[Key, str] = {}
    numbers = itertools.count()

    def at_load(load: Load) -> Expression:
        if load.index.table is not None:
            return load
        key = _key(load, {})
        name = known.get(key)
        if name is None:
            name = known[key] = f"{load.array} read {next(numbers)}"
            before.append(Let(name, load))
        return Local(name)

    for statement in body:
        before: list[Statement] = []
        match statement:
            case Let(name, value):
                written: list[Statement] = [Let(name, _rewritten(value, at_load))]
            case Store(array, index, value):
                name = f"{array} stored {next(numbers)}"
                written = [Let(name, _rewritten(value, at_load)), Store(array, index, Local(name))]
                known[_key(statement, {})] = name
            case For():
                written = [statement]
        yield from before
        yield from written


def _loads(statement: Statement) -> Iterator[Load]:
    todo = [statement]
    while todo:
        item = todo.pop()
        match item:
            case For(_, body, _):
                todo.extend(body)
            case Let(_, value) | Store(_, _, value):
                for part in parts_of(value):
                    if isinstance(part, Load):
                        yield part


def _needed(statements: tuple[Statement, ...], arrays: set[str]) -> tuple[Statement, ...]:
    """Return statements without stores that nobody reads, and without names that nothing uses."""
    found: list[Statement] = []
    for statement in statements:
        if isinstance(statement, For) and statement.is_ordered:
            statement = replace(statement, body=_needed(statement.body, arrays))
        elif isinstance(statement, For) and not any(isinstance(item, For) for item in statement.body):
            body: list[Statement] = []
            used: set[str] = set()
            for item in reversed(statement.body):
                assert isinstance(item, Let | Store)
                if item.array in arrays if isinstance(item, Store) else item.name in used:
                    used.update(part.name for part in parts_of(item.value) if isinstance(part, Local))
                    body.append(item)
            if not body:
                continue
            if len(body) < len(statement.body):
                statement = replace(statement, body=tuple(reversed(body)))
        found.append(statement)
    return tuple(found)
