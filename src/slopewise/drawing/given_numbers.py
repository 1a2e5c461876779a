"""Numbers as users hand them in: floats, Values, numpy scalars, rows of one number; read once, refused in words."""

import math
from collections.abc import Iterable
from typing import Any

from slopewise.basics.arguments import number_of
from slopewise.errors import DomainError, NumberError, ShapeError


def given_number(item: Any, where: str) -> float:
    """Return one number as a float; a row or column of one number counts as that number.

    Raises:
        NumberError: It is no real number.
        ShapeError: It is a row of several.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.drawing.given_numbers import given_number
        >>> given_number(Value(2), "x holds"), given_number([3.0], "x holds")
        (2.0, 3.0)
    """
    if isinstance(item, (list, tuple)) or getattr(item, "ndim", None):
        if len(item) != 1:
            raise ShapeError(f"{where} a row of {len(item)} numbers, and one column is drawn\npick one: row[0]")
        return given_number(item[0], where)
    if item is None or isinstance(item, str):
        raise NumberError(f"{where} {item!r}, which is no number\nconvert it first, for example float(x)")
    return number_of(item, where)


def given_numbers(items: Any, where: str, *, finite: bool = False) -> list[float]:
    """Return the numbers of a sequence as floats.

    Args:
        items: Any iterable of numbers, Values or rows of one number; numpy arrays and columns of a table too.
        where: Who asks and for what, such as `plot_training(): losses`.
        finite: Whether nan and the infinities are refused.

    Raises:
        NumberError: It cannot be iterated over, or holds something that is no number.
        DomainError: It is empty, or holds a number that is not finite.

    Example:
        >>> from slopewise.drawing.given_numbers import given_numbers
        >>> given_numbers((1, 2.5), "plot_training(): losses")
        [1.0, 2.5]
    """
    entries = given_entries(items, where)
    if not entries:
        raise DomainError(f"{where}: there are none\ngive at least one number")
    numbers = [given_number(item, f"{where}[{i}] is") for i, item in enumerate(entries)]
    if finite:
        check_finite(numbers, where)
    return numbers


def check_finite(numbers: Iterable[float], where: str) -> None:
    """Refuse nan and the infinities, with the place of the first.

    Raises:
        DomainError: A number is not finite.
    """
    for i, number in enumerate(numbers):
        if not math.isfinite(number):
            raise DomainError(f"{where}[{i}] is {number!r}, and a finite number is needed\nleave that entry out")


def given_entries(items: Any, where: str) -> list[Any]:
    """Return what an iterable holds, as a list.

    Raises:
        NumberError: It cannot be iterated over.
    """
    if isinstance(items, (str, bytes)) or not hasattr(items, "__iter__") or getattr(items, "ndim", 1) == 0:
        text = repr(items) if len(repr(items)) <= 40 else type(items).__name__
        raise NumberError(f"{where}: a sequence is needed, got {text}\nput it into a list")
    return list(items)


def given_pairs(items: Any, where: str) -> list[tuple[float, float]]:
    """Return points of two finite numbers.

    Raises:
        NumberError: Something is no number, or no sequence.
        ShapeError: A point is no pair.
        DomainError: There are none, or one is not finite.
    """
    entries = given_entries(items, where)
    if not entries:
        raise DomainError(f"{where}: there are none\ngive at least one pair of numbers")
    pairs = []
    for i, entry in enumerate(entries):
        if isinstance(entry, (str, bytes)) or not hasattr(entry, "__len__"):
            raise ShapeError(f"{where}[{i}] is {entry!r}, and a pair of numbers is needed\nwrite (x, y)")
        if len(entry) != 2:
            raise ShapeError(f"{where}[{i}] has {len(entry)} numbers, and a pair is needed: (x, y)\npick two columns")
        x, y = (given_number(item, f"{where}[{i}] holds") for item in entry)
        for number in (x, y):
            if not math.isfinite(number):
                raise DomainError(f"{where}[{i}] holds {number!r}, and finite numbers are needed\nleave the point out")
        pairs.append((x, y))
    return pairs


def given_range(between: Any, where: str) -> tuple[float, float]:
    """Return two rising, finite numbers.

    Raises:
        DomainError: They do not rise, are not finite, or are not two.
    """
    ends = [float(end) for end in between] if hasattr(between, "__iter__") and not isinstance(between, str) else []
    if len(ends) != 2 or not all(map(math.isfinite, ends)) or not ends[0] < ends[1]:
        raise DomainError(f"{where} needs two rising numbers, got {between!r}\nwrite (-5.0, 5.0)")
    return ends[0], ends[1]
