"""`prepare`: Loops in which every variable and every local bears a name of its own, and what is known of each.

After it a name can be looked up without asking where it stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Expression,
    For,
    Index,
    Let,
    Load,
    Local,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
)

__all__ = [
    "TERMS",
    "Prepared",
    "bounding",
    "carried_by",
    "dependencies",
    "is_constant",
    "loads_in",
    "parts_of",
    "prepare",
    "trips_of",
    "variables_of",
    "written_in",
]


TERMS = -1
"""The code of a sum whose terms are written out; they may be added in any order, and products contracted."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Loops with names of their own.

    Attributes:
        body: The statements.
        bounds: The least and the greatest value of each variable.
    """

    body: tuple[Statement, ...]
    bounds: dict[str, tuple[int, int]]


def is_constant(index: Index) -> bool:
    """Tell whether an index is the same number always, and known."""
    return index.table is None and not index.affine.terms


def dependencies(index: Index) -> set[str]:
    """Return the variables that an index depends on."""
    return {variable for affine in (index.affine, index.at) for variable, _ in affine.terms}


def trips_of(range_: Range) -> int | None:
    """Return how often a loop runs; None where that depends."""
    if is_constant(range_.start) and is_constant(range_.stop):
        return max(0, range_.stop.affine.offset - range_.start.affine.offset)
    return None


def prepare(loops: Loops) -> Prepared:
    """Rename, and find the bounds of all variables."""
    tables = {table.name: table.values for table in loops.tables}
    bounds: dict[str, tuple[int, int]] = {}
    count = 0

    def extremes_of(affine: Affine) -> tuple[int, int]:
        low = high = affine.offset
        for variable, factor in affine.terms:
            least, greatest = bounds[variable]
            low += min(factor * least, factor * greatest)
            high += max(factor * least, factor * greatest)
        return low, high

    def extremes(index: Index) -> tuple[int, int]:
        low, high = extremes_of(index.affine)
        if index.table is None:
            return low, high
        first, last = extremes_of(index.at)
        values = tables[index.table][max(first, 0) : last + 1]
        return (low + min(values), high + max(values)) if len(values) else (low, high)

    def renamed_ranges(ranges: tuple[Range, ...], names: dict[str, str]) -> tuple[tuple[Range, ...], dict[str, str]]:
        nonlocal count
        names = dict(names)
        inside = []
        for range_ in ranges:
            start, stop = renamed_index(range_.start, names), renamed_index(range_.stop, names)
            name = f"{range_.variable}.{count}"
            count += 1
            low, high = extremes(start)[0], extremes(stop)[1] - 1
            bounds[name] = (low, max(low, high))
            names[range_.variable] = name
            inside.append(Range(name, start, stop))
        return tuple(inside), names

    def expression(node: Expression, names: dict[str, str]) -> Expression:
        def leaf(item: Expression) -> Expression:
            match item:
                case Local(name):
                    return Local(names[f"let {name}"])
                case Load(array, index):
                    return Load(array, renamed_index(index, names))
                case Sum(ranges, term):
                    inner, inner_names = renamed_ranges(ranges, names)
                    return Sum(inner, expression(term, inner_names))
            return item

        return rewritten(node, leaf)

    def block(statements: tuple[Statement, ...], names: dict[str, str]) -> tuple[Statement, ...]:
        nonlocal count
        names = dict(names)
        written: list[Statement] = []
        for statement in statements:
            match statement:
                case Let(name, value):
                    value = expression(value, names)
                    names[f"let {name}"] = f"{name}.{count}"
                    written.append(Let(f"{name}.{count}", value))
                    count += 1
                case Store(array, index, value):
                    written.append(Store(array, renamed_index(index, names), expression(value, names)))
                case For(ranges, body, _):
                    inner, inner_names = renamed_ranges(ranges, names)
                    written.append(replace(statement, ranges=inner, body=block(body, inner_names)))
        return tuple(written)

    return Prepared(block(loops.body, {}), bounds)


def parts_of(node: Expression) -> Iterator[Expression]:
    """Yield an expression and all that is in it, Sums' terms included."""
    todo = [node]
    while todo:
        item = todo.pop()
        yield item
        match item:
            case Apply(_, operands):
                todo.extend(operands)
            case Sum(_, term):
                todo.append(term)


def loads_in(statement: Statement) -> Iterator[Load]:
    """Yield the loads of a statement, inner statements included."""
    todo = [statement]
    while todo:
        item = todo.pop()
        match item:
            case For(_, body, _):
                todo.extend(body)
            case Let(_, value) | Store(_, _, value):
                for part in parts_of(value):
                    if isinstance(part, Load):
                        yield part


