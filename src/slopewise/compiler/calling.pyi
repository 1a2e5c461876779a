"""The types of calling.py, for type checkers; what each thing means stands there."""

from collections.abc import Sequence
from typing import Any

from slopewise.backends.replay import Kernel
from slopewise.engine import Value

class Shortcut:
    kernel: Kernel
    tag: Any
    calls: int
    def __init__(
        self,
        kernel: Kernel,
        count: int,
        captured: Sequence[Any],
        guards: Sequence[Any],
        recipe: Any,
        writes: Sequence[Any],
        plain: bool,
        tag: Any,
        integers: Sequence[int],
    ) -> None: ...

class Caller:
    shortcuts: tuple[Shortcut, ...] | None
    taken: Shortcut | None
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...
    def install(
        self,
        kernel: Kernel,
        count: int,
        captured: Sequence[tuple[Value, str] | float] = (),
        guards: Sequence[tuple[int, float]] = (),
        recipe: Any = 0,
        writes: Sequence[tuple[int, Value, str]] = (),
        plain: bool = False,
        tag: Any = None,
        integers: Sequence[int] = (),
    ) -> Shortcut: ...
    def uninstall(self) -> None: ...
