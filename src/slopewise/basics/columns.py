"""A small table in plain text."""

import unicodedata
from collections.abc import Sequence


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Lay rows out in columns under a header; text to the left, everything that looks like a number to the right.

    Args:
        header: One title per column.
        rows: One text per column.
        width: The longest line allowed; a table that is wider becomes one block of `title: text` lines per row.

    Example:
        >>> from slopewise.basics.columns import aligned
        >>> print(aligned(("name", "value"), [("a", "-2"), ("total", "10")]))
        name   value
        a         -2
        total     10
    """
    widths = [max(cells_of(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    if width is not None and sum(widths) + 2 * len(widths) - 2 > width:
        return "\n\n".join(
            "\n".join(f"{title}: {cell}" for title, cell in zip(header, row, strict=True) if cell) for row in rows
        )
    numeric = [all(_is_numeric(row[i]) for row in rows) for i in range(len(header))]
    lines = []
    for row in (header, *rows):
        cells = [
            " " * (widths[i] - cells_of(cell)) + cell if numeric[i] else cell + " " * (widths[i] - cells_of(cell))
            for i, cell in enumerate(row)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def cells_of(text: str) -> int:
    """Return how many terminal columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def _is_numeric(cell: str) -> bool:
    return not cell or cell.lstrip("=≈~ +-−")[:1].isdigit() or cell.lstrip("=≈ +-−") in ("nan", "∞", "–", "")
