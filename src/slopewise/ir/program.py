"""`Program`: what a function does to numbers, one operation after another, in five arrays."""

from array import array
from collections import Counter

from slopewise.ir.inspection import digest
from slopewise.ir.operations import CONSTANT, INPUT, NAMES


class Program:
    """A function of numbers as a list of slots, each of which is an input, a constant, or one operation applied once.

    Slot i has the code `codes[i]` and reads the slots `a[i]`, `b[i]` and `c[i]`, all before i; -1 where its operation
    takes fewer operands. The inputs are the slots 0 to `n_inputs` - 1. A constant has in `a` its place in `pool`; every
    occurrence has a slot and a place of its own, in order. The outputs are any slots.

    A Program does not change, by convention: a pass makes another one. `ir.verify` checks the rules above.

    Args:
        codes: One byte a slot: `ir.operations` says which operation it is.
        a: The first operand of each slot, array of C ints.
        b: The second.
        c: The third.
        pool: The constants, array of doubles.
        outputs: The slots that are returned.
        names: One name for each input, for people to read; they need not differ.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse('''
        ...     program(%0 x, %1 y) {
        ...       %2 = constant 2.0
        ...       %3 = multiply %0 %2
        ...       %4 = add %3 %1
        ...       return %4
        ...     }''')
        >>> p
        <Program: 2 inputs, 1 constant, 2 equations, 1 output>
        >>> ir.interpret(p, [3.0, 0.5])
        [6.5]
    """

    def __init__(
        self,
        codes: "array[int]",
        a: "array[int]",
        b: "array[int]",
        c: "array[int]",
        pool: "array[float]",
        outputs: "array[int]",
        names: tuple[str, ...] = (),
    ) -> None:
        self.codes = codes
        self.a = a
        self.b = b
        self.c = c
        self.pool = pool
        self.outputs = outputs
        self.names = tuple(names)

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.names)

    @property
    def n_outputs(self) -> int:
        """How many numbers it returns."""
        return len(self.outputs)

    @property
    def n_slots(self) -> int:
        """How many inputs, constants and equations there are together."""
        return len(self.codes)

    @property
    def n_constants(self) -> int:
        """How many slots hold a constant."""
        return len(self.pool)

    @property
    def n_equations(self) -> int:
        """How many operations it applies: the slots that are neither inputs nor constants."""
        return self.n_slots - self.n_inputs - self.n_constants

    @property
    def n_bytes(self) -> int:
        """How much memory its arrays take: 13 bytes a slot, 8 more for a constant, 4 for an output."""
        arrays = (self.codes, self.a, self.b, self.c, self.pool, self.outputs)
        return sum(len(column) * column.itemsize for column in arrays)

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation is applied, in the order of the codes.

        Example:
            >>> from slopewise import ir
            >>> ir.parse("program(%0 x) { %1 = sin %0; %2 = add %1 %0; %3 = sin %2; return %3 }").operations
            {'add': 1, 'sin': 2}
        """
        counts = Counter(self.codes)
        return {NAMES[code]: counts[code] for code in sorted(counts) if code not in (INPUT, CONSTANT)}

    def constant_of(self, slot: int) -> float:
        """Return the number that a constant's slot holds.

        Raises:
            ValueError: The slot is no constant.
        """
        if self.codes[slot] != CONSTANT:
            raise ValueError(f"%{slot} is no constant")
        return self.pool[self.a[slot]]

    def digest(self, with_constants: bool = True) -> bytes:
        """Return 16 bytes that stand for the content, names apart: Programs that differ have different ones.

        Args:
            with_constants: Whether the numbers of the constants count.
        """
        columns = (self.codes, self.a, self.b, self.c, self.outputs)
        return digest((array("q", (self.n_inputs,)), *columns, *((self.pool,) if with_constants else ())))

    def _columns(self) -> list[memoryview]:
        # A number counts by its bits: a nan equals itself, and -0.0 is not 0.0.
        arrays = (self.codes, self.a, self.b, self.c, self.pool, self.outputs)
        return [memoryview(column).cast("B") for column in arrays]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Program) or self.names != other.names:
            return False
        # Arrays of whole numbers are compared at once, views one byte at a time; of the pool, bits count: nan is nan.
        mine, others = ((x.codes, x.a, x.b, x.c, x.outputs) for x in (self, other))
        return mine == others and self.pool.tobytes() == other.pool.tobytes()

    def __hash__(self) -> int:
        return hash((self.names, *(hash(bytes(column)) for column in self._columns())))

    def __repr__(self) -> str:
        counts = (
            (self.n_inputs, "input"),
            (self.n_constants, "constant"),
            (self.n_equations, "equation"),
            (self.n_outputs, "output"),
        )
        counted = [f"{n:,} {noun}" + "s" * (n != 1) for n, noun in counts]
        return f"<Program: {', '.join(counted)}>"

    def __str__(self) -> str:
        from slopewise.ir.printer import print_program

        return print_program(self)