def written_in(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Return the arrays that a block writes."""
    written: set[str] = set()
    todo = list(statements)
    while todo:
        statement = todo.pop()
        match statement:
            case Store(array, _, _):
                written.add(array)
            case For(_, body, _):
                todo.extend(body)
    return frozenset(written)


def carried_by(scan: For) -> list[tuple[Load, Store]]:
    """Return the elements that a step of a scan reads and the step before wrote: pairs of a load and its store.

    What the first step reads is there before the scan: an element that another statement may write in it is none.
    """
    variable = scan.ranges[0].variable
    stores = [item for item in scan.body if isinstance(item, Store) and item.index.table is None]
    written = {(item.array, item.index.affine.offset, frozenset(item.index.affine.terms)): item for item in stores}
    found: dict[tuple[str, int, frozenset[tuple[str, int]]], tuple[Load, Store]] = {}
    todo: list[Statement] = list(scan.body)
    while todo:
        item = todo.pop()
        if isinstance(item, For):
            todo.extend(item.body)
            continue
        for part in parts_of(item.value):
            if isinstance(part, Load) and part.index.table is None:
                affine = part.index.affine
                terms = frozenset(affine.terms)
                step = dict(terms).get(variable, 0)
                store = written.get((part.array, affine.offset + step, terms))
                if step and store is not None:
                    found[part.array, affine.offset, terms] = part, store
    pairs = [found[key] for key in sorted(found, key=lambda key: key[:2])]
    return [(load, store) for load, store in pairs if not _is_written_at_first(scan, load, store)]


def _is_written_at_first(scan: For, load: Load, except_by: Store) -> bool:
    """Tell whether a statement may write in the first step of a scan what is read there, as far as bounds show."""
    first = scan.ranges[0].start.affine.offset
    variable = scan.ranges[0].variable
    place = load.index.affine.offset + first * dict(load.index.affine.terms)[variable]
    is_known = len(load.index.affine.terms) == 1
    todo: list[tuple[Statement, dict[str, tuple[int, int] | None]]] = [
        (item, {variable: (first, first)}) for item in scan.body
    ]
    while todo:
        item, spans = todo.pop()
        if isinstance(item, For):
            inside = dict(spans)
            for range_ in item.ranges:
                trips, start = trips_of(range_), range_.start.affine.offset
                inside[range_.variable] = None if trips is None else (start, start + trips - 1)
            todo.extend((part, inside) for part in item.body)
        elif isinstance(item, Store) and item is not except_by and item.array == load.array:
            terms = [(spans.get(name), step) for name, step in item.index.affine.terms]
            if not is_known or item.index.table is not None or any(span is None for span, _ in terms):
                return True
            ends = [sorted((span[0] * step, span[1] * step)) for span, step in terms if span is not None]
            offset = item.index.affine.offset
            if offset + sum(low for low, _ in ends) <= place <= offset + sum(high for _, high in ends):
                return True
    return False


def variables_of(node: Expression) -> frozenset[str]:
    """Return the variables and the locals that an expression takes from around it."""
    names: set[str] = set()
    own: set[str] = set()
    for part in parts_of(node):
        match part:
            case Load(_, index):
                names.update(dependencies(index))
            case Local(name):
                names.add(name)
            case Sum(ranges, _):
                for range_ in ranges:
                    own.add(range_.variable)
                    for index in (range_.start, range_.stop):
                        names.update(dependencies(index))
    return frozenset(names - own)


def bounding(node: Statement | Expression) -> set[str]:
    """Return the variables that bounds of loops in a nest depend on."""
    found: set[str] = set()
    todo: list[object] = [node]
    while todo:
        item = todo.pop()
        match item:
            case For(ranges, body, _):
                todo.extend(body)
            case Sum(ranges, term):
                todo.append(term)
            case Let(_, value) | Store(_, _, value):
                todo.append(value)
                continue
            case Apply(_, operands):
                todo.extend(operands)
                continue
            case _:
                continue
        for range_ in ranges:
            for index in (range_.start, range_.stop):
                found.update(dependencies(index))
    return found


def renamed_index(index: Index, names: Mapping[str, str]) -> Index:
    """Return an index with other names of variables; those that have none keep theirs."""
    return Index(_renamed_affine(index.affine, names), index.table, _renamed_affine(index.at, names))


def _renamed_affine(affine: Affine, names: Mapping[str, str]) -> Affine:
    return Affine(affine.offset, tuple((names.get(variable, variable), factor) for variable, factor in affine.terms))
