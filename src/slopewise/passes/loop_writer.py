"""Writing: formulas whose orders and loops are known become Loops."""

import dataclasses
import itertools
from array import array
from collections.abc import Iterator
from typing import Any

from slopewise.ir import CONSTANT, INPUT, name_of
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
    Table,
)
from slopewise.ir.operations import ADD, ATTACH, DETACH, GREATER, WHERE
from slopewise.passes.axes import axes_that_matter, by_steps, product, row_major, strides_of
from slopewise.passes.columns import as_column, as_numbers, distinct
from slopewise.passes.folding import applied, is_zero, summed
from slopewise.passes.formulas import Formulas
from slopewise.passes.partition import Partition
from slopewise.passes.parts import CONSTANTS, INPUTS, Added, Applied, Chosen, Item, Leaf, Part, Space, with_inner

__all__ = ["Writer"]

TIME = "t"

# How many members each of those around has, and the lengths and the variables of the loops around.
Segments = tuple[Any, tuple[int, ...], tuple[str, ...]]


class Writer:
    """Writes formulas as Loops: first `lay_out_inputs`, then, when all is arranged, `loops`.

    Args:
        formulas: The formulas.
    """

    def __init__(self, formulas: Formulas) -> None:
        self.of = formulas
        self.inputs: list[Array] = []
        self.input_number: Any = None  # for each input, which of the arrays it is in
        self.constants: list[Array] = []
        self.locals: list[Array] = []
        self.tables: list[Table] = []
        self.known_constants: dict[tuple[tuple[int, ...], bytes], str] = {}
        self.known_tables: dict[bytes, str] = {}
        self.array_names: dict[int, str] = {}
        self.names: set[str] = set()
        self.counts: dict[str, int] = {}
        self.steps_in: dict[str, set[int]] = {}  # of the loops that read an array

    def loops(self) -> Loops:
        """Return the Loops."""
        import numpy as np

        statements: list[Statement] = []
        nests = [(item.run, statement) for item in self.of.items for statement in self.nests(item)]
        for run, members in itertools.groupby(nests, key=lambda pair: pair[0]):
            body = tuple(statement for _, statement in members)
            if run < 0:
                statements += body
            else:
                times = Range(TIME, Index(Affine(0)), Index(Affine(self.of.runs[run].times)))
                statements.append(For((times,), body, is_ordered=True))
        output_names, which, output_places = self.outputs()
        inputs = [
            dataclasses.replace(a, shape=_shape_by_steps(a.size, self.steps_in.get(a.name, set()))) for a in self.inputs
        ]
        arrays = (*inputs, *self.constants, *self.locals)
        position = {a.name: i for i, a in enumerate(arrays)}
        return Loops(
            names=self.of.program.names,
            arrays=arrays,
            tables=tuple(self.tables),
            body=tuple(statements),
            output_arrays=as_column(np.array([position[name] for name in output_names], dtype=np.intc)[which]),
            output_places=as_column(output_places),
        )

    def lay_out_inputs(self) -> None:
        """Put inputs that are read at the same place of a formula side by side."""
        import numpy as np

        n = self.of.program.n_inputs
        reads = [
            leaf
            for space in with_inner([item.space for item in self.of.items])
            for leaf in space.leaves
            if leaf.source == INPUTS
        ]
        owner = np.full(n, -1)
        signature = np.zeros(n, dtype=np.uint64)
        together = Partition(0)

        for place, leaf in enumerate(reads):
            is_read = np.zeros(n, dtype=bool)
            is_read[leaf.slots] = True
            slots = np.flatnonzero(is_read)
            signature[slots] += np.uint64((place + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
            met = [int(o) for o in distinct(owner[slots]) if o >= 0]
            number = met[0] if met else together.add()
            together.unite([number, *met])
            owner[slots] = number
        n_sets = int(owner.max(initial=-1)) + 1
        sets = np.array([*map(together.find, range(n_sets)), -1], dtype=np.int64)  # the last for what is not read
        component = sets[owner]
        _, way = np.unique(signature, return_inverse=True)
        first_of = np.full(int(way.max()) + 1 if n else 0, n)
        np.minimum.at(first_of, way, np.arange(n))
        order = np.lexsort((np.arange(n), first_of[way], component))
        self.input_number = np.zeros(n, dtype=np.int64)
        for number in distinct(component):
            held = order[component[order] == number]
            name = self.new_name(self.name_of_inputs(held))
            self.of.place_of[held] = np.arange(len(held))
            self.input_number[held] = len(self.inputs)
            self.inputs.append(Array(name, Kind.INPUT, (len(held),), array("i", held.tolist()), array("d")))

    def name_of_inputs(self, held: Any) -> str:
        stems = {self.of.program.names[slot].split("[")[0].rstrip("0123456789") for slot in held[:1000]}
        stem = stems.pop() if len(stems) == 1 else ""
        return stem if stem.isidentifier() else "x"

    def new_name(self, stem: str) -> str:
        number = self.counts.get(stem, 0)
        while True:
            name = stem if number == 0 else f"{stem}{number}"
            number += 1
            if name not in self.names:
                self.names.add(name)
                self.counts[stem] = number
                return name

    def nests(self, item: Item) -> list[Statement]:
        space = item.space
        storage = int(self.of.storage[item.groups[0]])
        if storage not in self.array_names:
            name = self.array_names[storage] = self.new_name(_name_of(item.part))
            self.locals.append(Array(name, Kind.LOCAL, self.of.shapes[storage], array("i"), array("d")))
        letters = iter(_letters())
        has_time = space.times > 0 and space.each is None
        space.variables = tuple(TIME if has_time and not axis else next(letters) for axis in range(len(space.lengths)))
        assert item.part is not None
        segments = None if space.each is None else (space.each, (space.times,), (TIME,))
        index = self.index(self.of.place_of[item.slots], space.lengths, space.variables, segments)
        ranges = self.segments(space, space.each, _affine(0, (TIME,), (1,))) if segments else _ranges(space)[has_time:]
        if isinstance(item.part, Chosen):
            return self.choice(item.part, space, self.array_names[storage], index, ranges, letters)
        store = Store(self.array_names[storage], index, self.expression(item.part, space, letters))
        return _around(ranges, store)

    def choice(
        self, part: Chosen, space: Space, name: str, index: Index, ranges: tuple[Range, ...], letters: Any
    ) -> list[Statement]:
        """Return what finds the greatest or the least: a scan, and what stands there in its end.

        Where there are as many numbers for each member, the scan is around the members, which may then be computed side
        by side; else each member has a scan of its own.
        """
        others = part.others
        first = self.load(part.first)
        others.variables = (next(letters),)
        (variable,) = others.variables
        here = _linear(space)
        many = others.counts is None
        kept = self.new_name("kept")
        size = space.size + others.size
        shape = (size // space.size, space.size) if many and space.size > 1 else (size,)
        self.locals.append(Array(kept, Kind.LOCAL, shape, array("i"), array("d")))
        if many:
            times = _ranges(others)
            begin, before, end = here, _moved(here, 0, variable, space.size), _moved(here, size - space.size)
            after, table = _moved(before, space.size), None
            begin_index, end_index = Index(begin), Index(end)
        else:
            times = self.segments(others, others.counts, _linear(space))
            table = times[0].start.table
            before = _moved(here, 0, variable, 1)
            after = _moved(before, 1)
            begin_index = Index(here, table, here)
            end_index = Index(here, table, _moved(here, 1))
        around, members = (TIME,) if space.times else (), tuple(name for name in space.variables if name != TIME)
        order = (*around, variable, *members) if many else (*around, *members, variable)
        other, latest = self.load(part.other), Load(kept, _in_order(Index(before), order))
        if isinstance(other, Load):
            other = Load(other.array, _in_order(other.index, order))
        pick = Apply(WHERE, (Apply(part.comparison, (other, latest)), other, latest))
        begun, found = Store(kept, begin_index, first), Store(name, index, Load(kept, end_index))
        goes_on = Store(kept, _in_order(Index(after), order), pick)
        if many:
            scan = For(times, tuple(_around(ranges, goes_on)), is_ordered=True)
            return [*_around(ranges, begun), scan, *_around(ranges, found)]
        return _around(ranges, begun, For(times, (goes_on,), is_ordered=True), found)

    def expression(self, part: Part, space: Space, letters: Any) -> Expression:
        import numpy as np

        if isinstance(part, Leaf):
            return self.load(part)
        assert not isinstance(part, Chosen)
        if isinstance(part, Applied):
            return applied(part.code, tuple(self.expression(operand, space, letters) for operand in part.operands))
        terms: list[Expression] = [self.expression(term, space, letters) for term in part.alone]
        for inner, of_each in part.many:
            if isinstance(of_each, Leaf) and of_each.source == CONSTANTS and inner.counts is None:
                with np.errstate(all="ignore"):
                    numbers = self.of.pool[self.of.pool_places[of_each.slots]].reshape(space.size, -1).sum(axis=1)
                terms.append(self.constant(numbers, space.lengths, space.variables))
                continue
            inner.variables = tuple(next(letters) for _ in inner.lengths)
            if inner.counts is not None:
                ranges = self.segments(inner, inner.counts, _linear(space))
            else:
                ranges = _ranges(inner)
            value = self.expression(of_each, inner, letters)
            terms.append(summed(ranges, value))
        terms = [value for value in terms if not is_zero(value)] or [Literal(0.0)]
        total = terms[0]
        for value in terms[1:]:
            total = applied(ADD, (total, value))
        return total

    def segments(self, space: Space, counts: Any, at: Affine) -> tuple[Range, ...]:
        """Return a loop over the members of a space that belong to one of those around it."""
        import numpy as np

        table = self.table(np.concatenate([[0], np.cumsum(counts)]), "start")
        (variable,) = space.variables
        start, stop = Index(Affine(0), table, at), Index(Affine(0), table, Affine(at.offset + 1, at.terms))
        return (Range(variable, start, stop),)

    def load(self, leaf: Leaf) -> Expression:
        space = leaf.space
        around = space.parent if space.parent is not None and space.counts is None else None
        lengths = (around.lengths if around else ()) + space.lengths
        variables = (around.variables if around else ()) + space.variables
        if leaf.source == CONSTANTS:
            return self.constant(self.of.pool[self.of.pool_places[leaf.slots]], lengths, variables)
        column = self.of.place_of[leaf.slots]
        name = (
            self.inputs[self.input_number[leaf.slots[0]]].name
            if leaf.source == INPUTS
            else self.array_names[leaf.source]
        )
        segments: Segments | None = None
        if space.parent is not None and space.counts is not None:
            segments = (space.counts, space.parent.lengths, space.parent.variables)
        elif (around or space).each is not None:
            segments = ((around or space).each, ((around or space).times,), (TIME,))
        index = self.index(column, lengths, variables, segments)
        self.steps_in.setdefault(name, set()).update(abs(step) for _, step in index.affine.terms)
        return Load(name, index)

    def index(
        self, column: Any, lengths: tuple[int, ...], variables: tuple[str, ...], segments: "Segments | None" = None
    ) -> Index:
        """Return the places of a column as a formula of loop variables, or else as what is looked up."""
        strides = strides_of(column, lengths)
        if strides is not None:
            return Index(_affine(int(column[0]), variables, strides))
        return self.gathered(column, lengths, variables, segments)

    def gathered(
        self, column: Any, lengths: tuple[int, ...], variables: tuple[str, ...], segments: "Segments | None"
    ) -> Index:
        """Return an index that is looked up, by the outermost variables alone if the inner ones are regular."""
        import numpy as np

        if segments is not None:
            index = self.by_steps(column, lengths, variables, segments)
            if index is not None:
                return index
        best: tuple[int, tuple[int, ...]] | None = None
        for outer in range(1, len(lengths)):
            block = product(lengths[outer:])
            rows = column.reshape(-1, block)
            pattern = rows[0] - rows[0, 0]
            if (rows == rows[:, :1] + pattern).all():
                strides = strides_of(pattern, lengths[outer:])
                if strides is not None:
                    best = (outer, strides)
                    break
        if best is None:
            table = self.table(column, "at")
            return Index(Affine(0), table, _affine(0, variables, row_major(lengths)))
        outer, strides = best
        starts = column.reshape(-1, product(lengths[outer:]))[:, 0]
        kept = axes_that_matter(starts.reshape(lengths[:outer]))
        starts = starts.reshape(lengths[:outer])[tuple(slice(None) if i in kept else 0 for i in range(outer))]
        table = self.table(np.ascontiguousarray(starts).reshape(-1), "at")
        at_lengths = tuple(lengths[i] for i in kept)
        at = _affine(0, tuple(variables[i] for i in kept), row_major(at_lengths))
        return Index(_affine(0, variables[outer:], strides), table, at)

    def by_steps(
        self, column: Any, lengths: tuple[int, ...], variables: tuple[str, ...], segments: "Segments"
    ) -> Index | None:
        """Return the places of a column that goes by steps in each segment, if that is so."""
        import numpy as np

        block = product(lengths[1:])
        rows = column.reshape(-1, block)
        pattern = rows[0] - rows[0, 0]
        inner = strides_of(pattern, lengths[1:])
        found = by_steps(np.ascontiguousarray(rows[:, 0]), segments[0])
        if inner is None or found is None or not (rows == rows[:, :1] + pattern).all():
            return None
        step, begins = found
        if (segments[0] == 0).all():
            return None
        affine = _affine(0, variables, (step, *inner))
        outer = self.index(begins, segments[1], segments[2])
        return Index(
            Affine(affine.offset + outer.affine.offset, outer.affine.terms + affine.terms), outer.table, outer.at
        )

    def table(self, values: Any, stem: str) -> str:
        import numpy as np

        held = np.ascontiguousarray(values, dtype=np.intc)
        key = held.tobytes()
        name = self.known_tables.get(key)
        if name is None:
            name = self.known_tables[key] = self.new_name(stem)
            self.tables.append(Table(name, array("i", key)))
        return name

    def constant(self, numbers: Any, lengths: tuple[int, ...], variables: tuple[str, ...]) -> Expression:
        """Return frozen numbers: one that is the same for all, or an array with the axes along which they differ."""
        import numpy as np

        values = numbers.reshape(lengths or (1,))
        kept = axes_that_matter(values.view(np.int64))
        held = np.ascontiguousarray(values[tuple(slice(None) if i in kept else 0 for i in range(values.ndim))])
        if not kept:
            return Literal(float(held.reshape(-1)[0]))
        key = (held.shape, held.tobytes())
        name = self.known_constants.get(key)
        if name is None:
            name = self.known_constants[key] = self.new_name("c")
            self.constants.append(Array(name, Kind.CONSTANT, held.shape, array("i"), array("d", key[1])))
        return Load(name, Index(_affine(0, tuple(variables[i] for i in kept), row_major(held.shape))))

    def outputs(self) -> tuple[list[str], Any, Any]:
        """Return names of arrays; for each output which of them it is an element of, and its place there."""
        import numpy as np

        slots = self.of.same[as_numbers(self.of.program.outputs)]
        codes = self.of.codes[slots]
        places = self.of.place_of[slots]
        keys = np.full(len(slots), -1)
        is_input, is_constant = codes == INPUT, codes == CONSTANT
        computed = ~(is_input | is_constant)
        keys[is_input] = -2 - self.input_number[slots[is_input]]
        keys[computed] = self.of.storage[self.of.group_of[slots[computed]]]
        if is_constant.any():
            loose, places[is_constant] = np.unique(slots[is_constant], return_inverse=True)
            values = array("d", self.of.pool[self.of.pool_places[loose]].tobytes())
            name = self.new_name("c")
            self.constants.append(Array(name, Kind.CONSTANT, (len(values),), array("i"), values))
            self.array_names[-1] = name
        found, which = np.unique(keys, return_inverse=True)
        names = [self.array_names[key] if key >= -1 else self.inputs[-2 - key].name for key in found.tolist()]
        return names, which.reshape(-1), places


def _name_of(part: Part | None) -> str:
    """Return what an array of a formula's values is called: its last operation that does something to a number."""
    while isinstance(part, Applied) and part.code in (DETACH, ATTACH):
        part = part.operands[0]
    if isinstance(part, Applied):
        return name_of(part.code)
    if isinstance(part, Chosen):
        return "max" if part.comparison == GREATER else "min"
    return "sum" if isinstance(part, Added) else "copy"


def _around(ranges: tuple[Range, ...], *body: Statement) -> list[Statement]:
    return [For(ranges, body)] if ranges else list(body)


def _moved(place: Affine, offset: int, variable: str = "", stride: int = 0) -> Affine:
    """Return a place further on; with a variable more, which runs inside all others."""
    return Affine(place.offset + offset, place.terms + (((variable, stride),) if stride else ()))


def _in_order(index: Index, variables: tuple[str, ...]) -> Index:
    """Return an index whose terms stand in the order of loops."""
    affine, at = (
        Affine(place.offset, tuple(sorted(place.terms, key=lambda term: variables.index(term[0]))))
        for place in (index.affine, index.at)
    )
    return Index(affine, index.table, at)


def _affine(offset: int, variables: tuple[str, ...], strides: tuple[int, ...]) -> Affine:
    return Affine(offset, tuple((v, s) for v, s in zip(variables, strides, strict=True) if s))


def _linear(space: Space) -> Affine:
    return _affine(0, space.variables, row_major(space.lengths))


def _ranges(space: Space) -> tuple[Range, ...]:
    return tuple(
        Range(v, Index(Affine(0)), Index(Affine(n))) for v, n in zip(space.variables, space.lengths, strict=True)
    )


def _shape_by_steps(size: int, steps: set[int]) -> tuple[int, ...]:
    """Return the axes of an array that loops go through in some steps: the finest that have these steps."""
    cuts = [1]
    for step in sorted(steps):
        if step > cuts[-1] and step < size and step % cuts[-1] == 0 and size % step == 0:
            cuts.append(step)
    cuts.append(size)
    shape = tuple(high // low for low, high in itertools.pairwise(cuts))[::-1]
    return shape if size > 1 else (1,)


def _letters() -> Iterator[str]:
    for round_ in range(1000):
        for letter in "ijklmnpqrs":
            yield f"{letter}{round_ or ''}"
