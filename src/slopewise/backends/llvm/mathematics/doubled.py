"""Sums of two numbers that stand for one of twice the length: what is exact where one float is not.

Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971.
"""

from slopewise.backends.llvm.mathematics.formulas import Number

_SPLITTER = 2.0**27 + 1.0  # cuts a double into two halves of 26 bits


def two_sum(a: Number, b: Number) -> tuple[Number, Number]:
    """Return a + b and what its rounding left out."""
    total = a + b
    of_b = total - a
    of_a = total - of_b
    return total, (a - of_a) + (b - of_b)


def quick_two_sum(a: Number, b: Number) -> tuple[Number, Number]:
    """Return a + b and what its rounding left out, when |a| ≥ |b| or a is 0."""
    total = a + b
    return total, b - (total - a)


def two_product(a: Number, b: Number) -> tuple[Number, Number]:
    """Return a · b and what its rounding left out; without fma |a| and |b| stay below 2**995."""
    product = a * b
    if a.at.fma:
        return product, a.at.multiply_add(a, b, -product)
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: Number) -> tuple[Number, Number]:
    spread = a * _SPLITTER
    high = spread - (spread - a)
    return high, a - high
