"""Which calls can go straight to a kernel: those of a form that has a plan, whose path writes to no argument."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from slopewise.compiler.calls.calling import Caller, Shortcut
from slopewise.compiler.calls.plans import Plan
from slopewise.compiler.entries import Outcome, beside_arguments
from slopewise.compiler.structure import Nest

__all__ = ["install_shortcut"]


def install_shortcut(
    caller: Caller,
    outcome: Outcome,
    *,
    plan: Plan | None = None,
    result: tuple[Nest, Sequence[int]] | None = None,
    writes: bool = True,
    vector: tuple[int, Sequence[int]] | None = None,
    after: tuple[Sequence[int], Callable[["array[float]", tuple[Any, ...], dict[str, Any]], None]] | None = None,
) -> None:
    """Let later calls of the same form as one that has run go straight to its kernel, if that is possible.

    Args:
        caller: Who is called.
        outcome: The run.
        plan: How the numbers of such calls are taken, if not as in this one.
        result: What is returned, and which outputs that are, if it is not what the function returns.
        writes: Whether the state is written that the function writes.
        vector: The length of a vector that such calls give before the arguments; for each captured place where it
            stands in it, -1 for none.
        after: Outputs, and what is done with their numbers and the arguments of the call.
    """
    path, lowered, plan = outcome.path, outcome.lowered, plan or outcome.plan
    if plan is None or not path.is_kept:
        return
    key = (caller, plan)
    known = path.shortcuts.get(key)
    if known is not None and caller.shortcuts and known in caller.shortcuts:
        if known.kernel is lowered.kernel:
            caller.prefer(known)
            return
        caller.drop(known)  # its kernel is another one now
    if plan.has_values and path.has_state:  # then it matters which Value is which
        return
    if any(place.value is None and place.attribute != "grad" for place in path.captured):
        return
    if known is not None:
        path.calls += known.calls
    n_constants = len(lowered.lifted)
    in_vector = [-1] * len(path.captured) if vector is None else vector[1]
    constants = beside_arguments(path, lowered, outcome.given)[-n_constants:] if n_constants else ()

    def following(guard: int, outcome: float) -> Shortcut | None:
        path_there = path.next(guard, outcome)
        return None if path_there is None else path_there.shortcuts.get(key)

    nest, positions = result or (path.result, range(path.n_results))
    path.shortcuts[key] = caller.install(
        lowered.kernel,
        plan,
        nest,
        positions,
        # An argument that is a plain number has no gradient to read, and nothing is written to it.
        captured=[
            *(
                (place.value, place.attribute) if at < 0 and place.value is not None else at if at >= 0 else 0.0
                for place, at in zip(path.captured, in_vector, strict=True)
            ),
            *constants,
        ],
        guards=list(enumerate(path.outcomes, lowered.guards[0])),
        writes=[
            (lowered.n_results + i, place.value, place.attribute)
            for i, place in enumerate(path.writes)
            if place.value is not None and writes
        ],
        checked=list(zip(lowered.integers, path.outcomes, strict=False)),
        after=after,
        vector=None if vector is None else vector[0],
        following=following,
        tag=(outcome.entry, path),
    )
