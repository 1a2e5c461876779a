"""From words to statements: each a name and a formula in postfix order, found with a stack and without recursion.

    program   = [statement] {(";" | new line) [statement]}
    statement = [name "="] formula
    formula   = operand {operator operand}
    operand   = {"+" | "-"} (number | name | function "(" formula {"," formula} ")" | "(" formula ")") {superscript}
    operator  = "+" | "-" | "*" | "/" | "%" | "**"

Precedence is Python's: `-a**2` is −(a²), `2**3**2` is 2⁹, `a**-b` is allowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slopewise.cli.expressions.faults import fault
from slopewise.cli.expressions.functions import function_of, unknown
from slopewise.cli.expressions.tokens import Token, tokens

DEEPEST = 200
MOST_OPERANDS = 2_000

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "negative": 3, "positive": 3, "**": 4}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a formula in postfix order.

    Attributes:
        kind: "number", "name", "operator" or "function".
        value: The number, or what the thing is called.
        count: How many entries before it are its operands.
        position: Where it stands in the text.
        length: Over how many characters.
    """

    kind: str
    value: Any
    count: int
    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A formula, and the name that it is given; `name` is "" for a bare formula."""

    name: str
    position: int
    length: int
    items: tuple[Item, ...]


@dataclass(slots=True)
class _Open:
    """What waits for its right operand, or for its closing parenthesis."""

    value: str
    position: int
    length: int
    function: str = ""
    count: int = 1


def statements(text: str) -> list[Statement]:
    """Return the statements of an expression, in the order written.

    Raises:
        BadExpression: It is empty, or not what the grammar allows, or nested too deep.

    Example:
        >>> from slopewise.cli.expressions.grammar import statements
        >>> [(s.name, [item.value for item in s.items]) for s in statements("f = -a**2 + 1; a = 3")]
        [('f', ['a', 2, '**', 'negative', 1, '+']), ('a', [3])]
    """
    words = tokens(text)
    found: list[Statement] = []
    place = 0
    while words[place].kind != "end":
        if words[place].kind == "new line" or words[place].value == ";":
            place += 1
            continue
        reader = _Reader(text, words, place)
        found.append(reader.statement())
        place = reader.place
    if not found:
        fault("the expression is empty: write for example f = (a*b) * (a+b); a = -2; b = 3", text, 0)
    return found


class _Reader:
    """Reads one statement with two stacks: what is waiting, and what is done."""

    def __init__(self, text: str, words: Sequence[Token], place: int) -> None:
        self.text = text
        self.words = words
        self.place = place
        self.open: list[_Open] = []
        self.done: list[Item] = []

    def statement(self) -> Statement:
        first, second = self.words[self.place], self.words[self.place + 1]
        if first.kind == "name" and second.value == "=" and second.kind == "operator":
            self.place += 2
            self._formula(second)
            return Statement(first.value, first.position, first.length, tuple(self.done))
        self._formula(None)
        end = self.done[-1].position + self.done[-1].length
        return Statement("", first.position, max(1, end - first.position), tuple(self.done))

    def _formula(self, before: Token | None) -> None:
        """Read up to the end of the statement; `before` is the = that stands in front, if one does."""
        wants_operand = True
        while True:
            token = self.words[self.place]
            if token.kind == "new line" and any(entry.value == "(" for entry in self.open):
                self.place += 1
                continue
            if token.kind in ("new line", "end") or token.value == ";":
                break
            wants_operand = self._operand(token, before) if wants_operand else self._operator(token)
            self.place += 1
        if wants_operand:
            self._missing_operand(self.words[self.place], before)
        while self.open:
            entry = self.open.pop()
            if entry.value == "(":
                fault("this ( is never closed", self.text, entry.position, 1)
            self._finish(entry)

    def _operand(self, token: Token, before: Token | None) -> bool:
        """Read a word where an operand is wanted; tell whether one is still wanted."""
        if token.kind == "number":
            self._put("number", token.value, token)
            return False
        if token.kind == "name":
            follower = self.words[self.place + 1]
            if follower.value == "(" and follower.kind == "operator":
                self._open_function(token)
                return True
            self._put("name", token.value, token)
            return False
        if token.value == "(" and token.kind == "operator":
            self._push(_Open("(", token.position, 1))
            return True
        if token.value in ("+", "-") and token.kind == "operator":
            sign = "negative" if token.value == "-" else "positive"
            self._push(_Open(sign, token.position, token.length))
            return True
        self._missing_operand(token, before)
        return True

    def _operator(self, token: Token) -> bool:
        """Read a word after an operand; tell whether an operand is wanted next."""
        if token.kind == "superscript":
            self._put("number", token.value, token)
            self._put("operator", "**", token, 2)
            return False
        if token.kind == "operator" and token.value == ")":
            self._close(token)
            return False
        if token.kind == "operator" and token.value == ",":
            self._comma(token)
            return True
        if token.kind == "operator" and token.value in _PRECEDENCE:
            precedence = _PRECEDENCE[token.value]
            while self.open and self.open[-1].value != "(":
                waiting = _PRECEDENCE[self.open[-1].value]
                if waiting < precedence or (waiting == precedence and token.value == "**"):
                    break
                self._finish(self.open.pop())
            self._push(_Open(token.value, token.position, token.length))
            return True
        if token.kind == "operator" and token.value == "=":
            fault("one = stands in a statement, after a name: separate statements with ;", self.text, token.position)
        self._missing_operator(token)
        return True

    def _push(self, entry: _Open) -> None:
        if len(self.open) >= DEEPEST:
            fault(
                f"nested more than {DEEPEST} deep here: give a part of it a name of its own",
                self.text,
                entry.position,
                entry.length,
            )
        self.open.append(entry)

    def _put(self, kind: str, value: Any, token: Token, count: int = 0) -> None:
        self.done.append(Item(kind, value, count, token.position, token.length))

    def _finish(self, entry: _Open) -> None:
        count = 1 if entry.value in ("negative", "positive") else 2
        self.done.append(Item("operator", entry.value, count, entry.position, entry.length))

    def _open_function(self, token: Token) -> None:
        if function_of(token.value) is None:
            if any(word.kind == "name" and word.value == token.value and word is not token for word in self.words):
                fault(
                    f"{token.value} is a number here, not a function: multiply with {token.value} * (…)",
                    self.text,
                    token.position,
                    token.length,
                )
            fault(unknown(token.value), self.text, token.position, token.length)
        self.place += 1
        if self.words[self.place + 1].value == ")" and self.words[self.place + 1].kind == "operator":
            takes = function_of(token.value)
            needed = takes.takes() if takes else ""
            fault(f"{token.value}() takes {needed}, got none", self.text, token.position, token.length)
        self._push(_Open("(", token.position, token.length, token.value))

    def _close(self, token: Token) -> None:
        while self.open and self.open[-1].value != "(":
            self._finish(self.open.pop())
        if not self.open:
            fault("this ) closes nothing", self.text, token.position)
        entry = self.open.pop()
        if not entry.function:
            return
        function = function_of(entry.function)
        assert function is not None  # looked up when it was opened
        if entry.count < function.least or (function.most is not None and entry.count > function.most):
            fault(
                f"{entry.function}() takes {function.takes()}, got {entry.count}",
                self.text,
                entry.position,
                entry.length,
            )
        self.done.append(Item("function", entry.function, entry.count, entry.position, entry.length))

    def _comma(self, token: Token) -> None:
        while self.open and self.open[-1].value != "(":
            self._finish(self.open.pop())
        if not self.open or not self.open[-1].function:
            before, after = self.words[self.place - 1], self.words[self.place + 1]
            if before.kind == after.kind == "number" and before.end == token.position and after.position == token.end:
                written = f"{self.text[before.position : before.end]}.{self.text[after.position : after.end]}"
                fault(f"a decimal point is a point: write {written}", self.text, token.position)
            if len(self.done) == 1 and before.kind == after.kind == "name":
                cure = f"{before.value} = 2; {after.value} = 3"
                fault(f"names are given their values one by one: {cure}", self.text, token.position)
            fault(
                "a comma stands between the operands of a function only; separate statements with ;",
                self.text,
                token.position,
            )
        self.open[-1].count += 1
        if self.open[-1].count > MOST_OPERANDS:
            fault(f"more than {MOST_OPERANDS:,} operands: add parts of them first", self.text, token.position)

    def _missing_operand(self, token: Token, before: Token | None) -> None:
        """Say what is missing where a number, a name or a parenthesis is needed."""
        previous = self.words[self.place - 1] if self.place else None
        at, length = token.position, token.length
        if token.kind in ("end", "new line") or token.value == ";":
            if previous is before and before is not None:
                fault("a number or a formula is missing after =", self.text, before.position, before.length)
            if previous is not None and previous.kind == "operator":
                fault(
                    f"a number or a name is missing after {self._written(previous)}",
                    self.text,
                    previous.position,
                    previous.length,
                )
        if token.value == ")" and previous is not None and previous.value == "(":
            fault("there is nothing between ( and )", self.text, previous.position, token.end - previous.position)
        if token.value == "=" and previous is not None and previous is before:
            fault(
                "a comparison has no gradient: an expression is arithmetic, with one = after a name",
                self.text,
                before.position,
                token.end - before.position,
            )
        if token.value == "=":
            fault("a name is missing before =", self.text, at, length)
        if token.kind == "superscript":
            fault(f"a number or a name is missing before {self._written(token)}", self.text, at, length)
        fault(f"a number or a name is missing before {self._written(token)}", self.text, at, length)

    def _missing_operator(self, token: Token) -> None:
        """Say what is missing between two operands that stand side by side."""
        before = self.words[self.place - 1]
        left, right = self._written(before), self._written(token)
        cure = f"{left} * {right}" if before.value != ")" and token.value != "(" else "* multiplies"
        fault(f"an operator is missing between {left} and {right}: {cure}", self.text, token.position, token.length)

    def _written(self, token: Token) -> str:
        text = self.text[token.position : token.end]
        return text if len(text) <= 24 else text[:20] + "…"
