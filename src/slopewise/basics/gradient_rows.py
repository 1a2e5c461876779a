"""The report of a gradient check: a row per scalar, a verdict in each, and what else there is to say."""

import math
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from slopewise.basics.columns import aligned
from slopewise.basics.shown_numbers import relation, shown

ROWS_SHOWN = 50


class Verdict(StrEnum):
    """What the comparison of a gradient with the slope came to."""

    OK = "ok"
    WRONG = "wrong"
    KINK = "kink"
    JUMP = "jump"
    UNSURE = "unsure"
    NOT_FINITE = "not finite"
    DOES_NOT_REACH = "does not reach"


PASSING = frozenset({Verdict.OK, Verdict.KINK, Verdict.JUMP, Verdict.DOES_NOT_REACH})


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One scalar: its gradient by `backward()` beside the slope from values.

    Attributes:
        name: The scalar's name, with the output's name before it when the function has several.
        value: Its value.
        gradient: What `backward()` gave.
        numeric: The slope from values; at a kink the nearer of the two; nan if there is none.
        error: How far off `numeric` may be.
        absolute_error: |gradient - numeric|.
        relative_error: The same, over the larger of the two; 0 when both are 0.
        verdict: `ok`, `wrong`, `kink`, `jump`, `unsure`, `not finite` or `does not reach`.
        why: The reason, in words; empty when there is nothing to say.
        h: The step that `numeric` comes from.

    Example:
        >>> import slopewise as sw
        >>> row = sw.check_gradients(lambda x: x**2, 3.0).rows[0]
        >>> row.name, row.value, row.gradient, row.ok, str(row.verdict)
        ('x', 3.0, 6.0, True, 'ok')
    """

    name: str
    value: float
    gradient: float
    numeric: float
    error: float
    absolute_error: float
    relative_error: float
    verdict: Verdict
    why: str
    h: float

    @property
    def ok(self) -> bool:
        """Tell whether the row speaks for the gradient: it agrees, or lies between the slopes of a kink."""
        return self.verdict in PASSING


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What `check_gradients` found. True in a condition when every gradient is right.

    Attributes:
        function: The function's name.
        rows: One row per scalar (per output and scalar, if there are several outputs).
        notes: What is to be said about the whole: shared inputs, a function that does not repeat itself.
        repeats: Whether the function gave the same result for the same numbers.
        method: `each` or `directional`.
        evaluations: How often the function was called.

    Example:
        >>> import slopewise as sw
        >>> report = sw.check_gradients(lambda a, b: a * b, 2.0, 3.0)
        >>> report.ok, report.failures, report.summary()
        (True, (), '2 gradients: 2 ok')
    """

    function: str
    rows: tuple[GradientRow, ...]
    notes: tuple[str, ...]
    repeats: bool
    method: str
    evaluations: int

    @property
    def ok(self) -> bool:
        """Tell whether every row passed and the function repeats itself."""
        return self.repeats and all(row.ok for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def failures(self) -> tuple[GradientRow, ...]:
        """The rows that did not pass."""
        return tuple(row for row in self.rows if not row.ok)

    @property
    def worst(self) -> GradientRow | None:
        """The row with the largest relative error, a row that failed before one that passed; None without rows."""
        return max(self.rows, key=lambda row: (not row.ok, row.relative_error), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, numbers and strings, for JSON."""
        rows = [{**asdict(row), "verdict": str(row.verdict), "ok": row.ok} for row in self.rows]
        return {
            "function": self.function,
            "ok": self.ok,
            "repeats": self.repeats,
            "method": self.method,
            "evaluations": self.evaluations,
            "notes": list(self.notes),
            "rows": rows,
        }

    def __repr__(self) -> str:
        return f"<GradientCheck of {self.function}: {self.summary()}>"

    def __str__(self) -> str:
        return self.text()

    def summary(self) -> str:
        """Return one line: how many scalars, how many of each verdict."""
        counts = Counter(row.verdict for row in self.rows)
        what = "direction" if self.method == "directional" else "gradient"
        found = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
        return f"{len(self.rows)} {what}{'s' * (len(self.rows) != 1)}: {found or 'none'}"

    def text(self, width: int | None = None, most: int = ROWS_SHOWN) -> str:
        """Return the report as text.

        Args:
            width: The longest line of the table; a narrower one becomes a block of lines per row.
            most: How many rows to show; those that failed come first when there are more.
        """
        shown_rows = self.rows
        if len(shown_rows) > most:
            shown_rows = tuple(sorted(self.rows, key=lambda row: row.ok)[:most])
        header = ("name", "value", "gradient", "numeric", "absolute", "relative", "verdict")
        cells = [
            (
                row.name,
                relation(row.value) if self.method == "each" else "–",
                relation(row.gradient),
                _shown_or_dash(relation(row.numeric), row.numeric),
                _shown_or_dash(shown(row.absolute_error, 2), row.absolute_error),
                _shown_or_dash(shown(row.relative_error, 2), row.relative_error),
                str(row.verdict),
            )
            for row in shown_rows
        ]
        lines = [f"gradients of {self.function}: {'ok' if self.ok else 'NOT ok'}", ""]
        if cells:
            lines += [aligned(header, cells, width), ""]
        if len(shown_rows) < len(self.rows):
            lines.append(f"… and {len(self.rows) - len(shown_rows)} more rows")
        lines += [f"{row.name}: {row.why}" for row in shown_rows if row.why]
        lines += [f"note: {note}" for note in self.notes]
        lines.append(self.summary())
        return "\n".join(lines)


def _shown_or_dash(text: str, x: float) -> str:
    return "–" if math.isnan(x) else text
