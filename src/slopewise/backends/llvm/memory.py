"""`Memory`: where arrays stand, and the copies between the caller's order of numbers and ours."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from slopewise.backends.llvm.arithmetic import Arithmetic
from slopewise.backends.llvm.copies import Copies, End
from slopewise.backends.llvm.elements import Place
from slopewise.backends.llvm.frozen import ALIGNMENT, Frozen
from slopewise.backends.llvm.interface import Interface
from slopewise.backends.llvm.layout import Layout
from slopewise.backends.llvm.standing import inputs_standing, outputs_standing
from slopewise.ir.loops.structure import Array, Kind, Loops

__all__ = ["Memory"]

INPUTS = End("%inputs", 0, 8)
FEW = 16  # outputs that stand side by side in an array
MOST_RUNS = 64  # copies that are written out where arrays take turns; more are one loop, with a table


class Memory:
    """Where arrays stand, and the copies between the caller's order and ours.

    Args:
        arithmetic: Writes the operations.
        frozen: Constants and tables.
        lanes: How many numbers the widest vector holds.
        loops: The Loops.
        interface: Where inputs and outputs stand.
        wide: Arrays that are left in doubles where the kernel computes with floats.

    Attributes:
        originals: The input arrays that can be read where the caller has them, as rows of neighbours.
        scratch_bytes: The memory that a call needs.
    """

    def __init__(
        self,
        arithmetic: Arithmetic,
        frozen: Frozen,
        lanes: int,
        loops: Loops,
        interface: Interface,
        wide: frozenset[str],
    ):
        self.arithmetic = arithmetic
        self.wide = wide
        self.loops = loops
        self.n_inputs = loops.n_inputs
        self.interface = interface
        self.apart = interface.apart
        self.output_size = interface.output_size
        self.together: End | None = None
        self.frozen = frozen
        self.copies = Copies(arithmetic, frozen, lanes)
        self.scratch_bytes = 0
        self.known_places: dict[Layout, Sequence[int]] = {}
        self.givens = inputs_standing(loops)
        self.wanted = outputs_standing(loops)
        self.is_settled = bytearray(loops.n_outputs)
        self.originals: dict[str, Place] = {}
        for item in loops.arrays:
            if item.kind is Kind.INPUT and item.name in self.givens:
                given, source = self.givens[item.name], self.source(item.inputs)
                if source is not None and _has_rows(given.layout) and (self.is_ours(source) or item.name in wide):
                    offset = source.offset + source.size * given.first
                    self.originals[item.name] = Place(source.base, offset, given.layout, not self.is_ours(source))

    def is_ours(self, end: End) -> bool:
        """Tell whether numbers there are of the kind that is computed with."""
        return end.size == self.arithmetic.size

    def place(self, item: Array, layout: Layout, is_movable: bool, is_read: bool) -> Place:
        """Return where an array stands: with the caller where that does, or in room of its own.

        Args:
            item: The array.
            layout: Where its elements are wanted.
            is_movable: Whether all its indices are one whole number for each axis, so that any strides do.
            is_read: Whether loops read it.
        """
        if item.kind is Kind.LOCAL:
            return self.place_of_output(item, layout, is_movable, is_read)
        original = self.originals.get(item.name)
        if original is not None and layout.is_plain and (is_movable or original.layout.is_plain):
            return original
        inputs = item.inputs
        source = self.source(inputs)
        place = self.room(layout)
        target = End(place.base, place.offset, self.arithmetic.size)
        given = self.givens.get(item.name)
        is_turned = given is not None and not (given.layout.is_plain and layout.is_plain)
        if is_turned and given is not None and source is not None and _has_rows(given.layout):
            source = replace(source, offset=source.offset + source.size * given.first)
            self.copies.turn(source, given.layout.strides, target, layout.strides, item.shape)
        elif layout.is_plain:
            self.copy_inputs(inputs, target, item.name)
        else:
            sources = [0] * layout.size
            for element, number in zip(layout.places(), inputs, strict=True):
                sources[element] = number
            self.copy_inputs(sources, target, item.name)
        return place

    def place_of_output(self, item: Array, layout: Layout, is_movable: bool, is_read: bool) -> Place:
        """Return where a local array stands: among the outputs where it goes out as it is."""
        wanted = self.wanted.get(item.name)
        is_ours = self.output_size == self.arithmetic.size or item.name in self.wide
        if wanted is None or not layout.is_plain or not is_ours:
            return self.room(layout)
        if not wanted.layout.is_plain and (not is_movable or (is_read and not _has_rows(wanted.layout))):
            return self.room(layout)
        self.settle(item)
        is_wide = self.output_size != self.arithmetic.size
        return Place("%outputs", self.output_size * wanted.first, wanted.layout, is_wide)

    def settle(self, item: Array) -> None:
        """Note that an array stands where it is wanted among the outputs."""
        wanted = self.wanted[item.name]
        if wanted.layout.is_plain:
            self.is_settled[wanted.first : wanted.first + item.size] = b"\1" * item.size
            return
        for place in wanted.layout.places():
            self.is_settled[wanted.first + place] = 1

    def source(self, inputs: Sequence[int]) -> End | None:
        """Return where some inputs stand, counted from input 0; None where they stand apart from each other."""
        if not self.apart or not len(inputs):
            return INPUTS
        least, greatest = min(inputs), max(inputs)
        for number, (begin, end) in enumerate(self.apart):
            if begin <= least and greatest < end:
                return self.base_of(number)
            if begin <= greatest and least < end:
                return None
        return INPUTS

    def copy_inputs(self, inputs: Sequence[int], target: End, name: str) -> None:
        """Copy inputs, wherever they stand."""
        source = self.source(inputs)
        if source is not None:
            self.copies.copy(source, inputs, target, name)
            return
        begins = [begin for begin, _ in self.apart]
        owners = [bisect_right(begins, place) - 1 for place in inputs]
        owners = [
            owner if owner >= 0 and place < self.apart[owner][1] else -1
            for owner, place in zip(owners, inputs, strict=True)
        ]
        starts = [place for place, owner in enumerate(owners) if not place or owner != owners[place - 1]]
        if len(starts) > MOST_RUNS:
            self.copies.copy(self.side_by_side(), inputs, target, name)
            return
        for start, stop in itertools.pairwise([*starts, len(inputs)]):
            end = replace(target, offset=target.offset + start * target.size)
            self.copies.copy(self.base_of(owners[start]), inputs[start:stop], end, f"{name} {start}")

    def base_of(self, number: int) -> End:
        """Return where one of the runs of inputs stands, counted from input 0; -1 is for all others."""
        if number < 0:
            return INPUTS
        size = self.interface.size_of(number)
        return End(f"%apart{number}", -size * self.apart[number][0], size)

    def side_by_side(self) -> End:
        """Return where all inputs stand, counted from input 0: copied there when that is asked for first."""
        if self.together is None:
            self.together = End("%scratch", self.scratch_bytes, 8)
            self.scratch_bytes += -(-8 * self.n_inputs // ALIGNMENT) * ALIGNMENT
            ends = sorted({0, self.n_inputs, *itertools.chain.from_iterable(self.apart)})
            for start, stop in itertools.pairwise(ends):
                number = next((n for n, (begin, _) in enumerate(self.apart) if begin == start), -1)
                target = replace(self.together, offset=self.together.offset + 8 * start)
                self.copies.copy(self.base_of(number), range(start, stop), target, f"inputs {start}")
        return self.together

    def room(self, layout: Layout) -> Place:
        """Return room in the scratch memory."""
        offset = self.scratch_bytes
        size = layout.size * self.arithmetic.size
        self.scratch_bytes += -(-size // ALIGNMENT) * ALIGNMENT
        return Place("%scratch", offset, layout)

    def output(self, number: int) -> End:
        """Return where the outputs from some number on are wanted."""
        return End("%outputs", self.output_size * number, self.output_size)

    def write_outputs(self, places: dict[str, Place]) -> None:
        """Copy the outputs to where the caller wants them."""
        loops = self.loops
        self.turn_outputs(places)
        first = 0
        short: list[int] = []  # elements of the scratch memory that come next, of arrays that take turns
        for of, group in itertools.groupby(loops.output_arrays):
            end = first + len(list(group))
            if self.is_settled[first]:
                stop = self.is_settled.find(0, first, end)
                self.write_short(short, first)
                short, first = [], end if stop < 0 else stop
            item = loops.arrays[of]
            place = places[item.name] if item.kind is Kind.LOCAL else None
            if end - first < FEW and place is not None and place.base == "%scratch":
                begin, where = place.offset // self.arithmetic.size, self.places_of(place.layout)
                short += [begin + where[element] for element in loops.output_places[first:end]]
            else:
                self.write_short(short, first)
                self.write(loops, of, first, end, places)
                short = []
            first = end
        self.write_short(short, first)

    def turn_outputs(self, places: dict[str, Place]) -> None:
        """Copy the arrays that go out as a whole, but in another order than they stand in."""
        for item in self.loops.arrays:
            wanted, place = self.wanted.get(item.name), places.get(item.name)
            if wanted is None or place is None or place.base != "%scratch" or item.size < FEW:
                continue
            if (place.layout.is_plain and wanted.layout.is_plain) or not _has_rows(wanted.layout):
                continue
            source = End(place.base, place.offset, self.arithmetic.size)
            target = self.output(wanted.first)
            self.copies.turn(source, place.layout.strides, target, wanted.layout.strides, item.shape)
            self.settle(item)

    def write_short(self, elements: list[int], end: int) -> None:
        """Copy elements of the scratch memory to the outputs before one."""
        starts = [place for place, element in enumerate(elements) if not place or element != elements[place - 1] + 1]
        source, first = End("%scratch", 0, self.arithmetic.size), end - len(elements)
        if len(starts) > MOST_RUNS:
            starts = [0]
        for start, stop in itertools.pairwise([*starts, len(elements)]):
            target = self.output(first + start)
            self.copies.copy(source, elements[start:stop], target, f"output {first + start}")

    def places_of(self, layout: Layout) -> Sequence[int]:
        """Return where each element of a layout stands."""
        if layout not in self.known_places:
            self.known_places[layout] = range(layout.size) if layout.is_plain else layout.places()
        return self.known_places[layout]

    def write(self, loops: Loops, of: int, first: int, end: int, places: dict[str, Place]) -> None:
        """Copy outputs that are elements of one array."""
        item = loops.arrays[of]
        if first == end:
            return
        elements = loops.output_places[first:end]
        target = self.output(first)
        if item.kind is Kind.INPUT:  # as it was given, in all its bits
            self.copy_inputs([item.inputs[element] for element in elements], target, f"output {first}")
            return
        if item.kind is Kind.CONSTANT:
            source = End("%frozen", self.frozen.doubles(item.name), 8)
            self.copies.copy(source, elements, target, f"output {first}")
            return
        place = places[item.name]
        source = End(place.base, place.offset, 8 if place.is_wide else self.arithmetic.size)
        where = self.places_of(place.layout)
        self.copies.copy(source, [where[element] for element in elements], target, f"output {first}")


def _has_rows(layout: Layout) -> bool:
    """Tell whether neighbours along the last axis that has some stand side by side."""
    steps = [stride for stride, length in zip(layout.strides, layout.shape, strict=True) if length > 1]
    return not steps or steps[-1] == 1
