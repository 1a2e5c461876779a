"""`check_engine`: a learner's own Value class on a ladder of small programs."""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slopewise.basics.shown_numbers import shown
from slopewise.errors import NumberError
from slopewise.ops import BY_NAME
from slopewise.quizzes.engine_causes import Cause, Found, Search, find_cause, is_explained
from slopewise.quizzes.engine_evidence import (
    odd_step,
    probed,
    step_not_stored,
    visits_alone,
    watched,
    what_the_pass_did,
)
from slopewise.quizzes.engine_guard import Guard
from slopewise.quizzes.engine_ladder import LADDER, Program, Step
from slopewise.quizzes.engine_notes import note_on
from slopewise.quizzes.engine_report import EngineCheck, Rung, State
from slopewise.quizzes.engine_slipped import FUNCTIONS, RIGHT, Behaviour
from slopewise.quizzes.engine_slips import is_same, method_of, slips_of
from slopewise.quizzes.engine_subject import PROBE, Subject, subject_of
from slopewise.quizzes.engine_trials import Trial, run_program

SECONDS = 2.0
SECONDS_IN_ALL = 6.0
RUNS_OF_SEARCH = 100_000  # about three seconds


def check_engine(cls: Any, *, seconds: float = SECONDS) -> EngineCheck:
    """Try a Value class of your own on a ladder of small programs, from `a + b` to a deep chain.

    The class may be unfinished: what it does not have yet reads "not yet", never "wrong". The first rung that is wrong
    is shown as the smallest program that fails, what came out, what is right, and the cause: the slip that gives
    exactly these numbers on every program that was run.

    Args:
        cls: The class. A leaf is made by `cls(2.0)`; the number is read from `.data`, the gradient from `.grad`, the
            pass is run by `.backward()`. Other names (`.value`, `.gradient`, `.backprop()`) are found and remarked on.
        seconds: How long one program may take before it is stopped.

    Returns:
        The report: `.passed`, `.first_failure`, `.rungs`; print it to read it.

    Raises:
        NumberError: What was given is not a class.

    Example:
        >>> import slopewise as sw
        >>> report = sw.check_engine(sw.Value)
        >>> report.passed, report.first_failure
        (True, None)
        >>> class Mine:
        ...     def __init__(self, data):
        ...         self.data = data
        ...     def __add__(self, other):
        ...         return Mine(self.data + other.data)
        ...     def __mul__(self, other):
        ...         return Mine(self.data + other.data)
        >>> report = sw.check_engine(Mine)
        >>> report.first_failure.name, report.first_failure.cause.says
        ('a * b', 'a * b adds')

    Source: the rungs follow A. Karpathy's lecture "The spelled-out intro to neural networks and backpropagation".
    """
    if not isinstance(cls, type):
        what = f"{cls!r}" if len(repr(cls)) <= 60 else f"a {type(cls).__name__}"
        hint = (
            f"give the class itself: check_engine({type(cls).__name__})"
            if hasattr(cls, "data")
            else "give a class, such as Value, without brackets"
        )
        raise NumberError(f"check_engine() needs a class, got {what}\n{hint}")
    guard = Guard(seconds, max(SECONDS_IN_ALL, 3 * seconds))
    with guard.quiet():
        subject = subject_of(cls, guard)
        steps = [*LADDER, *_offered(subject)]
        tried = list(_tried(steps, subject, guard))
        rungs = tuple(_judged(tried, subject, guard))
    remarks = list(subject.remarks)
    if subject.walks_by_hand:
        remarks.append(
            f"there is no backward() yet: every node's {subject.step}() was called by hand, results before operands"
        )
    if guard.printed.lines:
        remarks.append(f"{subject.name} printed {guard.printed.lines} lines on the way, left out here")
    return EngineCheck(subject.name, rungs, tuple(remarks))


