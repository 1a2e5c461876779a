"""Paths that do the same with other numbers, as one path: each row chooses its numbers by its own whole numbers.

`logits[y]` with an int y makes a path for each label. They are the same equations, but for some operands. In the merged
path, where `y` says which, such an operand is

    where(y == 0, logits[0], 0) + where(y == 1, logits[1], 0) + …

so that one kernel takes all rows of a batch, and the gradient is as regular as that of a row of zeros and a one. A last
guard asks whether one of the known cases applied.

Paths are merged before differentiation: the programs of derivatives differ in more than operands.
"""

from collections.abc import Sequence
from dataclasses import replace

from slopewise.compiler.lowering import leading_integers
from slopewise.compiler.paths import Path
from slopewise.compiler.structure import Nest
from slopewise.compiler.transformations.transformation import Call, Transformation
from slopewise.ir import CONSTANT, Builder, Program
from slopewise.ir.operations import ADD, ARITY, EQUAL, MULTIPLY, WHERE
from slopewise.tracer import Guard

__all__ = ["merged", "skeleton"]

MOST_MERGED = 256


def skeleton(path: Path) -> tuple[object, ...]:
    """Return what paths have in common that can be merged: operations, guards, and what they capture."""
    trace = path.trace
    return (
        bytes(trace.program.codes),
        trace.program.n_inputs,
        path.result,
        tuple(guard.kind for guard in trace.guards),
        leading_integers(path),
        tuple((id(place.value), place.attribute, place.argument) for place in path.captured),
    )


def merged(paths: Sequence[Path], transformation: Transformation | None, arguments: Nest, result: Nest) -> Path | None:
    """Return one path in the place of several of one skeleton; None where they differ in more than their numbers.

    Args:
        paths: The paths.
        transformation: What is made of the function's Program.
        arguments: The nest of the arguments.
        result: The nest of what the function returns.
    """
    first = paths[0]
    integers = leading_integers(first)
    differing = [guard for guard in range(len(first.outcomes)) if len({path.outcomes[guard] for path in paths}) > 1]
    if not differing or differing[-1] >= len(integers) or len(paths) > MOST_MERGED:
        return None
    kept = [guard for guard in range(len(first.outcomes)) if guard not in differing]
    trace = first.trace
    guards = (*(trace.guards[guard] for guard in kept), Guard("truth", True, None))
    begin = trace.program.n_outputs - len(first.outcomes)
    outputs = [*range(begin), *(begin + guard for guard in kept)]
    program = _Merger(paths, {guard: integers[guard] for guard in differing}).made(outputs)
    trace = replace(trace, program=program, guards=guards, sources=None)
    if transformation is not None:
        program, result = transformation.apply(trace, Call(arguments, result))
    outcomes = [*(first.outcomes[guard] for guard in kept), 1.0]
    return Path(trace=trace, program=program, result=result, outcomes=outcomes, captured=first.captured)


class _Merger:
    """Writes the Program of several, operand by operand.

    Args:
        paths: The paths.
        choosers: The guards that differ between them, each with the input that it asks for.
    """

    def __init__(self, paths: Sequence[Path], choosers: dict[int, int]) -> None:
        self.programs = [path.trace.program for path in paths]
        self.paths = paths
        self.choosers = choosers
        self.build: Builder = Builder()
        self.slots: list[int] = []  # of the first Program's slots
        self.known: dict[tuple[int, ...], int] = {}
        self.cases: dict[tuple[tuple[int, float], ...], int] = {}

    def made(self, wanted: Sequence[int]) -> Program:
        """Return the Program with some of the outputs; a last one tells whether one of the cases applied."""
        build, first = self.build, self.programs[0]
        self.slots = [build.input() for _ in range(first.n_inputs)]
        columns = [(program.a, program.b, program.c) for program in self.programs]
        pools = [program.pool for program in self.programs]
        for slot in range(first.n_inputs, first.n_slots):
            code = first.codes[slot]
            if code == CONSTANT:
                numbers = [pool[program.a[slot]] for pool, program in zip(pools, self.programs, strict=True)]
                self.slots.append(self.constant(numbers))
                continue
            operands = [self.chosen(tuple(column[place][slot] for column in columns)) for place in range(ARITY[code])]
            self.slots.append(build.emit(code, *operands))
        outputs = [self.chosen(tuple(program.outputs[place] for program in self.programs)) for place in wanted]
        total = self.case(0)
        for number in range(1, len(self.paths)):
            total = build.emit(ADD, total, self.case(number))
        program: Program = build.extract(self.slots[: first.n_inputs], [*outputs, total], first.names)
        return program

    def chosen(self, slots: tuple[int, ...]) -> int:
        """Return what stands for a slot of each Program."""
        if slots.count(slots[0]) == len(slots):
            return self.slots[slots[0]]
        if slots not in self.known:
            self.known[slots] = self.choice([self.slots[slot] for slot in slots])
        return self.known[slots]

    def constant(self, numbers: list[float]) -> int:
        """Return what stands for a constant of each Program."""
        build = self.build
        if all(x == numbers[0] for x in numbers) or all(x != x for x in numbers):
            slot: int = build.constant(numbers[0])
            return slot
        return self.choice([build.constant(x) for x in numbers])

    def choice(self, operands: list[int]) -> int:
        """Return the sum of operands of which each counts in its case alone."""
        build = self.build
        zero = build.constant(0.0)
        total = -1
        for case, operand in self.told_apart(operands):
            term = build.emit(WHERE, case, operand, zero)
            total = term if total < 0 else build.emit(ADD, total, term)
        return total

    def told_apart(self, operands: list[int]) -> list[tuple[int, int]]:
        """Return cases with their operands; by one whole number alone, if it says which."""
        for guard in self.choosers:
            of_value: dict[float, tuple[int, int]] = {}
            for path, operand in zip(self.paths, operands, strict=True):
                value = path.outcomes[guard]
                if of_value.setdefault(value, (self.equal(guard, value), operand))[1] != operand:
                    break
            else:
                return list(of_value.values())
        return [(self.case(number), operand) for number, operand in enumerate(operands)]

    def case(self, number: int) -> int:
        """Return whether one of the Programs is meant."""
        return self.all_of(tuple((guard, self.paths[number].outcomes[guard]) for guard in self.choosers))

    def all_of(self, key: tuple[tuple[int, float], ...]) -> int:
        if key not in self.cases:
            (guard, value), *others = key
            found = self.equal(guard, value)
            for guard, value in others:
                found = self.build.emit(MULTIPLY, found, self.equal(guard, value))
            self.cases[key] = found
        return self.cases[key]

    def equal(self, guard: int, value: float) -> int:
        """Return whether a whole number has some value."""
        key = ((guard, value),)
        if key not in self.cases:
            number = self.build.constant(value)
            self.cases[key] = self.build.emit(EQUAL, self.slots[self.choosers[guard]], number)
        return self.cases[key]
