"""What is wrong with an expression: one line, and below it the spot with a caret under it."""

import unicodedata
from typing import NoReturn

from slopewise.cli.terminal import BadInput

INDENT = "  "
LEAST_WIDTH = 20


class BadExpression(BadInput):
    """An expression that cannot be read: what is wrong in one line, and where.

    Args:
        message: What happened, with what stands there, and the cure; without a full stop.
        text: The whole expression.
        position: Where in it, counted in characters from 0.
        length: Over how many characters.
    """

    def __init__(self, message: str, text: str, position: int, length: int = 1) -> None:
        super().__init__(message)
        self.text = text
        self.position = position
        self.length = length

    def excerpt(self, width: int) -> tuple[str, str]:
        """Return the line of the expression and the line with the caret, both at most `width` columns wide.

        Example:
            >>> from slopewise.cli.expressions.faults import BadExpression
            >>> print("\\n".join(BadExpression("no value", "f = a * bc", 8, 2).excerpt(80)))
              f = a * bc
                      ^^
        """
        position = min(self.position, len(self.text))
        begin = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        line = self.text[begin : end if end >= 0 else len(self.text)]
        return _with_caret(line, position - begin, self.length, max(width, LEAST_WIDTH) - len(INDENT))


def fault(message: str, text: str, position: int, length: int = 1) -> NoReturn:
    """End the reading of an expression with one line and a caret."""
    raise BadExpression(message, text, position, length)


def _with_caret(line: str, place: int, length: int, room: int) -> tuple[str, str]:
    """Return the part of a line around a place that fits the room, and the line with the caret."""
    cells = [_cell(character) for character in line]
    widths = [width for _, width in cells]
    first, last = 0, len(line)
    if sum(widths) > room:
        first, last = _window(widths, min(place, len(line) - 1), room - 2)
    shown = "".join(text for text, _ in cells[first:last])
    before = sum(widths[first:place]) + (first > 0)
    marked = max(1, sum(widths[place : min(place + length, last)]))
    return (
        f"{INDENT}{'…' * (first > 0)}{shown}{'…' * (last < len(line))}".rstrip(),
        f"{INDENT}{' ' * before}{'^' * marked}",
    )


def _window(widths: list[int], place: int, room: int) -> tuple[int, int]:
    """Return from where to where a line is shown so that the place is in it, with more of the line before it."""
    first = last = place
    used = 0
    while first > 0 and used + widths[first - 1] <= room * 2 // 3:
        first -= 1
        used += widths[first]
    while last < len(widths) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    while first > 0 and used + widths[first - 1] <= room:
        first -= 1
        used += widths[first]
    return first, last


def _cell(character: str) -> tuple[str, int]:
    """Return how a character is shown in the excerpt, and how many columns that takes."""
    if character.isspace():
        return " ", 1
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return "?", 1
    if category in ("Mn", "Me"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def named(character: str) -> str:
    """Return a character in quotation marks, or by its code where it cannot be seen.

    Example:
        >>> from slopewise.cli.expressions.faults import named
        >>> named("$"), named("\\x1b")
        ("'$'", 'the control character U+001B')
    """
    category = unicodedata.category(character)
    if category == "Cc":
        return f"the control character U+{ord(character):04X}"
    if category in ("Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"the invisible character U+{ord(character):04X}"
    return f"'{character}'" if character != "'" else '"\'"'
