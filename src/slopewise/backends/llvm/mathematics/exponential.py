"""e^x and what is made of it.

x = n·ln 2 + r with |r| ≤ ln(2)/2 (Cody and Waite: ln 2 in two pieces, the first so short that n times it is exact),
then e^r - 1 = r + r²·Q(r) with the minimax Q of `coefficients`, then a factor 2^n. The integer n is taken from the
low bits of x/ln 2 + 1.5·2^52. Where the result can leave the normal numbers, 2^n is two factors, so that only the
last product rounds.
"""

from dataclasses import dataclass

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.formulas import Bits, Number


@dataclass(frozen=True, slots=True)
class Exponential:
    """e^x as e^r · 2^n with a small r."""

    r: Number
    n: Number
    biased: Bits  # n, plus what was asked for, in the low bits

    @property
    def rest(self) -> Number:
        """e^r - 1."""
        return self.r.at.multiply_add(self.r * self.r, self._quotient, self.r)

    @property
    def tail(self) -> Number:
        """e^r - 1 - r: to be added after r has been, where r is not the small one of a sum."""
        return self.r * self.r * self._quotient

    @property
    def _quotient(self) -> Number:
        return self.r.at.polynomial(c.EXP, self.r)

    def expm1(self, scale: Number) -> Number:
        """Return e^r · scale - 1, the terms added from the large to the small."""
        at = self.r.at
        return at.multiply_add(self.tail, scale, at.multiply_add(self.r, scale, scale - 1.0))

    def one_scale(self) -> Number:
        """Return 2^n, when n + the bias of the format was asked for and is in 1 … 2046."""
        layout = self.r.at.layout
        return (self.biased << layout.mantissa).number

    def two_scales(self) -> tuple[Number, Number]:
        """Return two powers of 2 whose product is 2^n, when n + twice the bias was asked for."""
        layout = self.r.at.layout
        half = self.biased >> 1
        return (half << layout.mantissa).number, ((self.biased - half) << layout.mantissa).number


def clamped(x: Number, low: float, high: float) -> Number:
    """Return x between two bounds; a nan passes."""
    at = x.at
    below = at.select(x > high, high, x)
    return at.select(below < low, low, below)


def reduced(x: Number, biases: int, low: Number | None = None) -> Exponential:
    """Return e^(x + low) in parts, x small enough for n to fit, and the number of biases that n is to carry."""
    at, layout = x.at, x.at.layout
    magic = layout.magic + biases * layout.bias
    rounded = at.multiply_add(x, c.LOG2_E, magic)
    n = rounded - magic
    r = at.multiply_add(n, -c.LN2[1], at.multiply_add(n, -c.LN2[0], x))
    if low is not None:
        r = r + low
    return Exponential(r, n, rounded.bits)


def exp(x: Number) -> Number:
    """Return e^x: inf past 709.78, subnormal below -708.4, 0 below -745.2."""
    parts = reduced(clamped(x, -1000.0, 1000.0), 2)
    first, second = parts.two_scales()
    return (parts.rest + 1.0) * first * second


def exp2(x: Number) -> Number:
    """Return 2^x, exact for integers."""
    at, layout = x.at, x.at.layout
    x = clamped(x, -1100.0, 1100.0)
    magic = layout.magic + 2 * layout.bias
    rounded = x + magic
    n = rounded - magic
    f = x - n
    r = at.multiply_add(f, c.LN2_FULL[0], f * c.LN2_FULL[1])
    parts = Exponential(r, n, rounded.bits)
    first, second = parts.two_scales()
    return (parts.rest + 1.0) * first * second


def expm1(x: Number) -> Number:
    """Return e^x - 1 as ((1 - 2^-n) + r + (e^r - 1 - r)) · 2^n."""
    at, layout = x.at, x.at.layout
    parts = reduced(clamped(x, -50.0, 1000.0), 2)
    first, second = parts.two_scales()
    inverse = ((at.integer(3 * layout.bias) - parts.biased) << layout.mantissa).number
    inverse = at.select(parts.n > 60.0, 0.0, inverse)
    result = (((1.0 - inverse) + parts.r) + parts.tail) * first * second
    return at.copy_sign(result, x)


def expm1_of_positive(x: Number) -> Number:
    """Return e^x - 1 for 0 ≤ x ≤ 700: one factor is enough."""
    parts = reduced(x, 1)
    return parts.expm1(parts.one_scale())


def tanh(x: Number) -> Number:
    """Return e / (e + 2) with e = e^(2|x|) - 1, and the sign of x."""
    at = x.at
    size = at.absolute(x)
    e = expm1_of_positive(2.0 * at.select(size > 22.0, 22.0, size))
    return at.copy_sign(e / (e + 2.0), x)


def sigmoid(x: Number) -> Number:
    """Return 1 / (1 + e) on the right and e / (1 + e) on the left, with e = e^-|x|."""
    at = x.at
    e = exp(-at.absolute(x))
    return at.select(x >= 0.0, 1.0, e) / (e + 1.0)


def silu(x: Number) -> Number:
    """Return x · sigmoid(x); on the left x joins before the scaling, so that nothing is lost to subnormals early."""
    at = x.at
    is_right = x >= 0.0
    parts = reduced(clamped(-at.absolute(x), -1000.0, 0.0), 2)
    first, second = parts.two_scales()
    shape = parts.rest + 1.0
    quotient = at.select(is_right, x, clamped(x, -1000.0, 0.0) * shape) / (shape * first * second + 1.0)
    return at.select(is_right, quotient, quotient * first * second)


def elu(x: Number, alpha: Number) -> Number:
    """Return x, or alpha · (e^x - 1) when x is negative."""
    return x.at.select(x < 0.0, alpha * expm1(x), x)
