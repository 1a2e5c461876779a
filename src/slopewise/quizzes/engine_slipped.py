"""A small engine whose slips can be switched on: the numbers that a learner's class would give if it had that slip.

It runs the same program texts as the class under test. Without a slip it gives the right numbers.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slopewise.ops import BY_NAME

Value = Callable[..., float]  # of the operands' numbers, then the constant if the operation has one
Handed = Callable[..., tuple[float, ...]]  # of the upstream gradient, the same numbers, and the result

Order = Literal[
    "topological",
    "each path",
    "each path, seeded",
    "root alone",
    "first met",
    "by levels",
    "by levels, repeated",
    "operands first",
    "first operand alone",
    "pushed",
    "pushed, adding",
    "without the root",
    "equal numbers are one",
]
Passes = Literal["leaves add up", "everything adds up", "afresh", "list is kept", "visited is kept"]
Assigned = frozenset[tuple[str, int]]  # (operation or "*", operand or −1 for both)
Seed = Literal["one", "nothing", "value", "late", "added", "all"] | float
Uses = tuple[tuple[str, tuple[str, ...]], ...]  # results that a program names, each with its named operands

# fmt: off
VALUES: dict[str, Value] = {
    "add":  lambda x, y: x + y,
    "radd": lambda x, k: x + k,
    "mul":  lambda x, y: x * y,
    "rmul": lambda x, k: x * k,
    "neg":  lambda x: -x,
    "sub":  lambda x, y: x - y,
    "rsub": lambda x, k: k - x,
    "div":  lambda x, y: x / y,
    "rdiv": lambda x, k: k / x,
    "pow":  lambda x, k: x**k,
}
HANDED: dict[str, Handed] = {
    "add":  lambda g, x, y, z: (g, g),
    "radd": lambda g, x, k, z: (g,),
    "mul":  lambda g, x, y, z: (y * g, x * g),
    "rmul": lambda g, x, k, z: (k * g,),
    "neg":  lambda g, x, z: (-g,),
    "sub":  lambda g, x, y, z: (g, -g),
    "rsub": lambda g, x, k, z: (-g,),
    "div":  lambda g, x, y, z: (g / y, -x * g / y**2),
    "rdiv": lambda g, x, k, z: (-k * g / x**2,),
    "pow":  lambda g, x, k, z: (k * x ** (k - 1) * g,),
}
# fmt: on
FUNCTIONS = tuple(name for name, row in BY_NAME.items() if row.arity == 1)


def _value_of_row(name: str) -> Value:
    row = BY_NAME[name]
    return lambda x: float(row.value(float(x)))


def _handed_of_row(name: str) -> Handed:
    row = BY_NAME[name]
    return lambda g, x, z: (float(row.derivative(float(x), float(z))[0]) * g,)


for _name in FUNCTIONS:
    VALUES[_name] = _value_of_row(_name)
    HANDED[_name] = _handed_of_row(_name)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an engine computes.

    Attributes:
        values: Operations whose value is computed in another way than the right one.
        handed: Operations that hand something else to their operands.
        assigned: Where a gradient is written with `=` and not with `+=`.
        is_blind: Whether no step multiplies by the upstream gradient.
        order: In which order the steps run.
        seed: The root's gradient when the pass begins; a number stands for itself.
        passes: What a second pass does.
        collides: Operations in which an operand used twice gets the last contribution alone; "*" for all.
        forgotten: Operands that a result does not remember, so that no pass reaches them through it.
        is_own: Operations whose step multiplies by the operand's own gradient, not the result's; "*" for all.
        is_late: Whether every step hands all that it has to its last operand.
        is_composed: Whether −a, a−b, a/b and their like are made of `*`, `+` and `**`, as in the lecture.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    handed: Mapping[str, Handed] = field(default_factory=dict)
    assigned: Assigned = frozenset()
    is_blind: bool = False
    order: Order = "topological"
    seed: Seed = "one"
    passes: Passes = "leaves add up"
    collides: frozenset[str] = frozenset()
    forgotten: Assigned = frozenset()
    is_own: frozenset[str] = frozenset()
    is_late: bool = False
    is_composed: bool = False

    @property
    def depends_on_order(self) -> bool:
        """Tell whether the order of a node's operands, which a set leaves to chance, changes its numbers."""
        return (
            bool(self.assigned)
            or bool(self.forgotten)
            or self.order not in ("topological", "operands first", "root alone")
        )


