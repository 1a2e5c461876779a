"""The types of census.py, for type checkers; what each thing means stands there."""

from typing import Any

from slopewise.engine.value import Value

SATURATED: float
SIGMOID: int
HAND_MADE: dict[str, int]

def census(root: Value) -> tuple[int, list[Value], list[Value], list[Value], list[Value], list[Value]]: ...
def activity(activations: list[Value], places: dict[Value, int]) -> list[tuple[int, str, int, int]]: ...
def figures(parameters: list[Value]) -> tuple[list[float], list[float]]: ...
def digest(
    events: list[Any], places: dict[Value, int], gradients: list[float]
) -> tuple[list[float | None], list[int], list[Any], list[Value]]: ...
def alignment(
    before: list[float], after: list[float], met: list[float | None]
) -> tuple[int, int, float, float, float, float, float]: ...
