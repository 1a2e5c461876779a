"""Lines of the user's code: who called, what stands there, and what a line does with `.data` and `.grad`."""

import ast
import functools
import inspect
import linecache
import math
import os
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from slopewise.engine.modes import is_own

# Calls whose argument is looked at by people, not by the formula.
_ONLOOKERS = frozenset({
    "print", "append", "extend", "str", "repr", "format", "write", "writerow", "info", "debug", "log_scalar", "display",
    "isnan", "isinf", "isfinite", "isclose", "allclose", "approx", "plot", "scatter", "set_description", "add_scalar",
    "assert_allclose", "len", "id", "type", "hash", "argmax", "round",
})  # fmt: skip


# Expressions of many Values.
_MANY = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.Starred)

_NUMBER_MODULES = frozenset({"math", "cmath", "np", "numpy", "statistics"})
_MATHEMATICS = frozenset(name for name in dir(math) if not name.startswith("_"))

# Calls that hand Values on as they are.
_LOOPERS = frozenset(
    {"zip", "enumerate", "map", "filter", "list", "tuple", "reversed", "range", "Value", "sorted", "dict"}
)


def scope_of(frame: FrameType | None) -> dict[str, Any]:
    """Return the variables that a frame sees, and behind them those of its callers."""
    scope: dict[str, Any] = {}
    depth = 0
    while frame is not None and depth < 50:
        depth += 1
        if not is_own(frame.f_code):
            for variables in (frame.f_locals, frame.f_globals):
                for name, item in list(variables.items()):
                    scope.setdefault(name, item)
        frame = frame.f_back
    return scope


def let_go(frame: FrameType | None, keeps: Callable[[Any], bool]) -> None:
    """Drop from the copies of local variables that looking made what is not to be kept alive by them.

    Up to Python 3.12, reading `f_locals` leaves a copy with the frame, and whatever is in it lives as long.
    """
    depth = 0
    while frame is not None and depth < 50 and sys.version_info < (3, 13):
        depth += 1
        if frame.f_code.co_flags & inspect.CO_OPTIMIZED and not is_own(frame.f_code):
            copies = frame.f_locals
            for name in [name for name, item in copies.items() if not keeps(item)]:
                del copies[name]
        frame = frame.f_back


def text_of(file: str, line: int) -> str:
    """Return a line of a file without its indentation, "" when it cannot be read."""
    return linecache.getline(file, line).strip()


def place(file: str, line: int) -> str:
    """Return `train.py:12: loss.backward()`."""
    name = file if file.startswith("<") else os.path.basename(file)
    text = text_of(file, line)
    return f"{name}:{line}: {text}" if text else f"{name}:{line}"


