"""`Algebra`: the equations that a new one is written as, when a shorter or cheaper one gives the same number.

The rules, and why each is right for every float, stand in the docstring of `simplify`. Each method takes the operands
of one operation, as slots of the program being written, and returns the slot of its result. What it finds below an
operand is already simplified, so one look suffices, and a method calls another at most a few levels deep.

This is ordinary Python. The file `algebra.pxd` beside it names C types, and Cython then compiles this very text.
"""

try:
    import cython
except ImportError:  # interpreted, and Cython is not installed: nothing of it is needed
    from types import SimpleNamespace

    cython = SimpleNamespace(compiled=False)

from math import inf

from slopewise.passes.sharing import Sharing  # noqa: F401  the pxd beside this file types with it

if not cython.compiled:
    # isort: off
    from slopewise.ir.evaluation import value_of as evaluate
    from slopewise.ir.operations import (
        ABSOLUTE, ADD, ATTACH, CEIL, CONSTANT, DETACH, DIVIDE, EQUAL, FLOOR, GREATER, LESS, MAXIMUM, MINIMUM,
        MULTIPLY, NEGATE, NOT_EQUAL, POWER, POWER_VALUE, RELU, ROUND, SQRT, SQUARE, SUBTRACT, TRUNCATE, WHERE,
    )  # fmt: skip
    from slopewise.passes.sharing import AT_LEAST_ZERO, NEVER_MINUS_ZERO, TRUTH, WHOLE, bits_of
    # isort: on

SIGN_BIT = 1 << 63
FRACTION = (1 << 52) - 1
LEAST = 2.0**-1022
MOST = 2.0**1022


