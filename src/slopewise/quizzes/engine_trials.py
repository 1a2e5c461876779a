"""Running a program on the learner's class, and reading what came out."""

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from slopewise.quizzes.engine_guard import Endless, Failed, Guard
from slopewise.quizzes.engine_ladder import Program
from slopewise.quizzes.engine_slipped import RIGHT, Behaviour, Outcome, lost_in, numbers_of, outcome_of
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
        changed: What became of an operand's number, when the program did not write to it; "" when nothing.
        ran: The named nodes whose steps ran, in that order; None when nobody looked.
        lost: Operands that results do not remember, as `d: a`; None when the class does not show what it remembers.
    """

    program: Program
    lines: tuple[str, ...]
    right: tuple[float, ...]
    came: tuple[float | None, ...]
    trouble: Trouble | None
    beside: tuple[float, ...] = ()
    returned: str = ""
    is_stepless: bool = False
    changed: str = ""
    ran: tuple[str, ...] | None = None
    lost: frozenset[str] | None = None

    @property
    def has_numbers(self) -> bool:
        """Tell whether the program ran to its end."""
        return self.trouble is None

    @property
    def is_right(self) -> bool:
        """Tell whether every number is right."""
        return self.trouble is None and self.gives(self.right)

    @property
    def has_right_value(self) -> bool:
        """Tell whether the first thing looked at, the root's value, is right."""
        return self.has_numbers and self.gives((*self.right[:1], *(c or 0.0 for c in self.came[1:])))

    def gives(self, numbers: tuple[float, ...] | list[float]) -> bool:
        """Tell whether these are the numbers that came out."""
        return len(numbers) == len(self.came) and all(
            came is not None and is_same(came, number) for came, number in zip(self.came, numbers, strict=True)
        )

    def could_come_from(self, behaviour: Behaviour) -> bool:
        """Tell whether an engine of this behaviour can give what came out; a gradient of None counts as 0."""
        return self.runs_until_it_comes_from(behaviour)[0]

    def runs_until_it_comes_from(self, behaviour: Behaviour) -> tuple[bool, int]:
        """Tell whether an engine of this behaviour can give what came out, and how many runs of one it took to know."""
        came, runs = [*(0.0 if number is None else number for number in self.came), *self.beside], 0
        for runs, outcome in enumerate(outcomes_with(self.program, behaviour), 1):
            if _is_possible(came, outcome.numbers, len(self.came)) and self._is_seen(outcome, behaviour):
                return True, runs
        return False, runs

    def _is_seen(self, outcome: Outcome, behaviour: Behaviour) -> bool:
        """Tell whether a run of the slipped engine does what was seen beside the numbers."""
        if behaviour.forgotten and self.lost is not None and outcome.lost != self.lost:
            return False
        if self.ran is None:
            return True
        mine, theirs = _visits(self.program, self.ran), _visits(self.program, outcome.ran)
        return mine[1:] == theirs[1:] if behaviour.forgotten else mine == theirs


def is_improper(trial: Trial) -> bool:
    """Tell whether a pass was seen to leave a step out, to run one twice, or to run one too early."""
    if trial.ran is None:
        return False
    is_ordered, *counts = _visits(trial.program, trial.ran)
    return not is_ordered or sorted(counts) != sorted((name, 1) for name, _ in trial.program.uses)


