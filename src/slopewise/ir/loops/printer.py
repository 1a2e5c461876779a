"""Loops as text, in the grammar of `docs/loops.md`; `parser` reads it back."""

import json
from collections.abc import Iterable, Iterator, Sequence

from slopewise.ir.loops.axes import along_axes
from slopewise.ir.loops.extents import Extents
from slopewise.ir.loops.runs import run_text, runs_of
from slopewise.ir.loops.spelling import (
    ADDED,
    ANY,
    COMPARED,
    MOST_DEEP,
    MULTIPLIED,
    NEGATED,
    RAISED,
    SIGNS,
    WHOLE,
    number_text,
    place_text,
    usual_names,
)
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Literal,
    Load,
    Local,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)
from slopewise.ir.operations import NEGATE, name_of

_WIDTH = 100  # columns
_SHOWN = 12  # as many numbers stand in a shortened text; of more, the first 8


def print_loops(loops: Loops, *, full: bool = False) -> str:
    """Write Loops down.

    Loops that break a rule are written too, as far as it goes: the verifier shows them.

    Args:
        loops: What is written.
        full: Whether long tables, constants and lists are written to the end, so that `parse_loops` reads the text;
            otherwise they end in `...` and how much more there is.

    Example:
        >>> from slopewise import ir
        >>> print(print_loops(ir.parse_loops('''
        ...     loops(x[100, 2], w[16, 2]) {
        ...       local h[100, 16]
        ...       for s in 100, j in 16 {
        ...         h[s, j] = tanh(sum(i in 2: w[j, i] * x[s, i]))
        ...       }
        ...       return h[0 .. 1600]
        ...     }''')))
        loops(x[100, 2], w[16, 2]) {
          local h[100, 16]
          for s in 100, j in 16 { h[s, j] = tanh(sum(i in 2: w[j, i] * x[s, i])) }
          return h[0 .. 1600]
        }
    """
    writer = _Writer(loops)
    inputs = [_header(array) for array in loops.arrays if array.kind is Kind.INPUT]
    lines = _wrapped(f"loops({', '.join(inputs)}) {{", 0)
    for line in _declarations(loops, full):
        lines += _wrapped(line, 2)
    for statement in loops.body:
        lines += writer.statement(statement, 2)
    lines += _wrapped(f"return {_returned(loops, full)}".rstrip(), 2)
    return "\n".join([*lines, "}"])


def statement_text(loops: Loops, statement: Statement, scope: Sequence[Range]) -> str:
    """Write the first line of a statement that stands in some loops."""
    writer = _Writer(loops)
    writer.scope = list(scope)
    first, *rest = writer.statement(statement, 0)
    line = first.removesuffix("{").rstrip() if isinstance(statement, For) else f"{first} ..." if rest else first
    return line if len(line) <= _WIDTH + 20 else f"{line[:_WIDTH]} ..."


def affine_text(affine: Affine) -> str:
    """Write a formula, what is added first.

    Example:
        >>> affine_text(Affine(1, (("i", 3),))), affine_text(Affine(9, (("i", -1),)))
        ('3*i + 1', '9 - i')
    """
    parts = [
        (factor < 0, variable if abs(factor) == 1 else f"{abs(factor)}*{variable}") for variable, factor in affine.terms
    ]
    if affine.offset or not parts:
        parts.append((affine.offset < 0, str(abs(affine.offset))))
    first = next((place for place, (is_taken, _) in enumerate(parts) if not is_taken), 0)
    parts.insert(0, parts.pop(first))
    text = "-" * parts[0][0] + parts[0][1]
    return text + "".join(f" {'-' if is_taken else '+'} {part}" for is_taken, part in parts[1:])


def index_text(index: Index) -> str:
    """Write an index, what is looked up in a table first.

    Example:
        >>> index_text(Index(Affine(0, (("d", 1),)), "row", Affine(0, (("k", 1),))))
        'row[k] + d'
    """
    if index.table is None:
        return affine_text(index.affine)
    looked_up = f"{index.table}[{affine_text(index.at)}]"
    if index.affine == Affine(0):
        return looked_up
    added = affine_text(index.affine)
    return f"{looked_up} - {added[1:]}" if added.startswith("-") else f"{looked_up} + {added}"


