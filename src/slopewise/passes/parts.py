"""What formulas consist of: leaves that read arrays, operations, sums, choices, and the spaces that they stand in."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CONSTANTS", "INPUTS", "Added", "Applied", "Chosen", "Item", "Leaf", "Part", "Space", "with_inner"]

INPUTS = -2
CONSTANTS = -3


@dataclass(slots=True, eq=False)
class Leaf:
    """What a formula reads: one slot for each member of the space that it stands in.

    Attributes:
        slots: The slots, in the order of the members.
        source: The group that they belong to, or INPUTS or CONSTANTS.
        space: Where it stands.
    """

    slots: Any
    source: int
    space: "Space"


@dataclass(slots=True, eq=False)
class Applied:
    """An operation on parts of a formula."""

    code: int
    operands: "list[Part]"


@dataclass(slots=True, eq=False)
class Added:
    """Terms of a sum.

    Attributes:
        alone: Terms of which each member has one.
        many: Terms of which each member has several, each with the space of its terms.
    """

    alone: "list[Part]"
    many: "list[tuple[Space, Part]]"


@dataclass(slots=True, eq=False)
class Chosen:
    """The greatest or the least of numbers that are read, one after another.

    Attributes:
        comparison: The operation that tells whether a number takes the place of the one before.
        first: The first number.
        others: The space of the others.
        other: The others.
    """

    comparison: int
    first: Leaf
    others: "Space"
    other: Leaf


Part = Leaf | Applied | Added | Chosen


@dataclass(slots=True, eq=False)
class Space:
    """The members that a formula is computed for, or the terms of a sum for each of them.

    Attributes:
        size: How many there are in all.
        times: In a scan, how often it is repeated; the members of each time stand together. Else 0.
        each: In a scan, how many members each time has, if they differ; else None.
        parent: The space whose members have these terms; None for the formula's own.
        counts: How many terms each member has, if they differ; else None.
        is_in_order: Whether the terms must stay in their order.
        leaves: What is read there.
        inner: The spaces of the sums that stand in it.
        lengths: The lengths of the axes, once they are found.
        variables: Their names.
    """

    size: int
    times: int = 0
    each: Any = None
    parent: "Space | None" = None
    counts: Any = None
    is_in_order: bool = False
    leaves: list[Leaf] = field(default_factory=list)
    inner: "list[Space]" = field(default_factory=list)
    lengths: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Item:
    """A nest to be.

    Attributes:
        groups: The groups that it computes; several if it is repeated in a scan.
        run: The number of the scan, -1 if it is in none.
        slots: What it computes.
        space: Its members.
        part: Its formula.
    """

    groups: tuple[int, ...]
    run: int
    slots: Any
    space: Space
    part: "Part | None" = None


def with_inner(spaces: list[Space]) -> list[Space]:
    """Return some spaces, each before those inside it."""
    found = list(spaces)
    for space in found:
        found += space.inner
    return found
