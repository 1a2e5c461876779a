"""Random small Loops for the laws: layers, scans, triangles, segments, gathers and scatters, fused bodies.

`loops_programs()` draws Loops that keep all rules, `by_python` computes what they mean in another way than the
interpreter: Python source is written from them, and run.
"""

import itertools
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from programs import EDGES, OPERATIONS, numbers
from slopewise.ir.loops import (
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
    Table,
)
from slopewise.ir.loops.spelling import usual_names
from slopewise.ir.operations import ADD, ARITY, MULTIPLY, NEGATE, POWER, SUBTRACT, row_of

Member = dict[str, int]

# Signs come up more often than functions: they are what brackets are about.
_CODES = (*[ADD, SUBTRACT, MULTIPLY, NEGATE, POWER] * 6, *OPERATIONS)
_NAMES = ("x", "w", "layers.0.b", "größe", "exp", "sum", "local", "names", "table")


@dataclass
class _Draft:
    """Loops that grow: what is declared, what may be read, and names that are free."""

    draw: st.DrawFn
    arrays: list[Array] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    readable: list[Array] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    n_names: int = 0

    def name(self, letter: str) -> str:
        self.n_names += 1
        return f"{letter}{self.n_names}"

    def pick(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def local(self, *shape: int) -> Array:
        new = Array(self.name("h"), Kind.LOCAL, shape, array("i"), array("d"))
        self.arrays.append(new)
        return new

    def table(self, values: Sequence[int]) -> Table:
        new = Table(self.name("at"), array("i", values))
        self.tables.append(new)
        return new


@st.composite
def loops_programs(draw: st.DrawFn, most: int = 5) -> Loops:
    """Draw Loops with up to `most` nests or so."""
    draft = _Draft(draw)
    names = _declared(draft)
    nests = (_layer, _layer, _scan, _triangle, _segments, _scatter, _fused, _reverse_scan, _ragged)
    for _ in range(draw(st.integers(0, most))):
        draw(st.sampled_from(nests))(draft)
    outputs = [_output(draft) for _ in range(draw(st.integers(0, 4)))]
    places = [(number, place) for number, run in outputs for place in run]
    arrays = sorted(draft.arrays, key=lambda a: list(Kind).index(a.kind))
    order = [arrays.index(a) for a in draft.arrays]
    return Loops(
        names,
        tuple(arrays),
        tuple(draft.tables),
        tuple(draft.body),
        array("i", [order[number] for number, _ in places]),
        array("i", [place for _, place in places]),
    )


def _declared(draft: _Draft) -> tuple[str, ...]:
    draw = draft.draw
    shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
    names = draw(st.lists(st.sampled_from(_NAMES), max_size=3, unique=True))
    sizes = []
    for name in names:
        shape = draw(shapes)
        sizes.append(Array(name, Kind.INPUT, shape, array("i"), array("d")).size)
        draft.arrays.append(Array(name, Kind.INPUT, shape, array("i", range(sum(sizes[:-1]), sum(sizes))), array("d")))
    n = sum(sizes)
    if n and draw(st.booleans()):  # inputs in another order, some twice, some not at all
        n = draw(st.integers(1, n + 2))
        for place, given in enumerate(draft.arrays):
            held = draw(st.lists(st.integers(0, n - 1), min_size=given.size, max_size=given.size))
            draft.arrays[place] = Array(given.name, Kind.INPUT, given.shape, array("i", held), array("d"))
    for _ in range(draw(st.integers(0, 2))):
        shape = draw(shapes)
        size = Array("", Kind.CONSTANT, shape, array("i"), array("d")).size
        values = array("d", draw(st.lists(numbers(), min_size=size, max_size=size)))
        draft.arrays.append(Array(draft.name("c"), Kind.CONSTANT, shape, array("i"), values))
    draft.readable += draft.arrays
    if draw(st.booleans()):
        return tuple(draw(st.lists(st.text(), min_size=n, max_size=n)))
    return usual_names(tuple(draft.arrays))


def members_of(ranges: Sequence[Range], tables: Sequence[Table], outer: Member | None = None) -> Iterator[Member]:
    """Go through the members of loops: what each variable is."""
    known = {table.name: table.values for table in tables}

    def number(index: Index, member: Member) -> int:
        place = index.affine.offset + sum(by * member[name] for name, by in index.affine.terms)
        at = index.at.offset + sum(by * member[name] for name, by in index.at.terms)
        return place if index.table is None else place + known[index.table][at]

    if not ranges:
        yield dict(outer or {})
        return
    for i in range(number(ranges[0].start, outer or {}), number(ranges[0].stop, outer or {})):
        yield from members_of(ranges[1:], tables, {**(outer or {}), ranges[0].variable: i})


def _to(variable: str, stop: int, start: int = 0) -> Range:
    return Range(variable, Index(Affine(start)), Index(Affine(stop)))


def _index(draft: _Draft, size: int, scope: Sequence[Range]) -> Index:
    """Draw an index that stays within `size` numbers."""
    reach = list(members_of(scope, draft.tables))
    if not reach:
        return Index(Affine(draft.pick(0, size - 1)))
    terms: list[tuple[str, int]] = []
    for loop in scope:
        factor = draft.draw(st.sampled_from([0, 0, 1, 1, 1, -1, 2, 3, -2, 4]))
        tried = [*terms, (loop.variable, factor)]
        low, high = _extent(tried, reach)
        if factor and high - low < size:
            terms = tried
    low, high = _extent(terms, reach)
    if draft.pick(0, 5):
        return Index(Affine(draft.pick(-low, size - 1 - high), tuple(terms)))
    at: list[tuple[str, int]] = []  # a gather: a table for some variables, the formula for the others
    rest = list(terms)
    for term in terms:
        if draft.pick(0, 1):
            at.append(term)
            rest.remove(term)
    first, last = _extent(at, reach)
    low, high = _extent(rest, reach)
    offset = draft.pick(-2, 2)
    numbers = st.integers(-low - offset, size - 1 - high - offset)
    values = draft.draw(st.lists(numbers, min_size=last - first + 1, max_size=last - first + 3))
    return Index(Affine(offset, tuple(rest)), draft.table(values).name, Affine(-first, tuple(at)))


def _extent(terms: Sequence[tuple[str, int]], reach: Sequence[Member]) -> tuple[int, int]:
    numbers = [sum(by * member[name] for name, by in terms) for member in reach]
    return min(numbers), max(numbers)


def _expression(draft: _Draft, scope: Sequence[Range], known: Sequence[str] = (), depth: int = 3) -> Expression:
    kind = draft.pick(0, 9)
    if kind >= 5 and depth:
        code = draft.draw(st.sampled_from(_CODES))
        return Apply(code, tuple(_expression(draft, scope, known, depth - 1) for _ in range(ARITY[code])))
    if kind == 4 and depth:
        loops = [_to(draft.name("u"), draft.pick(0, 3))]
        if draft.pick(0, 1):
            first = loops[0].variable
            loops.append(Range(draft.name("v"), Index(Affine(1, ((first, 1),))), Index(Affine(3))))
        return Sum(tuple(loops), _expression(draft, [*scope, *loops], known, depth - 1))
    if kind == 3 and known:
        return Local(draft.draw(st.sampled_from(known)))
    if kind >= 1 and draft.readable:
        read = draft.draw(st.sampled_from(draft.readable))
        return Load(read.name, _index(draft, read.size, scope))
    return Literal(draft.draw(st.one_of(st.sampled_from(EDGES), numbers())))


def _layer(draft: _Draft) -> None:
    """Elements on their own, some axes backwards or exchanged, perhaps with a Let."""
    shape = draft.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    loops = tuple(_to(draft.name("i"), length) for length in shape)
    index = Affine(0)
    for loop, length, stride in zip(loops, shape, _strides(shape), strict=True):
        is_back = bool(draft.pick(0, 1))
        by = -stride if is_back else stride
        index = Affine(index.offset + (stride * (length - 1) if is_back else 0), (*index.terms, (loop.variable, by)))
    new = draft.local(*shape)
    body: list[Statement] = []
    known = []
    if draft.pick(0, 1):
        known.append(draft.name("t"))
        body.append(Let(known[0], _expression(draft, loops)))
    body.append(Store(new.name, Index(index), _expression(draft, loops, known)))
    nest = tuple(body)
    if len(loops) > 1 and draft.pick(0, 1):
        order = draft.draw(st.permutations(loops))
        nest = (For(tuple(order[:1]), (For(tuple(order[1:]), _in_order(body, order)),)),)
        draft.body += nest
    else:
        draft.body.append(For(loops, nest))
    draft.readable.append(new)


def _in_order(body: Sequence[Statement], loops: Sequence[Range]) -> tuple[Statement, ...]:
    """Put the terms of all indices in the order of the loops."""
    order = {loop.variable: place for place, loop in enumerate(loops)}

    def index(given: Index) -> Index:
        terms = sorted(given.affine.terms, key=lambda term: order.get(term[0], len(order)))
        places = sorted(given.at.terms, key=lambda term: order.get(term[0], len(order)))
        return Index(Affine(given.affine.offset, tuple(terms)), given.table, Affine(given.at.offset, tuple(places)))

    def expression(given: Expression) -> Expression:
        match given:
            case Load(name, at):
                return Load(name, index(at))
            case Apply(code, operands):
                return Apply(code, tuple(map(expression, operands)))
            case Sum(ranges, term):
                return Sum(ranges, expression(term))
            case _:
                return given

    turned: list[Statement] = []
    for statement in body:
        match statement:
            case Let(name, value):
                turned.append(Let(name, expression(value)))
            case Store(name, at, value):
                turned.append(Store(name, index(at), expression(value)))
            case For():
                turned.append(statement)
    return tuple(turned)


def _strides(shape: Sequence[int]) -> list[int]:
    return [
        list(itertools.accumulate(reversed([*shape[1:], 1]), lambda x, y: x * y))[-1 - i] for i in range(len(shape))
    ]


def _scan(draft: _Draft) -> None:
    """A state that grows along an axis, from the step before it."""
    steps, width = draft.pick(1, 3), draft.pick(1, 3)
    state = draft.local(steps + 1, width)
    t, j, i = draft.name("t"), draft.name("j"), draft.name("i")
    draft.body.append(For((_to(i, width),), (Store(state.name, Index(Affine(0, ((i, 1),))), Literal(0.5)),)))
    before = Load(state.name, Index(Affine(draft.pick(0, width - 1), ((t, width),))))
    value = Apply(ADD, (before, _expression(draft, [_to(t, steps), _to(j, width)])))
    inner = For((_to(j, width),), (Store(state.name, Index(Affine(width, ((t, width), (j, 1)))), value),))
    draft.body.append(For((_to(t, steps),), (inner,), is_ordered=True))
    draft.readable.append(state)


def _reverse_scan(draft: _Draft) -> None:
    """A scan from the end to the start, both loops at once."""
    steps, width = draft.pick(2, 4), draft.pick(1, 2)
    state = draft.local(steps, width)
    i, t, j = draft.name("i"), draft.name("t"), draft.name("j")
    last = Affine((steps - 1) * width, ((i, 1),))
    draft.body.append(For((_to(i, width),), (Store(state.name, Index(last), _expression(draft, [_to(i, width)])),)))
    loops = (_to(t, steps - 1), _to(j, width))
    after = Load(state.name, Index(Affine((steps - 1) * width, ((t, -width), (j, 1)))))
    place = Index(Affine((steps - 2) * width, ((t, -width), (j, 1))))
    value = Apply(MULTIPLY, (_expression(draft, loops), after))
    draft.body.append(For(loops, (Store(state.name, place, value),), is_ordered=True))
    draft.readable.append(state)


def _triangle(draft: _Draft) -> None:
    """A sum over pairs."""
    n = draft.pick(1, 4)
    i, j = draft.name("i"), draft.name("j")
    loops = (_to(i, n), Range(j, Index(Affine(draft.pick(0, 1), ((i, 1),))), Index(Affine(n))))
    new = draft.local(1)
    draft.body.append(Store(new.name, Index(Affine(0)), Sum(loops, _expression(draft, loops))))
    draft.readable.append(new)


def _segments(draft: _Draft) -> None:
    """Sums of different lengths, their ends in a table."""
    ends = list(itertools.accumulate(draft.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)), initial=0))
    table = draft.table(ends)
    k, i = draft.name("k"), draft.name("i")
    outer = _to(k, len(ends) - 1)
    inner = Range(
        i, Index(Affine(0), table.name, Affine(0, ((k, 1),))), Index(Affine(0), table.name, Affine(1, ((k, 1),)))
    )
    new = draft.local(len(ends) - 1)
    term = _expression(draft, [outer, inner])
    draft.body.append(For((outer,), (Store(new.name, Index(Affine(0, ((k, 1),))), Sum((inner,), term)),)))
    draft.readable.append(new)


