"""Counts and sums over all paths of a graph, by sweeps over its steps: no path is ever listed for them."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

from slopewise.views.between import Between
from slopewise.views.exact_sums import exact_sum, size_of
from slopewise.views.path_ranking import Steps


@dataclass(frozen=True, slots=True)
class Death:
    """A step with a local derivative of 0, and how many paths come alive as far as this node and end there.

    Attributes:
        position: The node, as a position in `Between.nodes`.
        edge: The step.
        count: How many paths; each is counted at the first zero on its way down.
    """

    position: int
    edge: int
    count: int


_LARGE_COUNT = 2**200

# How a path stands on its way down: its product so far is an ordinary number, 0, or not finite.
ALIVE, ZERO, WILD = 0, 1, 2


def is_finite(number: Any) -> bool:
    """Tell whether a number is neither infinite nor nan; an integer or a fraction of any size is finite."""
    if type(number) is float:
        return isfinite(number)
    return hasattr(number, "denominator") or isfinite(size_of(number))


def is_zero(number: Any) -> bool:
    """Tell whether a number, or a whole array, is 0."""
    try:
        return bool(number == 0)
    except (TypeError, ValueError):
        return size_of(number) == 0


def steps_by_size(part: Between) -> Steps:
    """Return the steps with their sizes, for ranking.

    Where a local derivative is not finite, products are not monotone any more (0 · ∞ is nan, and a selection makes 0 of
    it again). Then each node is there three times, once for each way that a path can stand.
    """
    if part.is_plain:
        return Steps(part.targets, [tuple(map(abs, there)) for there in part.factors], {0: 1.0})
    weights = [tuple(map(size_of, there)) for there in part.factors]
    if all(isfinite(weight) for there in weights for weight in there):
        return Steps(part.targets, weights, {0: 1.0})
    targets: list[tuple[int, ...]] = []
    sizes: list[tuple[float, ...]] = []
    for i, there in enumerate(part.targets):
        for state in (ALIVE, ZERO, WILD):
            after = [_state_after(part, i, e, state) for e in range(len(there))]
            targets.append(tuple(3 * j + to for j, to in zip(there, after, strict=True)))
            sizes.append(
                tuple(weight if state == to == ALIVE else 1.0 for weight, to in zip(weights[i], after, strict=True))
            )
    return Steps(targets, sizes, {ALIVE: 1.0, ZERO: 0.0, WILD: float("inf")})


def _state_after(part: Between, i: int, edge: int, state: int) -> int:
    factor = part.factors[i][edge]
    if not is_finite(factor):
        return WILD
    if is_zero(factor):
        return WILD if state == WILD and not part.is_choice(i) else ZERO
    return state


def zero_steps(part: Between) -> set[tuple[int, int]]:
    """Return the steps, as node and number of the step, whose local derivative is 0."""
    if part.is_plain:
        dead = [i for i, there in enumerate(part.factors) if 0 in there]
    else:
        dead = list(range(len(part.factors)))
    return {(i, e) for i in dead for e, factor in enumerate(part.factors[i]) if is_zero(factor)}


def counts(part: Between, keep: Iterable[int] = ()) -> list[int]:
    """Count the paths from each node down to the leaf.

    A count that no node needs any more is set to 0: in a chain of 10⁵ doublings each has up to 30,000 digits.

    Args:
        part: The graph between root and leaf.
        keep: Nodes whose count stays, besides the root's.
    """
    small = _small_counts(part)
    if small is not None:
        return small
    uses = [0] * len(part.nodes)
    for there in part.targets:
        for j in there:
            uses[j] += 1
    for j in (0, *keep):
        uses[j] = -1  # never comes down to 0
    found = [0] * len(part.nodes)
    found[0] = 1
    for i, there in enumerate(part.targets):
        total = found[i]
        for j in there:
            total += found[j]
            uses[j] -= 1
            if not uses[j]:
                found[j] = 0
        found[i] = total
    return found


def _small_counts(part: Between) -> list[int] | None:
    """Count the paths from each node down to the leaf, and keep all counts; None when they grow too large for that."""
    found = [1]
    for there in islice(part.targets, 1, None):
        if len(there) == 1:
            found.append(found[there[0]])
        else:
            total = sum([found[j] for j in there])
            if total > _LARGE_COUNT:
                return None
            found.append(total)
    return found


def deaths(part: Between, zeros: set[tuple[int, int]], below: Sequence[int]) -> list[Death]:
    """List where paths die, the most paths first.

    Args:
        part: The graph between root and leaf.
        zeros: What `zero_steps` returned.
        below: The counts of paths below the targets of those steps.
    """
    if not zeros:
        return []
    alive = [0] * len(part.nodes)  # paths from the root that reach a node alive
    alive[-1] = 1
    found = []
    odd = {i for i, _ in zeros}
    for i in range(len(part.nodes) - 1, 0, -1):
        paths = alive[i]
        if not paths:
            continue
        if i in odd:
            for e, j in enumerate(part.targets[i]):
                if (i, e) in zeros:
                    found.append(Death(i, e, paths * below[j]))
                else:
                    alive[j] += paths
        else:
            for j in part.targets[i]:
                alive[j] += paths
        alive[i] = 0
    return sorted(found, key=lambda death: (-death.count, -death.position, death.edge))


def finite_factors(part: Between) -> Sequence[tuple[Any, ...]]:
    """Return the local derivatives, with 0 for those that are not finite."""
    if part.is_plain or all(is_finite(factor) for there in part.factors for factor in there):
        return part.factors
    return [tuple(factor if is_finite(factor) else 0 for factor in there) for there in part.factors]


def sums_below(part: Between, factors: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return for each node the sum of the products of all paths down to the leaf: d node / d leaf.

    Args:
        part: The graph between root and leaf.
        factors: The local derivatives to go by.
    """
    sums: list[Any] = [1] * len(part.nodes)
    for i, there in enumerate(part.targets):
        along = factors[i]
        if len(there) == 1:
            sums[i] = along[0] * sums[there[0]]
        elif there:
            total = along[0] * sums[there[0]]
            for e in range(1, len(there)):
                total = total + along[e] * sums[there[e]]
            sums[i] = total
    return sums


