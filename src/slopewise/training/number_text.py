"""Numbers as people write them in tables: decimal points and commas, thousands, and the many words for nothing."""

import math
import re
from collections.abc import Iterable, Sequence

__all__ = ["decimal_mark", "is_date", "is_missing", "parse", "parse_column"]

# What stands for nothing in any column, and what does so where numbers are expected.
MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "-nan", "null", "<na>", "nat"})
MISSING_NUMBER = MISSING | {"-", "--", ".", "none", "missing", "#value!", "#div/0!", "#ref!", "#num!"}

_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_POINT = re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:[, '\u2019\u00a0\u202f][0-9]{{3}})+)?(?:\.[0-9]*)?{_EXPONENT}")
_COMMA = re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:[. '\u2019\u00a0\u202f][0-9]{{3}})+)?(?:,[0-9]*)?{_EXPONENT}")
_THOUSANDS = re.compile(r"[, '\u2019\u00a0\u202f]")
_COMMA_THOUSANDS = re.compile(r"[. '\u2019\u00a0\u202f]")
_AMBIGUOUS = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
_DATE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T][0-9:.]+)?.{0,6}")


def is_missing(cell: str, extra: frozenset[str] = frozenset(), *, number: bool = True) -> bool:
    """Tell whether a cell says that there is nothing, such as an empty one, `NA` or `?`.

    Args:
        cell: The cell's text.
        extra: More words that mean nothing, in lower case.
        number: Whether a number is expected, where `-` or `none` mean nothing too.
    """
    word = cell.strip().casefold()
    return word in (MISSING_NUMBER if number else MISSING) or word in extra


def is_date(cell: str) -> bool:
    """Tell whether a cell looks like a date."""
    return _DATE.fullmatch(cell.strip()) is not None


def parse(cell: str, decimal: str = ".") -> float | None:
    """Return the number that a cell holds, or None if it holds none.

    Example:
        >>> parse("1,234.5"), parse("1.234,5", ","), parse("12 %")
        (1234.5, 1234.5, None)
    """
    text = cell.strip().replace("−", "-")
    pattern, thousands = (_POINT, _THOUSANDS) if decimal == "." else (_COMMA, _COMMA_THOUSANDS)
    if not any("0" <= c <= "9" for c in text) or not pattern.fullmatch(text):
        return None
    text = thousands.sub("", text)
    try:
        return float(text if decimal == "." else text.replace(",", "."))
    except ValueError:
        return None


def decimal_mark(cells: Iterable[str], delimiter: str, hint: str = ".") -> str:
    """Return the decimal mark that explains most cells; where both do, a point, unless `;` separates or a hint says so.

    Example:
        >>> decimal_mark(["1,5", "2,25"], ";"), decimal_mark(["1,234"], "\\t"), decimal_mark(["1,234"], ";")
        (',', '.', ',')
    """
    point = comma = open_ = 0
    for cell in cells:
        if "," not in cell:
            if "." in cell:
                point += parse(cell) is not None and parse(cell, ",") is None
            continue
        by_point, by_comma = parse(cell) is not None, parse(cell, ",") is not None
        point += by_point and not by_comma
        comma += by_comma and not by_point
        open_ += bool(by_point and by_comma and _AMBIGUOUS.fullmatch(cell.strip()))
    if comma != point:
        return "," if comma > point else "."
    return "," if open_ and (delimiter == ";" or hint == ",") else "."


def parse_column(cells: Sequence[str], decimal: str) -> list[float | None]:
    """Return a column's numbers, None where a cell holds none; infinities and nan written as words are none."""
    if decimal == ".":
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            pass
        else:
            if math.isfinite(sum(numbers)) and not any("_" in cell for cell in cells):
                return list(numbers)
    return [parse(cell, decimal) for cell in cells]