class Code:
    """What a file's text says about updates and readings; nothing when it cannot be read.

    Attributes:
        updates: Lines that assign to `.data` something with `.grad` in it.
        replacements: Lines such as `p = p - lr * p.grad`, which make a new Value instead.
        uncalled: Lines that name `….backward` without calling it.
        maximises: Whether an optimiser is told to maximise.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.updates: list[int] = []
        self.assignments: set[int] = set()
        self.replacements: list[int] = []
        self.uncalled: list[int] = []
        self.maximises = False
        self._tree: ast.AST | None = None
        self._parents: dict[ast.AST, ast.AST] = {}
        self._read_at: dict[int, list[ast.AST]] = {}  # the readings of numbers, by their line
        try:
            self._tree = ast.parse("".join(linecache.getlines(file)))
        except (SyntaxError, ValueError, RecursionError):
            return
        for node in ast.walk(self._tree):
            self._parents.update((child, node) for child in ast.iter_child_nodes(node))
            self._read(node)
            if _is_reading(node):
                self._read_at.setdefault(node.lineno, []).append(node)  # type: ignore[attr-defined]

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_is_attribute(t, "data") for t in targets):
                self.assignments.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                if _mentions(node.value, "grad"):
                    self.updates.append(node.lineno)
            elif _bases(targets) & _owners_of_gradients(node.value):
                self.replacements.append(node.lineno)
        elif isinstance(node, ast.Expr) and _is_attribute(node.value, "backward"):
            self.uncalled.append(node.lineno)
        elif isinstance(node, ast.keyword) and node.arg == "maximize":
            self.maximises = self.maximises or not (isinstance(node.value, ast.Constant) and not node.value.value)

    def reads_in_a_formula(self, line: int) -> bool:
        """Tell whether what a line reads may go into a formula: not when it only prints, compares or collects."""
        if self._tree is None:
            return True
        if line in self.assignments:
            return False
        readings = self._readings(line)
        return not readings or any(not self._is_onlooking(n) for n in readings)

    def what_is_read(self, line: int) -> str:
        """Return the expression that a line turns into a number, such as `w * x` of `math.tanh(w * x)`, or ""."""
        found = set()
        for node in self._readings(line) if self._tree is not None else []:
            if not self._is_onlooking(node):
                read = node.value if isinstance(node, ast.Attribute) else node.args[0]  # type: ignore[attr-defined]
                found.add("" if isinstance(read, _MANY) else ast.unparse(read))
        return found.pop() if len(found) == 1 else ""

    def _readings(self, line: int) -> list[ast.AST]:
        found = self._read_at.get(line, [])
        attributes: list[ast.AST] = [n for n in found if isinstance(n, ast.Attribute)]
        return attributes or [n for n in found if _converts(n)] or found

    def _is_onlooking(self, node: ast.AST) -> bool:
        while node in self._parents:
            above = self._parents[node]
            if isinstance(above, (ast.Compare, ast.JoinedStr, ast.FormattedValue, ast.Assert)):
                return True
            if isinstance(above, ast.Call) and node is not above.func and _called(above) in _ONLOOKERS:
                return True
            if isinstance(above, ast.stmt):
                return isinstance(above, (ast.If, ast.While, ast.Expr)) and not isinstance(node, ast.Call)
            node = above
        return False


@functools.lru_cache(maxsize=32)
def code_of(file: str) -> Code:
    """Return what a file says."""
    return Code(file)


def _is_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _mentions(node: ast.AST, name: str) -> bool:
    return any(_is_attribute(n, name) for n in ast.walk(node))


def _bases(targets: Iterable[ast.expr]) -> set[str]:
    """Return the variables that an assignment binds: x of `x = …`, of `x[i] = …` and of `x, y = …`."""
    names: set[str] = set()
    waiting = list(targets)
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            waiting.extend(target.elts)
        elif isinstance(target, (ast.Subscript, ast.Starred)):
            waiting.append(target.value)
    return names


def _owners_of_gradients(node: ast.AST) -> set[str]:
    """Return the variables x of which `x.grad` or `x[i].grad` is used, and xs of `[… x.grad … for x in xs]`."""
    owners: set[str] = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Attribute) and n.attr == "grad":
            owners |= _bases([n.value])
    for n in ast.walk(node):
        if isinstance(n, ast.comprehension) and _bases([n.target]) & owners:
            owners |= {m.id for m in ast.walk(n.iter) if isinstance(m, ast.Name)}
    return owners


def _is_reading(node: ast.AST) -> bool:
    """Tell whether an expression reads `.data`, or is a call that may make numbers of its arguments."""
    if isinstance(node, ast.Call) and node.args:
        return _called(node) not in _LOOPERS
    return _is_attribute(node, "data")


def _converts(node: ast.AST) -> bool:
    """Tell whether a call is one of those that make a number of what they are given: float, math.tanh, np.array …"""
    if not isinstance(node, ast.Call):
        return False
    f = node.func
    if isinstance(f, ast.Name):
        return f.id in ("float", "int", "complex", "round") or f.id in _MATHEMATICS
    return isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and f.value.id in _NUMBER_MODULES


def _called(node: ast.Call) -> str:
    f = node.func
    return f.attr if isinstance(f, ast.Attribute) else f.id if isinstance(f, ast.Name) else ""
