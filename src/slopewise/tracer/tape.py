"""`Tape`: takes note of every node that a thread makes while a function is traced.

A node that is on the tape says so itself: the kind of its gradient is TRACED, and the gradient's field holds its place,
which is the number of its trace times 2**30 plus its slot. So a node of a trace that has ended is told from one of the
trace that runs. A node that existed before is put on the tape as an input when it is first used, and gets its gradient
back when the trace ends.

Tracing inside a trace goes on with the same tape: `Session` keeps where it began, and cuts the tape back to there.

This is ordinary Python and runs as such; `tape.pxd` beside it names C types, and Cython then compiles this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.engine import modes
from slopewise.engine.value import Recorder
from slopewise.ir.builder import Builder, grown
from slopewise.ir.evaluation import evaluate_range

if not cython.compiled:
    from slopewise.engine.value import CONSTANT, MANY, OTHER, TRACED, USER, has_operands
    from slopewise.ir.builder import DOUBLES, blank
    from slopewise.ir.operations import CONSTANT as CONSTANT_CODE
    from slopewise.ir.operations import INPUT as INPUT_CODE

    whole = int
    SLOTS = 1073741824  # 2**30: how many slots a tape can have; tape.pxd has the same number

    def sw_hear_subscripts(number_type, choose):  # out of reach without C
        pass

    def sw_ignore_subscripts():
        pass


CAN_CHOOSE = bool(cython.compiled)  # whether `hear_subscripts` does anything


class Tape(Recorder):
    """The slots of a trace, with the number that each has in this call.

    `Session` adds what happens seldom: captured nodes, gradients, guards, nested traces.
    """

    if not cython.compiled:
        __slots__ = ("builder", "epoch", "epochs", "lines", "values")

    def __init__(self, thread):
        self.thread = thread
        self.builder = Builder()
        self.values = array("d", (0.0,)) * 64
        self.epoch = 0
        self.epochs = []  # those of the traces around the innermost one
        self.lines = None  # the source lines of the constants, or None when nobody wants them

    def note(self, n):
        """Put a new node on the tape; its operands go there too if they are not on it yet."""
        code = n._code
        if n._kind == OTHER:
            self.refuse_type(n)
        if n._flags & MANY or code == USER:
            self.note_many(n)
        elif n._a is None:
            self.note_leaf(n)
        else:
            a = slot_of_node(self, n._a)
            b = slot_of_node(self, n._b) if n._b is not None else -1
            mark_node(self, n, keep_number(self, self.builder.emit(code, a, b, -1), n._data))

    def slot_of(self, n):
        """Return the slot of a node; an operator's constant gets a new one at each use."""
        return slot_of_node(self, n)

    def place(self, n, slot):
        """Mark a node as being on the tape in a slot."""
        mark_node(self, n, slot)

    def place_of(self, slot):
        """Return the place of a slot of the innermost trace."""
        return self.epoch * SLOTS + slot

    def slot_at(self, place):
        """Return the slot of a place.

        Raises:
            TraceLeakError: The trace that the place belongs to has ended.
        """
        return slot_in_place(self, place)

    def is_open(self, place):
        """Tell whether the trace that a place belongs to has not ended."""
        epoch = place // SLOTS
        return epoch == self.epoch or epoch in self.epochs

    def keep(self, slot, number):
        """Note the number that a slot has in this call, and return the slot."""
        return keep_number(self, slot, number)

    def evaluate(self, start):
        """Compute the numbers of the slots from `start` on."""
        while len(self.values) < self.builder.size:
            grow(self)
        evaluate_range(self.builder, self.values, start, self.builder.size)

    def value_at(self, slot):
        """Return the number that a slot has in this call."""
        return self.values[slot]

    def frozen(self, number):
        """Put a plain number on the tape, and return its slot."""
        return freeze(self, number)

    def is_constant(self, slot):
        """Tell whether a slot holds a number that is the same in every call."""
        return self.builder.codes[slot] == CONSTANT_CODE

    def code_at(self, slot):
        """Return the operation of a slot."""
        return self.builder.codes[slot]

    def emit_operation(self, code, slots):
        """Append an operation, compute its number, and return its slot."""
        a = slots[0]
        b = slots[1] if len(slots) > 1 else -1
        c = slots[2] if len(slots) > 2 else -1
        slot = self.builder.emit(code, a, b, c)
        self.evaluate(slot)
        return slot

    def outer_slots(self, start):
        """List the slots before `start` that those from there on use, in the order of first use."""
        codes = self.builder.codes
        seen = set()
        found = []
        for slot in range(start, self.builder.size):
            if codes[slot] == CONSTANT_CODE or codes[slot] == INPUT_CODE:
                continue
            for place in range(3):
                operand = self.operand(slot, place)
                if 0 <= operand < start and operand not in seen:
                    seen.add(operand)
                    found.append(operand)
        return found

    def operand(self, slot, place):
        """Return the first, second or third operand of a slot; -1 where there is none."""
        if place == 0:
            return self.builder.a[slot]
        return self.builder.b[slot] if place == 1 else self.builder.c[slot]

    def redirect(self, start, moved):
        """Make the slots from `start` on use other operands in the place of some."""
        codes = self.builder.codes
        for slot in range(start, self.builder.size):
            if codes[slot] != CONSTANT_CODE and codes[slot] != INPUT_CODE:
                if self.builder.a[slot] in moved:
                    self.builder.a[slot] = moved[self.builder.a[slot]]
                if self.builder.b[slot] in moved:
                    self.builder.b[slot] = moved[self.builder.b[slot]]
                if self.builder.c[slot] in moved:
                    self.builder.c[slot] = moved[self.builder.c[slot]]

    def reassign(self, slot, number):
        """Give a constant another number."""
        self.builder.pool[self.builder.a[slot]] = number
        self.values[slot] = number

    # What `Session` does.

    def note_leaf(self, n):
        """Put a leaf that the constructor made on the tape."""
        raise NotImplementedError

    def note_many(self, n):
        """Put a node on the tape that was made by hand, or from more than two operands, or by a user's operation."""
        raise NotImplementedError

    def capture(self, n):
        """Put a node on the tape that existed before, as an input, and return its slot."""
        raise NotImplementedError

    def freeze_other(self, n):
        """Put a plain number that is neither a float nor a small int on the tape, and return its slot."""
        raise NotImplementedError

    def refuse_type(self, n):
        """Raise for a node whose number is no float."""
        raise NotImplementedError

    def refuse_leak(self, place):
        """Raise for a place of a trace that has ended."""
        raise NotImplementedError