def _offered(subject: Subject) -> Iterator[Step]:
    """Yield a rung for each further function that the class has and that is known here."""
    on_the_ladder = {operation for step in LADDER for operation in step.operations}
    for operation in FUNCTIONS:
        method = method_of(operation)
        if operation in on_the_ladder or not subject.has(method) or not _is_plain(getattr(subject.cls, method)):
            continue
        low, high = BY_NAME[operation].domain[0]
        points = [x for x in ("0.5", "-0.75", "2.0", "1.25") if low < float(x) < high][:3]
        name = "abs(a)" if operation == "absolute" else f"a.{operation}()"
        programs = [Program((f"a = Value({x})", f"y = {name}", "y.backward()"), ("y.data", "a.grad")) for x in points]
        for tail in ("y = f * b", "y = f * a"):
            lines = (f"a = Value({points[0]})", "b = Value(3.0)", f"f = {name}", tail, "y.backward()")
            programs.append(Program(lines, ("y.data", "a.grad")))
        yield Step(name, tuple(programs), (operation,), ("the chain rule",))


def _is_plain(method: Any) -> bool:
    """Tell whether a method can be called without arguments."""
    try:
        parameters = list(inspect.signature(method).parameters.values())[1:]
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters)


def _tried(steps: Sequence[Step], subject: Subject, guard: Guard) -> Iterator[tuple[Step, list[Trial]]]:
    """Run every rung, but for those that build on one that did not end."""
    endless: set[str] = set()
    for step in steps:
        trials: list[Trial] = [] if guard.is_spent or endless & set(step.needs) else _trials(step, subject, guard)
        if (not trials and endless & set(step.needs)) or any(t.trouble and t.trouble.kind == "stopped" for t in trials):
            endless.add(step.name)
        yield step, trials


def _trials(step: Step, subject: Subject, guard: Guard) -> list[Trial]:
    """Run the programs of a rung; without a pass only their values."""
    seconds = 3 * guard.seconds if step.kind == "deep" else None
    programs = step.programs
    if not subject.backward and not subject.walks_by_hand:
        if step.kind != "numbers":
            return []
        programs = tuple(dict.fromkeys(map(_without_pass, programs)))
    trials: list[Trial] = []
    for program in programs:
        if trials and guard.is_spent:
            break
        trials.append(run_program(program, subject, guard, seconds))
        if trials[-1].trouble is not None and trials[-1].trouble.kind == "stopped":
            break
    return trials


def _without_pass(program: Program) -> Program:
    """Return the part of a program before its first pass, with what can be looked at there."""
    if not program.has_pass:
        return program
    cut = next(i for i, line in enumerate(program.lines) if ".backward()" in line)
    root = program.lines[cut].partition(".backward()")[0]
    return Program(program.lines[:cut], (f"{root}.data",))


_MADE_OF = {
    "radd": ("add",), "rmul": ("mul",), "neg": ("mul",), "sub": ("add", "mul"), "rsub": ("add", "mul"),
    "div": ("pow", "mul"), "rdiv": ("pow", "mul"),
}  # fmt: skip


@dataclass(slots=True)
class _Progress:
    """What is known after the rungs so far."""

    known: Behaviour = RIGHT
    source: str = ""
    found: list[tuple[str, Behaviour]] = field(default_factory=list)
    kept: str = ""  # the rung that found that a list is kept from pass to pass
    is_lost: bool = False  # the operands themselves change: no later number can be trusted
    states: dict[str, State] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    troubles: dict[tuple[str, str], str] = field(default_factory=dict)
    settled: list[Trial] = field(default_factory=list)
    accused: frozenset[str] = frozenset()  # operations in which a slip was found; "" for the pass
    blocked: set[str] = field(default_factory=set)  # not there, or wrong for a reason that no behaviour stands for
    doubtful: dict[str, str] = field(default_factory=dict)  # operations of such wrong rungs; "*" for all
    search: Search = field(default_factory=lambda: Search(RUNS_OF_SEARCH))

    @property
    def has_wrong_pass(self) -> bool:
        """Tell whether what was found lies in the pass, or in what it goes by."""
        return self.known.order != "topological" or bool(self.known.forgotten) or self.known.seed != "one"

    def waits(self, step: Step) -> str:
        """Return the rung that keeps a rung from being reached; "" when there is none."""
        first = next((name for name in step.needs if self.states.get(name) in ("wrong", "not yet")), "")
        return self.roots.get(first, first)

    def blames(self, step: Step) -> str:
        """Return the rung that must be mended before anything can be said about a failure on this one; "" for none."""
        needed = next((name for name in step.needs if name in self.blocked), "")
        if needed:
            return self.roots.get(needed, needed)
        made_of = ("*", *(part for name in step.operations for part in (name, *_MADE_OF.get(name, ()))))
        return next((self.doubtful[name] for name in made_of if name in self.doubtful), "")


