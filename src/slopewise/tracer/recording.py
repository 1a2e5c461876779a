"""`record`: run a Python function once, and keep what it did to its numbers as a Program.

The function runs on real Values holding the numbers of this call. What it does to them, to Values that existed before
and to the numbers read from them goes onto a tape; `record` then cuts out what the results, the assignments and the
guards need. Nothing that the function assigned to such Values stays: that is for whoever runs the Program.

Tracing inside a trace goes on with the same tape, and `inline` puts a Program back onto it.

Source: the one-tracer design of HIPS/autograd (D. Maclaurin et al., 2015), with answers kept as guards.
"""

import itertools
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.engine import modes
from slopewise.engine.modes import Source
from slopewise.engine.value import Value, current_recorder, set_recorder
from slopewise.errors import TraceError
from slopewise.ir import CONSTANT, INPUT, Program, code_of
from slopewise.tracer import mathematics, randomness, refusals
from slopewise.tracer.choices import Choices, choose
from slopewise.tracer.collecting import seldom_collecting
from slopewise.tracer.gradients import GradientSession
from slopewise.tracer.knowledge import Input, Known
from slopewise.tracer.numbers import Number
from slopewise.tracer.tape import hear_subscripts, ignore_subscripts
from slopewise.tracer.turns import Turn


@dataclass(frozen=True, slots=True)
class Captured:
    """An input that the function did not get as an argument.

    Attributes:
        value: The Value that it is read from at each call; None in an inner trace, for what the outer one computed.
        attribute: `"data"`, `"grad"`, or `"slot"` in an inner trace.
        slot: Of the outer trace, for `"slot"`.
    """

    value: Value | None
    attribute: str
    slot: int = -1


@dataclass(frozen=True, slots=True)
class Write:
    """An assignment that the function made: an output goes to a Value that existed before."""

    value: Value
    attribute: str


@dataclass(frozen=True, slots=True)
class Guard:
    """An answer that Python needed, and that the course of the function depends on.

    Attributes:
        kind: `"truth"` (was true, or was not), `"integer"`, or `"number"` for a float that was looked up.
        expected: The answer: a bool, an int or a float.
        source: The line that asked.
    """

    kind: str
    expected: bool | int | float
    source: Source | None

    def holds(self, number: float) -> bool:
        """Tell whether a number gives the same answer."""
        return (number != 0.0) == self.expected if self.kind == "truth" else number == self.expected


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that was frozen into the Program, and the line that brought it in."""

    number: float
    source: Source | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What a function did.

    Attributes:
        program: Inputs: the arguments, then what was captured. Outputs: results, then writes, then guards.
        n_arguments: How many inputs are arguments.
        captured: The other inputs.
        n_results: How many outputs are results.
        writes: The assignments that the next outputs are for.
        guards: What the last outputs must be for the Program to hold.
        sources: The lines that the numbers in the Program's pool come from, or None unless lines were asked for.
        arguments: The Values, or numbers, that stood for the arguments; `Captured` and `Write` may name such a Value.
        n_choices: How many indices became choices in the Program.
        n_too_large: How many did not, since they choose from too much.
    """

    program: Program
    n_arguments: int
    captured: tuple[Captured, ...]
    n_results: int
    writes: tuple[Write, ...]
    guards: tuple[Guard, ...]
    sources: tuple[Source | None, ...] | None
    arguments: tuple[Any, ...] = ()
    n_choices: int = 0
    n_too_large: int = 0

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The numbers in the Program's pool, each with its line if lines were asked for."""
        sources = self.sources or (None,) * len(self.program.pool)
        return tuple(Constant(x, source) for x, source in zip(self.program.pool, sources, strict=True))

    def same_as(self, other: "Trace") -> bool:
        """Tell whether two traces of a function did the same, argument Values and the order of equations apart."""
        if self._roles() != other._roles():
            return False
        return self.program == other.program or _meanings(self.program) == _meanings(other.program)

    def _roles(self) -> tuple[Any, ...]:
        place = {id(value): i for i, value in enumerate(self.arguments)}

        def name(value: Value | None) -> Any:
            return ("argument", place[id(value)]) if id(value) in place else id(value)

        return (
            [(name(c.value), c.attribute, c.slot) for c in self.captured],
            [(name(w.value), w.attribute) for w in self.writes],
            [(g.kind, g.expected) for g in self.guards],
            self.n_results,
        )


def _meanings(program: Program) -> list[int]:
    """Return a hash of the expression of each output, which does not tell in what order equations stand."""
    hashes: list[int] = []
    for slot, code in enumerate(program.codes):
        a, b, c = program.a[slot], program.b[slot], program.c[slot]
        if code == CONSTANT:
            hashes.append(hash((code, struct.pack("d", program.pool[a]))))
            continue
        operands = tuple(hashes[x] for x in (a, b, c) if x >= 0) if code != INPUT else (slot,)
        hashes.append(hash((code, tuple(sorted(operands)) if code in _COMMUTATIVE else operands)))
    return [hashes[slot] for slot in program.outputs]


