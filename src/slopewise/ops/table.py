"""The closed set of operations, one row each: what it computes and what its local derivative is.

`value` computes on plain numbers. `derivative` takes the operands and then the result, and returns one local derivative
per operand; it is written once, as arithmetic on whatever it is given. What each operation does at its edges stands in
the column `edges`; where nothing is said, IEEE 754 decides.
"""

import math
from math import inf
from typing import Any

from slopewise.ops import numeric
from slopewise.ops.row import Interval, Operation

_LN2 = math.log(2.0)
_LN10 = math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)

_REAL: Interval = (-inf, inf)
_POSITIVE: Interval = (0.0, inf)

TABLE: list[Operation] = []

# Used in derivatives above the row that defines them.
where: Operation
cos: Operation
cosh: Operation
hypot: Operation


def _row(*columns, **more) -> Operation:  # type: ignore[no-untyped-def]
    row = Operation(*columns, **more)
    TABLE.append(row)
    return row


# Helpers of the derivatives that need a choice. They select, so that a symbolic operand can be given as well.
def _sign(x: Any) -> Any:
    return where(x > 0, 1, where(x < 0, -1, where(x == 0, 0, numeric.nan)))


def _over(x: Any) -> Any:
    """1/x on the right of 0, inf at 0, nan on the left: the slope of a logarithm."""
    if (type(x) is float or type(x) is int) and x > 0:
        return 1.0 / x
    if hasattr(type(x), "__slopewise_apply__"):  # a symbol: it divides by 0 as IEEE 754 has it, and -0.0 + 0.0 is 0.0
        return 1.0 / (x + where(x < 0, numeric.nan, 0.0))
    return where(x < 0, numeric.nan, power(abs(x), -1))


def _chosen_first(x: Any, y: Any, z: Any) -> Any:
    first = (x == z) + (x != x) > 0
    return where(first, 1, 0), where(first, 0, 1)


def _power_by_number(x: Any, k: Any, z: Any) -> Any:
    return (k * power(x, k - 1) if k != 0 else 0 * x), 0


def _power_by_value(x: Any, y: Any, z: Any) -> Any:
    by_base = where((y == 0) * ((x == 0) + (x != x)), 0.0, y * power(x, y - 1))
    by_exponent = where((x == 0) * (y > 0), 0.0, z * log(x))
    return by_base, by_exponent


def _hypot_derivative(x: Any, y: Any, z: Any) -> Any:
    safe = where(z == 0, 1.0, z)
    return x / safe, y / safe


def _atan2_derivative(y: Any, x: Any, z: Any) -> Any:
    over = power(hypot(x, y), -1)
    return x * over * over, -y * over * over


def _gelu_derivative(x: Any, z: Any) -> Any:
    density = numeric.INVERSE_SQRT_2PI * exp(-0.5 * x * x)
    near = abs(x) < 1  # further out 1 + erf cancels on the left, but z is x times the distribution function
    cdf = where(near, 0.5 + 0.5 * erf(x * numeric.SQRT_HALF), z * power(where(near, 1.0, x), -1))
    return (where(abs(x) == inf, where(x > 0, 1.0, 0.0), cdf + x * density),)


def _silu_derivative(x: Any, z: Any) -> Any:
    s = sigmoid(x)
    return (where(abs(x) == inf, where(x > 0, 1.0, 0.0), s + x * s * (1 - s)),)


# fmt: off
leaf      = _row("leaf", "", 0, lambda: 0, lambda z: (), (), "")
add       = _row("add", "+", 2, lambda x, y: x + y, lambda x, y, z: (1, 1), (_REAL, _REAL), "{0} + {1}")
multiply  = _row("multiply", "*", 2, lambda x, y: x * y, lambda x, y, z: (y, x), (_REAL, _REAL), r"{0} \cdot {1}")
power     = _row("power", "**", 2, numeric.power, _power_by_number, (_POSITIVE, _REAL), "{0}^{{{1}}}",
                 edges="0 ** -1 is inf, (-8.0) ** 0.5 is nan; the exponent is a number; the slope of x ** 0 is 0")
power_value = _row("power_value", "**", 2, numeric.power, _power_by_value, (_POSITIVE, _REAL), "{0}^{{{1}}}",
                 edges="as power; the derivative by the exponent is nan for a negative base, 0 for the base 0 and a positive exponent")