def _judged(tried: Sequence[tuple[Step, list[Trial]]], subject: Subject, guard: Guard) -> Iterator[Rung]:
    """Judge the rungs in turn; what is found on one is known on the next."""
    progress = _Progress()
    for position, (step, trials) in enumerate(tried):
        later = [trial for ahead, more in tried[position + 1 :] if ahead.kind == "numbers" for trial in more]
        waits = progress.waits(step)
        rung, found = _rung(step, trials, later, waits, subject, progress, guard)
        if found is not None:
            progress.known = found.behaviour
            progress.accused |= found.operations
            progress.found.append((step.name, found.behaviour))
            progress.source = progress.source or step.name
        if rung.cause is not None and rung.cause.code == "kept":
            progress.kept = progress.kept or step.name
        progress.states[step.name] = rung.state
        if (rung.state == "wrong" and found is None) or (rung.state == "not yet" and rung.waits in progress.blocked):
            progress.blocked.add(step.name)
        if rung.state == "wrong" and found is None and step.kind == "numbers":
            is_everywhere = rung.cause.code in _EVERYWHERE if rung.cause is not None else len(step.operations) > 1
            for operation in ("*",) if is_everywhere else step.operations or ("*",):
                progress.doubtful.setdefault(operation, step.name)
        if rung.state == "not yet" and rung.waits:
            progress.roots[step.name] = rung.waits
        is_settled = rung.state == "right" or found is not None
        if step.kind == "numbers" and (
            is_settled or (rung.state == "not yet" and is_explained(trials, progress.known))
        ):
            progress.settled += trials
        yield rung


def _rung(
    step: Step,
    trials: list[Trial],
    later: list[Trial],
    waits: str,
    subject: Subject,
    progress: _Progress,
    guard: Guard,
) -> tuple[Rung, Found | None]:
    blank = Rung(step.name, "right")
    waiting = replace(blank, state="not yet", waits=waits)
    if trials and all(trial.is_right for trial in trials):
        has_pass = any(program.has_pass for program in step.programs)
        if has_pass and not subject.backward and not subject.walks_by_hand:
            return _without(blank, step, subject, progress), None
        return blank, None
    if not trials and guard.is_spent and not waits:
        return replace(blank, state="not yet", says="not tried: the time for the whole check was over"), None
    blamed = progress.blames(step)
    if not trials:
        return (waiting if waits else _without(blank, step, subject, progress)), None
    if step.kind != "numbers":
        failing = next(trial for trial in trials if not trial.is_right)
        is_doubtful = progress.is_lost or progress.kept or (progress.known is not RIGHT and failing.has_numbers)
        if waits or blamed or is_doubtful:
            return replace(waiting, waits=waits or blamed or progress.kept or progress.source), None
        return note_on(step, trials, subject), None
    wrong = next((trial for trial in trials if trial.has_numbers and not trial.is_right), None)
    if wrong is not None:
        if blamed and not (wrong.is_stepless and wrong.has_right_value):
            return replace(waiting, waits=waits or blamed), None
        return _wrong(step, trials, wrong, later, waits, waiting, subject, progress, guard)
    failing = next(trial for trial in trials if trial.trouble is not None)
    broken = next((t for t in trials if t.trouble is not None and t.trouble.kind != "missing"), failing)
    trouble = broken.trouble
    assert trouble is not None
    if trouble.kind == "missing":
        same = next((name for name, said in progress.said.items() if said == trouble.says), "")
        if (same and not step.speaks) or progress.states.get(waits) == "wrong":
            return replace(waiting, waits=same or waits), None
        progress.said[step.name] = trouble.says
        cure = subject.named(trouble.cure or step.missing)
        return replace(blank, state="not yet", says=trouble.says, where=trouble.where, cure=cure), None
    key = (trouble.code, "" if trouble.kind == "stopped" else trouble.says)
    earlier = progress.troubles.get(key, "")
    if waits or earlier or blamed:
        return replace(waiting, waits=earlier or waits or blamed), None
    progress.troubles[key] = step.name
    return _failure(blank, broken, None, subject), None


