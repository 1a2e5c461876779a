"""Slips in one step of the chain rule, found on the function's own graph: what each gives at every point."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from slopewise.engine import Value
from slopewise.engine.reading import contributions_of, survey
from slopewise.engine.value import idiom_of, operation_of, rule_operands
from slopewise.quizzes.engine_rules import RULE_SLIPS
from slopewise.quizzes.exercise_slips import Gradient, Sample, Slip, is_close

MOST_NODES = 200
_QUOTIENT = "(u/v)′ = (u′·v − u·v′) / v²"
_PRODUCT = "(u·v)′ = u′·v + u·v′"
_SPOKEN = {"add": "the sum", "multiply": "the product", "power": "the power", "absolute": "abs"}
_RULES = {"multiply": "mul", "power": "pow"}  # the operations whose names differ in the table of wrong formulas

Partials = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """Other local derivatives at one node."""

    slip: Slip
    partials: Callable[["_Graph", int], Partials]


def graph_slips(samples: Sequence[Sample], is_rule: bool) -> Iterator[Slip]:
    """Yield the slips in one node of the function's graph that give the learner's numbers at every point.

    Args:
        samples: The points; each needs its graph, and all graphs the same shape, or nothing is found.
        is_rule: Whether a backward rule is checked, and not a derivative.
    """
    graphs = [_Graph(*sample.root) for sample in samples if sample.root is not None]
    sizes = {len(graph.nodes) for graph in graphs}
    if len(graphs) != len(samples) or len(sizes) != 1 or sizes.pop() > MOST_NODES:
        return
    for at in range(len(graphs[0].nodes) - 1, -1, -1):
        for change in graphs[0].changes(at, is_rule):
            if _fits(graphs, samples, at, change):
                yield change.slip


def _fits(graphs: Sequence["_Graph"], samples: Sequence[Sample], at: int, change: _Change) -> bool:
    computed = 0
    for graph, sample in zip(graphs, samples, strict=True):
        try:
            numbers = graph.gradient(at, change.partials(graph, at))
        except (ArithmeticError, ValueError, TypeError, IndexError):
            continue
        if any(math.isnan(x) for x in numbers):
            continue
        if not all(is_close(x * sample.upstream, given) for x, given in zip(numbers, sample.given, strict=True)):
            return False
        computed += 1
    return 2 * computed > len(samples)


class _Graph:
    """A function's graph at a point, with the local derivatives of every node."""

    def __init__(self, root: Value, leaves: Sequence[Value]) -> None:
        self.nodes, self.operands = survey(root)
        places = {id(node): position for position, node in enumerate(self.nodes)}
        self.leaves = [places.get(id(leaf)) for leaf in leaves]
        self.partials = [tuple(map(float, contributions_of(node, 1.0))) for node in self.nodes]
        self.hidden = {
            self.operands[i][1]
            for i, node in enumerate(self.nodes)
            if len(self.operands[i]) == 2 and str(idiom_of(node) or "") in ("division", "subtraction")
        }

    def gradient(self, at: int = -1, partials: Partials = ()) -> Gradient:
        """Return the gradient of the root with other local derivatives at one node."""
        grads = self._swept(len(self.nodes) - 1, at, partials)
        return tuple(0.0 if place is None else grads[place] for place in self.leaves)

    def slope_of(self, position: int) -> float:
        """Return the slope of a node by the one argument that it depends on; nan when there are none or several."""
        grads = self._swept(position)
        slopes = [grads[place] for place in self.leaves if place is not None and place <= position]
        slopes = [slope for slope in slopes if slope != 0.0]
        return slopes[0] if len(slopes) == 1 else math.nan

    def _swept(self, root: int, at: int = -1, partials: Partials = ()) -> list[float]:
        grads = [0.0] * len(self.nodes)
        grads[root] = 1.0
        for i in range(root, -1, -1):
            if grads[i] != 0.0:
                for operand, partial in zip(self.operands[i], partials if i == at else self.partials[i], strict=False):
                    grads[operand] += grads[i] * partial
        return grads

    def is_constant(self, position: int) -> bool:
        """Tell whether a node depends on no argument."""
        grads = self._swept(position)
        return not any(place is not None and grads[place] != 0.0 for place in self.leaves)

    def changes(self, at: int, is_rule: bool) -> Iterator[_Change]:
        """Yield what can go wrong at one node."""
        operands = self.operands[at]
        if not operands or at in self.hidden:
            return
        yield from self._wrong_formulas(at, is_rule)
        name = _spoken(self.nodes[at])
        if len(operands) == 1:
            yield from _of_one(name)
        elif name == "the product" and not any(self.is_constant(operand) for operand in operands):
            yield from _of_products()
        elif name in ("the sum", "the difference"):
            yield from _of_sums(name)
        elif name == "the quotient":
            yield from _of_quotients()

    def _wrong_formulas(self, at: int, is_rule: bool) -> Iterator[_Change]:
        """Yield the wrong formulas that are known for a node's operation."""
        node = self.nodes[at]
        is_quotient = _spoken(node) == "the quotient"
        name = "div" if is_quotient else _RULES.get(operation_of(node).name, operation_of(node).name)
        if idiom_of(node) and not is_quotient:
            return
        for entry in RULE_SLIPS.get(name, ()):
            if entry.handed is None or entry.value is not None:
                continue
            if not is_rule and any(word in entry.says for word in ("gradient", "hands", "a * b", "out.")):
                continue
            says = entry.says if is_rule else entry.says.replace("the step of", "the slope of")
            slip = Slip(entry.code, says, entry.cure if is_rule else "")
            yield _Change(slip, lambda graph, at, entry=entry: graph.by_formula(at, entry.handed, is_quotient))  # type: ignore[misc]

    def by_formula(self, at: int, handed: Callable[..., Partials], is_quotient: bool) -> Partials:
        """Return a node's local derivatives by another formula."""
        node = self.nodes[at]
        if is_quotient:  # a · b⁻¹: what is meant for b passes through the power
            numerator, power = self.operands[at]
            denominator = self.operands[power][0]
            by_a, by_b = handed(1.0, self._number(numerator), self._number(denominator), float(node.data))
            return by_a, by_b / self.partials[power][0]
        return handed(1.0, *(float(operand.data) for operand in rule_operands(node)), float(node.data))

    def _number(self, position: int) -> float:
        return float(self.nodes[position].data)


