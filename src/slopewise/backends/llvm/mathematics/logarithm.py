"""ln x and what is made of it.

x = 2^k · m with √½ ≤ m < √2, then ln m from s = f/(2 + f), f = m - 1: ln(1 + f) = f - f²/2 + s·(f²/2 + z·L(z)), z =
s², with the minimax L of `coefficients`. The sum is made from its small parts to its large one, f or k·ln 2.
"""

from dataclasses import dataclass
from math import inf, nan

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import quick_two_sum
from slopewise.backends.llvm.mathematics.exponential import exp
from slopewise.backends.llvm.mathematics.formulas import Bits, Number

_ROOT_HALF = 0x3FE6A09E667F3BCD
_ONE = 0x3FF0000000000000
_MANTISSA = 0x000FFFFFFFFFFFFF
_TWO_52 = 0x4330000000000000


@dataclass(frozen=True, slots=True)
class Split:
    """A positive number as 2^k · (1 + f)."""

    k: Number
    f: Number
    exponent: Bits  # k + 1023

    def half_square(self) -> Number:
        """Return f²/2."""
        return 0.5 * self.f * self.f

    def correction(self, half_square: Number) -> Number:
        """Return s·(f²/2 + z·L(z)), which is ln(1 + f) - f + f²/2."""
        at = self.f.at
        s = self.f / (self.f + 2.0)
        z = s * s
        return s * at.multiply_add(z, at.polynomial(c.LOG, z), half_square)


def split(x: Number, *, is_normal: bool = False) -> Split:
    """Split a positive number; `is_normal` promises that it is not below 2^-1022."""
    at = x.at
    offset: Number | float = 2.0**52 + 1023.0
    if not is_normal:
        is_small = x < 2.0**-1022
        x = at.select(is_small, x * 2.0**54, x)
        offset = at.select(is_small, 2.0**52 + 1023.0 + 54.0, 2.0**52 + 1023.0)
    shifted = x.bits + (_ONE - _ROOT_HALF)
    exponent = shifted >> 52
    k = (exponent | _TWO_52).number - offset
    m = ((shifted & _MANTISSA) + _ROOT_HALF).number
    return Split(k, m - 1.0, exponent)


def sum_up(parts: Split, low: Number | None = None) -> Number:
    """Return ln(2^k · (1 + f)) + low."""
    at, k, f = parts.f.at, parts.k, parts.f
    half_square = parts.half_square()
    tail = k * c.LN2[1] if low is None else at.multiply_add(k, c.LN2[1], low)
    small = parts.correction(half_square) + tail
    return at.multiply_add(k, c.LN2[0], f - (half_square - small))


def at_edges(result: Number, x: Number, zero: Number | float = 0.0) -> Number:
    """Return a logarithm of x with -inf where it is zero, nan below, and x itself where that is inf or nan."""
    at = x.at
    result = at.select(x > zero, result, at.select(x.is_equal(zero), -inf, nan))
    return at.select(x < inf, result, x)


def log(x: Number) -> Number:
    """Return ln x: -inf at 0, nan below."""
    return at_edges(sum_up(split(x)), x)


def log1p(x: Number) -> Number:
    """Return ln(1 + x)."""
    return x.at.select(x.is_equal(0.0), x, at_edges(_log1p(x), x, -1.0))


def _log1p(x: Number) -> Number:
    at = x.at
    u = x + 1.0
    lost = at.select(x > 1.0, 1.0 - (u - x), x - (u - 1.0))
    return log_of_sum(u, lost)


def log_of_sum(u: Number, lost: Number, halvings: float = 0.0) -> Number:
    """Return ln(u + lost) + halvings · ln 2 for a normal u and a `lost` within its last place."""
    at = u.at
    parts = split(u, is_normal=True)
    # lost/u is lost·2^-k/m; the quotient needs few digits: 1/m is 1 - f + f² - f³ and so on.
    f = parts.f
    scale = ((at.integer(2047) - parts.exponent) << 52).number  # 2^(1-k), for k up to 1024
    inverse = 1.0 - f * (1.0 - f * (1.0 - f))
    low = 0.5 * lost * scale * inverse
    if halvings:
        parts = Split(parts.k + halvings, parts.f, parts.exponent)
    return sum_up(parts, low)


def softplus(x: Number) -> Number:
    """Return max(x, 0) + ln(1 + e^-|x|)."""
    at = x.at
    e = exp(-at.absolute(x))
    u = e + 1.0
    log_of_one_plus = log_of_sum(u, e - (u - 1.0))
    return at.select(x > 0.0, x, 0.0) + at.select(x.is_nan(), x, log_of_one_plus)


def log2(x: Number) -> Number:
    """Return log₂ x, exact for powers of 2."""
    parts = split(x)
    high, low = _in_two(parts)
    value = high * c.INVERSE_LN2[0]
    rest = (low + high) * c.INVERSE_LN2[1] + low * c.INVERSE_LN2[0]
    total, lost = quick_two_sum(parts.k, value)
    return at_edges(total + (lost + rest), x)


def log10(x: Number) -> Number:
    """Return log₁₀ x."""
    parts = split(x)
    high, low = _in_two(parts)
    value = high * c.INVERSE_LN10[0]
    rest = (low + high) * c.INVERSE_LN10[1] + low * c.INVERSE_LN10[0] + parts.k * c.LOG10_2[1]
    total, lost = quick_two_sum(parts.k * c.LOG10_2[0], value)
    return at_edges(total + (lost + rest), x)


def _in_two(parts: Split) -> tuple[Number, Number]:
    """Return ln(1 + f) as a number of 21 bits and a rest, so that products with short constants are exact."""
    half_square = parts.half_square()
    high = ((parts.f - half_square).bits & ~0xFFFFFFFF).number
    return high, (parts.f - high - half_square) + parts.correction(half_square)
