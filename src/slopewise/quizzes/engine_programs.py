"""What a rung of the ladder is: small programs, and what to look at in the end.

A program is Python text, written for a class called `Value` with `.data`, `.grad` and `.backward()`; it is run as it
stands, with the names that the learner's class has.
"""

import functools
import re
from dataclasses import dataclass
from typing import Literal

_MADE = re.compile(r"(\w+) = (?!Value\()(.+)")


@dataclass(frozen=True, slots=True)
class Program:
    """A few lines of Python, and what to look at when they have run.

    Attributes:
        lines: The text.
        observed: The expressions that are judged, the more telling ones first.
        beside: Further expressions, not judged, that help to tell one slip from another.
    """

    lines: tuple[str, ...]
    observed: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The program as one text."""
        return "\n".join(self.lines)

    @property
    def has_pass(self) -> bool:
        """Tell whether it runs a backward pass."""
        return any(".backward()" in line for line in self.lines)

    @property
    def uses(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The results that it names, each with the named operands in its formula; none when it has a loop."""
        return _uses(self.lines)


@functools.cache
def _uses(lines: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    names = {line.partition(" = ")[0] for line in lines if " = " in line}
    if any(line.startswith("for ") for line in lines):
        return ()
    made = [match for line in lines if (match := _MADE.fullmatch(line)) and match[1].isidentifier()]
    found = [(m[1], tuple(n for n in dict.fromkeys(re.findall(r"\b[a-z]\w*\b", m[2])) if n in names)) for m in made]
    return tuple((name, operands) for name, operands in found if operands)


Kind = Literal["numbers", "second pass", "many paths", "deep", "large"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder.

    Attributes:
        name: What it is called, for the reader.
        programs: The smallest first.
        operations: The operations in which a slip of this rung may lie.
        needs: The names of earlier rungs; when one of them is wrong, this one waits for it.
        missing: What to write when the class has not got this far.
        kind: How the outcome is judged: by its numbers, or as one of the rungs that give notes.
        speaks: Whether it says itself what is missing, even when an earlier rung has said the same.
    """

    name: str
    programs: tuple[Program, ...]
    operations: tuple[str, ...]
    needs: tuple[str, ...] = ()
    missing: str = ""
    kind: Kind = "numbers"
    speaks: bool = False


def program(text: str, *observed: str) -> Program:
    """Return a program from its text."""
    return Program(tuple(line.strip() for line in text.strip().splitlines()), observed)


def passes(formula: str, root: str = "y", **numbers: str) -> Program:
    """Return a program that makes leaves, runs a formula and its backward pass, and looks at it all."""
    leaves = [f"{name} = Value({number})" for name, number in numbers.items()]
    lines = (*leaves, *(line.strip() for line in formula.split(";")), f"{root}.backward()")
    return Program(lines, (f"{root}.data", *(f"{name}.grad" for name in numbers)), (f"{root}.grad",))


def values(formula: str, root: str = "c", **numbers: str) -> Program:
    """Return a program that makes leaves, runs a formula, and looks at its value and at the leaves."""
    leaves = [f"{name} = Value({number})" for name, number in numbers.items()]
    lines = (*leaves, *(line.strip() for line in formula.split(";")))
    return Program(lines, (f"{root}.data", *(f"{name}.data" for name in numbers)))