def _of_one(name: str) -> Iterator[_Change]:
    missing = Slip("chain", f"the chain rule's factor from {name} is missing", f"multiply by the slope of {name}")
    yield _Change(missing, lambda graph, at: (1.0,))
    inside = f"the factor from inside {name} is missing: the chain rule goes on inside it"
    yield _Change(Slip("inner", inside, "multiply by the slope of what stands inside"), _without_the_inside)
    sign = Slip("sign", f"the slope of {name} has the wrong sign", f"look up the slope of {name}")
    yield _Change(sign, lambda graph, at: tuple(-p for p in graph.partials[at]))


def _without_the_inside(graph: _Graph, at: int) -> Partials:
    """Return the local derivative that cancels the slope of what stands inside; nan where nothing stands there."""
    inside = graph.operands[at][0]
    if not graph.operands[inside]:
        return (math.nan,)
    return (graph.partials[at][0] / graph.slope_of(inside),)


def _of_products() -> Iterator[_Change]:
    for i, which in ((0, "first"), (1, "second")):
        says = f"the product rule has two terms: here the {which} factor is taken for a constant"
        yield _Change(Slip("product-rule", says, _PRODUCT), _only(1 - i))
    both = Slip("product-rule", "the slopes of the two factors are multiplied: u′·v′", _PRODUCT)
    yield _Change(both, lambda graph, at: (graph.slope_of(graph.operands[at][1]), 0.0))
    minus = Slip("product-rule", "the two terms of the product rule are subtracted", _PRODUCT)
    yield _Change(minus, lambda graph, at: (graph.partials[at][0], -graph.partials[at][1]))


def _of_sums(name: str) -> Iterator[_Change]:
    sign = Slip("sign", f"the second term of {name} has the wrong sign", "every term keeps its sign")
    yield _Change(sign, lambda graph, at: (graph.partials[at][0], -graph.partials[at][1]))
    for i, which in ((0, "first"), (1, "second")):
        says = f"the {which} term of {name} is left out"
        yield _Change(Slip("term", says, "every term has its slope"), _only(1 - i))


def _of_quotients() -> Iterator[_Change]:
    sign = Slip("quotient-rule", "the quotient rule's second term has the wrong sign", _QUOTIENT)
    yield _Change(sign, lambda graph, at: (graph.partials[at][0], -graph.partials[at][1]))
    for i, which in ((0, "numerator"), (1, "denominator")):
        says = f"the quotient's {which} is taken for a constant"
        yield _Change(Slip("quotient-rule", says, _QUOTIENT), _only(1 - i))


def _only(kept: int) -> Callable[[_Graph, int], Partials]:
    return lambda graph, at: tuple(p if i == kept else 0.0 for i, p in enumerate(graph.partials[at]))


def _spoken(node: Value) -> str:
    idiom = str(idiom_of(node) or "")
    if idiom == "division":
        return "the quotient"
    if idiom == "subtraction":
        return "the difference"
    name = str(operation_of(node).name)
    return _SPOKEN.get(name, name)
