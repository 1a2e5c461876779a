"""Running a program on the learner's class, and reading what came out."""

import functools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from slopewise.quizzes.engine_guard import Endless, Failed, Guard
from slopewise.quizzes.engine_ladder import Program
from slopewise.quizzes.engine_slipped import RIGHT, Behaviour, numbers_of
from slopewise.quizzes.engine_slips import is_same, method_of
from slopewise.quizzes.engine_subject import PROGRAM_FILE, Subject
from slopewise.quizzes.engine_trouble import Trouble, endless, is_stub, trouble_of


@dataclass(frozen=True, slots=True)
class Trial:
    """One program, run on the learner's class.

    Attributes:
        program: The program.
        lines: Its lines as they were run.
        right: The right numbers.
        came: What came out, None where there was none; empty when the program gave nothing.
        beside: What came out of the further expressions, nan where nothing did.
        trouble: Why not.
        returned: An operand that was changed and came back as the result, as in `c is a`.
        is_stepless: Whether an operation of it made a node that has a leaf's step, which does nothing.
    """

    program: Program
    lines: tuple[str, ...]
    right: tuple[float, ...]
    came: tuple[float | None, ...]
    trouble: Trouble | None
    beside: tuple[float, ...] = ()
    returned: str = ""
    is_stepless: bool = False

    @property
    def has_numbers(self) -> bool:
        """Tell whether the program ran to its end."""
        return self.trouble is None

    @property
    def is_right(self) -> bool:
        """Tell whether every number is right."""
        return self.trouble is None and self.gives(self.right)

    def gives(self, numbers: tuple[float, ...] | list[float]) -> bool:
        """Tell whether these are the numbers that came out."""
        return len(numbers) == len(self.came) and all(
            came is not None and is_same(came, number) for came, number in zip(self.came, numbers, strict=True)
        )

    def could_come_from(self, behaviour: Behaviour) -> bool:
        """Tell whether an engine of this behaviour can give what came out; a gradient of None counts as 0."""
        came = [*(0.0 if number is None else number for number in self.came), *self.beside]
        return any(_is_possible(came, numbers, len(self.came)) for numbers in numbers_with(self.program, behaviour))


def _is_possible(came: list[float], numbers: list[float], judged: int) -> bool:
    """Tell whether what came out agrees with numbers; of the further expressions nan agrees with everything."""
    return all(
        is_same(x, y) or (i >= judged and math.isnan(x)) for i, (x, y) in enumerate(zip(came, numbers, strict=True))
    )


@functools.cache
def compiled(program: Program) -> tuple[CodeType, tuple[CodeType, ...]]:
    """Return the code of a program as it is written, and of what is looked at."""
    looked = tuple(compile(text, PROGRAM_FILE, "eval") for text in (*program.observed, *program.beside))
    return compile(program.text, PROGRAM_FILE, "exec"), looked


@functools.cache
def right_numbers(program: Program) -> tuple[float, ...]:
    """Return the numbers that a program gives in a right engine."""
    return tuple(numbers_of(*compiled(program), RIGHT)[0][: len(program.observed)])


def numbers_with(program: Program, behaviour: Behaviour, most: int = 64) -> Iterator[list[float]]:
    """Yield the numbers that a program can give in an engine of this behaviour.

    There is more than one answer where the order of a node's operands matters: a set leaves it to chance.

    Args:
        program: The program.
        behaviour: The behaviour.
        most: How many orders to try.
    """
    numbers, pairs = numbers_of(*compiled(program), behaviour)
    yield numbers
    if behaviour.depends_on_order:
        for is_set in (False, True):
            for swaps in range(min(2**pairs, most)):
                yield numbers_of(*compiled(program), behaviour, swaps, is_set)[0]


def run_program(program: Program, subject: Subject, guard: Guard, seconds: float | None = None) -> Trial:
    """Run a program on the learner's class."""
    lines = subject.lines_of(program)
    right = right_numbers(program)
    if subject.error is not None:
        trouble = trouble_of(subject.error, subject)
        return Trial(program, tuple(lines), right, (), trouble)
    code = compile("\n".join(lines), PROGRAM_FILE, "exec")
    looked = [compile(subject.spelled(expression), PROGRAM_FILE, "eval") for expression in program.observed]
    further = [compile(subject.spelled(expression), PROGRAM_FILE, "eval") for expression in program.beside]
    scope: dict[str, Any] = {
        subject.name: subject.cls,
        "call_steps": functools.partial(_call_steps, subject=subject),
        **subject.functions,
    }

    def work() -> Trial:
        exec(code, scope)
        trouble = _odd_result(program, subject, scope)
        if trouble is not None:
            return Trial(program, tuple(lines), right, (), trouble)
        items = [eval(expression, scope) for expression in looked]
        for expression, item in zip(program.observed, items, strict=True):
            if not _is_number(item, subject):
                return Trial(program, tuple(lines), right, (), _no_number(subject.spelled(expression), item, subject))
        came = tuple(_number(item, subject) for item in items)
        beside = tuple(_number_or_nan(expression, scope, subject) for expression in further)
        returned, is_stepless = _returned_operand(program, scope), _has_no_step(program, scope, subject)
        return Trial(program, tuple(lines), right, came, None, beside, returned, is_stepless)

    ending = guard.run(work, seconds)
    if isinstance(ending, Endless):
        return Trial(program, tuple(lines), right, (), endless(ending))
    if isinstance(ending, Failed):
        return Trial(program, tuple(lines), right, (), trouble_of(ending.error, subject))
    trial: Trial = ending.result
    return trial


