"""Slips: the numbers that common mistakes give, and what is said when an answer is one of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from slopewise.quizzes.puzzle import shown_number

TOLERANCE = 1e-3
NOTHING = 1e-9
MOST_SHARED = 3


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake and the number that it gives.

    Attributes:
        code: The mistake's name, such as "one-contribution" or "swapped-factors".
        number: What comes out.
        phrase: The mistake as a noun, so that "… does that too" can follow.
        fact: What is said when the answer is this number; without one it is "<number> comes from <phrase>".
        tier: 1 for a common mistake, higher for a rarer one; only the lowest tier that fits is spoken of.
        place: Where it is made, so that the same mistake at two places can be told apart.
    """

    code: str
    number: float
    phrase: str
    fact: str = ""
    tier: int = 1
    place: tuple[int, ...] = ()

    @property
    def sentence(self) -> str:
        """Say what the number is."""
        return self.fact or f"{shown_number(self.number)} comes from {self.phrase}"


def is_same(given: float, right: float, scale: float = 1.0) -> bool:
    """Tell whether an answer is right: within 1e-3 relative, and 0 only by 0.

    Args:
        given: The answer.
        right: What is right.
        scale: The size of the numbers that `right` was added up from: what is 10⁻¹² of it counts as 0.
    """
    if abs(right) <= 1e-12 * max(scale, 1e-300):
        return abs(given) <= NOTHING * max(min(scale, 1.0), 1e-300)
    return abs(given - right) <= TOLERANCE * abs(right)


def matching(given: float, slips: Iterable[Slip]) -> tuple[Slip, ...]:
    """Return the slips that give this number, of the commonest tier among them; one for each kind of mistake."""
    found = [slip for slip in slips if is_same(given, slip.number)]
    if not found:
        return ()
    lowest = min(slip.tier for slip in found)
    kinds: dict[str, Slip] = {}
    for slip in found:
        if slip.tier == lowest:
            kinds.setdefault(slip.code, slip)
    return tuple(kinds.values())


def in_words(slips: tuple[Slip, ...]) -> str:
    """Return the one sentence for slips that give the same number, or "" for none."""
    if not slips:
        return ""
    first, *others = slips
    phrases = list(dict.fromkeys(slip.phrase for slip in others if slip.phrase != first.phrase))[:MOST_SHARED]
    if not phrases or first.tier >= 3:
        return first.sentence
    return f"{first.sentence}; {listed(phrases)} {'does' if len(phrases) == 1 else 'do'} that too"


def listed(phrases: list[str], last: str = "and") -> str:
    """Join phrases: `a`, `a and b`, `a, b and c`."""
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {last} {phrases[-1]}"
