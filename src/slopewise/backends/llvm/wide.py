"""`in_passing`: arrays that a kernel of floats leaves in the caller's doubles, and changes on the way.

An array that is written once and read by nobody goes out as doubles at once; an input whose elements are read once
comes in as doubles, right where they are wanted. Neither needs a pass over memory, nor room of its own.
"""

from slopewise.backends.llvm.prepared import Prepared, parts_of, trips_of
from slopewise.backends.llvm.products import Products
from slopewise.ir.loops.structure import For, Kind, Let, Load, Loops, Statement, Store, Sum

__all__ = ["in_passing"]


def in_passing(prepared: Prepared, loops: Loops, products: Products) -> frozenset[str]:
    """Return the locals that are stored once and never read, and the inputs that are loaded once, all outside scans.

    Args:
        prepared: The statements.
        loops: The Loops that they are of.
        products: The nests that are left to BLAS, which takes floats.
    """
    sizes = {item.name: item.size for item in loops.arrays}
    kinds = {item.name: item.kind for item in loops.arrays}
    loads: dict[str, int] = {}
    stores: dict[str, int] = {}
    found: set[str] = set()
    barred: set[str] = set()
    todo: list[tuple[Statement, int, bool]] = [(statement, 1, False) for statement in prepared.body]
    while todo:
        statement, runs, is_barred = todo.pop()
        if isinstance(statement, For):
            for range_ in statement.ranges:
                runs *= trips_of(range_) or 1
            is_barred = is_barred or statement.is_ordered or id(statement) in products
            todo.extend((inner, runs, is_barred) for inner in statement.body)
            continue
        if isinstance(statement, Store):
            stores[statement.array] = stores.get(statement.array, 0) + 1
            (barred if is_barred else found).add(statement.array)
        barred |= _in_sums(statement)
        for part in parts_of(statement.value):
            if isinstance(part, Load):
                loads[part.array] = loads.get(part.array, 0) + 1
                is_often = runs > sizes[part.array]
                (barred if is_barred or is_often else found).add(part.array)
    return frozenset(
        name
        for name in found - barred
        if (kinds[name] is Kind.INPUT and loads[name] == 1)
        or (kinds[name] is Kind.LOCAL and stores[name] == 1 and name not in loads)
    )


def _in_sums(statement: Let | Store) -> set[str]:
    """Return the arrays that the sums of a statement read."""
    sums = [part for part in parts_of(statement.value) if isinstance(part, Sum)]
    return {part.array for node in sums for part in parts_of(node.term) if isinstance(part, Load)}
