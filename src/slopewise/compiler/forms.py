"""Forms of calls that do not come back: what texts, keys and lengths of lists make new at every call.

Each form is recorded by itself, which takes a hundred calls' time and is in vain if the form never comes again. Once
there are many forms of hardly a call each, a form is recorded when it comes for the second time.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from slopewise.basics.arguments import shortened
from slopewise.compiler.nests import Nest, place_name

if TYPE_CHECKING:
    from slopewise.compiler.entries import Entry

__all__ = ["MANY_FORMS", "Forms", "difference"]

MANY_FORMS = 64
MOST_RETURNS = 2  # calls of each on average, up to which they hardly come back
ASKED_EVERY = 64  # new forms: the calls of all that are known take a while to count
MOST_SEEN = 100_000


class Forms:
    """Which forms came once and were not recorded."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.hardly_return = False
        self.left = 0  # new forms until that is asked again

    def is_in_vain(self, nest: Nest, entries: "Iterable[Entry]", count: int) -> bool:
        """Tell whether to record a new form would be in vain, as far as that can be known; this time counts.

        Args:
            nest: The form.
            entries: Those that were recorded.
            count: How many these are.
        """
        if count < MANY_FORMS:
            return False
        if not self.left:
            calls = sum(path.n_calls for entry in list(entries) for path in entry.tree)
            self.hardly_return = calls <= MOST_RETURNS * count
            self.left = ASKED_EVERY
        self.left -= 1
        if not self.hardly_return:
            return False
        key = hash(nest)
        if key in self.seen:
            return False
        if len(self.seen) >= MOST_SEEN:
            self.seen.clear()
        self.seen.add(key)
        return True


def difference(nest: Nest, before: Nest, names: Sequence[str]) -> str:
    """Say where the form of a call differs from that of another, and what stands there.

    Args:
        nest: The form of `(args, kwargs)`.
        before: The other.
        names: The names of the arguments by position.
    """
    steps = ""
    while nest.kind == before.kind and nest.form == before.form and len(nest.parts) == len(before.parts):
        pairs = zip(nest.steps() if nest.parts else (), nest.parts, before.parts, strict=True)
        found = next(((step, one, other) for step, one, other in pairs if one != other), None)
        if found is None:
            break
        step, nest, before = found
        steps += step
    where = place_name(steps, names)
    if not where:
        return "other arguments are given"
    if nest.kind == before.kind == "static":
        return f"{where} is {shortened(nest.form.given())} now, and was {shortened(before.form.given())}"
    if nest.kind == before.kind == "dict":
        return f"{where} has other keys"
    if nest.kind == before.kind and nest.n_leaves != before.n_leaves:
        return f"{where} holds {nest.n_leaves:,} numbers now, and held {before.n_leaves:,}"
    return f"{where} is of another form"
