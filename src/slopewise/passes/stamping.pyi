"""The types of stamping.py, for type checkers; what each thing means stands there.

Other compiled modules use it; for Python there is only what tests look at.
"""

from typing import Literal

X: int
Y: int
W: int
RESULT: int
GRADIENT: int
LESS: int
FIRST: int
PLACES: int
USES_GRADIENT: int
KINDS: int
POWER_OF_CONSTANT: int
POWER_0: int
POWER_1: int
POWER_2: int
POWER_INVERSE: int
POWER_ROOT: int

class Templates:
    def __init__(self, manner: Literal["backward", "exact", "forward"]) -> None: ...
    def find(self, kind: int, active: int) -> int: ...
