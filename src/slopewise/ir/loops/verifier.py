"""The rules of Loops, each with an error of its own. A verifier raises and never repairs."""

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise

from slopewise.errors import IRError
from slopewise.ir.loops.execution import MOST_STEPS, execute
from slopewise.ir.loops.extents import Extents
from slopewise.ir.loops.printer import affine_text, statement_text
from slopewise.ir.loops.spelling import MOST, MOST_DEEP, is_name
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
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
from slopewise.ir.operations import CONSTANT, INPUT, ROWS, name_of


def verify_loops(loops: Loops, *, most_steps: int = MOST_STEPS) -> None:
    """Check the rules of Loops: what every pass may rely on, and must hand on.

    - arrays, tables, loop variables and locals have names, and nothing has the name of something else in its scope;
    - inputs come first, then constants, then local arrays; each holds as many numbers as its shape says;
    - a variable or local is used within its block alone, and behind its definition;
    - an operation has as many operands as it takes, and nothing stands more than 200 deep;
    - an index lies within its array or table, for every member;
    - every element of a local array is written exactly once, and before it is read; a member of loops that are not a
      scan reads nothing that another member writes;
    - every output is an element of an array.

    The last but one is found out by going through all members with a mark for each element, where innermost loops
    count as one step. That ends after `most_steps` steps: what would follow is then taken as right, except that an
    index which is not shown to lie within its array by the bounds of the loops is refused.

    Args:
        loops: What is checked.
        most_steps: After how many steps to end; the 500,000 of the default take a second or two.

    Raises:
        IRError: A rule is broken; the statement in question is printed.

    Example:
        >>> from slopewise import ir
        >>> ir.parse_loops("loops(x[3]) { local y[3] for i in 3 { y[i] = x[i + 1] } return y[0 .. 3] }")
        Traceback (most recent call last):
        ...
        slopewise.errors.IRError: x[i + 1] reaches x[3], and x holds 3 numbers
        at y[i] = x[i + 1]
        an index lies within its array for every member
    """
    if not _is_a(loops, Loops):
        raise IRError(f"verify_loops() takes Loops, got {type(loops).__name__}")
    _verify_arrays(loops)
    _verify_tables(loops)
    rules = _Rules(loops)
    rules.block(loops.body, (), {}, 0)
    _verify_outputs(loops)
    execute(loops, rules.doubtful, most_steps)


def _verify_arrays(loops: Loops) -> None:
    for place, name in enumerate(loops.names):
        if not _is_a(name, str):
            raise IRError(f"input {place} is named {name!r}, and a name is a string")
    known: dict[str, str] = {}
    kinds = list(Kind)
    before = 0
    for a in loops.arrays:
        _verify_name(a.name, "an array", known)
        if kinds.index(a.kind) < before:
            raise IRError(
                f"{a.name} is {_KINDS[a.kind]}, and stands behind {_KINDS[kinds[before]]}\n"
                "among the arrays\n"
                "inputs come first, then constants, then local arrays"
            )
        before = kinds.index(a.kind)
        if not a.shape or any(not _is_a(length, int) or length < 1 for length in a.shape) or a.size > MOST:
            raise IRError(
                f"{a.name} has the shape {a.shape}\n"
                f"among the arrays\n"
                f"an array has at least one axis, each of length 1 or more, and at most {MOST:,} numbers"
            )
        for what, column, typecode, is_due in (
            ("inputs", a.inputs, "i", a.kind is Kind.INPUT),
            ("values", a.values, "d", a.kind is Kind.CONSTANT),
        ):
            _verify_column(f"{what} of {a.name}", column, typecode)
            due = a.size if is_due else 0
            if len(column) != due:
                raise IRError(
                    f"{a.name} is {_KINDS[a.kind]} of {a.size:,} number{'s' * (a.size != 1)}, "
                    f"and has {len(column):,} of its {what}\n"
                    f"among the arrays\n"
                    f"an input has an input of the Program for each element, a constant a number, a local array neither"
                )
        if a.inputs and not 0 <= min(a.inputs) <= max(a.inputs) < loops.n_inputs:
            place = next(place for place, held in enumerate(a.inputs) if not 0 <= held < loops.n_inputs)
            raise IRError(
                f"element {place} of {a.name} is input {a.inputs[place]}, and there are names for {loops.n_inputs:,}\n"
                f"among the arrays\n"
                f"each input has a name, and is counted from 0"
            )
    for table in loops.tables:
        _verify_name(table.name, "a table", known)


def _verify_name(name: str, noun: str, known: dict[str, str]) -> None:
    if not _is_a(name, str) or not is_name(name):
        raise IRError(
            f"{noun} is named {name!r}\n"
            f"among the names\n"
            f"a name is made of letters, digits, _ and dots, and is not for, scan, in, by, return, inf or nan"
        )
    if name in known:
        raise IRError(f"{name} names {noun} and {known[name]}\namong the names\neverything has a name of its own")
    known[name] = noun


