"""Whether machine code can be made here: llvmlite is installed, new enough, loads, and code may be run from memory.

The environment variable `SLOPEWISE_LLVM` can be `auto` (also when unset) or `off`. What is found out is kept for the
life of the process; the variable is read each time.
"""

import functools
import importlib
import os
import threading
import warnings
from typing import Any

from slopewise.engine.modes import frames_of_ours
from slopewise.errors import BackendWarning, MissingExtraError

SETTING = "SLOPEWISE_LLVM"
# 0.45 brought LLVM 20: the first whose pointers have no type of their own by default, as our texts have them.
OLDEST = (0, 45)

_told = threading.Lock()
_is_told = False


def is_available() -> bool:
    """Tell whether machine code can be made here; the first time this loads llvmlite.

    Example:
        >>> from slopewise.backends.llvm.availability import is_available, why_not
        >>> is_available() == (why_not() is None)
        True
    """
    return why_not() is None


def why_not() -> str | None:
    """Say in a line why no machine code can be made here, and the cure; None when it can."""
    given = os.environ.get(SETTING, "").strip().lower() or "auto"
    if given == "off":
        return f"machine code is switched off: unset {SETTING}, which is off"
    if given != "auto":
        return f"{SETTING} is {given!r}; it can be auto or off"
    found = _found()
    return found if isinstance(found, str) else None


def tell_once() -> None:
    """Warn that everything runs on replay, once in the life of the process, if machine code cannot be made here.

    Nothing is said when it can, nor when `SLOPEWISE_LLVM` is off: who switched it off knows.

    Warns:
        BackendWarning: With the reason and the cure; it names the innermost line that is not our own.
    """
    global _is_told
    reason = why_not()
    if reason is None or os.environ.get(SETTING, "").strip().lower() == "off":
        return
    with _told:
        if _is_told:
            return
        _is_told = True
    message = f"compiled functions run on replay: right, but slower; {reason}"
    warnings.warn(message, BackendWarning, stacklevel=frames_of_ours())


def binding() -> Any:
    """Return llvmlite's `binding` module, with this machine's code generator made ready.

    Raises:
        MissingExtraError: Machine code cannot be made here; the message is that of `why_not`.
    """
    reason = why_not()
    if reason is not None:
        raise MissingExtraError(reason)
    return _found()


def versions() -> tuple[str, str]:
    """Return the versions of llvmlite and of the LLVM in it, such as `("0.50.0", "22.1.0")`."""
    llvm = binding()
    return str(importlib.import_module("llvmlite").__version__), ".".join(map(str, llvm.llvm_version_info))


@functools.cache
def _found() -> Any:
    """Return llvmlite's binding, or the reason why there is none."""
    cure = "python -m pip install --upgrade llvmlite"
    try:
        version = str(importlib.import_module("llvmlite").__version__)
    except ImportError:
        return f"making machine code needs llvmlite, which is not installed: {cure}"
    oldest = ".".join(map(str, OLDEST))
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < OLDEST:
        return f"making machine code needs llvmlite {oldest} or newer, and {version} is installed: {cure}"
    try:
        llvm = importlib.import_module("llvmlite.binding")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        words = " ".join(str(error).split())
        return f"llvmlite {version} does not load ({words}): python -m pip install --force-reinstall llvmlite"
    try:
        llvm.check_jit_execution()
    except OSError as error:
        return (
            f"this system does not let a process run code that it has made ({error.args[-1]}): allow executable "
            f"memory, for example in SELinux, or say {SETTING}=off"
        )
    return llvm
