"""Finding the cause of wrong numbers: which slip gives exactly these, on every program that has been run."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from slopewise.quizzes.engine_slipped import RIGHT, Behaviour
from slopewise.quizzes.engine_slips import Slip, both, slips_of, slips_of_the_pass
from slopewise.quizzes.engine_subject import Subject
from slopewise.quizzes.engine_trials import Trial
from slopewise.quizzes.engine_trouble import short_path

MOST_LINES = 4
_ONE_KIND = ("assign", "order", "upstream")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a rung is wrong.

    Attributes:
        code: A short name of the kind of cause, such as `assign`, `order`, `upstream`, `reflected`.
        says: One sentence.
        cure: What to write.
        where: The learner's lines that it concerns, as `my.py:14: self.grad = out.grad`.
        others: Other causes that would give the same numbers, in sentences.

    Example:
        >>> from slopewise.quizzes.engine_causes import Cause
        >>> Cause("assign", "gradients are written with `=`", "add them with `+=`").code
        'assign'
    """

    code: str
    says: str
    cure: str
    where: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A cause, and the behaviour of an engine that has it (with those found before)."""

    cause: Cause
    behaviour: Behaviour


def is_explained(trials: Iterable[Trial], behaviour: Behaviour) -> bool:
    """Tell whether an engine of this behaviour can give all that came out."""
    ran = [trial for trial in trials if trial.has_numbers]
    return any(all(trial.could_come_from(shape) for trial in ran) for shape in _shapes(behaviour))


def find_cause(
    failing: Sequence[Trial],
    settled: Sequence[Trial],
    later: Sequence[Trial],
    operations: Sequence[str],
    known: Behaviour,
    subject: Subject,
) -> Found | None:
    """Find the slip, or the two slips, that give exactly the numbers of the failing programs.

    Args:
        failing: The programs of the rung that fails.
        settled: Programs of earlier rungs: right, or explained by `known`. A slip has to give their numbers too.
        later: Programs of later rungs: among slips that fit, those that explain more of them win.
        operations: Where a slip may lie.
        known: The slips found on earlier rungs, as one behaviour.
        subject: The class.
    """
    failing = sorted((t for t in failing if t.has_numbers), key=lambda trial: trial.is_right)
    settled = [trial for trial in settled if trial.has_numbers]
    later = [trial for trial in later if trial.has_numbers]
    if not failing:
        return None
    slips = [slip for operation in operations for slip in slips_of(operation)] + list(slips_of_the_pass())
    fits = _fitting([(slip,) for slip in slips], failing, settled, known)
    if not fits:
        slips.sort(key=lambda slip: not slip.behaviour.values)  # what is computed before what is handed back
        fits = _fitting(list(combinations(slips, 2)), failing, settled, known)
    if not fits:
        return None
    scores = [sum(trial.could_come_from(behaviour) for trial in later) for _, behaviour in fits]
    best = [fit for fit, score in zip(fits, scores, strict=True) if score == max(scores)]
    best = _by_source(best, subject)
    return Found(_cause_of([group for group, _ in best], subject), best[0][1])


_Fit = tuple[tuple[Slip, ...], Behaviour]


def _fitting(
    groups: Sequence[tuple[Slip, ...]], failing: Sequence[Trial], settled: Sequence[Trial], known: Behaviour
) -> list[_Fit]:
    """Return the groups of slips that give all the numbers, each with the behaviour that does."""
    fits = []
    for group in groups:
        behaviour: Behaviour | None = known
        for slip in group:
            behaviour = None if behaviour is None else both(behaviour, slip.behaviour)
        if behaviour is None:
            continue
        for shape in _shapes(behaviour):
            if all(trial.could_come_from(shape) for trial in (*failing, *settled)):
                fits.append((group, shape))
                break
    return fits


def _by_source(fits: list[_Fit], subject: Subject) -> list[_Fit]:
    """Tell a pass that runs one step from one whose list is the wrong way round: only the second has a loop."""
    codes = {group[0].code for group, _ in fits}
    if not {"recursion", "reversed"} <= codes:
        return fits
    try:
        source = inspect.getsource(getattr(subject.cls, subject.backward))
    except (OSError, TypeError, AttributeError):
        return fits
    has_loop = any(isinstance(node, (ast.For, ast.While)) for node in ast.walk(ast.parse(textwrap.dedent(source))))
    unlikely = "recursion" if has_loop else "reversed"
    return [fit for fit in fits if fit[0][0].code != unlikely]


def _shapes(behaviour: Behaviour) -> tuple[Behaviour, Behaviour]:
    """Return the two ways to build −a, a − b and a / b: each a step of its own, or made of others as in the lecture."""
    names = ("values", "handed", "assigned", "is_blind", "order", "seed", "passes", "collides")
    columns: dict[str, Any] = {name: getattr(behaviour, name) for name in names}
    return Behaviour(**columns), Behaviour(**columns, is_composed=True)


def _cause_of(groups: Sequence[tuple[Slip, ...]], subject: Subject) -> Cause:
    first = groups[0]
    is_one_kind = first[0].code in _ONE_KIND  # variants of one slip: the first sentence says enough
    unlike = [group for group in groups if not (is_one_kind and {s.code for s in group} == {s.code for s in first})]
    sentences = list(dict.fromkeys("; and ".join(slip.says for slip in group) for group in (first, *unlike)))
    says = sentences[0] if len(first) == 1 else f"two slips together: {sentences[0]}"
    where = tuple(dict.fromkeys(line for slip in first for line in lines_of(slip, subject)))
    cures = "; ".join(dict.fromkeys(slip.cure for slip in first))
    if len(where) > MOST_LINES:
        where = (*where[:MOST_LINES], _more(len(where) - MOST_LINES))
    return Cause(first[0].code, subject.named(says), subject.named(cures), where, tuple(sentences[1:4]))


def _more(count: int) -> str:
    return f"and {count} more line{'s' * (count != 1)}"


def lines_of(slip: Slip, subject: Subject) -> list[str]:
    """Return the lines of the learner's class that a slip most likely lies in; none when there is no source."""
    methods = [slip.method] if slip.method else _steps_of(subject.cls)
    found: list[str] = []
    for method in methods:
        name = subject.backward if method == "backward" else method
        found += _lines_in(inspect.getattr_static(subject.cls, name, None), slip, subject)
    return found