def _verify_column(what: str, column: object, typecode: str) -> None:
    if not isinstance(column, array) or column.typecode != typecode:
        given = f"array({column.typecode!r})" if isinstance(column, array) else type(column).__name__
        raise IRError(f"{what} are {given}, and have to be array({typecode!r})")


def _verify_tables(loops: Loops) -> None:
    for table in loops.tables:
        _verify_column(f"values of {table.name}", table.values, "i")
        if not table.values:
            raise IRError(f"{table.name} is an empty table\namong the tables\na table holds at least one number")


def _verify_outputs(loops: Loops) -> None:
    _verify_column("output_arrays", loops.output_arrays, "i")
    _verify_column("output_places", loops.output_places, "i")
    arrays, places = loops.output_arrays, loops.output_places
    if len(arrays) != len(places):
        raise IRError(
            f"{len(arrays):,} outputs have an array, and {len(places):,} a place in it\n"
            f"in {loops!r}\n"
            f"every output has both"
        )
    sizes = [a.size for a in loops.arrays]
    for output, (number, place) in enumerate(zip(arrays, places, strict=True)):
        if not 0 <= number < len(sizes):
            raise IRError(
                f"output {output} stands in array {number}, and there are {len(sizes):,} arrays\n"
                f"in {loops!r}\n"
                f"an output is an element of an array"
            )
        if not 0 <= place < sizes[number]:
            a = loops.arrays[number]
            raise IRError(
                f"output {output} is element {place} of {a.name}, which holds {_numbers(a.size)}\n"
                f"in {loops!r}\n"
                f"an output is an element of an array"
            )


