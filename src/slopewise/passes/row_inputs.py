"""Where the inputs of one row stand when there are many rows: shared arrays, and tables with a line for each row."""

import itertools
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from slopewise.ir.loops.extents import Extents
from slopewise.ir.loops.structure import Affine, Array, Kind, Load, Loops, Statement
from slopewise.passes.row_statements import scoped_loads

__all__ = ["RowInputs", "lay_out"]

MOST_SEGMENTS = 16  # of one array
SHARED = -1


@dataclass(frozen=True, slots=True)
class Segment:
    """Elements side by side of an array of the one row, and where they stand for many.

    Attributes:
        start: The first element.
        stop: The element after the last.
        array: The array that holds them for all rows.
        stride: How far apart rows stand; 0 where all rows share them.
        offset: Where the first stands, in row 0.
        step: How far apart they stand.
    """

    start: int
    stop: int
    array: str
    stride: int
    offset: int = 0
    step: int = 1


@dataclass(slots=True)
class RowInputs:
    """The inputs of many rows.

    Attributes:
        names: Their names.
        arrays: The arrays that hold them.
        segments: For each input array of the one row, its parts.
        of_load: For a load that is not of its array's first part, by identity, the part.
    """

    names: tuple[str, ...]
    arrays: list[Array] = field(default_factory=list)
    segments: dict[str, list[Segment]] = field(default_factory=dict)
    of_load: dict[int, Segment] = field(default_factory=dict)

    def has_rows(self, load: Load) -> bool:
        """Tell whether a load reads a number of the row."""
        return load.array in self.segments and self.segment(load).stride != 0

    def load(self, load: Load, place: Callable[[int, Sequence[tuple[str, int]], int], Affine]) -> Load:
        """Return a load of the same number in some row.

        Args:
            load: The load.
            place: Gives a place in a row, of an offset, terms, and how far apart rows stand.
        """
        if load.array not in self.segments:
            return load
        part = self.segment(load)
        affine, step = load.index.affine, part.step
        terms = tuple((variable, factor * step) for variable, factor in affine.terms)
        offset = part.offset + (affine.offset - part.start) * step
        return Load(part.array, replace(load.index, affine=place(offset, terms, part.stride)))

    def segment(self, load: Load) -> Segment:
        """Return the part of its array that a load reads."""
        return self.of_load.get(id(load)) or self.segments[load.array][0]


def lay_out(
    loops: Loops, body: Sequence[Statement], n_rows: int, tables: Sequence[int], name: Callable[[str], str]
) -> RowInputs:
    """Lay the inputs of many rows out.

    An array of the one row whose numbers come from several tables comes apart, if each load reads of one. Else what is
    shared is copied for each row.

    Args:
        loops: The Loops of one row.
        body: Its statements, without names; the loads that will be asked for.
        n_rows: How many rows.
        tables: For each input its table, -1 where it is shared.
        name: Gives names that are free.
    """
    return _Layout(loops, body, n_rows, tables, name).made()


