"""The types of evaluations.py, for type checkers; what each thing means stands there."""

from slopewise.engine.value import Value

def find_evaluations(
    nodes: list[Value], operands: list[tuple[int, ...]], owner: list[int]
) -> tuple[list[int], list[int], list[int | None]]: ...
