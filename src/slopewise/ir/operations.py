"""The operations of a program and their codes.

A code is one byte. Those below 63 are the codes of the table (`slopewise.ops.CODE`), 63 is a constant, and from 64 on
come the rows of `slopewise.ops.arithmetic`. Code 0, the leaf of a graph, is an input here. The numbers never change:
saved programs hold them.

The compiled modules read the same numbers from `operations.pxd`; a test compares the two.
"""

from slopewise.ops import CODE, TABLE, Operation
from slopewise.ops.arithmetic import ARITHMETIC

INPUT = 0
CONSTANT = 63
FIRST_ARITHMETIC = 64

# The row of each code; None for an input, for a constant and for a code that nothing has.
ROWS: tuple[Operation | None, ...] = (
    None,
    *TABLE[1:],
    *[None] * (FIRST_ARITHMETIC - len(TABLE)),
    *ARITHMETIC,
)
NAMES: tuple[str, ...] = tuple(
    {INPUT: "input", CONSTANT: "constant"}.get(code, row.name if row is not None else "")
    for code, row in enumerate(ROWS)
)
CODES: dict[str, int] = {name: code for code, name in enumerate(NAMES) if name}

# How many operands an operation takes, by its code; UNKNOWN where a code means nothing.
UNKNOWN = 255
ARITY = bytes(
    row.arity if row is not None else 0 if code in (INPUT, CONSTANT) else UNKNOWN for code, row in enumerate(ROWS)
) + bytes([UNKNOWN]) * (256 - len(ROWS))

# fmt: off
ADD           = CODE["add"]
MULTIPLY      = CODE["multiply"]
POWER         = CODE["power"]
POWER_VALUE   = CODE["power_value"]
MODULO        = CODE["modulo"]
ABSOLUTE      = CODE["absolute"]
RELU          = CODE["relu"]
TANH          = CODE["tanh"]
EXP           = CODE["exp"]
EXP2          = CODE["exp2"]
EXPM1         = CODE["expm1"]
LOG           = CODE["log"]
LOG2          = CODE["log2"]
LOG10         = CODE["log10"]
LOG1P         = CODE["log1p"]
SQRT          = CODE["sqrt"]
SQUARE        = CODE["square"]
SIN           = CODE["sin"]
COS           = CODE["cos"]
TAN           = CODE["tan"]
ASIN          = CODE["asin"]
ACOS          = CODE["acos"]
ATAN          = CODE["atan"]
ATAN2         = CODE["atan2"]
SINH          = CODE["sinh"]
COSH          = CODE["cosh"]
ASINH         = CODE["asinh"]
ACOSH         = CODE["acosh"]
ATANH         = CODE["atanh"]
SIGMOID       = CODE["sigmoid"]
SOFTPLUS      = CODE["softplus"]
LEAKY_RELU    = CODE["leaky_relu"]
ELU           = CODE["elu"]
GELU          = CODE["gelu"]
SILU          = CODE["silu"]
ERF           = CODE["erf"]
MAXIMUM       = CODE["maximum"]
MINIMUM       = CODE["minimum"]
WHERE         = CODE["where"]
HYPOT         = CODE["hypot"]
SUBTRACT      = CODES["subtract"]
NEGATE        = CODES["negate"]
DIVIDE        = CODES["divide"]
FLOOR_DIVIDE  = CODES["floor_divide"]
FLOOR         = CODES["floor"]
CEIL          = CODES["ceil"]
TRUNCATE      = CODES["truncate"]
ROUND         = CODES["round"]
LESS          = CODES["less"]
LESS_EQUAL    = CODES["less_equal"]
GREATER       = CODES["greater"]
GREATER_EQUAL = CODES["greater_equal"]
EQUAL         = CODES["equal"]
NOT_EQUAL     = CODES["not_equal"]
DETACH        = CODES["detach"]
ATTACH        = CODES["attach"]
# fmt: on


def code_of(name: str) -> int:
    """Return the code of an operation, of `"input"` or of `"constant"`.

    Raises:
        KeyError: No operation has that name.

    Example:
        >>> code_of("multiply"), code_of("constant"), code_of("subtract")
        (2, 63, 64)
    """
    return CODES[name]


def name_of(code: int) -> str:
    """Return the name of a code, empty when it means nothing.

    Example:
        >>> name_of(2), name_of(63), name_of(62)
        ('multiply', 'constant', '')
    """
    return NAMES[code] if 0 <= code < len(NAMES) else ""


def row_of(code: int) -> Operation:
    """Return the row of an operation: its value and its derivative.

    Raises:
        KeyError: The code is that of an input, of a constant, or of nothing.

    Example:
        >>> row_of(code_of("sigmoid")).value(0.0)
        0.5
    """
    row = ROWS[code] if 0 <= code < len(ROWS) else None
    if row is None:
        raise KeyError(code)
    return row


def arity_of(code: int) -> int:
    """Return how many operands an operation takes; an input and a constant take none.

    Raises:
        KeyError: The code means nothing.

    Example:
        >>> arity_of(code_of("where")), arity_of(code_of("input"))
        (3, 0)
    """
    arity = ARITY[code] if 0 <= code < len(ARITY) else UNKNOWN
    if arity == UNKNOWN:
        raise KeyError(code)
    return arity
