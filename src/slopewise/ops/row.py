"""What an operation is: a name, a value, a derivative; and how one is applied to numbers, Values and sequences."""

import importlib
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from slopewise.errors import NumberError, ShapeError

Interval = tuple[float, float]


class _Documentation:
    """The docstring of the class, or that of the one operation."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, instance: Any, owner: type | None = None) -> str | None:
        return self.of_class if instance is None else instance.documentation


class Operation:
    """One row of the table of operations; callable on numbers, Values and sequences of them.

    Args:
        name: The name in `slopewise`, such as `"sigmoid"`.
        symbol: What `Value._op` shows, such as `"+"` or `"ReLU"`.
        arity: How many operands it takes.
        value: The value, from as many numbers as there are operands.
        derivative: The local derivatives, one per operand in a tuple, from the operands and then the result. Written as
            arithmetic on whatever it is given: floats in the engine, symbols in a compiler.
        domain: An open interval per operand in which value and derivative are finite and smooth, kinks apart.
        kinks: Points of the first operand, or of the difference of the first two, at which no derivative exists.
        latex: The formula, with `{0}`, `{1}` … for the operands.
        selects: True when a local derivative of 0 means "this operand was not chosen": then an infinite gradient from
            above contributes 0 to it, and not nan.
        edges: What happens at 0, at the infinities, at a pole and at a kink, in one line.
        defaults: Default values of the last operands.
        parameters: The names by which those last operands can be given.
        documentation: The docstring of this operation.

    Raises:
        AttributeError: A column is assigned to: an operation does not change.

    Example:
        >>> import slopewise as sw
        >>> sw.sigmoid.arity, sw.sigmoid.value(0.0), sw.sigmoid.derivative(0.0, 0.5)
        (1, 0.5, (0.25,))
    """

    __doc__ = _Documentation(__doc__)

    __slots__ = (
        "__name__", "arity", "defaults", "derivative", "documentation", "domain", "edges", "kinks", "latex", "name",
        "parameters", "selects", "symbol", "value",
    )  # fmt: skip
    # Written out, and not a dataclass: `dataclasses` alone would take a third of the time of importing the engine.

    def __init__(
        self,
        name: str,
        symbol: str,
        arity: int,
        value: Callable[..., Any],
        derivative: Callable[..., tuple[Any, ...]],
        domain: tuple[Interval, ...],
        latex: str,
        kinks: tuple[float, ...] = (),
        selects: bool = False,
        edges: str = "",
        defaults: tuple[float, ...] = (),
        parameters: tuple[str, ...] = (),
        documentation: str = "",
    ) -> None:
        place = object.__setattr__
        place(self, "__name__", name)
        place(self, "name", name)
        place(self, "symbol", symbol)
        place(self, "arity", arity)
        place(self, "value", value)
        place(self, "derivative", derivative)
        place(self, "domain", domain)
        place(self, "latex", latex)
        place(self, "kinks", kinks)
        place(self, "selects", selects)
        place(self, "edges", edges)
        place(self, "defaults", defaults)
        place(self, "parameters", parameters)
        named = ["x", "y", "z"][: arity - len(parameters)] if arity - len(parameters) < 4 else ["…"]
        shown = [f"{p}={d}" for p, d in zip(parameters, defaults, strict=True)] if parameters else []
        described = f"{name}({', '.join([*named, *shown])}), elementwise on sequences. Edges: {edges or 'as IEEE 754'}."
        place(self, "documentation", documentation or described)

    name: str
    symbol: str
    arity: int
    value: Callable[..., Any]
    derivative: Callable[..., tuple[Any, ...]]
    domain: tuple[Interval, ...]
    latex: str
    kinks: tuple[float, ...]
    selects: bool
    edges: str
    defaults: tuple[float, ...]
    parameters: tuple[str, ...]
    documentation: str

    def __setattr__(self, name: str, item: Any) -> None:
        raise AttributeError(f"the operation {self.name!r} does not change: make another with slopewise.operation()")

    def __call__(self, *operands: Any, **named: Any) -> Any:
        """Apply the operation.

        Args:
            operands: Numbers, Values, or lists, tuples or arrays of them (then elementwise; a single number goes with
                every element).
            named: The last operands by name, where the row names them: `leaky_relu(x, slope=0.2)`.

        Returns:
            A float (or an int) from numbers, a Value if any operand is one, the same kind of sequence from a sequence.

        Raises:
            TypeError: The number of operands is wrong.
            ShapeError: Two sequences differ in length.
            NumberError: An operand is no number.

        Example:
            >>> import slopewise as sw
            >>> sw.exp(0.0), sw.exp([0, sw.Value(0.0)])
            (1.0, [1.0, Value(data=1.0, grad=0)])
        """
        if len(operands) == 1 and self.arity == 1 and not named:  # the common case, without detours
            kind = type(operands[0])
            if kind is float or kind is int:
                return self.value(operands[0])
            if hasattr(kind, "__slopewise_apply__"):
                return kind.__slopewise_apply__(self, operands)
        if named:
            operands += self._in_order(named, self.arity - len(operands))
        if len(operands) < self.arity:
            missing = self.arity - len(operands)
            if missing <= len(self.defaults):
                operands += self.defaults[len(self.defaults) - missing :]
        if len(operands) != self.arity:
            raise TypeError(f"{self.name}() takes {self.arity} operand{'s' * (self.arity > 1)}, got {len(operands)}")
        for operand in operands:
            if type(operand) is not float and type(operand) is not int:
                return self._dispatch(operands)
        return self.value(*operands)

    def _in_order(self, named: dict[str, Any], missing: int) -> tuple[Any, ...]:
        """Return the operands given by name, and the defaults of those that were not, in the order of the row."""
        open_names = self.parameters[max(0, len(self.parameters) - missing) :] if missing > 0 else ()
        for name in named:
            if name not in open_names:
                taken = f"takes {' and '.join(self.parameters)} by name" if self.parameters else "takes no names"
                raise TypeError(f"{self.name}() got {name}={named[name]!r} and {taken}")
        values = dict(zip(self.parameters, self.defaults, strict=True)) | named
        return tuple(values[name] for name in open_names)

    def _dispatch(self, operands: tuple[Any, ...]) -> Any:
        if len(operands) > 1 and any(hasattr(type(operand), "__slopewise_apply__") for operand in operands):
            # beside a Value, an array without axes is the number in it
            operands = tuple([x.item() if _is_array(x) and not x.shape else x for x in operands])
        if any(_is_sequence(operand) for operand in operands):
            return self._elementwise(operands)
        for operand in operands:
            apply = getattr(type(operand), "__slopewise_apply__", None)
            if apply is not None:
                return apply(self, operands)
        return self.on_numbers(operands)

    def on_numbers(self, operands: tuple[Any, ...]) -> Any:
        """Apply to numbers of any type: a complex, a Fraction or an array follows its own type's mathematics.

        Args:
            operands: As many numbers as the operation takes.

        Raises:
            NumberError: The first is no number, or a complex one that this operation is not defined for.
        """
        if all(isinstance(operand, (int, float)) for operand in operands):
            return self.value(*map(_plain, operands))
        if self.symbol in _PYTHON_ARITHMETIC:
            return self.value(*operands)
        first = operands[0]
        method = getattr(first, self.name, None)  # Decimal.exp, Decimal.sqrt, …
        if callable(method):
            return method(*operands[1:])
        module = _mathematics_of(first)
        function = getattr(module, _ARRAY_NAMES.get(self.name, self.name), None) if module else None
        if function is not None:
            return function(*operands)
        if isinstance(first, complex) or not _is_number(first):
            raise NumberError(
                f"{self.name}({_shown(first)}): needs a real number, got {_article(type(first).__name__)}\n"
                f"a Value, a number, or a list, tuple or array of them will do"
            )
        return self.value(*map(float, operands))

    def _elementwise(self, operands: tuple[Any, ...]) -> Any:
        arrays = [operand for operand in operands if _is_array(operand)]
        if arrays:
            import numpy

            broadcast = numpy.broadcast(*[_as_array(operand) for operand in operands])
            flat = [self(*[x.item() if isinstance(x, numpy.generic) else x for x in row]) for row in broadcast]
            plain = all(isinstance(x, (int, float)) for x in flat)
            out = numpy.empty(len(flat), dtype=float if plain else object)
            for i, x in enumerate(flat):
                out[i] = x
            return out.reshape(broadcast.shape)
        lengths = {len(operand) for operand in operands if _is_sequence(operand)}
        if len(lengths) > 1:
            raise ShapeError(
                f"{self.name}() of sequences needs equal lengths, got {' and '.join(map(str, sorted(lengths)))}"
            )
        (length,) = lengths
        columns = [operand if _is_sequence(operand) else (operand,) * length for operand in operands]
        results = [self(*row) for row in zip(*columns, strict=True)]
        kind = next(type(operand) for operand in operands if _is_sequence(operand))
        return tuple(results) if issubclass(kind, tuple) else results

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind like a function, so that `Value.cube = cube` makes a method."""
        if instance is None:
            return self
        return _Bound(self, instance)

    def __copy__(self) -> "Operation":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Operation":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from slopewise.ops.table import BY_NAME

        if BY_NAME.get(self.name) is self:
            return BY_NAME.__getitem__, (self.name,)
        home = getattr(self.value, "__module__", None)
        if getattr(sys.modules.get(home or ""), self.name, None) is self:
            return _operation_at, (home, self.name)
        columns = (
            "name",
            "symbol",
            "arity",
            "value",
            "derivative",
            "domain",
            "latex",
            "kinks",
            "selects",
            "edges",
            "defaults",
        )
        return Operation, tuple(getattr(self, column) for column in columns)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _operation_at(module: str, name: str) -> Any:
    """Find a user's operation again, where a decorator left it."""
    return getattr(importlib.import_module(module), name)