RIGHT = Behaviour()


class Engine:
    """One run of a program: its nodes, and how they behave.

    Args:
        behaviour: How it computes.
        swaps: Bit i: whether the operands of the i-th node of two operands are visited from right to left.
        is_set: Whether an operand used twice in one operation is one child.
    """

    def __init__(self, behaviour: Behaviour, swaps: int = 0, is_set: bool = False) -> None:
        self.behaviour = behaviour
        self.swaps = swaps
        self.is_set = is_set
        self.count = 0
        self.pairs = 0
        self.kept: list[Node] = []
        self.kept_visited: set[int] = set()
        self.ran: list[int] = []

    def leaf(self, number: float) -> "Node":
        """Make a leaf."""
        return Node(self, float(number), (), "", None)

    def apply(self, operation: str, *operands: "Node", k: float | None = None) -> "Node":
        """Apply an operation; `k` is its constant."""
        numbers = [operand.data for operand in operands] + ([] if k is None else [k])
        value = self.behaviour.values.get(operation) or VALUES[operation]
        return Node(self, value(*numbers), operands, operation, k)

    def has_own(self, operation: str) -> bool:
        """Tell whether an operation is one step here, and not made of others."""
        own = self.behaviour
        return (
            not own.is_composed
            or operation in own.values
            or operation in own.handed
            or any(name == operation for name, _ in own.assigned)
        )


class Node:
    """A number of the slipped engine."""

    __slots__ = ("children", "constant", "data", "engine", "grad", "index", "operands", "operation", "turn")

    def __init__(
        self, engine: Engine, data: float, operands: tuple["Node", ...], operation: str, constant: float | None
    ) -> None:
        self.engine = engine
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.children = _remembered(operands, operation, engine.behaviour.forgotten)
        self.operation = operation
        self.constant = constant
        self.index = engine.count
        engine.count += 1
        self.turn = engine.pairs
        engine.pairs += len(operands) == 2

    def _lifted(self, other: Any) -> "Node":
        return other if isinstance(other, Node) else self.engine.leaf(other)

    def __add__(self, other: Any) -> "Node":
        return self.engine.apply("add", self, self._lifted(other))

    def __radd__(self, other: Any) -> "Node":
        return self.engine.apply("radd", self, k=other) if self.engine.has_own("radd") else self + other

    def __mul__(self, other: Any) -> "Node":
        return self.engine.apply("mul", self, self._lifted(other))

    def __rmul__(self, other: Any) -> "Node":
        return self.engine.apply("rmul", self, k=other) if self.engine.has_own("rmul") else self * other

    def __neg__(self) -> "Node":
        return self.engine.apply("neg", self) if self.engine.has_own("neg") else self * -1

    def __sub__(self, other: Any) -> Any:
        if self.engine.has_own("sub"):
            return self.engine.apply("sub", self, self._lifted(other))
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return self.engine.apply("rsub", self, k=other) if self.engine.has_own("rsub") else other + (-self)

    def __truediv__(self, other: Any) -> Any:
        if self.engine.has_own("div"):
            return self.engine.apply("div", self, self._lifted(other))
        return self * other**-1

    def __rtruediv__(self, other: Any) -> Any:
        return self.engine.apply("rdiv", self, k=other) if self.engine.has_own("rdiv") else other * self**-1

    def __pow__(self, k: Any) -> "Node":
        return self.engine.apply("pow", self, k=k)

    def __abs__(self) -> "Node":
        return self.engine.apply("absolute", self)

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            return lambda: self.engine.apply(name, self)
        raise AttributeError(name)

    def backward(self) -> None:
        """Run the pass from here, as the behaviour has it."""
        engine = self.engine
        behaviour = engine.behaviour
        if behaviour.passes == "afresh":
            for node in _operands_first(self, engine):
                node.grad = 0.0
        elif behaviour.passes == "leaves add up":
            for node in _operands_first(self, engine):
                if node.operands:
                    node.grad = 0.0
        match behaviour.seed:
            case "one":
                self.grad = 1.0
            case "value":
                self.grad = self.data
            case "added":
                self.grad += 1.0
            case "nothing" | "late":
                pass
            case "all":
                for node in _operands_first(self, engine):
                    node.grad = 1.0
            case number:
                self.grad = number
        if behaviour.order in ("pushed", "pushed, adding"):
            _push(self, engine)
            return
        for node in _sequence(self, engine):
            _step(node, behaviour)
        if behaviour.seed == "late":
            self.grad = 1.0


