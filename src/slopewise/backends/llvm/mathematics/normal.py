"""erf and gelu.

Up to 0.866 erf x = x + x·E(x²); further out 1 less twice the normal distribution's tail beyond a = x√2. That tail is
e^(-a²/2)·T(t) / (1 + 3a/2) with a polynomial T in t = (a - 5)/(a + 5), which covers the whole half line (after Shepherd and
Laframboise). a² is taken as a sum of two numbers, so that the far tail is as accurate as the middle: gelu needs it down
to where doubles end.

Source: M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞", 1981.
"""

from slopewise.backends.llvm.mathematics import coefficients as c
from slopewise.backends.llvm.mathematics.doubled import two_product
from slopewise.backends.llvm.mathematics.exponential import clamped, reduced
from slopewise.backends.llvm.mathematics.formulas import Number

_CENTRE = 5.0
_NEAR = 0.75  # of x², where erf changes over
_MIDDLE = 0.25  # of x²/2, where gelu does


def _scaled_tail(a: Number) -> Number:
    """Return e^(a²/2)·Φ(-a) for 0 ≤ a ≤ 39."""
    t = (a - _CENTRE) / (a + _CENTRE)
    return a.at.polynomial(c.TAIL, t) / a.at.multiply_add(a, 1.5, 1.0)


def erf(x: Number) -> Number:
    """Return the error function."""
    at = x.at
    size = clamped(at.absolute(x), 0.0, 6.0)
    square, lost = two_product(size, size)
    near = at.multiply_add(size, at.polynomial(c.ERF, square), size)
    parts = reduced(-square, 1, -lost)
    tail = (parts.rest + 1.0) * _scaled_tail(size * c.SQRT_2) * (2.0 * parts.one_scale())
    return at.copy_sign(at.select(square < _NEAR, near, 1.0 - tail), x)


def gelu(x: Number) -> Number:
    """Return x·Φ(x), Φ the normal distribution function.

    With x/√2 near 0 Φ is (1 + erf)/2; else the tail beyond |x| for a negative x, 1 less the tail for a positive one. On the
    left x joins before the scaling, so that nothing is lost to subnormals early.
    """
    at = x.at
    bounded = clamped(x, -39.0, 39.0)
    size = at.absolute(bounded)
    square, lost = two_product(size, size)
    half = 0.5 * square
    parts = reduced(-half, 2, -0.5 * lost)
    first, second = parts.two_scales()
    tail = (parts.rest + 1.0) * _scaled_tail(size)
    left = bounded * tail * first * second
    right = x - x * (tail * first * second)
    scaled = bounded * c.SQRT_HALF
    near = bounded * at.multiply_add(0.5, at.multiply_add(scaled, at.polynomial(c.ERF, half), scaled), 0.5)
    far = at.select(x > 0.0, right, at.select(x.is_nan(), x, left))
    return at.select(half < _MIDDLE, near, far)
