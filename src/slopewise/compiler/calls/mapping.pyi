"""The types of mapping.py, for type checkers; what each thing means stands there."""

from collections.abc import Iterable
from typing import Any

from slopewise.compiler.calls.calling import Caller

def mapped(caller: Caller, fixed: tuple[Any, ...], columns: tuple[Iterable[Any], ...]) -> list[Any]: ...
