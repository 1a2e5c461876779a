"""What a diagnosis is: a code, a level, one sentence with the numbers of this run, why it matters, and the cure."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

Level = Literal["mistake", "warning", "note"]
LEVELS: tuple[Level, ...] = ("mistake", "warning", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that was found.

    Every kind of diagnosis is a class of its own; what is the same each time stands in the class, and its fields are
    what was measured in this run.

    Attributes:
        code: The code, `SW101` and so on: 1xx are mistakes, 2xx warnings, 3xx notes.
        level: `mistake`: the code is wrong; `warning`: training is harmed; `note`: true, and often harmless.
        title: A few words.
        why: Why it matters.
        cure: What to do.
        wrong: Some lines that have the fault; may be empty.
        right: The same lines, mended; may be empty.
        line: Where in the user's code, as `train.py:12: loss.backward()`; empty when it is not known.
    """

    code: ClassVar[str] = ""
    level: ClassVar[Level] = "note"
    title: ClassVar[str] = ""
    why: ClassVar[str] = ""
    cure: ClassVar[str] = ""
    wrong: ClassVar[str] = ""
    right: ClassVar[str] = ""

    line: str = ""

    @property
    def sentence(self) -> str:
        """What was found, with the numbers of this run."""
        return self.title

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a dict: the texts, and the measured numbers under `"measured"`."""
        measured = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "line"}
        return {
            "code": self.code,
            "level": self.level,
            "title": self.title,
            "sentence": self.sentence,
            "why": self.why,
            "cure": self.cure,
            "line": self.line,
            "measured": measured,
        }

    def __str__(self) -> str:
        return f"{self.level} {self.code}: {self.sentence}"
