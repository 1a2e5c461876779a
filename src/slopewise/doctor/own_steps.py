"""Backward steps and derivatives that a user wrote: tried out on the nodes of a graph, and compared with slopes."""

import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.graph_mistakes import StepAssigns, StepDisagrees, StepForgetsUpstream
from slopewise.engine import Value
from slopewise.engine.reading import gradients_after_step
from slopewise.engine.value import has_attributes, has_own_step, number_of, operands_of, operation_of

StepFault = StepAssigns | StepForgetsUpstream | StepDisagrees

TRIES = 3  # nodes of each kind that are tried, until one shows a fault
TOLERANCE = 1e-4  # relative; central differences with the steps below are good to 1e-8 and better


class OwnSteps:
    """Tries each kind of hand-made step at a few nodes; a kind is the code of the closure, or the operation."""

    def __init__(self) -> None:
        self.counts: dict[Any, int] = {}
        self.tries: dict[Any, int] = {}
        self.found: dict[tuple[Any, type], StepFault] = {}

    def examine(self, nodes: list[Value], name: Callable[[Value], str]) -> None:
        """Look at those nodes of a graph whose step or operation is the user's own."""
        counts: dict[Any, int] = {}
        for node in nodes:
            kind = _kind_of(node)
            counts[kind] = counts.get(kind, 0) + 1
            if self.tries.get(kind, 0) < TRIES and not any(k == kind for k, _ in self.found):
                self.tries[kind] = self.tries.get(kind, 0) + 1
                for diagnosis in _faults_of(node, name):
                    self.found[kind, type(diagnosis)] = diagnosis
        for kind, count in counts.items():
            self.counts[kind] = max(self.counts.get(kind, 0), count)

    def verdicts(self) -> list[Diagnosis]:
        """Return the diagnoses, each with the number of nodes concerned."""
        return [replace(d, nodes=self.counts[kind]) for (kind, _), d in self.found.items()]


def _kind_of(node: Value) -> Any:
    if has_own_step(node):
        step = node._backward
        return getattr(step, "__code__", None) or type(step)
    return operation_of(node).name


def _faults_of(node: Value, name: Callable[[Value], str]) -> list[StepFault]:
    operands = operands_of(node)
    if not operands or not all(_is_float(number_of(n)) for n in (node, *operands)):
        return []
    try:
        once, twice, on_top = (_after(node, *given) for given in ((1.0, 0.0), (2.0, 0.0), (1.0, 1.0)))
    except Exception:  # the user's own code: what it raises, it raised, or will raise, in the pass itself
        return []
    places = _first_places(operands)
    for place in places:
        operand, title = operands[place], _title(node)
        g1, g2, g3 = once[place], twice[place], on_top[place]
        if not all(map(_is_float, (g1, g2, g3))) or not all(map(math.isfinite, (g1, g2, g3))):
            continue
        if not _near(g3, 1.0 + g1) and _near(g3, g1):
            return [
                StepAssigns(
                    operation=title, operand=_operand(operand, operands, name), held=1.0, handed=g1, left=g3, nodes=1,
                    line=_line_of(node),
                )
            ]  # fmt: skip
        if g1 != 0 and not _near(g2, 2.0 * g1) and _near(g2, g1):
            return [
                StepForgetsUpstream(
                    operation=title, operand=_operand(operand, operands, name), once=g1, twice=g2, nodes=1,
                    line=_line_of(node),
                )
            ]  # fmt: skip
    forward = _forward_of(node, operands)
    if forward is None:
        return []
    for place in places:
        operand, handed = operands[place], once[place]
        slope = _slope(forward, operands, operand, number_of(node))
        if slope is None or not _is_float(handed) or not math.isfinite(handed):
            continue
        if abs(handed - slope) > TOLERANCE * max(1.0, abs(handed), abs(slope)):
            return [
                StepDisagrees(
                    operation=_title(node), operand=_operand(operand, operands, name), at=number_of(operand),
                    handed=handed, slope=slope, nodes=1, line=_line_of(node),
                )
            ]  # fmt: skip
    return []


def _after(node: Value, upstream: float, start: float) -> tuple[Any, ...]:
    return tuple(gradients_after_step(node, upstream, start))


def _first_places(operands: tuple[Value, ...]) -> list[int]:
    return [i for i, operand in enumerate(operands) if not any(operand is o for o in operands[:i])]


