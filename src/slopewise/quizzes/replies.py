"""What a quiz says: to an answer, as a hint, as a score. Each shows itself as its sentence."""

from dataclasses import dataclass
from typing import Any

from slopewise.quizzes.slips import Slip


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What a quiz says to an answer; it is true in a condition when the answer was right.

    Attributes:
        name: What was asked.
        typed: The answer as it was given.
        number: The number that was read from it.
        is_right: Whether it is right.
        sentence: What is said: how it comes about, or which slip gives this number; "" when none is known.
        slips: The slips that give the number of a wrong answer; none when it fits none that is known.
        offer: How to get a hint.
    """

    name: str
    typed: Any
    number: float
    is_right: bool
    sentence: str
    slips: tuple[Slip, ...]
    offer: str = ""

    def __bool__(self) -> bool:
        return self.is_right

    @property
    def verdict(self) -> str:
        """Return whether it is right, and why, without the offer of a hint."""
        head = "right" if self.is_right else "not right"
        return f"{head}: {self.sentence}" if self.sentence else f"{head}; no slip that is known here gives this number"

    @property
    def text(self) -> str:
        """Return what is said, in one line; a hint is offered when nothing is known about the number."""
        return f"{self.verdict}; {self.offer}" if self.offer and not self.sentence else self.verdict

    def __repr__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for `json.dumps`."""
        return {
            "typed": self.typed if isinstance(self.typed, str) else self.number,
            "number": self.number,
            "right": self.is_right,
            "text": self.text,
            "slips": [slip.code for slip in self.slips],
        }


@dataclass(frozen=True, slots=True, repr=False)
class Hint:
    """One hint, or the working after the last.

    Attributes:
        name: What it is about.
        level: 1 to 3; 4 is the working.
        sentence: What it says.
    """

    name: str
    level: int
    sentence: str

    @property
    def is_working(self) -> bool:
        """Tell whether it is the whole working, so that the blank is answered by it."""
        return self.level > 3

    @property
    def text(self) -> str:
        """Return it in one line."""
        return f"the working: {self.sentence}" if self.is_working else f"hint {self.level} of 3: {self.sentence}"

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """How a quiz stands.

    Attributes:
        right: How many blanks were answered right.
        first_try: How many of them at the first try and without a hint.
        shown: How many were shown instead.
        total: How many blanks there are.
        hints: How many hints were given.
        wrong: How many answers were wrong.
    """

    right: int
    first_try: int
    shown: int
    total: int
    hints: int
    wrong: int

    @property
    def text(self) -> str:
        """Return it in one line."""
        parts = [f"{self.right} of {self.total} right"]
        if self.right:
            parts.append(f"{self.first_try} at the first try without a hint")
        if self.wrong:
            parts.append(f"{self.wrong} wrong {'answer' if self.wrong == 1 else 'answers'}")
        if self.hints:
            parts.append(f"{self.hints} {'hint' if self.hints == 1 else 'hints'}")
        if self.shown:
            parts.append(f"{self.shown} shown")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, int]:
        """Return it ready for `json.dumps`."""
        return {name: getattr(self, name) for name in self.__slots__}
