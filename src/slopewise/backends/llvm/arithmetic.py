"""`Arithmetic`: operations of a Program on numbers, or on lanes of numbers, as LLVM IR text."""

import math
import struct
from typing import Literal

from slopewise.backends.llvm.writer import Number, Writer
from slopewise.ir.operations import NAMES, row_of

__all__ = ["Arithmetic", "Dtype"]

Dtype = Literal["float64", "float32"]

_COMPARISONS = {
    "less": "olt",
    "less_equal": "ole",
    "greater": "ogt",
    "greater_equal": "oge",
    "equal": "oeq",
    "not_equal": "une",
}
_BINARY = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
_ROUNDINGS = {"floor": "floor", "ceil": "ceil", "truncate": "trunc", "round": "rint"}


class Arithmetic:
    """Writes operations on numbers of one kind.

    Args:
        writer: Where the text goes.
        dtype: `float64` or `float32`.

    Attributes:
        functions: Which vector functions the text calls: pairs of name and lanes.
    """

    def __init__(self, writer: Writer, dtype: Dtype):
        self.writer = writer
        self.dtype = dtype
        self.scalar = "double" if dtype == "float64" else "float"
        self.suffix = "f64" if dtype == "float64" else "f32"
        self.size = 8 if dtype == "float64" else 4
        self.functions: set[tuple[str, int]] = set()
        self.intrinsics: set[str] = set()

    def type_of(self, lanes: int) -> str:
        """Return the type of a number, or of so many side by side."""
        return self.scalar if lanes == 1 else f"<{lanes} x {self.scalar}>"

    def digits(self, value: float) -> str:
        """Return a number in the text, every bit of it."""
        if self.dtype == "float32":
            try:
                (value,) = struct.unpack("f", struct.pack("f", value))
            except OverflowError:
                value = math.copysign(math.inf, value)
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"

    def literal(self, value: float) -> Number:
        """Return a number that is known."""
        return Number(self.digits(value), 0)

    def pure(self, instruction: str, depth: int, lanes: int) -> Number:
        """Return what an instruction without effect gives."""
        return Number(self.writer.pure(instruction, depth), depth, lanes)

    def as_number(self, number: Number) -> Number:
        """Return a truth as 1 or 0; anything else as it is."""
        if not number.mask:
            return number
        kind, bit = self.type_of(number.lanes), "i1" if number.lanes == 1 else f"<{number.lanes} x i1>"
        one, zero = self.digits(1.0), "zeroinitializer" if number.lanes > 1 else self.digits(0.0)
        if number.lanes > 1:
            one = f"splat ({self.scalar} {one})"
        return self.pure(f"select {bit} {number.mask}, {kind} {one}, {kind} {zero}", number.depth, number.lanes)

    def spread(self, number: Number, lanes: int) -> Number:
        """Return a number in all lanes."""
        number = self.as_number(number)
        if number.lanes == lanes:
            return number
        if number.text.startswith("0x"):
            return Number(f"splat ({self.scalar} {number.text})", 0, lanes)
        kind, pure, depth = self.type_of(lanes), self.writer.pure, number.depth
        first = pure(f"insertelement {kind} poison, {self.scalar} {number.text}, i64 0", depth)
        zeros = f"<{lanes} x i32> zeroinitializer"
        return self.pure(f"shufflevector {kind} {first}, {kind} poison, {zeros}", depth, lanes)

    def alike(self, *numbers: Number) -> tuple[list[str], int, int]:
        """Return the texts of numbers brought to equally many lanes, the depth of all, and the lanes."""
        lanes = max(number.lanes for number in numbers)
        spread = [self.spread(number, lanes) for number in numbers]
        return [number.text for number in spread], max(number.depth for number in spread), lanes

    def add_up(self, x: Number, y: Number) -> Number:
        """Return a partial sum: an addition that may change places with others."""
        (a, b), depth, lanes = self.alike(x, y)
        return self.pure(f"fadd reassoc nsz contract {self.type_of(lanes)} {a}, {b}", depth, lanes)

    def multiply_add(self, x: Number, y: Number, z: Number) -> Number:
        """Return x · y + z, rounded once where the machine does that."""
        (a, b, c), depth, lanes = self.alike(x, y, z)
        return self.call("fmuladd", depth, lanes, a, b, c)

    def call(self, intrinsic: str, depth: int, lanes: int, *operands: str) -> Number:
        """Return what one of LLVM's own functions gives that are instructions everywhere."""
        kind = self.type_of(lanes)
        name = f"@llvm.{intrinsic}.{f'v{lanes}' if lanes > 1 else ''}{self.suffix}"
        self.intrinsics.add(f"declare {kind} {name}({', '.join([kind] * len(operands))})")
        return self.pure(f"call {kind} {name}({', '.join(f'{kind} {x}' for x in operands)})", depth, lanes)

    def compare(self, test: str, x: Number, y: Number) -> Number:
        """Return the truth of a comparison."""
        (a, b), depth, lanes = self.alike(x, y)
        return Number("", depth, lanes, self.writer.pure(f"fcmp {test} {self.type_of(lanes)} {a}, {b}", depth))

    def choose(self, condition: Number, x: Number, y: Number) -> Number:
        """Return x where the condition (a truth) holds, else y."""
        lanes = max(condition.lanes, x.lanes, y.lanes)
        a, b = self.spread(x, lanes), self.spread(y, lanes)
        bit = "i1" if condition.lanes == 1 else f"<{condition.lanes} x i1>"
        kind, depth = self.type_of(lanes), max(condition.depth, a.depth, b.depth)
        return self.pure(f"select {bit} {condition.mask}, {kind} {a.text}, {kind} {b.text}", depth, lanes)

    def apply(self, code: int, operands: list[Number]) -> Number:
        """Return what an operation gives."""
        name = NAMES[code]
        if name == "where":
            condition, x, y = operands
            if not condition.mask:
                condition = self.compare("une", condition, self.literal(0.0))
            return self.choose(condition, x, y)
        if name in ("detach", "attach"):
            return operands[0]
        if all(number.text.startswith("0x") for number in operands):
            values = [struct.unpack("<d", int(number.text, 16).to_bytes(8, "little"))[0] for number in operands]
            return self.literal(float(row_of(code).value(*values)))
        operands = [self.as_number(number) for number in operands]
        if name in _COMPARISONS:
            return self.compare(_COMPARISONS[name], *operands)
        if name in ("power", "power_value") and operands[1].text.startswith("0x"):
            power = self.power(operands[0], operands[1])
            if power is not None:
                return power
        written = self.written(name, operands)
        if written is not None:
            return written
        texts, depth, lanes = self.alike(*operands)
        self.functions.add((name, lanes))
        return self.pure(f"call {self.type_of(lanes)} @{name}[{lanes}]({self._typed(texts, lanes)})", depth, lanes)

    def _typed(self, texts: list[str], lanes: int) -> str:
        return ", ".join(f"{self.type_of(lanes)} {text}" for text in texts)

    def power(self, x: Number, exponent: Number) -> Number | None:
        """Return a power whose exponent is a small whole number, or a half more, by multiplying and roots.

        None if it is something else.
        """
        (k,) = struct.unpack("<d", int(exponent.text, 16).to_bytes(8, "little"))
        if k in (-0.5, 0.5, 1.5):
            return self.half_power(x, k)
        if k not in (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0):
            return None
        if k == 0.0:
            return self.literal(1.0)
        base = self.pure_binary("divide", self.literal(1.0), x) if k < 0 else x
        square = self.pure_binary("multiply", base, base) if abs(k) >= 2.0 else base
        if k >= 3.0:
            return self.pure_binary("multiply", square, x if k == 3.0 else square)
        return square

    def half_power(self, x: Number, k: float) -> Number:
        """Return x to the -0.5, 0.5 or 1.5 by a root; as a power it is never -0.0, and +infinity for -infinity."""
        infinity = self.literal(math.inf)
        x = self.choose(self.compare("oeq", x, self.literal(-math.inf)), infinity, x)
        x = self.pure_binary("add", x, self.literal(0.0))
        root = self.call("sqrt", x.depth, x.lanes, x.text)
        if k < 0:
            return self.pure_binary("divide", self.literal(1.0), root)
        return root if k < 1 else self.pure_binary("multiply", x, root)

    def pure_binary(self, name: str, x: Number, y: Number) -> Number:
        """Return x + y, x - y, x · y or x / y."""
        (a, b), depth, lanes = self.alike(x, y)
        return self.pure(f"{_BINARY[name]} {self.type_of(lanes)} {a}, {b}", depth, lanes)

    def written(self, name: str, operands: list[Number]) -> Number | None:
        """Return an operation as instructions; None if it is a function of its own."""
        texts, depth, lanes = self.alike(*operands)
        kind, pure = self.type_of(lanes), self.pure
        if name in _BINARY:
            return pure(f"{_BINARY[name]} {kind} {texts[0]}, {texts[1]}", depth, lanes)
        if name in _ROUNDINGS:  # adding 0.0 makes 0.0 of -0.0, and leaves everything else
            whole = self.call(_ROUNDINGS[name], depth, lanes, texts[0])
            return self.pure_binary("add", whole, self.literal(0.0))
        match name:
            case "negate":
                return pure(f"fneg {kind} {texts[0]}", depth, lanes)
            case "square":
                return pure(f"fmul {kind} {texts[0]}, {texts[0]}", depth, lanes)
            case "absolute":
                return self.call("fabs", depth, lanes, texts[0])
            case "sqrt":
                return self.call("sqrt", depth, lanes, texts[0])
            case "relu":
                return self.choose(self.compare("olt", operands[0], self.literal(0.0)), self.literal(0.0), operands[0])
            case "leaky_relu":
                x, slope = operands
                below = self.compare("olt", x, self.literal(0.0))
                return self.choose(below, self.pure_binary("multiply", slope, x), x)
            case "maximum" | "minimum":
                x, y = operands
                better = self.compare("ult" if name == "maximum" else "ugt", x, y)
                return self.choose(self.compare("uno", x, x), x, self.choose(better, y, x))
        return None
