"""A compiled function in a class: the method of each of its instances."""

from collections.abc import Iterable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from slopewise.basics.arguments import shortened
from slopewise.compiler.calls.around_calls import check_columns
from slopewise.compiler.calls.mapping import mapped

if TYPE_CHECKING:
    from slopewise.compiler.compiled import Compiled

__all__ = ["BoundCompiled"]


class BoundCompiled:
    """A compiled method of one instance."""

    def __init__(self, compiled: "Compiled", instance: Any) -> None:
        self._compiled = compiled
        self.__self__ = instance
        update_wrapper(self, compiled, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return self._compiled(self.__self__, *args, **kwargs)

    def map(self, *columns: Iterable[Any]) -> list[Any]:
        """Call the method for each row of some columns: see `Compiled.map`."""
        check_columns(columns)
        return mapped(self._compiled, (self.__self__,), columns)

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method, and add the gradient of its result: see `Compiled.backward`."""
        return self._compiled.backward(self.__self__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._compiled, name)

    def __repr__(self) -> str:
        return f"<method {self._compiled!r} of {shortened(self.__self__)}>"
