"""Reading names, whole numbers, indices and loop ranges of a text of Loops."""

import difflib
from collections.abc import Iterable

from slopewise.ir.loops.axes import joined
from slopewise.ir.loops.spelling import MOST, MOST_DEEP, is_name
from slopewise.ir.loops.structure import Affine, Array, Index, Range, Table
from slopewise.ir.loops.tokens import Token, Tokens

INDEX_RULE = "an index is a number, or adds multiples of loop variables: 3*i + 1"
_RANGE = "a loop is written i in 10, or i in 2 .. 10"


class IndexReader:
    """Reads indices; `variables` are the loop variables that are known at the moment, with their depth."""

    def __init__(self, text: str) -> None:
        self.tokens = Tokens(text)
        self.by_name: dict[str, Array] = {}
        self.tables: dict[str, Table] = {}
        self.variables: dict[str, int] = {}
        self.locals: dict[str, None] = {}
        self.depth = 0

    def bound(self) -> Index:
        """Read a whole number: numbers and multiples of variables, added and taken away, and one number of a table."""
        tokens, offset, factors = self.tokens, 0, dict[str, int]()
        table, at = None, Affine(0)
        sign = -1 if tokens.passes("-") else 1
        while True:
            factor, variable = sign, None
            if table is None and sign > 0 and tokens.next.text in self.tables:
                table, at = self.looked_up()
                factor = 0
            elif tokens.next.kind == "number":
                factor *= self.whole("a whole number", INDEX_RULE)
                if tokens.passes("*"):
                    variable = self.variable()
            else:
                variable = self.variable()
                if tokens.passes("*"):
                    factor *= self.whole("a whole number", INDEX_RULE)
            if variable is None:
                offset += factor
            else:
                factors[variable] = factors.get(variable, 0) + factor
            if not tokens.is_at("+") and not tokens.is_at("-"):
                terms = tuple((variable, factor) for variable, factor in factors.items() if factor)
                return Index(self.ordered(Affine(offset, terms)), table, at)
            sign = -1 if tokens.advance().text == "-" else 1

    def looked_up(self) -> tuple[str, Affine]:
        name = self.tokens.advance()
        self.tokens.take("[", f"{name.text} is a table, and is looked up as {name.text}[i]")
        at = self.affine()
        self.tokens.take("]", INDEX_RULE)
        return name.text, at

    def place(self, given: Array) -> Index:
        start = self.tokens.next
        if self.tokens.passes("@"):
            return self.bound()
        first = self.bound()
        if len(given.shape) == 1 and not self.tokens.is_at(","):
            return first
        if first.table is not None:
            self.tokens.fail(
                start,
                f"{given.name} has {len(given.shape)} axes, and {first.table} gives one number",
                f"a table gives the place along all axes: {given.name}[@{first.table}[i]]",
            )
        parts = [first.affine]
        while self.tokens.passes(","):
            parts.append(self.affine())
        return Index(self.flat(parts, given, start))

    def flat(self, parts: list[Affine], given: Array, start: Token) -> Affine:
        axes = len(given.shape)
        if len(parts) != axes:
            self.tokens.fail(
                start,
                f"{given.name} has {axes} ax{'es' if axes > 1 else 'is'}, and {len(parts)} "
                f"ind{'ices stand' if len(parts) > 1 else 'ex stands'} here",
                f"the place along all axes is written with an @: {given.name}[@{parts[0].offset}]",
            )
        for part, length in zip(parts, given.shape, strict=True):
            if not part.terms and not 0 <= part.offset < length:
                what = f"{part.offset} stands where {given.name} has an axis of length {length}"
                self.tokens.fail(start, what, f"an axis of length {length} is counted from 0 to {length - 1}")
        return self.ordered(joined(parts, given.shape))

    def ordered(self, affine: Affine) -> Affine:
        return Affine(affine.offset, tuple(sorted(affine.terms, key=lambda term: self.variables[term[0]])))

    def affine(self) -> Affine:
        """Read a whole number that looks nothing up."""
        start = self.tokens.next
        index = self.bound()
        if index.table is not None:
            self.tokens.fail(
                start,
                f"a number of the table {index.table} stands where none may be looked up",
                "a table gives a whole index, along all axes: w[@at[k] + i]",
            )
        return index.affine

    def variable(self) -> str:
        token = self.tokens.take_kind("word", "a loop variable or a whole number", INDEX_RULE)
        if token.text not in self.variables:
            if token.text in self.tables:
                what = f"{token.text} is a table, and an index adds one number of one table to a formula"
                self.tokens.fail(token, what, f"an index is written {token.text}[k] + 3*i + 1")
            what = f"{token.text} is no variable of a loop around this place"
            self.tokens.fail(token, what, nearest(token.text, self.variables) if self.variables else INDEX_RULE)
        return token.text

    def ranges(self) -> tuple[Range, ...]:
        ranges = [self.range()]
        while self.tokens.passes(","):
            ranges.append(self.range())
        return tuple(ranges)

    def range(self) -> Range:
        token = self.tokens.take_kind("word", "a loop variable", _RANGE)
        self.tokens.take("in", _RANGE)
        self.check_new(token)
        name = token.text
        start, stop = Index(Affine(0)), self.bound()
        if self.tokens.passes(".."):
            start, stop = stop, self.bound()
        self.variables[name] = len(self.variables)
        return Range(name, start, stop)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_DEEP:
            self.tokens.fail(
                self.tokens.next,
                f"loops and expressions stand more than {MOST_DEEP} deep in one another",
                "name a part first, on a line of its own: t = ...",
            )

    def new_name(self) -> str:
        token = self.tokens.take_kind("word", "a name", "a name is made of letters, digits, _ and dots")
        self.check_new(token)
        return token.text

    def check_new(self, token: Token) -> None:
        name = token.text
        if not is_name(name):
            self.tokens.fail(token, f"{name} cannot be a name", "it has a meaning of its own")
        for noun, known in (
            ("an array", self.by_name),
            ("a table", self.tables),
            ("a loop variable", self.variables),
            ("a number", self.locals),
        ):
            if name in known:
                self.tokens.fail(token, f"{name} names {noun} already", "everything has a name of its own")

    def whole(self, noun: str, rule: str) -> int:
        token = self.tokens.next
        if not token.text.isdigit():
            self.tokens.misplaced(noun, rule)
        if len(token.text) > 10 or int(token.text) > MOST:
            self.tokens.fail(token, f"{token.text} is more than {MOST:,}", "whole numbers are C ints")
        return int(self.tokens.advance().text)

    def signed(self, noun: str, rule: str) -> int:
        sign = -1 if self.tokens.passes("-") else 1
        return sign * self.whole(noun, rule)


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Say what a name was probably meant to be; if nothing is near, `otherwise`, or what is known."""
    near = difflib.get_close_matches(name, list(known), n=1)
    if near or otherwise:
        return f"did you mean {near[0]}?" if near else otherwise
    listed = ", ".join(list(known)[:8])
    return f"known here: {listed}" if listed else "none is known here"
