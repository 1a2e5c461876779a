"""What cannot be done with traced numbers, by numpy or by `float()`: what happened, at which line, and the cure."""

import math
import re

from slopewise.engine import modes
from slopewise.engine.modes import Source
from slopewise.errors import SlopewiseError, TraceError

_ELEMENTWISE = (
    "numpy's own functions work on floats, apart from those that `sw` has too: "
    "apply a function of sw or of math to each"
)
_CURES = {
    "logaddexp": "sw.logsumexp([x, y]) is the same",
    "isnan": "ask each number: x != x where it is a nan",
    "isinf": "ask each number: abs(x) == math.inf",
    "isfinite": "ask each number: abs(x) < math.inf",
    "copysign": "math.copysign(x, y) of each is recorded",
    "float_power": "write x**y",
    "heaviside": "sw.where(x < 0, 0.0, 1.0) of each is a step",
    "divmod": "write x // y and x % y",
    "modf": "math.modf(x) of each is recorded",
    "gammaln": "sw.lgamma(x) is the same",
    "gamma": "sw.gamma(x) is the same",
    "psi": "sw.digamma(x) is the same",
    "expit": "sw.sigmoid(x) is the same",
    "erfc": "sw.erfc(x) is the same",
    "erf": "sw.erf(x) is the same",
}
_ALGEBRA = "write the steps out as loops over the numbers, as in docs/tracing.md: they are recorded once"
_FILLED = "an array to be filled with traced numbers holds objects: np.zeros(3, dtype=object); or write z = z + x"

_SCIPY = (
    "SciPy's functions work on floats: write the steps out as loops over the numbers, as in docs/tracing.md; "
    "sw.minimize and sw.least_squares search and fit"
)
_FLOAT = "leave float() away: the traced number does what a float does"
_DTYPE = "leave astype(float) and dtype=float away: an array of traced numbers holds objects"
_BY_NAME = (
    "a function of the math module is recorded when it is called as math.exp(x), not by a name of its own "
    "(from math import exp)"
)
_OF_MATH = "|".join(
    name for name in dir(math) if callable(getattr(math, name)) and name not in ("floor", "ceil", "pow")
)
_ASKS_FOR_FLOATS = (  # searched for seldom: compiled when they are
    (r"\bfloat\(", _FLOAT),
    (r"\bastype\(|\bdtype=", _DTYPE),
    (rf"(?<![\w.])(?:{_OF_MATH})\(", _BY_NAME),
    (r"\]\s*(?:[-+*/%]|\*\*|//)?=(?!=)", _FILLED),
)

_CALLS_A_LIBRARY = (
    (r"\bscipy\b|\b(?:integrate|interpolate|optimize|signal|special|stats)\.\w+\(", _SCIPY),
    (r"\b(?:np|numpy)\.arange\(", "np.arange asks for floats: np.arange(int(n)) takes the whole number of this call"),
    (r"\b(?:np|numpy)\.", _ELEMENTWISE),
)

_UFUNC = re.compile(r"ufunc '(\w+)' not supported for the input types")
_INPUT = re.compile(r"Cannot cast ufunc '(\w+)' input( \d+)? from dtype\('O'\)")
_OUTPUT = re.compile(r"Cannot cast ufunc '(\w+)' output from dtype\('O'\)")
_METHOD = re.compile(r"loop of ufunc does not support argument \d+ of type \S+ which has no callable (\w+) method")


def retell(error: Exception) -> None:
    """Raise a `TraceError` in place of an error of numpy's that says nothing of traced numbers; else do nothing."""
    told = None if isinstance(error, SlopewiseError) else _told(str(error))
    if told is not None:
        raise TraceError(f"{told[0]}\nat {_line(error)}\n{told[1]}") from error


def cure_of_float(line: str) -> str:
    """Return what to write where a traced number was asked for its float.

    Args:
        line: The user's line; where it does not show what asked, all that may help is said.
    """
    found = [cure for pattern, cure in _ASKS_FOR_FLOATS if re.search(pattern, line)]
    found = found or [cure for pattern, cure in _CALLS_A_LIBRARY if re.search(pattern, line)][:1]
    return "; ".join(found or (cure for _, cure in _ASKS_FOR_FLOATS))


def _told(message: str) -> tuple[str, str] | None:
    for pattern in (_UFUNC, _METHOD):
        if found := pattern.search(message):
            return f"{found[1]}() of traced numbers is not recorded", _CURES.get(found[1], _ELEMENTWISE)
    if found := _INPUT.search(message):
        name = found[1].rstrip("1").removesuffix("_lo").removesuffix("_up")
        return f"{name}() of numpy.linalg takes floats, and traced numbers are none", _ALGEBRA
    if found := _OUTPUT.search(message):
        return f"an array of floats cannot take the traced numbers that {found[1]}() gives", _FILLED
    if "Cannot cast array data from dtype('O')" in message:
        return "a function of numpy's takes floats, and traced numbers are none", _ELEMENTWISE
    return None


def _line(error: Exception) -> Source | None:
    """Return the innermost line that an error passed on its way and that is the user's."""
    found, at = None, error.__traceback__
    while at is not None:
        if modes.is_users(at.tb_frame):
            found = Source(at.tb_frame.f_code.co_filename, at.tb_lineno, at.tb_frame.f_code.co_name)
        at = at.tb_next
    return found
