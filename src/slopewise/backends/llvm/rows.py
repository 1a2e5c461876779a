"""`fuse_rows`: nests with the same outermost loop, and little inside it, become one loop over straight-line code.

What is computed for each row of a table, or each member of a batch, comes as dozens of small nests: three components of
a vector, a product of small matrices, their gradients. Each would read what the last one wrote, from memory. Here the
inner loops are written out, what one nest writes and another reads in the same row is a local, and an array that no
other nest reads is gone. The rows are in the lanes then.

Before: Loops with names of their own (`prepare`), after `fuse`. After: the same values.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from slopewise.backends.llvm.fusion import renamed
from slopewise.backends.llvm.prepared import Prepared, loads_in, parts_of, renamed_index, trips_of, written_in
from slopewise.backends.llvm.written_out import (
    MOST_OF_ONE,
    MOST_SCAN,
    Tables,
    WrittenOut,
    members_of,
    nest_written_out,
    rows_of,
)
from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import Expression, For, Let, Load, Local, Loops, Range, Statement, Store

__all__ = ["fuse_rows"]

MOST = 4_000  # of all nests that are fused: code generation takes longer for each, the larger the block

Key = tuple[str, int, tuple[tuple[str, int], ...]]
"""An element in a row: the array, the offset and the factors of the variables around."""


def fuse_rows(prepared: Prepared, loops: Loops) -> Prepared:
    """Fuse nests with the same rows."""
    tables = {table.name: table.values for table in loops.tables}
    body = _block(prepared.body, tables, prepared.bounds)
    if body == prepared.body:
        return prepared
    read = {load.array for statement in body for load in loads_in(statement)}
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

    def takes(self, written: "WrittenOut") -> bool:
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
            for load in loads_in(statement):
                key = _key(load, {})
                read.add(load.array)
                if key in stored:
                    passed += 1
                elif any(name == self.rows.variable for name, _ in (*key[2], *load.index.at.terms)):
                    outside.add((key, load.index.table))
        leaving = sum(key[0] not in read for key in stored)
        return 2 * passed >= len(outside) + leaving

    def add(self, written: "WrittenOut") -> None:
        names = {written.rows.variable: self.rows.variable}
        self.nests.extend(written.nests)
        self.size += written.size
        for statement in written.body:
            statement = renamed(statement, names)
            if isinstance(statement, Store):
                self.stored.setdefault(statement.array, []).append(_key(statement, {}))
            self.body.append(statement)

    @property
    def writes(self) -> frozenset[str]:
        return frozenset(self.stored)


def _block(
    statements: tuple[Statement, ...], tables: Tables, bounds: dict[str, tuple[int, int]]
) -> tuple[Statement, ...]:
    done: list[Statement | _Group] = []
    rows = [rows_of(statement) for statement in statements]
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


def _written_out(statement: Statement, tables: Tables) -> WrittenOut | None:
    """Return a nest over rows, or a short scan of such; None if it is something else, or too large."""
    if not isinstance(statement, For):
        return None
    if not statement.is_ordered:
        return nest_written_out(statement, {}, tables)
    steps = members_of(statement.ranges, {}, MOST_SCAN)
    if steps is None or not all(isinstance(inner, For) and not inner.is_ordered for inner in statement.body):
        return None
    whole: WrittenOut | None = None
    for values in steps:
        for inner in statement.body:
            assert isinstance(inner, For)
            written = nest_written_out(inner, values, tables)
            if written is None:
                return None
            if whole is None:
                whole = replace(written, nests=[statement])
                continue
            group = _Group(whole.rows)
            group.add(whole)
            if not group.takes(written) or group.size + written.size > MOST_OF_ONE:
                return None
            names = {written.rows.variable: whole.rows.variable}
            whole.body.extend(renamed(item, names) for item in written.body)
            whole.loads.extend(Load(load.array, renamed_index(load.index, names)) for load in written.loads)
            whole.size += written.size
    return whole


def _group_for(written: WrittenOut, done: "list[Statement | _Group]") -> _Group | None:
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


def _key(access: Load | Store, names: Mapping[str, str]) -> Key:
    affine = access.index.affine
    return access.array, affine.offset, tuple(sorted((names.get(name, name), factor) for name, factor in affine.terms))


def _with_loads(node: Expression, at_load: Callable[[Load], Expression]) -> Expression:
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
                written: list[Statement] = [Let(name, _with_loads(value, at_load))]
            case Store(array, index, value):
                name = f"{array} stored {next(numbers)}"
                written = [Let(name, _with_loads(value, at_load)), Store(array, index, Local(name))]
                known[_key(statement, {})] = name
            case For():
                written = [statement]
        yield from before
        yield from written


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
