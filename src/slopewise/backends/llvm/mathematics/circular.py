"""sin, cos and tan.

x = n·π/2 + r with |r| ≤ π/4, r as a sum of two numbers. Up to |x| = 2^20 π/2 is in pieces whose products with n are
exact (33 bits each), or with fma in three doubles; past that `large_angles` takes over, lane by lane. Then two
minimax polynomials, sin r = r + r³·S(r²) and cos r = 1 - r²/2 + r⁴·C(r²), and the two lowest bits of n choose and
set the sign.
"""

from dataclasses import dataclass

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import quick_two_sum, two_product, two_sum
from slopewise.backends.llvm.mathematics.formulas import Bits, Number
from slopewise.backends.llvm.mathematics.large_angles import LARGE, with_large_angles


@dataclass(frozen=True, slots=True)
class Angle:
    """x as quadrant · π/2 + r + low."""

    quadrant: Bits  # its two lowest bits count
    r: Number
    low: Number

    def sin(self) -> Number:
        """Return sin(r + low)."""
        at, r, low = self.r.at, self.r, self.low
        z = r * r
        tail = at.multiply_add(z * r, at.polynomial(c.SIN, z), at.multiply_add(-0.5 * z, low, low))
        return r + tail

    def cos(self) -> Number:
        """Return cos(r + low)."""
        at, r, low = self.r.at, self.r, self.low
        z = r * r
        half = 0.5 * z
        main = 1.0 - half
        rest = at.multiply_add(z * z, at.polynomial(c.COS, z), -(r * low))
        return main + (((1.0 - main) - half) + rest)


def reduced(x: Number) -> Angle:
    """Return x without its multiples of π/2."""
    near = _reduced_near(x)
    return Angle(*with_large_angles(x, near.quadrant, near.r, near.low))


def _reduced_near(x: Number) -> Angle:
    """Reduce an |x| up to 2^20: n has 20 bits."""
    at = x.at
    magic = at.layout.magic
    rounded = at.multiply_add(x, c.TWO_OVER_PI, magic)
    n = rounded - magic
    if at.fma:
        first = at.multiply_add(n, -c.HALF_PI[0], x)  # exact: what is left fits
        product, product_low = two_product(n, at.number(-c.HALF_PI[1]))
        second, lost = two_sum(first, product)
        tail = (lost + product_low) - n * c.HALF_PI[2]
    else:
        first = x - n * c.HALF_PI_SHORT[0]
        second, lost = two_sum(first, n * -c.HALF_PI_SHORT[1])
        second, lost_then = two_sum(second, n * -c.HALF_PI_SHORT[2])
        tail = (lost + lost_then) - n * c.HALF_PI_SHORT[3]
    return Angle(rounded.bits, *quick_two_sum(second, tail))


def sin(x: Number) -> Number:
    """Return the sine of x radians; nan at ±inf."""
    at = x.at
    angle = reduced(x)
    chosen = at.select((angle.quadrant & 1).is_equal(0), angle.sin(), angle.cos())
    signed = (chosen.bits ^ ((angle.quadrant << 62) & at.layout.sign)).number
    return at.select(x.is_equal(0.0), x, signed)


def cos(x: Number) -> Number:
    """Return the cosine of x radians; nan at ±inf."""
    at = x.at
    angle = reduced(x)
    chosen = at.select((angle.quadrant & 1).is_equal(0), angle.cos(), angle.sin())
    return (chosen.bits ^ (((angle.quadrant + 1) << 62) & at.layout.sign)).number


def tan(x: Number) -> Number:
    """Return the tangent of x radians; nan at ±inf."""
    at = x.at
    angle = reduced(x)
    is_even = (angle.quadrant & 1).is_equal(0)
    sine, cosine = angle.sin(), angle.cos()
    quotient = at.select(is_even, sine, -cosine) / at.select(is_even, cosine, sine)
    return at.select(x.is_equal(0.0), x, quotient)


__all__ = ["LARGE", "cos", "sin", "tan"]
