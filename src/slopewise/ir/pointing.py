"""Errors that show the place in a text: Programs and Loops are read by two parsers, which refuse in one way."""

from typing import NoReturn

from slopewise.errors import IRError

__all__ = ["refuse_at"]

_BEFORE, _AFTER = 40, 32  # columns of the line that a message shows around the place


def refuse_at(source: str, start: int, what: str, cure: str) -> NoReturn:
    """Raise an IRError that shows a place of a text in its line.

    Args:
        source: The whole text.
        start: The place.
        what: What is wrong there.
        cure: What to write.
    """
    line = source.count("\n", 0, start) + 1
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", begin)
    whole = source[begin : end if end >= 0 else len(source)]
    column = start - begin
    left = max(0, column - _BEFORE)
    piece = whole[left : column + _AFTER].expandtabs(1)
    caret = " " * (column - left + (3 if left else 0)) + "^"
    shown = f"{'...' if left else ''}{piece}{'...' if column + _AFTER < len(whole) else ''}"
    raise IRError(f"{what}\nline {line}, column {column + 1}:\n    {shown}\n    {caret}\n{cure}")