_COMMUTATIVE = frozenset({code_of("add"), code_of("multiply")})

# One thread traces at a time: a Value that two traces capture can be marked by one.
_tracing = Turn()


def is_tracing() -> bool:
    """Tell whether a function is being traced in this thread."""
    return current_recorder() is not None


def stands_for_number(value: Value) -> bool:
    """Tell whether a Value would be a plain number if no function were traced in this thread."""
    session = current_recorder()
    return session is not None and session.stands_for_number(value)


def record(
    call: Callable[[list[Any]], Iterable[Any]],
    numbers: Sequence[float],
    *,
    integers: Iterable[int] = (),
    truths: Iterable[int] = (),
    values: Iterable[int] = (),
    plain: Iterable[int] | None = None,
    names: Sequence[str] = (),
    reverse: Callable[..., Any] | None = None,
    lines: bool = False,
    exact: bool = False,
    smooth: bool = False,
    choices: bool = False,
) -> Trace:
    """Run a function once and keep what it did.

    Args:
        call: The function, from one Value per number to the numbers that it returns: Values, traced numbers, floats.
        numbers: The numbers of this call.
        integers: The positions of arguments that are ints: `call` gets a traced number there, without a gradient, which
            can be used as an index; that makes a guard.
        truths: The positions of arguments that are bools, given as 0 and 1: `call` gets a traced truth there.
        values: The positions of arguments that the caller gave as Values; assignments to them are kept as writes.
        plain: The positions of arguments that are plain numbers without a trace: `if x` and `x == 0` go by the number.
            All that are no Values, if it is left out.
        names: Names of the arguments, for the Program.
        reverse: `passes.differentiate.reverse_into`, for functions that call `backward()`.
        lines: Whether to note where each constant comes from; that takes time.
        exact: Whether gradients are to be added up in the very order of the eager engine.
        smooth: Whether `math.sin` and its kin hand gradients on when they are given a Value. Eagerly they do not: they
            ask for its float. A derivative of a function that was written for plain floats needs it. An inner trace
            goes by its own setting.
        choices: Whether `items[i]` with a traced i is a choice in the Program, where that can be (see `choices`); it is
            an answer otherwise, and makes a guard. The interpreted engine knows answers only.

    Raises:
        TraceError: The function does what cannot be traced.

    Example:
        >>> from slopewise.tracer import record
        >>> print(record(lambda xs: [xs[0] * xs[0] + 1], [3.0], names=["x"]).program)
        program(%0 x) {
          %1 = multiply %0 %0
          %2 = constant 1.0
          %3 = add %1 %2
          return %3
        }
    """
    outer = current_recorder()
    if outer is not None:
        was_smooth, outer.smooth = outer.smooth, smooth
        try:
            return _recorded(outer, call, numbers, integers, truths, values, plain, names)
        finally:
            outer.smooth = was_smooth
    with _tracing:
        session = GradientSession(threading.get_ident(), reverse, lines, exact, smooth)
        random_before = randomness.state()
        mathematics.listen()
        if choices:
            session.choices = Choices()
            hear_subscripts(Number, choose)
        set_recorder(session)
        try:
            # What is recorded serves every later call, whatever blocks surround this one.
            with modes.none(), seldom_collecting():
                trace = _recorded(session, call, numbers, integers, truths, values, plain, names)
        finally:
            set_recorder(None)
            mathematics.forget()
            if choices:
                ignore_subscripts()
        randomness.check(random_before)
        return trace


def _recorded(
    session: GradientSession,
    call: Callable[[list[Any]], Iterable[Any]],
    numbers: Sequence[float],
    integers: Iterable[int],
    truths: Iterable[int],
    values: Iterable[int],
    plain: Iterable[int] | None,
    names: Sequence[str],
) -> Trace:
    kinds: dict[int, type] = {**dict.fromkeys(integers, int), **dict.fromkeys(truths, bool)}
    given = set(values)
    bare = set(range(len(numbers))) - given if plain is None else set(plain)
    arguments: list[Any] = [None if i in kinds else _blank(number) for i, number in enumerate(numbers)]
    frame = session.enter()
    try:
        slots = [
            session.argument(n, x, i in given, i in bare)
            for i, (n, x) in enumerate(zip(numbers, arguments, strict=True))
        ]
        for i, kind in kinds.items():
            arguments[i] = session.number(slots[i], kind(numbers[i]))
        try:
            returned = call(list(arguments))
        except TypeError as error:
            refusals.retell(error)
            raise
        results = [session.slot_of_result(x) for x in returned]
        writes: list[Write] = []
        written: list[int] = []
        _put_rows_together(frame.inputs)
        # Numbers of one kind side by side: what is written to many Values is then one array, of a kernel too.
        touched = _in_order_of_writing(known for known in frame.known.values() if known.existed)
        place = {id(known.value): k for k, known in enumerate(touched) if known.data_written}
        frame.inputs.sort(
            key=lambda found: place.get(id(found.value), len(place)) if found.attribute == "data" else len(place)
        )
        for known in touched:
            if known.data_written:
                writes.append(Write(known.value, "data"))
                written.append(known.slots[-1])
        for known in touched:
            if known.gradient_written:
                writes.append(Write(known.value, "grad"))
                written.append(session.slot_of_result(known.gradient))
        outer = session.outer_slots(frame.start) if frame.start else []
        inside = {slot for slot in (*results, *written) if slot < frame.start}
        outer += sorted(inside.difference(outer))
        inputs = [*slots, *(found.slot for found in frame.inputs), *outer]
        titles = [*(names or [f"x{i}" for i in range(len(slots))]), *session.titles(frame, outer)]
        program = session.builder.extract(
            inputs, [*results, *written, *(answer.slot for answer in frame.answers)], _distinct(titles)
        )
        lines = session.lines
        return Trace(
            program=program,
            n_arguments=len(slots),
            captured=(
                *(Captured(found.value, found.attribute) for found in frame.inputs),
                *(Captured(None, "slot", slot) for slot in outer),
            ),
            n_results=len(results),
            writes=tuple(writes),
            guards=tuple(Guard(answer.kind, answer.expected, answer.source) for answer in frame.answers),
            sources=None if lines is None else tuple(lines.get(i) for i in session.builder.kept),
            arguments=tuple(arguments),
            n_choices=session.choices.made if session.choices is not None else 0,
            n_too_large=session.choices.too_large if session.choices is not None else 0,
        )
    finally:
        session.leave()