def _remembered(operands: tuple["Node", ...], operation: str, forgotten: Assigned) -> tuple["Node", ...]:
    if not forgotten:
        return operands
    return tuple(
        operand
        for i, operand in enumerate(operands)
        if forgotten.isdisjoint({("*", -1), ("*", i), (operation, -1), (operation, i)})
    )


def run_steps(root: Node) -> None:
    """Run the steps of all nodes that a root reaches, results before operands, whatever the pass would do."""
    seen: set[int] = set()
    found: list[Node] = []
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            found.append(node)
        elif node.index not in seen:
            seen.add(node.index)
            stack.append((node, True))
            stack.extend((child, False) for child in node.children)
    for node in reversed(found):
        _step(node, root.engine.behaviour)


def _children(node: Node, engine: Engine) -> tuple[Node, ...]:
    """Return a node's operands in the order in which this run visits them."""
    operands = node.children
    if engine.is_set and len(operands) == 2 and operands[0] is operands[1]:
        return operands[:1]
    if engine.behaviour.order == "first operand alone":
        return operands[-1:] if engine.swaps >> node.turn & 1 else operands[:1]
    return operands[::-1] if engine.swaps >> node.turn & 1 else operands


def _sequence(root: Node, engine: Engine) -> Iterable[Node]:
    """Return the nodes in the order in which their steps run; a node may come up more than once."""
    order = engine.behaviour.order
    if order == "root alone":
        return [root]
    if order in ("each path", "each path, seeded"):
        return _each_path(root, engine)
    if order == "first met":
        return _first_met(root, engine)
    if order in ("by levels", "by levels, repeated"):
        return _by_levels(root, engine)
    found = _operands_first(root, engine)
    if order == "operands first":
        return found
    if order == "without the root":
        return found[-2::-1]
    return found[::-1]


def _operands_first(root: Node, engine: Engine) -> list[Node]:
    """Return the nodes below a root, operands before results, with the slips that this list can have."""
    order, passes = engine.behaviour.order, engine.behaviour.passes
    seen: set[int] = engine.kept_visited if passes in ("list is kept", "visited is kept") else set()
    numbers: set[float] = set()
    found: list[Node] = engine.kept if passes == "list is kept" else []
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            found.append(node)
            continue
        if order == "equal numbers are one":
            if node.data in numbers:
                continue
            numbers.add(node.data)
        elif node.index in seen:
            continue
        seen.add(node.index)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(_children(node, engine)))
    return found


def _each_path(root: Node, engine: Engine) -> Iterator[Node]:
    """Yield nodes as a recursion without memory visits them, lazily: every step runs before its operands are visited.

    A list of nodes that was made without `visited`, run from its end, is the same sequence.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        if engine.behaviour.order == "each path, seeded":
            node.grad = 1.0
        yield node
        stack.extend(reversed(_children(node, engine)))


def _first_met(root: Node, engine: Engine) -> list[Node]:
    seen: set[int] = set()
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.index not in seen:
            seen.add(node.index)
            found.append(node)
            stack.extend(reversed(_children(node, engine)))
    return found


def _by_levels(root: Node, engine: Engine) -> list[Node]:
    is_repeated = engine.behaviour.order == "by levels, repeated"
    seen = {root.index}
    found: list[Node] = []
    queue = deque([root])
    while queue:
        node = queue.popleft()
        found.append(node)
        for child in _children(node, engine):
            if is_repeated or child.index not in seen:
                seen.add(child.index)
                queue.append(child)
    return found


def _push(root: Node, engine: Engine) -> None:
    """Hand down each path by itself; what arrives replaces what was there, or is handed on with it."""
    stack: list[tuple[Node, float]] = [(root, root.grad)]
    root.grad = 0.0
    while stack:
        node, arrived = stack.pop()
        node.grad = arrived + (node.grad if engine.behaviour.order == "pushed, adding" else 0.0)
        if not node.operands:
            continue
        engine.ran.append(node.index)
        handed = _handed(node, node.grad, engine.behaviour)
        pairs = list(zip(node.operands, handed, strict=True))
        stack.extend(pairs if engine.swaps >> node.turn & 1 else pairs[::-1])


def _handed(node: Node, upstream: float, behaviour: Behaviour) -> tuple[float, ...]:
    """Return what the rule of a node's operation gives each operand."""
    numbers = [operand.data for operand in node.operands] + ([] if node.constant is None else [node.constant])
    rule = behaviour.handed.get(node.operation) or HANDED[node.operation]
    return rule(upstream, *numbers, node.data)


