"""`with_rows`: Loops for one row become Loops for many.

What depends on a number of the row gets an axis for the rows, outermost; what does not is computed once. The loop over
the rows stands outermost in each nest, and inside a scan: rows are independent, and may be in the lanes of vectors.

An output is wanted for each row, or added up over the rows. Where nothing else reads the numbers that are added up, the
sum stands in their place: the gradient by a weight, a product in each row, becomes one sum of products.

Holds before: Loops that `ir.verify_loops` accepts. Holds after: Loops that it accepts, and that compute in every row
what the Loops of one row compute; sums to rounding.
"""

import itertools
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slopewise.ir.loops.runs import runs_of
from slopewise.ir.loops.spelling import strides_of
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Expression,
    For,
    Index,
    Kind,
    Literal,
    Load,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
    Table,
)
from slopewise.ir.operations import ADD, MULTIPLY, NEGATE, SUBTRACT
from slopewise.passes.row_bands import in_bands
from slopewise.passes.row_blocks import MEAN, NONE, SUM, Block, divided, local
from slopewise.passes.row_inputs import RowInputs, lay_out
from slopewise.passes.row_statements import loads_in, nests_of, stores_in, with_loads, without_names
from slopewise.passes.row_sums import Term, linear_load, runs_of_sums, terms_of, trips
from slopewise.passes.row_tables import with_member_tables

__all__ = ["Block", "with_rows"]


def with_rows(
    loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block], *, is_in_bands: bool = False
) -> Loops:
    """Return Loops for so many rows.

    Args:
        loops: What is computed in one row.
        n_rows: How many rows, at least 1.
        tables: For each input the table that it is a column of, counted from 0; -1 where all rows share it.
        blocks: What becomes of the outputs, all of them, in order.
        is_in_bands: Whether machine code is made of them, and they may go some rows after another: see `in_bands`.

    Returns:
        Loops whose inputs are those that are shared, in order, then table after table, each row by row. The outputs of
        a block without reduction come row by row.

    Example:
        >>> from slopewise import ir
        >>> loops = ir.parse_loops('''loops(w[2], x[2]) {
        ...   local y[1]
        ...   y[0] = sum(i in 2: w[i] * x[i])
        ...   return y[0]
        ... }''')
        >>> print(with_rows(loops, 3, [-1, -1, 0, 0], [Block(1, "mean")]))
        loops(w[2], x[3, 2]) {
          names "w[0]", "w[1]", "x[0]", "x[1]", "x[0]", "x[1]", "x[0]", "x[1]"
          local y[1]
          y[0] = sum(r in 3, i in 2: w[i] * x[r, i]) / 3
          return y[0]
        }
    """
    return _RowAxis(loops, n_rows, tables, blocks).loops(is_in_bands)


@dataclass(slots=True)
class _Placed:
    """Where the numbers of a local array that has rows stand: in which array, how far apart rows are, from where on."""

    array: str
    stride: int
    offset: int = 0


