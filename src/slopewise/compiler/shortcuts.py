"""Which calls can go straight to a kernel: those of plain floats and ints, whose result is a nest of floats."""

from typing import Any

from slopewise.compiler.calling import Caller
from slopewise.compiler.entries import Outcome, beside_arguments
from slopewise.compiler.structure import FLOAT, INT, Nest

__all__ = ["install_shortcut"]


def install_shortcut(caller: Caller, outcome: Outcome) -> None:
    """Let later calls of the same kind as one that has run go straight to its kernel, if that is possible."""
    path, lowered = outcome.path, outcome.lowered
    kinds = _kinds_of_arguments(outcome.entry.nest)
    if kinds is None or not path.is_kept or (caller.shortcuts and path.shortcut in caller.shortcuts):
        return
    recipe = _recipe(path.result, 0)
    if recipe is None or any(place.value is None for place in (*path.captured, *path.writes)):
        return
    if path.shortcut is not None:
        path.calls += path.shortcut.calls
    n_constants = len(lowered.lifted)
    constants = beside_arguments(path, lowered, outcome.given)[-n_constants:] if n_constants else []
    begin = lowered.guards[0]
    path.shortcut = caller.install(
        lowered.kernel,
        len(kinds),
        captured=[*((place.value, place.attribute) for place in path.captured if place.value is not None), *constants],
        guards=list(enumerate(path.outcomes, begin)),
        recipe=recipe,
        writes=[
            (lowered.n_results + i, place.value, place.attribute)
            for i, place in enumerate(path.writes)
            if place.value is not None
        ],
        tag=(outcome.entry, path),
        integers=[i for i, kind in enumerate(kinds) if kind == INT],
    )


def _kinds_of_arguments(nest: Nest) -> list[str] | None:
    """Return the kinds of the numbers that a call gives, each a float or an int; None when it gives anything else."""
    args, kwargs = nest.parts
    if kwargs.parts:
        return None
    if args.kind == "row":
        return [args.form[1]] * args.n_leaves if args.form[1] in (FLOAT, INT) else None
    if all(part.kind == "number" and part.form in (FLOAT, INT) for part in args.parts):
        return [part.form for part in args.parts]
    return None


def _recipe(nest: Nest, start: int) -> Any:
    """Return a nest of output positions for a result that holds only floats, None for any other."""
    if nest.kind == "number":
        return start if nest.form in (FLOAT, "value") else None
    if nest.kind == "row":
        cls, form = nest.form
        return cls(range(start, start + nest.n_leaves)) if form in (FLOAT, "value") and cls in (list, tuple) else None
    if nest.kind == "dict":
        cls, keys, _ = nest.form
        if cls is not dict or any(type(key) is not str for key in keys):
            return None
    elif nest.kind not in ("list", "tuple") or nest.form not in (list, tuple):
        return None
    items = []
    for part in nest.parts:
        item = _recipe(part, start)
        if item is None:
            return None
        items.append(item)
        start += part.n_leaves
    return dict(zip(nest.form[1], items, strict=True)) if nest.kind == "dict" else nest.form(items)