def _is_float(x: Any) -> bool:
    return isinstance(x, (int, float))


def _near(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-9 * max(1.0, abs(x), abs(y))


def _title(node: Value) -> str:
    if has_attributes(node) and node.__dict__.get("_op"):
        return str(node.__dict__["_op"])
    if has_own_step(node):
        return getattr(node._backward, "__qualname__", "_backward").split(".<locals>")[0]
    return str(operation_of(node).name)


def _operand(operand: Value, operands: tuple[Value, ...], name: Callable[[Value], str]) -> str:
    given = name(operand)
    if given:
        return given
    if len({id(o) for o in operands}) == 1:
        return "its operand"
    return f"operand {[id(o) for o in operands].index(id(operand)) + 1}"


def _line_of(node: Value) -> str:
    from slopewise.doctor.source_lines import place

    code = getattr(node._backward, "__code__", None) if has_own_step(node) else None
    if code is None and not has_own_step(node):
        code = getattr(operation_of(node).value, "__code__", None)
    if code is None:
        return ""
    return place(code.co_filename, _body_line(code))


def _body_line(code: Any) -> int:
    lines = [line for _, _, line in code.co_lines() if line is not None and line > code.co_firstlineno]
    return int(min(lines, default=code.co_firstlineno))


# ---------------------------------------------------------------------- the value of an operation, as a function


def _forward_of(node: Value, operands: tuple[Value, ...]) -> Callable[[list[float]], float] | None:
    """Return the operation's value as a function of its operands' numbers; None when it cannot be found."""
    if not has_own_step(node):
        row = operation_of(node)
        return lambda numbers: float(row.value(*numbers))
    maker = _maker_of(node)
    if maker is None:
        return None
    function, cells = maker
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    spare = [o for o in operands if not any(o is cell for cell in cells.values())]
    plan: list[Any] = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            return None
        if parameter.name in cells:
            plan.append(cells[parameter.name])
        elif parameter.default is not parameter.empty:
            plan.append(parameter.default)
        elif spare:
            plan.append(spare.pop(0))
        else:
            return None

    def forward(numbers: list[float]) -> float:
        fresh = {id(o): type(o)(x) for o, x in zip(operands, numbers, strict=True)}
        out = function(*[fresh.get(id(item), item) for item in plan])
        return float(number_of(out) if isinstance(out, Value) else out)

    return forward


def _maker_of(node: Value) -> tuple[Callable[..., Any], dict[str, Any]] | None:
    """Return the function that made a node and its step, and what the step remembers of that function's variables."""
    step = node._backward
    code = getattr(step, "__code__", None)
    if code is None or "<locals>" not in getattr(step, "__qualname__", ""):
        return None
    cells = {}
    for variable, cell in zip(code.co_freevars, step.__closure__ or (), strict=False):
        try:
            cells[variable] = cell.cell_contents
        except ValueError:
            continue
    path = step.__qualname__.split(".<locals>")[0].split(".")
    found: Any = step.__globals__.get(path[0])
    for part in path[1:]:
        found = getattr(found, part, None)
    if found is None and len(path) == 1:
        found = getattr(type(node), path[0], None)  # a function of another scope that was put on the class
    return (found, cells) if callable(found) and not isinstance(found, type) else None


def _slope(
    forward: Callable[[list[float]], float], operands: tuple[Value, ...], operand: Value, result: Any
) -> float | None:
    """Measure the slope by one operand; None where the function is another, has a kink there, or fails."""
    numbers = [float(number_of(o)) for o in operands]
    moved = [i for i, o in enumerate(operands) if o is operand]
    x = numbers[moved[0]]

    def at(h: float) -> float:
        return forward([n + h if i in moved else n for i, n in enumerate(numbers)])

    h = 1e-5 * max(1.0, abs(x))
    try:
        middle = at(0.0)
        if not _near(middle, float(result)):
            return None
        right, left, wide = at(h), at(-h), (at(2 * h) - at(-2 * h)) / (4 * h)
    except Exception:  # the user's own code
        return None
    slope = (right - left) / (2 * h)
    if not all(map(math.isfinite, (right, left, wide))):
        return None
    scale = max(1.0, abs(slope))
    has_kink = abs((right - middle) / h - (middle - left) / h) > 1e-2 * scale or abs(wide - slope) > 1e-5 * scale
    return None if has_kink else slope
