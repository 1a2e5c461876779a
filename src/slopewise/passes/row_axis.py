"""`with_rows`: Loops for one row become Loops for many.

What depends on a number of the row gets an axis for the rows, outermost; what does not is computed once. The loop over
the rows stands outermost in each nest, and inside a scan: rows are independent, and may be in the lanes of vectors.

An output is wanted for each row, or added up over the rows. Where nothing else reads the numbers that are added up, the
sum stands in their place: the gradient by a weight, a product in each row, becomes one sum of products.

Holds before: Loops that `ir.verify_loops` accepts. Holds after: Loops that it accepts, and that compute in every row
what the Loops of one row compute; sums to rounding.
"""

import itertools
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
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
from slopewise.ir.operations import ADD, DIVIDE, MULTIPLY, NEGATE, SUBTRACT
from slopewise.passes.row_inputs import RowInputs, lay_out
from slopewise.passes.row_statements import loads_in, nests_of, rewritten, stores_in, without_names

__all__ = ["MEAN", "NONE", "REDUCTIONS", "SUM", "Block", "with_rows"]

NONE, MEAN, SUM = "none", "mean", "sum"
REDUCTIONS = (NONE, MEAN, SUM)
DIVIDED = 64  # numbers of a mean; more are multiplied by the reciprocal, which is not always the nearest number


@dataclass(frozen=True, slots=True)
class Block:
    """Outputs that belong together.

    Attributes:
        length: How many outputs of one row it is.
        reduction: `none`: they come for each row, row after row; `mean` or `sum` over the rows.
    """

    length: int
    reduction: str = NONE


