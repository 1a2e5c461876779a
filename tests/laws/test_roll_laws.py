"""Rolled programs compute the same numbers: random ones, and ones built so that they nearly roll."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import CALM, points, programs, quick
from slopewise import ir
from slopewise.ir import Builder, Program, code_of
from slopewise.passes import differentiate, rolling
from slopewise.passes.rolling import roll


def check(program: Program, inputs: list[float]) -> None:
    loops = roll(program)
    ir.verify_loops(loops)
    expected, found = ir.interpret(program, inputs), ir.interpret_loops(loops, inputs)
    for x, y in zip(expected, found, strict=True):
        # beyond, partial sums in another order overflow
        assert (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or abs(x) > 1e100


@given(st.data())
@quick
def test_random_programs(data: st.DataObject) -> None:
    program = data.draw(programs())
    check(program, data.draw(points(program.n_inputs, st.sampled_from(CALM))))


SINGLE = ("relu", "tanh", "exp", "sin", "square")
PAIRED = ("add", "multiply", "subtract", "maximum")


class Weaver:
    """Layers of equations over rows of slots, regular but for what chance spoils."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.build: Builder = Builder()
        rows, columns = self.chance.choice([2, 3, 5, 8]), self.chance.choice([1, 2, 4, 6])
        self.inputs = [self.build.input() for _ in range(rows * columns + 5)]
        self.rows = [self.inputs[i * columns : (i + 1) * columns] for i in range(rows)]
        self.outputs: list[int] = []

    def apply(self, name: str, *slots: int) -> int:
        return self.build.emit(code_of(name), *slots)

    def total(self, slots: list[int]) -> int:
        total = slots[0]
        for slot in slots[1:]:
            total = self.apply("add", total, slot)
        return total

    def single(self) -> None:
        name = self.chance.choice(SINGLE)
        self.rows = [[self.apply(name, slot) for slot in row] for row in self.rows]

    def paired(self) -> None:
        name, shift = self.chance.choice(PAIRED), self.chance.choice([0, 1])
        self.rows = [
            [self.apply(name, slot, row[(j + shift) % len(row)]) for j, slot in enumerate(row)] for row in self.rows
        ]

    def normalised(self) -> None:
        totals = [self.total(row) for row in self.rows]
        self.rows = [
            [self.apply("multiply", slot, total) for slot in row] for row, total in zip(self.rows, totals, strict=True)
        ]

    def products(self) -> None:
        constants = self.chance.random() < 0.5
        weights = [
            self.build.constant(self.chance.choice([0.5, 0.25, 1.0, -1.0]))
            if constants
            else self.chance.choice(self.inputs)
            for _ in self.rows[0]
        ]
        made = []
        for row in self.rows:
            total = self.build.constant(0.0)
            for pair in zip(row, weights):
                turned = pair if self.chance.random() < 0.9 else pair[::-1]
                total = self.apply("add", total, self.apply("multiply", *turned))
            made.append([self.apply("tanh", total)])
        self.rows = made

    def steps(self) -> None:
        state = [row[0] for row in self.rows]
        for t in range(self.chance.choice([2, 3, 5, 9])):
            state = [
                self.apply(
                    "tanh",
                    self.apply(
                        "add",
                        self.apply("multiply", state[(i + 1) % len(state)], self.inputs[t % len(self.inputs)]),
                        row[t % len(row)],
                    ),
                )
                for i, row in enumerate(self.rows)
            ]
            if self.chance.random() < 0.3:
                self.outputs.append(state[0])
        self.rows = [[*row, slot] for row, slot in zip(self.rows, state, strict=True)]

    def gathered(self) -> None:
        self.rows = [[self.chance.choice(row) for _ in row] for row in self.rows]

    def shuffled(self) -> None:
        self.chance.shuffle(self.rows)
        for row in self.rows:
            self.chance.shuffle(row)

    def spread(self) -> None:
        """A grid's steps: a cell and its neighbours, of which those at the edge have fewer."""
        for _ in range(self.chance.choice([2, 4, 7])):
            for row in self.rows:
                row[:] = [self.total(row[max(j - 1, 0) : j + 2]) for j in range(len(row))]

    def eliminated(self) -> None:
        """Each number less a sum over all those before it, as a triangular system is solved."""
        for row in self.rows:
            for j in range(1, len(row)):
                terms = [self.apply("multiply", self.chance.choice(self.inputs), slot) for slot in row[:j]]
                row[j] = self.apply("subtract", row[j], self.total(terms))

    def greatest(self) -> None:
        """Each number as a share of the greatest of those up to it: the rows of a triangle."""
        for row in self.rows:
            made = []
            for j in range(len(row)):
                highest = row[0]
                for slot in row[1 : j + 1]:
                    highest = self.apply("where", self.apply("greater", slot, highest), slot, highest)
                made.append(self.apply("tanh", self.apply("subtract", row[j], highest)))
            row[:] = made

    def spoilt(self) -> None:
        row = self.chance.choice(self.rows)
        place = self.chance.randrange(len(row))
        row[place] = self.apply(self.chance.choice(SINGLE), row[place])

    def weave(self) -> Program:
        ways = [
            self.single, self.paired, self.normalised, self.products, self.steps, self.gathered, self.shuffled, self.spoilt,
            self.spread, self.eliminated, self.greatest,
        ]  # fmt: skip
        for _ in range(self.chance.choice([1, 2, 3, 6])):
            self.chance.choice(ways)()
            if self.chance.random() < 0.3:
                self.outputs.append(self.chance.choice(self.chance.choice(self.rows)))
        outputs = self.outputs + [slot for row in self.rows for slot in row]
        if self.chance.random() < 0.3:
            outputs += [*self.inputs[:2], self.build.constant(2.5)]
        self.chance.shuffle(outputs)
        program: Program = self.build.extract(self.inputs, outputs)
        return program


@pytest.mark.parametrize("block", range(4))
def test_programs_that_nearly_roll(block: int) -> None:
    for seed in range(150 * block, 150 * block + 150):
        program = Weaver(seed).weave()
        chance = random.Random(seed)
        check(program, [chance.choice(CALM) for _ in range(program.n_inputs)])


@pytest.mark.parametrize("block", range(4))
def test_programs_that_nearly_roll_by_levels(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "MANY_GROUPS", -1)
    monkeypatch.setattr(rolling, "FEWER", 0)  # levels whatever they give
    for seed in range(10_000 + 75 * block, 10_000 + 75 * block + 75):
        program = Weaver(seed).weave()
        if seed % 2:
            program = differentiate.vjp(program, tuple(range(program.n_inputs)), (0,))
        chance = random.Random(seed)
        check(program, [chance.choice(CALM) for _ in range(program.n_inputs)])
