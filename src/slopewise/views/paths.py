"""The paths from a root to a node below it: each is a share of the gradient."""

from dataclasses import dataclass
from typing import Any

from slopewise.engine import Value
from slopewise.errors import DomainError
from slopewise.views.between import Between, between
from slopewise.views.exact_sums import exact_sum, size_of
from slopewise.views.names import Names
from slopewise.views.path_folding import Folding, Link
from slopewise.views.path_ranking import largest
from slopewise.views.path_sums import (
    Death,
    count_of_wild,
    counts,
    deaths,
    is_finite,
    product_of,
    steps_by_size,
    sum_of_others,
    zero_steps,
)
from slopewise.views.reading import Reading

FEW = 30  # so many paths are all listed, unless the caller says how many
MOST = 10  # of more, so many


class Path:
    """One way from the root down to the leaf; its product is its share of the gradient.

    Args:
        folding: What joins the steps that the user wrote as one.
        positions: The nodes as positions in the folding's part of the graph, the root first.
        taken: Which step leads from each to the next.
        product: The product.

    Attributes:
        product: The product of all local derivatives, times the root's own gradient, 1.
    """

    __slots__ = ("_folding", "_links", "positions", "product", "taken")

    def __init__(self, folding: Folding, positions: list[int], taken: list[int], product: Any) -> None:
        self._folding = folding
        self._links: tuple[Link, ...] | None = None
        self.positions = positions
        self.taken = taken
        self.product = product

    def __repr__(self) -> str:
        return f"Path(product={self.product!r}, steps={len(self.links)})"

    @property
    def links(self) -> tuple[Link, ...]:
        """The steps, from the root on. What the user wrote as one operation (`a - b`, a mean) is one step."""
        if self._links is None:
            self._links = self._folding.links(self.positions, self.taken)
        return self._links

    @property
    def part(self) -> Between:
        """The graph between root and leaf, whose positions these are."""
        return self._folding.part

    @property
    def nodes(self) -> tuple[Value, ...]:
        """The Values on the path, the root first, the leaf last."""
        return (self._folding.part.nodes[-1], *[link.operand for link in self.links])

    @property
    def factors(self) -> tuple[Any, ...]:
        """The local derivative of each step: d node / d next node."""
        return tuple(link.factor for link in self.links)


@dataclass(frozen=True, slots=True)
class Others:
    """The paths that are not listed.

    Attributes:
        count: How many there are, exactly.
        sum: The sum of their products, rounded once.
    """

    count: int
    sum: Any


@dataclass(frozen=True, slots=True)
class Paths:
    """What all paths come to.

    Attributes:
        part: The graph between root and leaf; None when leaf is not below root.
        listed: The largest paths by absolute value, the largest first.
        others: The rest.
        count: How many paths there are.
        total: The gradient, computed afresh.
        dead: Where paths die, the most paths first.
        folding: What tells a single step as the user wrote it; None when leaf is not below root.
    """

    part: Between | None
    listed: tuple[Path, ...]
    others: Others
    count: int
    total: Any
    dead: tuple[Death, ...]
    folding: Folding | None = None


def find_paths(
    leaf: Value, root: Value, most: int | None = None, names: Names | None = None, reading: Reading | None = None
) -> Paths:
    """Find the paths from root to leaf, the largest ones and the sum of the rest.

    The work grows with the number of steps in the graph, never with the number of paths.

    Args:
        leaf: A leaf, or any other node below root.
        root: Where the paths begin.
        most: How many to list, at least 0; without it all of up to 30, and of more the 10 largest.
        names: What the nodes are called: an inner node of `a - b` or a sum that has a name is not left out.
        reading: What has been read of the graph already.

    Raises:
        DomainError: `most` is no whole number, or below 0.
        GraphError: The graph has a cycle.

    Example:
        >>> from slopewise import Value
        >>> from slopewise.views import find_paths
        >>> a, b = Value(-2.0), Value(3.0)
        >>> d, e = a * b, a + b
        >>> paths = find_paths(a, d * e)
        >>> [(path.factors, path.product) for path in paths.listed], paths.total
        ([((-6.0, 1), -6.0), ((1.0, 3.0), 3.0)], -3.0)
    """
    given: object = most
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 0):
        raise DomainError(f"most must be a whole number of at least 0, got {most!r}\nit says how many paths to list")
    part = between(leaf, root, reading)
    if part is None:
        return Paths(None, (), Others(0, 0), 0, 0, ())
    zeros = zero_steps(part)
    below = counts(part, {part.targets[i][e] for i, e in zeros})
    count = below[-1]
    wanted = most if most is not None else count if count <= FEW else MOST
    steps = steps_by_size(part)
    scale = len(steps.targets) // len(part.nodes)  # 3 where a node stands there once for each way that a path can stand
    start = scale * (len(part.nodes) - 1)
    ways = largest(steps, start, wanted) if wanted else []
    found = [([node // scale for node in nodes], taken) for nodes, taken in ways]
    products = [product_of(part, nodes, taken)[-1] for nodes, taken in found]
    order = sorted(range(len(found)), key=lambda i: (-size_of(products[i]), found[i][1]))
    found, products = [found[i] for i in order], [products[i] for i in order]
    wild = count_of_wild(steps, start) - sum(not is_finite(product) for product in products)
    others = Others(count - len(found), _sum_of_rest(part, found, products, count, wild))
    folding = Folding(part, names if names is not None else Names())
    listed = tuple(Path(folding, *way, product) for way, product in zip(found, products, strict=True))
    return Paths(part, listed, others, count, part.gradients[0], tuple(deaths(part, zeros, below)), folding)


def _sum_of_rest(
    part: Between, listed: list[tuple[list[int], list[int]]], products: list[Any], count: int, wild: int
) -> Any:
    """Return the sum of the paths that are not listed, `wild` of which are not finite."""
    total = part.gradients[0]
    if len(listed) == count:
        return 0
    if wild > 0:
        return total if all(map(is_finite, products)) else float("nan")
    rest = sum_of_others(part, listed)
    if all(isinstance(number, (int, float)) and is_finite(number) for number in (rest, total, *products)):
        missing = exact_sum([total, -rest, *[-product for product in products]])
        if size_of(missing) <= 1e-14 * size_of(rest) and exact_sum([rest + missing, *products]) == total:
            return rest + missing  # within its own rounding: now listed and others add up to the total itself
    return rest
