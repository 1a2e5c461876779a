"""The types of jacobians.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Sequence
from typing import Literal

from slopewise.ir.program import Program

def jacobian(
    program: Program,
    wrt: Sequence[int],
    of: Sequence[int],
    symmetric: bool = False,
    way: Literal["forward", "backward"] | None = None,
) -> tuple[Program, array[int], array[int]]: ...
