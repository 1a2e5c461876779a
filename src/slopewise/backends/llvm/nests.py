"""`units_of`: what a schedule decides on, nests and sums, with what they read, write and compute."""

from array import array
from dataclasses import dataclass, field, replace

from slopewise.backends.llvm.layout import Extent, axes_of, extent_of, plain
from slopewise.backends.llvm.prepared import TERMS, Prepared, bounding, trips_of
from slopewise.backends.llvm.products import Products
from slopewise.ir.loops.structure import Apply, Expression, For, Index, Let, Load, Range, Statement, Store, Sum
from slopewise.ir.operations import NAMES

__all__ = ["Access", "Unit", "units_of"]

_CHEAP = frozenset(
    {
        *("add", "subtract", "multiply", "negate", "square", "absolute", "relu", "leaky_relu", "maximum", "minimum"),
        *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "where", "detach", "attach"),
        *("floor", "ceil", "truncate", "round"),
    }
)
DEAR, DIVISION = 25.0, 8.0
SHARED = 0.4  # of the loads of a sum of products that is computed for a tile of members


@dataclass(frozen=True, slots=True)
class Access:
    """A load or a store.

    Attributes:
        array: Of which array.
        axes: For each axis the factors of the variables, None where the index has no split.
        flat: The factors of the variables in the index.
        at: The variables that its table is looked up by.
        is_store: Whether it writes.
        weight: How often it happens.
        share: The part of it that remains when members are computed side by side.
    """

    array: str
    axes: tuple[dict[str, int], ...] | None
    flat: dict[str, int]
    at: frozenset[str]
    is_store: bool
    weight: float
    share: float = 1.0

    @property
    def is_pinned(self) -> bool:
        """Whether the array must stand as it is counted."""
        return self.axes is None

    def factors(self, variable: str) -> list[tuple[int, int]]:
        """Return the axes that a variable runs along, each with its factor."""
        if variable not in self.flat or self.axes is None:
            return []
        return [(place, axis[variable]) for place, axis in enumerate(self.axes) if variable in axis]

    def depends_on(self, variable: str) -> bool:
        """Tell whether it differs with a variable."""
        return variable in self.flat or variable in self.at


@dataclass(slots=True, eq=False)
class Unit:
    """A nest or a sum that may have a variable in the lanes.

    Attributes:
        node: The For or the Sum.
        weight: How often it runs.
        options: The variables that may be in the lanes; empty text for none.
        trips: How often its loops run, by variable, those of its sums included.
        accesses: All loads and stores.
        own_accesses: Those that are in none of the units inside.
        operations: What its operations cost, all.
        own_operations: Those that are in none of the units inside.
        inner: The units right inside.
        is_outermost: Whether it is in no other.
        blockable: The variables whose members may be computed side by side.
        opening: The variables of loops whose length varies, which may be in the lanes of a sum.
        terms: The number of terms of its longest sum.
        sum_accesses: The loads of its sums.
        size: How many expressions are in it.
    """

    node: For | Sum
    weight: float
    options: tuple[str, ...]
    trips: dict[str, int]
    accesses: list[Access] = field(default_factory=list)
    own_accesses: list[Access] = field(default_factory=list)
    operations: float = 0.0
    own_operations: float = 0.0
    inner: "list[Unit]" = field(default_factory=list)
    is_outermost: bool = True
    blockable: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    terms: float = 0.0
    sum_accesses: list[Access] = field(default_factory=list)
    size: int = 0


