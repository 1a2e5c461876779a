"""A table read from a CSV file: its delimiter, header and rows found out, and the line of each row for messages."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from slopewise.errors import DataError
from slopewise.training.number_text import MISSING_NUMBER, decimal_mark, parse
from slopewise.training.table_text import STANDARD_INPUT, decode, read_bytes

__all__ = ["DELIMITERS", "TextTable", "read_table"]

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of cells, still text.

    Attributes:
        name: The file's name.
        names: One name per column, no two alike.
        columns: One list of cells per column.
        lines: The line of the file at which each row begins.
        delimiter: What separates the cells.
        decimal: The decimal mark of its numbers.
        encoding: What the file was read in.
        has_header: Whether the names are the file's own.
        notes: What a user should know about how the file was read.
    """

    name: str
    names: tuple[str, ...]
    columns: tuple[list[str], ...]
    lines: tuple[int, ...]
    delimiter: str
    decimal: str
    encoding: str
    has_header: bool
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int) -> str:
        """Return how to find a row again: `row 3 (line 4)`."""
        return f"row {row + 1} (line {self.lines[row]})"

    def column(self, name: str) -> list[str]:
        """Return a column's cells; the name must be there."""
        return self.columns[self.names.index(name)]


def read_table(
    path: Path,
    *,
    expected: tuple[str, ...] = (),
    delimiter: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    decimal_hint: str = ".",
) -> TextTable:
    """Read a CSV file.

    Args:
        path: The file; `-` for the standard input.
        expected: Names that a header would hold; one of them in the first row proves that it is a header.
        delimiter, decimal, encoding: What the caller says; None to find out.
        header: Whether the first row is a header; None to find out: it is, unless one of its cells is a number.
        decimal_hint: The decimal mark to assume where both would do.

    Raises:
        DataError: The file is missing, empty, no text, has no rows, or rows of different lengths (with the line).
    """
    file = "the standard input" if path == STANDARD_INPUT else path.name
    text, found_encoding = decode(read_bytes(path), file, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    notes: list[str] = []
    first_line, _, rest = text.partition("\n")
    if first_line.lower().startswith("sep=") and len(first_line) == 5:  # Excel's own hint
        delimiter, text = delimiter or first_line[4], "\n" + rest
    delimiter = delimiter or _delimiter(text)
    records, lines, blank = _records(text, delimiter, file)
    if not records:
        raise DataError(f"{file} has no rows; a table with a header and rows is needed")
    if blank:
        notes.append(f"{blank} empty row{'s' if blank > 1 else ''} skipped")
    if header is None:
        cells = [cell.strip() for cell in records[0]]
        header = _is_named(cells, expected) or not any(_is_number(cell) for cell in cells)
    names = _names(records[0], file, notes) if header else [f"column{k + 1}" for k in range(len(records[0]))]
    first = 1 if header else 0
    rows, lines = records[first:], lines[first:]
    _check_lengths(rows, lines, names, file, header)
    if not rows:
        raise DataError(f"{file} has a header and no rows below it")
    columns = [[row[k] if k < len(row) else "" for row in rows] for k in range(len(names))]
    kept = [k for k, name in enumerate(names) if not _is_filler(name, columns[k], header, notes)]
    table_decimal = decimal or decimal_mark((cell for k in kept for cell in columns[k][:1000]), delimiter, decimal_hint)
    return TextTable(
        name=file,
        names=tuple(names[k] for k in kept),
        columns=tuple(columns[k] for k in kept),
        lines=tuple(lines),
        delimiter=delimiter,
        decimal=table_decimal,
        encoding=found_encoding,
        has_header=header,
        notes=tuple(notes),
    )


def _delimiter(text: str) -> str:
    """Return the delimiter under which rows have equally many cells, and cells are numbers or hold no other one."""
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=candidate, strict=False)
        rows = []
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    rows.append(row)
                if len(rows) == _SAMPLE:
                    break
        except csv.Error:
            pass
        if not rows:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        if width < 2:
            continue
        cells = [cell for row in rows for cell in row]
        others = set(DELIMITERS) - {candidate, ","}
        clean = sum(parse(cell, ",") is not None or not any(other in cell for other in others) for cell in cells)
        numeric = sum(parse(cell) is not None or parse(cell, ",") is not None for cell in cells)
        agree = count / len(rows) * (0.5 if len(rows[0]) != width else 1.0)
        score = agree * (clean / len(cells)) ** 2 * (1 + numeric / len(cells))
        if score > best_score + 1e-9:
            best, best_score = candidate, score
    return best


def _records(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int], int]:
    """Return the rows that are not empty, the line where each begins, and how many empty ones lie between them."""
    if len(delimiter) != 1:
        raise DataError(f"the delimiter must be one character, got {delimiter!r}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    records: list[list[str]] = []
    lines: list[int] = []
    blank, end = 0, 0
    try:
        for record in reader:
            begin, end = end + 1, reader.line_num
            if any(record) and any(cell.strip() for cell in record):
                records.append(record)
                lines.append(begin)
            elif record:
                blank += 1
    except csv.Error as error:
        raise DataError(f"{name} cannot be read past line {reader.line_num}: {error}") from None
    return records, lines, blank


def _names(record: list[str], file: str, notes: list[str]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(record):
        name = " ".join(cell.split()) or f"column{place + 1}"
        if name in names:
            number = 2
            while f"{name}.{number}" in names or f"{name}.{number}" in record:
                number += 1
            notes.append(f"several columns of {file} are named {name!r}; this one is called '{name}.{number}'")
            name = f"{name}.{number}"
        names.append(name)
    return names


def _check_lengths(rows: list[list[str]], lines: list[int], names: list[str], file: str, header: bool) -> None:
    width = len(names)
    for place, row in enumerate(rows):
        if len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:])):
            continue
        first = "the header" if header else "row 1"
        if any("\n" in cell for cell in row):
            raise DataError(
                f"row {place + 1} of {file} goes on for several lines and has {len(row)} of {width} cells\n"
                f"a quote that opens in line {lines[place]} or soon after is never closed"
            )
        raise DataError(
            f"row {place + 1} (line {lines[place]}) of {file} has {len(row)} cell{'s' if len(row) != 1 else ''} and "
            f"{first} has {width}\nquote cells that hold the delimiter, or complete the row"
        )


def _is_filler(name: str, cells: list[str], header: bool, notes: list[str]) -> bool:
    """Tell whether a nameless column is empty, from a delimiter at the end of lines, or only counts the rows."""
    if not (header and name.startswith("column") and name[6:].isdigit()):
        return False
    if not any(cell.strip() for cell in cells):
        return True
    start = cells[0].strip()
    if len(cells) > 1 and start in ("0", "1") and all(c.strip() == str(k) for k, c in enumerate(cells, int(start))):
        notes.append("the first column has no name and counts the rows: left out")
        return True
    return False


def _is_named(cells: list[str], expected: tuple[str, ...]) -> bool:
    """Tell whether one of the names is a cell of the first row; among numbers, `2` rather means the second column."""
    if all(_is_number(cell) for cell in cells):
        expected = tuple(name for name in expected if not (name.isdigit() and int(name) <= len(cells)))
    return bool(set(expected) & set(cells))


def _is_number(cell: str) -> bool:
    return parse(cell) is not None or parse(cell, ",") is not None or (cell.casefold() in MISSING_NUMBER - {"", "none"})
