"""The types of calling.py, for type checkers; what each thing means stands there."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from slopewise.backends.replay import Kernel
from slopewise.compiler.calls.plans import Plan
from slopewise.compiler.structure import Nest
from slopewise.engine import Value

class Shortcut:
    kernel: Kernel
    tag: Any
    calls: int
    def __init__(
        self,
        kernel: Kernel,
        plan: Plan,
        result: Nest,
        positions: Sequence[int],
        captured: Sequence[Any],
        guards: Sequence[Any],
        writes: Sequence[Any],
        checked: Sequence[Any],
        after: tuple[Sequence[int], Callable[[array[float], tuple[Any, ...], dict[str, Any]], None]] | None,
        vector: int | None,
        following: Callable[[int, float], Shortcut | None] | None,
        tag: Any,
    ) -> None: ...

class Caller:
    shortcuts: tuple[Shortcut, ...] | None
    taken: Shortcut | None
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...
    def install(
        self,
        kernel: Kernel,
        plan: Plan,
        result: Nest,
        positions: Sequence[int] | None = None,
        captured: Sequence[tuple[Value, str] | float] = (),
        guards: Sequence[tuple[int, float]] = (),
        writes: Sequence[tuple[int, Value, str]] = (),
        checked: Sequence[tuple[int, float]] = (),
        after: tuple[Sequence[int], Callable[[array[float], tuple[Any, ...], dict[str, Any]], None]] | None = None,
        vector: int | None = None,
        following: Callable[[int, float], Shortcut | None] | None = None,
        tag: Any = None,
    ) -> Shortcut: ...
    def prefer(self, shortcut: Shortcut) -> None: ...
    def drop(self, shortcut: Shortcut) -> None: ...
    def uninstall(self) -> None: ...
