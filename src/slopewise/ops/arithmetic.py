"""What plain numbers do and Values do not: rows of the same form as the table's, for the compiler's programs.

An eager `a - b` is `a + b * -1`, with those very nodes. A program also holds what happens to plain numbers on the way
(`v.data - 1`, `v.data < 0`, `math.floor(v.data)`), and what passes make of the nodes. These rows are no operations
that a user applies by name. They compute on floats and answer with floats; no operand makes them raise.
"""

import math
from typing import Any

from slopewise.ops.row import Interval, Operation

_REAL: Interval = (-math.inf, math.inf)
_POSITIVE: Interval = (0.0, math.inf)

ARITHMETIC: list[Operation] = []


def _row(*columns, **more) -> Operation:  # type: ignore[no-untyped-def]
    row = Operation(*columns, **more)
    ARITHMETIC.append(row)
    return row


def true_quotient(x: float, y: float) -> float:
    """Return `x / y` by IEEE 754: a number over 0 is ±inf by the two signs, 0/0 and inf/inf are nan."""
    if y == 0:
        return math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)
    return float(x) / y


def floor_quotient(x: float, y: float) -> float:
    """Return `x // y` as Python has it for floats; over 0 it is what `x / y` is."""
    return true_quotient(x, y) if y == 0 else float(x) // y


def floor_of(x: float) -> float:
    """Return the greatest integer that is not above x, never -0.0; a nan and an infinity pass."""
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil_of(x: float) -> float:
    """Return the least integer that is not below x, never -0.0; a nan and an infinity pass."""
    return float(math.ceil(x)) if math.isfinite(x) else x


def truncated(x: float) -> float:
    """Return x without what stands behind its point, never -0.0; a nan and an infinity pass."""
    return float(math.trunc(x)) if math.isfinite(x) else x


def rounded(x: float) -> float:
    """Return the integer nearest to x, the even one of two, never -0.0; a nan and an infinity pass."""
    return float(round(x)) if math.isfinite(x) else x


def _divide_derivative(x: Any, y: Any, z: Any) -> Any:
    over = divide(1.0, y)
    return over, -(z * over)


_AS_INTEGER = "an integer has no -0.0; nan and ±inf pass; slope 0"
_COMPARED = "1 when it holds, else 0; a nan is {} anything; slope 0"

# fmt: off
subtract      = _row("subtract", "-", 2, lambda x, y: x - y, lambda x, y, z: (1, -1), (_REAL, _REAL), "{0} - {1}")
negate        = _row("negate", "-", 1, lambda x: -x, lambda x, z: (-1,), (_REAL,), "-{0}", edges="0 becomes -0.0")
divide        = _row("divide", "/", 2, true_quotient, _divide_derivative, (_REAL, _POSITIVE), r"\frac{{{0}}}{{{1}}}", edges="IEEE 754: x / 0 is ±inf, 0 / 0 nan")
floor_divide  = _row("floor_divide", "//", 2, floor_quotient, lambda x, y, z: (0, 0), (_REAL, _POSITIVE), r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", selects=True,
                     edges="as Python's; x // 0 is x / 0; slope 0")
floor         = _row("floor", "floor", 1, floor_of, lambda x, z: (0,), (_REAL,), r"\lfloor {0} \rfloor", selects=True, edges=_AS_INTEGER)
ceil          = _row("ceil", "ceil", 1, ceil_of, lambda x, z: (0,), (_REAL,), r"\lceil {0} \rceil", selects=True, edges=_AS_INTEGER)
truncate      = _row("truncate", "trunc", 1, truncated, lambda x, z: (0,), (_REAL,), r"\operatorname{{trunc}}({0})", selects=True, edges=_AS_INTEGER)
round_to_even = _row("round", "round", 1, rounded, lambda x, z: (0,), (_REAL,), r"\operatorname{{round}}({0})", selects=True,
                     edges=f"half to even; {_AS_INTEGER}")
less          = _row("less", "<", 2, lambda x, y: 1.0 if x < y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), "[{0} < {1}]", selects=True, edges=_COMPARED.format("not below"))
less_equal    = _row("less_equal", "<=", 2, lambda x, y: 1.0 if x <= y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), r"[{0} \le {1}]", selects=True, edges=_COMPARED.format("not below"))
greater       = _row("greater", ">", 2, lambda x, y: 1.0 if x > y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), "[{0} > {1}]", selects=True, edges=_COMPARED.format("not above"))
greater_equal = _row("greater_equal", ">=", 2, lambda x, y: 1.0 if x >= y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), r"[{0} \ge {1}]", selects=True, edges=_COMPARED.format("not above"))
equal         = _row("equal", "==", 2, lambda x, y: 1.0 if x == y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), "[{0} = {1}]", selects=True, edges=_COMPARED.format("not equal to"))
not_equal     = _row("not_equal", "!=", 2, lambda x, y: 1.0 if x != y else 0.0, lambda x, y, z: (0, 0), (_REAL, _REAL), r"[{0} \ne {1}]", selects=True, edges=_COMPARED.format("unequal to"))
detach        = _row("detach", "detach", 1, lambda x: x, lambda x, z: (0,), (_REAL,), r"\operatorname{{detach}}({0})", selects=True, edges="the number itself; slope 0: the gradient ends here")
attach        = _row("attach", "attach", 3, lambda z, x, p: z, lambda z, x, p, result: (1, p, 0), (_REAL, _REAL, _REAL), r"\operatorname{{attach}}({0}; {1}, {2})",
                     edges="z itself; slope 1 by z, p by x, none by p: how a derivative of the user's own comes in")
# fmt: on
