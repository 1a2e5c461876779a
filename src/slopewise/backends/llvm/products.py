"""Products of matrices among the nests: those that are large are left to BLAS.

`with_products` gives each sum of products that is a product of large matrices a nest of its own; what is computed with
it (a bias, an activation, an update) stays in the nest where it was. `product_of` tells what a nest of its own is.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from slopewise.backends.blas import pointers
from slopewise.backends.llvm.prepared import Prepared, renamed_index, trips_of
from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Load,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)
from slopewise.ir.operations import MULTIPLY

__all__ = ["BLAS", "Matrix", "Product", "Products", "least_product", "product_of", "products_in", "with_products"]

BLAS = ("dgemm", "sgemm")  # what texts call
LEAST = 1 << 27  # multiplications of a product that BLAS computes sooner than our own tiles
LEAST_SIDE = 16  # rows, columns and terms; thinner products wait for memory, whoever computes them
MOST_SIDE = (1 << 31) - 1  # BLAS counts in 32 bits


def least_product(setting: str) -> int | None:
    """Return how many multiplications a product must have to be left to BLAS; None if none is."""
    return {pointers.AUTO: LEAST, pointers.ALWAYS: 1}.get(setting)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix in an array.

    Attributes:
        array: The array.
        start: Where it begins, counted in elements of the array.
        strides: How far apart neighbours of a column and of a row stand; one of them is 1.
    """

    array: str
    start: Affine
    strides: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Product:
    """A nest that is a product of two matrices, m × k and k × n.

    Attributes:
        m: Rows of the result.
        n: Columns of the result.
        k: Terms of each sum.
        left: The first factor.
        right: The second factor.
        result: What is written.
    """

    m: int
    n: int
    k: int
    left: Matrix
    right: Matrix
    result: Matrix


Products = Mapping[int, Product]
"""The nests that are products, by their identity."""


def products_in(statements: tuple[Statement, ...], least: int) -> dict[int, Product]:
    """Return the nests that are products with at least so many multiplications, those in scans included."""
    found = {}
    todo = list(statements)
    while todo:
        statement = todo.pop()
        product = product_of(statement, least)
        if product is not None:
            found[id(statement)] = product
        elif isinstance(statement, For) and statement.is_ordered:
            todo.extend(statement.body)
    return found


def product_of(statement: Statement, least: int) -> Product | None:
    """Return the product that a nest is; None if it is something else, or has fewer than `least` multiplications."""
    match statement:
        case For((one, other), (Store(array, index, Sum((inner,), Apply(code, (Load() as x, Load() as y)))),), False):
            sides = tuple(trips_of(range_) for range_ in (one, other, inner))
            if code != MULTIPLY or not _is_large(sides, least):
                return None
            i, j, k = one.variable, other.variable, inner.variable
            if j in dict(x.index.affine.terms):
                x, y = y, x
            starts = {range_.variable: range_.start.affine.offset for range_ in (one, other, inner)}
            lengths = {range_.variable: trips_of(range_) or 0 for range_ in (one, other, inner)}
            left = _matrix(x.array, x.index, (i, k), j, starts, lengths)
            right = _matrix(y.array, y.index, (k, j), i, starts, lengths)
            result = _matrix(array, index, (i, j), k, starts, lengths)
            if left is None or right is None or result is None:
                return None
            return Product(lengths[i], lengths[j], lengths[k], left, right, result)
    return None


def _is_large(sides: tuple[int | None, ...], least: int) -> bool:
    count = 1
    for side in sides:
        if side is None or not LEAST_SIDE <= side <= MOST_SIDE:
            return False
        count *= side
    return count >= least


def _matrix(
    array: str, index: Index, axes: tuple[str, str], other: str, starts: dict[str, int], lengths: dict[str, int]
) -> Matrix | None:
    """Return the matrix that an index runs over with two variables; None if BLAS cannot read it as it stands."""
    factors = dict(index.affine.terms)
    if index.table is not None or other in factors:
        return None
    strides = (factors.pop(axes[0], 0), factors.pop(axes[1], 0))
    if min(strides) != 1 or not lengths[axes[strides.index(1)]] <= max(strides) <= MOST_SIDE:
        return None
    offset = index.affine.offset + sum(stride * starts[axis] for stride, axis in zip(strides, axes, strict=True))
    return Matrix(array, Affine(offset, tuple(factors.items())), strides)


def with_products(prepared: Prepared, loops: Loops, least: int) -> tuple[Prepared, Loops]:
    """Give large products nests of their own, and arrays to write to."""
    split = _Split(prepared, loops, least)
    body = split.block(prepared.body)
    if not split.arrays:
        return prepared, loops
    return replace(prepared, body=body, bounds=split.bounds), replace(loops, arrays=(*loops.arrays, *split.arrays))


class _Split:
    def __init__(self, prepared: Prepared, loops: Loops, least: int):
        self.least = least
        self.bounds = dict(prepared.bounds)
        self.taken = {item.name for item in loops.arrays} | {table.name for table in loops.tables}
        self.arrays: list[Array] = []

    def block(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(written for statement in statements for written in self.statement(statement))

    def statement(self, statement: Statement) -> Iterator[Statement]:
        if not isinstance(statement, For):
            yield statement
            return
        if statement.is_ordered:
            yield replace(statement, body=self.block(statement.body))
            return
        if len(statement.ranges) != 2 or product_of(statement, self.least) is not None:
            yield statement
            return
        body: list[Statement] = []
        found: list[For] = []
        for inner in statement.body:
            if isinstance(inner, Let | Store):
                inner = replace(inner, value=self.expression(inner.value, statement.ranges, found))
            body.append(inner)
        yield from found
        yield replace(statement, body=tuple(body)) if found else statement

    def expression(self, node: Expression, ranges: tuple[Range, ...], found: list[For]) -> Expression:
        """Return an expression that reads what its large products were, and note the nests of these."""
        return rewritten(node, lambda item: self.product(item, ranges, found) if isinstance(item, Sum) else item)

    def product(self, node: Sum, ranges: tuple[Range, ...], found: list[For]) -> Expression:
        """Return what reads the product that a sum is, and note its nest; any other sum as it is."""
        (one, other), number = ranges, len(self.taken)
        rows, columns = trips_of(one), trips_of(other)
        if rows is None or columns is None:
            return node
        name = f"product{number}"
        while name in self.taken:
            name += "_"
        names = {range_.variable: f"{range_.variable} of {name}" for range_ in (*ranges, *node.ranges)}
        offset = -columns * one.start.affine.offset - other.start.affine.offset
        place = Index(Affine(offset, ((one.variable, columns), (other.variable, 1))))
        nest = For(
            tuple(replace(range_, variable=names[range_.variable]) for range_ in ranges),
            (Store(name, renamed_index(place, names), _renamed(node, names)),),
            False,
        )
        if product_of(nest, self.least) is None:
            return node
        self.taken.add(name)
        self.arrays.append(Array(name, Kind.LOCAL, (rows, columns), array("i"), array("d")))
        self.bounds.update({new: self.bounds[old] for old, new in names.items()})
        found.append(nest)
        return Load(name, place)


def _renamed(node: Sum, names: dict[str, str]) -> Sum:
    """Return a sum of products of two elements with other names of variables; any other as it is."""
    match node.term:
        case Apply(code, (Load(x, at_x), Load(y, at_y))):
            term = Apply(code, (Load(x, renamed_index(at_x, names)), Load(y, renamed_index(at_y, names))))
            return Sum(tuple(replace(range_, variable=names[range_.variable]) for range_ in node.ranges), term)
    return node
