"""Finding the cause of wrong numbers: which slip gives exactly these, on every program that has been run."""

import ast
import dataclasses
import inspect
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from slopewise.quizzes.engine_slipped import RIGHT, Behaviour
from slopewise.quizzes.engine_slips import Slip, both, is_same, seeded_with, slips_of, slips_of_the_pass
from slopewise.quizzes.engine_subject import Subject
from slopewise.quizzes.engine_trials import Trial, is_improper, numbers_with
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
    operations: frozenset[str] = frozenset()


@dataclass(slots=True)
class Search:
    """How long causes may be searched for, all in all.

    Attributes:
        runs: How many runs of slipped engines are left for trying two slips together. Runs, not seconds: the same
            report on a slow machine.
        is_cut: Whether it was not enough.
    """

    runs: int
    is_cut: bool = False


def is_explained(trials: Iterable[Trial], behaviour: Behaviour) -> bool:
    """Tell whether an engine of this behaviour can give all that came out."""
    ran = [trial for trial in trials if trial.has_numbers]
    return any(all(trial.could_come_from(shape) for trial in ran) for shape in _shapes(behaviour))


_Fit = tuple[tuple[Slip, ...], Behaviour]


def find_cause(
    failing: Sequence[Trial],
    settled: Sequence[Trial],
    later: Sequence[Trial],
    operations: Sequence[str],
    known: Behaviour,
    subject: Subject,
    search: Search,
) -> Found | None:
    """Find the slip, or the two slips, that give exactly the numbers of the failing programs.

    Args:
        failing: The programs of the rung that fails, and what was seen when their steps were watched or called by hand.
        settled: Programs of earlier rungs: right, or explained by `known`. A slip has to give their numbers too.
        later: Programs of later rungs: among slips that fit, those that explain more of them win.
        operations: Where a slip may lie.
        known: The slips found on earlier rungs, as one behaviour.
        subject: The class.
        search: The runs that are left.
    """
    failing = sorted((t for t in failing if t.has_numbers), key=lambda trial: trial.is_right)
    settled = [trial for trial in settled if trial.has_numbers]
    later = [trial for trial in later if trial.has_numbers]
    if not failing:
        return None
    slips = [slip for operation in operations for slip in slips_of(operation)] + list(slips_of_the_pass())
    slips += [seeded_with(factor) for factor in _factors(failing)]
    fits = _fitting(((slip,) for slip in slips), failing, settled, known, None)
    if not fits and not any(is_improper(trial) for trial in failing):
        slips.sort(key=lambda slip: not slip.behaviour.values)  # what is computed before what is handed back
        telling = [slip for slip in slips if _shows(slip, failing, known)]
        fits = _fitting(combinations(telling, 2), failing, settled, known, search)
    fits = _remembered(fits, failing)
    if len({group[0].says for group, _ in fits}) > 1:
        scores = [sum(trial.could_come_from(behaviour) for trial in later) for _, behaviour in fits]
        fits = [fit for fit, score in zip(fits, scores, strict=True) if score == max(scores)]
    if not fits:
        return None
    best = _by_source(fits, subject)
    accused = frozenset(slip.operation for slip in best[0][0])
    return Found(_cause_of([group for group, _ in best], subject), best[0][1], accused)


def _factors(failing: Sequence[Trial]) -> list[float]:
    """Return the number that all gradients are too large by, the root's own included; none when there is none."""
    roots = {t.beside[0] for t in failing if t.program.has_pass and t.beside}
    return [f for f in roots if len(roots) == 1 and math.isfinite(f) and not is_same(f, 1.0) and not is_same(f, 0.0)]


def _shows(slip: Slip, failing: Sequence[Trial], known: Behaviour) -> bool:
    """Tell whether a slip changes any number of the failing programs; if not, it is no part of their cause."""
    with_it = both(known, slip.behaviour)
    if with_it is None:
        return False
    for trial in failing:
        before = next(numbers_with(trial.program, known))
        shapes = _shapes(with_it) if with_it.values or with_it.handed or with_it.assigned else (with_it,)
        for shape in shapes:
            if any(not all(map(is_same, before, numbers)) for numbers in numbers_with(trial.program, shape, 4)):
                return True
    return False


def _remembered(fits: list[_Fit], failing: Sequence[Trial]) -> list[_Fit]:
    """Where operands are seen to be forgotten, leave out slips that do not say so, if others do."""
    if not any(trial.lost for trial in failing):
        return fits
    return [fit for fit in fits if fit[1].forgotten] or fits


def _fitting(
    groups: Iterable[tuple[Slip, ...]],
    failing: Sequence[Trial],
    settled: Sequence[Trial],
    known: Behaviour,
    search: Search | None,
) -> list[_Fit]:
    """Return the groups of slips that give all the numbers, each with the behaviour that does."""
    fits = []
    for group in groups:
        if search is not None and search.runs <= 0:
            search.is_cut = True
            break
        behaviour: Behaviour | None = known
        for slip in group:
            behaviour = None if behaviour is None else both(behaviour, slip.behaviour)
        if behaviour is None:
            continue
        for shape in _shapes(behaviour):
            if _is_fit((*failing, *settled), shape, search):
                fits.append((group, shape))
                break
    return fits


def _is_fit(trials: Iterable[Trial], behaviour: Behaviour, search: Search | None) -> bool:
    """Tell whether an engine of this behaviour can give all that came out, and write down what it took to know."""
    for trial in trials:
        is_possible, runs = trial.runs_until_it_comes_from(behaviour)
        if search is not None:
            search.runs -= runs
        if not is_possible:
            return False
    return True


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
    return behaviour, dataclasses.replace(behaviour, is_composed=True)


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
    elif slip.code in ("collision", "late"):
        chosen = []
    elif slip.code == "children":
        chosen = [node for node in ast.walk(tree) if slip.method and _makes(node, subject.cls.__name__)][-1:]
    elif slip.code == "assign":
        chosen = [node for node in writes if isinstance(node, ast.Assign) and not _is_number(node.value)]
    elif slip.code == "upstream":
        chosen = [node for node in writes if not _reads(getattr(node, "value", node), subject.grad)]
    elif slip.behaviour.values:
        chosen = [node for node in ast.walk(tree) if isinstance(node, (ast.Assign, ast.Return)) and _calls(node)][:1]
    else:
        chosen = list(writes)
    if not chosen and slip.method and slip.code not in ("collision", "late"):
        chosen = [node for node in ast.walk(tree) if isinstance(node, ast.Return)][-1:] or [tree.body[0]]
    numbers = sorted({node.lineno for node in chosen})  # type: ignore[attr-defined]
    return [f"{path}:{first + number - 1}: {lines[number - 1].strip()}" for number in numbers]


def _writes_gradient(node: ast.AST, grad: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return any(isinstance(target, ast.Attribute) and target.attr == grad for target in targets)


def _makes(node: ast.AST, name: str) -> bool:
    """Tell whether a call makes a node with operands or without, and not a constant: `Value(self.data * …)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _reads(node: ast.AST, attribute: str) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == attribute for part in ast.walk(node))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


__all__ = ["RIGHT", "Cause", "Found", "find_cause", "is_explained", "lines_of"]
