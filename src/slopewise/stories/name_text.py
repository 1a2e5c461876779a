"""Names of any characters, made fit for a line of text and taken apart for subscripts."""

import re
import unicodedata
from dataclasses import dataclass

_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+−", strict=True))
_SUPERSCRIPTS = dict(zip("0123456789−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", strict=True))
_RAISED = {"⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9"}
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A longer name is told by its beginning and its end.
LONGEST_NAME = 36

# A name that cannot be misread inside a formula: words, dots, indices, keys of a dict and primes.
_WORD = re.compile(r"[\w.'′″*#₀-₉⁰¹²³⁴-⁹](?:[\w.'′″#:$%&@~₀-₉⁰¹²³⁴-⁹]|\[[\w.:, −-]*\]|\['[\w.:, −-]*'\])*", re.UNICODE)
# What would read as a number, or as a gradient or another attribute of something: 2, 1e3, f.grad.
_MISLEADING = re.compile(r"[\d.₀-₉⁰¹²³⁴-⁹]|.*\.(?:grad|data|backward)$")
_TRAILING = re.compile(r"(?P<base>.*?[^\W\d_]['′″]*)[._]?(?P<index>\d+)", re.UNICODE)
_UNDERSCORED = re.compile(r"(?P<base>[^\W_]+)_(?P<index>[^\W_]+)", re.UNICODE)
_BRACKETED = re.compile(r"(?P<base>[\w.]+)\[(?P<index>[\w, −-]+)\]", re.UNICODE)


def visible(text: str) -> str:
    """Return a text in which no character controls the terminal or the direction of writing.

    Control and format characters, line ends and lone surrogates are written as `\\x1b` and `\\u202e`.

    Example:
        >>> from slopewise.stories.name_text import visible
        >>> visible("a" + chr(27) + "[31m")
        'a\\\\x1b[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_harmless(c) else _escaped(c) for c in text)


def _is_harmless(c: str) -> bool:
    return unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or c == "\u200d"


def _escaped(c: str) -> str:
    if c in _SHORT:
        return _SHORT[c]
    code = ord(c)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def shortened_name(name: str) -> str:
    """Return a name as it is told: visible, and a very long one by its beginning and its end.

    Example:
        >>> from slopewise.stories.name_text import shortened_name
        >>> shortened_name("x" * 100 + "#2")
        'xxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxx#2'
    """
    shown = visible(name)
    if len(shown) <= LONGEST_NAME:
        return shown
    half = LONGEST_NAME // 2
    return f"{shown[:half]}…{shown[1 - half :]}"


def is_word(name: str) -> bool:
    """Tell whether a name can stand in a formula without quotes."""
    whole = name.replace("…", "") if len(name) == LONGEST_NAME else name
    return bool(_WORD.fullmatch(whole)) and not name.startswith("*") and not _MISLEADING.match(name)


def quoted(name: str) -> str:
    """Return a name for a formula in text: as it is when it is one word, else in quotes.

    Example:
        >>> from slopewise.stories.name_text import quoted
        >>> quoted("layers.0.w.1"), quoted("x1*w1")
        ('layers.0.w.1', '‘x1*w1’')
    """
    shown = shortened_name(name)
    return shown if is_word(shown) else f"‘{shown}’"


def superscript(text: str) -> str | None:
    """Return digits and a sign raised, or None when the text holds anything else.

    Example:
        >>> from slopewise.stories.name_text import superscript
        >>> superscript("−1"), superscript("0.5")
        ('⁻¹', None)
    """
    if len(text) <= 4 and all(c in _SUPERSCRIPTS for c in text):
        return "".join(_SUPERSCRIPTS[c] for c in text)
    return None


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart.

    Attributes:
        place: What comes before it, such as `layers.0.neurons.3.`; empty for most names.
        base: The name itself.
        index: What is written lowered; empty for none.
        raised: What is written raised; empty for none.
        is_word: Whether it can stand in a formula as it is; else it needs quotes.
    """

    place: str
    base: str
    index: str
    raised: str = ""
    is_word: bool = True


def parts_of_name(name: str) -> NameParts:
    """Take a name apart for a writer that has subscripts.

    Example:
        >>> from slopewise.stories.name_text import parts_of_name
        >>> parts_of_name("layers.0.neurons.3.w.1").place, parts_of_name("x₁").index, parts_of_name("a_1").base
        ('layers.0.neurons.3.', '1', 'a')
    """
    shown = shortened_name(name)
    if not is_word(shown):
        return NameParts("", shown, "", is_word=False)
    raised = ""
    while shown and shown[-1] in _RAISED and len(shown) > 1:
        raised = _RAISED[shown[-1]] + raised
        shown = shown[:-1]
    lowered = ""
    while shown and shown[-1] in _SUBSCRIPTS and len(shown) > 1:
        lowered = _SUBSCRIPTS[shown[-1]] + lowered
        shown = shown[:-1]
    if lowered:
        return NameParts("", shown, lowered, raised)
    found = _BRACKETED.fullmatch(shown) or _UNDERSCORED.fullmatch(shown) or _TRAILING.fullmatch(shown)
    if found is None:
        return NameParts("", shown, "", raised)
    place, dot, base = found["base"].rpartition(".")
    return NameParts(place + dot, base, found["index"], raised)