def _step(node: Node, behaviour: Behaviour) -> None:
    """Hand a node's gradient to its operands."""
    if not node.operands:
        return
    node.engine.ran.append(node.index)
    operation = node.operation
    is_own = bool(behaviour.is_own) and not behaviour.is_own.isdisjoint({"*", operation})
    handed = _handed(node, 1.0 if behaviour.is_blind or is_own else node.grad, behaviour)
    assigned, collides = behaviour.assigned, behaviour.collides
    if len(handed) == 2:
        is_same = node.operands[0] is node.operands[1]
        if is_same and collides and not collides.isdisjoint({"*", operation}):
            handed = (0.0, handed[1])
        if behaviour.is_late:
            node.operands[1].grad += 2 * handed[1]
            return
    for i, (operand, contribution) in enumerate(zip(node.operands, handed, strict=True)):
        if is_own:
            contribution *= operand.grad
        if assigned and not assigned.isdisjoint({("*", -1), ("*", i), (operation, -1), (operation, i)}):
            operand.grad = contribution
        else:
            operand.grad += contribution


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a program gives.

    Attributes:
        numbers: What was looked at, nan throughout when it cannot be computed.
        pairs: How many nodes have two operands.
        ran: The named nodes whose steps ran, in that order.
        lost: Operands that a result does not reach, as `d: a`.
    """

    numbers: list[float]
    pairs: int = 0
    ran: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()


def outcome_of(
    text: Any, observed: Any, behaviour: Behaviour, swaps: int = 0, is_set: bool = False, uses: Uses = ()
) -> Outcome:
    """Run a compiled program with this engine.

    Args:
        text: The compiled program; its leaves are made by `Value(number)`.
        observed: The compiled expressions to look at.
        behaviour: How to compute.
        swaps: As for `Engine`.
        is_set: As for `Engine`.
        uses: The results that the program names, each with its named operands.
    """
    engine = Engine(behaviour, swaps, is_set)
    scope: dict[str, Any] = {"Value": engine.leaf, "call_steps": run_steps}
    try:
        exec(text, scope)
        numbers = [float(eval(expression, scope)) for expression in observed]
    except (ArithmeticError, ValueError, TypeError):  # a wrong formula may divide by zero or leave the reals
        return Outcome([math.nan] * len(observed))
    names = {scope[name].index: name for name, _ in uses}
    ran = tuple(names[index] for index in engine.ran if index in names)
    lost = lost_in(scope, uses, lambda node: node.children) if behaviour.forgotten else frozenset()
    return Outcome(numbers, engine.pairs, ran, lost)


def lost_in(scope: Mapping[str, Any], uses: Uses, children: Callable[[Any], Iterable[Any]]) -> frozenset[str]:
    """Return the operands that results do not reach through what they remember, as `d: a`."""
    lost = []
    for name, operands in uses:
        reached: set[int] = set()
        stack = [scope[name]]
        while stack and len(reached) < 100:
            for child in children(stack.pop()):
                if id(child) not in reached:
                    reached.add(id(child))
                    stack.append(child)
        lost += [f"{name}: {operand}" for operand in operands if id(scope[operand]) not in reached]
    return frozenset(lost)


def numbers_of(
    text: Any, observed: Any, behaviour: Behaviour, swaps: int = 0, is_set: bool = False
) -> tuple[list[float], int]:
    """Return what is looked at in a run of a compiled program, and how many nodes have two operands."""
    outcome = outcome_of(text, observed, behaviour, swaps, is_set)
    return outcome.numbers, outcome.pairs
