"""`folded`: what is computed once, in a nest of its own, and read once, in a sum, is computed where it is read.

A sum of products whose factors are gathered comes as a nest of all products, and sums that look them up. For many
rows each of them would have all its products in memory. Here the sums multiply: tables of tables become tables, and
constants are put in the order in which they are read. Where a sum then looks up the same neighbours for each member, in
whatever order, its terms are put in their order, and it is a product of matrices.

Holds before: Loops of one row that `ir.verify_loops` accepts. Holds after: the same, and they compute the
same, sums to rounding.
"""

import itertools
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace

from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Load,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
    Table,
)
from slopewise.ir.operations import ADD, MULTIPLY
from slopewise.passes.row_statements import scoped_loads, with_loads
from slopewise.passes.row_sums import trips

__all__ = ["folded"]

LEAST = 4096  # numbers for which it is worth looking
MOST_READ = 1.25  # times that a number may be read, on average
MOST_RUNS = 4  # times that a sum may read each number, to be split into as many sums


def folded(loops: Loops) -> Loops:
    """Return Loops without large arrays of products that are read once.

    Args:
        loops: Loops of one row.

    Example:
        >>> from slopewise import ir
        >>> from slopewise.passes import row_folding
        >>> row_folding.LEAST = 4
        >>> loops = ir.parse_loops('''loops(x[2]) {
        ...   constant c[4] = 1, 2, 3, 4
        ...   table at[4] = 0, 1, 1, 0
        ...   table turned[4] = 3, 2, 1, 0
        ...   local m[4], y[2]
        ...   for i in 4 { m[i] = x[@at[i]] * c[i] }
        ...   for i in 2 { y[i] = sum(j in 2: m[@turned[2*i + j]]) }
        ...   return y[0 .. 2]
        ... }''')
        >>> ir.interpret_loops(row_folding.folded(loops), [2.0, 3.0]) == ir.interpret_loops(loops, [2.0, 3.0])
        True
        >>> row_folding.LEAST = 4096
    """
    made = loops
    for name in [item.name for item in loops.arrays if item.kind is Kind.LOCAL and item.size >= LEAST]:
        made = _Folding(made, name).loops()
    if made is loops:
        return loops
    return _Ordering(made).loops()


