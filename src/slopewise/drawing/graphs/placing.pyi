"""The types of placing.py, for type checkers; what each thing means stands there."""

def settled(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]: ...
def places_across(
    order: list[list[int]],
    column_of: list[int],
    before: list[list[int]],
    after: list[list[int]],
    chains: list[list[int]],
    extents: list[float],
    ports: list[tuple[float, float, float | None]],
    gap: float,
) -> list[float]: ...
