"""How many members of a nest are computed side by side, and in which order its loops stand.

A sum of products that is computed for a tile of members reads each factor once for a row or a column of the tile: more
arithmetic for each load, as long as the totals stay in registers.
"""

from collections.abc import Callable

from slopewise.backends.llvm.nests import Access, Unit
from slopewise.ir.loops.structure import For

__all__ = ["order_of", "steps_of"]

SHORT = 8.0  # sums up to here are written out
MOST_TEXT = 1_500  # expressions of all members of a tile; compiling more takes longer than it saves
FAR = 64  # elements between rows that are read side by side
MOST_STREAMS = 4  # of these; more than the first cache has places for rows that stand a power of two apart
CROWDED = 2.0  # what a load costs then
SIDES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16)

Stride = Callable[[Access, str], int]


def order_of(unit: Unit, lane: str) -> tuple[str, ...]:
    """Return the variables of a nest, outermost first: the longest first where sums are computed.

    Otherwise the lanes are innermost, where neighbours stand.
    """
    assert isinstance(unit.node, For)
    names = [range_.variable for range_ in unit.node.ranges]
    if len(unit.blockable) < len(names):
        return tuple(names)
    if unit.terms > SHORT:
        return tuple(sorted(names, key=lambda name: -unit.trips[name]))
    return tuple(sorted(names, key=lambda name: name == lane))


def steps_of(
    unit: Unit, lane: str, width: int, lanes_of_sums: set[str], accumulators: int, stride: Stride
) -> dict[str, tuple[int, int]]:
    """Return for each variable of a tile how many members, and how many numbers each is.

    Args:
        unit: The nest.
        lane: The variable in the lanes, or empty.
        width: How many lanes.
        lanes_of_sums: The variables of sums that are in the lanes.
        accumulators: How many totals the registers hold.
        stride: The distance of neighbouring lanes' elements.
    """
    steps = {lane: (1, width)} if lane else {}
    if not unit.sum_accesses:
        return steps
    blocks = {name: unit.trips[name] // (width if name == lane else 1) for name in unit.blockable}
    most = accumulators if unit.terms > SHORT else max(2, accumulators // 3)
    most = min(most, max(1, MOST_TEXT // unit.size))
    names = [name for name in unit.blockable if blocks[name] >= 2]
    best, best_cost = {}, _tile_cost(unit, {}, lane, width, lanes_of_sums, stride)
    for place, first in enumerate(names):
        for side in SIDES:
            if side > min(blocks[first], most):
                break
            tiles = [{first: side}]
            for second in names[place + 1 :]:
                tiles.extend(
                    {first: side, second: other} for other in SIDES if other <= min(blocks[second], most // side)
                )
            for tile in tiles:
                cost = _tile_cost(unit, tile, lane, width, lanes_of_sums, stride)
                if cost < best_cost * 0.999:
                    best, best_cost = tile, cost
    for name, side in best.items():
        if side > 1:
            steps[name] = (side, width if name == lane else 1)
    return steps


def _tile_cost(
    unit: Unit, tile: dict[str, int], lane: str, width: int, lanes_of_sums: set[str], stride: Stride
) -> float:
    """Return what a term of a member costs when a tile of members is computed."""
    members, waste = 1, 1.0
    for name, side in tile.items():
        members *= side
        step = side * (width if name == lane else 1)
        waste *= -(-unit.trips[name] // step) * step / unit.trips[name]
    loads = 0.0
    for access in unit.sum_accesses:
        copies = 1
        for name, side in tile.items():
            if access.depends_on(name):
                copies *= side
        streams = 1
        for name, side in tile.items():
            if abs(stride(access, name)) > FAR:
                streams *= side
        is_spread = all(stride(access, name) == 0 for name in ({lane} if lane else lanes_of_sums))
        loads += copies * (0.8 if is_spread else 1.0 if streams <= MOST_STREAMS else CROWDED)
    terms = max(1.0, len(unit.sum_accesses) / 2) * members
    latency = max(terms, 4.0)  # an addition is done after four cycles
    return (max(latency, loads) + 0.2 * loads) / members * waste
