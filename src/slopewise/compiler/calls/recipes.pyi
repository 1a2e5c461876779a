"""The types of recipes.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Container, Sequence
from typing import Any

from slopewise.compiler.structure import Nest

class Recipe:
    def __init__(
        self,
        kind: int,
        form: Any,
        places: Sequence[int],
        parts: Sequence[Recipe] = ...,
        keys: Sequence[Any] = ...,
        into: Sequence[int] = ...,
    ) -> None: ...

def recipe_of(nest: Nest, places: array[int], zeros: Container[int] = ..., depth: int = ...) -> Recipe: ...
