"""A compiled function in a class: the method of each of its instances."""

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from slopewise.basics.arguments import shortened

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

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method, and add the gradient of its result: see `Compiled.backward`."""
        return self._compiled.backward(self.__self__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._compiled, name)

    def __repr__(self) -> str:
        return f"<method {self._compiled!r} of {shortened(self.__self__)}>"
