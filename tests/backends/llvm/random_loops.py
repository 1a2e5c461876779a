"""Loops drawn at random: every construct, shapes around the lengths of vectors."""

import random
from array import array

from slopewise.ir import code_of
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
    Table,
)

LENGTHS = (1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 20)
OPERATIONS = "add subtract multiply multiply multiply negate tanh relu where less maximum square exp sigmoid".split()
NOTHING_INTS, NOTHING_DOUBLES = array("i"), array("d")


def number(value: int) -> Index:
    return Index(Affine(value))


class Drawing:
    """Loops in the making; `scope` is the variables around, with their greatest values."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.arrays: list[Array] = []
        self.tables: list[Table] = []
        self.count = 0

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def shape(self) -> tuple[int, ...]:
        axes = self.random.choice((1, 1, 2, 2, 3))
        return tuple(self.random.choice(LENGTHS[: 13 if axes < 3 else 6]) for _ in range(axes))

    def table(self, values: list[int]) -> str:
        self.tables.append(Table(self.name("at"), array("i", values)))
        return self.tables[-1].name

    def index(self, given: Array, scope: dict[str, int]) -> Index:
        """Draw a place in an array: a formula that stays inside it, or a table."""
        if scope and self.random.random() < 0.12:
            variable = self.random.choice(list(scope))
            return self.gathered(given, scope, variable)
        steps, step = [], 1
        for length in reversed(given.shape):
            steps.append(step)
            step *= length
        factors: dict[str, int] = {}
        offset = 0
        for length, step in zip(reversed(given.shape), steps, strict=True):
            fitting = [name for name, most in scope.items() if most < length]
            if fitting and self.random.random() < 0.85:
                chosen = max(fitting, key=lambda name: (scope[name], self.random.random()))
                if self.random.random() < 0.3:
                    chosen = self.random.choice(fitting)
                most = scope[chosen]
                if self.random.random() < 0.15:  # backwards
                    factors[chosen] = factors.get(chosen, 0) - step
                    offset += self.random.randrange(most, length) * step
                else:
                    factors[chosen] = factors.get(chosen, 0) + step
                    offset += self.random.randrange(length - most) * step
            else:
                offset += self.random.randrange(length) * step
        terms = tuple((name, factors[name]) for name in scope if factors.get(name))
        return Index(Affine(offset, terms))

    def gathered(self, given: Array, scope: dict[str, int], variable: str) -> Index:
        """Draw a place from a table: of an element, or of a row along whose last axis a variable runs."""
        last = given.shape[-1]
        inner = [name for name, most in scope.items() if most < last and name != variable]
        at = Affine(0, ((variable, 1),))
        if inner and self.random.random() < 0.6:
            name = self.random.choice(inner)
            rows = [last * self.random.randrange(given.size // last) for _ in range(scope[variable] + 1)]
            return Index(Affine(self.random.randrange(last - scope[name]), ((name, 1),)), self.table(rows), at)
        return Index(Affine(0), self.table([self.random.randrange(given.size) for _ in range(scope[variable] + 1)]), at)

    def load(self, scope: dict[str, int]) -> Expression:
        given = self.random.choice(self.arrays[-6:] if self.random.random() < 0.7 else self.arrays)
        return Load(given.name, self.index(given, scope))

    def expression(self, scope: dict[str, int], names: list[str], depth: int) -> Expression:
        draw = self.random.random()
        if depth == 0 or draw < 0.15:
            if names and self.random.random() < 0.3:
                return Local(self.random.choice(names))
            if self.random.random() < 0.15:
                return Literal(self.random.choice((0.0, 1.0, -0.5, 2.0)))
            return self.load(scope)
        if draw < 0.45:
            return self.sum(scope, names, depth - 1)
        name = self.random.choice(OPERATIONS)
        arity = {"where": 3, "negate": 1, "tanh": 1, "relu": 1, "square": 1, "exp": 1, "sigmoid": 1}.get(name, 2)
        operands = tuple(self.expression(scope, names, depth - 1) for _ in range(arity))
        if name in ("exp", "square"):
            operands = (Apply(code_of("tanh"), operands),)
        return Apply(code_of(name), operands)

    def sum(self, scope: dict[str, int], names: list[str], depth: int) -> Expression:
        inner = dict(scope)
        ranges = []
        for _ in range(self.random.choice((1, 1, 2))):
            variable = self.name("k")
            start, stop = number(0), number(self.random.choice(LENGTHS))
            most = stop.affine.offset - 1
            draw = self.random.random()
            if inner and draw < 0.15:  # a triangle
                outer = self.random.choice(list(inner))
                stop, most = Index(Affine(1, ((outer, 1),))), inner[outer]
            elif inner and draw < 0.25:  # segments of different lengths
                outer = self.random.choice(list(inner))
                ends = sorted(self.random.randrange(12) for _ in range(inner[outer] + 2))
                start = Index(Affine(0), self.table(ends), Affine(0, ((outer, 1),)))
                stop = Index(Affine(0), self.tables[-1].name, Affine(1, ((outer, 1),)))
                most = max(ends[-1] - 1, 0)
            inner[variable] = most
            ranges.append(Range(variable, start, stop))
        if self.random.random() < 0.6:
            factors = (self.expression(inner, names, 0), self.expression(inner, names, min(depth, 1)))
            term: Expression = Apply(code_of("multiply"), factors)
        else:
            term = self.expression(inner, names, depth)
        return Sum(tuple(ranges), term)

    def nest(self) -> tuple[list[Array], Statement]:
        """Draw a nest that writes one array or two of the same shape."""
        shape = self.shape()
        new = [
            Array(self.name("a"), Kind.LOCAL, shape, NOTHING_INTS, NOTHING_DOUBLES)
            for _ in range(self.random.choice((1, 1, 1, 2)))
        ]
        variables = [self.name("i") for _ in shape]
        scope = {variable: length - 1 for variable, length in zip(variables, shape, strict=True)}
        terms, step = [], 1
        for variable, length in zip(reversed(variables), reversed(shape), strict=True):
            terms.append((variable, step))
            step *= length
        place = Index(Affine(0, tuple(reversed(terms))))
        if self.random.random() < 0.1 and len(shape) == 1:
            shuffled = list(range(shape[0]))
            self.random.shuffle(shuffled)
            place = Index(Affine(0), self.table(shuffled), Affine(0, ((variables[0], 1),)))
        is_scan = self.random.random() < 0.2 and shape[0] > 1
        body: list[Statement] = []
        names: list[str] = []
        if self.random.random() < 0.3:
            names.append(self.name("t"))
            body.append(Let(names[0], self.expression(scope, [], 2)))
        for item in new:
            value = self.expression(scope, names, 3)
            if is_scan:
                earlier = Load(item.name, Index(Affine(place.affine.offset - step // shape[0], place.affine.terms)))
                value = (
                    Apply(code_of("add"), (Apply(code_of("tanh"), (value,)), earlier)) if place.table is None else value
                )
            body.append(Store(item.name, place, value))
        ranges = [Range(name, number(0), number(length)) for name, length in zip(variables, shape, strict=True)]
        if is_scan and place.table is None:
            first = [
                For(
                    tuple(ranges[1:]),
                    tuple(Store(a.name, Index(Affine(0, place.affine.terms[1:])), Literal(0.25)) for a in new),
                )
                if len(shape) > 1
                else Store(a.name, number(0), Literal(0.25))
                for a in new[:1]
            ]
            if len(shape) == 1:
                first += [Store(a.name, number(0), Literal(0.25)) for a in new[1:]]
            ranges[0] = Range(variables[0], number(1), number(shape[0]))
            inside: tuple[Statement, ...] = tuple(body)
            if len(shape) > 1:
                inside = (For(tuple(ranges[1:]), inside),)
            self.before.extend(first)
            return new, For((ranges[0],), inside, True)
        if len(ranges) > 1 and self.random.random() < 0.3:
            return new, For((ranges[0],), (For(tuple(ranges[1:]), tuple(body)),))
        return new, For(tuple(ranges), tuple(body))

    before: list[Statement]

    def loops(self) -> Loops:
        """Draw all."""
        n = 0
        for _ in range(self.random.choice((1, 2, 3))):
            shape = self.shape()
            size = 1
            for length in shape:
                size *= length
            places = list(range(n, n + size))
            if self.random.random() < 0.2:
                self.random.shuffle(places)
            self.arrays.append(Array(self.name("x"), Kind.INPUT, shape, array("i", places), NOTHING_DOUBLES))
            n += size
        shape = self.shape()
        size = 1
        for length in shape:
            size *= length
        values = array("d", (self.random.uniform(-1, 1) for _ in range(size)))
        self.arrays.append(Array(self.name("c"), Kind.CONSTANT, shape, NOTHING_INTS, values))
        body: list[Statement] = []
        for _ in range(self.random.choice((1, 2, 3, 5))):
            self.before = []
            new, statement = self.nest()
            body.extend(self.before)
            body.append(statement)
            self.arrays.extend(new)
        single = Array(self.name("z"), Kind.LOCAL, (1,), NOTHING_INTS, NOTHING_DOUBLES)
        body.append(Store(single.name, number(0), self.expression({}, [], 2)))
        self.arrays.append(single)
        arrays, outputs = array("i"), array("i")
        for position, item in enumerate(self.arrays):
            every = list(range(item.size))
            if self.random.random() < 0.3:
                self.random.shuffle(every)
            arrays.extend([position] * len(every))
            outputs.extend(every)
        names = tuple(f"x{place}" for place in range(n))
        return Loops(names, tuple(self.arrays), tuple(self.tables), tuple(body), arrays, outputs)


def drawn(seed: int) -> Loops:
    """Return the Loops of a seed."""
    return Drawing(seed).loops()
