"""How the doctor words numbers, counts and lists of names."""

from collections.abc import Sequence

from slopewise.basics.shown_numbers import shown

__all__ = ["counted", "listed", "named", "numbered", "several", "shown"]

MOST_NAMED = 3


def counted(count: int, noun: str, nouns: str = "") -> str:
    """Return `1 update`, `1,200 updates`.

    Example:
        >>> from slopewise.doctor.wording import counted
        >>> counted(1, "pass"), counted(1200, "pass")
        ('1 pass', '1,200 passes')
    """
    plural = nouns or noun + ("es" if noun.endswith(("s", "x", "ch")) else "s")
    return f"{count:,} {noun if count == 1 else plural}"


def numbered(numbers: Sequence[int], noun: str) -> str:
    """Return `pass 4`, or `passes 4 to 9` for a range given by its ends."""
    first, last = numbers[0], numbers[-1]
    if first == last:
        return f"{noun} {first}"
    plural = noun + ("es" if noun.endswith(("s", "x", "ch")) else "s")
    return f"{plural} {first} {'and' if last == first + 1 else 'to'} {last}"


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def named(names: Sequence[str]) -> str:
    """Return the names, the first few of many and how many more there are.

    Example:
        >>> from slopewise.doctor.wording import named
        >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
        ('a and b', 'a, b, c and 2 more')
    """
    if len(names) <= MOST_NAMED + 1:
        return listed(list(names))
    return listed([*names[:MOST_NAMED], f"{len(names) - MOST_NAMED:,} more"])


def several(names: Sequence[str], noun: str, nouns: str = "") -> str:
    """Return the one name, or how many there are and what the first is called: `41 parameters (w, …)`."""
    if len(names) == 1:
        return names[0]
    return f"{counted(len(names), noun, nouns)} ({', '.join(names[:2])}{', …' if len(names) > 2 else ''})"
