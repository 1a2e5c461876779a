"""What is seen beside the numbers: which steps ran, in which order, and what each step does when called by itself.

Numbers alone can have several causes. A slip of the pass shows in the steps that run, a slip of one operation in its
step, called by hand.
"""

import dataclasses
import dis
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from types import CodeType

from slopewise.basics.shown_numbers import shown
from slopewise.quizzes.engine_guard import Guard
from slopewise.quizzes.engine_ladder import Program
from slopewise.quizzes.engine_slipped import FUNCTIONS, Uses
from slopewise.quizzes.engine_slips import is_same, method_of, written
from slopewise.quizzes.engine_subject import Subject
from slopewise.quizzes.engine_trials import Trial, run_program

_WITH_TWO = ("add", "mul", "sub", "div")
_OWN, _OTHER, _HANDED = 0.25, -0.5, 1.75
_NUMBERS = (("0.5", "-1.25"), ("-0.75", "2.0"))


def _probes(operation: str) -> list[Program]:
    """Return programs that call the step of one operation by hand, over gradients that are not 0 before."""
    programs = []
    for a, b in _NUMBERS:
        two = operation in _WITH_TWO
        formula = {"absolute": "abs(a)", "pow": "a ** 3"}.get(operation) or (
            f"a.{operation}()" if operation in FUNCTIONS else written(operation)
        )
        lines = [f"a = Value({a})", *([f"b = Value({b})"] if two else []), f"y = {formula}", f"a.grad = {_OWN}"]
        lines += [f"b.grad = {_OTHER}"] if two else []
        programs.append(
            Program(
                (*lines, f"y.grad = {_HANDED}", "call_steps(y)"), ("y.data", "a.grad", *(["b.grad"] if two else []))
            )
        )
    return programs


def probed(operations: Iterable[str], subject: Subject, guard: Guard) -> list[Trial]:
    """Call the steps of operations by hand; those that this class cannot show so are left out."""
    if not subject.step or not subject.grad:
        return []
    trials = [run_program(program, subject, guard) for operation in operations for program in _probes(operation)]
    return [trial for trial in trials if trial.has_numbers]


def watched(failing: Iterable[Trial], subject: Subject, guard: Guard) -> list[Trial]:
    """Run failing programs once more, noting which steps run; those that cannot be watched are left out."""
    if not subject.step or not subject.backward:
        return []
    programs = [t.program for t in failing if t.program.text.count(".backward()") == 1]
    trials = [run_program(program, subject, guard, is_watched=True) for program in programs]
    return [trial for trial in trials if trial.has_numbers and trial.ran is not None]


def visits_alone(trial: Trial) -> Trial:
    """Return a trial of which only the steps that ran are compared."""
    return dataclasses.replace(
        trial, program=dataclasses.replace(trial.program, observed=(), beside=()), right=(), came=(), beside=()
    )


def what_the_pass_did(trials: Iterable[Trial]) -> tuple[str, str] | None:
    """Say in which way a pass visits its nodes wrongly: a sentence and the cure; None when it does not."""
    cure = "list every node once, operands before results, and run the steps from the end of that list"
    for trial in trials:
        if trial.ran is None:
            continue
        uses, counts = dict(trial.program.uses), Counter(trial.ran)
        idle = [name for name in uses if not counts[name]]
        twice = [name for name in uses if counts[name] > 1]
        if trial.lost:
            result, _, operand = min(trial.lost).partition(": ")
            formula = _formula(trial.program, result)
            says = f"the result of {formula} does not remember {operand}: no pass reaches {operand} from there"
            return says, "hand the operands to the result, and keep them there: Value(…, (self, other))"
        if idle:
            return f"backward() never runs the step of {idle[0]} = {_formula(trial.program, idle[0])}", cure
        if twice:
            return f"backward() runs the step of {twice[0]} = {_formula(trial.program, twice[0])} more than once", cure
        for result, operand in _early(trial.program.uses, trial.ran):
            says = f"backward() runs the step of {operand} before that of {result}, which still adds to {operand}.grad"
            return says, cure
    return None