class _Folding:
    """One array, computed where it is read."""

    def __init__(self, loops: Loops, name: str) -> None:
        self.of = loops
        self.name = name
        self.arrays = {item.name: item for item in loops.arrays}
        self.tables = {table.name: table for table in loops.tables}
        self.new_arrays: list[Array] = []
        self.new_tables: list[Table] = []
        self.is_possible = True
        self.variable = ""
        self.value: Expression | None = None

    def loops(self) -> Loops:
        """Return the Loops without the array, or as they are."""
        of, name = self.of, self.name
        if name in {of.arrays[position].name for position in set(of.output_arrays)} or not self.find():
            return of
        body = tuple(made for statement in of.body for made in self.statement(statement))
        if not self.is_possible:
            return of
        arrays = [*(item for item in of.arrays if item.name != name), *self.new_arrays]
        return _rebuilt(of, arrays, [*of.tables, *self.new_tables], body)

    def find(self) -> bool:
        """Find the nest that computes the array; tell whether it is a product, and read once."""
        stores = [s for s in self.of.body if isinstance(s, For) and self.stores_it(s)]
        if len(stores) != 1:
            return False
        nest = stores[0]
        (statement, *others), size = nest.body, self.arrays[self.name].size
        if others or nest.is_ordered or len(nest.ranges) != 1 or not isinstance(statement, Store):
            return False
        (loop,) = nest.ranges
        is_whole = loop.start == Index(Affine(0)) and loop.stop == Index(Affine(size))
        value = statement.value
        if not is_whole or statement.index != Index(Affine(0, ((loop.variable, 1),))):
            return False
        if not isinstance(value, Apply) or not all(isinstance(operand, Load) for operand in value.operands):
            return False
        reads, is_summed = 0.0, False
        for load, scope in scoped_loads(self.of.body):
            if load.array == self.name:
                reads += trips(scope)
                is_summed |= load.index.table is not None
        self.variable, self.value = loop.variable, value
        return is_summed and reads <= MOST_READ * size

    def stores_it(self, statement: Statement) -> bool:
        """Tell whether the array is written in a statement."""
        match statement:
            case For(_, body):
                return any(self.stores_it(inner) for inner in body)
            case Store(array=name):
                return name == self.name
        return False

    def statement(self, statement: Statement) -> Iterator[Statement]:
        """Yield a statement that computes what it reads of the array; nothing in the place of the nest itself."""
        match statement:
            case For(_, body):
                inside = tuple(made for inner in body for made in self.statement(inner))
                if inside:
                    yield replace(statement, body=inside)
            case Store(array=name) if name == self.name:
                return
            case Store(_, _, value) | Let(_, value):
                yield replace(statement, value=with_loads(value, self.load))

    def load(self, load: Load) -> Expression:
        """Return what computes an element."""
        if load.array != self.name or self.value is None:
            return load
        assert isinstance(self.value, Apply)
        inner = [operand for operand in self.value.operands if isinstance(operand, Load)]
        return Apply(self.value.code, tuple(self.composed(operand, load.index) for operand in inner))

    def composed(self, inner: Load, place: Index) -> Load:
        """Return a load of the nest at the member that a place says."""
        index = inner.index
        if place.table is None:
            at = self.inserted(index.at, place.affine)
            return Load(inner.array, Index(self.inserted(index.affine, place.affine), index.table, at))
        if place.affine.terms or (index.table is not None and index.affine.terms):
            self.is_possible = False
            return inner
        members = [place.affine.offset + x for x in self.tables[place.table].values]
        factor = dict(index.affine.terms if index.table is None else index.at.terms).get(self.variable, 0)
        offset = index.affine.offset if index.table is None else index.at.offset
        found = [offset + factor * member for member in members]
        if index.table is not None:
            values = self.tables[index.table].values
            if not self.are_within(found, len(values)):
                return inner
            found = [index.affine.offset + values[x] for x in found]
        item = self.arrays[inner.array]
        if not self.are_within(found, item.size):
            return inner
        if item.kind is Kind.CONSTANT:
            ordered = array("d", [item.values[x] for x in found])
            made = Array(
                _unused("c", self.of, [*self.new_arrays, *self.new_tables]),
                Kind.CONSTANT,
                (len(found),),
                array("i"),
                ordered,
            )
            self.new_arrays.append(made)
            return Load(made.name, Index(place.at))
        table = Table(_unused("at", self.of, [*self.new_arrays, *self.new_tables]), array("i", found))
        self.new_tables.append(table)
        return Load(inner.array, Index(Affine(0), table.name, place.at))

    def are_within(self, places: Sequence[int], size: int) -> bool:
        """Tell whether all places are there; what is looked up nowhere may be anything."""
        self.is_possible &= min(places) >= 0 and max(places) < size
        return self.is_possible

    def inserted(self, formula: Affine, member: Affine) -> Affine:
        """Return a formula of the nest at a member that is another formula."""
        factor = dict(formula.terms).get(self.variable, 0)
        if not factor:
            return formula
        return Affine(formula.offset + factor * member.offset, tuple((name, factor * x) for name, x in member.terms))


def _rebuilt(loops: Loops, arrays: Sequence[Array], tables: Sequence[Table], body: tuple[Statement, ...]) -> Loops:
    """Return Loops with other arrays, inputs first and local ones last, and the same outputs."""
    kinds = list(Kind)
    arranged = sorted(arrays, key=lambda item: kinds.index(item.kind))
    position = {item.name: i for i, item in enumerate(arranged)}
    output_arrays = array("i", [position[loops.arrays[old].name] for old in loops.output_arrays])
    return replace(loops, arrays=tuple(arranged), tables=tuple(tables), body=body, output_arrays=output_arrays)


def _unused(stem: str, loops: Loops, more: Sequence[Array | Table]) -> str:
    """Return a name that nothing bears."""
    taken = {item.name for item in (*loops.arrays, *loops.tables, *more)} | set(_names(loops.body))
    return next(name for number in itertools.count(1) if (name := f"{stem}{number}") not in taken)


def _names(statements: Sequence[Statement]) -> Iterator[str]:
    """Yield the names of variables and locals."""
    todo: list[Statement | Expression] = list(statements)
    while todo:
        match todo.pop():
            case For(ranges, body):
                yield from (loop.variable for loop in ranges)
                todo += body
            case Sum(ranges, term):
                yield from (loop.variable for loop in ranges)
                todo.append(term)
            case Let(name, value):
                yield name
                todo.append(value)
            case Store(_, _, value):
                todo.append(value)
            case Apply(_, operands):
                todo += operands