def _ragged(draft: _Draft) -> None:
    """A triangle of elements: each written from bounds that depend on another variable."""
    n = draft.pick(1, 4)
    starts = draft.table([i * (i + 1) // 2 for i in range(n + 1)])
    i, k = draft.name("i"), draft.name("k")
    outer = _to(i, n)
    inner = Range(
        k, Index(Affine(0), starts.name, Affine(0, ((i, 1),))), Index(Affine(0), starts.name, Affine(1, ((i, 1),)))
    )
    new = draft.local(n * (n + 1) // 2)
    store = Store(new.name, Index(Affine(0, ((k, 1),))), _expression(draft, [outer, inner]))
    draft.body.append(For((outer,), (For((inner,), (store,)),)))
    draft.readable.append(new)


def _scatter(draft: _Draft) -> None:
    """Elements in an order that a table gives."""
    n = draft.pick(1, 5)
    table = draft.table(draft.draw(st.permutations(range(n))))
    k = draft.name("k")
    new = draft.local(n) if n % 2 else draft.local(n // 2, 2)
    store = Store(new.name, Index(Affine(0), table.name, Affine(0, ((k, 1),))), _expression(draft, [_to(k, n)]))
    draft.body.append(For((_to(k, n),), (store,)))
    draft.readable.append(new)


def _fused(draft: _Draft) -> None:
    """Two statements in one loop, the second reading what the first wrote in the same member."""
    n, width = draft.pick(1, 3), draft.pick(1, 3)
    s, j, t = draft.name("s"), draft.name("j"), draft.name("t")
    outer, inner = _to(s, n), _to(j, width)
    first, second = draft.local(n, width), draft.local(n)
    place = Index(Affine(0, ((s, width), (j, 1))))
    written = Load(first.name, Index(Affine(draft.pick(0, width - 1), ((s, width),))))
    total = Sum((inner,), Load(first.name, place))
    body: tuple[Statement, ...] = (
        For((inner,), (Store(first.name, place, _expression(draft, [outer, inner])),)),
        Let(t, Apply(ADD, (written, total))),
        Store(second.name, Index(Affine(0, ((s, 1),))), _expression(draft, [outer], [t])),
    )
    draft.body.append(For((outer,), body, is_ordered=bool(draft.pick(0, 1))))
    draft.readable += [first, second]


def _output(draft: _Draft) -> tuple[int, range]:
    if not draft.arrays:
        return 0, range(0)
    number = draft.pick(0, len(draft.arrays) - 1)
    size = draft.arrays[number].size
    start, step = draft.pick(0, size - 1), draft.draw(st.sampled_from([1, 1, 2, -1]))
    return number, range(start, draft.pick(start + 1, size) if step > 0 else -1, step)


def by_python(loops: Loops, inputs: Sequence[float]) -> list[float]:
    """Compute the outputs by Python source that is written from the loops."""
    lines = ["def run(inputs, constants, tables, value):"]
    for a in loops.arrays:
        match a.kind:
            case Kind.INPUT:
                lines.append(f" {_py(a.name)} = [inputs[p] for p in {list(a.inputs)}]")
            case Kind.CONSTANT:
                lines.append(f" {_py(a.name)} = constants[{a.name!r}]")
            case Kind.LOCAL:
                lines.append(f" {_py(a.name)} = [None] * {a.size}")
    lines += _block(loops.body, " ")
    returned = [
        f"{_py(loops.arrays[number].name)}[{place}]"
        for number, place in zip(loops.output_arrays, loops.output_places, strict=True)
    ]
    lines.append(f" return [{', '.join(returned)}]")
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)
    constants = {a.name: list(a.values) for a in loops.arrays}
    tables = {table.name: list(table.values) for table in loops.tables}
    found: list[float] = space["run"](
        list(map(float, inputs)), constants, tables, lambda code, *xs: float(row_of(code).value(*xs))
    )
    return found


def _block(body: Sequence[Statement], indent: str) -> list[str]:
    lines = [indent + "pass"]
    for statement in body:
        match statement:
            case Let(name, value):
                lines.append(f"{indent}{_py(name)} = {_source(value)}")
            case Store(name, index, value):
                lines.append(f"{indent}{_py(name)}[{_place(index)}] = {_source(value)}")
            case For(ranges, inner):
                deeper = indent
                for loop in ranges:
                    lines.append(
                        f"{deeper}for {_py(loop.variable)} in range({_place(loop.start)}, {_place(loop.stop)}):"
                    )
                    deeper += " "
                lines += _block(inner, deeper)
    return lines


def _place(index: Index) -> str:
    text = _formula(index.affine)
    return text if index.table is None else f"{text} + tables[{index.table!r}][{_formula(index.at)}]"


def _formula(affine: Affine) -> str:
    return " + ".join([str(affine.offset), *(f"{by} * {_py(name)}" for name, by in affine.terms)])


def _source(expression: Expression) -> str:
    match expression:
        case Literal(value):
            return f"float.fromhex({value.hex()!r})"
        case Local(name):
            return _py(name)
        case Load(name, index):
            return f"{_py(name)}[{_place(index)}]"
        case Apply(code, operands):
            return f"value({code}, {', '.join(map(_source, operands))})"
        case Sum(ranges, term):
            loops = " ".join(
                f"for {_py(loop.variable)} in range({_place(loop.start)}, {_place(loop.stop)})" for loop in ranges
            )
            # from left to right: Python's own sum of floats rounds otherwise from 3.12 on
            return f"__import__('functools').reduce(lambda x, y: x + y, [{_source(term)} {loops}], 0.0)"


def _py(name: str) -> str:
    return "_" + name.replace(".", "_")