class _Writer:
    """Writes statements; `scope` holds the loops around what is being written."""

    def __init__(self, loops: Loops) -> None:
        self.arrays = {array.name: array for array in loops.arrays}
        self.extents = Extents({table.name: table for table in loops.tables})
        self.scope: list[Range] = []
        self.depth = 0

    def statement(self, statement: Statement, indent: int) -> list[str]:
        if type(statement) not in (Let, Store, For):
            return [" " * indent + f"<{type(statement).__name__}>"]
        match statement:
            case Let(name, value):
                return _wrapped(f"{name} = {self.expression(value, ANY)}", indent)
            case Store(name, index, value):
                return _wrapped(f"{name}[{self.place(name, index)}] = {self.expression(value, ANY)}", indent)
            case For(ranges, body, is_ordered):
                outside = len(self.scope)
                head = f"{'scan' if is_ordered else 'for'} {self.ranges(ranges)} {{"
                self.scope += ranges
                lines = [line for inner in body for line in self.statement(inner, indent + 2)]
                del self.scope[outside:]
                if len(lines) == 1 and not isinstance(body[0], For):
                    line = f"{' ' * indent}{head} {lines[0].strip()} }}"
                    if len(line) <= _WIDTH:
                        return [line]
                return [*_wrapped(head, indent), *lines, " " * indent + "}"]

    def ranges(self, ranges: Sequence[Range]) -> str:
        return ", ".join(map(self.range, ranges))

    def range(self, loop: Range) -> str:
        stop = index_text(loop.stop)
        is_from_0 = loop.start == Index(Affine(0))
        return f"{loop.variable} in {stop}" if is_from_0 else f"{loop.variable} in {index_text(loop.start)} .. {stop}"

    def place(self, name: str, index: Index) -> str:
        shape = self.arrays[name].shape if name in self.arrays else ()
        if len(shape) == 1:
            return index_text(index)
        parts = along_axes(index.affine, shape, self.scope, self.extents) if index.table is None and shape else None
        return "@" + index_text(index) if parts is None else ", ".join(map(affine_text, parts))

    def expression(self, expression: Expression, tightness: int) -> str:
        """Write an expression, in brackets if it holds together less tightly than its place needs."""
        if self.depth > MOST_DEEP:
            return "..."
        self.depth += 1
        text, own = f"<{type(expression).__name__}>", WHOLE
        match expression:
            case Literal(value):
                text = number_text(value)
                own = NEGATED if text.startswith("-") else WHOLE
            case Local(name):
                text = name
            case Load(name, index):
                text = f"{name}[{self.place(name, index)}]"
            case Sum(ranges, term):
                head = self.ranges(ranges)
                outside = len(self.scope)
                self.scope += ranges
                text = f"sum({head}: {self.expression(term, ANY)})"
                del self.scope[outside:]
            case Apply(code, (operand,)) if code == NEGATE:
                text = self.expression(operand, NEGATED)
                is_clear = not isinstance(operand, Literal) and not text.startswith("-")
                text, own = f"-{text}" if is_clear else f"-({text})", NEGATED
            case Apply(code, (left, right)) if code in SIGNS:
                sign, own = SIGNS[code]
                left_side, right_side = _SIDES[own]
                text = f"{self.expression(left, left_side)} {sign} {self.expression(right, right_side)}"
            case Apply(code, operands):
                texts = []
                for operand in operands:
                    texts.append(self.expression(operand, ANY))
                text = f"{name_of(code) or f'code {code}'}({', '.join(texts)})"
        self.depth -= 1
        return text if own >= tightness else f"({text})"


# How tightly the left and the right operand of a sign have to hold together.
_SIDES = {
    COMPARED: (ADDED, ADDED),
    ADDED: (ADDED, MULTIPLIED),
    MULTIPLIED: (MULTIPLIED, NEGATED),
    RAISED: (WHOLE, NEGATED),
}


