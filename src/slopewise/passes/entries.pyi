"""The types of entries.py, for type checkers; what each thing means stands there."""

from array import array

class Entries:
    size: int
    def __init__(self) -> None: ...
    def find(self, row: int, column: int, slot: int) -> object: ...
    def in_order(
        self, n_rows: int, n_columns: int, symmetric: bool
    ) -> tuple[array[int], array[int], array[int]]: ...