def with_rows(loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block]) -> Loops:
    """Return Loops for so many rows.

    Args:
        loops: What is computed in one row.
        n_rows: How many rows, at least 1.
        tables: For each input the table that it is a column of, counted from 0; -1 where all rows share it.
        blocks: What becomes of the outputs, all of them, in order.

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
    return _RowAxis(loops, n_rows, tables, blocks).loops()


@dataclass(slots=True)
class _Placed:
    """Where the numbers of a local array that has rows stand: in which array, how far apart rows are, from where on."""

    array: str
    stride: int
    offset: int = 0


class _RowAxis:
    def __init__(self, loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block]) -> None:
        self.of = loops
        self.n_rows = n_rows
        self.blocks = blocks
        self.arrays = {item.name: item for item in loops.arrays}
        self.body = without_names(loops.body)
        self.names = {*self.arrays, *(table.name for table in loops.tables), *_variables(self.body)}
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

    def loops(self) -> Loops:
        """Return the Loops of many rows."""
        outputs = self.outputs()
        body = (*self.block(self.body), *self.after)
        for name, placed in self.placed.items():
            if name not in self.reduced and placed.array == name:
                item = self.arrays[name]
                self.locals[name] = _local(name, (self.n_rows, *item.shape) if item.size > 1 else (self.n_rows,))
        arrays = (*self.inputs.arrays, *self.constants, *self.locals.values())
        position = {item.name: number for number, item in enumerate(arrays)}
        columns: list[Any] = []
        places: list[Any] = []
        for name, where in outputs:
            columns.append(_repeated(position[name], len(where)))
            places.append(where)
        return Loops(
            self.inputs.names, arrays, (*self.of.tables, *self.tables), body, _joined(columns), _joined(places)
        )

    # ------------------------------------------------------------------ outputs

    def outputs(self) -> "list[tuple[str, range | array[int]]]":
        """Decide where each output stands; note what is to be added up on the way, and what is copied."""
        of = self.of
        pairs = [(of.arrays[a].name, p) for a, p in zip(of.output_arrays, of.output_places, strict=True)]
        begin, parts = 0, []
        for block in self.blocks:
            parts.append((block, _runs(pairs[begin : begin + block.length])))
            begin += block.length
        read = {load.array for store in stores_in(self.body) for load in loads_in(store.value)}
        uses: dict[str, list[str]] = {}
        for block, runs in parts:
            for name, _ in runs:
                uses.setdefault(name, []).append(block.reduction)
        found: list[tuple[str, range | array[int]]] = []
        for block, runs in parts:
            if block.reduction == NONE:
                found += self.of_rows(block, runs, uses)
            else:
                for name, places in runs:
                    found.append(self.over_rows(name, places, block.reduction, uses, read))
        return found

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
        self.locals[target] = _local(target, (n, width) if width > 1 else (n,))
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
        self, name: str, places: range, reduction: str, uses: dict[str, list[str]], read: set[str]
    ) -> "tuple[str, range | array[int]]":
        """Return where the sums or means over the rows of a run of elements stand."""
        if name not in self.dependent and reduction == MEAN and self.arrays[name].kind is not Kind.INPUT:
            return name, places
        is_alone = name in self.placed and name not in read and set(uses[name]) == {reduction}
        if is_alone and self.reduced.get(name, reduction) == reduction:
            self.reduced[name] = reduction
            return name, places
        return self.collected(name, places, reduction)

    def collected(self, name: str, places: range, reduction: str) -> "tuple[str, range | array[int]]":
        """Add up, or multiply, a run of elements in a nest of its own."""
        target = self.name("total")
        item = self.arrays[name]
        whole = self.is_whole(name, places) and len(item.shape) > 1
        self.locals[target] = _local(target, item.shape if whole else (len(places),))
        if whole:
            variables = [self.name("i") for _ in item.shape]
            ranges = tuple(
                Range(v, Index(Affine(0)), Index(Affine(length)))
                for v, length in zip(variables, item.shape, strict=True)
            )
            source = store = Affine(0, tuple(zip(variables, _strides(item.shape), strict=True)))
        else:
            variable, ranges = self.along(len(places))
            source = self.index(places, variable).affine
            store = self.index(range(len(places)), variable).affine
        self.outside = {loop.variable for loop in ranges}
        value = self.total(Load(name, Index(source)), reduction, len(places))
        self.outside = set()
        statement = Store(target, Index(store), value)
        self.after.append(For(ranges, (statement,)) if ranges else statement)
        return target, range(len(places))

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

    def block(self, statements: Sequence[Statement]) -> Iterator[Statement]:
        """Return the statements of a block with the rows in each nest that depends on them."""
        for ranges, statement in nests_of(statements):
            if isinstance(statement, For):  # a scan, perhaps under loops
                own = {loop.variable for loop in (*ranges, *statement.ranges)}
                self.outside |= own
                inner = replace(statement, body=tuple(self.block(statement.body)))
                self.outside -= own
                yield For(ranges, (inner,)) if ranges else inner
                continue
            name = statement.array
            if name in self.reduced:
                size = self.arrays[name].size
                own = {loop.variable for loop in ranges}
                self.outside |= own
                made = replace(statement, value=self.total(statement.value, self.reduced[name], size))
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
        return rewritten(node, self.load)

    def load(self, load: Load) -> Load:
        placed = self.placed.get(load.array)
        if placed is not None:
            return Load(placed.array, self.moved(load.index, placed))
        return self.inputs.load(load, self.in_row)

    # ------------------------------------------------------------------ sums

    def total(self, node: Expression, reduction: str, count: int) -> Expression:
        """Return the sum or the mean of an expression over the rows.

        Args:
            node: What each row has.
            reduction: Which.
            count: How many numbers are computed so.
        """
        if reduction == MEAN and not self.has_rows(node):
            return self.expression(node)
        total = self.sum(node)
        if reduction == SUM or self.n_rows == 1:
            return total
        if count > DIVIDED or not self.n_rows & (self.n_rows - 1):
            return Apply(MULTIPLY, (total, Literal(1.0 / self.n_rows)))
        return Apply(DIVIDE, (total, Literal(float(self.n_rows))))

    def sum(self, node: Expression) -> Expression:
        """Return the sum over the rows, its terms apart: each may be a sum of products."""
        terms: list[tuple[int, Expression]] = []
        todo: list[tuple[int, Expression]] = [(1, node)]
        while todo:
            sign, item = todo.pop()
            match item:
                case Apply(code, (first, second)) if code in (ADD, SUBTRACT):
                    todo += [(sign if code == ADD else -sign, second), (sign, first)]
                case Apply(code, (first,)) if code == NEGATE:
                    todo.append((-sign, first))
                case _:
                    terms.append((sign, self.sum_of_term(item)))
        sign, total = terms[0]
        total = total if sign > 0 else Apply(NEGATE, (total,))
        for sign, term in terms[1:]:
            total = Apply(ADD if sign > 0 else SUBTRACT, (total, term))
        return total

    def sum_of_term(self, node: Expression) -> Expression:
        if not self.has_rows(node):
            return Apply(MULTIPLY, (Literal(float(self.n_rows)), self.expression(node)))
        factor = None
        if isinstance(node, Apply) and node.code == MULTIPLY:
            first, second = node.operands
            if isinstance(first, Literal) and math.isfinite(first.value):
                factor, node = first, second
            elif isinstance(second, Literal) and math.isfinite(second.value):
                factor, node = second, first
        if isinstance(node, Sum):
            total = Sum((self.range, *node.ranges), self.expression(node.term))
        else:
            total = Sum((self.range,), self.expression(node))
        return total if factor is None else Apply(MULTIPLY, (factor, total))


def _local(name: str, shape: tuple[int, ...]) -> Array:
    return Array(name, Kind.LOCAL, shape, array("i"), array("d"))


def _runs(pairs: Sequence[tuple[str, int]]) -> list[tuple[str, range]]:
    """Split outputs into runs of one array, evenly apart."""
    found: list[tuple[str, range]] = []
    for name, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        places = [place for _, place in group]
        at = 0
        while at < len(places):
            end = at + 1
            step = places[end] - places[at] if end < len(places) else 0
            if step:
                while end < len(places) and places[end] - places[end - 1] == step:
                    end += 1
            found.append((name, range(places[at], places[at] + (step or 1) * (end - at), step or 1)))
            at = end
    return found


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


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
    joined = array("i")
    for part in parts:
        joined.extend(part)
    return joined
