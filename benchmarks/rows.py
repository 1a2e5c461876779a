"""A row of the benchmark: two sides, their ratio, a target; and the JSON that rows are kept in."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Literal, TypeVar, get_args

SCHEMA = 1
T = TypeVar("T")

Status = Literal["measured", "not installed", "needs native", "skipped"]
Rule = Literal["ratio at least", "ratio at most", "value at most", "value below"]


class ResultsError(ValueError):
    """A results file that cannot be read as rows; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a row has to reach: a ratio of at least or at most `limit`, or a value of at most, or below, `limit`."""

    rule: Rule
    limit: float

    def is_met(self, value: float, ratio: float | None) -> bool:
        """Tell whether a measured value, and its ratio to the peer, reach the target."""
        match self.rule:
            case "ratio at least":
                return ratio is not None and ratio >= self.limit
            case "ratio at most":
                return ratio is not None and ratio <= self.limit
            case "value at most":
                return value <= self.limit
            case "value below":
                return value < self.limit

    def text(self, unit: str) -> str:
        """Return the target as it stands in the table.

        Example:
            >>> Target("ratio at least", 110).text("ms"), Target("value at most", 60).text("ns")
            ('≥ 110 ×', '≤ 60 ns')
        """
        match self.rule:
            case "ratio at least":
                return f"≥ {self.limit:g} ×"
            case "ratio at most":
                return f"≤ {self.limit:g} ×"
            case "value at most":
                return f"≤ {self.limit:g} {unit}"
            case "value below":
                return f"< {self.limit:g} {unit}"


@dataclass(frozen=True, slots=True)
class Side:
    """One contender of a row: the median of its samples, and the quartiles, which tell how noisy they were."""

    name: str
    median: float
    low: float
    high: float
    samples: int

    @classmethod
    def of(cls, name: str, samples: Sequence[float]) -> "Side":
        """Summarise samples, which are in the row's unit."""
        if not samples:
            raise ValueError(f"{name}: no samples to take a median of")
        low, _, high = quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else (samples[0],) * 3
        return cls(name, median(samples), low, high, len(samples))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: A name that stays the same from run to run, such as `moons.shipped`.
        title: What was measured, for a reader.
        unit: The unit of both sides: `ms`, `µs`, `ns`, `bytes`.
        subject: slopewise's side, or None when it was not measured.
        peer: The other side, or None when there is none, or it is not installed.
        ratio: The median over rounds of peer / subject (for `ratio at most`: subject / peer).
        target: What is to be reached, or None for a row that only informs.
        status: Whether it was measured, and if not, why.
        note: A remark, or the reason of the status.
    """

    key: str
    title: str
    unit: str
    subject: Side | None = None
    peer: Side | None = None
    ratio: float | None = None
    target: Target | None = None
    status: Status = "measured"
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Tell whether the target is reached; None without a target or a measurement."""
        if self.target is None or self.subject is None or self.status != "measured":
            return None
        return self.target.is_met(self.subject.median, self.ratio)

    @property
    def verdict(self) -> str:
        """Return the last column: met, not met, or why nothing can be said."""
        match self.is_met:
            case True:
                return "met"
            case False:
                return "not met"
            case None:
                return "" if self.status == "measured" else self.status

    def unjudged(self) -> "Row":
        """Return this row as measured on an installation without the native engine, which its target is meant for."""
        return replace(self, status="needs native")


@dataclass(frozen=True, slots=True)
class Results:
    """One results file: a group's rows, and what they were measured on."""

    group: str
    measured: str
    engine: str
    machine: dict[str, str]
    versions: dict[str, str]
    rows: tuple[Row, ...]


def write_results(results: Results, folder: Path) -> Path:
    """Write `<group>.json` into the folder, whole or not at all, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{results.group}.json"
    text = json.dumps({"schema": SCHEMA, **asdict(results)}, indent=2, ensure_ascii=False)
    partial = path.with_suffix(".json.part")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def read_results(path: Path) -> Results:
    """Read a results file.

    Raises:
        ResultsError: It is not JSON, of another schema, or a field is missing, unknown or of another type.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultsError(f"{path}: not JSON ({error})\nrun `make bench` to write it anew") from error
    if not isinstance(found, dict) or found.pop("schema", None) != SCHEMA:
        raise ResultsError(f"{path}: not a results file of schema {SCHEMA}\nrun `make bench` to write it anew")
    rows = found.get("rows")
    if not isinstance(rows, list):
        raise ResultsError(f"{path}: rows must be a list, got {rows!r}\nrun `make bench` to write it anew")
    read = tuple(read_row(row, f"{path}, row {number}") for number, row in enumerate(rows, 1))
    results = filled(Results, {**found, "rows": read}, str(path))
    if results.group != path.stem:
        raise ResultsError(f"{path}: holds group {results.group!r}\na results file bears its group's name")
    return results


def read_row(found: Any, where: str) -> Row:
    """Return the row that its JSON object describes."""
    if not isinstance(found, dict):
        raise ResultsError(f"{where}: a row must be an object, got {found!r}\nrun `make bench` to write it anew")
    parts = dict(found)
    for name, kind in (("subject", Side), ("peer", Side), ("target", Target)):
        if parts.get(name) is not None:
            parts[name] = filled(kind, parts[name], f"{where}, {name}")
    row = filled(Row, parts, where)
    if row.status not in get_args(Status):
        raise ResultsError(f"{where}: status {row.status!r} is none of {', '.join(get_args(Status))}")
    if row.target is not None and row.target.rule not in get_args(Rule):
        raise ResultsError(f"{where}: target rule {row.target.rule!r} is none of {', '.join(get_args(Rule))}")
    if row.status == "measured" and row.subject is None:
        raise ResultsError(f"{where}: measured, but without slopewise's side\nrun `make bench` to write it anew")
    return row


def filled(kind: type[T], parts: Any, where: str) -> T:
    """Make a dataclass from a JSON object that has exactly its fields."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(parts, dict) or set(parts) != names:
        given = ", ".join(sorted(parts)) if isinstance(parts, dict) else repr(parts)
        raise ResultsError(f"{where}: needs the fields {', '.join(sorted(names))}; has {given}")
    return kind(**parts)
