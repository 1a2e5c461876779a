"""Which traced Values stand for plain numbers: those made of arguments that a call gives as floats or ints.

Eagerly every Value is true and equals nothing but itself, while a plain number is false when it is 0 and equals other
numbers. A function that is called with floats is traced on Values all the same; where it asks `if x` or `x == 0`, the
answer must be what it would be without a trace.
"""

from enum import IntEnum

from slopewise.ir import CONSTANT, INPUT
from slopewise.tracer.tape import Tape

__all__ = ["Origins"]


class _Origin(IntEnum):
    """What a number is made of, each more than the one before."""

    CONSTANTS = 0
    PLAIN = 1  # of arguments that are plain numbers too
    VALUES = 2  # of Values too


class Origins:
    """What the numbers on a tape are made of, as far as somebody has asked."""

    __slots__ = ("_known", "_plain")

    def __init__(self) -> None:
        self._plain: set[int] = set()
        self._known = bytearray()  # of the slots up to some point

    def note(self, slot: int) -> None:
        """Note that an input is an argument that a call gives as a plain number."""
        self._plain.add(slot)

    def forget(self, start: int) -> None:
        """Forget the slots from `start` on."""
        self._plain = {slot for slot in self._plain if slot < start}
        del self._known[start:]

    def is_plain(self, tape: Tape, slot: int) -> bool:
        """Tell whether a number is made of plain arguments, and of nothing else but constants."""
        known = self._known
        for i in range(len(known), slot + 1):
            code = tape.code_at(i)
            if code == CONSTANT:
                known.append(_Origin.CONSTANTS)
            elif code == INPUT:
                known.append(_Origin.PLAIN if i in self._plain else _Origin.VALUES)
            else:
                operands = (tape.operand(i, place) for place in range(3))
                known.append(max([known[operand] for operand in operands if operand >= 0]))
        return known[slot] == _Origin.PLAIN
