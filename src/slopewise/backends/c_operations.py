"""What each operation of a Program is in C99, with the semantics of its row to the last bit."""

from collections.abc import Collection, Iterator
from math import inf

from slopewise.ir.operations import NAMES

# {0}, {1}, {2} are the operands, each a name, an element or a parenthesised number; @ begins a function written below.
# fmt: off
EXPRESSIONS: dict[str, str] = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}", "negate": "-{0}",
    "square": "{0} * {0}", "absolute": "fabs({0})",
    "less": "({0} < {1}) ? 1.0 : 0.0", "less_equal": "({0} <= {1}) ? 1.0 : 0.0",
    "greater": "({0} > {1}) ? 1.0 : 0.0", "greater_equal": "({0} >= {1}) ? 1.0 : 0.0",
    "equal": "({0} == {1}) ? 1.0 : 0.0", "not_equal": "({0} != {1}) ? 1.0 : 0.0",
    "where": "({0} != 0.0) ? {1} : {2}", "relu": "({0} < 0.0) ? 0.0 : {0}",
    "maximum": "({0} >= {1} || isnan({0})) ? {0} : {1}", "minimum": "({0} <= {1} || isnan({0})) ? {0} : {1}",
    "detach": "{0}", "attach": "{0}",
    # Adding 0.0 turns -0.0 into 0.0, and leaves everything else.
    "floor": "floor({0}) + 0.0", "ceil": "ceil({0}) + 0.0", "truncate": "trunc({0}) + 0.0", "round": "rint({0}) + 0.0",
    "power": "@power({0}, {1})", "power_value": "@power({0}, {1})",
    "modulo": "@modulo({0}, {1})", "floor_divide": "@floor_divide({0}, {1})",
    "tanh": "@tanh({0})", "sigmoid": "@sigmoid({0})", "softplus": "@softplus({0})", "gelu": "@gelu({0})",
    "silu": "@silu({0})", "leaky_relu": "@leaky_relu({0}, {1})", "elu": "@elu({0}, {1})",
    **{name: f"{name}({{0}})" for name in (
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
        "sinh", "cosh", "asinh", "acosh", "atanh", "erf")},
    "atan2": "atan2({0}, {1})", "hypot": "hypot({0}, {1})",
}
# fmt: on

FUNCTIONS: dict[str, str] = {
    "power": """\
/* The exponent is hidden from the compiler, which would write x * x for pow(x, 2), at times a bit off. */
static double @power(double x, double y) {
    volatile double exponent = y;
    return pow(x, exponent);
}
""",
    "modulo": """\
/* The remainder with the sign of y, also when it is 0; nan when y is 0 or x is infinite. */
static double @modulo(double x, double y) {
    const double rest = fmod(x, y);
    if (rest == 0.0) return copysign(0.0, y);
    return ((y < 0.0) != (rest < 0.0)) ? rest + y : rest;
}
""",
    "floor_divide": """\
/* The greatest integer not above x / y; over 0 it is x / 0. */
static double @floor_divide(double x, double y) {
    double rest, whole, down;
    if (y == 0.0) return x / y;
    rest = fmod(x, y);
    whole = (x - rest) / y;
    if (rest != 0.0 && (y < 0.0) != (rest < 0.0)) whole = whole - 1.0;
    if (whole == 0.0) return copysign(0.0, x / y);
    down = floor(whole);
    return (whole - down > 0.5) ? down + 1.0 : down;
}
""",
    "tanh": """\
/* From e**2|x| - 1: accurate near 0, never overflows. */
static double @tanh(double x) {
    double e;
    if (fabs(x) > 20.0) return copysign(1.0, x);
    e = expm1(2.0 * fabs(x));
    return copysign(e / (e + 2.0), x);
}
""",
    "sigmoid": """\
/* 1 / (1 + e**-x), without overflow on either side. */
static double @sigmoid(double x) {
    double e;
    if (x >= 0.0) return 1.0 / (1.0 + exp(-x));
    e = exp(x);
    return e / (1.0 + e);
}
""",
    "softplus": """\
/* log(1 + e**x), without overflow. */
static double @softplus(double x) {
    return (x > 0.0) ? x + log1p(exp(-x)) : log1p(exp(x));
}
""",
    "gelu": """\
/* x times the normal distribution function of x; 0 at -inf, the limit. */
static double @gelu(double x) {
    return (x == -INFINITY) ? -0.0 : x * (0.5 * erfc(-x * 0x1.6a09e667f3bcdp-1));
}
""",
    "silu": """\
/* x times the sigmoid of x; 0 at -inf, the limit. */
static double @silu(double x) {
    return (x == -INFINITY) ? -0.0 : x * @sigmoid(x);
}
""",
    "leaky_relu": """\
static double @leaky_relu(double x, double slope) {
    return (x < 0.0) ? slope * x : x;
}
""",
    "elu": """\
static double @elu(double x, double alpha) {
    return (x < 0.0) ? alpha * expm1(x) : x;
}
""",
}


def expression(code: int, prefix: str, *operands: str) -> str:
    """Return the C expression of an operation, with what calls a function of ours under a prefix.

    Example:
        >>> from slopewise.ir import code_of
        >>> expression(code_of("maximum"), "f_", "v1", "x[0]")
        '(v1 >= x[0] || isnan(v1)) ? v1 : x[0]'
    """
    return EXPRESSIONS[NAMES[code]].format(*operands).replace("@", prefix)


def functions(codes: Collection[int], prefix: str) -> Iterator[str]:
    """Yield the C functions that these operations call, each before what calls it."""
    names = {NAMES[code] for code in codes}
    if "silu" in names:
        names.add("sigmoid")
    if "power_value" in names:
        names.add("power")
    for name, text in FUNCTIONS.items():
        if name in names:
            yield text.replace("@", prefix)


def number(x: float) -> str:
    """Return a constant in C, every bit of it: a hexadecimal float, or a short decimal that is the same.

    Example:
        >>> number(0.1), number(-3.0), number(float("-inf"))
        ('0x1.999999999999ap-4', '(-3.0)', '(-INFINITY)')
    """
    if x != x:
        return "NAN"
    if x in (inf, -inf):
        return "INFINITY" if x > 0 else "(-INFINITY)"
    text = repr(x) if x.is_integer() and abs(x) < 1e6 else x.hex()
    return f"({text})" if text.startswith("-") else text