modulo    = _row("modulo", "%", 2, numeric.modulo, lambda x, y, z: (1, (z - x) * power(y, -1)), (_REAL, _POSITIVE), r"{0} \bmod {1}",
                 edges="the sign of y, as in Python; x % 0 is nan; at a jump the slope is the one from the right")
absolute  = _row("absolute", "abs", 1, abs, lambda x, z: (_sign(x),), (_REAL,), r"\left|{0}\right|", kinks=(0.0,), selects=True,
                 edges="slope 0 at 0")
relu      = _row("relu", "ReLU", 1, numeric.relu, lambda x, z: (where(z > 0, 1, 0),), (_REAL,), r"\operatorname{{relu}}({0})", kinks=(0.0,), selects=True,
                 edges="slope 0 at 0; nan and -0.0 pass; a negative becomes the int 0")
tanh      = _row("tanh", "tanh", 1, numeric.tanh, lambda x, z: (1 - z * z,), (_REAL,), r"\tanh({0})",
                 edges="±1 at ±inf, never overflows")
exp       = _row("exp", "exp", 1, numeric.exp, lambda x, z: (z,), ((-700.0, 700.0),), "e^{{{0}}}", edges="inf past 709.78, 0 at -inf")
exp2      = _row("exp2", "exp2", 1, numeric.exp2, lambda x, z: (z * _LN2,), ((-1000.0, 1000.0),), "2^{{{0}}}", edges="inf from 1024 on, 0 at -inf")
expm1     = _row("expm1", "expm1", 1, numeric.expm1, lambda x, z: (exp(x),), ((-700.0, 700.0),), "e^{{{0}}} - 1", edges="-1 at -inf")
log       = _row("log", "log", 1, numeric.log, lambda x, z: (_over(x),), (_POSITIVE,), r"\ln {0}",
                 edges="-inf at 0 with slope inf, nan below")
log2      = _row("log2", "log2", 1, numeric.log2, lambda x, z: (_over(x) / _LN2,), (_POSITIVE,), r"\log_2 {0}", edges="as log")
log10     = _row("log10", "log10", 1, numeric.log10, lambda x, z: (_over(x) / _LN10,), (_POSITIVE,), r"\log_{{10}} {0}", edges="as log")
log1p     = _row("log1p", "log1p", 1, numeric.log1p, lambda x, z: (_over(1.0 + x),), ((-1.0, inf),), r"\ln(1 + {0})", edges="-inf at -1, nan below")
sqrt      = _row("sqrt", "sqrt", 1, numeric.sqrt, lambda x, z: (power(2 * abs(z), -1),), (_POSITIVE,), r"\sqrt{{{0}}}", edges="slope inf at 0, nan below")
square    = _row("square", "square", 1, numeric.square, lambda x, z: (2 * x,), (_REAL,), "{0}^2")
sin       = _row("sin", "sin", 1, numeric.sin, lambda x, z: (cos(x),), (_REAL,), r"\sin {0}", edges="nan at ±inf")
cos       = _row("cos", "cos", 1, numeric.cos, lambda x, z: (-sin(x),), (_REAL,), r"\cos {0}", edges="nan at ±inf")
tan       = _row("tan", "tan", 1, numeric.tan, lambda x, z: (1 + z * z,), ((-1.5, 1.5),), r"\tan {0}", edges="nan at ±inf")
asin      = _row("asin", "asin", 1, numeric.asin, lambda x, z: (power(sqrt((1 - x) * (1 + x)), -1),), ((-1.0, 1.0),), r"\arcsin {0}", edges="slope inf at ±1, nan beyond")
acos      = _row("acos", "acos", 1, numeric.acos, lambda x, z: (-power(sqrt((1 - x) * (1 + x)), -1),), ((-1.0, 1.0),), r"\arccos {0}", edges="slope -inf at ±1, nan beyond")
atan      = _row("atan", "atan", 1, math.atan, lambda x, z: (power(1 + x * x, -1),), (_REAL,), r"\arctan {0}", edges="±π/2 at ±inf")
atan2     = _row("atan2", "atan2", 2, math.atan2, _atan2_derivative, (_POSITIVE, _POSITIVE), r"\operatorname{{atan2}}({0}, {1})",
                 edges="operands y, x; at the origin the value is C's (0 or ±π) and the derivative nan")
