"""Reading Loops from their text; the grammar stands in `docs/loops.md`."""

import json
import re
from array import array

from slopewise.ir.loops.expression_reader import ExpressionReader
from slopewise.ir.loops.index_reader import INDEX_RULE, nearest
from slopewise.ir.loops.spelling import ANY, MOST, usual_names
from slopewise.ir.loops.structure import Affine, Array, For, Kind, Let, Loops, Statement, Store, Table
from slopewise.ir.loops.verifier import verify_loops

_ARRAY = "an array is written with the lengths of its axes: w[16, 2]"
_RUN = "places are written 3, or 0 .. 10, or 0 .. 10 by 2"
_STATEMENT = "a statement is h[i] = ..., t = ..., for i in 10 { ... } or scan t in 10 { ... }; then comes return"
_ASSIGNED = re.compile(r"\s*[\[=]")
_DECLARATIONS = frozenset({"names", "inputs", "table", "constant", "local"})


def parse_loops(text: str) -> Loops:
    """Read Loops, and verify them.

    Args:
        text: As `str(loops)` gives it, or `print_loops(loops, full=True)` where tables and constants are long. A line
            end is a blank like any other; a comment goes from `#` to the end of the line.

    Returns:
        The Loops; `parse_loops(print_loops(loops, full=True)) == loops` for all Loops.

    Raises:
        IRError: The text is no Loops, with line and column, or the Loops break a rule.

    Example:
        >>> from slopewise import ir
        >>> loops = ir.parse_loops("loops(x[3]) { local y[1] y[0] = sum(i in 3: x[i] ** 2) return y[0] }")
        >>> ir.interpret_loops(loops, [1.0, 2.0, 3.0])
        [14.0]
    """
    loops = _Reader(text).loops()
    verify_loops(loops)
    return loops


