"""`fuse`: nests over the same members become one, and what only passes between them stays in registers.

Before: Loops with names of their own (`prepare`). After: the same values; a nest that reads what an earlier one writes,
member by member, is part of it, and an array that nothing else reads is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from slopewise.backends.llvm.prepared import (
    Prepared,
    is_constant,
    loads_in,
    parts_of,
    renamed_index,
    trips_of,
    written_in,
)
from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
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

__all__ = ["fuse", "renamed"]

SHORT = 8  # terms of a sum that is written out
MOST_STORES = 12  # in one nest: registers end, and text grows with each member computed side by side


def fuse(prepared: Prepared, loops: Loops) -> Prepared:
    """Fuse what can be fused, in the outermost block and in scans."""
    body = _block(prepared.body)
    outputs = {loops.arrays[position].name for position in set(loops.output_arrays)}
    read = {load.array for statement in body for load in loads_in(statement)}
    return replace(prepared, body=tuple(_without(body, {*read, *outputs})))


def _block(statements: tuple[Statement, ...]) -> list[Statement]:
    """Fuse the nests of a block."""
    done: list[Statement] = []
    for statement in statements:
        if isinstance(statement, For) and statement.is_ordered:
            done.append(replace(statement, body=tuple(_block(statement.body))))
            continue
        place = _place_for(statement, done) if isinstance(statement, For) else None
        if place is None:
            done.append(statement)
            continue
        first = done[place]
        assert isinstance(first, For)
        assert isinstance(statement, For)
        names = {new.variable: old.variable for new, old in zip(statement.ranges, first.ranges, strict=True)}
        moved = tuple(renamed(inner, names) for inner in statement.body)
        done[place] = replace(first, body=(*first.body, *moved))
    return [_with_locals(statement) if isinstance(statement, For) else statement for statement in done]


def _place_for(statement: For, done: list[Statement]) -> int | None:
    """Return the latest earlier nest that one can become part of."""
    if statement.is_ordered or not _is_simple(statement):
        return None
    reads = {load.array for load in loads_in(statement)}
    for place in reversed(range(len(done))):
        earlier = done[place]
        written = written_in((earlier,))
        if written & reads:
            is_fit = isinstance(earlier, For) and _is_fit(earlier, statement)
            return place if is_fit else None
    return None


def _is_simple(nest: For) -> bool:
    """Tell whether a nest is stores and names under loops of known length."""
    are_known = all(is_constant(range_.start) and is_constant(range_.stop) for range_ in nest.ranges)
    return are_known and not nest.is_ordered and not any(isinstance(inner, For) for inner in nest.body)


def _is_fit(earlier: For, later: For) -> bool:
    """Tell whether a nest reads what an earlier one writes member by member, under the same loops."""
    if not _is_simple(earlier) or len(earlier.ranges) != len(later.ranges):
        return False
    if _has_product(earlier) or _has_product(later):
        return False
    if len(_stores(earlier)) + len(_stores(later)) > MOST_STORES:
        return False
    for old, new in zip(earlier.ranges, later.ranges, strict=True):
        if (old.start, old.stop) != (new.start, new.stop):
            return False
    names = {new.variable: old.variable for new, old in zip(later.ranges, earlier.ranges, strict=True)}
    stored = {store.array: store.index for store in _stores(earlier)}
    return all(
        load.array not in stored or _same(renamed_index(load.index, names), stored[load.array])
        for load in loads_in(later)
    )


def _has_product(nest: For) -> bool:
    """Tell whether a nest has a sum that is a loop of its own.

    Such a nest is computed in tiles: what follows each member would press on its registers, and would tie the order of
    its axes to that of the arrays it is combined with. Measured, fusing an update into its product cost a fifth.
    """
    for statement in nest.body:
        for part in parts_of(statement.value) if isinstance(statement, Let | Store) else ():
            if isinstance(part, Sum):
                terms = 1
                for range_ in part.ranges:
                    trips = trips_of(range_)
                    terms *= SHORT + 1 if trips is None else trips
                if terms > SHORT:
                    return True
    return False


def _same(one: Index, other: Index) -> bool:
    """Tell whether two indices are the same formula, or the same place of the same table."""
    return (
        (one.table, one.affine.offset, one.at.offset) == (other.table, other.affine.offset, other.at.offset)
        and set(one.affine.terms) == set(other.affine.terms)
        and set(one.at.terms) == set(other.at.terms)
    )


def _stores(nest: For) -> list[Store]:
    return [inner for inner in nest.body if isinstance(inner, Store)]


def renamed(statement: Statement, names: Mapping[str, str]) -> Statement:
    """Return a statement with other names of variables."""
    match statement:
        case Let(name, value):
            return Let(name, _rewritten(value, names, {}))
        case Store(array, index, value):
            return Store(array, renamed_index(index, names), _rewritten(value, names, {}))
        case For():
            return statement


def _rewritten(node: Expression, names: Mapping[str, str], known: Mapping[str, tuple[Index, str]]) -> Expression:
    """Return an expression with other names of variables, and locals in the place of loads whose value has a name."""

    def leaf(item: Expression) -> Expression:
        match item:
            case Load(array, index):
                index = renamed_index(index, names)
                if array in known and _same(index, known[array][0]):
                    return Local(known[array][1])
                return Load(array, index)
            case Sum(ranges, term):
                inside = tuple(
                    Range(item.variable, renamed_index(item.start, names), renamed_index(item.stop, names))
                    for item in ranges
                )
                return Sum(inside, _rewritten(term, names, known))
        return item

    return rewritten(node, leaf)


def _with_locals(nest: For) -> For:
    """Return a nest in which what was stored and is read again has a name."""
    stored = {store.array for store in _stores(nest)}
    if not _is_simple(nest) or not any(load.array in stored for load in loads_in(nest)):
        return nest
    body: list[Statement] = []
    known: dict[str, tuple[Index, str]] = {}
    for statement in nest.body:
        match statement:
            case Let(name, value):
                body.append(Let(name, _rewritten(value, {}, known)))
            case Store(array, index, value):
                name = f"{array} stored"
                body.append(Let(name, _rewritten(value, {}, known)))
                body.append(Store(array, index, Local(name)))
                known[array] = (index, name)
            case For():
                body.append(statement)
    return replace(nest, body=tuple(body))


def _without(statements: Sequence[Statement], needed: set[str]) -> Iterator[Statement]:
    """Yield statements without the stores of arrays that nothing needs."""
    for statement in statements:
        if isinstance(statement, For) and statement.is_ordered:
            yield replace(statement, body=tuple(_without(statement.body, needed)))
        elif isinstance(statement, For) and _is_simple(statement):
            body = tuple(inner for inner in statement.body if not isinstance(inner, Store) or inner.array in needed)
            if body:
                yield replace(statement, body=body)
        else:
            yield statement
