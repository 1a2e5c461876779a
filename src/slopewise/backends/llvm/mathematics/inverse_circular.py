"""asin, acos, atan and atan2.

Near 0 a minimax polynomial, asin s = s + s³·A(s²) up to 1/2 and atan t = t + t³·B(t²) up to √2 - 1. Further out the
half-angle formula asin x = π/2 - 2 asin √((1 - x)/2), and atan(y/x) = π/4 + atan((y - x)/(y + x)) or π/2 -
atan(x/y): one division serves all three cases.
"""

from math import inf

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.formulas import Number

_TAN_EIGHTH = 2.0**0.5 - 1.0
_TAN_THREE_EIGHTHS = 2.0**0.5 + 1.0


def _asin_parts(x: Number) -> tuple[Number, Number, Number, Number]:
    """Return |x|, the s that its arc sine is taken at, asin(s) - s, and what rounding took from s."""
    at = x.at
    size = at.absolute(x)
    is_near = size <= 0.5
    half = at.multiply_add(size, -0.5, 0.5)
    z = at.select(is_near, size * size, half)
    root = at.sqrt(z)
    s = at.select(is_near, size, root)
    # (z - s²) / 2s, from a root of few bits: its square is exact
    short = (root.bits & ~0xFFFFFFFF).number
    lost = (half - short * short) / (root + short) - (root - short)
    tail = s * (z * at.polynomial(c.ASIN, z))
    return size, s, tail, at.select(is_near, 0.0, lost)


def asin(x: Number) -> Number:
    """Return the arc sine in radians; nan outside -1 … 1."""
    at = x.at
    size, s, tail, lost = _asin_parts(x)
    far = c.HALF_PI[0] - (2.0 * s - (c.HALF_PI[1] - 2.0 * (tail + lost)))
    result = at.select(size <= 0.5, s + tail, at.select(size.is_equal(1.0), c.HALF_PI[0], far))
    return at.copy_sign(result, x)


def acos(x: Number) -> Number:
    """Return the arc cosine in radians; nan outside -1 … 1."""
    at = x.at
    size, s, tail, lost = _asin_parts(x)
    signed = at.copy_sign(s, x)
    near = c.HALF_PI[0] - (signed - (c.HALF_PI[1] - at.copy_sign(tail, x)))
    lost = at.select(size.is_equal(1.0), 0.0, lost)
    right = 2.0 * (s + (tail + lost))
    left = 2.0 * (c.HALF_PI[0] - (s - (c.HALF_PI[1] - (tail + lost))))
    return at.select(size <= 0.5, near, at.select(x > 0.0, right, left))


def _atan_of_ratio(y: Number, x: Number) -> tuple[Number, Number, Number]:
    """Return base, base_low and rest with atan(y/x) = base + (base_low + rest), for y, x ≥ 0 that are not both 0."""
    at = x.at
    is_steep = y > _TAN_THREE_EIGHTHS * x
    is_middle = y > _TAN_EIGHTH * x
    numerator = at.select(is_steep, -x, at.select(is_middle, y - x, y))
    denominator = at.select(is_steep, y, at.select(is_middle, y + x, x))
    t = numerator / denominator
    z = t * t
    tail = t * (z * at.polynomial(c.ATAN, z))
    base = at.select(is_steep, c.HALF_PI[0], at.select(is_middle, 0.5 * c.HALF_PI[0], 0.0))
    low = at.select(is_steep, c.HALF_PI[1], at.select(is_middle, 0.5 * c.HALF_PI[1], 0.0))
    return base, low + tail, t


def atan(x: Number) -> Number:
    """Return the arc tangent in radians."""
    at = x.at
    base, low, t = _atan_of_ratio(at.absolute(x), at.number(1.0))
    return at.copy_sign(base + (t + low), x)


def atan2(y: Number, x: Number) -> Number:
    """Return the angle of the point (x, y), -π … π, as C has it at the origin and at infinity."""
    at = x.at
    width, height = at.absolute(x), at.absolute(y)
    both_infinite = width.is_equal(inf) & height.is_equal(inf)
    is_huge = (width > 2.0**1000) | (height > 2.0**1000)
    scale = at.select(is_huge, 0.25, 1.0)
    right = at.select(both_infinite | height.is_equal(0.0), 1.0, width * scale)  # 0/1 where both are 0
    up = at.select(both_infinite, 1.0, height * scale)
    base, low, t = _atan_of_ratio(up, right)
    first = base + (t + low)
    # π minus the angle: base + t is a sum of two again, and π/2 comes in two pieces
    second = 2.0 * c.HALF_PI[0] - (first - 2.0 * c.HALF_PI[1])
    angle = at.select(x.is_negative(), second, first)
    angle = at.select(x.is_nan(), x, angle)
    return at.copy_sign(angle, y)