def _steps_of(cls: type) -> list[str]:
    methods = {name: item for base in reversed(cls.__mro__) for name, item in vars(base).items()}
    return [name for name, item in methods.items() if inspect.isfunction(item) and name != "__init__"]


def _lines_in(function: Any, slip: Slip, subject: Subject) -> list[str]:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        path = short_path(inspect.getsourcefile(function) or "")
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    writes = [node for node in ast.walk(tree) if _writes_gradient(node, subject.grad)]
    chosen: Sequence[ast.AST]
    if slip.method == "backward":
        chosen = [tree.body[0]]
    elif slip.code == "collision":
        chosen = []
    elif slip.code == "assign":
        chosen = [node for node in writes if isinstance(node, ast.Assign) and not _is_number(node.value)]
    elif slip.code == "upstream":
        chosen = [node for node in writes if not _reads(getattr(node, "value", node), subject.grad)]
    elif slip.behaviour.values:
        chosen = [node for node in ast.walk(tree) if isinstance(node, (ast.Assign, ast.Return)) and _calls(node)][:1]
    else:
        chosen = list(writes)
    if not chosen and slip.method and slip.code != "collision":
        chosen = [node for node in ast.walk(tree) if isinstance(node, ast.Return)][-1:] or [tree.body[0]]
    numbers = sorted({node.lineno for node in chosen})  # type: ignore[attr-defined]
    return [f"{path}:{first + number - 1}: {lines[number - 1].strip()}" for number in numbers]


def _writes_gradient(node: ast.AST, grad: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return any(isinstance(target, ast.Attribute) and target.attr == grad for target in targets)


def _reads(node: ast.AST, attribute: str) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == attribute for part in ast.walk(node))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


__all__ = ["RIGHT", "Cause", "Found", "find_cause", "is_explained", "lines_of"]
