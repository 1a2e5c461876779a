"""Where the engine's time goes: building, sweeping and freeing the moons and the lecture graphs; single operations.

    python benchmarks/profile_engine.py                    everything, best and median
    python benchmarks/profile_engine.py --nets micrograd   micrograd's own nets on our engine (Value alone is measured)
    SLOPEWISE_NATIVE=off python benchmarks/profile_engine.py --repeats 3

For whoever tunes the engine. It compares nothing with peers; that is `make bench`.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"


def load_moons(nets: str) -> dict[str, Any]:
    """Return the names of the moons program, its loop left out, on slopewise's Value."""
    import slopewise.engine

    sys.path.insert(0, str(PROGRAMS))
    source = (PROGRAMS / "moons_demo.py").read_text(encoding="utf-8").split("seconds = []")[0]
    source = source.replace("from micrograd.engine", "from slopewise.engine")
    source = source.replace("y = y * 2 - 1", "X, y = X.tolist(), (y * 2 - 1).tolist()")
    if nets == "slopewise":
        source = source.replace("from micrograd.nn", "from slopewise.nn")
    else:
        sys.modules["micrograd.engine"] = slopewise.engine  # micrograd.nn then builds its nets from our Value
    namespace: dict[str, Any] = {"__name__": "moons"}
    exec(compile(source, "moons_demo.py", "exec"), namespace)
    return namespace


def count_nodes(root: Any) -> int:
    """Count root and everything below it through `_prev`, as micrograd's users do."""
    seen, stack = {root}, [root]
    while stack:
        for child in stack.pop()._prev:
            if child not in seen:
                seen.add(child)
                stack.append(child)
    return len(seen)


def profile_moons(nets: str, repeats: int) -> None:
    """Print the phases of one moons step: inputs wrapped and loss built, gradients zeroed, swept, graph given back."""
    program = load_moons(nets)
    loss, model = program["loss"], program["model"]
    phases: dict[str, list[float]] = {"build": [], "zero grad": [], "backward": [], "free": []}
    nodes = count_nodes(loss()[0])
    for _ in range(repeats):
        t0 = perf_counter()
        root, _accuracy = loss()
        t1 = perf_counter()
        model.zero_grad()
        t2 = perf_counter()
        root.backward()
        t3 = perf_counter()
        del root
        t4 = perf_counter()
        for name, seconds in zip(phases, (t1 - t0, t2 - t1, t3 - t2, t4 - t3), strict=True):
            phases[name].append(seconds)
    print_phases(f"moons loss, {nodes:,} nodes, {nets}.nn, {repeats} repeats", phases, nodes)


def print_phases(title: str, phases: dict[str, list[float]], nodes: int) -> None:
    """Print each phase's median and best time, in microseconds and in nanoseconds a node, and those of their sum."""
    print(title)
    print(f"  {'phase':<10}{'median µs':>11}{'best µs':>10}{'median ns/node':>17}{'best ns/node':>14}")
    whole = [sum(parts) for parts in zip(*phases.values(), strict=True)]
    for name, samples in {**phases, "step": whole}.items():
        middle, best = median(samples), min(samples)
        per_node = f"{middle / nodes * 1e9:>17.1f}{best / nodes * 1e9:>14.1f}"
        print(f"  {name:<10}{middle * 1e6:>11.1f}{best * 1e6:>10.1f}{per_node}")


