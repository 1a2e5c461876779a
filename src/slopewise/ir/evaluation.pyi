"""The types of evaluation.py, for type checkers; what each thing means stands there."""

from array import array

from slopewise.ir.builder import Builder

NATIVE: bool

def value_of(code: int, x: float, y: float = 0.0, z: float = 0.0) -> float: ...
def evaluate_range(builder: Builder, values: array[float], start: int, end: int) -> object: ...
