"""What a trace knows: where it began, what it captured, which answers Python needed."""

from dataclasses import dataclass, field
from typing import Any

from slopewise.engine import modes
from slopewise.engine.value import Value
from slopewise.tracer.numbers import Number, Plain


@dataclass(slots=True, eq=False)
class Known:
    """What the trace knows of a leaf, or of another Value whose gradient or number was touched.

    Attributes:
        value: The Value.
        slots: Its slots, one per assignment of `.data`, the current one last.
        existed: It was there before the trace: its number and gradient are inputs, and what is assigned is given back.
        gradient: Its `.grad` as the traced function sees it; None as long as nobody asked for it.
        data_written: `.data` was assigned.
        gradient_written: `.grad` was assigned, or a pass added to it.
        saved: The fields that the Value had before the trace, for one that existed.
        captured: This trace put it on the tape.
    """

    value: Value
    slots: list[int]
    existed: bool
    gradient: "Number | Plain | None" = None
    data_written: bool = False
    gradient_written: bool = False
    saved: Any = None
    captured: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """An input that the trace found by itself: the number or the gradient of a Value that existed before."""

    slot: int
    value: Value
    attribute: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that Python needed: the truth of a slot, or its value as an int."""

    slot: int
    kind: str
    expected: bool | int | float
    source: modes.Source | None


@dataclass(slots=True)
class Frame:
    """Where one trace began on the tape, and what it found.

    Attributes:
        start: Its first slot.
        pool_start: Its first constant.
        epoch: Its number.
        inputs: What it captured, in order.
        answers: What Python needed to know.
        answered: What need not be asked again.
        known: Leaves, and Values whose gradient or number was touched, by `id`.
        detached: The slot without a gradient that stands for a slot.
        passes: For each backward pass the slot of each slot's gradient.
        single: Gradients of single slots that were noted apart: after how many passes, and which.
    """

    start: int
    pool_start: int
    epoch: int
    inputs: list[Input] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    answered: set[tuple[int, str]] = field(default_factory=set)
    known: dict[int, Known] = field(default_factory=dict)
    detached: dict[int, int] = field(default_factory=dict)
    passes: list[Any] = field(default_factory=list)
    single: dict[int, tuple[int, int]] = field(default_factory=dict)

    def bar_of(self, slot: int) -> int | None:
        """Return the slot of the gradient of a slot; -1 if it was cleared, None if no pass came by.

        The latest pass counts, or what was noted for this slot alone since then.
        """
        since, bar = self.single.get(slot, (0, None))
        for place in range(len(self.passes), since, -1):
            bars = self.passes[place - 1]
            if slot < len(bars) and bars[slot] >= 0:
                return int(bars[slot])
        return bar

    def note_bar(self, slot: int, bar: int) -> None:
        """Note the gradient of a slot, -1 for none, until the next pass comes by."""
        self.single[slot] = (len(self.passes), bar)
