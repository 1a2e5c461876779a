"""Keywords that a search does not have: SciPy's names for what it has, and misspelled ones."""

import difflib
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from slopewise.errors import NumberError

__all__ = ["naming_keywords"]

F = TypeVar("F", bound=Callable[..., Any])


def naming_keywords(cures: Mapping[str, str]) -> Callable[[F], F]:
    """Return a decorator: a keyword that the function does not have is refused with what to write in its place.

    Args:
        cures: What to write, for keywords of other libraries.

    Example:
        >>> import slopewise as sw
        >>> sw.minimize(lambda x: x**2, 1.0, tol=1e-9)
        Traceback (most recent call last):
        ...
        slopewise.errors.NumberError: minimize() has no keyword tol
        write tolerance=
    """

    def decorate(f: F) -> F:
        known = list(inspect.signature(f).parameters)

        @functools.wraps(f)
        def checked(*args: Any, **kwargs: Any) -> Any:
            for name in kwargs:
                if name not in known:
                    near = difflib.get_close_matches(name, known, 1)
                    listed = f"did you mean {near[0]}=?" if near else f"there are {', '.join(known[2:])}"
                    raise NumberError(f"{f.__name__}() has no keyword {name}\n{cures.get(name, listed)}")
            return f(*args, **kwargs)

        return cast(F, checked)

    return decorate
