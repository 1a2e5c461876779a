"""Numbers as people write them in tables: decimal points and commas, thousands, and the many words for nothing."""

import math
import re
from collections.abc import Iterable, Sequence

__all__ = ["decimal_mark", "is_date", "is_missing", "is_time", "parse", "parse_column", "unit_of"]

# What stands for nothing in any column, and what does so where numbers are expected.
MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "-nan", "null", "<na>", "nat"})
MISSING_NUMBER = MISSING | {"-", "--", ".", "none", "missing", "#value!", "#div/0!", "#ref!", "#num!"}

_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_POINT = re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:[, '\u2019\u00a0\u202f][0-9]{{3}})+)?(?:\.[0-9]*)?{_EXPONENT}")
_COMMA = re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:[. '\u2019\u00a0\u202f][0-9]{{3}})+)?(?:,[0-9]*)?{_EXPONENT}")
_THOUSANDS = re.compile(r"[, '\u2019\u00a0\u202f]")
_COMMA_THOUSANDS = re.compile(r"[. '\u2019\u00a0\u202f]")
_AMBIGUOUS = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")

_TIME_TEXT = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]\.?m\.?)?"
_ZONE = r"(?: ?(?:z|utc|gmt|[+-][0-9]{2}:?(?:[0-9]{2})?))?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?"
_YEAR = r"(?:[0-9]{4}|'?[0-9]{2})"
_TIME = re.compile(_TIME_TEXT + _ZONE, re.IGNORECASE)
_DATE = re.compile(
    rf"{_WEEKDAY}(?:"
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"  # 2024-01-05, 5.1.2024, 1/5/24
    r"|[0-9]{4}[-/.][0-9]{1,2}"  # 2024-01
    r"|[0-9]{4}-?w[0-9]{1,2}(?:-?[0-9])?|[0-9]{4}[- ]?q[1-4]|q[1-4][- /]?[0-9]{4}"  # 2024-W05, 2024Q1, Q1 2024
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.)?[- /]?{_MONTH}[- /,]*{_YEAR}"  # 5 Jan 2024, 05-Jan-24
    rf"|{_YEAR}[- /]?{_MONTH}[- /]?[0-9]{{1,2}}"  # 2024-Jan-05
    rf"|{_MONTH}[- ]?[0-9]{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"  # January 5, 2024
    rf"|{_MONTH}[- /,]*{_YEAR}"  # Jan 2024
    rf")(?:(?:,? |t){_TIME_TEXT}{_ZONE})?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?P<before>[$€£¥]|[A-Z]{3} )?(?P<number>[^A-Za-z$€£¥%°]*[0-9])\s*(?P<after>[$€£¥%‰]|°?[A-Za-zµ]{1,3})?"
)


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
    """Tell whether a cell looks like a date, with or without a time of day.

    Example:
        >>> [is_date(cell) for cell in ("2024-01-05T10:30:00Z", "5.1.24", "5 Jan 2024", "Q1 2024", "2024", "May")]
        [True, True, True, True, False, False]
    """
    return _DATE.fullmatch(" ".join(cell.split())) is not None


def is_time(cell: str) -> bool:
    """Tell whether a cell looks like a time of day.

    Example:
        >>> [is_time(cell) for cell in ("10:30", "7:05:00 pm", "10")]
        [True, True, False]
    """
    return _TIME.fullmatch(" ".join(cell.split())) is not None


def unit_of(cell: str, decimal: str = ".") -> str:
    """Return the unit or currency beside a cell's number, or an empty text.

    Example:
        >>> [unit_of(cell) for cell in ("$1.50", "10 %", "12kg", "12", "kg")]
        ['$', '%', 'kg', '', '']
    """
    found = _UNIT.fullmatch(" ".join(cell.split()))
    if found is None or bool(found["before"]) == bool(found["after"]) or parse(found["number"], decimal) is None:
        return ""
    return (found["before"] or found["after"]).strip()


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
