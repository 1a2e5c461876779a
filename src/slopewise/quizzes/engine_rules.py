# ruff: noqa: E501 - the table of wrong formulas stays in columns
"""Wrong formulas that learners write for an operation: its value, or its local derivative."""

import math
from dataclasses import dataclass

from slopewise.quizzes.engine_slipped import Handed, Value


@dataclass(frozen=True, slots=True)
class RuleSlip:
    """A wrong formula.

    Attributes:
        code: A short name of the kind of slip.
        says: What is wrong, in one sentence.
        cure: What to write.
        value: The wrong value, from the numbers of the operands; None when the value is right.
        handed: What is handed to the operands: from the upstream gradient g, their numbers, and the result; None when
            that is right.
    """

    code: str
    says: str
    cure: str
    value: Value | None = None
    handed: Handed | None = None


_PRODUCT = "the product rule crosses over: self.grad += other.data * out.grad; other.grad += self.data * out.grad"
_SUM = "a sum hands its gradient on unchanged: self.grad += out.grad; other.grad += out.grad"
_DIFFERENCE = "self.grad += out.grad; other.grad -= out.grad; or write it as self + (-other)"
_QUOTIENT = "a / b is a * b**-1: self gets out.grad / b, other gets -a / b**2 * out.grad"
_POWER = "self.grad += k * self.data**(k - 1) * out.grad"
_TANH = "self.grad += (1 - t**2) * out.grad, with t = out.data"
_TANH_VALUE = "t = math.tanh(self.data), or (e - 1) / (e + 1) with e = math.exp(2 * self.data)"
_EXP = "the slope of exp is exp itself: self.grad += out.data * out.grad"
_RELU = "self.grad += (out.data > 0) * out.grad"
_RELU_VALUE = "out = max(0, self.data)"
_SIGMOID = "self.grad += s * (1 - s) * out.grad, with s = out.data"
_LOG = "the slope of log is 1/x: self.grad += out.grad / self.data"
_SUBTRACT = "2 - a is 2 + (-a): return other + (-self)"
_OVER = "2 / a is 2 * a**-1: return other * self**-1"
_NEGATE = "-a is a * -1: return self * -1"


def _value(says: str, cure: str, value: Value, handed: Handed | None = None, code: str = "value") -> RuleSlip:
    return RuleSlip(code, says, cure, value, handed)


def _slope(says: str, cure: str, handed: Handed, code: str = "derivative") -> RuleSlip:
    return RuleSlip(code, says, cure, None, handed)


def _tanh_slope(taken: str, slope: Value) -> RuleSlip:
    says = f"the slope of tanh is taken as {taken}; it is 1 − t², with t = tanh(x)"
    return _slope(says, _TANH, lambda g, x, z: (slope(x, z) * g,))


def _tanh_value(says: str, value: Value) -> RuleSlip:
    return _value(says, _TANH_VALUE, value, lambda g, x, z: ((1 - z * z) * g,))


