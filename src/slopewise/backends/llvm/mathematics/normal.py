"""erf and gelu.

Near 0 erf x = x + x·E(x²). Further out 1 less twice the normal distribution's tail beyond a = x√2, which is
e^(-a²/2)·T(t) / a with a polynomial T in t = (a - centre)/(a + centre): it covers the whole half line (after
Shepherd and Laframboise), and gelu needs a times the tail, thus no quotient. a² is taken as a sum of two numbers,
so that the far tail is as accurate as the middle: gelu is wanted down to where doubles end.

Source: M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞",
1981.
"""

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import two_product
from slopewise.backends.llvm.mathematics.exponential import Exponential, clamped, reduced
from slopewise.backends.llvm.mathematics.formulas import Number

_NEAR = 0.75  # of x², where erf changes over
_MIDDLE = 0.25  # of x²/2, where gelu does


def _tail(a: Number, parts: Exponential) -> Number:
    """Return a·Φ(-a) without the factor 2^n of e^(-a²/2), which comes in parts; 0.7 ≤ a ≤ 39."""
    shape = a.at.polynomial(c.TAIL, (a - c.TAIL_CENTRE) / (a + c.TAIL_CENTRE))
    return a.at.multiply_add(parts.rest, shape, shape)


def erf(x: Number) -> Number:
    """Return the error function."""
    at = x.at
    size = clamped(at.absolute(x), 0.0, 6.0)
    square, lost = two_product(size, size)
    near = at.multiply_add(size, at.polynomial(c.ERF, square), size)
    parts = reduced(-square, 1, -lost)
    scaled = size * c.SQRT_2
    tail = _tail(scaled, parts) * (2.0 * parts.one_scale()) / scaled
    return at.copy_sign(at.select(square < _NEAR, near, 1.0 - tail), x)


def gelu(x: Number) -> Number:
    """Return x·Φ(x), Φ the normal distribution function.

    With x/√2 near 0 Φ is (1 + erf)/2; else |x| times the tail beyond |x| is taken from max(x, 0).
    """
    at = x.at
    bounded = clamped(x, -39.0, 39.0)
    size = at.absolute(bounded)
    square, lost = two_product(size, size)
    half = 0.5 * square
    parts = reduced(-half, 2, -0.5 * lost)
    first, second = parts.two_scales()
    tail = _tail(size, parts) * first * second
    far = at.select(x > 0.0, x - tail, -tail)
    scaled = bounded * c.SQRT_HALF
    near = bounded * at.multiply_add(0.5, at.multiply_add(scaled, at.polynomial(c.ERF, half), scaled), 0.5)
    return at.select(half < _MIDDLE, near, at.select(x.is_nan(), x, far))
