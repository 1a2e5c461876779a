"""Jacobians of programs, as programs that compute their entries: those that can be other than 0, and no others.

Forward, every slot carries its derivative with respect to each of the inputs that it depends on, as a list of columns.
Backward, it carries the derivative of each of the outputs that depend on it, as a list of rows. Either way the local
derivatives of an operation are computed once, however long the lists are. Which way is shorter is counted beforehand.

A Hessian is the Jacobian of a gradient, and symmetric: then only one of two mirrored entries is computed.

This is ordinary Python and runs as such. The file `jacobians.pxd` beside it names C types, and Cython then compiles
this very text. Nothing recurses.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition (2008), chapter 7.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array

from slopewise.errors import DomainError
from slopewise.ir.builder import from_program
from slopewise.passes.differentiate import check_places
from slopewise.passes.entries import Entries
from slopewise.passes.stamping import Stamper

if not cython.compiled:
    from slopewise.ir.operations import ADD, CONSTANT, INPUT, MULTIPLY
    from slopewise.passes.cotangents import longer
    from slopewise.passes.stamping import GRADIENT, LOCAL, RESULT, VARYING, W, X, Y, backward_rules, forward_rules

    LARGEST = 2147483647

MOST_COUNTED = 1 << 23  # derivatives of all slots after which a way is given up as too long, before it is counted


def jacobian(program, wrt, of, symmetric=False, way=None):
    """Return a program that computes the entries of a Jacobian that can be other than 0.

    Args:
        program: The program.
        wrt: The inputs, by position: the columns.
        of: The outputs, by position: the rows.
        symmetric: The caller knows that the matrix is, as a Hessian is: of two mirrored entries one is computed.
        way: `"forward"` or `"backward"`; without, whichever takes fewer equations.

    Returns:
        The program, whose outputs are those of the given one, then the entries, row by row; and the row and the column
        of each entry, as positions in `of` and `wrt`, in two arrays of C ints.

    Raises:
        DomainError: An input or output does not exist, a symmetric matrix is not square, or there is no such way.

    Example:
        >>> from slopewise import ir
        >>> p = ir.parse("program(%0 x, %1 y) { %2 = square %0; %3 = multiply %0 %1; return %2 %3 }")
        >>> derived, rows, columns = jacobian(p, [0, 1], [0, 1])
        >>> list(zip(rows, columns, ir.interpret(derived, [3.0, 5.0])[2:]))
        [(0, 0, 6.0), (1, 0, 5.0), (1, 1, 3.0)]
    """
    check_places(wrt, len(program.names), "input")
    check_places(of, len(program.outputs), "output")
    if symmetric and len(wrt) != len(of):
        raise DomainError(f"a symmetric matrix is square: {len(of)} rows and {len(wrt)} columns were asked for")
    if way not in (None, "forward", "backward"):
        raise DomainError(f"the way of jacobian() is 'forward' or 'backward', got {way!r}")
    wrt = array("i", wrt)
    of = array("i", [program.outputs[place] for place in of])
    builder = from_program(program)
    if way is None:
        way = shorter_way(builder, wrt, of, symmetric)
    lists = Lists(builder, wrt, of, symmetric, way == "forward", False)
    lists.run(1 << 62)
    rows, columns, slots = lists.entries.in_order(len(of), len(wrt), symmetric)
    derived = builder.extract(range(len(program.names)), array("i", program.outputs) + slots, program.names)
    return derived, rows, columns


def shorter_way(builder, wrt, of, symmetric):
    """Return `"forward"` or `"backward"`: the way that takes fewer equations."""
    if len(of) <= 1 or len(wrt) <= 1:
        return "backward" if len(of) <= len(wrt) else "forward"
    forward = Lists(builder, wrt, of, symmetric, True, True)
    is_counted = forward.run(1 << 62)
    backward = Lists(builder, wrt, of, symmetric, False, True)
    if backward.run(forward.cost if is_counted else 1 << 62):
        return "backward"
    return "forward" if is_counted or len(wrt) < len(of) else "backward"


class Lists:
    """For each slot a list of derivatives: a key (a column forward, a row backward) and the slot that holds it.

    The lists lie in one arena. A list's keys ascend. Backward, the keys count rows from the last one, because what is
    used last is met first: so most lists grow at their end.

    Args:
        builder: A builder that holds the program, under its numbers.
        wrt: The inputs that are columns.
        of: The slots that are rows.
        symmetric: Whether entries above the diagonal are left out.
        is_forward: Which way.
        only_counts: Whether nothing is written, and the equations are only counted, in `cost`.
    """

    def __init__(self, builder, wrt, of, symmetric, is_forward, only_counts):
        self.builder = builder
        self.size = self.builder.size
        self.wrt = wrt
        self.of = of
        self.n_wrt = len(wrt)
        self.n_of = len(of)
        self.symmetric = symmetric
        self.is_forward = is_forward
        self.only_counts = only_counts
        self.cost = 0
        self.stamper = Stamper(self.builder, forward_rules if is_forward else backward_rules, True)
        self.starts = array("q", [0]) * (self.size + 1)
        self.lengths = array("i", [0]) * (self.size + 1)
        self.rooms = array("i", [0]) * (self.size + 1)
        self.keys = array("i", [0]) * 1024
        self.held = array("i", [0]) * 1024
        self.top = 0
        self.capacity = 1024
        self.uses = array("i", [0]) * (self.size + 1)
        self.reach = array("B", [0]) * (self.size + 1)
        self.bounds = array("i", [-1]) * (self.size + 1)
        self.new_keys = array("i", [0]) * 64
        self.new_masks = array("B", [0]) * 64
        self.new_held = array("i", [0]) * 192
        self.new_room = 64
        self.entries = Entries()

    def run(self, budget):
        """Do what there is to do, and tell whether it took at most so many equations; stop when it takes more."""
        self.look_around()
        return self.go_forward(budget) if self.is_forward else self.go_backward(budget)

    # ------------------------------------------------------------------ what matters

    def look_around(self):
        """Find for each slot its operands that matter: those below the rows that depend on a column.

        Each slot gets its mask of such operands in `reach` (with bit 8 if it matters itself) and its number of uses.
        With `symmetric`, `bounds` gets the highest row above a slot (forward) or the lowest column below it (backward).
        """
        builder = self.builder
        stamper = self.stamper
        for i in range(self.n_wrt):
            slot = self.wrt[i]
            self.reach[slot] = 8
            if not self.is_forward and (self.bounds[slot] < 0 or i < self.bounds[slot]):
                self.bounds[slot] = i
        for slot in range(self.size):
            code = builder.codes[slot]
            if code == INPUT or code == CONSTANT:
                continue
            number = backward_rules.find(stamper.kind_of(slot), 0)
            mask = backward_rules.reach[number]
            active = 0
            for i in range(3):
                if mask >> i & 1:
                    operand = self.operand(slot, i)
                    if self.reach[operand]:
                        active += 1 << i
                        low = self.bounds[operand]
                        if not self.is_forward and (self.bounds[slot] < 0 or low < self.bounds[slot]):
                            self.bounds[slot] = low
            self.reach[slot] = active + 8 if active else 0
        for i in range(self.n_of):
            slot = self.of[i]
            self.uses[slot] += 1
            if self.is_forward:
                self.bounds[slot] = i  # ascending, so the highest stays
        for slot in range(self.size - 1, -1, -1):
            if not self.uses[slot]:
                self.reach[slot] = 0
            mask = self.reach[slot]
            for i in range(3):
                if mask >> i & 1:
                    operand = self.operand(slot, i)
                    self.uses[operand] += 1
                    if self.is_forward and self.bounds[operand] < self.bounds[slot]:
                        self.bounds[operand] = self.bounds[slot]

    def operand(self, slot, i):
        """Return an operand of a slot."""
        if i == 0:
            return self.builder.a[slot]
        if i == 1:
            return self.builder.b[slot]
        return self.builder.c[slot]

    # ------------------------------------------------------------------ forward

    def go_forward(self, budget):
        """Carry lists of columns up, and read those of the rows."""
        builder = self.builder
        one = self.one()
        for i in range(self.n_wrt):
            slot = self.wrt[i]
            if self.reach[slot] and (not self.symmetric or i <= self.bounds[slot]):
                self.add_one(slot, i, one)
        for slot in range(self.size):
            mask = self.reach[slot]
            code = builder.codes[slot]
            if code == INPUT or mask <= 8:
                continue
            self.lift(slot, code, mask & 7)
            for i in range(3):
                if mask >> i & 1:
                    self.uses[self.operand(slot, i)] -= 1
            if self.cost > budget or (self.only_counts and self.top > MOST_COUNTED):
                return False
        for i in range(self.n_of):
            slot = self.of[i]
            start = self.starts[slot]
            for k in range(start, start + self.lengths[slot]):
                if not self.symmetric or self.keys[k] <= i:
                    self.entries.find(i, self.keys[k], self.held[k])
        return True

    def lift(self, slot, code, mask):
        """Make the list of a slot from those of its operands."""
        if code == ADD and self.extend(slot, mask):
            return 0
        n_new = self.union(slot, mask)
        present = 0
        for k in range(n_new):
            present |= 1 << self.new_masks[k]
        stamper = self.stamper
        stamper.places[X] = self.builder.a[slot]
        stamper.places[Y] = self.builder.b[slot]
        stamper.places[W] = self.builder.c[slot]
        stamper.places[RESULT] = slot
        start = self.allot(slot, n_new, 2 * n_new if code == ADD else n_new)
        self.lengths[slot] = n_new
        for active in range(1, 8):
            if not present >> active & 1:
                continue
            number = 0
            if not self.only_counts:
                number = forward_rules.find(stamper.kind_of(slot), active)
                stamper.stamp(number, 1, LOCAL)
            for k in range(n_new):
                if self.new_masks[k] != active:
                    continue
                self.keys[start + k] = self.new_keys[k]
                if self.only_counts:
                    self.cost += price(code, active)
                    continue
                stamper.places[GRADIENT] = self.new_held[3 * k]
                stamper.places[GRADIENT + 1] = self.new_held[3 * k + 1]
                stamper.places[GRADIENT + 2] = self.new_held[3 * k + 2]
                stamper.stamp(number, 1, VARYING)
                self.held[start + k] = stamper.places[forward_rules.results[3 * number]]
        return 0

    def union(self, slot, mask):
        """Put the keys of the operands' lists into `new_keys`, with who has each and what; return how many they are."""
        bound = self.bounds[slot] if self.symmetric else LARGEST
        a = self.starts[self.operand(slot, 0)] if mask & 1 else 0
        a_end = a + self.lengths[self.operand(slot, 0)] if mask & 1 else 0
        b = self.starts[self.operand(slot, 1)] if mask & 2 else 0
        b_end = b + self.lengths[self.operand(slot, 1)] if mask & 2 else 0
        c = self.starts[self.operand(slot, 2)] if mask & 4 else 0
        c_end = c + self.lengths[self.operand(slot, 2)] if mask & 4 else 0
        n_new = 0
        while a < a_end or b < b_end or c < c_end:
            key = LARGEST
            if a < a_end:
                key = self.keys[a]
            if b < b_end and self.keys[b] < key:
                key = self.keys[b]
            if c < c_end and self.keys[c] < key:
                key = self.keys[c]
            if key > bound:
                break
            self.have_new(n_new + 1)
            self.new_keys[n_new] = key
            present = 0
            if a < a_end and self.keys[a] == key:
                present += 1
                self.new_held[3 * n_new] = self.held[a]
                a += 1
            if b < b_end and self.keys[b] == key:
                present += 2
                self.new_held[3 * n_new + 1] = self.held[b]
                b += 1
            if c < c_end and self.keys[c] == key:
                present += 4
                self.new_held[3 * n_new + 2] = self.held[c]
                c += 1
            self.new_masks[n_new] = present
            n_new += 1
        return n_new

    def extend(self, slot, mask):
        """Take over the list of a sum's first operand, which nothing else needs, if the second's can follow it.

        So a sum of many terms, one added after the other, takes time and room for the terms alone.
        """
        first = self.builder.a[slot]
        second = self.builder.b[slot]
        if mask != 3 or self.uses[first] != 1 or self.builder.codes[first] == INPUT or self.lengths[first] == 0:
            return False
        length = self.lengths[first]
        more = self.lengths[second]
        start = self.starts[first]
        begin = self.starts[second]
        bound = self.bounds[slot] if self.symmetric else LARGEST
        if length + more > self.rooms[first] or self.keys[start + length - 1] > bound:
            return False
        if more and (self.keys[begin] <= self.keys[start + length - 1] or self.keys[begin + more - 1] > bound):
            return False
        for k in range(more):
            self.keys[start + length + k] = self.keys[begin + k]
            self.held[start + length + k] = self.held[begin + k]
        self.starts[slot] = start
        self.lengths[slot] = length + more
        self.rooms[slot] = self.rooms[first]
        self.lengths[first] = 0
        self.rooms[first] = 0
        return True

    # ------------------------------------------------------------------ backward

    def go_backward(self, budget):
        """Carry lists of rows down; what reaches a column is an entry, or a part of one."""
        builder = self.builder
        one = self.one()
        last = self.n_of - 1
        for i in range(last, -1, -1):
            slot = self.of[i]
            if self.reach[slot] and (not self.symmetric or i >= self.bounds[slot]):
                self.add_one(slot, last - i, one)
        for slot in range(self.size - 1, -1, -1):
            mask = self.reach[slot]
            if builder.codes[slot] != INPUT and mask > 8 and self.lengths[slot]:
                self.lower(slot, mask & 7)
                if self.cost > budget or (self.only_counts and self.top > MOST_COUNTED):
                    return False
        for i in range(self.n_wrt):
            slot = self.wrt[i]
            if self.only_counts or not self.reach[slot]:
                continue
            start = self.starts[slot]
            for k in range(start, start + self.lengths[slot]):
                if not self.symmetric or last - self.keys[k] >= i:
                    self.entries.find(last - self.keys[k], i, self.held[k])
        return True

    def lower(self, slot, mask):
        """Hand each operand of a slot its contribution, for each row of the slot's list."""
        builder = self.builder
        stamper = self.stamper
        code = builder.codes[slot]
        stamper.places[X] = builder.a[slot]
        stamper.places[Y] = builder.b[slot]
        stamper.places[W] = builder.c[slot]
        stamper.places[RESULT] = slot
        number = backward_rules.find(stamper.kind_of(slot), 0)
        if not self.only_counts:
            stamper.stamp(number, mask, LOCAL)
        length = self.lengths[slot]
        start = self.starts[slot]
        self.have_new(length)
        for k in range(length):
            self.new_keys[k] = self.keys[start + k]
            if self.only_counts:
                self.cost += price(code, mask)
                continue
            stamper.places[GRADIENT] = self.held[start + k]
            stamper.stamp(number, mask, VARYING)
            for i in range(3):
                if mask >> i & 1:
                    self.new_held[3 * k + i] = stamper.places[backward_rules.results[3 * number + i]]
        for i in range(3):
            if mask >> i & 1:
                self.receive(self.operand(slot, i), i, length)

    def receive(self, slot, place, n_new):
        """Add the contributions of `new_held`, of one operand, to the list of a slot."""
        limit = LARGEST
        if self.symmetric:
            limit = self.n_of - 1 - self.bounds[slot]
        while n_new and self.new_keys[n_new - 1] > limit:
            n_new -= 1
        if n_new == 0:
            return 0
        old = self.starts[slot]
        length = self.lengths[slot]
        if length and length + n_new <= self.rooms[slot] and self.keys[old + length - 1] < self.new_keys[0]:
            for k in range(n_new):
                self.keys[old + length + k] = self.new_keys[k]
                self.held[old + length + k] = self.new_held[3 * k + place]
            self.lengths[slot] = length + n_new
            return 0
        end = old + length
        start = self.allot(slot, length + n_new, 2 * (length + n_new) if length else n_new)
        at = start
        k = 0
        while old < end or k < n_new:
            if k == n_new or (old < end and self.keys[old] < self.new_keys[k]):
                self.keys[at] = self.keys[old]
                self.held[at] = self.held[old]
                old += 1
            elif old == end or self.new_keys[k] < self.keys[old]:
                self.keys[at] = self.new_keys[k]
                self.held[at] = self.new_held[3 * k + place]
                k += 1
            else:
                self.keys[at] = self.keys[old]
                self.cost += 1
                if not self.only_counts:
                    self.held[at] = self.stamper.total(self.held[old], self.new_held[3 * k + place])
                old += 1
                k += 1
            at += 1
        self.lengths[slot] = at - start
        return 0

    # ------------------------------------------------------------------ lists

    def one(self):
        """Return the slot of the number 1."""
        return 0 if self.only_counts else self.builder.constant(1.0)

    def add_one(self, slot, key, held):
        """Append one entry to the list of a slot, whose keys are all smaller."""
        length = self.lengths[slot]
        if length == self.rooms[slot]:
            old = self.starts[slot]
            start = self.allot(slot, length + 1, 2 * length + 1)
            for k in range(length):
                self.keys[start + k] = self.keys[old + k]
                self.held[start + k] = self.held[old + k]
        self.keys[self.starts[slot] + length] = key
        self.held[self.starts[slot] + length] = held
        self.lengths[slot] = length + 1

    def allot(self, slot, length, room):
        """Give a slot a new stretch of the arena, for a list of that length with room to grow; return its start."""
        if room < length:
            room = length
        start = self.top
        if start + room > self.capacity:
            capacity = 2 * self.capacity + room
            self.keys = longer(self.keys, self.top, array("i", [0]) * capacity)
            self.held = longer(self.held, self.top, array("i", [0]) * capacity)
            self.capacity = capacity
        self.starts[slot] = start
        self.rooms[slot] = room
        self.top = start + room
        return start

    def have_new(self, size):
        """Have room for that many new entries."""
        if size > self.new_room:
            room = 2 * size
            self.new_keys = longer(self.new_keys, self.new_room, array("i", [0]) * room)
            self.new_held = longer(self.new_held, 3 * self.new_room, array("i", [0]) * (3 * room))
            masks = array("B", [0]) * room
            for k in range(self.new_room):
                masks[k] = self.new_masks[k]
            self.new_masks = masks
            self.new_room = room
        return 0


def price(code, mask):
    """Return about how many equations one entry costs."""
    operands = (mask & 1) + (mask >> 1 & 1) + (mask >> 2 & 1)
    if code == ADD:
        return operands - 1
    return 2 * operands - 1 if code == MULTIPLY else 2 * operands
