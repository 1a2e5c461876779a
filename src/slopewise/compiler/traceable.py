"""Functions that are traced in another form than the one they are given in, or not at all."""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

from slopewise.basics.arguments import name_of
from slopewise.errors import NumberError

__all__ = ["traceable"]


def traceable(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it can be traced: one of the math module is looked up there when it is called.

    Raises:
        NumberError: It is an `async def`.
    """
    if inspect.iscoroutinefunction(f) or inspect.isasyncgenfunction(f):
        raise NumberError(
            f"{name_of(f)} is an `async def`, which computes nothing when it is called\n"
            "write it with def, and await what it needs before"
        )
    if getattr(f, "__self__", None) is not math or getattr(math, f.__name__, None) is not f:
        return f
    return _MathFunction(f.__name__)


class _MathFunction:
    """A function of the math module, by name: while a function is traced, another one stands there."""

    def __init__(self, name: str) -> None:
        functools.update_wrapper(self, getattr(math, name))

    def __call__(self, *args: Any) -> Any:
        return getattr(math, self.__name__)(*args)  # type: ignore[attr-defined]
