"""The types of plans.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Sequence
from typing import Any

from slopewise.compiler.structure import Nest
from slopewise.engine import Value

class Form:
    def __init__(
        self,
        kind: int,
        length: int,
        cls: type | None = ...,
        parts: Sequence[Form] = ...,
        keys: Sequence[Any] = ...,
        item: Any = ...,
        lengths: Sequence[int] = ...,
    ) -> None: ...

class Plan:
    n_numbers: int
    has_values: bool
    def __init__(self, forms: list[Form], names: tuple[str, ...], named: list[Form], rest: array[float]) -> None: ...
    def values(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[int, Value]: ...
    def numbers(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> array[float] | None: ...

def plan_of(nest: Nest, names: Sequence[str], rest: array[float]) -> Plan | None: ...
