"""What an exception, or a result that is no number, says about an unfinished or broken class."""

import difflib
import dis
import inspect
import linecache
import re
import traceback
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from slopewise.quizzes.engine_guard import Endless
from slopewise.quizzes.engine_slipped import FUNCTIONS
from slopewise.quizzes.engine_subject import PROGRAM_FILE, Subject

_MODULES = {"math": "import math", "np": "import numpy as np", "numpy": "import numpy", "random": "import random"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a program gave no numbers.

    Attributes:
        kind: `missing` when the class has not got this far, `broken` when its code is there and fails, `stopped` when
            it did not end.
        code: A short name.
        says: What happened, in one line.
        where: The learner's own line, as `my.py:14: self.grad += …`; "" when none is to blame.
        cure: What to do; "" when the rung itself says it best.
    """

    kind: Literal["missing", "broken", "stopped"]
    code: str
    says: str
    where: str = ""
    cure: str = ""


def trouble_of(error: BaseException, subject: Subject) -> Trouble:
    """Say what an exception of the learner's class means."""
    where = own_line(error.__traceback__)
    said = " ".join(str(error).split())
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    kind, code, cure = _reading(error, said, bool(where), subject)
    if kind == "missing":
        what = _missing_words(error, said, code, bool(where), subject) or what
    return Trouble(kind, code, what, where, cure)


# fmt: off
_DUNDERS = {
    "+": ("__add__", "__radd__"), "-": ("__sub__", "__rsub__"), "*": ("__mul__", "__rmul__"),
    "/": ("__truediv__", "__rtruediv__"), "** or pow()": ("__pow__", "__rpow__"),
}
# fmt: on
_UNSUPPORTED = re.compile(r"unsupported operand type\(s\) for (.+): '(\w+)' and '(\w+)'")
_OWN_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def _missing_words(error: BaseException, said: str, code: str, is_inside: bool, subject: Subject) -> str:
    """Say what is missing in the words of the class; "" when the exception says it best."""
    if code == "plain-number":
        return "plain numbers are not taken yet"
    match = _UNSUPPORTED.fullmatch(said)
    if match is not None and match[1] in _DUNDERS:
        forward, reflected = _DUNDERS[match[1]]
        symbol = match[1].partition(" ")[0]
        missing = forward if match[2] == subject.cls.__name__ else reflected
        if subject.has(missing):
            return f"{missing} does not take {_article(match[3] if missing == forward else match[2])} yet"
        used = f"{match[2]} {symbol} {match[3]}"
        return f"there is no {missing} yet" + (f" (used for {used})" if is_inside else "")
    if said.startswith("bad operand type for unary -"):
        return "there is no __neg__ yet"
    match = _OWN_ATTRIBUTE.fullmatch(said)
    if match is not None and match[1] == subject.cls.__name__:
        is_method = match[2] in (*_LADDER_METHODS, *FUNCTIONS)
        return f"there is no {match[2]}() yet" if is_method else f"there is no .{match[2]} yet"
    if isinstance(error, NotImplementedError) and not said:
        return "not written yet: it raises NotImplementedError"
    return ""


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def endless(ending: Endless) -> Trouble:
    """Say that a program did not end."""
    if ending.reason == "memory":
        return Trouble("stopped", "endless", "stopped: it went on filling the memory", cure=_ENDLESS)
    return Trouble("stopped", "endless", f"stopped after {ending.seconds:g} seconds: it did not end", cure=_ENDLESS)


_ENDLESS = "look for a loop or a recursion whose end never comes"
_Reading = tuple[Literal["missing", "broken"], str, str]


def _reading(error: BaseException, said: str, is_inside: bool, subject: Subject) -> _Reading:
    """Tell what is missing from what is broken, and find the cure."""
    if isinstance(error, NotImplementedError):
        return "missing", "not-written", ""
    if isinstance(error, RecursionError):
        name = _repeated(error.__traceback__)
        again = f"{name} calls itself again and again" if name else "the code calls itself again and again"
        hint = "; return self + other there, not other + self" if name in ("__radd__", "__rmul__") else ""
        return "broken", "endless-recursion", again + hint
    if isinstance(error, AttributeError):
        return _attribute(error, said, is_inside, subject)
    if isinstance(error, TypeError):
        return _type(said, is_inside, subject)
    if isinstance(error, AssertionError) and is_inside:
        return "missing", "refused", ""
    if isinstance(error, NameError):  # UnboundLocalError too
        name = getattr(error, "name", None) or ""
        if isinstance(error, UnboundLocalError):
            return (
                "broken",
                "name",
                f"{name} is assigned further down in the same function: use another name for one of them",
            )
        if name in _MODULES:
            return "broken", "name", f"write `{_MODULES[name]}` at the top of the file"
        return "broken", "name", "is it spelled as where it was made?"
    if isinstance(error, SystemExit):
        return "broken", "exit", "the code ends the program: leave sys.exit() and quit() out of the class"
    if isinstance(error, EOFError):
        return "broken", "input", "the code asks for input(): give it the number as an argument"
    if isinstance(error, OverflowError):
        return "broken", "overflow", "the number is too large for this formula"
    return "broken", "raised", ""


def _attribute(error: AttributeError, said: str, is_inside: bool, subject: Subject) -> _Reading:
    if re.match(r"'(int|float|float64|complex)' object has no attribute", said):
        return (
            "missing",
            "plain-number",
            "wrap plain numbers: other = other if isinstance(other, Value) else Value(other)",
        )
    if said.startswith("'NoneType' object"):
        return "broken", "none", "something is None here: is a `return` missing?"
    name = getattr(error, "name", None) or ""
    if not is_inside or name in _LADDER_METHODS:
        return "missing", "no-attribute", ""
    own = [item for item in dir(subject.cls) if not item.startswith("__")]
    if type(error).__name__ == "FrozenInstanceError":
        return "broken", "frozen", "a frozen dataclass refuses to be written: leave out frozen=True"
    known = [item for item in (*own, subject.data, subject.grad, subject.step) if item and item != name]
    near = difflib.get_close_matches(name, known, 1, 0.75) if name else []
    if near:
        return "broken", "spelling", f"did you mean .{near[0]}?"
    return "broken", "no-attribute", ""


_LADDER_METHODS = ("tanh", "exp", "relu", "log", "backward")


def _type(said: str, is_inside: bool, subject: Subject) -> _Reading:
    if "'NoneType' object is not callable" in said:
        return "broken", "none", "a leaf's step is None: begin with self._backward = lambda: None"
    if "NoneType" in said and "operand" in said:
        return (
            "broken",
            "none",
            "something is None here: begin with self.grad = 0.0, and let every method return its result",
        )
    if said.startswith(("unsupported operand", "bad operand", "can't multiply sequence")):
        if "'method'" in said or "'function'" in said or "builtin_function" in said:
            return "broken", "brackets", "brackets are missing: a method is used without being called"
        return "missing", "no-operator", ""
    if said.startswith("unhashable type"):
        return (
            "broken",
            "unhashable",
            "a class with __eq__ has no hash: leave __eq__ out, or write __hash__ = object.__hash__",
        )
    if said.endswith("() takes no arguments"):
        return "missing", "not-written", "def __init__(self, data): self.data = data"
    if re.search(r"takes 0 positional arguments but 1 was given", said):
        if "<locals>" in said:
            return (
                "broken",
                "self",
                "a step that lives on the class gets the node: store it on the result, out._backward",
            )
        return "broken", "self", "self is missing among the parameters: def tanh(self)"
    if (
        re.search(r"takes (no arguments|1 positional argument but \d)", said)
        and "__init__" not in said
        and not is_inside
    ):
        return "broken", "arguments", ""
    if re.search(r"must be real number, not|only (length-1|0-dimensional) arrays|float\(\) argument must be", said):
        return "broken", "value-for-number", f"the math module needs a plain number: give it .{subject.data or 'data'}"
    if "object is not callable" in said:
        return "broken", "not-callable", ""
    return "broken", "raised", ""


def own_line(trace: TracebackType | None) -> str:
    """Return the last line of the learner's own code that an exception came through, or ""."""
    frames = [f for f in traceback.extract_tb(trace, limit=-60) if not _is_ours(f.filename)]
    if not frames:
        return ""
    frame = frames[-1]
    line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    return f"{short_path(frame.filename)}:{frame.lineno}{f': {line}' if line else ''}"


def short_path(path: str) -> str:
    """Return a path as the learner knows it: relative to the current folder when it lies below it."""
    import os

    if path.startswith("<"):
        return path
    near = os.path.relpath(path) if not path.startswith("/tmp/ipykernel") else "the notebook"
    return path if near.startswith("..") else near


def _is_ours(file_name: str) -> bool:
    from pathlib import Path

    if file_name == PROGRAM_FILE:
        return True
    path = Path(file_name)
    if path.name == "threading.py":
        return True
    return path.parent == Path(__file__).parent and path.name.startswith("engine_")


def _repeated(trace: TracebackType | None) -> str:
    """Return the name of the function that an endless recursion goes through most."""
    names = Counter(f.name for f in traceback.extract_tb(trace) if not _is_ours(f.filename))
    return names.most_common(1)[0][0] if names else ""


def is_stub(function: Any) -> bool:
    """Tell whether a function does nothing but return None: `pass`, `...` or a docstring alone."""
    function = inspect.unwrap(function) if callable(function) else function
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return False
    names = {i.opname for i in dis.get_instructions(code)}
    constants = [i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_CONST", "RETURN_CONST")]
    return names <= {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP", "COPY_FREE_VARS"} and constants in (
        [None],
        [NotImplemented],
    )