class _Reader(ExpressionReader):
    """Reads a whole text: declarations, statements and outputs."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.arrays: dict[Kind, list[Array]] = {kind: [] for kind in Kind}
        self.names: tuple[str, ...] | None = None

    def loops(self) -> Loops:
        tokens = self.tokens
        tokens.take("loops", "loops begin with: loops(")
        tokens.take("(", "loops begin with: loops(")
        due = 0
        while not tokens.is_at(")"):
            if due:
                tokens.take(",", "a comma stands between two inputs")
            given = self.read_array(Kind.INPUT)
            self.declare(given, array("i", range(due, due + given.size)))
            due += given.size
        tokens.take(")", "after the inputs comes )")
        tokens.take("{", "after the inputs comes {")
        while tokens.next.text in _DECLARATIONS and self.is_declaration():
            self.declaration()
        body = self.statements("return")
        tokens.take("return", _STATEMENT)
        order = [listed for kind in Kind for listed in self.arrays[kind]]
        output_arrays, output_places = self.outputs(order)
        tokens.take("}", "after the outputs comes }")
        if tokens.next.kind != "nothing":
            tokens.fail(tokens.next, f"{tokens.next.text} stands behind the loops", "a text holds one function")
        names = self.names if self.names is not None else usual_names(tuple(order))
        return Loops(names, tuple(order), tuple(self.tables.values()), body, output_arrays, output_places)

    def read_array(self, kind: Kind) -> Array:
        start = self.tokens.next
        name = self.new_name()
        self.tokens.take("[", _ARRAY)
        lengths = [self.whole("the length of an axis", _ARRAY)]
        while self.tokens.passes(","):
            lengths.append(self.whole("the length of an axis", _ARRAY))
        self.tokens.take("]", _ARRAY)
        declared = Array(name, kind, tuple(lengths), array("i"), array("d"))
        if declared.size > MOST:
            self.tokens.fail(start, f"{name} would hold {declared.size:,} numbers", f"an array holds up to {MOST:,}")
        return declared

    def declare(self, a: Array, inputs: "array[int] | None" = None, values: "array[float] | None" = None) -> None:
        filled = Array(a.name, a.kind, a.shape, a.inputs if inputs is None else inputs, values or a.values)
        if a.name in self.by_name:
            listed = self.arrays[a.kind]
            listed[[other.name for other in listed].index(a.name)] = filled
        else:
            self.arrays[a.kind].append(filled)
        self.by_name[a.name] = filled

    def is_declaration(self) -> bool:
        # These words may be names too: what is assigned to follows them then.
        token = self.tokens.next
        return _ASSIGNED.match(self.tokens.source, token.start + len(token.text)) is None

    def declaration(self) -> None:
        tokens = self.tokens
        word = tokens.advance().text
        if word == "local":
            self.declare(self.read_array(Kind.LOCAL))
            while tokens.passes(","):
                self.declare(self.read_array(Kind.LOCAL))
        elif word == "constant":
            constant = self.read_array(Kind.CONSTANT)
            tokens.take("=", "a constant has its numbers behind it: constant c[3] = 0.5, 1, 2")
            values = array("d", [self.number()])
            while tokens.passes(","):
                values.append(self.number())
            self.declare(constant, values=values)
        elif word == "table":
            self.table()
        elif word == "names":
            names = [self.string()]
            while tokens.passes(","):
                names.append(self.string())
            self.names = tuple(names)
        else:
            token = tokens.take_kind("word", "an input's array", "inputs are placed as in: inputs x = 0 .. 10")
            if token.text not in self.by_name:
                tokens.fail(token, f"{token.text} is no array of inputs", "they stand in the first line: loops(x[10])")
            tokens.take("=", "inputs are placed as in: inputs x = 0 .. 10")
            size = self.by_name[token.text].size
            places = array("i", self.run(size))
            while tokens.passes(","):
                places.extend(self.run(size))
            self.declare(self.by_name[token.text], places)

    def table(self) -> None:
        rule = "a table has its whole numbers behind it: table at[3] = 0, 4, 2"
        name = self.new_name()
        self.tokens.take("[", rule)
        size = self.tokens.next
        length = self.whole("how many numbers it holds", rule)
        self.tokens.take("]", rule)
        self.tokens.take("=", rule)
        values = array("i", [self.signed("a whole number", rule)])
        while self.tokens.passes(","):
            values.append(self.signed("a whole number", rule))
        if len(values) != length:
            self.tokens.fail(size, f"{name} is said to hold {length:,}, and these are {len(values):,}", rule)
        self.tables[name] = Table(name, values)

    def outputs(self, order: list[Array]) -> tuple["array[int]", "array[int]"]:
        tokens = self.tokens
        arrays, places = array("i"), array("i")
        numbers = {listed.name: place for place, listed in enumerate(order)}
        while not tokens.is_at("}"):
            if arrays:
                tokens.take(",", "a comma stands between two outputs, and } behind the last")
            name = tokens.take_kind("word", "an output", "an output is an element of an array, or a run: y[0 .. 10]")
            if name.text not in numbers:
                tokens.fail(name, f"{name.text} is no array", nearest(name.text, numbers))
            tokens.take("[", "an output is an element of an array, or a run: y[0 .. 10]")
            run = self.output_run(self.by_name[name.text])
            tokens.take("]", "an output is an element of an array, or a run: y[0 .. 10]")
            arrays.extend([numbers[name.text]] * len(run))
            places.extend(run)
        return arrays, places

    def output_run(self, given: Array) -> range:
        is_flat = self.tokens.passes("@")
        start = self.tokens.next
        run = self.run(given.size)
        if is_flat or len(run) > 1 or len(given.shape) == 1:
            return run
        parts = [run.start]
        while self.tokens.passes(","):
            parts.append(self.signed("a place", _RUN))
        place = self.flat([Affine(part) for part in parts], given, start).offset
        return range(place, place + 1)

    def run(self, most: int) -> range:
        token = self.tokens.next
        start = self.signed("a place", _RUN)
        if not self.tokens.passes(".."):
            return range(start, start + 1)
        stop = self.signed("a place", _RUN)
        step = self.signed("a step", _RUN) if self.tokens.passes("by") else 1
        if not step or not (run := range(start, stop, step)):
            self.tokens.fail(token, "a run of no places", "it goes from its first place to before its end: 0 .. 10")
        if len(run) > most:
            self.tokens.fail(token, f"a run of {len(run):,} places, and the array has {most:,}", _RUN)
        return run

    def statements(self, end: str) -> tuple[Statement, ...]:
        outside = len(self.locals)
        body: list[Statement] = []
        while self.tokens.passes(";") or not self.tokens.is_at(end):
            if not self.tokens.is_at(end) and not self.tokens.is_at(";"):
                body.append(self.statement())
        while len(self.locals) > outside:
            self.locals.popitem()
        return tuple(body)

    def statement(self) -> Statement:
        tokens = self.tokens
        name = tokens.take_kind("word", "a statement", _STATEMENT)
        if name.text in ("for", "scan"):
            return self.loop(is_ordered=name.text == "scan")
        if tokens.passes("["):
            if name.text not in self.by_name:
                cure = f"an array is declared before the statements: local {name.text}[10]"
                tokens.fail(name, f"{name.text} is no array", nearest(name.text, self.by_name, cure))
            index = self.place(self.by_name[name.text])
            tokens.take("]", INDEX_RULE)
            tokens.take("=", _STATEMENT)
            return Store(name.text, index, self.expression(ANY))
        if not tokens.is_at("="):
            if name.text == "return":
                tokens.fail(name, "return stands within a loop", "it stands at the end, behind all loops")
            if name.text in _DECLARATIONS:
                tokens.fail(name, f"{name.text} stands behind a statement", "declarations come first")
            tokens.misplaced("= or [", _STATEMENT)
        self.check_new(name)
        tokens.advance()
        value = self.expression(ANY)
        self.locals[name.text] = None
        return Let(name.text, value)

    def loop(self, is_ordered: bool) -> For:
        self.deeper()
        outside = len(self.variables)
        ranges = self.ranges()
        self.tokens.take("{", "after the loops comes {")
        body = self.statements("}")
        self.tokens.take("}", "after the statements of a loop comes }")
        self.depth -= 1
        while len(self.variables) > outside:
            self.variables.popitem()
        return For(ranges, body, is_ordered)

    def number(self) -> float:
        sign = -1.0 if self.tokens.passes("-") else 1.0
        if self.tokens.next.kind != "number":
            self.tokens.misplaced("a number", "a constant has its numbers behind it: constant c[3] = 0.5, 1, 2")
        return sign * self.positive() if sign < 0 else self.positive()

    def string(self) -> str:
        token = self.tokens.take_kind("string", "a name in quotes", 'the names of the inputs: names "a", "b"')
        try:
            return str(json.loads(token.text))
        except ValueError:
            self.tokens.fail(token, f"{token.text} is no string", 'a name in quotes is written as in JSON: "a\\tb"')
