"""One shown node as a story tells it: its formula and those of its slopes, with names and with numbers."""

from dataclasses import dataclass
from typing import Any

from slopewise.basics.shown_numbers import DIGITS, is_exact, shown
from slopewise.engine.value import has_attributes, has_own_step, idiom_of, operation_of
from slopewise.ops import BY_NAME
from slopewise.stories.arithmetic import agree, number_of
from slopewise.stories.formula import Formula, Name, Number, Partial, Product, Quotient, Relation, equals
from slopewise.stories.own_steps import assigning_places, is_fixed
from slopewise.stories.rules import backward_rule, forward_rule
from slopewise.stories.slope_formulas import slope_formula
from slopewise.stories.value_formulas import value_formula
from slopewise.views import ShownNode

_WORDS = {"add": "addition", "multiply": "product"}
# A shown line may be off by so much, relatively, before more digits are shown; see `told_sum`.
_ROUNDING = 0.002
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of step a node has.

    Attributes:
        word: The operation's word, as the tables of rules and formulas know it.
        kind: "table", "user", "own step" or "given"; see `rules.backward_rule`.
    """

    word: str
    kind: str


def kind_of(node: ShownNode) -> Kind:
    """Tell what sort of step a node has."""
    value = node.value
    if idiom_of(value) and node.operation in ("negation", "subtraction", "division", "sum", "mean"):
        return Kind(node.operation, "table")
    row = operation_of(value)
    word = node.operation if row.name == "leaf" else _WORDS.get(row.name, row.name)
    if has_own_step(value):
        return Kind(word, "own step")
    if has_attributes(value) and "_local_grads" in value.__dict__:
        return Kind(word if word != "operation" else "", "given")
    return Kind(word, "table" if BY_NAME.get(row.name) is row else "user")


def value_with_names(node: ShownNode) -> Formula:
    """Write what a node was made of, in names."""
    named: list[Formula] = [Number(o.number) if o.is_constant else Name(o.name) for o in node.operands]
    return _value(node, tuple(named))


def value_in_numbers(node: ShownNode, built: dict[int, Any]) -> Relation | Number:
    """Write what a node was made of, in numbers, and what it came to; only its number if that would not be true.

    Args:
        node: The node.
        built: By the id of a Value that was changed since, the number that the graph was built with.
    """
    numbers = [o.number if o.is_constant else built.get(id(o.value), o.number) for o in node.operands]
    result = built.get(id(node.value), node.number)
    return told_sum(lambda digits: _value(node, tuple(Number(x, digits) for x in numbers)), result)


def _value(node: ShownNode, operands: tuple[Formula, ...]) -> Formula:
    word = kind_of(node).word
    if word == "mean" and len(operands) == 1 and node.operands[0].partial not in (1, 0):
        return Quotient(operands[0], Number(_as_count(1 / node.operands[0].partial)))
    return value_formula(word, operands)


def _as_count(x: Any) -> Any:
    return round(x) if isinstance(x, float) and agree(x, round(x), _SAME) else x


def told_sum(write: Any, result: Any) -> Relation | Number:
    """Write a formula of numbers and what it comes to, with as many digits as it takes to be true to a reader.

    With four digits, 1 − 0.99999² would read 1 − 1² ≈ 2e−5. Then more are shown.

    Args:
        write: Gives the formula, from the digits to show.
        result: The number that it comes to.

    Returns:
        The relation, which is taken on trust when the formula cannot be computed here, as with a function of the
        user's; the result alone when the formula comes to something else.
    """
    exact = number_of(write(DIGITS))
    if exact is not None and not agree(exact, result, _SAME):
        return Number(result)
    for digits in (DIGITS, 6, 9, 12, 17):
        formula = write(digits)
        read = number_of(formula, as_shown=True)
        if exact is None or agree(read, result, _ROUNDING):
            told = equals(formula, result)
            # 0.541 · 0 = 0 is exact to the reader, whatever the 0.541 stands for.
            return Relation(told.sides, ("=",)) if result == 0 and read == 0 and is_exact(result) else told
    return Number(result)


def slope_with_names(node: ShownNode, which: int) -> Formula:
    """Write the local derivative of a node by one of its operands, in names."""
    kind = kind_of(node)
    operand = node.operands[which]
    if kind.kind != "table":
        return Partial(Name(node.name), Name(operand.name))
    named: list[Formula] = [Number(o.number) if o.is_constant else Name(o.name) for o in node.operands]
    formula = _slope(node, kind, tuple(named), Name(node.name), which)
    return formula if formula is not None else Number(operand.partial)


def slope_in_numbers(node: ShownNode, which: int, digits: int) -> Formula:
    """Write the local derivative of a node by one of its operands, in numbers; as one number where that is all."""
    kind = kind_of(node)
    operand = node.operands[which]
    plain = Number(operand.partial, digits)
    if kind.kind != "table":
        return plain
    numbers: list[Formula] = [Number(o.number, digits) for o in node.operands]
    formula = _slope(node, kind, tuple(numbers), Number(node.number, digits), which)
    if formula is None or not agree(number_of(formula), operand.partial, _SAME):
        return plain
    return formula


def _slope(node: ShownNode, kind: Kind, operands: tuple[Formula, ...], result: Formula, which: int) -> Formula | None:
    exponent = node.operands[1].number if kind.word == "power" and len(node.operands) == 2 else None
    if kind.word == "mean" and len(operands) == 1:
        partial = node.operands[0].partial
        return Quotient(Number(1), Number(_as_count(1 / partial))) if partial else None
    return slope_formula(kind.word, operands, result, which, exponent)


def contribution_in_numbers(node: ShownNode, which: int, upstream: Any, contribution: Any) -> Relation | Number:
    """Write upstream gradient times local derivative, in numbers, and what it comes to.

    Args:
        node: The node that hands on.
        which: Its operand's place.
        upstream: The gradient that the node hands on.
        contribution: What the operand gets.
    """
    told = told_sum(
        lambda digits: Product((Number(upstream, digits), slope_in_numbers(node, which, digits))), contribution
    )
    if isinstance(told, Relation):
        return told
    plain = node.operands[which].partial
    return told_sum(lambda digits: Product((Number(upstream, digits), Number(plain, digits))), contribution)


def rule_of(node: ShownNode, which: int | None) -> str:
    """Say what a node does: with its operands going forward, or with its gradient for one of them."""
    kind = kind_of(node)
    if which is not None and kind.kind == "own step":
        return _own_rule(node, which, kind.word)
    if which is None:
        return forward_rule(kind.word if kind.kind != "own step" or kind.word != "operation" else "")
    if kind.word in ("sum", "mean"):
        return backward_rule(kind.word, which, (), node.number, kind.kind)  # one rule for a thousand terms
    numbers = tuple(o.number for o in node.operands)
    if kind.word == "power" and len(numbers) == 2 and numbers[1] in (2, -1):
        return backward_rule("square" if numbers[1] == 2 else "reciprocal", which, numbers, node.number, kind.kind)
    if kind.word == "product" and node.operands[1 - which].is_constant:
        return "a product passes it on times the other operand, here a constant"
    return backward_rule(kind.word, which, numbers, node.number, kind.kind)


def _own_rule(node: ShownNode, which: int, word: str) -> str:
    """Say what a step does that the user wrote."""
    operand = node.operands[which]
    if is_fixed(node, which):
        what = f"{shown(operand.partial)}, whatever its own gradient is"
    elif agree(operand.partial, 0, 0.0):
        what = "nothing"
    else:
        what = f"{shown(operand.partial)} times its gradient"
    place = ", in the place of what was there" if which in assigning_places(node) else ""
    return f"{word or 'this node'} has a _backward of its own, which hands on {what}{place}"
