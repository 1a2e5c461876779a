"""The math module, and `max` and `min`, on traced numbers.

`math.exp(x)` would ask a traced number for a float, and freeze it. So while a function is traced, the functions of the
`math` module, `max` and `min` are replaced by ones that look at their arguments first: traced numbers of this thread
are recorded, anything else goes to the original. A function that was imported by name beforehand (`from math import
exp`) is out of reach; `float()` then says so.
"""

import builtins
import functools
import math
import threading
from collections.abc import Callable
from typing import Any

from slopewise.engine import modes
from slopewise.engine.value import Value, current_recorder
from slopewise.errors import TraceError
from slopewise.ops import BY_NAME, special
from slopewise.tracer.numbers import Number, is_plain

_lock = threading.Lock()
_listening = 0
_originals: list[tuple[Any, str, Any]] = []
_made: dict[str, tuple[Any, Callable[..., Any]]] = {}  # replacements by name, each with what it replaces


def listen() -> None:
    """Put the replacements in place, until `forget` has been called as often."""
    global _listening
    with _lock:
        _listening += 1
        if _listening == 1:
            for name in _TRACED:
                if hasattr(math, name):
                    _replace(math, name, _in_math)
            for name in ("max", "min"):
                _replace(builtins, name, _extreme)


def forget() -> None:
    """Take the replacements away."""
    global _listening
    with _lock:
        _listening -= 1
        if _listening == 0:
            while _originals:
                home, name, original = _originals.pop()
                setattr(home, name, original)


def _replace(home: Any, name: str, replacement: Callable[[str, Any], Callable[..., Any]]) -> None:
    """Put a function's replacement in its place; it is made once, as long as the same function stands there."""
    original = getattr(home, name)
    known = _made.get(name)
    if known is None or known[0] is not original:
        known = _made[name] = original, replacement(name, original)
    _originals.append((home, name, original))
    setattr(home, name, known[1])


def _number(x: Any) -> Any:
    """Return what the math module would see: the traced number of a Value."""
    return x.data if isinstance(x, Value) else x


def _in_math(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    traced = _TRACED[name]

    @functools.wraps(original)
    def function(*arguments: Any, **named: Any) -> Any:
        recorder = current_recorder()
        if recorder is None or not any(_is_traced(x) for x in arguments):
            return original(*arguments, **named)
        if name in _ARITHMETIC or (name in _SMOOTH and recorder.smooth):  # on whatever they are given
            return traced(*arguments, **named)
        return traced(*[_numbers(x) for x in arguments], **named)

    return function


def _is_traced(x: Any) -> bool:
    return isinstance(x, (Number, Value)) or (
        isinstance(x, (list, tuple)) and any(isinstance(y, (Number, Value)) for y in x)
    )


def _numbers(x: Any) -> Any:
    return [_number(y) for y in x] if isinstance(x, (list, tuple)) else _number(x)


def _extreme(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    where = BY_NAME["where"]

    @functools.wraps(original)
    def function(*arguments: Any, **named: Any) -> Any:
        recorder = current_recorder()
        if recorder is None:
            return original(*arguments, **named)
        is_one = len(arguments) == 1 and hasattr(arguments[0], "__iter__")
        items = list(arguments[0]) if is_one else list(arguments)
        values = any(isinstance(x, Value) for x in items)
        numbers = any(type(x) is Number for x in items)
        plainly = all(isinstance(x, Value) or type(x) is Number or is_plain(x) for x in items)
        # In exact mode a Value is chosen by asking, as eagerly: the graph then holds the chosen one alone.
        if named.get("key") is not None or not plainly or not (values or numbers) or (values and recorder.exact):
            return original(items, **named) if is_one else original(*arguments, **named)
        best = items[0]
        for x in items[1:]:  # as Python goes: the next takes the place if it is truly beyond, so a nan never does
            best = where(x > best if name == "max" else x < best, x, best)
        return best

    return function


def _refused(name: str) -> Callable[..., Any]:
    def traced(*arguments: Any, **named: Any) -> Any:
        raise TraceError(
            f"math.{name}() of a traced number cannot be recorded\nat {modes.source_line()}\n"
            f"write it with other functions, or give the number as an argument of the compiled function"
        )

    return traced


def _row(name: str) -> Callable[..., Any]:
    return BY_NAME[name]


def _log(x: Any, base: Any = None) -> Any:
    return BY_NAME["log"](x) if base is None else BY_NAME["log"](x) / BY_NAME["log"](base)


def _hypot(*xs: Any) -> Any:
    if len(xs) == 2:
        return BY_NAME["hypot"](*xs)
    total: Any = 0.0
    for x in xs:
        total = BY_NAME["hypot"](total, x)
    return total


def _is_finite(x: Any) -> Any:
    return abs(x) < math.inf


def _fmod(x: Any, y: Any) -> Any:
    rest = abs(x) % abs(y)
    return BY_NAME["where"](x < 0, -rest, rest)


def _product(numbers: Any, *, start: Any = 1) -> Any:
    total = start
    for x in numbers:
        total = total * x
    return total


def _is_close(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> Any:
    larger = BY_NAME["maximum"](rel_tol * BY_NAME["maximum"](abs(a), abs(b)), abs_tol)
    return (abs(a - b) <= larger) | (a == b)


def _copysign(x: Any, y: Any) -> Any:
    y = _number(y)  # its sign alone matters
    negative = (y < 0) | ((y == 0) & (1.0 / y < 0)) if isinstance(y, Number) else math.copysign(1.0, y) < 0
    return BY_NAME["where"](negative, -abs(x), abs(x))


_ARITHMETIC = frozenset({"prod", "sumprod"})
_SMOOTH = frozenset({
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "hypot", "pow", "fabs", "fmod",
    "copysign",
    "cbrt", "fsum", "dist", "degrees", "radians", "gamma", "lgamma", "ldexp",
    "modf",
})  # fmt: skip

# fmt: off
_TRACED: dict[str, Callable[..., Any]] = {
    **{name: _row(name) for name in (
        "exp", "exp2", "expm1", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
        "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
    )},
    "log": _log,
    "hypot": _hypot,
    "pow": lambda x, y: x**y,
    "fabs": abs,
    "floor": lambda x: x.__floor__(),
    "ceil": lambda x: x.__ceil__(),
    "trunc": lambda x: x.__trunc__(),
    "fmod": _fmod,
    "copysign": _copysign,
    "isnan": lambda x: x != x,
    "isinf": lambda x: abs(x) == math.inf,
    "isfinite": _is_finite,
    "isclose": _is_close,
    "erfc": special.erfc,
    "gamma": special.gamma,
    "lgamma": special.lgamma,
    "cbrt": special.cbrt,
    "ldexp": lambda x, i: x * 2.0**i,
    "modf": lambda x: (x - x.__trunc__(), 1.0 * x.__trunc__()),
    "fsum": lambda numbers: sum(numbers),
    "prod": _product,
    "dist": lambda p, q: _hypot(*[a - b for a, b in zip(p, q, strict=True)]),
    "degrees": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
    "sumprod": lambda p, q: sum(a * b for a, b in zip(p, q, strict=True)),
    **{name: _refused(name) for name in (
        "frexp", "factorial", "comb", "perm", "gcd", "lcm", "isqrt", "nextafter",
        "ulp", "remainder",
    )},
}
# fmt: on