class _Survey:
    def __init__(
        self,
        prepared: Prepared,
        shapes: dict[str, tuple[int, ...]],
        tables: dict[str, "array[int]"],
        products: Products,
    ):
        self.products = products
        self.tables = tables
        self.extents: dict[tuple[str, tuple[int, ...]], Extent | None] = {}
        self.bounds = prepared.bounds
        self.shapes = shapes
        self.units: list[Unit] = []
        self.open: list[Unit] = []

    def length(self, range_: Range) -> float:
        trips = trips_of(range_)
        if trips is not None:
            return float(trips)
        low, high = self.bounds[range_.variable]
        return max(1.0, (high - low + 1) / 2)

    def access(self, array: str, index: Index, weight: float, is_store: bool, terms: float) -> None:
        axes = None
        shape = self.shapes[array]
        extent = None
        if index.table is not None:
            if (index.table, shape) not in self.extents:
                self.extents[index.table, shape] = extent_of(self.tables[index.table], plain(shape))
            extent = self.extents[index.table, shape]
        if index.table is None or extent is not None:
            split = axes_of(index.affine, shape, self.bounds, extent)
            axes = None if split is None else tuple(dict(axis.terms) for axis in split)
        at = frozenset(variable for variable, _ in index.at.terms)
        share = SHARED if terms and any(isinstance(unit.node, For) and unit.blockable for unit in self.open) else 1.0
        access = Access(array, axes, dict(index.affine.terms), at, is_store, weight, share)
        for unit in self.open:
            unit.accesses.append(access)
            if terms and isinstance(unit.node, For):
                unit.sum_accesses.append(access)
        if self.open:
            self.open[-1].own_accesses.append(access)
        else:
            self.loose.append(access)

    def begin(self, node: For | Sum, weight: float) -> Unit:
        ranges = node.ranges
        bound_by = bounding(node)
        free = tuple(
            range_.variable for range_ in ranges if (trips_of(range_) or 0) >= 2 and range_.variable not in bound_by
        )
        trips = {range_.variable: int(self.length(range_)) for range_ in ranges}
        opening = tuple(
            range_.variable
            for range_ in ranges
            if isinstance(node, Sum) and trips_of(range_) is None and range_.variable not in bound_by
        )
        unit = Unit(
            node, weight, ("", *free, *opening), trips, blockable=free, opening=opening, is_outermost=not self.open
        )
        if self.open:
            self.open[-1].inner.append(unit)
        self.units.append(unit)
        return unit

    def block(self, statements: tuple[Statement, ...], weight: float) -> None:
        for statement in statements:
            match statement:
                case Let(_, value):
                    self.expression(value, weight, 0.0)
                case Store(array, index, value):
                    self.expression(value, weight, 0.0)
                    self.access(array, index, weight, True, 0.0)
                case For() if id(statement) in self.products:
                    product = self.products[id(statement)]
                    for matrix in (product.left, product.right, product.result):  # BLAS reads rows as they are counted
                        self.loose.append(Access(matrix.array, None, {}, frozenset(), False, 0.0))
                case For(ranges, body, is_ordered):
                    inside = weight
                    for range_ in ranges:
                        inside *= self.length(range_)
                    if is_ordered:
                        self.block(body, inside)
                        continue
                    unit = self.begin(statement, weight)
                    self.open.append(unit)
                    self.block(body, inside)
                    self.open.pop()

    def expression(self, node: Expression, weight: float, terms: float) -> None:
        todo = [node]
        while todo:
            item = todo.pop()
            for unit in self.open:
                unit.size += 1
            match item:
                case Apply(code, operands):
                    name = NAMES[code] if code != TERMS else "add"
                    cost = 1.0 if name in _CHEAP else DIVISION if name in ("divide", "sqrt") else DEAR
                    for unit in self.open:
                        unit.operations += weight * cost
                    if self.open:
                        self.open[-1].own_operations += weight * cost
                    todo.extend(operands)
                case Load(array, index):
                    self.access(array, index, weight, False, terms)
                case Sum(ranges, term):
                    count = 1.0
                    for range_ in ranges:
                        count *= self.length(range_)
                    for unit in self.open:
                        unit.terms = max(unit.terms, count)
                        unit.trips.update({range_.variable: int(self.length(range_)) for range_ in ranges})
                    if terms:
                        self.expression(term, weight * count, terms * count)
                        continue
                    unit = self.begin(item, weight)
                    self.open.append(unit)
                    self.expression(term, weight * count, count)
                    self.open.pop()

    loose: list[Access]


def units_of(
    prepared: Prepared, shapes: dict[str, tuple[int, ...]], tables: dict[str, "array[int]"], products: Products
) -> tuple[list[Unit], list[Access]]:
    """Return the units of some Loops, outer ones first, and the accesses that are in none; `products` are no units."""
    survey = _Survey(prepared, shapes, tables, products)
    survey.loose = []
    survey.block(prepared.body, 1.0)
    for unit in survey.units:
        unit.accesses, unit.own_accesses = _merged(unit.accesses), _merged(unit.own_accesses)
    return survey.units, survey.loose


def _merged(accesses: list[Access]) -> list[Access]:
    """Return accesses in which those that cost the same are one, of their common weight."""
    kinds: dict[tuple[object, ...], Access] = {}
    weights: dict[tuple[object, ...], float] = {}
    for access in accesses:
        key = (access.array, access.is_pinned, frozenset(access.flat.items()), access.at, access.is_store, access.share)
        kinds.setdefault(key, access)
        weights[key] = weights.get(key, 0.0) + access.weight
    return [replace(access, weight=weights[key]) for key, access in kinds.items()]
