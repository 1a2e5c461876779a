"""From statements to a graph: which name is the result, and every formula applied to Values."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slopewise.cli.expressions.definitions import (
    by_name_of,
    check_names,
    in_order,
    notes_on,
    reached_from,
    result_of,
)
from slopewise.cli.expressions.faults import fault
from slopewise.cli.expressions.functions import CONSTANTS, function_of
from slopewise.cli.expressions.grammar import Item, Statement, statements
from slopewise.errors import SlopewiseError

if TYPE_CHECKING:
    from slopewise.engine import Value

_LARGEST = int(1.7976931348623157e308)
_TOO_LARGE = "this result is too large: whole numbers go up to 1.8e308"

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "negative": operator.neg,
    "positive": lambda x: x,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read.

    Attributes:
        root: The Value of the result; its graph holds the rest.
        name: What the result is called, "" when it has no name.
        named: Every name with its Value, in the order written.
        notes: What was left out, one sentence each.
    """

    root: "Value"
    name: str
    named: dict[str, "Value"]
    notes: tuple[str, ...]


def read_expression(text: str) -> Expression:
    """Build the graph of an expression, without running any code.

    Every name becomes a Value with that name as its label: a leaf when its formula holds numbers alone, else the node
    that its formula makes. Numbers keep their type: `2` is an int, `2.0` a float. The result is the bare formula, if
    there is one; else the name that no other formula uses, and of several such the first.

    Args:
        text: Statements such as `f = (a*b) * (a+b); a = -2; b = 3`, in any order.

    Returns:
        The result and the names.

    Raises:
        BadExpression: It cannot be read or built; the message is one line, and the place in the text is kept.

    Example:
        >>> from slopewise.cli.expressions import read_expression
        >>> f = read_expression("f = (a*b) * (a+b); a = -2; b = 3")
        >>> f.name, f.root.data, [(name, value.data) for name, value in f.named.items()]
        ('f', -6, [('f', -6), ('a', -2), ('b', 3)])
    """
    written = statements(text)
    by_name = by_name_of(text, written)
    used = {item.value for statement in written for item in statement.items if item.kind == "name"}
    check_names(text, written, by_name)
    root = result_of(text, written, used)
    order = in_order(text, written, by_name)
    needed = reached_from(root, by_name)
    builder = _Builder(text)
    for statement in order:
        if statement is not root or statement.name:
            builder.define(statement, spell_out=statement is root)
    value = builder.values[root.name] if root.name else builder.bare(root)
    named = {s.name: builder.values[s.name] for s in written if s.name}
    alone = root.items[0].value if len(root.items) == 1 and root.items[0].kind == "name" else ""
    return Expression(value, root.name or alone, named, notes_on(root, written, needed))


class _Builder:
    """Applies formulas to Values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values: dict[str, Value] = {}

    def define(self, statement: Statement, *, spell_out: bool) -> None:
        """Give a name its Value; the result's numbers become leaves when it has nothing else to show."""
        from slopewise.engine import Value

        has_names = any(item.kind == "name" and item.value in self.values for item in statement.items)
        found = self._evaluate(statement, numbers_as_leaves=spell_out and not has_names)
        if not isinstance(found, Value):
            found = Value(found)
        if not found.label:
            found.label = statement.name
        self.values[statement.name] = found

    def bare(self, statement: Statement) -> "Value":
        """Return the Value of a formula without a name."""
        from slopewise.engine import Value

        has_names = any(item.kind == "name" and item.value in self.values for item in statement.items)
        found = self._evaluate(statement, numbers_as_leaves=not has_names)
        return found if isinstance(found, Value) else Value(found)

    def _evaluate(self, statement: Statement, *, numbers_as_leaves: bool) -> Any:
        from slopewise.engine import Value

        stack: list[Any] = []
        for item in statement.items:
            if item.kind == "number":
                stack.append(item.value)
            elif item.kind == "name":
                stack.append(self.values[item.value] if item.value in self.values else CONSTANTS[item.value])
            else:
                operands = stack[-item.count :]
                del stack[-item.count :]
                if numbers_as_leaves and item.value not in ("negative", "positive"):
                    last = len(operands) - (item.value == "**")
                    operands = [
                        Value(x) if i < last and not isinstance(x, Value) else x for i, x in enumerate(operands)
                    ]
                stack.append(self._apply(item, operands))
        (result,) = stack
        return result

    def _apply(self, item: Item, operands: list[Any]) -> Any:
        if item.value in ("**", "pow"):
            self._check_power(item, *operands)
        try:
            if item.kind == "function":
                function = function_of(item.value)
                assert function is not None  # looked up when the formula was read
                result = function.apply(*operands)
            elif item.value == "**":
                result = operands[0] ** operands[1]
            else:
                result = _ARITHMETIC[item.value](*operands)
        except ZeroDivisionError:
            fault("a division by 0", self.text, item.position, item.length)
        except OverflowError:
            fault(_TOO_LARGE, self.text, item.position, item.length)
        except (SlopewiseError, ArithmeticError, TypeError, ValueError) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            fault(f"this cannot be computed: {reason}", self.text, item.position, item.length)
        self._check_result(item, result)
        return result

    def _check_power(self, item: Item, base: Any, exponent: Any) -> None:
        """Refuse a power of whole numbers that would take for ever, before it is begun."""
        base, exponent = getattr(base, "data", base), getattr(exponent, "data", exponent)
        if type(base) is not int or type(exponent) is not int or exponent <= 0 or abs(base) <= 1:
            return
        if (base.bit_length() - 1) * exponent > 1100:
            fault(_TOO_LARGE, self.text, item.position, item.length)

    def _check_result(self, item: Item, result: Any) -> None:
        number = getattr(result, "data", result)
        if type(number) is int:
            if abs(number) > _LARGEST:
                fault(_TOO_LARGE, self.text, item.position, item.length)
        elif not isinstance(number, float):
            if isinstance(number, complex):
                fault("a root of a negative number is not a real number", self.text, item.position, item.length)
            fault(f"this gives {type(number).__name__}, not a number", self.text, item.position, item.length)
