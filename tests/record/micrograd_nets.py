"""Record what micrograd's nets draw, compute and count: `python tests/record/micrograd_nets.py` with micrograd 0.1.0.

The tests read the record and never import micrograd.
"""

import json
import platform
import random
from importlib.metadata import version
from pathlib import Path
from typing import Any

from micrograd.engine import Value
from micrograd.nn import MLP, Layer, Neuron

RECORD = Path(__file__).parents[1] / "data" / "micrograd_nets.json"


def nodes_below(root: Any) -> Any:
    """Count the nodes of a graph, without recursion."""
    seen, stack = set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node._prev)
    return len(seen)


def net_record(seed: Any, sizes: Any, inputs: Any) -> Any:
    """Record one net: its weights, its text, its outputs at inputs, the gradients of their sum, the draws it made."""
    random.seed(seed)
    net = MLP(sizes[0], sizes[1:])
    following = random.random()
    outputs = [net(x) for x in inputs]
    flat = [o for out in outputs for o in (out if isinstance(out, list) else [out])]
    total = sum(flat)
    total.backward()
    return {
        "seed": seed,
        "sizes": sizes,
        "inputs": inputs,
        "following_draw": following,
        "repr": repr(net),
        "parameters": [p.data for p in net.parameters()],
        "outputs": [o.data for o in flat],
        "total": total.data,
        "nodes": nodes_below(total),
        "gradients": [p.grad for p in net.parameters()],
    }


def moons_like_record(seed: Any) -> Any:
    """Record one step of the moons demo's loss on made-up points: value, nodes, gradients."""
    random.seed(seed)
    net = MLP(2, [16, 16, 1])
    points = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(100)]
    labels = [random.choice([-1, 1]) for _ in points]
    scores = [net([Value(p[0]), Value(p[1])]) for p in points]
    losses = [(1 + -y * s).relu() for y, s in zip(labels, scores, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())
    loss.backward()
    return {
        "seed": seed,
        "points": points,
        "labels": labels,
        "loss": loss.data,
        "nodes": nodes_below(loss),
        "gradients": [p.grad for p in net.parameters()],
    }


def main() -> None:
    """Write the record."""
    import sys

    sys.setrecursionlimit(100_000)
    random.seed(5)
    texts = {"Neuron(2)": repr(Neuron(2)), "Neuron(3, False)": repr(Neuron(3, False)), "Layer(2, 2)": repr(Layer(2, 2))}
    record = {
        "versions": {"micrograd": version("micrograd"), "python": platform.python_version()},
        "texts": texts,
        "nets": [
            net_record(1337, [3, 4, 4, 1], [[2.0, 3.0, -1.0], [3, -1, 0.5], [0.5, 1.0, 1.0]]),
            net_record(7, [2, 5, 3], [[1, -2], [0.25, 0.75]]),
            net_record(0, [1, 2], [[0.3]]),
        ],
        "moons_like": moons_like_record(3),
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