def _call_steps(root: Any, subject: Subject) -> None:
    """Run every node's own step by hand, results before operands."""
    seen: set[int] = set()
    found: list[Any] = []
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            operands = getattr(node, subject.operands, ()) if subject.operands else ()
            stack.extend((child, False) for child in operands or ())
    for node in reversed(found):
        step: Callable[[], Any] | None = getattr(node, subject.step, None)
        if callable(step):
            step()


def _is_number(item: Any, subject: Subject) -> bool:
    if isinstance(item, (str, bytes, complex)) or callable(item):
        return False
    try:
        _number(item, subject)
    except (TypeError, ValueError):
        return False
    return True


def _no_number(expression: str, item: Any, subject: Subject) -> Trouble:
    if callable(item):
        what, cure = "a method", f"keep a number there, without brackets: self.{expression.rpartition('.')[2]} = 0.0"
    elif isinstance(item, str):
        what, cure = f"the text {item!r}", "keep the number as it is given"
    else:
        text = repr(item) if len(repr(item)) <= 40 else _article(type(item).__name__)
        what, cure = f"{text}, not a real number", "keep one real number there"
    return Trouble("broken", "no-number", f"{expression} is {what}", cure=cure)


def _number(item: Any, subject: Subject) -> float | None:
    """Return what was read as a float; a gradient that is itself a node is opened."""
    for _ in range(3):
        if item is None:
            return None
        if isinstance(item, subject.cls) and subject.data:
            item = getattr(item, subject.data)
    try:
        return float(item)
    except OverflowError:
        return math.inf


def _number_or_nan(expression: CodeType, scope: dict[str, Any], subject: Subject) -> float:
    try:
        number = _number(eval(expression, scope), subject)
    except Exception:
        return math.nan
    return math.nan if number is None else number


_ASSIGNED = re.compile(r"(\w+) = (.+)")


def _odd_result(program: Program, subject: Subject, scope: dict[str, Any]) -> Trouble | None:
    """Name the first operation of a program whose result is no node."""
    for line in program.lines:
        match = _ASSIGNED.fullmatch(line.strip())
        if match is None or match[2].startswith("Value("):
            continue
        result = scope.get(match[1])
        if result is None:
            method = _method_in(match[2])
            function = getattr(subject.cls, method, None)
            if function is not None and is_stub(function):
                return Trouble("missing", "not-written", f"{method} is there, and still empty")
            return Trouble("broken", "none", f"{match[2]} gives None", cure=f"does {method} end without `return out`?")
        if isinstance(result, (int, float)) and not hasattr(result, subject.data or "data"):
            says = f"{match[2]} gives the plain number {result!r}"
            return Trouble("broken", "plain-result", says, cure=f"return a {subject.name}, so that the graph goes on")
        if not hasattr(result, subject.data or "data"):
            says = f"{match[2]} gives {_article(type(result).__name__)}, not a {subject.name}"
            return Trouble("broken", "odd-result", says, cure=f"return a {subject.name}, so that the graph goes on")
    return None


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _method_in(expression: str) -> str:
    """Return the method that a short expression calls."""
    match = re.search(r"\.(\w+)\(\)", expression)
    if match:
        return match[1]
    if expression.startswith("sum("):
        return "__radd__"
    if expression.startswith("-"):
        return "__neg__"
    reflected = expression[:1].isdigit()
    for symbol, plain, other in (
        ("**", "pow", "rpow"), ("*", "mul", "rmul"), ("/", "div", "rdiv"), ("+", "add", "radd"), ("-", "sub", "rsub"),
    ):  # fmt: skip
        if f" {symbol} " in expression:
            return method_of(other if reflected else plain)
    return "__mul__"


def _returned_operand(program: Program, scope: dict[str, Any]) -> str:
    """Return `c is a` when an operation gave one of its operands back."""
    for line in program.lines:
        match = _ASSIGNED.fullmatch(line.strip())
        if match is None or match[2].isidentifier():
            continue
        for name in re.findall(r"\b[a-z]\w*\b", match[2]):
            if (
                name != match[1]
                and name in scope
                and scope[name] is scope.get(match[1])
                and f"{name}.data" in program.observed
            ):
                return f"{match[1]} is {name}"
    return ""


def _has_no_step(program: Program, scope: dict[str, Any], subject: Subject) -> bool:
    """Tell whether a node made by an operation has the very step of a leaf: it was not written yet."""
    if not subject.step or not program.has_pass:
        return False
    leaves: list[Any] = []
    nodes: list[Any] = []
    for line in program.lines:
        match = _ASSIGNED.fullmatch(line.strip())
        if match is not None and hasattr(scope.get(match[1]), subject.step):
            (leaves if match[2].startswith("Value(") else nodes).append(getattr(scope[match[1]], subject.step))
    codes = {getattr(step, "__code__", step) for step in leaves if not hasattr(step, "__self__")}
    return any(getattr(step, "__code__", step) in codes for step in nodes if not hasattr(step, "__self__"))
