"""`Sharing`: a program being written in which no equation and no constant occurs twice.

An equation is known by its operation and the slots that it reads; `a + b` and `b + a` are one, and so are `a < b` and
`b > a`. A constant is known by its bits: -0.0 is not 0.0. Each slot also bears marks: what is known of its number
whatever the inputs are.

Looking up takes one probe of an open-addressed table of 64-bit entries, half a hash and a slot number each, so that
slots are compared only when they are almost surely equal. The first probes stay near the place of the latest operand:
programs read what was computed just before, and then the table is walked from front to back, like the program, instead
of at random in a memory far larger than any cache. What finds no room there, because a few slots are read by thousands,
goes into a wider neighbourhood, and then anywhere.

This is ordinary Python. The file `sharing.pxd` beside it names C types, and Cython then compiles this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)


from slopewise.ir.builder import Builder

if not cython.compiled:
    import struct

    # isort: off
    from slopewise.ir.builder import BYTES, WORDS, filled
    from slopewise.ir.operations import (
        ABSOLUTE, ACOS, ACOSH, ADD, ATTACH, CEIL, CONSTANT, COS, COSH, DETACH, DIVIDE, EQUAL, EXP, EXP2, FLOOR, GREATER,
        GREATER_EQUAL, HYPOT, INPUT, LESS, LESS_EQUAL, LOG, LOG2, LOG10, MAXIMUM, MINIMUM, MULTIPLY, NEGATE, NOT_EQUAL,
        POWER, RELU, ROUND, SIGMOID, SOFTPLUS, SQRT, SQUARE, SUBTRACT, TRUNCATE, WHERE,
    )  # fmt: skip
    # isort: on

    AT_LEAST_ZERO = 1
    NEVER_MINUS_ZERO = 2
    WHOLE = 4
    TRUTH = 8
    NEAR = (1 << 9) - 1  # places, a page of memory
    MIDDLE = (1 << 17) - 1  # 1 MiB
    PROBES = 8

    def bits_of(x):
        """Return the 64 bits of a number as an integer."""
        return int.from_bytes(struct.pack("<d", x), "little")


MASK = (1 << 64) - 1  # C's arithmetic on 64 bits wraps; Python's needs to be told
LOW = (1 << 32) - 1
FIRST_FACTOR = 0x5851F42D4C957F2D
SECOND_FACTOR = 0x369DEA0F31A53F85


class Sharing:
    """A `Builder` that is asked before it is written to.

    Args:
        n_slots: About how many slots will be written; more will do.
        merges: Whether equal constants are one. If not, nothing is concluded from the number of a constant either.

    Example:
        >>> from slopewise.ir.operations import ADD
        >>> from slopewise.passes.sharing import Sharing
        >>> share = Sharing(10, True)
        >>> x, y = share.input(), share.input()
        >>> share.equation(ADD, x, y, -1), share.equation(ADD, y, x, -1), share.constant(2.0), share.constant(2.0)
        (2, 2, 3, 3)
    """

    if not cython.compiled:
        __slots__ = ("build", "capacity", "count", "marks", "mask", "merges", "table")

    def __init__(self, n_slots, merges):
        self.build = Builder()
        self.build.reserve(n_slots + 16)
        self.merges = merges
        self.count = 0
        size = 256
        while size < 2 * n_slots:
            size *= 2
        self.table = filled(WORDS, size, 0)
        self.mask = size - 1
        self.capacity = n_slots + 16
        self.marks = filled(BYTES, self.capacity, 0)

    def input(self):
        """Write an input, and return its slot."""
        return self.mark(self.build.input(), 0)

    def constant(self, x):
        """Return the slot of a number; unless constants are merged it is a new one each time."""
        build = self.build
        if not self.merges:
            return self.mark(build.constant(x), 0)
        bits = bits_of(x)
        hashed = spread(bits, CONSTANT, 0)
        place = hashed & self.mask
        while self.table[place] != 0:
            if self.table[place] >> 32 == hashed >> 32:
                slot = (self.table[place] & LOW) - 1
                if build.codes[slot] == CONSTANT and bits_of(build.pool[build.a[slot]]) == bits:
                    return slot
            place = (place + 1) & self.mask
        slot = self.mark(build.constant(x), marks_of_number(x))
        self.enter(place, hashed, slot)
        return slot

    def equation(self, code, a, b, c):
        """Return the slot of an operation on some slots: an old one if there is such an equation, or a new one."""
        build = self.build
        first = a
        second = b
        kind = code
        if (code == ADD or code == MULTIPLY or code == EQUAL or code == NOT_EQUAL) and b < a:
            first = b
            second = a
        elif code == GREATER:
            kind = LESS
            first = b
            second = a
        elif code == GREATER_EQUAL:
            kind = LESS_EQUAL
            first = b
            second = a
        hashed = spread(((first << 32) ^ second) & MASK, kind, c)
        latest = a if a > b else b
        home = 2 * (latest if latest > c else c)
        place = (home + (hashed & NEAR)) & self.mask
        probes = 0
        while self.table[place] != 0:
            if self.table[place] >> 32 == hashed >> 32:
                slot = (self.table[place] & LOW) - 1
                if build.c[slot] == c and is_same(build.codes[slot], build.a[slot], build.b[slot], kind, first, second):
                    return slot
            probes += 1
            if probes == PROBES:
                place = home + ((hashed >> 9) & MIDDLE)
            elif probes == 2 * PROBES:
                place = hashed >> 7
            place = (place + 1) & self.mask
        slot = self.mark(build.emit(code, a, b, c), self.marks_of(code, a, b, c))
        self.enter(place, hashed, slot)
        return slot

    def enter(self, place, hashed, slot):
        """Put a slot into the free place that its search has ended at."""
        self.table[place] = (hashed >> 32 << 32) | (slot + 1)
        self.count += 1
        if 4 * self.count > 3 * self.mask:
            self.grow()

    def grow(self):
        """Double the table and enter everything anew."""
        build = self.build
        larger = Sharing(2 * build.size, self.merges)
        for slot in range(build.size):
            code = build.codes[slot]
            if code == CONSTANT:
                larger.constant(build.pool[build.a[slot]])
            elif code == INPUT:
                larger.input()
            else:
                larger.equation(code, build.a[slot], build.b[slot], build.c[slot])
        self.table = larger.table
        self.mask = larger.mask

    def mark(self, slot, marks):
        """Note what is known of a new slot's number."""
        if slot >= self.capacity:
            marked = filled(BYTES, 2 * self.capacity, 0)
            memoryview(marked)[: self.capacity] = memoryview(self.marks)
            self.marks = marked
            self.capacity = 2 * self.capacity
        self.marks[slot] = marks
        return slot

    def is_constant(self, slot):
        """Tell whether a slot is a constant whose number may be looked at."""
        return self.merges and self.build.codes[slot] == CONSTANT

    def number(self, slot):
        """Return the number of a constant's slot."""
        return self.build.pool[self.build.a[slot]]

    def marks_of(self, code, a, b, c):
        """Return what is known of a result, from what is known of its operands.

        `AT_LEAST_ZERO` is "x >= 0 or nan", so -0.0 may be. `WHOLE` is "an integer, an infinity or nan". `TRUTH` is
        "1 or 0". The last two also say that no derivative passes.
        """
        x = self.marks[a]
        y = self.marks[b] if b >= 0 else 0
        if code == ADD:  # a sum is -0.0 only if both are
            return (x & y & (AT_LEAST_ZERO | WHOLE)) | ((x | y) & NEVER_MINUS_ZERO)
        elif code == MULTIPLY:
            both = x & y
            if not both & AT_LEAST_ZERO:
                both &= ~NEVER_MINUS_ZERO  # -1 * 0, and what underflows
            return both
        elif code == SUBTRACT:  # -0.0 only as -0.0 - 0.0
            return (x & y & WHOLE) | (x & NEVER_MINUS_ZERO)
        elif code == NEGATE:
            return x & WHOLE
        elif code == DIVIDE:
            both = x & y
            return both & 3 if both & 3 == 3 else 0
        elif code == RELU:
            return (x | AT_LEAST_ZERO) & ~TRUTH
        elif code == SQRT:
            return (x & NEVER_MINUS_ZERO) | AT_LEAST_ZERO
        elif code == ABSOLUTE or code == SQUARE:
            return AT_LEAST_ZERO | NEVER_MINUS_ZERO | (x & WHOLE)
        elif code == WHERE:
            return y & self.marks[c]
        elif code == MAXIMUM:
            return (x & y) | ((x | y) & AT_LEAST_ZERO)
        elif code == MINIMUM or code == DETACH:
            return x & y if code == MINIMUM else x
        elif code == ATTACH:
            return x & 3
        elif code == POWER and self.is_constant(b):
            k = self.number(b)
            if k % 2.0 != 1.0:  # no odd integer: the sign of x is lost
                return AT_LEAST_ZERO | NEVER_MINUS_ZERO
            return x & 3 if x & 3 == 3 else 0
        return marks_of_code(code, x)