class Algebra:
    """The rules, over a `Sharing` that they write to.

    Args:
        share: Where the equations go.
        exact: Whether every bit of every number stays, so that only what libm's own functions give may stand for them.
        differentiable: Whether the result may be differentiated: what is equal in value only is left alone.

    Attributes:
        loose: Set before each call of `apply`: whether the sign of a zero may be lost in its result.
        refused: Set by the rules: whether one was held back by `loose` alone, which another round may see otherwise.
    """

    if not cython.compiled:
        __slots__ = ("differentiable", "exact", "loose", "refused", "share")

    def __init__(self, share, exact, differentiable):
        self.share = share
        self.exact = exact
        self.differentiable = differentiable
        self.loose = False
        self.refused = False

    def apply(self, code, a, b, c):
        """Return the slot of an operation on some slots, by whatever equations."""
        share = self.share
        if code == NEGATE:
            return self.negate(a)
        elif code == ADD:
            return self.add(a, b)
        elif code == SUBTRACT:
            return self.subtract(a, b)
        elif not share.merges:  # the other rules look at numbers, or at what is equal by chance
            return share.equation(code, a, b, c)
        elif code == MULTIPLY:
            return self.multiply(a, b)
        elif self.is_constant(a) and (b < 0 or self.is_constant(b)) and (c < 0 or self.is_constant(c)):
            return self.folded(code, a, b, c)
        elif code == DIVIDE:
            return self.divide(a, b)
        elif code == POWER or code == POWER_VALUE:
            return self.power(code, a, b)
        elif code == WHERE:
            return self.where(a, b, c)
        elif code == SQUARE:
            return self.square(a)
        elif code == ABSOLUTE:
            return self.absolute(a)
        elif code == RELU:
            return self.relu(a)
        elif code == MAXIMUM:
            return self.maximum(a, b)
        elif code == MINIMUM:
            return self.minimum(a, b)
        elif LESS <= code <= NOT_EQUAL:
            return self.compare(code, a, b)
        elif code == FLOOR or code == CEIL or code == TRUNCATE or code == ROUND:
            return self.round(code, a)
        elif code == DETACH:
            return self.detach(a)
        elif code == ATTACH:
            return self.attach(a, b, c)
        return share.equation(code, a, b, c)

    def folded(self, code, a, b, c):
        """Compute now what depends on constants alone."""
        share = self.share
        y = self.number(b) if b >= 0 else 0.0
        z = self.number(c) if c >= 0 else 0.0
        return share.constant(evaluate(code, self.number(a), y, z))

    def is_constant(self, slot):
        """Tell whether a slot is a constant whose number may be looked at."""
        return self.share.merges and self.share.build.codes[slot] == CONSTANT

    def number(self, slot):
        """Return the number of a constant's slot."""
        return self.share.build.pool[self.share.build.a[slot]]

    def is_code(self, slot, code):
        """Tell whether a slot was computed by an operation."""
        return self.share.build.codes[slot] == code

    def operand(self, slot):
        """Return the first operand of an equation."""
        return self.share.build.a[slot]

    def is_zero(self, slot):
        """Tell whether a slot is the constant 0.0, not -0.0."""
        return self.is_constant(slot) and bits_of(self.number(slot)) == 0

    def is_minus_zero(self, slot):
        """Tell whether a slot is the constant -0.0."""
        return self.is_constant(slot) and bits_of(self.number(slot)) == SIGN_BIT

    def is_number(self, slot, x):
        """Tell whether a slot is a certain constant, not 0."""
        return self.is_constant(slot) and self.number(slot) == x

    def has(self, slot, marks):
        """Tell whether all of these marks are known of a slot."""
        return self.share.marks[slot] & marks == marks

    def may_lose_sign(self, slot):
        """Tell whether -0.0 and 0.0 may be confused in a slot's number, where it makes the result of this equation."""
        if self.share.marks[slot] & NEVER_MINUS_ZERO:
            return True
        if not self.loose and not self.exact:
            self.refused = True
        return self.loose

    def negated(self, slot):
        """Return the constant that is another one with the other sign."""
        return self.share.constant(-self.number(slot))

    def add(self, a, b):
        share = self.share
        if self.is_constant(a) and self.is_constant(b):
            return self.folded(ADD, a, b, -1)
        if self.is_minus_zero(b) or (self.is_zero(b) and self.may_lose_sign(a)):
            return a
        if self.is_minus_zero(a) or (self.is_zero(a) and self.may_lose_sign(b)):
            return b
        if self.is_code(b, NEGATE):
            return self.subtract(a, self.operand(b))
        if self.is_code(a, NEGATE):
            return self.subtract(b, self.operand(a))
        return share.equation(ADD, a, b, -1)

    def subtract(self, a, b):
        share = self.share
        if self.is_constant(a) and self.is_constant(b):
            return self.folded(SUBTRACT, a, b, -1)
        if self.is_zero(b) or (self.is_minus_zero(b) and self.may_lose_sign(a)):
            return a
        if self.is_minus_zero(a) or (self.is_zero(a) and self.may_turn_zero()):
            return self.negate(b)
        if self.is_code(b, NEGATE):
            return self.add(a, self.operand(b))
        return share.equation(SUBTRACT, a, b, -1)

    def may_turn_zero(self):
        """Tell whether a zero with the other sign will do as the result of this equation."""
        if not self.loose and not self.exact:
            self.refused = True
        return self.loose

    def negate(self, a):
        share = self.share
        if self.is_code(a, NEGATE):
            return self.operand(a)
        if self.is_constant(a):
            return self.negated(a)
        if not share.merges:
            return share.equation(NEGATE, a, -1, -1)
        x = share.build.a[a]
        y = share.build.b[a]
        if self.is_code(a, MULTIPLY) or self.is_code(a, DIVIDE):
            if self.is_constant(y):
                return self.product_or_quotient(share.build.codes[a], x, self.negated(y))
            if self.is_constant(x):
                return self.product_or_quotient(share.build.codes[a], self.negated(x), y)
        if self.is_code(a, SUBTRACT) and self.may_turn_zero():
            return self.subtract(y, x)
        return share.equation(NEGATE, a, -1, -1)

    def product_or_quotient(self, code, a, b):
        return self.multiply(a, b) if code == MULTIPLY else self.divide(a, b)

    def multiply(self, a, b):
        share = self.share
        if self.is_constant(b):
            return self.scale(a, b, True)
        if self.is_constant(a):
            return self.scale(b, a, False)
        if self.is_code(a, NEGATE) and self.is_code(b, NEGATE):
            return self.multiply(self.operand(a), self.operand(b))
        if a == b:
            return self.square(a)
        return share.equation(MULTIPLY, a, b, -1)

    def scale(self, a, factor, is_last):
        """Multiply by a constant, which stays on its side."""
        share = self.share
        if self.is_constant(a):
            return self.folded(MULTIPLY, a, factor, -1)
        if self.number(factor) == 1.0:
            return a
        if self.number(factor) == -1.0:
            return self.negate(a)
        if self.is_code(a, NEGATE):
            return self.scale(self.operand(a), self.negated(factor), is_last)
        return share.equation(MULTIPLY, a, factor, -1) if is_last else share.equation(MULTIPLY, factor, a, -1)

    def divide(self, a, b):
        share = self.share
        if self.is_constant(b):
            if self.is_constant(a):
                return self.folded(DIVIDE, a, b, -1)
            y = self.number(b)
            if is_power_of_two(y):
                return self.scale(a, share.constant(1.0 / y), True)
            if self.is_code(a, NEGATE):
                return self.divide(self.operand(a), self.negated(b))
        elif self.is_code(b, NEGATE):
            if self.is_code(a, NEGATE):
                return self.divide(self.operand(a), self.operand(b))
            if self.is_constant(a):
                return self.divide(self.negated(a), self.operand(b))
        return share.equation(DIVIDE, a, b, -1)

    def square(self, a):
        if self.is_code(a, NEGATE) or (self.is_code(a, ABSOLUTE) and not self.differentiable):
            return self.square(self.operand(a))
        return self.share.equation(SQUARE, a, -1, -1)

    def power(self, code, a, b):
        share = self.share
        if not self.is_constant(b):
            return share.equation(code, a, b, -1)
        k = self.number(b)
        if k == 1.0:
            return a
        if k == 0.0:
            return share.constant(1.0)
        if not self.exact:
            if k == 2.0:
                return self.square(a)
            if k == -1.0:
                return self.divide(share.constant(1.0), a)
            if k == 0.5 and self.has(a, AT_LEAST_ZERO) and self.may_lose_sign(a):
                return share.equation(SQRT, a, -1, -1)
        return share.equation(POWER, a, b, -1)

    def absolute(self, a):
        if self.is_code(a, NEGATE):
            return self.absolute(self.operand(a))
        if self.is_code(a, ABSOLUTE) or (not self.differentiable and self.has(a, AT_LEAST_ZERO | NEVER_MINUS_ZERO)):
            return a
        return self.share.equation(ABSOLUTE, a, -1, -1)

    def relu(self, a):
        if self.is_code(a, RELU) or (not self.differentiable and self.has(a, AT_LEAST_ZERO)):
            return a
        return self.share.equation(RELU, a, -1, -1)

    def maximum(self, a, b):
        if a == b or self.is_number(b, -inf):
            return a
        if self.is_number(a, -inf) and not self.differentiable:
            return b
        return self.share.equation(MAXIMUM, a, b, -1)

    def minimum(self, a, b):
        if a == b or self.is_number(b, inf):
            return a
        if self.is_number(a, inf) and not self.differentiable:
            return b
        return self.share.equation(MINIMUM, a, b, -1)

    def where(self, condition, a, b):
        share = self.share
        while True:
            if self.is_constant(condition):
                return a if self.number(condition) != 0.0 else b
            code = share.build.codes[condition]
            if code == EQUAL and self.is_zero_of_any_sign(share.build.b[condition]):
                a, b = b, a
            elif code != NEGATE and code != ABSOLUTE and code != DETACH:
                if code != NOT_EQUAL or not self.is_zero_of_any_sign(share.build.b[condition]):
                    break
            condition = share.build.a[condition]
        if self.is_code(a, WHERE) and self.operand(a) == condition:
            return self.where(condition, share.build.b[a], b)
        if self.is_code(b, WHERE) and self.operand(b) == condition:
            return self.where(condition, a, share.build.c[b])
        if a == b:
            return a
        if self.is_number(a, 1.0) and self.is_zero(b) and self.has(condition, TRUTH):
            return condition
        return share.equation(WHERE, condition, a, b)

    def is_zero_of_any_sign(self, slot):
        """Tell whether a slot is the constant 0.0 or -0.0."""
        return self.is_constant(slot) and self.number(slot) == 0.0

    def compare(self, code, a, b):
        if a == b and (code == LESS or code == GREATER):
            return self.share.constant(0.0)
        if self.has(a, TRUTH) and self.is_constant(b):
            y = self.number(b)
            if (y == 0.0 and (code == NOT_EQUAL or code == GREATER)) or (y == 1.0 and code == EQUAL):
                return a
            if (y == 0.0 and code == EQUAL) or (y == 1.0 and code == NOT_EQUAL):
                if self.is_code(a, EQUAL):
                    return self.compare(NOT_EQUAL, self.operand(a), self.share.build.b[a])
                if self.is_code(a, NOT_EQUAL):
                    return self.compare(EQUAL, self.operand(a), self.share.build.b[a])
        elif self.has(b, TRUTH) and self.is_constant(a) and (code == EQUAL or code == NOT_EQUAL or code == LESS):
            return self.compare(GREATER if code == LESS else code, b, a)
        return self.share.equation(code, a, b, -1)

    def round(self, code, a):
        if self.has(a, WHOLE) and self.may_lose_sign(a):
            return a
        return self.share.equation(code, a, -1, -1)

    def detach(self, a):
        if not self.differentiable or self.is_code(a, DETACH) or self.has(a, TRUTH):
            return a
        return self.share.equation(DETACH, a, -1, -1)

    def attach(self, a, b, c):
        if not self.differentiable or self.is_constant(b):
            return a
        return self.share.equation(ATTACH, a, b, c)


def is_power_of_two(y):
    """Tell whether 1 / y is exact and normal, so that dividing by y and multiplying by 1 / y round the same number."""
    return bits_of(y) & FRACTION == 0 and LEAST <= abs(y) <= MOST
