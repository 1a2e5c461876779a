"""Which calls can go straight to a kernel: those of a form that has a plan, whose path writes to no argument."""

from slopewise.compiler.calling import Caller
from slopewise.compiler.entries import Outcome, beside_arguments

__all__ = ["install_shortcut"]


def install_shortcut(caller: Caller, outcome: Outcome) -> None:
    """Let later calls of the same form as one that has run go straight to its kernel, if that is possible."""
    path, lowered, plan = outcome.path, outcome.lowered, outcome.plan
    if plan is None or not path.is_kept:
        return
    known = path.shortcuts.get(plan)
    if known is not None and caller.shortcuts and known in caller.shortcuts:
        return
    if plan.has_values and path.has_state:  # then it matters which Value is which
        return
    if any(place.value is None and place.attribute != "grad" for place in path.captured):
        return
    if known is not None:
        path.calls += known.calls
    n_constants = len(lowered.lifted)
    constants = beside_arguments(path, lowered, outcome.given)[-n_constants:] if n_constants else ()
    path.shortcuts[plan] = caller.install(
        lowered.kernel,
        plan,
        path.result,
        # An argument that is a plain number has no gradient to read, and nothing is written to it.
        captured=[
            *(0.0 if place.value is None else (place.value, place.attribute) for place in path.captured),
            *constants,
        ],
        guards=list(enumerate(path.outcomes, lowered.guards[0])),
        writes=[
            (lowered.n_results + i, place.value, place.attribute)
            for i, place in enumerate(path.writes)
            if place.value is not None
        ],
        checked=list(zip(lowered.integers, path.outcomes, strict=False)),
        tag=(outcome.entry, path),
    )
