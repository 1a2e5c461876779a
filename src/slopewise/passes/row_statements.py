"""Statements of Loops taken apart, for passes that put another loop around each nest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from slopewise.ir.loops.rewriting import rewritten
from slopewise.ir.loops.structure import Apply, Expression, For, Let, Load, Local, Range, Statement, Store, Sum

__all__ = ["loads_in", "nests_of", "scoped_loads", "stores_in", "with_loads", "without_names"]


def without_names(statements: Sequence[Statement], known: dict[str, Expression] | None = None) -> tuple[Statement, ...]:
    """Return statements in which what a `Let` names stands where the name stood."""
    known = dict(known or {})
    done: list[Statement] = []
    for statement in statements:
        match statement:
            case Let(name, value):
                known[name] = _named(value, known)
            case Store(_, _, value):
                done.append(replace(statement, value=_named(value, known)) if known else statement)
            case For(_, body):
                done.append(replace(statement, body=without_names(body, known)))
    return tuple(done)


def nests_of(statements: Sequence[Statement]) -> Iterator[tuple[tuple[Range, ...], Store | For]]:
    """Yield what stands under loops that are no scans, statement by statement, each with its loops.

    A statement in such a loop reads of the others what they wrote in the same member, so they may as well run one after
    another for all members.
    """
    todo: list[tuple[tuple[Range, ...], Statement]] = [((), statement) for statement in reversed(statements)]
    while todo:
        ranges, statement = todo.pop()
        match statement:
            case For(own, body, False):
                todo += [((*ranges, *own), inner) for inner in reversed(body)]
            case For() | Store():
                yield ranges, statement


def stores_in(statements: Sequence[Statement]) -> Iterator[Store]:
    """Yield all stores, those in loops included, in order."""
    todo = list(reversed(statements))
    while todo:
        statement = todo.pop()
        match statement:
            case For(_, body):
                todo += reversed(body)
            case Store():
                yield statement


def loads_in(node: Expression) -> Iterator[Load]:
    """Yield all loads of an expression, those of its sums included."""
    return (load for load, _ in _loads(node, ()))


def scoped_loads(statements: Sequence[Statement]) -> Iterator[tuple[Load, tuple[Range, ...]]]:
    """Yield all loads of statements, each with the loops around it."""
    todo: list[tuple[Statement, tuple[Range, ...]]] = [(statement, ()) for statement in reversed(statements)]
    while todo:
        statement, scope = todo.pop()
        match statement:
            case For(ranges, body):
                todo += [(inner, (*scope, *ranges)) for inner in reversed(body)]
            case Let(_, value) | Store(_, _, value):
                yield from _loads(value, scope)


def with_loads(node: Expression, load: Callable[[Load], Expression]) -> Expression:
    """Return an expression with other loads.

    Args:
        node: The expression.
        load: Gives what stands in the place of a load.
    """
    return _rebuilt(node, lambda leaf: load(leaf) if isinstance(leaf, Load) else leaf)


def _named(node: Expression, known: dict[str, Expression]) -> Expression:
    return _rebuilt(node, lambda leaf: known[leaf.name] if isinstance(leaf, Local) else leaf)


def _rebuilt(node: Expression, leaf: Callable[[Expression], Expression]) -> Expression:
    def inside(item: Expression) -> Expression:
        return Sum(item.ranges, _rebuilt(item.term, leaf)) if isinstance(item, Sum) else leaf(item)

    return rewritten(node, inside)


def _loads(node: Expression, scope: tuple[Range, ...]) -> Iterator[tuple[Load, tuple[Range, ...]]]:
    todo = [(node, scope)]
    while todo:
        item, around = todo.pop()
        match item:
            case Load():
                yield item, around
            case Apply(_, operands):
                todo += [(operand, around) for operand in reversed(operands)]
            case Sum(ranges, term):
                todo.append((term, (*around, *ranges)))
