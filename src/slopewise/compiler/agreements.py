"""`AgreementsOnDisk`: which recordings have agreed with a second one, in this process or an earlier one.

A function is recorded twice when it is first compiled, to find out whether it does the same each time. For a large one
that is half of a start from the cache. So what has agreed once is noted beside the kernels, under the content of the
recording and the place of the function; a recording of the same content needs no second one. A function that takes in a
clock, a draw or a counter records something else in each process, and is found out as before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slopewise.compiler.tiers import LEAST_EQUATIONS
from slopewise.tracer import Trace

__all__ = ["AgreementsOnDisk"]

_MARK = b"agreed"


@dataclass(frozen=True, slots=True)
class AgreementsOnDisk:
    """The recordings of a function that are known to have agreed with a second one.

    Only large ones are noted, from which machine code is made: small ones are recorded again sooner than looked up.

    Args:
        f: The function.
    """

    f: Callable[..., Any]

    def has(self, trace: Trace) -> bool:
        """Tell whether a recording of this content has agreed with another."""
        found = self._cache_and_key(trace)
        return found is not None and found[0].get(found[1]) == _MARK

    def note(self, trace: Trace) -> None:
        """Keep in mind that it has."""
        found = self._cache_and_key(trace)
        if found is not None:
            found[0].put(found[1], _MARK)

    def _cache_and_key(self, trace: Trace) -> tuple[Any, str] | None:
        if trace.program.n_equations < LEAST_EQUATIONS:
            return None
        from slopewise.backends.llvm import availability

        if not availability.is_available():
            return None
        from slopewise.backends.llvm import machine
        from slopewise.backends.llvm.disk_cache import Cache, key_of

        cache = Cache()
        if cache.folder is None:
            return None
        code = getattr(self.f, "__code__", None)
        place = (code.co_filename, code.co_firstlineno, code.co_name) if code is not None else type(self.f).__qualname__
        roles = (
            trace.n_arguments,
            trace.n_results,
            [captured.attribute for captured in trace.captured],
            [write.attribute for write in trace.writes],
            [(guard.kind, guard.expected) for guard in trace.guards],
        )
        return cache, key_of(
            f"{place!r} {roles!r} {trace.program.digest().hex()}", machine.host_target(), {"of": "traces"}
        )
