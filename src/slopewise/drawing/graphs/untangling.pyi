"""The types of untangling.py, for type checkers; what each thing means stands there."""

SWEEPS: int

def untangled(order: list[list[int]], before: list[list[int]], after: list[list[int]]) -> list[list[int]]: ...
