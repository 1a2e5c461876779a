"""The types of cotangents.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Mapping, Sequence

from slopewise.ir.builder import Builder

class Cotangents:
    def __init__(self, builder: Builder, exact: bool = False) -> None: ...
    def want(self, wanted: Sequence[int]) -> object: ...
    def run(
        self,
        roots: Sequence[int],
        seeds: Sequence[int],
        limit: int = 0,
        starts: Mapping[int, int] | None = None,
    ) -> object: ...
    def clear(self) -> object: ...
    def of(self, slot: int) -> int: ...
    def slots(self) -> array[int]: ...
    def all(self) -> array[int]: ...

def reverse_into(
    builder: Builder,
    roots: Sequence[int],
    seeds: Sequence[int],
    limit: int = 0,
    exact: bool = False,
    starts: Mapping[int, int] | None = None,
) -> array[int]: ...
