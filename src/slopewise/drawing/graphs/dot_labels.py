"""The labels of a DOT text: escapes, the fields of records, and markup reduced to its words."""

import re
from html import unescape

from slopewise.drawing.graphs.faces import Field, Line, Run

_MOST_DEEP = 30


def label_lines(text: str, *, name: str, size: float, colour: str, is_markup: bool = False) -> tuple[Line, ...]:
    """Return a label as lines of text.

    Args:
        text: The label, with DOT's escapes: `\\n` begins a line, `\\N` is the node's name.
        name: The node's name.
        size: The font's size, in pixels.
        colour: The text's colour.
        is_markup: Whether it is an HTML-like label, of which the words are kept.

    Example:
        >>> [line[0].text for line in label_lines("the \\\\N\\\\nis 3", name="a", size=14, colour="ink")]
        ['the a', 'is 3']
    """
    plain = words_of_markup(text) if is_markup else unescape(_obeyed(text, name))
    return tuple((Run(line, size, colour),) for line in plain.rstrip("\n").split("\n"))


def _obeyed(text: str, name: str) -> str:
    def one(match: re.Match[str]) -> str:
        sign = match[1]
        if sign in "nlr":
            return "\n"
        return name if sign == "N" else "" if sign in "GETHL" else sign

    return re.sub(r"\\(.)", one, text, flags=re.DOTALL)


def words_of_markup(text: str) -> str:
    """Return the words of an HTML-like label: rows and `<br/>` become lines, cells stand apart.

    Example:
        >>> words_of_markup("<b>a</b><br/>x &lt; 1")
        'a\\nx < 1'
    """
    text = re.sub(r"(?i)<br\s*[^>]*>|</tr\s*>", "\n", text)
    text = re.sub(r"(?i)</td\s*>", "   ", text)
    text = unescape(re.sub(r"<[^>]*>", "", text))
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def record_fields(text: str, *, name: str, size: float, colour: str) -> tuple[Field, ...]:
    """Return the fields of a record's label: `|` parts them, `{ }` nests them, `<port>` names them.

    Args:
        text: The label.
        name: The node's name, for `\\N`.
        size: The font's size, in pixels.
        colour: The text's colour.

    Example:
        >>> fields = record_fields("a | { b | <p> c }", name="n", size=14, colour="ink")
        >>> len(fields), len(fields[1].fields), fields[1].fields[1].port
        (2, 2, 'p')
    """
    rows: list[list[Field]] = [[]]
    words, port = "", ""
    nested: list[Field] | None = None
    at = 0

    def close() -> None:
        nonlocal words, port, nested
        if nested is not None:
            rows[-1].append(Field(fields=tuple(nested), port=port))
        else:
            shown = unescape(words.strip(" \t"))
            rows[-1].append(Field(tuple((Run(line, size, colour),) for line in shown.split("\n")), port=port))
        words, port, nested = "", "", None

    while at < len(text):
        sign = text[at]
        if sign == "\\" and at + 1 < len(text):
            at += 1
            follower = text[at]
            words += "\n" if follower in "nlr" else name if follower == "N" else follower
        elif sign == "{" and len(rows) < _MOST_DEEP:
            rows.append([])
            words = port = ""
        elif sign == "}" and len(rows) > 1:
            close()
            nested = rows.pop()
        elif sign == "|":
            close()
        elif sign == "<" and ">" in text[at:]:
            end = text.index(">", at)
            port = text[at + 1 : end].strip()
            at = end
        else:
            words += sign
        at += 1
    close()
    while len(rows) > 1:
        nested = rows.pop()
        close()
    return tuple(rows[0])
