"""The functions of C that code may call, by name, and where they are in this process.

Code holds names alone. An address is looked up when code is loaded, so an object can be kept on disk.
"""

import ctypes
import functools
import os
from collections.abc import Iterator

# fmt: off
_OF_ONE = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "ceil", "cos", "cosh", "erf", "erfc", "exp", "exp2",
    "expm1", "fabs", "floor", "lgamma", "log", "log10", "log1p", "log2", "nearbyint", "rint", "round", "sin", "sinh",
    "sqrt", "tan", "tanh", "tgamma", "trunc",
)
_OF_MORE = ("atan2", "copysign", "fma", "fmax", "fmin", "fmod", "hypot", "ldexp", "nextafter", "pow", "remainder")
# fmt: on
_OF_NUMBERS = (*_OF_ONE, *_OF_MORE)

SYMBOLS: tuple[str, ...] = tuple(
    sorted([*_OF_NUMBERS, *(f"{name}f" for name in _OF_NUMBERS), "memcpy", "memmove", "memset"])
)
"""What a text may declare: functions of libm, of float64 and (with an f at the end) of float32, and three of memory."""


@functools.cache
def addresses() -> dict[str, int]:
    """Return the address of every function of `SYMBOLS` that the C library of this process has."""
    found: dict[str, int] = {}
    missing = list(SYMBOLS)
    for library in _libraries():
        for name in missing:
            function = getattr(library, name, None)
            if function is not None:
                found[name] = ctypes.cast(function, ctypes.c_void_p).value or 0
        missing = [name for name in missing if name not in found]
        if not missing:
            break
    return found


def _libraries() -> Iterator[ctypes.CDLL]:
    """Open the libraries that Python itself stands on: its own libm, so that both give the same bits."""
    names = ("ucrtbase", "msvcrt", "vcruntime140") if os.name == "nt" else (None, "libm.so.6", "libm.dylib", "libm.so")
    for name in names:
        try:
            yield ctypes.CDLL(name)
        except (OSError, TypeError):
            continue
