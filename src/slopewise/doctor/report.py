"""What the doctor found, as an object that prints itself."""

import json
import math
from dataclasses import dataclass
from typing import Any

from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.wording import counted, shown

TONES = {"mistake": "bad", "warning": "strong", "note": "quiet"}


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What the doctor found in a loop or a graph.

    Attributes:
        diagnoses: What was found: mistakes first, then warnings, then notes.
        passes: How many backward passes were seen.
        updates: How many updates of the parameters.
        parameters: How many parameters: leaves that were assigned to after a pass had reached them.
        first_loss: The number that the first pass started from; nan without one.
        last_loss: That of the last pass.
        looks: How many of the passes were looked at closely.
        trainings: How many trainings, one after the other, each of parameters of its own.
        about: What was looked at, when it was a single graph.

    Example:
        >>> import slopewise as sw
        >>> w = sw.Value(3.0, label="w")
        >>> with sw.watch() as watched:
        ...     for _ in range(4):
        ...         loss = w * w
        ...         loss.backward()
        ...         w.data -= 0.1 * w.grad
        >>> report = watched.report()
        >>> [d.code for d in report.mistakes], report.is_clean
        (['SW101'], False)
        >>> print(report.mistakes[0].cure)
        Set the gradients to 0 before each backward(): model.zero_grad(), or p.grad = 0.0 for each p.
    """

    diagnoses: tuple[Diagnosis, ...]
    passes: int = 0
    updates: int = 0
    parameters: int = 0
    first_loss: float = math.nan
    last_loss: float = math.nan
    looks: int = 0
    trainings: int = 1
    about: str = ""

    @property
    def mistakes(self) -> tuple[Diagnosis, ...]:
        """What is wrong in the code."""
        return tuple(d for d in self.diagnoses if d.level == "mistake")

    @property
    def warnings(self) -> tuple[Diagnosis, ...]:
        """What harms training."""
        return tuple(d for d in self.diagnoses if d.level == "warning")

    @property
    def notes(self) -> tuple[Diagnosis, ...]:
        """What is true and often harmless."""
        return tuple(d for d in self.diagnoses if d.level == "note")

    @property
    def is_clean(self) -> bool:
        """Whether there is neither a mistake nor a warning."""
        return not self.mistakes and not self.warnings

    @property
    def verdict(self) -> str:
        """The result in a few words: `1 mistake, 2 notes`."""
        counts = [
            counted(len(found), noun)
            for found, noun in ((self.mistakes, "mistake"), (self.warnings, "warning"), (self.notes, "note"))
            if found
        ]
        return ", ".join(counts) if counts else "nothing to report"

    @property
    def summary(self) -> str:
        """What was seen: passes, updates, and where the loss went."""
        if self.about:
            return self.about
        if not self.passes:
            return "No backward pass was seen."
        said = f"{counted(self.passes, 'backward pass')}, {counted(self.updates, 'update')}"
        if self.parameters:
            said += f" of {counted(self.parameters, 'parameter')}"
        if self.trainings > 1:
            return f"{said}, in {self.trainings:,} trainings one after the other."
        if self.passes == 1:
            return f"{said}; it started from {shown(self.first_loss)}."
        return f"{said}; the loss went from {shown(self.first_loss)} to {shown(self.last_loss)}."

    def document(self) -> Any:
        """Return the report as a document, for a terminal, a page or a notebook."""
        from slopewise.stories.document import Bullets, Document, Heading, Paragraph, Span

        blocks: list[Any] = [Heading(f"doctor: {self.verdict}", 1), Paragraph((self.summary,))]
        for d in self.diagnoses:
            blocks.append(Paragraph((Span(f"{d.level} {d.code}", TONES[d.level]), f": {d.title}. {d.sentence}")))  # type: ignore[arg-type]
            items: list[Any] = []
            if d.line:
                items.append(("at ", Span(d.line, "code")))
            items += [(f"why: {d.why}",), (f"cure: {d.cure}",)]
            blocks.append(Bullets(tuple(items)))
        return Document(tuple(blocks), self.to_dict())

    def text(self, width: int = 100) -> str:
        """Return the report as plain text, at most `width` columns wide."""
        return str(self.document().text(width))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict, ready for `json.dumps`; what is not finite is None."""
        return {
            "verdict": self.verdict,
            "passes": self.passes,
            "updates": self.updates,
            "parameters": self.parameters,
            "first_loss": _jsonable(self.first_loss),
            "last_loss": _jsonable(self.last_loss),
            "looks": self.looks,
            "trainings": self.trainings,
            "diagnoses": [_jsonable(d.to_dict()) for d in self.diagnoses],
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return the report as JSON."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return str(self.document().html())


def _jsonable(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _jsonable(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_jsonable(value) for value in item]
    if isinstance(item, float) and not math.isfinite(item):
        return None
    return item
