"""How wide a text is, without a font at hand, and how any text becomes one that can be drawn.

The widths are the advances of DejaVu Sans, in thousandths of the font's size. Verdana shares them but for a few
letters, matplotlib brings DejaVu Sans with it, and other sans-serif faces are narrower: what fits by this table fits.
"""

import unicodedata
from functools import lru_cache

FAMILY = "DejaVu Sans, Verdana, Bitstream Vera Sans, Noto Sans, Arial, sans-serif"
ELLIPSIS = "…"

# The characters from U+0020 to U+007E, then the Greek ones from U+0391 to U+03C9.
_REGULAR = """
    318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 337
    838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 684 989
    685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521
    392 634 592 818 592 592 525 636 337 636 838
"""
_BOLD = """
    348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 696 696 400 400
    838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 733 850 770 720 682 812 774
    1103 771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 712 343 343 665 343 1042 712 687 716 716
    493 595 478 712 652 924 645 652 582 712 365 712 838
"""
_REGULAR_GREEK = """
    684 686 557 684 632 685 752 787 295 656 684 863 748 632 787 752 603 0 632 611 611 787 685 787 764 295 611 659
    541 634 338 579 659 638 592 612 541 544 634 612 338 589 592 636 559 558 612 602 635 587 634 602 579 660 578 660
    837
"""
_BOLD_GREEK = """
    774 762 637 774 683 725 837 850 372 775 774 995 837 632 850 837 733 0 683 682 724 850 771 850 850 372 724 687
    557 712 390 675 687 716 681 687 557 591 712 687 390 710 633 736 681 591 687 791 716 593 779 638 675 782 645 794
    869
"""
_WIDE = 1272  # two digits
_OTHER = 840
_OTHER_BOLD = 900
_SPARE = 1.02  # Verdana's bold is a little wider here and there

# Marks that turn the direction of text around, or that no XML file may hold.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text.

    Args:
        text: One line, as `one_line` gives it.
        size: The font's size, in pixels.
        bold: Whether it is set in bold.

    Returns:
        The width in pixels, rather a little too much than too little.

    Example:
        >>> text_width("gradient", 10) < text_width("gradient", 10, bold=True)
        True
        >>> text_width("", 10)
        0.0
    """
    return _thousandths(text, bold) * size * _SPARE / 1000


@lru_cache(maxsize=20_000)
def _thousandths(text: str, bold: bool) -> int:
    table = _BOLD_WIDTHS if bold else _REGULAR_WIDTHS
    total = 0
    for character in text:
        width = table.get(character)
        total += _other_width(character, bold) if width is None else width
    return total


@lru_cache(maxsize=4_000)
def _other_width(character: str, bold: bool) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF" or character >= "\U0001f000":
        return _WIDE
    base = unicodedata.normalize("NFKD", character)[0]
    table = _BOLD_WIDTHS if bold else _REGULAR_WIDTHS
    if base != character and base in table and category[0] == "L":
        return table[base]
    return _OTHER_BOLD if bold else _OTHER


def one_line(text: object) -> str:
    """Return a text as one line that can be shown anywhere: no control character is left in it.

    A line break becomes `↵`, a tab a space; other control characters, marks that turn the direction of text around and
    what no file of text can hold become `�`.

    Args:
        text: Anything; it is turned into a string first.

    Example:
        >>> one_line("two\\nlines"), one_line("bell\\a")
        ('two↵lines', 'bell�')
    """
    given = str(text)
    if given.isprintable():  # there is no character in it that could be replaced
        return given
    return "".join(map(_shown_character, given.replace("\r\n", "\n")))


@lru_cache(maxsize=4_000)
def _shown_character(character: str) -> str:
    if character in "\n\r\u2028\u2029\v\f\x85":
        return "↵"
    if character == "\t":
        return " "
    if character in _TURNING or unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE:
        return "�"
    return character


def shortened(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text that fits, its middle left out if it is too long: the end often tells two names apart.

    Args:
        text: One line.
        size: The font's size, in pixels.
        room: The width that there is, in pixels.
        bold: Whether it is set in bold.

    Example:
        >>> shortened("layers.0.neurons.3.w.1", 10, 80)
        'layers.…s.3.w.1'
    """
    if text_width(text, size, bold=bold) <= room:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if text_width(_without_middle(text, kept), size, bold=bold) <= room:
            low = kept
        else:
            high = kept - 1
    return _without_middle(text, low)


def _without_middle(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    tail = kept - head
    while head and head < len(text) and unicodedata.combining(text[head]):
        head -= 1
    return text[:head] + ELLIPSIS + (text[-tail:] if tail else "")


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Return the lines of a text broken between words, so that each fits.

    Args:
        text: One line.
        size: The font's size, in pixels.
        room: The width that there is, in pixels; a longer word is shortened.

    Example:
        >>> wrapped("one two three", 10, 50)
        ['one two', 'three']
    """
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > room:
            lines.append(line)
            longer = word
        line = longer
    return [shortened(part, size, room) for part in [*lines, line]]


def _table(latin: str, greek: str) -> dict[str, int]:
    widths = {chr(32 + place): int(width) for place, width in enumerate(latin.split())}
    widths.update({chr(0x391 + place): int(width) for place, width in enumerate(greek.split())})
    return widths


_REGULAR_WIDTHS = _table(_REGULAR, _REGULAR_GREEK)
_BOLD_WIDTHS = _table(_BOLD, _BOLD_GREEK)
