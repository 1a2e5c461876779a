"""x^y and the length of (x, y).

x^y = e^(y·ln x). An error of ln x is multiplied by up to 745, so ln x, and its product with y, are sums of two numbers
with 65 bits and more: ln m = 2s·(1 + z/3 + z²·T(z)), s = f/(2 + f), z = s², all but T(z) in twice the length.
"""

from math import inf, nan

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import quick_two_sum, two_product
from slopewise.backends.llvm.mathematics.exponential import clamped, reduced
from slopewise.backends.llvm.mathematics.formulas import Mask, Number
from slopewise.backends.llvm.mathematics.logarithm import split


def _long_log(x: Number) -> tuple[Number, Number]:
    """Return ln x as a sum of two, for a positive finite x."""
    at = x.at
    parts = split(x)
    f = parts.f
    below = f + 2.0
    below_low = f - (below - 2.0)
    inverse = 1.0 / below
    s = f * inverse
    product, product_low = two_product(s, below)
    s_low = (((f - product) - product_low) - s * below_low) * inverse
    s, s_low = quick_two_sum(s, s_low)
    z, z_low = two_product(s, s)
    z_low = z_low + 2.0 * s * s_low
    third, third_low = two_product(z, at.number(c.THIRD[0]))
    third_low = third_low + (z * c.THIRD[1] + z_low * c.THIRD[0]) + z * z * at.polynomial(c.LOG_TAIL, z)
    factor, factor_low = quick_two_sum(at.number(1.0), third)
    factor_low = factor_low + third_low
    twice = 2.0 * s
    log, log_low = two_product(twice, factor)
    log_low = log_low + (twice * factor_low + 2.0 * s_low * factor)
    total, lost = quick_two_sum(parts.k * c.LN2[0], log)
    return quick_two_sum(total, lost + (log_low + parts.k * c.LN2[1]))


def _is_whole(y: Number) -> Mask:
    """Where y is an integer; an infinity is one, a nan is not."""
    size = y.at.absolute(y)
    return (size >= 2.0**52) | ((size + 2.0**52) - 2.0**52).is_equal(size)


def power(x: Number, y: Number) -> Number:
    """Return x^y with all of C's special cases: 1 for y = 0 and for x = 1, a negative x with a whole y only."""
    at = x.at
    size = at.absolute(x)
    log, log_low = _long_log(size)
    far = 2.0**65  # beyond it the result is 0, 1 or inf
    bounded = clamped(y, -far, far)
    product, product_low = two_product(bounded, log)
    product_low = product_low + bounded * log_low
    is_near = at.absolute(product) < 1000.0
    parts = reduced(clamped(product, -1000.0, 1000.0), 2, at.select(is_near, product_low, 0.0))
    first, second = parts.two_scales()
    result = (parts.rest + 1.0) * first * second

    is_zero, is_infinite = size.is_equal(0.0), size.is_equal(inf)
    result = at.select(is_zero, at.select(y > 0.0, 0.0, inf), result)
    result = at.select(is_infinite, at.select(y > 0.0, inf, 0.0), result)
    is_whole = _is_whole(y)
    is_odd = is_whole & ~_is_whole(0.5 * y)
    result = at.select(x.is_negative() & is_odd, -result, result)
    result = at.select((x < 0.0) & ~is_whole & ~is_infinite, nan, result)
    result = at.select(x.is_nan() | y.is_nan(), nan, result)
    return at.select(y.is_equal(0.0) | x.is_equal(1.0), 1.0, result)


def hypot(x: Number, y: Number) -> Number:
    """Return √(x² + y²), scaled so that no square leaves the range; inf when one of the two is, even beside a nan."""
    at = x.at
    a, b = at.absolute(x), at.absolute(y)
    larger, smaller = at.select(a < b, b, a), at.select(a < b, a, b)
    is_huge, is_tiny = larger > 2.0**500, larger < 2.0**-400
    scale = at.select(is_huge, 2.0**-600, at.select(is_tiny, 2.0**600, 1.0))
    back = at.select(is_huge, 2.0**600, at.select(is_tiny, 2.0**-600, 1.0))
    p, q = larger * scale, smaller * scale
    square, lost = two_product(p, p)
    rest, rest_lost = two_product(q, q)
    total, left = quick_two_sum(square, rest)
    root = at.sqrt(total)
    squared, squared_lost = two_product(root, root)
    error = ((total - squared) - squared_lost) + (left + (lost + rest_lost))
    safe = at.select(root.is_equal(0.0), 1.0, root)
    length = (root + 0.5 * error / safe) * back
    return at.select(a.is_equal(inf) | b.is_equal(inf), inf, length)