class _Rules:
    """Checks statements where they stand: `known` holds the variables and locals of the blocks around."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops
        self.arrays = {a.name: a for a in loops.arrays}
        self.tables = {table.name: table for table in loops.tables}
        self.extents = Extents(self.tables)
        # Accesses by id that the bounds of the loops do not show to be within their array: execution shows it.
        self.doubtful: set[int] = set()

    def block(self, body: Sequence[Statement], scope: tuple[Range, ...], known: dict[str, str], depth: int) -> None:
        known = dict(known)
        for statement in body:
            where = _Where(self.loops, statement, scope)
            if not _is_a(statement, (Let, Store, For)):
                raise where.broken(f"{type(statement).__name__} is no statement", "a block holds Let, Store and For")
            match statement:
                case Let(name, value):
                    self.expression(value, scope, known, depth, where)
                    self.new_name(name, "a local", known, where)
                case Store(name, _, value):
                    if name not in self.arrays:
                        raise where.broken(f"{name} is written, and no array bears that name", _DECLARED)
                    if self.arrays[name].kind is not Kind.LOCAL:
                        kind = _KINDS[self.arrays[name].kind]
                        raise where.broken(f"{name} is written, and is {kind}", "statements write local arrays alone")
                    self.expression(value, scope, known, depth, where)
                    self.access(statement, scope, where)
                case For(ranges, inner):
                    if depth >= MOST_DEEP:
                        raise _too_deep(where)
                    names = dict(known)
                    self.block(inner, scope + self.ranges(ranges, scope, names, where), names, depth + 1)

    def ranges(
        self, ranges: Sequence[Range], scope: tuple[Range, ...], known: dict[str, str], where: "_Where"
    ) -> tuple[Range, ...]:
        """Check loops, and add their variables to what is known."""
        if not ranges:
            raise where.broken("a loop has no range", "a loop has at least one variable with its bounds")
        inner = scope
        for loop in ranges:
            for bound in (loop.start, loop.stop):
                self.bound(bound, inner, where)
            self.new_name(loop.variable, "a loop variable", known, where)
            inner = (*inner, loop)
        return inner[len(scope) :]

    def new_name(self, name: str, noun: str, known: dict[str, str], where: "_Where") -> None:
        if not _is_a(name, str) or not is_name(name):
            raise where.broken(f"{noun} is named {name!r}", "a name is made of letters, digits, _ and dots")
        other = "an array" if name in self.arrays else "a table" if name in self.tables else known.get(name)
        if other is not None:
            raise where.broken(f"{name} names {noun}, and {other} already", "everything has a name of its own")
        known[name] = noun

    def expression(
        self, whole: Expression, scope: tuple[Range, ...], known: dict[str, str], depth: int, where: "_Where"
    ) -> None:
        rest = [(whole, scope, known, depth)]
        while rest:
            expression, scope, known, depth = rest.pop()
            if depth >= MOST_DEEP:
                raise _too_deep(where)
            if not _is_a(expression, (Literal, Local, Load, Apply, Sum)):
                given = type(expression).__name__
                raise where.broken(f"{given} is no expression", "Literal, Local, Load, Apply and Sum are")
            match expression:
                case Literal(value):
                    if not _is_a(value, (int, float)):
                        raise where.broken(f"{value!r} stands where a number is due", "a Literal holds a float")
                case Local(name):
                    if known.get(name) != "a local":
                        raise where.broken(
                            f"{name} is read, and no Let before it in its block or around it names it", _SCOPE
                        )
                case Load(name):
                    if name not in self.arrays:
                        raise where.broken(f"{name} is read, and no array bears that name", _DECLARED)
                    self.access(expression, scope, where)
                case Apply(code, operands):
                    self.arity(code, len(operands), where)
                    rest += [(operand, scope, known, depth + 1) for operand in operands]
                case Sum(ranges, term):
                    known = dict(known)
                    inner = scope + self.ranges(ranges, scope, known, where)
                    rest.append((term, inner, known, depth + 1))

    def arity(self, code: int, given: int, where: "_Where") -> None:
        row = ROWS[code] if 0 <= code < len(ROWS) else None
        if row is None or code in (INPUT, CONSTANT):
            raise where.broken(f"the code {code} means no operation", "the codes stand in slopewise.ir.operations")
        if given != row.arity:
            raise where.broken(
                f"{name_of(code)} takes {row.arity} operand{'s' * (row.arity != 1)}, and has {given}",
                "the operations stand in docs/program.md",
            )

    def affine(self, affine: Affine, scope: tuple[Range, ...], where: "_Where") -> tuple[int, int]:
        """Check a formula, and return the extent of its numbers."""
        if not affine.terms:
            return affine.offset, affine.offset
        order = {loop.variable: place for place, loop in enumerate(scope)}
        places = []
        for variable, factor in affine.terms:
            if variable not in order:
                raise where.broken(f"{variable} stands in an index, and no loop around it counts by it", _SCOPE)
            if not factor:
                raise where.broken(f"{variable} has the factor 0 in {affine_text(affine)}", "no factor is 0")
            places.append(order[variable])
        if any(left >= right for left, right in pairwise(places)):
            raise where.broken(
                f"the terms of {affine_text(affine)} are out of order",
                "each variable occurs once, that of the outermost loop first",
            )
        try:
            return self.extents.of_affine(affine, scope)
        except KeyError:  # a loop around is empty, so that its variable has nothing to look its bounds up with
            return 0, -1

    def looked_up(self, index: Index, scope: tuple[Range, ...], where: "_Where") -> tuple[int, int]:
        """Check what an index looks up, and return the extent of the places in the table."""
        if index.table is None:
            if index.at != Affine(0):
                raise where.broken("an index has a place in a table, and no table", "without a table `at` is Affine(0)")
        elif index.table not in self.tables:
            raise where.broken(f"{index.table} is looked up, and no table bears that name", _DECLARED)
        return self.affine(index.at, scope, where)

    def bound(self, index: Index, scope: tuple[Range, ...], where: "_Where") -> None:
        """Check a bound of a loop."""
        self.affine(index.affine, scope, where)
        low, high = self.looked_up(index, scope, where)
        if index.table is None or low > high:
            return
        size = len(self.tables[index.table].values)
        for end in (low, high):
            if not 0 <= end < size:
                raise where.broken(
                    f"{index.table}[{affine_text(index.at)}] reaches {index.table}[{end}], "
                    f"and {index.table} holds {_numbers(size)}",
                    "what is looked up lies within its table for every member",
                )

    def access(self, access: Load | Store, scope: tuple[Range, ...], where: "_Where") -> None:
        """Check an index, and note the access where the bounds of the loops do not show that it is within its array."""
        index = access.index
        reached = self.affine(index.affine, scope, where)
        low, high = self.looked_up(index, scope, where)
        is_shown = True
        if index.table is not None:
            is_shown = low >= 0 and high < len(self.tables[index.table].values)
            try:
                reached = self.extents.of_index(index, scope)
            except KeyError:
                is_shown = False
        if not is_shown or reached[0] < 0 or reached[1] >= self.arrays[access.array].size:
            self.doubtful.add(id(access))


class _Where:
    """A statement and the loops around it, printed when an error needs it."""

    def __init__(self, loops: Loops, statement: Statement, scope: Sequence[Range]) -> None:
        self.text: Callable[[], str] = lambda: statement_text(loops, statement, scope)

    def broken(self, what: str, cure: str) -> IRError:
        return IRError(f"{what}\nat {self.text()}\n{cure}")


def _too_deep(where: _Where) -> IRError:
    return where.broken(
        f"loops and expressions stand more than {MOST_DEEP} deep in one another",
        "name a part first, with a Let of its own",
    )


def _is_a(given: object, kind: type | tuple[type, ...]) -> bool:
    # What is said to be of a type may come from code that is not checked.
    return isinstance(given, kind)


def _numbers(n: int) -> str:
    return f"{n:,} number{'s' * (n != 1)}"


_DECLARED = "arrays and tables are declared before the statements"
_SCOPE = "variables and locals are known within their own block"
_KINDS = {Kind.INPUT: "an input", Kind.CONSTANT: "a constant", Kind.LOCAL: "a local array"}