# fmt: off
RULE_SLIPS: dict[str, tuple[RuleSlip, ...]] = {
    "add": (
        _value("a + b multiplies", "return Value(self.data + other.data, …)", lambda x, y: x * y),
        _value("a + b subtracts", "return Value(self.data + other.data, …)", lambda x, y: x - y),
        _value("a + b gives a alone", "return Value(self.data + other.data, …)", lambda x, y: x),
        _value("a + b gives b alone", "return Value(self.data + other.data, …)", lambda x, y: y),
        _slope("the step of a + b uses the rule of a product", _SUM, lambda g, x, y, z: (y * g, x * g), "rule-of-product"),
        _slope("the step of a + b multiplies by each operand's own number", _SUM, lambda g, x, y, z: (x * g, y * g)),
    ),
    "mul": (
        _value("a * b adds", "return Value(self.data * other.data, …)", lambda x, y: x + y),
        _value("a * b takes the absolute value of a", "return Value(self.data * other.data, …)", lambda x, y: abs(x) * y),
        _value("a * b takes the absolute value of b", "return Value(self.data * other.data, …)", lambda x, y: x * abs(y)),
        _value("a * b gives the square of a", "return Value(self.data * other.data, …)", lambda x, y: x * x),
        _slope("the step of a * b gives each operand its own number times the upstream gradient; it should be the other's",
               _PRODUCT, lambda g, x, y, z: (x * g, y * g), "product-rule"),
        _slope("the step of a * b uses the rule of a sum: it hands the gradient on unchanged", _PRODUCT, lambda g, x, y, z: (g, g), "rule-of-sum"),
        _slope("the step of a * b uses the result's number where the other operand's belongs", _PRODUCT, lambda g, x, y, z: (z * g, z * g), "captured"),
        _slope("the step of a * b uses the left operand's number for both", _PRODUCT, lambda g, x, y, z: (x * g, x * g), "captured"),
        _slope("the step of a * b uses the right operand's number for both", _PRODUCT, lambda g, x, y, z: (y * g, y * g), "captured"),
        _slope("the step of a * b hands the result's number on, without operand and gradient", _PRODUCT, lambda g, x, y, z: (z, z), "captured"),
    ),
    "radd": (
        _value("2 + a multiplies", "return self + other", lambda x, k: x * k, lambda g, x, k, z: (k * g,)),
        _value("2 + a gives a alone", "return self + other", lambda x, k: x),
    ),
    "rmul": (
        _value("2 * a adds", "return self * other", lambda x, k: x + k, lambda g, x, k, z: (g,)),
        _value("2 * a gives a alone", "return self * other", lambda x, k: x),
        _slope("2 * a hands the gradient on unchanged", "return self * other", lambda g, x, k, z: (g,)),
    ),
    "neg": (
        _value("-a gives a", _NEGATE, lambda x: x, lambda g, x, z: (g,), "sign"),
        _value("-a gives the absolute value", _NEGATE, abs),
    ),
    "sub": (
        _value("a - b adds", _DIFFERENCE, lambda x, y: x + y, lambda g, x, y, z: (g, g)),
        _value("a - b adds", _DIFFERENCE, lambda x, y: x + y),
        _value("a - b is computed as b - a", _DIFFERENCE, lambda x, y: y - x, lambda g, x, y, z: (-g, g), "reflected"),
        _value("a - b is computed as b - a", _DIFFERENCE, lambda x, y: y - x, code="reflected"),
        _slope("the step of a - b gives b the gradient with the sign of a sum; the subtracted term gets the opposite sign",
               _DIFFERENCE, lambda g, x, y, z: (g, g), "sign"),
        _slope("the step of a - b turns the sign for a; only the subtracted term b gets the opposite sign", _DIFFERENCE, lambda g, x, y, z: (-g, g), "sign"),
    ),
    "rsub": (
        _value("2 - a is computed as a - 2", _SUBTRACT, lambda x, k: x - k, lambda g, x, k, z: (g,), "reflected"),
        _value("2 - a is computed as a - 2", _SUBTRACT, lambda x, k: x - k, code="reflected"),
        _value("2 - a is computed as 2 + a", _SUBTRACT, lambda x, k: x + k, lambda g, x, k, z: (g,), "reflected"),
        _value("2 - a is computed as -(2 + a)", _SUBTRACT, lambda x, k: -x - k, code="reflected"),
        _slope("2 - a has the right value, but hands the gradient on with the sign of a - 2", _SUBTRACT, lambda g, x, k, z: (g,), "reflected"),
    ),
    "div": (
        _value("a / b divides whole numbers (`//`) and drops the fraction", "use one slash: self.data / other.data", lambda x, y: x // y, code="whole"),
        _value("a / b is computed as b / a", _QUOTIENT, lambda x, y: y / x, lambda g, x, y, z: (-y / x**2 * g, g / x), "reflected"),
        _value("a / b is computed as b / a", _QUOTIENT, lambda x, y: y / x, code="reflected"),
        _value("a / b multiplies", _QUOTIENT, lambda x, y: x * y, lambda g, x, y, z: (y * g, x * g)),
        _slope("the step of a / b forgets the square: b gets −a / b, and should get −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, -x / y * g), "quotient-rule"),
        _slope("the step of a / b multiplies by 2 where it should square: b gets −a / b · 2, and should get −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, -2 * x / y * g), "quotient-rule"),
        _slope("the step of a / b forgets a: b gets −1 / b², and should get −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, -g / y**2), "quotient-rule"),
        _slope("the step of a / b forgets a and the sign: b gets 1 / b², and should get −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, g / y**2), "quotient-rule"),
        _slope("the step of a / b forgets to divide: a gets b times the gradient, as in a product", _QUOTIENT, lambda g, x, y, z: (y * g, x * g), "rule-of-product"),
        _slope("the step of a / b gives a the gradient divided by a; it should be divided by b", _QUOTIENT, lambda g, x, y, z: (g / x, -x * g / y**2), "quotient-rule"),
        _slope("the step of a / b gives b the slope a / b by the rule of 1/b without its minus", _QUOTIENT, lambda g, x, y, z: (g / y, x / y * g), "quotient-rule"),
        _slope("the step of a / b gives b the gradient 1 / a; it should be −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, g / x), "quotient-rule"),
        _slope("the step of a / b gives b the slope −b / a²; it should be −a / b²", _QUOTIENT, lambda g, x, y, z: (g / y, -y / x**2 * g), "quotient-rule"),
    ),
    "rdiv": (
        _value("2 / a is computed as a / 2", _OVER, lambda x, k: x / k, lambda g, x, k, z: (g / k,), "reflected"),
        _value("2 / a is computed as a / 2", _OVER, lambda x, k: x / k, code="reflected"),
        _value("2 / a gives 1 / a", _OVER, lambda x, k: 1 / x, lambda g, x, k, z: (-g / x**2,)),
        _value("2 / a divides whole numbers (`//`) and drops the fraction", "use one slash", lambda x, k: k // x, code="whole"),
        _slope("2 / a has the right value, but hands the gradient on as a / 2 does", _OVER, lambda g, x, k, z: (g / k,), "reflected"),
        _slope("the step of 2 / a forgets the 2: a gets −1 / a², and should get −2 / a²", _OVER, lambda g, x, k, z: (-g / x**2,), "quotient-rule"),
        _slope("the step of 2 / a forgets the square: a gets −2 / a, and should get −2 / a²", _OVER, lambda g, x, k, z: (-k * g / x,), "quotient-rule"),
    ),
    "pow": (
        _value("a ** k multiplies by k", "out = self.data**k", lambda x, k: x * k, lambda g, x, k, z: (k * g,)),
        _value("a ** k multiplies by k", "out = self.data**k", lambda x, k: x * k),
        _value("a ** k is computed as k ** a", "out = self.data**k", lambda x, k: k**x, lambda g, x, k, z: (z * math.log(k) * g,), "reflected"),
        _value("a ** k is computed as k ** a", "out = self.data**k", lambda x, k: k**x, code="reflected"),
        _value("a ** k squares, whatever k is", "out = self.data**k", lambda x, k: x * x),
        _slope("the step of a ** k forgets the factor k", _POWER, lambda g, x, k, z: (x ** (k - 1) * g,), "power-rule"),
        _slope("the step of a ** k does not lower the exponent: k · aᵏ where k · aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: (k * x**k * g,), "power-rule"),
        _slope("the step of a ** k forgets the power: k · a where k · aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: (k * x * g,), "power-rule"),
        _slope("the step of a ** k always uses the slope of a square, 2 · a", _POWER, lambda g, x, k, z: (2 * x * g,), "power-rule"),
        _slope("the step of a ** k hands on k alone", _POWER, lambda g, x, k, z: (k * g,), "power-rule"),
        _slope("the step of a ** k multiplies by k − 1 where k belongs", _POWER, lambda g, x, k, z: ((k - 1) * x ** (k - 1) * g,), "power-rule"),
        _slope("the step of a ** k raises the exponent by 1 where it should lower it", _POWER, lambda g, x, k, z: (k * x ** (k + 1) * g,), "power-rule"),
        _slope("the step of a ** k hands the value on: aᵏ where k · aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: (z * g,), "power-rule"),
        _slope("the step of a ** k multiplies where the power belongs: k · a · (k − 1)", _POWER, lambda g, x, k, z: (k * x * (k - 1) * g,), "power-rule"),
        _slope("the step of a ** k takes the power of k: kᵃ⁻¹ · a where k · aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: (x * k ** (x - 1) * g,), "power-rule"),
        _slope("the step of a ** k lacks brackets: k * a**k - 1 * out.grad is k · aᵏ less the gradient", _POWER, lambda g, x, k, z: (k * z - g,), "power-rule"),
        _slope("the step of a ** k lacks brackets: a**k - 1 is aᵏ less 1, where aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: ((k * z - 1) * g,), "power-rule"),
        _slope("the step of a ** k lacks brackets: a**k - 1 is aᵏ less 1, where aᵏ⁻¹ belongs", _POWER, lambda g, x, k, z: (k * (z - 1) * g,), "power-rule"),
        _slope("the step of a ** k takes |k| for the factor k", _POWER, lambda g, x, k, z: (abs(k) * x ** (k - 1) * g,), "power-rule"),
        _slope("the step of a ** k uses the slope of k ** a, by the logarithm", _POWER, lambda g, x, k, z: (z * math.log(abs(x)) * g,), "power-rule"),
    ),
    "tanh": (
        _tanh_value("tanh takes exp(x) where exp(2x) belongs: that is tanh(x/2)", lambda x: (math.exp(x) - 1) / (math.exp(x) + 1)),
        _tanh_value("tanh has plus and minus exchanged: (e + 1) / (e − 1)", lambda x: (math.exp(2 * x) + 1) / (math.exp(2 * x) - 1)),
        _tanh_value("tanh lacks brackets: e − 1 / e + 1 is e − (1/e) + 1", lambda x: math.exp(2 * x) - 1 / math.exp(2 * x) + 1),
        _tanh_value("tanh lacks brackets: (e − 1) / e + 1 adds the 1 after dividing", lambda x: (math.exp(2 * x) - 1) / math.exp(2 * x) + 1),
        _tanh_value("tanh has the opposite sign: (1 − e) / (1 + e)", lambda x: -math.tanh(x)),
        _tanh_value("tanh takes exp(−2x) where exp(2x) belongs: the sign is turned", lambda x: math.tanh(-x)),
        _value("tanh is computed as sinh, without the division by cosh", _TANH_VALUE, math.sinh),
        _value("tanh is computed as exp(x) − exp(−x), without the division", _TANH_VALUE, lambda x: math.exp(x) - math.exp(-x)),
        _value("tanh is computed as the sigmoid", _TANH_VALUE, lambda x: 1 / (1 + math.exp(-x))),
        _value("tanh is computed as tan", _TANH_VALUE, math.tan),
        _value("tanh is computed as atan", _TANH_VALUE, math.atan),
        _value("tanh is computed as 1 − t², its slope", _TANH_VALUE, lambda x: 1 - math.tanh(x) ** 2),
        _tanh_slope("1 − t", lambda x, t: 1 - t),
        _tanh_slope("t²", lambda x, t: t * t),
        _tanh_slope("1 + t²", lambda x, t: 1 + t * t),
        _tanh_slope("t² − 1", lambda x, t: t * t - 1),
        _tanh_slope("1 − x²", lambda x, t: 1 - x * x),
        _tanh_slope("1 − x", lambda x, t: 1 - x),
        _tanh_slope("t · (1 − t), as for the sigmoid", lambda x, t: t * (1 - t)),
        _tanh_slope("(1 − t)²", lambda x, t: (1 - t) ** 2),
        _tanh_slope("1 − 2t", lambda x, t: 1 - 2 * t),
        _tanh_slope("2t", lambda x, t: 2 * t),
        _tanh_slope("1 − tanh(t)²: tanh is applied twice", lambda x, t: 1 - math.tanh(t) ** 2),
        _tanh_slope("1 − |t|", lambda x, t: 1 - abs(t)),
        _tanh_slope("1 / (1 − t²), which is one over it", lambda x, t: 1 / (1 - t * t)),
        _tanh_slope("1 / (1 + x²), as for atan", lambda x, t: 1 / (1 + x * x)),
        _tanh_slope("1 − √t, the root in place of the square", lambda x, t: 1 - math.sqrt(abs(t))),
        _tanh_slope("1 − x · t", lambda x, t: 1 - x * t),
        _tanh_slope("1 − t³", lambda x, t: 1 - t**3),
    ),
    "exp": (
        _value("exp is computed as 2 ** x", "out = math.exp(self.data)", lambda x: 2.0**x),
        _value("exp is computed with a rounded e, 2.718", "out = math.exp(self.data)", lambda x: 2.718**x),
        _value("exp is computed with a rounded e, 2.7183", "out = math.exp(self.data)", lambda x: 2.7183**x),
        _value("exp is computed as exp(−x)", "out = math.exp(self.data)", lambda x: math.exp(-x)),
        _value("exp is computed as exp(x) − 1", "out = math.exp(self.data)", math.expm1),
        _value("exp is computed as 1 + x", "out = math.exp(self.data)", lambda x: 1 + x),
        _slope("the step of exp uses the power rule: x · exp(x − 1) where exp(x) belongs", _EXP, lambda g, x, z: (x * math.exp(x - 1) * g,), "power-rule"),
        _slope("the step of exp multiplies by x as well: x · exp(x) where exp(x) belongs", _EXP, lambda g, x, z: (x * z * g,)),
        _slope("the step of exp squares its result", _EXP, lambda g, x, z: (z * z * g,)),
    ),
    "relu": (
        _value("relu lets negative numbers pass", _RELU_VALUE, lambda x: x),
        _value("relu gives the absolute value", _RELU_VALUE, abs),
        _value("relu keeps the negative numbers and drops the positive: min for max", _RELU_VALUE, lambda x: min(0.0, x), lambda g, x, z: ((x < 0) * g,)),
        _value("relu keeps the negative numbers and drops the positive: min for max", _RELU_VALUE, lambda x: min(0.0, x)),
        _value("relu leaks: a negative number comes out small, not 0", _RELU_VALUE, lambda x: x if x > 0 else 0.01 * x, lambda g, x, z: (g if x > 0 else 0.01 * g,)),
        _value("relu leaks: a negative number comes out small, not 0", _RELU_VALUE, lambda x: x if x > 0 else 0.01 * x),
        _value("relu gives 1 for a positive number: its slope in place of its value", _RELU_VALUE, lambda x: float(x > 0)),
        _slope("the step of relu lets the gradient pass where relu is off", _RELU, lambda g, x, z: (g,)),
        _slope("the step of relu is the wrong way round: it passes where relu is off", _RELU, lambda g, x, z: ((x <= 0) * g,)),
        _slope("the step of relu multiplies by the result as well", _RELU, lambda g, x, z: (max(0.0, x) * g,)),
        _slope("the step of relu asks for out.grad > 0 where out.data > 0 belongs", _RELU, lambda g, x, z: ((g > 0) * g,)),
    ),
    "sigmoid": (
        _value("sigmoid is computed with exp(x) where exp(−x) belongs", "1 / (1 + math.exp(-self.data))", lambda x: 1 / (1 + math.exp(x))),
        _value("sigmoid is computed as tanh", "1 / (1 + math.exp(-self.data))", math.tanh),
        _slope("the slope of sigmoid is taken as 1 − s², which belongs to tanh", _SIGMOID, lambda g, x, z: ((1 - z * z) * g,)),
        _slope("the slope of sigmoid is taken as 1 − s", _SIGMOID, lambda g, x, z: ((1 - z) * g,)),
        _slope("the slope of sigmoid is taken as x · (1 − x)", _SIGMOID, lambda g, x, z: (x * (1 - x) * g,)),
    ),
    "log": (
        _value("log is taken to the base 10", "out = math.log(self.data)", math.log10),
        _value("log is taken to the base 2", "out = math.log(self.data)", math.log2),
        _slope("the slope of log is taken as 1 / log(x)", _LOG, lambda g, x, z: (g / z,)),
        _slope("the slope of log is taken as −1 / x", _LOG, lambda g, x, z: (-g / x,), "sign"),
        _slope("the slope of log is taken as −1 / x²", _LOG, lambda g, x, z: (-g / x**2,)),
        _slope("the slope of log is taken as 1 / x²", _LOG, lambda g, x, z: (g / x**2,)),
    ),
    "sin": (
        _slope("the slope of sin is taken as −cos(x); it is cos(x)", "self.grad += math.cos(self.data) * out.grad", lambda g, x, z: (-math.cos(x) * g,), "sign"),
        _slope("the slope of sin is taken as cos(sin(x)); it is cos(x)", "self.grad += math.cos(self.data) * out.grad", lambda g, x, z: (math.cos(z) * g,)),
    ),
    "cos": (
        _slope("the slope of cos is taken as sin(x); it is −sin(x)", "self.grad += -math.sin(self.data) * out.grad", lambda g, x, z: (math.sin(x) * g,), "sign"),
        _slope("the slope of cos is taken as −sin(cos(x)); it is −sin(x)", "self.grad += -math.sin(self.data) * out.grad", lambda g, x, z: (-math.sin(z) * g,)),
    ),
    "sqrt": (
        _slope("the slope of sqrt is taken as 1 / √x; it is 1 / (2√x)", "self.grad += out.grad / (2 * out.data)", lambda g, x, z: (g / z,)),
        _slope("the slope of sqrt is taken as √x / 2; it is 1 / (2√x)", "self.grad += out.grad / (2 * out.data)", lambda g, x, z: (z / 2 * g,)),
        _slope("the slope of sqrt is taken as 1 / (2x); it is 1 / (2√x)", "self.grad += out.grad / (2 * out.data)", lambda g, x, z: (g / (2 * x),)),
    ),
    "absolute": (
        _slope("the step of abs lets the gradient pass unchanged; below 0 the sign turns", "self.grad += (1 if self.data > 0 else -1) * out.grad", lambda g, x, z: (g,), "sign"),
    ),
}
# fmt: on