def profile_lecture(repeats: int) -> None:
    """Print the phases of one step of the lecture's loop, the net's classes being the user's own."""
    source = (PROGRAMS / "lecture_loop.py").read_text(encoding="utf-8").split("seconds = []")[0]
    source = source.replace("from lecture_engine import", "from slopewise.lecture import")
    program: dict[str, Any] = {"__name__": "lecture"}
    exec(compile(source, "lecture_loop.py", "exec"), program)
    net, xs, ys = program["MLP"](3, [4, 4, 1]), program["xs"], program["ys"]
    phases: dict[str, list[float]] = {"build": [], "zero grad": [], "backward": [], "update": [], "free": []}
    nodes = 0
    for _ in range(20 * repeats):
        t0 = perf_counter()
        outputs = [net(x) for x in xs]
        loss = sum((output - y) ** 2 for y, output in zip(ys, outputs, strict=False))
        t1 = perf_counter()
        for p in net.parameters():
            p.grad = 0.0
        t2 = perf_counter()
        loss.backward()
        t3 = perf_counter()
        for p in net.parameters():
            p.data += -0.1 * p.grad
        t4 = perf_counter()
        nodes = nodes or count_nodes(loss)
        t5 = perf_counter()
        del loss, outputs
        t6 = perf_counter()
        for name, seconds in zip(phases, (t1 - t0, t2 - t1, t3 - t2, t4 - t3, t6 - t5), strict=True):
            phases[name].append(seconds)
    print_phases(f"\nlecture loop, a step, {nodes} nodes, {20 * repeats} repeats", phases, nodes)


def profile_operations(count: int, repeats: int) -> None:
    """Print the time of single operations, the loop's own cost taken off; each result is freed at once."""
    Value: Any = importlib.import_module("slopewise.engine").Value

    a, b, k = Value(1.5), Value(-0.75), 2.0

    def empty(times: range) -> None:
        for _ in times:
            pass

    def construct(times: range) -> None:
        for _ in times:
            Value(k)

    def add(times: range) -> None:
        for _ in times:
            a + b

    def multiply(times: range) -> None:
        for _ in times:
            a * b

    def multiply_number(times: range) -> None:
        for _ in times:
            a * k

    def number_multiply(times: range) -> None:
        for _ in times:
            k * a

    def subtract(times: range) -> None:
        for _ in times:
            a - b

    def divide(times: range) -> None:
        for _ in times:
            a / b

    def power(times: range) -> None:
        for _ in times:
            a**2

    def relu(times: range) -> None:
        for _ in times:
            a.relu()

    def tanh(times: range) -> None:
        for _ in times:
            a.tanh()

    def read_data(times: range) -> None:
        for _ in times:
            a.data  # noqa: B018

    def write_data(times: range) -> None:
        for _ in times:
            a.data = k

    def write_grad(times: range) -> None:
        for _ in times:
            a.grad = k

    def smallest_graph(times: range) -> None:
        for _ in times:
            (a * b).backward()

    pieces: tuple[Callable[[range], None], ...] = (
        construct, add, multiply, multiply_number, number_multiply, subtract, divide, power, relu, tanh,
        read_data, write_data, write_grad, smallest_graph,
    )  # fmt: skip
    base = min(timed(empty, count) for _ in range(repeats))
    print(f"\nsingle operations, {count:,} times, {repeats} repeats, ns each (made and freed)")
    for piece in pieces:
        samples = [(timed(piece, count) - base) / count * 1e9 for _ in range(repeats)]
        print(f"  {piece.__name__:<18}{median(samples):>9.1f} median{min(samples):>9.1f} best")


def timed(piece: Callable[[range], None], count: int) -> float:
    """Return the seconds of one run of a piece."""
    times = range(count)
    began = perf_counter()
    piece(times)
    return perf_counter() - began


def main() -> None:
    """Read the options, pin the process to one core and print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=15, help="how often each is measured (default 15)")
    parser.add_argument("--count", type=int, default=100_000, help="how often each single operation runs")
    parser.add_argument("--nets", choices=("slopewise", "micrograd"), default="slopewise", help="whose Neuron and MLP")
    parser.add_argument("--no-collector", action="store_true", help="turn Python's cycle collector off")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if options.no_collector:
        gc.disable()
    from slopewise.engine import NATIVE

    print(f"engine: {'native' if NATIVE else 'interpreted'}, Python {sys.version.split()[0]}")
    profile_moons(options.nets, options.repeats)
    profile_lecture(options.repeats)
    profile_operations(options.count, options.repeats)


if __name__ == "__main__":
    main()
