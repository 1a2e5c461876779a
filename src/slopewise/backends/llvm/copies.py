"""Copies between the caller's order of numbers and ours, and between his doubles and our floats.

What goes from rows to columns is turned over in blocks of lanes × lanes, in registers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slopewise.backends.llvm.arithmetic import Arithmetic
from slopewise.backends.llvm.frozen import Frozen
from slopewise.backends.llvm.writer import Linear

__all__ = ["Copies", "End", "is_run"]

FEW = 64  # numbers that are compared one by one


@dataclass(frozen=True, slots=True)
class End:
    """Where numbers come from or go to.

    Attributes:
        base: A pointer.
        offset: Bytes from there.
        size: Bytes of a number.
    """

    base: str
    offset: int
    size: int

    @property
    def kind(self) -> str:
        """The type of a number."""
        return "double" if self.size == 8 else "float"


def is_run(numbers: Sequence[int]) -> bool:
    """Tell whether whole numbers go up by one."""
    n = len(numbers)
    if n < FEW or numbers[-1] - numbers[0] != n - 1:
        return all(number == numbers[0] + place for place, number in enumerate(numbers))
    import numpy as np

    return bool((np.diff(np.asarray(numbers)) == 1).all())


class Copies:
    """Writes copies."""

    def __init__(self, arithmetic: Arithmetic, frozen: Frozen, lanes: int):
        self.arithmetic = arithmetic
        self.writer = arithmetic.writer
        self.frozen = frozen
        self.lanes = lanes

    def copy(self, source: End, places: Sequence[int], target: End, name: str) -> None:
        """Copy elements from some places to a row of neighbours."""
        n = len(places)
        if n == 0:
            return
        if n > 1 and all(place == places[0] for place in places):
            self.fill(source, places[0], target, n)
            return
        is_row = is_run(places)
        lanes = self.width(n) if is_row else 1
        value, is_open = self.blocks(n, lanes)
        if is_row:
            where = value.plus(places[0])
        elif n == 1:
            where = Linear(places[0])
        else:
            table = self.frozen.whole_numbers(("copy", name), places)
            address, depth = self.writer.address("%frozen", table, value, 4)
            short = self.writer.pure(f"load i32, ptr {address}, align 4", depth)
            where = Linear(0, ((self.writer.pure(f"sext i32 {short} to i64", depth), depth, 1),))
        self.write(self.read(source, where, lanes, target), target, value, lanes)
        if is_open:
            self.writer.close_loop()

    def fill(self, source: End, place: int, target: End, n: int) -> None:
        """Copy one element to all of a row of neighbours."""
        lanes = self.width(n)
        number = self.read(source, Linear(place), 1, target)
        if lanes > 1:
            first, vector = self.writer.new_name(), f"<{lanes} x {target.kind}>"
            self.writer.effect(f"{first} = insertelement {vector} poison, {target.kind} {number}, i64 0")
            number = self.shuffled(f"{vector} {first}, {vector} poison", [0] * lanes)
        value, is_open = self.blocks(n, lanes)
        self.write(number, target, value, lanes)
        if is_open:
            self.writer.close_loop()

    def turn(
        self, source: End, from_strides: Sequence[int], target: End, to_strides: Sequence[int], shape: Sequence[int]
    ) -> None:
        """Copy an array whose axes stand in another order; one axis is innermost in the source, one in the target."""
        axes = [axis for axis, length in enumerate(shape) if length > 1]
        row = min(axes, key=lambda axis: from_strides[axis])
        column = min(axes, key=lambda axis: to_strides[axis])
        outer = [axis for axis in axes if axis not in (row, column)]
        side = self.width(min(shape[row], shape[column]))
        here, there = Linear(0), Linear(0)
        n_open = 0
        for axis in dict.fromkeys((*outer, column, row)):
            step = side if axis in (row, column) else 1
            value, is_open = self.blocks(shape[axis], step)
            n_open += is_open
            here = here.added(_scaled(value, from_strides[axis]))
            there = there.added(_scaled(value, to_strides[axis]))
        count = side if row != column else 1
        rows = [self.read(source, here.plus(i * from_strides[column]), side, target) for i in range(count)]
        for i, turned in enumerate(self.turned(rows, side, target.kind) if count == side else rows):
            self.write(turned, target, there.plus(i * to_strides[row]), side)
        for _ in range(n_open):
            self.writer.close_loop()

    def turned(self, rows: list[str], side: int, kind: str) -> list[str]:
        """Return the columns of a square block, given its rows: halves change places, then quarters, and so on."""
        rows = list(rows)
        vector = f"<{side} x {kind}>"
        half = side // 2
        while half:
            upper = [place if not place & half else side + place - half for place in range(side)]
            lower = [place + half if not place & half else side + place for place in range(side)]
            for i in range(side):
                if not i & half:
                    pair = f"{vector} {rows[i]}, {vector} {rows[i + half]}"
                    rows[i], rows[i + half] = (self.shuffled(pair, places) for places in (upper, lower))
            half //= 2
        return rows

    def shuffled(self, pair: str, places: list[int]) -> str:
        """Return a choice among the numbers of two vectors."""
        name = self.writer.new_name()
        choice = ", ".join(f"i32 {place}" for place in places)
        self.writer.effect(f"{name} = shufflevector {pair}, <{len(places)} x i32> <{choice}>")
        return name

    def width(self, n: int) -> int:
        """Return how many numbers are copied at once where there are n."""
        lanes = 1
        while 2 * lanes <= min(self.lanes, n):
            lanes *= 2
        return lanes

    def blocks(self, n: int, step: int) -> tuple[Linear, bool]:
        """Begin a loop over blocks, the last one ending with the numbers; return its first, whether it loops."""
        if n <= step:
            return Linear(0), False
        variable, _ = self.writer.open_loop("0", str(n), step, True)
        if n % step:
            variable = self.writer.pure(f"call i64 @llvm.smin.i64(i64 {variable}, i64 {n - step})", self.writer.depth)
        return Linear(0, ((variable, self.writer.depth, 1),)), True

    def read(self, source: End, where: Linear, lanes: int, target: End) -> str:
        """Return neighbours, as numbers of the target's kind."""
        writer = self.writer
        address, _ = writer.address(source.base, source.offset, where, source.size)
        number = writer.new_name()
        types = [end.kind if lanes == 1 else f"<{lanes} x {end.kind}>" for end in (source, target)]
        writer.effect(f"{number} = load {types[0]}, ptr {address}, align {source.size}")
        if types[0] == types[1]:
            return number
        changed = writer.new_name()
        change = "fpext" if source.size == 4 else "fptrunc"
        writer.effect(f"{changed} = {change} {types[0]} {number} to {types[1]}")
        return changed

    def write(self, number: str, target: End, where: Linear, lanes: int) -> None:
        """Write neighbours."""
        address, _ = self.writer.address(target.base, target.offset, where, target.size)
        kind = target.kind if lanes == 1 else f"<{lanes} x {target.kind}>"
        self.writer.effect(f"store {kind} {number}, ptr {address}, align {target.size}")


def _scaled(value: Linear, factor: int) -> Linear:
    return Linear(
        value.constant * factor, tuple((name, depth, its_factor * factor) for name, depth, its_factor in value.terms)
    )
