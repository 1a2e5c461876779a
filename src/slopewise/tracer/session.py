"""`Session`: what happens to Values while a function is traced, beyond making nodes.

It captures Values that existed before, keeps assignments apart from the real numbers, and turns answers that Python
needed into guards. `GradientSession` adds what concerns gradients.
"""

from collections.abc import Callable
from numbers import Rational
from typing import Any

from slopewise.engine import modes
from slopewise.engine.value import (
    Value,
    fields_of,
    has_attributes,
    is_constant_leaf,
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
from slopewise.ir.operations import ATTACH, CONSTANT, DETACH, INPUT, code_of
from slopewise.ir.program import Program
from slopewise.ops import BY_NAME
from slopewise.tracer.choices import Choices
from slopewise.tracer.knowledge import Answer, Frame, Input, Known
from slopewise.tracer.numbers import Number, Plain, is_plain, plain
from slopewise.tracer.origins import Origins
from slopewise.tracer.tape import Tape

Reverse = Callable[..., Any]


class Session(Tape):
    """The traces of one thread, one inside another, on one tape.

    Args:
        thread: The identity of the thread.
        reverse: `passes.differentiate.reverse_into`, which this room may not import.
        lines: Whether to note the source line of every constant.
        exact: Whether sums of gradients are to be taken in the engine's order, from 0.
        smooth: Whether the `math` module's functions of a Value hand gradients on.
    """

    def __init__(self, thread: int, reverse: Reverse | None, lines: bool, exact: bool, smooth: bool = False) -> None:
        super().__init__(thread)
        self.reverse = reverse
        self.exact = exact
        self.smooth = smooth
        self.frames: list[Frame] = []
        self.lines = {} if lines else None
        self.outside: dict[int, Known] = {}  # of all frames: who existed before the outermost trace
        self.origins = Origins()
        self.choices: Choices | None = None  # None where an index is an answer

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
        self.origins.forget(frame.start)
        if self.choices is not None:
            self.choices.forget(frame.start)
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

    def argument(self, number: float, argument: Value | None, can_have_gradient: bool, is_plain: bool) -> int:
        """Put an argument of the traced function on the tape; None stands for one that is an int."""
        slot = self.keep(self.builder.input(), float(number))
        if is_plain:
            self.origins.note(slot)
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
        """Return what the innermost trace knows of a Value, to be changed there."""
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
            pairs = [(x, self.slot_of_result(p)) for x, p in zip(operands_of(n), given, strict=True)]
        self._attach(n, slot, pairs)

    def _note_own_operation(self, n: Value, row: Any) -> None:
        operands = rule_operands(n)
        numbers = [self.raw(operand) for operand in operands]
        try:
            z = row.value(*numbers)
            zslot = self.slot_of_result(z)
            partials = row.derivative(*numbers, self.number(zslot, float(number_of(n))))
        except TraceError:
            raise
        except Exception as error:
            self.refuse(
                f"the operation {row.name!r} computes by something that cannot be recorded: "
                f"{type(error).__name__}: {error}",
                "write its value and its derivative with arithmetic, the math module or slopewise's operations",
            )
        pairs = [(x, self.slot_of_result(p)) for x, p in zip(operands, partials, strict=True)]
        self._attach(n, zslot, pairs)

    def _attach(self, n: Value, slot: int, pairs: list[tuple[Value, int]]) -> None:
        """Give a node its number from one slot, and its gradients from the slots of its local derivatives."""
        number = float(number_of(n))
        out = self.keep(self.builder.emit(DETACH, slot), number)
        for operand, partial in pairs:
            slope = self.connected(partial)
            out = self.keep(self.builder.emit(ATTACH, out, self.slot_of(operand), slope), number)
        self.place(n, out)

    def connected(self, slot: int) -> int:
        """Return a slot with the same number that hands gradients on to the Values its number was read from.

        A user's local derivative is computed from `.data`, which is cut off; the second derivative needs it connected.
        Only the numbers between are written once more; a simplified Program shares them again.
        """
        start = self.frame.start
        new: dict[int, int] = {}
        stack = [slot]
        while stack:
            at = stack[-1]
            if at in new:
                stack.pop()
                continue
            code = self.code_at(at)
            if at < start or code in (CONSTANT, INPUT):
                new[at] = at
            elif code == DETACH:
                new[at] = self.operand(at, 0)
            else:
                operands = [x for x in (self.operand(at, place) for place in range(3)) if x >= 0]
                waiting = [x for x in operands if x not in new]
                if waiting:
                    stack.extend(waiting)
                    continue
                moved = [new[x] for x in operands]
                new[at] = at if moved == operands else self.emit_operation(code, moved)
            stack.pop()
        return new[slot]

    def raw(self, n: Value) -> Any:
        """Return a node as a number that is still connected, for rules that compute local derivatives."""
        if is_constant_leaf(n) and mark_of(n) < 0:
            return number_of(n)
        return self.number(self.slot_of(n), number_of(n))

    def slot_of_result(self, x: Any) -> int:
        """Return the slot of something that a function returned or was given: a Value, a traced number, a float."""
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
        if type(x) is not Number:  # numpy's floats of other sizes are computed with as floats
            return float(x) if is_plain(x) and not isinstance(x, (float, int)) and x.dtype.kind == "f" else x
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
        self.check_choice(n)
        known = self.own(n)
        if not known.existed and is_made(n):
            self.refuse(
                "`.data` of a node that the traced function made itself is assigned",
                "make a leaf of it first: Value(node.data), or assign to a Value that existed before the call",
            )
        old = known.slots[-1]
        slot = self.slot_of_result(x if not isinstance(x, Value) else self.read(x))
        new = self.keep(self.builder.emit(DETACH, slot), self.value_at(slot))
        known.slots.append(new)
        known.data_written = True
        number = x._number if type(x) is Number else number_of(x) if isinstance(x, Value) else plain(x)
        set_number(n, float(number))
        self.place(n, new)
        self.frame.detached.pop(old, None)

    def named(self, n: Value) -> str:
        """Return what a message calls a Value."""
        return repr(n.label) if n.label else "a Value"

    # What other threads see of a Value that this trace has marked.

    def knows(self, n: Value) -> bool:
        """Tell whether a Value that is marked existed before a trace that runs."""
        return id(n) in self.outside

    def data_aside(self, n: Value) -> Any:
        """Return the number that a Value has outside the trace."""
        _, kind, _, _, data, *_ = self.outside[id(n)].saved
        return data if kind == 1 else int(data)

    def put_data_aside(self, n: Value, x: Any) -> None:
        """Assign the number that a Value has outside the trace."""
        known = self.outside[id(n)]
        saved = list(known.saved)
        if type(x) is not float and (type(x) is not int or abs(x) >= 2**53):
            x = float(x)
        saved[1], saved[4] = (1 if type(x) is float else 0), float(x)
        known.saved = tuple(saved)

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
        slots = (self.slot_of(n), self.slot_of_result(other))
        slot = self.emit_operation(code_of(name), slots)
        return self.number(slot, bool(self.value_at(slot)))

    def equals(self, name: str, n: Value, other: Any) -> Any:
        """Return whether a Value equals something, or differs from it: by number if plain numbers stand behind it."""
        if not self.stands_for_number(n) or (isinstance(other, Value) and not self.stands_for_number(other)):
            return NotImplemented
        return self.compare(name, n, other)

    def truth(self, n: Value) -> bool:
        """Return whether a Value is true: every one is, but one behind which plain numbers stand goes by its number."""
        if not self.stands_for_number(n):
            return True
        slot = self.slot_of(n)
        answer = self.value_at(slot) != 0.0
        self.guard("truth", slot, answer)
        return answer

    def stands_for_number(self, n: Value) -> bool:
        """Tell whether a Value would be a plain number if the function were not traced."""
        place = int(mark_of(n))
        return place >= 0 and self.is_open(place) and self.origins.is_plain(self, self.slot_at(place))

    def guard(self, kind: str, slot: int, expected: bool | int | float, source: modes.Source | None = None) -> None:
        """Note an answer that Python needed and that the course of the function depends on."""
        if self.is_constant(slot) or (slot, kind) in self.frame.answered:
            return
        self.frame.answered.add((slot, kind))
        self.frame.answers.append(Answer(slot, kind, expected, source or modes.source_line()))

    # ------------------------------------------------------------------ refusals

    def check_choice(self, n: Value) -> None:
        """Raise where it matters which Value was chosen by an index."""
        if self.choices is not None:
            self.choices.check(self, n)

    def refuse(self, what: str, cure: str) -> None:
        """Raise for what cannot be traced, with the user's line."""
        raise TraceError(f"{what}\nat {modes.source_line()}\n{cure}")

    def freeze_other(self, n: Value) -> int:
        """Put a large int, a Fraction or numpy's number on the tape, as the float that it is next to a float."""
        number = number_of(n)
        if is_plain(number) or isinstance(number, Rational):
            return self.frozen(float(number))
        self.refuse_type(n)
        raise AssertionError  # refuse_type raises

    def refuse_type(self, n: Value) -> None:
        """Raise for a node whose number is no float."""
        number = number_of(n)
        self.refuse(
            f"{self.named(n)} holds {number!r} ({type(number).__name__}), and a traced function works on floats",
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