def _formula(program: Program, name: str) -> str:
    return next(line.partition(" = ")[2] for line in program.lines if line.startswith(f"{name} = "))


def _early(uses: Uses, ran: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the results, each with an operand whose step ran before all runs of the result's were over."""
    last = {name: i for i, name in enumerate(ran)}
    named = {name for name, _ in uses}
    return [
        (name, operand)
        for name, operands in uses
        for operand in operands
        if operand in named and operand in last and name in last and ran.index(operand) < last[name]
    ]


def odd_step(operations: Iterable[str], subject: Subject, guard: Guard) -> tuple[str, str] | None:
    """Say what the first wrong step of these operations does when it is called by itself; None when none is wrong."""
    for operation in operations:
        trials = probed([operation], subject, guard)
        wrong = next((trial for trial in trials if not trial.is_right and trial.has_right_value), None)
        if wrong is not None:
            return _by_formula(operation, trials) or _by_number(operation, wrong, subject)
    return None


def _by_formula(operation: str, trials: Sequence[Trial]) -> tuple[str, str] | None:
    """Name a step that reads or multiplies the gradients that were there before."""
    name = written(operation)
    for i, (own, side, who) in enumerate(((_OWN, "left", "self"), (_OTHER, "right", "other"))):
        if any(len(trial.came) != 3 for trial in trials):
            return None
        came = [trial.came[1 + i] for trial in trials]
        local = [(trial.right[1 + i] - own) / _HANDED for trial in trials]
        if all(x is not None and is_same(x, own * k * _HANDED) for x, k in zip(came, local, strict=True)):
            return (
                f"the step of {name} multiplies the {side} operand's .grad, which begins at 0, where it should add",
                f"add each contribution with `+=`: {who}.grad += …",
            )
        across = own + (_OTHER if i == 0 else _OWN) * _HANDED
        if operation == "mul" and all(x is not None and is_same(x, across) for x in came):
            return (
                f"the step of {name} takes the other operand's .grad where its .data belongs, for the {side} operand",
                "self.grad += other.data * out.grad; other.grad += self.data * out.grad",
            )
    return None


def _by_number(operation: str, trial: Trial, subject: Subject) -> tuple[str, str] | None:
    """Say by how much a step is off."""
    for i, own in enumerate((_OWN, _OTHER)):
        if i + 1 >= len(trial.came):
            return None
        came, right = trial.came[i + 1], trial.right[i + 1]
        if came is None or is_same(came, right):
            continue
        leaves = ", ".join(f"{m} = {x}" for m, x in (_LEAF.findall("\n".join(trial.program.lines))))
        which = "ab"[i]
        says = (
            f"called by itself with {leaves} and an upstream gradient of {_HANDED}, the step of {written(operation)} "
            f"takes {which}.{subject.grad} from {own} to {shown(came)}; {shown(right)} is right"
        )
        return says, "work out its local derivatives once more; each contribution is added with `+=`"
    return None


_LEAF = re.compile(r"(\w) = Value\(([^()]*)\)")


def step_not_stored(operation: str, subject: Subject) -> tuple[str, str] | None:
    """Say where the step of an operation went, when its code makes one and its result has none."""
    code = getattr(getattr(subject.cls, method_of(operation), None), "__code__", None)
    if code is None or not subject.grad:
        return None
    inner = [c for c in code.co_consts if isinstance(c, CodeType) and subject.grad in c.co_names]
    if not inner:
        return None
    name, cure = (
        written(operation),
        f"store it on the result, without brackets: out.{subject.step} = {inner[0].co_name}",
    )
    found = list(dis.get_instructions(code))
    holders = [a.argval for a, b in itertools.pairwise(found) if b.opname == "STORE_ATTR" and b.argval == subject.step]
    if not holders:
        return f"the step of {name} is written, and never stored on the result", cure
    parameters = code.co_varnames[: code.co_argcount]
    if all(holder in parameters for holder in holders):
        return f"the step of {name} is stored on the operand {holders[0]}, and not on the result", cure
    return None