sinh      = _row("sinh", "sinh", 1, numeric.sinh, lambda x, z: (cosh(x),), ((-700.0, 700.0),), r"\sinh {0}", edges="±inf past 710.47")
cosh      = _row("cosh", "cosh", 1, numeric.cosh, lambda x, z: (sinh(x),), ((-700.0, 700.0),), r"\cosh {0}", edges="inf past ±710.47")
asinh     = _row("asinh", "asinh", 1, math.asinh, lambda x, z: (power(hypot(x, 1.0), -1),), (_REAL,), r"\operatorname{{arsinh}} {0}")
acosh     = _row("acosh", "acosh", 1, numeric.acosh, lambda x, z: (power(sqrt(x - 1) * sqrt(x + 1), -1),), ((1.0, inf),), r"\operatorname{{arcosh}} {0}", edges="slope inf at 1, nan below")
atanh     = _row("atanh", "atanh", 1, numeric.atanh, lambda x, z: (_over((1 - x) * (1 + x)),), ((-1.0, 1.0),), r"\operatorname{{artanh}} {0}", edges="±inf at ±1, nan beyond")
sigmoid   = _row("sigmoid", "sigmoid", 1, numeric.sigmoid, lambda x, z: (z * (1 - z),), (_REAL,), r"\sigma({0})", edges="0 at -inf, 1 at inf")
softplus  = _row("softplus", "softplus", 1, numeric.softplus, lambda x, z: (sigmoid(x),), (_REAL,), r"\ln(1 + e^{{{0}}})", edges="0 at -inf")
leaky_relu = _row("leaky_relu", "leaky_relu", 2, numeric.leaky_relu, lambda x, a, z: (where(x > 0, 1, where(x <= 0, a, numeric.nan)), where(x < 0, x, 0)), (_REAL, _REAL),
                  r"\operatorname{{leaky\_relu}}({0}; {1})", kinks=(0.0,), selects=True, defaults=(0.01,), parameters=("slope",), edges="the slope of the negative side at 0")
elu       = _row("elu", "elu", 2, numeric.elu, lambda x, a, z: (where(x > 0, 1, z + a), where(x < 0, expm1(x), 0)), (_REAL, _REAL),
                 r"\operatorname{{elu}}({0}; {1})", kinks=(0.0,), selects=True, defaults=(1.0,), parameters=("alpha",), edges="slope alpha at 0; -alpha at -inf")
gelu      = _row("gelu", "gelu", 1, numeric.gelu, _gelu_derivative, (_REAL,), r"{0} \cdot \Phi({0})", edges="exact, by erf; 0 at -inf")
silu      = _row("silu", "silu", 1, numeric.silu, _silu_derivative, (_REAL,), r"{0} \cdot \sigma({0})", edges="0 at -inf")
erf       = _row("erf", "erf", 1, math.erf, lambda x, z: (_TWO_OVER_SQRT_PI * exp(-x * x),), (_REAL,), r"\operatorname{{erf}}({0})")
maximum   = _row("maximum", "max", 2, numeric.maximum, _chosen_first, (_REAL, _REAL), r"\max({0}, {1})", kinks=(0.0,), selects=True,
                 edges="ties go to the first operand; a nan wins")
minimum   = _row("minimum", "min", 2, numeric.minimum, _chosen_first, (_REAL, _REAL), r"\min({0}, {1})", kinks=(0.0,), selects=True,
                 edges="ties go to the first operand; a nan wins")
where     = _row("where", "where", 3, numeric.where, lambda c, x, y, z: (0, where(c, 1, 0), where(c, 0, 1)), (_REAL, _REAL, _REAL),
                 r"\begin{{cases}}{1} & {0}\\{2} & \text{{else}}\end{{cases}}", selects=True,
                 edges="the operand not chosen gets 0, even against an infinite gradient")
hypot     = _row("hypot", "hypot", 2, numeric.hypot, _hypot_derivative, (_POSITIVE, _POSITIVE), r"\sqrt{{{0}^2 + {1}^2}}",
                 edges="no overflow in between; slopes 0 at the origin")
# fmt: on

BY_NAME: dict[str, Operation] = {row.name: row for row in TABLE}
CODE: dict[str, int] = {row.name: code for code, row in enumerate(TABLE)}