def _wrong(
    step: Step,
    trials: list[Trial],
    wrong: Trial,
    later: list[Trial],
    waits: str,
    waiting: Rung,
    subject: Subject,
    progress: _Progress,
    guard: Guard,
) -> tuple[Rung, Found | None]:
    """Judge a rung on which numbers are wrong."""
    blank = Rung(step.name, "right")
    if wrong.is_stepless and wrong.has_right_value:
        lost = step_not_stored(step.operations[0], subject) if step.operations else None
        if lost is not None and progress.blames(step):
            return replace(waiting, waits=waits or progress.blames(step)), None
        if lost is not None:
            return _failure(blank, wrong, Cause("not-stored", *lost), subject), None
        return replace(
            blank,
            state="not yet",
            says="the value is right; its step is not written yet",
            cure=subject.named(step.missing),
        ), None
    known = progress.known
    if progress.is_lost:
        return replace(waiting, waits=progress.source), None
    explained_by = next((name for name, behaviour in progress.found if is_explained(trials, behaviour)), "")
    if explained_by:
        return replace(waiting, waits=explained_by), None
    seen = _by_looking(wrong, subject)
    if seen is not None:
        progress.is_lost, progress.source = True, step.name
        return _failure(blank, wrong, seen, subject), None
    operations = tuple(operation for operation in step.operations if slips_of(operation))
    wrong_ones = [trial for trial in trials if not trial.is_right and trial.has_numbers]
    watching = watched(wrong_ones, subject, guard) if wrong.program.has_pass else []
    if watching and not progress.found and (step.name in _OF_THE_PASS):
        watching += [visits_alone(trial) for trial in watched(_telling(later), subject, guard)]
    seen_more = watching + (probed(operations, subject, guard) if wrong.program.has_pass else [])
    search = progress.search
    found = find_cause([*trials, *seen_more], progress.settled, later, operations, known, subject, search)
    if found is None and waits:
        return waiting, None
    if found is not None and waits:
        parts = {part for name in found.operations for part in (name, *_MADE_OF.get(name, ()))}
        is_again = bool(parts & progress.accused)
        is_the_pass = progress.has_wrong_pass or bool(known.is_own)
        if is_again or found.cause.others or known.is_own or (is_the_pass and found.behaviour.order != known.order):
            return replace(waiting, waits=waits), None  # what is wrong in one way may show in others too
    if found is not None and found.cause.code == "kept" and progress.kept:
        return replace(waiting, waits=progress.kept), None
    if found is not None:
        return _failure(blank, wrong, found.cause, subject), found
    rounded = _rounding(trials)
    if rounded is not None:
        progress.is_lost, progress.source = True, step.name
        return _failure(blank, wrong, rounded, subject), None
    pair = odd_step(operations, subject, guard) if wrong.program.has_pass else None
    if pair is not None:
        return _failure(blank, wrong, Cause("step", *pair), subject), None
    pair = what_the_pass_did(watching)
    if subject.is_equal and wrong.program.has_pass and (pair is not None or step.name == "nodes with equal numbers"):
        says = f"two nodes with equal numbers count as one: {subject.name}({PROBE}) == {subject.name}({PROBE})"
        return _failure(blank, wrong, Cause("equality", says, _IDENTITY), subject), None
    if pair is not None:
        return _failure(blank, wrong, Cause("order", *pair), subject), None
    says = "looking for two slips together was cut short" if search.is_cut else ""
    return replace(_failure(blank, wrong, None, subject), says=says), None


