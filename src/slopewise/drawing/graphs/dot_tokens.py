"""A DOT text as a list of words and signs, each with its line."""

import re
from typing import NamedTuple

from slopewise.errors import DataError


class Token(NamedTuple):
    """A word or a sign.

    Attributes:
        kind: `"word"` (bare), `"text"` (quoted), `"markup"` (between angle brackets) or `"sign"`.
        text: What it says, quotes taken off.
        line: The line that it stands in, from 1.
    """

    kind: str
    text: str
    line: int

    @property
    def is_name(self) -> bool:
        """Whether it can name something."""
        return self.kind != "sign"


_PIECES = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/|(?:(?<=\n)|\A)\#[^\n]*)
  | (?P<number>-?(?:\.\d+|\d+(?:\.\d*)?))
  | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)
  | "(?P<text>(?:[^"\\]|\\.)*)"
  | (?P<sign>->|--|[{}\[\]=;,:+])
  | (?P<markup><)
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens_of(source: str) -> list[Token]:
    """Return the words and signs of a DOT text; comments are left out, quoted texts joined by `+` are joined.

    Raises:
        DataError: A sign does not belong into a DOT text, or a quote or bracket does not end.

    Example:
        >>> [token.text for token in tokens_of('a -> "b c" [label="d" + "e"]')]
        ['a', '->', 'b c', '[', 'label', '=', 'de', ']']
    """
    found: list[Token] = []
    at, line = 0, 1
    while at < len(source):
        match = _PIECES.match(source, at)
        if match is None:
            sign = source[at]
            what = (
                "a quote that does not end"
                if sign == '"'
                else f"{sign!r} in it, which DOT does not know outside quotes"
            )
            raise DataError(f"the DOT text has {what}\nat line {line}")
        end = match.end()
        kind = match.lastgroup or ""
        if kind == "markup":
            end = _end_of_markup(source, at, line)
            _put(found, Token("markup", source[at + 1 : end - 1], line))
        elif kind == "text":
            text = match["text"].replace("\\\n", "").replace('\\"', '"')
            _put(found, Token("text", text, line))
        elif kind != "space":
            _put(found, Token("sign" if kind == "sign" else "word", match[kind], line))
        line += source.count("\n", at, end)
        at = end
    return found


def _put(found: list[Token], token: Token) -> None:
    if token.kind == "text" and len(found) > 1 and found[-1].text == "+" and found[-2].kind == "text":
        found.pop()
        first = found.pop()
        token = Token("text", first.text + token.text, first.line)
    found.append(token)


def _end_of_markup(source: str, at: int, line: int) -> int:
    depth = 0
    for place in range(at, len(source)):
        if source[place] == "<":
            depth += 1
        elif source[place] == ">":
            depth -= 1
            if not depth:
                return place + 1
    raise DataError(f"the DOT text has a '<' without its '>'\nat line {line}")