class _RowAxis:
    def __init__(self, loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block]) -> None:
        self.n_rows = n_rows
        self.blocks = blocks
        self.arrays = {item.name: item for item in loops.arrays}
        self.names = {*self.arrays, *(table.name for table in loops.tables), *_variables(without_names(loops.body))}
        self.of = loops = with_member_tables(loops, self.name)
        self.body = without_names(loops.body)
        self.row = self.name("r")
        self.range = Range(self.row, Index(Affine(0)), Index(Affine(n_rows)))
        self.inputs: RowInputs = lay_out(loops, self.body, n_rows, tables, self.name)
        self.dependent: set[str] = set()
        self.find_dependent()
        self.placed = {
            item.name: _Placed(item.name, item.size)
            for item in loops.arrays
            if item.kind is Kind.LOCAL and item.name in self.dependent
        }
        self.locals = {item.name: item for item in loops.arrays if item.kind is Kind.LOCAL}
        self.constants = [item for item in loops.arrays if item.kind is Kind.CONSTANT]
        self.outside: set[str] = set()  # variables of the loops around the loop over the rows
        self.reduced: dict[str, str] = {}  # arrays in whose place their sums stand, with the reduction
        self.totals: dict[tuple[str, str], str] = {}  # arrays of sums over the rows of others
        self.some_totals: dict[tuple[str, str], str] = {}  # the same of those elements that are outputs
        self.made: set[str] = set()  # those of them that are computed by now
        self.complete: set[str] = set()  # arrays that are written by now
        self.after: list[Statement] = []
        self.tables: list[Table] = []

    def name(self, stem: str) -> str:
        """Return a name that nothing else bears."""
        names = itertools.chain([stem], (f"{stem}{number}" for number in itertools.count(1)))
        name = next(name for name in names if name not in self.names)
        self.names.add(name)
        return name

    def find_dependent(self) -> None:
        """Find the local arrays that depend on the row; a scan may read what is written further on."""
        stores = list(stores_in(self.body))
        size = -1
        while size != len(self.dependent):
            size = len(self.dependent)
            for store in stores:
                if store.array not in self.dependent and self.has_rows(store.value):
                    self.dependent.add(store.array)

    def has_rows(self, node: Expression) -> bool:
        """Tell whether an expression differs from row to row."""
        return any(load.array in self.dependent or self.inputs.has_rows(load) for load in loads_in(node))

    def loops(self, is_in_bands: bool) -> Loops:
        """Return the Loops of many rows."""
        outputs = self.outputs()
        body = (*self.outermost(), *self.after, *self.missing_totals())
        for name, placed in self.placed.items():
            if name not in self.reduced and placed.array == name:
                item = self.arrays[name]
                self.locals[name] = local(name, (self.n_rows, *item.shape) if item.size > 1 else (self.n_rows,))
        arrays = (*self.inputs.arrays, *self.constants, *self.locals.values())
        position = {item.name: number for number, item in enumerate(arrays)}
        columns: list[Any] = []
        places: list[Any] = []
        for name, where in outputs:
            columns.append(_repeated(position[name], len(where)))
            places.append(where)
        made = Loops(
            self.inputs.names, arrays, (*self.of.tables, *self.tables), body, _joined(columns), _joined(places)
        )
        return in_bands(made, self.n_rows, self.row, self.name) if is_in_bands else made

    # ------------------------------------------------------------------ outputs

    def outputs(self) -> "list[tuple[str, range | array[int]]]":
        """Decide where each output stands; note what is to be added up on the way, and what is copied."""
        of = self.of
        pairs = [(of.arrays[a].name, p) for a, p in zip(of.output_arrays, of.output_places, strict=True)]
        begin, parts = 0, []
        for block in self.blocks:
            parts.append((block, _runs(pairs[begin : begin + block.length])))
            begin += block.length
        uses: dict[str, list[str]] = {}
        wanted: dict[tuple[str, str], list[int]] = {}
        for block, runs in parts:
            for name, places in runs:
                uses.setdefault(name, []).append(block.reduction)
                wanted.setdefault((name, block.reduction), []).extend(places)
        self.find_reduced(uses)
        found: list[tuple[str, range | array[int]]] = []
        for block, runs in parts:
            if block.reduction == NONE:
                found += self.of_rows(block, runs, uses)
                continue
            for name, places in runs:
                found.append(self.over_rows(name, places, block.reduction, wanted[name, block.reduction]))
        return found

    def find_reduced(self, uses: dict[str, list[str]]) -> None:
        """Find the arrays in whose place their sums over the rows may stand: nobody needs the numbers of each row.

        They are read, if at all, as multiples that are added up over the rows in their turn.
        """
        kinds = {reduction for of_array in uses.values() for reduction in of_array}
        only = (kinds - {NONE}).pop() if len(kinds - {NONE}) == 1 else None
        readers: dict[str, set[str]] = {}  # the arrays that read one so; "" for a reader of another kind
        for _, statement in nests_of(self.body):
            if isinstance(statement, For):
                for store in stores_in((statement,)):
                    for load in loads_in(store.value):
                        readers.setdefault(load.array, set()).add("")
                continue
            for term in terms_of(statement.value, self.has_rows):
                linear = linear_load(term.core, self.has_rows) if term.has_rows else None
                for load in (*loads_in(term.core), *(load for factor in term.factors for load in loads_in(factor))):
                    readers.setdefault(load.array, set()).add(statement.array if load is linear else "")
        for name in self.placed:
            of_array = set(uses.get(name, ())) or ({only} if only is not None else set())
            if len(of_array) == 1 and NONE not in of_array and (name in uses or name in readers):
                (reduction,) = of_array
                if reduction is not None:
                    self.reduced[name] = reduction
        is_stable = False
        while not is_stable:
            kept = {
                name: reduction
                for name, reduction in self.reduced.items()
                if all(self.reduced.get(reader) == reduction for reader in readers.get(name, ()))
            }
            is_stable = len(kept) == len(self.reduced)
            self.reduced = kept

    def of_rows(
        self, block: Block, runs: list[tuple[str, range]], uses: dict[str, list[str]]
    ) -> "list[tuple[str, range | array[int]]]":
        """Return where a block stands that is wanted row by row: side by side in one array, if that can be."""
        n, width = self.n_rows, block.length
        if not width:
            return []
        if len(runs) == 1 and self.is_whole(*runs[0]) and runs[0][0] in self.placed:
            name = runs[0][0]
            placed = self.placed[name]
            if placed.array == name:
                return [(name, range(n * width))]
        target = self.name("rows")
        self.locals[target] = local(target, (n, width) if width > 1 else (n,))
        copied: dict[str, tuple[list[int], list[int]]] = {}
        at = 0
        for name, places in runs:
            own = self.placed.get(name)
            if own is not None and own.array == name and self.is_whole(name, places) and len(uses[name]) == 1:
                own.array, own.stride, own.offset = target, width, at
                del self.locals[name]
            else:
                sources, targets = copied.setdefault(name, ([], []))
                sources += places
                targets += range(at, at + len(places))
            at += len(places)
        for name, (sources, targets) in copied.items():
            variable, ranges = self.along(len(sources))
            source = self.index(sources, variable)
            index = self.index(targets, variable)
            index = replace(index, affine=self.in_row(index.affine.offset, index.affine.terms, width))
            store = Store(target, index, self.expression(Load(name, source)))
            self.after.append(For((self.range, *ranges), (store,)))
        return [(target, range(n * width))]

    def index(self, places: Sequence[int], variable: str) -> Index:
        """Return places as a formula of a variable, or else as what is looked up."""
        step = places[1] - places[0] if len(places) > 1 else 0
        if all(place == places[0] + k * step for k, place in enumerate(places)):
            return Index(Affine(places[0], ((variable, step),) if step else ()))
        table = Table(self.name("at"), array("i", places))
        self.tables.append(table)
        return Index(Affine(0), table.name, Affine(0, ((variable, 1),)))

    def over_rows(
        self, name: str, places: range, reduction: str, wanted: list[int]
    ) -> "tuple[str, range | array[int]]":
        """Return where the sums or means over the rows of a run of elements stand."""
        if name not in self.dependent and reduction == MEAN and self.arrays[name].kind is not Kind.INPUT:
            return name, places
        if self.reduced.get(name) == reduction:
            return name, places
        held = sorted(set(wanted))
        if 2 * len(held) >= self.arrays[name].size:
            return self.total_of(name, reduction), places
        key = (name, reduction)
        if key not in self.some_totals:
            target = self.some_totals[key] = self.name("total")
            self.locals[target] = local(target, (len(held),))
            variable, ranges = self.along(len(held))
            store = self.index(range(len(held)), variable)
            self.after.append(self.total_nest(ranges, target, store, Load(name, self.index(held, variable)), reduction))
        position = {place: number for number, place in enumerate(held)}
        return self.some_totals[key], array("i", [position[place] for place in places])

    def total_of(self, name: str, reduction: str) -> str:
        """Return the array of the sums or means over the rows of all elements of an array."""
        key = (name, reduction)
        if key not in self.totals:
            target = self.totals[key] = self.name("total")
            self.locals[target] = local(target, self.arrays[name].shape)
        return self.totals[key]

    def missing_totals(self) -> Iterator[Statement]:
        """Yield the nests of sums over the rows that are not computed by now."""
        for (name, reduction), target in self.totals.items():
            if target not in self.made:
                self.made.add(target)
                shape = self.arrays[name].shape
                lengths = [(length, step) for length, step in zip(shape, strides_of(shape), strict=True) if length > 1]
                loops = [(self.name("i"), length, step) for length, step in lengths]
                ranges = tuple(Range(v, Index(Affine(0)), Index(Affine(length))) for v, length, _ in loops)
                index = Index(Affine(0, tuple((v, step) for v, _, step in loops)))
                yield self.total_nest(ranges, target, index, Load(name, index), reduction)

    def total_nest(self, ranges: tuple[Range, ...], target: str, index: Index, load: Load, reduction: str) -> Statement:
        """Return the nest that adds numbers up over the rows."""
        outside, self.outside = self.outside, {loop.variable for loop in ranges}
        store = Store(target, index, self.total(load, reduction, int(trips(ranges))))
        self.outside = outside
        return For(ranges, (store,)) if ranges else store

    def along(self, length: int) -> tuple[str, tuple[Range, ...]]:
        """Return a loop over so many numbers; none over one."""
        if length == 1:
            return "", ()
        variable = self.name("i")
        return variable, (Range(variable, Index(Affine(0)), Index(Affine(length))),)

    def is_whole(self, name: str, places: range) -> bool:
        """Tell whether a run is all of an array in order."""
        return places == range(self.arrays[name].size)

    # ------------------------------------------------------------------ statements

    def outermost(self) -> Iterator[Statement]:
        """Return the statements of the outermost block."""
        last = {
            store.array: number for number, nest in enumerate(nests_of(self.body)) for store in stores_in((nest[1],))
        }
        for number, (ranges, statement) in enumerate(nests_of(self.body)):
            made = list(self.nest(ranges, statement, is_outermost=True))
            yield from self.missing_totals_of(made)
            yield from made
            self.complete |= {name for name, place in last.items() if place == number}

    def missing_totals_of(self, statements: Sequence[Statement]) -> Iterator[Statement]:
        """Yield the nests of those sums over the rows that statements read and that are not computed by now."""
        if not self.totals:
            return
        read = {load.array for store in stores_in(statements) for load in loads_in(store.value)}
        if read & (set(self.totals.values()) - self.made):
            needed = {key: target for key, target in self.totals.items() if target in read}
            everything, self.totals = self.totals, needed
            yield from self.missing_totals()
            self.totals = everything

    def nest(
        self, ranges: tuple[Range, ...], statement: Store | For, *, is_outermost: bool = False
    ) -> Iterator[Statement]:
        """Return a nest with the rows in it, if it depends on them."""
        if isinstance(statement, For):  # a scan, perhaps under loops
            own = {loop.variable for loop in (*ranges, *statement.ranges)}
            self.outside |= own
            inside = [made for nest in nests_of(statement.body) for made in self.nest(*nest)]
            self.outside -= own
            inner = replace(statement, body=tuple(inside))
            yield For(ranges, (inner,)) if ranges else inner
            return
        name = statement.array
        if name in self.reduced:
            own = {loop.variable for loop in ranges}
            self.outside |= own
            size, members = self.arrays[name].size, trips(ranges) if is_outermost else 0.0
            made = replace(statement, value=self.total(statement.value, self.reduced[name], size, members))
            self.outside -= own
        elif name in self.placed:
            placed = self.placed[name]
            made = Store(placed.array, self.moved(statement.index, placed), self.expression(statement.value))
            ranges = (self.range, *ranges)
        else:
            made = replace(statement, value=self.expression(statement.value))
        yield For(ranges, (made,)) if ranges else made

    def moved(self, index: Index, placed: _Placed) -> Index:
        """Return the place of an element of the row."""
        return replace(
            index, affine=self.in_row(index.affine.offset + placed.offset, index.affine.terms, placed.stride)
        )

    def in_row(self, offset: int, terms: Sequence[tuple[str, int]], stride: int) -> Affine:
        """Return a place in the row: the row's variable behind those of the loops around."""
        if not stride:
            return Affine(offset, tuple(terms))
        before = [term for term in terms if term[0] in self.outside]
        behind = [term for term in terms if term[0] not in self.outside]
        return Affine(offset, (*before, (self.row, stride), *behind))

    def expression(self, node: Expression) -> Expression:
        """Return an expression that reads what belongs to the row."""
        return with_loads(node, self.load)

    def load(self, load: Load) -> Load:
        placed = self.placed.get(load.array)
        if placed is not None:
            return Load(placed.array, self.moved(load.index, placed))
        return self.inputs.load(load, self.in_row)

    # ------------------------------------------------------------------ sums

    def total(self, node: Expression, reduction: str, count: int, members: float = 0.0) -> Expression:
        """Return the sum or the mean of an expression over the rows, its terms apart: each may be a sum of products.

        Args:
            node: What each row has.
            reduction: Which.
            count: How many numbers are computed so.
            members: How many numbers read each number, if sums of what is read may be computed before.
        """
        known: list[tuple[bool, Expression]] = []
        added: list[tuple[bool, Expression]] = []
        for term in terms_of(node, self.has_rows):
            into = added
            if not term.has_rows:
                value = self.expression(term.core)
                if reduction == SUM:
                    value = Apply(MULTIPLY, (Literal(float(self.n_rows)), value))
                into = known
            elif (total := self.known_total(term, reduction, members)) is not None:
                value, into = total, known
            elif isinstance(term.core, Sum):
                value = Sum((self.range, *term.core.ranges), self.expression(term.core.term))
            else:
                value = Sum((self.range,), self.expression(term.core))
            for factor in term.factors:
                value = Apply(MULTIPLY, (self.expression(factor), value))
            into.append((term.is_negative, value))
        if added and reduction == MEAN and self.n_rows > 1:
            known.append((False, divided(_added(added), self.n_rows, count)))
        else:
            known += added
        return _added(known)

    def known_total(self, term: Term, reduction: str, members: float) -> Expression | None:
        """Return the sum over the rows of a term whose numbers are added up elsewhere, or are better added up before.

        Args:
            term: The term.
            reduction: Which sum.
            members: How many numbers are computed so; 0 where nothing can be computed before.
        """
        load = linear_load(term.core, self.has_rows)
        if load is None or load.array not in self.placed:
            return None
        if self.reduced.get(load.array) == reduction:
            target = load.array
        elif load.array in self.complete and 2 * members * runs_of_sums(term.core) >= self.arrays[load.array].size:
            target = self.total_of(load.array, reduction)
        else:
            return None
        return with_loads(term.core, lambda own: Load(target, own.index) if own is load else self.load(own))


