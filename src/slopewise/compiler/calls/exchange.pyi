"""The types of exchange.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Sequence

from slopewise.engine import Value

def read_numbers(values: Sequence[Value | None], kinds: array[int], numbers: array[float], start: int) -> int: ...
def add_to_leaves(values: Sequence[Value | None], gradients: array[float], adds: bool) -> list[int]: ...
def write_numbers(
    values: Sequence[Value | None], kinds: array[int], numbers: array[float], places: array[int]
) -> None: ...
