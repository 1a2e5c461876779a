"""Formulas that become LLVM IR: numbers, bits and masks in vector lanes, with Python's operators.

A `Formula` collects the instructions of one function. What its operands are is a `Number` (one float or a vector of
them), what a comparison gives is a `Mask`, and `Number.bits` is the same register read as integers. Each operator adds
one instruction, never with fast-math flags; the same instruction on the same operands is written once. The order of
operations is therefore the one that is read, and the error analysis of a formula holds for its code.
"""

import struct
from dataclasses import dataclass, field
from typing import Literal

Dtype = Literal["float64", "float32"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a lane holds: the type's names and the places of exponent and sign."""

    float_name: str
    mangled: str
    bits: int
    mantissa: int  # bits of the mantissa that are stored
    bias: int

    @property
    def integer_name(self) -> str:
        return f"i{self.bits}"

    @property
    def sign(self) -> int:
        """The bit pattern with nothing but the sign."""
        return 1 << (self.bits - 1)

    @property
    def magic(self) -> float:
        """1.5 · 2^mantissa: added to a small number, it leaves the nearest integer in the low bits."""
        return 1.5 * 2.0**self.mantissa


LAYOUTS: dict[Dtype, Layout] = {
    "float64": Layout("double", "f64", 64, 52, 1023),
    "float32": Layout("float", "f32", 32, 23, 127),
}


@dataclass(slots=True)
class Lines:
    """The text of a function while it grows, common to all that write into it."""

    texts: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # names of results, by instruction
    count: int = 0
    prefix: str = "v"  # what the names of results begin with
    block: str = "entry"  # the label of the block that is being written
    reads_table: bool = False  # whether it reads the bits of 2/π


class Formula:
    """The instructions of one function, as they are written.

    Args:
        dtype: What a lane holds.
        lanes: How many lanes a register has; 1 is a plain scalar.
        fma: Whether the target multiplies and adds with one rounding. Where it does not, nothing calls libm for it.
        lines: Where the text goes; a new one by default.
    """

    def __init__(self, dtype: Dtype, lanes: int, fma: bool, lines: Lines | None = None) -> None:
        self.dtype: Dtype = dtype
        self.layout = LAYOUTS[dtype]
        self.lanes = lanes
        self.fma = fma
        self.lines = lines if lines is not None else Lines()

    def widened(self, x: "Number") -> "Number":
        """Return x as float64, a number of a formula that writes into the same function."""
        wide = Formula("float64", self.lanes, self.fma, self.lines)
        return Number(wide, self.emit(f"fpext {x.type} {x.name} to {wide.number_type}"))

    def narrowed(self, x: "Number") -> "Number":
        """Return a float64 rounded to what this formula computes in."""
        return Number(self, self.emit(f"fptrunc {x.type} {x.name} to {self.number_type}"))

    # ------------------------------------------------------------------------------------------------------- types
    def vector(self, scalar: str) -> str:
        """Return the type of a register of such scalars."""
        return scalar if self.lanes == 1 else f"<{self.lanes} x {scalar}>"

    @property
    def number_type(self) -> str:
        return self.vector(self.layout.float_name)

    @property
    def bits_type(self) -> str:
        return self.vector(self.layout.integer_name)

    @property
    def mask_type(self) -> str:
        return self.vector("i1")

    @property
    def suffix(self) -> str:
        """The ending of an intrinsic's name for numbers."""
        return self.layout.mangled if self.lanes == 1 else f"v{self.lanes}{self.layout.mangled}"

    # ------------------------------------------------------------------------------------------------ instructions
    def fresh(self) -> str:
        """Return a name that nothing has."""
        self.lines.count += 1
        return f"%{self.lines.prefix}{self.lines.count}"

    def emit(self, right: str) -> str:
        """Add an instruction, or find it again, and return the name of its result."""
        known = self.lines.known
        if right not in known:
            known[right] = name = self.fresh()
            self.lines.texts.append(f"  {name} = {right}")
        return known[right]

    def raw(self, text: str) -> None:
        """Add lines as they are."""
        self.lines.texts.extend(text.splitlines())

    def call(self, intrinsic: str, result: str, *operands: "Number | Bits | Mask") -> str:
        """Call an intrinsic of LLVM that is an instruction everywhere; LLVM knows its declaration."""
        listed = ", ".join(f"{operand.type} {operand.name}" for operand in operands)
        return self.emit(f"call {result} @{intrinsic}({listed})")

    def argument(self, name: str) -> "Number":
        """Return a parameter of the function."""
        return Number(self, name)

    def number(self, x: "float | Number") -> "Number":
        """Return a constant in every lane."""
        if isinstance(x, Number):
            return x
        if self.dtype == "float32":
            x = struct.unpack("f", struct.pack("f", x))[0]
        text = f"0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X}"
        return Number(self, text if self.lanes == 1 else f"splat ({self.layout.float_name} {text})")

    def integer(self, x: "int | Bits") -> "Bits":
        """Return a pattern of bits in every lane; a negative number stands for its two's complement."""
        if isinstance(x, Bits):
            return x
        top = 1 << self.layout.bits
        x = (x + top // 2) % top - top // 2
        return Bits(self, str(x) if self.lanes == 1 else f"splat ({self.layout.integer_name} {x})")

    def select(self, mask: "Mask", yes: "Number | float", no: "Number | float") -> "Number":
        """Return `yes` in the lanes of the mask, `no` in the others."""
        a, b = self.number(yes), self.number(no)
        return Number(self, self.emit(f"select {mask.type} {mask.name}, {a.type} {a.name}, {b.type} {b.name}"))

    def multiply_add(self, x: "Number | float", y: "Number | float", z: "Number | float") -> "Number":
        """Return x·y + z: rounded once where the target can, twice otherwise."""
        a, b, c = self.number(x), self.number(y), self.number(z)
        if self.fma:
            return Number(self, self.call(f"llvm.fma.{self.suffix}", self.number_type, a, b, c))
        return a * b + c

    def sqrt(self, x: "Number") -> "Number":
        """Return the square root, rounded correctly; nan below 0."""
        return Number(self, self.call(f"llvm.sqrt.{self.suffix}", self.number_type, x))

    def absolute(self, x: "Number") -> "Number":
        """Return x without its sign."""
        return Number(self, self.call(f"llvm.fabs.{self.suffix}", self.number_type, x))

    def copy_sign(self, x: "Number", sign: "Number") -> "Number":
        """Return the size of x with the sign of another."""
        return Number(self, self.call(f"llvm.copysign.{self.suffix}", self.number_type, x, sign))

    def polynomial(self, coefficients: tuple[float, ...], x: "Number") -> "Number":
        """Return c₀ + c₁x + … in pairs of pairs (Estrin), which keeps the chain of dependent operations short."""
        terms = [self.number(c) for c in coefficients]
        power = x
        while len(terms) > 1:
            terms = [
                self.multiply_add(terms[i + 1], power, terms[i]) if i + 1 < len(terms) else terms[i]
                for i in range(0, len(terms), 2)
            ]
            if len(terms) > 1:
                power = power * power
        return terms[0]

    def any_of(self, mask: "Mask") -> str:
        """Return the name of an i1: whether the mask holds in any lane."""
        if self.lanes == 1:
            return mask.name
        width = f"i{self.lanes}"
        return self.emit(f"icmp ne {width} {self.emit(f'bitcast {mask.type} {mask.name} to {width}')}, 0")


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A float in each lane."""

    at: Formula
    name: str

    @property
    def type(self) -> str:
        return self.at.number_type

    @property
    def bits(self) -> "Bits":
        """The same register read as integers."""
        return Bits(self.at, self.at.emit(f"bitcast {self.type} {self.name} to {self.at.bits_type}"))

    def _do(self, code: str, other: "Number | float", swapped: bool = False) -> "Number":
        a, b = self, self.at.number(other)
        if swapped:
            a, b = b, a
        return Number(self.at, self.at.emit(f"{code} {self.type} {a.name}, {b.name}"))

    def _is(self, code: str, other: "Number | float") -> "Mask":
        b = self.at.number(other)
        return Mask(self.at, self.at.emit(f"fcmp {code} {self.type} {self.name}, {b.name}"))

    def __add__(self, other: "Number | float") -> "Number":
        return self._do("fadd", other)

    __radd__ = __add__

    def __sub__(self, other: "Number | float") -> "Number":
        return self._do("fsub", other)

    def __rsub__(self, other: float) -> "Number":
        return self._do("fsub", other, swapped=True)

    def __mul__(self, other: "Number | float") -> "Number":
        return self._do("fmul", other)

    __rmul__ = __mul__

    def __truediv__(self, other: "Number | float") -> "Number":
        return self._do("fdiv", other)

    def __rtruediv__(self, other: float) -> "Number":
        return self._do("fdiv", other, swapped=True)

    def __neg__(self) -> "Number":
        return Number(self.at, self.at.emit(f"fneg {self.type} {self.name}"))

    def __lt__(self, other: "Number | float") -> "Mask":
        return self._is("olt", other)

    def __le__(self, other: "Number | float") -> "Mask":
        return self._is("ole", other)

    def __gt__(self, other: "Number | float") -> "Mask":
        return self._is("ogt", other)

    def __ge__(self, other: "Number | float") -> "Mask":
        return self._is("oge", other)

    def is_equal(self, other: "Number | float") -> "Mask":
        """Where the two are equal; never where one is a nan."""
        return self._is("oeq", other)

    def is_unequal(self, other: "Number | float") -> "Mask":
        """Where the two are not equal, a nan included."""
        return self._is("une", other)

    def is_nan(self) -> "Mask":
        """Where it is no number."""
        return self._is("uno", self)

    def is_negative(self) -> "Mask":
        """Where the sign bit is set, that of -0.0 included."""
        return self.bits.is_below_zero()


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """An integer in each lane, as wide as the number."""

    at: Formula
    name: str

    @property
    def type(self) -> str:
        return self.at.bits_type

    @property
    def number(self) -> Number:
        """The same register read as floats."""
        return Number(self.at, self.at.emit(f"bitcast {self.type} {self.name} to {self.at.number_type}"))

    def _do(self, code: str, other: "Bits | int") -> "Bits":
        return Bits(self.at, self.at.emit(f"{code} {self.type} {self.name}, {self.at.integer(other).name}"))

    def __add__(self, other: "Bits | int") -> "Bits":
        return self._do("add", other)

    def __sub__(self, other: "Bits | int") -> "Bits":
        return self._do("sub", other)

    def __and__(self, other: "Bits | int") -> "Bits":
        return self._do("and", other)

    def __or__(self, other: "Bits | int") -> "Bits":
        return self._do("or", other)

    def __xor__(self, other: "Bits | int") -> "Bits":
        return self._do("xor", other)

    def __lshift__(self, count: int) -> "Bits":
        return self._do("shl", count)

    def __rshift__(self, count: int) -> "Bits":
        """Shift to the right, zeros in from the left: the other kind is slow before AVX-512."""
        return self._do("lshr", count)

    def is_equal(self, other: "Bits | int") -> "Mask":
        """Where the two have the same bits."""
        return Mask(self.at, self.at.emit(f"icmp eq {self.type} {self.name}, {self.at.integer(other).name}"))

    def is_below_zero(self) -> "Mask":
        """Where the top bit is set."""
        return Mask(self.at, self.at.emit(f"icmp slt {self.type} {self.name}, {self.at.integer(0).name}"))


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A truth in each lane."""

    at: Formula
    name: str

    @property
    def type(self) -> str:
        return self.at.mask_type

    def __and__(self, other: "Mask") -> "Mask":
        return Mask(self.at, self.at.emit(f"and {self.type} {self.name}, {other.name}"))

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.at, self.at.emit(f"or {self.type} {self.name}, {other.name}"))

    def __invert__(self) -> "Mask":
        true = "true" if self.at.lanes == 1 else "splat (i1 true)"
        return Mask(self.at, self.at.emit(f"xor {self.type} {self.name}, {true}"))
