"""The ladder: small programs from `a + b` to a deep chain."""

from slopewise.quizzes.engine_programs import Kind, Program, Step
from slopewise.quizzes.engine_programs import passes as _passes
from slopewise.quizzes.engine_programs import program as _program
from slopewise.quizzes.engine_programs import values as _values

__all__ = ["DEEP", "DOUBLINGS", "LADDER", "LARGE", "Kind", "Program", "Step"]

DEEP = 5_000
DOUBLINGS = 40
LARGE = ("400.0", "-400.0", "800.0")

_LECTURE_NEURON = (
    "n = x1*w1 + x2*w2 + b; o = n.tanh()",
    {"x1": "2.0", "x2": "0.5", "w1": "-3.0", "w2": "1.0", "b": "6.25"},
)

LADDER: tuple[Step, ...] = (
    Step("a number", (_program("a = Value(2.5)", "a.data"),), (), missing="class Value: def __init__(self, data): …"),
    Step(
        "a + b",
        (_values("c = a + b", a="2.0", b="-3.0"), _values("c = a + b", a="0.5", b="4.0")),
        ("add",),
        ("a number",),
        "def __add__(self, other): return Value(self.data + other.data)",
    ),
    Step(
        "a * b",
        (_values("c = a * b", a="2.0", b="-3.0"), _values("c = a * b", a="0.5", b="5.0")),
        ("mul",),
        ("a number",),
        "def __mul__(self, other): return Value(self.data * other.data)",
    ),
    Step(
        "tanh",
        tuple(_values("c = a.tanh()", a=n) for n in ("0.5", "-1.25", "0.0", "2.0")),
        ("tanh",),
        ("a number",),
        "def tanh(self): return Value(math.tanh(self.data))",
    ),
    Step(
        "backward through a + b",
        (_passes("y = a + b", a="2.0", b="-3.0"), _passes("y = a + b", a="0.5", b="4.0")),
        ("add",),
        ("a + b",),
        "give each node the step that hands its gradient on, and backward() to run them from the root up",
    ),
    Step(
        "backward through a * b",
        (_passes("y = a * b", a="2.0", b="-3.0"), _passes("y = a * b", a="0.5", b="5.0")),
        ("mul",),
        ("a * b",),
        "give a * b the step that hands its gradient on",
    ),
    Step(
        "backward through tanh",
        (_passes("y = a.tanh()", a="0.5"), _passes("y = a.tanh()", a="-1.25"), _passes("y = a.tanh()", a="2.0")),
        ("tanh",),
        ("tanh",),
        "give tanh the step that hands its gradient on",
    ),
    Step(
        "the chain rule",
        (
            _passes("d = a + b; y = d * c", a="2.0", b="-3.0", c="10.0"),
            _passes("d = a * b; y = d * c", a="2.0", b="-3.0", c="10.0"),
            _passes("d = a * b; e = d + c; y = e * f", a="2.0", b="-3.0", c="10.0", f="-2.0"),
            _passes("d = a + b; e = d + c; y = e * f", a="1.5", b="0.25", c="3.0", f="-2.5"),
            _passes("d = b * c; e = a * d; y = f * e", a="1.5", b="0.25", c="3.0", f="-2.5"),
        ),
        ("add", "mul"),
        ("backward through a + b", "backward through a * b"),
    ),
    Step(
        "the chain rule through tanh",
        (
            _passes("t = a.tanh(); y = t * b", a="0.5", b="3.0"),
            _passes("t = a.tanh(); y = t.tanh()", a="-1.25"),
            _passes("p = a * b; t = p.tanh(); y = t * c", a="0.5", b="-0.75", c="4.0"),
            _passes(_LECTURE_NEURON[0], "o", **_LECTURE_NEURON[1]),
        ),
        ("tanh", "mul", "add"),
        ("the chain rule", "backward through tanh"),
    ),
    Step(
        "an operand used twice",
        (
            _passes("b = a + a", "b", a="3.0"),
            _passes("b = a * a", "b", a="3.0"),
            _passes("c = a * b; y = a + c", a="2.0", b="-3.0"),
            _passes("c = a + b; y = c * a", a="2.0", b="-3.0"),
            _passes("c = a + b; y = b * c", a="2.0", b="-3.0"),
            _passes("c = a * b; y = c + a", a="2.0", b="-3.0"),
            _passes("c = a + b; d = a + c; y = d * a", a="2.0", b="-3.0"),
            _passes("c = a * b; d = a * c; y = d + a", a="2.0", b="-3.0"),
        ),
        ("add", "mul"),
        ("the chain rule",),
    ),
    Step(
        "one operand under two tanh",
        (
            _passes("s = a.tanh(); t = a.tanh(); y = s * t", a="0.5"),
            _passes("s = a.tanh(); y = s * a", a="0.5"),
            _passes("s = a.tanh(); y = a * s", a="-1.25"),
        ),
        ("tanh", "mul"),
        ("an operand used twice", "the chain rule through tanh"),
    ),
    Step(
        "a diamond",
        (
            _passes("d = a * b; e = a + b; f = d * e", "f", a="-2.0", b="3.0"),
            _passes("d = a * b; e = a + b; y = d + e", a="1.5", b="-4.0"),
        ),
        ("add", "mul"),
        ("an operand used twice",),
    ),
    Step(
        "visiting in order",
        (
            _passes("c = a + b; d = a * b; e = c + d; f = c * d; y = e + f", a="2.0", b="3.0"),
            _passes("c = a + b; d = c * a; e = d * c; y = e + d", a="1.5", b="-2.0"),
            _passes("c = a * b; d = c + a; e = d * c; y = e * d", a="0.5", b="3.0"),
            _passes("c = a * b; d = c * c; e = d + c; y = e * e", a="0.5", b="3.0"),
            _passes("d = a * b; e = d + a; f = e * b; y = d * f", a="2.0", b="3.0"),
            _passes("d = a + b; e = d * a; f = e + b; y = f * d", a="1.5", b="-2.0"),
        ),
        ("add", "mul"),
        ("a diamond",),
    ),
    Step(
        "nodes with equal numbers",
        (
            _passes("c = a + b; d = a * b; y = c * d", a="2.0", b="2.0"),
            _passes("c = a * b; d = b + c; e = a + c; y = d * e", a="3.0", b="3.0"),
        ),
        ("add", "mul"),
        ("visiting in order",),
    ),
    Step(
        "a + 1 and a * 2",
        (
            _passes("y = a + 1", a="3.0"),
            _passes("y = a * 2", a="3.0"),
            _passes("y = a * 2.5 + 1.5", a="-3.0"),
        ),
        ("add", "mul"),
        ("backward through a + b", "backward through a * b"),
        "wrap plain numbers: other = other if isinstance(other, Value) else Value(other)",
    ),
    Step(
        "2 * a",
        (
            _passes("y = 2 * a", a="3.0"),
            _passes("d = 2.5 * a; y = d * b", a="-3.0", b="4.0"),
            _passes("b = 2 * a; y = b + a", a="3.0"),
            _passes("c = a * b; y = 2 * c", a="3.0", b="-4.0"),
        ),
        ("rmul", "mul"),
        ("backward through a * b", "backward through a + b"),
        "def __rmul__(self, other): return self * other",
    ),
    Step(
        "1 + a",
        (
            _passes("y = 1 + a", a="3.0"),
            _passes("d = 1.5 + a; y = d * b", a="-3.0", b="4.0"),
            _passes("d = 1.5 + a; c = a * b; y = c * d", a="-3.0", b="4.0"),
            _passes("d = 1.5 + a; c = a * b; y = d * c", a="-3.0", b="4.0"),
            _passes("c = a * b; y = 1 + c", a="3.0", b="-4.0"),
        ),
        ("radd", "add"),
        ("backward through a + b", "backward through a * b"),
        "def __radd__(self, other): return self + other",
    ),
    Step(
        "-a",
        (
            _passes("y = -a", a="3.0"),
            _passes("n = -a; y = n * b", a="-2.0", b="5.0"),
            _passes("n = -a; y = n * a", a="3.0"),
            _passes("c = a * b; y = -c", a="3.0", b="-4.0"),
        ),
        ("neg", "mul"),
        ("the chain rule",),
        "def __neg__(self): return self * -1",
    ),
    Step(
        "a - b",
        (
            _passes("y = a - b", a="5.0", b="3.0"),
            _passes("d = a - b; y = d * c", a="5.0", b="-3.0", c="4.0"),
            _passes("y = a - 2", a="5.0"),
            _passes("c = a - b; y = c * a", a="5.0", b="3.0"),
            _passes("c = a - b; y = b * c", a="5.0", b="3.0"),
            _passes("c = a * b; d = a + b; y = c - d", a="5.0", b="3.0"),
            _passes("y = a - a", a="5.0"),
        ),
        ("sub", "neg", "add", "mul"),
        ("the chain rule",),
        "def __sub__(self, other): return self + (-other)",
    ),
    Step(
        "2 - a",
        (
            _passes("y = 2 - a", a="5.0"),
            _passes("d = 2 - a; y = d * b", a="5.0", b="4.0"),
            _passes("d = 1.5 - a; y = d * a", a="-2.5"),
            _passes("c = a * b; y = 2 - c", a="3.0", b="-4.0"),
        ),
        ("rsub", "sub", "neg", "radd"),
        ("the chain rule",),
        "def __rsub__(self, other): return other + (-self)",
    ),
    Step(
        "a ** 2",
        (
            _passes("y = a ** 2", a="3.0"),
            _passes("y = a ** 3", a="2.5"),
            _passes("p = a ** 3; y = p * b", a="-1.5", b="4.0"),
            _passes("y = a ** -1", a="4.0"),
            _passes("y = a ** 0.5", a="6.25"),
            _passes("p = a ** 2; y = p * a", a="3.0"),
            _passes("c = a * b; y = c ** 2", a="3.0", b="-0.5"),
        ),
        ("pow",),
        ("the chain rule",),
        "def __pow__(self, k): return Value(self.data**k), with the slope k * a**(k-1)",
    ),
    Step(
        "a / b",
        (
            _passes("y = a / b", a="3.0", b="4.0"),
            _passes("d = a / b; y = d * c", a="-3.0", b="2.5", c="4.0"),
            _passes("y = a / 2", a="3.0"),
            _passes("d = a / b; y = d * a", a="3.0", b="4.0"),
            _passes("d = a / b; y = b * d", a="3.0", b="4.0"),
            _passes("d = b / a; y = d + b", a="0.8", b="1.5"),
            _passes("c = a * b; d = a + b; y = c / d", a="0.8", b="1.5"),
            _passes("y = a / a", a="0.8"),
        ),
        ("div", "pow", "mul"),
        ("the chain rule",),
        "def __truediv__(self, other): return self * other**-1",
    ),
    Step(
        "2 / a",
        (
            _passes("y = 2 / a", a="4.0"),
            _passes("d = 3 / a; y = d * b", a="-2.5", b="4.0"),
            _passes("d = 1.5 / a; y = d * a", a="-2.5"),
            _passes("c = a * b; y = 2 / c", a="0.5", b="-4.0"),
        ),
        ("rdiv", "div", "pow", "rmul"),
        ("the chain rule",),
        "def __rtruediv__(self, other): return other * self**-1",
    ),
    Step(
        "sum()",
        (
            _passes("y = sum([a, b, c])", a="2.0", b="-3.0", c="10.0"),
            _passes("s = sum([a * b, a, b], c); y = s * c", a="2.0", b="-3.0", c="0.5"),
        ),
        ("radd", "add"),
        ("the chain rule",),
        "sum() begins with 0 + a: def __radd__(self, other): return self + other",
        speaks=True,
    ),
    Step(
        "exp",
        (
            _passes("y = a.exp()", a="0.5"),
            _passes("y = a.exp()", a="-1.5"),
            _passes("e = a.exp(); y = e * b", a="0.5", b="3.0"),
            _passes("e = a.exp(); y = e * a", a="0.5"),
            _passes("e = a.exp(); y = a * e", a="-1.5"),
            _passes("c = a * b; y = c.exp()", a="0.5", b="-3.0"),
        ),
        ("exp",),
        ("the chain rule",),
        "def exp(self): return Value(math.exp(self.data)), with itself as the slope",
    ),
    Step(
        "tanh through exp",
        (_passes("e = (2*n).exp(); o = (e - 1) / (e + 1)", "o", n="0.875"),),
        ("exp", "div", "sub", "add", "rmul"),
        ("exp", "a / b", "a - b", "2 * a", "a + 1 and a * 2"),
    ),
    Step(
        "relu",
        (
            _passes("y = a.relu()", a="2.0"),
            _passes("y = a.relu()", a="-3.0"),
            _passes("r = a.relu(); y = r * b", a="2.0", b="-5.0"),
            _passes("r = a.relu(); y = r + a", a="-3.0"),
            _passes("r = a.relu(); y = r * a", a="3.0"),
            _passes("r = a.relu(); y = a * r", a="0.25"),
            _passes("c = a * b; y = c.relu()", a="0.5", b="3.0"),
        ),
        ("relu",),
        ("the chain rule",),
        "def relu(self): return Value(max(0, self.data)), with the slope 1 above 0 and 0 below",
    ),
    Step(
        "whole numbers",
        (
            _passes("y = a * b + a", a="2", b="3"),
            _passes("y = a / b", a="7", b="2"),
            _passes("y = a ** -1", a="4"),
        ),
        ("add", "mul", "div", "pow"),
        ("an operand used twice", "a / b", "a ** 2"),
    ),
    Step(
        "two graphs over the same leaves",
        (
            Program(
                ("a = Value(2.0)", "b = Value(-3.0)", "y = a * b", "y.backward()", "z = a + b", "z.backward()"),
                ("a.grad", "b.grad"),
            ),
            Program(
                (
                    "a = Value(2.0)",
                    "b = Value(-3.0)",
                    "c = a * b",
                    "y = c * a",
                    "y.backward()",
                    "z = a * a",
                    "z.backward()",
                ),
                ("a.grad", "b.grad"),
            ),
        ),
        (),
        ("an operand used twice",),
        kind="second pass",
    ),
    Step(
        "zeroing and a new graph",
        (
            Program(
                (
                    "a = Value(2.0)",
                    "b = Value(-3.0)",
                    "y = a * b",
                    "y.backward()",
                    "a.grad = 0.0",
                    "b.grad = 0.0",
                    "z = a * b + a",
                    "z.backward()",
                ),
                ("a.grad", "b.grad"),
            ),
        ),
        ("add", "mul"),
        ("an operand used twice",),
    ),
    Step(
        "a step along the gradient",
        (
            Program(
                (
                    "a = Value(2.0)",
                    "b = Value(-3.0)",
                    "c = Value(10.0)",
                    "f = Value(-2.0)",
                    "y = (a * b + c) * f",
                    "y.backward()",
                    "for p in [a, b, c, f]:",
                    "    p.data += 0.01 * p.grad",
                    "z = (a * b + c) * f",
                ),
                ("z.data",),
            ),
        ),
        ("add", "mul"),
        ("the chain rule",),
    ),
    Step(
        "a second pass",
        (
            Program(
                ("a = Value(3.0)", "b = Value(2.0)", "c = a * b", "y = c * b", "y.backward()", "y.backward()"),
                ("a.grad", "b.grad"),
            ),
            Program(
                (
                    "a = Value(3.0)",
                    "b = Value(2.0)",
                    "c = a * b",
                    "y = c * b",
                    "y.backward()",
                    "z = c * a",
                    "z.backward()",
                ),
                ("a.grad", "b.grad"),
            ),
        ),
        (),
        ("the chain rule",),
        kind="second pass",
    ),
    Step(
        "many paths",
        (
            Program(
                ("a = Value(1.0)", "y = a", f"for i in range({DOUBLINGS}):", "    y = y + y", "y.backward()"),
                ("y.data", "a.grad"),
            ),
        ),
        (),
        ("visiting in order",),
        kind="many paths",
    ),
    Step(
        "a deep chain",
        (
            Program(
                (
                    "a = Value(1.0)",
                    "b = Value(0.5)",
                    "y = a",
                    f"for i in range({DEEP}):",
                    "    y = y + b",
                    "y.backward()",
                ),
                ("y.data", "a.grad", "b.grad"),
            ),
        ),
        (),
        ("an operand used twice",),
        kind="deep",
    ),
    Step(
        "a large tanh",
        tuple(_passes("y = a.tanh()", a=number) for number in LARGE),
        ("tanh",),
        ("backward through tanh",),
        kind="large",
    ),
)