def _added(terms: list[tuple[bool, Expression]]) -> Expression:
    """Return the sum of terms, each with whether it is subtracted."""
    (is_negative, total), *others = terms
    total = Apply(NEGATE, (total,)) if is_negative else total
    for is_negative, term in others:
        total = Apply(SUBTRACT if is_negative else ADD, (total, term))
    return total


def _runs(pairs: Sequence[tuple[str, int]]) -> list[tuple[str, range]]:
    """Split outputs into runs of one array, evenly apart."""
    of_arrays = itertools.groupby(pairs, key=lambda pair: pair[0])
    return [(name, run) for name, group in of_arrays for run in runs_of([place for _, place in group])]


def _variables(statements: Sequence[Statement]) -> Iterator[str]:
    todo: list[Statement | Expression] = list(statements)
    while todo:
        item = todo.pop()
        match item:
            case For(ranges, body):
                yield from (loop.variable for loop in ranges)
                todo += body
            case Store(_, _, value):
                todo.append(value)
            case Sum(ranges, term):
                yield from (loop.variable for loop in ranges)
                todo.append(term)
            case Apply(_, operands):
                todo += operands


def _repeated(number: int, times: int) -> "array[int]":
    return array("i", [number]) * times


def _joined(parts: "list[range | array[int]]") -> "array[int]":
    import numpy as np

    joined = array("i")
    for part in parts:
        if isinstance(part, range):
            joined.frombytes(np.arange(part.start, part.stop, part.step, dtype=np.intc).tobytes())
        else:
            joined.extend(part)
    return joined