def count_of_wild(steps: Steps, start: int) -> int:
    """Count the paths whose product is not finite, in a graph of three ways to stand."""
    if len(steps.ends) == 1:
        return 0
    found = [0] * len(steps.targets)
    found[WILD] = 1
    for i, there in enumerate(steps.targets):
        for j in there:
            found[i] += found[j]
    return found[start]


def product_of(part: Between, nodes: Sequence[int], taken: Sequence[int]) -> list[Any]:
    """Return the products along a path, from the root's own gradient on, as a pass computes them."""
    products = [part.gradients[-1]]
    for node, edge in zip(nodes, taken, strict=False):
        products.append(step_down(part, node, edge, products[-1]))
    return products


def step_down(part: Between, node: int, edge: int, upstream: Any) -> Any:
    """Return what a step hands on of an upstream gradient."""
    factor = part.factors[node][edge]
    if is_zero(factor) and part.is_choice(node):
        return 0.0 if isinstance(upstream, float) else 0
    share = factor * upstream
    return share + 0 if isinstance(share, float) else share  # no −0.0


def sum_of_others(part: Between, listed: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Any:
    """Add up the products of all paths but the listed ones, without taking one sum from another.

    The listed paths are a tree that grows from the root. Every other path leaves it somewhere, so the sum is, over all
    steps that leave the tree, the product down to there, times the step, times the sum of everything below. Products
    that are 0 or not finite are left out.

    Args:
        part: The graph between root and leaf.
        listed: Paths as positions and steps.
    """
    factors = finite_factors(part)
    below = sums_below(part, factors)
    grown: list[dict[int, int]] = [{}]  # the tree: for each of its nodes, the node that a step leads to
    stands: list[int] = [len(part.nodes) - 1]
    products: list[Any] = [part.gradients[-1]]
    for nodes, taken in listed:
        at = 0
        for depth, edge in enumerate(taken):
            if edge not in grown[at]:
                grown[at][edge] = len(grown)
                grown.append({})
                stands.append(nodes[depth + 1])
                products.append(step_down(part, nodes[depth], edge, products[at]))
            at = grown[at][edge]
    terms = []
    for at, node in enumerate(stands):
        if not is_finite(products[at]):
            continue
        if len(grown[at]) < len(part.targets[node]):
            for edge, target in enumerate(part.targets[node]):
                if edge not in grown[at] and not is_zero(factors[node][edge]):
                    terms.append(products[at] * factors[node][edge] * below[target])
    return exact_sum(terms)


def sums_by_key(
    part: Between, first: Hashable, extend: Callable[[Any, int], Hashable]
) -> dict[Hashable, tuple[Any, int]]:
    """Add up and count the paths by a key that is gathered on the way down.

    Args:
        part: The graph between root and leaf.
        first: The key at the root.
        extend: Takes the key so far and the position of the next node, and returns the key there.

    Returns:
        For each key at the leaf the sum of the products, and the number of paths.
    """
    at: list[dict[Any, tuple[Any, int]] | None] = [None] * len(part.nodes)
    at[-1] = {first: (part.gradients[-1], 1)}
    for i in range(len(part.nodes) - 1, 0, -1):
        here = at[i]
        at[i] = None
        for edge, j in enumerate(part.targets[i]):
            there = at[j]
            if there is None:
                there = at[j] = {}
            for key, (product, count) in (here or {}).items():
                reached = extend(key, j)
                share = step_down(part, i, edge, product)
                known = there.get(reached)
                there[reached] = (share, count) if known is None else (known[0] + share, known[1] + count)
    return dict(at[0] or {})
