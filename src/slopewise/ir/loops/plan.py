"""What is read and written where: the order in which `execution` goes through Loops."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slopewise.ir.loops.structure import Apply, Expression, For, Index, Let, Load, Range, Statement, Store, Sum


@dataclass(frozen=True, slots=True)
class Access:
    """A load or store, the loops around it within the node that it belongs to, and the statement that it stands in."""

    target: Load | Store
    ranges: tuple[Range, ...]
    scope: tuple[Range, ...]
    statement: Statement


@dataclass(slots=True)
class Node:
    """A statement as it is gone through: at once (`loads`, then `stores`), or member by member (`ranges`, `inner`)."""

    loads: list[Access] = field(default_factory=list)
    stores: list[Access] = field(default_factory=list)
    ranges: tuple[Range, ...] = ()
    inner: "list[Node]" = field(default_factory=list)
    is_ordered: bool = False
    written: tuple[str, ...] = ()


class Planner:
    """Plans statements.

    Args:
        local: The names of the local arrays.
        doubtful: The ids of loads and stores that may lie outside their array.
    """

    def __init__(self, local: frozenset[str], doubtful: set[int]) -> None:
        self.local = local
        self.doubtful = doubtful

    def node(self, statement: Statement, scope: tuple[Range, ...]) -> Node:
        """Plan a statement that stands in some loops: member by member where it reads what it writes."""
        node = Node()
        self.gather(statement, scope, (), node)
        written = {access.target.array for access in node.stores}
        if isinstance(statement, For) and any(access.target.array in written for access in node.loads):
            inner_scope = scope + statement.ranges
            inner = [self.node(one, inner_scope) for one in statement.body]
            names = tuple(sorted(written))
            return Node([], [], statement.ranges, inner, statement.is_ordered, names)
        return node

    def gather(self, statement: Statement, scope: tuple[Range, ...], ranges: tuple[Range, ...], node: Node) -> None:
        """Put the loads and stores of a statement, and of those within it, into a node."""
        match statement:
            case For(loops, body):
                for inner in body:
                    self.gather(inner, scope, ranges + loops, node)
            case Let(_, value):
                self.loads(value, statement, scope, ranges, node)
            case Store(_, _, value):
                self.loads(value, statement, scope, ranges, node)
                node.stores.append(Access(statement, ranges, scope, statement))

    def loads(
        self, whole: Expression, statement: Statement, scope: tuple[Range, ...], ranges: tuple[Range, ...], node: Node
    ) -> None:
        rest = [(whole, ranges)]
        while rest:
            expression, ranges = rest.pop()
            match expression:
                case Load(name):
                    if name in self.local or id(expression) in self.doubtful:
                        node.loads.append(Access(expression, ranges, scope, statement))
                case Apply(_, operands):
                    rest += [(operand, ranges) for operand in reversed(operands)]
                case Sum(loops, term):
                    rest.append((term, ranges + loops))


def needed_loops(index: Index, ranges: Sequence[Range]) -> list[Range]:
    """Leave out the loops that make no difference to a place: those with constant bounds that run at all."""
    names = {name for name, _ in (*index.affine.terms, *index.at.terms)}
    kept: list[Range] = []
    for loop in reversed(ranges):
        bounds = (loop.start, loop.stop)
        is_constant = all(bound.table is None and not bound.affine.terms for bound in bounds)
        if loop.variable in names or not is_constant or loop.stop.affine.offset <= loop.start.affine.offset:
            kept.append(loop)
            names.update(name for bound in bounds for name, _ in (*bound.affine.terms, *bound.at.terms))
    return kept[::-1]
