"""`Session`: what happens to Values while a function is traced, beyond making nodes.

It captures Values that existed before, keeps gradients and assignments apart from the real ones, runs `backward()`
symbolically, and turns answers that Python needed into guards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slopewise.engine import modes
from slopewise.engine.value import (
    Value,
    fields_of,
    has_attributes,
    is_constant_leaf,
    is_lecture,
    is_made,
    mark_of,
    number_of,
    operands_of,
    operation_of,
    rule_operands,
    set_fields,
    set_number,
)
from slopewise.errors import TraceError, TraceLeakError
from slopewise.ir.operations import ATTACH, CONSTANT, DETACH, code_of
from slopewise.ir.program import Program
from slopewise.ops import BY_NAME
from slopewise.tracer.numbers import Number, Plain, is_plain, plain
from slopewise.tracer.tape import Tape

Reverse = Callable[..., Any]


@dataclass(slots=True, eq=False)
class Known:
    """What the trace knows of a leaf, or of another Value whose gradient or number was touched.

    Attributes:
        value: The Value.
        slots: Its slots, one per assignment of `.data`, the current one last.
        existed: It was there before the trace: its number and gradient are inputs, and what is assigned is given back.
        gradient: Its `.grad` as the traced function sees it; None as long as nobody asked for it.
        data_written: `.data` was assigned.
        gradient_written: `.grad` was assigned, or a pass added to it.
        saved: The fields that the Value had before the trace, for one that existed.
        captured: This trace put it on the tape.
    """

    value: Value
    slots: list[int]
    existed: bool
    gradient: "Number | Plain | None" = None
    data_written: bool = False
    gradient_written: bool = False
    saved: Any = None
    captured: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """An input that the trace found by itself: the number or the gradient of a Value that existed before."""

    slot: int
    value: Value
    attribute: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that Python needed: the truth of a slot, or its value as an int."""

    slot: int
    kind: str
    expected: bool | int
    source: modes.Source | None


@dataclass(slots=True)
class Frame:
    """Where one trace began on the tape, and what it found."""

    start: int
    pool_start: int
    epoch: int
    inputs: list[Input] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    answered: set[tuple[int, str]] = field(default_factory=set)
    known: dict[int, Known] = field(default_factory=dict)
    detached: dict[int, int] = field(default_factory=dict)
    bars: dict[int, int] = field(default_factory=dict)