class _Bound:
    __slots__ = ("first", "operation")

    def __init__(self, operation: Operation, first: Any) -> None:
        self.operation = operation
        self.first = first

    def __call__(self, *rest: Any) -> Any:
        return self.operation(self.first, *rest)


_PYTHON_ARITHMETIC = frozenset({"+", "*", "**", "%", "abs", "square", "where", "ReLU", "max", "min", "leaky_relu"})
_ARRAY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}


def _mathematics_of(x: Any) -> Any:
    """Return the module that does the mathematics of x's type, or None for plain real numbers."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(x, (numpy.ndarray, numpy.generic)):
        return numpy
    if isinstance(x, complex):
        import cmath

        return _Complex(cmath)
    return None


class _Complex:
    """`cmath` under numpy's spellings."""

    def __init__(self, cmath: Any) -> None:
        self._cmath = cmath

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cmath, name.replace("arc", "a"))


def _plain(x: Any) -> Any:
    return float(x) if isinstance(x, float) else x if isinstance(x, bool) else int(x)


def _is_number(x: Any) -> bool:
    return hasattr(x, "__float__") or hasattr(x, "__index__")


def _is_array(x: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def _is_sequence(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or _is_array(x)


def _as_array(x: Any) -> Any:
    import numpy

    if isinstance(x, numpy.ndarray):
        return x
    if isinstance(x, (list, tuple)):
        out = numpy.empty(len(x), dtype=object)
        out[:] = x
        return out
    box = numpy.empty((), dtype=object)
    box[()] = x
    return box


def _shown(x: Any) -> str:
    text = repr(x)
    return text if len(text) <= 60 else text[:57] + "..."


def _article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def operation(
    name: str | None = None,
    *,
    derivative: Callable[..., Any],
    value: Callable[..., Any] | None = None,
    domain: Interval | Sequence[Interval] | None = None,
    latex: str | None = None,
) -> Any:
    """Register an operation of your own, from its value and its derivative.

    As a decorator, the function gives the name and the docstring, and the value too unless `value=` is given. Called
    with a name and a value, it returns the operation at once.

    Args:
        name: The name, when it is not used as a decorator.
        derivative: The local derivatives, from the operands, or from the operands and then the result. One number for
            one operand, a tuple for several.
        value: The value, from as many numbers as there are operands.
        domain: An open interval, or one per operand, in which the derivative holds (for reports; not enforced).
        latex: The formula, with `{0}`, `{1}` … for the operands.

    Returns:
        An `Operation`: callable on numbers, Values and sequences, and assignable to the class (`Value.cube = cube`).

    Raises:
        TypeError: No value is given, or value and derivative disagree about the number of operands.

    Example:
        >>> import slopewise as sw
        >>> @sw.operation(derivative=lambda x: 3 * x**2)
        ... def cube(x):
        ...     return x**3
        >>> x = sw.Value(2.0)
        >>> cube(x).backward()
        >>> x.grad
        12.0
    """

    def register(function: Callable[..., Any], given_name: str) -> Operation:
        rule = value if value is not None else function
        arity = _count_operands(rule)
        if arity is None or arity < 1:
            raise TypeError(
                f"operation {given_name!r}: its value takes a variable number of operands or none\n"
                f"write the operands out, as in `lambda x, y: …`"
            )
        taken = _count_operands(derivative)
        if taken not in (arity, arity + 1, None):
            raise TypeError(
                f"operation {given_name!r}: its value takes {arity} operand{'s' * (arity > 1)}, "
                f"its derivative {taken}\n"
                f"the derivative takes the same operands, and the result after them if it wants it"
            )
        intervals: tuple[Interval, ...]
        if domain is None:
            intervals = ((-math.inf, math.inf),) * arity
        elif isinstance(domain[0], (int, float)):
            intervals = (tuple(domain),) * arity  # type: ignore[assignment]
        else:
            intervals = tuple(tuple(interval) for interval in domain)  # type: ignore[arg-type, misc]
        return Operation(
            name=given_name,
            symbol=given_name,
            arity=arity,
            value=rule,
            derivative=_normalised(derivative, arity, taken),
            domain=intervals,
            documentation=function.__doc__ or "",
            latex=latex or rf"\operatorname{{{given_name}}}({', '.join(f'{{{i}}}' for i in range(arity))})",
        )

    if name is not None:
        if not isinstance(name, str):
            raise TypeError("operation() takes its rules by name: @operation(value=…, derivative=…)")
        if value is None:
            raise TypeError(f"operation {name!r}: give its value too: operation({name!r}, value=…, derivative=…)")
        return register(value, name)
    return lambda function: register(function, function.__name__)


def _count_operands(function: Callable[..., Any]) -> int | None:
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature: math.hypot, …
        return None if getattr(function, "__self__", None) is None else 1
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)


def _normalised(derivative: Callable[..., Any], arity: int, taken: int | None) -> Callable[..., tuple[Any, ...]]:
    """Bring a user's derivative to the table's form: operands and result in, a tuple out."""
    wants_result = taken == arity + 1

    def local_derivatives(*numbers: Any) -> tuple[Any, ...]:
        partials = derivative(*(numbers if wants_result else numbers[:-1]))
        return tuple(partials) if isinstance(partials, (tuple, list)) else (partials,)

    return local_derivatives