def _header(array: Array) -> str:
    return f"{array.name}[{', '.join(map(str, array.shape))}]"


def _declarations(loops: Loops, full: bool) -> Iterator[str]:
    inputs = [array for array in loops.arrays if array.kind is Kind.INPUT]
    if loops.names != usual_names(loops.arrays):
        yield f"names {_shortened(map(json.dumps, loops.names), loops.n_inputs, full)}"
    due = 0
    for array in inputs:
        if list(array.inputs) != list(range(due, due + array.size)):
            runs = list(runs_of(array.inputs))
            yield f"inputs {array.name} = {_shortened(map(run_text, runs), len(runs), full)}"
        due += array.size
    for table in loops.tables:
        size = len(table.values)
        yield f"table {table.name}[{size}] = {_shortened(map(str, table.values), size, full)}"
    for array in loops.arrays:
        if array.kind is Kind.CONSTANT:
            shown = _shortened(map(number_text, array.values), len(array.values), full)
            yield f"constant {_header(array)} = {shown}"
    local = [_header(array) for array in loops.arrays if array.kind is Kind.LOCAL]
    if local:
        yield f"local {', '.join(local)}"


def _returned(loops: Loops, full: bool) -> str:
    items: list[str] = []
    arrays, places = loops.output_arrays, loops.output_places
    at = 0
    while at < len(arrays):
        end = at + 1
        while end < len(arrays) and arrays[end] == arrays[at]:
            end += 1
        array = loops.arrays[arrays[at]] if 0 <= arrays[at] < len(loops.arrays) else None
        for run in runs_of(places[at:end]):
            if array is None:
                items.append(f"array {arrays[at]}[{run_text(run)}]")
            elif len(run) == 1:
                items.append(place_text(array, run.start))
            else:
                items.append(f"{array.name}[{run_text(run)}]")
        at = end
    return _shortened(items, len(items), full)


def _shortened(items: Iterable[str], size: int, full: bool) -> str:
    whole = list(items) if full or size <= _SHOWN else [item for item, _ in zip(items, range(8), strict=False)]
    text = ", ".join(whole)
    return text if len(whole) == size else f"{text}, ... {size - len(whole):,} more"


def _wrapped(text: str, indent: int) -> list[str]:
    """Write a text on one line, or on several where it does not fit, the later ones further to the right."""
    lines: list[str] = []
    begin, margin = 0, indent
    ends = _ends(text) if indent + len(text) > _WIDTH else []
    at = 0
    while margin + len(text) - begin > _WIDTH:
        # The loosest place of those that fill at least half of the line, else whatever comes first.
        room = begin + _WIDTH - margin
        while at < len(ends) and ends[at][0] <= begin + (_WIDTH - margin) // 2:
            at += 1
        best = at
        for chosen in range(at, len(ends)):
            if ends[chosen][0] > room:
                break
            if ends[chosen][1] <= ends[best][1]:
                best = chosen
        if best >= len(ends):
            break
        end = ends[best][0]
        lines.append(" " * margin + text[begin:end])
        begin, margin = end + 1, indent + 4
    return [*lines, " " * margin + text[begin:]]


def _ends(text: str) -> list[tuple[int, int]]:
    """Return where a line may end, and how tightly the text holds together there: never within an index or a string."""
    ends = []
    inside, depth, is_quoted, is_escaped = 0, 0, False, False
    for place, character in enumerate(text):
        if is_quoted:
            is_quoted = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_quoted = True
        elif character in "[]":
            inside += 1 if character == "[" else -1
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == " " and not inside:
            sign = text[place + 1 : text.find(" ", place + 1)]
            tightness = _TIGHTNESS.get(sign, ANY if text[place - 1] in ",:" else None)
            if tightness is not None:
                ends.append((place, WHOLE * depth + tightness))
    return ends


_TIGHTNESS: dict[str, int] = dict(SIGNS.values())