# ---------------------------------------------------------------------- what is done for every node


def slot_of_node(tape, n):
    """Return the slot of a node; an operator's constant gets a new one at each use."""
    if n._grad_kind == TRACED:
        return slot_in_place(tape, whole(n._grad))
    if n._flags & CONSTANT and not has_operands(n):
        return freeze(tape, n._data) if n._kind != OTHER else tape.freeze_other(n)
    return tape.capture(n)


def mark_node(tape, n, slot):
    """Mark a node as being on the tape in a slot."""
    n._grad = tape.epoch * SLOTS + slot
    n._grad_kind = TRACED


def slot_in_place(tape, place):
    """Return the slot of a place, of the innermost trace or of one around it."""
    epoch = place // SLOTS
    if epoch != tape.epoch and epoch not in tape.epochs:
        tape.refuse_leak(place)
    return place % SLOTS


def keep_number(tape, slot, number):
    """Note the number that a slot has in this call, and return the slot."""
    if slot >= len(tape.values):
        grow(tape)
    tape.values[slot] = number
    return slot


def freeze(tape, number):
    """Put a plain number on the tape, with its line if lines are wanted, and return its slot."""
    if tape.lines is not None:
        tape.lines[tape.builder.pool_size] = modes.source_line()
    return keep_number(tape, tape.builder.constant(number), number)


def grow(tape):
    """Make room for the numbers of as many slots as the builder has room for."""
    used = len(tape.values)
    tape.values = grown(tape.values, used, blank(DOUBLES, max(2 * used, tape.builder.capacity)))


# ---------------------------------------------------------------------- subscripts of lists


def hear_subscripts(number_type, choose):
    """Let `items[i]` of a list or a tuple, where i is of a type, be what `choose(items, i)` gives.

    Until `ignore_subscripts` is called; where `choose` gives NotImplemented, Python goes on by itself. The interpreted
    engine cannot do that, and never calls it.
    """
    sw_hear_subscripts(number_type, choose)


def ignore_subscripts():
    """Leave subscripts to Python again."""
    sw_ignore_subscripts()
