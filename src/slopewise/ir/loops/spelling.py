"""How names, numbers, operations and places of Loops are spelled: the printer writes them so, the parser reads them."""

import re

from slopewise.ir import operations as codes
from slopewise.ir import printer
from slopewise.ir.loops.structure import Array, Kind

# Words that no array, table, variable or local may be named.
RESERVED = frozenset({"by", "for", "in", "inf", "nan", "return", "scan"})
# How deep loops and expressions may stand in one another, counted together.
MOST_DEEP = 200
# No place, table entry or size is above the greatest C int.
MOST = 2**31 - 1

_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")

# How tightly a sign holds its operands together: what holds less tightly needs brackets inside what holds more.
ANY, COMPARED, ADDED, MULTIPLIED, NEGATED, RAISED, WHOLE = range(7)

# Signs that stand between two operands. Those of one line group to the left, comparisons not at all, ** to the right.
# fmt: off
SIGNS: dict[int, tuple[str, int]] = {
    codes.LESS:     ("<", COMPARED),   codes.LESS_EQUAL:    ("<=", COMPARED), codes.EQUAL:     ("==", COMPARED),
    codes.GREATER:  (">", COMPARED),   codes.GREATER_EQUAL: (">=", COMPARED), codes.NOT_EQUAL: ("!=", COMPARED),
    codes.ADD:      ("+", ADDED),      codes.SUBTRACT:      ("-", ADDED),
    codes.MULTIPLY: ("*", MULTIPLIED), codes.DIVIDE:        ("/", MULTIPLIED),
    codes.MODULO:   ("%", MULTIPLIED), codes.FLOOR_DIVIDE:  ("//", MULTIPLIED),
    codes.POWER:    ("**", RAISED),
}
# fmt: on
CODE_OF_SIGN: dict[str, int] = {sign: code for code, (sign, _) in SIGNS.items()}


def is_name(text: str) -> bool:
    """Tell whether something in Loops may be named so: words joined by dots, the first beginning with a letter or `_`.

    Example:
        >>> [is_name(text) for text in ("w1", "layers.0.w", "w[0]", "2x", "for")]
        [True, True, False, False, False]
    """
    return _NAME.fullmatch(text) is not None and text not in RESERVED


def number_text(x: float) -> str:
    """Write a float so that the same bits are read back; a whole number without its `.0`.

    Example:
        >>> [number_text(x) for x in (2.0, 0.1, -0.0, 1e22, float("inf"))]
        ['2', '0.1', '-0.0', '1e+22', 'inf']
    """
    text = printer.number_text(x)
    return text[:-2] if text.endswith(".0") and text != "-0.0" else text


def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return for each axis how far apart in the array neighbours along it stand.

    Example:
        >>> strides_of((5, 3, 2))
        (6, 2, 1)
    """
    strides = [1]
    for length in reversed(shape[1:]):
        strides.append(strides[-1] * length)
    return tuple(reversed(strides))


def place_text(array: Array, place: int) -> str:
    """Write an element of an array: `w[2, 0]`; by its number, `w[@6]`, where it is outside.

    Example:
        >>> from array import array
        >>> w = Array("w", Kind.LOCAL, (3, 3), array("i"), array("d"))
        >>> place_text(w, 6), place_text(w, 9)
        ('w[2, 0]', 'w[@9]')
    """
    if not 0 <= place < array.size:
        return f"{array.name}[{'@' * (len(array.shape) > 1)}{place}]"
    digits = [place // stride % length for stride, length in zip(strides_of(array.shape), array.shape, strict=True)]
    return f"{array.name}[{', '.join(map(str, digits))}]"


def usual_names(arrays: tuple[Array, ...]) -> tuple[str, ...]:
    """Return the names of the inputs by the arrays that they stand in: `w[0][1]`, or `x` in an array of one number.

    There are as many as the arrays need. One in between that no array holds is named `input 3`.
    """
    n_inputs = max((max(array.inputs, default=-1) for array in arrays), default=-1) + 1
    names = [""] * n_inputs
    for array in arrays:
        if array.kind is not Kind.INPUT:
            continue
        ends = [""] if array.shape == (1,) else _ends(array.shape)
        for place, end in zip(array.inputs, ends, strict=False):
            if 0 <= place < n_inputs and not names[place]:
                names[place] = array.name + end
    return tuple(name or f"input {place}" for place, name in enumerate(names))


def _ends(shape: tuple[int, ...]) -> list[str]:
    ends = [""]
    for length in shape:
        ends = [f"{end}[{i}]" for end in ends for i in range(length)]
    return ends
