"""`schedule`: which variable runs through the lanes, how many members are computed side by side, where arrays stand.

Nothing here changes a result. Each nest has a few choices (each of its variables in the lanes, or those of its sums),
each array a few (each of its axes innermost). What one costs depends on the others, so they are improved in turns,
from two beginnings, until nothing gets better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slopewise.backends.llvm.layout import Layout, plain, ranged
from slopewise.backends.llvm.nests import Access, Unit, units_of
from slopewise.backends.llvm.prepared import Prepared
from slopewise.backends.llvm.products import Products
from slopewise.backends.llvm.tiles import order_of, steps_of
from slopewise.ir.loops.structure import Kind, Loops, Sum

__all__ = ["NestPlan", "Schedule", "schedule"]

BROADCAST, NEIGHBOURS, SCATTERED = 0.6, 1.0, 1.3  # the last for each lane
ACROSS = 6.0  # to add up the lanes of a vector
COPY = 3.0  # to copy an input into another layout, a number
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class NestPlan:
    """How a nest is computed.

    Attributes:
        lane: The variable that runs through the lanes; empty if none does.
        lanes: How many.
        order: The variables, outermost first.
        steps: For variables that are computed in blocks, how many side by side, and how many numbers each is.
        layouts: Of the constants that are read in it, where they are not as they are counted.
    """

    lane: str
    lanes: int
    order: tuple[str, ...]
    steps: Mapping[str, tuple[int, int]]
    layouts: Mapping[str, Layout]


@dataclass(frozen=True, slots=True)
class SumPlan:
    """How a sum outside the lanes is computed.

    Attributes:
        lane: The variable that runs through the lanes.
        lanes: How many.
        layouts: Of the constants that are read in it, where they are not as they are counted.
    """

    lane: str
    lanes: int
    layouts: Mapping[str, Layout]


@dataclass(frozen=True, slots=True)
class Schedule:
    """What was decided.

    Attributes:
        nests: For a For, by its identity, its plan.
        sums: For a Sum outside the lanes, by its identity, its plan.
        layouts: For an array that is no constant, its layout; those that are not here stand as they are counted.
        movable: The arrays whose indices are all one whole number for each axis, so that any strides do.
    """

    nests: Mapping[int, NestPlan] = field(default_factory=dict)
    sums: Mapping[int, SumPlan] = field(default_factory=dict)
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    movable: frozenset[str] = frozenset()


def schedule(
    loops: Loops,
    prepared: Prepared,
    lanes: int,
    accumulators: int,
    products: Products,
    originals: frozenset[str] = frozenset(),
) -> Schedule:
    """Decide.

    Args:
        loops: The Loops.
        prepared: The same with names of their own.
        lanes: How many numbers the widest vector holds.
        accumulators: How many vectors a nest may add up at the same time.
        products: The nests that are left to BLAS.
        originals: The inputs that may be read as they are given, though a copy of them has another layout.
    """
    shapes = {item.name: item.shape for item in loops.arrays}
    units, loose = units_of(prepared, shapes, {table.name: table.values for table in loops.tables}, products)
    if not units or lanes == 1:
        return Schedule()
    search = _Search(loops, units, loose, lanes, originals)
    search.run()
    nests: dict[int, NestPlan] = {}
    sums: dict[int, SumPlan] = {}
    for unit in search.chosen_units():
        choice = search.choices[id(unit.node)]
        if isinstance(unit.node, Sum):
            if choice:
                sums[id(unit.node)] = SumPlan(choice, search.width(choice), search.constants(unit, choice))
            continue
        lanes_of_sums = set() if choice else search.lanes_of_sums(unit)
        width = search.width(choice) if choice else 1
        steps = steps_of(unit, choice, width, lanes_of_sums, accumulators, search.stride)
        layouts = search.constants(unit, choice)
        nests[id(unit.node)] = NestPlan(choice, width, order_of(unit, choice), steps, layouts)
    layouts = {name: layout for name, layout in search.layouts.items() if not layout.is_plain}
    return Schedule(nests, sums, layouts, frozenset(search.arrays) - search.pinned)


class _Search:
    """The choices, and what they cost."""

    def __init__(self, loops: Loops, units: list[Unit], loose: list[Access], lanes: int, originals: frozenset[str]):
        self.originals = originals
        self.arrays = {item.name: item for item in loops.arrays}
        self.outputs = {loops.arrays[position].name for position in set(loops.output_arrays)}
        self.units = units
        self.lanes = lanes
        self.trips: dict[str, int] = {}
        self.pinned = {access.array for access in loose if access.is_pinned}
        self.users: dict[str, list[Unit]] = {}
        self.opening = {variable for unit in units for variable in unit.opening}
        for unit in units:
            self.trips.update(unit.trips)
            for access in unit.accesses:
                users = self.users.setdefault(access.array, [])
                if not users or users[-1] is not unit:
                    users.append(unit)
                if access.is_pinned:
                    self.pinned.add(access.array)
        self.layouts: dict[str, Layout] = {}
        self.choices: dict[int, str] = {}
        self.arrays_of = {  # those whose layouts decide what a unit costs
            id(unit): sorted({a.array for a in unit.accesses if self.arrays[a.array].kind is not Kind.CONSTANT})
            for unit in units
        }
        self.costs: dict[tuple[object, ...], float] = {}  # by unit, choice and layouts, which are the same objects
        self.widths: dict[str, int] = {}

    def width(self, variable: str) -> int:
        """Return how many lanes a variable fills."""
        width = self.widths.get(variable)
        if width is None:
            width = self.lanes
            while width > 1 and width > self.trips[variable]:
                width //= 2
            self.widths[variable] = width
        return width

    def blocks(self, variable: str) -> float:
        """Return by how much it is cheaper to have a variable in the lanes."""
        width, trips = self.width(variable), self.trips[variable]
        if variable in self.opening:  # what remains is computed one by one
            return trips / (trips // width + width / 2)
        return trips / -(-trips // width)

    def stride(self, access: Access, variable: str) -> int:
        """Return how far apart the elements of neighbouring lanes stand; -1 where a table says it."""
        if variable in access.at:
            return -1
        if access.axes is None:
            return access.flat.get(variable, 0)
        if self.arrays[access.array].kind is Kind.CONSTANT:  # it stands as it is wanted, wherever it is read
            factors = access.factors(variable)
            return 0 if not factors else 1 if len(factors) == 1 and factors[0][1] == 1 else -1
        strides = self.layouts[access.array].strides
        return sum([factor * strides[axis] for axis, factor in access.factors(variable)])

    def is_along(self, access: Access, variable: str) -> bool:
        """Tell whether the lanes of an access are neighbours where elements stand as they are counted."""
        factors = access.factors(variable)
        return len(factors) == 1 and factors[0][1] == 1 and factors[0][0] == len(self.arrays[access.array].shape) - 1

    def access_cost(self, access: Access, variable: str) -> float:
        """Return what an access of one member costs, a variable in the lanes."""
        stride = self.stride(access, variable)
        if stride == 0:
            return access.share * BROADCAST / self.blocks(variable)
        if stride == 1:
            return access.share * NEIGHBOURS / self.blocks(variable)
        return SCATTERED

    def cost(self, unit: Unit, choice: str) -> float:
        """Return what a unit costs: with a variable in the lanes, or, with none, with those of its sums."""
        layouts = self.layouts
        key = (id(unit), choice, *[id(layouts[name]) for name in self.arrays_of[id(unit)]])
        known = self.costs.get(key)
        if known is None:
            known = self.costs[key] = self.cost_anew(unit, choice)
        return known

    def cost_anew(self, unit: Unit, choice: str) -> float:
        """Return what a unit costs, not asking whether it was asked before."""
        if choice:
            total = unit.operations / self.blocks(choice)
            for access in unit.accesses:
                total += access.weight * self.access_cost(access, choice)
            if isinstance(unit.node, Sum):
                total += ACROSS * unit.weight
            return total
        total = unit.own_operations
        for access in unit.own_accesses:
            total += access.weight
        for inner in unit.inner:
            total += min(self.cost(inner, option) for option in inner.options)
        return total

    def total(self) -> float:
        """Return what all costs."""
        total = 0.0
        for unit in self.units:
            if unit.is_outermost:
                total += self.cost(unit, self.choices[id(unit.node)])
        return total + sum(self.copying(name) for name in self.layouts)

    def copying(self, name: str) -> float:
        """Return what it costs to bring an input into its layout, or an output out of it."""
        item = self.arrays[name]
        is_copied = item.kind is Kind.INPUT or name in self.outputs
        return COPY * item.size if is_copied and not self.layouts[name].is_plain else 0.0

    def choose(self, unit: Unit) -> None:
        """Choose what is cheapest for a unit, the layouts given."""
        self.choices[id(unit.node)] = min(unit.options, key=lambda option: self.cost(unit, option))
        for inner in unit.inner:
            self.choose(inner)

    def settle(self, begin: dict[str, Layout]) -> float:
        """Improve layouts in turns; return what all costs in the end."""
        self.layouts = dict(begin)
        outermost = [unit for unit in self.units if unit.is_outermost]
        for unit in outermost:
            self.choose(unit)
        for _ in range(ROUNDS):
            is_better = False
            for name in self.layouts:
                is_better |= self.improve(name)
            if not is_better:
                break
        return self.total()

    def improve(self, name: str) -> bool:
        """Choose the best layout of an array; return whether it is another."""
        item = self.arrays[name]
        if name in self.pinned or sum(length > 1 for length in item.shape) < 2:
            return False
        users = [unit for unit in self.users.get(name, []) if unit.is_outermost]
        best, best_cost = self.layouts[name], float("inf")
        before = best
        for axis, length in enumerate(item.shape):
            if length == 1:
                continue
            option = self.option(name, axis)
            self.layouts[name] = option
            cost = self.copying(name)
            for unit in users:
                cost += min(self.cost(unit, choice) for choice in unit.options)
            is_kept = option.strides == before.strides
            if cost < best_cost * (1.0 if not is_kept else 1.0 + 1e-9):
                best, best_cost = option, cost
        self.layouts[name] = best
        for unit in users:
            self.choose(unit)
        return best.strides != before.strides

    def option(self, name: str, axis: int) -> Layout:
        """Return a layout with an axis innermost; what inputs have already is left as it is."""
        item = self.arrays[name]
        if axis == len(item.shape) - 1 and item.kind is Kind.INPUT:
            return plain(item.shape)
        return ranged(item.shape, axis, self.lanes)

    def run(self) -> None:
        """Settle from two beginnings, and keep the better end."""
        counted, longest = {}, {}
        for name, item in self.arrays.items():
            if item.kind is Kind.CONSTANT:
                continue
            counted[name] = plain(item.shape)
            axis = max(range(len(item.shape)), key=lambda axis: (item.shape[axis], axis))
            longest[name] = plain(item.shape) if name in self.pinned else self.option(name, axis)
        first = self.settle(counted)
        kept = dict(self.layouts), dict(self.choices)
        if self.settle(longest) >= first:
            self.layouts, self.choices = kept

    def chosen_units(self) -> list[Unit]:
        """Return the units that are computed as such: those inside others only where these leave the lanes free."""
        found = []
        todo = [unit for unit in self.units if unit.is_outermost]
        while todo:
            unit = todo.pop()
            found.append(unit)
            if not self.choices[id(unit.node)]:
                todo.extend(unit.inner)
        return found

    def is_better_given(self, access: Access, variable: str) -> bool:
        """Tell whether an input's copy has not the lanes side by side, as the input has."""
        layout = self.layouts[access.array]
        if layout.is_plain or access.array in self.pinned or not self.is_along(access, variable):
            return False
        axis = access.factors(variable)[0][0]
        return layout.strides[axis] != 1

    def lanes_of_sums(self, unit: Unit) -> set[str]:
        """Return the variables in the lanes of the sums right in a nest."""
        return {self.choices[id(inner.node)] for inner in unit.inner if isinstance(inner.node, Sum)} - {""}

    def constants(self, unit: Unit, variable: str) -> dict[str, Layout]:
        """Return the layouts that the constants read in a unit get, a variable in the lanes.

        Inputs that are better read as they are given than in their copy are here, too.
        """
        found = {
            access.array: plain(self.arrays[access.array].shape)
            for access in unit.accesses
            if variable and access.array in self.originals and self.is_better_given(access, variable)
        }
        for access in unit.accesses if variable else ():
            item = self.arrays[access.array]
            if item.kind is Kind.CONSTANT and access.array not in self.pinned and access.array not in found:
                factors = access.factors(variable)
                if len(factors) == 1 and factors[0][1] == 1 and factors[0][0] < len(item.shape) - 1:
                    found[access.array] = ranged(item.shape, factors[0][0], self.lanes)
        return found
