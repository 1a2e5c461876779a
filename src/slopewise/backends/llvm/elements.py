"""`Elements`: where elements of arrays stand, how they are read and written, one by one or in lanes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slopewise.backends.llvm.arithmetic import Arithmetic
from slopewise.backends.llvm.frozen import Frozen
from slopewise.backends.llvm.layout import Layout, axes_of, extent_of, plain
from slopewise.backends.llvm.prepared import Prepared
from slopewise.backends.llvm.products import Products
from slopewise.backends.llvm.schedule import Schedule
from slopewise.backends.llvm.writer import Linear, Number, Writer
from slopewise.errors import InternalError
from slopewise.ir.loops.structure import Affine, Index, Load

__all__ = ["Elements", "Member", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array stands.

    Attributes:
        base: A pointer of the kernel.
        offset: Bytes from there.
        layout: The places of its elements.
        is_wide: Whether elements are doubles where the kernel computes with floats: they are changed on the way.
    """

    base: str
    offset: int
    layout: Layout
    is_wide: bool = False


@dataclass(slots=True)
class Member:
    """One of the members of a nest that are computed side by side."""

    variables: dict[str, Linear]
    locals: dict[str, Number]

    def with_variable(self, name: str, value: Linear) -> "Member":
        """Return a member further inside."""
        return Member({**self.variables, name: value}, dict(self.locals))


