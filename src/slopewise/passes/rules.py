"""What each operation hands to its operands, as a few equations with places for the operands: one template each.

A row of the table states its derivative once, as arithmetic on whatever it is given. Here it is given symbols, once,
and what comes out is written down. `stamping` then puts these equations into a program, with the slots of each use in
their places; a million multiplications need no million calls.

A *contribution* is what an operand receives: the local derivative times the gradient of the result. Where a row
selects, an operand that was not chosen receives 0, even against an infinity.

With `exact` the contributions are computed by the very operations of the engine's sweep, in its order. Without, a
quotient may take the place of a reciprocal and a product, and powers with the exponents -1 and 0.5 use their result.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

from slopewise.errors import InternalError
from slopewise.ir.operations import (
    ABSOLUTE,
    ADD,
    CODES,
    CONSTANT,
    DIVIDE,
    EQUAL,
    GREATER,
    LESS_EQUAL,
    MULTIPLY,
    NEGATE,
    NOT_EQUAL,
    POWER,
    POWER_VALUE,
    ROWS,
    SUBTRACT,
    WHERE,
)
from slopewise.ops import Operation

# The places of a template. What it computes itself comes from FIRST on.
X, Y, W, RESULT = 0, 1, 2, 3
GRADIENTS = (4, 5, 6)  # backwards there is one; forwards each operand has its own, its tangent
LESS = 7  # of a power with a constant exponent: that exponent, less 1
FIRST = 8

NOTHING = -1  # the operand receives nothing
USES_GRADIENT = 8  # in the mask of an equation, beside a bit for each operand that it is for

# A power whose exponent is a constant has templates of its own, by the exponent.
POWER_OF_CONSTANT, POWER_0, POWER_1, POWER_2, POWER_INVERSE, POWER_ROOT = 128, 129, 130, 131, 132, 133

_TRUTHS = range(CODES["less"], CODES["not_equal"] + 1)


@dataclass(frozen=True, slots=True)
class Template:
    """The equations of one operation's contributions.

    Attributes:
        equations: Code, three operands (places; -1 unused) and mask each. A constant has its index in `constants` as
            the first operand. The first equation defines place `FIRST`, and so on.
        constants: The numbers.
        results: For each operand the place of its contribution, or `NOTHING`.
        clean: For each operand whether its contribution is never -0.0, provided that the gradient is not.
        needs_less: Whether some equation reads `LESS`.
    """

    equations: tuple[tuple[int, int, int, int, int], ...]
    constants: tuple[float, ...]
    results: tuple[int, ...]
    clean: tuple[bool, ...]
    needs_less: bool


def backward_template(kind: int, exact: bool) -> Template:
    """Return what the operands of an operation receive from the gradient of its result.

    Args:
        kind: The operation's code, or one of those for a power with a constant exponent.
        exact: Compute as the engine's sweep does, to the last bit.
    """
    sketch = Sketch()
    gradient = sketch.at(GRADIENTS[0])
    received = _contributions(sketch, kind, [gradient] * 3, exact)
    return sketch.template(received)


def forward_template(kind: int, active: int) -> Template:
    """Return the tangent of an operation's result, from those of its operands.

    Args:
        kind: As for `backward_template`.
        active: A bit for each operand that has a tangent; the others have none.

    Returns:
        A template with one result.
    """
    sketch = Sketch()
    tangents = [sketch.at(place) for place in GRADIENTS]
    if kind == DIVIDE and active == 3:
        x_dot, y_dot, _ = tangents
        total: Symbol | None = (x_dot - sketch.at(RESULT) * y_dot) / sketch.at(Y)
        return sketch.template([total])
    total = None
    for i, received in enumerate(_contributions(sketch, kind, tangents, exact=False)):
        if active >> i & 1 and received is not None:
            total = received if total is None else _sum(sketch, total, received)
    return sketch.template([total])


class Symbol:
    """A number that is not known yet: arithmetic on it is written down in its sketch."""

    __slots__ = ("place", "sketch")
    __hash__ = None  # type: ignore[assignment]  # `==` makes another symbol

    def __init__(self, sketch: "Sketch", place: int) -> None:
        self.sketch = sketch
        self.place = place

    @classmethod
    def __slopewise_apply__(cls, operation: Operation, operands: tuple[Any, ...]) -> "Symbol":
        """Write down a row of the table."""
        code = CODES[operation.name]
        if ROWS[code] is not operation:
            raise InternalError(f"the derivative of an operation applies {operation.name!r}, which is not in the table")
        sketch = next(operand.sketch for operand in operands if isinstance(operand, Symbol))
        if code == POWER and isinstance(operands[1], Symbol):
            code = POWER_VALUE  # the exponent varies too, so the next derivative has to look at it
        return sketch.write(code, *operands)

    def __bool__(self) -> bool:
        raise InternalError("the derivative of an operation asks whether a number is true: it has to use where()")

    def __abs__(self) -> "Symbol":
        if self.place == RESULT:  # a root's: never negative, but for the sign of 0, and nothing has a slope there
            return self.sketch.write(WHERE, self, self, 0.0)
        return self.sketch.write(ABSOLUTE, self)

    # fmt: off
    def __add__(self, other: Any) -> "Symbol": return self.sketch.write(ADD, self, other)
    def __radd__(self, other: Any) -> "Symbol": return self.sketch.write(ADD, other, self)
    def __sub__(self, other: Any) -> "Symbol": return self.sketch.write(SUBTRACT, self, other)
    def __rsub__(self, other: Any) -> "Symbol": return self.sketch.write(SUBTRACT, other, self)
    def __mul__(self, other: Any) -> "Symbol": return self.sketch.write(MULTIPLY, self, other)
    def __rmul__(self, other: Any) -> "Symbol": return self.sketch.write(MULTIPLY, other, self)
    def __truediv__(self, other: Any) -> "Symbol": return self.sketch.write(DIVIDE, self, other)
    def __rtruediv__(self, other: Any) -> "Symbol": return self.sketch.write(DIVIDE, other, self)
    def __neg__(self) -> "Symbol": return self.sketch.write(NEGATE, self)
    def __lt__(self, other: Any) -> "Symbol": return self.sketch.write(CODES["less"], self, other)
    def __le__(self, other: Any) -> "Symbol": return self.sketch.write(LESS_EQUAL, self, other)
    def __gt__(self, other: Any) -> "Symbol": return self.sketch.write(GREATER, self, other)
    def __ge__(self, other: Any) -> "Symbol": return self.sketch.write(CODES["greater_equal"], self, other)
    def __eq__(self, other: Any) -> "Symbol": return self.sketch.write(EQUAL, self, other)  # type: ignore[override]
    def __ne__(self, other: Any) -> "Symbol": return self.sketch.write(NOT_EQUAL, self, other)  # type: ignore[override]
    # fmt: on


class Sketch:
    """Equations with places for operands, while they are written down; equal ones are written once."""

    def __init__(self) -> None:
        self.nodes: list[tuple[int, int, int, int]] = []
        self.constants: list[float] = []
        self.known: dict[tuple[int, ...] | bytes, int] = {}

    def at(self, place: int) -> Symbol:
        """Return the symbol of a place."""
        return Symbol(self, place)

    def number(self, x: float) -> Symbol:
        """Return the symbol of a constant."""
        bits = struct.pack("<d", x)
        if bits not in self.known:
            self.known[bits] = self._append((CONSTANT, len(self.constants), -1, -1))
            self.constants.append(float(x))
        return self.at(self.known[bits])

    def write(self, code: int, *operands: Any) -> Symbol:
        """Write down an operation, and return the symbol of its result."""
        places = [x.place if isinstance(x, Symbol) else self.number(x).place for x in operands]
        if code == WHERE:
            places[0] = self._without_comparison(places[0])
        node = (code, *places, *[-1] * (3 - len(places)))
        if node not in self.known:
            self.known[node] = self._append(node)
        return self.at(self.known[node])

    def _append(self, node: tuple[int, ...]) -> int:
        self.nodes.append(node)  # type: ignore[arg-type]
        return FIRST + len(self.nodes) - 1

    def _without_comparison(self, place: int) -> int:
        """Return what is as true as the truth at a place: of `a + b > 0` of two truths, `a + b` is."""
        code, first, second, _ = self.node(place)
        if code == GREATER and self.number_at(second) == 0:
            code, a, b, _ = self.node(first)
            if code == ADD and self.node(a)[0] in _TRUTHS and self.node(b)[0] in _TRUTHS:
                return first
        return place

    def node(self, place: int) -> tuple[int, int, int, int]:
        """Return code and operands of what stands at a place; the code is 0 where that comes from outside."""
        return self.nodes[place - FIRST] if place >= FIRST else (0, -1, -1, -1)

    def number_at(self, place: int) -> float | None:
        """Return the constant at a place, or None."""
        code, index, _, _ = self.node(place)
        return self.constants[index] if code == CONSTANT else None

    def is_clean(self, place: int) -> bool:
        """Tell whether what stands at a place is never -0.0, provided that the gradients are not."""
        code, a, b, c = self.node(place)
        if code == CONSTANT:
            x = self.constants[a]
            return x != 0 or math.copysign(1.0, x) > 0
        if code == WHERE:
            return self.is_clean(b) and self.is_clean(c)
        return place in GRADIENTS

    def template(self, received: list[Symbol | None]) -> Template:
        """Return the template with these contributions; what none of them needs is left out."""
        masks = [0] * len(self.nodes)
        for i, symbol in enumerate(received):
            if symbol is not None and symbol.place >= FIRST:
                masks[symbol.place - FIRST] |= 1 << i
        for index in range(len(self.nodes) - 1, -1, -1):
            code, *operands = self.nodes[index]
            for place in operands if code != CONSTANT else ():
                if place >= FIRST:
                    masks[place - FIRST] |= masks[index]
        places = {place: place for place in range(-1, FIRST)}
        equations: list[tuple[int, int, int, int, int]] = []
        constants: list[float] = []
        varying = set(GRADIENTS)
        needs_less = False
        for index, (code, a, b, c) in enumerate(self.nodes):
            if not masks[index]:
                continue
            mask = masks[index]
            place = FIRST + index
            places[place] = FIRST + len(equations)
            if code == CONSTANT:
                constants.append(self.constants[a])
                equations.append((code, len(constants) - 1, -1, -1, mask))
                continue
            if not varying.isdisjoint((a, b, c)):
                varying.add(place)
                mask |= USES_GRADIENT
            needs_less = needs_less or LESS in (a, b, c)
            equations.append((code, places[a], places[b], places[c], mask))
        return Template(
            tuple(equations),
            tuple(constants),
            tuple(NOTHING if symbol is None else places[symbol.place] for symbol in received),
            tuple(symbol is None or self.is_clean(symbol.place) for symbol in received),
            needs_less,
        )


def _contributions(sketch: Sketch, kind: int, gradients: list[Symbol], exact: bool) -> list[Symbol | None]:
    """Return what each operand receives; each has a gradient symbol of its own."""
    if kind == POWER or kind > 127:
        return [_power_contribution(sketch, kind, gradients[0], exact), None]
    row = ROWS[kind]
    if row is None:
        raise InternalError(f"the code {kind} is no operation, so it has no derivative")
    operands = [sketch.at(place) for place in (X, Y, W)[: row.arity]]
    partials = row.derivative(*operands, sketch.at(RESULT))
    received = [
        _selected(sketch, partial, gradient) if row.selects else _product(sketch, partial, gradient, exact)
        for partial, gradient in zip(partials, gradients, strict=False)
    ]
    if exact and kind == WHERE:
        received[0] = sketch.number(0.0)  # in the sweep a condition takes part, and what is below it meets this 0
    return received


def _power_contribution(sketch: Sketch, kind: int, gradient: Symbol, exact: bool) -> Symbol | None:
    """Return what the base of a power receives, `k * x ** (k - 1) * g`; the exponent receives nothing."""
    x, k, less, z = (sketch.at(place) for place in (X, Y, LESS, RESULT))
    if kind == POWER:
        slope = sketch.write(WHERE, k, k * sketch.write(POWER, x, k - 1), 0.0)
        return slope * gradient
    if kind == POWER_0:
        return 0.0 * gradient if exact else None
    if kind == POWER_1:
        return gradient
    if kind == POWER_2:
        return k * x * gradient
    if kind == POWER_INVERSE and not exact:
        return k * (z * z) * gradient
    if kind == POWER_ROOT and not exact:
        return k / z * gradient
    return k * sketch.write(POWER, x, less) * gradient


def _product(sketch: Sketch, partial: Any, gradient: Symbol, exact: bool) -> Symbol | None:
    """Return a local derivative times the gradient; None when it is always 0."""
    if not isinstance(partial, Symbol):
        if partial == 0:
            return None
        return gradient if partial == 1 else -gradient if partial == -1 else partial * gradient
    code, a, b, _ = sketch.node(partial.place)
    if code == NEGATE:
        inner = _product(sketch, sketch.at(a), gradient, exact)
        return None if inner is None else -inner
    if not exact:
        divisor = _divisor(sketch, partial.place)
        if divisor is not None:
            return gradient / divisor
        if code == MULTIPLY:
            divisor = _divisor(sketch, b)
            if divisor is not None:
                return sketch.at(a) * (gradient / divisor)
    return partial * gradient


def _divisor(sketch: Sketch, place: int) -> Symbol | None:
    """Return y when 1 / y stands at a place."""
    code, a, b, _ = sketch.node(place)
    if code == DIVIDE and sketch.number_at(a) == 1:
        return sketch.at(b)
    if code == POWER and sketch.number_at(b) == -1:
        return sketch.at(a)
    return None


def _selected(sketch: Sketch, partial: Any, gradient: Symbol) -> Symbol | None:
    """Return a local derivative times the gradient, where a local derivative of 0 gives 0, whatever the gradient."""
    if not isinstance(partial, Symbol):
        return _product(sketch, partial, gradient, exact=True)
    choice = _chosen(sketch, partial.place, gradient)
    if choice is not None:
        return choice
    return sketch.write(WHERE, partial, partial * gradient, 0.0)


def _chosen(sketch: Sketch, place: int, gradient: Symbol) -> Symbol | None:
    """Return the product of the gradient and a choice among numbers: a choice of products; None for anything else."""
    number = sketch.number_at(place)
    if number is not None:
        if number != number:
            return sketch.at(place)
        received = _product(sketch, number, gradient, exact=True)
        return sketch.number(0.0) if received is None else received
    code, condition, first, second = sketch.node(place)
    if code != WHERE:
        return None
    taken, left = _chosen(sketch, first, gradient), _chosen(sketch, second, gradient)
    return None if taken is None or left is None else sketch.write(WHERE, sketch.at(condition), taken, left)


def _sum(sketch: Sketch, first: Symbol, second: Symbol) -> Symbol:
    """Return a sum in few equations: a choice of what one condition chooses twice, a difference."""
    one, other = sketch.node(first.place), sketch.node(second.place)
    one_condition = one[0] == other[0] == WHERE and one[1] == other[1]
    if one_condition and sketch.number_at(one[3]) == 0 and sketch.number_at(other[2]) == 0:
        return sketch.write(WHERE, sketch.at(one[1]), sketch.at(one[2]), sketch.at(other[3]))
    if other[0] == NEGATE:
        return first - sketch.at(other[1])
    return first + second
