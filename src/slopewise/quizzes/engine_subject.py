"""The learner's class: what it calls its number, its gradient and its pass, and how a leaf of it is made."""

import inspect
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slopewise.quizzes.engine_guard import Failed, Finished, Guard
from slopewise.quizzes.engine_ladder import Program

PROGRAM_FILE = "<the program>"
PROBE = 2.5
_DATA = ("data", "value", "val", "number", "num", "x", "v", "primal", "item", "_data", "_value")
_GRAD = ("grad", "gradient", "derivative", "deriv", "adjoint", "der", "dv", "bar", "g", "_grad", "_gradient")
_BACKWARD = ("backward", "backprop", "backpropagate", "back_propagate", "back_prop", "run_backward", "backward_pass",
             "compute_gradients", "calculate_gradients", "compute_grad", "compute_grads")  # fmt: skip
_STEP = ("_backward", "_back", "backward_step", "_backward_fn", "backward_fn", "_backprop", "_grad_fn", "grad_fn")
_OPERANDS = ("_prev", "prev", "_children", "children", "parents", "_parents", "operands", "inputs", "_inputs", "args")
_LABELS = ("label", "name", "_label", "tag")
_EMPTY = ("_children", "children", "_prev", "prev", "parents", "_parents", "inputs", "operands", "args")
_SYMBOLS = ("_op", "op", "operation", "symbol")
_ASSIGNED = re.compile(r"(\w+) = (.+)")
_ONE_STEP = re.compile(r"[a-z]\w* [+*] [a-z]\w*|\w+\.\w+\(\)")


@dataclass(frozen=True, slots=True)
class Subject:
    """A class to be checked, and how it is spoken to.

    Attributes:
        cls: The class.
        name: Its name in the programs.
        data: The attribute that holds the number; "" when there is none.
        grad: The attribute that holds the gradient; "" when there is none yet.
        backward: The method that runs the pass; "" when there is none yet.
        step: The attribute that holds a node's own step; "" when there is none.
        operands: The attribute that holds a node's operands; "" when there is none.
        arguments: What the constructor is given beside the number.
        data_keyword: The name by which the constructor takes the number; "" when it comes first.
        seed: What `backward` is given.
        functions: Functions beside the class that stand for methods it lacks: `tanh(x)`.
        error: What making a leaf raised, if it did.
        remarks: What differs from the lecture's names.
        first_grad: The gradient of a new leaf; None for none.
        is_shared: The type of the one container of operands that all nodes share; "" when each has its own.
        is_equal: Whether two nodes with equal numbers are equal.
    """

    cls: type
    name: str
    data: str
    grad: str
    backward: str
    step: str
    operands: str
    arguments: str
    data_keyword: str
    seed: str
    functions: dict[str, Any]
    error: BaseException | None
    remarks: tuple[str, ...]
    first_grad: float | None = 0.0
    is_shared: str = ""
    is_equal: bool = False

    def spelled(self, text: str) -> str:
        """Return a line of a program with this class's own names."""
        first = f"{self.data_keyword}=" if self.data_keyword else ""
        text = re.sub(r"\bValue\(([^()]*)\)", rf"{self.name}({first}\1{self.arguments})", text)
        text = re.sub(r"\.backward\(\)", f".{self.backward or 'backward'}({self.seed})", text)
        text = re.sub(r"\.data\b", f".{self.data or 'data'}", text)
        text = re.sub(r"\.grad\b", f".{self.grad or 'grad'}", text)
        for name in self.functions:
            text = re.sub(rf"(\w+|\([^()]*\))\.{name}\(\)", rf"{name}(\1)", text)
        return text

    def named(self, text: str) -> str:
        """Return a sentence or a line of a class with this class's own names."""
        text = re.sub(r"\bValue\b", self.name, text)
        for usual, own in (("data", self.data), ("grad", self.grad)):
            if own and own != usual:
                text = text.replace(f".{usual}", f".{own}")
        return text

    @property
    def walks_by_hand(self) -> bool:
        """Tell whether the pass has to be run for it: its nodes have steps, and it has no pass."""
        return not self.backward and bool(self.step) and bool(self.grad)

    def lines_of(self, program: Program) -> list[str]:
        """Return the program as this class runs it."""
        lines = []
        for line in program.lines:
            root, dot, _ = line.partition(".backward()")
            if dot and self.walks_by_hand:
                lines += [f"{root}.{self.grad} = 1.0", *self._steps(program, root)]
            else:
                lines.append(self.spelled(line))
        return lines

    def _steps(self, program: Program, root: str) -> list[str]:
        """Return the lines that run a pass by hand: each node's own step where every node has a name."""
        lines = [line for line in program.lines if not line.endswith(")") or ".backward()" not in line]
        made = [(m[1], m[2]) for m in map(_ASSIGNED.fullmatch, lines) if m and not m[2].startswith("Value(")]
        if all(_ONE_STEP.fullmatch(formula) for _, formula in made) and program.text.count(".backward()") == 1:
            return [f"{name}.{self.step}()" for name, _ in reversed(made)]
        return [f"call_steps({root})  # every node's {self.step}(), results before operands"]

    def has(self, method: str) -> bool:
        """Tell whether the class itself gives a method (not `object`)."""
        found = inspect.getattr_static(self.cls, method, None)
        return found is not None and found is not inspect.getattr_static(object, method, None)


