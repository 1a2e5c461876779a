"""`Loops`: what a Program does, as nests of loops over arrays of numbers.

Grammar, as the printer writes it (`docs/loops.md` explains it):

    loops     = "loops" "(" [array {"," array}] ")" "{" {declaration} {statement} "return" [place {"," place}] "}"
    statement = store | let | for | scan
    for       = "for" ranges "{" {statement} "}"            members may run in any order, or at the same time
    scan      = "scan" ranges "{" {statement} "}"           members run one after another
    let       = name "=" expression
    store     = array "[" index "]" "=" expression
    expression = load | number | name | operation "(" … ")" | "sum" "(" ranges ":" expression ")"

An index is the place of an element in its array, counted from 0 with the last axis running fastest.
"""

import struct
from array import array
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Affine",
    "Apply",
    "Array",
    "Expression",
    "For",
    "Index",
    "Kind",
    "Let",
    "Literal",
    "Load",
    "Local",
    "Loops",
    "Range",
    "Statement",
    "Store",
    "Sum",
    "Table",
]


class Kind(Enum):
    """What an array holds: numbers that a call brings, frozen numbers, or numbers that the loops compute."""

    INPUT = "input"
    CONSTANT = "constant"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Numbers side by side.

    Attributes:
        name: A name that no other array, table, variable or local of the Loops bears.
        kind: Where the numbers come from.
        shape: The lengths of the axes, outermost first; at least one axis.
        inputs: Of an input, for each element the Program's input that it is (an array of C ints); else empty.
        values: Of a constant, the numbers (an array of doubles); else empty.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    inputs: "array[int]"
    values: "array[float]"

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def _key(self) -> tuple[object, ...]:
        # A number counts by its bits: a nan equals itself, and -0.0 is not 0.0.
        return self.name, self.kind, self.shape, self.inputs.tobytes(), self.values.tobytes()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Array) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Whole numbers that indices and bounds are looked up in, where no formula gives them.

    Attributes:
        name: A name of its own.
        values: The numbers, an array of C ints.
    """

    name: str
    values: "array[int]"

    def _key(self) -> tuple[object, ...]:
        return self.name, self.values.tobytes()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Table) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True)
class Affine:
    """A whole number: an offset and a multiple of each of some loop variables.

    Attributes:
        offset: The number where all variables are 0.
        terms: Pairs of a variable and its factor, outermost variable first; no factor is 0.
    """

    offset: int
    terms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """A place in an array, or a bound of a loop: a formula, plus what stands at some place of a table if there is one.

    A row that is gathered is `Index(Affine(0, (("d", 1),)), "row", Affine(0, (("k", 1),)))`: `row[k] + d`.

    Attributes:
        affine: The formula.
        table: The name of the table, None without one.
        at: The place in the table.
    """

    affine: Affine
    table: str | None = None
    at: Affine = Affine(0)


@dataclass(frozen=True, slots=True)
class Range:
    """A loop variable and its bounds: start, start + 1, …, stop - 1. None at all if stop is not above start.

    Attributes:
        variable: A name; no loop inside another uses the same.
        start: The first number; may depend on the variables of the loops around.
        stop: The number after the last.
    """

    variable: str
    start: Index
    stop: Index


@dataclass(frozen=True, slots=True)
class Literal:
    """A number that stands in the text; equal to another when the bits are."""

    value: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and struct.pack("<d", self.value) == struct.pack("<d", other.value)

    def __hash__(self) -> int:
        return hash(struct.pack("<d", self.value))


@dataclass(frozen=True, slots=True)
class Local:
    """What a `Let` of the same block, or of one around it, named."""

    name: str


@dataclass(frozen=True, slots=True)
class Load:
    """An element of an array.

    Attributes:
        array: The array's name.
        index: Its place, counted along all axes.
    """

    array: str
    index: Index


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation of a Program applied to numbers.

    Attributes:
        code: The operation's code (`ir.operations`).
        operands: One expression for each operand.
    """

    code: int
    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Sum:
    """0 plus the terms, added one after another; 0.0 if there are none.

    Attributes:
        ranges: The loops that the terms come from, outermost first.
        term: What is added.
    """

    ranges: tuple[Range, ...]
    term: "Expression"


Expression = Literal | Local | Load | Apply | Sum


@dataclass(frozen=True, slots=True)
class Let:
    """Names a number within its block."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Store:
    """Writes an element of a local array. Every element is written exactly once, and before it is read."""

    array: str
    index: Index
    value: Expression


@dataclass(frozen=True, slots=True)
class For:
    """Loops, one in the other, around a block of statements.

    Attributes:
        ranges: The loops, outermost first.
        body: The block.
        is_ordered: Whether a member may read what an earlier one wrote: a scan. Otherwise members know nothing of each
            other and may run in any order.
    """

    ranges: tuple[Range, ...]
    body: "tuple[Statement, ...]"
    is_ordered: bool = False


Statement = Let | Store | For


@dataclass(frozen=True, slots=True, eq=False)
class Loops:
    """A function of numbers as loops; the same function as the Program that it was made from.

    Attributes:
        names: One name for each input, as in the Program.
        arrays: Inputs first, then constants, then what is computed, in the order in which it is first written.
        tables: What indices are looked up in.
        body: The statements, in order.
        output_arrays: For each output the place in `arrays` of the array that holds it (an array of C ints). An output
            may stand in an input or a constant.
        output_places: For each output its place in that array (an array of C ints).
    """

    names: tuple[str, ...]
    arrays: tuple[Array, ...]
    tables: tuple[Table, ...]
    body: tuple[Statement, ...]
    output_arrays: "array[int]"
    output_places: "array[int]"

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.names)

    @property
    def n_outputs(self) -> int:
        """How many numbers it returns."""
        return len(self.output_places)

    @property
    def n_nests(self) -> int:
        """How many nests there are: stores, wherever they stand."""
        count, open_blocks = 0, [self.body]
        while open_blocks:
            for statement in open_blocks.pop():
                if isinstance(statement, For):
                    open_blocks.append(statement.body)
                elif isinstance(statement, Store):
                    count += 1
        return count

    def _key(self) -> tuple[object, ...]:
        outputs = (self.output_arrays.tobytes(), self.output_places.tobytes())
        return self.names, self.arrays, self.tables, self.body, *outputs

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Loops) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        counts = ((self.n_inputs, "input"), (self.n_nests, "nest"), (self.n_outputs, "output"))
        return f"<Loops: {', '.join(f'{n:,} {noun}' + 's' * (n != 1) for n, noun in counts)}>"

    def __str__(self) -> str:
        from slopewise.ir.loops.printer import print_loops

        return print_loops(self)
