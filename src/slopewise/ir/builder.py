"""`Builder`: a program while it grows, one slot after another.

The tracer, the passes and the inliner write here; `extract` then cuts out what some outputs need, as a `Program`.

This is ordinary Python and runs as such. The file `builder.pxd` beside it names C types for the same fields and
methods, and Cython then compiles this very text: other compiled modules write and read the columns directly.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import IRError
from slopewise.ir.program import Program
from slopewise.ir.verifier import verify

if not cython.compiled:
    from slopewise.ir.operations import CONSTANT, INPUT

    FIRST_CAPACITY = 64
    LAST_CAPACITY = 2147483647  # a slot's number is a C int

    def blank(kind, size):
        """Return an array of a kind with so many places; where this is compiled, nothing has been written to them."""
        return kind * size

    def filled(kind, size, byte):
        """Return an array of a kind with so many places, and one byte all over: 0 for zeros, 255 for -1."""
        return array(kind.typecode, bytes((byte,)) * (size * kind.itemsize))

    def lasting(kind, size):
        """Return an array of zeros that is read again and again; where this is compiled, in large pages."""
        return filled(kind, size, 0)


BYTES = array("B", (0,))
INTS = array("i", (0,))
DOUBLES = array("d", (0.0,))
WORDS = array("Q", (0,))
FEW = 1000000  # slots; a Builder of fewer makes more room at a time


class Builder:
    """A growing list of slots, of the same form as a `Program`, but with inputs anywhere.

    The columns `codes`, `a`, `b`, `c` have room for more than the `size` slots in use, and `pool` for more than its
    `pool_size` constants. They are replaced when they grow, so hold none of them across a call of `emit`.

    Example:
        >>> from slopewise.ir import Builder, code_of
        >>> build = Builder()
        >>> x, y = build.input(), build.input()
        >>> product = build.emit(code_of("multiply"), x, y)
        >>> unused = build.emit(code_of("sin"), x)
        >>> print(build.extract([x, y], [product], ["x", "y"]))
        program(%0 x, %1 y) {
          %2 = multiply %0 %1
          return %2
        }
    """

    if not cython.compiled:
        __slots__ = ("a", "b", "c", "capacity", "codes", "kept", "marks", "pool", "pool_capacity", "pool_size", "size")

    def __init__(self):
        self.size = 0
        self.pool_size = 0
        self.capacity = FIRST_CAPACITY
        self.pool_capacity = FIRST_CAPACITY
        self.codes = blank(BYTES, FIRST_CAPACITY)
        self.a = blank(INTS, FIRST_CAPACITY)
        self.b = blank(INTS, FIRST_CAPACITY)
        self.c = blank(INTS, FIRST_CAPACITY)
        self.pool = blank(DOUBLES, FIRST_CAPACITY)
        self.marks = array("i", (0,))
        self.kept = array("i")  # the places in the pool of the constants that the latest `extract` kept

    def __len__(self):
        return self.size

    def __repr__(self):
        return f"<Builder: {self.size:,} slots>"

    def emit(self, code, a, b=-1, c=-1):
        """Append an operation, and return its slot.

        The operands are not looked at: `ir.verify` does that, after `extract`.

        Args:
            code: The operation, neither an input nor a constant.
            a: The slot of the first operand.
            b: Of the second, -1 if the operation takes one.
            c: Of the third, -1 if it takes fewer.
        """
        slot = self.size
        if slot == self.capacity:
            self.reserve(slot + 1)
        self.codes[slot] = code
        self.a[slot] = a
        self.b[slot] = b
        self.c[slot] = c
        self.size = slot + 1
        return slot

    def constant(self, x):
        """Append a constant with a place of its own in the pool, and return its slot."""
        place = self.pool_size
        if place == self.pool_capacity:
            self.reserve_pool(place + 1)
        self.pool[place] = x
        self.pool_size = place + 1
        return self.emit(CONSTANT, place, -1, -1)

    def input(self):
        """Append an input, and return its slot."""
        return self.emit(INPUT, -1, -1, -1)

    def reserve(self, size):
        """Make room for that many slots; what grows at all doubles at least. Memory is taken as slots are written.

        Raises:
            IRError: More slots are asked for than a C int can number.
        """
        if size > LAST_CAPACITY:
            raise IRError(
                f"a program holds at most {LAST_CAPACITY:,} slots, and {size:,} are needed\n"
                f"compile a part of the computation, such as one sample instead of a whole data set"
            )
        if size > self.capacity:
            used = self.size
            capacity = min(max((4 if used < FEW else 2) * self.capacity, size), LAST_CAPACITY)
            self.codes = grown(self.codes, used, blank(BYTES, capacity))
            self.a = grown(self.a, used, blank(INTS, capacity))
            self.b = grown(self.b, used, blank(INTS, capacity))
            self.c = grown(self.c, used, blank(INTS, capacity))
            self.capacity = capacity

    def reserve_pool(self, size):
        """Make room for that many constants."""
        if size > self.pool_capacity:
            capacity = min(max(2 * self.pool_capacity, size), LAST_CAPACITY)
            self.pool = grown(self.pool, self.pool_size, blank(DOUBLES, capacity))
            self.pool_capacity = capacity

    def truncate(self, size, pool_size):
        """Take back the slots from `size` on and the constants from `pool_size` on."""
        if not 0 <= size <= self.size or not 0 <= pool_size <= self.pool_size:
            raise IRError(
                f"cannot cut {self.size:,} slots and {self.pool_size:,} constants down to {size:,} and {pool_size:,}\n"
                f"a Builder is cut to a size that it had before"
            )
        self.size = size
        self.pool_size = pool_size

    def extract(self, inputs, outputs, names=None):
        """Cut out what some slots need, as a Program.

        The inputs come first, in the given order, used or not; what else is needed follows in the order that it has
        here. Nothing below an input is followed, whatever its operation. The walk takes time for the slots between the
        lowest that is needed and the highest output, and memory for four bytes a slot of the whole Builder.

        Args:
            inputs: The slots that become inputs, all different.
            outputs: The slots that are returned, in order; they may repeat, and may be inputs.
            names: One name for each input; `x0`, `x1` … without.

        Raises:
            IRError: An input is given twice, a slot does not exist, the names are too few or too many, or the outputs
                need an input of this Builder that is not among the inputs given.
        """
        n_inputs = len(inputs)
        if names is None:
            names = [f"x{i}" for i in range(n_inputs)]
        if len(names) != n_inputs:
            raise IRError(f"extract() needs one name for each input, got {len(names)} for {n_inputs}")
        if len(self.marks) < self.size:
            self.marks = filled(INTS, self.size, 0)
        try:
            return self.cut_out(inputs, outputs, names)
        except BaseException:
            self.marks = array("i", (0,))  # some are set
            raise

    def cut_out(self, inputs, outputs, names):
        """Do what `extract` says; `marks` is all 0 before and after, unless an error comes out.

        A mark is -1 for a slot that is needed, and the new number plus 1 once that is known.
        """
        codes = self.codes
        a = self.a
        b = self.b
        c = self.c
        pool = self.pool
        marks = self.marks
        n_inputs = 0
        for given in inputs:
            slot = self.checked(given)
            if marks[slot] != 0:
                raise IRError(f"extract() got %{slot} as an input twice\ngive each input a slot of its own")
            n_inputs += 1
            marks[slot] = n_inputs
        high = -1
        waiting = 0
        for given in outputs:
            slot = self.checked(given)
            if marks[slot] == 0:
                marks[slot] = -1
                waiting += 1
                if slot > high:
                    high = slot
        # Down from the highest output, until nothing waits for its operands to be marked.
        low = high + 1
        size = n_inputs
        constants = 0
        while waiting:
            low -= 1
            if marks[low] != -1:
                continue
            waiting -= 1
            size += 1
            code = codes[low]
            if code == CONSTANT:
                constants += 1
                continue
            if code == INPUT:
                raise IRError(
                    f"the outputs need %{low}, an input that extract() was not given\n"
                    f"list it among the inputs, or emit a constant in its place"
                )
            operand = a[low]
            second = b[low]
            third = c[low]
            if not 0 <= operand < low or second >= low or third >= low or (second < 0 <= third):
                raise misplaced(low, operand, second, third)
            if marks[operand] == 0:
                marks[operand] = -1
                waiting += 1
            if second >= 0:
                if marks[second] == 0:
                    marks[second] = -1
                    waiting += 1
                if third >= 0 and marks[third] == 0:
                    marks[third] = -1
                    waiting += 1
        new_codes = column_b = blank(BYTES, size)
        new_a = column_1 = blank(INTS, size)
        new_b = column_2 = blank(INTS, size)
        new_c = column_3 = blank(INTS, size)
        new_pool = column_d = blank(DOUBLES, constants)
        kept = column_k = blank(INTS, constants)
        for new in range(n_inputs):
            new_codes[new] = INPUT
            new_a[new] = new_b[new] = new_c[new] = -1
        new = n_inputs
        constants = 0
        for slot in range(low, high + 1):
            if marks[slot] != -1:
                continue
            code = codes[slot]
            new_codes[new] = code
            new_b[new] = new_c[new] = -1
            if code == CONSTANT:
                new_a[new] = constants
                new_pool[constants] = pool[a[slot]]
                kept[constants] = a[slot]
                constants += 1
            else:
                new_a[new] = marks[a[slot]] - 1
                second = b[slot]
                if second >= 0:
                    new_b[new] = marks[second] - 1
                    third = c[slot]
                    if third >= 0:
                        new_c[new] = marks[third] - 1
            new += 1
            marks[slot] = new
        self.kept = column_k
        returned = column_o = array("i", (-1,)) * len(outputs)
        for place, given in enumerate(outputs):
            slot = given
            returned[place] = marks[slot] - 1
        for slot in range(low, high + 1):
            marks[slot] = 0
        for given in inputs:
            slot = given
            marks[slot] = 0
        return Program(column_b, column_1, column_2, column_3, column_d, column_o, tuple(names))

    def checked(self, slot):
        """Return a slot that exists.

        Raises:
            IRError: It does not.
        """
        if not 0 <= slot < self.size:
            raise IRError(f"%{slot} is no slot of this Builder: it has {self.size:,}")
        return slot

    def inline(self, program, operands):
        """Append what a Program does to some slots, and return the slots of its outputs.

        Args:
            program: A Program; it is verified first.
            operands: One slot of this Builder for each of its inputs.

        Raises:
            IRError: The operands are too few or too many, or do not exist, or the Program breaks a rule.
        """
        verify(program)
        n_inputs = len(program.names)
        if len(operands) != n_inputs:
            raise IRError(
                f"the program takes {n_inputs} input{'s' * (n_inputs != 1)}, and inline() got {len(operands)}\n"
                f"give one slot for each input"
            )
        codes = program.codes
        a = program.a
        b = program.b
        c = program.c
        pool = program.pool
        size = len(codes)
        places = filled(INTS, size + 1, 255)
        new = places
        for i in range(n_inputs):
            new[i] = self.checked(operands[i])
        self.reserve(self.size + size - n_inputs)
        self.reserve_pool(self.pool_size + len(pool))
        for slot in range(n_inputs, size):
            code = codes[slot]
            if code == CONSTANT:
                new[slot] = self.constant(pool[a[slot]])
            else:
                second = b[slot]
                third = c[slot]
                new[slot] = self.emit(
                    code, new[a[slot]], new[second] if second >= 0 else -1, new[third] if third >= 0 else -1
                )
        return [places[slot] for slot in program.outputs]


def misplaced(slot, first, second, third):
    """Return the error of a slot whose operands do not stand before it, or are not given from the first on."""
    operands = " ".join(f"%{operand}" if operand != -1 else "-" for operand in (first, second, third))
    return IRError(
        f"%{slot} of this Builder has the operands {operands}, which it cannot read\n"
        f"an operation reads slots before its own: its first operand, then the second, then the third"
    )


def grown(old, used, new):
    """Return a longer column that begins like the old one."""
    memoryview(new)[:used] = memoryview(old)[:used]
    return new


def from_program(program):
    """Return a Builder with the slots of a Program, under the same numbers."""
    build = Builder()
    build.inline(program, [build.input() for _ in program.names])
    return build