def subject_of(cls: type, guard: Guard) -> Subject:
    """Look a class over: make a leaf, and find the names of what it has."""
    name = cls.__name__ if cls.__name__.isidentifier() and not keyword.iskeyword(cls.__name__) else "Value"
    data_keyword, arguments, remarks = _constructor(cls)
    made = guard.run(lambda: _made(cls, data_keyword, arguments))
    leaf = made.result if isinstance(made, Finished) else None
    error = made.error if isinstance(made, Failed) else None
    found = guard.run(lambda: _names(cls, leaf)) if leaf is not None else None
    data, grad, backward, step, operands = found.result if isinstance(found, Finished) else ("",) * 5
    first = guard.run(lambda: float(getattr(leaf, grad))) if grad else None
    twin = guard.run(lambda: getattr(_made(cls, data_keyword, arguments), operands)) if operands else None
    equal = guard.run(lambda: bool(_made(cls, data_keyword, arguments) == _made(cls, data_keyword, arguments)))
    theirs = twin.result if isinstance(twin, Finished) else None
    is_one = isinstance(theirs, (list, set)) and theirs is getattr(leaf, operands, None)

    if leaf is None:
        backward = _first_method(cls, _BACKWARD)
    seed, seed_remark = _seed(cls, backward)
    for kind, own, usual in (("number", data, "data"), ("gradient", grad, "grad")):
        if own and own != usual:
            remarks.append(f"the {kind} is read from .{own}; the lecture calls it .{usual}")
    if backward and backward != "backward":
        remarks.append(f"the pass is run by .{backward}(); the lecture calls it .backward()")
    if seed_remark:
        remarks.append(seed_remark)
    functions = dict(_functions_beside(cls))
    return Subject(
        cls=cls,
        name=name,
        data=data,
        grad=grad,
        backward=backward,
        step=step,
        operands=operands,
        arguments=arguments,
        data_keyword=data_keyword,
        seed=seed,
        functions=functions,
        error=error,
        remarks=tuple(remarks),
        first_grad=first.result if isinstance(first, Finished) else None,
        is_equal=isinstance(equal, Finished) and equal.result is True,
        is_shared=type(theirs).__name__ if is_one else "",
    )


def _constructor(cls: type) -> tuple[str, str, list[str]]:
    """Return how the number is handed over (by keyword, or ""), what else a leaf is given, and remarks on it."""
    try:
        parameters = list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return "", "", []
    more: list[str] = []
    remarks: list[str] = []
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    keyword_of_data = ""
    data = next((p for p in [*positional, *named] if p.name.lower() in _DATA), None)
    if data is not None and (data in named or (positional and data is not positional[0])):
        keyword_of_data = data.name
    first = data if data is not None else (positional[0] if positional else None)
    for p in [*positional, *named]:
        if p is first:
            continue
        if p.name == "requires_grad" and p.default in (False, p.empty):
            more.append("requires_grad=True")
        elif p.default is p.empty:
            filler = _filler(p.name)
            if filler is None:
                continue
            more.append(f"{p.name}={filler}" if p.kind is not p.POSITIONAL_ONLY else filler)
            remarks.append(f"a leaf needs {p.name} too; give it a default, so that {cls.__name__}(2.0) is enough")
    return keyword_of_data, "".join(f", {item}" for item in more), remarks


def _filler(name: str) -> str | None:
    if name in _LABELS:
        return '""'
    if name in _EMPTY:
        return "()"
    if name in _SYMBOLS:
        return '""'
    if name in _GRAD:
        return "0.0"
    return None


def _made(cls: type, data_keyword: str, arguments: str) -> Any:
    first = f"{data_keyword}=" if data_keyword else ""
    return eval(compile(f"cls({first}{PROBE}{arguments})", PROGRAM_FILE, "eval"), {"cls": cls})


def _names(cls: type, leaf: Any) -> tuple[str, str, str, str, str]:
    data = next((name for name in _DATA if _is_number(leaf, name, PROBE)), "")
    if not data:
        data = next((name for name in _attributes(leaf) if _is_number(leaf, name, PROBE)), "")
    grad = next((name for name in _GRAD if name != data and _has_gradient(leaf, name)), "")
    if not grad and data != "grad" and isinstance(getattr(leaf, "grad", None), (int, float)):
        grad = "grad"  # it begins with another number than 0
    step = next((name for name in _STEP if hasattr(leaf, name)), "")
    operands = next((name for name in _OPERANDS if isinstance(getattr(leaf, name, None), (set, tuple, list))), "")
    return data, grad, _first_method(cls, _BACKWARD), step, operands


def _attributes(leaf: Any) -> list[str]:
    return [*vars(leaf)] if hasattr(leaf, "__dict__") else [*getattr(type(leaf), "__slots__", ())]


def _is_number(leaf: Any, name: str, number: float) -> bool:
    try:
        return float(getattr(leaf, name)) == number
    except Exception:
        return False


def _has_gradient(leaf: Any, name: str) -> bool:
    try:
        found = getattr(leaf, name)
        return found is None or float(found) == 0.0
    except Exception:
        return False


def _first_method(cls: type, names: tuple[str, ...]) -> str:
    from slopewise.quizzes.engine_trouble import is_stub

    found = ((name, getattr(cls, name, None)) for name in names)
    return next((name for name, method in found if callable(method) and not is_stub(method)), "")


def _seed(cls: type, backward: str) -> tuple[str, str]:
    """Return what `backward` has to be given."""
    if not backward:
        return "", ""
    try:
        parameters = list(inspect.signature(getattr(cls, backward)).parameters.values())[1:]
    except (TypeError, ValueError):
        return "", ""
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(needed) != 1 or needed[0].name == "self":
        return "", ""
    return "1.0", f".{backward}() needs {needed[0].name}: it was given 1.0, the root's own gradient"


def _functions_beside(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield functions of the class's own module that stand for methods it lacks."""
    module = sys.modules.get(cls.__module__)
    for name in ("tanh", "exp", "relu"):
        function = getattr(module, name, None)
        if inspect.isfunction(function) and function.__module__ == cls.__module__ and not hasattr(cls, name):
            yield name, function
