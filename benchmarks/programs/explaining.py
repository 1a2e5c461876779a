"""How long it takes to see a graph: to draw it, to tell it, and to say why."""

import random
from time import perf_counter

import slopewise as sw
from slopewise import Value
from slopewise.nn import MLP

TASK = "draw"
SIZE = 500
REPEATS = 7


def any_graph(size):
    """Return the root of a graph with so many nodes, of sums, products and tanh, mostly of recent nodes."""
    draw = random.Random(size)
    nodes = [Value(draw.uniform(-1.0, 1.0)) for _ in range(size // 10)]
    loose = list(nodes)  # what no other node has used yet
    while len(nodes) < size - 1:
        a = loose.pop(draw.randrange(len(loose))) if len(loose) > 1 else nodes[-1]
        b = nodes[-1 - draw.randrange(min(len(nodes), 40))]
        if b is loose[-1]:
            loose.pop()
        made = draw.choice([lambda: a + b, lambda: a * b, lambda: (a + b), a.tanh])()
        nodes.append(made)
        loose.append(made)
    return sw.sum(loose) if len(loose) > 1 else loose[0]


def net_loss(layers, samples):
    """Return a net, and its mean output over some samples."""
    random.seed(7)
    net = MLP(layers[0], layers[1:])
    outs = [net([random.uniform(-1.0, 1.0) for _ in range(layers[0])]) for _ in range(samples)]
    return net, sw.mean([(out - 1.0) ** 2 for out in outs])


seconds = []
answers = []
extra = {}

if TASK == "draw":
    root = any_graph(SIZE)
    for _ in range(REPEATS):
        began = perf_counter()
        text = sw.draw(root, everything=True).svg
        seconds.append(perf_counter() - began)
    answers = [float(text.startswith("<svg")), float("</svg>" in text)]
    extra = {"kilobytes": len(text) / 1e3}
elif TASK == "explain":
    net, root = net_loss((100, 200, 40, 1), SIZE)
    for _ in range(REPEATS):
        began = perf_counter()
        text = str(sw.explain(root))
        seconds.append(perf_counter() - began)
    answers = [float("Left out" in text or "left out" in text)]
elif TASK == "why":
    net, root = net_loss((2, 16, 16, 1), SIZE)
    leaf = net.layers[0].neurons[0].w[0]
    for _ in range(REPEATS):
        began = perf_counter()
        answer = sw.why(leaf, root)
        text = str(answer)
        seconds.append(perf_counter() - began)
    root.backward()
    answers = [float(abs(answer.total - leaf.grad) <= 1e-9 * abs(leaf.grad))]