class Session(Tape):
    """The traces of one thread, one inside another, on one tape.

    Args:
        thread: The identity of the thread.
        reverse: `passes.differentiate.reverse_into`, which this room may not import.
        lines: Whether to note the source line of every constant.
        exact: Whether sums of gradients are to be taken in the engine's order, from 0.
    """

    def __init__(self, thread: int, reverse: Reverse | None, lines: bool, exact: bool) -> None:
        super().__init__(thread)
        self.reverse = reverse
        self.exact = exact
        self.frames: list[Frame] = []
        self.lines = {} if lines else None
        self.outside: dict[int, Known] = {}  # of all frames: who existed before the outermost trace

    # ------------------------------------------------------------------ traces, one inside another

    def enter(self) -> Frame:
        """Begin a trace."""
        if self.frames:
            self.epochs.append(self.epoch)
        self.epoch = _next_epoch()
        frame = Frame(self.builder.size, self.builder.pool_size, self.epoch)
        self.frames.append(frame)
        return frame

    def leave(self) -> None:
        """End the innermost trace: its slots go, and the Values that it captured are as before."""
        frame = self.frames.pop()
        for known in frame.known.values():
            if known.saved is not None:
                set_fields(known.value, *known.saved)
            if known.captured:
                del self.outside[id(known.value)]
        self.builder.truncate(frame.start, frame.pool_start)
        self.epoch = self.epochs.pop() if self.frames else 0

    @property
    def frame(self) -> Frame:
        """The innermost trace."""
        return self.frames[-1]

    def emit_value(self, name: str, slots: tuple[int, ...], number: float) -> int:
        """Append an operation whose number is known."""
        b = slots[1] if len(slots) > 1 else -1
        c = slots[2] if len(slots) > 2 else -1
        return self.keep(self.builder.emit(code_of(name), slots[0], b, c), number)

    def detach(self, slot: int) -> int:
        """Return a slot with the same number and no gradient."""
        if self.code_at(slot) in (CONSTANT, DETACH):
            return slot
        known = self.frame.detached.get(slot)
        if known is None:
            known = self.keep(self.builder.emit(DETACH, slot), self.value_at(slot))
            self.frame.detached[slot] = known
        return known

    def number(self, slot: int, number: Plain) -> Number:
        """Return the traced number that stands for a slot."""
        return Number(self.place_of(slot), number)

    # ------------------------------------------------------------------ Values that come onto the tape

    def argument(self, number: float, argument: Value | None, can_have_gradient: bool) -> int:
        """Put an argument of the traced function on the tape; None stands for one that is an int."""
        slot = self.keep(self.builder.input(), float(number))
        if argument is None:
            return slot
        self.place(argument, slot)
        self.frame.known[id(argument)] = Known(argument, [slot], can_have_gradient)
        return slot

    def known_of(self, n: Value) -> Known | None:
        """Return what some open trace knows of a Value."""
        for frame in reversed(self.frames):
            known = frame.known.get(id(n))
            if known is not None:
                return known
        return None

    def own(self, n: Value) -> Known:
        """Return what the innermost trace knows of a Value, to be changed there; an outer trace's knowledge is copied."""
        known = self.frame.known.get(id(n))
        if known is not None:
            return known
        slot = self.slot_of(n)
        known = self.frame.known.get(id(n))  # slot_of may have captured it
        if known is None:
            outer = self.known_of(n)
            known = Known(n, [slot], slot < self.frame.start)
            if known.existed:  # in a trace around this one
                known.saved = fields_of(n)
            if outer is not None:
                known.gradient = outer.gradient
            self.frame.known[id(n)] = known
        return known

    def capture(self, n: Value) -> int:
        """Put a Value that existed before on the tape, as an input."""
        number = number_of(n)
        if type(number) not in (float, int) or (abs(number) >= 2**53 and type(number) is int):
            self.refuse_type(n)
        known = Known(n, [], True, saved=fields_of(n), captured=True)
        slot = self.keep(self.builder.input(), float(number))
        known.slots.append(slot)
        self.frame.known[id(n)] = known
        self.outside[id(n)] = known
        self.frame.inputs.append(Input(slot, n, "data"))
        self.place(n, slot)
        return slot

    def note_leaf(self, n: Value) -> None:
        """Put a leaf that the constructor made on the tape: frozen, unless a traced number was given."""
        if mark_of(n) < 0:
            self.place(n, self.frozen(float(number_of(n))))
        slot = self.slot_of(n)
        self.frame.known[id(n)] = Known(n, [slot], False)

    def note_many(self, n: Value) -> None:
        """Put a node on the tape that has a tuple of operands, or a user's operation."""
        row = operation_of(n)
        if BY_NAME.get(row.name) is row and row.name != "leaf":
            slots = [self.slot_of(operand) for operand in operands_of(n)]
            self.place(n, self.emit_value(row.name, tuple(slots), float(number_of(n))))
        elif BY_NAME.get(row.name) is row:
            self._note_hand_made(n)
        else:
            self._note_own_operation(n, row)

    def _note_hand_made(self, n: Value) -> None:
        slot = self.slot_at(int(mark_of(n))) if mark_of(n) >= 0 else self.frozen(float(number_of(n)))
        given = n.__dict__.get("_local_grads") if has_attributes(n) else None
        pairs = []
        if given is not None:
            pairs = [(x, self._slot_of_number(p)) for x, p in zip(operands_of(n), given, strict=True)]
        self._attach(n, slot, pairs)

    def _note_own_operation(self, n: Value, row: Any) -> None:
        operands = rule_operands(n)
        numbers = [self._raw(operand) for operand in operands]
        try:
            z = row.value(*numbers)
            zslot = self._slot_of_number(z)
            partials = row.derivative(*numbers, self.number(zslot, float(number_of(n))))
        except TraceError:
            raise
        except Exception as error:
            self.refuse(
                f"the operation {row.name!r} computes by something that cannot be recorded: {type(error).__name__}: {error}",
                "write its value and its derivative with arithmetic, the math module or slopewise's operations",
            )
        pairs = [(x, self._slot_of_number(p)) for x, p in zip(operands, partials, strict=True)]
        self._attach(n, zslot, pairs)

    def _attach(self, n: Value, slot: int, pairs: list[tuple[Value, int]]) -> None:
        """Give a node its number from one slot, and its gradients from the slots of its local derivatives."""
        number = float(number_of(n))
        out = self.keep(self.builder.emit(DETACH, slot), number)
        for operand, partial in pairs:
            out = self.keep(self.builder.emit(ATTACH, out, self.slot_of(operand), partial), number)
        self.place(n, out)

    def _raw(self, n: Value) -> Any:
        """Return a node as a number that is still connected, for rules that compute local derivatives."""
        if is_constant_leaf(n) and mark_of(n) < 0:
            return number_of(n)
        return self.number(self.slot_of(n), number_of(n))

    def _slot_of_number(self, x: Any) -> int:
        if type(x) is Number:
            return self.slot_at(x._place)
        if isinstance(x, Value):
            return self.slot_of(x)
        if is_plain(x):
            return self.frozen(float(plain(x)))
        self.refuse(
            f"{x!r} ({type(x).__name__}) stands where a traced function needs a float", "give a number, or a Value"
        )
        raise AssertionError  # refuse raises

    def slot_of_result(self, x: Any) -> int:
        """Return the slot of something that a function returned or was given."""
        return self._slot_of_number(x)

    def as_value(self, slot: int) -> Value:
        """Return a new Value that stands for a slot, gradient and all."""
        out = Value.__new__(Value)
        set_number(out, self.value_at(slot))
        self.place(out, slot)
        return out

    def inlined_slots(self, program: Program, slots: list[int]) -> list[int]:
        """Append a Program's equations, and return the slots of its outputs."""
        begin = self.builder.size
        out: list[int] = self.builder.inline(program, slots)
        self.evaluate(begin)
        return out

    def titles(self, frame: Frame, outer: list[int]) -> list[str]:
        """Name the inputs that the trace found by itself."""
        names = []
        for i, found in enumerate(frame.inputs):
            name = found.value.label or f"captured{i}"
            names.append(name if found.attribute == "data" else f"{name}.grad")
        return [*names, *(f"outer{slot}" for slot in outer)]

    def adopted(self, out: Value, x: Any) -> Any:
        """Let a Value hold a traced number: it stays connected to it. Return what the number is in this call."""
        if isinstance(x, Value):  # a leaf made from a Value of the traced function stays connected to it
            if mark_of(x) < 0 and not is_constant_leaf(x):
                self.capture(x)
            one = self.frozen(1.0)
            self.place(
                out, self.keep(self.builder.emit(code_of("multiply"), self.slot_of(x), one), float(number_of(x)))
            )
            return number_of(x)
        if type(x) is not Number:
            return x
        slot = self.slot_at(x._place)
        self.place(out, self.keep(self.builder.emit(DETACH, slot), self.value_at(slot)))
        return x._number if type(x._number) is not bool else int(x._number)

    def cut(self, out: Value) -> None:
        """Put a node of a `no_grad` block on the tape without its gradient."""
        slot = self.slot_of(out)
        self.place(out, self.keep(self.builder.emit(DETACH, slot), self.value_at(slot)))

    # ------------------------------------------------------------------ reading and writing numbers

    def read(self, n: Value) -> Any:
        """Return what `.data` of a Value is in a traced function."""
        slot = self.slot_of(n)
        return self.number(self.detach(slot), number_of(n))

    def write(self, n: Value, x: Any) -> None:
        """Assign `.data` of a Value in a traced function."""
        known = self.own(n)
        if not known.existed and is_made(n):
            self.refuse(
                "`.data` of a node that the traced function made itself is assigned",
                "make a leaf of it first: Value(node.data), or assign to a Value that existed before the call",
            )
        old = known.slots[-1]
        slot = self._slot_of_number(x if not isinstance(x, Value) else self.read(x))
        new = self.keep(self.builder.emit(DETACH, slot), self.value_at(slot))
        known.slots.append(new)
        known.data_written = True
        number = x._number if type(x) is Number else number_of(x) if isinstance(x, Value) else plain(x)
        set_number(n, float(number))
        self.place(n, new)
        self.frame.detached.pop(old, None)

    def read_gradient(self, n: Value) -> Any:
        """Return what `.grad` of a Value is in a traced function."""
        known = self.known_of(n)
        if known is None and mark_of(n) < 0:
            known = self.own(n)
        if known is not None:
            if known.gradient is None:
                known = self.own(n)
                known.gradient = self._first_gradient(known)
            x = known.gradient
            return self.number(self.detach(self.slot_at(x._place)), x._number) if type(x) is Number else x
        slot = self.slot_of(n)
        for frame in reversed(self.frames):
            if slot in frame.bars:
                bar = frame.bars[slot]
                return self.number(self.detach(bar), self.value_at(bar)) if bar >= 0 else self._zero(n)
        return self._zero(n)

    def _zero(self, n: Value) -> Plain:
        return 0.0 if is_lecture(n) else 0

    def _first_gradient(self, known: Known) -> "Number | Plain":
        """Return the gradient that a Value had before the trace: an input."""
        n = known.value
        if not known.existed:
            return self._zero(n)
        number: Any = 0.0
        if id(n) in self.outside:
            number = self.gradient_aside(n)
        if not is_plain(number):
            self.refuse(f"the gradient of {self._named(n)} is {number!r}, no float", "set it to a number first")
        slot = self.keep(self.builder.input(), float(number))
        self.frame.inputs.append(Input(slot, n, "grad"))
        return self.number(slot, float(number))

    def write_gradient(self, n: Value, x: Any) -> None:
        """Assign `.grad` of a Value in a traced function."""
        known = self.own(n)
        if x is None:
            x = self._zero(n)
        if isinstance(x, Value):
            x = self.read(x)
        if type(x) is not Number and not is_plain(x):
            self.refuse(f"the gradient of {self._named(n)} is set to {x!r}, no float", "set it to a number")
        known.gradient = x if type(x) is Number else plain(x)
        known.gradient_written = True

    def _named(self, n: Value) -> str:
        return repr(n.label) if n.label else "a Value"

    # What other threads see of a Value that this trace has marked.

    def knows(self, n: Value) -> bool:
        """Tell whether a Value that is marked existed before a trace that runs."""
        return id(n) in self.outside

    def data_aside(self, n: Value) -> Any:
        """Return the number that a Value has outside the trace."""
        _, kind, _, _, data, *_ = self.outside[id(n)].saved
        return data if kind == 1 else int(data)

    def gradient_aside(self, n: Value) -> Any:
        """Return the gradient that a Value has outside the trace."""
        saved = self.outside[id(n)].saved
        return saved[5] if saved[2] == 1 else int(saved[5]) if saved[2] == 0 else n.__dict__["_grad"]

    def put_gradient_aside(self, n: Value, x: Any) -> None:
        """Assign the gradient that a Value has outside the trace."""
        known = self.outside[id(n)]
        saved = list(known.saved)
        if type(x) is float or (type(x) is int and abs(x) < 2**53):
            saved[2], saved[5] = (1 if type(x) is float else 0), float(x)
        else:
            n.__dict__["_grad"] = x
            saved[2], saved[5] = 2, 0.0
        known.saved = tuple(saved)

    # ------------------------------------------------------------------ comparisons and guards

    def compare(self, name: str, n: Value, other: Any) -> Any:
        """Return the traced truth value of a comparison of a Value with something."""
        if not isinstance(other, Value) and type(other) is not Number and not is_plain(other):
            return NotImplemented
        slots = (self.slot_of(n), self._slot_of_number(other))
        slot = self.emit_operation(code_of(name), slots)
        return self.number(slot, bool(self.value_at(slot)))

    def guard(self, kind: str, slot: int, expected: bool | int, source: modes.Source | None = None) -> None:
        """Note an answer that Python needed and that the course of the function depends on."""
        if self.is_constant(slot) or (slot, kind) in self.frame.answered:
            return
        self.frame.answered.add((slot, kind))
        self.frame.answers.append(Answer(slot, kind, expected, source or modes.source_line()))

    # ------------------------------------------------------------------ backward, inside the traced function

    def backward(self, root: Value) -> None:
        """Run a backward pass symbolically; leaves accumulate, nodes made inside are set afresh."""
        if self.reverse is None:
            self.refuse("backward() is called where nothing can differentiate", "compile it with slopewise.compile")
        assert self.reverse is not None
        top = self.slot_of(root)
        seed = self.frozen(1.0)
        begin = self.builder.size
        bars = self.reverse(self.builder, [top], [seed], self.frame.start, exact=self.exact)
        touched = list(self.frame.known.values())
        moved = {old: known.slots[-1] for known in touched for old in known.slots[:-1]}
        if moved:  # local derivatives are taken at the numbers that operands hold now
            self.redirect(begin, moved)
        self.evaluate(begin)
        leaves = set()
        for known in touched:
            if is_made(known.value) and not known.existed:
                known.gradient = None
                continue
            leaves.update(known.slots)
            found = [bars[slot] for slot in known.slots if slot < len(bars) and bars[slot] >= 0]
            if found and known.value is not root:
                self._accumulate(known, found)
        for slot in range(self.frame.start, min(begin, len(bars))):
            if bars[slot] >= 0 and slot not in leaves:
                self.frame.bars[slot] = bars[slot]
        self._add_to_outer(bars)
        if is_made(root):
            self.frame.bars[top] = seed
        else:
            self.write_gradient(root, 1.0 if is_lecture(root) else 1)

    def _accumulate(self, known: Known, found: list[int]) -> None:
        before = self.read_gradient(known.value) if known.gradient is None else known.gradient
        total: int
        if type(before) is Number:
            total = self.slot_at(before._place)
        elif before == 0 and not self.exact:
            total = -1
        else:
            total = self.frozen(float(before))
        for bar in found:
            total = bar if total < 0 else self.emit_operation(code_of("add"), (total, bar))
        known.gradient = self.number(total, self.value_at(total))
        known.gradient_written = True

    def _add_to_outer(self, bars: Any) -> None:
        """Hand what reaches Values of an outer trace to those that are known by name there."""
        for frame in self.frames[:-1]:
            for outer in list(frame.known.values()):
                slot = outer.slots[-1]
                if slot < len(bars) and bars[slot] >= 0 and id(outer.value) not in self.frame.known:
                    self._accumulate(self.own(outer.value), [bars[slot]])

    def clear_gradients(self, root: Value) -> None:
        """Set the gradient of a Value and of all below it to 0."""
        seen = {id(root)}
        stack = [root]
        while stack:
            n = stack.pop()
            known = self.known_of(n)
            if known is not None or not is_made(n):
                self.write_gradient(n, self._zero(n))
            elif mark_of(n) >= 0:
                self.frame.bars[self.slot_of(n)] = -1
            for operand in operands_of(n):
                if id(operand) not in seen and not (is_constant_leaf(operand) and mark_of(operand) < 0):
                    seen.add(id(operand))
                    stack.append(operand)

    def propagate(self, n: Value) -> None:
        """Take one built-in step of the backward pass, called by hand."""
        gradient = self.read_gradient(n)
        operands = rule_operands(n)
        row = operation_of(n)
        given = n.__dict__.get("_local_grads") if has_attributes(n) else None
        if given is None and row.name == "leaf":
            return
        partials = given if given is not None else row.derivative(*map(self._raw, operands), self._raw(n))
        count = 1 if row.name == "power" else len(operands)
        for operand, partial in list(zip(operands, partials, strict=True))[:count]:
            if is_constant_leaf(operand) and mark_of(operand) < 0:
                continue
            share = partial * gradient
            if row.selects:
                share = BY_NAME["where"](partial == 0, 0.0, share)
            self.write_gradient(operand, self.read_gradient(operand) + share)

    def take_step(self, n: Value, step: Callable[[], Any]) -> None:
        """Turn a backward step that a user wrote into local derivatives, by running it once.

        The step runs on the gradient 1; what it adds to an operand's gradient is the local derivative there. That is
        right as long as the step is linear in the gradient, and a step that is not is refused.
        """
        begin, known_before = self.builder.size, dict(self.frame.known)
        saved = {key: (known.gradient, known.gradient_written) for key, known in known_before.items()}
        operands = {id(x): x for x in operands_of(n)}
        own = self.own(n)
        seed = self.frozen(1.0)
        own.gradient = self.number(self.keep(self.builder.emit(DETACH, seed), 1.0), 1.0)
        zeros = {}
        for key, operand in operands.items():
            if operand is not n:
                zeros[key] = self.own(operand)
                zeros[key].gradient = 0.0
        bars, self.frame.bars = self.frame.bars, {}
        try:
            step()
        finally:
            self.frame.bars = bars
        shares = {key: known.gradient for key, known in self.frame.known.items() if known is not own}
        pairs = []
        checks = []
        for key, share in shares.items():
            before = saved.get(key, (None, False))[0]
            if key in zeros:
                before = 0.0
            if share is before or (share is None):
                continue
            if not (type(share) is float and share == 0.0 and key in zeros):
                slot = self._slot_of_number(share)
                pairs.append((self.frame.known[key].value, slot))
                checks.append(slot)
        self._check_linear(seed, begin, checks)
        for key, known in list(self.frame.known.items()):
            if key in saved:
                known.gradient, known.gradient_written = saved[key]
            elif known is own or key in zeros:
                known.gradient, known.gradient_written = None, False
                if not known.existed and is_made(known.value):
                    del self.frame.known[key]
        slot = self.slot_of(n)
        out = slot if self.code_at(slot) == DETACH else self.keep(self.builder.emit(DETACH, slot), self.value_at(slot))
        for operand, partial in pairs:
            out = self.keep(self.builder.emit(ATTACH, out, self.slot_of(operand), partial), self.value_at(out))
        self.place(n, out)

    def _check_linear(self, seed: int, begin: int, slots: list[int]) -> None:
        """Refuse a user's step that is not linear in the gradient: twice the gradient must give twice the shares."""
        with_one = [self.value_at(slot) for slot in slots]
        for factor in (2.0, -1.0):
            self.reassign(seed, factor)
            self.evaluate(begin)
            given = [self.value_at(slot) for slot in slots]
            self.reassign(seed, 1.0)
            self.evaluate(begin)
            for one, many in zip(with_one, given, strict=True):
                wanted = factor * one
                if many != wanted and one == one and abs(many - wanted) > 1e-12 * abs(wanted):
                    self.refuse(
                        f"a `_backward` set by hand is not linear in the gradient: it hands on {one!r} for the gradient 1 "
                        f"and {many!r} for {factor!r}",
                        "let the step multiply out.grad by the local derivative; clip gradients after backward()",
                    )

    # ------------------------------------------------------------------ refusals

    def refuse(self, what: str, cure: str) -> None:
        """Raise for what cannot be traced, with the user's line."""
        raise TraceError(f"{what}\nat {modes.source_line()}\n{cure}")

    def refuse_type(self, n: Value) -> None:
        """Raise for a node whose number is no float."""
        number = number_of(n)
        self.refuse(
            f"{self._named(n)} holds {number!r} ({type(number).__name__}), and a traced function works on floats",
            "convert it, as in Value(float(x)); Fractions, Decimals, complex numbers and arrays stay eager",
        )

    def refuse_leak(self, place: int) -> None:
        """Raise for a node or number of a trace that has ended."""
        raise TraceLeakError(
            f"a Value that was made while a function was traced is used after that trace has ended\n"
            f"at {modes.source_line()}\nreturn it from the traced function; it comes back as a number"
        )


_epochs = 0


def _next_epoch() -> int:
    """Return the number of a new trace; 2**22 of them fit beside a slot, then they begin anew."""
    global _epochs
    _epochs = _epochs % (1 << 22) + 1
    return _epochs
