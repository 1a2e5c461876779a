"""How numbers are shown to a reader: up to four significant digits, `=` when exact, `≈` when rounded."""

import math
import numbers
from decimal import Decimal
from fractions import Fraction
from typing import Any

DIGITS = 4
MINUS = "−"


def shown(x: Any, digits: int = DIGITS) -> str:
    """Write a number for a reader: at most `digits` significant digits, no trailing zeros, a true minus sign.

    An int is a count and is written whole, up to 15 digits. A size beyond 10⁶ or below 10⁻⁴ is written as `2.999e−6`.

    Args:
        x: A number or a Value.
        digits: The most significant digits to write, at least 1.

    Returns:
        The text; `nan`, `∞` and `−∞` for what is not finite; a shortened repr for what is not a number.

    Raises:
        DomainError: `digits` is below 1.

    Example:
        >>> from slopewise.basics import shown
        >>> shown(-1.4999999999999996), shown(20.0), shown(2.999378523327323e-06)
        ('−1.5', '20', '2.999e−6')
    """
    return _written(_number(x), _checked(digits))[0]


def is_exact(x: Any, digits: int = DIGITS) -> bool:
    """Tell whether `shown(x)` is the number itself and not a rounding of it.

    A float counts as the shortest decimal that Python prints for it: −1.7 is exact, 0.1 + 0.2 is not 0.3.

    Args:
        x: A number or a Value.
        digits: As for `shown`.

    Example:
        >>> from slopewise.basics import is_exact
        >>> is_exact(-1.7), is_exact(0.1 + 0.2)
        (True, False)
    """
    return _written(_number(x), _checked(digits))[1]


def relation(x: Any, digits: int = DIGITS) -> str:
    """Return the number with the sign before it: `= −1.7` when exact, `≈ −1.5` when rounded.

    Args:
        x: A number or a Value.
        digits: As for `shown`.

    Example:
        >>> from slopewise.basics import relation
        >>> relation(-1.7), relation(-1.4999999999999996)
        ('= −1.7', '≈ −1.5')
    """
    text, exact = _written(_number(x), _checked(digits))
    return f"{'=' if exact else '≈'} {text}"


def equation(name: str, x: Any, digits: int = DIGITS) -> str:
    """Return `name = number` or `name ≈ number`.

    Args:
        name: What the number is called.
        x: A number or a Value.
        digits: As for `shown`.

    Example:
        >>> from slopewise.basics import equation
        >>> equation("f", -6.0), equation("o", 0.7071067811865476)
        ('f = −6', 'o ≈ 0.7071')
    """
    return f"{name} {relation(x, digits)}"


def signed(x: Any, digits: int = DIGITS) -> str:
    """Write a number with its sign always there, as in `+14`.

    Args:
        x: A number or a Value.
        digits: As for `shown`.

    Example:
        >>> from slopewise.basics import signed
        >>> signed(14.0), signed(-2.0), signed(0.0)
        ('+14', '−2', '0')
    """
    text = shown(x, digits)
    return text if text.startswith((MINUS, "nan")) or text == "0" else "+" + text


def _checked(digits: object) -> int:
    if not isinstance(digits, int) or digits < 1:
        from slopewise.errors import DomainError

        raise DomainError(f"digits must be a whole number of at least 1, got {digits!r}")
    return digits


def _number(x: Any) -> Any:
    from slopewise.engine import Value

    while isinstance(x, Value):
        x = x.data
    return x


def _written(x: Any, digits: int) -> tuple[str, bool]:
    """Return the text and whether it is exact."""
    if isinstance(x, bool):
        return str(x), True
    if isinstance(x, numbers.Integral):
        x = int(x)
        if abs(x) < 10**15:
            return str(x).replace("-", MINUS), True
        return _decimal(Decimal(x), digits)
    if isinstance(x, Fraction):
        text = f"{x.numerator}/{x.denominator}".replace("-", MINUS)
        return (text, True) if len(text) <= 12 else _decimal(Decimal(x.numerator) / Decimal(x.denominator), digits)
    if isinstance(x, Decimal):
        return _decimal(x, digits)
    if isinstance(x, numbers.Real):
        return _decimal(Decimal(repr(float(x))), digits)
    if isinstance(x, complex):
        real, exact = _written(x.real, digits)
        imaginary, also_exact = _written(abs(x.imag), digits)
        sign = MINUS if math.copysign(1.0, x.imag) < 0 else "+"
        return f"{real} {sign} {imaginary}i", exact and also_exact
    text = repr(x)
    return text if len(text) <= 60 else text[:57] + "…", True


def _decimal(x: Decimal, digits: int) -> tuple[str, bool]:
    if x.is_nan():
        return "nan", True
    if x.is_infinite():
        return (f"{MINUS}∞" if x < 0 else "∞"), True
    if x == 0:
        return "0", True
    sign = MINUS if x < 0 else ""
    mantissa, _, exponent_text = f"{abs(x):.{digits - 1}e}".partition("e")
    exact = Decimal(f"{mantissa}e{exponent_text}") == abs(x)
    exponent = int(exponent_text)
    if -5 < exponent < 7:
        text = format(Decimal(f"{mantissa}e{exponent}"), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return sign + text, exact
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{sign}{mantissa}e{str(exponent).replace('-', MINUS)}", exact
