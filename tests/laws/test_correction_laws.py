"""Errors that are one formula for a label and another elsewhere: rolled, the numbers are the same, whatever reads them."""

import math
import random

import pytest

from slopewise import ir
from slopewise.ir import Builder, Program, code_of
from slopewise.passes.rolling import roll


class Errors:
    """Rows of numbers, to some of which something is added, and sums over them; chance spoils one thing or another."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.build: Builder = Builder()
        self.inputs = [self.build.input() for _ in range(40)]
        self.outputs: list[int] = []
        rows, classes = self.chance.choice([3, 7, 12]), self.chance.choice([2, 3, 5])
        width = self.chance.choice([1, 2, 4])
        weights = [[self.apply("exp", self.any_input()) for _ in range(classes)] for _ in range(rows)]
        shares = [self.apply("sin", self.apply("multiply", self.any_input(), row[0])) for row in weights]
        frozen = self.maybe(0.7)
        features = [
            [self.build.constant(self.chance.gauss(0, 1)) if frozen else self.any_input() for _ in range(width)]
            for _ in range(rows)
        ]
        added = [self.added(seed % 4 if self.maybe(0.97) else 0, share) for share in shares]
        errors = [[self.apply("multiply", e, d) for e in row] for row, d in zip(weights, shares, strict=True)]
        unlabelled, again = self.maybe(0.15), self.maybe(0.15)
        labels = [0] * rows
        for i, (row, extra) in enumerate(zip(errors, added, strict=True)):
            if unlabelled and self.maybe(0.3):
                continue
            labels[i] = self.correct(row, extra)
            if again and self.maybe(0.5):
                self.correct(row, extra)
        if self.maybe(0.1):
            self.outputs.append(self.apply("tanh", self.chance.choice(self.chance.choice(errors))))
        if self.maybe(0.3):
            self.outputs += [slot for row in errors for slot in row if self.maybe(0.5)]
        for k in range(classes):
            for j in range(width):
                products = [self.apply("multiply", row[k], f[j]) for row, f in zip(errors, features, strict=True)]
                self.outputs.append(self.total(products))
            self.outputs.append(self.total([row[k] for row in errors]))
        if self.maybe(0.6):
            self.send_back(errors, width)
        if self.maybe(0.4):
            self.send_on(errors, labels)

    def send_back(self, errors: list[list[int]], width: int) -> None:
        """Add up the errors of each row, each times a weight: what a hidden layer gets."""
        mixing = [[self.any_input() for _ in range(width)] for _ in errors[0]]
        is_last = self.maybe(0.3)
        for row in errors:
            for j in range(width):
                total = self.total([self.apply("multiply", w[j], slot) for w, slot in zip(mixing, row, strict=True)])
                self.outputs.append(total if is_last else self.apply("tanh", total))

    def send_on(self, errors: list[list[int]], labels: list[int]) -> None:
        """Add up the errors of each row, each times a number of one array, or of another for the label; then those."""
        arrays = [[self.apply(name, x) for x in self.inputs[:5]] for name in ("exp", "sin", "tanh")]
        self.outputs += [slot for array in arrays for slot in array]
        chosen = [arrays[0], self.chance.choice(arrays)]
        totals = []
        for row, label in zip(errors, labels, strict=True):
            terms = [self.apply("multiply", chosen[k == label][k], slot) for k, slot in enumerate(row)]
            totals.append(self.apply("square", self.total(terms)))
        self.outputs.append(self.total(totals))

    def apply(self, name: str, *slots: int) -> int:
        return self.build.emit(code_of(name), *slots)

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def any_input(self) -> int:
        return self.chance.choice(self.inputs)

    def total(self, slots: list[int]) -> int:
        total = slots[0]
        for slot in slots[1:]:
            total = self.apply("add", total, slot)
        return total

    def added(self, way: int, share: int) -> int:
        """Return what is added for a label: the same for all, a constant, or what depends on the row."""
        if way == 0:
            return self.inputs[0]
        if way == 1:
            return self.build.constant(-1.0)
        if way == 2:
            return self.build.constant(self.chance.choice([-1.0, math.inf, math.nan, 0.5]))
        return self.apply("multiply", share, self.inputs[1])

    def correct(self, row: list[int], extra: int) -> int:
        label = self.chance.randrange(len(row))
        if self.maybe(0.01):  # what it starts from is read elsewhere too
            self.outputs.append(self.apply("tanh", row[label]))
        row[label] = self.apply("add", *self.chance.sample([row[label], extra], 2))
        return label

    def program(self) -> Program:
        found: Program = self.build.extract(self.inputs, self.outputs)
        return found


@pytest.mark.parametrize("block", range(4))
def test_errors_with_labels(block: int) -> None:
    n_corrected = 0
    for seed in range(100 * block, 100 * block + 100):
        program = Errors(seed).program()
        loops = roll(program)
        ir.verify_loops(loops)
        n_corrected += ", -0.0)" in str(loops)
        chance = random.Random(seed)
        inputs = [chance.choice([-1.5, -0.5, 0.0, 0.25, 1.0, 2.0]) for _ in range(program.n_inputs)]
        for x, y in zip(ir.interpret(program, inputs), ir.interpret_loops(loops, inputs), strict=True):
            assert (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9), seed
    assert n_corrected > 30