def _visits(program: Program, ran: tuple[str, ...]) -> tuple[Any, ...]:
    """Return how often each step ran, and whether results always came before operands."""
    last = {name: i for i, name in enumerate(ran)}
    is_ordered = all(
        ran.index(operand) > last[name]
        for name, operands in program.uses
        for operand in operands
        if name in last and operand in last
    )
    return (is_ordered, *sorted(Counter(ran).items()))


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

    Args:
        program: The program.
        behaviour: The behaviour.
        most: How many orders to try.
    """
    for outcome in outcomes_with(program, behaviour, most):
        yield outcome.numbers


def outcomes_with(program: Program, behaviour: Behaviour, most: int = 64) -> Iterator[Outcome]:
    """Yield what a program can give in an engine of this behaviour, and which steps run for it.

    There is more than one answer where the order of a node's operands matters: a set leaves it to chance.
    """
    text, looked = compiled(program)
    first = outcome_of(text, looked, behaviour, uses=program.uses)
    yield first
    if behaviour.depends_on_order:
        for is_set in (False, True):
            for swaps in range(0 if is_set else 1, min(2**first.pairs, most)):
                yield outcome_of(text, looked, behaviour, swaps, is_set, program.uses)


def run_program(
    program: Program, subject: Subject, guard: Guard, seconds: float | None = None, is_watched: bool = False
) -> Trial:
    """Run a program on the learner's class.

    Args:
        program: The program.
        subject: The class.
        guard: What it is run under.
        seconds: How long it may take.
        is_watched: Whether to note which steps run in its pass.
    """
    lines = subject.lines_of(program)
    right = right_numbers(program)
    if subject.error is not None:
        trouble = trouble_of(subject.error, subject)
        return Trial(program, tuple(lines), right, (), trouble)
    cut = next(i for i, line in enumerate(program.lines) if ".backward()" in line) if is_watched else 0
    codes = [compile("\n".join(part), PROGRAM_FILE, "exec") for part in (lines[:cut], lines[cut:])]
    looked = [compile(subject.spelled(expression), PROGRAM_FILE, "eval") for expression in program.observed]
    further = [compile(subject.spelled(expression), PROGRAM_FILE, "eval") for expression in program.beside]
    scope: dict[str, Any] = {
        subject.name: subject.cls,
        "call_steps": functools.partial(_call_steps, subject=subject),
        **subject.functions,
    }

    def work() -> Trial:
        exec(codes[0], scope)
        ran = _watch(program, scope, subject) if is_watched else None
        exec(codes[1], scope)
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
        seen = None if ran is None else tuple(ran)
        lost = _lost(program, scope, subject)
        changed = _changed(program, lines, scope, subject)
        return Trial(program, tuple(lines), right, came, None, beside, returned, is_stepless, changed, seen, lost)

    ending = guard.run(work, seconds)
    if isinstance(ending, Endless):
        return Trial(program, tuple(lines), right, (), endless(ending))
    if isinstance(ending, Failed):
        return Trial(
            program, tuple(lines), right, (), _not_plain(trouble_of(ending.error, subject), ending.error, program)
        )
    trial: Trial = ending.result
    return trial


_NAMES_ALONE = re.compile(r"\w+ = [a-z]\w*( [+*] [a-z]\w*)+|\w+ = Value\(.*\)|.*\.backward\(\)")


def _not_plain(trouble: Trouble, error: BaseException, program: Program) -> Trouble:
    """Return what is broken where a class asks a plain number for `.data`, and the program has none beside leaves."""
    if trouble.code != "plain-number" or not all(map(_NAMES_ALONE.fullmatch, program.lines)):
        return trouble
    says = f"{type(error).__name__}: {' '.join(str(error).split())}; no plain number stands in this program"
    cure = "what is wrapped, and what is not? other = other if isinstance(other, Value) else Value(other)"
    return Trouble("broken", "wrapped", says, trouble.where, cure)


def _watch(program: Program, scope: dict[str, Any], subject: Subject) -> list[str] | None:
    """Let the steps of all named results note when they run; None when they cannot."""
    ran: list[str] = []
    for name, _ in program.uses:
        step = getattr(scope[name], subject.step, None)
        if not callable(step):
            return None

        def noted(*arguments: Any, name: str = name, step: Callable[..., Any] = step) -> Any:
            ran.append(name)
            return step(*arguments)

        try:
            setattr(scope[name], subject.step, noted)
        except (AttributeError, TypeError):
            return None
    return ran if len({id(scope[name]) for name, _ in program.uses}) == len(program.uses) else None


def _lost(program: Program, scope: dict[str, Any], subject: Subject) -> frozenset[str] | None:
    """Return the operands that results do not remember; None when the class does not show what it remembers."""
    if not subject.operands:
        return None

    def children(node: Any) -> Iterator[Any]:
        for item in getattr(node, subject.operands, None) or ():
            if isinstance(item, (tuple, list)):  # (operand, local derivative)
                yield from (inner for inner in item if hasattr(inner, subject.operands))
            elif hasattr(item, subject.operands):
                yield item

    try:
        return lost_in(scope, program.uses, children)
    except Exception:
        return None


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
            if name != match[1] and name in scope and scope[name] is scope.get(match[1]):
                return f"{match[1]} is {name}"
    return ""


def _changed(program: Program, lines: list[str], scope: dict[str, Any], subject: Subject) -> str:
    """Say what became of a leaf's number, when the program did not write to it; "" when nothing."""
    if any(".data +=" in line for line in program.lines):
        return ""
    for usual, line in zip(program.lines, lines, strict=False):
        match = _ASSIGNED.fullmatch(usual)
        if match is not None and match[2].startswith("Value("):
            before = _number(getattr(eval(line.partition(" = ")[2], scope), subject.data or "data"), subject)
            after = _number(getattr(scope[match[1]], subject.data or "data"), subject)
            if before is not None and after is not None and not is_same(before, after):
                return f"{match[1]}.{subject.data} was {before:g}, and is {after:g} when the program has run"
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
