"""The words of an expression: names, numbers, operators, as people type and as they print them."""

import keyword
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from slopewise.cli.expressions.faults import fault, named

LONGEST = 10_000

# fmt: off
_OPERATORS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "·": "*", "\u0387": "*", "⋅": "*", "∙": "*", "∗": "*",
    "/": "/", "÷": "/", "∕": "/", "⁄": "/", "∶": "/", "%": "%", "**": "**", "^": "**",
    "(": "(", ")": ")", ",": ",", "=": "=", ";": ";",
}
_REFUSED = {
    "//": "a division rounded down has slope 0 wherever it has one: divide with /",
    "==": "a comparison has no gradient: an expression is arithmetic, with one = after a name",
    "!=": "a comparison has no gradient: an expression is arithmetic",
    "<=": "a comparison has no gradient: an expression is arithmetic",
    ">=": "a comparison has no gradient: an expression is arithmetic",
    "<": "a comparison has no gradient: an expression is arithmetic",
    ">": "a comparison has no gradient: an expression is arithmetic",
    "≤": "a comparison has no gradient: an expression is arithmetic",
    "≥": "a comparison has no gradient: an expression is arithmetic",
    ":=": "a name is given its value with =",
    "+=": "a name is given once, with =: write the sum under a new name",
    "-=": "a name is given once, with =: write the difference under a new name",
    "*=": "a name is given once, with =: write the product under a new name",
    "/=": "a name is given once, with =: write the quotient under a new name",
    "**=": "a name is given once, with =: write the power under a new name",
    "@": "@ multiplies matrices, and here every name is one number",
    "&": "'&' works on bits, and has no gradient", "|": "the absolute value of x is written abs(x)",
    "~": "'~' works on bits, and has no gradient",
    "[": "an expression has no lists and no indexes: give each number a name",
    "]": "an expression has no lists and no indexes: give each number a name",
    "{": "an expression has no braces: group with ( and )", "}": "an expression has no braces: group with ( and )",
    '"': "an expression has no text in quotation marks: names stand as they are",
    "'": "an expression has no text in quotation marks: names stand as they are",
    "“": "an expression has no text in quotation marks: names stand as they are",
    "”": "an expression has no text in quotation marks: names stand as they are",
    "√": "a square root is written sqrt(x)", "∑": "a sum is written with +, or sum(a, b, c)",
    "!": "there is no factorial here", ":": "a colon belongs to FILE.py:NAME, and the file ends in .py",
    "\\": "a backslash has no meaning here: a new line inside ( and ) goes on",
}
# fmt: on
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_NUMBER = re.compile(r"(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+\-−]?[0-9][0-9_]*)?")
_OTHER_BASE = re.compile(r"0[xXoObB][0-9a-fA-F_]+")
_SYMBOLS = sorted({*_OPERATORS, *_REFUSED}, key=len, reverse=True)
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression.

    Attributes:
        kind: "number", "name", "operator", "superscript", "new line" or "end".
        value: The number, the name, or the operator in its plain spelling.
        position: Where it begins, counted in characters from 0.
        length: How many characters it takes.
    """

    kind: str
    value: Any
    position: int
    length: int

    @property
    def end(self) -> int:
        return self.position + self.length


def tokens(text: str) -> list[Token]:
    """Return the words of an expression, the last of kind "end".

    Names are Python's identifiers, digits below the line allowed, and are compared as Python compares them. Numbers are
    decimal; `½` and its kin are numbers too, also after an int, as in `2½`. `−`, `×`, `·`, `÷`, `^` and `x²` are
    understood. From `#` to the end of a line is a remark.

    Raises:
        BadExpression: Something else stands there, or the text is too long.

    Example:
        >>> from slopewise.cli.expressions.tokens import tokens
        >>> [token.value for token in tokens("f = 2·x₁² − ½")]
        ['f', '=', 2, '*', 'x₁', 2, '-', 0.5, '']
    """
    if len(text) > LONGEST:
        fault(f"the expression has {len(text):,} characters, and {LONGEST:,} may be read", text, LONGEST)
    found: list[Token] = []
    place = 0
    while place < len(text):
        character = text[place]
        if character in "\n\r\u2028\u2029":
            token = Token("new line", "", place, 1)
        elif character.isspace() or character == "\ufeff":
            place += 1
            continue
        elif character == "#":
            place = min([end for end in (text.find("\n", place), text.find("\r", place)) if end >= 0] or [len(text)])
            continue
        elif _is_digit(character) or (character == "." and _is_digit(text[place + 1 : place + 2])):
            token = _number(text, place)
        elif unicodedata.category(character) == "No" and character not in _SUPERSCRIPTS and _fraction(character):
            token = Token("number", _fraction(character), place, 1)
        elif character in _SUPERSCRIPTS:
            token = _superscript(text, place)
        elif character.isidentifier():
            token = _name(text, place)
        else:
            token = _symbol(text, place)
        _check_neighbours(text, found, token)
        found.append(token)
        place = token.end
    found.append(Token("end", "", len(text), 1))
    return found


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()  # ² and ٣ count as digits elsewhere


def _number(text: str, place: int) -> Token:
    other = _OTHER_BASE.match(text, place)
    if other:
        fault(f"{_cut(other[0])}: numbers are written in decimal here", text, place, len(other[0]))
    match = _NUMBER.match(text, place)
    assert match is not None  # a digit stands there
    written = match[0]
    digits = written.replace("−", "-")
    try:
        number: Any = int(digits) if digits.replace("_", "").isdigit() else float(digits)
    except ValueError:
        if len(digits) > 4000:  # more digits than Python turns into an int
            fault(f"a number of {len(digits):,} digits is too large: they go up to 1.8e308", text, place, len(written))
        fault(f"{_cut(written)} is not a number: _ stands between two digits", text, place, len(written))
    if abs(number) > _LARGEST:
        fault(f"{_cut(written)} is too large: numbers go up to 1.8e308", text, place, len(written))
    end = match.end()
    part = _fraction(text[end : end + 1]) if isinstance(number, int) else None
    if part is not None:
        return Token("number", number + part, place, len(written) + 1)
    return Token("number", number, place, len(written))


def _fraction(character: str) -> float | None:
    """Return the number that a character such as ½ means, None for any other."""
    if not character or "<fraction>" not in unicodedata.decomposition(character):
        return None
    number = unicodedata.numeric(character, math.nan)
    return None if math.isnan(number) or character == "⅟" else number


def _superscript(text: str, place: int) -> Token:
    end = place
    while end < len(text) and text[end] in _SUPERSCRIPTS:
        end += 1
    written = "".join(_SUPERSCRIPTS[c] for c in text[place:end])
    if not written.lstrip("+-").isdigit() or len(written.lstrip("+-")) < len(written) - 1:
        fault(f"{_cut(text[place:end])} is not an exponent: write ** and the exponent", text, place, end - place)
    if len(written) > 300:
        fault(f"an exponent of {len(written):,} digits is too large", text, place, end - place)
    return Token("superscript", int(written), place, end - place)


def _name(text: str, place: int) -> Token:
    end = place + 1
    while end < len(text) and _continues_name(text[end]):
        end += 1
    written = text[place:end]
    name = "".join(part if part in _SUBSCRIPTS else unicodedata.normalize("NFKC", part) for part in _parts(written))
    if keyword.iskeyword(name):
        fault(
            f"{name} is a word of Python's: an expression has names, numbers and arithmetic", text, place, end - place
        )
    return Token("name", name, place, end - place)


def _continues_name(character: str) -> bool:
    """Tell whether a name goes on; for Python it would at `·`, which multiplies here."""
    return character in _SUBSCRIPTS or (character not in _OPERATORS and ("a" + character).isidentifier())


def _parts(written: str) -> list[str]:
    """Return a name cut into digits below the line and all between them: they alone keep their form."""
    return [part for part in re.split(f"([{_SUBSCRIPTS}])", written) if part]


def _symbol(text: str, place: int) -> Token:
    for symbol in _SYMBOLS:
        if text.startswith(symbol, place):
            if symbol in _OPERATORS:
                return Token("operator", _OPERATORS[symbol], place, len(symbol))
            fault(_REFUSED[symbol], text, place, len(symbol))
    if text[place] == ".":
        fault(_attribute(text, place), text, place)
    fault(f"{named(text[place])} means nothing here: an expression has names, numbers and arithmetic", text, place)


def _attribute(text: str, place: int) -> str:
    after = re.match(r"\.\s*(\w+)", text[place:])
    if after is None:
        return "a point stands inside a number only, as in 0.5"
    word = after[1]
    if re.search(r"\b(?:math|np|numpy|sw|slopewise|torch|cmath)\s*$", text[:place]):
        return f"functions stand without their module: write {word}(x)"
    if re.match(r"\s*\(", text[place + after.end() :]):
        return f"a function stands before its operand: write {word}(x)"
    return "an expression has no attributes: names, numbers and arithmetic alone"


def _check_neighbours(text: str, found: list[Token], token: Token) -> None:
    """Refuse what stands right after a number as if it were part of it: `2j`, `1.2.3`, `1e`."""
    if not found or found[-1].kind != "number" or found[-1].end != token.position:
        return
    before = text[found[-1].position : found[-1].end]
    if token.kind == "number":
        written = before + text[token.position : token.end]
        fault(f"{_cut(written)} is not a number", text, found[-1].position, len(written))
    if token.kind == "name" and token.value in ("j", "J"):
        fault(f"{_cut(before)}j: there are no complex numbers here", text, found[-1].position, len(before) + 1)


def _cut(text: str) -> str:
    return text if len(text) <= 24 else text[:20] + "…"
