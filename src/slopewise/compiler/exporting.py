"""`k.export`: a compiled function as a C file, with value and gradient."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path as FilePath

from slopewise.backends.c_source import source
from slopewise.compiler.entries import Entry, begins_with_number
from slopewise.compiler.paths import Path
from slopewise.compiler.structure import INT
from slopewise.engine import Value
from slopewise.errors import PathError, TraceError
from slopewise.ir import Builder, Program
from slopewise.passes import differentiate, pipeline

__all__ = ["export", "source_of"]

MOST_NOTES = 100  # numbers built in, and results, that the comment names


def export(
    title: str, entry: Entry, path: Path, parameters: Sequence[Value] | None, exact: bool, file: "str | PathLike[str]"
) -> None:
    """Write a path as a C file; the functions in it are called like the file.

    Args:
        title: The function, for messages.
        entry: The calls of its form.
        path: The path.
        parameters: Values that become inputs behind the arguments; None for none.
        exact: Whether no operation may be rearranged.
        file: Where to write.

    Raises:
        PathError: The function has branches.
        TraceError: It writes state.
        FileNotFoundError: There is no such folder.
    """
    target = FilePath(file)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"no folder {target.parent} to write {target.name} to\nmake it first, or name another")
    target.write_text(source_of(title, entry, path, parameters, exact, target.stem), encoding="utf-8", newline="\n")


def source_of(title: str, entry: Entry, path: Path, parameters: Sequence[Value] | None, exact: bool, name: str) -> str:
    """Return the C text of a path: see `export`."""
    if path.writes:
        raise TraceError(
            f"{title} writes .data or .grad of Values, and C functions keep nothing\n"
            f"export the function that computes the result, without its step"
        )
    bound = _bound_integers(title, entry, path)
    program, wrt = _closed(entry, path, parameters or (), bound)
    finish = (pipeline.FINISH_EXACTLY if exact else pipeline.FINISH,)
    value = pipeline.run(program, finish).program
    notes = _notes(path, bound, {id(value) for value in parameters or ()})
    if not wrt or not begins_with_number(path.result):
        return _with_notes(source(value, name=name), notes)
    gradient = pipeline.run(differentiate.vjp(program, wrt, (0,), exact=exact), finish).program
    if path.n_results > 1:
        notes.append(f"gradient is that of y[0] alone, {path.result.names('result')[0]}")
    return _with_notes(source(value, gradient, name=name, gradient_of=[program.names[i] for i in wrt]), notes)


def _notes(path: Path, bound: dict[int, float], inputs: set[int]) -> list[str]:
    """List what a reader of the C does not see in it: what is built in, and what the results are called."""
    built = [f"{path.program.names[i]} = {int(number)}" for i, number in bound.items()]
    for k, (place, number) in enumerate(zip(path.captured, path.reader.read({}), strict=True)):
        if id(place.value) not in inputs or place.attribute != "data":
            built.append(f"{path.program.names[path.trace.n_arguments + k]} = {number!r}")
    notes = []
    if built:
        more = f" and {len(built) - MOST_NOTES} more" if len(built) > MOST_NOTES else ""
        notes.append(f"built in, as they were: {', '.join(built[:MOST_NOTES])}{more}")
    if path.n_results > 1:
        names = path.result.names("result")
        notes += [f"y[{i}]  {name}" for i, name in enumerate(names[:MOST_NOTES])]
        if len(names) > MOST_NOTES:
            notes.append(f"... and so on, to y[{len(names) - 1}]")
    return notes


def _with_notes(text: str, notes: Sequence[str]) -> str:
    """Put lines into the comment that the file begins with, behind its first line."""
    if not notes:
        return text
    first, rest = text.split("\n", 1)
    safe = ["".join(c if c.isprintable() and c not in "*\\?" else "_" for c in note) for note in notes]
    return "\n".join([first, " *", *(f" * {note}" for note in safe), rest])


def _bound_integers(title: str, entry: Entry, path: Path) -> dict[int, float]:
    """Return the int arguments that decided something, which become part of the C: by position.

    Raises:
        PathError: Something else decided, a branch on a number.
    """
    begin = path.program.n_outputs - len(path.outcomes)
    bound: dict[int, float] = {}
    for i, (guard, outcome) in enumerate(zip(path.trace.guards, path.outcomes, strict=True), begin):
        slot = path.program.outputs[i]
        if guard.kind != "integer" or slot not in entry.integers:
            raise PathError(
                f"{title} has branches on numbers, and an exported function goes one way only\n"
                f"at {guard.source or 'an unknown line'}\n"
                f"choose between numbers with sw.where(condition, x, y), sw.maximum or sw.minimum instead"
            )
        bound[slot] = outcome
    return bound


def _closed(
    entry: Entry, path: Path, parameters: Sequence[Value], bound: dict[int, float]
) -> tuple[Program, tuple[int, ...]]:
    """Return the program of the results, with what is captured built in; and the inputs that take a gradient."""
    program, n_arguments = path.program, path.trace.n_arguments
    forms = entry.nest.forms()
    build = Builder()
    arguments = [i for i in range(n_arguments) if i not in bound]
    inputs = [build.input() for _ in (*arguments, *parameters)]
    names = [program.names[i] for i in arguments]
    names += [value.label or f"parameter {i}" for i, value in enumerate(parameters)]
    slot_of = dict(zip(arguments, inputs[: len(arguments)], strict=True))
    slot_of |= {i: build.constant(number) for i, number in bound.items()}
    parameter_slots = {id(value): slot for value, slot in zip(parameters, inputs[len(arguments) :], strict=True)}
    operands = [slot_of[i] for i in range(n_arguments)]
    for place, number in zip(path.captured, path.reader.read({}), strict=True):
        slot = parameter_slots.get(id(place.value)) if place.attribute == "data" else None
        operands.append(build.constant(number) if slot is None else slot)
    outputs = build.inline(program, operands)[: path.n_results]
    wrt = [k for k, i in enumerate(arguments) if forms[i] != INT]
    wrt += range(len(arguments), len(inputs))
    return build.extract(inputs, outputs, names), tuple(wrt)