def _in_order_of_writing(touched: Iterable[Known]) -> list[Known]:
    """Return what a trace knows of Values, first those whose numbers it writes, in the order of their last assignments.

    A function reads a net neuron by neuron, weights and biases in turn, and a first weight before the bias that a sum
    begins with; it writes `for p in parameters`. In that order the weights of a layer are an array.
    """
    return sorted(touched, key=lambda known: (not known.data_written, known.slots[-1] if known.data_written else 0))


def _blank(number: float) -> Value:
    recorder = current_recorder()
    set_recorder(None)  # an argument is no number made inside
    try:
        return Value(number)
    finally:
        set_recorder(recorder)


def _put_rows_together(inputs: list[Input]) -> None:
    """Put a bias that is met behind the first weight of its row before it, so that the row's weights are neighbours.

    `sum((w * x for …), b)` meets w, w·x, b, w·x + b, the next w, its product, the next sum, and so on. Nothing but the
    order of what was captured hangs on this.
    """
    steps = [after.slot - found.slot for found, after in itertools.pairwise(inputs)]
    for k in range(len(inputs) - 3):
        if steps[k] == steps[k + 1] == 2 and steps[k + 2] == 3:
            inputs[k], inputs[k + 1] = inputs[k + 1], inputs[k]


def _distinct(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        count = seen.get(name, 0) + 1
        seen[name] = count
        out.append(name if count == 1 else f"{name}#{count}")
    return out


def inline(traced: "Trace | Program", operands: Sequence[Any], program: Program | None = None) -> list[Value]:
    """Put a Program onto the tape of the trace that is on, and return its results as Values.

    Args:
        traced: What `record` gave in this trace, whose guards and assignments are repeated here; or a bare Program.
        operands: Values, traced numbers or floats: one per argument, or per input of a bare Program.
        program: Another Program in the place of the trace's own, with the same inputs, and whose last outputs are the
            same writes and guards: a derivative of it.

    Raises:
        TraceError: No function is being traced.
    """
    session = current_recorder()
    if session is None:
        raise TraceError("inline() puts a Program into a function that is being traced, and none is")
    if isinstance(traced, Program):
        out = session.inlined_slots(traced, [session.slot_of_result(x) for x in operands])
        return [session.as_value(slot) for slot in out]
    body = traced.program if program is None else program
    slots = [session.slot_of_result(x) for x in operands]
    place = {id(value): i for i, value in enumerate(traced.arguments)}
    for captured in traced.captured:
        if captured.value is None:
            slots.append(captured.slot)
            continue
        value = captured.value
        if id(value) in place:
            given = operands[place[id(value)]]
            number = session.read_gradient(given) if isinstance(given, Value) else 0.0
            slots.append(session.slot_of_result(number))
        elif captured.attribute == "data":
            slots.append(session.slot_of(value))
        else:
            slots.append(session.slot_of_result(session.read_gradient(value)))
    out = session.inlined_slots(body, slots)
    n_results = len(out) - len(traced.writes) - len(traced.guards)
    results = [session.as_value(slot) for slot in out[:n_results]]
    for write, slot in zip(traced.writes, out[n_results:], strict=False):
        value = write.value
        if id(value) in place:
            value = operands[place[id(value)]]
            if not isinstance(value, Value):
                continue
        number = session.number(slot, session.value_at(slot))
        if write.attribute == "data":
            session.write(value, number)
        else:
            session.write_gradient(value, number)
    for guard, slot in zip(traced.guards, out[n_results + len(traced.writes) :], strict=True):
        session.guard(guard.kind, slot, guard.expected, guard.source)
    return results