def marks_of_code(code, x):
    """Return what is known of a result because of the operation alone, or because of what is known of one operand."""
    if (
        code == EXP or code == EXP2 or code == COSH or code == SIGMOID or code == SOFTPLUS or code == HYPOT
        or code == ACOS or code == ACOSH
    ):  # fmt: skip
        return AT_LEAST_ZERO | NEVER_MINUS_ZERO
    elif code == LOG or code == LOG2 or code == LOG10 or code == COS:
        return NEVER_MINUS_ZERO
    elif code == FLOOR or code == CEIL or code == TRUNCATE or code == ROUND:
        return WHOLE | NEVER_MINUS_ZERO | (x & AT_LEAST_ZERO)
    elif LESS <= code <= NOT_EQUAL:
        return AT_LEAST_ZERO | NEVER_MINUS_ZERO | WHOLE | TRUTH
    return 0


def marks_of_number(x):
    """Return what is known of a constant."""
    marks = 0
    if not x < 0.0:
        marks |= AT_LEAST_ZERO
    if x != 0.0 or bits_of(x) == 0:
        marks |= NEVER_MINUS_ZERO
    if x != x or x - x != 0.0 or x % 1.0 == 0.0:
        marks |= WHOLE
    if x == 1.0 or bits_of(x) == 0:
        marks |= TRUTH
    return marks


def is_same(code, a, b, kind, first, second):
    """Tell whether a written equation is the one that is looked for, whose operands are in order."""
    if code == kind:
        if a == first and b == second:
            return True
        return a == second and b == first and (code == ADD or code == MULTIPLY or code == EQUAL or code == NOT_EQUAL)
    if (code == GREATER and kind == LESS) or (code == GREATER_EQUAL and kind == LESS_EQUAL):
        return a == second and b == first
    return False


def spread(pair, code, c):
    """Return 64 bits in which each bit of the key matters: multiplied, folded, multiplied again."""
    h = ((pair ^ ((code << 56) & MASK)) * FIRST_FACTOR) & MASK
    h ^= h >> 29
    h = ((h ^ (c & LOW)) * SECOND_FACTOR) & MASK
    return h ^ (h >> 32)
