"""The plain numbers of a graph, as a quiz asks for them: nodes with their parts, and who uses whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from slopewise.basics.shown_numbers import relation, shown

_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
INFIX = {"addition": " + ", "subtraction": " − ", "product": " · ", "division": " / ", "sum": " + "}


@dataclass(frozen=True, slots=True)
class Part:
    """One operand of an operation.

    Attributes:
        position: Which node it is; None for a plain number.
        name: How it is written.
        number: Its value.
        partial: The local derivative of the operation by it.
        role: What it is in the operation, such as "left factor"; may be empty.
    """

    position: int | None
    name: str
    number: float
    partial: float
    role: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One node: a leaf, or an operation applied to its parts.

    Attributes:
        name: How it is written.
        operation: The operation's word ("product", "tanh"), or "" for a leaf.
        symbol: The operation's sign, for operations that are not known by their word.
        parts: Its operands.
        number: Its value.
        gradient: The gradient of the root by it.
        stored: What its `.grad` held when the quiz was made.
    """

    name: str
    operation: str
    symbol: str
    parts: tuple[Part, ...]
    number: float
    gradient: float
    stored: float = 0.0

    @property
    def is_leaf(self) -> bool:
        """Tell whether it was given and not computed."""
        return not self.operation

    @property
    def formula(self) -> str:
        """Write the operation with the names of its parts, as in `a · b` or `tanh(n)`."""
        return written(self.operation, self.symbol, [part.name for part in self.parts])

    @property
    def line(self) -> str:
        """Write it as a line of code: `d = a · b`, or `a = −2` for a leaf."""
        if self.is_leaf:
            return f"{self.name} {relation(rounded(self.number))}"
        return f"{self.name} = {self.formula}"

    def with_numbers(self) -> str:
        """Write the operation with the numbers of its parts, as in `−2 · 3`."""
        return written(self.operation, self.symbol, [in_formula(part.number, i) for i, part in enumerate(self.parts)])


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a node is an operand.

    Attributes:
        user: Which node uses it.
        slot: Which of that node's parts it is.
        partial: The local derivative there.
        upstream: The user's gradient.
    """

    user: int
    slot: int
    partial: float
    upstream: float

    @property
    def contribution(self) -> float:
        """Return what goes back through this use; a closed way hands on 0, even of an infinity."""
        return self.partial * self.upstream if self.partial else 0.0


@dataclass(frozen=True)
class Puzzle:
    """A graph in numbers: its nodes with operands first, the root, and the order of the backward pass.

    Attributes:
        items: The nodes, operands first.
        root: The position of the node whose `backward()` is meant.
        order: The positions as the backward pass visits them, the root first.
    """

    items: tuple[Item, ...]
    root: int
    order: tuple[int, ...]

    @cached_property
    def uses(self) -> tuple[tuple[Use, ...], ...]:
        """List for every node where it is used, in the order in which its users were made."""
        found: list[list[Use]] = [[] for _ in self.items]
        for position, item in enumerate(self.items):
            for slot, part in enumerate(item.parts):
                if part.position is not None:
                    found[part.position].append(Use(position, slot, part.partial, item.gradient))
        return tuple(map(tuple, found))

    @cached_property
    def positions(self) -> dict[str, int]:
        """Return where each name is."""
        return {item.name: position for position, item in enumerate(self.items)}

    def place(self, position: int, use: Use) -> str:
        """Say which use is meant: `d`, or `d as left factor` when the node enters `d` more than once."""
        user = self.items[use.user]
        slots = [slot for slot, part in enumerate(user.parts) if part.position == position]
        if len(slots) == 1:
            return user.name
        role = user.parts[use.slot].role or f"operand {use.slot + 1}"
        alike = [slot for slot in slots if user.parts[slot].role == user.parts[use.slot].role]
        return f"{user.name} as {role}" if len(alike) == 1 else f"{user.name} as operand {use.slot + 1}"

    def edges(self) -> Iterator[tuple[int, int, Item, Part]]:
        """Go through every use of a node: the user's position, the slot, the user and the part."""
        for position, item in enumerate(self.items):
            for slot, part in enumerate(item.parts):
                if part.position is not None:
                    yield position, slot, item, part


def written(operation: str, symbol: str, parts: list[str]) -> str:
    """Write an operation applied to parts that are already text."""
    if operation in INFIX and len(parts) > 1:
        return INFIX[operation].join(parts)
    if operation == "negation":
        return f"−{parts[0]}"
    if operation == "power" and len(parts) == 2:
        base = f"({parts[0]})" if parts[0].startswith("−") else parts[0]
        exponent = parts[1]
        if exponent.lstrip("−").isdecimal():
            return base + exponent.translate(_RAISED)
        return f"{base}^({exponent})" if " " in exponent or "/" in exponent else f"{base}^{exponent}"
    word = operation if operation.isidentifier() and operation not in INFIX else symbol or operation
    return f"{word}({', '.join(parts)})"


def in_formula(x: float, place: int) -> str:
    """Write a number inside a formula: a negative one in brackets unless it comes first."""
    text = shown_number(x)
    return f"({text})" if place and text.startswith("−") else text


def rounded(x: float) -> float:
    """Return the number at 12 significant digits: what every platform's mathematics library agrees on."""
    return float(f"{x:.12g}") + 0.0


def shown_cell(x: float) -> str:
    """Write a number for a table: `−2`, or `≈ 0.7071` when it is rounded."""
    return relation(rounded(x)).removeprefix("= ")


def shown_number(x: float) -> str:
    """Write a number for a reader, the same on every platform."""
    return shown(rounded(x))
