"""Gradients of slots of a `Builder`, as further slots of it: reverse mode.

Every slot hands its operands their share of its gradient, in the order of the engine's own sweep: uses are counted, a
slot's step comes when all that use it have taken theirs, and of those that are ready the latest goes first. So the sums
have the same order as in an eager `backward()`, and with `exact` the same bits.

This is ordinary Python and runs as such. The file `cotangents.pxd` beside it names C types, and Cython then compiles
this very text. Nothing recurses.

Source: A. B. Kahn, Topological sorting of large networks, CACM 5 (1962), turned around, as in the engine.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from array import array
from math import copysign

from slopewise.errors import InternalError
from slopewise.passes.stamping import Stamper

if not cython.compiled:
    from slopewise.ir.builder import BYTES, INTS, blank, filled
    from slopewise.ir.operations import ADD, ATTACH, CONSTANT, INPUT, MULTIPLY
    from slopewise.passes.stamping import GRADIENT, RESULT, WHOLE, W, X, Y, backward_rules, exact_rules


class Cotangents:
    """Gradients of slots of a Builder, as further slots of it.

    One object serves many passes over a growing Builder: a pass takes time for the slots that it meets, not for those
    that are there. Between two passes call `clear`.

    Args:
        builder: Where the slots are, and where the equations go.
        exact: Compute just what the engine's sweep computes, starting every sum at 0.0.

    Example:
        >>> from slopewise.ir import Builder, code_of
        >>> build = Builder()
        >>> x, y = build.input(), build.input()
        >>> z = build.emit(code_of("multiply"), x, y)
        >>> gradients = Cotangents(build)
        >>> gradients.run([z], [build.constant(1.0)])
        >>> print(build.extract([x, y], [gradients.of(x)], ["x", "y"]))
        program(%0 x, %1 y) {
          %2 = constant 1.0
          %3 = multiply %1 %2
          return %3
        }
    """

    def __init__(self, builder, exact=False):
        self.builder = builder
        self.exact = exact
        self.stamper = Stamper(builder, exact_rules if exact else backward_rules)
        self.room = 0
        self.size = 0
        self.bars = array("i", [-1])
        self.uses = array("i", [0])
        self.wanted = array("B", [0])
        self.chooses = False
        self.limit = 0
        self.stack = array("i", [0]) * 64
        self.depth = 0
        self.touched = array("i", [0]) * 64
        self.n_touched = 0
        self.links = array("i", [0]) * 16
        self.zero = -1

    def want(self, wanted):
        """Follow only slots that depend on some of the given ones; to be called once, before the first run.

        Args:
            wanted: Slots.
        """
        builder = self.builder
        stamper = self.stamper
        templates = stamper.templates
        self.make_room(builder.size)
        self.wanted = filled(BYTES, self.room, 0)
        self.chooses = True
        for given in wanted:
            self.wanted[given] = 1
        for slot in range(builder.size):
            code = builder.codes[slot]
            if code == INPUT or code == CONSTANT or self.wanted[slot]:
                continue
            if code == ADD or code == MULTIPLY:
                reach = 3
            else:
                number = templates.find(stamper.kind_of(slot), 0)
                reach = templates.reach[number]
            if (
                (reach & 1 and self.wanted[builder.a[slot]])
                or (reach & 2 and self.wanted[builder.b[slot]])
                or (reach & 4 and self.wanted[builder.c[slot]])
            ):
                self.wanted[slot] = 1

    def run(self, roots, seeds, limit=0, starts=None):
        """Append the equations of the gradients of everything below some slots.

        Args:
            roots: The slots that are differentiated.
            seeds: For each, the slot that holds its gradient.
            limit: Slots below it receive, and hand nothing on.
            starts: For slots whose gradient adds to what is there: the slot that holds it, in a dict. None for none.
        """
        builder = self.builder
        self.size = builder.size
        self.make_room(self.size)
        self.stamper.forget()
        self.zero = -1
        self.limit = limit
        if starts is not None:
            for given, start in starts.items():
                self.touch(given)
                self.bars[given] = start
        for given in roots:  # a root's own gradient is set, not added to
            self.touch(given)
            self.bars[given] = -1
        for i in range(len(roots)):
            root = roots[i]
            seed = seeds[i]
            if self.bars[root] >= 0:
                self.bars[root] = builder.emit(ADD, self.bars[root], seed)
            else:
                self.bars[root] = self.from_zero(seed) if self.exact and not self.is_clean(seed) else seed
            self.count(root)
        while self.depth:
            self.depth -= 1
            self.count_operands(self.stack[self.depth])
        for given in roots:
            self.discount(given)
        while self.depth:
            self.depth -= 1
            slot = self.stack[self.depth]
            self.propagate(slot)
            self.discount_operands(slot)

    def clear(self):
        """Forget the gradients, for another run."""
        for i in range(self.n_touched):
            self.bars[self.touched[i]] = -1
        self.n_touched = 0

    def of(self, slot):
        """Return the slot that holds a slot's gradient, or -1."""
        return self.bars[slot] if 0 <= slot < self.room else -1

    def slots(self):
        """Return the slots that have a gradient, the first to receive one first; an array of C ints."""
        found = view = blank(INTS, self.n_touched)
        for i in range(self.n_touched):
            view[i] = self.touched[i]
        return found

    def all(self):
        """Return for every slot that was there before the run the slot of its gradient, or -1; an array of C ints."""
        found = view = filled(INTS, self.size, 255)
        for i in range(self.n_touched):
            view[self.touched[i]] = self.bars[self.touched[i]]
        return found

    def make_room(self, size):
        """Have a place for each of so many slots."""
        if size > self.room:
            if self.chooses:
                raise InternalError("the slots to follow were chosen before these were made")
            room = size + self.room
            self.bars = longer(self.bars, self.room, filled(INTS, room, 255))
            self.uses = longer(self.uses, self.room, filled(INTS, room, 0))
            self.room = room

    # ------------------------------------------------------------------ the order of the steps

    def count(self, slot):
        """Count one more use of a slot; at the first, put it on the stack if it has operands to hand something to."""
        code = self.builder.codes[slot]
        if slot >= self.limit and code != INPUT and code != CONSTANT and self.takes(slot):
            self.uses[slot] += 1
            if self.uses[slot] == 1:
                self.push(slot)

    def discount(self, slot):
        """Take back one use of a counted slot; at the last, put it on the stack."""
        if self.uses[slot]:
            self.uses[slot] -= 1
            if self.uses[slot] == 0:
                self.push(slot)

    def push(self, slot):
        """Put a slot on the stack."""
        if self.depth == len(self.stack):
            self.stack = longer(self.stack, self.depth, blank(INTS, 2 * self.depth))
        self.stack[self.depth] = slot
        self.depth += 1

    def touch(self, slot):
        """Note that a slot has a gradient."""
        if self.bars[slot] < 0:
            if self.n_touched == len(self.touched):
                self.touched = longer(self.touched, self.n_touched, blank(INTS, 2 * self.n_touched))
            self.touched[self.n_touched] = slot
            self.n_touched += 1

    def count_operands(self, slot):
        """Count the uses that one slot makes of its operands."""
        builder = self.builder
        code = builder.codes[slot]
        if code == ADD or code == MULTIPLY:
            self.count(builder.a[slot])
            self.count(builder.b[slot])
        elif code == ATTACH:
            i = self.link(slot)
            self.count(builder.a[self.links[i]])
            while i >= 0:
                self.count(builder.b[self.links[i]])
                i -= 1
        else:
            reach = self.reach_of(slot)
            if reach & 1:
                self.count(builder.a[slot])
            if reach & 2:
                self.count(builder.b[slot])
            if reach & 4:
                self.count(builder.c[slot])

    def discount_operands(self, slot):
        """Take back the uses that one slot makes of its operands."""
        builder = self.builder
        code = builder.codes[slot]
        if code == ADD or code == MULTIPLY:
            self.discount(builder.a[slot])
            self.discount(builder.b[slot])
        elif code == ATTACH:
            i = self.link(slot)
            self.discount(builder.a[self.links[i]])
            while i >= 0:
                self.discount(builder.b[self.links[i]])
                i -= 1
        else:
            reach = self.reach_of(slot)
            if reach & 1:
                self.discount(builder.a[slot])
            if reach & 2:
                self.discount(builder.b[slot])
            if reach & 4:
                self.discount(builder.c[slot])

    def reach_of(self, slot):
        """Return a bit for each operand that a slot hands something to."""
        templates = self.stamper.templates
        number = templates.find(self.stamper.kind_of(slot), 0)
        return templates.reach[number]

    def link(self, slot):
        """List the attachments that begin at a slot, one upon the other, in `links`; return the index of the last.

        Together they are one operation of the user's, of which each holds one operand: they take one step.
        """
        builder = self.builder
        last = 0
        self.links[0] = slot
        slot = builder.a[slot]
        while slot >= self.limit and builder.codes[slot] == ATTACH:
            last += 1
            if last == len(self.links):
                self.links = longer(self.links, last, blank(INTS, 2 * last))
            self.links[last] = slot
            slot = builder.a[slot]
        return last

    # ------------------------------------------------------------------ one step

    def propagate(self, slot):
        """Hand each operand its contribution: the local derivative times the slot's gradient."""
        builder = self.builder
        code = builder.codes[slot]
        gradient = self.bars[slot]
        a = builder.a[slot]
        b = builder.b[slot]
        if code == ADD:
            if self.takes(a):
                self.receive(a, gradient, True)
            if self.takes(b):
                self.receive(b, gradient, True)
        elif code == MULTIPLY:
            first = builder.emit(MULTIPLY, b, gradient) if self.takes(a) else -1
            second = first
            if a != b and self.takes(b):
                second = builder.emit(MULTIPLY, a, gradient)
            if self.takes(a):
                self.receive(a, first, False)
            if self.takes(b):
                self.receive(b, second, False)
        elif code == ATTACH:
            i = self.link(slot)
            a = builder.a[self.links[i]]
            if self.takes(a):
                self.receive(a, gradient, True)
            while i >= 0:
                slot = self.links[i]
                b = builder.b[slot]
                if self.takes(b):
                    self.receive(b, builder.emit(MULTIPLY, builder.c[slot], gradient), False)
                i -= 1
        else:
            stamper = self.stamper
            templates = stamper.templates
            number = templates.find(stamper.kind_of(slot), 0)
            c = builder.c[slot]
            mask = templates.reach[number]
            if mask & 1 and not self.takes(a):
                mask -= 1
            if mask & 2 and not self.takes(b):
                mask -= 2
            if mask & 4 and not self.takes(c):
                mask -= 4
            stamper.places[X] = a
            stamper.places[Y] = b
            stamper.places[W] = c
            stamper.places[RESULT] = slot
            stamper.places[GRADIENT] = gradient
            stamper.stamp(number, mask, WHOLE)
            number *= 3
            if mask & 1:
                self.receive(a, stamper.places[templates.results[number]], templates.clean[number])
            if mask & 2:
                self.receive(b, stamper.places[templates.results[number + 1]], templates.clean[number + 1])
            if mask & 4:
                self.receive(c, stamper.places[templates.results[number + 2]], templates.clean[number + 2])

    def takes(self, slot):
        """Tell whether anybody wants what a slot receives."""
        return not self.chooses or self.wanted[slot] != 0

    def receive(self, slot, contribution, clean):
        """Add a contribution to a slot's gradient; a clean one is never -0.0."""
        bar = self.bars[slot]
        if bar >= 0:
            self.bars[slot] = self.builder.emit(ADD, bar, contribution)
        else:
            self.touch(slot)
            self.bars[slot] = self.from_zero(contribution) if self.exact and not clean else contribution

    def from_zero(self, contribution):
        """Write 0.0 plus a contribution, which differs from it where that is -0.0."""
        if self.zero < 0:
            self.zero = self.builder.constant(0.0)
        return self.builder.emit(ADD, self.zero, contribution)

    def is_clean(self, slot):
        """Tell whether a slot is known not to hold -0.0."""
        builder = self.builder
        if builder.codes[slot] != CONSTANT:
            return False
        x = builder.pool[builder.a[slot]]
        return x != 0 or copysign(1.0, x) > 0


def reverse_into(builder, roots, seeds, limit=0, exact=False, starts=None):
    """Append the gradients of everything below some slots of a Builder; see `Cotangents` for many passes over one.

    Args:
        builder: Where the slots are, and where the equations go.
        roots: The slots that are differentiated.
        seeds: For each, the slot that holds its gradient.
        limit: Slots below it receive, and hand nothing on.
        exact: Compute just what the engine's sweep computes, starting every sum at 0.0.
        starts: For slots whose gradient adds to what is there: the slot that holds it.

    Returns:
        For every slot that was there before, the slot that holds its gradient, or -1; an array of C ints.
    """
    gradients = Cotangents(builder, exact)
    gradients.run(roots, seeds, limit, starts)
    return gradients.all()


def longer(old, used, new):
    """Return a longer column of C ints that begins like the old one."""
    view = new
    for i in range(used):
        view[i] = old[i]
    return new