class Elements:
    """Writes how elements of arrays are found, read and written.

    Args:
        arithmetic: Writes the operations.
        prepared: The Loops.
        schedule: What was decided about nests and sums.
        frozen: Gives the place of a table in the frozen block: called with its name, or with its name and a layout
            for a table of places in an array of that layout.
        products: The nests that are left to BLAS.
    """

    def __init__(
        self, arithmetic: Arithmetic, prepared: Prepared, schedule: Schedule, frozen: Frozen, products: Products
    ):
        self.arithmetic = arithmetic
        self.writer: Writer = arithmetic.writer
        self.bounds = prepared.bounds
        self.schedule = schedule
        self.frozen = frozen
        self.products = products
        self.places: dict[str, Place] = {}
        self.originals: Mapping[str, Place] = {}  # inputs as the caller has them, beside copies in other layouts
        self.stored: dict[int, Number] = {}  # by a Store's identity, what it wrote last
        self.lane = ""
        self.lanes = 1
        self.splits: dict[tuple[Index, Layout], Affine] = {}
        self.layouts: Mapping[
            str, Layout
        ] = {}  # of constants, and of inputs that are read as they are given, right here

    def place(self, array: str) -> Place:
        """Return where an array stands; constants and inputs may stand in several places, in different layouts."""
        item = self.frozen.constants.get(array)
        if item is None:
            return self.originals[array] if array in self.layouts else self.places[array]
        layout = self.layouts.get(array) or plain(item.shape)
        return Place("%frozen", self.frozen.constant(array, layout), layout)

    def first_member(self) -> Member:
        """Return what stands outside all loops."""
        return Member({}, {})

    # --------------------------------------------------------------------------------------------------- whole numbers
    def linear(self, affine: Affine, member: Member) -> Linear:
        """Return a formula's value for a member."""
        constant = affine.offset
        factors: dict[str, tuple[int, int]] = {}
        for variable, factor in affine.terms:
            value = member.variables[variable]
            constant += factor * value.constant
            for name, depth, its_factor in value.terms:
                factors[name] = (depth, factors.get(name, (depth, 0))[1] + factor * its_factor)
        terms = sorted((depth, name, factor) for name, (depth, factor) in factors.items() if factor)
        return Linear(constant, tuple((name, depth, factor) for depth, name, factor in terms))

    def split(self, index: Index, layout: Layout) -> Affine:
        """Return the formula of an index in a layout."""
        if layout.is_plain:
            return index.affine
        known = self.splits.get((index, layout))
        if known is not None:
            return known
        extent = None
        if index.table is not None:
            extent = extent_of(self.frozen.tables[index.table], layout)
            if extent is None:
                raise InternalError(f"table {index.table} goes outside the array that it points into")
        axes = axes_of(index.affine, layout.shape, self.bounds, extent)
        if axes is None:
            raise InternalError("an array has a layout that an index of it does not fit")
        self.splits[index, layout] = found = layout.index_of(axes)
        return found

    def looked_up(self, table: str, layout: Layout | None, affine: Affine, member: Member) -> Linear:
        """Return what stands in a table."""
        offset = self.frozen.table(table, layout)
        address, depth = self.writer.address("%frozen", offset, self.linear(affine, member), 4)
        depth = self.writer.load_depth("", depth)
        short = self.writer.pure(f"load i32, ptr {address}, align 4", depth)
        return Linear(0, ((self.writer.pure(f"sext i32 {short} to i64", depth), depth, 1),))

    def bound(self, index: Index, members: Sequence[Member]) -> Linear:
        """Return a bound of a loop, the same for all members."""
        values = {self._bound(index, member) for member in members}
        if len(values) != 1:
            raise InternalError("members computed side by side have loops of different lengths")
        return values.pop()

    def _bound(self, index: Index, member: Member) -> Linear:
        value = self.linear(index.affine, member)
        return value if index.table is None else value.added(self.looked_up(index.table, None, index.at, member))

    # ------------------------------------------------------------------------------------------------------ arrays
    def addresses(self, array: str, index: Index, member: Member) -> tuple[int, list[tuple[str, int]]]:
        """Return how an access runs through the lanes, and where.

        Returns:
            0: one element for all lanes; 1: neighbours; 2: one address for each lane.
        """
        place = self.place(array)
        size = 8 if place.is_wide else self.arithmetic.size
        affine = self.split(index, place.layout)
        layout = None if place.layout.is_plain else place.layout
        factor = dict(affine.terms).get(self.lane, 0) if self.lane else 0
        kind = min(abs(factor), 2) if factor != -1 else 2
        if self.lane and self.lane in dict(index.at.terms):
            kind = 2
        members = [member]
        if kind == 2:
            base = member.variables[self.lane]
            members = [member.with_variable(self.lane, base.plus(lane)) for lane in range(self.lanes)]
        found = []
        for one in members:
            where = self.linear(affine, one)
            if index.table is not None:
                where = where.added(self.looked_up(index.table, layout, index.at, one))
            found.append(self.writer.address(place.base, place.offset, where, size))
        return kind, found

    def load(self, array: str, index: Index, member: Member) -> Number:
        """Return an element, or one for each lane."""
        kind, found = self.addresses(array, index, member)
        arithmetic, writer = self.arithmetic, self.writer
        is_wide = self.place(array).is_wide
        align = f"align {8 if is_wide else arithmetic.size}"
        lanes = self.lanes if kind == 1 else 1
        numbers = []
        for address, depth in found:
            depth = writer.load_depth(array, depth)
            # The comment keeps arrays apart that stand in the same memory one after another.
            text = (
                f"load {wide_type(lanes) if is_wide else arithmetic.type_of(lanes)}, ptr {address}, {align} ; {array}"
            )
            number = arithmetic.pure(text, depth, lanes)
            if is_wide:
                change = f"fptrunc {wide_type(lanes)} {number.text} to {arithmetic.type_of(lanes)}"
                number = arithmetic.pure(change, depth, lanes)
            numbers.append(number)
        if kind != 2:
            return numbers[0]
        vector, depth = "poison", 0
        for lane, number in enumerate(numbers):
            depth = max(depth, number.depth)
            all_lanes, one = arithmetic.type_of(self.lanes), f"{arithmetic.scalar} {number.text}"
            vector = writer.pure(f"insertelement {all_lanes} {vector}, {one}, i64 {lane}", depth)
        return Number(vector, depth, self.lanes)

    def is_inside(self, load: Load, bounds: Mapping[str, tuple[int, int]]) -> bool:
        """Tell whether an element is one of its array, with other bounds of some variables than usual."""
        low = high = load.index.affine.offset
        for variable, factor in load.index.affine.terms:
            ends = [factor * end for end in bounds.get(variable, self.bounds[variable])]
            low, high = low + min(ends), high + max(ends)
        return low >= 0 and high < self.places[load.array].layout.size

    def load_text(self, array: str, index: Index, member: Member) -> str:
        """Return the instruction that reads an element, outside the lanes."""
        _, found = self.addresses(array, index, member)
        return f"load {self.arithmetic.scalar}, ptr {found[0][0]}, align {self.arithmetic.size} ; {array}"

    def store(self, array: str, index: Index, number: Number, member: Member) -> None:
        """Write an element, or one for each lane."""
        kind, found = self.addresses(array, index, member)
        arithmetic = self.arithmetic
        number = arithmetic.as_number(number)
        is_wide = self.place(array).is_wide
        align = f"align {8 if is_wide else arithmetic.size}"
        if kind != 0:
            number = arithmetic.spread(number, self.lanes)
        lanes = number.lanes
        scalar, kind_text = arithmetic.scalar, arithmetic.type_of(lanes)
        if is_wide:
            change = f"fpext {kind_text} {number.text} to {wide_type(lanes)}"
            number = arithmetic.pure(change, number.depth, lanes)
            scalar, kind_text = "double", wide_type(lanes)
        if kind != 2:
            address, depth = found[0]
            self.writer.effect(f"store {kind_text} {number.text}, ptr {address}, {align}")
            if self.writer.load_depth(array, depth) == self.writer.depth:  # a load need not wait for the store
                self.writer.scopes[-1].known[f"load {kind_text}, ptr {address}, {align} ; {array}"] = number.text
            return
        for lane, (address, _) in enumerate(found):
            one = self.writer.pure(f"extractelement {kind_text} {number.text}, i64 {lane}", number.depth)
            self.writer.effect(f"store {scalar} {one}, ptr {address}, {align}")


def wide_type(lanes: int) -> str:
    """Return the type of so many doubles."""
    return "double" if lanes == 1 else f"<{lanes} x double>"
