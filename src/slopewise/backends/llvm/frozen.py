"""`Frozen`: the numbers that a kernel reads and that no call changes, as one block of memory.

Constants of the Loops stand in it in the order that the kernel wants; tables of places are carried over to the layouts
of the arrays that they point into.
"""

import math
import struct
from array import array
from collections.abc import Iterable

from slopewise.backends.llvm.layout import Layout
from slopewise.ir.loops.structure import Array, Kind, Table

__all__ = ["ALIGNMENT", "Frozen"]

ALIGNMENT = 64  # bytes: a line of the cache, and the widest vector


class Frozen:
    """A block in the making.

    Args:
        tables: The tables of the Loops.
        arrays: The arrays of the Loops; constants are taken from them.
        dtype: The kind of numbers that constants become.
    """

    def __init__(self, tables: Iterable[Table], arrays: Iterable[Array], dtype: str):
        self.constants = {item.name: item for item in arrays if item.kind is Kind.CONSTANT}
        self.tables = {table.name: table.values for table in tables}
        self.dtype = dtype
        self.block = bytearray()
        self.offsets: dict[object, int] = {}

    def _put(self, key: object, data: bytes) -> int:
        offset = -(-len(self.block) // ALIGNMENT) * ALIGNMENT
        self.block.extend(bytes(offset - len(self.block)))
        self.block.extend(data)
        self.offsets[key] = offset
        return offset

    def table(self, name: str, layout: Layout | None = None) -> int:
        """Return where a table stands, of places in an array of some layout if one is given."""
        key = (name, layout)
        if key in self.offsets:
            return self.offsets[key]
        values = self.tables[name]
        if layout is None:
            return self.whole_numbers(key, values)
        places = layout.places()
        return self.whole_numbers(key, [places[value] for value in values])

    def whole_numbers(self, key: object, values: Iterable[int]) -> int:
        """Return where some whole numbers stand."""
        return self._put(key, array("i", values).tobytes())

    def constant(self, name: str, layout: Layout) -> int:
        """Return where an array of constants stands, in a layout; there may be several."""
        values = self.constants[name].values
        key = ("constant", name, layout)
        if key in self.offsets:
            return self.offsets[key]
        if layout.is_plain and self.dtype == "float64":
            return self.doubles(name)
        numbers: list[float] = list(values)
        if not layout.is_plain:
            placed = [0.0] * layout.size
            for place, number in zip(layout.places(), numbers, strict=True):
                placed[place] = number
            numbers = placed
        if self.dtype == "float64":
            return self._put(key, array("d", numbers).tobytes())
        return self._put(key, array("f", map(_as_float32, numbers)).tobytes())

    def number(self, value: float) -> int:
        """Return where a number of the kernel's kind stands."""
        key = ("number", struct.pack("d", value))
        if key in self.offsets:
            return self.offsets[key]
        return self._put(key, array("d" if self.dtype == "float64" else "f", [value]).tobytes())

    def doubles(self, name: str) -> int:
        """Return where an array of constants stands as it was given."""
        key = ("doubles", name)
        if key in self.offsets:
            return self.offsets[key]
        return self._put(key, array("d", self.constants[name].values).tobytes())


def _as_float32(number: float) -> float:
    """Return the nearest number that 32 bits hold; infinity beyond."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)