_IDENTITY = "compare nodes by identity: no __eq__, for a dataclass eq=False; or keep id(node) in visited"
_EVERYWHERE = ("equality", "order", "start", "shared", "in-place")
_OF_THE_PASS = ("the chain rule", "an operand used twice", "a diamond", "visiting in order")


def _telling(later: Sequence[Trial]) -> list[Trial]:
    """Return programs of later rungs in which the order of visiting shows, whatever the numbers are."""
    order = next(step for step in LADDER if step.name == "visiting in order")
    return [trial for trial in later if trial.program in order.programs and trial.has_numbers][:3]


def _rounding(trials: Sequence[Trial]) -> Cause | None:
    """Return the cause of values that are cut or rounded, if all that are wrong are so."""
    pairs = [
        (came, right)
        for trial in trials
        if trial.has_numbers and not trial.has_right_value
        for came, right in [(trial.came[0], trial.right[0])]
        if came is not None and math.isfinite(right)
    ]
    if not pairs:
        return None
    came, right = pairs[0]
    if all(c == math.trunc(r) for c, r in pairs):
        says = f"a number is cut to a whole one: {shown(right)} became {shown(came)}"
        return Cause("rounded", says, "keep the number as it is: no int() and no // on the way")
    for digits in range(6):
        if all(is_same(c, round(r, digits)) for c, r in pairs):
            places = "a whole number" if digits == 0 else f"{digits} decimal{'s' * (digits != 1)}"
            says = f"a number is rounded to {places}: {shown(right)} became {shown(came)}"
            return Cause("rounded", says, "keep the number as it is, and round only what is printed")
    return None


def _without(blank: Rung, step: Step, subject: Subject, progress: _Progress) -> Rung:
    """Return a rung that needs a pass, for a class that has none: the first says so, the others wait for it."""
    says = "there is no backward() yet" if subject.grad else "there is no .grad yet, and no backward()"
    first = next((name for name, said in progress.said.items() if said == says), "")
    if first:
        return replace(blank, state="not yet", waits=first)
    progress.said[step.name] = says
    return replace(blank, state="not yet", says=says, cure=subject.named(step.missing))


def _by_looking(trial: Trial, subject: Subject) -> Cause | None:
    """Return a cause that is seen in what came back, not in the numbers."""
    if trial.returned:
        result, _, operand = trial.returned.partition(" is ")
        does = f"changes {operand} itself and returns it" if trial.changed else f"returns its operand {operand}"
        return Cause(
            "in-place",
            f"the operation {does}: {result} and {operand} are one node",
            "make a new node for every result, and leave the operands as they are",
        )
    if trial.changed:
        says = f"an operand's number changes, though the program does not write to it: {trial.changed}"
        return Cause("in-place", says, f"read self.{subject.data} and other.{subject.data}, and never write to them")
    if not trial.program.has_pass:
        return None
    if subject.first_grad not in (None, 0.0):
        says = f"a new node's .{subject.grad} begins at {subject.first_grad:g}, and contributions are added to that"
        return Cause("start", says, f"self.{subject.grad} = 0.0 in __init__; backward() alone sets the root's to 1")
    if subject.is_shared:
        says = f"all nodes share one {subject.is_shared} of operands: a.{subject.operands} is b.{subject.operands}"
        return Cause(
            "shared", says, "make a new one for each node in __init__: no default argument, no class attribute"
        )
    return None


def _failure(blank: Rung, trial: Trial, cause: Cause | None, subject: Subject) -> Rung:
    trouble = trial.trouble
    if trouble is not None:
        cause = Cause(trouble.code, trouble.says, trouble.cure, (trouble.where,) if trouble.where else ())
    observed = tuple(subject.spelled(expression) for expression in trial.program.observed)
    pairs = zip(observed, trial.came, trial.right, strict=True) if trial.has_numbers else ()
    return replace(
        blank,
        state="wrong",
        says=trouble.says if trouble else "",
        program=trial.lines,
        results=tuple(pairs),
        cause=cause,
    )