class _Layout:
    def __init__(
        self, loops: Loops, body: Sequence[Statement], n_rows: int, tables: Sequence[int], name: Callable[[str], str]
    ) -> None:
        self.of = loops
        self.n_rows = n_rows
        self.tables = tables
        self.name = name
        self.outputs = {loops.arrays[position].name for position in set(loops.output_arrays)}
        widths = [0] * (max(tables, default=SHARED) + 1)
        n_shared = 0
        self.column: list[int] = []
        for table in tables:
            if table == SHARED:
                self.column.append(n_shared)
                n_shared += 1
            else:
                self.column.append(widths[table])
                widths[table] += 1
        self.widths = widths
        self.begins = list(itertools.accumulate((n_rows * width for width in widths), initial=n_shared))
        self.whole: dict[int, str] = {}  # tables that stand as they are
        names = [given for given, table in zip(loops.names, tables, strict=True) if table == SHARED]
        for number in range(len(widths)):
            names += [given for given, table in zip(loops.names, tables, strict=True) if table == number] * n_rows
        self.found = RowInputs(tuple(names))
        self.loads: dict[str, list[tuple[Load, tuple[int, int] | None]]] = {}
        extents = Extents({table.name: table for table in loops.tables})
        mixed = {item.name for item in loops.arrays if item.kind is Kind.INPUT and len(set(self.kinds(item))) > 1}
        for load, scope in scoped_loads(body):
            reach = None
            if load.array in mixed:
                try:
                    reach = extents.of_index(load.index, scope)
                except KeyError:
                    reach = None
            self.loads.setdefault(load.array, []).append((load, reach))

    def kinds(self, item: Array) -> list[int]:
        """Return for each element of an input array its table."""
        return [self.tables[given] for given in item.inputs]

    def made(self) -> RowInputs:
        for item in self.of.arrays:
            if item.kind is Kind.INPUT:
                self.found.segments[item.name] = self.parts(item)
        return self.found

    def parts(self, item: Array) -> list[Segment]:
        kinds = self.kinds(item)
        ends = [0, *(e for e in range(1, item.size) if kinds[e] != kinds[e - 1]), item.size]
        if len(ends) == 2:
            return [self.part(item, 0, item.size, kinds[0])]
        loads = self.loads.get(item.name, [])
        owners = [_part_of(reach, ends) for _, reach in loads]
        if item.name in self.outputs or len(ends) - 1 > MOST_SEGMENTS or None in owners:
            return [self.gathered(item)]
        parts = [self.part(item, start, stop, kinds[start]) for start, stop in itertools.pairwise(ends)]
        for (load, _), owner in zip(loads, owners, strict=True):
            assert owner is not None
            self.found.of_load[id(load)] = parts[owner]
        return parts

    def part(self, item: Array, start: int, stop: int, table: int) -> Segment:
        """Return where elements of one table stand, or of what is shared."""
        is_whole = stop - start == item.size
        shape = item.shape if is_whole else (stop - start,)
        columns = [self.column[given] for given in item.inputs[start:stop]]
        if table == SHARED:
            return Segment(start, stop, self.array(item, is_whole, shape, array("i", columns)), 0)
        n, width, begin = self.n_rows, self.widths[table], self.begins[table]
        step = columns[1] - columns[0] if len(columns) > 1 else 1
        is_even = step > 0 and columns == list(range(columns[0], columns[0] + step * len(columns), step))
        is_looked_up = any(load.index.table is not None for load, _ in self.loads.get(item.name, []))
        if is_even and (step == 1 or not is_looked_up) and (step == 1 or item.name not in self.outputs):
            if len(columns) == width:
                shape = (n, *shape) if width > 1 else (n,)
                name = self.array(item, is_whole, shape, array("i", range(begin, begin + n * width)))
                return Segment(start, stop, name, width)
            if table not in self.whole:
                self.whole[table] = self.array(item, False, (n, width), array("i", range(begin, begin + n * width)))
            return Segment(start, stop, self.whole[table], width, columns[0], step)
        given = array("i", [begin + row * width + column for row in range(n) for column in columns])
        return Segment(start, stop, self.array(item, is_whole, (n, *shape), given), stop - start)

    def gathered(self, item: Array) -> Segment:
        """Return an array with all elements of each row, shared ones too."""
        held = array("i")
        of_element = [
            (self.column[given], 0)
            if self.tables[given] == SHARED
            else (self.begins[self.tables[given]] + self.column[given], self.widths[self.tables[given]])
            for given in item.inputs
        ]
        for row in range(self.n_rows):
            held.extend([first + row * step for first, step in of_element])
        return Segment(0, item.size, self.array(item, True, (self.n_rows, *item.shape), held), item.size)

    def array(self, item: Array, is_whole: bool, shape: tuple[int, ...], inputs: "array[int]") -> str:
        name = item.name if is_whole else self.name(item.name)
        self.found.arrays.append(Array(name, Kind.INPUT, shape, inputs, array("d")))
        return name


def _part_of(reach: tuple[int, int] | None, ends: Sequence[int]) -> int | None:
    """Return the part that a load stays in, None if it does not stay in one."""
    if reach is None:
        return None
    low, high = reach
    for number, (start, stop) in enumerate(itertools.pairwise(ends)):
        if start <= low and high < stop:
            return number
    return None
