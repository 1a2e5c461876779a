"""The types of recipes.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Sequence
from typing import Any

from slopewise.compiler.structure import Nest

class Recipe:
    def __init__(
        self, kind: int, form: Any, places: array[int], parts: Sequence[Recipe] = ..., keys: Sequence[Any] = ...
    ) -> None: ...

def recipe_of(nest: Nest, places: array[int], depth: int = ...) -> Recipe: ...
