"""The rungs that judge limits and choices, not mistakes: a second pass, many paths, a deep chain, a large tanh."""

from collections.abc import Sequence
from dataclasses import replace

from slopewise.quizzes.engine_causes import Cause
from slopewise.quizzes.engine_ladder import DOUBLINGS, Step
from slopewise.quizzes.engine_report import Rung
from slopewise.quizzes.engine_slipped import Behaviour, Passes
from slopewise.quizzes.engine_slips import slips_of_the_pass
from slopewise.quizzes.engine_subject import Subject
from slopewise.quizzes.engine_trials import Trial

# fmt: off
_PASSES: tuple[tuple[Passes, str, str], ...] = (
    ("everything adds up",
     "a second backward() hands old inner gradients on again: {came} where {right} is right (micrograd does so too)",
     "run one pass per graph, or set the gradients of the inner nodes to 0 when a pass begins"),
    ("afresh",
     "each pass starts afresh: gradients of two passes do not add up ({came} where PyTorch has {right})",
     "zero the gradients outside backward(), so that two losses can share their parameters"),
)
# fmt: on


def note_on(step: Step, trials: Sequence[Trial], subject: Subject) -> Rung:
    """Judge a rung that is not right, of a kind that gives notes."""
    failing = next(trial for trial in trials if not trial.is_right)
    rung = Rung(step.name, "note", program=failing.lines, results=_results(failing, subject))
    trouble = failing.trouble
    if trouble is not None and trouble.kind == "missing":
        return replace(
            rung,
            state="not yet",
            says=trouble.says,
            where=trouble.where,
            cure=subject.named(step.missing),
            program=(),
            results=(),
        )
    match step.kind:
        case "second pass":
            return _second_pass(rung, trials, failing)
        case "many paths":
            return _many_paths(rung, failing)
        case "deep":
            return _deep(rung, failing, subject)
        case "large":
            return _large(rung, failing)
        case _:
            return rung


def _results(trial: Trial, subject: Subject) -> tuple[tuple[str, float | None, float], ...]:
    if not trial.has_numbers:
        return ()
    observed = (subject.spelled(expression) for expression in trial.program.observed)
    return tuple(zip(observed, trial.came, trial.right, strict=True))


def _second_pass(rung: Rung, trials: Sequence[Trial], failing: Trial) -> Rung:
    from slopewise.basics.shown_numbers import shown

    if failing.trouble is not None:
        return replace(
            rung,
            says=f"a second pass raises: {failing.trouble.says}",
            where=failing.trouble.where,
            cure="that is a choice; say so in the message",
        )
    at = next(i for i, (c, r) in enumerate(zip(failing.came, failing.right, strict=True)) if c != r)
    came, right = shown(failing.came[at]), shown(failing.right[at])
    for passes, says, cure in _PASSES:
        if all(trial.could_come_from(Behaviour(passes=passes)) for trial in trials if trial.has_numbers):
            return replace(rung, says=says.format(came=came, right=right), cure=cure)
    added = [Behaviour(passes=passes, seed="added") for passes in ("leaves add up", "everything adds up")]
    if any(all(trial.could_come_from(shape) for trial in trials if trial.has_numbers) for shape in added):
        says = "the pass adds 1 to the root's gradient: a second one begins with more than 1"
        return replace(rung, state="wrong", cause=Cause("seed", says, "set it: self.grad = 1.0, with `=`"))
    for slip in slips_of_the_pass():
        if slip.code == "kept" and all(t.could_come_from(slip.behaviour) for t in trials if t.has_numbers):
            return replace(rung, state="wrong", cause=Cause(slip.code, slip.says, slip.cure))
    return replace(rung, state="wrong")


def _many_paths(rung: Rung, failing: Trial) -> Rung:
    if failing.trouble is not None:
        paths = f"{DOUBLINGS} doublings have 2^{DOUBLINGS} paths"
        says = f"the pass walks every path by itself, and {paths}: {failing.trouble.says}"
        cure = "list every node once, operands before results, and run each step once"
        return replace(rung, says=says, cure=cure)
    return replace(rung, state="wrong")


def _deep(rung: Rung, failing: Trial, subject: Subject) -> Rung:
    trouble = failing.trouble
    if trouble is None:
        return replace(rung, state="wrong")
    if trouble.code == "endless-recursion":
        says = (
            "backward() calls itself once for every node on the way down: Python stops it at about 1,000 "
            "(RecursionError). A loss summed over 1,000 samples is such a chain"
        )
        cure = "walk the graph with a list of your own: stack = [root], and a loop that pops from it"
        return replace(rung, says=says, cure=cure, where=trouble.where)
    if trouble.kind == "stopped":
        says = f"5,000 additions in a chain were too slow: {trouble.says}"
        cure = "keep the visited nodes in a set: looking through a list takes longer with every node"
        return replace(rung, says=says, cure=cure)
    return replace(rung, says=trouble.says, where=trouble.where)


def _large(rung: Rung, failing: Trial) -> Rung:
    cure = "use math.tanh, or exp(-2·|x|), which cannot overflow"
    if failing.trouble is not None:
        says = f"tanh overflows for large numbers, from about 355 on: {failing.trouble.says}"
        return replace(rung, says=says, cure=cure, where=failing.trouble.where)
    return replace(rung, says="tanh gives no number for large operands, from about 355 on", cure=cure)
