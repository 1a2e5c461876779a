"""Where BLAS is in this process: SciPy names the functions of the BLAS that it was built with, for Cython code to call.

SciPy is loaded when a kernel has a product that is large enough, and not before. Addresses are asked for in each
process; they stand in no text and in no cache.
"""

import ctypes
import functools
import importlib
import importlib.util
import os

from slopewise.errors import DomainError

__all__ = ["ALWAYS", "AUTO", "OFF", "SETTING", "addresses", "setting"]

SETTING = "SLOPEWISE_BLAS"
AUTO, ALWAYS, OFF = "auto", "always", "off"
_NAMES = ("dgemm", "sgemm")
_INTEGERS, _FLOATS = 8, 5  # of a call: two letters, six whole numbers; two factors, three matrices


def setting() -> str:
    """Return what `SLOPEWISE_BLAS` says; `off` where there is no SciPy.

    Raises:
        DomainError: It says something else.
    """
    given = os.environ.get(SETTING, "").strip().lower() or AUTO
    if given not in (AUTO, ALWAYS, OFF):
        raise DomainError(f"{SETTING} is {given!r}\nit can be {AUTO}, {ALWAYS} or {OFF}")
    return given if given == OFF or _is_installed() else OFF


@functools.cache
def _is_installed() -> bool:
    """Tell whether SciPy is there, without loading it."""
    return importlib.util.find_spec("scipy") is not None


@functools.cache
def addresses() -> dict[str, int]:
    """Return the addresses of `dgemm` and `sgemm`; nothing where SciPy does not load, or has them in another form.

    Example:
        >>> from slopewise.backends.blas.pointers import addresses
        >>> sorted(addresses())
        ['dgemm', 'sgemm']
    """
    try:
        capsules = importlib.import_module("scipy.linalg.cython_blas").__pyx_capi__
        return {name: _address(capsules[name]) for name in _NAMES}
    except (ImportError, OSError, AttributeError, KeyError, ValueError):
        return {}


def _address(capsule: object) -> int:
    """Return the address in a capsule whose name says that its whole numbers are of 32 bits."""
    python, text, anything = ctypes.pythonapi, ctypes.c_char_p, ctypes.py_object
    name_of = ctypes.PYFUNCTYPE(text, anything)(("PyCapsule_GetName", python))
    pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, anything, text)(("PyCapsule_GetPointer", python))
    name = name_of(capsule)
    kinds = name.decode().partition("(")[2].strip(")").split(", ")
    integers = sum(kind in ("char *", "int *") for kind in kinds)
    if integers != _INTEGERS or len(kinds) != _INTEGERS + _FLOATS:
        raise ValueError(f"SciPy's gemm is {name.decode()}")
    return int(pointer_of(capsule, name) or 0)