def _tables_elsewhere(statements: Sequence[Statement]) -> set[str | None]:
    """Return the tables that bounds of loops and places of stores are looked up in."""
    found: set[str | None] = set()
    todo: list[Statement | Expression] = list(statements)
    while todo:
        ranges: Sequence[Range] = ()
        match todo.pop():
            case For(ranges, body):
                todo += body
            case Sum(ranges, term):
                todo.append(term)
            case Store(_, index, value):
                found.add(index.table)
                todo.append(value)
            case Let(_, value):
                todo.append(value)
            case Apply(_, operands):
                todo += operands
        found |= {bound.table for loop in ranges for bound in (loop.start, loop.stop)}
    return found


class _Ordering:
    """Sums of gathered numbers times constants, with their terms in the order of the numbers.

    Where each member of the nest then reads the same neighbours, each as often, they are products of matrices.
    """

    def __init__(self, loops: Loops) -> None:
        self.of = loops
        self.arrays = {item.name: item for item in loops.arrays}
        self.tables = {table.name: table.values for table in loops.tables}
        self.made: list[Array] = []

    def loops(self) -> Loops:
        """Return the Loops, without tables and constants that nothing needs any more."""
        body = tuple(self.statement(statement) for statement in self.of.body)
        loads = [load for load, _ in scoped_loads(body)]
        used = {load.index.table for load in loads} | _tables_elsewhere(body)
        read = {load.array for load in loads} | {self.of.arrays[place].name for place in set(self.of.output_arrays)}
        kept = [item for item in self.of.arrays if item.kind is not Kind.CONSTANT or item.name in read]
        tables = [table for table in self.of.tables if table.name in used]
        return _rebuilt(self.of, [*kept, *self.made], tables, body)

    def statement(self, statement: Statement) -> Statement:
        """Return a statement with its sums in order."""
        match statement:
            case For(_, body):
                return replace(statement, body=tuple(self.statement(inner) for inner in body))
            case Store(_, _, value) | Let(_, value):
                return replace(
                    statement, value=rewritten(value, lambda item: self.sum(item) if isinstance(item, Sum) else item)
                )

    def sum(self, node: Sum) -> Expression:
        """Return a sum in order; itself where that cannot be."""
        import numpy as np

        found = self.gathered(node)
        if found is None:
            return node
        (loop,), gathered, constant = node.ranges, *found
        n, at = int(trips(node.ranges)), gathered.index.at
        assert gathered.index.table is not None
        places = np.array(self.tables[gathered.index.table]).reshape(-1, n) + gathered.index.affine.offset
        order = np.argsort(places, axis=1, kind="stable")
        in_order = np.take_along_axis(places, order, axis=1)
        first, counts = np.unique(in_order[0], return_counts=True)
        times, width = int(counts[0]), len(first)
        is_one_run = first[-1] - first[0] == width - 1 and times <= MOST_RUNS
        if not (is_one_run and (counts == times).all() and (in_order == in_order[0]).all()):
            return node
        factors = np.array(self.arrays[constant.array].values)[: places.size].reshape(places.shape)
        in_runs = np.take_along_axis(factors, order, axis=1).reshape(len(places), width, times)
        own = Range(loop.variable, Index(Affine(0)), Index(Affine(width)))
        terms = tuple((name, 1 if name == loop.variable else factor // n * width) for name, factor in at.terms)
        total: Expression | None = None
        for number in range(times):
            name = _unused("c", self.of, self.made)
            values = array("d", np.ascontiguousarray(in_runs[:, :, number]).tobytes())
            self.made.append(Array(name, Kind.CONSTANT, (len(places), width), array("i"), values))
            read = Load(gathered.array, Index(Affine(int(first[0]), ((loop.variable, 1),))))
            run = Sum((own,), Apply(MULTIPLY, (Load(name, Index(Affine(0, terms))), read)))
            total = run if total is None else Apply(ADD, (total, run))
        return total or node

    def gathered(self, node: Sum) -> tuple[Load, Load] | None:
        """Return what is gathered and the constants that it is multiplied by, if that is all of a sum."""
        match node:
            case Sum((loop,), Apply(code, (Load() as one, Load() as other))) if code == MULTIPLY:
                gathered, constant = (one, other) if one.index.table is not None else (other, one)
            case _:
                return None
        index, n = gathered.index, trips(node.ranges)
        if index.table is None or index.affine.terms or constant.index != Index(index.at) or index.at.offset:
            return None
        others = dict(index.at.terms)
        is_ours = others.pop(loop.variable, 0) == 1 and all(factor % n == 0 for factor in others.values())
        size = len(self.tables[index.table])
        is_constant = self.arrays[constant.array].kind is Kind.CONSTANT and self.arrays[constant.array].size >= size
        is_known = loop.start == Index(Affine(0)) and 0 < n < float("inf") and size % n == 0
        return (gathered, constant) if is_ours and is_constant and is_known else None
