"""What can be looked at in a compiled function: its paths with their guards, and the numbers that it froze."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from slopewise.compiler.entries import Entry
from slopewise.compiler.paths import Path
from slopewise.engine.modes import Source
from slopewise.ir import Program
from slopewise.tracer import Guard

__all__ = ["FrozenNumber", "GuardView", "PathView", "frozen_numbers", "path_views", "takes_nothing"]

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class GuardView:
    """A question that the function asked of a number, and the answer on this path.

    Attributes:
        kind: `truth` for an `if`, an `and`, a `while`; `integer` for an index or a `range`; `number` for a float
            that was looked up.
        answer: The answer: a bool, an int, or a float.
        source: The line that asked, None when it is not known.
    """

    kind: str
    answer: bool | int | float
    source: Source | None

    def json(self) -> dict[str, Any]:
        """Return the guard as data for `json.dumps`."""
        source = self.source
        where = {"file": source.file, "line": source.line} if source is not None else {"file": "", "line": 0}
        return {"kind": self.kind, "answer": self.answer, **where}

    def __str__(self) -> str:
        said = {True: "true", False: "not true"}[bool(self.answer)] if self.kind == "truth" else str(self.answer)
        return f"{said:<8} at {self.source or 'an unknown line'}"


@dataclass(frozen=True, slots=True, repr=False)
class PathView:
    """A path of a compiled function.

    Attributes:
        arguments: The names of the numbers that it is called with.
        guards: The questions that decide about it, in order.
        calls: How many calls took it.
        is_counted: Whether it counts towards the 64 paths that a function may have; not one that only reads other
            Values, or only runs a loop more or less often.
        program: What was recorded: results, then state that is written, then guards.
    """

    arguments: tuple[str, ...]
    guards: tuple[GuardView, ...]
    calls: int
    is_counted: bool
    program: Program

    def json(self) -> dict[str, Any]:
        """Return the path as data for `json.dumps`."""
        return {
            "arguments": list(self.arguments),
            "guards": [guard.json() for guard in self.guards],
            "calls": self.calls,
            "counted": self.is_counted,
            "program": str(self.program),
        }

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        names = ", ".join(self.arguments[:_MOST_SHOWN]) + (", …" if len(self.arguments) > _MOST_SHOWN else "")
        counts = [_counted(self.calls, "call"), _counted(self.program.n_equations, "equation")]
        head = f"path of ({names}): {', '.join(counts)}{'' if self.is_counted else ', does not count'}"
        runs = [
            (text, len(list(alike))) for text, alike in groupby(map(str, self.guards))
        ]  # a loop asks the same again
        shown = [f"  {text}{f'  ({times:,} times)' if times > 1 else ''}" for text, times in runs[:_MOST_SHOWN]]
        if len(runs) > _MOST_SHOWN:
            left_out = sum(times for _, times in runs[_MOST_SHOWN:])
            shown.append(f"  … and {_counted(left_out, 'guard')} more")
        return "\n".join([head, *shown])


@dataclass(frozen=True, slots=True)
class FrozenNumber:
    """A plain number that a traced function took from outside.

    Attributes:
        number: The number.
        file: The file of the line that brought it in, empty when it is not known.
        line: Its line number, 0 when it is not known.
        text: The line.
    """

    number: float
    file: str
    line: int
    text: str

    def json(self) -> dict[str, Any]:
        """Return the number and its line as data for `json.dumps`."""
        return {"number": self.number, "file": self.file, "line": self.line, "text": self.text}

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: {self.text}" if self.file else "an unknown line"
        return f"{self.number!r} at {where}"


def path_views(entries: Iterable[Entry]) -> tuple[PathView, ...]:
    """Return views of all paths, entry by entry."""
    return tuple(_view(entry, path) for entry in list(entries) for path in entry.tree)


def frozen_numbers(path: Path) -> tuple[FrozenNumber, ...]:
    """List the constants of a path, in the order of the program."""
    return tuple(_frozen(constant.number, constant.source) for constant in path.trace.constants)


def takes_nothing(f: Callable[..., Any]) -> bool:
    """Tell whether a function can be called without arguments."""
    try:
        inspect.signature(f).bind()
    except (TypeError, ValueError):
        return False
    return True


def _view(entry: Entry, path: Path) -> PathView:
    return PathView(
        arguments=entry.names,
        guards=tuple(_guard(guard) for guard in path.trace.guards),
        calls=path.n_calls,
        is_counted=path.is_counted,
        program=path.program,
    )


def _guard(guard: Guard) -> GuardView:
    return GuardView(guard.kind, guard.expected, guard.source)


def _frozen(number: float, source: Source | None) -> FrozenNumber:
    if source is None:
        return FrozenNumber(number, "", 0, "")
    import linecache

    linecache.checkcache(source.file)
    return FrozenNumber(number, source.file, source.line, linecache.getline(source.file, source.line).strip())


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"
