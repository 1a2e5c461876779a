"""`Number`: what `.data` and `.grad` give, and what comparisons give, while a function is traced.

It stands for a float, an int or a truth value of every later call, and carries no gradient. Arithmetic on it is
recorded as plain arithmetic: `/` is a true division, not the `a * b**-1` of a Value. It also holds the number of this
very call, so that Python can go on; where Python needs a definite answer (`if`, an index), that answer becomes a guard.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

from slopewise.engine import modes
from slopewise.engine.rounding import METHODS, refuse_fraction
from slopewise.engine.value import Value, apply_row, current_recorder
from slopewise.errors import TraceError, TraceLeakError
from slopewise.ir.operations import code_of
from slopewise.ops import BY_NAME
from slopewise.tracer.refusals import cure_of_float

Plain = float | int | bool

_floor, _ceil, _trunc = math.floor, math.ceil, math.trunc  # those of the module are replaced while a function is traced


class Number:
    """A number of the call that is being traced, without a gradient.

    Args:
        place: Where it is on the tape, as `Tape.place_of` gives it.
        number: What it is in this call: a float, an int or a bool.
    """

    __slots__ = ("_number", "_place")
    __array_priority__ = 1000.0

    def __init__(self, place: int, number: Plain) -> None:
        self._place = place
        self._number = number

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The type of the number, so that `isinstance(n, int)` is what it is without a trace."""
        return type(self._number)

    # ------------------------------------------------------------------ arithmetic, as of floats and ints

    def __add__(self, other: Any) -> Any:
        return _apply("add", operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply("add", operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply("subtract", operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply("subtract", operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply("multiply", operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply("multiply", operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply("divide", operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply("divide", operator.truediv, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Any:
        return _apply("modulo", operator.mod, self, other)

    def __rmod__(self, other: Any) -> Any:
        return _apply("modulo", operator.mod, other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            raise TypeError("pow() of a traced number takes no modulus")
        return _apply("power_value", operator.pow, self, other)

    def __rpow__(self, other: Any, modulus: Any = None) -> Any:
        return _apply("power_value", operator.pow, other, self)

    def __neg__(self) -> Any:
        return _apply("negate", operator.neg, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return _apply("absolute", abs, self)

    # ------------------------------------------------------------------ comparisons: truth values, not yet answers

    def __lt__(self, other: Any) -> Any:
        return _apply("less", operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return _apply("less_equal", operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return _apply("greater", operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return _apply("greater_equal", operator.ge, self, other)

    def __eq__(self, other: Any) -> Any:
        return _apply("equal", operator.eq, self, other)

    def __ne__(self, other: Any) -> Any:
        return _apply("not_equal", operator.ne, self, other)

    def __hash__(self) -> int:  # a look-up in a dict or a set needs an answer
        tape = tape_of(self)
        number = self._number if type(self._number) is float else int(self._number)
        tape.guard("number" if type(number) is float else "integer", tape.slot_at(self._place), number)
        return hash(number)

    def __and__(self, other: Any) -> Any:
        return _bitwise("multiply", operator.and_, self, other)

    def __rand__(self, other: Any) -> Any:
        return _bitwise("multiply", operator.and_, other, self)

    def __or__(self, other: Any) -> Any:
        return _bitwise("maximum", operator.or_, self, other)

    def __ror__(self, other: Any) -> Any:
        return _bitwise("maximum", operator.or_, other, self)

    def __xor__(self, other: Any) -> Any:
        return _bitwise("not_equal", operator.xor, self, other)

    def __rxor__(self, other: Any) -> Any:
        return _bitwise("not_equal", operator.xor, other, self)

    def __lshift__(self, other: Any) -> Any:
        return _bitwise("", operator.lshift, self, other)

    def __rlshift__(self, other: Any) -> Any:
        return _bitwise("", operator.lshift, other, self)

    def __rshift__(self, other: Any) -> Any:
        return _bitwise("", operator.rshift, self, other)

    def __rrshift__(self, other: Any) -> Any:
        return _bitwise("", operator.rshift, other, self)

    def __invert__(self) -> Any:
        if type(self._number) is bool:
            return _apply("equal", operator.eq, self, False)
        return ~operator.index(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **named: Any) -> Any:
        """Apply a function of numpy's, elementwise when an array is among its operands."""
        import numpy

        if method != "__call__" or named.get("out") is not None:
            return NotImplemented
        if ufunc.__name__ in _ANSWERS:
            return _ANSWERS[ufunc.__name__](self)
        boxes = [_boxed(x) if type(x) is Number else numpy.asarray(_own(x), dtype=object) for x in operands]
        if ufunc.__name__ in ("maximum", "minimum"):  # numpy's own would ask for an answer
            out = numpy.frompyfunc(BY_NAME[ufunc.__name__], 2, 1)(*boxes)
        else:
            out = ufunc(*boxes, dtype=object)
        return out.item() if getattr(out, "shape", None) == () else out

    # ------------------------------------------------------------------ where Python needs an answer

    def __bool__(self) -> bool:
        tape = tape_of(self)
        answer = bool(self._number)
        tape.guard("truth", tape.slot_at(self._place), answer)
        return answer

    def __index__(self) -> int:
        if type(self._number) is float:
            raise TypeError(
                f"a traced number that is a float, {self._number!r} in this call, is no index\n"
                f"at {modes.source_line()}\nint() of it is one"
            )
        return self.__int__()

    def __int__(self) -> int:
        tape = tape_of(self)
        answer = int(self._number)
        slot = tape.slot_at(self._place)
        if type(self._number) is float:
            slot = tape.emit_value("truncate", (slot,), float(answer))
        tape.guard("integer", slot, answer)
        return answer

    def __float__(self) -> float:
        tape = tape_of(self)
        if tape.is_constant(tape.slot_at(self._place)):
            return float(self._number)
        cure = cure_of_float(str(modes.source_line()).partition(": ")[2])
        tape.refuse(f"float() of a traced number would freeze it at {self._number!r}", cure)
        raise AssertionError  # refuse raises

    def __complex__(self) -> complex:
        return complex(self.__float__())

    def __round__(self, digits: Any = None) -> Any:
        if digits is None:
            return _apply("round", round, self)
        scale = 10.0 ** operator.index(digits)
        return round(self * scale) / scale

    def __floor__(self) -> Any:
        return _apply("floor", _floor, self)

    def __ceil__(self) -> Any:
        return _apply("ceil", _ceil, self)

    def __trunc__(self) -> Any:
        return _apply("truncate", _trunc, self)

    # ------------------------------------------------------------------ what a float has besides

    @property
    def real(self) -> Any:
        """The number itself."""
        return self

    @property
    def data(self) -> Any:
        """The number itself, so that code may ask a Value or a number for its data."""
        return self

    def is_integer(self) -> Any:
        """Tell whether the number is whole: a traced truth value."""
        return _apply("floor", _floor, self) == self

    def item(self) -> Any:
        """Return the number itself, as numpy's scalars do."""
        return self

    def conjugate(self) -> Any:
        """Return the number itself."""
        return self

    def as_integer_ratio(self) -> None:
        """Refuse: an exact fraction would be that of this very call."""
        refuse_fraction()

    def __repr__(self) -> str:
        return f"traced {self._number!r}"

    def __str__(self) -> str:
        return str(self._told())

    def __format__(self, spec: str) -> str:
        return format(self._told(), spec)

    def _told(self) -> Plain:
        """Return the number for a text: an int's may be a name, so it is an answer; a float's is only shown."""
        if type(self._number) is float:
            return self._number
        return self.__int__() if type(self._number) is int else self.__bool__()

    def __getattr__(self, name: str) -> Any:
        if name in _ROUNDINGS:
            return lambda: _ROUNDINGS[name](self)
        if name in METHODS:
            return lambda *others: METHODS[name](self, *others)
        row = BY_NAME.get(_NUMPY_NAMES.get(name, name))
        if row is None:
            raise AttributeError(f"a traced number has no attribute {name!r}", name=name, obj=self)
        return lambda *others: row(self, *others)

    def __copy__(self) -> "Number":
        return self

    def __deepcopy__(self, memo: Any) -> "Number":
        return self

    def __reduce__(self) -> Any:
        raise TraceError(f"a traced number cannot be pickled or sent elsewhere\nat {modes.source_line()}")

    @classmethod
    def __slopewise_apply__(cls, operation: Any, operands: tuple[Any, ...]) -> Any:
        """Apply a row of the table, or a user's operation, to operands of which at least one is a Number."""
        for operand in operands:
            if isinstance(operand, Value):
                return apply_row(operation, operands)
        row = BY_NAME.get(operation.name)
        if row is not None and row is operation:
            return _apply(row.name, row.value, *operands)
        return operation.value(*operands)  # a user's: numbers carry no gradient, so its value is all there is


_NUMPY_NAMES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh",
}  # fmt: skip
_ANSWERS: dict[str, Callable[[Any], Any]] = {
    "isnan": lambda x: x != x,
    "isinf": lambda x: abs(x) == math.inf,
    "isfinite": lambda x: abs(x) < math.inf,
    "sign": lambda x: BY_NAME["where"](x > 0, 1.0, BY_NAME["where"](x < 0, -1.0, 0.0 * x)),
}
_ROUNDINGS: dict[str, Callable[[Any], Any]] = {"floor": _floor, "ceil": _ceil, "trunc": _trunc, "rint": round}


def tape_of(number: Number) -> Any:
    """Return the tape that a number is on.

    Raises:
        TraceLeakError: The trace that made the number has ended, or another thread runs it.
    """
    tape = current_recorder()
    if tape is None or not tape.is_open(number._place):
        raise TraceLeakError(
            f"a traced number, {number._number!r} while its function was traced, is used after the trace has ended\n"
            f"at {modes.source_line()}\n"
            f"return it from the traced function, or keep it in a Value that existed before: v.data = x"
        )
    return tape


def is_plain(x: Any) -> bool:
    """Tell whether x is a real number of Python's or numpy's."""
    if type(x) is Number:
        return False
    return isinstance(x, (float, int)) or (
        hasattr(x, "dtype") and not getattr(x, "shape", True) and x.dtype.kind in "fiub"
    )


def plain(x: Any) -> Plain:
    """Return a real number as Python's own float, int or bool."""
    if isinstance(x, float):
        return float(x)
    if isinstance(x, (int, bool)):
        return x
    item: Plain = x.item()
    return item


def _apply(name: str, function: Callable[..., Any], *operands: Any) -> Any:
    """Record an operation on numbers, and compute it for this call."""
    slots, numbers = [], []
    tape = None
    for operand in operands:
        if type(operand) is Number:
            tape = tape_of(operand)
    assert tape is not None
    for operand in operands:
        if type(operand) is Number:
            slots.append(tape.slot_at(operand._place))
            numbers.append(operand._number)
        elif is_plain(operand):
            slots.append(-1)
            numbers.append(plain(operand))
        elif getattr(operand, "shape", None):
            return _elementwise(name, function, operands)
        else:
            return NotImplemented
    slots = [tape.frozen(number) if slot < 0 else slot for slot, number in zip(slots, numbers, strict=True)]
    slot = tape.emit_operation(code_of(name), slots)
    answer = tape.value_at(slot)
    exact = _in_python(function, numbers)
    if isinstance(exact, (int, bool)) and exact == answer:
        answer = exact
    return Number(tape.place_of(slot), answer)


def _elementwise(name: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    """Apply an operation to a number and every element of an array."""
    import numpy

    def apply(*elements: Any) -> Any:
        out = function(*elements) if any(isinstance(x, Value) for x in elements) else _apply(name, function, *elements)
        return out

    return numpy.frompyfunc(apply, len(operands), 1)(*[_boxed(x) for x in operands])


def _boxed(x: Any) -> Any:
    """Return a traced number as an array of no dimension, which numpy takes as it is."""
    import numpy

    if type(x) is not Number:
        return x
    box = numpy.empty((), dtype=object)
    box[()] = x
    return box


def _own(x: Any) -> Any:
    """Return a number of numpy's as Python's own: numpy's would call us again."""
    return plain(x) if is_plain(x) else x


def _in_python(function: Callable[..., Any], numbers: list[Plain]) -> Any:
    """Compute with Python's own types, which tell ints and truth values from floats."""
    if any(type(x) is float for x in numbers) and function not in _ANSWERING:
        return None
    try:
        return function(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return None


_ANSWERING = frozenset({
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, _floor, _ceil, _trunc, round,
})  # fmt: skip


def _bitwise(name: str, function: Callable[..., Any], x: Any, y: Any) -> Any:
    """Record an operator of truth values; of ints, ask for their values, which makes guards."""
    numbers = [operand._number if type(operand) is Number else operand for operand in (x, y)]
    if name and all(type(number) is bool or type(number).__name__ in ("bool_", "bool") for number in numbers):
        return _apply(name, function, x, y)
    if not all(hasattr(number, "__index__") for number in numbers):
        return NotImplemented
    return function(*[operator.index(operand) for operand in (x, y)])
