"""Random graphs of Values, and the Program that computes the same: what a tracer would have recorded.

The walker knows nothing of the tracer. It lists the nodes below a root, operands first, and writes one operation for each.
"""

import math
import random
from collections.abc import Callable, Sequence

import slopewise as sw
from slopewise import Value, ir
from slopewise.engine.value import fields_of, operands_of, operation_of, rule_operands
from slopewise.ops import BY_NAME, CODE

UNARY = tuple(row for row in BY_NAME.values() if row.arity == 1)
BINARY = tuple(
    BY_NAME[name] for name in ("maximum", "minimum", "hypot", "atan2", "leaky_relu", "elu", "power_value", "modulo")
)
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, math.inf, -math.inf, 1e200, -1e-200, 1e-310, 3.0, math.nan)
EXPONENTS = (2, 3, -1, 0.5, 1, 0, -2, 2.5, 1.0, 0.0, -0.5, math.nan, 4)


def random_graph(seed: int, size: int, wild: bool) -> tuple[Value, list[Value]]:
    """Return a root and its leaves.

    Args:
        seed: Of the random choices.
        size: How many operations.
        wild: Whether leaves hold infinities, nans and zeros too.
    """
    draw = random.Random(seed)

    def number() -> float:
        return draw.choice(EDGES) if wild and draw.random() < 0.3 else draw.uniform(-2.0, 2.0)

    leaves = [Value(number()) for _ in range(draw.randint(1, 6))]
    nodes = list(leaves)

    def pick() -> Value:
        return draw.choice(nodes[-8:] if draw.random() < 0.6 else nodes)

    def user(x: Value, y: Value, z: Value) -> Value:
        operands = draw.choice([(x,), (x, y), (x, y, z), (x, x, y)])
        return Value(number(), operands, tuple(number() for _ in operands))

    steps: list[Callable[[Value, Value, Value], Value]] = [
        lambda x, y, z: x + y,
        lambda x, y, z: x + y,
        lambda x, y, z: x * y,
        lambda x, y, z: x * y,
        lambda x, y, z: x * x,
        lambda x, y, z: x + x,
        lambda x, y, z: x - y,
        lambda x, y, z: x / y,
        lambda x, y, z: x * number(),
        lambda x, y, z: number() + x,
        lambda x, y, z: 2 * x,
        lambda x, y, z: -x,
        lambda x, y, z: x ** draw.choice(EXPONENTS),
        lambda x, y, z: x**y,
        lambda x, y, z: abs(x),
        lambda x, y, z: x.relu(),
        lambda x, y, z: x.tanh(),
        lambda x, y, z: x.exp(),
        lambda x, y, z: sw.where(x, y, z),
        lambda x, y, z: sw.where(x > y, y, z),
        lambda x, y, z: sw.maximum(x, y),
        lambda x, y, z: sw.minimum(x, y),
        lambda x, y, z: sw.sum([x, y, z]),
        lambda x, y, z: draw.choice(UNARY)(x),
        lambda x, y, z: draw.choice(UNARY)(x),
        lambda x, y, z: draw.choice(BINARY)(x, y),
        user,
    ]
    for _ in range(size):
        nodes.append(draw.choice(steps)(pick(), pick(), pick()))
    root = nodes[-1]
    for node in draw.sample(nodes, min(len(nodes), 3)):
        root = root + node
    return root, leaves


def listed(root: Value) -> list[Value]:
    """List a root and all below it, each once, operands first."""
    order: list[Value] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((operand, False) for operand in (*rule_operands(node), *operands_of(node)))
    return order


def program_of(root: Value, leaves: Sequence[Value]) -> ir.Program:
    """Return the Program of a graph, as a function of some leaves; the other leaves are constants."""
    build = ir.Builder()
    slots = {id(leaf): build.input() for leaf in leaves}
    inputs = list(slots.values())
    for node in listed(root):
        if id(node) in slots:
            continue
        code = fields_of(node)[0]
        operands = [slots[id(operand)] for operand in rule_operands(node)]
        given = node.__dict__.get("_local_grads")
        if given is not None:
            slot = build.constant(float(node.data))
            for operand, partial in zip(operands, given, strict=True):
                slot = build.emit(ir.code_of("attach"), slot, operand, build.constant(float(partial)))
        elif code == 0:
            slot = build.constant(float(node.data))
        else:
            assert operation_of(node).name in CODE
            slot = build.emit(code, *operands)
        slots[id(node)] = slot
    return build.extract(inputs, [slots[id(root)]])


def hidden_values_agree(root: Value, leaves: Sequence[Value]) -> bool:
    """Tell whether no number of the graph is an int 0 where floats have -0.0, which a Program cannot know."""
    zeros = [node for node in listed(root) if fields_of(node)[1] == 0 and node.data == 0]
    return not zeros
